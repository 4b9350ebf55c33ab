"""Both apps in Microsoft's worker library, as they are packaged for Azure."""

import json

import pytest
from functions_host import FunctionError

from bulwark_runtime.block_list import azure as block_list
from bulwark_runtime.playbooks import azure

pytestmark = pytest.mark.e2e

ADA = "00000000-0000-0000-0000-0000000000a1"
PLAYBOOKS = {
    "AzureWebJobsStorage__accountName": "account",
    "BULWARK_APPROVERS": json.dumps([ADA]),
    "BULWARK_ATTEMPTS": "5",
    "BULWARK_PLAYBOOKS": "{}",
    "BULWARK_QUEUE": "events",
    "BULWARK_RUNBOOK": "docs/runbook.md",
    "BULWARK_SCOPE": "/subscriptions/s/resourceGroups/g",
    "BULWARK_STACK": "dev",
    "BULWARK_SUBSCRIPTION": "s",
    "BULWARK_TABLE": "cases",
}


@pytest.fixture
def responder(functions_host):
    return functions_host(
        "playbooks", "bulwark_runtime.playbooks.azure_app:app", environment=PLAYBOOKS
    )


@pytest.fixture
def writer(functions_host):
    # Without the rest of its settings: the first thing it says is what it lacks.
    return functions_host(
        "block-list",
        "bulwark_runtime.block_list.azure_app:app",
        environment={"BULWARK_QUEUE": "requests"},
    )


def test_a_decision_counts_by_who_azure_says_has_called(responder):
    def decides(by):
        return responder.call("POST", "/decisions", {azure.WHO: by}, b"{}")

    assert decides("somebody").status == 403
    assert (decides(ADA).status, decides(ADA).json()) == (400, {"error": "it is no decision"})


def test_an_alert_that_ends_is_taken_and_what_is_none_comes_again(responder):
    over = {
        "schemaId": "azureMonitorCommonAlertSchema",
        "data": {"essentials": {"monitorCondition": "Resolved"}},
    }
    responder.message("meet", json.dumps(over))

    with pytest.raises(FunctionError, match="neither an alert"):
        responder.message("meet", "{}")


def test_a_batch_of_one_session_comes_whole_to_the_writer(writer):
    told = {
        "MessageIdArray": ["one-request", "two-request"],
        "SequenceNumberArray": [1, 2],
        "DeliveryCountArray": [1, 1],
        "EnqueuedTimeUtcArray": ["2026-11-25T09:00:00Z", "2026-11-25T09:00:01Z"],
        "ApplicationPropertiesArray": [{"sender": "ada"}, {}],
    }
    with pytest.raises(FunctionError, match="BULWARK_POLICY is missing"):
        writer.batch("writer", ["{}", "{}"], **told)


def test_the_clock_comes_to_the_app(writer):
    with pytest.raises(FunctionError, match=f"{block_list.QUEUE}__fullyQualifiedNamespace is"):
        writer.timer("clock")
