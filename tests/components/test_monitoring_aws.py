import json
import re
from collections import Counter
from pathlib import Path
from typing import get_args

import pytest

from bulwark_runtime.block_list import aws as writer
from bulwark_toolkit.compliance.filter_patterns import parse
from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.monitoring import KINDS, MonitoringSpec, RecipientSpec
from pulumi_bulwark.monitoring.aws import LONGEST_RULE, AwsMonitoring, AwsMonitoringArgs
from pulumi_bulwark.monitoring.aws_alarm import LONGEST_DESCRIPTION
from pulumi_bulwark.monitoring.aws_patterns import LONGEST, PATTERNS
from pulumi_bulwark.monitoring.aws_topics import AwsAlarmTopics, AwsAlarmTopicsArgs
from pulumi_bulwark.monitoring.aws_watched import (
    WatchedApi,
    WatchedBlockList,
    WatchedCertificate,
    WatchedFirewall,
    WatchedMetric,
    WatchedQueue,
    WatchedSignIn,
)
from pulumi_bulwark.monitoring.kinds import INCIDENTS, AlarmKind

ACCOUNT = "123456789012"
HOME, EDGE = "eu-central-1", "us-east-1"
KEY = f"arn:aws:kms:{HOME}:{ACCOUNT}:key/00000000-0000-0000-0000-000000000000"
TOPICS = {
    region: {of: f"arn:aws:sns:{region}:{ACCOUNT}:{of}" for of in ("page", "ticket")}
    for region in (HOME, EDGE)
}
API = WatchedApi(name="payments", stage="live", access_log_id="access")
POOL = WatchedSignIn(user_pool_id="pool", clients={"shop": "c1"}, threat_protection=True)
EVERYTHING = {
    "events_id": "trail",
    "api": API,
    "distributions": {"api": "E1"},
    "firewalls": {
        "api": WatchedFirewall(metric_name="acl", log_group_id="aws-waf-logs-api"),
        "edge": WatchedFirewall(metric_name="edge", log_group_id="aws-waf-logs-edge", at_edge=True),
    },
    "sign_in": POOL,
    "certificates": {"edge-api": WatchedCertificate(arn="arn:certificate", region=EDGE)},
    "functions": {"guard": "pay-guard"},
    "queues": {"blocks": WatchedQueue(name="pay-blocks", oldest_seconds=600)},
    "dead_letters": {"blocks": "pay-blocks-dead"},
    "block_list": WatchedBlockList(
        namespace="Bulwark/pay-dev", service="block-list", lists=["blocked", "bots"]
    ),
    "metrics": {
        "lockouts": WatchedMetric(
            namespace="Bulwark/Credentials",
            name="Lockouts",
            threshold=20,
            severity="page",
            says="accounts that were locked",
        )
    },
}


@pytest.fixture
def monitoring(preview):
    def build(*, spec=None, recipients=None, topic_arns=TOPICS, **watched):
        args = AwsMonitoringArgs(
            spec=MonitoringSpec(**spec or {}),
            account_id=ACCOUNT,
            region=HOME,
            topic_arns=topic_arns,
            topic_names={region: f"page-{region}" for region in topic_arns},
            boundary_arn=f"arn:aws:iam::{ACCOUNT}:policy/boundary",
            recipients=recipients or {},
            **watched,
        )
        graph = preview(lambda: AwsMonitoring("pay", args), rendered=True)
        assert graph.problems == ()
        return graph

    return build


@pytest.fixture
def topics(preview):
    def build(recipients=None, **args):
        given = AwsAlarmTopicsArgs(
            recipients=recipients or {}, account_id=ACCOUNT, region=HOME, key_arn=KEY, **args
        )
        return preview(lambda: AwsAlarmTopics("pay", given), rendered=True)

    return build


def alarms(graph):
    found = graph.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")
    return {r.name.removeprefix("pay-"): r.inputs for r in found}


