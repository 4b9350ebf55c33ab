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

    assert graph["it"].outputs == {"resourceGroupName": "theirs", "owned": False}
    assert [r.name for r in graph.resources if r.kind == "custom"] == ["thing"]
    assert any("who made it decides" in note.text for note in graph.notes)


def test_public_addresses_are_told(preview):
    def told(**spec):
        return [n.text for n in preview(build(**spec)).notes if "public addresses" in n.text]

    subnet = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/hub/providers/"
    subnet += "Microsoft.Network/virtualNetworks/hub/subnets/endpoints"
    assert told()
    assert not told(network={"subnet_id": subnet})


@pytest.mark.parametrize("network", ["10.0.0.0/31", "10.0.0.0/7", "::/0", "0.0.0.0/0"])
def test_a_network_that_the_firewalls_refuse_is_refused(network):
    with pytest.raises(Exception, match="prefix of 8 to 30"):
        FoundationSpec(allowed_addresses=(network,))
