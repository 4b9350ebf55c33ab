"""KMS keys."""

from collections.abc import Iterator

from bulwark_toolkit.compliance.policies import statements
from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import Subject

KEY = "aws:kms/key:Key"


@rule(
    "aws.keys.key-rotates",
    KEY,
    severity="medium",
    requires="Every symmetric key rotates by itself",
    remediation="Set enableKeyRotation to true.",
    reference="KMS.4",
)
def key_rotates(key: Subject) -> Iterator[Verdict]:
    if key.get("customerMasterKeySpec", "SYMMETRIC_DEFAULT") == "SYMMETRIC_DEFAULT":
        rotates = key.get("enableKeyRotation", False)
        yield Verdict(rotates is True, "enableKeyRotation", rotates)


@rule(
    "aws.keys.key-policy-admits-nobody-outside",
    KEY,
    severity="critical",
    requires="No key's policy admits everybody",
    remediation="Name the principals, or hold the statement to your account by a condition.",
    reference="KMS.5",
)
def key_policy_admits_nobody_outside(key: Subject) -> Iterator[Verdict]:
    for statement in statements(key, "policy"):
        if statement.effect == "Allow":
            anybody = "*" in statement.principals and not statement.condition
            yield Verdict(not anybody, statement.place, ", ".join(statement.principals))
