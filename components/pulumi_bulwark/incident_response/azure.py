"""Incident response on Azure: a responder behind a queue, and the block list."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pulumi
import pulumi_azure_native as azure_native

from .. import notes
from ..errors import ConfigError
from ..function import FunctionApplication, Package
from ..function.azure import AppToBe, AzureFunction, AzureFunctionArgs
from ..log_group.azure import AzureLogStore
from ..naming import logical
from ..role.azure import Grant, assign_to_people, custom_role, principal_of
from ..table.azure import hardened_table, table_service
from ..tags import tagging
from ..vault.azure import AzureKey
from .actions import ON_AZURE, ActionName
from .azure_block_list import AzureBlockList, AzureBlockListArgs, writer_to_be
from .azure_bus import bus, host_of
from .azure_graph import let_disable_users
from .azure_inbox import ATTEMPTS, AzureInbox, AzureInboxArgs
from .azure_rights import END_SECRET, rights
from .spec import IncidentResponseSpec
from .spec_playbooks import PlaybookSpec

_AT: Final = "bulwark:incidentResponse"

TAG: Final = "bulwark-playbooks"
"""By which the command line finds the responder and its table: Azure adds chance to names."""

_TABLE: Final = "cases"

_CONNECTION: Final = "BULWARK_SERVICE_BUS"
"""What the responder's trigger calls its connection: a test compares them."""

