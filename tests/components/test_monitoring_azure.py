import json
import re
from pathlib import Path

import pytest
import yaml
from azure_place import PLACE

from bulwark_toolkit.testing import Preview
from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.monitoring import KINDS, MonitoringSpec, RecipientSpec
from pulumi_bulwark.monitoring.azure import AzureMonitoring, AzureMonitoringArgs
from pulumi_bulwark.monitoring.azure_groups import AzureAlarmGroups, AzureAlarmGroupsArgs
from pulumi_bulwark.monitoring.azure_rules import SPANS
from pulumi_bulwark.monitoring.azure_watched import WatchedLine, WatchedQueue

RULE = "azure-native:monitor:ScheduledQueryRule"
ACTIVITY = "azure-native:monitor:ActivityLogAlert"
METRIC = "azure-native:monitor:MetricAlert"
SEARCH = "azure-native:operationalinsights:SavedSearch"
WORKBOOK = "azure-native:applicationinsights:Workbook"
BUDGET = "azure-native:consumption:Budget"
GROUP = "azure-native:monitor:ActionGroup"

IN_GROUP = f"{PLACE.subscription}/resourceGroups/group/providers"
WORKSPACE = f"{IN_GROUP}/Microsoft.OperationalInsights/workspaces/logs"
ARCHIVE = f"{IN_GROUP}/Microsoft.Storage/storageAccounts/archive"
API = f"{IN_GROUP}/Microsoft.ApiManagement/service/api"
EDGE = f"{IN_GROUP}/Microsoft.Cdn/profiles/edge"
BUS = f"{IN_GROUP}/Microsoft.ServiceBus/namespaces/bus"
CUSTOMERS = "00000000-0000-0000-0000-000000000003"
GROUPS = {of: f"{IN_GROUP}/Microsoft.Insights/actionGroups/{of}" for of in ("page", "ticket")}
QUEUE = WatchedQueue(namespace_id=BUS, name="blocks")
EVERYTHING = {
    "api_id": API,
    "edge_id": EDGE,
    "customers_tenant_id": CUSTOMERS,
    "functions": {"guard": "pay-guard", "vault": "pay-vault"},
    "queues": {"blocks": QUEUE},
    "dead_letters": {"blocks": QUEUE},
    "lines": {
        "lockouts": WatchedLine(app="pay-vault", words='"event":"delayed"', threshold=20),
        "blocked": WatchedLine(
            app="pay-writer",
            words='"event":"converged"',
            number="fill_percent",
            threshold=90,
            kind="block-list-full",
        ),
        "looked-over": WatchedLine(
            app="pay-writer",
            words='"event":"converged"',
            silent_minutes=15,
            kind="block-list-silence",
        ),
    },
    "threats": True,
}
ALL_SIGN_INS = {"sign_in_logs": ("staff", "customers")}
TABLES = yaml.safe_load((Path(__file__).parent / "azure_tables.yaml").read_text())


def build(*, spec=None, baseline=None, **watched):
    args = AzureMonitoringArgs(
        spec=MonitoringSpec(**spec or {}),
        place=PLACE,
        workspace_id=WORKSPACE,
        archive_id=ARCHIVE,
        group_ids=GROUPS,
        baseline=baseline,
        **watched,
    )
    graph = Preview()(lambda: AzureMonitoring("pay", args), rendered=True)
    assert graph.problems == ()
    return graph


@pytest.fixture(scope="module")
def full():
    return build(spec=ALL_SIGN_INS, **EVERYTHING)


@pytest.fixture(scope="module")
def bare():
    return build(baseline="org/landing-zone/prod")


def named(graph, type_):
    return {r.name.removeprefix("pay-"): r.inputs for r in graph.of_type(type_)}


def alarms(graph):
    return {name: a for of in (RULE, ACTIVITY, METRIC) for name, a in named(graph, of).items()}


def condition(graph, name):
    (found,) = named(graph, RULE)[name]["criteria"]["allOf"]
    return found


def told(alarm):
    """The groups that an alarm tells, by the last part of their ids."""
    actions = alarm["actions"]
    listed = actions["actionGroups"] if isinstance(actions, dict) else actions
    ids = [of if isinstance(of, str) else of["actionGroupId"] for of in listed]
    return [group.rpartition("/")[2] for group in ids]


