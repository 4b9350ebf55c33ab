"""Who has which role on Azure, who becomes an identity, and what the subscription refuses."""

import pulumi_azure_native as azure
import pytest
from rule_cases import (
    test_a_rule_fails_for,  # noqa: F401 asked of this file too
    test_a_rule_passes_fails_and_does_not_apply,  # noqa: F401 asked of this file too
    test_a_rule_passes_for,  # noqa: F401 asked of this file too
)

from bulwark_toolkit.compliance.rules import RULES
from bulwark_toolkit.compliance.rules.azure import access, account

A, P = "azure.access.", "azure.account."

SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000001"
ROLES = f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions"
READER = "21090545-7ca7-4776-b22c-e363652d74d2"
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
GITHUB = "https://token.actions.githubusercontent.com"
EXCHANGE = "api://AzureADTokenExchange"
SOME_ROLES = (
    "((!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})) OR "
    "(@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] "
    f"ForAnyOfAnyValues:GuidEquals {{{READER}}}))"
)
ALL_BUT_SOME = SOME_ROLES.replace("ForAnyOfAnyValues:GuidEquals", "ForAnyOfAllValues:GuidNotEquals")
WRITES = "Microsoft.Authorization/roleAssignments/write"


def nothing():
    """A program without anything that these rules are for."""
    azure.network.VirtualNetwork("it", resource_group_name="g")


def assignment(role=READER, scope=f"{SUBSCRIPTION}/resourceGroups/g", **inputs):
    return lambda: azure.authorization.RoleAssignment(
        "it", principal_id="p", role_definition_id=f"{ROLES}/{role}", scope=scope, **inputs
    )


def definition(action):
    return lambda: azure.authorization.RoleDefinition(
        "it", scope=SUBSCRIPTION, permissions=[{"actions": [action]}]
    )


def given(*actions, **inputs):
    """A role of one's own, and whom it is given."""

    def program():
        role = azure.authorization.RoleDefinition(
            "role", scope=SUBSCRIPTION, permissions=[{"actions": list(actions)}]
        )
        azure.authorization.RoleAssignment(
            "it", principal_id="p", role_definition_id=role.id, scope=SUBSCRIPTION, **inputs
        )

    return program


def credential(subject="repo:acme/app:environment:prod", issuer=GITHUB, audience=EXCHANGE):
    return lambda: azure.managedidentity.FederatedIdentityCredential(
        "it",
        resource_group_name="g",
        resource_name_="id",
        audiences=[audience],
        issuer=issuer,
        subject=subject,
    )


def proposed(*actions, role=None, subject="repo:acme/app:pull_request"):
    """The runs of pull requests become an identity that has a role."""

    def program():
        identity = azure.managedidentity.UserAssignedIdentity("id", resource_group_name="g")
        azure.managedidentity.FederatedIdentityCredential(
            "it",
            resource_group_name="g",
            resource_name_=identity.name,
            audiences=[EXCHANGE],
            issuer=GITHUB,
            subject=subject,
        )
        own = azure.authorization.RoleDefinition(
            "role", scope=SUBSCRIPTION, permissions=[{"actions": list(actions)}]
        )
        azure.authorization.RoleAssignment(
            "assigned",
            principal_id=identity.principal_id,
            role_definition_id=f"{ROLES}/{role}" if role else own.id,
            scope=SUBSCRIPTION,
        )

    return program


def eligible(**expiration):
    return lambda: azure.authorization.PimRoleEligibilitySchedule(
        "it",
        scope=SUBSCRIPTION,
        principal_id="p",
        role_definition_id=f"{ROLES}/{OWNER}",
        schedule_info={"expiration": expiration} if expiration else None,
    )


def activation(*asked, hours=1):
    return lambda: azure.authorization.RoleManagementPolicy(
        "it",
        scope=SUBSCRIPTION,
        role_management_policy_name="00000000-0000-0000-0000-00000000000b",
        rules=[
            {
                "id": "Enablement_EndUser_Assignment",
                "rule_type": "RoleManagementPolicyEnablementRule",
                "enabled_rules": list(asked),
            },
            {
                "id": "Expiration_EndUser_Assignment",
                "rule_type": "RoleManagementPolicyExpirationRule",
                "maximum_duration": f"PT{hours}H",
            },
        ],
    )


def notified():
    """Rules of a role that leave alone what is asked of whoever activates it."""
    azure.authorization.RoleManagementPolicy(
        "it",
        scope=SUBSCRIPTION,
        role_management_policy_name="00000000-0000-0000-0000-00000000000b",
        rules=[
            {
                "id": "Notification_Admin_EndUser_Assignment",
                "rule_type": "RoleManagementPolicyNotificationRule",
                "notification_level": "All",
            }
        ],
    )


