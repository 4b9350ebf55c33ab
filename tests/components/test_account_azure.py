import uuid

import pytest

from pulumi_bulwark.account import AccountSpec
from pulumi_bulwark.account.azure import REFUSED, AzureAccount, AzureAccountArgs
from pulumi_bulwark.place import AzurePlace

ASSIGNMENT = "azure-native:authorization:PolicyAssignment"
PLACE = AzurePlace(
    subscription_id="00000000-0000-0000-0000-000000000001",
    tenant_id="00000000-0000-0000-0000-000000000002",
    location="westeurope",
    resource_group_name="group",
)


def account(name="it", **spec):
    return lambda: AzureAccount(name, AzureAccountArgs(spec=AccountSpec(**spec), place=PLACE))


def test_the_whole_subscription_refuses_what_should_be_nowhere(preview):
    graph = preview(account())

    made = list(graph.of_type(ASSIGNMENT))
    assert {one.inputs["scope"] for one in made} == {PLACE.subscription}
    assert len(made) == len(REFUSED) == len(graph["it"].outputs["owned"])
    for one in made:
        assert one.inputs["parameters"] == {"effect": {"value": "Deny"}}
        assert one.inputs["enforcementMode"] == "Default"


def test_two_owners_have_the_same_names_so_azure_tells_the_second(preview):
    def names(name):
        return {
            one.inputs["policyAssignmentName"] for one in preview(account(name)).of_type(ASSIGNMENT)
        }

    assert names("one") == names("two")


def test_what_others_rely_on_stays_when_the_stack_goes(preview):
    for one in preview(account()).of_type(ASSIGNMENT):
        assert one.options.retain_on_delete


def test_where_another_stack_owns_it_this_one_makes_nothing_and_says_so(preview):
    graph = preview(account(manage="none", baseline="org/landing-zone/prod"))

    assert not list(graph.of_type(ASSIGNMENT))
    (note,) = graph.notes
    assert note.text.startswith("owned by org/landing-zone/prod: block of public blobs")


@pytest.mark.parametrize("refused", REFUSED, ids=lambda refused: refused.name)
def test_a_policy_is_named_by_its_guid_and_fits_a_name(refused):
    assert str(uuid.UUID(refused.policy)) == refused.policy
    assert len(f"bulwark-{refused.name}") <= 64
