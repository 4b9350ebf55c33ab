"""Azure Policy: what a subscription refuses, whoever asks."""

from collections.abc import Iterator
from typing import Final

from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import Subject

ASSIGNMENT: Final = "azure-native:authorization:PolicyAssignment"
INITIATIVE: Final = "azure-native:authorization:PolicySetDefinition"

_REFUSES: Final = ("deny", "denyaction")
_ONLY_LOOKS: Final = ("auditifnotexists",)


@rule(
    "azure.account.policy-is-enforced",
    ASSIGNMENT,
    severity="medium",
    requires="A policy that is assigned is enforced, and not only tried",
    remediation="Set enforcementMode to Default, once the report of the trial is empty.",
    reference="PCI 1.4.4",
)
def policy_is_enforced(assignment: Subject) -> Iterator[Verdict]:
    value = assignment.get("enforcementMode", "Default")
    yield Verdict(value == "Default", "enforcementMode", value)


@rule(
    "azure.account.policy-spares-nobody",
    ASSIGNMENT,
    severity="low",
    requires="No resource or group is left out of a policy",
    remediation="Empty notScopes. Make a policy exemption instead, which has a reason and an end.",
    reference="PCI 1.4.4",
)
def policy_spares_nobody(assignment: Subject) -> Iterator[Verdict]:
    spared = assignment.items("notScopes")
    yield Verdict(not spared, "notScopes", spared)


@rule(
    "azure.account.policies-refuse",
    INITIATIVE,
    severity="medium",
    requires="A policy that can refuse what breaks a rule does so",
    remediation="Set the parameter effect to Deny, once the report of Audit is empty.",
    reference="PCI 7.3.3",
)
def policies_refuse(initiative: Subject) -> Iterator[Verdict]:
    for policy in initiative.each("policyDefinitions"):
        path = f"{policy}.parameters.effect.value"
        effect = initiative.get(path)
        # Without a value it has the definition's own, which only the definition tells.
        if effect is not None and effect.lower() not in _ONLY_LOOKS:
            yield Verdict(effect.lower() in _REFUSES, path, effect)