def assigned(**inputs):
    return lambda: azure.authorization.PolicyAssignment(
        "it", policy_assignment_name="it", policy_definition_id="p", scope=SUBSCRIPTION, **inputs
    )


def initiative(*effects):
    return lambda: azure.authorization.PolicySetDefinition(
        "it",
        policy_set_definition_name="it",
        policy_definitions=[
            {
                "policy_definition_id": "p",
                "parameters": {"effect": {"value": effect}} if effect else {},
            }
            for effect in effects
        ],
    )


CASES = {
    A + "role-is-for-no-single-person": (
        assignment(principal_type="Group"),
        assignment(),
        nothing,
    ),
    A + "nobody-has-the-whole-subscription": (
        assignment(OWNER),
        assignment(OWNER, SUBSCRIPTION),
        nothing,
    ),
    A + "access-is-not-given-at-will": (assignment(), assignment(OWNER), nothing),
    A + "role-of-ones-own-names-its-actions": (
        definition("Microsoft.KeyVault/vaults/read"),
        definition("*"),
        nothing,
    ),
    A + "pipeline-is-named": (credential(), credential("repo:acme/*"), nothing),
    A + "who-gives-roles-gives-only-some": (
        given(WRITES, condition=SOME_ROLES),
        given(WRITES),
        given("Microsoft.KeyVault/vaults/write"),
    ),
    A + "token-is-for-entra-id-alone": (credential(), credential(audience="api://mine"), nothing),
    A + "what-is-proposed-does-not-deploy": (
        proposed("Microsoft.KeyVault/vaults/read"),
        proposed("Microsoft.KeyVault/vaults/write"),
        proposed("Microsoft.KeyVault/vaults/write", subject="repo:acme/app:environment:prod"),
    ),
    A + "eligibility-has-an-end": (
        eligible(type="AfterDuration", duration="P180D"),
        eligible(type="NoExpiration"),
        nothing,
    ),
    A + "activation-asks-who-and-why": (
        activation("MultiFactorAuthentication", "Justification", "Ticketing"),
        activation("Justification"),
        notified,
    ),
    P + "policy-is-enforced": (assigned(), assigned(enforcement_mode="DoNotEnforce"), nothing),
    P + "policy-spares-nobody": (assigned(), assigned(not_scopes=["/old"]), nothing),
    P + "policies-refuse": (
        initiative("Deny", None),
        initiative("Deny", "Audit"),
        initiative(None, "AuditIfNotExists"),
    ),
}
"""For each rule: a program that passes, one that fails, and one that it does not apply to."""

ALSO = {
    "a wildcard that takes in the giving of roles": (
        A + "who-gives-roles-gives-only-some",
        given("Microsoft.Authorization/*"),
    ),
    "a condition that names what may not be given": (
        A + "who-gives-roles-gives-only-some",
        given(WRITES, condition=ALL_BUT_SOME),
    ),
    "an issuer with a slash at its end": (
        A + "token-is-for-entra-id-alone",
        credential(issuer=f"{GITHUB}/"),
    ),
    "an issuer in the clear": (
        A + "token-is-for-entra-id-alone",
        credential(issuer="http://gitlab.example.com"),
    ),
    "pull requests that are contributors": (
        A + "what-is-proposed-does-not-deploy",
        proposed(role=CONTRIBUTOR),
    ),
    "an eligibility that says nothing of its end": (A + "eligibility-has-an-end", eligible()),
    "an eligibility of two years": (
        A + "eligibility-has-an-end",
        eligible(type="AfterDuration", duration="P730D"),
    ),
    "a whole working day": (
        A + "activation-asks-who-and-why",
        activation("MultiFactorAuthentication", "Justification", hours=8),
    ),
}
"""More that fails."""

FINE = {
    "an eligibility until a day": (
        A + "eligibility-has-an-end",
        eligible(type="AfterDateTime", end_date_time="2027-01-31T00:00:00Z"),
    ),
    "pull requests that read by a role of Microsoft's": (
        A + "what-is-proposed-does-not-deploy",
        proposed(role=READER),
    ),
}
"""More that passes."""


def test_each_rule_of_the_files_has_its_cases():
    found = {one.id for of in (access, account) for one in vars(of).values() if one in RULES}

    assert found == CASES.keys()


@pytest.mark.parametrize(
    "scope", ["/", SUBSCRIPTION, "/providers/Microsoft.Management/managementGroups/all"]
)
def test_more_than_a_subscription_is_a_whole_one_too(outcomes, scope):
    assert outcomes(A + "nobody-has-the-whole-subscription", assignment(OWNER, scope)) == {"fail"}


@pytest.mark.parametrize("action", ["*", "*/read", "Microsoft.KeyVault/*"])
def test_an_asterisk_for_a_whole_provider_is_noticed(outcomes, action):
    assert outcomes(A + "role-of-ones-own-names-its-actions", definition(action)) == {"fail"}
