import json

import pytest

from pulumi_bulwark.log_group.aws import AwsLogGroup, AwsLogGroupArgs, AwsLogStore, vended_logs

KEY = "arn:aws:kms:eu-central-1:123456789012:key/logs"


def store(**changes):
    settings = {
        "account_id": "123456789012",
        "region": "eu-central-1",
        "partition": "aws",
        "key_arn": KEY,
        "retention_days": 400,
        "access_logs_id": "access-logs",
        "deletion_protection": True,
    }
    return AwsLogStore(**settings | changes)


@pytest.fixture
def group(preview):
    def build(*, count=1, kept=None, rendered=True, **args):
        args = AwsLogGroupArgs(store=kept or store(), **args)

        def program():
            for number in range(count):
                AwsLogGroup(f"it{number}", args)

        graph = preview(program, rendered=rendered, project="pay", stack="dev")
        assert graph.problems == ()
        return graph

    return build


def test_logs_are_encrypted_and_kept_as_long_as_the_environment_says(group):
    made = group()["it0-group"].inputs

    assert made["kmsKeyId"] == KEY
    assert made["retentionInDays"] == 400


@pytest.mark.parametrize("protected", [True, False])
def test_pulumi_and_cloudwatch_both_refuse_to_delete_it_or_neither_does(group, protected):
    made = group(kept=store(deletion_protection=protected))["it0-group"]

    assert made.inputs["deletionProtectionEnabled"] is protected
    assert made.options.protect is protected
    assert made.options.retain_on_delete is protected


def test_pulumi_names_it_unless_its_writer_wants_a_prefix(group):
    assert "name" not in group()["it0-group"].inputs
    assert group(kind="waf-log-group")["it0-group"].inputs["name"] == "aws-waf-logs-pay-dev-it0"
    vended = group(kind="vended-log-group")["it0-group"].inputs["name"]
    assert vended == "/aws/vendedlogs/pay-dev-it0"


def test_a_name_that_its_writer_leaves_no_choice_of_is_taken_as_it_is(group):
    made = group(name="API-Gateway-Execution-Logs_abc/live")["it0-group"].inputs

    assert made["name"] == "API-Gateway-Execution-Logs_abc/live"


def test_a_service_is_let_in_by_the_groups_own_policy_and_for_this_account_only(group):
    graph = group(writers=[vended_logs(store())])

    policy = graph["it0-policy"].inputs
    (statement,) = json.loads(policy["policyDocument"])["Statement"]
    arn = graph["it0-group"].outputs["arn"]
    assert policy["resourceArn"] == arn
    assert statement["Principal"] == {"Service": "delivery.logs.amazonaws.com"}
    assert statement["Resource"] == f"{arn}:log-stream:*"
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnLike": {"aws:SourceArn": "arn:aws:logs:eu-central-1:123456789012:*"},
    }


def test_however_many_there_are_none_uses_up_the_accounts_ten_policies(group):
    graph = group(count=60, kind="vended-log-group", writers=[vended_logs(store())])

    policies = graph.of_type("aws:cloudwatch/logResourcePolicy:LogResourcePolicy")
    assert len({p.inputs["resourceArn"] for p in policies}) == 60
    assert not any("policyName" in p.inputs for p in policies)
    assert max(len(p.inputs["policyDocument"]) for p in policies) <= 5_120  # CloudWatch's quota


def test_a_group_without_such_a_writer_has_no_policy(group):
    assert group().of_type("aws:cloudwatch/logResourcePolicy:LogResourcePolicy") == []


def test_who_takes_its_name_waits_until_its_writers_are_let_in(group):
    graph = group(writers=[vended_logs(store())], rendered=False, kind="vended-log-group")

    assert graph["it0-policy"].urn in graph["it0"].outputs["arn"].waits_for
