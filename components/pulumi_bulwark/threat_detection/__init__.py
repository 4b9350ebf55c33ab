"""Who attacks, and what is open to attack: Amazon GuardDuty and Security Hub, Microsoft Defender"""

from .spec import (
    FindingsSpec,
    PostureSpec,
    ProtectionsSpec,
    RecorderSpec,
    StandardsSpec,
    ThreatDetectionSpec,
)

__all__ = [
    "FindingsSpec",
    "PostureSpec",
    "ProtectionsSpec",
    "RecorderSpec",
    "StandardsSpec",
    "ThreatDetectionSpec",
]