def pages(graph):
    found = graph.of_type("aws:cloudwatch/compositeAlarm:CompositeAlarm")
    return {r.name.removeprefix("pay-"): r.inputs for r in found}


def children(graph, page):
    """The alarms below a composite alarm, as their logical names."""
    made = {
        r.outputs["name"]: r.name.removeprefix("pay-")
        for r in graph.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")
    }
    return {
        made[name] for name in re.findall(r'ALARM\("([^"]+)"\)', pages(graph)[page]["alarmRule"])
    }


def said(graph, kind):
    return [note.text for note in graph.notes if note.kind == kind]


# --- the trail


def test_each_of_cis_4_1_to_4_15_has_a_filter_and_an_alarm_on_its_metric(monitoring):
    graph = monitoring(events_id="trail")
    filters = graph.of_type("aws:cloudwatch/logMetricFilter:LogMetricFilter")

    assert [p.cis for p in PATTERNS.values()] == [f"4.{number}" for number in range(1, 16)]
    assert {f.inputs["logGroupName"] for f in filters} == {"trail"}
    for kind in PATTERNS:
        counted = graph[f"pay-{kind}-filter"].inputs["metricTransformation"]
        alarm = alarms(graph)[kind]
        assert (alarm["namespace"], alarm["metricName"]) == (counted["namespace"], counted["name"])


@pytest.mark.parametrize("kind", PATTERNS)
def test_a_pattern_is_one_that_cloudwatch_takes(kind):
    assert parse(PATTERNS[kind].text)
    assert len(PATTERNS[kind].text) <= LONGEST


def test_a_filter_has_no_default_value_that_would_be_billed_all_month(monitoring):
    for made in monitoring(**EVERYTHING).of_type("aws:cloudwatch/logMetricFilter:LogMetricFilter"):
        assert "defaultValue" not in made.inputs["metricTransformation"]


def test_metrics_of_two_stacks_are_told_apart(monitoring):
    namespaces = {
        made.inputs["metricTransformation"]["namespace"]
        for made in monitoring(**EVERYTHING).of_type(
            "aws:cloudwatch/logMetricFilter:LogMetricFilter"
        )
    }

    assert namespaces == {"Bulwark/project-stack"}


def test_a_stack_without_the_trail_says_who_alarms(monitoring):
    graph = monitoring(api=API, baseline="org/baseline/prod")

    assert not PATTERNS.keys() & alarms(graph).keys()
    assert "trail-silence" not in alarms(graph)
    assert not graph.of_type("aws:budgets/budget:Budget")
    assert (
        "what is done in the account is alarmed, and its budget watched, by org/baseline/prod"
        in said(graph, "limit")
    )


def test_the_silence_of_the_trail_is_heard(monitoring):
    alarm = alarms(monitoring(events_id="trail", spec={"thresholds": {"silence_hours": 3}}))
    silence = alarm["trail-silence"]

    assert silence["metricName"] == "IncomingLogEvents"
    assert silence["dimensions"] == {"LogGroupName": "trail"}
    assert silence["treatMissingData"] == "breaching"
    assert (silence["comparisonOperator"], silence["threshold"]) == ("LessThanThreshold", 1)
    assert (silence["period"], silence["evaluationPeriods"]) == (3600, 3)


# --- the service


def test_the_apis_errors_are_a_share_of_enough_requests(monitoring):
    thresholds = {"minimum_requests": 50, "api_errors_percent": 2.5}
    errors = alarms(monitoring(api=API, spec={"thresholds": thresholds}))["api-errors"]
    result, part, whole = errors["metricQueries"]

    assert result["expression"] == "IF(whole >= 50, 100 * part / whole, 0)"
    assert result["returnData"] is True
    assert part["metric"]["metricName"] == "5XXError"
    assert whole["metric"]["metricName"] == "Count"
    assert part["metric"]["dimensions"] == {"ApiName": "payments", "Stage": "live"}
    assert errors["threshold"] == 2.5


