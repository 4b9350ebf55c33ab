import json

import pytest
from moto.events.models import EventPattern

from bulwark_toolkit.compliance.controls import frameworks
from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.log_group.aws import AwsLogStore
from pulumi_bulwark.threat_detection import ThreatDetectionSpec
from pulumi_bulwark.threat_detection.aws import AwsThreatDetection, AwsThreatDetectionArgs
from pulumi_bulwark.threat_detection.aws_checks import CHECKS
from pulumi_bulwark.threat_detection.aws_findings import SOURCES, pattern

ACCOUNT, REGION = "123456789012", "eu-central-1"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/00000000-0000-0000-0000-000000000000"
TOPICS = [f"arn:aws:sns:{REGION}:{ACCOUNT}:{name}" for name in ("page", "chat")]

DETECTOR = "aws:guardduty/detector:Detector"
FEATURE = "aws:guardduty/detectorFeature:DetectorFeature"
HUB = "aws:securityhub/account:Account"
STANDARD = "aws:securityhub/standardsSubscription:StandardsSubscription"
RECORDER = "aws:cfg/recorder:Recorder"
CHANNEL = "aws:cfg/deliveryChannel:DeliveryChannel"
STATUS = "aws:cfg/recorderStatus:RecorderStatus"
HISTORY = "aws:cfg/retentionConfiguration:RetentionConfiguration"
CHECK = "aws:cfg/rule:Rule"
SERVICE_ROLE = "aws:iam/serviceLinkedRole:ServiceLinkedRole"
MACIE = "aws:macie2/account:Account"
RULE = "aws:cloudwatch/eventRule:EventRule"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"

ONCE_IN_A_REGION = {DETECTOR, HUB, STANDARD, RECORDER, CHANNEL, STATUS, HISTORY, MACIE}


@pytest.fixture
def detection(preview):
    def build(*, protected=True, rendered=False, region=REGION, partition="aws", spec=None, **more):
        store = AwsLogStore(
            account_id=ACCOUNT,
            region=region,
            partition=partition,
            key_arn=KEY,
            retention_days=400,
            access_logs_id="access-logs",
            deletion_protection=protected,
        )
        args = AwsThreatDetectionArgs(spec=ThreatDetectionSpec(**spec or {}), store=store, **more)
        graph = preview(lambda: AwsThreatDetection("it", args), rendered=rendered)
        assert graph.problems == ()
        return graph

    return build


def types(graph):
    return {r.type for r in graph.resources if r.type.startswith("aws:")}


def comes_before(graph, earlier, later):
    return graph[earlier].urn in graph.waits_for(graph[later].urn)


def texts(graph, kind):
    return [note.text for note in graph.notes if note.kind == kind]


# --- GuardDuty


def test_the_detector_is_on_and_tells_soon(detection):
    inputs = detection()["it-detector"].inputs

    assert inputs["enable"] is True
    assert inputs["findingPublishingFrequency"] == "FIFTEEN_MINUTES"


def test_every_protection_is_said_to_be_on(detection):
    features = detection().of_type(FEATURE)

    assert {f.inputs["name"]: f.inputs["status"] for f in features} == dict.fromkeys(
        [
            "S3_DATA_EVENTS",
            "EKS_AUDIT_LOGS",
            "EBS_MALWARE_PROTECTION",
            "RDS_LOGIN_EVENTS",
            "LAMBDA_NETWORK_LOGS",
            "RUNTIME_MONITORING",
        ],
        "ENABLED",
    )


def test_a_protection_that_is_off_is_declared_off_since_a_new_detector_has_it_on(detection):
    graph = detection(spec={"protections": {"buckets": False}})

    assert graph["it-buckets"].inputs["status"] == "DISABLED"
    assert graph["it-malware"].inputs["status"] == "ENABLED"


@pytest.mark.parametrize("on", [True, False])
def test_the_agents_of_the_runtime_are_guarddutys_own_to_install(detection, on):
    graph = detection(spec={"protections": {"runtime": on}})

    agents = graph["it-runtime"].inputs["additionalConfigurations"]
    assert [agent["name"] for agent in agents] == [
        "EC2_AGENT_MANAGEMENT",
        "ECS_FARGATE_AGENT_MANAGEMENT",
        "EKS_ADDON_MANAGEMENT",
    ]
    assert {agent["status"] for agent in agents} == {"ENABLED" if on else "DISABLED"}


def test_no_other_protection_has_agents(detection):
    features = detection().of_type(FEATURE)

    with_agents = [f.name for f in features if f.inputs.get("additionalConfigurations")]
    assert with_agents == ["it-runtime"]


# --- AWS Config


