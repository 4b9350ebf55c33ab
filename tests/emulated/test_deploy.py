import json

import pulumi
import pulumi_aws as aws
import pytest

from bulwark_toolkit import emulated
from bulwark_toolkit.emulated import ROWS, Call, Read, Row

KEY = "aws:kms/key:Key"
ROLE = "aws:iam/role:Role"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})


# --- what is right ---


def test_ids_that_the_account_gave_reach_later_resources(deployed):
    def program():
        key = aws.kms.Key("key")
        aws.kms.Alias("alias", target_key_id=key.key_id)

    account = deployed(program)

    kms = account.client("kms", "eu-central-1")
    named = kms.describe_key(KeyId=account["alias"]["name"])["KeyMetadata"]
    assert named["KeyId"] == account["key"]["keyId"]
    assert not named["KeyId"].startswith("00000000")


def test_an_id_that_is_no_other_output_reaches_later_resources_too(deployed):
    def program():
        pool = aws.cognito.UserPool("pool")
        aws.cognito.UserPoolClient("client", user_pool_id=pool.id)

    account = deployed(program)

    assert account["client"]["userPoolId"] == account["pool"]["id"]
    service = account.client("cognito-idp", account["pool"]["region"])
    assert service.describe_user_pool(UserPoolId=account["pool"]["id"])


def test_ids_inside_a_policy_are_the_accounts_own(deployed):
    def program():
        key = aws.kms.Key("key")
        statement = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": key.arn}
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        role = aws.iam.Role("role", assume_role_policy=TRUST)
        text = pulumi.Output.json_dumps(policy)
        aws.iam.RolePolicy("policy", name="policy", role=role.name, policy=text)

    account = deployed(program)

    name = account["role"]["name"]
    iam = account.client("iam", "us-east-1")
    policy = iam.get_role_policy(RoleName=name, PolicyName="policy")["PolicyDocument"]
    assert policy["Statement"][0]["Resource"] == account["key"]["arn"]


def test_a_resource_without_a_name_gets_the_one_that_pulumi_would_make(deployed):
    account = deployed(lambda: aws.s3.Bucket("Archive"))

    assert account["Archive"]["bucket"].startswith("archive-")
    assert len(account["Archive"]["bucket"]) == len("archive-") + 7


@pytest.mark.parametrize(
    ("settings", "region"),
    [
        ({}, "eu-central-1"),
        ({"config": {"aws:region": "eu-west-1"}}, "eu-west-1"),
    ],
)
def test_resources_are_where_the_stack_is(deployed, settings, region):
    account = deployed(lambda: aws.kms.Key("key"), **settings)

    assert account["key"]["arn"].split(":")[3] == region


def test_a_resource_may_be_in_a_region_of_its_own(deployed):
    account = deployed(lambda: aws.kms.Key("key", region="us-west-2"))

    assert account["key"]["arn"].split(":")[3] == "us-west-2"


def test_a_resource_is_where_its_provider_is(deployed):
    def program():
        abroad = aws.Provider("abroad", region="eu-west-2")
        aws.kms.Key("key", opts=pulumi.ResourceOptions(provider=abroad))

    assert deployed(program)["key"]["arn"].split(":")[3] == "eu-west-2"


def test_a_replica_is_where_it_was_asked_for_with_the_id_of_its_primary(deployed):
    def program():
        key = aws.kms.Key("key", multi_region=True)
        aws.kms.ReplicaKey("replica", primary_key_arn=key.arn, region="us-east-1")

    account = deployed(program)

    primary, replica = account["key"]["arn"], account["replica"]["arn"]
    assert replica == primary.replace("eu-central-1", "us-east-1")


def test_an_account_knows_nothing_of_the_one_before(preview):
    graph = preview(lambda: aws.s3.Bucket("one", bucket="one"), rendered=True)
    with emulated.deploy(graph):
        pass

    with emulated.deploy(graph) as account:
        assert account["one"]["bucket"] == "one"


# --- what is wrong ---


def only(found):
    (problem,) = found
    return problem


def test_a_word_of_no_meaning(problems):
    found = problems(lambda: aws.kms.Key("key", key_usage="ENCRYPT"))

    assert only(found).startswith(f"key ({KEY}): CreateKey.KeyUsage: must be one of SIGN_VERIFY, ")


def test_too_long_a_name(problems):
    name = "r" * 65
    found = problems(lambda: aws.iam.Role("role", name=name, assume_role_policy=TRUST))

    place = f"role ({ROLE}): CreateRole.RoleName"
    assert only(found) == f"{place}: must be at most 64 characters; got a string of 65 characters"


def test_a_name_that_gets_too_long_when_pulumi_makes_it_unique(problems):
    found = problems(lambda: aws.iam.Role("r" * 60, assume_role_policy=TRUST))

    assert "name: too long once Pulumi has made it unique" in only(found)


def test_a_misspelt_nested_input(problems):
    rule = {"default_retention": {"mode": "GOVERNANCE", "day": 30}}

    def program():
        bucket = aws.s3.Bucket("bucket", object_lock_enabled=True)
        aws.s3.BucketObjectLockConfiguration("lock", bucket=bucket.bucket, rule=rule)

    assert (
        "PutObjectLockConfiguration.ObjectLockConfiguration.Rule.DefaultRetention.day: "
        "is not a parameter (did you mean Days?); got the number 30"
    ) in only(problems(program))