def test_the_apis_slowness_is_that_of_its_slowest_hundredth(monitoring):
    latency = alarms(monitoring(api=API))["api-latency"]

    assert latency["extendedStatistic"] == "p99"
    assert "statistic" not in latency
    assert latency["evaluateLowSampleCountPercentiles"] == "ignore"


def test_what_api_gateway_does_not_count_is_counted_in_its_log(monitoring):
    graph = monitoring(api=API)
    patterns = {
        kind: graph[f"pay-{kind}-filter"].inputs["pattern"]
        for kind in ("api-throttles", "api-refusals")
    }

    assert all(parse(pattern) for pattern in patterns.values())
    assert '"429"' in patterns["api-throttles"]
    assert "WAF_FILTERED" in patterns["api-refusals"]
    assert graph["pay-api-refusals-filter"].inputs["logGroupName"] == "access"


def test_the_edges_alarms_are_where_its_metrics_are(monitoring):
    graph = monitoring(**EVERYTHING)
    abroad = {name for name, alarm in alarms(graph).items() if alarm["region"] == EDGE}

    assert abroad == {
        "edge-errors-api",
        "firewall-blocks-edge",
        "certificate-expiry-edge-api",
        f"undelivered-messages-{EDGE}",
    }
    assert alarms(graph)["edge-errors-api"]["alarmActions"] == [TOPICS[EDGE]["ticket"]]


def test_a_web_acl_of_cloudfront_has_no_region_in_its_metrics(monitoring):
    found = alarms(monitoring(**EVERYTHING))

    assert found["firewall-blocks-edge"]["dimensions"] == {"WebACL": "edge", "Rule": "ALL"}
    assert found["firewall-blocks-api"]["dimensions"]["Region"] == HOME


def test_failed_sign_ins_are_attempts_without_success(monitoring):
    failures = alarms(monitoring(sign_in=POOL))["sign-in-failures-shop"]
    result, *parts = failures["metricQueries"]

    assert result["expression"] == "attempts - successes"
    assert [p["metric"]["stat"] for p in parts] == ["SampleCount", "Sum"]
    assert parts[0]["metric"]["dimensions"] == {"UserPool": "pool", "UserPoolClient": "c1"}


def test_known_passwords_are_counted_for_each_operation_that_looks_for_them(monitoring):
    _, *parts = alarms(monitoring(sign_in=POOL))["compromised-credentials"]["metricQueries"]

    operations = {p["metric"]["dimensions"]["Operation"] for p in parts}
    assert operations == {"SignIn", "SignUp", "PasswordChange"}
    assert {p["metric"]["dimensions"]["RiskLevel"] for p in parts} == {"high"}


def test_without_threat_protection_it_is_said_what_is_not_watched(monitoring):
    pool = WatchedSignIn(user_pool_id="pool", clients={}, threat_protection=False)
    graph = monitoring(sign_in=pool)

    assert not {"compromised-credentials", "account-takeover"} & alarms(graph).keys()
    assert any("threatProtection" in text for text in said(graph, "limit"))


def test_a_certificate_that_has_expired_stays_alarmed(monitoring):
    expiry = alarms(monitoring(**EVERYTHING))["certificate-expiry-edge-api"]

    assert expiry["metricName"] == "DaysToExpiry"
    assert expiry["treatMissingData"] == "ignore"
    assert expiry["threshold"] == 30


