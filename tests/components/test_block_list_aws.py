import json

import pytest
from block_list_world import ALLOWED_TO_WRITER

from bulwark_runtime.block_list import requests as runtime
from bulwark_toolkit.testing import Preview
from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.incident_response import BlockListSpec
from pulumi_bulwark.incident_response.aws_block_list import (
    DETAIL_TYPE,
    AwsBlockList,
    AwsBlockListArgs,
    problems,
)
from pulumi_bulwark.incident_response.aws_block_list_queue import GROUP
from pulumi_bulwark.log_group.aws import AwsLogStore

ACCOUNT = "123456789012"
REGION = "eu-central-1"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/00000000-0000-0000-0000-000000000000"
STORE = AwsLogStore(
    account_id=ACCOUNT,
    region=REGION,
    partition="aws",
    key_arn=KEY,
    retention_days=400,
    access_logs_id="access-logs",
    deletion_protection=True,
)


def ip_set(scope, version, name="it"):
    region = "us-east-1" if scope == "CLOUDFRONT" else REGION
    number = f"{scope}-{version}-{name}".lower()
    return {
        "id": number,
        "name": name,
        "scope": scope,
        "region": region,
        "version": version,
    }


RULE = "aws:cloudwatch/eventRule:EventRule"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"
QUEUE_POLICY = "aws:sqs/queuePolicy:QueuePolicy"
MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping"
BOTH = [ip_set(s, v) for s in ("CLOUDFRONT", "REGIONAL") for v in ("IPV4", "IPV6")]
REGIONAL = BOTH[2:]
LISTS = {"blocked": BOTH, "allowed": BOTH, "scrapers": REGIONAL}


@pytest.fixture
def graph(preview):
    return lambda **more: built(preview, **more)


def built(preview, *, protected=True, topics=(), known=LISTS, **spec):
    args = AwsBlockListArgs(
        spec=BlockListSpec(**spec),
        store=STORE,
        key_arn=KEY,
        boundary_arn=f"arn:aws:iam::{ACCOUNT}:policy/boundary",
        sets=known,
        alarm_topic_arns=topics,
        deletion_protection=protected,
    )
    graph = preview(lambda: AwsBlockList("it", args), rendered=True)
    assert graph.problems == ()
    return graph


def only(graph, type_):
    (found,) = graph.of_type(type_)
    return found


def policy(graph, name):
    return {s["Sid"]: s for s in json.loads(graph[name].inputs["policy"])["Statement"]}


@pytest.fixture(scope="module")
def whole():
    return built(
        Preview(),
        widest_v4=20,
        never_block=("192.0.2.0/24",),
        history_days=500,
        event_sources=("acme.fraud",),
    )


def test_requests_are_in_order_and_of_one_group_so_that_there_is_one_writer(whole):
    queue = whole["it-requests-queue"].inputs
    target = whole["it-requests-events-target"].inputs

    assert queue["fifoQueue"] is True
    assert queue["contentBasedDeduplication"] is True  # or EventBridge's messages would be refused
    assert queue["name"] == whole["it"].outputs["queueName"]
    assert queue["name"].endswith(".fifo")
    assert target["sqsTarget"] == {"messageGroupId": GROUP}


def test_what_is_read_stays_hidden_for_six_times_what_the_reader_takes(whole):
    seconds = whole["it-writer-function"].inputs["timeout"]

    assert seconds == 60
    assert whole["it-requests-queue"].inputs["visibilityTimeoutSeconds"] == 6 * seconds


def test_what_is_given_up_on_is_kept_for_two_weeks_in_a_queue_of_the_same_kind(whole):
    dead = whole["it-requests-dead-letters"].inputs
    redrive = json.loads(whole["it-requests-queue"].inputs["redrivePolicy"])

    assert dead["fifoQueue"] is True
    assert dead["messageRetentionSeconds"] == 14 * 24 * 3600
    assert redrive["maxReceiveCount"] == 10
    assert redrive["deadLetterTargetArn"] == whole["it-requests-dead-letters"].outputs["arn"]


@pytest.mark.parametrize("queue", ["it-requests-queue", "it-requests-dead-letters"])
def test_both_queues_have_a_key_and_are_reached_over_tls_alone(whole, queue):
    assert whole[queue].inputs["kmsMasterKeyId"] == KEY
    statement = policy(whole, f"{queue}-policy")["OnlyOverTls"]
    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_of_events_only_the_two_rules_reach_the_queue(whole):
    rules = sorted(rule.outputs["arn"] for rule in whole.of_type(RULE))
    statement = policy(whole, "it-requests-queue-policy")["Events"]

    assert len(rules) == 2
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert sorted(statement["Condition"]["ArnEquals"]["aws:SourceArn"]) == rules
    assert "Events" not in policy(whole, "it-requests-dead-letters-policy")


