import re
from typing import get_args

import pytest
from azure_conditions import holds
from azure_place import GROUP, PLACE, PROVIDERS

from bulwark_toolkit.testing import Preview
from pulumi_bulwark.access import AccessSpec
from pulumi_bulwark.access.azure import AzureAccess, AzureAccessArgs, problems
from pulumi_bulwark.access.azure_rights import LOOK, RIGHTS, deploys, reads
from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.log_group.azure import AzureLogStore
from pulumi_bulwark.private_endpoint.azure import Service
from pulumi_bulwark.role.azure import ROLES

ASSIGNMENT = "azure-native:authorization:RoleAssignment"
CREDENTIAL = "azure-native:managedidentity:FederatedIdentityCredential"
DEFINITION = "azure-native:authorization:RoleDefinition"
ELIGIBILITY = "azure-native:authorization:PimRoleEligibilitySchedule"
IDENTITY = "azure-native:managedidentity:UserAssignedIdentity"
POLICY = "azure-native:authorization:RoleManagementPolicy"
ALERT = "azure-native:monitor:ActivityLogAlert"

ARCHIVE = f"{PROVIDERS}/Microsoft.Storage/storageAccounts/logs"
WORKSPACE = f"{PROVIDERS}/Microsoft.OperationalInsights/workspaces/logs"
STATE = (
    f"{PLACE.subscription}/resourceGroups/ops/providers/Microsoft.Storage/storageAccounts/state"
    "/blobServices/default/containers/pulumi"
)
STATE_KEY = (
    f"{PLACE.subscription}/resourceGroups/ops/providers/Microsoft.KeyVault/vaults/ops/keys/state"
)
PEOPLE = "group:00000000-0000-0000-0000-00000000000a"
ADA = "user:00000000-0000-0000-0000-00000000000b"
RULES = "00000000-0000-0000-0000-00000000000c"

REVIEW = {"repository": "acme/payments", "pullRequests": True}
DEPLOY = {"repository": "acme/payments", "environment": "prod", "may": "deploy"}
BOTH = {"review": REVIEW, "deploy": DEPLOY}

ALARMS_COME_IN = "Microsoft.Logic/workflows/triggers/listCallbackUrl/action"
"""What the program asks of Azure in every run; without it a preview fails."""

READER, LOG_READER = ROLES["Reader"], ROLES["Log Analytics Reader"]


def args(more=None, /, **spec):
    given = {
        "store": AzureLogStore(
            place=PLACE,
            workspace_id=WORKSPACE,
            archive_id=ARCHIVE,
            retention_days=400,
            deletion_protection=True,
        ),
        "runbook": "docs/runbook.md",
    }
    return AzureAccessArgs(spec=AccessSpec.load("access", spec), **given | (more or {}))


@pytest.fixture
def access(preview):
    def build(more=None, /, **spec):
        graph = preview(lambda: AzureAccess("it", args(more, **spec)), rendered=True)
        assert graph.problems == ()
        return graph

    return build


def held(graph, pipeline):
    """Scope of each role that a pipeline's identity has, by its name or, of ours, its label."""
    principal = graph[f"it-{pipeline}-identity"].outputs["principalId"]
    ours = {role.id: role.name for role in graph.of_type(DEFINITION)}
    theirs = {guid: name for name, guid in ROLES.items()}
    return {
        ours.get(role := one.inputs["roleDefinitionId"]) or theirs[role.rpartition("/")[2]]: (
            one.inputs["scope"]
        )
        for one in graph.of_type(ASSIGNMENT)
        if one.inputs["principalId"] == principal
    }


def actions(graph, role):
    (permission,) = graph[f"it-{role}"].inputs["permissions"]
    assert permission["dataActions"] == []
    return set(permission["actions"])


def subjects(graph):
    return [one.inputs["subject"] for one in graph.of_type(CREDENTIAL)]