def test_all_is_recorded_as_it_changes(detection):
    inputs = detection()["it-recorder"].inputs

    assert inputs["recordingGroup"] == {"allSupported": True, "includeGlobalResourceTypes": True}
    assert inputs["recordingMode"] == {"recordingFrequency": "CONTINUOUS"}


def test_recorder_and_channel_have_the_name_that_aws_gives_them(detection):
    graph = detection()

    # Made up, a name would be another at each replacement, while a region takes one of each.
    assert graph["it-recorder"].inputs["name"] == "default"
    assert graph["it-channel"].inputs["name"] == "default"


def test_it_records_by_the_role_that_aws_keeps_for_it(detection):
    graph = detection()

    role = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/config.amazonaws.com"
    assert graph["it-recorder"].inputs["roleArn"] == f"{role}/AWSServiceRoleForConfig"
    assert comes_before(graph, "it-role", "it-recorder")


def test_a_role_that_is_there_already_is_not_made_twice(detection):
    graph = detection(spec={"recorder": {"role_exists": True}})

    assert graph.of_type(SERVICE_ROLE) == []
    assert graph["it-recorder"].inputs["roleArn"].endswith("/AWSServiceRoleForConfig")


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("it-recorder", "it-channel"),
        ("it-channel", "it-recording"),
        ("it-recording", "it-logs-are-kept"),
        ("it-recording", "it-pci"),
        ("it-hub", "it-foundational"),
        ("it-detector", "it-buckets"),
    ],
)
def test_what_aws_needs_first_comes_first(detection, earlier, later):
    assert comes_before(detection(), earlier, later)


def test_the_status_starts_the_recorder_by_its_name(detection):
    graph = detection(rendered=True)

    assert graph["it-recording"].inputs == {"isEnabled": True, "name": "default"}


def test_what_is_recorded_goes_to_the_bucket_that_admits_aws_config(detection):
    assert detection()["it-channel"].inputs["s3BucketName"] == "access-logs"


def test_history_is_kept_as_long_as_aws_config_can(detection):
    assert detection()["it-history"].inputs["retentionPeriodInDays"] == 2557


def test_only_the_owner_of_the_account_records_what_has_no_region_and_makes_the_role(detection):
    graph = detection(owns_account=False)

    assert graph["it-recorder"].inputs["recordingGroup"]["includeGlobalResourceTypes"] is False
    assert graph.of_type(SERVICE_ROLE) == []
    assert "users, roles and policies are recorded by the account's owner" in texts(graph, "limit")


def test_each_check_is_a_managed_rule_that_says_which_controls_it_is_for(detection):
    checks = {r.inputs["source"]["sourceIdentifier"]: r for r in detection().of_type(CHECK)}

    assert checks.keys() == {check.identifier for check in CHECKS.values()}
    assert {r.inputs["source"]["owner"] for r in checks.values()} == {"AWS"}
    kept = checks["CW_LOGGROUP_RETENTION_PERIOD_CHECK"].inputs
    assert kept["description"] == "For PCI 10.5.1"


def test_numbers_of_a_check_are_text_as_aws_config_gives_them_back():
    values = [v for check in CHECKS.values() for v in check.parameters.values()]

    assert values
    assert all(isinstance(value, str) for value in values)


# --- Security Hub


def test_the_standards_are_those_of_the_region(detection):
    subscribed = {r.inputs["standardsArn"] for r in detection().of_type(STANDARD)}

    at = f"arn:aws:securityhub:{REGION}::standards"
    assert subscribed == {
        f"{at}/aws-foundational-security-best-practices/v/1.0.0",
        f"{at}/cis-aws-foundations-benchmark/v/5.0.0",
        f"{at}/pci-dss/v/4.0.1",
    }


def test_in_another_partition_the_standards_are_of_it(detection):
    graph = detection(region="cn-north-1", partition="aws-cn")

    arns = [r.inputs["standardsArn"] for r in graph.of_type(STANDARD)]
    assert all(arn.startswith("arn:aws-cn:securityhub:cn-north-1::standards/") for arn in arns)
    assert graph["it-recorder"].inputs["roleArn"].startswith("arn:aws-cn:iam::")


def test_the_hub_brings_no_standard_by_itself_and_one_finding_a_control(detection):
    assert detection()["it-hub"].inputs == {
        "autoEnableControls": True,
        "controlFindingGenerator": "SECURITY_CONTROL",
        "enableDefaultStandards": False,
    }


def test_a_standard_can_be_left_out(detection):
    graph = detection(spec={"posture": {"standards": {"cis": False}}})

    assert sorted(r.name for r in graph.of_type(STANDARD)) == ["it-foundational", "it-pci"]