_AT_ONCE: Final = "2"
"""Events that an instance handles at once: each may be an action of some seconds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AzureIncidentResponseArgs:
    spec: IncidentResponseSpec
    store: AzureLogStore
    """How the environment keeps its logs; its place is where things are done."""
    key: AzureKey
    """The key of the functions' own storage, in which the tables are."""
    stack: str = ""
    """What people call the stack on the command line; the stack's own name if it is empty."""
    runbook: str = "docs/runbook.md"
    """Where the runbook is for those who are told."""
    policy_id: pulumi.Input[str] | None = None
    """Full id of Front Door's firewall policy; without one there is no block list."""
    rules: Sequence[str] = ()
    """Names of the policy's rules that the block list has, in order."""
    application: FunctionApplication | None = None
    """The application in Entra ID whose tokens approvers show."""
    never: Sequence[pulumi.Input[str]] = ()
    """Object ids of principals whom playbooks leave alone, and their roles."""
    vault_uri: pulumi.Input[str] | None = None
    """Address of the vault whose secrets rotate."""
    secrets: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Full ids of the secrets that rotate, by name."""
    baseline: str | None = None
    """Who answers what happens in the subscription, if it is not this stack."""
    deletion_protection: bool = True
    """Whether Pulumi refuses to delete the tables and what holds them."""


class AzureIncidentResponse(pulumi.ComponentResource):
    """Does what playbooks say about alerts, calls and alarms, and blocks addresses for a time.

    The responder's role has what its playbooks' actions do and nothing else, within the resource
    group. Raises a ConfigError for what Azure would refuse.
    """

    table_name: str | None
    """Name of the table of cases; None without playbooks."""

    decisions_url: pulumi.Output[str] | None
    """Address that decisions are posted to; None where nobody may decide."""

    queues: dict[str, pulumi.Input[str]]
    """Names of the queues that must be worked off, by what they are of."""

    dead_letters: dict[str, pulumi.Output[str]]
    """Full ids of the namespaces whose queues keep what was given up on, by what they are of."""

    functions: dict[str, pulumi.Output[str]]
    """Names of the function apps, by what they do."""

    block_list: dict[str, Any]
    """What others need to know of the block list; empty where there is none."""

    def __init__(
        self,
        name: str,
        args: AzureIncidentResponseArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("bulwark:index:AzureIncidentResponse", name, None, opts)
        if found := list(problems(args.spec, args.secrets)):
            raise ConfigError(found)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        self.table_name = self.decisions_url = None
        self.queues, self.dead_letters, self.functions, self.block_list = {}, {}, {}, {}
        self._blocks = self._block_list() if args.spec.enabled else None
        self._playbooks = dict(self._possible())
        if self._playbooks:
            self._respond()
        self._tell()
        self.register_outputs(
            {
                "tableName": self.table_name,
                "decisionsUrl": self.decisions_url,
                "queues": self.queues,
                "deadLetters": self.dead_letters,
                "functions": self.functions,
                "blockList": self.block_list,
            }
        )

    def _block_list(self) -> AzureBlockList | None:
        args = self._args
        if args.policy_id is None:
            return None
        made = AzureBlockList(
            f"{self._name}-block-list",
            AzureBlockListArgs(
                spec=args.spec.block_list,
                store=args.store,
                key=args.key,
                policy_id=args.policy_id,
                rules=args.rules,
                deletion_protection=args.deletion_protection,
            ),
            self._child,
        )
        self.queues["block-list"] = made.queue_name
        self.dead_letters["block-list"] = made.namespace_id
        self.functions["block-list"] = made.writer_name
        self.block_list = {
            "queueName": made.queue_name,
            "queueUrl": made.queue_url,
            "tableName": made.table_name,
        }
        return made

    def _possible(self) -> Iterator[tuple[str, PlaybookSpec]]:
        """The playbooks that have something to listen to, and to act on, in this stack."""
        heard = _heard(self._args.spec, baseline=self._args.baseline is not None)
        for name, playbook in heard.items():
            if playbook.acts and playbook.action == "block-source" and self._blocks is None:
                notes.limit(self, f"{name} only tells: there is no firewall to block at")
                yield name, playbook.model_copy(update={"mode": "notify"})
            else:
                yield name, playbook

    def _respond(self) -> None:
        namespace_id, namespace_name, host = self._bus()
        inbox = AzureInbox(
            f"{self._name}-inbox",
            AzureInboxArgs(
                store=self._args.store,
                namespace_name=namespace_name,
                host=host,
                triggers=[playbook.trigger for playbook in self._playbooks.values()],
            ),
            self._child,
        )
        asked = {p.action for p in self._playbooks.values() if p.acts}
        acts: list[ActionName] = [action for action in ON_AZURE if action in asked]
        responder = self._responder(inbox, host, acts)
        self._table(responder)
        if "disable-entra-user" in acts:
            tenant_id = self._args.store.place.tenant_id
            let_disable_users(f"{self._name}-graph", tenant_id, responder.principal_id, self)
        self.queues["playbooks"] = inbox.queue_name
        self.dead_letters["playbooks"] = namespace_id
        self.functions["playbooks"] = responder.name
        if self._args.spec.approvers:
            self.decisions_url = pulumi.Output.format("{0}/decisions", responder.url)

    def _bus(self) -> tuple[pulumi.Output[str], pulumi.Output[str], pulumi.Output[str]]:
        """The block list's namespace, or one of its own: each costs."""
        if self._blocks:
            blocks = self._blocks
            return blocks.namespace_id, blocks.namespace_name, blocks.queue_host
        made = bus(f"{self._name}-events", self._args.store, self._child)
        return made.id, made.name, host_of(made)

    def _responder(
        self, inbox: AzureInbox, host: pulumi.Output[str], acts: Sequence[ActionName]
    ) -> AzureFunction:
        args, app = self._args, _responder_to_be(self._args.spec)
        return AzureFunction(
            f"{self._name}-responder",
            AzureFunctionArgs(
                spec=app.spec,
                description="Does what playbooks say about alerts, calls and alarms",
                code=app.code,
                app="bulwark_runtime.playbooks.azure_app:app",
                store=args.store,
                key=args.key,
                grants=list(self._grants(inbox, acts)),
                environment=self._environment(inbox, acts),
                service_buses={_CONNECTION: host},
                callers=[principal_of(person)[1] for person in args.spec.approvers],
                application=args.application,
                deletion_protection=args.deletion_protection,
                at=app.at,
            ),
            # The command line finds the app and the table's account by it.
            pulumi.ResourceOptions(parent=self, transformations=[tagging({TAG: self._claim})]),
        )

    @property
    def _claim(self) -> str:
        return f"{pulumi.get_project()}/{pulumi.get_stack()}/{self._name}"

    def _grants(self, inbox: AzureInbox, acts: Sequence[ActionName]) -> Iterator[Grant]:
        yield Grant(name="reads-queue", role="Service Bus Data Receiver", scope=inbox.queue_id)
        if "block-source" in acts and self._blocks:
            scope = self._blocks.queue_id
            yield Grant(name="asks-for-blocks", role="Service Bus Data Sender", scope=scope)
        if actions := rights(acts):
            role = custom_role(
                f"{self._name}-acts",
                self._args.store.place,
                description=f"Playbooks: {', '.join(acts)}, and nothing else",
                actions=actions,
                opts=self._child,
            )
            yield Grant(name="acts", role=role, scope=self._args.store.place.group)
        if to_end := self._secrets_to_end():
            role = custom_role(
                f"{self._name}-ends-secrets",
                self._args.store.place,
                description="Playbooks: have a secret replaced, and cannot read or set one",
                data_actions=END_SECRET,
                opts=self._child,
            )
            for secret in to_end:
                yield Grant(name=f"ends-{secret}", role=role, scope=self._args.secrets[secret])

    def _secrets_to_end(self) -> list[str]:
        return sorted(
            {p.subject for p in self._playbooks.values() if p.acts and p.subject is not None}
        )

    def _environment(
        self, inbox: AzureInbox, acts: Sequence[ActionName]
    ) -> dict[str, pulumi.Input[str]]:
        args, place = self._args, self._args.store.place
        settings: dict[str, pulumi.Input[str]] = {
            "AzureFunctionsJobHost__extensions__serviceBus__maxConcurrentCalls": _AT_ONCE,
            "BULWARK_APPROVERS": _json([principal_of(person)[1] for person in args.spec.approvers]),
            "BULWARK_ATTEMPTS": str(ATTEMPTS),
            "BULWARK_NEVER": pulumi.Output.all(*args.never).apply(_json),
            "BULWARK_PLAYBOOKS": _json({n: _settings(p) for n, p in self._playbooks.items()}),
            "BULWARK_QUEUE": inbox.queue_name,
            "BULWARK_RUNBOOK": args.runbook,
            "BULWARK_SCOPE": place.group,
            "BULWARK_STACK": args.stack or pulumi.get_stack(),
            "BULWARK_SUBSCRIPTION": place.subscription_id,
            "BULWARK_TABLE": _TABLE,
        }
        if self._blocks:
            settings["BULWARK_BLOCK_QUEUE"] = self._blocks.queue_url
        if "rotate-secret" in acts and args.vault_uri is not None:
            settings["BULWARK_VAULT_URI"] = args.vault_uri
        if "isolate-machine" in acts:
            settings["BULWARK_ISOLATION"] = self._isolation()
        return settings

    def _isolation(self) -> pulumi.Output[str]:
        """The security group that lets nothing in or out, for machines of the same region."""
        place = self._args.store.place
        return azure_native.network.NetworkSecurityGroup(
            logical("network-security-group", f"{self._name}-isolation"),
            resource_group_name=place.resource_group_name,
            location=place.location,
            # Azure's own rules behind these let in the whole network, and out to everywhere.
            security_rules=[
                {
                    "name": f"Nothing{direction}",
                    "priority": 100,
                    "direction": direction,
                    "access": "Deny",
                    "protocol": "*",
                    "source_address_prefix": "*",
                    "source_port_range": "*",
                    "destination_address_prefix": "*",
                    "destination_port_range": "*",
                }
                for direction in ("Inbound", "Outbound")
            ],
            opts=self._child,
        ).id

    def _table(self, responder: AzureFunction) -> None:
        """In the responder's own account, where nobody else may write."""
        place, protected = self._args.store.place, self._args.deletion_protection
        table_service(f"{self._name}-cases", responder.storage_id, self._args.store, self._child)
        table = hardened_table(
            f"{self._name}-cases",
            _TABLE,
            account_name=responder.storage_name,
            store=self._args.store,
            deletion_protection=protected,
            opts=self._child,
        )
        self.table_name = _TABLE
        for grant in (
            # By their tags the command finds them: nobody finds what they may not see.
            Grant(name="finds-responder", role="Reader", scope=responder.id),
            Grant(name="finds-cases", role="Reader", scope=responder.storage_id),
            Grant(name="sees-cases", role="Storage Table Data Reader", scope=table.id),
        ):
            assign_to_people(self._name, place, self._args.spec.approvers, grant, self._child)

    def _tell(self) -> None:
        args, spec = self._args, self._args.spec
        if args.baseline is not None and len(self._playbooks) < len(spec.running()):
            notes.limit(self, f"alerts and calls are answered by {args.baseline}")
        for mode, said in (("auto", "act by themselves"), ("approve", "act once approved")):
            if names := [n for n, p in self._playbooks.items() if p.mode == mode]:
                notes.limit(
                    self, f"{said}, in the environment's resource group: {', '.join(names)}"
                )
        if not spec.approvers and any(p.mode == "approve" for p in self._playbooks.values()):
            notes.limit(self, f"nobody may approve: name users in {_AT}.approvers")
        acts = {p.action for p in self._playbooks.values() if p.acts}
        if "disable-entra-user" in acts:
            notes.limit(self, "the responder may disable every user of the tenant but admins")
        if "remove-assignment" in acts and args.deletion_protection:
            notes.limit(self, "the group's lock keeps roles in it: remove-assignment asks a person")
        if self._playbooks:
            notes.cost(self, "playbooks: by events, next to nothing beside Service Bus")
        notes.loosened(self, _AT, spec)


