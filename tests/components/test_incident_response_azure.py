"""Playbooks on Azure, as they are deployed, and what each action calls."""

import dataclasses
import json
import re
from datetime import UTC, datetime

import azure_place
import pytest
from azure_place import APPLICATION, KEY, STORE
from azure_resources import GROUP

from bulwark_runtime.playbooks import Playbook, azure, azure_app, azure_events, azure_samples
from bulwark_runtime.playbooks.actions import BlockSource, Order
from bulwark_runtime.playbooks.azure_arm import Arm
from bulwark_runtime.playbooks.azure_close_storage import CloseStorage
from bulwark_runtime.playbooks.azure_disable_user import DisableEntraUser
from bulwark_runtime.playbooks.azure_isolate_machine import IsolateMachine
from bulwark_runtime.playbooks.azure_remove_assignment import RemoveAssignment
from bulwark_runtime.playbooks.azure_rotate_secret import RotateVaultSecret
from bulwark_runtime.playbooks.incident import Subject
from bulwark_toolkit.testing import Preview
from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.incident_response import IncidentResponseSpec, actions
from pulumi_bulwark.incident_response import azure as component
from pulumi_bulwark.incident_response.azure import (
    AzureIncidentResponse,
    AzureIncidentResponseArgs,
)
from pulumi_bulwark.incident_response.azure_inbox import ATTEMPTS
from pulumi_bulwark.incident_response.azure_rights import END_SECRET, RIGHTS
from pulumi_bulwark.incident_response.azure_workflow import definition
from pulumi_bulwark.incident_response.builtin_azure import ACTING, ASKING, TELLING

ADA = "user:00000000-0000-0000-0000-0000000000a1"
ROLE_GIVEN = {
    "trigger": {"activity": ["Microsoft.Authorization/roleAssignments/write"]},
    "mode": "approve",
    "action": "remove-assignment",
}
USUAL = AzureIncidentResponseArgs(
    spec=IncidentResponseSpec(playbooks=dict(ACTING), approvers=(ADA,)),
    store=STORE,
    key=KEY,
    policy_id=f"{azure_place.GROUP}/policies/waf",
    rules=("Blocked0", "Blocked1"),
    application=APPLICATION,
)


def built(preview, spec=None, **more):
    args = dataclasses.replace(USUAL, **more, **({"spec": spec} if spec else {}))
    graph = preview(lambda: AzureIncidentResponse("it", args), rendered=True)
    assert graph.problems == ()
    return graph


@pytest.fixture(scope="module")
def whole():
    spec = IncidentResponseSpec(
        playbooks={**ACTING, "role-given": ROLE_GIVEN, "vault": {"trigger": {"alarms": ["vault"]}}},
        approvers=(ADA,),
    )
    return built(Preview(), spec)


def settings(graph):
    app = graph["it-responder-app"]
    return {one["name"]: one["value"] for one in app.inputs["siteConfig"]["appSettings"]}


def roles(graph):
    return {
        role.name: role.inputs["permissions"][0]["actions"]
        for role in graph.of_type("azure-native:authorization:RoleDefinition")
    }


# --- rights


def test_the_responder_may_do_what_its_playbooks_do_in_the_resource_group(whole):
    wanted = {right for name in actions.ON_AZURE for right in RIGHTS[name]}
    assigned = whole["it-responder-runs-as-acts"].inputs

    assert set(roles(whole)["it-acts"]) == wanted
    assert assigned["scope"].endswith("/resourceGroups/group")


def test_what_no_playbook_does_is_no_right(preview):
    spec = IncidentResponseSpec(playbooks={"storage-opened": ACTING["storage-opened"]})

    assert roles(built(preview, spec))["it-acts"] == sorted(RIGHTS["close-storage"])


def test_playbooks_that_only_tell_have_no_rights(preview):
    graph = built(preview, IncidentResponseSpec(playbooks=dict(TELLING)))

    assert "it-acts" not in roles(graph)
    assert "it-responder-runs-as-asks-for-blocks" not in {r.name for r in graph.resources}


def test_no_right_gives_a_role_or_reads_a_secret():
    every = [right for rights in RIGHTS.values() for right in rights]

    assert not [r for r in every if "*" in r or r.endswith(("roleAssignments/write", "/elevate"))]
    assert not [r for r in every if re.search("listKeys|secrets|vaults", r)]