def test_nothing_asked_for_is_nothing_made(access):
    assert {r.name for r in access().resources if r.kind == "custom" and not r.is_provider} == set()


# Pipelines.


def test_a_pipeline_is_known_by_its_repository_and_what_it_runs_in_and_by_nothing_else(access):
    graph = access(pipelines=BOTH)

    assert subjects(graph) == [
        "repo:acme/payments:pull_request",
        "repo:acme/payments:environment:prod",
    ]
    for one in graph.of_type(CREDENTIAL):
        assert one.inputs["audiences"] == ["api://AzureADTokenExchange"]
        assert one.inputs["issuer"] == "https://token.actions.githubusercontent.com"


def test_a_repository_of_today_is_known_by_its_name_and_by_its_numbers(access):
    graph = access(pipelines={"deploy": {**DEPLOY, "ownerId": 1, "repositoryId": 2}})

    assert subjects(graph) == [
        "repo:acme/payments:environment:prod",
        "repo:acme@1/payments@2:environment:prod",
    ]


def test_an_identity_gets_one_credential_after_the_other(access):
    graph = access(pipelines={"deploy": {**DEPLOY, "ownerId": 1, "repositoryId": 2}})

    first, second = graph.of_type(CREDENTIAL)
    assert first.urn in second.dependencies


def test_a_gitlab_of_ones_own_signs_for_its_projects(access):
    graph = access(
        pipelines={
            "deploy": {
                "host": "gitlab",
                "server": "git.acme.example",
                "repository": "acme/shop/payments",
                "branch": "main",
            }
        }
    )

    (one,) = graph.of_type(CREDENTIAL)
    assert one.inputs["issuer"] == "https://git.acme.example"
    assert one.inputs["subject"] == "project_path:acme/shop/payments:ref_type:branch:ref:main"


def test_each_pipeline_has_an_identity_of_its_own_and_tells_its_client_id(access):
    graph = access(pipelines=BOTH)

    told = graph["it"].outputs["pipelineClientIds"]
    assert told == {
        name: graph[f"it-{name}-identity"].outputs["clientId"] for name in ("review", "deploy")
    }


def test_a_preview_reads_settings_in_the_subscription_that_the_stack_owns(access):
    assert held(access(pipelines={"review": REVIEW}), "review") == {"it-reads": PLACE.subscription}


def test_in_a_subscription_of_another_stack_it_reads_its_own_group_alone(access):
    graph = access({"baseline": "org/landing-zone/prod"}, pipelines={"review": REVIEW})

    assert held(graph, "review") == {"it-reads": GROUP}
    assert graph["it-reads"].inputs["assignableScopes"] == [GROUP]


def test_a_preview_reads_no_key_no_log_and_no_data(access):
    found = actions(access(pipelines={"review": REVIEW}), "reads")

    assert all(action.endswith("/read") for action in found - {ALARMS_COME_IN})
    assert not [action for action in found if re.search("query|secrets|masterkey|history", action)]
    # Every role of our own is built of these: nothing that begins with all of a provider.
    assert not [action for action in found if action.startswith("*") or "/*" in action[:12]]


def test_a_deployer_has_its_role_in_the_group_and_only_reads_outside(access):
    assert held(access(pipelines=BOTH), "deploy") == {
        "it-reads": PLACE.subscription,
        "it-deploys": GROUP,
        "it-hands-over": ARCHIVE,
    }
    assert set(actions(access(pipelines=BOTH), "hands-over")) == {
        "Microsoft.Storage/storageAccounts/listKeys/action"
    }


