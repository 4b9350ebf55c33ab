"""Incident response on AWS: a responder behind queues, and the block list."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from .. import notes
from ..errors import ConfigError
from ..function import Package
from ..function.aws import AwsFunction, AwsFunctionArgs
from ..log_group.aws import AwsLogStore
from ..naming import physical
from ..role.aws import AwsRole, AwsRoleArgs, Statement
from ..table.aws import hardened_table
from . import aws_triggers
from .actions import TAKES, ActionName
from .aws_block_list import AwsBlockList, AwsBlockListArgs, IpSet
from .aws_block_list import problems as block_list_problems
from .aws_queues import ATTEMPTS, AwsInbox, AwsInboxArgs
from .aws_rights import OUTSIDE, PATH, Reach, statements
from .spec import IncidentResponseSpec
from .spec_playbooks import PlaybookSpec, Told

_AT = "bulwark:incidentResponse"

_METRICS = {"namespace": "Bulwark/Playbooks", "service": "playbooks"}
"""What bulwark_runtime.playbooks.aws calls its metrics: a test compares them."""

_BATCH = 5
"""Events that the responder takes at once: each may be an action of some seconds."""

_AT_ONCE = 2
"""Responders that run at once, at least what Lambda takes; a new account has ten for everything."""

_SOURCES = {
    "guardduty": "guardduty",
    "security_hub": "securityHub",
    "inspector": "inspector",
    "calls": "trail",
    "alarms": "alarm",
}
"""What the responder calls the sources."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsIncidentResponseArgs:
    spec: IncidentResponseSpec
    store: AwsLogStore
    """How the environment keeps its logs; its account and region are where things are done."""
    stack: str
    """What people call the stack on the command line."""
    key_arn: pulumi.Input[str]
    """KMS key of the queues, the tables and the functions' settings. It admits EventBridge."""
    boundary_arn: pulumi.Input[str]
    """The workloads' permissions boundary: of the responder, and of whose sessions it revokes."""
    topic_arns: Mapping[Told, pulumi.Input[str]]
    """The topics that are told, by `page` and `ticket`."""
    topic_key_arn: pulumi.Input[str]
    """KMS key of the topics."""
    runbook: str = "docs/runbook.md"
    """Where the runbook is for those who are told."""
    ip_sets: Mapping[str, Sequence[IpSet]] = field(default_factory=dict)
    """The IP sets behind each list of the firewall; without any there is no block list."""
    user_pool_arn: pulumi.Input[str] | None = None
    """ARN of the pool whose users may be disabled."""
    rotator_arns: Sequence[pulumi.Input[str]] = ()
    """ARNs of the functions that rotate secrets."""
    never_arns: Sequence[str] = ()
    """ARNs of users and roles that playbooks leave alone, for emergencies and of pipelines; a star
    stands for any name."""
    baseline: str | None = None
    """Who answers what happens in the region, if it is not this stack."""
    deletion_protection: bool = True
    """Whether Pulumi and AWS both refuse to delete the tables."""


