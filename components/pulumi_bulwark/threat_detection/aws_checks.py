"""What AWS Config checks by itself, as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Check:
    """A managed rule of AWS Config."""

    identifier: str
    """As AWS Config calls the rule."""
    controls: tuple[str, ...]
    """The controls that it backs, as `bulwark report` cites them."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Text, numbers too: AWS Config gives them back as text."""


CHECKS: Mapping[str, Check] = {
    "buckets-keep-versions": Check(
        "S3_BUCKET_VERSIONING_ENABLED", ("PCI 10.3.3", "SOC 2 A1.2", "DORA Art 12")
    ),
    "findings-do-not-grow-old": Check(
        "GUARDDUTY_NON_ARCHIVED_FINDINGS",
        ("PCI 10.4.3", "PCI 12.10.5"),
        {"daysLowSev": "30", "daysMediumSev": "7", "daysHighSev": "1"},
    ),
    "logs-are-encrypted": Check("CLOUDWATCH_LOG_GROUP_ENCRYPTED", ("PCI 3.5.1", "PCI 10.3.2")),
    "logs-are-kept": Check(
        "CW_LOGGROUP_RETENTION_PERIOD_CHECK", ("PCI 10.5.1",), {"MinRetentionTime": "365"}
    ),
    "secrets-have-our-key": Check("SECRETSMANAGER_USING_CMK", ("PCI 3.6.1", "PCI 8.6.2")),
    "tables-have-our-key": Check("DYNAMODB_TABLE_ENCRYPTED_KMS", ("PCI 3.5.1", "PCI 3.6.1")),
    "topics-are-encrypted": Check("SNS_ENCRYPTED_KMS", ("PCI 3.5.1",)),
    "web-acls-log": Check("WAFV2_LOGGING_ENABLED", ("PCI 10.2.1", "PCI 6.4.2")),
}
"""Only what the standards of Security Hub leave out: they bring checks of their own, and whoever
has both would pay for both."""
