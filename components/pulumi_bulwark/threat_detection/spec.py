"""The `threatDetection` block of the stack config."""

from typing import Annotated, Literal

from pydantic import Field

from ..clouds import Differs, Limited
from ..forms import AccountId, MailAddress
from ..spec import Guards, Spec

Severity = Literal["low", "medium", "high", "critical"]
"""As GuardDuty, Security Hub and Inspector all call them, from the least on."""

SentinelRule = Literal[
    "archive-attacked",
    "defender-alert",
    "firewall-hammered",
    "logging-ended",
    "owner-made",
    "sign-in-guessed",
    "vault-refused",
    "vault-swept",
]
"""What Sentinel looks for."""

_Switch = Guards("detection", weaker="lower")


class ProtectionsSpec(Spec):
    buckets: Annotated[
        bool, _Switch, Differs("azure", "It is Defender for Storage, billed by storage account.")
    ] = True
    """Watches who reads, writes and deletes objects in buckets. Billed by event. It needs no data
    events in a trail."""

    kubernetes: Annotated[
        bool, _Switch, Differs("azure", "It is Defender for Containers, billed by vCPU.")
    ] = True
    """Watches the audit log of EKS clusters, which need not log it themselves. Billed by event."""

    malware: Annotated[
        bool,
        _Switch,
        Differs(
            "azure",
            "It scans each blob as it is uploaded, billed by gigabyte, and needs buckets; disks "
            "of machines are scanned with serverPlan p2.",
        ),
    ] = True
    """Scans the disks of a machine for malicious software once there is a finding about it.
    Billed by gigabyte that is scanned."""

    databases: Annotated[
        bool,
        _Switch,
        Differs(
            "azure",
            "It is the plans for Azure SQL, SQL on machines, open-source databases and Cosmos DB.",
        ),
    ] = True
    """Watches who signs in to Aurora and RDS. Billed by vCPU of the databases."""

    functions: Annotated[
        bool, _Switch, Differs("azure", "It is Defender for App Service, billed by instance.")
    ] = True
    """Watches what Lambda functions connect to, inside a VPC or not. Billed by gigabyte."""

    runtime: Annotated[
        bool,
        _Switch,
        Differs(
            "azure",
            "It is Defender for Servers with Defender for Endpoint, billed by machine, and the "
            "sensor of Defender for Containers.",
        ),
    ] = True
    """Watches the processes of machines and containers, by an agent that GuardDuty installs and
    keeps current. Billed by vCPU. Machines need the agent of Systems Manager for it."""

    server_plan: Annotated[
        Literal["p1", "p2"],
        _Switch,
        Limited("aws", "GuardDuty has one plan for machines. Remove it."),
    ] = "p2"
    """Which plan of Defender for Servers machines have: p1 (the agent's own detection and its list
    of weaknesses, about 5 USD a machine and month) or p2 (about 15 USD: also scans of disks without
    an agent, integrity of files, and half a gigabyte of logs a day and machine)."""

    secrets: Annotated[
        bool,
        _Switch,
        Limited("aws", "GuardDuty watches the calls of all services always. Remove it."),
    ] = True
    """Watches who uses key vaults, and how. Billed by vault."""

    calls: Annotated[
        bool,
        _Switch,
        Limited("aws", "GuardDuty watches the account's calls always. Remove it."),
    ] = True
    """Watches what is asked of Azure Resource Manager in the subscription. Billed by
    subscription."""

    apis: Annotated[
        bool,
        Limited(
            "aws",
            "GuardDuty has none: firewall and input guard look at requests. Remove it.",
        ),
    ] = False
    """Watches who calls the APIs of API Management, and which of their data is sensitive. Off by
    default, since it is billed from about 200 USD a month whatever is called, and sees nothing
    until each API is onboarded in Defender for Cloud by hand."""


class RecorderSpec(Spec):
    enabled: Annotated[bool, _Switch] = True
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
    foundational: Annotated[
        bool,
        _Switch,
        Limited("azure", "Defender assigns Microsoft's cloud security benchmark by itself."),
    ] = True
    """Checks against AWS Foundational Security Best Practices."""

    cis: Annotated[
        bool,
        _Switch,
        Differs("azure", "It is Azure Policy's initiative for CIS Azure Foundations 2.0."),
    ] = True
    """Checks against CIS AWS Foundations 5.0."""

    pci: Annotated[
        bool, _Switch, Differs("azure", "It is Azure Policy's initiative for PCI DSS 4.0.")
    ] = True
    """Checks against PCI DSS 4.0.1."""


