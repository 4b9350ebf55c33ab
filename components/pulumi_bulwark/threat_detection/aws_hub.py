"""Security Hub: what is open to attack."""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from ..log_group.aws import AwsLogStore
from .aws_parts import Parts, after
from .spec import PostureSpec

STANDARDS: Mapping[str, str] = {
    "foundational": "aws-foundational-security-best-practices/v/1.0.0",
    "cis": "cis-aws-foundations-benchmark/v/5.0.0",
    "pci": "pci-dss/v/4.0.1",
}
"""What ends the ARN of each standard, which every region has its own of."""


def hub(
    parts: Parts, spec: PostureSpec, store: AwsLogStore, judged_by: Sequence[pulumi.Resource]
) -> aws.securityhub.Account:
    """The region's hub with its standards, which come after what they judge by."""
    made = aws.securityhub.Account(
        f"{parts.name}-hub",
        # By default the hub subscribes itself, to CIS 1.2.0 of 2018 among others.
        enable_default_standards=False,
        auto_enable_controls=spec.new_controls,
        control_finding_generator="SECURITY_CONTROL",  # one finding, whatever standards ask
        opts=parts.kept,
    )
    region = f"arn:{store.partition}:securityhub:{store.region}"
    for standard, ending in STANDARDS.items():
        if getattr(spec.standards, standard):
            aws.securityhub.StandardsSubscription(
                f"{parts.name}-{standard}",
                standards_arn=f"{region}::standards/{ending}",
                opts=after(parts.child, made, *judged_by),
            )
    return made