@pytest.mark.parametrize(
    ("name", "metric", "dimensions", "threshold"),
    [
        ("function-errors-guard", "Errors", {"FunctionName": "pay-guard"}, 1),
        ("function-throttles-guard", "Throttles", {"FunctionName": "pay-guard"}, 1),
        ("queue-age-blocks", "ApproximateAgeOfOldestMessage", {"QueueName": "pay-blocks"}, 600),
        (
            "dead-letters-blocks",
            "ApproximateNumberOfMessagesVisible",
            {"QueueName": "pay-blocks-dead"},
            1,
        ),
        ("watched-metric-lockouts", "Lockouts", None, 20),
    ],
)
def test_what_a_stack_adds_is_watched(monitoring, name, metric, dimensions, threshold):
    alarm = alarms(monitoring(**EVERYTHING))[name]

    assert (alarm["metricName"], alarm.get("dimensions")) == (metric, dimensions)
    assert (alarm["threshold"], alarm["treatMissingData"]) == (threshold, "notBreaching")


def test_a_gauge_keeps_its_state_until_the_next_value(monitoring):
    gauge = WatchedMetric(namespace="Bulwark/x", name="Overdue", threshold=1, gauge=True)
    alarm = alarms(monitoring(metrics={"overdue": gauge}))["watched-metric-overdue"]

    assert (alarm["statistic"], alarm["period"]) == ("Maximum", 43_200)
    assert alarm["treatMissingData"] == "ignore"


def test_what_is_in_a_region_without_topics_is_said_to_raise_no_alarm(monitoring):
    graph = monitoring(distributions={"api": "E1"}, topic_arns={HOME: TOPICS[HOME]})

    assert "edge-errors-api" not in alarms(graph)
    assert "edge-errors-api raises no alarm: no topic is in us-east-1" in said(graph, "limit")


# --- who is told


def test_every_alarm_opens_a_ticket_in_its_region(monitoring):
    for alarm in alarms(monitoring(**EVERYTHING)).values():
        assert alarm["alarmActions"] == [TOPICS[alarm["region"]]["ticket"]]
        assert alarm["actionsEnabled"] is True


def test_an_incident_is_one_page_of_all_its_alarms_that_page(monitoring):
    graph = monitoring(**EVERYTHING)

    assert children(graph, "account") == {"root-user", "sign-in-without-mfa"}
    assert children(graph, "evidence") == {"trail-changes", "key-deletion", "trail-silence"}
    assert pages(graph)["account"]["alarmActions"] == [TOPICS[HOME]["page"]]
    assert pages(graph)["account"]["okActions"] == [TOPICS[HOME]["page"]]


def test_the_edges_page_is_one_of_its_own_region(monitoring):
    graph = monitoring(**EVERYTHING)

    assert children(graph, "availability-edge") == {"edge-errors-api"}
    assert pages(graph)["availability-edge"]["region"] == EDGE


@pytest.mark.parametrize(("behind_edge", "paged"), [(True, False), (False, True)])
def test_an_error_of_the_api_pages_once(monitoring, behind_edge, paged):
    graph = monitoring(api=API, distributions={"api": "E1"} if behind_edge else {})

    assert ("api-errors" in children(graph, "availability")) is paged


def test_a_kind_is_as_loud_as_the_settings_say(monitoring):
    loud = {"refused-calls": "page", "root-user": "ticket"}
    graph = monitoring(events_id="trail", spec={"severities": loud})

    assert children(graph, "account") == {"refused-calls", "sign-in-without-mfa"}


def test_a_metric_that_is_handed_over_is_as_loud_as_it_says(monitoring):
    assert "watched-metric-lockouts" in children(monitoring(**EVERYTHING), "customers")


def test_more_alarms_than_a_page_can_have_are_an_error_before_anything_is_made(monitoring):
    with pytest.raises(ConfigError) as error:
        monitoring(functions={f"function-number-{n}": f"f{n}" for n in range(101)})

    (problem,) = error.value.problems
    assert problem.startswith("bulwark:monitoring.severities: 101 alarms of availability in eu-")


def test_so_are_names_that_are_too_long_together(monitoring):
    names = {f"{'x' * 200}-{n}": f"f{n}" for n in range(60)}

    with pytest.raises(ConfigError, match=f"{LONGEST_RULE:,}"):
        monitoring(functions=names)