class PostureSpec(Spec):
    enabled: Annotated[
        bool,
        _Switch,
        Differs(
            "azure",
            "It is Defender CSPM, billed by machine, storage account and database; without it, "
            "Microsoft's own benchmark is checked at no price.",
        ),
    ] = True
    """Whether Security Hub checks the region against standards, and collects findings. It judges
    by what AWS Config records. Billed by check, so an account with more resources pays more."""

    standards: StandardsSpec = StandardsSpec()
    """The standards. A control that several ask for is checked once, and is one finding."""

    new_controls: Annotated[
        bool, _Switch, Limited("azure", "Azure Policy adds them by itself. Remove it.")
    ] = True
    """Whether controls that AWS adds to a standard are checked from the day it adds them."""


class FindingsSpec(Spec):
    alert_from: Annotated[
        Severity, Differs("azure", "Defender knows nothing worse than high, which critical is too.")
    ] = "high"
    """The least severity of a finding that somebody is told: low, medium, high or critical. All
    are logged."""

    update_minutes: Annotated[
        Literal[15, 60, 360],
        Guards("detection", weaker="higher"),
        Limited("azure", "Defender tells as it sees. Remove it."),
    ] = 15
    """Minutes until GuardDuty, or Macie, tells that a finding has happened again: 15, 60 or 360. A
    new one is told within five. Not billed."""

    contacts: Annotated[
        Annotated[tuple[MailAddress, ...], Field(max_length=10)],
        Limited("aws", "Findings go to the recipients of bulwark:monitoring. Remove it."),
    ] = ()
    """Whom Defender for Cloud writes to, beside the subscription's owners: up to 10 addresses. None
    means the owner in the tags, if that is an address."""


class SentinelSpec(Spec):
    enabled: bool = False
    """Whether Microsoft Sentinel watches the environment's logs with the analytics rules of this
    component. It makes every gigabyte of the workspace about twice as expensive. Turned off again,
    the workspace forgets its incidents."""

    muted: Annotated[tuple[SentinelRule, ...], Field(max_length=10)] = ()
    """Rules that are not made, by name, such as vault-swept."""


class ThreatDetectionSpec(Spec):
    administrator: Annotated[
        AccountId | None,
        Limited(
            "azure",
            "Where a management group's policy sets Defender's plans, set bulwark:account.manage "
            "to none with its name as baseline. Remove it.",
        ),
    ] = None
    """The account of the organisation's delegated administrator for GuardDuty, Security Hub and
    Macie: 12 digits, in quotes. It then owns detector, hub and standards of this account too, and
    undoes what is set here; this stack still records, and still logs and tells findings."""

    protections: ProtectionsSpec = ProtectionsSpec()
    """What GuardDuty watches beside the account's calls, its network flows and its DNS queries,
    which it always watches. Each is billed by what it watches: where there is nothing of the
    kind, it costs nothing."""

    posture: PostureSpec = PostureSpec()
    """Security Hub: what is open to attack, standard by standard."""

    recorder: Annotated[
        RecorderSpec,
        Limited(
            "azure",
            "There is nothing to turn on: the Activity Log says who changed what, and Resource "
            "Graph keeps how a resource was for 14 days. Remove it.",
        ),
    ] = RecorderSpec()
    """AWS Config: what there is, and how it was."""

    sensitive_data: Annotated[
        bool,
        Differs("azure", "It is part of Defender CSPM and Defender for Storage, at no price more."),
    ] = False
    """Whether Amazon Macie watches all buckets for being open, shared or unencrypted, and can look
    for personal and card data in them. Billed by bucket, and by gigabyte that it reads."""

    findings: FindingsSpec = FindingsSpec()
    """Where findings go."""

    sentinel: Annotated[
        SentinelSpec,
        Limited("aws", "Findings are logged, and queries of the log are saved. Remove it."),
    ] = SentinelSpec()
    """Microsoft Sentinel: incidents out of the environment's own logs."""
