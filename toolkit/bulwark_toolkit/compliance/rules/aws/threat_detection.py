"""GuardDuty, Security Hub and AWS Config: what watches an account, and who hears of it."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import Subject

from .account import DISKS, PUBLIC_ACCESS

DETECTOR: Final = "aws:guardduty/detector:Detector"
FEATURE: Final = "aws:guardduty/detectorFeature:DetectorFeature"
HUB: Final = "aws:securityhub/account:Account"
STANDARD: Final = "aws:securityhub/standardsSubscription:StandardsSubscription"
RECORDER: Final = "aws:cfg/recorder:Recorder"
RECORDER_STATUS: Final = "aws:cfg/recorderStatus:RecorderStatus"
CHANNEL: Final = "aws:cfg/deliveryChannel:DeliveryChannel"
CONFIG_RULE: Final = "aws:cfg/rule:Rule"
BUCKET_POLICY: Final = "aws:s3/bucketPolicy:BucketPolicy"
EVENT_RULE: Final = "aws:cloudwatch/eventRule:EventRule"
EVENT_TARGET: Final = "aws:cloudwatch/eventTarget:EventTarget"
ROLE: Final = "aws:iam/role:Role"
ATTACHMENT: Final = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
INSPECTOR: Final = "aws:inspector2/enabler:Enabler"

_RUNTIME: Final = "RUNTIME_MONITORING"
_KUBERNETES_RUNTIME: Final = "EKS_RUNTIME_MONITORING"
_FEATURES: Final = (
    "S3_DATA_EVENTS",
    "EKS_AUDIT_LOGS",
    "EBS_MALWARE_PROTECTION",
    "RDS_LOGIN_EVENTS",
    "LAMBDA_NETWORK_LOGS",
    _RUNTIME,
)
_AGENTS: Final = ("EC2_AGENT_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT", "EKS_ADDON_MANAGEMENT")
_SOON: Final = ("FIFTEEN_MINUTES", "ONE_HOUR")

_STANDARDS: Final = {
    "AWS Foundational Security Best Practices": re.compile("/aws-foundational-security-best-pr"),
    "CIS AWS Foundations 3.0 or newer": re.compile(
        r"/cis-aws-foundations-benchmark/v/([3-9]|\d\d)\."
    ),
    "PCI DSS 4": re.compile(r"/pci-dss/v/4\."),
}

_SERVICE_ROLE: Final = ":role/aws-service-role/config.amazonaws.com/"
_CONFIGS_POLICY: Final = ":policy/service-role/AWS_ConfigRole"

_SOURCES: Final = {
    DETECTOR: "aws.guardduty",
    HUB: "aws.securityhub",
    INSPECTOR: "aws.inspector2",
}


# --- what there is to be


@rule(
    "aws.threat_detection.account-has-a-detector",
    DISKS,
    PUBLIC_ACCESS,
    severity="high",
    requires="Who owns an account's settings has GuardDuty watch it",
    remediation="Add a guardduty.Detector, or waive this where an organisation's administrator "
    "has it.",
    reference="GuardDuty.1",
    alone=False,
)
def account_has_a_detector(setting: Subject) -> Iterator[Verdict]:
    yield _there_is(setting, DETECTOR, "detector")


@rule(
    "aws.threat_detection.account-has-a-hub",
    DISKS,
    PUBLIC_ACCESS,
    severity="medium",
    requires="Who owns an account's settings has Security Hub check it",
    remediation="Add a securityhub.Account, or waive this where an organisation's administrator "
    "has it.",
    reference="CIS AWS 4.16",
    alone=False,
)
def account_has_a_hub(setting: Subject) -> Iterator[Verdict]:
    yield _there_is(setting, HUB, "Security Hub")


@rule(
    "aws.threat_detection.account-has-a-recorder",
    DISKS,
    PUBLIC_ACCESS,
    severity="medium",
    requires="Who owns an account's settings has AWS Config record what is in it",
    remediation="Add a cfg.Recorder, or waive this where a landing zone has one.",
    reference="Config.1",
    alone=False,
)
def account_has_a_recorder(setting: Subject) -> Iterator[Verdict]:
    yield _there_is(setting, RECORDER, "recorder")


def _there_is(setting: Subject, token: str, what: str) -> Verdict:
    for found in setting.graph.of_type(token):
        return Verdict(True, "", found.name, urn=found.urn)
    return Verdict(False, "", text=f"the program has no {what}")


# --- GuardDuty


@rule(
    "aws.threat_detection.detector-is-on",
    DETECTOR,
    severity="high",
    requires="GuardDuty's detector is on",
    remediation="Leave enable true.",
    reference="GuardDuty.1",
)
def detector_is_on(detector: Subject) -> Iterator[Verdict]:
    value = detector.get("enable", True)
    yield Verdict(value is True, "enable", value)


@rule(
    "aws.threat_detection.detector-watches-all-it-can",
    FEATURE,
    severity="medium",
    requires="No feature of GuardDuty's detector is turned off",
    remediation="Set status to ENABLED.",
    reference="GuardDuty.10",
)
def detector_watches_all_it_can(feature: Subject) -> Iterator[Verdict]:
    if feature.get("name") == _KUBERNETES_RUNTIME:
        return  # off is right: the other runtime monitoring has its place
    status = feature.get("status")
    yield Verdict(status == "ENABLED", "status", status)


@rule(
    "aws.threat_detection.detector-says-what-it-watches",
    DETECTOR,
    severity="medium",
    requires="Every protection of GuardDuty's detector is declared",
    remediation="Add a DetectorFeature for each: what is not declared nobody turns on again, and "
    "runtime monitoring is off from the start.",
    reference="GuardDuty.11",
    alone=False,
)
def detector_says_what_it_watches(detector: Subject) -> Iterator[Verdict]:
    features = detector.attached(FEATURE, "detectorId")
    declared = {feature.get("name"): feature for feature in features}
    for name in _FEATURES:
        found = declared.get(name)
        urn = found.urn if found else ""
        yield Verdict(found is not None, "", name, f"{name} is not declared", urn=urn)


@rule(
    "aws.threat_detection.feature-has-its-name",
    FEATURE,
    severity="high",
    requires="Every feature of a detector says which one it is",
    remediation="Set name: without, Pulumi makes one up, and GuardDuty refuses it.",
    reference="GuardDuty.10",
)
def feature_has_its_name(feature: Subject) -> Iterator[Verdict]:
    name = feature.get("name")
    yield Verdict(bool(name), "name", name)


@rule(
    "aws.threat_detection.runtime-is-watched-once",
    DETECTOR,
    severity="medium",
    requires="No detector has both kinds of runtime monitoring: GuardDuty refuses the second",
    remediation="Keep RUNTIME_MONITORING, which watches Kubernetes as well.",
    reference="GuardDuty.7",
    alone=False,
)
def runtime_is_watched_once(detector: Subject) -> Iterator[Verdict]:
    features = detector.attached(FEATURE, "detectorId")
    both = [f for f in features if f.get("name") in (_RUNTIME, _KUBERNETES_RUNTIME)]
    on = [feature.get("name") for feature in both if feature.get("status") == "ENABLED"]
    if both:
        yield Verdict(len(on) <= 1, "", ", ".join(sorted(on)), urn=both[0].urn)


@rule(
    "aws.threat_detection.agents-install-themselves",
    FEATURE,
    severity="medium",
    requires="GuardDuty itself installs the agent that watches machines and containers",
    remediation="Add EC2_AGENT_MANAGEMENT, ECS_FARGATE_AGENT_MANAGEMENT and EKS_ADDON_MANAGEMENT "
    "to additionalConfigurations, each ENABLED.",
    reference="GuardDuty.13",
)
def agents_install_themselves(feature: Subject) -> Iterator[Verdict]:
    if feature.get("name") != _RUNTIME or feature.get("status") != "ENABLED":
        return
    at = "additionalConfigurations"
    said = {feature.get(f"{one}.name"): feature.get(f"{one}.status") for one in feature.each(at)}
    for agent in _AGENTS:
        status = said.get(agent, "DISABLED")
        yield Verdict(status == "ENABLED", at, f"{agent}: {status}")


@rule(
    "aws.threat_detection.findings-are-told-soon",
    DETECTOR,
    severity="low",
    requires="GuardDuty tells within the hour that a finding has happened again",
    remediation="Set findingPublishingFrequency to FIFTEEN_MINUTES: it costs nothing.",
    reference="PCI 12.10.5",
)
def findings_are_told_soon(detector: Subject) -> Iterator[Verdict]:
    value = detector.get("findingPublishingFrequency", "SIX_HOURS")
    yield Verdict(value in _SOON, "findingPublishingFrequency", value)


# --- Security Hub


@rule(
    "aws.threat_detection.hub-checks-the-standards",
    HUB,
    severity="medium",
    requires="Security Hub checks against the foundational practices, a CIS benchmark of today, "
    "and PCI DSS 4",
    remediation="Add a StandardsSubscription for each, with the ARN of the region.",
    reference="CIS AWS 4.16",
    alone=False,
)
def hub_checks_the_standards(hub: Subject) -> Iterator[Verdict]:
    subscribed = [Subject(one, hub.graph) for one in hub.graph.of_type(STANDARD)]
    arns = {one.get("standardsArn"): one.urn for one in subscribed}
    for standard, form in _STANDARDS.items():
        found = next(filter(form.search, arns), "")
        text = f"nothing subscribes to {standard}"
        yield Verdict(bool(found), "", found or standard, text, urn=arns.get(found, ""))


@rule(
    "aws.threat_detection.standards-are-chosen",
    HUB,
    severity="low",
    requires="Security Hub subscribes to no standard by itself",
    remediation="Set enableDefaultStandards to false: the default brings CIS 1.2.0 of 2018, and "
    "what no program has asked for.",
    reference="CIS AWS 4.16",
)
def standards_are_chosen(hub: Subject) -> Iterator[Verdict]:
    value = hub.get("enableDefaultStandards", True)
    yield Verdict(value is False, "enableDefaultStandards", value)


@rule(
    "aws.threat_detection.new-controls-are-checked",
    HUB,
    severity="low",
    requires="What AWS adds to a standard is checked from the day it is added",
    remediation="Leave autoEnableControls true.",
    reference="CIS AWS 4.16",
)
def new_controls_are_checked(hub: Subject) -> Iterator[Verdict]:
    value = hub.get("autoEnableControls", True)
    yield Verdict(value is True, "autoEnableControls", value)


@rule(
    "aws.threat_detection.standard-waits-for-what-it-needs",
    STANDARD,
    severity="medium",
    requires="Every standard is subscribed to once Security Hub is on and the recorder runs",
    remediation="Add both to its depends_on: the ARN of a standard names neither.",
    reference="CIS AWS 4.16",
    alone=False,
)
def standard_waits_for_what_it_needs(standard: Subject) -> Iterator[Verdict]:
    yield from _waits(standard, HUB, RECORDER_STATUS)


# --- AWS Config


@rule(
    "aws.threat_detection.recorder-records-everything",
    RECORDER,
    severity="medium",
    requires="AWS Config records every kind of resource that it knows",
    remediation="Set recordingGroup.allSupported.",
    reference="Config.1",
)
def recorder_records_everything(recorder: Subject) -> Iterator[Verdict]:
    at = "recordingGroup.allSupported"
    value = recorder.get(at, True)
    yield Verdict(value is True, at, value)


@rule(
    "aws.threat_detection.recorder-records-what-has-no-region",
    RECORDER,
    severity="low",
    requires="AWS Config records users, roles and policies too, which have no region",
    remediation="Set recordingGroup.includeGlobalResourceTypes, in one region of the account; "
    "waive this in the others.",
    reference="Config.1",
)
def recorder_records_what_has_no_region(recorder: Subject) -> Iterator[Verdict]:
    at = "recordingGroup.includeGlobalResourceTypes"
    value = recorder.get(at, False)
    yield Verdict(value is True, at, value)


@rule(
    "aws.threat_detection.changes-are-recorded-as-they-come",
    RECORDER,
    severity="low",
    requires="AWS Config records a change when it is made, not the state at the end of a day",
    remediation="Set recordingMode.recordingFrequency to CONTINUOUS.",
    reference="PCI 11.5.2",
)
def changes_are_recorded_as_they_come(recorder: Subject) -> Iterator[Verdict]:
    at = "recordingMode.recordingFrequency"
    value = recorder.get(at, "CONTINUOUS")
    yield Verdict(value == "CONTINUOUS", at, value)


@rule(
    "aws.threat_detection.recorder-has-the-role-made-for-it",
    RECORDER,
    severity="medium",
    requires="AWS Config records with its service-linked role, or with one that may do no more",
    remediation="Take …:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig, or "
    "attach service-role/AWS_ConfigRole to a role and nothing else.",
    reference="Config.1",
    alone=False,
)
def recorder_has_the_role_made_for_it(recorder: Subject) -> Iterator[Verdict]:
    arn = recorder.get("roleArn")
    if _SERVICE_ROLE in arn:
        yield Verdict(True, "roleArn", arn)
        return
    role = recorder.named(ROLE, "roleArn")
    if role is None:
        raise recorder.elsewhere("roleArn", "its role")
    listed = [(role, at) for at in role.each("managedPolicyArns")]
    listed += [(one, "policyArn") for one in role.attached(ATTACHMENT, "role")]
    for holder, at in listed:
        policy = holder.get(at)
        yield Verdict(policy.endswith(_CONFIGS_POLICY), at, policy, urn=holder.urn)
    if not listed:
        yield Verdict(False, "roleArn", text="its role has no AWS_ConfigRole", urn=role.urn)


@rule(
    "aws.threat_detection.recorder-is-started",
    RECORDER,
    severity="high",
    requires="Every recorder of AWS Config is started",
    remediation="Add a RecorderStatus with the recorder's name and isEnabled true.",
    reference="Config.1",
    alone=False,
)
def recorder_is_started(recorder: Subject) -> Iterator[Verdict]:
    statuses = recorder.attached(RECORDER_STATUS, "name")
    for status in statuses:
        value = status.get("isEnabled")
        yield Verdict(value is True, "isEnabled", value, urn=status.urn)
    if not statuses:
        yield Verdict(False, "name", text="nothing starts it: a RecorderStatus does")


@rule(
    "aws.threat_detection.recorder-starts-with-a-channel",
    RECORDER_STATUS,
    severity="high",
    requires="No recorder is started before it has a delivery channel",
    remediation="Add a DeliveryChannel, and name it in the RecorderStatus' depends_on: AWS Config "
    "refuses to start without.",
    reference="Config.1",
    alone=False,
)
def recorder_starts_with_a_channel(status: Subject) -> Iterator[Verdict]:
    if not status.graph.of_type(CHANNEL):
        yield Verdict(False, "", text="the program has no delivery channel")
    yield from _waits(status, CHANNEL)


@rule(
    "aws.threat_detection.channel-waits-for-its-recorder-and-bucket",
    CHANNEL,
    severity="medium",
    requires="Every delivery channel is made after the recorder, and after its bucket's policy",
    remediation="Name both in its depends_on: AWS Config tries to write as soon as it is made.",
    reference="Config.1",
    alone=False,
)
def channel_waits_for_its_recorder_and_bucket(channel: Subject) -> Iterator[Verdict]:
    yield from _waits(channel, RECORDER)
    before = channel.graph.waits_for(channel.urn)
    bucket = channel.named("aws:s3/bucket:Bucket", "s3BucketName")
    for policy in bucket.attached(BUCKET_POLICY, "bucket") if bucket else ():
        yield Verdict(policy.urn in before, "s3BucketName", policy.resource.name)


@rule(
    "aws.threat_detection.check-waits-for-the-recorder",
    CONFIG_RULE,
    severity="medium",
    requires="Every rule of AWS Config is made once the recorder runs",
    remediation="Name the RecorderStatus in its depends_on: without a recorder AWS Config refuses "
    "the rule.",
    reference="Config.1",
    alone=False,
)
def check_waits_for_the_recorder(check: Subject) -> Iterator[Verdict]:
    yield from _waits(check, RECORDER_STATUS)


# --- who hears of it


@rule(
    "aws.threat_detection.findings-leave-their-service",
    *_SOURCES,
    severity="medium",
    requires="Findings of GuardDuty, Security Hub and Inspector are sent on, and wait for nobody "
    "to look",
    remediation="Add an EventRule for the service's source, with a target that logs or tells; or "
    "enable Security Hub, which collects the others', and route what it has.",
    reference="PCI 12.10.5",
    alone=False,
)
def findings_leave_their_service(service: Subject) -> Iterator[Verdict]:
    wanted = {_SOURCES[service.resource.type]}
    if service.graph.of_type(HUB):
        wanted.add(_SOURCES[HUB])
    for resource in service.graph.of_type(EVENT_RULE):
        event_rule = Subject(resource, service.graph)
        sources = _sources(event_rule)
        if wanted & sources and event_rule.attached(EVENT_TARGET, "rule"):
            state = event_rule.get("state", "ENABLED")
            yield Verdict(state != "DISABLED", "state", state, urn=event_rule.urn)
            return
    yield Verdict(False, "", text="no event rule with a target is about its findings")


def _sources(event_rule: Subject) -> set[Any]:
    """The services whose events a rule is about; what is no plain name is left out."""
    pattern = event_rule.get("eventPattern")
    sources = json.loads(pattern).get("source", []) if isinstance(pattern, str) else []
    return {source for source in sources if isinstance(source, str)}


def _waits(subject: Subject, *tokens: str) -> Iterator[Verdict]:
    """A verdict for each resource of these types, which must come before the subject."""
    before = subject.graph.waits_for(subject.urn)
    for token in tokens:
        for other in subject.graph.of_type(token):
            text = f"does not wait for {other.name}"
            yield Verdict(other.urn in before, "", other.name, text)
