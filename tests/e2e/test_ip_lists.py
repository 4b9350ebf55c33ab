"""What becomes of a list of addresses that somebody edits behind the stack's back."""

import pytest

pytestmark = pytest.mark.e2e

PROGRAM = """
import pulumi
from pulumi_bulwark.tags import tagging
from pulumi_bulwark.waf.aws_list import AwsIpList, AwsIpListArgs

tags = tagging({"owner": pulumi.Config().require("owner")})
AwsIpList(
    "blocked",
    AwsIpListArgs(scope="REGIONAL", region="eu-central-1"),
    pulumi.ResourceOptions(transformations=[tags]),
)
"""

# What the list is made not to be: a set with an input that can change.
WITH_A_DESCRIPTION = """
import pulumi
import pulumi_aws as aws

aws.wafv2.IpSet(
    "blocked-v4",
    scope="REGIONAL",
    ip_address_version="IPV4",
    addresses=[],
    description=pulumi.Config().require("owner"),
    opts=pulumi.ResourceOptions(ignore_changes=["addresses"]),
)
"""

ALWAYS = "options: {refresh: always}\n"
REFRESH = pytest.mark.parametrize("refresh", [True, False], ids=["refreshed", "as it was"])

ATTACKERS = ["192.0.2.44/32", "198.51.100.0/24"]


@pytest.fixture
def edited(program):
    def make(text=PROGRAM, *, refresh):
        project = program(text, ALWAYS if refresh else "")
        project.set("owner", "platform")
        project.up()
        project.meddle("drift", "blocked-v4", properties={"addresses": ATTACKERS})
        return project

    return make


def in_the_cloud(project):
    """What is in the set now: the last that anybody has written to it."""
    (made,) = [e for e in project.cloud("create") if e["name"] == "blocked-v4"]
    changes = [e for e in project.cloud("update", "drift") if e["id"] == made["id"]]
    last = changes[-1]
    return (last["properties"] if last["call"] == "drift" else last["inputs"])["addresses"]


@REFRESH
def test_an_up_leaves_the_edit_alone(edited, refresh):
    project = edited(refresh=refresh)

    assert project.up().changes == {}
    assert project.cloud("update") == []
    assert in_the_cloud(project) == ATTACKERS


@REFRESH
def test_an_up_that_changes_tags_leaves_it_alone(edited, refresh):
    project = edited(refresh=refresh)
    project.set("owner", "another")

    assert project.up().changes == {"update": 2}
    assert {e["name"] for e in project.cloud("tag")} == {"blocked-v4", "blocked-v6"}
    assert project.cloud("update") == []
    assert in_the_cloud(project) == ATTACKERS


def test_a_destroy_that_refreshes_first_succeeds(edited):
    project = edited(refresh=True)

    project.destroy()

    assert {e["name"] for e in project.cloud("delete")} == {"blocked-v4", "blocked-v6"}


def test_a_destroy_that_does_not_is_refused_by_the_service(edited):
    project = edited(refresh=False)

    refused = project.destroy(fails=True)

    assert "WAFOptimisticLockException" in refused.text
    assert "blocked-v4" in project.resources()


def test_made_anew_it_is_empty_so_the_truth_must_be_elsewhere(edited):
    project = edited(refresh=True)
    project.destroy()

    project.up()

    made = [e for e in project.cloud("create") if e["name"] == "blocked-v4"]
    assert made[-1]["inputs"]["addresses"] == []


def test_another_input_that_can_change_would_have_the_update_refused(edited):
    project = edited(WITH_A_DESCRIPTION, refresh=False)
    project.set("owner", "another")

    assert "WAFOptimisticLockException" in project.up(fails=True).text


def test_and_refreshed_first_it_would_send_the_edit_back(edited):
    project = edited(WITH_A_DESCRIPTION, refresh=True)
    project.set("owner", "another")

    project.up()

    (update,) = project.cloud("update")
    assert update["inputs"]["addresses"] == ATTACKERS