def test_a_rule_is_as_long_as_cloudwatch_takes(monitoring):
    graph = monitoring(**EVERYTHING)

    assert max(len(page["alarmRule"]) for page in pages(graph).values()) <= LONGEST_RULE


# --- what is said


def test_each_alarm_says_what_has_happened_where_to_look_and_how_it_takes_silence(monitoring):
    for name, alarm in alarms(monitoring(**EVERYTHING)).items():
        (kind,) = (k for k in sorted(KINDS, key=len) if name == k or name.startswith(f"{k}-"))
        text = alarm["alarmDescription"]
        assert text.startswith(KINDS[kind].says)
        assert f"docs/runbook.md#{kind} " in text
        assert f"Without data: {alarm['treatMissingData']}, since " in text
        assert len(text) <= LONGEST_DESCRIPTION


def test_the_runbook_may_be_somewhere_else(monitoring):
    graph = monitoring(events_id="trail", spec={"runbook": "https://wiki.example.com/runbook"})

    text = alarms(graph)["root-user"]["alarmDescription"]
    assert "Runbook: https://wiki.example.com/runbook#root-user ." in text


RUNBOOK = (Path(__file__).parents[2] / "docs" / "runbook.md").read_text()
SECTIONS = dict(re.findall(r"^### (\S+)\n\n(.+?)(?=^#|\Z)", RUNBOOK, re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize("kind", KINDS)
def test_the_runbook_has_a_section_for_each_kind_that_says_how_loud_it_is(kind):
    first = SECTIONS[kind].split("*")[1]

    assert first.lower().startswith(KINDS[kind].severity)
    assert KINDS[kind].incident in first
    assert kind not in PATTERNS or first.endswith(f"CIS {PATTERNS[kind].cis}.")


@pytest.mark.parametrize("incident", INCIDENTS)
def test_the_runbook_has_a_section_for_each_incident(incident):
    assert incident in SECTIONS


def test_every_kind_has_its_words_and_an_example():
    assert set(get_args(AlarmKind)) == set(KINDS)


def test_every_kind_is_raised_by_something(monitoring):
    names = alarms(monitoring(**EVERYTHING))
    of_aws = {kind for kind, about in KINDS.items() if "aws" in about.clouds}

    assert {kind for kind in of_aws if not any(name.startswith(kind) for name in names)} == set()


# --- topics


def policy(graph, severity):
    return json.loads(graph[f"pay-{severity}-policy"].inputs["policy"])["Statement"]


@pytest.mark.parametrize("severity", ["page", "ticket"])
def test_a_topic_lets_in_this_accounts_alarms_and_budgets_and_nobody_else(topics, severity):
    *allowed, events, refused = policy(topics(), severity)

    assert {s["Principal"]["Service"] for s in allowed} == {
        "cloudwatch.amazonaws.com",
        "budgets.amazonaws.com",
    }
    for statement in allowed:
        assert statement["Action"] == "sns:Publish"
        assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT}
        assert f":{ACCOUNT}:" in statement["Condition"]["ArnLike"]["aws:SourceArn"]
    # It sends no source, and what it sends is lost without a word under a condition on one.
    assert (events["Principal"], "Condition" in events) == (
        {"Service": "events.amazonaws.com"},
        False,
    )
    assert (refused["Effect"], refused["Principal"]) == ("Deny", "*")


def test_budgets_tell_the_stacks_own_region_only(topics):
    services = [s["Principal"]["Service"] for s in policy(topics(budgets=False), "page")[:-1]]

    assert services == ["cloudwatch.amazonaws.com", "events.amazonaws.com"]


def test_topics_are_encrypted_with_the_key(topics):
    keys = {r.inputs["kmsMasterKeyId"] for r in topics().of_type("aws:sns/topic:Topic")}

    assert keys == {KEY}


def test_each_recipient_is_told_what_they_are_told(topics):
    graph = topics(
        {
            "team": RecipientSpec(mail="team@example.com"),
            "pager": RecipientSpec(told=("page",), https="https://pager.example.com/sns"),
            "chat": RecipientSpec(slack={"workspace_id": "T0123ABCD", "channel_id": "C0123ABCD"}),
        }
    )
    found = graph.of_type("aws:sns/topicSubscription:TopicSubscription")

    assert Counter(r.inputs["protocol"] for r in found) == {"email": 2, "https": 1}
    assert graph["pay-page-pager"].inputs["topic"] == graph["pay-page"].outputs["arn"]


def test_an_https_address_is_tried_for_longer_than_a_minute_and_less_than_an_hour(topics):
    graph = topics({"pager": RecipientSpec(https="https://pager.example.com/sns")})
    retry = json.loads(graph["pay-page-pager"].inputs["deliveryPolicy"])["healthyRetryPolicy"]

    assert 600 < retry["numRetries"] * retry["maxDelayTarget"] <= 3600


def test_who_has_to_confirm_is_said(topics):
    (text,) = said(topics({"team": RecipientSpec(mail="team@example.com")}), "limit")

    assert text.startswith("team is told nothing of eu-central-1 before they have confirmed")


def test_it_is_said_that_nobody_is_told(topics):
    pager = RecipientSpec(told=("page",), https="https://pager.example.com/sns")

    assert len([t for t in said(topics(), "limit") if t.startswith("nobody is told")]) == 2
    assert any(
        t.startswith("nobody is told of a ticket") for t in said(topics({"p": pager}), "limit")
    )


CHAT = {
    "chat": RecipientSpec(
        told=("page",), slack={"workspace_id": "T0123ABCD", "channel_id": "C0123ABCD"}
    )
}


def test_a_chat_listens_in_every_region_and_can_do_nothing(monitoring):
    graph = monitoring(recipients=CHAT)
    channel = graph["pay-chat-slack"].inputs

    assert channel["snsTopicArns"] == [TOPICS[HOME]["page"], TOPICS[EDGE]["page"]]
    assert channel["guardrailPolicyArns"] == ["arn:aws:iam::aws:policy/AWSDenyAll"]
    assert not graph.of_type("aws:iam/rolePolicy:RolePolicy")
    trust = json.loads(graph["pay-chat-role"].inputs["assumeRolePolicy"])["Statement"][0]
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT}


