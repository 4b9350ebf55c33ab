"""What playbooks can do, and which events say to what: as data, without a cloud."""

import re
from collections.abc import Mapping
from typing import Literal

ActionName = Literal[
    "block-source",
    "close-bucket",
    "close-group",
    "close-storage",
    "disable-entra-user",
    "disable-key",
    "disable-user",
    "isolate-instance",
    "isolate-machine",
    "remove-assignment",
    "revoke-sessions",
    "rotate-secret",
    "start-trail",
]

ON_AWS: Mapping[ActionName, str] = {
    "block-source": "address",
    "close-bucket": "bucket",
    "close-group": "security-group",
    "disable-key": "access-key",
    "disable-user": "pool-user",
    "isolate-instance": "instance",
    "revoke-sessions": "role",
    "rotate-secret": "secret",
    "start-trail": "trail",
}
"""What each action is done to: bulwark_runtime.playbooks has the same, and a test compares them."""

ON_AZURE: Mapping[ActionName, str] = {
    "block-source": "address",
    "close-storage": "storage-account",
    "disable-entra-user": "entra-user",
    "isolate-machine": "machine",
    "remove-assignment": "role-assignment",
    "rotate-secret": "secret",
}
"""The same on Azure."""

TAKES: Mapping[ActionName, str] = {**ON_AWS, **ON_AZURE}

WITH_SUBJECT: Mapping[ActionName, str] = {
    "rotate-secret": "secretsmanager",
    "start-trail": "cloudtrail",
}
"""Actions that the settings may say what to do to, where the event does not, and the service that
the ARN is of. On Azure a secret has its name, since no event there names one."""

_OF_GUARDDUTY: Mapping[str, frozenset[str]] = {
    "EC2": frozenset({"address", "instance"}),
    "IAMUser": frozenset({"access-key", "address", "role"}),
    "RDS": frozenset({"address"}),
    "Runtime": frozenset({"instance"}),
    "S3": frozenset({"access-key", "address", "bucket", "role"}),
}
"""By the second word of a finding's type, such as EC2 of UnauthorizedAccess:EC2/SSHBruteForce:
GuardDuty User Guide, "Finding types"."""

_OF_HUB = frozenset(
    {
        "access-key",
        "address",
        "bucket",
        "instance",
        "role",
        "secret",
        "security-group",
        "trail",
    }
)

_OF_CALLER = frozenset({"access-key", "address", "role"})

_OF_CALLED: Mapping[str, frozenset[str]] = {
    "cloudtrail": frozenset({"trail"}),
    "cognito-idp": frozenset({"pool-user"}),
    "ec2": frozenset({"security-group"}),
    "s3": frozenset({"bucket"}),
    "secretsmanager": frozenset({"secret"}),
}
"""By the service that was called."""


def told_by_guardduty(type_: str) -> frozenset[str]:
    """What findings whose type begins so are about."""
    _, colon, rest = type_.partition(":")
    family = rest.partition("/")[0]
    if not colon or not family:
        return frozenset().union(*_OF_GUARDDUTY.values())
    return _OF_GUARDDUTY.get(family, frozenset())


def told_by_hub() -> frozenset[str]:
    return _OF_HUB


def told_by_inspector() -> frozenset[str]:
    return frozenset({"instance"})


def told_by_call(call: str) -> frozenset[str]:
    """What a call such as cloudtrail:StopLogging is about: who called, and what."""
    return _OF_CALLER | _OF_CALLED.get(call.partition(":")[0], frozenset())


def told_by_alarm() -> frozenset[str]:
    return frozenset({"instance"})


_OF_DEFENDER: Mapping[str, frozenset[str]] = {
    "ARM": frozenset({"address", "entra-user"}),
    "Storage": frozenset({"address", "storage-account"}),
    "VM": frozenset({"address", "machine"}),
}
"""By the first word of an alert's type, such as VM of VM_SshBruteForceSuccess: Defender for Cloud,
"Security alerts reference"."""

_OF_OPERATION: Mapping[str, frozenset[str]] = {
    "Microsoft.Authorization/roleAssignments": frozenset({"role-assignment"}),
    "Microsoft.Compute/virtualMachines": frozenset({"machine"}),
    "Microsoft.Storage/storageAccounts": frozenset({"storage-account"}),
}
"""By what an operation of the Activity Log is done to."""


def told_by_defender(type_: str) -> frozenset[str]:
    """What alerts whose type begins so are about, as far as Defender names it."""
    return _OF_DEFENDER.get(re.split("[_.]", type_)[0], frozenset())


def told_by_operation(operation: str) -> frozenset[str]:
    """What an operation such as Microsoft.Authorization/roleAssignments/write is about.

    Who called is, unless that is an application.
    """
    return frozenset({"entra-user"}) | _OF_OPERATION.get(operation.rpartition("/")[0], frozenset())
