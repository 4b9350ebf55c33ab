import pulumi
import pytest

from pulumi_bulwark.foundation import FoundationSpec
from pulumi_bulwark.foundation.azure import AzureFoundation, AzureFoundationArgs

GROUP = "azure-native:resources:ResourceGroup"
LOCK = "azure-native:authorization:ManagementLockByScope"


def build(*, deletion_protection=True, **spec):
    def program():
        foundation = AzureFoundation(
            "it",
            AzureFoundationArgs(
                spec=FoundationSpec(**spec),
                location="westeurope",
                deletion_protection=deletion_protection,
            ),
        )
        part = pulumi.ComponentResource("test:index:Part", "part")
        pulumi.CustomResource("test:index:Thing", "thing", {}, pulumi.ResourceOptions(parent=part))
        foundation.lock([part])

    return program


def test_the_environment_has_a_group_of_its_own(preview):
    (group,) = preview(build()).of_type(GROUP)

    assert group.inputs["location"] == "westeurope"
    assert group.options.protect


def test_the_lock_refuses_deletion_and_nothing_else(preview):
    (lock,) = preview(build(), rendered=True).of_type(LOCK)

    # ReadOnly stops the services in the group as well.
    assert lock.inputs["level"] == "CanNotDelete"
    assert "/resourceGroups/" in lock.inputs["scope"]


def test_the_lock_is_made_last_and_so_taken_off_first(preview):
    graph = preview(build())

    (lock,) = graph.of_type(LOCK)
    assert graph["thing"].urn in lock.dependencies


def test_an_environment_that_is_torn_down_has_no_lock(preview):
    graph = preview(build(deletion_protection=False))

    assert list(graph.of_type(LOCK)) == []
    assert not next(iter(graph.of_type(GROUP))).options.protect


def test_a_group_that_exists_is_neither_made_nor_locked(preview):
    graph = preview(build(resource_group="theirs"))

    outputs = graph["it"].outputs
    assert (outputs["resourceGroupName"], outputs["owned"]) == ("theirs", False)
    assert not [*graph.of_type(GROUP), *graph.of_type(LOCK)]
    assert any("who made it decides" in note.text for note in graph.notes)


def test_public_addresses_are_told(preview):
    def told(**spec):
        return [n.text for n in preview(build(**spec)).notes if "public addresses" in n.text]

    assert told()
    assert not told(network={"subnet_id": f"{SUBNETS}/endpoints"})


SUBNETS = (
    "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/hub/providers/"
    "Microsoft.Network/virtualNetworks/hub/subnets"
)


def test_functions_have_a_network_into_which_nothing_leads(preview):
    graph = preview(build(), rendered=True)

    (network,) = graph.of_type("azure-native:network:VirtualNetwork")
    (subnet,) = network.inputs["subnets"]
    (rules,) = graph.of_type("azure-native:network:NetworkSecurityGroup")
    assert subnet["delegations"][0]["serviceName"] == "Microsoft.App/environments"
    assert {each["service"] for each in subnet["serviceEndpoints"]} == {
        "Microsoft.KeyVault",
        "Microsoft.Storage",
    }
    assert subnet["networkSecurityGroup"]["id"] == rules.id
    assert "securityRules" not in rules.inputs
    assert graph["it"].outputs["functionsSubnetId"].endswith("/subnets/functions")


def test_functions_run_in_the_subnet_of_the_network_that_exists(preview):
    network = {"subnet_id": f"{SUBNETS}/endpoints", "functions_subnet_id": f"{SUBNETS}/functions"}

    graph = preview(build(network=network))

    assert graph["it"].outputs["functionsSubnetId"] == f"{SUBNETS}/functions"
    assert not list(graph.of_type("azure-native:network:VirtualNetwork"))


@pytest.mark.parametrize("network", ["10.0.0.0/31", "10.0.0.0/7", "::/0", "0.0.0.0/0"])
def test_a_network_that_the_firewalls_refuse_is_refused(network):
    with pytest.raises(Exception, match="prefix of 8 to 30"):
        FoundationSpec(allowed_addresses=(network,))
