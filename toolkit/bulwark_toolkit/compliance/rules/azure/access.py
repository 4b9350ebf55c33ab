"""Roles: who has one, where, and what is in it."""

from collections.abc import Iterator
from typing import Final

from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import Subject

ASSIGNMENT: Final = "azure-native:authorization:RoleAssignment"
DEFINITION: Final = "azure-native:authorization:RoleDefinition"
CREDENTIAL: Final = "azure-native:managedidentity:FederatedIdentityCredential"

_OWNER: Final = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
_ACCESS_ADMINISTRATOR: Final = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"
_CONTRIBUTOR: Final = "b24988ac-6180-42a0-ab88-20f7382dd24c"
_BROAD: Final = {
    _OWNER: "Owner",
    _ACCESS_ADMINISTRATOR: "User Access Administrator",
    _CONTRIBUTOR: "Contributor",
}


@rule(
    "azure.access.role-is-for-no-single-person",
    ASSIGNMENT,
    severity="low",
    requires="Roles are given to groups and identities, and to no person by name",
    remediation="Set principalType to Group or ServicePrincipal. Left out, it is User, and Azure "
    "then refuses every identity.",
    reference="PCI 7.2.2",
)
def role_is_for_no_single_person(assignment: Subject) -> Iterator[Verdict]:
    value = assignment.get("principalType", "User")
    yield Verdict(value != "User", "principalType", value)


@rule(
    "azure.access.nobody-has-the-whole-subscription",
    ASSIGNMENT,
    severity="high",
    requires="Nobody is Owner, Contributor or User Access Administrator of a whole subscription",
    remediation="Give a role with fewer rights, or at a resource group or a resource.",
    reference="PCI 7.2.5",
)
def nobody_has_the_whole_subscription(assignment: Subject) -> Iterator[Verdict]:
    name = _broad(assignment)
    scope = str(assignment.get("scope", "")).strip("/")
    whole = scope.count("/") <= 1 or "managementgroups" in scope.lower()
    yield Verdict(not (name and whole), "roleDefinitionId", name or "a narrower role")


@rule(
    "azure.access.access-is-not-given-at-will",
    ASSIGNMENT,
    severity="high",
    requires="Nobody may give themselves and others any access at all",
    remediation="Use Role Based Access Control Administrator with a condition that names the roles "
    "that may be given.",
    reference="CIS Azure 5.3.3",
)
def access_is_not_given_at_will(assignment: Subject) -> Iterator[Verdict]:
    name = _broad(assignment)
    yield Verdict(name not in ("Owner", "User Access Administrator"), "roleDefinitionId", name)


@rule(
    "azure.access.role-of-ones-own-names-its-actions",
    DEFINITION,
    severity="high",
    requires="No custom role allows everything",
    remediation="Name the actions that are needed, with no asterisk for all of a provider.",
    reference="CIS Azure 5.23",
)
def role_of_ones_own_names_its_actions(role: Subject) -> Iterator[Verdict]:
    for permission in role.each("permissions"):
        for kind in ("actions", "dataActions"):
            for action in role.items(f"{permission}.{kind}"):
                named = "*" not in action.split("/")[:2]
                yield Verdict(named, f"{permission}.{kind}", action)


@rule(
    "azure.access.pipeline-is-named",
    CREDENTIAL,
    severity="critical",
    requires="A federated credential is for one branch, tag or environment of one repository",
    remediation="Name the subject to its end, such as repo:owner/name:environment:prod.",
    reference="PCI 8.2.2",
)
def pipeline_is_named(credential: Subject) -> Iterator[Verdict]:
    subject = credential.get("subject", "")
    yield Verdict("*" not in subject and subject.count(":") > 1, "subject", subject)


def _broad(assignment: Subject) -> str:
    """The name of a role that may do nearly everything; empty for any other."""
    guid = str(assignment.get("roleDefinitionId", "")).lower().rpartition("/")[2]
    return _BROAD.get(guid, "")
