"""Passwords of an application's users, and who gets at what is kept of them.

What the vault of bulwark-runtime holds passwords to is in its apps' settings, whoever deploys it:
`BULWARK_POLICY`.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from bulwark_toolkit.compliance import vault_policy
from bulwark_toolkit.compliance.azure_logs import SETTING, categories
from bulwark_toolkit.compliance.policies import matches
from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import Subject

APP: Final = "azure-native:web:WebApp"
ACCOUNT: Final = "azure-native:storage:StorageAccount"
TABLE: Final = "azure-native:storage:Table"
ASSIGNMENT: Final = "azure-native:authorization:RoleAssignment"
DEFINITION: Final = "azure-native:authorization:RoleDefinition"

_SETTINGS: Final = "siteConfig.appSettings"
_POLICY: Final = "BULWARK_POLICY"
_OF_VAULT: Final = "bulwark_runtime.credentials."

_LOGGED: Final = {"StorageRead", "StorageWrite", "StorageDelete"}

_RECORDS: Final = "Microsoft.Storage/storageAccounts/tableServices/tables/entities/read"
_VALUES: Final = "Microsoft.KeyVault/vaults/secrets/getSecret/action"
_MICROSOFTS: Final[Mapping[str, str]] = {
    "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3": _RECORDS,  # Storage Table Data Contributor
    "76199698-9eea-4c19-bc75-cec21354c6b6": _RECORDS,  # Storage Table Data Reader
    "00482a5a-887f-4fb3-b363-3b7fe8e74483": _VALUES,  # Key Vault Administrator
    "4633458b-17de-408a-b874-0445c86b69e6": _VALUES,  # Key Vault Secrets User
    "b86a8fe4-44ce-4948-aee5-eccb2c155cd7": _VALUES,  # Key Vault Secrets Officer
}
"""What Microsoft's own roles let their holder read, by the roles' GUIDs."""


@rule(
    "azure.credentials.hashes-are-slow-to-guess",
    APP,
    severity="high",
    requires="The vault hashes passwords at a cost of 12 or more",
    remediation="Set cost in BULWARK_POLICY to 12 or more (bulwark:credentials.bcryptCost).",
    reference="PCI 8.3.2",
)
def hashes_are_slow_to_guess(app: Subject) -> Iterator[Verdict]:
    for policy in _held_to(app, vault_policy.HASHING):
        yield from vault_policy.slow_to_guess(policy, _POLICY)


@rule(
    "azure.credentials.guessing-has-to-wait",
    APP,
    severity="high",
    requires="The vault looks at no more than ten wrong passwords, and then waits half an hour",
    remediation="Name the preset pci (bulwark:credentials.presets), or set its numbers.",
    reference="PCI 8.3.4",
)
def guessing_has_to_wait(app: Subject) -> Iterator[Verdict]:
    for policy in _held_to(app, vault_policy.ASKING):
        yield from vault_policy.guessing_waits(policy, _POLICY)


@rule(
    "azure.credentials.passwords-are-long",
    APP,
    severity="medium",
    requires="The vault takes passwords of 12 characters with letters and digits, or of 15",
    remediation="Name the preset pci or nist (bulwark:credentials.presets).",
    reference="PCI 8.3.6",
)
def passwords_are_long(app: Subject) -> Iterator[Verdict]:
    for policy in _held_to(app, vault_policy.TAKING):
        yield from vault_policy.long(policy, _POLICY)


@rule(
    "azure.credentials.passwords-do-not-come-again",
    APP,
    severity="low",
    requires="The vault takes none of the last four passwords again",
    remediation="Set history in BULWARK_POLICY to 4 or more (bulwark:credentials.history).",
    reference="PCI 8.3.7",
)
def passwords_do_not_come_again(app: Subject) -> Iterator[Verdict]:
    for policy in _held_to(app, vault_policy.TAKING):
        yield from vault_policy.not_again(policy, _POLICY)


@rule(
    "azure.credentials.leaked-passwords-are-refused",
    APP,
    severity="medium",
    requires="The vault takes no password that it could not look up among the leaked ones",
    remediation="Set breached_on_failure to closed (bulwark:credentials.breachedOnFailure).",
    reference="PCI 8.3.6",
)
def leaked_passwords_are_refused(app: Subject) -> Iterator[Verdict]:
    for policy in _held_to(app, vault_policy.TAKING):
        yield from vault_policy.not_leaked(policy, _POLICY)


@rule(
    "azure.credentials.reset-ends-soon",
    APP,
    severity="medium",
    requires="What the vault gives to reset a password is good for half an hour at most",
    remediation="Set reset_seconds to 1800 or less (bulwark:credentials.resetMinutes).",
    reference="PCI 8.3.3",
)
def reset_ends_soon(app: Subject) -> Iterator[Verdict]:
    for policy in _held_to(app, vault_policy.RESETTING):
        yield from vault_policy.reset_ends_soon(policy, _POLICY)


@rule(
    "azure.credentials.who-signs-in-others-does-not-manage-them",
    APP,
    severity="medium",
    requires="No app of the vault has both the pepper and the operations that manage users",
    remediation="Deploy two apps, and give the pepper to the one that checks passwords.",
    reference="PCI 7.2.2",
)
def who_signs_in_others_does_not_manage_them(app: Subject) -> Iterator[Verdict]:
    told = _told(app)
    if not _is_of_vault(app, told) or "BULWARK_PEPPER_URI" not in told:
        return
    managing = _operations(app, told) - vault_policy.HASHING - vault_policy.RESETTING
    yield Verdict(not managing, "BULWARK_OPERATIONS", ", ".join(sorted(managing)))


@rule(
    "azure.credentials.table-is-encrypted-with-the-accounts-key",
    TABLE,
    severity="medium",
    requires="Every table is encrypted with the key that the customer has chosen for its account",
    remediation="Set encryption.services.table.keyType to Account as the account is made: without "
    "it, tables have a key of Microsoft's.",
    reference="PCI 3.5.1",
    alone=False,
)
def table_is_encrypted_with_the_accounts_key(table: Subject) -> Iterator[Verdict]:
    account = _account_of(table)
    at = "encryption.services.table.keyType"
    value = account.get(at, "Service")  # Azure's default
    yield Verdict(value == "Account", at, value, urn=account.urn)


@rule(
    "azure.credentials.table-logs-who-reads-it",
    TABLE,
    severity="medium",
    requires="Every table's account logs who reads, writes and deletes records",
    remediation="Make a DiagnosticSetting for the account's id with /tableServices/default behind "
    "it, with StorageRead, StorageWrite and StorageDelete.",
    reference="PCI 10.2.1.1",
    alone=False,
)
def table_logs_who_reads_it(table: Subject) -> Iterator[Verdict]:
    account = _account_of(table)
    for setting in account.attached(SETTING, "resourceUri"):
        found = categories(setting)
        of_tables = str(setting.get("resourceUri")).endswith("/tableServices/default")
        if of_tables and (found & {"allLogs", "audit"} or found >= _LOGGED):
            yield Verdict(True, "logs", ", ".join(sorted(found)), urn=setting.urn)
            return
    yield Verdict(False, "logs", text="no diagnostic setting logs who reads and writes")


@rule(
    "azure.credentials.tables-are-used-by-name",
    ASSIGNMENT,
    severity="high",
    requires="No role lets its holder read what is in the tables of every account",
    remediation="Give the role at the table, or at its account.",
    reference="PCI 7.2.1",
)
def tables_are_used_by_name(assignment: Subject) -> Iterator[Verdict]:
    yield from _named(assignment, _RECORDS, "/storageaccounts/")


@rule(
    "azure.credentials.secrets-are-used-by-name",
    ASSIGNMENT,
    severity="high",
    requires="No role lets its holder read the value of every secret of every vault",
    remediation="Give the role at the secret, or at a vault in which nothing else is.",
    reference="PCI 8.6.2",
)
def secrets_are_used_by_name(assignment: Subject) -> Iterator[Verdict]:
    yield from _named(assignment, _VALUES, "/vaults/")


def _held_to(app: Subject, operations: frozenset[str]) -> Iterator[Mapping[str, Any]]:
    """What the vault is held to, if this app does one of these operations."""
    told = _told(app)
    # Without the variable, it is held to the defaults of the runtime, which pass.
    if _is_of_vault(app, told) and _POLICY in told and operations & _operations(app, told):
        yield json.loads(app.get(told[_POLICY]))


def _told(app: Subject) -> Mapping[str, str]:
    """Where each setting of an app has its value, by its name."""
    return {app.get(f"{at}.name"): f"{at}.value" for at in app.each(_SETTINGS)}


def _is_of_vault(app: Subject, told: Mapping[str, str]) -> bool:
    return "BULWARK_APP" in told and str(app.get(told["BULWARK_APP"])).startswith(_OF_VAULT)


def _operations(app: Subject, told: Mapping[str, str]) -> frozenset[str]:
    at = told.get("BULWARK_OPERATIONS")
    return frozenset(json.loads(app.get(at)) if at else ())


def _account_of(table: Subject) -> Subject:
    account = table.named(ACCOUNT, "accountName")
    if account is None:
        raise table.elsewhere("accountName", "its account")
    return account


def _named(assignment: Subject, action: str, kind: str) -> Iterator[Verdict]:
    """Whether a role that allows the action is given at a resource of the kind, or in one."""
    if not _allows(assignment, action):
        return
    scope = str(assignment.get("scope", ""))
    yield Verdict(kind in scope.lower(), "scope", scope)


def _allows(assignment: Subject, action: str) -> bool:
    guid = str(assignment.get("roleDefinitionId", "")).lower().rpartition("/")[2]
    if guid in _MICROSOFTS:
        return _MICROSOFTS[guid] == action
    role = assignment.named(DEFINITION, "roleDefinitionId")
    return role is not None and any(
        matches(action, allowed)
        for permission in role.each("permissions")
        for allowed in role.items(f"{permission}.dataActions")
    )