def words(alarm):
    """What goes with the message."""
    actions = alarm["actions"]
    if isinstance(actions, list):
        return actions[0]["webHookProperties"]
    if "customProperties" in actions:
        return actions["customProperties"]
    return actions["actionGroups"][0]["webhookProperties"]


def page_of(graph):
    (workbook,) = graph.of_type(WORKBOOK)
    return json.loads(workbook.inputs["serializedData"])


def panels(graph):
    return [item["content"] for item in page_of(graph)["items"] if item["type"] == 3]


def said(graph, kind):
    return [note.text for note in graph.notes if note.kind == kind]


# --- queries


@pytest.fixture(scope="module")
def asked(full):
    """Every query that we give to Azure, by where it is."""
    found = {f"alarm {name}": condition(full, name)["query"] for name in named(full, RULE)}
    found |= {f"saved {name}": s["query"] for name, s in named(full, SEARCH).items()}
    return found | {f"panel {panel['title']}": panel["query"] for panel in panels(full)}


@pytest.fixture(scope="module")
def answers(asked, kusto_says):
    return dict(zip(asked, kusto_says(TABLES, asked.values()), strict=True))


def test_every_query_is_one_that_kusto_takes_over_the_tables_that_there_are(answers):
    assert {where: a["wrong"] for where, a in answers.items() if a["wrong"]} == {}


def test_a_query_that_asks_for_what_is_not_there_is_found_out(kusto_says):
    wrong = ["AzureActivity | where Nobody == 1", "AzureActivity | wher true", "Nothing | count"]

    assert all(answer["wrong"] for answer in kusto_says(TABLES, wrong))


def test_a_query_lives_with_a_workspace_that_has_no_table_yet(asked, kusto_says):
    of_logs = [text for text in asked.values() if "alertsmanagementresources" not in text]

    for answer in kusto_says({}, of_logs):
        assert all("fuzzy name" in wrong for wrong in answer["wrong"])


def test_an_alarm_compares_a_number_for_each_of_what_it_is_split_by(full, answers):
    for name in named(full, RULE):
        rule, columns = condition(full, name), answers[f"alarm {name}"]["columns"]
        assert columns[rule["metricMeasureColumn"]] in ("long", "int", "real"), name
        assert {d["name"] for d in rule["dimensions"]} == columns.keys() - {"value"} - {
            "rows",
            "part",
            "whole",
            "slowest",
        }, name


def test_nothing_is_left_to_be_filled_in(asked):
    assert not [text for text in asked.values() if re.search("<[a-z]+(-[0-9]+)?>", text)]


# --- rules


def test_a_rule_looks_back_over_a_span_that_azure_knows_and_not_more_often_than_that(full):
    minutes = {written: span for span, written in SPANS.items()}
    for rule in named(full, RULE).values():
        assert minutes[rule["evaluationFrequency"]] <= minutes[rule["windowSize"]]


def test_an_alarm_is_told_when_it_begins_and_when_it_ends_and_not_in_between(full):
    for rule in named(full, RULE).values():
        assert rule["autoMitigate"] is True
        assert "muteActionsDuration" not in rule  # which Azure refuses beside it


def test_a_rule_is_made_before_its_tables_are_there(full):
    assert all(rule["skipQueryValidation"] for rule in named(full, RULE).values())


def test_what_has_no_region_is_global_and_a_rule_is_where_the_workspace_is(full):
    for of in (ACTIVITY, METRIC):
        assert {alarm["location"] for alarm in named(full, of).values()} == {"global"}
    assert {alarm["location"] for alarm in named(full, RULE).values()} == {"westeurope"}


@pytest.mark.parametrize(
    ("name", "threshold"),
    [
        ("api-errors", 1.0),
        ("api-latency", 3000),
        ("api-client-errors", 50.0),
        ("api-throttles", 50),
        ("api-refusals", 50),
        ("edge-errors", 1.0),
        ("firewall-blocks", 500),
        ("refused-calls", 5),
        ("vault-refusals", 5),
        ("failed-console-sign-ins", 3),
        ("sign-in-failures", 50),
        ("account-takeover", 5),
        ("watched-metric-lockouts", 20),
        ("block-list-full-blocked", 90),
    ],
)
def test_an_alarm_begins_at_its_threshold(full, name, threshold):
    rule = condition(full, name)

    assert (rule["operator"], rule["threshold"]) == ("GreaterThanOrEqual", threshold)