STORAGE = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/reports"
MACHINE = f"{GROUP}/providers/Microsoft.Compute/virtualMachines/app"
CARD = f"{GROUP}/providers/Microsoft.Network/networkInterfaces/app-1"
ASSIGNMENT = f"{GROUP}/providers/Microsoft.Authorization/roleAssignments/1"
BODIES = {
    STORAGE: {"properties": {}},
    MACHINE: {"properties": {"networkProfile": {"networkInterfaces": [{"id": CARD}]}}},
    CARD: {"location": "x", "properties": {"ipConfigurations": []}},
    ASSIGNMENT: {
        "properties": {"principalId": "p", "principalType": "User", "roleDefinitionId": "/r"}
    },
}
ACTIONS = {
    "close-storage": (lambda arm: CloseStorage(arm, GROUP), STORAGE),
    "isolate-machine": (lambda arm: IsolateMachine(arm, GROUP, f"{GROUP}/isolation"), MACHINE),
    "remove-assignment": (lambda arm: RemoveAssignment(arm, GROUP), ASSIGNMENT),
}
VERBS = {"GET": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}


@pytest.mark.parametrize("name", ACTIONS)
def test_each_action_calls_what_its_role_has_and_nothing_else(
    name, resources, credential, authority
):
    make, about = ACTIONS[name]
    for id_, body in BODIES.items():
        resources.put(id_, body)
    action = make(Arm(credential, resources.url, connection_verify=str(authority[0])))
    order = Order(case="c", subject=Subject(action.takes, about), now=datetime.now(UTC))
    before = action.look(order)
    action.act(order, before)
    if name != "remove-assignment":
        action.undo(order, before)

    called = {
        f"{re.search('/providers/(.*)/[^/]+$', path)[1]}/{VERBS[method]}"
        for method, path, _ in resources.calls
    }
    # What a resource is joined to, Azure asks the right of without another call.
    assert called == {right for right in RIGHTS[name] if not right.endswith("/join/action")}


def test_each_action_that_is_a_setting_has_its_rights_and_its_code():
    assert set(RIGHTS) == set(actions.ON_AZURE) == set(azure._ACTIONS)
    made = {name: make(None).takes for name, (make, _) in ACTIONS.items()}
    made |= {
        "block-source": BlockSource(None, "").takes,
        "disable-entra-user": DisableEntraUser(None).takes,
        "rotate-secret": RotateVaultSecret(None).takes,
    }
    assert made == actions.ON_AZURE


# --- what is given only if it is asked for

STOLEN = {"trigger": {"defender": ["ARM_"]}, "mode": "approve", "action": "disable-entra-user"}
LEAKED = {
    "trigger": {"alarms": ["leak"]},
    "mode": "auto",
    "action": "rotate-secret",
    "subject": "session-key",
}


def test_users_are_disabled_with_three_rights_of_graph_in_the_subscriptions_tenant(preview):
    graph = built(preview, IncidentResponseSpec(playbooks={"s": STOLEN}, disables_users=True))
    (provider,) = graph.of_type("pulumi:providers:azuread")
    given = graph.of_type("azuread:index/appRoleAssignment:AppRoleAssignment")

    assert provider.inputs["tenantId"] == STORE.place.tenant_id
    assert {one.name.removeprefix("it-graph-") for one in given} == {
        "User.EnableDisableAccount.All",
        "User.Read.All",
        "User.RevokeSessions.All",
    }
    assert len({one.inputs["appRoleId"] for one in given}) == 3
    assert {one.inputs["principalObjectId"] for one in given} == {
        graph["it-responder-runs-as-identity"].outputs["principalId"]
    }


def test_without_being_asked_nobody_gets_a_right_of_graph(whole):
    assert whole.of_type("azuread:index/appRoleAssignment:AppRoleAssignment") == []


def test_a_playbook_that_only_tells_of_users_gets_none_either(preview):
    told = STOLEN | {"mode": "notify"}
    graph = built(preview, IncidentResponseSpec(playbooks={"s": told}, disables_users=True))

    assert graph.of_type("azuread:index/appRoleAssignment:AppRoleAssignment") == []


def test_to_disable_users_unasked_is_refused_with_the_reason(preview):
    with pytest.raises(ConfigError, match=r"playbooks\.s\.action: .*disablesUsers: true"):
        built(preview, IncidentResponseSpec(playbooks={"s": STOLEN}))


