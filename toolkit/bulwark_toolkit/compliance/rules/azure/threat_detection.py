"""Defender for Cloud and Sentinel: what watches a subscription, and who hears of it."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from bulwark_toolkit.compliance.arm_templates import (
    DEPLOYMENTS,
    Declared,
    declared,
    everywhere,
)
from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import Subject

from .audit_log import ACTIVITY

PRICING: Final = "azure-native:security:Pricing"
CONTACT: Final = "azure-native:security:SecurityContact"
EXPORT: Final = "azure-native:security:Automation"
ALERT_RULE: Final = "azure-native:securityinsights:ScheduledAlertRule"
ONBOARDING: Final = "azure-native:securityinsights:SentinelOnboardingState"

_PRICINGS: Final = "Microsoft.Security/pricings"
_CONTACTS: Final = "Microsoft.Security/securityContacts"
_SETTINGS: Final = "Microsoft.Security/settings"
_PLANS: Final = (
    "AppServices",
    "Arm",
    "CloudPosture",
    "Containers",
    "CosmosDbs",
    "KeyVaults",
    "OpenSourceRelationalDatabases",
    "SqlServerVirtualMachines",
    "SqlServers",
    "StorageAccounts",
    "VirtualMachines",
)
"""Those that cost by what there is. The plan for APIs costs whatever is called: no rule asks."""

_FROM_HIGH: Final = ("Low", "Medium", "High")
_RISKS: Final = (*_FROM_HIGH, "Critical")


# --- the plans


@rule(
    "azure.threat_detection.subscription-has-every-plan",
    ACTIVITY,
    severity="high",
    requires="Who exports a subscription's Activity Log has Defender for Cloud watch it",
    remediation="Set each plan in a DeploymentAtSubscriptionScope, or waive this where a "
    "management group's policy does.",
    reference="PCI 11.5.1",
    alone=False,
)
def subscription_has_every_plan(setting: Subject) -> Iterator[Verdict]:
    found = {plan.name: plan for plan in _all_plans(setting)}
    for name in _PLANS:
        if plan := found.get(name):
            yield plan.verdict(True, "pricingTier", name)
        else:
            yield Verdict(False, "", name, f"nothing sets the plan {name}")


@rule(
    "azure.threat_detection.plan-is-on",
    PRICING,
    *DEPLOYMENTS,
    severity="medium",
    requires="No plan of Defender for Cloud is turned off, but that for APIs",
    remediation="Set pricingTier to Standard.",
    reference="CIS Azure 8.1.9.1",
)
def plan_is_on(subject: Subject) -> Iterator[Verdict]:
    for plan in _plans(subject):
        if plan.name in _PLANS:
            tier = plan.get("pricingTier")
            text = f"{plan.name} is off"
            yield plan.verdict(tier == "Standard", "pricingTier", f"{plan.name}: {tier}", text)


@rule(
    "azure.threat_detection.extension-is-as-azure-takes-it",
    PRICING,
    *DEPLOYMENTS,
    severity="medium",
    requires="Extensions are those of a plan that is on, and say so in text",
    remediation='Set isEnabled to "True" or "False", in quotes; give one that is off no '
    "properties, and a plan that is off no extensions.",
    reference="CIS Azure 8.1.3.1",
)
def extension_is_as_azure_takes_it(subject: Subject) -> Iterator[Verdict]:
    for plan in _plans(subject):
        for at in plan.each("extensions"):
            on = plan.get(f"{at}.isEnabled")
            with_properties = plan.get(f"{at}.additionalExtensionProperties") is not None
            taken = on == "True" or (on == "False" and not with_properties)
            of_plan = plan.get("pricingTier") == "Standard"
            name = plan.get(f"{at}.name")
            yield plan.verdict(taken and of_plan, f"{at}.isEnabled", f"{name}: {on}")


@rule(
    "azure.threat_detection.plans-follow-each-other",
    *DEPLOYMENTS,
    severity="medium",
    requires="A template sets one plan of Defender for Cloud after the other",
    remediation="Let each plan name the one before in dependsOn: Azure refuses two at a time.",
    reference="PCI 6.5.1",
)
def plans_follow_each_other(deployment: Subject) -> Iterator[Verdict]:
    found = list(_plans(deployment))
    for before, plan in pairwise(found):
        text = f"{plan.name} does not wait for {before.name}"
        yield Verdict(
            f"'{before.name}'" in plan.waits_for,
            f"{plan.inside}.dependsOn",
            f"{plan.name} after {before.name}",
            text,
        )


@rule(
    "azure.threat_detection.machines-have-defenders-agent",
    PRICING,
    *DEPLOYMENTS,
    severity="medium",
    requires="Where machines are watched, Defender for Endpoint is their agent",
    remediation="Set Microsoft.Security/settings WDATP to enabled, in the same template.",
    reference="CIS Azure 8.1.3.3",
    alone=False,
)
def machines_have_defenders_agent(subject: Subject) -> Iterator[Verdict]:
    for plan in _plans(subject):
        if plan.name == "VirtualMachines" and plan.get("pricingTier") == "Standard":
            yield _agent(subject)


def _agent(subject: Subject) -> Verdict:
    # azure-native has no class for it.
    for setting in everywhere(subject.graph, "", _SETTINGS, ""):
        if setting.name == "WDATP":
            on = setting.get("enabled", False)
            return setting.verdict(on is True, "enabled", on)
    return Verdict(False, "", text="nothing sets WDATP")


# --- who hears of it


@rule(
    "azure.threat_detection.owners-are-told",
    CONTACT,
    *DEPLOYMENTS,
    severity="medium",
    requires="Defender for Cloud writes to the subscription's owners",
    remediation='Set notificationsByRole to {"state": "On", "roles": ["Owner"]}.',
    reference="CIS Azure 8.1.12",
)
def owners_are_told(subject: Subject) -> Iterator[Verdict]:
    for contact in declared(subject, _CONTACTS, "securityContactName"):
        state = contact.get("notificationsByRole.state", "Off")
        roles = contact.get("notificationsByRole.roles", [])
        told = state == "On" and "Owner" in roles
        yield contact.verdict(told, "notificationsByRole", f"{state}: {', '.join(roles)}")


@rule(
    "azure.threat_detection.somebody-else-is-told",
    CONTACT,
    *DEPLOYMENTS,
    severity="medium",
    requires="Defender for Cloud writes to somebody beside the owners",
    remediation="Name an address that several people read in emails.",
    reference="CIS Azure 8.1.13",
)
def somebody_else_is_told(subject: Subject) -> Iterator[Verdict]:
    for contact in declared(subject, _CONTACTS, "securityContactName"):
        emails = contact.get("emails", "")
        count = len([address for address in emails.split(";") if "@" in address])
        yield contact.verdict(count > 0, "emails", f"{count} addresses")


@rule(
    "azure.threat_detection.grave-alerts-are-told",
    CONTACT,
    *DEPLOYMENTS,
    severity="medium",
    requires="Defender for Cloud tells of every alert of high severity",
    remediation="Set isEnabled, and a notificationsSources of Alert with a minimalSeverity.",
    reference="CIS Azure 8.1.14",
)
def grave_alerts_are_told(subject: Subject) -> Iterator[Verdict]:
    for contact in declared(subject, _CONTACTS, "securityContactName"):
        yield _told(contact, "Alert", "minimalSeverity", _FROM_HIGH)


@rule(
    "azure.threat_detection.attack-paths-are-told",
    CONTACT,
    *DEPLOYMENTS,
    severity="low",
    requires="Defender for Cloud tells of ways that an attacker could go",
    remediation="Set a notificationsSources of AttackPath with a minimalRiskLevel.",
    reference="CIS Azure 8.1.15",
)
def attack_paths_are_told(subject: Subject) -> Iterator[Verdict]:
    for contact in declared(subject, _CONTACTS, "securityContactName"):
        yield _told(contact, "AttackPath", "minimalRiskLevel", _RISKS)


def _told(contact: Declared, source: str, least: str, known: tuple[str, ...]) -> Verdict:
    for at in contact.each("notificationsSources"):
        if contact.get(f"{at}.sourceType") == source:
            level = contact.get(f"{at}.{least}")
            on = contact.get("isEnabled", True) is True
            return contact.verdict(on and level in known, f"{at}.{least}", level)
    return contact.verdict(False, "notificationsSources", None, f"has no {source}")


@rule(
    "azure.threat_detection.findings-leave-defender",
    PRICING,
    *DEPLOYMENTS,
    severity="medium",
    requires="What Defender for Cloud finds goes to where logs are kept",
    remediation="Make a security.Automation with a Workspace action, and Alerts among its sources.",
    reference="PCI 10.4.1.1",
    alone=False,
)
def findings_leave_defender(subject: Subject) -> Iterator[Verdict]:
    if not any(plan.get("pricingTier") == "Standard" for plan in _plans(subject)):
        return
    for resource in subject.graph.of_type(EXPORT):
        export = Subject(resource, subject.graph)
        if _takes_alerts(export):
            yield Verdict(True, "sources", "Alerts", urn=export.urn)
            return
    yield Verdict(False, "", text="no automation exports alerts to a workspace")


def _takes_alerts(export: Subject) -> bool:
    sources = [export.get(f"{at}.eventSource") for at in export.each("sources")]
    actions = [export.get(f"{at}.actionType") for at in export.each("actions")]
    on = export.get("isEnabled", True) is True
    return on and "Alerts" in sources and "Workspace" in actions


@rule(
    "azure.threat_detection.export-is-of-all-that-is-found",
    EXPORT,
    severity="low",
    requires="An export to a workspace leaves nothing out of what it takes",
    remediation="Leave ruleSets out of its sources, and filter where it is read.",
    reference="PCI 12.10.5",
)
def export_is_of_all_that_is_found(export: Subject) -> Iterator[Verdict]:
    actions = [export.get(f"{at}.actionType") for at in export.each("actions")]
    if "Workspace" not in actions:
        return
    for at in export.each("sources"):
        source = export.get(f"{at}.eventSource")
        yield Verdict(not export.get(f"{at}.ruleSets", []), f"{at}.ruleSets", source)


# --- Sentinel


@rule(
    "azure.threat_detection.sentinel-is-there-first",
    ALERT_RULE,
    severity="medium",
    requires="Every analytics rule is made once Sentinel is on its workspace",
    remediation="Name the SentinelOnboardingState in its depends_on.",
    reference="PCI 10.4.1.1",
    alone=False,
)
def sentinel_is_there_first(found: Subject) -> Iterator[Verdict]:
    before = found.graph.waits_for(found.urn)
    for other in found.graph.of_type(ONBOARDING):
        yield Verdict(other.urn in before, "", other.name, f"does not wait for {other.name}")
    if not found.graph.of_type(ONBOARDING):
        raise found.elsewhere("workspaceName", "Sentinel on its workspace")


@rule(
    "azure.threat_detection.query-stands-a-missing-table",
    ALERT_RULE,
    severity="medium",
    requires="Every analytics rule can be made before its tables have been written to",
    remediation="Begin the query with `union isfuzzy=true TABLE, (datatable(…)[])`, with the "
    "columns that it reads: else Azure refuses it in a new workspace.",
    reference="PCI 10.4.1.1",
)
def query_stands_a_missing_table(found: Subject) -> Iterator[Verdict]:
    query = found.get("query")
    stands = "isfuzzy=true" in query and "datatable(" in query
    yield Verdict(stands, "query", query.partition("\n")[0])


@rule(
    "azure.threat_detection.analytics-rule-misses-nothing",
    ALERT_RULE,
    severity="medium",
    requires="Every analytics rule is on, and looks back as far as it last looked",
    remediation="Set enabled, and queryPeriod to queryFrequency or more.",
    reference="PCI 10.4.1.1",
)
def analytics_rule_misses_nothing(found: Subject) -> Iterator[Verdict]:
    on = found.get("enabled")
    yield Verdict(on is True, "enabled", on)
    every, back = found.get("queryFrequency"), found.get("queryPeriod")
    yield Verdict(_minutes(back) >= _minutes(every), "queryPeriod", f"{back} each {every}")


def _minutes(duration: str) -> float:
    """Of a duration of ISO 8601, with days, hours and minutes."""
    days, _, time = duration.upper().removeprefix("P").partition("T")
    minutes = 24.0 * 60 * int(days.removesuffix("D") or 0)
    for unit, each in (("H", 60), ("M", 1)):
        count, found, rest = time.partition(unit)
        if found:
            minutes, time = minutes + each * int(count), rest
    return minutes


def _plans(subject: Subject) -> Iterator[Declared]:
    yield from declared(subject, _PRICINGS, "pricingName")


def _all_plans(subject: Subject) -> Iterator[Declared]:
    yield from everywhere(subject.graph, PRICING, _PRICINGS, "pricingName")
