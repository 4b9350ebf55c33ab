"""What GuardDuty watches."""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from .spec import ProtectionsSpec, ThreatDetectionSpec

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


def detector(
    name: str,
    spec: ThreatDetectionSpec,
    child: pulumi.ResourceOptions,
    kept: pulumi.ResourceOptions,
) -> aws.guardduty.Detector:
    """The region's detector, with every protection said to be on or off."""
    made = aws.guardduty.Detector(
        f"{name}-detector",
        enable=True,
        # Not set, what somebody changes by hand would not be seen.
        finding_publishing_frequency=FREQUENCIES[spec.findings.update_minutes],
        opts=kept,
    )
    for protection, feature in FEATURES.items():
        _feature(f"{name}-{protection}", made, feature, spec.protections, protection, child)
    return made


def _feature(
    name: str,
    made: aws.guardduty.Detector,
    feature: str,
    protections: ProtectionsSpec,
    protection: str,
    child: pulumi.ResourceOptions,
) -> None:
    # Also what is off: a new detector has all on but the runtime, and one that is only taken out
    # of the program stays on.
    status = "ENABLED" if getattr(protections, protection) else "DISABLED"
    aws.guardduty.DetectorFeature(
        name,
        detector_id=made.id,
        name=feature,  # Pulumi would make one up, and there is no such feature
        status=status,
        additional_configurations=(
            [{"name": agent, "status": status} for agent in AGENTS]
            if protection == "runtime"
            else None
        ),
        opts=child,
    )
