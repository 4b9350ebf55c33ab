import json

import pulumi
import pulumi_aws as aws
import pytest
from rule_cases import test_a_rule_passes_fails_and_does_not_apply  # noqa: F401 asked of this file too

from bulwark_toolkit.compliance.filter_patterns import LONGEST, alternatives, covers, parse
from bulwark_toolkit.compliance.rule import Rule
from bulwark_toolkit.compliance.rules import RULES
from bulwark_toolkit.compliance.rules.aws import monitoring
from bulwark_toolkit.compliance.rules.aws.monitoring import WANTED

A = "aws.monitoring."
ACCOUNT = "123456789012"
TOPIC = f"arn:aws:sns:eu-central-1:{ACCOUNT}:alarms"
ABROAD = TOPIC.replace("eu-central-1", "us-east-1")
WATCHED = {f"{A}{wanted.slug}-are-watched": wanted for wanted in WANTED}


def trail(group):
    arn = pulumi.Output.format("{0}:*", group.arn) if group else None
    return aws.cloudtrail.Trail(
        "trail", name="it", s3_bucket_name="logs", cloud_watch_logs_group_arn=arn
    )


def watched(pattern, *, filtered=None, alarm=None, composite=None, group="here"):
    """A trail whose log group has a metric filter with an alarm."""

    def program():
        logs = aws.cloudwatch.LogGroup("events") if group else None
        trail(logs)
        if not logs:
            return
        metric = {"name": "found", "namespace": "it", "value": "1"}
        aws.cloudwatch.LogMetricFilter(
            "filter",
            log_group_name=logs.name,
            pattern=pattern,
            metric_transformation=metric | (filtered or {}),
        )
        made = aws.cloudwatch.MetricAlarm("alarm", **ALARM | (alarm or {}))
        if composite:
            aws.cloudwatch.CompositeAlarm(
                "page",
                alarm_name="page",
                alarm_rule=pulumi.Output.format('ALARM("{0}")', made.name),
                alarm_actions=composite,
            )

    return program


ALARM = {
    "namespace": "it",
    "metric_name": "found",
    "statistic": "Sum",
    "period": 300,
    "threshold": 1,
    "comparison_operator": "GreaterThanOrEqualToThreshold",
    "evaluation_periods": 1,
    "alarm_actions": [TOPIC],
    "alarm_description": "See docs/runbook.md#found",
}


def nothing():
    """A program without anything that is watched."""
    aws.s3.Bucket("it")


# --- CIS 4.1 to 4.15


def test_there_is_a_rule_for_each_recommendation_from_4_1_to_4_15():
    references = [rule.reference for rule in RULES if rule.id in WATCHED]

    assert references == [f"CIS AWS 4.{number}" for number in range(1, 16)]


@pytest.mark.parametrize("wanted", WANTED, ids=lambda w: w.cis)
def test_what_is_wanted_is_a_pattern_that_cloudwatch_takes(wanted):
    assert len(wanted.pattern) <= LONGEST
    assert covers(wanted.pattern, wanted.pattern)


@pytest.mark.parametrize("rule_id", WATCHED)
def test_a_trail_that_is_watched_passes(outcomes, rule_id):
    assert outcomes(rule_id, watched(WATCHED[rule_id].pattern)) == {"pass"}


@pytest.mark.parametrize("rule_id", WATCHED)
def test_it_passes_in_other_words_too(outcomes, rule_id):
    """Each alternative by itself, the last one first."""
    found = alternatives(parse(WATCHED[rule_id].pattern))
    pattern = "{" + "||".join(f"({together(facts)})" for facts in reversed(found)) + "}"
    if len(pattern) > LONGEST:
        pattern = "{" + "||".join(own(facts, found) for facts in reversed(found)) + "}"

    assert outcomes(rule_id, watched(pattern)) == {"pass"}


@pytest.mark.parametrize("rule_id", WATCHED)
def test_it_fails_if_one_alternative_is_missing(outcomes, rule_id):
    found = alternatives(parse(WATCHED[rule_id].pattern))
    others = [own(facts, found) for facts in found[1:]] or ["$.eventName=Other"]
    pattern = "{" + "||".join(others) + "}"

    assert outcomes(rule_id, watched(pattern)) == {"fail"}


@pytest.mark.parametrize("rule_id", WATCHED)
def test_it_fails_if_somebody_is_left_out(outcomes, rule_id):
    whole = WATCHED[rule_id].pattern.strip("{} ")
    pattern = f'{{ ({whole}) && ($.userIdentity.userName != "admin") }}'

    assert outcomes(rule_id, watched(pattern)) == {"fail"}


@pytest.mark.parametrize("rule_id", WATCHED)
def test_it_does_not_apply_without_a_trail(outcomes, rule_id):
    assert outcomes(rule_id, nothing) == {"not applicable"}


def together(facts):
    return "&&".join(written(fact) for fact in facts)


def own(facts, found):
    """What an alternative has and the others do not."""
    common = set.intersection(*(set(others) for others in found))
    return together([fact for fact in facts if fact not in common] or facts)


