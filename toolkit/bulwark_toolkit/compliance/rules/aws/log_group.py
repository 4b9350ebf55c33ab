"""CloudWatch log groups."""

from collections.abc import Iterator
from typing import Final

from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import Subject

GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"

_YEAR_DAYS: Final = 365
_FOR_EVER: Final = 0


@rule(
    "aws.log_group.log-group-keeps-a-year",
    GROUP,
    severity="medium",
    requires="Every log group keeps its logs for a year or longer",
    remediation="Set retentionInDays to 365 or more.",
    reference="CloudWatch.16",
)
def log_group_keeps_a_year(group: Subject) -> Iterator[Verdict]:
    days = group.get("retentionInDays", _FOR_EVER)
    yield Verdict(days == _FOR_EVER or days >= _YEAR_DAYS, "retentionInDays", days)


@rule(
    "aws.log_group.log-group-is-encrypted-with-a-key",
    GROUP,
    severity="medium",
    requires="Every log group is encrypted with a KMS key",
    remediation="Set kmsKeyId to a key of the group's region whose policy admits CloudWatch Logs.",
    reference="PCI 3.5.1",
)
def log_group_is_encrypted_with_a_key(group: Subject) -> Iterator[Verdict]:
    key = group.get("kmsKeyId")
    yield Verdict(bool(key), "kmsKeyId", key)


@rule(
    "aws.log_group.log-group-refuses-deletion",
    GROUP,
    severity="low",
    requires="CloudWatch itself refuses to delete a log group, whoever asks",
    remediation="Set deletionProtectionEnabled to true where the environment is to stay.",
    reference="PCI 10.3.2",
)
def log_group_refuses_deletion(group: Subject) -> Iterator[Verdict]:
    value = group.get("deletionProtectionEnabled", False)
    yield Verdict(value is True, "deletionProtectionEnabled", value)
