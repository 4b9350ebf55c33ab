"""Rules for Azure: identities, logs, locks, key vaults and storage."""

import json

import pulumi
import pulumi_azure_native as azure
import pytest
from rule_cases import test_a_rule_passes_fails_and_does_not_apply  # noqa: F401 asked of this file too

from bulwark_toolkit.compliance.rules import RULES
from bulwark_toolkit.compliance.rules.azure import (
    access,
    audit_log,
    foundation,
    keys,
    object_store,
    secrets,
)

SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000001"
ROLES = f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions"
READER = "21090545-7ca7-4776-b22c-e363652d74d2"
SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"
KEY_VAULT = f"{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v"
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
ALL_LOGS = {"category_group": "allLogs", "enabled": True}


def nothing():
    """A program without anything that these rules are for."""
    azure.network.VirtualNetwork("it", resource_group_name="g")


def vault(*logs, endpoint=False, **properties):
    def program():
        made = azure.keyvault.Vault(
            "it",
            resource_group_name="g",
            properties={"sku": {"family": "A", "name": "premium"}, "tenant_id": "t", **properties},
        )
        if logs:
            azure.monitor.DiagnosticSetting("logs", resource_uri=made.id, logs=list(logs))
        if endpoint:
            link = {"name": "vault", "private_link_service_id": made.id, "group_ids": ["vault"]}
            azure.network.PrivateEndpoint(
                "endpoint", resource_group_name="g", private_link_service_connections=[link]
            )

    return program


def key(*, kept=True, **properties):
    return lambda: azure.keyvault.Key(
        "it",
        key_name="it",
        resource_group_name="g",
        vault_name="v",
        properties=properties,
        opts=pulumi.ResourceOptions(retain_on_delete=kept),
    )


def rotation(action):
    return {
        "rotation_policy": {
            "attributes": {"expiry_time": "P1Y"},
            "lifetime_actions": [
                {"action": {"type": action}, "trigger": {"time_after_create": "P9M"}}
            ],
        }
    }


def secret(**properties):
    return lambda: azure.keyvault.Secret(
        "it", resource_group_name="g", vault_name="v", properties=properties
    )


def hidden():
    # Made as it runs: an output outside of a program belongs to none.
    secret(value=pulumi.Output.secret("hunter2"))()


def account(*logs, blobs=None, **inputs):
    def program():
        made = azure.storage.StorageAccount(
            "it", resource_group_name="g", kind="StorageV2", sku={"name": "Standard_ZRS"}, **inputs
        )
        if blobs is not None:
            azure.storage.BlobServiceProperties(
                "blobs",
                account_name=made.name,
                blob_services_name="default",
                resource_group_name="g",
                **blobs,
            )
        if logs:
            service = pulumi.Output.concat(made.id, "/blobServices/default")
            azure.monitor.DiagnosticSetting("logs", resource_uri=service, logs=list(logs))

    return program


def container(access_):
    return lambda: azure.storage.BlobContainer(
        "it", account_name="a", resource_group_name="g", public_access=access_
    )


def activity(*categories, workspace=True, archive=None):
    """The export of the Activity Log; with the settings of an account, to that one."""

    def program():
        made = (
            None
            if archive is None
            else azure.storage.StorageAccount(
                "archive",
                resource_group_name="g",
                kind="StorageV2",
                sku={"name": "Standard_ZRS"},
                **archive,
            )
        )
        azure.monitor.SubscriptionDiagnosticSetting(
            "it",
            workspace_id="w" if workspace else None,
            storage_account_id=made.id if made else None,
            logs=[{"category": name, "enabled": True} for name in categories],
        )

    return program


def immutable(days, *, appends=True):
    policy = {
        "state": azure.storage.AccountImmutabilityPolicyState.UNLOCKED,
        "immutability_period_since_creation_in_days": days,
        "allow_protected_append_writes": appends,
    }
    locked = {"enabled": True, "immutability_policy": policy}
    return {"immutable_storage_with_versioning": locked}


def firewall(bypass):
    rules = {"default_action": azure.storage.DefaultAction.DENY, "bypass": bypass}
    return {"network_rule_set": rules}


def setting(**line):
    logs = [{"category": "AuditEvent", "enabled": True, **line}]
    return lambda: azure.monitor.DiagnosticSetting("it", resource_uri="/r", logs=logs)


def workspace(**inputs):
    return lambda: azure.operationalinsights.Workspace("it", resource_group_name="g", **inputs)


def assignment(role=READER, scope=f"{SUBSCRIPTION}/resourceGroups/g", **inputs):
    return lambda: azure.authorization.RoleAssignment(
        "it", principal_id="p", role_definition_id=f"{ROLES}/{role}", scope=scope, **inputs
    )


def workload(scope, role=SECRETS_USER):
    return assignment(role, scope, principal_type="ServicePrincipal")


def app(settings):
    pairs = [{"name": name, "value": value} for name, value in settings.items()]
    return lambda: azure.web.WebApp(
        "it", resource_group_name="g", site_config={"app_settings": pairs}
    )


