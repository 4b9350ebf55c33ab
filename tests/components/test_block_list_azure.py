"""The block list on Azure, as it is deployed."""

import dataclasses
import json

import pytest
from azure_place import GROUP, KEY, PLACE, PROVIDERS, STORE

from bulwark_runtime.block_list import azure, azure_app, azure_policy
from bulwark_toolkit.cli import block_azure
from bulwark_toolkit.testing import Preview
from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.incident_response import BlockListSpec
from pulumi_bulwark.incident_response import azure_block_list as component
from pulumi_bulwark.incident_response.azure_block_list import AzureBlockList, AzureBlockListArgs
from pulumi_bulwark.incident_response.azure_block_list_queue import TAG
from pulumi_bulwark.role.azure import ROLES
from pulumi_bulwark.waf import WafSpec
from pulumi_bulwark.waf.azure import _NOBODY, AzureWaf, AzureWafArgs

SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000001"
POLICY = f"{PROVIDERS}/Microsoft.Network/frontDoorWebApplicationFirewallPolicies/waf"
RULES = [f"Blocked{n}" for n in range(5)]
ADA = "user:00000000-0000-0000-0000-00000000000a"
ASSIGNMENT = "azure-native:authorization:RoleAssignment"


def built(preview, *, protected=True, place=PLACE, **spec):
    args = AzureBlockListArgs(
        spec=BlockListSpec(**spec),
        store=dataclasses.replace(STORE, place=place),
        key=KEY,
        policy_id=POLICY,
        rules=RULES,
        deletion_protection=protected,
    )
    graph = preview(lambda: AzureBlockList("it", args), rendered=True)
    assert graph.problems == ()
    return graph


@pytest.fixture(scope="module")
def whole():
    spec = {"widest_v4": 20, "never_block": ("198.51.100.0/24",), "requesters": (ADA,)}
    return built(Preview(), **spec)


def settings(graph):
    (app,) = graph.of_type("azure-native:web:WebApp")
    return {one["name"]: one["value"] for one in app.inputs["siteConfig"]["appSettings"]}


def queue(graph):
    (found,) = graph.of_type("azure-native:servicebus:Queue")
    return found


def held(graph, below):
    """The role and the scope of what is assigned under a name, by that name's end."""
    return {
        a.name.removeprefix(f"{below}-"): (a.inputs["roleDefinitionId"], a.inputs["scope"])
        for a in graph.of_type(ASSIGNMENT)
        if a.name.startswith(f"{below}-")
    }


def built_in(role):
    return f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{ROLES[role]}"


# --- the queue


def test_messages_are_of_sessions_and_known_by_their_ids(whole):
    found = queue(whole).inputs

    assert (found["requiresSession"], found["requiresDuplicateDetection"]) == (True, True)
    assert found["lockDuration"] == "PT5M"  # the longest that Service Bus takes
    assert found["maxDeliveryCount"] == 10
    assert found["defaultMessageTimeToLive"] == "P1D"


def test_the_trigger_reads_one_session_at_a_time(whole):
    (writer,) = [f for f in azure_app.app.get_functions() if f.get_function_name() == "writer"]
    (trigger,) = json.loads(writer.get_function_json())["bindings"]

    assert trigger["isSessionsEnabled"] is True
    assert trigger["connection"] == component._CONNECTION == azure.QUEUE
    assert trigger["queueName"] == "%BULWARK_QUEUE%"
    assert settings(whole)["BULWARK_QUEUE"] == queue(whole).inputs["queueName"]


def test_the_function_ends_before_another_reader_gets_the_session(whole):
    assert settings(whole)["AzureFunctionsJobHost__functionTimeout"] == "00:04:50"


def test_nobody_comes_to_the_queue_with_a_key(whole):
    (bus,) = whole.of_type("azure-native:servicebus:Namespace")

    assert bus.inputs["disableLocalAuth"] is True
    assert bus.inputs["minimumTlsVersion"] == "1.2"
    assert bus.inputs["sku"]["name"] == "Standard"  # Basic has no sessions


def test_the_trigger_reaches_the_queue_by_the_functions_own_identity(whole):
    found = settings(whole)

    assert found["BULWARK_SERVICE_BUS__credential"] == "managedidentity"
    assert found["BULWARK_SERVICE_BUS__clientId"] == found["AZURE_CLIENT_ID"]
    assert found["BULWARK_SERVICE_BUS__fullyQualifiedNamespace"].endswith(".servicebus.windows.net")


# --- rights


