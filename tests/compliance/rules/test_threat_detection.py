import json

import pulumi
import pulumi_aws as aws
import pytest

from bulwark_toolkit.compliance.rules import RULES
from bulwark_toolkit.compliance.rules.aws import threat_detection

T = "aws.threat_detection."
SERVICE_ROLE = (
    "arn:aws:iam::123456789012:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
)
CONFIGS_POLICY = "arn:aws:iam::aws:policy/service-role/AWS_ConfigRole"
FEATURES = (
    "S3_DATA_EVENTS",
    "EKS_AUDIT_LOGS",
    "EBS_MALWARE_PROTECTION",
    "RDS_LOGIN_EVENTS",
    "LAMBDA_NETWORK_LOGS",
    "RUNTIME_MONITORING",
)
AGENTS = ("EC2_AGENT_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT", "EKS_ADDON_MANAGEMENT")
STANDARDS = (
    "aws-foundational-security-best-practices/v/1.0.0",
    "cis-aws-foundations-benchmark/v/5.0.0",
    "pci-dss/v/4.0.1",
)


def nothing():
    """A program that leaves the account's defaults to others: an application's."""
    aws.s3.Bucket("it")


def owning(*others):
    """A program that sets the account's defaults, and has these beside."""

    def program():
        aws.ebs.EncryptionByDefault("disks")
        aws.s3.AccountPublicAccessBlock("public")
        for other in others:
            other()

    return program


def after(*resources):
    return pulumi.ResourceOptions(depends_on=list(resources))


def detector(*features, **inputs):
    def program():
        it = aws.guardduty.Detector("it", **inputs)
        for name, status in features:
            aws.guardduty.DetectorFeature(name, detector_id=it.id, name=name, status=status)

    return program


def feature(name="S3_DATA_EVENTS", status="ENABLED", agents=()):
    return lambda: aws.guardduty.DetectorFeature(
        "it",
        detector_id="1234",
        name=name,
        status=status,
        additional_configurations=[{"name": a, "status": s} for a, s in agents] or None,
    )


def hub(*standards, ordered=True, **inputs):
    def program():
        it = aws.securityhub.Account("it", **inputs)
        for number, standard in enumerate(standards):
            aws.securityhub.StandardsSubscription(
                f"standard-{number}",
                standards_arn=f"arn:aws:securityhub:eu-central-1::standards/{standard}",
                opts=after(it) if ordered else None,
            )

    return program


def recorder(*, on=True, role=SERVICE_ROLE, mode=None, named=True, **group):
    def program():
        it = aws.cfg.Recorder(
            "it",
            name="default",
            role_arn=role() if callable(role) else role,
            recording_group=group or None,
            recording_mode=mode,
        )
        if on is not None:
            aws.cfg.RecorderStatus("status", name=it.name if named else "other", is_enabled=on)

    return program


def role_with(*policies):
    def make():
        role = aws.iam.Role("role", assume_role_policy="{}")
        for number, arn in enumerate(policies):
            aws.iam.RolePolicyAttachment(f"policy-{number}", role=role.name, policy_arn=arn)
        return role.arn

    return make


def recording(*, channel=True, channel_first=True, recorder_first=True, rule_after=True):
    """A recorder with all that belongs to it, in order or not."""

    def program():
        it = aws.cfg.Recorder("it", name="default", role_arn=SERVICE_ROLE)
        bucket = aws.s3.Bucket("bucket")
        policy = aws.s3.BucketPolicy("policy", bucket=bucket.bucket, policy="{}")
        made = []
        if channel:
            before = after(it, policy) if recorder_first else None
            made = [aws.cfg.DeliveryChannel("channel", s3_bucket_name=bucket.bucket, opts=before)]
        status = aws.cfg.RecorderStatus(
            "status",
            name=it.name,
            is_enabled=True,
            opts=after(*made) if channel_first else None,
        )
        aws.cfg.Rule(
            "rule",
            source={"owner": "AWS", "source_identifier": "SNS_ENCRYPTED_KMS"},
            opts=after(status) if rule_after else None,
        )

    return program


def routed(service, *sources, target=True, state=None):
    def program():
        service()
        it = aws.cloudwatch.EventRule(
            "rule", event_pattern=json.dumps({"source": list(sources)}), state=state
        )
        if target:
            aws.cloudwatch.EventTarget("target", rule=it.name, arn="arn:aws:sns:::topic")

    return program


EVERYTHING = {"all_supported": True, "include_global_resource_types": True}