def rotator(days):
    plan = {"key": {"kind": "generated", "days": days, "settings": {}}}
    return app({"AZURE_CLIENT_ID": "c", "BULWARK_ROTATION": json.dumps(plan)})


def definition(action):
    return lambda: azure.authorization.RoleDefinition(
        "it", scope=SUBSCRIPTION, permissions=[{"actions": [action]}]
    )


def credential(subject):
    return lambda: azure.managedidentity.FederatedIdentityCredential(
        "it",
        resource_group_name="g",
        resource_name_="id",
        audiences=["api://AzureADTokenExchange"],
        issuer="https://token.actions.githubusercontent.com",
        subject=subject,
    )


def group(*, locked):
    def program():
        made = azure.resources.ResourceGroup("it")
        if locked:
            azure.authorization.ManagementLockByScope("lock", level="CanNotDelete", scope=made.id)

    return program


OURS = {"encryption": {"key_source": "Microsoft.Keyvault"}}
THEIRS = {"encryption": {"key_source": "Microsoft.Storage"}}
DAY = {"enabled": True, "days": 7}
WHOLE = ("Administrative", "Alert", "Policy", "Security")

A, L, F, K, B, S = (
    f"azure.{capability}."
    for capability in ("access", "audit_log", "foundation", "keys", "object_store", "secrets")
)

CASES = {
    A + "role-is-for-no-single-person": (
        assignment(principal_type="Group"),
        assignment(),
        nothing,
    ),
    A + "nobody-has-the-whole-subscription": (
        assignment(OWNER),
        assignment(OWNER, SUBSCRIPTION),
        nothing,
    ),
    A + "access-is-not-given-at-will": (assignment(), assignment(OWNER), nothing),
    A + "role-of-ones-own-names-its-actions": (
        definition("Microsoft.KeyVault/vaults/read"),
        definition("*"),
        nothing,
    ),
    A + "pipeline-is-named": (
        credential("repo:acme/app:environment:prod"),
        credential("repo:acme/*"),
        nothing,
    ),
    L + "activity-log-is-kept": (
        activity(*WHOLE, archive={}),
        activity(*WHOLE, workspace=False),
        nothing,
    ),
    L + "activity-log-is-whole": (activity(*WHOLE), activity("Alert", "Policy"), nothing),
    L + "archive-has-a-customer-key": (
        activity(archive=OURS),
        activity(archive=THEIRS),
        activity(),
    ),
    L + "archive-is-locked-for-a-year": (
        activity(archive=immutable(365)),
        activity(archive=immutable(90)),
        activity(),
    ),
    L + "archive-lets-azure-monitor-write": (
        activity(archive=immutable(365) | firewall("AzureServices")),
        activity(archive=immutable(365, appends=False)),
        activity(),
    ),
    L + "setting-says-no-retention": (
        setting(),
        setting(retention_policy={"enabled": True, "days": 90}),
        nothing,
    ),
    L + "workspace-keeps-logs-at-hand": (
        workspace(retention_in_days=90),
        workspace(),
        nothing,
    ),
    L + "workspace-drops-nothing": (
        workspace(),
        workspace(workspace_capping={"daily_quota_gb": 1}),
        nothing,
    ),
    L + "workspace-takes-no-keys": (
        workspace(features={"disable_local_auth": True}),
        workspace(),
        nothing,
    ),
    F + "group-is-locked": (group(locked=True), group(locked=False), nothing),
    K + "vault-is-opened-by-roles": (vault(enable_rbac_authorization=True), vault(), nothing),
    K + "vault-cannot-be-purged": (vault(enable_purge_protection=True), vault(), nothing),
    K + "vault-keeps-what-is-deleted": (vault(), vault(enable_soft_delete=False), nothing),
    K + "vault-refuses-strangers": (
        vault(network_acls={"default_action": "Deny"}),
        vault(),
        nothing,
    ),
    K + "vault-has-no-public-address": (
        vault(public_network_access="Disabled"),
        vault(),
        nothing,
    ),
    K + "vault-has-a-private-endpoint": (vault(endpoint=True), vault(), nothing),
    K + "vault-logs-who-uses-it": (vault(ALL_LOGS), vault(), nothing),
    K + "key-has-an-end": (key(**rotation("notify")), key(), nothing),
    K + "key-rotates": (key(**rotation("rotate")), key(**rotation("notify")), nothing),
    K + "key-is-long-enough": (
        key(kty="RSA", key_size=3072),
        key(kty="RSA", key_size=1024),
        key(kty="EC"),
    ),
    K + "key-is-kept": (key(), key(kept=False), nothing),
    B + "account-takes-no-shared-keys": (
        account(allow_shared_key_access=False),
        account(),
        nothing,
    ),
    B + "account-has-no-public-address": (
        account(public_network_access="Disabled"),
        account(),
        nothing,
    ),
    B + "account-refuses-strangers": (account(**firewall("None")), account(), nothing),
    B + "account-is-reached-over-tls-only": (
        account(),
        account(enable_https_traffic_only=False),
        nothing,
    ),
    B + "account-speaks-tls-1-2-at-least": (
        account(minimum_tls_version="TLS1_2"),
        account(),
        nothing,
    ),
    B + "account-has-no-anonymous-readers": (
        account(),
        account(allow_blob_public_access=True),
        nothing,
    ),
    B + "account-does-not-copy-to-other-tenants": (
        account(),
        account(allow_cross_tenant_replication=True),
        nothing,
    ),
    B + "account-is-encrypted-with-a-customer-key": (account(**OURS), account(), nothing),
    B + "account-is-encrypted-twice": (
        account(encryption={"require_infrastructure_encryption": True}),
        account(),
        nothing,
    ),
    B + "account-lets-azure-services-in": (
        account(**firewall("AzureServices")),
        account(**firewall("None")),
        account(),
    ),
    B + "account-logs-who-reads-it": (account(ALL_LOGS), account(), nothing),
    B + "container-is-private": (
        container(azure.storage.PublicAccess.NONE),
        container(azure.storage.PublicAccess.BLOB),
        nothing,
    ),
    B + "account-keeps-deleted-blobs": (
        account(blobs={"delete_retention_policy": DAY}),
        account(blobs={}),
        nothing,
    ),
    B + "account-keeps-deleted-containers": (
        account(blobs={"container_delete_retention_policy": DAY}),
        account(),
        nothing,
    ),
    B + "account-keeps-versions": (
        account(blobs={"is_versioning_enabled": True}),
        account(blobs={}),
        nothing,
    ),
    S + "value-is-not-in-the-clear": (
        hidden,
        secret(value="hunter2"),
        secret(),
    ),
    S + "secret-has-an-end": (secret(attributes={"expires": 1893456000}), secret(), nothing),
    S + "rotation-is-often-enough": (rotator(90), rotator(91), app({"SOME": "thing"})),
    S + "no-workload-reads-a-whole-vault": (
        workload(f"{KEY_VAULT}/secrets/db"),
        workload(KEY_VAULT),
        assignment(SECRETS_USER, KEY_VAULT, principal_type="Group"),
    ),
}
"""For each rule: a program that passes, one that fails, and one that it does not apply to."""


