"""KMS keys."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from bulwark_toolkit.compliance import buckets
from bulwark_toolkit.compliance.policies import Statement, admitted, statements
from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import NotKnownError, Subject
from bulwark_toolkit.preview.values import Unknown

KEY: Final = "aws:kms/key:Key"
REPLICA: Final = "aws:kms/replicaKey:ReplicaKey"
POLICY: Final = "aws:kms/keyPolicy:KeyPolicy"
ALIAS: Final = "aws:kms/alias:Alias"

TRAIL: Final = "aws:cloudtrail/trail:Trail"
GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
TOPIC: Final = "aws:sns/topic:Topic"
QUEUE: Final = "aws:sqs/queue:Queue"
CONTAINER: Final = "aws:secretsmanager/secret:Secret"
TABLE: Final = "aws:dynamodb/table:Table"

_LONGEST_ROTATION_DAYS: Final = 365
_SHORTEST_WAIT_DAYS: Final = 14


@rule(
    "aws.keys.key-rotates",
    KEY,
    severity="medium",
    requires="Every symmetric key rotates by itself, once a year or more often",
    remediation="Set enableKeyRotation to true, and rotationPeriodInDays to 365 or less.",
    reference="KMS.4",
)
def key_rotates(key: Subject) -> Iterator[Verdict]:
    if key.get("customerMasterKeySpec", "SYMMETRIC_DEFAULT") != "SYMMETRIC_DEFAULT":
        return
    rotates = key.get("enableKeyRotation", False)
    yield Verdict(rotates is True, "enableKeyRotation", rotates)
    days = key.get("rotationPeriodInDays", _LONGEST_ROTATION_DAYS)
    yield Verdict(days <= _LONGEST_ROTATION_DAYS, "rotationPeriodInDays", days)


@rule(
    "aws.keys.key-waits-before-it-is-gone",
    KEY,
    REPLICA,
    severity="low",
    requires="Every key waits for two weeks or longer between its deletion and its end",
    remediation="Leave deletionWindowInDays at 30: what a key encrypted is lost with it.",
    reference="KMS.3",
)
def key_waits_before_it_is_gone(key: Subject) -> Iterator[Verdict]:
    days = key.get("deletionWindowInDays", 30)
    yield Verdict(days >= _SHORTEST_WAIT_DAYS, "deletionWindowInDays", days)


@rule(
    "aws.keys.key-policy-admits-nobody-outside",
    KEY,
    REPLICA,
    POLICY,
    severity="critical",
    requires="No key's policy admits everybody",
    remediation="Name the principals, or hold the statement to your account by a condition.",
    reference="KMS.5",
)
def key_policy_admits_nobody_outside(key: Subject) -> Iterator[Verdict]:
    return admitted(statements(key, "policy"))


@rule(
    "aws.keys.who-manages-a-key-does-not-use-it",
    KEY,
    REPLICA,
    severity="low",
    requires="Who may change a key's policy cannot also decrypt with it, but through a service",
    remediation="Allow the account to manage the key, and its use by kms:ViaService or by role: "
    "AWS's own policy allows both.",
    reference="PCI 3.6.1",
    alone=False,
)
def who_manages_a_key_does_not_use_it(key: Subject) -> Iterator[Verdict]:
    allowed = [statement for statement in _statements(key) if statement.effect == "Allow"]
    if not allowed:
        yield Verdict(False, "policy", text="has AWS's own policy, by which managers use the key")
        return
    manage = {arn for s in allowed if s.covers("kms:PutKeyPolicy") for arn in s.principals}
    use = [s for s in allowed if s.covers("kms:Decrypt") and not s.condition]
    both = manage & {arn for s in use for arn in s.principals}
    yield Verdict(not both, "policy", ", ".join(sorted(both or manage)))


@rule(
    "aws.keys.key-is-used",
    KEY,
    severity="low",
    requires="Every key is used by something, or handed to other stacks",
    remediation="Encrypt with it, or remove it: a key costs money and attention.",
    reference="PCI 3.7.5",
    alone=False,
)
def key_is_used(key: Subject) -> Iterator[Verdict]:
    users = sorted(set(_users(key)))
    yield Verdict(bool(users), "arn", ", ".join(users[:3]), "nothing here is made with it")


@rule(
    "aws.keys.key-is-in-the-region-of-its-user",
    GROUP,
    TRAIL,
    TOPIC,
    QUEUE,
    CONTAINER,
    TABLE,
    buckets.ENCRYPTION,
    buckets.older(buckets.ENCRYPTION),
    severity="high",
    requires="Every key is in the region of what it encrypts",
    remediation="Make a key in that region, or a replica of a key of many regions.",
    reference="PCI 3.6.1",
)
def key_is_in_the_region_of_its_user(user: Subject) -> Iterator[Verdict]:
    for at, region in _keys_of(user):
        key = user.get(at)
        if isinstance(key, str) and key.startswith("arn:"):
            yield Verdict(key.split(":")[3] == region(), at, key)


@rule(
    "aws.keys.key-admits-who-writes-with-it",
    GROUP,
    TRAIL,
    TOPIC,
    QUEUE,
    buckets.ENCRYPTION,
    buckets.older(buckets.ENCRYPTION),
    severity="high",
    requires="Every service that writes with a key is admitted by that key's policy",
    remediation="Allow the service's principal these actions in the key's policy, under no "
    "condition that it does not meet.",
    reference="PCI 3.6.1",
    alone=False,
)
def key_admits_who_writes_with_it(user: Subject) -> Iterator[Verdict]:
    at = _KEY_AT[user.resource.type]
    if not user.has(at):
        return
    for writer in _WRITERS[user.resource.type](user):
        key = _key(user, at)
        for action in writer.actions:
            admits = key and any(
                statement.admits(writer.service, action, writer.sends)
                for statement in _statements(key)
            )
            text = f"{writer.service} is not allowed {action}"
            yield Verdict(bool(admits), at, f"{writer.service}: {action}", text)


@dataclass(frozen=True, slots=True)
class _Writer:
    """A service that uses the key of a resource when it writes to it, or reads from it."""

    service: str
    actions: tuple[str, ...]
    sends: Mapping[str, str | None] = field(default_factory=dict)
    """Condition keys that it sends: their values, or None for what it never sends."""


_ENCRYPT: Final = ("kms:GenerateDataKey",)
_DECRYPT: Final = ("kms:Decrypt",)
_BOTH: Final = _ENCRYPT + _DECRYPT

_ALARMS: Final = (
    "aws:cloudwatch/metricAlarm:MetricAlarm",
    "aws:cloudwatch/compositeAlarm:CompositeAlarm",
)

_EVENTS: Final = _Writer(
    "events.amazonaws.com", _BOTH, {"aws:sourcearn": None, "aws:sourceaccount": None}
)
"""EventBridge sends no source to the key of a topic or queue, and drops the event in silence."""


def _of_trail(trail: Subject) -> Iterator[_Writer]:
    sends = {}
    if arn := trail.output("arn"):
        sends = {"aws:sourcearn": arn, "kms:encryptioncontext:aws:cloudtrail:arn": arn}
    yield _Writer("cloudtrail.amazonaws.com", ("kms:DescribeKey", *_ENCRYPT), sends)


def _of_group(group: Subject) -> Iterator[_Writer]:
    region = _region(group)
    arn = group.output("arn")
    sends = {"kms:encryptioncontext:aws:logs:arn": arn} if arn else {}
    yield _Writer(f"logs.{region}.amazonaws.*", ("kms:Encrypt", *_BOTH), sends)


def _of_topic(topic: Subject) -> Iterator[_Writer]:
    lists = ("alarmActions", "okActions", "insufficientDataActions")
    if any(topic.attached(alarm, by) for alarm in _ALARMS for by in lists):
        yield _Writer("cloudwatch.amazonaws.com", _BOTH)
    if topic.attached("aws:budgets/budget:Budget", "notifications"):
        yield _Writer("budgets.amazonaws.com", _BOTH)
    yield from _of_target(topic)


def _of_queue(queue: Subject) -> Iterator[_Writer]:
    if queue.attached("aws:sns/topicSubscription:TopicSubscription", "endpoint"):
        yield _Writer("sns.amazonaws.com", _BOTH)
    yield from _of_target(queue)
    if queue.attached("aws:cloudwatch/eventTarget:EventTarget", "deadLetterConfig.arn"):
        yield _EVENTS


def _of_target(target: Subject) -> Iterator[_Writer]:
    rules = target.attached("aws:cloudwatch/eventTarget:EventTarget", "arn")
    if any(not one.has("roleArn") for one in rules):
        yield _EVENTS


def _of_bucket(encryption: Subject) -> Iterator[_Writer]:
    bucket = buckets.bucket_of(encryption, "bucket")
    for _, statement in buckets.policy(bucket) if bucket else ():
        for service in statement.services:
            if actions := _with_objects(statement, service):
                yield _Writer(service, actions)


def _with_objects(statement: Statement, service: str) -> tuple[str, ...]:
    """What a service needs of the bucket's key for what the bucket's policy allows it."""
    # A trail brings its own key, and access logs none.
    if service in ("cloudtrail.amazonaws.com", "logging.s3.amazonaws.com"):
        return ()
    writes = statement.admits(service, "s3:PutObject", {})
    reads = statement.admits(service, "s3:GetObject", {})
    return _ENCRYPT * writes + _DECRYPT * reads


_WRITERS: Final[Mapping[str, Callable[[Subject], Iterator[_Writer]]]] = {
    TRAIL: _of_trail,
    GROUP: _of_group,
    TOPIC: _of_topic,
    QUEUE: _of_queue,
    buckets.ENCRYPTION: _of_bucket,
    buckets.older(buckets.ENCRYPTION): _of_bucket,
}

_OF_BUCKET: Final = "rules[0].applyServerSideEncryptionByDefault.kmsMasterKeyId"
_KEY_AT: Final[Mapping[str, str]] = {
    TRAIL: "kmsKeyId",
    GROUP: "kmsKeyId",
    CONTAINER: "kmsKeyId",
    TOPIC: "kmsMasterKeyId",
    QUEUE: "kmsMasterKeyId",
    TABLE: "serverSideEncryption.kmsKeyArn",
    buckets.ENCRYPTION: _OF_BUCKET,
    buckets.older(buckets.ENCRYPTION): _OF_BUCKET,
}


def _keys_of(user: Subject) -> Iterator[tuple[str, Callable[[], str]]]:
    """Where a resource names its keys, and how to ask for the region that each is used in."""
    yield _KEY_AT[user.resource.type], lambda: _region(user)
    for replica in user.each("replicas") if user.resource.type == CONTAINER else ():
        yield f"{replica}.kmsKeyId", lambda replica=replica: user.get(f"{replica}.region")


def _region(user: Subject) -> str:
    arn = user.output("arn") or ""
    region = user.output("region") or "".join(arn.split(":")[3:4])
    if not region:
        raise NotKnownError(user.urn, "region", why="the provider says which region it is in")
    return region


def _key(user: Subject, at: str) -> Subject | None:
    """The key that an input names; None for AWS's own, which admits no service."""
    alias = user.named(ALIAS, at)
    holder, path = (alias, "targetKeyId") if alias else (user, at)
    for token in (KEY, REPLICA):
        if key := holder.named(token, path):
            return key
    missing = holder.elsewhere(path, "its key")
    if "alias/aws/" in user.get(at):
        return None
    raise missing