def test_the_writer_may_read_and_write_the_policy_and_nothing_more_of_the_network(whole):
    (role,) = whole.of_type("azure-native:authorization:RoleDefinition")
    (permission,) = role.inputs["permissions"]

    kind = azure_kind()
    assert permission["actions"] == [f"{kind}/read", f"{kind}/write"]
    assert permission["dataActions"] == []
    assert held(whole, "it-writer-runs-as")["policy"] == (role.id, POLICY)


def azure_kind():
    return "Microsoft.Network/frontDoorWebApplicationFirewallPolicies"


def test_the_writer_receives_from_and_sends_to_its_own_queue_alone(whole):
    found = held(whole, "it-writer-runs-as")

    assert found["reads-queue"] == (built_in("Service Bus Data Receiver"), queue(whole).id)
    assert found["ticks"] == (built_in("Service Bus Data Sender"), queue(whole).id)


def test_who_is_named_may_ask_and_see_the_list(whole):
    found = held(whole, "it")

    (table,) = whole.of_type("azure-native:storage:Table")
    assert found["asks-0"] == (built_in("Service Bus Data Sender"), queue(whole).id)
    assert found["sees-table-0"] == (built_in("Storage Table Data Reader"), table.id)
    assert found["sees-policy-0"] == (built_in("Reader"), POLICY)
    # Or the command would not find them by their tags.
    (bus,) = whole.of_type("azure-native:servicebus:Namespace")
    assert found["finds-queue-0"] == (built_in("Reader"), bus.id)
    assert found["finds-table-0"][0] == built_in("Reader")


def test_where_nobody_is_named_the_preview_says_so(preview):
    notes = [note.text for note in built(preview).notes]

    assert any("requesters is empty" in text for text in notes)
    assert any("neverBlock is empty" in text for text in notes)


# --- what the writer is told


def test_the_writer_reads_its_settings(whole):
    found = azure.Settings.read(settings(whole))

    assert found.policy_id == POLICY
    v4, v6 = found.sets["blocked"]
    assert (v4.name, v6.name) == ("Blocked0 Blocked1 Blocked2 Blocked3", "Blocked4")
    assert (v4.room, v6.room) == (2_400, 600)
    assert found.rules.widest == {4: 20, 6: 48}
    assert "198.51.100.0/24" in map(str, found.rules.never)


def test_the_table_is_in_the_writers_own_account_and_kept(whole):
    (table,) = whole.of_type("azure-native:storage:Table")

    assert table.inputs["tableName"] == settings(whole)["BULWARK_TABLE"] == "blocklist"
    assert table.options.protect
    assert table.inputs["accountName"] == settings(whole)["AzureWebJobsStorage__accountName"]


def test_where_data_has_no_public_address_the_table_has_a_private_one(preview):
    graph = built(preview, place=dataclasses.replace(PLACE, subnet_id=f"{GROUP}/subnets/private"))
    groups = [
        e.inputs["privateLinkServiceConnections"][0]["groupIds"]
        for e in graph.of_type("azure-native:network:PrivateEndpoint")
    ]

    assert ["table"] in groups


def test_what_the_command_looks_for_carries_the_tag(whole):
    kinds = ("azure-native:servicebus:Namespace", "azure-native:storage:StorageAccount")
    tags = {r.type: r.inputs["tags"][TAG] for kind in kinds for r in whole.of_type(kind)}

    assert set(tags.values()) == {"project/stack/it"}
    assert len(tags) == 2
    assert block_azure.TAG == TAG


# --- the policy that is written


def test_the_rules_of_the_list_are_those_that_pulumi_leaves_alone(preview):
    args = AzureWafArgs(spec=WafSpec(), store=STORE)
    graph = preview(lambda: AzureWaf("waf", args), rendered=True)
    (policy,) = graph.of_type("azure-native:frontdoor:Policy")
    names = [rule["rule"] for rule in graph["waf"].outputs["lists"]["blocked"]]
    written = [rule["name"] for rule in policy.inputs["customRules"]["rules"]]

    assert names == RULES == written[: len(RULES)]
    assert [str(azure_policy.NOBODY)] == _NOBODY


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"lists": ("scrapers",)}, "blocked is the only list"),
        ({"event_sources": ("acme.fraud",)}, "name its identity in requesters"),
    ],
)
def test_what_azure_cannot_do_is_refused_with_its_path(preview, spec, said):
    with pytest.raises(ConfigError, match=said) as error:
        preview(
            lambda: AzureBlockList(
                "it",
                AzureBlockListArgs(
                    spec=BlockListSpec(**spec), store=STORE, key=KEY, policy_id=POLICY, rules=RULES
                ),
            )
        )
    assert "bulwark:incidentResponse.blockList." in str(error.value)
