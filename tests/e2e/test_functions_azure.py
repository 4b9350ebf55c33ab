"""The engine brings code into a function app: the command, the verb and its answers are real ones.

Azure is a fake, and the command's provider a stand-in that runs commands as the real one does.
"""

import io
import json
import subprocess
import zipfile

import pytest
from arm import SUBSCRIPTION
from deployment_door import LOOK

pytestmark = pytest.mark.e2e

PROGRAM = """
import pulumi
from pulumi_bulwark.function import FunctionApplication, FunctionSpec, Package
from pulumi_bulwark.function.azure import AzureFunction, AzureFunctionArgs
from pulumi_bulwark.log_group.azure import AzureLogStore
from pulumi_bulwark.place import AzurePlace
from pulumi_bulwark.vault.azure import AzureKey

of = "/subscriptions/00000000-0000-0000-0000-00000000000a/resourceGroups/group/providers"
store = AzureLogStore(
    place=AzurePlace(
        subscription_id="00000000-0000-0000-0000-00000000000a",
        tenant_id="00000000-0000-0000-0000-000000000002",
        location="westeurope",
        resource_group_name="group",
        functions_subnet_id=f"{of}/Microsoft.Network/virtualNetworks/n/subnets/functions",
    ),
    workspace_id=f"{of}/Microsoft.OperationalInsights/workspaces/w",
    archive_id=f"{of}/Microsoft.Storage/storageAccounts/a",
    retention_days=400,
    deletion_protection=False,
)
made = AzureFunction(
    "payouts",
    AzureFunctionArgs(
        spec=FunctionSpec(),
        description="Pays out",
        code=Package("payouts", folder="payouts"),
        app="main:app",
        store=store,
        key=AzureKey(name="k", vault_uri="https://v.vault.azure.net/", resource_id=f"{of}/k"),
        environment={"LEVEL": "high"},
        files={"limits.json": pulumi.Config().get("limits") or "{}"},
        callers=["00000000-0000-0000-0000-000000000005"],
        application=FunctionApplication(
            client_id="00000000-0000-0000-0000-000000000004", audience="api://functions"
        ),
    ),
)
pulumi.export("url", made.url)
"""
CODE = "import azure.functions as func\n\napp = func.FunctionApp()\n"
SIGNED_IN = """
import sys

if "publish" in sys.orig_argv:
    import time
    from azure.core.credentials import AccessToken
    from bulwark_toolkit.cli import azure_sdk, publish

    class Credential:
        def get_token(self, *_, **__):
            return AccessToken("token", int(time.time()) + 3600)

    azure_sdk.credential = Credential
    azure_sdk.MANAGEMENT = {management!r}
    azure_sdk.client_options = lambda: {{"connection_verify": {root!r}, "retry_total": 0}}
    publish.PAUSE_SECONDS = 0
"""


@pytest.fixture
def payouts(program, door, authority, tmp_path_factory, monkeypatch):
    """The program, and a verb that is signed in to the fake."""
    made = program(PROGRAM)
    made.pulumi("config", "set", "azure-native:subscriptionId", SUBSCRIPTION)
    (made.folder / "payouts").mkdir()
    (made.folder / "payouts" / "main.py").write_text(CODE)
    signed_in = tmp_path_factory.mktemp("signed-in")
    text = SIGNED_IN.format(management=door.at, root=str(authority[0]))
    (signed_in / "sitecustomize.py").write_text(text)
    monkeypatch.setenv("PYTHONPATH", str(signed_in))
    monkeypatch.setenv("BULWARK_STAND_IN_RUNS_COMMANDS", "1")
    door.any_app()  # whatever the engine calls it
    return made


@pytest.fixture
def package(payouts, repository):
    def run():
        command = [repository / ".venv" / "bin" / "bulwark", "package", "payouts"]
        command += ["--cloud", "azure"]
        subprocess.run(command, cwd=payouts.folder, check=True, capture_output=True)

    return run


def brought(door):
    for method, _, _, body in door.server.requests:
        if method == "POST":
            with zipfile.ZipFile(io.BytesIO(body)) as file:
                yield {name: file.read(name).decode() for name in file.namelist()}


def test_without_its_package_nothing_is_made(payouts):
    failed = payouts.up(fails=True)

    assert "run `bulwark package payouts --cloud azure`." in failed.errors
    assert payouts.cloud("create") == []


def test_code_comes_once_the_app_is_closed_and_again_only_when_it_is_another(
    payouts, package, door
):
    package()
    payouts.up()
    order = [entry["name"] for entry in payouts.cloud("create")]

    (first,) = brought(door)
    assert first["main.py"] == CODE
    assert first["limits.json"] == "{}"
    for closing in ("payouts-callers", "payouts-ftp", "payouts-scm", "payouts-logs"):
        assert order.index("payouts-app") < order.index(closing) < order.index("payouts-code")
    assert order.index("payouts-runs-as-roles") < order.index("payouts-app")
    assert order.index("payouts-storage-packages") < order.index("payouts-app")

    assert payouts.up().changes == {}
    assert len(list(brought(door))) == 1

    (payouts.folder / "payouts" / "main.py").write_text(f"{CODE}\n# changed\n")
    package()
    payouts.up()
    payouts.set("own:limits", json.dumps({"a": 1}))
    payouts.up()

    assert [found["limits.json"] for found in brought(door)] == ["{}", "{}", '{"a": 1}']
    assert payouts.up().changes == {}


def test_code_that_did_not_arrive_comes_with_the_next_up(payouts, package, door):
    package()
    door.in_turn[LOOK] = [(200, {"status": 3}), (200, {"status": 4})]

    failed = payouts.up(fails=True)
    assert "the deployment of" in failed.errors
    assert "failed: see Deployment Center" in failed.errors

    payouts.up()
    assert len(list(brought(door))) == 2
    assert payouts.up().changes == {}
