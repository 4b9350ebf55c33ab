"""A secret, emulated or in a fake key vault, and its cloud's part in a rotation."""

import io
import itertools
import threading
import types
import uuid
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from moto import mock_aws
from moto.secretsmanager.models import secretsmanager_backends

from bulwark_runtime.rotation import aws, azure
from bulwark_runtime.rotation.azure_vault import VaultSecret
from bulwark_runtime.rotation.renewal import Renewal

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


class InVault:
    """A secret of a key vault that rotates every thirty days, and the days that go by."""

    days = 30

    def __init__(self, vault, client, kind, **settings):
        self.vault, self.client, self.kind = vault, client, kind
        self.settings = {f"bulwark:{name}": text for name, text in settings.items()}
        vault.now, vault.tick = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()), 0

    @property
    def now(self):
        return datetime.fromtimestamp(self.vault.now, UTC)

    def after(self, days=0, **more):
        self.vault.now += int(timedelta(days=days, **more).total_seconds())
        return self

    def has(self, value):
        self.client.set_secret("it", value)
        return self

    def run(self):
        renewal = Renewal(
            secret=VaultSecret(self.client, "it"),
            kind=azure.KINDS[self.kind],
            days=self.days,
            settings=self.settings,
        )
        return renewal.run(self.now)

    def rotate(self):
        """Runs until the next value is in use."""
        self.after(self.days).run()
        self.after(minutes=15).run()

    @property
    def value(self):
        return self.client.get_secret("it").value

    @property
    def values(self):
        return self.vault.values("it")

    @property
    def readable(self):
        """What a reader can still get, if not as the current value."""
        return self.usable

    @property
    def usable(self):
        return self.vault.values("it", usable=True)


@pytest.fixture
def in_vault(vault, vault_client):
    return lambda kind, **settings: InVault(vault, vault_client, kind, **settings)


class InAccount:
    """A secret of Secrets Manager, seen as a key vault's is."""

    def __init__(self, secret, kind, **settings):
        self._secret, self._kind = secret, kind
        self._tags = {f"bulwark:{name}": text for name, text in settings.items()}

    def has(self, value):
        self._rotated = self._secret(self._kind, value, tags=self._tags)
        return self

    def rotate(self):
        self._rotated.rotate()

    @property
    def value(self):
        return self._rotated.value()

    @property
    def readable(self):
        return [self._rotated.value("AWSPREVIOUS"), self.value]


@pytest.fixture(params=["aws", "azure"])
def anywhere(request):
    """A secret of a kind, wherever secrets are: it `has` a value, it `rotate`s."""
    if request.param == "azure":
        return request.getfixturevalue("in_vault")
    secret = request.getfixturevalue("secret")
    return lambda kind, **settings: InAccount(secret, kind, **settings)
