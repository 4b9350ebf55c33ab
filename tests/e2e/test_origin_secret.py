"""The secret by which the API knows the edge: how it goes from one generation to the next."""

import pytest

pytestmark = pytest.mark.e2e

# The parameter stands for the distribution, which sends the secret.
PROGRAM = """
import pulumi
import pulumi_aws as aws
from pulumi_bulwark.log_group.aws import AwsLogStore
from pulumi_bulwark.waf import WafSpec
from pulumi_bulwark.waf.aws import AwsWaf, AwsWafArgs

def store(region):
    return AwsLogStore(
        account_id="123456789012", region=region, partition="aws", key_arn="key",
        retention_days=90, access_logs_id="logs", deletion_protection=False,
    )

args = AwsWafArgs(
    spec=WafSpec(origin_generation=pulumi.Config().require_int("generation")),
    store=store("eu-central-1"),
    edge_store=store("us-east-1"),
    api_stage_arn="arn:aws:apigateway:eu-central-1::/restapis/abc123/stages/live",
)
aws.ssm.Parameter("edge", type="SecureString", value=AwsWaf("it", args).origin_header_value)
"""

ACL, EDGE = "it-api-acl", "edge"


@pytest.fixture
def deployed(program):
    project = program(PROGRAM)
    project.set("generation", 1)
    project.up()
    return project


def made(project):
    """What was asked of the cloud, in order, of those that matter here."""
    calls = [(e["call"], e["name"]) for e in project.cloud("create", "update", "delete")]
    return [(c, name) for c, name in calls if name in (ACL, EDGE) or "origin-secret" in name]


def rotate(project, generation):
    before = len(made(project))
    project.set("generation", generation)
    project.up()
    return made(project)[before:]


def test_the_api_takes_the_new_one_before_the_edge_sends_it(deployed):
    assert rotate(deployed, 2) == [
        ("create", "it-origin-secret-2"),
        ("update", ACL),
        ("update", EDGE),
    ]


def test_the_one_before_the_last_goes_when_nobody_sends_it_any_more(deployed):
    rotate(deployed, 2)

    assert rotate(deployed, 3) == [
        ("create", "it-origin-secret-3"),
        ("update", ACL),
        ("update", EDGE),
        ("delete", "it-origin-secret-1"),
    ]


def test_a_second_up_changes_nothing(deployed):
    assert deployed.up().changes == {}


def test_its_value_is_encrypted_in_the_state_and_shown_nowhere(deployed):
    secret = deployed.resources()["it-origin-secret-1"]

    assert "ciphertext" in secret["outputs"]["result"]
    rules = deployed.resources()[ACL]["inputs"]["rules"]
    assert "ciphertext" in str(rules)
    written = b"".join(content for _, content in deployed.written())
    assert b"placeholder" not in written
    assert "placeholder" not in deployed.pulumi("preview", "--diff").text
