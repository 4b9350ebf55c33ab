import json
from fnmatch import fnmatchcase

import pulumi
import pulumi_aws as aws
import pytest

from bulwark_toolkit.preview import Place
from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.incident_response.builtin import ACTING
from pulumi_bulwark.stacks import StackConfig
from pulumi_bulwark.stacks.aws import AwsStack, AwsStackArgs
from pulumi_bulwark.tags import TagsSpec

TAGS = TagsSpec(
    owner="platform@example.com",
    environment="test",
    cost_center="4711",
    data_classification="internal",
    additional={"team": "payments"},
)


def config(**settings):
    return StackConfig.model_validate({"cloud": "aws", "profile": "prod", "tags": TAGS} | settings)


def build(**settings):
    return lambda: AwsStack("test", AwsStackArgs(spec=config(**settings)))


def test_everything_taggable_in_the_stack_carries_the_tags(preview):
    graph = preview(build())

    assert graph["test-keys-data"].inputs["tags"] == {
        "owner": "platform@example.com",
        "environment": "test",
        "cost-center": "4711",
        "data-classification": "internal",
        "team": "payments",
    }
    assert "tags" in graph["test-keys-logs-edge"].inputs


def test_a_class_without_tags_gets_none(preview):
    assert "tags" not in preview(build())["test-keys-data-alias"].inputs


def test_the_resources_of_other_teams_are_not_touched(preview):
    def program():
        AwsStack("test", AwsStackArgs(spec=config()))
        aws.kms.Key("theirs", tags={"owner": "them"})

    assert preview(program)["theirs"].inputs["tags"] == {"owner": "them"}


def test_a_tag_of_its_own_wins_on_what_is_put_into_the_stack(preview):
    def program():
        stack = AwsStack("test", AwsStackArgs(spec=config()))
        child = pulumi.ResourceOptions(parent=stack)
        aws.sqs.Queue("plain", tags={"owner": "them"}, opts=child)
        later = pulumi.Output.from_input({"owner": "them"})
        aws.sqs.Queue("later", tags=later, opts=child)

    graph = preview(program)

    assert graph["plain"].inputs["tags"]["owner"] == "them"
    assert graph["plain"].inputs["tags"]["cost-center"] == "4711"
    assert graph["later"].inputs["tags"] == graph["plain"].inputs["tags"]


def test_a_list_called_tags_is_not_a_set_of_tags(preview):
    def program():
        stack = AwsStack("test", AwsStackArgs(spec=config()))
        aws.autoscaling.Group(
            "group", min_size=1, max_size=1, opts=pulumi.ResourceOptions(parent=stack)
        )

    assert "tags" not in preview(program)["group"].inputs


def test_the_wrong_account_stops_the_run_before_anything_is_made(preview):
    with pytest.raises(ConfigError) as error:
        preview(build(account={"id": "111111111111"}), place=Place(account="222222222222"))

    assert str(error.value).startswith("bulwark:account.id: this stack belongs to account 111111")


def test_the_right_account_goes_on(preview):
    graph = preview(build(account={"id": "111111111111"}), place=Place(account="111111111111"))

    assert "arn:aws:iam::111111111111:root" in graph["test-keys-data"].inputs["policy"]


def test_what_another_stack_owns_is_said(preview):
    graph = preview(build(account={"manage": "none", "baseline": "org/baseline/prod"}))

    said = [n.text for n in graph.notes if "org/baseline/prod" in n.text]
    assert said == [
        (
            "owned by org/baseline/prod: password policy, block of public buckets, encryption of "
            "new disks, block of public snapshots, block of public images, IMDSv2 for new "
            "instances, serial console turned off, analyzer of external access, log role of API "
            "Gateway"
        ),
        "what is done in the account is logged by org/baseline/prod",
        "threats and posture are watched by org/baseline/prod",
        "weaknesses are scanned for by org/baseline/prod",
        "what is done in the account is alarmed, and its budget watched, by org/baseline/prod",
    ]
    assert graph["test"].outputs["owned"] == []