def written(fact):
    value = f'"{fact.value}"' if fact.value else ""
    return f"$.{fact.field} {fact.operator} {value}".rstrip()


ROOT = f"{A}root-user-are-watched"
REFUSED = f"{A}refused-calls-are-watched"
PATTERN = WATCHED[ROOT].pattern


@pytest.mark.parametrize(
    "weaker",
    [
        {"alarm": {"alarm_actions": []}},
        {"alarm": {"actions_enabled": False}},
        {"alarm": {"metric_name": "other"}},
        {"alarm": {"namespace": "other"}},
        {"alarm": {"threshold": 2}},
        {"alarm": {"comparison_operator": "GreaterThanThreshold"}},
        {"alarm": {"comparison_operator": "LessThanThreshold"}},
        {"alarm": {"evaluation_periods": 3}},
        {"alarm": {"statistic": "Average", "threshold": 2}},
        {"alarm": {"dimensions": {"Of": "it"}}},
        {"filtered": {"value": "0"}},
        {"filtered": {"value": "$.bytes"}},
        {"filtered": {"dimensions": {"User": "$.user"}}},
        {"group": None},
        {"alarm": {"alarm_actions": []}, "composite": []},
    ],
)
def test_an_alarm_that_is_weaker_does_not_count(outcomes, weaker):
    assert outcomes(ROOT, watched(PATTERN, **weaker)) == {"fail"}


@pytest.mark.parametrize(
    "other",
    [
        {"alarm": {"comparison_operator": "GreaterThanThreshold", "threshold": 0}},
        {"alarm": {"statistic": "Maximum"}},
        {"alarm": {"evaluation_periods": 3, "datapoints_to_alarm": 1}},
        {"alarm": {"alarm_actions": []}, "composite": [TOPIC]},
        {"filtered": {"default_value": "0"}},
    ],
)
def test_an_alarm_that_is_written_otherwise_does(outcomes, other):
    assert outcomes(ROOT, watched(PATTERN, **other)) == {"pass"}


@pytest.mark.parametrize(("threshold", "outcome"), [(25, "pass"), (26, "fail")])
def test_what_is_everyday_may_have_a_threshold_but_no_high_one(outcomes, threshold, outcome):
    program = watched(WATCHED[REFUSED].pattern, alarm={"threshold": threshold})

    assert outcomes(REFUSED, program) == {outcome}


def test_a_composite_alarm_may_name_its_child_by_a_name_that_is_written_down(outcomes):
    def program():
        watched(PATTERN, alarm={"alarm_actions": [], "name": "child"})()
        aws.cloudwatch.CompositeAlarm(
            "page", alarm_name="page", alarm_rule="ALARM( child )", alarm_actions=[TOPIC]
        )

    assert outcomes(ROOT, program) == {"pass"}


def test_a_log_group_of_another_program_is_nothing_that_is_known(outcomes):
    def program():
        aws.cloudtrail.Trail(
            "trail",
            name="it",
            s3_bucket_name="logs",
            cloud_watch_logs_group_arn=f"arn:aws:logs:eu-central-1:{ACCOUNT}:log-group:far:*",
        )

    assert outcomes(ROOT, program) == {"unknown"}


def test_a_log_group_is_found_by_an_arn_that_is_written_down(outcomes):
    def program():
        group = aws.cloudwatch.LogGroup("events", name="events")
        aws.cloudtrail.Trail(
            "trail",
            name="it",
            s3_bucket_name="logs",
            cloud_watch_logs_group_arn=f"arn:aws:logs:eu-central-1:{ACCOUNT}:log-group:events:*",
        )
        metric = {"name": "found", "namespace": "it", "value": "1"}
        aws.cloudwatch.LogMetricFilter(
            "filter",
            log_group_name=group.name,
            pattern=PATTERN,
            metric_transformation=metric,
        )
        aws.cloudwatch.MetricAlarm("alarm", **ALARM)

    assert outcomes(ROOT, program) == {"pass"}


def test_one_watched_trail_is_enough(found):
    def program():
        watched(PATTERN)()
        aws.cloudtrail.Trail("other", name="other", s3_bucket_name="logs")

    assert [(outcome, urn) for outcome, urn, _ in found(ROOT, program)] == [("pass", "filter")]


# --- alarms and topics


def alarm(kind=aws.cloudwatch.MetricAlarm, **inputs):
    return lambda: kind("it", **ALARM | inputs)


def silence(**inputs):
    def program():
        group = aws.cloudwatch.LogGroup("events")
        trail(group)
        less = {
            "namespace": "AWS/Logs",
            "metric_name": "IncomingLogEvents",
            "dimensions": {"LogGroupName": group.name},
            "comparison_operator": "LessThanThreshold",
            "treat_missing_data": "breaching",
        }
        aws.cloudwatch.MetricAlarm("silence", **ALARM | less | inputs)

    return program