def _statements(key: Subject) -> list[Statement]:
    holders = [key, *key.attached(POLICY, "keyId")]
    return [statement for holder in holders for statement in statements(holder, "policy")]


_PARTS_OF_A_KEY: Final = {POLICY, "aws:kms/grant:Grant"}
_OTHER_NAMES: Final = {ALIAS, REPLICA}


def _users(key: Subject) -> Iterator[str]:
    """Names of what is made with a key, by itself, by an alias or by a replica."""
    for resource in key.graph.dependents(key.urn):
        if resource.type in _OTHER_NAMES:
            yield from _users(Subject(resource, key.graph))
        elif resource.kind == "custom" and resource.type not in _PARTS_OF_A_KEY:
            yield resource.name
    exports = key.graph.once("exports", lambda: _exports(key.graph.outputs))
    for name in (key.urn, key.resource.id, key.output("arn")):
        yield from (f"export {export}" for export in exports.get(name, ()))


def _exports(outputs: Mapping[str, Any]) -> dict[str, set[str]]:
    """What a program exports, by each text in it, or by each resource that it waits for."""
    found: dict[str, set[str]] = {}
    for name, value in outputs.items():
        for text in _texts(value):
            found.setdefault(text, set()).add(name)
    return found


def _texts(value: Any) -> Iterator[str]:
    match value:
        case Unknown():
            yield from value.waits_for
        case dict():
            for member in value.values():
                yield from _texts(member)
        case list():
            for member in value:
                yield from _texts(member)
        case str():
            yield value
