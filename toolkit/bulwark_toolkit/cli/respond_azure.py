"""Cases and decisions of a stack on Azure: a table, and a call that shows whose it is."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ..preview import UsageError
from . import azure_sdk
from .azure_stack import AzureStackOf
from .respond_desk import FORMAT, NO_CASE, NONE, SEVERAL, Desk

if TYPE_CHECKING:  # the other commands need none of it, nor the time it takes
    from bulwark_runtime.playbooks import Case

TAG: Final = "bulwark-playbooks"
"""By which the responder and its table are found."""

_COMPONENT: Final = "bulwark:index:AzureIncidentResponse"
_APP: Final = "Microsoft.Web/sites"
_ACCOUNT: Final = "Microsoft.Storage/storageAccounts"
_PLAYBOOKS: Final = "BULWARK_PLAYBOOKS"


@dataclass(frozen=True, kw_only=True)
class AzureDesk(Desk):
    """The responder's table and its door."""

    stack: str
    tables_url: str
    table: str
    url: str
    """Address of the responder, to which decisions are posted."""
    scope: str
    """What a token is asked for; empty where nobody may decide."""

    @classmethod
    def of(cls, of: AzureStackOf) -> "AzureDesk":
        graph = of.graph
        made = [c for c in graph.of_type(_COMPONENT) if c.outputs.get("tableName")]
        if len(made) != 1:
            raise UsageError(f"{of.name} has {SEVERAL if made else NONE}")
        (component,) = made
        app, account = of.claimed("the responder", component, TAG, _APP, _ACCOUNT)
        responder = next(
            child
            for child in graph.below(component.urn)
            if child.type.endswith("AzureFunction") and child.name == f"{component.name}-responder"
        )
        site = next(c for c in graph.below(responder.urn) if c.type.endswith(":web:WebApp"))
        settings = {s["name"]: s["value"] for s in site.inputs["siteConfig"]["appSettings"]}
        audience = responder.outputs.get("audience")
        return cls(
            playbooks=tuple(json.loads(settings[_PLAYBOOKS])),
            stack=of.name,
            tables_url=azure_sdk.TABLES.format(name=account),
            table=component.outputs["tableName"],
            url=azure_sdk.APPS.format(name=app),
            scope=f"{audience}/.default" if audience else "",
        )

    def cases(self) -> list["Case"]:
        with azure_sdk.refusals(f"the table {self.table}"):
            found = list(self._book().all())
        return sorted(found, key=lambda case: case.opened, reverse=True)

    def case(self, id_: str) -> "Case":
        with azure_sdk.refusals(f"the table {self.table}"):
            found = self._book().find(id_)
        if found is None:
            raise UsageError(NO_CASE.format(self.stack))
        return found

    def decide(self, what: str, of: str) -> str:
        if not self.scope:
            raise UsageError(
                f"nobody may decide in {self.stack}: name users in "
                "bulwark:incidentResponse.approvers, and bulwark:foundation.functionApplication"
            )
        id_ = str(uuid.uuid4())
        body = {"format": FORMAT, "decision": what, "of": of, "id": id_}
        with azure_sdk.refusals(
            "asking the responder; bulwark:incidentResponse.approvers must name you"
        ):
            self._post(body)
        return id_

    def _post(self, body: Mapping[str, str]) -> None:
        from azure.core import PipelineClient
        from azure.core.pipeline.policies import BearerTokenCredentialPolicy
        from azure.core.rest import HttpRequest

        own = azure_sdk.credential()
        client: Any = PipelineClient(
            self.url,
            policies=[BearerTokenCredentialPolicy(own, self.scope)],
            **azure_sdk.client_options(),
        )
        request = HttpRequest("POST", client.format_url("/decisions"), json=dict(body))
        client.send_request(request).raise_for_status()

    def _book(self) -> Any:
        from azure.data.tables import TableClient

        from bulwark_runtime.playbooks.azure_cases import StorageCases

        return StorageCases(
            TableClient(
                self.tables_url,
                self.table,
                credential=azure_sdk.credential(),
                **azure_sdk.client_options(),
            )
        )