def test_a_secret_is_ended_by_a_role_at_that_secret(preview):
    secrets = {
        name: f"/subscriptions/s/resourceGroups/g/vaults/v/secrets/{name}"
        for name in ("other-key", "session-key")
    }
    graph = built(
        preview,
        IncidentResponseSpec(playbooks={"leaked": LEAKED}),
        secrets=secrets,
        vault_uri="https://v.vault.azure.net/",
    )
    (role,) = [
        r for r in graph.of_type("azure-native:authorization:RoleDefinition") if "ends" in r.name
    ]
    at = {
        r.inputs["scope"]
        for r in graph.of_type("azure-native:authorization:RoleAssignment")
        if "-ends-" in r.name
    }

    assert role.inputs["permissions"][0]["dataActions"] == list(END_SECRET)
    assert not any(re.search("getSecret|setSecret", right) for right in END_SECRET)
    assert at == {secrets["session-key"]}
    assert azure.Settings.read(settings(graph)).vault == "https://v.vault.azure.net/"


def test_a_secret_that_does_not_rotate_is_refused(preview):
    spec = IncidentResponseSpec(playbooks={"leaked": LEAKED})
    with pytest.raises(ConfigError, match=r"leaked\.subject: must be a secret"):
        built(preview, spec)


# --- the responder


def test_the_responder_reads_its_settings(whole):
    found = azure.Settings.read(settings(whole))

    assert found.scope.endswith("/resourceGroups/group")
    assert found.approvers == {ADA.partition(":")[2]}
    assert found.attempts == ATTEMPTS
    assert set(found.playbooks) == {*ACTING, "role-given", "vault"}
    assert found.block_queue.endswith("/block-requests")
    assert found.isolation == whole["it-isolation"].id


def test_its_trigger_reads_the_queue_that_there_is(whole):
    functions = {f.get_function_name(): f for f in azure_app.app.get_functions()}
    (trigger,) = json.loads(functions["meet"].get_function_json())["bindings"]
    queue = whole["it-inbox-queue"].inputs

    assert trigger["connection"] == component._CONNECTION == azure.CONNECTION
    assert settings(whole)["BULWARK_QUEUE"] == queue["queueName"]
    assert queue["maxDeliveryCount"] == ATTEMPTS
    assert queue["deadLetteringOnMessageExpiration"] is True


def test_one_namespace_has_both_queues(whole):
    (bus,) = whole.of_type("azure-native:servicebus:Namespace")
    queues = whole.of_type("azure-native:servicebus:Queue")

    assert {queue.inputs["namespaceName"] for queue in queues} == {bus.outputs["name"]}
    assert len(queues) == 2


def test_only_approvers_may_call_it(whole):
    found = whole["it-responder-callers"].inputs["identityProviders"]["azureActiveDirectory"]
    policy = found["validation"]["defaultAuthorizationPolicy"]

    assert policy["allowedPrincipals"]["identities"] == [ADA.partition(":")[2]]


def test_without_approvers_nobody_may_and_the_preview_says_so(preview):
    graph = built(preview, IncidentResponseSpec(playbooks=dict(ACTING)))

    assert graph["it"].outputs.get("decisionsUrl") is None
    assert any("nobody may approve" in note.text for note in graph.notes)


def test_the_isolation_lets_nothing_in_or_out(whole):
    rules = whole["it-isolation"].inputs["securityRules"]

    assert {(r["direction"], r["access"], r["sourceAddressPrefix"]) for r in rules} == {
        ("Inbound", "Deny", "*"),
        ("Outbound", "Deny", "*"),
    }


# --- what reaches it


def test_calls_reach_it_by_one_alert_on_those_that_have_succeeded(whole):
    (alert,) = whole.of_type("azure-native:monitor:ActivityLogAlert")
    category, status, operations = alert.inputs["condition"]["allOf"]

    assert (category["equals"], status["equals"]) == ("Administrative", "Succeeded")
    assert [each["equals"] for each in operations["anyOf"]] == ROLE_GIVEN["trigger"]["activity"]


def test_alerts_of_defender_reach_it_by_the_logic_app(whole):
    (automation,) = whole.of_type("azure-native:security:Automation")
    (action,) = automation.inputs["actions"]

    assert action["logicAppResourceId"] == whole["it-inbox-workflow"].id
    assert automation.inputs["sources"][0]["eventSource"] == "Alerts"


