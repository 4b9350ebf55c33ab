import pytest
from pulumi_azure_native import apimanagement, cdn, monitor, operationalinsights, resources
from rule_cases import (
    test_a_rule_fails_for,  # noqa: F401 asked of this file too
    test_a_rule_passes_fails_and_does_not_apply,  # noqa: F401 asked of this file too
    test_a_rule_passes_for,  # noqa: F401 asked of this file too
)

from bulwark_toolkit.compliance.rules import RULES
from bulwark_toolkit.compliance.rules.azure import monitoring as rules

M = "azure.monitoring."
SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000001"
TOLD = {"action_groups": [{"action_group_id": "group"}]}
SAYS = "It happened. Runbook: docs/runbook.md#it ."


def nothing():
    """A program without logs or alarms."""
    resources.ResourceGroup("it")


def exported():
    return monitor.SubscriptionDiagnosticSetting("activity", workspace_id="w")


def alert(
    value,
    *,
    field="operationName",
    category="Administrative",
    scope=SUBSCRIPTION,
    actions=TOLD,
    more=(),
    **args,
):
    return monitor.ActivityLogAlert(
        "alert",
        resource_group_name="g",
        scopes=[scope],
        condition={
            "all_of": [
                {"field": "category", "equals": category},
                {"field": field, "equals": value},
                *more,
            ]
        },
        actions=actions,
        **args,
    )


def watched(value, **args):
    def program():
        exported()
        alert(value, **args)

    return program


def asks(query, **args):
    return monitor.ScheduledQueryRule(
        "rule",
        resource_group_name="g",
        criteria={"all_of": [{"query": query}]},
        **args,
    )


def both(*makers):
    def program():
        for make in makers:
            make()

    return program


def service():
    return apimanagement.ApiManagementService(
        "api",
        resource_group_name="g",
        publisher_email="me@example.com",
        publisher_name="me",
        sku={"name": "BasicV2", "capacity": 1},
    )


def profile():
    return cdn.Profile("edge", resource_group_name="g", sku={"name": "Premium_AzureFrontDoor"})


def workspace():
    return operationalinsights.Workspace("logs", resource_group_name="g")


def group(**receivers):
    return lambda: monitor.ActionGroup(
        "group", resource_group_name="g", group_short_name="g", **receivers
    )


def metric(maker, name):
    def program():
        made = maker()
        monitor.MetricAlert(
            "metric",
            resource_group_name="g",
            enabled=True,
            severity=1,
            evaluation_frequency="PT5M",
            window_size="PT5M",
            scopes=[made.id],
            criteria={
                "odataType": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
                "allOf": [
                    {
                        "criterionType": "StaticThresholdCriterion",
                        "name": "it",
                        "metricName": name,
                        "operator": "GreaterThan",
                        "threshold": 1,
                        "timeAggregation": "Total",
                    }
                ],
            },
        )

    return program


def hook(address):
    return group(webhook_receivers=[{"name": "it", "service_uri": address}])


ONE = rules.WANTED[0]
HEALTH = {"field": "properties.incidentType", "category": "ServiceHealth"}
OF_HEALTH = f"{M}service-incidents-are-watched"
OF_POLICIES = f"{M}policy-assignments-are-watched"
MAIL = {"email_receivers": [{"name": "me", "email_address": "me@example.com"}]}

CASES = {
    f"{M}{wanted.slug}-are-watched": (
        watched(wanted.value, field=wanted.field, category=wanted.category),
        exported,
        nothing,
    )
    for wanted in rules.WANTED
} | {
    f"{M}alarm-tells-somebody": (
        lambda: alert("it", enabled=True),
        lambda: alert("it", actions={"action_groups": []}),
        nothing,
    ),
    f"{M}alarm-says-what-to-do": (
        lambda: alert("it", description=SAYS),
        lambda: alert("it", description="It happened."),
        nothing,
    ),
    f"{M}group-has-a-receiver": (group(**MAIL), group(), nothing),
    f"{M}webhook-has-no-key": (
        hook("https://pager.example.com/azure"),
        hook("https://pager.example.com/azure?key=0123"),
        nothing,
    ),
    f"{M}silence-of-the-activity-log-is-watched": (
        both(exported, lambda: asks("AzureActivity | summarize n = count() | where n == 0")),
        both(exported, lambda: asks("AzureActivity | where OperationNameValue == 'it'")),
        nothing,
    ),
    f"{M}dropped-logs-are-watched": (
        both(workspace, lambda: asks("_LogOperation | where Category == 'Ingestion'")),
        workspace,
        nothing,
    ),
    f"{M}errors-of-an-api-are-watched": (
        both(service, lambda: asks("ApiManagementGatewayLogs | where ResponseCode >= 500")),
        service,
        nothing,
    ),
    f"{M}blocks-of-a-firewall-are-watched": (
        metric(profile, "WebApplicationFirewallRequestCount"),
        profile,
        nothing,
    ),
}

ALSO = {
    "an alert that is off": (OF_POLICIES, watched(ONE.value, enabled=False)),
    "an alert that tells nobody": (OF_POLICIES, watched(ONE.value, actions={"action_groups": []})),
    "an alert of one resource group": (
        OF_POLICIES,
        watched(ONE.value, scope=f"{SUBSCRIPTION}/resourceGroups/g"),
    ),
    "an alert of what succeeds alone": (
        OF_POLICIES,
        watched(ONE.value, more=[{"field": "status", "equals": "Succeeded"}]),
    ),
    "an alert of another operation": (OF_POLICIES, watched(rules.WANTED[1].value)),
    "an alert of maintenance alone": (OF_HEALTH, watched("Maintenance", **HEALTH)),
    "a group that is off": (f"{M}group-has-a-receiver", group(enabled=False, **MAIL)),
    "an address in the clear": (f"{M}webhook-has-no-key", hook("http://pager.example.com")),
    "a rule that is off": (
        f"{M}errors-of-an-api-are-watched",
        both(
            service,
            lambda: asks("ApiManagementGatewayLogs | where ResponseCode >= 500", enabled=False),
        ),
    ),
    "a metric of something else": (
        f"{M}errors-of-an-api-are-watched",
        metric(service, "Capacity"),
    ),
    "a query rule without a group": (f"{M}alarm-tells-somebody", lambda: asks("it", actions={})),
}

FINE = {
    "an operation in other letters": (OF_POLICIES, watched(ONE.value.upper())),
    "a metric of the requests": (
        f"{M}errors-of-an-api-are-watched",
        metric(service, "Requests"),
    ),
    "a query of the firewall's log": (
        f"{M}blocks-of-a-firewall-are-watched",
        both(
            profile,
            lambda: asks(
                "AzureDiagnostics | where Category == 'FrontDoorWebApplicationFirewallLog'"
            ),
        ),
    ),
}


def test_every_rule_has_its_cases():
    assert {r.id for r in RULES if r.id.startswith(M)} == set(CASES)


@pytest.mark.parametrize("row", range(1, 12))
def test_each_row_of_cis_is_enforced_by_a_rule(row):
    (wanted,) = (w for w in rules.WANTED if w.cis == f"6.1.2.{row}")
    (found,) = (r for r in RULES if r.reference == f"CIS Azure 6.1.2.{row}")

    assert found.id == f"{M}{wanted.slug}-are-watched"