CASES = {
    "account-has-a-detector": (owning(detector()), owning(), nothing),
    "account-has-a-hub": (owning(hub()), owning(), nothing),
    "account-has-a-recorder": (owning(recorder()), owning(), nothing),
    "detector-is-on": (detector(), detector(enable=False), nothing),
    "detector-watches-all-it-can": (feature(), feature(status="DISABLED"), nothing),
    "detector-says-what-it-watches": (
        detector(*((name, "DISABLED") for name in FEATURES)),
        detector(*((name, "ENABLED") for name in FEATURES[1:])),
        nothing,
    ),
    "feature-has-its-name": (feature(), feature(name=None), nothing),
    "runtime-is-watched-once": (
        detector(("RUNTIME_MONITORING", "ENABLED"), ("EKS_RUNTIME_MONITORING", "DISABLED")),
        detector(("RUNTIME_MONITORING", "ENABLED"), ("EKS_RUNTIME_MONITORING", "ENABLED")),
        detector(),
    ),
    "agents-install-themselves": (
        feature("RUNTIME_MONITORING", agents=[(agent, "ENABLED") for agent in AGENTS]),
        feature("RUNTIME_MONITORING", agents=[(agent, "ENABLED") for agent in AGENTS[1:]]),
        feature("RUNTIME_MONITORING", status="DISABLED"),
    ),
    "findings-are-told-soon": (
        detector(finding_publishing_frequency="ONE_HOUR"),
        detector(),
        nothing,
    ),
    "hub-checks-the-standards": (hub(*STANDARDS), hub(*STANDARDS[1:]), nothing),
    "standards-are-chosen": (hub(enable_default_standards=False), hub(), nothing),
    "new-controls-are-checked": (hub(), hub(auto_enable_controls=False), nothing),
    "standard-waits-for-what-it-needs": (
        hub(*STANDARDS),
        hub(*STANDARDS, ordered=False),
        hub(),
    ),
    "recorder-records-everything": (
        recorder(**EVERYTHING),
        recorder(all_supported=False, resource_types=["AWS::EC2::Instance"]),
        nothing,
    ),
    "recorder-records-what-has-no-region": (recorder(**EVERYTHING), recorder(), nothing),
    "changes-are-recorded-as-they-come": (
        recorder(),
        recorder(mode={"recording_frequency": "DAILY"}),
        nothing,
    ),
    "recorder-has-the-role-made-for-it": (
        recorder(role=role_with(CONFIGS_POLICY)),
        recorder(role=role_with(CONFIGS_POLICY, "arn:aws:iam::aws:policy/ReadOnlyAccess")),
        nothing,
    ),
    "recorder-is-started": (recorder(), recorder(on=False), nothing),
    "recorder-starts-with-a-channel": (recording(), recording(channel_first=False), nothing),
    "channel-waits-for-its-recorder-and-bucket": (
        recording(),
        recording(recorder_first=False),
        nothing,
    ),
    "check-waits-for-the-recorder": (recording(), recording(rule_after=False), nothing),
    "findings-leave-their-service": (
        routed(detector(), "aws.guardduty"),
        routed(detector(), "aws.health"),
        nothing,
    ),
}
"""For each rule: a program that passes, one that fails, and one that it does not apply to."""


def test_each_rule_of_the_file_has_its_cases():
    ours = {r.id for r in vars(threat_detection).values() if r in RULES}

    assert ours == {T + name for name in CASES}


@pytest.mark.parametrize("name", CASES)
def test_a_rule_passes_fails_and_does_not_apply(outcomes, name):
    passes, fails, neither = CASES[name]

    assert outcomes(T + name, passes) == {"pass"}
    assert "fail" in outcomes(T + name, fails)
    assert outcomes(T + name, neither) == {"not applicable"}


def test_the_older_runtime_monitoring_may_be_off(outcomes):
    older = feature("EKS_RUNTIME_MONITORING", status="DISABLED")

    assert outcomes(T + "detector-watches-all-it-can", older) == {"not applicable"}


@pytest.mark.parametrize(
    ("standard", "outcome"),
    [
        ("cis-aws-foundations-benchmark/v/3.0.0", "pass"),
        ("cis-aws-foundations-benchmark/v/1.4.0", "fail"),
        ("pci-dss/v/3.2.1", "fail"),
    ],
)
def test_a_standard_counts_in_its_version_of_today(outcomes, standard, outcome):
    kind = standard.partition("/")[0]
    others = [one for one in STANDARDS if not one.startswith(kind)]

    assert (outcome == "fail") is (
        "fail" in outcomes(T + "hub-checks-the-standards", hub(*others, standard))
    )


def test_a_recorder_that_nothing_starts_records_nothing(outcomes):
    assert outcomes(T + "recorder-is-started", recorder(on=None)) == {"fail"}


def test_a_status_of_another_name_starts_another_recorder(outcomes):
    assert outcomes(T + "recorder-is-started", recorder(named=False)) == {"fail"}


def test_a_recorder_without_any_channel_cannot_start(outcomes):
    program = recording(channel=False)

    assert "fail" in outcomes(T + "recorder-starts-with-a-channel", program)


def test_the_service_linked_role_needs_no_look_at_policies(outcomes):
    assert outcomes(T + "recorder-has-the-role-made-for-it", recorder()) == {"pass"}


def test_a_role_that_may_nothing_records_nothing(outcomes):
    program = recorder(role=role_with())

    assert outcomes(T + "recorder-has-the-role-made-for-it", program) == {"fail"}


def test_a_role_of_another_program_cannot_be_judged(outcomes):
    program = recorder(role="arn:aws:iam::123456789012:role/recorder")

    assert outcomes(T + "recorder-has-the-role-made-for-it", program) == {"unknown"}


@pytest.mark.parametrize(
    "program",
    [
        routed(detector(), "aws.guardduty", target=False),
        routed(detector(), "aws.guardduty", state="DISABLED"),
        detector(),
        routed(hub(), "aws.guardduty"),
    ],
)
def test_findings_that_nobody_gets_stay_where_they_are(outcomes, program):
    assert outcomes(T + "findings-leave-their-service", program) == {"fail"}


def test_security_hub_sends_on_what_the_others_find(outcomes):
    def both():
        detector()()
        aws.securityhub.Account("hub")

    program = routed(both, "aws.securityhub")

    assert outcomes(T + "findings-leave-their-service", program) == {"pass"}