def test_the_address_of_the_logic_app_is_a_secret_wherever_it_is(whole):
    holders = [
        *whole.of_type("azure-native:security:Automation"),
        *whole.of_type("azure-native:monitor:ActionGroup"),
    ]
    assert len(holders) == 2
    for holder in holders:
        assert "secret" in json.dumps(holder.inputs, default=repr).lower()


def test_in_another_stacks_subscription_only_alarms_are_heard(preview):
    spec = IncidentResponseSpec(playbooks={**ACTING, "vault": {"trigger": {"alarms": ["vault"]}}})
    graph = built(preview, spec, baseline="owner")

    assert graph.of_type("azure-native:security:Automation") == []
    assert list(json.loads(settings(graph)["BULWARK_PLAYBOOKS"])) == ["vault"]


def test_without_a_firewall_who_would_block_only_tells(preview):
    graph = built(preview, policy_id=None)
    found = json.loads(settings(graph)["BULWARK_PLAYBOOKS"])["attacked-from-outside"]

    assert "mode" not in found  # notify is the usual
    assert len(graph.of_type("azure-native:servicebus:Namespace")) == 1


# --- the workflow. No package ships its published schema: what is held here is its documentation's.


def test_every_parameter_is_declared_and_given(whole):
    workflow = whole["it-inbox-workflow"].inputs
    used = set(re.findall(r"parameters\('(\w+)'\)", json.dumps(workflow["definition"])))

    assert used == set(workflow["definition"]["parameters"]) == set(workflow["parameters"])


def test_it_names_its_schema_and_has_one_trigger_and_no_connector():
    found = definition()

    assert found["$schema"].endswith("/2016-06-01/workflowdefinition.json#")
    assert found["contentVersion"] == "1.0.0.0"
    assert len(found["triggers"]) == 1
    kinds = {part["type"] for name in ("triggers", "actions") for part in found[name].values()}
    assert kinds == {"Request", "Http"}  # a connection would be ApiConnection


def test_it_hands_over_as_its_own_identity_and_shows_nothing_in_its_history():
    (action,) = definition()["actions"].values()

    assert action["inputs"]["authentication"]["type"] == "ManagedServiceIdentity"
    assert action["runtimeConfiguration"]["secureData"]["properties"] == ["inputs", "outputs"]


# --- the settings


def test_a_group_cannot_approve(preview):
    spec = IncidentResponseSpec(approvers=("group:00000000-0000-0000-0000-0000000000a1",))
    with pytest.raises(ConfigError, match=r"approvers\[0\]: is a group"):
        built(preview, spec)


@pytest.mark.parametrize(
    ("trigger", "action"),
    [
        ({"guardduty": ["Policy:S3/BucketAnonymousAccessGranted"]}, "close-bucket"),
        ({"calls": ["cloudtrail:StopLogging"]}, "start-trail"),
    ],
)
def test_what_is_of_aws_is_refused(preview, trigger, action):
    spec = IncidentResponseSpec(
        playbooks={"one": {"trigger": trigger, "mode": "auto", "action": action}}
    )
    with pytest.raises(ConfigError, match="not on Azure") as error:
        built(preview, spec)
    assert "playbooks.one.action" in str(error.value)


@pytest.mark.parametrize("name", azure_samples.EVENTS)
def test_the_spec_knows_what_each_sample_is_about(name):
    told = {
        "defender": actions.told_by_defender,
        "activity": actions.told_by_operation,
        "alarm": lambda _: frozenset(),
    }
    for incident in azure_events.read(azure_samples.EVENTS[name]):
        about = {subject.kind for subject in incident.subjects}
        assert about <= told[incident.source](incident.types[0])


@pytest.mark.parametrize("name", ACTING)
def test_every_playbook_that_comes_with_bulwark_can_be_fired(name):
    playbook = Playbook.load(name, component._settings(ACTING[name]))
    takes = actions.TAKES[ACTING[name].action]
    incident = azure_samples.incident(playbook, takes)

    assert playbook.matches(incident)
    assert incident.of_kind(takes)


def test_the_profiles_have_the_same_playbooks():
    assert ACTING.keys() == ASKING.keys() == TELLING.keys()
    assert {playbook.mode for playbook in TELLING.values()} == {"notify"}
    assert {playbook.mode for playbook in ASKING.values()} == {"approve"}