def test_an_event_asks_by_its_source_and_detail_type_and_from_this_account_alone(whole):
    assert json.loads(whole["it-requests-events"].inputs["eventPattern"]) == {
        "account": [ACCOUNT],
        "source": ["acme.fraud"],
        "detail-type": [DETAIL_TYPE],
    }
    assert DETAIL_TYPE == runtime.DETAIL_TYPE


def test_unless_a_source_is_named_no_event_asks(graph):
    (rule,) = graph().of_type(RULE)

    assert "eventPattern" not in rule.inputs


def test_the_lists_are_looked_over_each_minute_by_the_same_queue(whole):
    assert whole["it-requests-minute"].inputs["scheduleExpression"] == "rate(1 minute)"
    assert (
        whole["it-requests-minute-target"].inputs["arn"]
        == whole["it-requests-queue"].outputs["arn"]
    )


def test_targets_wait_for_the_policy_that_lets_them_in(whole):
    (wanted,) = [r.urn for r in whole.of_type(QUEUE_POLICY) if "dead" not in r.name]
    for target in whole.of_type(TARGET):
        assert wanted in target.dependencies


def test_the_table_is_encrypted_can_go_back_in_time_and_is_kept(whole):
    table = whole["it-table"]

    assert table.inputs["serverSideEncryption"] == {"enabled": True, "kmsKeyArn": KEY}
    assert table.inputs["pointInTimeRecovery"] == {"enabled": True}
    assert table.inputs["deletionProtectionEnabled"] is True
    assert table.options.protect is True
    assert table.inputs["ttl"] == {"attributeName": "expires_at", "enabled": True}


def test_without_protection_the_table_goes_with_the_stack(graph):
    table = graph(protected=False)["it-table"]

    assert table.inputs["deletionProtectionEnabled"] is False
    assert table.options.protect is False


def test_nobody_but_the_writer_changes_the_table(whole):
    statement = policy(whole, "it-table-policy")["OnlyTheWriterChanges"]

    assert statement["Effect"] == "Deny"
    assert statement["Condition"]["ArnNotEquals"]["aws:PrincipalArn"] == [
        whole["it-writer-execution-role"].outputs["arn"]
    ]
    assert {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"} < set(
        statement["Action"]
    )


def test_the_writer_may_change_the_sets_of_its_lists_and_no_others(whole):
    sets = policy(whole, "it-writer-execution-policy")["Sets"]

    assert sets["Action"] == ["wafv2:GetIPSet", "wafv2:UpdateIPSet"]
    assert sets["Resource"] == [
        f"arn:aws:wafv2:us-east-1:{ACCOUNT}:global/ipset/it/cloudfront-ipv4-it",
        f"arn:aws:wafv2:us-east-1:{ACCOUNT}:global/ipset/it/cloudfront-ipv6-it",
        f"arn:aws:wafv2:{REGION}:{ACCOUNT}:regional/ipset/it/regional-ipv4-it",
        f"arn:aws:wafv2:{REGION}:{ACCOUNT}:regional/ipset/it/regional-ipv6-it",
    ]


def test_the_writer_may_make_the_calls_that_it_makes_and_no_others(whole):
    """A test of the writer compares what it calls with the same list."""
    ours = ("Requests", "Table", "Sets")
    statements = policy(whole, "it-writer-execution-policy")

    assert {action for sid in ours for action in statements[sid]["Action"]} == ALLOWED_TO_WRITER
    assert statements.keys() == {"WriteLog", "Trace", "Keys", *ours}
    assert statements["Keys"]["Action"] == ["kms:Decrypt"]


def test_the_writer_is_told_what_it_needs(whole):
    told = whole["it-writer-function"].inputs["environment"]["variables"]

    assert told["BULWARK_TABLE"] == "project-stack-it"
    assert told["BULWARK_WIDEST"] == "20 48"
    assert told["BULWARK_NEVER_BLOCK"] == "192.0.2.0/24"
    assert told["BULWARK_HISTORY_DAYS"] == "500"
    assert json.loads(told["BULWARK_SETS"]) == {"blocked": BOTH}


def test_the_metrics_of_two_stacks_are_told_apart(whole):
    told = whole["it-writer-function"].inputs["environment"]["variables"]

    assert whole["it"].outputs["metrics"] == {
        "namespace": told["POWERTOOLS_METRICS_NAMESPACE"],
        "service": told["POWERTOOLS_SERVICE_NAME"],
    }
    assert "stack" in told["POWERTOOLS_METRICS_NAMESPACE"]