def test_a_missing_parameter(problems):
    rules = [{"apply_server_side_encryption_by_default": {"kms_master_key_id": "alias/key"}}]

    def program():
        bucket = aws.s3.Bucket("bucket")
        kind = aws.s3.BucketServerSideEncryptionConfiguration
        kind("encryption", bucket=bucket.bucket, rules=rules)

    assert only(problems(program)).endswith(".SSEAlgorithm: is required; got nothing")


def test_a_value_of_the_wrong_kind(problems):
    found = problems(lambda: aws.kms.Key("key", multi_region="yes"))

    place = f"key ({KEY}): CreateKey.MultiRegion"
    assert only(found) == f"{place}: must be a boolean; got a string of 3 characters"


def test_an_input_that_the_row_does_not_know(problems):
    found = problems(lambda: aws.kms.Key("key", xks_key_id="x"))

    text = "xksKeyId: the row of this type does not know it; got a string of 1 characters"
    assert only(found) == f"key ({KEY}): {text}"


def test_a_type_without_a_row(problems):
    found = problems(lambda: aws.glacier.Vault("vault"))

    assert only(found) == "vault (aws:glacier/vault:Vault): no table has a row for this type"


def test_what_the_service_refuses(problems):
    attach = aws.iam.RolePolicyAttachment
    found = problems(lambda: attach("it", role="nobody", policy_arn="arn:aws:iam::aws:policy/None"))

    assert "(aws:iam/rolePolicyAttachment:RolePolicyAttachment): AttachRolePolicy: " in only(found)
    assert "NoSuchEntity" in only(found)


def test_nothing_at_all(problems):
    assert only(problems(lambda: None)) == "stack: there is nothing to deploy"


def test_a_secret_is_neither_sent_nor_shown(problems):
    found = problems(lambda: aws.kms.Key("key", description=pulumi.Output.secret("s3cr3t")))

    place = f"key ({KEY}): CreateKey.Description"
    assert only(found) == f"{place}: must be a string; got a secret"


def test_every_problem_is_said_and_what_depends_on_it_is_still_checked(problems):
    def program():
        key = aws.kms.Key("key", key_usage="ENCRYPT")
        aws.kms.Alias("alias", name="alias/a b", target_key_id=key.key_id)
        aws.iam.Role("role", name="a role", assume_role_policy=TRUST)

    assert sorted(line.partition(" ")[0] for line in problems(program)) == ["alias", "key", "role"]


def test_what_depends_on_a_failure_is_not_one_itself(problems):
    def program():
        key = aws.kms.Key("key", key_usage="ENCRYPT")
        aws.kms.Alias("alias", target_key_id=key.key_id)

    assert len(problems(program)) == 1


def test_a_graph_with_unknown_ids_is_not_taken(deploy, preview):
    with pytest.raises(ValueError, match="rendered"):
        deploy(preview(lambda: aws.kms.Key("key")))


# --- what the emulator does with it ---


def with_row(row):
    return {"rows": {**ROWS, KEY: row}}


@pytest.fixture
def deployed_as(preview, deploy):
    """A key, deployed by a row of the test's own."""

    def build(row, **inputs):
        graph = preview(lambda: aws.kms.Key("key", **inputs), rendered=True)
        return deploy(graph, rows={KEY: row})

    return build


CREATE = Call(
    "kms.CreateKey",
    {"Description": "description"},
    gives={"keyId": "KeyMetadata.KeyId"},
)


def describe(place):
    return Read("kms.DescribeKey", {"KeyId": "keyId"}, {place: "description"})


def test_what_comes_back_as_something_else_is_a_problem(problems, monkeypatch):
    broken = Row(calls=(CREATE,), reads=(describe("KeyMetadata.KeyState"),))
    monkeypatch.setitem(ROWS, KEY, broken)
    found = problems(lambda: aws.kms.Key("key", description="mine"))

    place = f"key ({KEY}): DescribeKey.KeyMetadata.KeyState"
    text = 'description was sent as "mine" and came back as "Enabled"'
    assert only(found) == f"{place}: {text}"


def test_an_excuse_that_is_no_longer_true_is_noticed(deployed_as):
    reads = (describe("KeyMetadata.Description"),)
    row = Row(calls=(CREATE,), reads=reads, unread={"description": "moto drops it"})

    account = deployed_as(row, description="mine")

    assert account.stale == [f"{KEY}: description: no longer so: moto drops it"]


def test_a_call_that_the_emulator_has_after_all_is_noticed(deployed_as):
    account = deployed_as(Row(calls=(CREATE, Call("kms.ListKeys", lacking="raises"))))

    assert account.stale == [f"{KEY}: kms.ListKeys: no longer so: raises"]


def test_a_call_that_the_emulator_lacks_must_be_named_in_the_row(problems, monkeypatch):
    lacks = Call("ec2.EnableSerialConsoleAccess")
    monkeypatch.setitem(ROWS, KEY, Row(calls=(CREATE, lacks)))
    found = problems(lambda: aws.kms.Key("key"))

    text = "EnableSerialConsoleAccess: moto lacks it; its row must say so"
    assert only(found) == f"key ({KEY}): {text}"