@pytest.mark.parametrize(
    "action",
    [
        "Microsoft.Authorization/locks/delete",
        "Microsoft.Authorization/policyAssignments/delete",
        "Microsoft.Authorization/roleAssignmentScheduleRequests/write",
        "Microsoft.Authorization/roleDefinitions/write",
        "Microsoft.Authorization/roleEligibilityScheduleRequests/write",
        "Microsoft.Insights/activityLogAlerts/delete",
        "Microsoft.Insights/diagnosticSettings/delete",
        "Microsoft.KeyVault/vaults/accessPolicies/write",
        "Microsoft.KeyVault/vaults/delete",
        "Microsoft.KeyVault/vaults/secrets/write",
        "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write",
        "Microsoft.OperationalInsights/workspaces/delete",
        "Microsoft.OperationalInsights/workspaces/query/read",
        "Microsoft.Resources/deploymentScripts/write",
        "Microsoft.Resources/deployments/write",
        "Microsoft.Security/automations/write",
        "Microsoft.Storage/storageAccounts/delete",
        "Microsoft.Storage/storageAccounts/listKeys/action",
        "Microsoft.Storage/storageAccounts/managementPolicies/delete",
        "Microsoft.Web/sites/publishxml/action",
    ],
)
def test_a_deployer_cannot(access, action):
    assert not fits(action, actions(access(pipelines=BOTH), "deploys"))


@pytest.mark.parametrize(
    "action",
    [
        "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action",
        "Microsoft.Network/networkSecurityGroups/join/action",
        "Microsoft.Network/privateDnsZones/join/action",
        "Microsoft.Network/virtualNetworks/subnets/join/action",
        "Microsoft.Network/virtualNetworks/subnets/joinViaServiceEndpoint/action",
        "Microsoft.Web/sites/privateEndpointConnectionsApproval/action",
        "Microsoft.Web/sites/publish/action",
    ],
)
def test_a_deployer_can_do_what_function_apps_and_their_network_ask_for(access, action):
    assert fits(action, actions(access(pipelines=BOTH), "deploys"))


def fits(action, allowed):
    """As Azure does: an asterisk stands for anything, slashes too."""
    patterns = [re.escape(one).replace(r"\*", ".*") for one in allowed]
    return any(re.fullmatch(pattern, action, re.IGNORECASE) for pattern in patterns)


WORKLOAD, OWN_ROLE = "a" * 8 + RULES[8:], "b" * 8 + RULES[8:]


@pytest.mark.parametrize(
    ("given", "may"),
    [
        ((READER, "ServicePrincipal", "workload"), True),
        ((READER, "serviceprincipal", "workload"), True),
        ((READER, "User", "workload"), False),
        ((READER, "Group", "workload"), False),
        ((READER, "ServicePrincipal", "deploy"), False),
        ((READER, "ServicePrincipal", "review"), False),
        ((OWN_ROLE, "ServicePrincipal", "workload"), False),
        ((ROLES["Owner"], "ServicePrincipal", "workload"), False),
        ((ROLES["Key Vault Administrator"], "ServicePrincipal", "workload"), False),
        ((ROLES["Key Vault Crypto Officer"], "ServicePrincipal", "workload"), False),
    ],
)
@pytest.mark.parametrize(("verb", "of"), [("write", "Request"), ("delete", "Resource")])
def test_a_deployer_gives_and_takes_roles_of_workloads_and_none_of_a_pipeline(
    deployer, verb, of, given, may
):
    (text, principals), (role, kind, whose) = deployer, given
    asked = {
        "RoleDefinitionId": role,
        "PrincipalType": kind,
        "PrincipalId": principals.get(whose, WORKLOAD),
    }

    action = f"Microsoft.Authorization/roleAssignments/{verb}"
    assert holds(text, action, {of: asked}) is may


def test_the_condition_of_a_deployer_is_about_roles_and_about_nothing_else(deployer):
    assert holds(deployer[0], "Microsoft.KeyVault/vaults/write", {})


@pytest.fixture(scope="module")
def deployer():
    """The condition of a deployer's role, and the object ids of all pipelines."""
    graph = Preview()(lambda: AzureAccess("it", args(pipelines=BOTH)), rendered=True)
    assert graph["it-deploy-deploys"].inputs["conditionVersion"] == "2.0"
    return condition(graph), {
        name: graph[f"it-{name}-identity"].outputs["principalId"] for name in BOTH
    }


