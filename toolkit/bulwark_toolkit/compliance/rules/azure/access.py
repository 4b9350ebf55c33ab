"""Roles: who has one, where, and what is in it."""

import fnmatch
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import Subject

ASSIGNMENT: Final = "azure-native:authorization:RoleAssignment"
DEFINITION: Final = "azure-native:authorization:RoleDefinition"
CREDENTIAL: Final = "azure-native:managedidentity:FederatedIdentityCredential"
ELIGIBILITY: Final = "azure-native:authorization:PimRoleEligibilitySchedule"
IDENTITY: Final = "azure-native:managedidentity:UserAssignedIdentity"
RULES_OF_A_ROLE: Final = "azure-native:authorization:RoleManagementPolicy"

_AUDIENCE: Final = "api://AzureADTokenExchange"
_GIVES_ACCESS: Final = "microsoft.authorization/roleassignments/write"
_LONGEST_ACTIVATION: Final = timedelta(hours=1)
_LONGEST_ELIGIBILITY: Final = timedelta(days=366)

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


@rule(
    "azure.access.who-gives-roles-gives-only-some",
    ASSIGNMENT,
    severity="critical",
    requires="Who may give roles by a role of one's own is held to some roles by a condition",
    remediation="Give the assignment a condition on RoleDefinitionId for the writes of "
    "roleAssignments, as Microsoft's template for delegation has it.",
    reference="PCI 7.2.5",
    alone=False,
)
def who_gives_roles_gives_only_some(assignment: Subject) -> Iterator[Verdict]:
    role = assignment.named(DEFINITION, "roleDefinitionId")
    if role is None or not _gives_access(role):
        return
    condition = str(assignment.get("condition", ""))
    held = "RoleDefinitionId]" in condition and "GuidEquals" in condition.replace("NotEquals", "")
    yield Verdict(held, "condition", condition or "no condition")


@rule(
    "azure.access.token-is-for-entra-id-alone",
    CREDENTIAL,
    severity="high",
    requires="A federated credential takes tokens that were made for Entra ID alone, over TLS",
    remediation=f"Set audiences to {_AUDIENCE} alone, and an issuer that begins with https://.",
    reference="PCI 8.3.1",
)
def token_is_for_entra_id_alone(credential: Subject) -> Iterator[Verdict]:
    audiences, issuer = credential.items("audiences"), str(credential.get("issuer", ""))
    yield Verdict(audiences == [_AUDIENCE], "audiences", audiences)
    exact = issuer.startswith("https://") and not issuer.endswith("/")
    yield Verdict(exact, "issuer", issuer)


@rule(
    "azure.access.what-is-proposed-does-not-deploy",
    CREDENTIAL,
    severity="critical",
    requires="The runs of pull requests become no identity that may change anything",
    remediation="Hold the credential to an environment or a branch, or give the identity a role "
    "that only reads.",
    reference="PCI 6.5.4",
    alone=False,
)
def what_is_proposed_does_not_deploy(credential: Subject) -> Iterator[Verdict]:
    subject = str(credential.get("subject", ""))
    if not subject.endswith(":pull_request"):
        return
    identity = credential.named(IDENTITY, "resourceName")
    if identity is None:
        raise credential.elsewhere("resourceName", "the identity")
    changing = [
        assigned for assigned in identity.attached(ASSIGNMENT, "principalId") if _changes(assigned)
    ]
    if not changing:
        yield Verdict(True, "subject", subject)
    for assigned in changing:
        yield Verdict(False, "roleDefinitionId", subject, urn=assigned.urn)


@rule(
    "azure.access.eligibility-has-an-end",
    ELIGIBILITY,
    severity="medium",
    requires="Nobody may activate a role for good, or for longer than a year",
    remediation="Set scheduleInfo.expiration to AfterDuration with a year at most, or to a date.",
    reference="CIS Azure 5.3.4",
)
def eligibility_has_an_end(eligibility: Subject) -> Iterator[Verdict]:
    path = "scheduleInfo.expiration"
    kind = eligibility.get(f"{path}.type", "NoExpiration")
    if kind == "AfterDateTime":
        yield Verdict(eligibility.has(f"{path}.endDateTime"), f"{path}.type", kind)
        return
    lasts = _duration(eligibility.get(f"{path}.duration"))
    ends = kind == "AfterDuration" and lasts is not None and lasts <= _LONGEST_ELIGIBILITY
    yield Verdict(ends, f"{path}.duration", eligibility.get(f"{path}.duration", kind))


@rule(
    "azure.access.activation-asks-who-and-why",
    RULES_OF_A_ROLE,
    severity="high",
    requires="Whoever activates a role shows a second factor, gives a reason, and has an hour",
    remediation="Let Enablement_EndUser_Assignment have MultiFactorAuthentication and "
    "Justification, and Expiration_EndUser_Assignment PT1H at most.",
    reference="PCI 8.4.1",
)
def activation_asks_who_and_why(policy: Subject) -> Iterator[Verdict]:
    rules = {policy.get(f"{path}.id"): path for path in policy.each("rules")}
    if path := rules.get("Enablement_EndUser_Assignment"):
        asked = policy.items(f"{path}.enabledRules")
        wanted = {"MultiFactorAuthentication", "Justification"}
        yield Verdict(wanted <= set(asked), f"{path}.enabledRules", asked)
    if path := rules.get("Expiration_EndUser_Assignment"):
        value = policy.get(f"{path}.maximumDuration")
        lasts = _duration(value)
        short = lasts is not None and lasts <= _LONGEST_ACTIVATION
        yield Verdict(short, f"{path}.maximumDuration", value)


def _gives_access(role: Subject) -> bool:
    return any(
        fnmatch.fnmatchcase(_GIVES_ACCESS, action.lower())
        for permission in role.each("permissions")
        for action in role.items(f"{permission}.actions")
    )


def _changes(assigned: Subject) -> bool:
    """Whether a role may change anything, as far as it is known: Microsoft's broad ones do."""
    if _broad(assigned):
        return True
    role = assigned.named(DEFINITION, "roleDefinitionId")
    return role is not None and any(
        not action.lower().endswith(("/read", "/listcallbackurl/action"))
        for permission in role.each("permissions")
        for action in role.items(f"{permission}.actions")
    )


_DURATION: Final = re.compile(
    r"P(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?)?"
)


def _duration(text: object) -> timedelta | None:
    """What PIM takes of ISO 8601: days, hours and minutes."""
    found = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if found is None or not any(found.groups()):
        return None
    return timedelta(**{unit: int(number or 0) for unit, number in found.groupdict().items()})


def _broad(assignment: Subject) -> str:
    """The name of a role that may do nearly everything; empty for any other."""
    guid = str(assignment.get("roleDefinitionId", "")).lower().rpartition("/")[2]
    return _BROAD.get(guid, "")
