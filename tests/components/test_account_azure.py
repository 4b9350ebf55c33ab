import uuid

import pytest
from azure_place import PLACE

from bulwark_toolkit.compliance.controls import frameworks
from bulwark_toolkit.compliance.rules import RULES
from pulumi_bulwark.account import AccountSpec
from pulumi_bulwark.account.azure import AzureAccount, AzureAccountArgs
from pulumi_bulwark.account.azure_policies import POLICIES

ASSIGNMENT = "azure-native:authorization:PolicyAssignment"
INITIATIVE = "azure-native:authorization:PolicySetDefinition"
CAN_REFUSE = {policy.name for policy in POLICIES if policy.instead}


def account(name="it", **spec):
    return lambda: AzureAccount(name, AzureAccountArgs(spec=AccountSpec(**spec), place=PLACE))


def effects(graph):
    (initiative,) = graph.of_type(INITIATIVE)
    return {
        one["policyDefinitionReferenceId"]: one["parameters"].get("effect", {}).get("value")
        for one in initiative.inputs["policyDefinitions"]
    }


def test_the_whole_subscription_refuses_what_should_be_nowhere(preview):
    graph = preview(account(), rendered=True)

    (assigned,), (initiative,) = graph.of_type(ASSIGNMENT), graph.of_type(INITIATIVE)
    assert assigned.inputs["scope"] == PLACE.subscription
    assert assigned.inputs["policyDefinitionId"] == initiative.id
    assert assigned.inputs["enforcementMode"] == "Default"
    assert {name for name, effect in effects(graph).items() if effect == "Deny"} == CAN_REFUSE


def test_whoever_is_refused_reads_what_to_do_instead(preview):
    (assigned,) = preview(account()).of_type(ASSIGNMENT)

    told = {
        one["policyDefinitionReferenceId"]: one["message"]
        for one in assigned.inputs["nonComplianceMessages"]
    }
    assert told.keys() == CAN_REFUSE
    assert all(message.startswith(("Set ", "Give ")) for message in told.values())


def test_a_subscription_that_is_full_already_is_only_looked_at_and_that_is_listed(preview):
    graph = preview(account(on_breach="audit"))

    assert set(effects(graph).values()) == {"Audit", None}
    (note,) = graph.notes
    assert (note.kind, note.text.split(" ")[0]) == ("loosened", "bulwark:account.onBreach")


def test_each_policy_is_in_the_groups_of_its_controls(preview):
    (initiative,) = preview(account()).of_type(INITIATIVE)

    groups = {group["name"] for group in initiative.inputs["policyDefinitionGroups"]}
    used = {name for one in initiative.inputs["policyDefinitions"] for name in one["groupNames"]}
    assert used == groups
    assert "CIS-Azure-9.3.8" in groups


def test_two_owners_have_the_same_names_so_azure_tells_the_second(preview):
    def names(name):
        graph = preview(account(name))
        (assigned,), (initiative,) = graph.of_type(ASSIGNMENT), graph.of_type(INITIATIVE)
        return assigned.inputs["policyAssignmentName"], initiative.inputs["policySetDefinitionName"]

    assert names("one") == names("two")


def test_what_others_rely_on_stays_when_the_stack_goes(preview):
    graph = preview(account())

    for one in (*graph.of_type(ASSIGNMENT), *graph.of_type(INITIATIVE)):
        assert one.options.retain_on_delete


def test_where_another_stack_owns_it_this_one_makes_nothing_and_says_so(preview):
    graph = preview(account(manage="none", baseline="org/landing-zone/prod"))

    assert not list(graph.of_type(ASSIGNMENT))
    (note,) = graph.notes
    assert note.text.startswith("owned by org/landing-zone/prod: what Microsoft's own policies")


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_a_policy_backs_a_rule_and_controls_that_there_are(policy):
    known = {
        f"{framework.title.removesuffix(' Foundations')} {control.id}"
        for framework in frameworks()
        for control in framework.controls
    }

    assert str(uuid.UUID(policy.guid)) == policy.guid
    assert set(policy.controls) <= known
    assert not policy.rule or policy.rule in {rule.id for rule in RULES}


def test_no_two_policies_are_the_same():
    assert len({policy.guid for policy in POLICIES}) == len(POLICIES)
    assert len({policy.name for policy in POLICIES}) == len(POLICIES)