def test_a_share_counts_from_enough_requests_on(full):
    assert "iff(whole >= 20, 100.0 * part / whole, 0.0)" in condition(full, "api-errors")["query"]


def test_the_silence_of_the_activity_log_is_heard_after_a_day(full):
    rule = named(full, RULE)["trail-silence"]

    assert rule["windowSize"] == "P1D"
    assert condition(full, "trail-silence")["query"].endswith("value = iff(rows == 0, 1, 0)")


def test_a_function_app_has_an_alarm_of_its_own_in_one_rule(full):
    rule = condition(full, "function-errors")

    assert [d["name"] for d in rule["dimensions"]] == ["app"]
    assert 'app in~ ("pay-guard", "pay-vault")' in rule["query"]


def test_a_queue_is_worked_off_if_it_is_empty_once_in_a_quarter_of_an_hour(full):
    metric = named(full, METRIC)["queue-age-blocks"]
    (criterion,) = metric["criteria"]["allOf"]

    assert metric["windowSize"] == "PT15M"
    assert (criterion["metricName"], criterion["timeAggregation"]) == ("ActiveMessages", "Minimum")
    assert criterion["dimensions"][0]["values"] == ["blocks"]


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("watched-metric-lockouts", "| summarize value = max(rows)"),
        ("block-list-full-blocked", "1, message)))"),
        ("block-list-silence-looked-over", "| extend value = iff(rows == 0, 1, 0)"),
    ],
)
def test_what_a_function_app_says_is_counted_or_read_or_missed(full, name, end):
    query = condition(full, name)["query"]

    assert query.endswith(end)
    assert 'message contains @"""event"":""' in query


# --- the Activity Log


CIS = {
    "6.1.2.1": "Microsoft.Authorization/policyAssignments/write",
    "6.1.2.2": "Microsoft.Authorization/policyAssignments/delete",
    "6.1.2.3": "Microsoft.Network/networkSecurityGroups/write",
    "6.1.2.4": "Microsoft.Network/networkSecurityGroups/delete",
    "6.1.2.5": "Microsoft.Security/securitySolutions/write",
    "6.1.2.6": "Microsoft.Security/securitySolutions/delete",
    "6.1.2.7": "Microsoft.Sql/servers/firewallRules/write",
    "6.1.2.8": "Microsoft.Sql/servers/firewallRules/delete",
    "6.1.2.9": "Microsoft.Network/publicIPAddresses/write",
    "6.1.2.10": "Microsoft.Network/publicIPAddresses/delete",
}


@pytest.mark.parametrize("row", CIS)
def test_each_row_of_cis_has_an_alert_with_no_other_condition(full, row):
    (alert,) = (
        a for a in named(full, ACTIVITY).values() if f"CIS Azure {row})" in a["description"]
    )

    assert alert["scopes"] == [PLACE.subscription]
    assert alert["condition"]["allOf"] == [
        {"field": "category", "equals": "Administrative"},
        {"field": "operationName", "equals": CIS[row]},
    ]


def test_trouble_of_azures_own_is_told_of(full):
    assert named(full, ACTIVITY)["service-health-incident"]["condition"]["allOf"] == [
        {"field": "category", "equals": "ServiceHealth"},
        {"field": "properties.incidentType", "equals": "Incident"},
    ]


def test_every_alert_says_its_category_which_azure_asks_for(full):
    for alert in named(full, ACTIVITY).values():
        assert alert["condition"]["allOf"][0]["field"] == "category"


def test_there_are_no_more_alerts_than_a_subscription_takes_and_the_page_says_how_many(full):
    count = len(named(full, ACTIVITY))
    page = (Path(__file__).parents[2] / "docs" / "monitoring-on-azure.md").read_text()

    assert count <= 100
    assert f"ours are {count}." in page


def test_a_stack_without_the_subscription_says_who_alarms(bare):
    assert not named(bare, ACTIVITY)
    assert not {"trail-silence", "refused-calls"} & set(alarms(bare))
    assert any(
        "alarmed, and its budget watched, by org/landing-zone/prod" in t
        for t in said(bare, "limit")
    )


# --- what is told


def test_an_alarm_that_pages_opens_a_ticket_too(full):
    for name, alarm in alarms(full).items():
        loud = words(alarm)["severity"] == "page"
        assert told(alarm) == (["page", "ticket"] if loud else ["ticket"]), name


