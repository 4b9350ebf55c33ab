"""The command, with a block list on Azure: its table in azurite, its policy and its queue faked."""

import json

import pytest
from azure_resources import GROUP, POLICIES, SUBSCRIPTION

from bulwark_runtime.block_list import azure
from bulwark_toolkit.cli import azure_sdk
from bulwark_toolkit.cli.block_azure import TAG
from bulwark_toolkit.cli.block_list import BlockList

POLICY = f"{GROUP}/providers/{POLICIES}/waf"
SUBSCRIPTION_ID = SUBSCRIPTION.rsplit("/", 1)[1]
NOBODY = "192.0.2.1/32"
RULES = [f"Blocked{n}" for n in range(5)]

PROGRAM = """
from pulumi_bulwark.incident_response import BlockListSpec
from pulumi_bulwark.incident_response.azure_block_list import AzureBlockList, AzureBlockListArgs
from pulumi_bulwark.log_group.azure import AzureLogStore
from pulumi_bulwark.place import AzurePlace
from pulumi_bulwark.vault.azure import AzureKey

GROUP = "/subscriptions/00000000-0000-0000-0000-00000000000a/resourceGroups/environment"
place = AzurePlace(
    subscription_id="00000000-0000-0000-0000-00000000000a",
    tenant_id="00000000-0000-0000-0000-000000000002",
    location="westeurope",
    resource_group_name="environment",
    functions_subnet_id="/subscriptions/x/subnets/functions",
)
AzureBlockList(
    "kept-out",
    AzureBlockListArgs(
        spec=BlockListSpec(),
        store=AzureLogStore(
            place=place, workspace_id="w", archive_id="a", retention_days=400,
            deletion_protection=False,
        ),
        key=AzureKey(name="k", vault_uri="https://v.vault.azure.net", resource_id="/k"),
        policy_id=GROUP + "/waf",
        rules=[f"Blocked{n}" for n in range(5)],
    ),
)
"""


