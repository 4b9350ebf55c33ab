"""What only a template can set: Defender's plans, its contact, and its link to the agents.

Each of them is there in every subscription from the start, so azure-native, which looks before it
makes anything, refuses to make one. A deployment of a template sets what is there.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from .azure_plans import Plan
from .spec import Severity

Json = dict[str, Any]

_SCHEMA = (
    "https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#"
)

MINIMAL = {"low": "Low", "medium": "Medium", "high": "High", "critical": "High"}
"""By severity: from which on Defender writes. It knows nothing above high."""


def template(plans: Sequence[Plan], contacts: Sequence[str], least: Severity) -> Json:
    """A template for the whole subscription.

    No text in it is taken for an expression: a mail address does not begin with a bracket.
    """
    resources = [*_one_by_one(plans), _contact(contacts, least)]
    if any(plan.on and plan.name == "VirtualMachines" for plan in plans):
        resources.append(_agents())
    return {"$schema": _SCHEMA, "contentVersion": "1.0.0.0", "resources": resources}


def _one_by_one(plans: Sequence[Plan]) -> Iterator[Json]:
    """The plans, each after the one before: Azure refuses two at a time."""
    before: list[str] = []
    for plan in plans:
        yield {
            "type": "Microsoft.Security/pricings",
            "apiVersion": "2024-01-01",
            "name": plan.name,
            "properties": _pricing(plan),
            **({"dependsOn": before} if before else {}),
        }
        before = [f"[subscriptionResourceId('Microsoft.Security/pricings', '{plan.name}')]"]


def _pricing(plan: Plan) -> Json:
    if not plan.on:
        # Azure refuses extensions of what is off, and an API plan without a sub-plan.
        return {"pricingTier": "Free"}
    sub_plan = {"subPlan": plan.sub_plan} if plan.sub_plan else {}
    extensions = [
        # Text, and without properties of its own: with some, one that is off is a 500.
        {"name": name, "isEnabled": str(on)}
        for name, on in plan.extensions.items()
    ]
    return {
        "pricingTier": "Standard",
        **sub_plan,
        **({"extensions": extensions} if extensions else {}),
    }


def _contact(addresses: Sequence[str], least: Severity) -> Json:
    return {
        "type": "Microsoft.Security/securityContacts",
        "apiVersion": "2023-12-01-preview",
        "name": "default",
        "properties": {
            "isEnabled": True,
            **({"emails": ";".join(addresses)} if addresses else {}),
            "notificationsByRole": {"state": "On", "roles": ["Owner"]},
            "notificationsSources": [
                {"sourceType": "Alert", "minimalSeverity": MINIMAL[least]},
                {"sourceType": "AttackPath", "minimalRiskLevel": MINIMAL[least]},
            ],
        },
    }


def _agents() -> Json:
    """Defender for Endpoint, which is the agent of Defender for Servers."""
    return {
        "type": "Microsoft.Security/settings",
        "apiVersion": "2022-05-01",
        "name": "WDATP",
        "kind": "DataExportSettings",
        "properties": {"enabled": True},
    }
