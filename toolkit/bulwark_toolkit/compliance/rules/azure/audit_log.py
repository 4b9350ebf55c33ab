"""The Activity Log, and where logs are searched and kept."""

from collections.abc import Iterator
from typing import Final

from bulwark_toolkit.compliance.azure_logs import SETTING, categories
from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import Subject

from .object_store import ACCOUNT

ACTIVITY: Final = "azure-native:monitor:SubscriptionDiagnosticSetting"
WORKSPACE: Final = "azure-native:operationalinsights:Workspace"

_WANTED: Final = ("Administrative", "Alert", "Policy", "Security")
_AT_HAND_DAYS: Final = 90
_YEAR_DAYS: Final = 365
_NO_QUOTA: Final = -1


@rule(
    "azure.audit_log.activity-log-is-kept",
    ACTIVITY,
    severity="high",
    requires="The Activity Log goes to where it is searched, and to where it is kept",
    remediation="Set workspaceId and storageAccountId. Azure itself keeps it for 90 days.",
    reference="CIS Azure 6.1.1.1",
)
def activity_log_is_kept(setting: Subject) -> Iterator[Verdict]:
    for at in ("workspaceId", "storageAccountId"):
        yield Verdict(setting.has(at), at)


@rule(
    "azure.audit_log.activity-log-is-whole",
    ACTIVITY,
    severity="high",
    requires="The Activity Log tells of administration, alerts, policies and security",
    remediation="Turn on the categories Administrative, Alert, Policy and Security.",
    reference="CIS Azure 6.1.1.2",
)
def activity_log_is_whole(setting: Subject) -> Iterator[Verdict]:
    found = categories(setting)
    for category in _WANTED:
        yield Verdict(category in found, "logs", category, f"{category} is not on")


@rule(
    "azure.audit_log.archive-has-a-customer-key",
    ACTIVITY,
    severity="medium",
    requires="The account that keeps the Activity Log is encrypted with a customer's key",
    remediation="Set encryption.keySource of the account to Microsoft.Keyvault.",
    reference="CIS Azure 6.1.1.3",
    alone=False,
)
def archive_has_a_customer_key(setting: Subject) -> Iterator[Verdict]:
    account = _archive(setting)
    if account is not None:
        value = account.get("encryption.keySource", "Microsoft.Storage")
        ours = str(value).lower() == "microsoft.keyvault"
        yield Verdict(ours, "encryption.keySource", value, urn=account.urn)


@rule(
    "azure.audit_log.archive-is-locked-for-a-year",
    ACTIVITY,
    severity="high",
    requires="What is in the archive of the Activity Log can be neither changed nor deleted for a "
    "year",
    remediation="Make the account anew with immutableStorageWithVersioning and 365 days or more: "
    "an account that is there does not take it.",
    reference="PCI 10.3.2",
    alone=False,
)
def archive_is_locked_for_a_year(setting: Subject) -> Iterator[Verdict]:
    account = _archive(setting)
    if account is not None:
        at = "immutableStorageWithVersioning.immutabilityPolicy"
        days = account.get(f"{at}.immutabilityPeriodSinceCreationInDays", 0)
        on = account.get("immutableStorageWithVersioning.enabled", False) is True
        yield Verdict(on and days >= _YEAR_DAYS, at, days, urn=account.urn)


@rule(
    "azure.audit_log.archive-lets-azure-monitor-write",
    ACTIVITY,
    SETTING,
    severity="high",
    requires="A locked archive lets Azure Monitor add to a blob, and its firewall lets it in",
    remediation="Set allowProtectedAppendWrites to true, and networkRuleSet.bypass to "
    "AzureServices: else deliveries stop, and nothing says so.",
    reference="PCI 10.3.3",
    alone=False,
)
def archive_lets_azure_monitor_write(setting: Subject) -> Iterator[Verdict]:
    account = _archive(setting)
    if account is None:
        return
    if account.has("immutableStorageWithVersioning.immutabilityPolicy"):
        at = "immutableStorageWithVersioning.immutabilityPolicy.allowProtectedAppendWrites"
        value = account.get(at, False)
        yield Verdict(value is True, at, value, urn=account.urn)
    bypass = account.get("networkRuleSet.bypass", "AzureServices")
    lets_in = "AzureServices" in str(bypass)
    yield Verdict(lets_in, "networkRuleSet.bypass", bypass, urn=account.urn)


@rule(
    "azure.audit_log.setting-says-no-retention",
    SETTING,
    ACTIVITY,
    severity="high",
    requires="No diagnostic setting says how long logs are kept",
    remediation="Leave retentionPolicy out: Azure refuses it. The workspace has a retention, and "
    "the account a lifecycle.",
    reference="PCI 10.5.1",
)
def setting_says_no_retention(setting: Subject) -> Iterator[Verdict]:
    for line in setting.each("logs"):
        at = f"{line}.retentionPolicy"
        if setting.has(at):
            yield Verdict(False, at)
    if not any(setting.has(f"{line}.retentionPolicy") for line in setting.each("logs")):
        yield Verdict(True, "logs")


@rule(
    "azure.audit_log.workspace-keeps-logs-at-hand",
    WORKSPACE,
    severity="medium",
    requires="Every workspace can be searched back for three months",
    remediation="Set retentionInDays to 90 or more; 365 spares fetching them from the archive.",
    reference="PCI 10.5.1",
)
def workspace_keeps_logs_at_hand(workspace: Subject) -> Iterator[Verdict]:
    days = workspace.get("retentionInDays", 30)  # Azure's default
    yield Verdict(days >= _AT_HAND_DAYS, "retentionInDays", days)


@rule(
    "azure.audit_log.workspace-drops-nothing",
    WORKSPACE,
    severity="high",
    requires="No workspace stops taking logs for the rest of a day",
    remediation="Leave workspaceCapping out, and alarm on the cost instead.",
    reference="PCI 10.3.3",
)
def workspace_drops_nothing(workspace: Subject) -> Iterator[Verdict]:
    quota = workspace.get("workspaceCapping.dailyQuotaGb", _NO_QUOTA)
    yield Verdict(quota == _NO_QUOTA, "workspaceCapping.dailyQuotaGb", quota)


@rule(
    "azure.audit_log.workspace-takes-no-keys",
    WORKSPACE,
    severity="medium",
    requires="Nobody writes logs with a key that many may have",
    remediation="Set features.disableLocalAuth to true: agents then come with an identity.",
    reference="PCI 8.6.1",
)
def workspace_takes_no_keys(workspace: Subject) -> Iterator[Verdict]:
    value = workspace.get("features.disableLocalAuth", False)
    yield Verdict(value is True, "features.disableLocalAuth", value)


def _archive(setting: Subject) -> Subject | None:
    """The account that a setting names; None where it names none, which another rule judges."""
    if not setting.has("storageAccountId"):
        return None
    if account := setting.named(ACCOUNT, "storageAccountId"):
        return account
    raise setting.elsewhere("storageAccountId", "its storage account")