def stage(metric="5XXError", **inputs):
    def program():
        api = aws.apigateway.RestApi("api")
        made = aws.apigateway.Stage("it", rest_api=api.id, deployment="1", stage_name="live")
        part = {
            "namespace": "AWS/ApiGateway",
            "metric_name": metric,
            "dimensions": {"ApiName": api.name, "Stage": made.stage_name},
            "period": 300,
            "stat": "Sum",
        }
        rest = {key: ALARM[key] for key in ("comparison_operator", "evaluation_periods")}
        aws.cloudwatch.MetricAlarm(
            "errors",
            metric_queries=[
                {"id": "e", "expression": "100 * part", "return_data": True},
                {"id": "part", "metric": part},
            ],
            **{**rest, "threshold": 1, "alarm_actions": [TOPIC], **inputs},
        )

    return program


def firewall(name="it"):
    def program():
        seen = {
            "cloudwatch_metrics_enabled": True,
            "metric_name": "it",
            "sampled_requests_enabled": True,
        }
        aws.wafv2.WebAcl(
            "acl", scope="REGIONAL", default_action={"allow": {}}, visibility_config=seen
        )
        blocked = {"namespace": "AWS/WAFV2", "metric_name": "BlockedRequests"}
        dimensions = {"WebACL": name, "Rule": "ALL", "Region": "eu-central-1"}
        aws.cloudwatch.MetricAlarm("blocks", **ALARM | blocked | {"dimensions": dimensions})

    return program


def topic(*, subscribed=True, service="cloudwatch.amazonaws.com", policy=True, used=True):
    def program():
        made = aws.sns.Topic("it")
        if policy:
            allow = {
                "Effect": "Allow",
                "Principal": {"Service": service},
                "Action": "sns:Publish",
                "Resource": "*",
                "Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:*:*:{ACCOUNT}:alarm:*"}},
            }
            document = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
            aws.sns.TopicPolicy("policy", arn=made.arn, policy=document)
        if subscribed:
            aws.sns.TopicSubscription("mail", topic=made.arn, protocol="email", endpoint="a@b.eu")
        if used:
            aws.cloudwatch.MetricAlarm("alarm", **ALARM | {"alarm_actions": [made.arn]})

    return program


CASES = {
    A + "alarm-tells-somebody": (alarm(), alarm(alarm_actions=[]), nothing),
    A + "alarm-tells-a-topic-of-its-region": (alarm(), alarm(alarm_actions=[ABROAD]), nothing),
    A + "alarm-says-what-to-do": (alarm(), alarm(alarm_description="Something is up"), nothing),
    A + "alarm-on-too-little-hears-silence": (
        silence(),
        silence(treat_missing_data="notBreaching"),
        alarm(),
    ),
    A + "silence-of-a-trail-is-watched": (
        silence(),
        silence(treat_missing_data="missing"),
        nothing,
    ),
    A + "errors-of-an-api-are-watched": (stage(), stage(metric="4XXError"), nothing),
    A + "blocks-of-a-firewall-are-watched": (firewall(), firewall(name="other"), nothing),
    A + "topic-of-alarms-has-a-listener": (topic(), topic(subscribed=False), topic(used=False)),
    A + "topic-of-alarms-admits-cloudwatch": (
        topic(),
        topic(service="events.amazonaws.com"),
        topic(used=False),
    ),
}
"""For each other rule: a program that passes, one that fails, and one that it does not apply to."""


def test_each_rule_of_the_file_has_its_cases():
    ours = {rule.id for rule in RULES if rule.id.startswith(A)}

    assert ours == CASES.keys() | WATCHED.keys()
    assert {thing.id for thing in vars(monitoring).values() if isinstance(thing, Rule)} <= ours


def test_an_alarm_that_is_switched_off_tells_nobody(outcomes):
    assert outcomes(A + "alarm-tells-somebody", alarm(actions_enabled=False)) == {"fail"}


def test_a_child_of_a_composite_alarm_may_be_quiet_itself(outcomes):
    program = watched(PATTERN, alarm={"alarm_actions": []}, composite=[TOPIC])

    assert outcomes(A + "alarm-tells-somebody", program) == {"pass"}


def test_a_trail_without_a_log_group_is_silent_always(outcomes):
    assert outcomes(A + "silence-of-a-trail-is-watched", watched("", group=None)) == {"fail"}


def test_a_topic_without_a_policy_of_its_own_takes_the_accounts_alarms(outcomes):
    assert outcomes(A + "topic-of-alarms-admits-cloudwatch", topic(policy=False)) == {"pass"}


def test_a_chat_channel_listens_too(outcomes):
    def program():
        made = aws.sns.Topic("it")
        aws.cloudwatch.MetricAlarm("alarm", **ALARM | {"alarm_actions": [made.arn]})
        aws.chatbot.SlackChannelConfiguration(
            "chat",
            configuration_name="chat",
            iam_role_arn=f"arn:aws:iam::{ACCOUNT}:role/chat",
            slack_channel_id="C1",
            slack_team_id="T1",
            sns_topic_arns=[made.arn],
        )

    assert outcomes(A + "topic-of-alarms-has-a-listener", program) == {"pass"}
