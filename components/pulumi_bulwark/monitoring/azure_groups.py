"""Action groups of Azure Monitor that alarms tell, one for each severity."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

import pulumi
import pulumi_azure_native as azure_native

from .. import notes
from ..naming import logical, physical
from ..place import AzurePlace
from .kinds import Severity
from .spec import RecipientSpec


@dataclass(frozen=True, kw_only=True, slots=True)
class AzureAlarmGroupsArgs:
    recipients: Mapping[str, RecipientSpec]
    """Who is told, by name: mail and https. Azure has no way to a chat."""
    place: AzurePlace
    """Where the environment is."""


class AzureAlarmGroups(pulumi.ComponentResource):
    """A group for pages and one for tickets, for alarms and for whoever else has to tell somebody.

    Every receiver gets the common alert schema, so that one program reads all kinds of alarms.
    """

    page_id: pulumi.Output[str]
    """Full id of the group that wakes somebody."""

    ticket_id: pulumi.Output[str]
    """Full id of the group that waits for the morning."""

    def __init__(
        self, name: str, args: AzureAlarmGroupsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AzureAlarmGroups", name, None, opts)
        self._name, self._args = name, args
        self.page_id, self.ticket_id = self._group("page"), self._group("ticket")
        for severity in get_args(Severity):
            if not _told(severity, args.recipients):
                notes.limit(
                    self,
                    f"nobody is told of a {severity}: name recipients in bulwark:monitoring",
                )
        self.register_outputs({"pageId": self.page_id, "ticketId": self.ticket_id})

    def _group(self, severity: Severity) -> pulumi.Output[str]:
        told = _told(severity, self._args.recipients)
        group = azure_native.monitor.ActionGroup(
            logical("action-group", f"{self._name}-{severity}"),
            resource_group_name=self._args.place.resource_group_name,
            # Else it is the resource group's, in which Azure makes none.
            location="global",
            # Few characters, and what a message begins with: there is no room for the stack.
            group_short_name=physical("action-group-short-name", severity),
            enabled=True,
            email_receivers=list(_mails(told)),
            webhook_receivers=list(_hooks(told)),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return group.id


def _told(severity: Severity, recipients: Mapping[str, RecipientSpec]) -> dict[str, RecipientSpec]:
    return {name: spec for name, spec in recipients.items() if severity in spec.told}


def _mails(told: Mapping[str, RecipientSpec]) -> list[Any]:
    return [
        {"name": name, "email_address": spec.mail, "use_common_alert_schema": True}
        for name, spec in told.items()
        if spec.mail
    ]


def _hooks(told: Mapping[str, RecipientSpec]) -> list[Any]:
    return [
        {"name": name, "service_uri": spec.https, "use_common_alert_schema": True}
        for name, spec in told.items()
        if spec.https
    ]