@pytest.fixture(autouse=True)
def nothing_named(monkeypatch):
    """Other tests of this process may name a block list, for longer than one test."""
    for name in ("BULWARK_BLOCK_QUEUE", "BULWARK_BLOCK_TABLE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def policy(resources):
    rules = [
        {"name": name, "matchConditions": [{"operator": "IPMatch", "matchValue": [NOBODY]}]}
        for name in RULES
    ]
    body = {"sku": {"name": "Premium"}, "properties": {"customRules": {"rules": rules}}}
    resources.put(POLICY, body)
    return resources


@pytest.fixture
def table(azurite):
    from azure.data.tables import TableServiceClient

    service = TableServiceClient(azurite.tables, **azurite.options)
    service.create_table_if_not_exists("blocklist")
    client = service.get_table_client("blocklist")
    yield client
    for item in client.list_entities():
        client.delete_entity(item)


@pytest.fixture
def place(policy, table, service_bus, azurite, credential, monkeypatch):  # noqa: PLR0917
    """A block list whose writer works when it is told to, and who is signed in."""
    for name, value in {
        "AzureWebJobsStorage__accountName": "account",
        "BULWARK_TABLE": "blocklist",
        "BULWARK_POLICY": POLICY,
        "BULWARK_RULES": json.dumps({"blocked": {"4": RULES[:4], "6": RULES[4:]}}),
        "BULWARK_QUEUE": "block-requests",
        "BULWARK_SERVICE_BUS__fullyQualifiedNamespace": service_bus.host,
    }.items():
        monkeypatch.setenv(name, value)
    azure._settings.cache_clear()
    options = {"connection_verify": str(azurite.trust), "retry_total": 0}
    for of, name, value in (
        (azure, "_options", lambda: options),
        (azure, "_credential", lambda _: credential),
        (azure, "ENDPOINT", policy.url),
        (azure, "TABLES", azurite.tables),
        (azure_sdk, "client_options", lambda: options),
        (azure_sdk, "credential", lambda: credential),
        (azure_sdk, "MANAGEMENT", policy.url),
        (azure_sdk, "BUSES", service_bus.host),
        (azure_sdk, "TABLES", azurite.tables),
    ):
        monkeypatch.setattr(of, name, value)
    yield service_bus
    azure._settings.cache_clear()


@pytest.fixture
def by_address(place, azurite, monkeypatch):
    monkeypatch.setenv("BULWARK_BLOCK_QUEUE", f"{place.host}/block-requests")
    monkeypatch.setenv("BULWARK_BLOCK_TABLE", f"{azurite.tables}/blocklist")


@pytest.fixture
def written(place, monkeypatch):
    """The writer does what is asked whenever the command looks whether it has."""
    look = BlockList._outcome

    def outcome(self, asked):
        if place.waiting:
            place.hand_over(azure.work)
        return look(self, asked)

    monkeypatch.setattr(BlockList, "_outcome", outcome)


def rows(bulwark, *networks):
    result = bulwark("block", "list", *networks, "--format", "json")
    assert result.status == 0, result.err
    return json.loads(result.out)


def test_an_address_is_blocked_listed_with_its_reason_and_taken_out(
    bulwark, by_address, written, policy
):
    added = bulwark("block", "add", "203.0.113.7", "--for", "4h", "--reason", "Guesses passwords")

    assert added.status == 0, added.err
    assert "203.0.113.7/32 is blocked until 20" in added.out
    (row,) = rows(bulwark)
    assert (row["network"], row["inSets"], row["reason"]) == (
        "203.0.113.7/32",
        "yes",
        "Guesses passwords",
    )
    assert row["who"].startswith("says: ")
    removed = bulwark("block", "remove", "203.0.113.7")
    assert removed.out == "203.0.113.7/32 is no longer in the list\n"
    assert rows(bulwark) == []


def test_what_an_update_took_out_of_the_rules_is_shown(bulwark, by_address, written, policy):
    bulwark("block", "add", "203.0.113.7", "--for", "4h", "--reason", "Guesses passwords")
    rules = policy[POLICY]["properties"]["customRules"]["rules"]
    rules[0]["matchConditions"][0]["matchValue"] = [NOBODY]

    (row,) = rows(bulwark)
    assert row["inSets"] == "no"


def test_a_refusal_says_why_and_ends_with_status_1(bulwark, by_address, written):
    result = bulwark("block", "add", "10.0.0.1", "--for", "4h", "--reason", "x")
    assert (result.status, "is private" in result.err) == (2, True)

    result = bulwark("block", "add", "198.51.0.0/16", "--for", "4h", "--reason", "x")
    assert result.status == 1
    assert "is too wide" in result.out


@pytest.fixture
def deployed(project, place, policy):
    """A program of somebody's own, and what is tagged as its own in the subscription."""
    folder = project(PROGRAM, config=f'{{"azure-native:subscriptionId": "{SUBSCRIPTION_ID}"}}')

    def there(*buses):
        found = [{"name": name, "type": "Microsoft.ServiceBus/Namespaces"} for name in buses]
        found.append({"name": "account1", "type": "Microsoft.Storage/storageAccounts"})
        policy.answers["/resources"] = lambda *_: (200, {"value": found})
        return folder

    return there


def test_a_stacks_own_is_found_by_its_tag(bulwark, deployed, written, policy):
    folder = deployed("bus1")
    added = bulwark(
        "block", "add", "203.0.113.7", "--for", "4h", "--reason", "x", "-C", folder, "-s", "dev"
    )

    assert added.status == 0, added.err
    (asked,) = policy.asked_for("/resources")
    assert asked == [f"tagName eq '{TAG}' and tagValue eq 'app/dev/kept-out'"]


def test_two_that_say_they_are_the_stacks_are_not_chosen_between(bulwark, deployed):
    result = bulwark("block", "list", "-C", deployed("mine", "yours"), "-s", "dev")

    assert result.status == 2
    assert "mine, yours" in result.err


def test_one_that_is_not_deployed_is_said(bulwark, deployed):
    result = bulwark("block", "list", "-C", deployed(), "-s", "dev")

    assert result.status == 2
    assert "app/dev/kept-out is not in the subscription; deploy it first" in result.err


def test_addresses_go_together(bulwark, place, azurite):
    table = f"{azurite.tables}/blocklist"
    result = bulwark("block", "list", "--queue", "block-requests", "--table", table)

    assert result.status == 2
    assert "--queue must be the queue's address" in result.err