class AwsIncidentResponse(pulumi.ComponentResource):
    """Does what playbooks say about findings, calls and alarms, and blocks addresses for a time.

    The responder itself may change nothing: it takes another role for each action, which can do
    that action and no other. Raises a ConfigError for what AWS would refuse.
    """

    responder_arn: pulumi.Output[str] | None
    """ARN of the responder; None without playbooks."""

    role_arns: dict[str, pulumi.Output[str]]
    """ARN of each action's role."""

    table_name: str | None
    """Name of the table of cases."""

    decisions_name: str | None
    """Name of the queue of decisions."""

    queues: dict[str, pulumi.Input[str]]
    """Names of the queues that must be worked off, by what they are of."""

    dead_letters: dict[str, pulumi.Output[str]]
    """Names of the queues that must be empty, by what they are of."""

    approver_policy: pulumi.Output[str] | None
    """The policy document of who may see cases and decide; only approvers can use all of it."""

    block_list: dict[str, Any]
    """What others need to know of the block list; empty where there is none."""

    metrics: dict[str, str]
    """Namespace and service of the responder's metrics."""

    def __init__(
        self,
        name: str,
        args: AwsIncidentResponseArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("bulwark:index:AwsIncidentResponse", name, None, opts)
        if found := list(_problems(args)):
            raise ConfigError(found)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)

        self.responder_arn = self.approver_policy = None
        self.table_name = self.decisions_name = None
        self.role_arns, self.queues, self.dead_letters, self.metrics = {}, {}, {}, _METRICS
        self._blocks = self._block_list() if args.spec.enabled and args.ip_sets else None
        self.block_list = _told_of(self._blocks) if self._blocks else {}
        self._playbooks = dict(self._possible())
        if self._playbooks:
            self._respond()
        self._tell()
        self.register_outputs(
            {
                "responderArn": self.responder_arn,
                "roleArns": self.role_arns,
                "tableName": self.table_name,
                "decisionsName": self.decisions_name,
                "queues": self.queues,
                "deadLetters": self.dead_letters,
                "approverPolicy": self.approver_policy,
                "blockList": self.block_list,
                "metrics": self.metrics,
            }
        )

    def _block_list(self) -> AwsBlockList:
        args = self._args
        made = AwsBlockList(
            f"{self._name}-block-list",
            AwsBlockListArgs(
                spec=args.spec.block_list,
                store=args.store,
                key_arn=args.key_arn,
                boundary_arn=args.boundary_arn,
                sets=args.ip_sets,
                deletion_protection=args.deletion_protection,
            ),
            self._child,
        )
        self.queues["block-list"] = made.queue_name
        self.dead_letters["block-list"] = made.dead_letters_name
        return made

    def _possible(self) -> Iterator[tuple[str, PlaybookSpec]]:
        """The playbooks that have something to listen to, and to act on, in this stack."""
        lacks = self._lacks()
        for name, playbook in self._args.spec.running().items():
            if self._args.baseline is not None and playbook.trigger.source != "alarms":
                continue  # what happens in the region, its owner hears
            if playbook.acts and (lacking := lacks.get(playbook.action or "")):
                notes.limit(self, f"{name} only tells: {lacking}")
                yield name, playbook.model_copy(update={"mode": "notify"})
            else:
                yield name, playbook

    def _lacks(self) -> dict[str, str]:
        lacks = {}
        if self._blocks is None:
            lacks["block-source"] = "there is no firewall to block at"
        if self._args.user_pool_arn is None:
            lacks["disable-user"] = "there is no user pool"
        return lacks

    def _respond(self) -> None:
        args, spec = self._args, self._args.spec
        inbox = AwsInbox(
            f"{self._name}-inbox",
            AwsInboxArgs(
                region=args.store.region,
                key_arn=args.key_arn,
                reader_seconds=spec.function.timeout_seconds,
                patterns=aws_triggers.patterns(list(self._playbooks.values())),
                approvers=spec.approvers,
            ),
            self._child,
        )
        table = self._table()
        asked = {p.action for p in self._playbooks.values() if p.acts}
        acts: list[ActionName] = [action for action in TAKES if action in asked]
        responder = self._responder(inbox, table, acts)
        self.role_arns = {each: self._role(each, responder) for each in acts}
        for what, arn in (("events", inbox.events_arn), ("decisions", inbox.decisions_arn)):
            self._reads(what, arn, responder)
        self.responder_arn = responder.arn
        self.decisions_name = inbox.decisions_name
        self.queues |= {"playbooks": inbox.events_name, "decisions": inbox.decisions_name}
        self.dead_letters["playbooks"] = inbox.dead_letters_name
        self.approver_policy = _document(list(self._decides(inbox, table)))

    def _table(self) -> aws.dynamodb.Table:
        args = self._args
        # The command line names it without asking the cloud.
        self.table_name = physical(
            "dynamodb-table", pulumi.get_project(), pulumi.get_stack(), self._name, "cases"
        )
        return hardened_table(
            f"{self._name}-cases",
            parent=self,
            physical_name=self.table_name,
            region=args.store.region,
            key_arn=args.key_arn,
            deletion_protection=args.deletion_protection,
        )

    def _responder(
        self, inbox: AwsInbox, table: aws.dynamodb.Table, acts: Sequence[ActionName]
    ) -> AwsFunction:
        args = self._args
        return AwsFunction(
            f"{self._name}-responder",
            AwsFunctionArgs(
                spec=args.spec.function,
                description="Does what playbooks say about findings, calls and alarms",
                code=Package("playbooks"),
                handler="bulwark_runtime.playbooks.aws.handler",
                store=args.store,
                key_arn=args.key_arn,
                boundary_arn=args.boundary_arn,
                statements=list(self._responds(inbox, table, acts)),
                environment=self._environment(inbox, table, acts),
                at=f"{_AT}.function",
            ),
            self._child,
        )

    def _environment(
        self, inbox: AwsInbox, table: aws.dynamodb.Table, acts: Sequence[ActionName]
    ) -> dict[str, pulumi.Input[str]]:
        args = self._args
        settings: dict[str, pulumi.Input[str]] = {
            "BULWARK_STACK": args.stack,
            "BULWARK_RUNBOOK": args.runbook,
            "BULWARK_ACCOUNT": args.store.account_id,
            "BULWARK_TABLE": table.name,
            "BULWARK_TOPICS": pulumi.Output.json_dumps(dict(args.topic_arns)),
            "BULWARK_PLAYBOOKS": _json({n: _settings(p) for n, p in self._playbooks.items()}),
            "BULWARK_ROLES": self._role_arn("{}"),
            "BULWARK_APPROVERS": _json(list(args.spec.approvers)),
            "BULWARK_DECISIONS": inbox.decisions_arn,
            "BULWARK_ATTEMPTS": str(ATTEMPTS),
            "BULWARK_NEVER": _json(list(args.never_arns)),
        }
        if "revoke-sessions" in acts:
            settings["BULWARK_BOUNDARY"] = args.boundary_arn
        if self._blocks:
            settings["BULWARK_BLOCK_QUEUE"] = self._blocks.queue_url
        return settings

    def _responds(
        self, inbox: AwsInbox, table: aws.dynamodb.Table, acts: Sequence[ActionName]
    ) -> Iterator[Statement]:
        args = self._args
        reads = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
        yield _allow("Read", reads, [inbox.events_arn, inbox.decisions_arn])
        records = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
        yield _allow("Cases", records, table.arn)
        yield self._key("Keys", ["kms:Decrypt"], args.key_arn, ["dynamodb", "sqs"])
        yield _allow("Tell", ["sns:Publish"], list(args.topic_arns.values()))
        encrypts = ["kms:Decrypt", "kms:GenerateDataKey"]
        yield self._key("TellKey", encrypts, args.topic_key_arn, ["sns"])
        if acts:
            roles = [self._role_arn(each) for each in acts]
            yield _allow("Act", ["sts:AssumeRole"], roles)
        if args.spec.approvers:
            known = ["iam:GetRole", "iam:GetUser"]
            yield _allow("KnowApprovers", known, list(args.spec.approvers))

    def _decides(self, inbox: AwsInbox, table: aws.dynamodb.Table) -> Iterator[Statement]:
        key = self._args.key_arn
        yield _allow("Decide", ["sqs:GetQueueUrl", "sqs:SendMessage"], inbox.decisions_arn)
        yield self._key("DecideKey", ["kms:Decrypt", "kms:GenerateDataKey"], key, ["sqs"])
        yield _allow("See", ["dynamodb:GetItem", "dynamodb:Scan"], table.arn)
        yield self._key("SeeKey", ["kms:Decrypt"], key, ["dynamodb"])

    def _key(
        self, sid: str, actions: list[str], key_arn: pulumi.Input[str], services: Sequence[str]
    ) -> Statement:
        region = self._args.store.region
        through = {"StringLike": {"kms:ViaService": [f"{each}.{region}.*" for each in services]}}
        return _allow(sid, actions, key_arn) | {"Condition": through}

    def _reads(self, what: str, arn: pulumi.Output[str], responder: AwsFunction) -> None:
        aws.lambda_.EventSourceMapping(
            f"{self._name}-reading-{what}",
            event_source_arn=arn,
            function_name=responder.arn,
            region=self._args.store.region,
            batch_size=_BATCH,
            scaling_config={"maximum_concurrency": _AT_ONCE},
            function_response_types=["ReportBatchItemFailures"],
            opts=self._child,
        )

    # --- the roles of the actions

    def _role_arn(self, action: str) -> str:
        return self._args.store.global_arn("iam", f"role{PATH}{self._role_name(action)}")

    def _role_name(self, action: str) -> str:
        place = (pulumi.get_project(), pulumi.get_stack(), self._name, self._args.store.region)
        return f"{physical('iam-role-family', *place)}-{action}"

    def _role(self, action: ActionName, responder: AwsFunction) -> pulumi.Output[str]:
        may = statements(action, self._reach(responder))
        own = self._boundary(action, may) if action in OUTSIDE else None
        return AwsRole(
            f"{self._name}-{action}",
            AwsRoleArgs(
                description=f"Playbooks: {action}, and nothing else",
                trust=[
                    {
                        "Effect": "Allow",
                        "Principal": {"AWS": responder.role_arn},
                        "Action": "sts:AssumeRole",
                    }
                ],
                boundary_arn=own or self._args.boundary_arn,
                managed_policy_arns=[own] if own is not None else (),
                statements=() if own is not None else may,
                role_name=self._role_name(action),
                path=PATH,
            ),
            self._child,
        ).arn

    def _boundary(self, action: str, may: list[Statement]) -> pulumi.Output[str]:
        """A policy that is a boundary as well: whatever else the role is given adds nothing."""
        return aws.iam.Policy(
            f"{self._name}-{action}-boundary",
            path=PATH,
            description=f"All that {action} may do, and the most that it can ever do",
            policy=_document(may),
            opts=self._child,
        ).arn

    def _reach(self, responder: AwsFunction) -> Reach:
        args = self._args
        return Reach(
            **args.store.as_place(),
            boundary_arn=args.boundary_arn,
            never_arns=args.never_arns,
            responder_arn=responder.role_arn,
            user_pool_arn=args.user_pool_arn,
            rotator_arns=args.rotator_arns,
            may_request_blocks=self._blocks.may_request if self._blocks else (),
        )

    def _tell(self) -> None:
        args, spec = self._args, self._args.spec
        if args.baseline is not None and len(self._playbooks) < len(spec.running()):
            notes.limit(self, f"findings and calls are answered by {args.baseline}")
        for mode, said in (("auto", "act by themselves"), ("approve", "act once approved")):
            if names := [n for n, p in self._playbooks.items() if p.mode == mode]:
                notes.limit(self, f"{said}: {', '.join(names)}")
        if not spec.approvers and any(p.mode == "approve" for p in self._playbooks.values()):
            notes.limit(self, f"nobody may approve: name roles in {_AT}.approvers")
        for name, playbook in self._playbooks.items():
            if unheard := aws_triggers.unheard(playbook.trigger, args.store.region):
                notes.limit(
                    self,
                    f"{name} never hears of {', '.join(unheard)}: EventBridge tells of these only "
                    f"in {aws_triggers.HOME}",
                )
        if self._playbooks:
            notes.cost(self, "playbooks: by events, next to nothing; snapshots 0.05 USD a GB")
        notes.loosened(self, _AT, spec)


