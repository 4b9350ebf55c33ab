"""What a subscription lacks, asked of a fake of Azure with the SDK's own client."""

import json

import pytest
from arm import SUBSCRIPTION

STACK_FILE = f"""
config:
  azure-native:location: westeurope
  bulwark:cloud: azure
  bulwark:profile: dev
  bulwark:account: {{id: {SUBSCRIPTION}}}
  bulwark:tags: {{owner: me, environment: dev, costCenter: "1", dataClassification: internal}}
"""
ALL = dict.fromkeys(
    (
        "Microsoft.AlertsManagement",
        "Microsoft.ApiManagement",
        "Microsoft.App",
        "Microsoft.Authorization",
        "Microsoft.Cdn",
        "Microsoft.Consumption",
        "Microsoft.EventGrid",
        "Microsoft.Insights",
        "Microsoft.KeyVault",
        "Microsoft.Logic",
        "Microsoft.Maintenance",
        "Microsoft.ManagedIdentity",
        "Microsoft.Network",
        "Microsoft.OperationalInsights",
        "Microsoft.OperationsManagement",
        "Microsoft.PolicyInsights",
        "Microsoft.Security",
        "Microsoft.SecurityInsights",
        "Microsoft.ServiceBus",
        "Microsoft.Resources",
        "Microsoft.Storage",
        "Microsoft.Web",
    ),
    "Registered",
)
"""What any of our stacks may need: one more than a stack needs is no harm."""

OWNER = {"actions": ["*"], "notActions": []}
CONTRIBUTOR = {
    "actions": ["*"],
    "notActions": ["Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write"],
}


def test_a_subscription_that_has_everything_is_told_so(bulwark, ours, arm):
    arm.has(ALL, [OWNER])

    result = bulwark("bootstrap", "-C", ours(STACK_FILE))

    assert result.status == 0, result.err
    assert result.out == f"Subscription {SUBSCRIPTION} has what the stack needs.\n"
    assert arm.credential.asked == ["https://management.azure.com/.default"]


def test_a_new_subscription_is_told_what_to_register(bulwark, ours, arm):
    arm.has(
        {**ALL, "Microsoft.KeyVault": "NotRegistered", "Microsoft.Insights": "Registering"}, [OWNER]
    )

    result = bulwark("bootstrap", "-C", ours(STACK_FILE))

    assert result.status == 1
    commands = [line.strip() for line in result.out.splitlines() if "az provider" in line]
    assert commands == [
        f"az provider register --subscription {SUBSCRIPTION} --namespace {name}"
        for name in ("Microsoft.Insights", "Microsoft.KeyVault")
    ]


def test_a_contributor_lacks_what_gives_access(bulwark, ours, arm):
    arm.has(ALL, [CONTRIBUTOR])

    result = bulwark("bootstrap", "-C", ours(STACK_FILE), "--format", "json")

    assert result.status == 1
    assert json.loads(result.out) == {
        "subscription": SUBSCRIPTION,
        "providers": [],
        "actions": [
            "Microsoft.Authorization/policyAssignments/write",
            "Microsoft.Authorization/policySetDefinitions/write",
            "Microsoft.Authorization/roleAssignments/write",
            "Microsoft.Authorization/roleDefinitions/write",
        ],
    }


@pytest.fixture
def without_application(ours):
    """A stack with a function that is called over HTTP, and no application for its callers."""
    project = ours(f"{STACK_FILE}  bulwark:api: {{openapi: api.yaml}}\n")
    operation = {
        "operationId": "pay",
        "responses": {"200": {"description": "paid"}},
        "x-bulwark-backend": {"function": "pay"},
        "security": [],
        "x-bulwark-public": "for a test",
    }
    info = {"title": "T", "version": "1"}
    document = {"openapi": "3.0.3", "info": info, "paths": {"/pay": {"get": operation}}}
    (project / "api.yaml").write_text(json.dumps(document))
    return project


def test_a_stack_whose_functions_have_no_application_is_told_how_to_make_one(
    bulwark, without_application, arm
):
    result = bulwark("bootstrap", "-C", without_application)

    assert result.status == 1, result.err
    assert "az ad app create" in result.out
    assert "functionApplication: {clientId: ID" in result.out
    assert arm.asked == []


def test_a_program_reads_which_setting_is_missing(bulwark, without_application):
    result = bulwark("bootstrap", "-C", without_application, "--format", "json")

    assert result.status == 1
    assert json.loads(result.out) == {
        "subscription": SUBSCRIPTION,
        "settings": ["bulwark:foundation.functionApplication"],
    }