def test_every_alarm_says_what_happened_and_links_to_its_section_of_the_runbook(full):
    for name, alarm in alarms(full).items():
        kind = max((k for k in KINDS if name.startswith(k)), key=len)
        assert alarm["description"].startswith(KINDS[kind].says)
        assert alarm["description"].endswith(f"Runbook: docs/runbook.md#{kind} .")
        assert words(alarm)["runbook"] == f"docs/runbook.md#{kind}"


def test_every_kind_of_azures_is_raised_by_something(full):
    names = alarms(full)
    of_azure = {kind for kind, about in KINDS.items() if "azure" in about.clouds}

    assert {kind for kind in of_azure if not any(name.startswith(kind) for name in names)} == set()


def test_no_kind_of_another_cloud_is_raised(full):
    elsewhere = [kind for kind, about in KINDS.items() if "azure" not in about.clouds]

    assert not [name for name in alarms(full) if name.startswith(tuple(elsewhere))]


def test_an_error_of_the_api_pages_once(full):
    alone = build(baseline="other", api_id=API)

    assert told(alarms(full)["api-errors"]) == ["ticket"]
    assert told(alarms(alone)["api-errors"]) == ["page", "ticket"]


def test_a_kind_is_as_loud_as_the_settings_say():
    graph = build(spec={"severities": {"vault-refusals": "page"}}, baseline="other")
    rule = named(graph, RULE)["vault-refusals"]

    assert told(rule) == ["page", "ticket"]
    assert (rule["severity"], rule["evaluationFrequency"]) == (1, "PT5M")


def test_what_pages_is_known_by_its_incident(full):
    pages = full["pay"].outputs["pageIds"]

    assert set(pages) == {"account", "evidence", "availability", "customers"}
    assert set().union(*pages.values()) <= set(full["pay"].outputs["alarmIds"].values())


@pytest.mark.parametrize("whose", ["staff", "customers"])
def test_sign_ins_that_nobody_exports_are_said_to_raise_no_alarm(whose):
    graph = build(baseline="other", customers_tenant_id=CUSTOMERS)

    assert not [name for name in alarms(graph) if "sign-in" in name]
    assert any(f"sign-ins of {whose} raise no alarm" in text for text in said(graph, "limit"))


@pytest.mark.parametrize(
    "settings",
    [
        {"severities": {"root-user": "page"}},
        {"thresholds": {"silence_hours": 3}},
        {"recipients": {"chat": {"slack": {"workspace_id": "T0123ABC", "channel_id": "C0123ABC"}}}},
    ],
)
def test_what_azure_cannot_do_is_an_error(settings):
    with pytest.raises(ConfigError, match="not on Azure"):
        build(spec=settings)


def test_a_kind_that_azure_alone_has_is_an_error_on_aws():
    with pytest.raises(ConfigError, match="severities: not on AWS"):
        MonitoringSpec(severities={"lock-changes": "page"}).must_suit("aws", "bulwark:monitoring")


# --- what it costs


def test_the_price_is_by_how_often_queries_are_asked(bare):
    (text,) = said(bare, "cost")
    often = sum(rule["evaluationFrequency"] == "PT5M" for rule in named(bare, RULE).values())
    rules = len(named(bare, RULE))

    assert text.startswith(f"{rules} queries")
    assert f"about {often * 1.5 + (rules - often) * 0.5:.2f} USD" in text


