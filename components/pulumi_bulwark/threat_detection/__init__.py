"""Who attacks, and what is open to attack: GuardDuty, Security Hub and AWS Config; Defender."""

from .spec import (
    FindingsSpec,
    PostureSpec,
    ProtectionsSpec,
    RecorderSpec,
    SentinelSpec,
    StandardsSpec,
    ThreatDetectionSpec,
)

__all__ = [
    "FindingsSpec",
    "PostureSpec",
    "ProtectionsSpec",
    "RecorderSpec",
    "SentinelSpec",
    "StandardsSpec",
    "ThreatDetectionSpec",
]
