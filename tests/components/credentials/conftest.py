"""The vault as its component makes it, running: its code, its settings, its tables in moto."""

import base64
import importlib
import json
import os
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from unittest.mock import patch

import pytest
from botocore.client import BaseClient
from moto.core import DEFAULT_ACCOUNT_ID
from moto.secretsmanager.models import SecretsManagerBackend, secretsmanager_backends

from bulwark_toolkit import emulated
from bulwark_toolkit.testing import Preview
from pulumi_bulwark.credentials import CredentialsSpec
from pulumi_bulwark.credentials.aws import AwsCredentials, AwsCredentialsArgs
from pulumi_bulwark.keys import KeysSpec
from pulumi_bulwark.keys.aws import AwsKeys, AwsKeysArgs
from pulumi_bulwark.log_group.aws import AwsLogStore
from pulumi_bulwark.role.aws_boundary import AwsBoundary, AwsBoundaryArgs

ACCOUNT, REGION = "123456789012", "eu-central-1"
WHERE = {"account_id": ACCOUNT, "region": REGION}

DATA = ("aws:dynamodb/table:Table", "aws:secretsmanager/secret:Secret", "aws:kms/key:Key")


def program(*, protected=True, **spec):
    def build():
        keys = AwsKeys("keys", AwsKeysArgs(spec=KeysSpec(), **WHERE))
        boundary = AwsBoundary("boundary", AwsBoundaryArgs(**WHERE))
        store = AwsLogStore(
            **WHERE,
            partition="aws",
            key_arn=keys.ids["logs"],
            retention_days=400,
            access_logs_id="access-logs",
            deletion_protection=protected,
        )
        AwsCredentials(
            "it",
            AwsCredentialsArgs(
                spec=CredentialsSpec(enabled=True, **spec),
                store=store,
                key_arn=keys.ids["data"],
                secrets_key_arn=keys.ids["secrets"],
                boundary_arn=boundary.arn,
                deletion_protection=protected,
            ),
        )

    return build


@pytest.fixture(scope="session")
def credentials():
    """The graph of a vault with these settings."""

    def build(*, rendered=True, protected=True, stack="dev", **spec):
        graph = Preview()(
            program(protected=protected, **spec), rendered=rendered, project="pay", stack=stack
        )
        assert graph.problems == ()
        return graph

    return build


@dataclass(frozen=True)
class Call:
    """One that a function made of AWS."""

    function: str
    service: str
    operation: str
    parameters: dict

    @property
    def action(self):
        return f"{self.service}:{self.operation}"


@dataclass
class Running:
    """The functions of a graph, called one by one in this process."""

    graph: object
    account: object
    calls: list = field(default_factory=list)
    settings: dict = field(default_factory=dict)
    """What is set otherwise for the moment."""
    _function: str = ""

    def client(self, service):
        return self.account.client(service, REGION)

    def name(self, what):
        return self.account[f"it-{what}-table"]["name"]

    def policy_of(self, function):
        found = self.graph[f"it-{function}-execution-policy"].inputs["policy"]
        return self.real(found)

    def real(self, text):
        """With the account's own ARNs, where the graph has placeholders."""
        for name in ("it-pepper", "it-users-table", "it-attempts-table"):
            text = text.replace(self.graph[name].outputs["arn"], self.account[name]["arn"])
        return text

    def settings_of(self, function):
        """What the component has Lambda tell the function."""
        inputs = self.graph[f"it-{function}-function"].inputs
        variables = inputs.get("environment", {"variables": {}})["variables"]
        return {name: self.real(value) for name, value in variables.items()}

    def call(self, operation, **event):
        return self.run(operation, event, SimpleNamespace(aws_request_id="1"))

    def run(self, function, event, context):
        inputs = self.graph[f"it-{function}-function"].inputs
        settings = self.settings_of(function)
        settings |= {"AWS_DEFAULT_REGION": REGION, "POWERTOOLS_LOG_LEVEL": "CRITICAL"}
        settings |= self.settings
        module, _, handler = inputs["handler"].rpartition(".")
        code = importlib.import_module(module)
        _forget(code)
        self._function = function
        try:
            with patch.dict(os.environ, settings):
                return getattr(code, handler)(event, context)
        finally:
            self._function = ""

    def rotate(self, version):
        """What Secrets Manager does when it rotates the pepper."""
        arn = self.account["it-pepper"]["arn"]
        function = self.graph["it-rotator-function-function"].outputs["arn"]
        secret = secretsmanager_backends[DEFAULT_ACCOUNT_ID][REGION].secrets[arn]
        secret.rotation_requested = secret.rotation_enabled = True
        secret.rotation_lambda_arn = function
        if version not in secret.versions:
            secret.versions[version] = {
                "version_id": version,
                "version_stages": ["AWSPENDING"],
                "createdate": 0,
            }
        context = SimpleNamespace(aws_request_id="1", invoked_function_arn=function)
        for step in ("createSecret", "setSecret", "testSecret", "finishSecret"):
            event = {"SecretId": arn, "ClientRequestToken": version, "Step": step}
            self.run("rotator-function", event, context)
        # moto goes on answering the version before, where nobody says which.
        secret.set_default_version_id(version)

    def recorded(self, function):
        return [call for call in self.calls if call.function == function]