def problems(spec: IncidentResponseSpec, rotating: Collection[str]) -> Iterator[str]:
    """What Azure would refuse, or would not do, a line each: with the secrets that rotate."""
    yield from spec.unsupported("azure", f"{_AT}.")
    for name, playbook in spec.running().items():
        at = f"{_AT}.playbooks.{name}"
        if playbook.action == "rotate-secret" and playbook.subject not in rotating:
            yield (
                f"{at}.subject: must be a secret of bulwark:secrets.named that has rotationDays: "
                "its rotation makes the next value"
                + (f" ({', '.join(sorted(rotating))})." if rotating else ", and none has.")
            )
        if playbook.acts and playbook.action == "disable-entra-user" and not spec.disables_users:
            yield (
                f"{at}.action: disable-entra-user needs rights of Microsoft Graph over every user "
                f"of the tenant, which are not given unasked. Set {_AT}.disablesUsers: true and "
                "deploy as one who may consent to them, or set mode: notify."
            )
    for number, person in enumerate(spec.approvers):
        if person.startswith("group:"):
            yield (
                f"{_AT}.approvers[{number}]: is a group, and a call shows its user alone. Name the "
                "users, or an identity."
            )


def apps(spec: IncidentResponseSpec, *, firewall: bool, baseline: bool) -> Iterator[AppToBe]:
    """The function apps of these settings, with a firewall that blocks or another's baseline."""
    if spec.enabled and firewall:
        yield writer_to_be(spec.block_list)
    if _heard(spec, baseline=baseline):
        yield _responder_to_be(spec)


