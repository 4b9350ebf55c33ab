"""Addresses blocked for a time: one queue, one writer, and a table that is the truth."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from .. import notes
from ..errors import ConfigError
from ..function import FunctionSpec, Package
from ..function.aws import AwsFunction, AwsFunctionArgs
from ..log_group.aws import AwsLogStore
from ..naming import physical
from ..table.aws import hardened_table
from .aws_block_list_queue import (
    AwsBlockListQueue,
    AwsBlockListQueueArgs,
    every_minute,
    requests,
)
from .spec_block_list import BlockListSpec

_AT: Final = "bulwark:incidentResponse.blockList"

_SERVICE: Final = "block-list"
"""What the writer calls itself in its metrics."""

DETAIL_TYPE: Final = "Bulwark Block Request"
"""Of an event that asks for a block: bulwark_runtime.block_list has the same, and a test compares
them."""

_WRITER_SECONDS: Final = 60
"""Ten thousand addresses take DynamoDB ten to twenty seconds: a thousand writes a second."""

_BATCH: Final = 10
"""Messages that Lambda takes at once from a queue in order: its limit."""

_CHANGES: Final = [
    "dynamodb:BatchWriteItem",
    "dynamodb:DeleteItem",
    "dynamodb:PartiQLDelete",
    "dynamodb:PartiQLInsert",
    "dynamodb:PartiQLUpdate",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
]

Statement = dict[str, Any]
IpSet = Mapping[str, pulumi.Input[str]]
"""id, name, scope (CLOUDFRONT or REGIONAL), region and version (IPV4 or IPV6) of an IP set."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsBlockListArgs:
    spec: BlockListSpec
    store: AwsLogStore
    """How the environment keeps its logs; its account and region are the block list's."""
    key_arn: pulumi.Input[str]
    """KMS key of the queue, the table and the function's environment variables. It must admit
    EventBridge, which sends no source to it."""
    boundary_arn: pulumi.Input[str]
    """The permissions boundary of the writer's role."""
    sets: Mapping[str, Sequence[IpSet]]
    """The IP sets behind each list that is edited as the environment runs: `lists` of AwsWaf."""
    alarm_topic_arns: Sequence[pulumi.Input[str]] = ()
    """SNS topics that are told when the writer fails, where no monitoring does."""
    deletion_protection: bool = True
    """Whether Pulumi and DynamoDB both refuse to delete the table."""