def rules_of(module):
    for thing in vars(module).values():
        several = thing if isinstance(thing, tuple) else (thing,)
        yield from (one.id for one in several if one in RULES)


def test_each_rule_of_azure_has_its_cases():
    modules = (access, audit_log, foundation, keys, object_store, secrets)
    named = {rule_id for module in modules for rule_id in rules_of(module)}

    assert named == CASES.keys()
    assert named <= {rule.id for rule in RULES if rule.id.startswith("azure.")}


def test_a_secrets_value_is_never_shown(preview):
    from bulwark_toolkit.compliance import judge

    found = judge(preview(secret(value="hunter2")))

    assert "hunter2" not in repr(found)


def test_a_key_that_is_pinned_to_a_version_does_not_rotate(outcomes):
    pinned = {"key_source": "Microsoft.Keyvault", "key_vault_properties": {"key_version": "1"}}

    rule_id = B + "account-is-encrypted-with-a-customer-key"
    assert outcomes(rule_id, account(encryption=pinned)) == {"fail"}


@pytest.mark.parametrize(
    "scope", ["/", SUBSCRIPTION, "/providers/Microsoft.Management/managementGroups/all"]
)
def test_more_than_a_subscription_is_a_whole_one_too(outcomes, scope):
    assert outcomes(A + "nobody-has-the-whole-subscription", assignment(OWNER, scope)) == {"fail"}


@pytest.mark.parametrize("action", ["*", "*/read", "Microsoft.KeyVault/*"])
def test_an_asterisk_for_a_whole_provider_is_noticed(outcomes, action):
    assert outcomes(A + "role-of-ones-own-names-its-actions", definition(action)) == {"fail"}


def test_a_store_that_logs_reads_but_no_deletions_is_noticed(outcomes):
    reads = {"category": "StorageRead", "enabled": True}
    deletes = {"category": "StorageDelete", "enabled": True}

    assert outcomes(B + "account-logs-who-reads-it", account(reads)) == {"fail"}
    assert outcomes(B + "account-logs-who-reads-it", account(reads, deletes)) == {"pass"}


def test_a_setting_that_is_off_logs_nothing(outcomes):
    off = {"category_group": "allLogs", "enabled": False}

    assert outcomes(K + "vault-logs-who-uses-it", vault(off)) == {"fail"}


def test_an_archive_of_another_program_is_not_known(outcomes):
    def program():
        azure.monitor.SubscriptionDiagnosticSetting("it", storage_account_id="/theirs", logs=[])

    assert outcomes(L + "archive-is-locked-for-a-year", program) == {"unknown"}