def test_of_ten_messages_at_once_only_what_failed_comes_back(whole):
    reading = only(whole, MAPPING).inputs

    assert reading["batchSize"] == 10
    assert reading["functionResponseTypes"] == ["ReportBatchItemFailures"]


def test_who_asks_may_send_and_encrypt_and_nothing_else(whole):
    asked = json.loads(whole["it"].outputs["requesterPolicy"])["Statement"]

    assert [s["Action"] for s in asked] == [
        ["sqs:GetQueueUrl", "sqs:SendMessage"],
        ["kms:Decrypt", "kms:GenerateDataKey"],
    ]
    assert asked[0]["Resource"] == whole["it"].outputs["queueArn"]


def test_who_looks_may_read_and_nothing_else(whole):
    seen = json.loads(whole["it"].outputs["readerPolicy"])["Statement"]

    assert [s["Action"] for s in seen] == [
        ["dynamodb:GetItem", "dynamodb:Query"],
        ["kms:Decrypt"],
        ["wafv2:GetIPSet"],
    ]


def test_without_an_edge_only_the_sets_of_the_region_are_written(graph):
    one = graph(known={"blocked": REGIONAL})
    sets = policy(one, "it-writer-execution-policy")["Sets"]["Resource"]

    assert len(sets) == 2
    assert all(arn.startswith(f"arn:aws:wafv2:{REGION}:") for arn in sets)


def test_several_lists_have_one_queue_and_one_writer(graph):
    two = graph(lists=("blocked", "scrapers"))

    assert len(two.of_type(MAPPING)) == 1
    told = two["it-writer-function"].inputs["environment"]["variables"]
    assert sorted(json.loads(told["BULWARK_SETS"])) == ["blocked", "scrapers"]


def texts(graph, kind):
    return [note.text for note in graph.notes if note.kind == kind]


def test_an_empty_never_block_is_said(graph, whole):
    assert [t for t in texts(graph(), "limit") if "neverBlock is empty" in t]
    assert not [t for t in texts(whole, "limit") if "neverBlock" in t]


def test_a_wider_floor_is_a_loosening_and_prices_are_said(whole):
    (text,) = [t for t in texts(whole, "loosened") if "widestV4" in t]

    assert "bulwark:incidentResponse.blockList.widestV4 is 20; hardened is 24" in text
    assert [t for t in texts(whole, "cost") if "0.50 USD a month" in t]


def test_a_list_that_the_firewall_does_not_have_is_refused():
    (problem,) = problems(BlockListSpec(lists=("blocked", "bots")), LISTS)

    assert problem == (
        "bulwark:incidentResponse.blockList.lists[1]: the firewall has no such list. Add it to "
        "bulwark:waf.lists, or name one of blocked, scrapers."
    )


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"lists": ("allowed",)}, "passes every rule"),
        ({"lists": ("blocked", "blocked")}, "names a list twice"),
        ({"lists": ()}, "at least 1 item"),
        ({"lists": ("a", "b", "c", "d")}, "at most 3 items"),
        ({"never_block": ("192.0.2.1/24",)}, "without bits beyond its prefix"),
        ({"never_block": ("0.0.0.0/0",)}, "is wider than a /8"),
        ({"never_block": ("::/0",)}, "is wider than a /16"),
        ({"event_sources": ("aws.s3",)}, "none of AWS's own"),
        ({"event_sources": ("*",)}, "source of an event"),
        ({"widest_v4": 7}, "greater than or equal to 8"),
        ({"widest_v6": 129}, "less than or equal to 128"),
        ({"history_days": 30}, "greater than or equal to 90"),
    ],
)
def test_settings_that_would_do_harm_are_refused(wrong, said):
    with pytest.raises(ConfigError, match=said):
        BlockListSpec(**wrong)


def test_never_blocked_networks_are_written_in_one_way():
    spec = BlockListSpec(never_block=("2001:DB8:0::/48", "192.0.2.7"))

    assert spec.never_block == ("2001:db8::/48", "192.0.2.7/32")


def test_what_the_function_is_told_fits_with_three_lists_of_long_names(graph):
    long = [ip_set(s["scope"], s["version"], "x" * 60) | {"id": "0" * 36} for s in BOTH]
    lists = {"a" * 40: long, "b" * 40: long, "c" * 40: long}
    networks = tuple(f"2001:db8:{i:x}:1000:2000:3000:4000:0/124" for i in range(1, 31))

    told = graph(known=lists, lists=tuple(lists), never_block=networks)
    variables = told["it-writer-function"].inputs["environment"]["variables"]

    assert sum(len(k) + len(v) for k, v in variables.items()) <= 4096
