"""The command on Azure: cases in azurite, and a responder that answers its own decisions."""

import json

import pytest
from azure_resources import GROUP, SUBSCRIPTION

from bulwark_runtime.playbooks import azure, azure_samples
from bulwark_toolkit.cli import azure_sdk, respond_azure, respond_desk
from pulumi_bulwark.incident_response import azure as component

ADA = "00000000-0000-0000-0000-0000000000a1"
STORAGE = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/reports"
STACK_FILE = f"""
config:
  azure-native:location: westeurope
  bulwark:cloud: azure
  bulwark:profile: prod
  bulwark:account: {{id: {SUBSCRIPTION.rsplit("/", 1)[1]}}}
  bulwark:tags: {{owner: me, environment: dev, costCenter: "1", dataClassification: internal}}
  bulwark:foundation:
    functionApplication: {{clientId: {ADA}, audience: "api://functions"}}
  bulwark:incidentResponse: {{approvers: ["user:{ADA}"]}}
"""


@pytest.fixture
def table(azurite):
    from azure.data.tables import TableServiceClient

    service = TableServiceClient(azurite.tables, **azurite.options)
    yield service.create_table_if_not_exists("cases")
    service.delete_table("cases")


@pytest.fixture
def door(serve):
    """The responder's own, behind which it is already known whose call it is."""
    server = serve("responder.azurewebsites.net")
    server.by = ADA

    class Handler(server.RequestHandlerClass):
        def respond(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.headers["Authorization"].startswith("Bearer ")
            status, answer = azure.decide({azure.WHO: server.by}, body)
            data = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_POST = respond  # noqa: N815 http.server's name

    server.RequestHandlerClass = Handler
    return server


@pytest.fixture
def stack(ours, resources, table, door, azurite, credential, monkeypatch):  # noqa: PLR0917
    """Our own project, deployed, with an alert that waits for approval."""
    playbooks = {
        "storage-opened": {
            "source": "defender",
            "types": ["Storage.Blob_OpenACL"],
            "mode": "approve",
            "action": "close-storage",
        }
    }
    for name, value in {
        "AzureWebJobsStorage__accountName": "account",
        "BULWARK_APPROVERS": json.dumps([ADA]),
        "BULWARK_ATTEMPTS": "5",
        "BULWARK_PLAYBOOKS": json.dumps(playbooks),
        "BULWARK_RUNBOOK": "docs/runbook.md",
        "BULWARK_SCOPE": GROUP,
        "BULWARK_STACK": "dev",
        "BULWARK_SUBSCRIPTION": SUBSCRIPTION.rsplit("/", 1)[1],
        "BULWARK_TABLE": "cases",
    }.items():
        monkeypatch.setenv(name, value)
    options = {"connection_verify": str(azurite.trust), "retry_total": 0}
    for of, name, value in (
        (azure, "_options", lambda: options),
        (azure, "_credential", lambda: credential),
        (azure, "ENDPOINT", resources.url),
        (azure, "TABLES", azurite.tables),
        (azure_sdk, "client_options", lambda: options),
        (azure_sdk, "credential", lambda: credential),
        (azure_sdk, "MANAGEMENT", resources.url),
        (azure_sdk, "TABLES", azurite.tables),
        (azure_sdk, "APPS", f"https://127.0.0.1:{door.server_address[1]}"),
    ):
        monkeypatch.setattr(of, name, value)
    for cached in (azure._settings, azure.responder, azure._arm):
        cached.cache_clear()
    resources.put(STORAGE, {"location": "x", "properties": {"allowBlobPublicAccess": True}})
    found = [
        {"name": "responder", "type": "Microsoft.Web/sites"},
        {"name": "account1", "type": "Microsoft.Storage/storageAccounts"},
    ]
    resources.answers["/resources"] = lambda *_: (200, {"value": found})
    azure.meet(json.dumps(azure_samples.EVENTS["defender-storage"]).encode(), 1)
    yield ours(STACK_FILE)
    for cached in (azure._settings, azure.responder, azure._arm):
        cached.cache_clear()


def test_a_case_waits_is_approved_and_undone(bulwark, stack, resources):
    (waiting,) = json.loads(bulwark("respond", "list", "--format", "json", "-C", stack).out)
    assert (waiting["playbook"], waiting["state"]) == ("storage-opened", "waiting")

    approved = bulwark("respond", "approve", waiting["id"], "-C", stack)
    assert approved.status == 0, approved.err
    assert "is done: storage account reports is closed to the public" in approved.out
    assert resources[STORAGE]["properties"]["allowBlobPublicAccess"] is False

    bulwark("respond", "undo", waiting["id"], "-C", stack)
    assert resources[STORAGE]["properties"]["allowBlobPublicAccess"] is True
    claim = f"tagName eq '{respond_azure.TAG}' and tagValue eq 'bulwark/dev/dev-incident-response'"
    assert [claim] in resources.asked_for("/resources")


def test_who_is_no_approver_is_told_so(bulwark, stack, door):
    door.by = "somebody"
    (waiting,) = json.loads(bulwark("respond", "list", "--format", "json", "-C", stack).out)
    result = bulwark("respond", "approve", waiting["id"], "-C", stack)

    assert result.status == 2
    assert "bulwark:incidentResponse.approvers must name you" in result.err


def test_a_case_that_is_not_there_is_said(bulwark, stack):
    result = bulwark("respond", "show", "0" * 16, "-C", stack)

    assert result.status == 2
    assert "dev has no such case" in result.err


def test_command_and_responder_speak_of_the_same():
    assert respond_desk.FORMAT == azure.FORMAT
    assert respond_azure.TAG == component.TAG
