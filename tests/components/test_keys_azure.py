import pytest

from pulumi_bulwark.keys import KeysSpec
from pulumi_bulwark.keys.azure import AzureKeys, AzureKeysArgs
from pulumi_bulwark.place import AzurePlace

VAULT = "azure-native:keyvault:Vault"
KEY = "azure-native:keyvault:Key"
ROLE = "azure-native:authorization:RoleDefinition"
ASSIGNMENT = "azure-native:authorization:RoleAssignment"
ENDPOINT = "azure-native:network:PrivateEndpoint"
NAMES = "azure-native:network:PrivateDnsZoneGroup"

SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000001"
HUB = f"{SUBSCRIPTION}/resourceGroups/hub/providers/Microsoft.Network"
SUBNET = f"{HUB}/virtualNetworks/hub/subnets/endpoints"
DNS = "/subscriptions/00000000-0000-0000-0000-00000000000b/resourceGroups/dns"
GROUP = "group:00000000-0000-0000-0000-00000000000a"


def place(**where):
    return AzurePlace(
        subscription_id="00000000-0000-0000-0000-000000000001",
        tenant_id="00000000-0000-0000-0000-000000000002",
        location="westeurope",
        resource_group_name="group",
        **where,
    )


def keys(*, where=None, deletion_protection=True, **spec):
    args = AzureKeysArgs(
        spec=KeysSpec(**spec), place=where or place(), deletion_protection=deletion_protection
    )
    return lambda: AzureKeys("it", args)


def properties(preview, **more):
    (vault,) = preview(keys(**more)).of_type(VAULT)
    return vault.inputs["properties"]


def test_the_vault_is_opened_by_roles_and_never_purged(preview):
    found = properties(preview)

    assert found["enableRbacAuthorization"] is True
    assert found["enablePurgeProtection"] is True
    assert found["enableSoftDelete"] is True
    assert found["sku"] == {"family": "A", "name": "premium"}


def test_what_was_deleted_can_be_fetched_back_as_long_as_the_config_says(preview):
    assert properties(preview, deletion_window_days=90)["softDeleteRetentionInDays"] == 90


def test_no_machine_and_no_template_takes_anything_from_the_vault(preview):
    found = properties(preview)

    for name in (
        "enabledForDeployment",
        "enabledForDiskEncryption",
        "enabledForTemplateDeployment",
    ):
        assert found[name] is False


def test_without_a_network_a_firewall_lets_in_who_is_named_and_azures_own_services(preview):
    found = properties(preview, where=place(allowed_addresses=("203.0.113.0/24",)))

    assert found["publicNetworkAccess"] == "Enabled"
    assert found["networkAcls"] == {
        "defaultAction": "Deny",
        "bypass": "AzureServices",
        "ipRules": [{"value": "203.0.113.0/24"}],
        "virtualNetworkRules": [],
    }


def test_the_firewall_lets_in_the_subnet_that_functions_run_in(preview):
    found = properties(preview, where=place(functions_subnet_id="/functions"))

    assert found["networkAcls"]["virtualNetworkRules"] == [{"id": "/functions"}]


def test_with_a_network_the_vault_has_a_private_address_alone(preview):
    graph = preview(keys(where=place(subnet_id=SUBNET, dns_zones_group_id=DNS)), rendered=True)

    (vault,), (endpoint,), (names,) = map(graph.of_type, (VAULT, ENDPOINT, NAMES))
    assert vault.inputs["properties"]["publicNetworkAccess"] == "Disabled"
    assert endpoint.inputs["subnet"] == {"id": SUBNET}
    (link,) = endpoint.inputs["privateLinkServiceConnections"]
    assert link["privateLinkServiceId"] == vault.id
    assert link["groupIds"] == ["vault"]
    (zone,) = names.inputs["privateDnsZoneConfigs"]
    assert zone["privateDnsZoneId"] == (
        f"{DNS}/providers/Microsoft.Network/privateDnsZones/privatelink.vaultcore.azure.net"
    )


def test_where_the_hub_enters_the_names_nobody_else_does(preview):
    graph = preview(keys(where=place(subnet_id=SUBNET)))

    assert list(graph.of_type(ENDPOINT))
    assert not list(graph.of_type(NAMES))


def test_each_purpose_has_a_key_in_hardware_that_only_wraps(preview):
    found = {key.name: key.inputs["properties"] for key in preview(keys()).of_type(KEY)}

    assert set(found) == {"it-data", "it-logs"}
    for key in found.values():
        assert (key["kty"], key["keySize"]) == ("RSA-HSM", 3072)
        assert key["keyOps"] == ["wrapKey", "unwrapKey"]


def test_a_key_rotates_and_a_version_outlives_its_rotation(preview):
    policy = preview(keys(rotation_days=180))["it-data"].inputs["properties"]["rotationPolicy"]

    assert policy["attributes"]["expiryTime"] == "P270D"
    assert policy["lifetimeActions"] == [
        {"action": {"type": "rotate"}, "trigger": {"timeAfterCreate": "P180D"}},
        {"action": {"type": "notify"}, "trigger": {"timeBeforeExpiry": "P30D"}},
    ]


def test_a_changed_rotation_makes_another_key_and_the_same_makes_none(preview):
    def name(days):
        return preview(keys(rotation_days=days))["it-data"].inputs["keyName"]

    # Azure ignores whatever is changed about a key that is there.
    assert name(365) == name(365)
    assert name(365) != name(180)


def test_a_key_is_kept_when_the_stack_lets_go_of_it(preview):
    for key in preview(keys(deletion_protection=False)).of_type(KEY):
        assert key.options.retain_on_delete


@pytest.mark.parametrize("protected", [True, False])
def test_the_vault_is_protected_where_the_environment_is(preview, protected):
    (vault,) = preview(keys(deletion_protection=protected)).of_type(VAULT)

    assert vault.options.protect is protected


def test_administrators_manage_keys_and_use_none(preview):
    graph = preview(keys(administrators=(GROUP,)), rendered=True)

    (role,), (given,) = graph.of_type(ROLE), graph.of_type(ASSIGNMENT)
    (allowed,) = role.inputs["permissions"]
    actions = {action.rpartition("/vaults/")[2] for action in allowed["dataActions"]}
    assert "keys/rotate/action" in actions
    assert not any("*" in action for action in allowed["dataActions"])
    uses = ("encrypt", "decrypt", "wrap", "unwrap", "sign", "verify", "release", "backup", "purge")
    assert not actions & {f"keys/{use}/action" for use in uses}
    assert given.inputs["principalId"] == GROUP.partition(":")[2]
    assert given.inputs["principalType"] == "Group"
    (vault,) = graph.of_type(VAULT)
    assert given.inputs["scope"] == vault.id


def test_a_role_of_ones_own_is_given_within_the_group_once_it_is_known(preview):
    graph = preview(keys(administrators=(GROUP,)))

    (role,), (given,) = graph.of_type(ROLE), graph.of_type(ASSIGNMENT)
    # Azure refuses the scope of a resource.
    assert role.inputs["assignableScopes"] == [f"{SUBSCRIPTION}/resourceGroups/group"]
    (wait,) = graph.of_type("time:index/sleep:Sleep")
    assert wait.urn in given.inputs["roleDefinitionId"].waits_for


def test_a_consumer_takes_the_key_without_a_version(preview):
    graph = preview(keys(), rendered=True)

    for uri in graph["it"].outputs["ids"].values():
        assert len(uri.removeprefix("https://").split("/")) == 3
