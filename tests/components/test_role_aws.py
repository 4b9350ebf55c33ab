import json

import pytest

from pulumi_bulwark.role.aws import AwsRole, AwsRoleArgs, service_trust
from pulumi_bulwark.role.aws_boundary import AwsBoundary, AwsBoundaryArgs

ACCOUNT = "123456789012"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
READ = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::bucket/*"}


@pytest.fixture
def role(preview):
    def build(name="it", *, rendered=False, **args):
        args = AwsRoleArgs(
            description="For a test",
            trust=[service_trust("lambda.amazonaws.com")],
            boundary_arn=BOUNDARY,
            **args,
        )
        graph = preview(lambda: AwsRole(name, args), rendered=rendered)
        assert graph.problems == ()
        return graph

    return build


def of_type(graph, token):
    (found,) = graph.of_type(token)
    return found


def test_a_role_trusts_whom_it_is_told_to_and_stays_inside_its_boundary(role):
    made = of_type(role(), "aws:iam/role:Role")

    assert json.loads(made.inputs["assumeRolePolicy"])["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ]
    assert made.inputs["permissionsBoundary"] == BOUNDARY


def test_a_trust_can_be_held_to_its_source():
    condition = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}

    assert service_trust("config.amazonaws.com", condition)["Condition"] == condition


def test_a_role_may_do_what_its_statements_say_and_nothing_without_any(role):
    policy = of_type(role(statements=[READ]), "aws:iam/rolePolicy:RolePolicy")

    assert json.loads(policy.inputs["policy"])["Statement"] == [READ]
    assert role().of_type("aws:iam/rolePolicy:RolePolicy") == []


def test_a_policy_of_aws_is_attached_and_never_exclusively(role):
    arn = "arn:aws:iam::aws:policy/service-role/Some"
    graph = role(managed_policy_arns=[arn])

    attached = of_type(graph, "aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    assert attached.inputs["policyArn"] == arn
    # Either of these would take the attachment away from others, or fight with it.
    assert graph.of_type("aws:iam/policyAttachment:PolicyAttachment") == []
    assert "managedPolicyArns" not in of_type(graph, "aws:iam/role:Role").inputs


def test_who_takes_the_arn_waits_for_the_permissions(role):
    graph = role(statements=[READ])

    waits = graph["it"].outputs["arn"].waits_for
    assert of_type(graph, "aws:iam/rolePolicy:RolePolicy").urn in waits


def test_a_name_that_is_too_long_for_iam_is_cut(role):
    made = of_type(role("n" * 90), "aws:iam/role:Role")

    assert len(made.name) + len("-1234567") <= 64


@pytest.fixture
def boundary(preview):
    args = AwsBoundaryArgs(account_id=ACCOUNT, region="eu-central-1")
    return preview(lambda: AwsBoundary("it", args), project="pay", stack="prod")


def statements(graph):
    policy = of_type(graph, "aws:iam/policy:Policy").inputs["policy"]
    return {s["Sid"]: s for s in json.loads(policy)["Statement"]}


@pytest.mark.parametrize(
    ("sid", "action"),
    [
        ("KeepLogging", "cloudtrail:StopLogging"),
        ("KeepLogging", "logs:DeleteLogGroup"),
        ("KeepPeopleOut", "iam:CreateUser"),
        ("KeepPeopleOut", "iam:CreateAccessKey"),
        ("KeepKeys", "kms:PutKeyPolicy"),
        ("KeepSecrets", "secretsmanager:PutResourcePolicy"),
        ("KeepBoundaries", "iam:DeleteRolePermissionsBoundary"),
    ],
)
def test_nothing_inside_the_boundary_can(boundary, sid, action):
    statement = statements(boundary)[sid]

    assert statement["Effect"] == "Deny"
    assert action in statement["Action"]
    assert "Condition" not in statement


def test_a_role_made_inside_the_boundary_has_it_too(boundary):
    statement = statements(boundary)["OnlyRolesInside"]

    assert statement["Effect"] == "Deny"
    assert {"iam:CreateRole", "iam:PutRolePolicy"} <= set(statement["Action"])
    (own,) = statement["Condition"]["StringNotEquals"].values()
    assert own == statements(boundary)["KeepThisBoundary"]["Resource"]


def test_the_boundary_names_itself_as_it_will_be_called(boundary):
    policy = of_type(boundary, "aws:iam/policy:Policy")

    own = statements(boundary)["KeepThisBoundary"]["Resource"]
    assert own == f"arn:aws:iam::{ACCOUNT}:policy/{policy.inputs['name']}"


def test_two_stacks_or_regions_of_one_account_have_a_boundary_each(preview):
    def name(stack, region):
        args = AwsBoundaryArgs(account_id=ACCOUNT, region=region)
        graph = preview(lambda: AwsBoundary("it", args), stack=stack)
        return of_type(graph, "aws:iam/policy:Policy").inputs["name"]

    names = [name("dev", "eu-central-1"), name("prod", "eu-central-1"), name("dev", "us-east-1")]
    assert len(set(names)) == 3


def test_the_boundary_fits_a_managed_policy(boundary):
    policy = of_type(boundary, "aws:iam/policy:Policy").inputs["policy"]

    assert len(json.dumps(json.loads(policy), separators=(",", ":"))) <= 6_144  # IAM quota