def test_a_stack_that_owns_its_account_owns_the_trail(preview):
    assert "trail" in preview(build())["test"].outputs["owned"]
    region = preview(build(account={"manage": "region", "baseline": "org/baseline/prod"}))
    assert "trail" not in region["test"].outputs["owned"]


def test_every_role_in_the_stack_is_inside_the_boundary(preview):
    graph = preview(build(), rendered=True)

    roles = graph.of_type("aws:iam/role:Role")
    assert roles
    assert {r.inputs["permissionsBoundary"] for r in roles} == {
        graph["test"].outputs["boundaryArn"]
    }


def test_each_capability_has_the_key_of_its_purpose(preview):
    named = {"db": {"description": "Opens the database", "replica_regions": ["eu-west-1"]}}
    graph = preview(build(secrets={"named": named}), rendered=True)

    keys = graph["test"].outputs["keyIds"]
    assert graph["test-secrets-db"].inputs["kmsKeyId"] == keys["secrets"]
    assert graph["test-audit-log-trail-trail"].inputs["kmsKeyId"] == keys["logs"]
    assert graph["test-audit-log-trail-events-group"].inputs["kmsKeyId"] == keys["logs"]
    (replica,) = graph["test-secrets-db"].inputs["replicas"]
    assert replica["kmsKeyId"] == graph["test-keys-secrets-eu-west-1"].outputs["arn"]


def test_the_keys_admit_the_services_that_write_with_them(preview):
    graph = preview(build(), rendered=True)

    policy = json.loads(graph["test-keys-logs"].inputs["policy"])["Statement"]
    (trail,) = [s for s in policy if s["Principal"] == {"Service": "cloudtrail.amazonaws.com"}]
    (allowed,) = trail["Condition"]["ArnLike"].values()
    arn = graph["test"].outputs["trailArn"]
    assert fnmatchcase(arn, allowed)
    assert "kms:GenerateDataKey*" in trail["Action"]


@pytest.mark.parametrize("contents", [True, False])
def test_only_the_setting_of_a_teardown_lets_buckets_go_with_what_they_hold(preview, contents):
    graph = preview(build(protection={"deletion": False, "contents": contents}))

    forced = {r.inputs["forceDestroy"] for r in graph.of_type("aws:s3/bucket:Bucket")}
    assert forced == {not contents}


@pytest.mark.parametrize("deletion", [True, False])
def test_protection_reaches_the_keys(preview, deletion):
    graph = preview(build(protection={"deletion": deletion}))

    assert graph["test-keys-data"].options.protect is deletion


def test_an_explicit_provider_is_used_by_everything_and_asked_for_the_account(preview):
    def program():
        provider = aws.Provider("abroad", region="eu-west-1")
        AwsStack("test", AwsStackArgs(spec=config()), pulumi.ResourceOptions(providers=[provider]))

    graph = preview(program)

    provider = graph["abroad"].urn
    keys = [r for r in graph.resources if r.type.startswith("aws:")]
    assert {r.provider for r in keys} == {provider}


def test_nothing_is_asked_for_before_all_settings_are_checked(preview):
    made = []

    def program():
        pulumi.runtime.register_stack_transformation(lambda args: made.append(args.type_))
        build(
            secrets={"named": {"db": {"description": "x", "replica_regions": ["eu-central-1"]}}}
        )()

    with pytest.raises(ConfigError, match="is where the secret itself is"):
        preview(program)

    assert made == ["bulwark:index:AwsStack"]


REGIONAL = {"aws:guardduty/detector:Detector", "aws:securityhub/account:Account"}


@pytest.mark.parametrize(
    ("manage", "roles", "watched"),
    [("all", 1, True), ("region", 0, True), ("none", 0, False)],
)
def test_who_owns_the_region_watches_it_and_who_owns_the_account_makes_its_role(
    preview, manage, roles, watched
):
    baseline = {} if manage == "all" else {"baseline": "org/baseline/prod"}
    graph = preview(build(account={"manage": manage, **baseline}))

    assert len(graph.of_type("aws:iam/serviceLinkedRole:ServiceLinkedRole")) == roles
    assert all(bool(graph.of_type(token)) is watched for token in REGIONAL)
    assert bool(graph.of_type("aws:inspector2/enabler:Enabler")) is watched