def condition(graph):
    return graph["it-deploy-deploys"].inputs["condition"]


def test_with_a_deployer_the_group_takes_no_other_region(access):
    graph = access(pipelines=BOTH, regions=["northeurope"])

    (policy,) = graph.of_type("azure-native:authorization:PolicyAssignment")
    assert policy.inputs["scope"] == GROUP
    assert policy.inputs["policyDefinitionId"].endswith("e56962a6-4747-49cd-b67b-bf8b01975c4c")
    assert policy.inputs["parameters"] == {
        "listOfAllowedLocations": {"value": ["northeurope", "westeurope"]}
    }


def test_without_one_nobody_is_held_to_a_region(access):
    graph = access(pipelines={"review": REVIEW})

    assert not list(graph.of_type("azure-native:authorization:PolicyAssignment"))


def test_a_condition_is_no_longer_than_azure_takes(access):
    pipelines = {f"deploy-{number}": DEPLOY for number in range(20)}

    assigned = access(pipelines=pipelines)["it-deploy-0-deploys"]
    assert len(assigned.inputs["condition"]) < 8 * 1024


def test_no_role_of_ours_has_the_keys_of_anything():
    telling = re.compile("listkeys|listsecrets|secrets/|publishxml|regenerate", re.IGNORECASE)

    assert not [action for action in (*reads(), *deploys()) if telling.search(action)]


def test_whoever_previews_asks_azure_for_nothing_but_what_is_there():
    asked = set(reads()) - {ALARMS_COME_IN}

    assert {action.rpartition("/")[2] for action in asked} == {"read"}


def test_whoever_runs_the_program_is_told_where_alarms_come_in():
    assert ALARMS_COME_IN in reads()
    assert ALARMS_COME_IN in deploys()


ENDPOINTS = {
    "blob": "Microsoft.Storage/storageAccounts",
    "queue": "Microsoft.Storage/storageAccounts",
    "sites": "Microsoft.Web/sites",
    "table": "Microsoft.Storage/storageAccounts",
    "vault": "Microsoft.KeyVault/vaults",
}


@pytest.mark.parametrize("service", get_args(Service))
def test_a_deployer_connects_whatever_has_a_private_endpoint(service):
    assert f"{ENDPOINTS[service]}/privateEndpointConnectionsApproval/action" in deploys()


def test_what_only_an_administrator_changes_is_read_by_whoever_deploys():
    looked_at = {kind for kind, verbs in RIGHTS.items() if verbs == LOOK}

    assert {f"{kind}/read" for kind in looked_at} <= set(deploys())


def test_state_is_read_by_previews_and_written_by_deployments(access):
    graph = access(pipelines=BOTH, state={"bucket": STATE, "key": STATE_KEY})

    of_state = {"Key Vault Crypto User": STATE_KEY}
    assert of_state | {"Storage Blob Data Reader": STATE} == without_ours(held(graph, "review"))
    assert of_state | {"Storage Blob Data Contributor": STATE} == without_ours(
        held(graph, "deploy")
    )


def without_ours(roles):
    return {name: scope for name, scope in roles.items() if not name.startswith("it-")}


def test_a_pipeline_for_every_branch_is_refused_with_the_way_out(preview):
    spec = {"review": {"repository": "acme/payments", "anyRef": True}}
    with pytest.raises(ConfigError, match="takes no wildcard"):
        preview(lambda: AzureAccess("it", args(pipelines=spec)))


def test_playbooks_are_told_whose_roles_they_leave_alone(access):
    graph = access(pipelines=BOTH, breakGlass={"users": [ADA]})

    assert graph["it"].outputs["neverIds"] == [
        ADA.partition(":")[2],
        *(graph[f"it-{name}-identity"].outputs["principalId"] for name in BOTH),
    ]


