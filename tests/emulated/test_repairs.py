"""Each repair of moto is still needed."""

import json
from types import SimpleNamespace

import boto3
import pytest
from moto import mock_aws
from moto.apigateway.models import APIGatewayBackend, Stage

from bulwark_toolkit.emulated.repairs import ADMITS_LOGS, INTEGRATION, PATCH_STAGE, repaired

LOGS = {"Service": "logging.s3.amazonaws.com"}


def bucket(**statement):
    allow = {"Effect": "Allow", "Action": "s3:PutObject", "Principal": LOGS, **statement}
    policy = json.dumps({"Statement": [allow]}).encode()
    return SimpleNamespace(name="logs", partition="aws", policy=policy)


def test_moto_still_breaks_on_a_statement_for_everyone():
    with pytest.raises(AttributeError):
        ADMITS_LOGS(bucket(Principal="*"), "")


def test_moto_still_does_not_see_a_resource_in_a_list():
    assert not ADMITS_LOGS(bucket(Resource=["arn:aws:s3:::logs/*"]), "")


@pytest.mark.parametrize(
    ("statement", "admits"),
    [
        ({"Resource": ["arn:aws:s3:::logs/*"]}, True),
        ({"Resource": "arn:aws:s3:::logs/s3/*"}, True),
        ({"Resource": "arn:aws:s3:::other/*"}, False),
        ({"Resource": "arn:aws:s3:::logs/*", "Principal": "*"}, False),
    ],
)
def test_repaired_it_sees_who_may_write_where(statement, admits):
    with repaired():
        from moto.s3.models import FakeBucket

        assert FakeBucket._log_permissions_enabled_policy(bucket(**statement), "s3/") is admits


LIMIT = {"op": "replace", "path": "/payments/{id}/GET/throttling/rateLimit", "value": "5"}


def test_moto_still_loses_the_settings_of_a_method_that_is_not_at_the_top():
    stage = Stage(name="live")
    PATCH_STAGE(stage, [dict(LIMIT)])

    assert stage.method_settings == {}


def test_repaired_it_keeps_them():
    stage = Stage(name="live")
    with repaired():
        stage.apply_operations([dict(LIMIT)])

    assert stage.method_settings["payments~1{id}/GET"]["throttlingRateLimit"] == 5


def test_moto_still_has_nothing_to_call_for_a_mock_and_repaired_it_has_nobody():
    backend = APIGatewayBackend("eu-central-1", "123456789012")

    assert INTEGRATION(backend, {"type": "mock"})["uri"] is None
    with repaired():
        assert backend._build_integration_args({"type": "mock"})["uri"] == ""


def test_moto_still_takes_the_policies_of_two_log_groups_for_one(logs):
    put(logs)

    assert len(logs.describe_resource_policies()["resourcePolicies"]) == 1


def test_repaired_it_keeps_each_and_none_is_among_the_accounts_ten(logs):
    with repaired():
        put(logs, count=12)

    assert len(logs.describe_resource_policies()["resourcePolicies"]) == 12


@pytest.fixture
def logs():
    with mock_aws():
        yield boto3.client(
            "logs", "eu-central-1", aws_access_key_id="emulated", aws_secret_access_key="emulated"
        )


def put(logs, count=2):
    for number in range(count):
        arn = f"arn:aws:logs:eu-central-1:123456789012:log-group:{number}"
        logs.put_resource_policy(resourceArn=arn, policyDocument="{}")


@pytest.fixture
def empty_secret():
    """A secret without a value, and a function to rotate it with, by their names."""
    with mock_aws():
        identity = {"region_name": "eu-central-1"}
        manager = boto3.client("secretsmanager", **identity)
        manager.create_secret(Name="empty")
        trust = json.dumps({"Version": "2012-10-17", "Statement": []})
        role = boto3.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=trust)
        function = boto3.client("lambda", **identity).create_function(
            FunctionName="rotates",
            Runtime="python3.13",
            Handler="it.handler",
            Role=role["Role"]["Arn"],
            Code={"ZipFile": b"zip"},
        )
        yield manager, {"SecretId": "empty", "RotationLambdaARN": function["FunctionArn"]}


def test_moto_still_breaks_on_the_rotation_of_a_secret_without_a_value(empty_secret):
    manager, asked = empty_secret
    with pytest.raises(UnboundLocalError):
        manager.rotate_secret(**asked)


def test_repaired_it_turns_the_rotation_on(empty_secret):
    manager, asked = empty_secret
    with repaired():
        manager.rotate_secret(**asked, RotationRules={"AutomaticallyAfterDays": 30})

    held = manager.describe_secret(SecretId="empty")
    assert held["RotationLambdaARN"] == asked["RotationLambdaARN"]
    assert held["RotationRules"] == {"AutomaticallyAfterDays": 30}
