"""Where a stack file starts from: what each profile sets apart from the hardened defaults."""

from collections.abc import Mapping
from dataclasses import dataclass

from .account import AccountSpec
from .api import ApiSpec, ThrottleSpec
from .audit_log import AuditLogSpec
from .customer_identity import CustomerIdentitySpec
from .edge import EdgeSpec
from .input_guard import InputGuardSpec
from .keys import KeysSpec
from .object_store import LockSpec
from .secrets import SecretsSpec
from .stacks.spec import ProfileName, ProtectionSpec
from .waf import WafSpec


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """A field for each setting of the stack config that a profile may move."""

    account: AccountSpec = AccountSpec()
    protection: ProtectionSpec = ProtectionSpec()
    keys: KeysSpec = KeysSpec()
    audit_log: AuditLogSpec = AuditLogSpec()
    secrets: SecretsSpec = SecretsSpec()
    api: ApiSpec = ApiSpec()
    customer_identity: CustomerIdentitySpec = CustomerIdentitySpec()
    waf: WafSpec = WafSpec()
    input_guard: InputGuardSpec = InputGuardSpec()
    edge: EdgeSpec = EdgeSpec()


_TORN_DOWN = AuditLogSpec(lock=LockSpec(mode="governance"))
"""A lock in compliance mode would keep the bucket, and its bill, for a year."""

PROFILES: Mapping[ProfileName, Profile] = {
    "dev": Profile(
        protection=ProtectionSpec(deletion=False),
        keys=KeysSpec(deletion_window_days=7),
        audit_log=_TORN_DOWN,
        secrets=SecretsSpec(recovery_days=0),  # its name is free again at once
        api=ApiSpec(throttle=ThrottleSpec(per_second=25, burst=50)),
        customer_identity=CustomerIdentitySpec(threat_protection="off"),  # it is billed by user
        edge=EdgeSpec(locations="america-europe"),
    ),
    "staging": Profile(
        protection=ProtectionSpec(deletion=False),
        keys=KeysSpec(deletion_window_days=14),
        audit_log=_TORN_DOWN,
        secrets=SecretsSpec(recovery_days=7),
        api=ApiSpec(throttle=ThrottleSpec(per_second=100, burst=100)),
        edge=EdgeSpec(locations="america-europe"),
    ),
    "prod": Profile(
        account=AccountSpec(unused_access_days=90),
        audit_log=AuditLogSpec(data_events=True, insights=True),
    ),
}