def test_the_role_that_is_missing_is_named(bulwark, ours, arm):
    arm.has(ALL, [CONTRIBUTOR])

    text = bulwark("bootstrap", "-C", ours(STACK_FILE)).out

    assert '--role "User Access Administrator"' in text
    assert '--role "Contributor"' not in text


def test_who_looks_into_policies_is_registered_beside_who_assigns_them(bulwark, ours, arm):
    arm.has(ALL | {"Microsoft.PolicyInsights": "NotRegistered"}, [OWNER])

    found = json.loads(bulwark("bootstrap", "-C", ours(STACK_FILE), "--format", "json").out)

    assert found["providers"] == ["Microsoft.PolicyInsights"]


def test_the_rules_that_azure_has_for_breaking_the_glass_are_found(bulwark, ours, arm):
    arm.has(ALL, [OWNER])
    arm.rules("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "00000000-0000-0000-0000-00000000000c")
    glass = "  bulwark:access: {breakGlass: {users: ['user:00000000-0000-0000-0000-00000000000b']}}"

    result = bulwark("bootstrap", "-C", ours(f"{STACK_FILE.rstrip()}\n{glass}\n"))

    assert result.status == 0, result.err
    assert (
        "bulwark:access.breakGlass.activationRules: 00000000-0000-0000-0000-00000000000c"
        in result.out
    )


def test_a_right_of_one_role_is_not_taken_by_the_exception_of_another(bulwark, ours, arm):
    arm.has(ALL, [CONTRIBUTOR, {"actions": ["Microsoft.Authorization/*"], "notActions": []}])

    assert bulwark("bootstrap", "-C", ours(STACK_FILE)).status == 0


def test_who_may_only_read_lacks_every_write(bulwark, ours, arm):
    arm.has(ALL, [{"actions": ["*/read"], "notActions": []}])

    found = json.loads(bulwark("bootstrap", "-C", ours(STACK_FILE), "--format", "json").out)

    assert "Microsoft.KeyVault/vaults/keys/write" in found["actions"]
    assert "Microsoft.Resources/subscriptions/resourceGroups/write" in found["actions"]
    assert not [action for action in found["actions"] if action.endswith("/read")]


def test_who_writes_a_resource_and_may_not_join_it_to_another_is_told(bulwark, ours, arm):
    arm.has(ALL, [{"actions": ["*/read", "*/write"], "notActions": []}])

    found = json.loads(bulwark("bootstrap", "-C", ours(STACK_FILE), "--format", "json").out)

    join = "Microsoft.Network/virtualNetworks/subnets/joinViaServiceEndpoint/action"
    assert join in found["actions"]


def test_nothing_but_reading_is_asked_of_azure(bulwark, ours, arm):
    arm.has({}, [])

    bulwark("bootstrap", "-C", ours(STACK_FILE))

    assert {method for method, _, _, _ in arm.server.requests} == {"GET"}


def test_a_subscription_that_is_not_there_is_said_in_a_sentence(bulwark, ours, arm):
    result = bulwark("bootstrap", "-C", ours(STACK_FILE))

    assert result.status == 2
    assert "it is not there" in result.err
    assert "Traceback" not in result.err


def test_without_a_subscription_it_asks_which(bulwark, ours, arm, monkeypatch):
    for name in ("ARM_SUBSCRIPTION_ID", "AZURE_SUBSCRIPTION_ID"):
        monkeypatch.delenv(name, raising=False)
    text = "\n".join(line for line in STACK_FILE.splitlines() if "account" not in line)

    result = bulwark("bootstrap", "-C", ours(text))

    assert result.status == 2
    assert "which subscription?" in result.err


@pytest.mark.parametrize("variable", ["ARM_SUBSCRIPTION_ID", "AZURE_SUBSCRIPTION_ID"])
def test_the_environment_may_name_the_subscription(bulwark, ours, arm, monkeypatch, variable):
    monkeypatch.setenv(variable, SUBSCRIPTION)
    arm.has(ALL, [OWNER])
    text = "\n".join(line for line in STACK_FILE.splitlines() if "account" not in line)

    assert bulwark("bootstrap", "-C", ours(text)).status == 0


def test_a_stack_on_aws_has_nothing_to_bootstrap(bulwark, ours):
    text = STACK_FILE.replace("azure-native:location: westeurope", "aws:region: eu-central-1")
    text = text.replace("cloud: azure", "cloud: aws").replace(SUBSCRIPTION, '"123456789012"')

    result = bulwark("bootstrap", "-C", ours(text))

    assert result.status == 2
    assert "bulwark:cloud: azure" in result.err