def test_a_chat_that_somebody_must_let_in_is_said(monitoring):
    assert any("let in first" in text for text in said(monitoring(recipients=CHAT), "limit"))


# --- the budget


def test_the_budget_tells_early_with_tickets_and_late_with_a_page(monitoring):
    budget = monitoring(spec={"budget": {"monthly_usd": 300}})["pay-budget"].inputs

    assert (budget["limitAmount"], budget["limitUnit"], budget["timeUnit"]) == (
        "300",
        "USD",
        "MONTHLY",
    )
    told = [
        (n["notificationType"], n["threshold"], n["subscriberSnsTopicArns"])
        for n in budget["notifications"]
    ]
    assert told == [
        ("ACTUAL", 80, [TOPICS[HOME]["ticket"]]),
        ("FORECASTED", 100, [TOPICS[HOME]["ticket"]]),
        ("ACTUAL", 120, [TOPICS[HOME]["page"]]),
    ]


def test_there_may_be_no_budget(monitoring):
    graph = monitoring(spec={"budget": {"monthly_usd": None}})

    assert not graph.of_type("aws:budgets/budget:Budget")


def test_a_partition_without_budgets_says_so(monitoring):
    graph = monitoring(partition="aws-cn")

    assert not graph.of_type("aws:budgets/budget:Budget")
    assert any(text.startswith("no budget") for text in said(graph, "limit"))


# --- the dashboard


@pytest.fixture
def board(monitoring):
    def build(**more):
        return json.loads(monitoring(**EVERYTHING, **more)["pay-dashboard"].inputs["dashboardBody"])

    return build


