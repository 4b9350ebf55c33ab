"""The playbooks that come with Bulwark.

What is reversible and harmless if it was wrong happens by itself: a trail starts again, a stranger
is kept out for a day, what was opened to the world is closed. What stops somebody's work is asked.
"""

from collections.abc import Mapping

from .spec_playbooks import PlaybookSpec, TriggerSpec

ACTING: Mapping[str, PlaybookSpec] = {
    "trail-stopped": PlaybookSpec(
        trigger=TriggerSpec(calls=("cloudtrail:StopLogging",)), mode="auto", action="start-trail"
    ),
    "attacked-from-outside": PlaybookSpec(
        trigger=TriggerSpec(
            guardduty=(
                "UnauthorizedAccess:EC2/SSHBruteForce",
                "UnauthorizedAccess:EC2/RDPBruteForce",
                "Recon:EC2/PortProbeUnprotectedPort",
                "CredentialAccess:RDS/",
            )
        ),
        severity="ticket",
        mode="auto",
        action="block-source",
        limit_per_hour=50,
    ),
    "key-leaked": PlaybookSpec(
        trigger=TriggerSpec(
            guardduty=(
                "UnauthorizedAccess:IAMUser/",
                "CredentialAccess:IAMUser/",
                "Exfiltration:IAMUser/",
            ),
            least_severity="medium",
        ),
        mode="approve",
        action="disable-key",
    ),
    "role-leaked": PlaybookSpec(
        trigger=TriggerSpec(
            guardduty=("UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration",)
        ),
        mode="approve",
        action="revoke-sessions",
    ),
    "bucket-opened": PlaybookSpec(
        trigger=TriggerSpec(
            guardduty=(
                "Policy:S3/BucketAnonymousAccessGranted",
                "Policy:S3/BucketPublicAccessGranted",
            )
        ),
        mode="auto",
        action="close-bucket",
    ),
    "ports-opened": PlaybookSpec(
        trigger=TriggerSpec(security_hub=("security-control/EC2.19",), least_severity="high"),
        mode="auto",
        action="close-group",
    ),
    "machine-taken-over": PlaybookSpec(
        trigger=TriggerSpec(
            guardduty=(
                "Backdoor:EC2/",
                "CryptoCurrency:EC2/",
                "CryptoCurrency:Runtime/",
                "Execution:EC2/MaliciousFile",
                "Trojan:EC2/",
            ),
            least_severity="high",
        ),
        mode="approve",
        action="isolate-instance",
        approval_minutes=240,
    ),
    "secret-exposed": PlaybookSpec(
        trigger=TriggerSpec(security_hub=("Effects/Data Exposure",), least_severity="high"),
        mode="approve",
        action="rotate-secret",
        approval_minutes=480,
    ),
}
"""For prod."""

ASKING: Mapping[str, PlaybookSpec] = {
    name: playbook.model_copy(update={"mode": "approve" if playbook.acts else "notify"})
    for name, playbook in ACTING.items()
}

TELLING: Mapping[str, PlaybookSpec] = {
    name: playbook.model_copy(update={"mode": "notify", "severity": "ticket"})
    for name, playbook in ACTING.items()
}
"""Where people try things out, a machine that undoes them is no help."""
