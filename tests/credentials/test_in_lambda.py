"""The vault in Lambda's own runtime, from the zip that is deployed, on emulated services."""

import base64
import json

import boto3
import pytest
from moto.server import ThreadedMotoServer

pytestmark = pytest.mark.e2e

PASSWORD = "blue lamp 47 under rain"
OTHER = "seven 7 green boats at noon"
HOME = "203.0.113.7"


@pytest.fixture(scope="module")
def services():
    """Addresses of emulated services on loopback."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="module")
def made(services):
    """The tables and the pepper of a stack, and what its functions are told of them."""
    place = {
        "endpoint_url": services,
        "region_name": "us-east-1",
        "aws_access_key_id": "testing",
        "aws_secret_access_key": "testing",
    }
    dynamodb, manager = boto3.client("dynamodb", **place), boto3.client("secretsmanager", **place)
    for table in ("users", "attempts"):
        dynamodb.create_table(
            TableName=table,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
    pepper = base64.b64encode(b"p" * 32).decode()
    secret = manager.create_secret(
        Name="pepper", SecretString=json.dumps({"current": "v1", "peppers": {"v1": pepper}})
    )
    return {
        "AWS_ENDPOINT_URL": services,
        "BULWARK_USERS_TABLE": "users",
        "BULWARK_ATTEMPTS_TABLE": "attempts",
        "BULWARK_PEPPER_ARN": secret["ARN"],
        "BULWARK_POLICY": json.dumps({"presets": ["pci"], "cost": 10}),
    }


@pytest.fixture
def function(lambda_runtime, made):
    return lambda operation, **more: lambda_runtime(
        "credentials", f"bulwark_runtime.credentials.aws.{operation}", {**made, **more}
    )


STORES = pytest.mark.parametrize(
    "store",
    [
        {"BULWARK_STORE": "table"},
        {"BULWARK_STORE": "secrets", "BULWARK_SECRETS_PREFIX": "pay/dev/users/"},
    ],
    ids=lambda store: store["BULWARK_STORE"],
)


@STORES
def test_a_user_signs_up_and_in_and_is_locked_out(function, store):
    register, verify = function("register", **store), function("verify", **store)
    user = f"ada-in-{store['BULWARK_STORE']}"

    assert register({"user": user, "password": PASSWORD})["outcome"] == "done"
    assert register({"user": user, "password": OTHER})["outcome"] == "exists"
    attempt = {"user": user, "source": HOME}
    assert verify(attempt | {"password": PASSWORD})["outcome"] == "done"
    guesses = [verify(attempt | {"password": OTHER})["outcome"] for _ in range(6)]
    assert guesses == ["refused"] * 5 + ["delayed"]
    assert verify(attempt | {"password": PASSWORD})["outcome"] == "delayed"
    assert PASSWORD not in register.logged() + verify.logged()
    assert "Lockouts" in verify.logged()


def test_instances_share_users_and_attempts(function):
    function("register")({"user": "bob", "password": PASSWORD})
    one, other = function("verify"), function("verify")

    attempt = {"user": "bob", "password": OTHER, "source": HOME}
    outcomes = [verify(attempt)["outcome"] for _ in range(3) for verify in (one, other)]

    assert outcomes == ["refused"] * 5 + ["delayed"]


def test_a_password_is_reset(function):
    function("register")({"user": "eve", "password": PASSWORD})
    token = function("begin_reset")({"user": "eve"})["token"]

    answer = function("finish_reset")({"user": "eve", "token": token, "new_password": OTHER})

    assert answer["outcome"] == "done"
    assert function("verify")({"user": "eve", "password": OTHER})["outcome"] == "done"