# Auditors.


def test_auditors_read_settings_logs_and_files_and_each_where_it_is(access):
    graph = access(auditors=[PEOPLE])

    assert {
        one.inputs["scope"]: one.inputs["roleDefinitionId"].rpartition("/")[2]
        for one in graph.of_type(ASSIGNMENT)
    } == {
        PLACE.subscription: READER,
        WORKSPACE: LOG_READER,
        ARCHIVE: ROLES["Storage Blob Data Reader"],
    }
    assert {one.inputs["principalType"] for one in graph.of_type(ASSIGNMENT)} == {"Group"}


# Breaking the glass.


def test_nobody_owns_anything_before_the_glass_is_broken(access):
    graph = access(breakGlass={"users": [PEOPLE, ADA]})

    assert not list(graph.of_type(ASSIGNMENT))
    assert {one.inputs["principalId"] for one in graph.of_type(ELIGIBILITY)} == {
        who.partition(":")[2] for who in (PEOPLE, ADA)
    }
    for one in graph.of_type(ELIGIBILITY):
        assert one.inputs["roleDefinitionId"].endswith(ROLES["Owner"])
        assert one.inputs["scope"] == PLACE.subscription


def test_whoever_may_break_it_may_for_a_time(access):
    (one,) = access(breakGlass={"users": [ADA], "eligibleDays": 90}).of_type(ELIGIBILITY)

    assert one.inputs["scheduleInfo"]["expiration"] == {"type": "AfterDuration", "duration": "P90D"}
    assert one.options.delete_before_replace


def test_nobody_gets_in_before_the_alarm_and_the_rules_are_there(access):
    graph = access(
        {"alarm_group_id": "page"}, breakGlass={"users": [ADA], "activationRules": RULES}
    )

    (eligible,), (alert,), (rules,) = (graph.of_type(t) for t in (ELIGIBILITY, ALERT, POLICY))
    assert {alert.urn, rules.urn} <= set(eligible.dependencies)
    assert alert.inputs["actions"] == {"actionGroups": [{"actionGroupId": "page"}]}
    assert "Runbook: docs/runbook.md#role-activation ." in alert.inputs["description"]
    assert {one["equals"] for one in alert.inputs["condition"]["allOf"]} == {
        "Administrative",
        "Microsoft.Authorization/roleAssignmentScheduleRequests/write",
    }


def test_whoever_breaks_it_shows_a_second_factor_says_why_and_has_an_hour(access):
    (policy,) = access(breakGlass={"users": [ADA], "activationRules": RULES}).of_type(POLICY)

    asked = {rule["id"]: rule for rule in policy.inputs["rules"]}
    assert asked["Expiration_EndUser_Assignment"]["maximumDuration"] == "PT1H"
    assert {"MultiFactorAuthentication", "Justification"} <= set(
        asked["Enablement_EndUser_Assignment"]["enabledRules"]
    )
    assert asked["Expiration_Admin_Eligibility"]["isExpirationRequired"]


def test_without_the_guid_of_the_rules_the_report_says_who_decides(access):
    told = [note.text for note in access(breakGlass={"users": [ADA]}).notes]

    assert any("without activationRules" in text for text in told)
    assert any("nobody is told at once" in text for text in told)


# What Azure would refuse.


def refused(**spec):
    return list(problems(AccessSpec.load("access", spec)))


def test_a_pipeline_is_not_called_as_another_part():
    (line,) = refused(pipelines={"reads": REVIEW})

    assert line.startswith("bulwark:access.pipelines.reads: is the name of another part")


def test_nobody_is_eligible_twice():
    (line,) = refused(breakGlass={"users": [PEOPLE, ADA, ADA]})

    assert line.startswith("bulwark:access.breakGlass.users[1]: is named twice")


def test_what_is_fine_is_not_refused():
    assert not refused(pipelines=BOTH, breakGlass={"users": [PEOPLE, ADA]})
