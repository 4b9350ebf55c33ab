"""The whole stack config."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import ValidationInfo, field_validator

from ..access import AccessSpec
from ..account import AccountSpec
from ..api import ApiSpec
from ..audit_log import AuditLogSpec
from ..clouds import Cloud
from ..credentials import CredentialsSpec
from ..customer_identity import CustomerIdentitySpec
from ..edge import EdgeSpec
from ..foundation import FoundationSpec
from ..incident_response import IncidentResponseSpec
from ..input_guard import InputGuardSpec
from ..keys import KeysSpec
from ..monitoring import MonitoringSpec
from ..patching import PatchingSpec
from ..secrets import SecretsSpec
from ..security_testing import SecurityTestingSpec
from ..spec import Guards, RefusedError, Spec
from ..tags import TagsSpec
from ..threat_detection import ThreatDetectionSpec
from ..waf import WafSpec, without_an_end

ProfileName = Literal["dev", "staging", "prod"]

SHORTEST_RETENTION_DAYS: Mapping[ProfileName, int] = {"dev": 90, "staging": 90, "prod": 365}
"""PCI DSS 10.5.1: twelve months of logs, of which three at hand; in prod all are."""


NOT_ON_AZURE_YET: Mapping[str, tuple[str, ...]] = {
    "access": ("pipelines", "state", "auditors", "break_glass", "regions"),
    "patching": ("systems",),
    "security_testing": ("administrator", "exceptions"),
    "threat_detection": ("administrator", "sensitive_data"),
}
"""What asks for a capability that Bulwark does not have on Azure yet, by block."""


class ProtectionSpec(Spec):
    deletion: Annotated[bool, Guards("recovery", weaker="lower")] = True
    """Whether what holds data refuses to be deleted, by Pulumi and by the cloud. To tear an
    environment down: set it to false, run `pulumi up`, then `pulumi destroy`."""

    contents: Annotated[bool, Guards("recovery", weaker="lower")] = True
    """Whether a bucket that still holds objects refuses to be deleted. No profile turns it off:
    `make teardown` does, for its own run, after it has asked."""


class StackConfig(Spec):
    cloud: Cloud
    """The cloud to deploy to: aws or azure."""

    profile: ProfileName
    """The starting point of every other setting: dev (cheap, torn down with one command),
    staging, or prod (hardened throughout; turns on what costs money)."""

    tags: TagsSpec
    """What everything taggable in the stack carries: who owns it, who pays, what it may hold."""

    account: AccountSpec = AccountSpec()
    """The account this stack belongs to, and which of its singletons the stack owns."""

    protection: ProtectionSpec = ProtectionSpec()
    """What keeps the environment from being taken away by mistake."""

    foundation: FoundationSpec = FoundationSpec()
    """Where the environment is built, and from where it can be reached."""

    keys: KeysSpec = KeysSpec()
    """Encryption keys, one for each purpose."""

    audit_log: AuditLogSpec = AuditLogSpec()
    """The trail of what is done in the account, and how long logs are kept and searched."""

    access: AccessSpec = AccessSpec()
    """Who else may do what: pipelines without stored keys, auditors, and the way in when nothing
    else helps."""
    monitoring: MonitoringSpec = MonitoringSpec()
    """Alarms, who is told of them, and what the account may cost."""

    secrets: SecretsSpec = SecretsSpec()
    """Secrets by name: who reads each, how its value comes to be. Never the value itself."""

    threat_detection: ThreatDetectionSpec = ThreatDetectionSpec()
    """Who attacks, and what is open to attack: what watches, and where findings go."""

    incident_response: IncidentResponseSpec = IncidentResponseSpec()
    """What is done when something happens: playbooks, and addresses that are blocked for a time."""

    security_testing: SecurityTestingSpec = SecurityTestingSpec()
    """What is scanned for known weaknesses, and which are accepted for a time."""

    patching: PatchingSpec = PatchingSpec()
    """Patches for the environment's machines: what, when, in which order, by when at the latest."""
    credentials: CredentialsSpec = CredentialsSpec()
    """A vault for the passwords of applications that keep their own users."""

    api: ApiSpec = ApiSpec()
    """The API of an OpenAPI document. Without a document there is no API, and nothing of the
    blocks below."""

    customer_identity: CustomerIdentitySpec = CustomerIdentitySpec()
    """The customers, how they sign in, and the applications that get tokens for the API."""

    waf: WafSpec = WafSpec()
    """What is let through to the API and to the sign-in."""

    input_guard: InputGuardSpec = InputGuardSpec()
    """What checks requests before a backend sees them, where the document asks for it."""

    edge: EdgeSpec = EdgeSpec()
    """Where clients reach the API: TLS, headers and caches, near whoever calls."""

    @field_validator("*")
    @classmethod
    def _suits_cloud(cls, block: Any, info: ValidationInfo) -> Any:
        cloud = info.data.get("cloud")
        if not (cloud and isinstance(block, Spec)):
            return block
        refused = list(block.unsupported(cloud))
        if cloud == "azure":
            refused += _not_yet(block, NOT_ON_AZURE_YET.get(info.field_name or "", ()))
        if refused:
            raise RefusedError(refused)
        return block

    @field_validator("audit_log")
    @classmethod
    def _suits_profile_and_account(
        cls, audit_log: AuditLogSpec, info: ValidationInfo
    ) -> AuditLogSpec:
        # A field that is wrong itself is not there.
        profile, account = info.data.get("profile"), info.data.get("account", AccountSpec())
        problems = [*_too_short(audit_log, profile), *_without_trail(audit_log, account)]
        if problems:
            raise ValueError("; ".join(problems))
        return audit_log

    @field_validator("waf")
    @classmethod
    def _counts_until_a_day(cls, waf: WafSpec, info: ValidationInfo) -> WafSpec:
        if problems := list(without_an_end(waf, info.data.get("profile"))):
            raise ValueError("; ".join(problems))
        return waf


def _not_yet(block: Spec, names: Sequence[str]) -> Iterator[str]:
    for name in names:
        field = type(block).model_fields[name]
        if getattr(block, name) != field.get_default():
            yield f"{field.alias}: Bulwark does not have this on Azure yet. Remove it."


def _too_short(audit_log: AuditLogSpec, profile: ProfileName | None) -> Iterator[str]:
    kept = {"retentionDays": audit_log.retention_days, "archiveDays": audit_log.archive_days}
    if profile == "prod":
        kept["lock.days"] = audit_log.lock.days
    shortest = SHORTEST_RETENTION_DAYS[profile] if profile else 0
    for name, days in kept.items():
        if days < shortest:
            yield f"{name} is {days}, and the {profile} profile wants at least {shortest}"


def _without_trail(audit_log: AuditLogSpec, account: AccountSpec) -> Iterator[str]:
    if account.manage == "all":
        return
    for name in ("organization_id", "log_archive"):
        if getattr(audit_log, name) is not None:
            yield (
                f"{AuditLogSpec.model_fields[name].alias} is for the account's trail, which "
                f"{account.baseline} owns; set it there, and remove it here"
            )
