"""Rules for Defender for Cloud and Sentinel, and that they read inside templates."""

import pulumi
from pulumi_azure_native import monitor, resources, security, securityinsights
from rule_cases import (
    test_a_rule_fails_for,  # noqa: F401 asked of this file too
    test_a_rule_passes_fails_and_does_not_apply,  # noqa: F401 asked of this file too
    test_a_rule_passes_for,  # noqa: F401 asked of this file too
)

from bulwark_toolkit.compliance.rules import RULES
from bulwark_toolkit.compliance.rules.azure import threat_detection as rules

A = "azure.threat_detection."
SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000001"
QUERY = "union isfuzzy=true T, (datatable(TimeGenerated: datetime)[])\n| take 1"


def nothing():
    """A program without anything that these rules are for."""
    resources.ResourceGroup("it")


def template(*inside, symbolic=False):
    listed = {f"it{n}": one for n, one in enumerate(inside)} if symbolic else list(inside)
    return lambda: resources.DeploymentAtSubscriptionScope(
        "it",
        location="westeurope",
        properties={"mode": "Incremental", "template": {"resources": listed}},
    )


def plan(name="Arm", tier="Standard", after=(), **properties):
    return {
        "type": "Microsoft.Security/pricings",
        "name": name,
        "properties": {"pricingTier": tier, **properties},
        "dependsOn": [
            f"[subscriptionResourceId('Microsoft.Security/pricings', '{a}')]" for a in after
        ],
    }


def pricing(name="Arm", tier="Standard", **more):
    return lambda: security.Pricing(
        "it", pricing_name=name, scope_id=SUBSCRIPTION, pricing_tier=tier, **more
    )


def agent(*, on=True):
    return {
        "type": "Microsoft.Security/settings",
        "name": "WDATP",
        "kind": "DataExportSettings",
        "properties": {"enabled": on},
    }


def contact(*, alerts="High", paths="High", **properties):
    return {
        "type": "Microsoft.Security/securityContacts",
        "name": "default",
        "properties": {
            "isEnabled": True,
            "emails": "desk@example.com",
            "notificationsByRole": {"state": "On", "roles": ["Owner"]},
            "notificationsSources": [
                {"sourceType": "Alert", "minimalSeverity": alerts},
                {"sourceType": "AttackPath", "minimalRiskLevel": paths},
            ],
        }
        | properties,
    }


def export(*, sources=("Alerts",), on=True, action="Workspace", rule_sets=None):
    return lambda: security.Automation(
        "export",
        resource_group_name="group",
        is_enabled=on,
        sources=[{"event_source": source, "rule_sets": rule_sets} for source in sources],
        actions=[
            {"action_type": action, "workspace_resource_id": "logs"}
            if action == "Workspace"
            else {"action_type": action, "logic_app_resource_id": "app", "uri": "u"}
        ],
    )


def activity(*beside):
    def program():
        monitor.SubscriptionDiagnosticSetting("activity", logs=[])
        for one in beside:
            one()

    return program


def several(*programs):
    def program():
        for one in programs:
            one()

    return program


def analytics(*, query=QUERY, enabled=True, every="PT1H", back="PT1H", onboarded=True, waits=True):
    def program():
        after = []
        if onboarded:
            after = [
                securityinsights.SentinelOnboardingState(
                    "sentinel", resource_group_name="group", workspace_name="logs"
                )
            ]
        securityinsights.ScheduledAlertRule(
            "it",
            resource_group_name="group",
            workspace_name="logs",
            kind="Scheduled",
            display_name="it",
            enabled=enabled,
            severity="High",
            query=query,
            query_frequency=every,
            query_period=back,
            suppression_enabled=False,
            suppression_duration="PT5H",
            trigger_operator="GreaterThan",
            trigger_threshold=0,
            opts=pulumi.ResourceOptions(depends_on=after if waits else []),
        )

    return program


EVERY_PLAN = template(*(plan(name) for name in rules._PLANS))
EXTENSION = {"name": "AgentlessVmScanning", "isEnabled": "True"}
MACHINES = plan("VirtualMachines")

