from pulumi_azure_native import monitor, resources, security
from rule_cases import (
    test_a_rule_fails_for,  # noqa: F401 asked of this file too
    test_a_rule_passes_fails_and_does_not_apply,  # noqa: F401 asked of this file too
)

from bulwark_toolkit.compliance.rules import RULES

A = "azure.security_testing."
SUBSCRIPTION = "subscriptions/00000000-0000-0000-0000-000000000001"
IMAGES = "ContainerRegistriesVulnerabilityAssessments"


def nothing():
    resources.ResourceGroup("it")


def plan(name, tier="Standard", **extensions):
    return lambda: security.Pricing(
        name,
        pricing_name=name,
        scope_id=SUBSCRIPTION,
        pricing_tier=tier,
        extensions=[{"name": n, "is_enabled": on} for n, on in extensions.items()],
    )


def in_a_template(name, **extensions):
    listed = [{"name": n, "isEnabled": on} for n, on in extensions.items()]
    inside = {
        "type": "Microsoft.Security/pricings",
        "name": name,
        "properties": {"pricingTier": "Standard", "extensions": listed},
    }
    return lambda: resources.DeploymentAtSubscriptionScope(
        "it",
        location="westeurope",
        properties={"mode": "Incremental", "template": {"resources": [inside]}},
    )


def activity(*beside):
    def program():
        monitor.SubscriptionDiagnosticSetting("activity", logs=[])
        for one in beside:
            one()

    return program


def dates(*, frame="30.00:00:00", off=False, silent=False):
    return lambda: security.GovernanceRule(
        "it",
        scope=SUBSCRIPTION,
        display_name="it",
        condition_sets=[],
        owner_source={"type": "Manually", "value": "desk@example.com"},
        rule_priority=200,
        rule_type="Integrated",
        source_resource_type="Assessments",
        remediation_timeframe=frame,
        is_disabled=off,
        governance_email_notification={"disable_owner_email_notification": silent},
    )


MACHINES, CONTAINERS = plan("VirtualMachines"), plan("Containers")

CASES = {
    f"{A}subscription-is-scanned": (
        activity(MACHINES, CONTAINERS),
        activity(MACHINES, plan("Containers", "Free")),
        MACHINES,
    ),
    f"{A}disks-are-scanned": (
        in_a_template("VirtualMachines", AgentlessVmScanning="True"),
        plan("VirtualMachines", AgentlessVmScanning="False"),
        plan("VirtualMachines", "Free"),
    ),
    f"{A}images-are-scanned": (
        plan("Containers", **{IMAGES: "True"}),
        in_a_template("Containers"),
        plan("Arm"),
    ),
    f"{A}findings-have-a-date": (dates(), dates(frame="90.00:00:00"), nothing),
}

ALSO = {
    "a plan that nothing sets": (f"{A}subscription-is-scanned", activity(MACHINES)),
    "dates that are off": (f"{A}findings-have-a-date", dates(off=True)),
    "dates that nobody is told": (f"{A}findings-have-a-date", dates(silent=True)),
    "no time at all": (f"{A}findings-have-a-date", dates(frame="00:00:00")),
}


def test_every_rule_has_its_cases():
    assert set(CASES) == {rule.id for rule in RULES if rule.id.startswith(A)}