def problems(
    spec: IncidentResponseSpec, account_id: str, region: str, lists: Collection[str]
) -> Iterator[str]:
    """What AWS would refuse, or would not do in this account, a line each.

    `lists` has those of the firewall; none where there is no firewall.
    """
    if spec.enabled and lists:
        yield from block_list_problems(spec.block_list, dict.fromkeys(lists))
    for number, arn in enumerate(spec.approvers):
        if arn.split(":")[4] != account_id:
            yield (
                f"{_AT}.approvers[{number}]: is not in account {account_id}, where the queue of "
                "decisions is. Name a role there for its people to take."
            )
    for name, playbook in spec.running().items():
        place = (playbook.subject or f":::{region}:{account_id}").split(":")[3:5]
        if place != [region, account_id]:
            yield (
                f"{_AT}.playbooks.{name}.subject: is in {place[0]} of account {place[1]}, and "
                f"playbooks act in {region} of account {account_id} only. Name one there."
            )
    yield from aws_triggers.problems(f"{_AT}.playbooks", list(spec.running().values()))
    settings = _json({name: _settings(each) for name, each in spec.running().items()})
    if len(settings) > _LARGEST_SETTINGS:
        yield (
            f"{_AT}.playbooks: are {len(settings):,} characters as the responder reads them, and "
            f"{_LARGEST_SETTINGS:,} fit beside its other settings. Take some out."
        )


