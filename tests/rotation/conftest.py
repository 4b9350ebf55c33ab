"""A secret in an emulated Secrets Manager, and the service's part in a rotation."""

import io
import itertools
import threading
import types
import uuid

import boto3
import pytest
from moto import mock_aws
from moto.secretsmanager.models import secretsmanager_backends

from bulwark_runtime.rotation import aws

REGION, ACCOUNT = "eu-central-1", "123456789012"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:rotator"
STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
NUMBERS = itertools.count()


class CutError(Exception):
    """What a crash looks like from inside a test."""


class Line:
    """The way to the service: counts the calls, and breaks where a test says."""

    Cut = CutError

    def __init__(self, client):
        self.client, self.calls, self.at, self.before = client, [], None, True
        self.lock = threading.Lock()

    def cut(self, at, *, before):
        self.calls.clear()
        self.at, self.before = at, before

    def mend(self):
        self.at = None

    def __getattr__(self, name):
        found = getattr(self.client, name)
        if name == "exceptions":
            return found

        def call(**arguments):
            number = len(self.calls)
            self.calls.append(name)
            if number == self.at and self.before:
                raise CutError(name)
            with self.lock:
                answer = found(**arguments)
            if number == self.at:
                raise CutError(name)
            return answer

        return call


class Rotated:
    """A secret whose rotation is on, and what Secrets Manager does to it."""

    def __init__(self, client, line, kind, value, *, tags=None, rotator=FUNCTION):
        self.client, self.line, self.kind = client, line, kind
        tags = {"bulwark:rotation": kind} | (tags or {})
        self.arn = client.create_secret(
            Name=f"secret-{next(NUMBERS)}",
            **({} if value is None else {"SecretString": value}),
            Tags=[{"Key": key, "Value": text} for key, text in tags.items()],
        )["ARN"]
        # RotateSecret wants a function that runs; what it would write down is written here.
        self.inside = secretsmanager_backends[ACCOUNT][REGION].secrets[self.arn]
        self.inside.rotation_requested = True
        self.inside.rotation_enabled = rotator is not None
        self.inside.rotation_lambda_arn = rotator or ""

    def begin(self, version=None):
        """The service makes a pending version, without a value, and then calls the steps."""
        version = version or str(uuid.uuid4())
        self.inside.remove_version_stages_from_old_versions(["AWSPENDING"])
        self.inside.versions[version] = {
            "createdate": 0,
            "version_id": version,
            "version_stages": ["AWSPENDING"],
        }
        return version

    def step(self, step, version, *, function=FUNCTION):
        event = {"SecretId": self.arn, "ClientRequestToken": version, "Step": step}
        context = types.SimpleNamespace(invoked_function_arn=function)
        getattr(aws, self.kind)(event, context)

    def rotate(self, version=None):
        version = version or self.begin()
        for step in STEPS:
            self.step(step, version)
        return version

    def value(self, stage="AWSCURRENT"):
        # Without the stage the emulator gives an old one.
        return self.client.get_secret_value(SecretId=self.arn, VersionStage=stage)["SecretString"]

    def stages(self, version):
        about = self.client.describe_secret(SecretId=self.arn)
        return set(about["VersionIdsToStages"].get(version, ()))


@pytest.fixture(scope="module")
def client():
    # No longer than that: while one emulator is on, no other test gets an empty one.
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        yield boto3.client("secretsmanager")


@pytest.fixture
def line(client, monkeypatch):
    line = Line(client)
    monkeypatch.setattr(aws, "_client", lambda: line)
    return line


@pytest.fixture
def logged():
    """What the functions log: their logger has the stream of the time when it was made."""
    stream = io.StringIO()
    (handler,) = aws.logger.handlers
    before = handler.setStream(stream)
    yield stream
    handler.setStream(before)


@pytest.fixture
def secret(client, line):
    return lambda kind, value, **more: Rotated(client, line, kind, value, **more)
