"""What of Azure's reaches the playbooks: alerts, calls and alarms, by a thin Logic App."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_azure_native as azure_native

from ..log_group.azure import AzureLogStore
from ..naming import logical, physical
from ..role.azure import AzureIdentity, AzureIdentityArgs, Grant
from . import azure_workflow
from .spec_playbooks import TriggerSpec

QUEUE: Final = "playbook-events"
"""What the queue is called in its namespace."""

ATTEMPTS: Final = 5
"""How often the queue delivers an event."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AzureInboxArgs:
    store: AzureLogStore
    """How the environment keeps its logs; its place is the inbox's."""
    namespace_name: pulumi.Input[str]
    """Name of the Service Bus namespace in which the queue is made."""
    host: pulumi.Input[str]
    """Host name of the namespace."""
    triggers: Sequence[TriggerSpec]
    """What the playbooks are for."""


class AzureInbox(pulumi.ComponentResource):
    """A queue, and a Logic App that puts on it what Azure tells of.

    Defender and Azure Monitor can call a Logic App, and neither can write to a queue.
    """

    queue_id: pulumi.Output[str]
    """Full id of the queue."""

    queue_name: str
    """Name of the queue."""

    workflow_id: pulumi.Output[str]
    """Full id of the Logic App."""

    def __init__(
        self, name: str, args: AzureInboxArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AzureInbox", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        queue = self._queue()
        self.queue_id, self.queue_name = queue.id, QUEUE
        workflow, url = self._workflow(queue)
        self.workflow_id = workflow.id
        self._listen(workflow, url)
        self.register_outputs(
            {
                "queueId": self.queue_id,
                "queueName": self.queue_name,
                "workflowId": self.workflow_id,
            }
        )

    def _queue(self) -> azure_native.servicebus.Queue:
        return azure_native.servicebus.Queue(
            f"{self._name}-queue",
            queue_name=QUEUE,
            namespace_name=self._args.namespace_name,
            resource_group_name=self._args.store.place.resource_group_name,
            lock_duration="PT5M",
            max_delivery_count=ATTEMPTS,
            default_message_time_to_live="P4D",
            # What nobody has read for days, somebody has to know of.
            dead_lettering_on_message_expiration=True,
            opts=self._child,
        )

    def _workflow(
        self, queue: azure_native.servicebus.Queue
    ) -> tuple[azure_native.logic.Workflow, pulumi.Output[str]]:
        args, place = self._args, self._args.store.place
        identity = AzureIdentity(
            f"{self._name}-runs-as",
            AzureIdentityArgs(
                place=place,
                grants=[Grant(name="hands-over", role="Service Bus Data Sender", scope=queue.id)],
            ),
            self._child,
        )
        workflow = azure_native.logic.Workflow(
            logical("logic-app", f"{self._name}-workflow"),
            resource_group_name=place.resource_group_name,
            location=place.location,
            identity={"type": "UserAssigned", "user_assigned_identities": [identity.id]},
            definition=azure_workflow.definition(),
            parameters={
                "queueUrl": {"value": pulumi.Output.format("https://{0}/{1}", args.host, QUEUE)},
                "identityId": {"value": identity.id},
            },
            opts=self._child,
        )
        found = azure_native.logic.list_workflow_trigger_callback_url_output(
            resource_group_name=place.resource_group_name,
            workflow_name=workflow.name,
            trigger_name=azure_workflow.TRIGGER,
            opts=pulumi.InvokeOutputOptions(parent=self),
        )
        # Whoever knows the address can tell of what never happened.
        return workflow, pulumi.Output.secret(found.value)

    def _listen(self, workflow: azure_native.logic.Workflow, url: pulumi.Output[str]) -> None:
        sources = {trigger.source for trigger in self._args.triggers}
        if "defender" in sources:
            self._hear_defender(workflow, url)
        if not sources & {"activity", "alarms"}:
            return
        group = self._group(workflow, url)
        if operations := self._operations():
            self._hear_calls(group, operations)
        if "alarms" in sources:
            self._hear_alarms(group)

    def _operations(self) -> list[str]:
        return sorted({each for trigger in self._args.triggers for each in trigger.activity})

    def _hear_defender(
        self, workflow: azure_native.logic.Workflow, url: pulumi.Output[str]
    ) -> None:
        """All alerts of the subscription: the responder looks which playbooks are for them."""
        place = self._args.store.place
        azure_native.security.Automation(
            f"{self._name}-defender",
            automation_name=physical(
                "security-automation", pulumi.get_project(), pulumi.get_stack(), self._name
            ),
            resource_group_name=place.resource_group_name,
            location=place.location,
            description="Hands alerts over to the playbooks",
            is_enabled=True,
            scopes=[{"description": "The subscription", "scope_path": place.subscription}],
            sources=[{"event_source": "Alerts", "rule_sets": []}],
            actions=[
                {
                    "action_type": "LogicApp",
                    "logic_app_resource_id": workflow.id,
                    "uri": url,
                }
            ],
            opts=self._child,
        )

    def _group(
        self, workflow: azure_native.logic.Workflow, url: pulumi.Output[str]
    ) -> azure_native.monitor.ActionGroup:
        return azure_native.monitor.ActionGroup(
            logical("action-group", f"{self._name}-group"),
            resource_group_name=self._args.store.place.resource_group_name,
            location="global",
            group_short_name=physical("action-group-short-name", "playbooks"),
            enabled=True,
            logic_app_receivers=[
                {
                    "name": "playbooks",
                    "resource_id": workflow.id,
                    "callback_url": url,
                    "use_common_alert_schema": True,
                }
            ],
            opts=self._child,
        )

    def _hear_calls(
        self, group: azure_native.monitor.ActionGroup, operations: Sequence[str]
    ) -> None:
        place = self._args.store.place
        asked: list[Any] = [
            {"field": "category", "equals": "Administrative"},
            {"field": "status", "equals": "Succeeded"},
            {"any_of": [{"field": "operationName", "equals": each} for each in operations]},
        ]
        azure_native.monitor.ActivityLogAlert(
            logical("activity-alert", f"{self._name}-calls"),
            resource_group_name=place.resource_group_name,
            location="Global",
            enabled=True,
            description="Hands calls over to the playbooks",
            scopes=[place.subscription],
            condition={"all_of": asked},
            actions={"action_groups": [{"action_group_id": group.id}]},
            opts=self._child,
        )

    def _hear_alarms(self, group: azure_native.monitor.ActionGroup) -> None:
        """Every alarm of the environment calls the group too, beside whom it tells anyway."""
        place = self._args.store.place
        azure_native.alertsmanagement.AlertProcessingRuleByName(
            f"{self._name}-alarms",
            alert_processing_rule_name=physical(
                "alert-processing-rule", pulumi.get_project(), pulumi.get_stack(), self._name
            ),
            resource_group_name=place.resource_group_name,
            location="Global",
            properties={
                "enabled": True,
                "description": "Hands alarms over to the playbooks",
                "scopes": [place.group],
                "actions": [{"action_type": "AddActionGroups", "action_group_ids": [group.id]}],
            },
            opts=self._child,
        )
