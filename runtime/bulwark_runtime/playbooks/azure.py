"""The responder on Azure: one function app that a queue and the approvers call.

Alerts come by a queue of Service Bus; decisions over HTTP, where Azure itself says whose they are.
People are told by a line of the log that an alarm is about. Settings are the environment variables
in `Settings`.
"""

import json
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from . import actions, azure_events, azure_samples
from .azure_arm import ENDPOINT, Arm
from .azure_block_source import ServiceBus
from .azure_cases import StorageCases
from .azure_close_storage import CloseStorage
from .azure_disable_user import DisableEntraUser
from .azure_graph import ENDPOINT as GRAPH
from .azure_graph import Graph
from .azure_isolate_machine import IsolateMachine
from .azure_remove_assignment import RemoveAssignment
from .azure_rotate_secret import RotateVaultSecret
from .cases import Case, Decision, Step
from .incident import UnreadableError
from .messages import Message
from .playbook import Playbook
from .responder import Person, Responder

FORMAT: Final = "bulwark.decision/1"
CONNECTION: Final = "BULWARK_SERVICE_BUS"
"""The connection of the queue: the host reads its settings, which begin so."""
TABLES: Final = "https://{}.table.core.windows.net"
"""An account's tables, in Azure's public cloud."""

WHO: Final = "x-ms-client-principal-id"
"""The header in which Azure says whose token a call has had; a caller's own is taken off."""

_VAULT_PATIENCE: Final = {"connection_timeout": 5, "read_timeout": 10}

_DECISIONS: Final = ("approve", "reject", "undo", "fire")

Json = dict[str, Any]

logger = logging.getLogger("bulwark.playbooks")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    stack: str
    """BULWARK_STACK: what people call the stack on the command line."""
    runbook: str
    """BULWARK_RUNBOOK: where the runbook is for those who are told."""
    subscription: str
    """BULWARK_SUBSCRIPTION: id of the subscription whose resources are acted on."""
    scope: str
    """BULWARK_SCOPE: id of the resource group within which actions act."""
    account: str
    """AzureWebJobsStorage__accountName: the function's own storage account, with the table."""
    table: str
    """BULWARK_TABLE: name of the table of cases."""
    playbooks: Mapping[str, Playbook]
    """BULWARK_PLAYBOOKS: JSON, by name."""
    approvers: frozenset[str]
    """BULWARK_APPROVERS: JSON, object ids of those whose decisions count."""
    attempts: int
    """BULWARK_ATTEMPTS: how often the queue delivers a message."""
    never: frozenset[str]
    """BULWARK_NEVER: JSON, object ids of principals that are left alone."""
    block_queue: str
    """BULWARK_BLOCK_QUEUE: address of the block list's queue; empty without one."""
    isolation: str
    """BULWARK_ISOLATION: id of the security group that lets nothing in or out; empty without."""
    vault: str
    """BULWARK_VAULT_URI: address of the vault whose secrets rotate; empty without."""
    client_id: str
    """AZURE_CLIENT_ID: which of the function's identities."""

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "Settings":
        """Raises a KeyError with the name of a variable that is missing."""
        playbooks = json.loads(environment["BULWARK_PLAYBOOKS"])
        return cls(
            stack=environment["BULWARK_STACK"],
            runbook=environment["BULWARK_RUNBOOK"],
            subscription=environment["BULWARK_SUBSCRIPTION"].lower(),
            scope=environment["BULWARK_SCOPE"],
            account=environment["AzureWebJobsStorage__accountName"],
            table=environment["BULWARK_TABLE"],
            playbooks={name: Playbook.load(name, value) for name, value in playbooks.items()},
            approvers=frozenset(json.loads(environment.get("BULWARK_APPROVERS", "[]"))),
            attempts=int(environment["BULWARK_ATTEMPTS"]),
            never=frozenset(json.loads(environment.get("BULWARK_NEVER", "[]"))),
            block_queue=environment.get("BULWARK_BLOCK_QUEUE", ""),
            isolation=environment.get("BULWARK_ISOLATION", ""),
            vault=environment.get("BULWARK_VAULT_URI", ""),
            client_id=environment.get("AZURE_CLIENT_ID", ""),
        )


def meet(body: bytes, tries: int) -> None:
    """What is done about an alert that the queue has delivered so often.

    Raises what went wrong: then it comes again, and at last to the dead letters.
    """
    last = tries >= _settings().attempts
    for incident in azure_events.read(_json(body)):
        responder().meet(incident, last=last)


