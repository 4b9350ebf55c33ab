"""What becomes of Front Door's lists that somebody edits behind the stack's back."""

import pytest

pytestmark = pytest.mark.e2e

PROGRAM = """
import pulumi
from pulumi_bulwark.log_group.azure import AzureLogStore
from pulumi_bulwark.place import AzurePlace
from pulumi_bulwark.waf import WafSpec
from pulumi_bulwark.waf.azure import AzureWaf, AzureWafArgs

place = AzurePlace(
    subscription_id="00000000-0000-0000-0000-000000000001",
    tenant_id="00000000-0000-0000-0000-000000000002",
    location="westeurope",
    resource_group_name="group",
)
store = AzureLogStore(
    place=place,
    workspace_id="workspace",
    archive_id="archive",
    retention_days=400,
    deletion_protection=False,
)
spec = WafSpec(rate_limit=pulumi.Config().require_int("limit"))
denied = ["KP"] if pulumi.Config().get_bool("deny") else []
AzureWaf("waf", AzureWafArgs(spec=spec, store=store, denied_countries=denied))
"""

ATTACKERS = ["198.51.100.0/24", "203.0.113.7/32"]
PARTNERS = ["203.0.113.200/32"]


def addresses(rules, name):
    (found,) = [one["matchConditions"][0]["matchValue"] for one in rules if one["name"] == name]
    return found


@pytest.fixture
def edited(program):
    project = program(PROGRAM, "options: {refresh: always}\n")
    project.set("limit", "1000")
    project.up()
    (made,) = [e for e in project.cloud("create") if e["name"] == "waf-policy"]
    rules = made["inputs"]["customRules"]["rules"]
    for rule in rules:
        if rule["name"] == "Blocked0":
            rule["matchConditions"][0]["matchValue"] = ATTACKERS
        if rule["name"] == "Allowed0":
            rule["matchConditions"][0]["matchValue"] = PARTNERS
    project.meddle("drift", "waf-policy", properties={"customRules": {"rules": rules}})
    return project


def written(project):
    """The rules that the last update has written; none if there was none."""
    changes = [e for e in project.cloud("update") if e["name"] == "waf-policy"]
    return changes[-1]["inputs"]["customRules"]["rules"] if changes else []


def test_an_up_leaves_the_edit_alone(edited):
    assert edited.up().changes == {}
    assert written(edited) == []


def test_an_up_that_changes_a_rule_writes_the_edited_lists_back(edited):
    edited.set("limit", "500")
    edited.up()

    rules = written(edited)
    assert addresses(rules, "Blocked0") == ATTACKERS
    assert addresses(rules, "Blocked1") == ["192.0.2.1/32"]
    assert addresses(rules, "Allowed0") == PARTNERS
    assert {r["name"]: r["rateLimitThreshold"] for r in rules}["RateLimit"] == 500


def test_an_up_that_adds_a_rule_mixes_no_list_with_another(edited):
    edited.set("deny", "true")
    edited.up()

    rules = written(edited)
    assert addresses(rules, "Blocked0") == ATTACKERS
    assert addresses(rules, "Allowed0") == PARTNERS
    assert addresses(rules, "Countries") == ["KP"]
    assert addresses(rules, "RateLimit") == ["/"]