class AwsBlockList(pulumi.ComponentResource):
    """Blocks addresses for a time, at the edge and in the region.

    A request is a message on one queue; a single writer puts it into the table, which says who
    asked, why and until when, and makes the IP sets what the table says. Each minute it takes out
    what is over, and mends what somebody else changed. Raises a ConfigError for a list that the
    firewall does not have.
    """

    queue_arn: pulumi.Output[str]
    """ARN of the queue that requests go to."""

    queue_url: pulumi.Output[str]
    """URL of that queue."""

    queue_name: str
    """Name of that queue."""

    dead_letters_name: pulumi.Output[str]
    """Name of the queue with the requests that were given up on."""

    key_arn: pulumi.Output[str]
    """ARN of the KMS key that who sends to the queue has to use."""

    table_name: str
    """Name of the table."""

    table_arn: pulumi.Output[str]
    """ARN of the table."""

    writer_arn: pulumi.Output[str]
    """ARN of the function that writes."""

    may_request: list[Statement]
    """What a role needs in order to ask for blocks, as statements of a policy."""

    requester_policy: pulumi.Output[str]
    """The same as a policy document."""

    reader_policy: pulumi.Output[str]
    """The policy document of who may see the list: the table, and what is in the sets."""

    metrics: dict[str, str]
    """Namespace and service of the metrics, by which two stacks' are told apart."""

    def __init__(
        self, name: str, args: AwsBlockListArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AwsBlockList", name, None, opts)
        if found := list(problems(args.spec, args.sets)):
            raise ConfigError(found)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        place = (pulumi.get_project(), pulumi.get_stack())
        namespace = physical("metric-namespace", *place)
        self.metrics = {"namespace": namespace, "service": _SERVICE}

        runs = _runs(args.spec.function)
        queue = AwsBlockListQueue(
            f"{name}-requests",
            AwsBlockListQueueArgs(
                region=args.store.region,
                key_arn=args.key_arn,
                reader_seconds=runs.timeout_seconds,
                events=_events(args),
            ),
            self._child,
        )
        # The command line names the table without asking the cloud.
        self.table_name = physical("dynamodb-table", *place, name)
        table = self._table()
        writer = self._writer(runs, queue, table)
        self._only(writer, table)
        self._reads(writer, queue)

        self.queue_arn, self.queue_url, self.queue_name = queue.arn, queue.url, queue.name
        self.dead_letters_name = queue.dead_letters_name
        self.key_arn = pulumi.Output.from_input(args.key_arn)
        self.table_arn, self.writer_arn = table.arn, writer.arn
        self.may_request = list(_asks(queue.arn, args.key_arn, args.store.region))
        self.requester_policy = _document(self.may_request)
        self.reader_policy = _document(list(self._sees(table.arn)))
        self._tell()
        self.register_outputs(
            {
                "queueArn": self.queue_arn,
                "queueUrl": self.queue_url,
                "queueName": self.queue_name,
                "deadLettersName": self.dead_letters_name,
                "keyArn": self.key_arn,
                "tableName": self.table_name,
                "tableArn": self.table_arn,
                "writerArn": self.writer_arn,
                "mayRequest": self.may_request,
                "requesterPolicy": self.requester_policy,
                "readerPolicy": self.reader_policy,
                "metrics": self.metrics,
            }
        )

    def _table(self) -> aws.dynamodb.Table:
        args = self._args
        # Ends by itself: the history alone. Two days late is too late for what is over.
        return hardened_table(
            f"{self._name}-table",
            parent=self,
            physical_name=self.table_name,
            region=args.store.region,
            keys=("part", "item"),
            key_arn=args.key_arn,
            deletion_protection=args.deletion_protection,
        )

    def _writer(
        self, runs: FunctionSpec, queue: AwsBlockListQueue, table: aws.dynamodb.Table
    ) -> AwsFunction:
        args, spec = self._args, self._args.spec
        return AwsFunction(
            f"{self._name}-writer",
            AwsFunctionArgs(
                spec=runs,
                description="Makes the IP sets of the block list what its table says",
                code=Package("block-list"),
                handler="bulwark_runtime.block_list.aws.handler",
                store=args.store,
                key_arn=args.key_arn,
                boundary_arn=args.boundary_arn,
                statements=list(self._writes(queue.arn, table.arn)),
                environment={
                    "BULWARK_TABLE": table.name,
                    "BULWARK_QUEUE_URL": queue.url,
                    "BULWARK_SETS": pulumi.Output.json_dumps(
                        {name: list(args.sets[name]) for name in spec.lists}
                    ),
                    "BULWARK_WIDEST": f"{spec.widest_v4} {spec.widest_v6}",
                    "BULWARK_NEVER_BLOCK": " ".join(spec.never_block),
                    "BULWARK_HISTORY_DAYS": str(spec.history_days),
                    "POWERTOOLS_METRICS_NAMESPACE": self.metrics["namespace"],
                    "POWERTOOLS_SERVICE_NAME": self.metrics["service"],
                },
                alarm_topic_arns=args.alarm_topic_arns,
                at=f"{_AT}.function",
            ),
            self._child,
        )

    def _writes(
        self, queue_arn: pulumi.Input[str], table_arn: pulumi.Input[str]
    ) -> Iterator[Statement]:
        region = self._args.store.region
        yield _allow(
            "Requests",
            [
                "sqs:ChangeMessageVisibility",
                "sqs:DeleteMessage",
                "sqs:GetQueueAttributes",
                "sqs:ReceiveMessage",
            ],
            queue_arn,
        )
        yield _allow(
            "Table",
            [
                "dynamodb:BatchGetItem",
                "dynamodb:BatchWriteItem",
                "dynamodb:GetItem",
                "dynamodb:PutItem",
                "dynamodb:Query",
            ],
            table_arn,
        )
        yield _key("Keys", ["kms:Decrypt"], self._args.key_arn, ["dynamodb", "sqs"], region)
        yield _allow("Sets", ["wafv2:GetIPSet", "wafv2:UpdateIPSet"], self._set_arns())

    def _sees(self, table_arn: pulumi.Input[str]) -> Iterator[Statement]:
        region = self._args.store.region
        yield _allow("Table", ["dynamodb:GetItem", "dynamodb:Query"], table_arn)
        yield _key("TableKey", ["kms:Decrypt"], self._args.key_arn, ["dynamodb"], region)
        yield _allow("Sets", ["wafv2:GetIPSet"], self._set_arns())

    def _set_arns(self) -> list[pulumi.Output[str]]:
        store = self._args.store
        return [
            pulumi.Output.format(
                "arn:{0}:wafv2:{1}:{2}:{3}/ipset/{4}/{5}",
                store.partition,
                ip_set["region"],
                store.account_id,
                "global" if ip_set["scope"] == "CLOUDFRONT" else "regional",
                ip_set["name"],
                ip_set["id"],
            )
            for list_ in self._args.spec.lists
            for ip_set in self._args.sets[list_]
        ]

    def _only(self, writer: AwsFunction, table: aws.dynamodb.Table) -> None:
        """Keeps everyone else from changing the table, or who asked could be anybody."""
        aws.dynamodb.ResourcePolicy(
            f"{self._name}-table-policy",
            resource_arn=table.arn,
            region=self._args.store.region,
            policy=_document([_only_the_writer(writer.role_arn, table.arn)]),
            opts=self._child,
        )

    def _reads(self, writer: AwsFunction, queue: AwsBlockListQueue) -> None:
        aws.lambda_.EventSourceMapping(
            f"{self._name}-reading",
            event_source_arn=queue.arn,
            function_name=writer.arn,
            region=self._args.store.region,
            batch_size=_BATCH,
            function_response_types=["ReportBatchItemFailures"],
            opts=self._child,
        )

    def _tell(self) -> None:
        spec = self._args.spec
        notes.cost(
            self,
            "the block list is looked over once a minute: about 0.50 USD a month, and 3 USD more "
            "where a list is full",
        )
        if not spec.never_block:
            notes.limit(
                self,
                f"{_AT}.neverBlock is empty, so a request can lock out your own offices and what "
                "monitors the service",
            )
        notes.loosened(self, _AT, spec)


def problems(spec: BlockListSpec, known: Mapping[str, Any]) -> Iterator[str]:
    """Lists that the firewall does not have, a line each; `known` has those it has."""
    for number, name in enumerate(spec.lists):
        if name not in known:
            yield (
                f"{_AT}.lists[{number}]: the firewall has no such list. Add it to "
                f"bulwark:waf.lists, or name one of "
                f"{', '.join(name for name in known if name != 'allowed')}."
            )


def _events(args: AwsBlockListArgs) -> dict[str, dict[str, Any]]:
    found = {"minute": every_minute()}
    if sources := args.spec.event_sources:
        found["events"] = requests(DETAIL_TYPE, args.store.account_id, sources)
    return found


def _runs(spec: FunctionSpec) -> FunctionSpec:
    seconds = max(spec.timeout_seconds, _WRITER_SECONDS)
    return spec.model_copy(update={"timeout_seconds": seconds})


def _asks(
    queue_arn: pulumi.Input[str], key_arn: pulumi.Input[str], region: str
) -> Iterator[Statement]:
    yield _allow("RequestBlocks", ["sqs:GetQueueUrl", "sqs:SendMessage"], queue_arn)
    actions = ["kms:Decrypt", "kms:GenerateDataKey"]
    yield _key("EncryptRequests", actions, key_arn, ["sqs"], region)


def _only_the_writer(role_arn: pulumi.Input[str], table_arn: pulumi.Input[str]) -> Statement:
    return {
        "Sid": "OnlyTheWriterChanges",
        "Effect": "Deny",
        "Principal": "*",
        "Action": _CHANGES,
        "Resource": table_arn,
        # A session's principal ARN is that of its role. DynamoDB itself ends what is too old.
        "Condition": {
            "ArnNotEquals": {"aws:PrincipalArn": [role_arn]},
            "Bool": {"aws:PrincipalIsAWSService": "false"},
        },
    }


def _key(
    sid: str,
    actions: Sequence[str],
    key_arn: pulumi.Input[str],
    services: Sequence[str],
    region: str,
) -> Statement:
    through = {"StringLike": {"kms:ViaService": [f"{each}.{region}.*" for each in services]}}
    return _allow(sid, actions, key_arn) | {"Condition": through}


def _allow(sid: str, actions: Sequence[str], resource: Any) -> Statement:
    return {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": resource}


def _document(statements: Sequence[Statement]) -> pulumi.Output[str]:
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": list(statements)})
