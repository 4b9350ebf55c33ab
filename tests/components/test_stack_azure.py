import json

import pytest

from bulwark_toolkit.preview import Place
from bulwark_toolkit.testing import Preview
from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.stacks import StackConfig
from pulumi_bulwark.stacks.azure import AzureStack, AzureStackArgs
from pulumi_bulwark.tags import TagsSpec

TAGS = TagsSpec(
    owner="platform@example.com",
    environment="test",
    cost_center="4711",
    data_classification="internal",
)
SUBSCRIPTION = "00000000-0000-0000-0000-00000000000a"
QUERY_RULE = "azure-native:monitor:ScheduledQueryRule"
CONFIG = {"azure-native:location": "westeurope"}


def build(**settings):
    spec = {"cloud": "azure", "profile": "prod", "tags": TAGS, **settings}
    return lambda: AzureStack("test", AzureStackArgs(spec=StackConfig.model_validate(spec)))


@pytest.fixture(scope="module")
def graph():
    return Preview()(build(), config=CONFIG, rendered=True)


def test_everything_taggable_carries_the_tags_and_nothing_else_does(graph):
    tags = {"owner", "environment", "cost-center", "data-classification"}
    refused = (
        "authorization:",
        "DiagnosticSetting",
        "PrivateDnsZoneGroup",
        "ManagementPolicy",
        "Sleep",
        "SavedSearch",
        "consumption:Budget",
        "GovernanceRule",
        "BlobContainer",
        "web:WebAppAuthSettings",
        "web:WebAppFtpAllowed",
        "web:WebAppScmAllowed",
        "command:local",
    )
    for resource in graph.resources:
        if resource.kind == "custom" and not any(part in resource.type for part in refused):
            if resource.type != "azure-native:storage:BlobServiceProperties":
                assert resource.inputs["tags"].keys() - {"bulwark-vault", "description"} == tags, (
                    resource.name
                )
        elif resource.kind == "custom":
            assert "tags" not in resource.inputs, resource.name


def test_every_vault_and_store_is_logged(graph):
    logged = {
        s.inputs["resourceUri"] for s in graph.of_type("azure-native:monitor:DiagnosticSetting")
    }
    for vault in graph.of_type("azure-native:keyvault:Vault"):
        assert vault.id in logged
    for account in graph.of_type("azure-native:storage:StorageAccount"):
        assert f"{account.id}/blobServices/default" in logged


def test_what_is_to_be_scanned_is_scanned_by_the_plans_that_watch(graph):
    template = graph["test-threat-detection-plans"].inputs["properties"]["template"]
    plans = {one["name"]: one["properties"] for one in template["resources"]}

    (disks,) = plans["VirtualMachines"]["extensions"]
    assert disks == {"name": "AgentlessVmScanning", "isEnabled": "True"}


def test_what_is_open_for_too_long_raises_an_alarm_and_so_does_a_count_that_stays_away(graph):
    found = {r.name.partition("watched-metric-")[2] for r in graph.of_type(QUERY_RULE)}

    assert found >= {"weaknesses-overdue", "patches-failed", "weaknesses-silent"}


def test_dates_for_findings_come_after_the_plan_that_they_need(graph):
    (dates,) = graph.of_type("azure-native:security:GovernanceRule")

    assert graph["test-threat-detection-plans-again"].urn in graph.waits_for(dates.urn)


def test_machines_are_patched_if_there_are_any(preview, graph):
    with_machines = preview(build(patching={"systems": ("ubuntu",)}), config=CONFIG)

    assert graph["test"].outputs["patchGroups"] == {}
    assert with_machines["test"].outputs["patchGroups"] == {
        "canary": "stack-canary",
        "rest": "stack-rest",
    }


def test_playbooks_leave_the_roles_of_pipelines_and_for_emergencies_alone():
    settings = {
        "access": {
            "pipelines": {"review": {"repository": "acme/shop", "pullRequests": True}},
            "breakGlass": {"users": [f"user:{SUBSCRIPTION}"]},
        },
        "incident_response": {"playbooks": {"vault": {"trigger": {"alarms": ["vault"]}}}},
    }
    graph = Preview()(build(**settings), config=CONFIG, rendered=True)

    app = graph["test-incident-response-responder-app"].inputs["siteConfig"]["appSettings"]
    (never,) = (json.loads(one["value"]) for one in app if one["name"] == "BULWARK_NEVER")
    pipeline = graph["test-access-review-identity"].outputs["principalId"]
    assert never == [SUBSCRIPTION, pipeline]


def test_the_lock_comes_last(graph):
    (lock,) = graph.of_type("azure-native:authorization:ManagementLockByScope")
    of_subscription = tuple(
        f"azure-native:authorization:Policy{what}" for what in ("Assignment", "SetDefinition")
    )
    for resource in graph.resources:
        if resource.kind == "custom" and resource.type not in (lock.type, *of_subscription):
            assert resource.urn in lock.dependencies, resource.name


