"""The rotation functions in Lambda's own runtime, from the zip that is deployed."""

import base64
import json
import uuid

import boto3
import pytest
from moto.secretsmanager.models import secretsmanager_backends
from moto.server import ThreadedMotoServer

from bulwark_toolkit.lambda_runtime import FunctionError

pytestmark = pytest.mark.e2e

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
EMULATORS_OWN = "arn:aws:lambda:us-east-1:012345678912:function:function"
"""What the emulator calls the function, whoever's it is."""
OLD = base64.b64encode(b"1" * 32).decode()
FIRST = {
    "generated": "x" * 32,
    "pepper": json.dumps({"current": "v1", "peppers": {"v1": OLD}}),
}


@pytest.fixture(scope="module")
def services():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def pending(services):
    """A secret in the middle of a rotation, as the service leaves it to the function."""
    manager = boto3.client(
        "secretsmanager",
        endpoint_url=services,
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )

    def begin(kind, *, rotator=EMULATORS_OWN):
        arn = manager.create_secret(
            Name=f"{kind}-{uuid.uuid4()}",
            SecretString=FIRST[kind],
            Tags=[{"Key": "bulwark:rotation", "Value": kind}],
        )["ARN"]
        # The emulator's RotateSecret wants to run the function itself.
        inside, version = (
            secretsmanager_backends["123456789012"]["us-east-1"].secrets[arn],
            "p" * 32,
        )
        inside.rotation_requested = inside.rotation_enabled = True
        inside.rotation_lambda_arn = rotator
        inside.versions[version] = {
            "createdate": 0,
            "version_id": version,
            "version_stages": ["AWSPENDING"],
        }
        return arn, version

    begin.value = lambda arn: manager.get_secret_value(SecretId=arn, VersionStage="AWSCURRENT")
    return begin


@pytest.mark.parametrize("kind", FIRST)
def test_a_secret_is_rotated(lambda_runtime, services, pending, kind):
    rotate = lambda_runtime(
        "rotation", f"bulwark_runtime.rotation.aws.{kind}", {"AWS_ENDPOINT_URL": services}
    )
    arn, version = pending(kind)

    for step in STEPS:
        rotate({"SecretId": arn, "ClientRequestToken": version, "Step": step})

    value = pending.value(arn)["SecretString"]
    assert value != FIRST[kind]
    assert value not in rotate.logged()
    if kind == "pepper":
        assert json.loads(value)["peppers"]["v1"] == OLD


def test_a_secret_of_another_function_is_refused(lambda_runtime, services, pending):
    rotate = lambda_runtime(
        "rotation", "bulwark_runtime.rotation.aws.generated", {"AWS_ENDPOINT_URL": services}
    )
    arn, version = pending("generated", rotator=f"{EMULATORS_OWN}-2")

    with pytest.raises(FunctionError, match="another function rotates this secret"):
        rotate({"SecretId": arn, "ClientRequestToken": version, "Step": "createSecret"})
