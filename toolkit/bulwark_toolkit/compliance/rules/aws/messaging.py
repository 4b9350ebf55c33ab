"""Queues, topics, event buses and streams."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from itertools import chain
from typing import Final

from bulwark_toolkit.compliance.customer_keys import is_customer_key
from bulwark_toolkit.compliance.policies import Statement, admitted, statements
from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import Subject
from bulwark_toolkit.preview.graph import Graph

QUEUE: Final = "aws:sqs/queue:Queue"
QUEUE_POLICY: Final = "aws:sqs/queuePolicy:QueuePolicy"
REDRIVE_POLICY: Final = "aws:sqs/redrivePolicy:RedrivePolicy"
TOPIC: Final = "aws:sns/topic:Topic"
TOPIC_POLICY: Final = "aws:sns/topicPolicy:TopicPolicy"
BUS_POLICY: Final = "aws:cloudwatch/eventBusPolicy:EventBusPolicy"
BUS_PERMISSION: Final = "aws:cloudwatch/eventPermission:EventPermission"
STREAM: Final = "aws:kinesis/stream:Stream"
FIREHOSE: Final = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"

_KEY: Final = {QUEUE: "kmsMasterKeyId", TOPIC: "kmsMasterKeyId", STREAM: "kmsKeyId"}

_POLICY: Final = {QUEUE: (QUEUE_POLICY, "queueUrl"), TOPIC: (TOPIC_POLICY, "arn")}
"""The resource that has the policy of another, and the input by which it names that."""

_CARRIES: Final = {QUEUE: ("sqs:sendmessage", "sqs:receivemessage"), TOPIC: ("sns:publish",)}
"""The actions with which messages travel."""

_ARN: Final = re.compile(r"arn:[\w-]+:sqs:[\w-]+:\d+:[\w.-]+")


@rule(
    "aws.messaging.queue-is-encrypted",
    QUEUE,
    severity="high",
    requires="Queues encrypt the messages they hold",
    remediation="Leave sqsManagedSseEnabled out, or name a key in kmsMasterKeyId.",
    reference="SQS.1",
)
def queue_is_encrypted(queue: Subject) -> Iterator[Verdict]:
    key = queue.has("kmsMasterKeyId")
    # SQS encrypts new queues unless it is told not to.
    managed = queue.get("sqsManagedSseEnabled", True)
    yield Verdict(key or managed is True, "sqsManagedSseEnabled", "by KMS" if key else managed)


@rule(
    "aws.messaging.stream-is-encrypted",
    STREAM,
    FIREHOSE,
    severity="high",
    requires="Streams encrypt the records they hold",
    remediation="Set encryptionType to KMS (of a Firehose, serverSideEncryption.enabled to true).",
    reference="Kinesis.1",
)
def stream_is_encrypted(stream: Subject) -> Iterator[Verdict]:
    if stream.resource.type == STREAM:
        kind = stream.get("encryptionType", "NONE")
        yield Verdict(kind == "KMS", "encryptionType", kind)
    # One that reads a stream holds nothing: the records stay there until they are delivered.
    elif not stream.has("kinesisSourceConfiguration"):
        enabled = stream.get("serverSideEncryption.enabled", False)
        yield Verdict(enabled is True, "serverSideEncryption.enabled", enabled)


@rule(
    "aws.messaging.messages-have-a-customer-key",
    QUEUE,
    TOPIC,
    STREAM,
    severity="medium",
    requires="Queues, topics and streams are encrypted with a key of the customer's",
    remediation="Name a KMS key of your own (kmsMasterKeyId; of a stream kmsKeyId) that admits "
    "the services which send: the key that AWS has admits none.",
    reference="SNS.1",
)
def messages_have_a_customer_key(channel: Subject) -> Iterator[Verdict]:
    path = _KEY[channel.resource.type]
    key = channel.get(path)
    yield Verdict(is_customer_key(key), path, key)


@rule(
    "aws.messaging.policy-admits-nobody-outside",
    QUEUE,
    QUEUE_POLICY,
    TOPIC,
    TOPIC_POLICY,
    BUS_POLICY,
    severity="critical",
    requires="No policy of a queue, topic or event bus admits everybody",
    remediation="Name the principals, or hold the statement to an account or organisation by a "
    "condition such as aws:SourceAccount.",
    reference="SQS.3",
)
def policy_admits_nobody_outside(holder: Subject) -> Iterator[Verdict]:
    return admitted(statements(holder, "policy"))


@rule(
    "aws.messaging.event-permission-names-an-account",
    BUS_PERMISSION,
    severity="critical",
    requires="No permission for an event bus is everybody's",
    remediation="Name the account in principal, or the organisation in condition.",
    reference="PCI 7.2.5",
)
def event_permission_names_an_account(permission: Subject) -> Iterator[Verdict]:
    principal = permission.get("principal")
    yield Verdict(principal != "*" or permission.has("condition"), "principal", principal)


@rule(
    "aws.messaging.messages-travel-by-tls",
    QUEUE,
    TOPIC,
    severity="medium",
    requires="Queues and topics refuse what does not come by TLS",
    remediation="Deny everybody, in the policy, the actions that send and receive where "
    "aws:SecureTransport is false.",
    reference="PCI 4.2.1",
    alone=False,
)
def messages_travel_by_tls(channel: Subject) -> Iterator[Verdict]:
    holders = [channel, *channel.attached(*_POLICY[channel.resource.type])]
    found = chain.from_iterable(statements(holder, "policy") for holder in holders)
    refused = {action for statement in found for action in _refused_in_the_clear(statement)}
    carries = set(_CARRIES[channel.resource.type])
    missing = ", ".join(sorted(carries - refused))
    yield Verdict(not missing, "policy", ", ".join(sorted(carries & refused)))


def _refused_in_the_clear(statement: Statement) -> Iterator[str]:
    conditions = [
        (operator.removesuffix("IfExists"), key, [value.lower() for value in values])
        for operator, key, values in statement.conditions()
    ]
    # Any condition beside it would leave some calls in the clear.
    if statement.effect == "Deny" and "*" in statement.principals:
        if conditions != [("Bool", "aws:securetransport", ["false"])]:
            return
        for action in chain.from_iterable(_CARRIES.values()):
            if any(fnmatchcase(action, pattern.lower()) for pattern in statement.actions):
                yield action


@rule(
    "aws.messaging.queue-sets-failures-aside",
    QUEUE,
    severity="low",
    requires="Messages that fail again and again go to a queue of their own, and are not lost",
    remediation="Set redrivePolicy with another queue's ARN and a maxReceiveCount.",
    reference="SOC 2 A1.2",
    alone=False,
)
def queue_sets_failures_aside(queue: Subject) -> Iterator[Verdict]:
    if not _takes_failures(queue):
        aside = queue.has("redrivePolicy") or bool(queue.attached(REDRIVE_POLICY, "queueUrl"))
        yield Verdict(aside, "redrivePolicy", aside)


def _takes_failures(queue: Subject) -> bool:
    """Whether it is itself where a queue, subscription, rule or function sets failures aside."""
    if queue.has("redriveAllowPolicy"):
        return True
    names = {queue.urn, queue.resource.outputs.get("arn")}
    return not names.isdisjoint(queue.graph.once("set aside", lambda: _set_aside(queue.graph)))


def _set_aside(graph: Graph) -> set[str]:
    """URNs and ARNs of what failures are set aside in, and of what stands beside them there."""
    found: set[str] = set()
    for resource in graph.resources:
        for at in ("redrivePolicy", "deadLetterConfig", "destinationConfig"):
            if at in resource.inputs:
                found.update(resource.property_dependencies.get(at, ()))
                found.update(_ARN.findall(str(resource.inputs[at])))
    return found