def test_the_budget_is_the_subscriptions_and_begins_with_the_month(full, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795000000")  # 18 November 2026
    (budget,) = build().of_type(BUDGET)

    assert budget.inputs["scope"] == PLACE.subscription
    assert budget.inputs["timePeriod"] == {"startDate": "2026-11-01T00:00:00Z"}
    assert "timePeriod" in budget.options.ignore_changes
    assert {
        (n["thresholdType"], n["threshold"]): n["contactGroups"][0].rpartition("/")[2]
        for n in budget.inputs["notifications"].values()
    } == {("Actual", 80): "ticket", ("Forecasted", 100): "ticket", ("Actual", 120): "page"}


def test_a_stack_without_the_subscription_has_a_budget_of_its_resource_group(bare):
    (budget,) = bare.of_type(BUDGET)

    assert budget.inputs["scope"] == f"{PLACE.subscription}/resourceGroups/group"


def test_there_may_be_no_budget_and_no_workbook():
    graph = build(spec={"budget": {"monthly_usd": None}, "dashboard": False}, baseline="other")

    assert not list(graph.of_type(BUDGET))
    assert not list(graph.of_type(WORKBOOK))
    assert graph["pay"].outputs.get("dashboardName") is None


# --- the workbook, and saved queries


def test_the_page_is_in_the_order_in_which_somebody_asks_who_was_woken(full):
    titles = [i["content"]["json"] for i in page_of(full)["items"] if i["type"] == 1]

    assert [title.removeprefix("## ") for title in titles[1:]] == [
        "What is on fire",
        "Do customers notice? The API",
        "Is it an attack? Edge and firewall",
        "Sign-in",
        "Who asks for keys and secrets",
        "Functions",
        "Who did what, and can this page be believed? The pipeline of logs",
    ]


def test_the_page_has_only_what_the_stack_has(bare):
    assert not [panel for panel in panels(bare) if "ApiManagement" in panel["query"]]


def test_every_graph_is_of_the_workspace_and_over_the_time_that_is_chosen(full):
    for panel in panels(full)[1:]:
        assert panel["crossComponentResources"] == [WORKSPACE]
        assert panel["timeContextFromParameter"] == "TimeRange"


def test_the_page_has_the_same_id_each_time(full):
    (first,), (second,) = full.of_type(WORKBOOK), build(baseline="other").of_type(WORKBOOK)

    assert first.inputs["resourceName"] == second.inputs["resourceName"]
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", first.inputs["resourceName"])


def test_the_runbook_names_queries_that_are_saved(full):
    saved = {search["displayName"] for search in named(full, SEARCH).values()}
    paragraphs = re.findall(r"^On Azure\b.+?(?=^$)", RUNBOOK, re.MULTILINE | re.DOTALL)
    paragraphs += re.findall(
        r"^## In an Azure subscription.+?^## ", RUNBOOK, re.MULTILINE | re.DOTALL
    )
    asked = {
        " ".join(title.split())
        for text in paragraphs
        for sentence in re.findall(r"[Qq]uer(?:y|ies) ((?:\*[^*]+\*(?: and )?)+)", text)
        for title in re.findall(r"\*([^*]+)\*", sentence)
    }

    assert len(asked) > 10
    assert asked <= saved


RUNBOOK = (Path(__file__).parents[2] / "docs" / "runbook.md").read_text()
SECTIONS = dict(re.findall(r"^### (\S+)\n\n(.+?)(?=^#|\Z)", RUNBOOK, re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize("row", [*CIS, "6.1.2.11"])
def test_the_runbook_says_what_to_do_for_each_row_of_cis(full, row):
    (alert,) = (
        a for a in named(full, ACTIVITY).values() if f"CIS Azure {row})" in a["description"]
    )
    kind = words(alert)["runbook"].rpartition("#")[2]

    assert row in SECTIONS[kind]


# --- action groups


@pytest.fixture
def groups(preview):
    def build(**recipients):
        args = AzureAlarmGroupsArgs(recipients=recipients, place=PLACE)
        return preview(lambda: AzureAlarmGroups("pay", args), rendered=True)

    return build


def test_each_recipient_is_told_what_they_are_told_in_the_common_schema(groups):
    graph = groups(
        team=RecipientSpec(mail="team@example.com"),
        pager=RecipientSpec(told=("page",), https="https://pager.example.com/azure"),
    )
    page, ticket = (graph[f"pay-{severity}"].inputs for severity in ("page", "ticket"))

    mail = {"name": "team", "emailAddress": "team@example.com", "useCommonAlertSchema": True}
    assert page["emailReceivers"] == ticket["emailReceivers"] == [mail]
    assert page["webhookReceivers"] == [
        {
            "name": "pager",
            "serviceUri": "https://pager.example.com/azure",
            "useCommonAlertSchema": True,
        }
    ]
    assert ticket["webhookReceivers"] == []


def test_a_group_is_global_with_a_short_name_that_azure_takes(groups):
    for group in groups().of_type(GROUP):
        assert group.inputs["location"] == "global"
        assert len(group.inputs["groupShortName"]) <= 12


def test_it_is_said_that_nobody_is_told(groups):
    texts = said(groups(team=RecipientSpec(told=("ticket",), mail="team@example.com")), "limit")

    assert texts == ["nobody is told of a page: name recipients in bulwark:monitoring"]