def _responder_to_be(spec: IncidentResponseSpec) -> AppToBe:
    return AppToBe(
        code=Package("playbooks"),
        spec=spec.function,
        at=f"{_AT}.function",
        called=bool(spec.approvers),
    )


def _heard(spec: IncidentResponseSpec, *, baseline: bool) -> dict[str, PlaybookSpec]:
    """The playbooks that hear of something: what happens in the subscription, its owner hears."""
    return {
        name: playbook
        for name, playbook in spec.running().items()
        if not baseline or playbook.trigger.source == "alarms"
    }


_SOURCES: Final = {"defender": "defender", "activity": "activity", "alarms": "alarm"}
"""What the responder calls the sources."""


def _settings(playbook: PlaybookSpec) -> dict[str, Any]:
    """As the responder reads them, without what is usual."""
    trigger = playbook.trigger
    found: dict[str, Any] = {"source": _SOURCES[trigger.source], "types": list(trigger.types)}
    if trigger.least_severity != "low":
        found["least"] = trigger.least_severity
    for name in ("severity", "mode", "action", "limit_per_hour", "dry_run", "approval_minutes"):
        if (value := getattr(playbook, name)) != PlaybookSpec.model_fields[name].default:
            found[name] = value
    if playbook.action == "block-source":
        found["parameters"] = {"hours": playbook.block_hours}
    if playbook.subject is not None:
        found["parameters"] = {"subject": playbook.subject}
    return found


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
