import json

import pulumi_azure_native as azure
from rule_cases import (  # noqa: F401 asked of this file too
    test_a_rule_fails_for,
    test_a_rule_passes_fails_and_does_not_apply,
    test_a_rule_passes_for,
)
from vault_cases import of_the_policy

from bulwark_toolkit.compliance.rules import RULES
from bulwark_toolkit.compliance.rules.azure import credentials

A = "azure.credentials."
SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000001"
GROUP = f"{SUBSCRIPTION}/resourceGroups/g"
TABLES = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/s/tableServices/default/tables/users"
SECRET = f"{GROUP}/providers/Microsoft.KeyVault/vaults/v/secrets/pepper"
ROLES = f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
TABLE_READER = "76199698-9eea-4c19-bc75-cec21354c6b6"
SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"
HARDENED = {
    "cost": 12,
    "minimum_length": 12,
    "letters_and_digits": True,
    "history": 4,
    "tries_per_user": 5,
    "delay_seconds": 1800,
    "breached_on_failure": "closed",
    "reset_seconds": 900,
}
OURS = "bulwark_runtime.credentials.azure_app:app"


def nothing():
    """A program without a vault."""
    azure.storage.StorageAccount("it", kind="StorageV2", resource_group_name="g", sku={"name": "S"})


def app(module=OURS, **settings):
    told = {"BULWARK_APP": module, **settings}
    azure.web.WebApp(
        "it",
        resource_group_name="g",
        site_config={"app_settings": [{"name": n, "value": v} for n, v in told.items()]},
    )


def vault(*operations, pepper=False, **weaker):
    settings = {
        "BULWARK_OPERATIONS": json.dumps({operation: [] for operation in operations}),
        "BULWARK_POLICY": json.dumps(HARDENED | weaker),
    }
    if pepper:
        settings["BULWARK_PEPPER_URI"] = "https://v.vault.azure.net/secrets/pepper"
    return lambda: app(**settings)


def elsewhere():
    """An app of somebody else's with settings of the same names."""
    app("shop:app", BULWARK_POLICY="{}", BULWARK_OPERATIONS='{"verify": []}')


def told_nothing():
    """An app of the vault's that is held to the runtime's own defaults."""
    app(BULWARK_OPERATIONS='{"verify": []}')


def table(
    *, key_type="Account", logged=("StorageRead", "StorageWrite", "StorageDelete"), of="table"
):
    def program():
        account = azure.storage.StorageAccount(
            "it",
            kind="StorageV2",
            resource_group_name="g",
            sku={"name": "Standard_ZRS"},
            encryption={"services": {"table": {"enabled": True, "key_type": key_type}}},
        )
        azure.storage.Table(
            "users", account_name=account.name, resource_group_name="g", table_name="users"
        )
        if logged:
            azure.monitor.DiagnosticSetting(
                "logs",
                resource_uri=account.id.apply(lambda id_: f"{id_}/{of}Services/default"),
                logs=[{"category": category, "enabled": True} for category in logged],
            )

    return program


def role(guid, scope):
    return lambda: azure.authorization.RoleAssignment(
        "it", principal_id="p", role_definition_id=f"{ROLES}/{guid}", scope=scope
    )


def own_role(action, scope):
    def program():
        made = azure.authorization.RoleDefinition(
            "role",
            scope=GROUP,
            role_name="it",
            permissions=[{"actions": [], "data_actions": [action]}],
        )
        azure.authorization.RoleAssignment(
            "it", principal_id="p", role_definition_id=made.id, scope=scope
        )

    return program


ENTITIES = "Microsoft.Storage/storageAccounts/tableServices/tables/entities"
VALUES = "Microsoft.KeyVault/vaults/secrets"

CASES = {
    **of_the_policy(A, vault, elsewhere, begin_reset="begin-reset"),
    A + "who-signs-in-others-does-not-manage-them": (
        vault("verify", "begin-reset", pepper=True),
        vault("verify", "delete", pepper=True),
        vault("delete"),
    ),
    A + "table-is-encrypted-with-the-accounts-key": (table(), table(key_type="Service"), nothing),
    A + "table-logs-who-reads-it": (table(), table(logged=("StorageRead",)), nothing),
    A + "tables-are-used-by-name": (
        role(TABLE_READER, TABLES),
        role(TABLE_READER, GROUP),
        role(READER, SUBSCRIPTION),
    ),
    A + "secrets-are-used-by-name": (
        role(SECRETS_USER, SECRET),
        role(SECRETS_USER, SUBSCRIPTION),
        role(READER, SUBSCRIPTION),
    ),
}
"""For each rule: a program that passes, one that fails, and one that it does not apply to."""

ALSO = {
    "tries without an end": (A + "guessing-has-to-wait", vault("change", tries_per_user=None)),
    "an account that logs nothing": (A + "table-logs-who-reads-it", table(logged=())),
    "an account that logs its blobs": (A + "table-logs-who-reads-it", table(of="blob")),
    "a role of one's own": (A + "tables-are-used-by-name", own_role(f"{ENTITIES}/read", GROUP)),
    "a role of one's own for all": (
        A + "tables-are-used-by-name",
        own_role(f"{ENTITIES}/*", GROUP),
    ),
    "a role of one's own for values": (
        A + "secrets-are-used-by-name",
        own_role(f"{VALUES}/getSecret/action", GROUP),
    ),
}
"""Further programs that fail, by what they are."""

FINE = {
    "fifteen characters of any kind": (
        A + "passwords-are-long",
        vault("register", minimum_length=15, letters_and_digits=False),
    ),
    "a role of one's own at a table": (
        A + "tables-are-used-by-name",
        own_role(f"{ENTITIES}/read", TABLES),
    ),
}
"""Further programs that pass, by what they are."""


def test_each_rule_of_the_file_has_its_cases():
    assert {r.id for r in vars(credentials).values() if r in RULES} == CASES.keys()


def test_what_is_left_to_the_runtimes_defaults_is_no_finding(outcomes):
    assert outcomes(A + "hashes-are-slow-to-guess", told_nothing) == {"not applicable"}


def test_a_role_that_reads_no_value_may_be_anywhere(outcomes):
    program = own_role(f"{VALUES}/setSecret/action", GROUP)

    assert outcomes(A + "secrets-are-used-by-name", program) == {"not applicable"}