def test_a_hub_without_a_recorder_of_ours_says_by_whose_it_judges(detection):
    graph = detection(spec={"recorder": {"enabled": False}})

    assert not types(graph) & {RECORDER, CHANNEL, STATUS, HISTORY, CHECK, SERVICE_ROLE}
    assert "Security Hub judges by a recorder that is not this stack's" in texts(graph, "limit")


# --- Macie


def test_buckets_are_searched_only_if_asked_for(detection):
    asked = detection(spec={"sensitive_data": True})

    assert detection().of_type(MACIE) == []
    assert asked["it-macie"].inputs["status"] == "ENABLED"
    assert any("Macie" in text for text in texts(asked, "cost"))


# --- findings


def test_every_finding_is_logged_encrypted_and_kept(detection):
    graph = detection(rendered=True)

    group = graph["it-findings-group"]
    assert group.inputs["name"].startswith("/aws/events/")
    assert group.inputs["kmsKeyId"] == KEY
    assert group.inputs["retentionInDays"] == 400
    targets = [r for r in graph.of_type(TARGET) if r.inputs["arn"] == group.outputs["arn"]]
    assert len(targets) == len(SOURCES)


def test_events_wait_for_the_log_group_to_let_them_in(detection):
    graph = detection()

    assert comes_before(graph, "it-findings-policy", "it-guardduty-log")


def test_only_rules_of_this_account_and_region_write_to_the_log(detection):
    policy = json.loads(detection(rendered=True)["it-findings-policy"].inputs["policyDocument"])

    assert {s["Principal"]["Service"] for s in policy["Statement"]} == {
        "events.amazonaws.com",
        "delivery.logs.amazonaws.com",
    }
    ours = {"ArnLikeIfExists": {"aws:SourceArn": f"arn:aws:events:{REGION}:{ACCOUNT}:rule/*"}}
    assert all(s["Condition"] == ours for s in policy["Statement"])


def test_without_a_topic_nobody_is_told_and_that_is_said(detection):
    graph = detection()

    assert len(graph.of_type(RULE)) == len(SOURCES)
    assert "findings are logged, and nobody is told of them" in texts(graph, "limit")


def test_each_topic_is_told_of_grave_findings_of_every_source(detection):
    graph = detection(topic_arns=TOPICS)

    for topic in TOPICS:
        assert len([r for r in graph.of_type(TARGET) if r.inputs["arn"] == topic]) == len(SOURCES)
    assert "nobody is told" not in " ".join(texts(graph, "limit"))


def test_from_which_severity_on_somebody_is_told_is_a_setting(detection):
    graph = detection(topic_arns=TOPICS, spec={"findings": {"alert_from": "critical"}})

    told = json.loads(graph["it-guardduty-told"].inputs["eventPattern"])
    logged = json.loads(graph["it-guardduty-logged"].inputs["eventPattern"])
    assert told["detail"] == {"severity": [{"numeric": [">=", 9]}]}
    assert logged["detail"] == {"severity": [{"numeric": [">=", 1]}]}


def sample(service, severity):
    """An event of each service, with what its pattern looks at, as its documentation shows it.

    Security Hub's one finding stands in a list, into which EventBridge looks and moto does not:
    here it stands alone.
    """
    guardduty = {"low": 2.0, "medium": 5.3, "high": 8.0, "critical": 9.5}
    detail = {
        "guardduty": {
            "severity": guardduty[severity],
            "type": "Recon:EC2/PortProbeUnprotectedPort",
        },
        "inspector": {"severity": severity.upper(), "status": "ACTIVE"},
        "macie": {"severity": {"score": 3, "description": severity.capitalize()}},
        "hub": {
            "findings": {
                "ProductName": "Security Hub",
                "Severity": {"Label": severity.upper()},
                "RecordState": "ACTIVE",
                "Workflow": {"Status": "NEW"},
            }
        },
    }
    source, kind, _ = SOURCES[service]
    return {"source": source, "detail-type": kind, "detail": detail[service]}


def matches(event, text):
    return EventPattern.load(text).matches_event(event)


@pytest.mark.parametrize("service", SOURCES)
@pytest.mark.parametrize("severity", ["low", "medium", "high"])
def test_a_finding_below_the_severity_is_not_told_and_one_at_it_is(service, severity):
    least = pattern(service, "medium")

    assert matches(sample(service, severity), least) is (severity != "low")


@pytest.mark.parametrize("service", ["guardduty", "inspector", "hub"])
def test_the_worst_is_told_even_if_nothing_else_is(service):
    only = pattern(service, "critical")

    assert matches(sample(service, "critical"), only)
    assert not matches(sample(service, "high"), only)


def test_macie_knows_nothing_worse_than_high_so_that_is_told_as_critical():
    assert matches(sample("macie", "high"), pattern("macie", "critical"))


