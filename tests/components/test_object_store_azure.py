import pytest

from pulumi_bulwark.object_store import LifecycleRuleSpec, LockSpec, ObjectStoreSpec
from pulumi_bulwark.object_store.azure import AzureObjectStore, AzureObjectStoreArgs, problems
from pulumi_bulwark.place import AzurePlace
from pulumi_bulwark.vault.azure import AzureKey

ACCOUNT = "azure-native:storage:StorageAccount"
BLOBS = "azure-native:storage:BlobServiceProperties"
LIFECYCLE = "azure-native:storage:ManagementPolicy"
CONTAINER = "azure-native:storage:BlobContainer"
ASSIGNMENT = "azure-native:authorization:RoleAssignment"

KEY = AzureKey(
    name="logs-0", vault_uri="https://v.vault.azure.net/", resource_id="/subscriptions/s/keys/logs"
)


def place(**where):
    return AzurePlace(
        subscription_id="00000000-0000-0000-0000-000000000001",
        tenant_id="00000000-0000-0000-0000-000000000002",
        location="westeurope",
        resource_group_name="group",
        **where,
    )


def store(*, where=None, containers=(), deletion_protection=True, **spec):
    args = AzureObjectStoreArgs(
        spec=ObjectStoreSpec(**spec),
        place=where or place(),
        key=KEY,
        containers=containers,
        deletion_protection=deletion_protection,
    )
    return lambda: AzureObjectStore("it", args)


@pytest.fixture
def account(preview):
    def inputs(**more):
        (found,) = preview(store(**more), rendered=True).of_type(ACCOUNT)
        return found.inputs

    return inputs


def test_nobody_comes_in_without_entra_id(account):
    found = account()

    assert found["allowSharedKeyAccess"] is False
    assert found["allowBlobPublicAccess"] is False
    assert found["isLocalUserEnabled"] is False
    assert found["isSftpEnabled"] is False
    assert found["defaultToOAuthAuthentication"] is True
    assert found["allowCrossTenantReplication"] is False


def test_nothing_is_sent_in_the_clear(account):
    assert account()["enableHttpsTrafficOnly"] is True
    assert account()["minimumTlsVersion"] == "TLS1_2"


def test_it_is_encrypted_twice_with_a_customers_key_that_rotates(account):
    encryption = account()["encryption"]

    assert encryption["requireInfrastructureEncryption"] is True
    assert encryption["keySource"] == "Microsoft.Keyvault"
    # With a version it would stay at the one of today.
    assert encryption["keyVaultProperties"] == {
        "keyName": "logs-0",
        "keyVaultUri": "https://v.vault.azure.net/",
    }
    for service in ("blob", "file", "queue", "table"):
        assert encryption["services"][service] == {"enabled": True, "keyType": "Account"}


def test_the_identity_that_encrypts_may_use_that_key_and_nothing_else(preview):
    (role,) = preview(store(), rendered=True).of_type(ASSIGNMENT)

    assert role.inputs["scope"] == KEY.resource_id
    assert role.inputs["roleDefinitionId"].endswith("e147488a-f6f5-4113-8e2d-b22465e65bf6")


def test_the_account_waits_until_its_identity_may_use_the_key(preview):
    graph = preview(store())

    (found,) = graph.of_type(ACCOUNT)
    (wait,) = graph.of_type("time:index/sleep:Sleep")
    assert wait.urn in found.dependencies


def test_the_firewall_refuses_all_but_who_is_named_and_azure_monitor(account):
    found = account(where=place(allowed_addresses=("203.0.113.7",)))

    assert found["networkRuleSet"] == {
        "defaultAction": "Deny",
        "bypass": "AzureServices",
        "ipRules": [{"iPAddressOrRange": "203.0.113.7"}],
        "virtualNetworkRules": [],
    }


def test_the_firewall_lets_in_the_subnet_that_functions_run_in(account):
    found = account(where=place(functions_subnet_id="/functions"))

    assert found["networkRuleSet"]["virtualNetworkRules"] == [
        {"virtualNetworkResourceId": "/functions"}
    ]


def test_with_a_network_it_has_no_public_address(account):
    assert account()["publicNetworkAccess"] == "Enabled"
    assert account(where=place(subnet_id="/subnet"))["publicNetworkAccess"] == "Disabled"


