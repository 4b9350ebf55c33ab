"""The `threatDetection` block of the stack config."""

from typing import Annotated, Literal

from pydantic import Field

from ..forms import AccountId
from ..spec import Guards, Spec

Severity = Literal["low", "medium", "high", "critical"]
"""As GuardDuty, Security Hub and Inspector all call them, from the least on."""

_Protection = Annotated[bool, Guards("detection", weaker="lower")]


class ProtectionsSpec(Spec):
    buckets: _Protection = True
    """Watches who reads, writes and deletes objects in buckets. Billed by event. It needs no data
    events in a trail."""

    kubernetes: _Protection = True
    """Watches the audit log of EKS clusters, which need not log it themselves. Billed by event."""

    malware: _Protection = True
    """Scans the disks of a machine for malicious software once there is a finding about it.
    Billed by gigabyte that is scanned."""

    databases: _Protection = True
    """Watches who signs in to Aurora and RDS. Billed by vCPU of the databases."""

    functions: _Protection = True
    """Watches what Lambda functions connect to, inside a VPC or not. Billed by gigabyte."""

    runtime: _Protection = True
    """Watches the processes of machines and containers, by an agent that GuardDuty installs and
    keeps current. Billed by vCPU. Machines need the agent of Systems Manager for it."""


class RecorderSpec(Spec):
    enabled: Annotated[bool, Guards("detection", weaker="lower")] = True
    """Whether AWS Config records how resources are configured and how that changes. Billed by
    change. Off is for accounts where something else, such as Control Tower, has a recorder: a
    region takes one."""

    frequency: Annotated[Literal["continuous", "daily"], Guards("detection", weaker="higher")] = (
        "continuous"
    )
    """When a change is recorded: continuous (as it comes), or daily (the state at the end of a
    day, at four times the price of a change, for accounts that change all day)."""

    history_days: int = Field(default=2557, ge=365, le=2557)
    """Days that AWS Config keeps how a resource was: 365 to 2557, its own default and limit. PCI
    DSS 10.5.1 wants twelve months. Storing it is not billed."""

    role_exists: bool = False
    """Whether the account has the role AWSServiceRoleForConfig already, as one has that ever used
    AWS Config: IAM refuses to make it twice. `aws iam get-role --role-name
    AWSServiceRoleForConfig` tells."""


class StandardsSpec(Spec):
    foundational: Annotated[bool, Guards("detection", weaker="lower")] = True
    """Checks against AWS Foundational Security Best Practices."""

    cis: Annotated[bool, Guards("detection", weaker="lower")] = True
    """Checks against CIS AWS Foundations 5.0."""

    pci: Annotated[bool, Guards("detection", weaker="lower")] = True
    """Checks against PCI DSS 4.0.1."""


class PostureSpec(Spec):
    enabled: Annotated[bool, Guards("detection", weaker="lower")] = True
    """Whether Security Hub checks the region against standards, and collects findings. It judges
    by what AWS Config records. Billed by check, so an account with more resources pays more."""

    standards: StandardsSpec = StandardsSpec()
    """The standards. A control that several ask for is checked once, and is one finding."""

    new_controls: Annotated[bool, Guards("detection", weaker="lower")] = True
    """Whether controls that AWS adds to a standard are checked from the day it adds them."""


class FindingsSpec(Spec):
    alert_from: Severity = "high"
    """The least severity of a finding that somebody is told: low, medium, high or critical. All
    are logged."""

    update_minutes: Annotated[Literal[15, 60, 360], Guards("detection", weaker="higher")] = 15
    """Minutes until GuardDuty, or Macie, tells that a finding has happened again: 15, 60 or 360. A
    new one is told within five. Not billed."""


class ThreatDetectionSpec(Spec):
    administrator: AccountId | None = None
    """The account of the organisation's delegated administrator for GuardDuty, Security Hub and
    Macie: 12 digits, in quotes. It then owns detector, hub and standards of this account too, and
    undoes what is set here; this stack still records, and still logs and tells findings."""

    protections: ProtectionsSpec = ProtectionsSpec()
    """What GuardDuty watches beside the account's calls, its network flows and its DNS queries,
    which it always watches. Each is billed by what it watches: where there is nothing of the
    kind, it costs nothing."""

    posture: PostureSpec = PostureSpec()
    """Security Hub: what is open to attack, standard by standard."""

    recorder: RecorderSpec = RecorderSpec()
    """AWS Config: what there is, and how it was."""

    sensitive_data: bool = False
    """Whether Amazon Macie watches all buckets for being open, shared or unencrypted, and can look
    for personal and card data in them. Billed by bucket, and by gigabyte that it reads."""

    findings: FindingsSpec = FindingsSpec()
    """Where findings go."""