@pytest.mark.parametrize("product", ["GuardDuty", "Inspector", "Macie"])
def test_what_services_tell_themselves_does_not_come_twice_by_the_hub(product):
    event = sample("hub", "high")
    event["detail"]["findings"]["ProductName"] = product

    assert not matches(event, pattern("hub", "low"))


@pytest.mark.parametrize(
    ("name", "value"),
    [("RecordState", "ARCHIVED"), ("Workflow", {"Status": "SUPPRESSED"})],
)
def test_what_somebody_has_dealt_with_is_not_told(name, value):
    event = sample("hub", "high")
    event["detail"]["findings"][name] = value

    assert not matches(event, pattern("hub", "low"))


@pytest.mark.parametrize("service", SOURCES)
def test_a_pattern_is_one_that_eventbridge_takes(service):
    assert len(pattern(service, "low")) <= 4096


# --- who owns it


def test_where_another_stack_owns_the_region_there_is_nothing(detection):
    graph = detection(baseline="org/baseline/prod", spec={"sensitive_data": True})

    assert types(graph) == set()
    assert graph["it"].outputs["owned"] == []
    assert texts(graph, "limit") == ["threats and posture are watched by org/baseline/prod"]


def test_two_stacks_of_one_region_never_own_the_same_thing(detection):
    owner = detection(spec={"sensitive_data": True})
    other = detection(baseline="org/owner/prod", spec={"sensitive_data": True})

    assert types(owner) >= ONCE_IN_A_REGION
    assert types(owner) & types(other) == set()


def test_two_regions_of_one_account_share_no_role_of_the_account(detection):
    owner, region = detection(), detection(owns_account=False, region="eu-west-1")

    assert len(owner.of_type(SERVICE_ROLE)) == 1
    assert region.of_type(SERVICE_ROLE) == []


def test_an_organisations_administrator_is_not_fought(detection):
    graph = detection(spec={"administrator": "111111111111", "sensitive_data": True})

    assert not types(graph) & {DETECTOR, FEATURE, HUB, STANDARD, MACIE}
    limits = texts(graph, "limit")
    assert "detector, Security Hub and Macie are account 111111111111's to set" in limits


def test_beside_an_administrator_the_account_still_records_and_logs(detection):
    graph = detection(spec={"administrator": "111111111111"})

    assert graph["it"].outputs["owned"] == ["recorder of configuration"]
    assert len(graph.of_type(RULE)) == len(SOURCES)


@pytest.mark.parametrize("protected", [True, False])
def test_only_an_environment_that_may_be_torn_down_takes_its_watch_with_it(detection, protected):
    graph = detection(protected=protected, spec={"sensitive_data": True})

    kept = {DETECTOR, HUB, RECORDER, CHANNEL, STATUS, MACIE, SERVICE_ROLE}
    options = [r.options for token in kept for r in graph.of_type(token)]
    assert len(options) == len(kept)
    assert {o.protect for o in options} == {protected}
    assert {o.retain_on_delete for o in options} == {protected}


# --- settings


def test_prices_are_said(detection):
    prices = texts(detection(), "cost")

    assert [text.partition(":")[0] for text in prices] == [
        "AWS Config",
        "GuardDuty",
        "Security Hub",
    ]


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({"protections": {"runtime": False}}, "protections.runtime is false"),
        ({"posture": {"standards": {"pci": False}}}, "posture.standards.pci is false"),
        ({"recorder": {"frequency": "daily"}}, 'recorder.frequency is "daily"'),
        ({"findings": {"update_minutes": 360}}, "findings.updateMinutes is 360"),
    ],
)
def test_what_is_weaker_is_said(detection, setting, said):
    (text,) = texts(detection(spec=setting), "loosened")

    assert text.startswith(f"bulwark:threatDetection.{said}")


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"administrator": "12345"}, "administrator"),
        ({"recorder": {"historyDays": 30}}, "recorder.historyDays"),
        ({"findings": {"updateMinutes": 30}}, "findings.updateMinutes"),
        ({"findings": {"alertFrom": "grave"}}, "findings.alertFrom"),
        ({"protections": {"bucket": True}}, "protections.bucket"),
    ],
)
def test_a_wrong_setting_is_named(given, path):
    with pytest.raises(ConfigError) as error:
        ThreatDetectionSpec.load("bulwark:threatDetection", given)

    (problem,) = error.value.problems
    assert problem.startswith(f"bulwark:threatDetection.{path}: ")


def test_a_check_is_for_controls_that_there_are():
    known = {f"{f.cites}{c.id}" for f in frameworks() if f.cites is not None for c in f.controls}

    for check in CHECKS.values():
        assert set(check.controls) - known == set()