def test_what_is_overwritten_or_deleted_can_be_fetched_back(preview):
    rule = LifecycleRuleSpec(expire_noncurrent_after_days=45)
    (blobs,) = preview(store(lifecycle=(rule,))).of_type(BLOBS)

    assert blobs.inputs["isVersioningEnabled"] is True
    assert blobs.inputs["deleteRetentionPolicy"] == {"enabled": True, "days": 45}
    assert blobs.inputs["containerDeleteRetentionPolicy"] == {"enabled": True, "days": 45}


def test_a_lock_covers_all_containers_and_lets_azure_monitor_add_to_a_blob(account):
    assert account(lock=LockSpec(days=400))["immutableStorageWithVersioning"] == {
        "enabled": True,
        "immutabilityPolicy": {
            "state": "Unlocked",
            "immutabilityPeriodSinceCreationInDays": 400,
            "allowProtectedAppendWrites": True,
        },
    }


def test_a_lock_is_sealed_only_as_a_step_of_its_own(account):
    # Azure refuses an account that is made with a sealed one.
    assert (
        account(lock=LockSpec())["immutableStorageWithVersioning"]["immutabilityPolicy"]["state"]
        == "Unlocked"
    )
    sealed = account(lock=LockSpec(sealed=True))["immutableStorageWithVersioning"]
    assert sealed["immutabilityPolicy"]["state"] == "Locked"


def test_a_seal_without_a_lock_for_everybody_is_a_contradiction():
    with pytest.raises(Exception, match="sealed is final"):
        LockSpec(mode="governance", sealed=True)


def test_until_it_is_sealed_the_report_says_so(preview):
    def told(lock):
        return [n.text for n in preview(store(lock=lock)).notes if "the lock is open" in n.text]

    assert told(LockSpec())
    assert not told(LockSpec(sealed=True))
    assert not told(LockSpec(mode="governance"))  # which is loosened, and listed as that
    assert not told(None)


def test_without_a_lock_the_account_can_have_none_later(account):
    assert "immutableStorageWithVersioning" not in account()


def test_files_expire_also_those_that_are_added_to(preview):
    rule = LifecycleRuleSpec(prefix="insights", expire_after_days=400)
    (found,) = preview(store(lifecycle=(rule,))).of_type(LIFECYCLE)

    (made,) = found.inputs["policy"]["rules"]
    definition = made["definition"]
    assert definition["filters"] == {
        "blobTypes": ["blockBlob", "appendBlob"],
        "prefixMatch": ["insights"],
    }
    assert definition["actions"] == {
        "baseBlob": {"delete": {"daysAfterModificationGreaterThan": 400}},
        "version": {"delete": {"daysAfterCreationGreaterThan": 30}},
    }


def test_only_whole_blobs_move_to_the_cheaper_tier(preview):
    rule = LifecycleRuleSpec(archive_after_days=90)
    (found,) = preview(store(lifecycle=(rule,))).of_type(LIFECYCLE)

    definition = found.inputs["policy"]["rules"][0]["definition"]
    assert definition["filters"]["blobTypes"] == ["blockBlob"]
    assert definition["actions"]["baseBlob"] == {
        "tierToCold": {"daysAfterModificationGreaterThan": 90}
    }


def test_more_rules_than_azure_takes_are_refused():
    few, many = (ObjectStoreSpec(lifecycle=(LifecycleRuleSpec(),) * n) for n in (100, 101))

    assert list(problems(few, "bulwark:x")) == []
    assert list(problems(many, "bulwark:x")) == [
        "bulwark:x.lifecycle: has 101 rules, and a storage account takes 100."
    ]


def test_containers_are_private(preview):
    (container,) = preview(store(containers=("reports",))).of_type(CONTAINER)

    assert container.inputs["containerName"] == "reports"
    assert container.inputs["publicAccess"] == "None"


@pytest.mark.parametrize("protected", [True, False])
def test_data_is_kept_where_the_environment_is_protected(preview, protected):
    graph = preview(store(containers=("reports",), deletion_protection=protected))

    for resource in (*graph.of_type(ACCOUNT), *graph.of_type(CONTAINER)):
        assert resource.options.protect is protected
        assert resource.options.retain_on_delete is protected


def test_its_id_is_known_once_all_of_its_settings_are_there(preview):
    graph = preview(store(containers=("reports",)))

    waits_for = graph["it"].outputs["id"].waits_for
    assert {r.urn for r in (*graph.of_type(BLOBS), *graph.of_type(CONTAINER))} <= set(waits_for)