def decide(headers: Mapping[str, str], body: bytes) -> tuple[int, Json]:
    """A status and what came of a decision: only of the case, and to approvers."""
    by = {name.lower(): value for name, value in headers.items()}.get(WHO, "")
    if not _person(by).allowed:
        # Before anything is read: a stranger learns nothing of cases.
        return 403, {"error": "whoever asked is no approver"}
    try:
        decision = _decision(_json(body), by)
    except UnreadableError as error:
        return 400, {"error": str(error)}
    case = responder().decide(decision)
    if case is None:
        return 404, {"error": "there is no such case or playbook"}
    return 200, {"case": case.id, "state": case.state}


def _decision(asked: Json, by: str) -> Decision:
    texts = {name: asked.get(name) for name in ("id", "of")}
    known = asked.get("format") == FORMAT and asked.get("decision") in _DECISIONS
    if not known or not all(isinstance(text, str) and text for text in texts.values()):
        raise UnreadableError("it is no decision")
    return Decision(id=asked["id"], what=asked["decision"], of=asked["of"], by=by)


def forget() -> None:
    """Take out of the table what need not be kept any longer."""
    logger.info(
        json.dumps({"audit": "playbooks", "event": "forgotten", "records": _book().forget(_now())})
    )


def _json(body: bytes) -> Json:
    try:
        found = json.loads(body)
    except ValueError:
        raise UnreadableError("it is no JSON") from None
    if not isinstance(found, dict):
        raise UnreadableError("it is no JSON object")
    return found


@cache
def _settings() -> Settings:
    return Settings.read(os.environ)


@cache
def responder() -> Responder:
    settings = _settings()
    return Responder(
        stack=settings.stack,
        runbook=settings.runbook,
        account=settings.subscription,
        region="",
        playbooks=settings.playbooks,
        book=_book(),
        action=_action,
        tell=_tell,
        person=_person,
        sample=azure_samples.incident,
        log=_log,
        now=_now,
    )


def _now() -> datetime:
    return datetime.now(UTC)


def _person(object_id: str) -> Person:
    return Person(allowed=object_id in _settings().approvers, unique_id=object_id)


def _tell(how: str, message: Message) -> None:
    """A line that an alarm is about, which tells people."""
    logger.warning(
        json.dumps(
            {
                "audit": "playbooks",
                "event": "tell",
                "how": how,
                "subject": message.subject,
                "text": message.text,
            }
        )
    )


def _log(case: Case, step: Step) -> None:
    logger.info(
        json.dumps(
            {
                "audit": "playbooks",
                "event": "step",
                "case": case.id,
                "playbook": case.playbook,
                "action": case.action,
                "subject": str(case.subject) if case.subject else None,
                "state": case.state,
                "step": step.what,
                "by": step.by,
            }
        )
    )


def _action(name: str, case: str) -> actions.Action:
    del case  # on Azure all actions are done as one identity
    return _ACTIONS[name](_settings())


_ACTIONS: Final[Mapping[str, Callable[[Settings], actions.Action]]] = {
    "block-source": lambda s: actions.BlockSource(
        lambda _: ServiceBus(_credential(), _options()), s.block_queue
    ),
    "close-storage": lambda s: CloseStorage(_arm(), s.scope),
    "disable-entra-user": lambda s: DisableEntraUser(
        Graph(_credential(), GRAPH, **_options()), s.never | s.approvers
    ),
    "isolate-machine": lambda s: IsolateMachine(_arm(), s.scope, s.isolation),
    "remove-assignment": lambda s: RemoveAssignment(_arm(), s.scope, s.never),
    "rotate-secret": lambda s: RotateVaultSecret(_vault(s.vault)),
}


def _vault(uri: str) -> Any:
    from azure.keyvault.secrets import SecretClient

    return SecretClient(uri, _credential(), **_VAULT_PATIENCE, **_options())


@cache
def _arm() -> Arm:
    return Arm(_credential(), ENDPOINT, **_options())


def _book() -> StorageCases:
    from azure.data.tables import TableClient

    settings = _settings()
    url = TABLES.format(settings.account)
    client = TableClient(url, settings.table, credential=_credential(), **_options())
    return StorageCases(client)


@cache
def _credential() -> Any:
    from azure.identity import ManagedIdentityCredential

    return ManagedIdentityCredential(client_id=_settings().client_id or None)


def _options() -> Json:
    """What tests tell the SDK's clients, such as whom to trust."""
    return {}