CASES = {
    f"{A}subscription-has-every-plan": (
        activity(EVERY_PLAN),
        activity(template(plan())),
        EVERY_PLAN,
    ),
    f"{A}plan-is-on": (template(plan()), template(plan(tier="Free")), template(agent())),
    f"{A}extension-is-as-azure-takes-it": (
        template(plan(extensions=[EXTENSION])),
        template(plan(extensions=[{**EXTENSION, "isEnabled": True}])),
        template(plan()),
    ),
    f"{A}plans-follow-each-other": (
        template(plan("Arm"), plan("KeyVaults", after=["Arm"])),
        template(plan("Arm"), plan("KeyVaults")),
        template(plan("Arm")),
    ),
    f"{A}machines-have-defenders-agent": (
        template(MACHINES, agent()),
        template(MACHINES),
        template(plan()),
    ),
    f"{A}owners-are-told": (
        template(contact()),
        template(contact(notificationsByRole={"state": "On", "roles": ["Contributor"]})),
        template(plan()),
    ),
    f"{A}somebody-else-is-told": (
        template(contact()),
        template(contact(emails="")),
        template(plan()),
    ),
    f"{A}grave-alerts-are-told": (
        template(contact(alerts="Low")),
        template(contact(notificationsSources=[])),
        template(plan()),
    ),
    f"{A}attack-paths-are-told": (
        template(contact(paths="Critical")),
        template(contact(paths=None)),
        template(plan()),
    ),
    f"{A}findings-leave-defender": (
        several(template(plan()), export()),
        template(plan()),
        template(plan(tier="Free")),
    ),
    f"{A}export-is-of-all-that-is-found": (
        export(),
        export(rule_sets=[{"rules": [{"expected_value": "High"}]}]),
        export(action="LogicApp"),
    ),
    f"{A}sentinel-is-there-first": (analytics(), analytics(waits=False), nothing),
    f"{A}query-stands-a-missing-table": (analytics(), analytics(query="T | take 1"), nothing),
    f"{A}analytics-rule-misses-nothing": (analytics(), analytics(back="PT59M"), nothing),
}

ALSO = {
    "a plan beside a template that is off": (f"{A}plan-is-on", pricing(tier="Free")),
    "a template that names its resources": (
        f"{A}plan-is-on",
        template(plan(tier="Free"), symbolic=True),
    ),
    "an extension of a plan that is off": (
        f"{A}extension-is-as-azure-takes-it",
        template(plan(tier="Free", extensions=[EXTENSION])),
    ),
    "an extension that is off and has properties": (
        f"{A}extension-is-as-azure-takes-it",
        template(
            plan(
                extensions=[
                    {
                        "name": "OnUploadMalwareScanning",
                        "isEnabled": "False",
                        "additionalExtensionProperties": {"CapGBPerMonthPerStorageAccount": "5"},
                    }
                ]
            )
        ),
    ),
    "an agent that is off": (
        f"{A}machines-have-defenders-agent",
        template(MACHINES, agent(on=False)),
    ),
    "owners that are not told": (
        f"{A}owners-are-told",
        template(contact(notificationsByRole={"state": "Off", "roles": ["Owner"]})),
    ),
    "a contact that is off": (f"{A}grave-alerts-are-told", template(contact(isEnabled=False))),
    "an export that is off": (
        f"{A}findings-leave-defender",
        several(template(plan()), export(on=False)),
    ),
    "an export without alerts": (
        f"{A}findings-leave-defender",
        several(template(plan()), export(sources=["Assessments"])),
    ),
    "a rule that is off": (f"{A}analytics-rule-misses-nothing", analytics(enabled=False)),
}

FINE = {
    "a plan beside a template": (f"{A}plan-is-on", pricing()),
    "a template of a group's own": (
        f"{A}plan-is-on",
        lambda: resources.Deployment(
            "it",
            resource_group_name="group",
            properties={"mode": "Incremental", "template": {"resources": [plan()]}},
        ),
    ),
    "a rule that looks back for days": (
        f"{A}analytics-rule-misses-nothing",
        analytics(every="PT5M", back="P1DT1H"),
    ),
    "a contact beside a template": (
        f"{A}somebody-else-is-told",
        lambda: security.SecurityContact(
            "it", security_contact_name="default", emails="a@example.com;b@example.com"
        ),
    ),
}


def test_the_plan_for_apis_may_be_off(outcomes):
    assert outcomes(f"{A}plan-is-on", template(plan("Api", "Free"))) == {"not applicable"}


def test_whether_sentinel_is_on_a_workspace_of_others_is_not_known(outcomes):
    assert outcomes(f"{A}sentinel-is-there-first", analytics(onboarded=False)) == {"unknown"}


def test_evidence_names_the_place_in_the_template(found):
    ((_, _, at),) = found(f"{A}plan-is-on", template(agent(), plan()))

    assert at == "properties.template.resources[1].properties.pricingTier"


def test_every_rule_has_its_cases():
    assert set(CASES) == {rule.id for rule in RULES if rule.id.startswith(A)}
