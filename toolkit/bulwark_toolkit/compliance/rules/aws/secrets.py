"""Secrets Manager."""

from collections.abc import Iterator
from typing import Final

from bulwark_toolkit.compliance.customer_keys import is_customer_key
from bulwark_toolkit.compliance.policies import admitted, statements
from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import Subject

CONTAINER: Final = "aws:secretsmanager/secret:Secret"
POLICY: Final = "aws:secretsmanager/secretPolicy:SecretPolicy"
ROTATION: Final = "aws:secretsmanager/secretRotation:SecretRotation"
VERSION: Final = "aws:secretsmanager/secretVersion:SecretVersion"

_LONGEST_DAYS: Final = 90
_SHORTEST_DAYS: Final = 7


@rule(
    "aws.secrets.secret-has-a-customer-key",
    CONTAINER,
    severity="medium",
    requires="Every secret, and each copy of it, is encrypted with a key of the customer",
    remediation="Set kmsKeyId, for each of the replicas too.",
    reference="PCI 3.6.1",
)
def secret_has_a_customer_key(secret: Subject) -> Iterator[Verdict]:
    for at in ("kmsKeyId", *(f"{replica}.kmsKeyId" for replica in secret.each("replicas"))):
        key = secret.get(at)
        yield Verdict(is_customer_key(key), at, key or "alias/aws/secretsmanager")


@rule(
    "aws.secrets.secret-rotates",
    CONTAINER,
    severity="medium",
    requires="Every secret gets a new value by itself, every 90 days or more often",
    remediation="Attach a SecretRotation; where only a person can change the value, say why in a "
    "waiver and who does it when.",
    reference="SecretsManager.1",
    alone=False,
)
def secret_rotates(secret: Subject) -> Iterator[Verdict]:
    rotations = secret.attached(ROTATION, "secretId")
    if not rotations:
        yield Verdict(False, "arn", text="has no rotation")
    for rotation in rotations:
        days = rotation.get("rotationRules.automaticallyAfterDays")
        schedule = rotation.get("rotationRules.scheduleExpression")
        often = days <= _LONGEST_DAYS if days is not None else bool(schedule)
        yield Verdict(often, "rotationRules", days or schedule, urn=rotation.urn)


@rule(
    "aws.secrets.secret-has-a-policy-of-its-own",
    CONTAINER,
    severity="medium",
    requires="Every secret's own policy denies its value to whom it does not name",
    remediation="Attach a SecretPolicy that denies secretsmanager:GetSecretValue to all but the "
    "readers.",
    reference="PCI 7.2.5",
    alone=False,
)
def secret_has_a_policy_of_its_own(secret: Subject) -> Iterator[Verdict]:
    found = [(holder, s) for holder in _holders(secret) for s in statements(holder, "policy")]
    for holder, statement in found:
        reads = {"secretsmanager:GetSecretValue", "secretsmanager:*"} & set(statement.actions)
        keys = {key for _, key, _ in statement.conditions()}
        # A Deny that holds for requests in the clear only keeps nobody from reading.
        if statement.effect == "Deny" and reads and keys != {"aws:securetransport"}:
            yield Verdict(True, statement.place, ", ".join(sorted(keys)), urn=holder.urn)
            return
    yield Verdict(False, "policy", urn=found[0][0].urn if found else "")


@rule(
    "aws.secrets.secret-policy-admits-nobody-outside",
    CONTAINER,
    POLICY,
    severity="critical",
    requires="No secret's policy admits everybody",
    remediation="Name the principals that read it.",
    reference="PCI 7.2.5",
)
def secret_policy_admits_nobody_outside(holder: Subject) -> Iterator[Verdict]:
    return admitted(statements(holder, "policy"))


@rule(
    "aws.secrets.public-policy-is-refused",
    POLICY,
    severity="medium",
    requires="Secrets Manager refuses a policy that would make the secret public",
    remediation="Set blockPublicPolicy to true.",
    reference="PCI 7.3.3",
)
def public_policy_is_refused(policy: Subject) -> Iterator[Verdict]:
    value = policy.get("blockPublicPolicy", False)
    yield Verdict(value is True, "blockPublicPolicy", value)


@rule(
    "aws.secrets.value-is-not-in-the-state",
    CONTAINER,
    VERSION,
    severity="high",
    requires="No secret's value passes through the program into its state",
    remediation="Make the container only, and put the value in by `bulwark secrets set` or by "
    "rotation; secretStringWo is not kept in the state either.",
    reference="PCI 8.6.2",
    alone=False,
)
def value_is_not_in_the_state(subject: Subject) -> Iterator[Verdict]:
    if subject.resource.type == VERSION:
        kept = [name for name in ("secretString", "secretBinary") if subject.has(name)]
        yield Verdict(not kept, kept[0] if kept else "secretStringWo", "a value" if kept else "")
    elif not subject.attached(VERSION, "secretId"):
        yield Verdict(True, "arn", "no value")


@rule(
    "aws.secrets.deleted-secret-can-be-restored",
    CONTAINER,
    severity="low",
    requires="Every secret that is deleted can be restored for a week or longer",
    remediation="Leave recoveryWindowInDays at 30, but in an environment that is thrown away.",
    reference="PCI 3.7.5",
)
def deleted_secret_can_be_restored(secret: Subject) -> Iterator[Verdict]:
    days = secret.get("recoveryWindowInDays", 30)
    yield Verdict(days >= _SHORTEST_DAYS, "recoveryWindowInDays", days)


def _holders(secret: Subject) -> list[Subject]:
    return [secret, *secret.attached(POLICY, "secretArn")]
