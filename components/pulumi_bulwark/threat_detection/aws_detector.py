"""What GuardDuty watches."""

from collections.abc import Mapping

import pulumi_aws as aws

from .aws_parts import Parts
from .spec import ThreatDetectionSpec

FREQUENCIES: Mapping[int, str] = {15: "FIFTEEN_MINUTES", 60: "ONE_HOUR", 360: "SIX_HOURS"}

FEATURES: Mapping[str, str] = {
    "buckets": "S3_DATA_EVENTS",
    "kubernetes": "EKS_AUDIT_LOGS",
    "malware": "EBS_MALWARE_PROTECTION",
    "databases": "RDS_LOGIN_EVENTS",
    "functions": "LAMBDA_NETWORK_LOGS",
    "runtime": "RUNTIME_MONITORING",
}
"""By protection. EKS_RUNTIME_MONITORING is what RUNTIME_MONITORING has taken the place of: with
both, GuardDuty refuses the second."""

AGENTS = ("EC2_AGENT_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT", "EKS_ADDON_MANAGEMENT")
"""Where GuardDuty installs its own agent; without, somebody has to put it on each machine."""


def detector(parts: Parts, spec: ThreatDetectionSpec) -> aws.guardduty.Detector:
    """The region's detector, with every protection said to be on or off."""
    made = aws.guardduty.Detector(
        f"{parts.name}-detector",
        enable=True,
        # Not set, what somebody changes by hand would not be seen.
        finding_publishing_frequency=FREQUENCIES[spec.findings.update_minutes],
        opts=parts.kept,
    )
    for protection, feature in FEATURES.items():
        # Also what is off: a new detector has all on but the runtime, and one that is only taken
        # out of the program stays on.
        status = "ENABLED" if getattr(spec.protections, protection) else "DISABLED"
        agents = AGENTS if feature == "RUNTIME_MONITORING" else ()
        aws.guardduty.DetectorFeature(
            f"{parts.name}-{protection}",
            detector_id=made.id,
            name=feature,  # Pulumi would make one up, and there is no such feature
            status=status,
            additional_configurations=[{"name": agent, "status": status} for agent in agents]
            or None,
            opts=parts.child,
        )
    return made