def _forget(code):
    """What an instance of Lambda keeps from call to call."""
    for thing in vars(code).values():
        if hasattr(thing, "cache_clear"):
            thing.cache_clear()


@contextmanager
def _started(graph):
    with emulated.deploy(_data(graph)) as account:
        vault = Running(graph, account)
        with _recorded(vault), patch.object(SecretsManagerBackend, MOVE.__name__, _move):
            vault.rotate("11111111-1111-4111-8111-111111111111")
            yield vault


@pytest.fixture(scope="session")
def started():
    """As long as it is entered: the vault of a graph, its data in moto, with a pepper."""
    return _started


@pytest.fixture
def running(credentials, started):
    """The vault with these settings, until the test ends."""
    with ExitStack() as stack:
        yield lambda **spec: stack.enter_context(started(credentials(**spec)))


MOVE = SecretsManagerBackend.update_secret_version_stage


def _move(self, secret_id, version_stage, remove_from_version_id, move_to_version_id):
    """moto breaks where no version is the current one yet; AWS asks what it is taken from only
    where one is."""
    versions = self.secrets[secret_id].versions
    if not any(version_stage in version["version_stages"] for version in versions.values()):
        versions[move_to_version_id]["version_stages"].append(version_stage)
        return self.secrets[secret_id].arn, secret_id
    return MOVE(self, secret_id, version_stage, remove_from_version_id, move_to_version_id)


def _data(graph):
    """The part of it that holds data."""
    kept = (r for r in graph.resources if r.kind == "component" or r.type in DATA)
    return replace(graph, resources=tuple(kept))


@pytest.fixture
def services():
    """The address of emulated services on loopback."""
    # Only here: they bring a web server along.
    from moto.moto_api._internal.models import moto_api_backend
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    moto_api_backend.reset()  # it is in this process, and so is what it has
    server.stop()


@pytest.fixture
def in_lambda(credentials, services, lambda_runtime):
    """Functions of the vault in Lambda's own runtime, from their zip, by operation."""
    graph = credentials(bcrypt_cost=10)
    with emulated.deploy(_data(graph), endpoint=services) as account:
        vault = Running(graph, account)
        pepper = base64.b64encode(b"p" * 32).decode()
        vault.client("secretsmanager").put_secret_value(
            SecretId=account["it-pepper"]["arn"],
            SecretString=json.dumps({"current": "v1", "peppers": {"v1": pepper}}),
        )

        def start(operation):
            handler = graph[f"it-{operation}-function"].inputs["handler"]
            settings = vault.settings_of(operation)
            where = {"AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION}
            where["AWS_ENDPOINT_URL"] = services
            return lambda_runtime("credentials", handler, {**settings, **where})

        yield start


def _recorded(vault):
    make = BaseClient._make_api_call

    def note(self, operation, parameters):
        if vault._function:
            service = self.meta.service_model.service_name
            vault.calls.append(Call(vault._function, service, operation, parameters))
        return make(self, operation, parameters)

    return patch.object(BaseClient, "_make_api_call", note)


def statements(policy):
    return json.loads(policy)["Statement"]