def test_what_wakes_somebody_is_at_the_top(board):
    heading, woken, all_of_them, *_ = board()["widgets"]

    assert heading["type"] == "text"
    assert woken["properties"]["title"] == "What wakes somebody"
    assert all(":alarm:" in arn for arn in woken["properties"]["alarms"])
    assert len(woken["properties"]["alarms"]) < len(all_of_them["properties"]["alarms"])


def test_each_alarm_has_a_graph_in_its_own_region_with_its_threshold(board, monitoring):
    found = alarms(monitoring(**EVERYTHING))
    graphs = {
        w["properties"]["title"]: w["properties"]
        for w in board()["widgets"]
        if w["type"] == "metric"
    }

    assert graphs.keys() == found.keys()
    for name, graph in graphs.items():
        assert graph["region"] == found[name]["region"]
        assert graph["annotations"]["horizontal"][0]["value"] == found[name]["threshold"]


def test_no_widget_is_beyond_the_page_or_on_another(board):
    taken = Counter(
        (x, y)
        for w in board()["widgets"]
        for x in range(w["x"], w["x"] + w["width"])
        for y in range(w["y"], w["y"] + w["height"])
    )

    assert set(taken.values()) == {1}
    assert max(x for x, _ in taken) < 24


def test_cloudwatch_would_take_the_page(board):
    widgets = board()["widgets"]

    assert len(widgets) <= 500
    for widget in widgets:
        properties = widget["properties"]
        assert len(properties.get("alarms", [])) <= 100
        assert len(properties.get("metrics", [])) <= 500
        if widget["type"] == "metric":
            assert sum(1 for m in properties["metrics"] if not is_hidden(m)) == 1


def is_hidden(series):
    return isinstance(series[-1], dict) and series[-1].get("visible") is False


def test_a_stack_may_have_no_dashboard(monitoring):
    graph = monitoring(spec={"dashboard": False}, events_id="trail")

    assert not graph.of_type("aws:cloudwatch/dashboard:Dashboard")


# --- queries and prices


def test_the_usual_questions_are_saved_for_each_log(monitoring):
    graph = monitoring(**EVERYTHING)
    asked = graph.of_type("aws:cloudwatch/queryDefinition:QueryDefinition")
    groups = Counter(tuple(r.inputs["logGroupNames"]) for r in asked)

    assert groups == {("access",): 5, ("aws-waf-logs-api",): 2, ("aws-waf-logs-edge",): 2}
    abroad = {r.inputs["logGroupNames"][0] for r in asked if r.inputs["region"] == EDGE}
    assert abroad == {"aws-waf-logs-edge"}


def test_the_price_counts_metrics_and_composites(monitoring):
    (text,) = said(monitoring(events_id="trail"), "cost")

    assert text.startswith("18 alarms on 18 metrics and 2 composite alarms: about 2.80 USD a month")


def test_a_list_is_watched_for_being_full_and_for_not_being_looked_over(monitoring):
    found = alarms(monitoring(**EVERYTHING))
    full, silent = found["block-list-full-bots"], found["block-list-silence-bots"]

    assert full["namespace"] == silent["namespace"] == "Bulwark/pay-dev"
    assert full["dimensions"] == silent["dimensions"] == {"service": "block-list", "list": "bots"}
    assert (full["statistic"], full["threshold"]) == ("Maximum", 90)
    assert (silent["statistic"], silent["threshold"]) == ("SampleCount", 1)
    assert silent["comparisonOperator"] == "LessThanThreshold"
    assert silent["treatMissingData"] == "breaching"


def test_the_metric_that_is_watched_is_the_one_that_the_writer_publishes(monitoring):
    names = {found[0] for found in writer.MEASURED["converged"].values()}

    assert alarms(monitoring(**EVERYTHING))["block-list-full-blocked"]["metricName"] in names