ONCE = {
    "aws:accessanalyzer/analyzer:Analyzer",
    "aws:apigateway/account:Account",
    "aws:cfg/deliveryChannel:DeliveryChannel",
    "aws:cfg/recorder:Recorder",
    "aws:cfg/recorderStatus:RecorderStatus",
    "aws:cfg/retentionConfiguration:RetentionConfiguration",
    "aws:ebs/encryptionByDefault:EncryptionByDefault",
    "aws:guardduty/detector:Detector",
    "aws:guardduty/detectorFeature:DetectorFeature",
    "aws:iam/accountPasswordPolicy:AccountPasswordPolicy",
    "aws:iam/serviceLinkedRole:ServiceLinkedRole",
    "aws:inspector2/enabler:Enabler",
    "aws:macie2/account:Account",
    "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
    "aws:securityhub/account:Account",
    "aws:securityhub/standardsSubscription:StandardsSubscription",
}
"""What an account or a region takes one of, or has one of that the last writer sets."""


def test_two_stacks_of_one_account_never_own_the_same_thing(preview):
    searching = {"threat_detection": {"sensitive_data": True}}
    owner = preview(build(account={"unused_access_days": 90}, **searching))
    other = preview(build(account={"manage": "none", "baseline": "org/owner/prod"}, **searching))

    assert {token for token in ONCE if owner.of_type(token)} == ONCE
    assert {token for token in ONCE if other.of_type(token)} == set()
    assert set(owner["test"].outputs["owned"]) & set(other["test"].outputs["owned"]) == set()


def test_findings_are_answered_by_the_stack_that_owns_the_region(preview):
    owner = {"manage": "none", "baseline": "org/owner/prod"}
    other = preview(build(account=owner, incident_response={"playbooks": dict(ACTING)}))

    assert list(other.below(other["test-incident-response"].urn)) == []


def test_what_incidents_are_answered_by_is_watched(preview):
    graph = preview(build(incident_response={"playbooks": dict(ACTING)}))

    assert {
        "test-monitoring-function-errors-responder",
        "test-monitoring-dead-letters-playbooks",
    } <= {alarm.name for alarm in graph.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")}


def test_what_is_recorded_goes_to_the_bucket_of_the_log_store(preview):
    graph = preview(build(), rendered=True)

    channel = graph["test-threat-detection-channel"].inputs
    assert channel["s3BucketName"] == graph["test"].outputs["accessLogsId"]
    policy = graph["test-audit-log-access-policy"].urn
    assert policy in graph.waits_for(graph["test-threat-detection-channel"].urn)


@pytest.mark.parametrize("block", ["threat_detection", "security_testing"])
def test_an_account_is_not_its_own_administrator(preview, block):
    settings = {block: {"administrator": "111111111111"}}
    with pytest.raises(ConfigError, match="is this account itself"):
        preview(build(**settings), place=Place(account="111111111111"))


def test_a_region_where_inspector_reads_no_code_is_told_before_anything_is_made(preview):
    with pytest.raises(ConfigError, match="Inspector does not read the code of functions in eu-so"):
        preview(build(), place=Place(account="111111111111", region="eu-south-1"))


def test_in_a_region_of_another_stack_it_does_not_matter_what_inspector_can(preview):
    account = {"manage": "none", "baseline": "org/baseline/prod"}
    graph = preview(build(account=account), place=Place(region="eu-south-1"))

    assert graph["test-security-testing"].outputs["scanned"] == []


def test_the_alarm_on_old_weaknesses_watches_what_the_function_counts(preview):
    graph = preview(build(), rendered=True)
    alarm = graph["test-monitoring-watched-metric-overdue-weaknesses"].inputs
    counter = graph["test-security-testing-counter-function"].inputs["environment"]["variables"]

    assert alarm["namespace"] == counter["BULWARK_METRICS_NAMESPACE"]
    assert (alarm["metricName"], alarm["dimensions"]) == ("Overdue", {"service": "weaknesses"})