def test_the_archive_is_encrypted_with_the_key_for_logs(graph):
    accounts = graph.of_type("azure-native:storage:StorageAccount")
    (archive,) = [one for one in accounts if one.name.startswith("testaudi")]
    found = archive.inputs["encryption"]["keyVaultProperties"]

    assert found["keyName"] == graph["test-keys-logs"].inputs["keyName"]


def test_without_a_location_nothing_is_made(preview):
    with pytest.raises(ConfigError) as error:
        preview(build())

    assert str(error.value).startswith("azure-native:location: missing")


def test_the_wrong_subscription_stops_the_run_before_anything_is_made(preview):
    place = Place(subscription="00000000-0000-0000-0000-00000000000b")
    with pytest.raises(ConfigError) as error:
        preview(build(account={"id": SUBSCRIPTION}), config=CONFIG, place=place)

    assert str(error.value).startswith(
        f"bulwark:account.id: this stack belongs to subscription {SUBSCRIPTION}"
    )


def test_a_secret_rotates_from_a_subnet_which_a_network_of_ones_own_must_have(preview):
    hub = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/hub/providers/Microsoft.Network"
    network = {"subnet_id": f"{hub}/virtualNetworks/hub/subnets/endpoints"}
    key = {"description": "Signs sessions", "source": "generated", "rotation_days": 30}
    with pytest.raises(ConfigError) as error:
        preview(
            build(foundation={"network": network}, secrets={"named": {"key": key}}), config=CONFIG
        )

    assert str(error.value).startswith("bulwark:foundation.network.functionsSubnetId: missing")


def test_what_all_function_apps_lack_is_said_once_and_before_anything_is_made(preview):
    hub = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/hub/providers/Microsoft.Network"
    network = {"subnet_id": f"{hub}/virtualNetworks/hub/subnets/endpoints"}
    playbook = {"trigger": {"alarms": ("edge-errors",)}}
    response = {
        "playbooks": {"alarm": playbook},
        "approvers": ("user:00000000-0000-0000-0000-00000000000b",),
    }
    key = {"description": "Signs sessions", "source": "generated", "rotation_days": 30}
    with pytest.raises(ConfigError) as error:
        preview(
            build(
                foundation={"network": network},
                secrets={"named": {"key": key}},
                incident_response=response,
            ),
            config=CONFIG,
        )

    assert [line.partition(":")[2].partition(":")[0] for line in error.value.problems] == [
        "foundation.network.functionsSubnetId",
        "foundation.functionApplication",
    ]


def test_the_right_subscription_goes_on(preview):
    place = Place(subscription=SUBSCRIPTION)

    assert preview(build(account={"id": SUBSCRIPTION}), config=CONFIG, place=place)


def test_what_another_stack_owns_is_said(preview):
    graph = preview(
        build(account={"manage": "none", "baseline": "org/landing-zone/prod"}), config=CONFIG
    )

    assert graph["test"].outputs["owned"] == []
    assert any("logged by org/landing-zone/prod" in note.text for note in graph.notes)


def test_a_group_that_exists_holds_the_environment(preview):
    graph = preview(build(foundation={"resource_group": "theirs"}), config=CONFIG, rendered=True)

    assert not list(graph.of_type("azure-native:resources:ResourceGroup"))
    for vault in graph.of_type("azure-native:keyvault:Vault"):
        assert vault.inputs["resourceGroupName"] == "theirs"


def test_the_drawing_does_not_say_that_the_lock_uses_what_it_waits_for(graph):
    from bulwark_toolkit.preview.drawing.relations import relations

    (lock,) = graph.of_type("azure-native:authorization:ManagementLockByScope")
    used = {r.target.type for r in relations(graph) if r.source.urn == lock.urn}

    assert used == {"azure-native:resources:ResourceGroup"}


def test_playbooks_get_what_the_rest_of_the_stack_knows():
    """Whom they leave alone, and which secrets they may end."""
    from bulwark_toolkit.testing import Preview

    glass = "00000000-0000-0000-0000-0000000000b9"
    pipeline = {"repository": "acme/payments", "owner_id": 1, "repository_id": 2, "branch": "main"}
    leaked = {"trigger": {"alarms": ["leak"]}, "mode": "auto", "action": "rotate-secret"}
    made = Preview()(
        build(
            access={
                "pipelines": {"ci": pipeline | {"may": "preview"}},
                "break_glass": {"users": [f"user:{glass}"]},
            },
            secrets={"named": {"session": {"description": "x", "source": "generated",
                                           "rotation_days": 30}}},
            incident_response={"playbooks": {"leaked": leaked | {"subject": "session"}}},
        ),
        config=CONFIG,
        rendered=True,
    )  # fmt: skip
    app = next(r for r in made.resources if r.name.endswith("responder-app"))
    found = {s["name"]: s["value"] for s in app.inputs["siteConfig"]["appSettings"]}
    identity = next(r for r in made.resources if r.name.endswith("access-ci-identity"))

    assert set(json.loads(found["BULWARK_NEVER"])) == {identity.outputs["principalId"], glass}
    assert found["BULWARK_VAULT_URI"].startswith("https://")
    (ends,) = [r for r in made.resources if r.name.endswith("runs-as-ends-session")]
    assert ends.inputs["scope"].endswith("/secrets/session")
