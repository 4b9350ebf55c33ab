"""Where a stack file starts from: what each profile sets apart from the hardened defaults."""

from collections.abc import Mapping
from dataclasses import dataclass

from .access import AccessSpec
from .account import AccountSpec
from .api import ApiManagementSpec, ApiSpec, ThrottleSpec
from .audit_log import AuditLogSpec
from .credentials import CredentialsSpec
from .customer_identity import CustomerIdentitySpec
from .edge import EdgeSpec
from .foundation import FoundationSpec
from .incident_response import IncidentResponseSpec, PlaybookSpec, builtin, builtin_azure
from .input_guard import InputGuardSpec
from .keys import KeysSpec
from .monitoring import BudgetSpec, MonitoringSpec
from .object_store import LockSpec
from .patching import PatchingSpec
from .secrets import SecretsSpec
from .security_testing import SecurityTestingSpec
from .stacks.spec import ProfileName, ProtectionSpec
from .threat_detection import (
    PostureSpec,
    ProtectionsSpec,
    RecorderSpec,
    ThreatDetectionSpec,
)
from .waf import WafSpec


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """A field for each setting of the stack config that a profile may move."""

    account: AccountSpec = AccountSpec()
    foundation: FoundationSpec = FoundationSpec()
    protection: ProtectionSpec = ProtectionSpec()
    keys: KeysSpec = KeysSpec()
    audit_log: AuditLogSpec = AuditLogSpec()
    access: AccessSpec = AccessSpec()
    monitoring: MonitoringSpec = MonitoringSpec()
    secrets: SecretsSpec = SecretsSpec()
    threat_detection: ThreatDetectionSpec = ThreatDetectionSpec()
    incident_response: IncidentResponseSpec = IncidentResponseSpec()
    security_testing: SecurityTestingSpec = SecurityTestingSpec()
    patching: PatchingSpec = PatchingSpec()
    credentials: CredentialsSpec = CredentialsSpec()
    api: ApiSpec = ApiSpec()
    customer_identity: CustomerIdentitySpec = CustomerIdentitySpec()
    waf: WafSpec = WafSpec()
    input_guard: InputGuardSpec = InputGuardSpec()
    edge: EdgeSpec = EdgeSpec()


_TORN_DOWN = AuditLogSpec(lock=LockSpec(mode="governance"))
"""A lock in compliance mode would keep the bucket, and its bill, for a year."""

_MADE_ANEW = ThreatDetectionSpec(
    protections=ProtectionsSpec(runtime=False),
    posture=PostureSpec(enabled=False),
    recorder=RecorderSpec(enabled=False),
)
"""Attacks are watched for as everywhere. What is billed by change and by check is off where all is
made anew many times a day, and no agent goes onto machines that are gone by the evening."""

PROFILES: Mapping[ProfileName, Profile] = {
    "dev": Profile(
        protection=ProtectionSpec(deletion=False),
        keys=KeysSpec(deletion_window_days=7),
        audit_log=_TORN_DOWN,
        monitoring=MonitoringSpec(dashboard=False, budget=BudgetSpec(monthly_usd=200)),
        secrets=SecretsSpec(recovery_days=0),  # its name is free again at once
        threat_detection=_MADE_ANEW,
        credentials=CredentialsSpec(recovery_days=7),
        api=ApiSpec(throttle=ThrottleSpec(per_second=25, burst=50)),
        customer_identity=CustomerIdentitySpec(threat_protection="off"),  # it is billed by user
        edge=EdgeSpec(locations="america-europe"),
    ),
    "staging": Profile(
        protection=ProtectionSpec(deletion=False),
        keys=KeysSpec(deletion_window_days=14),
        audit_log=_TORN_DOWN,
        monitoring=MonitoringSpec(budget=BudgetSpec(monthly_usd=500)),
        secrets=SecretsSpec(recovery_days=7),
        credentials=CredentialsSpec(recovery_days=7),
        api=ApiSpec(throttle=ThrottleSpec(per_second=100, burst=100)),
        edge=EdgeSpec(locations="america-europe"),
    ),
    "prod": Profile(
        account=AccountSpec(unused_access_days=90),
        audit_log=AuditLogSpec(data_events=True, insights=True),
    ),
}

_CHEAP = ApiSpec(api_management=ApiManagementSpec(sku="BasicV2"))
"""There in minutes, and a fifth of the price of what prod has: no network of its own."""


def _playbooks(playbooks: Mapping[str, PlaybookSpec]) -> IncidentResponseSpec:
    return IncidentResponseSpec(playbooks=dict(playbooks))


ON_AWS: Mapping[ProfileName, Profile] = {
    "dev": Profile(incident_response=_playbooks(builtin.TELLING)),
    "staging": Profile(incident_response=_playbooks(builtin.ASKING)),
    "prod": Profile(incident_response=_playbooks(builtin.ACTING)),
}
"""What differs on AWS: playbooks are about what its services say."""

ON_AZURE: Mapping[ProfileName, Profile] = {
    # A vault that is protected from purging keeps its name as long as what was deleted.
    "dev": Profile(
        secrets=SecretsSpec(recovery_days=7),
        threat_detection=ThreatDetectionSpec(
            protections=ProtectionsSpec(server_plan="p1"),
            recorder=RecorderSpec(enabled=True),  # there is none to turn off
        ),
        incident_response=_playbooks(builtin_azure.TELLING),
        api=_CHEAP,
        customer_identity=CustomerIdentitySpec(
            threat_protection="enforced"
        ),  # not ours to turn off
    ),
    "staging": Profile(incident_response=_playbooks(builtin_azure.ASKING), api=_CHEAP),
    "prod": Profile(
        account=AccountSpec(unused_access_days=None),
        keys=KeysSpec(deletion_window_days=90),
        audit_log=AuditLogSpec(data_events=False, insights=False),
        secrets=SecretsSpec(recovery_days=90),
        incident_response=_playbooks(builtin_azure.ACTING),
    ),
}
"""What differs on Azure: where it can do more, and where it has no such thing."""