def _problems(args: AwsIncidentResponseArgs) -> Iterator[str]:
    return problems(args.spec, args.store.account_id, args.store.region, args.ip_sets)


_LARGEST_SETTINGS = 2560
"""Of the 4,096 bytes that Lambda takes for all of a function's settings."""


def _settings(playbook: PlaybookSpec) -> dict[str, Any]:
    """As the responder reads them, without what is usual."""
    found = {
        "source": _SOURCES[playbook.trigger.source],
        "types": list(playbook.trigger.types),
        **(
            {"least": playbook.trigger.least_severity}
            if playbook.trigger.least_severity != "low"
            else {}
        ),
    }
    for name in ("severity", "mode", "action", "limit_per_hour", "dry_run", "approval_minutes"):
        if (value := getattr(playbook, name)) != PlaybookSpec.model_fields[name].default:
            found[name] = value
    if parameters := _parameters(playbook):
        found["parameters"] = parameters
    return found


def _parameters(playbook: PlaybookSpec) -> dict[str, Any]:
    given = {
        "subject": playbook.subject,
        "hours": playbook.block_hours if playbook.action == "block-source" else None,
        "public_ports": list(playbook.public_ports) if playbook.action == "close-group" else None,
    }
    return {name: value for name, value in given.items() if value is not None}


def _told_of(made: AwsBlockList) -> dict[str, Any]:
    return {
        "queueName": made.queue_name,
        "tableName": made.table_name,
        "requesterPolicy": made.requester_policy,
        "readerPolicy": made.reader_policy,
        "writerArn": made.writer_arn,
        "metrics": made.metrics,
    }


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _allow(sid: str, actions: Sequence[str], resource: Any) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": resource}


def _document(statements: Sequence[Statement]) -> pulumi.Output[str]:
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": list(statements)})
