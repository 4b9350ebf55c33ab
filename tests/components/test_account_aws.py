import pytest

from pulumi_bulwark.account import AccountSpec
from pulumi_bulwark.account.aws import AwsAccount, AwsAccountArgs
from pulumi_bulwark.errors import ConfigError

BOUNDARY = "arn:aws:iam::123456789012:policy/boundary"

ONCE_IN_AN_ACCOUNT = {
    "aws:iam/accountPasswordPolicy:AccountPasswordPolicy",
    "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
}
ONCE_IN_A_REGION = {
    "aws:ebs/encryptionByDefault:EncryptionByDefault",
    "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess",
    "aws:ec2/imageBlockPublicAccess:ImageBlockPublicAccess",
    "aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults",
    "aws:ec2/serialConsoleAccess:SerialConsoleAccess",
    "aws:accessanalyzer/analyzer:Analyzer",
    "aws:apigateway/account:Account",
}


@pytest.fixture
def account(preview):
    def build(**spec):
        args = AwsAccountArgs(spec=AccountSpec(**spec), boundary_arn=BOUNDARY)
        graph = preview(lambda: AwsAccount("it", args))
        assert graph.problems == ()
        return graph

    return build


def types(graph):
    ours = {r.type for r in graph.resources if r.type.startswith("aws:")}
    return ours - {t for t in ours if t.startswith("aws:iam/role")}


def test_by_default_a_stack_owns_its_account_and_its_region(account):
    assert types(account()) == ONCE_IN_AN_ACCOUNT | ONCE_IN_A_REGION


def test_a_stack_may_own_its_region_only(account):
    graph = account(manage="region", baseline="org/baseline/prod")

    assert types(graph) == ONCE_IN_A_REGION


def test_a_stack_may_own_nothing(account):
    assert types(account(manage="none", baseline="org/baseline/prod")) == set()


def test_two_stacks_of_one_account_never_own_the_same_thing(account):
    owner = account(manage="all", unused_access_days=30)
    other = account(manage="none", baseline="org/owner/prod", unused_access_days=30)

    assert types(owner) & types(other) == set()
    assert set(owner["it"].outputs["owned"]) & set(other["it"].outputs["owned"]) == set()


def test_what_another_stack_owns_is_said_by_name(account):
    graph = account(manage="region", baseline="org/baseline/prod")

    (note,) = [n for n in graph.notes if n.kind == "limit"]
    assert note.text == "owned by org/baseline/prod: password policy, block of public buckets"


def test_who_needs_the_log_role_of_api_gateway_can_wait_for_it_where_it_is_ours(account):
    ours, theirs = account(), account(manage="none", baseline="org/baseline/prod")

    assert ours["it-api"].urn in ours["it"].outputs["apiLogRole"].waits_for
    assert theirs["it"].outputs.get("apiLogRole") is None


def test_passwords_are_as_strong_as_the_benchmarks_ask(account):
    policy = account()["it-password-policy"].inputs

    assert policy["minimumPasswordLength"] == 14
    assert policy["passwordReusePrevention"] == 24
    assert policy["maxPasswordAge"] == 90
    classes = ("Lowercase", "Uppercase")
    assert all(policy[f"require{c}Characters"] for c in classes)
    assert policy["requireNumbers"]
    assert policy["requireSymbols"]


def test_the_password_policy_is_the_one_that_was_asked_for_and_a_weaker_one_is_said(account):
    weaker = {"minimum_length": 12, "remembered": 4, "maximum_age_days": 180}
    graph = account(password_policy=weaker)

    policy = graph["it-password-policy"].inputs
    assert policy["minimumPasswordLength"] == 12
    assert policy["passwordReusePrevention"] == 4
    assert policy["maxPasswordAge"] == 180
    assert len([n for n in graph.notes if n.kind == "loosened"]) == 3


def test_nothing_in_the_account_is_public_by_mistake(account):
    graph = account()

    assert set(graph["it-public-buckets"].inputs.values()) == {True}
    assert graph["it-snapshots"].inputs["state"] == "block-all-sharing"
    assert graph["it-images"].inputs["state"] == "block-new-sharing"


def test_new_disks_are_encrypted_and_new_instances_take_imdsv2_only(account):
    graph = account()

    assert graph["it-disks"].inputs["enabled"] is True
    assert graph["it-instance-metadata"].inputs["httpTokens"] == "required"
    assert graph["it-serial-console"].inputs["enabled"] is False


@pytest.mark.parametrize("days", [30, None])
def test_unused_access_is_analysed_if_asked_for_and_its_price_is_said(account, days):
    graph = account(unused_access_days=days)

    kinds = {r.inputs["type"] for r in graph.of_type("aws:accessanalyzer/analyzer:Analyzer")}
    assert kinds == ({"ACCOUNT", "ACCOUNT_UNUSED_ACCESS"} if days else {"ACCOUNT"})
    assert any(n.kind == "cost" for n in graph.notes) is (days is not None)
    if days:
        unused = graph["it-unused-access"].inputs["configuration"]["unusedAccess"]
        assert unused == {"unusedAccessAge": 30}


def test_api_gateway_may_write_logs_by_a_role_inside_the_boundary(account):
    graph = account()

    (role,) = graph.of_type("aws:iam/role:Role")
    (attached,) = graph.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    assert role.inputs["permissionsBoundary"] == BOUNDARY
    assert attached.inputs["policyArn"].endswith("AmazonAPIGatewayPushToCloudWatchLogs")
    # Without the permissions API Gateway refuses the role.
    assert attached.urn in graph["it-api"].dependencies


def test_taking_a_stack_away_does_not_open_the_account_for_the_others(account):
    graph = account()

    reset = ONCE_IN_AN_ACCOUNT | ONCE_IN_A_REGION
    reset -= {"aws:accessanalyzer/analyzer:Analyzer", "aws:apigateway/account:Account"}
    assert all(r.options.retain_on_delete for t in reset for r in graph.of_type(t))


CONTACT = {"name": "Jo Doe", "title": "CISO", "mail": "ciso@example.com", "phone": "+49 30 0100"}


def test_aws_is_told_whom_to_warn(account):
    (contact,) = account(security_contact=CONTACT).of_type(
        "aws:account/alternativeContact:AlternativeContact"
    )

    assert contact.inputs == {
        "alternateContactType": "SECURITY",
        "name": "Jo Doe",
        "title": "CISO",
        "emailAddress": "ciso@example.com",
        "phoneNumber": "+49 30 0100",
    }


def test_the_contact_belongs_to_who_owns_the_account(account):
    graph = account(security_contact=CONTACT, manage="region", baseline="landing-zone")

    assert not graph.of_type("aws:account/alternativeContact:AlternativeContact")


@pytest.mark.parametrize(
    ("part", "text"), [("phone", "call me"), ("mail", "nobody"), ("title", "x" * 51), ("name", "")]
)
def test_a_contact_that_aws_would_refuse_is_refused(part, text):
    with pytest.raises(ConfigError, match=rf"security_contact\.{part}: "):
        AccountSpec(security_contact={**CONTACT, part: text})
