"""CloudTrail."""

from collections.abc import Iterator
from typing import Any, Final

from bulwark_toolkit.compliance import buckets
from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import Subject

TRAIL: Final = "aws:cloudtrail/trail:Trail"


@rule(
    "aws.audit_log.trail-covers-all-regions",
    TRAIL,
    severity="high",
    requires="Every trail records all regions, and the services that have none",
    remediation="Set isMultiRegionTrail to true and leave includeGlobalServiceEvents true.",
    reference="CIS AWS 3.1",
)
def trail_covers_all_regions(trail: Subject) -> Iterator[Verdict]:
    for name, default in (("isMultiRegionTrail", False), ("includeGlobalServiceEvents", True)):
        value = trail.get(name, default)
        yield Verdict(value is True, name, value)


@rule(
    "aws.audit_log.trail-is-on",
    TRAIL,
    severity="critical",
    requires="Every trail is logging",
    remediation="Leave enableLogging true.",
    reference="PCI 10.2.1",
)
def trail_is_on(trail: Subject) -> Iterator[Verdict]:
    value = trail.get("enableLogging", True)
    yield Verdict(value is True, "enableLogging", value)


@rule(
    "aws.audit_log.trail-records-management-events",
    TRAIL,
    severity="high",
    requires="Every trail records all management events, those that only read among them",
    remediation="Select the category Management with no other field, or name no selector at all.",
    reference="CloudTrail.1",
)
def trail_records_management_events(trail: Subject) -> Iterator[Verdict]:
    if advanced := trail.get("advancedEventSelectors"):
        # With any selector, what none of them selects is off.
        whole = [_fields(selector) == {"eventCategory": ["Management"]} for selector in advanced]
        yield Verdict(any(whole), "advancedEventSelectors", advanced)
    elif basic := trail.get("eventSelectors"):
        yield Verdict(any(map(_is_whole, basic)), "eventSelectors", basic)
    else:
        yield Verdict(True, "eventSelectors")  # CloudTrail's own default


@rule(
    "aws.audit_log.trail-records-access-to-objects",
    TRAIL,
    severity="low",
    requires="Every trail records who reads and writes the objects of buckets",
    remediation="Select the data events of AWS::S3::Object, or keep them in a trail of their own.",
    reference="CIS AWS 3.8",
)
def trail_records_access_to_objects(trail: Subject) -> Iterator[Verdict]:
    if basic := trail.get("eventSelectors"):
        kinds = [data["type"] for one in basic for data in one.get("dataResources", ())]
        yield Verdict("AWS::S3::Object" in kinds, "eventSelectors", kinds)
        return
    advanced = trail.get("advancedEventSelectors", [])
    kinds = [kind for one in advanced for kind in _fields(one).get("resources.type", ())]
    yield Verdict("AWS::S3::Object" in kinds, "advancedEventSelectors", kinds)


@rule(
    "aws.audit_log.trail-validates-files",
    TRAIL,
    severity="high",
    requires="Every trail signs its files, so that a change of one is found",
    remediation="Set enableLogFileValidation to true.",
    reference="CloudTrail.4",
)
def trail_validates_files(trail: Subject) -> Iterator[Verdict]:
    value = trail.get("enableLogFileValidation", False)
    yield Verdict(value is True, "enableLogFileValidation", value)


@rule(
    "aws.audit_log.trail-is-encrypted-with-a-key",
    TRAIL,
    severity="medium",
    requires="Every trail's files are encrypted with a KMS key",
    remediation="Set kmsKeyId to a key whose policy admits CloudTrail.",
    reference="CloudTrail.2",
)
def trail_is_encrypted_with_a_key(trail: Subject) -> Iterator[Verdict]:
    key = trail.get("kmsKeyId")
    yield Verdict(bool(key), "kmsKeyId", key)


@rule(
    "aws.audit_log.trail-can-be-searched",
    TRAIL,
    severity="medium",
    requires="Every trail also goes to a CloudWatch log group, where it can be searched and alarm",
    remediation="Set cloudWatchLogsGroupArn (it ends in `:*`) and cloudWatchLogsRoleArn.",
    reference="CloudTrail.5",
)
def trail_can_be_searched(trail: Subject) -> Iterator[Verdict]:
    for name in ("cloudWatchLogsGroupArn", "cloudWatchLogsRoleArn"):
        value = trail.get(name)
        yield Verdict(bool(value), name, value)


@rule(
    "aws.audit_log.trail-bucket-is-locked-for-a-year",
    TRAIL,
    severity="high",
    requires="Every trail's bucket keeps each file from deletion for a year or longer",
    remediation="Give the bucket an Object Lock with a default retention of 365 days.",
    reference="PCI 10.5.1",
    alone=False,
)
def trail_bucket_is_locked_for_a_year(trail: Subject) -> Iterator[Verdict]:
    bucket = _bucket(trail)
    holder, days = buckets.locked_days(bucket)
    enough = days >= buckets.DAYS_OF_A_YEAR
    yield Verdict(enough, "rule.defaultRetention", f"{days} days", urn=holder.urn)


@rule(
    "aws.audit_log.nobody-lifts-the-lock-of-a-trail",
    TRAIL,
    severity="low",
    requires="No one, whatever they may do, lifts the lock of a trail's files before its time",
    remediation="Set the mode of the lock to COMPLIANCE where the environment is to stay: the "
    "bucket cannot be deleted before the last file's lock has ended.",
    reference="PCI 10.3.2",
    alone=False,
)
def nobody_lifts_the_lock_of_a_trail(trail: Subject) -> Iterator[Verdict]:
    for holder, at in buckets.locks(_bucket(trail)):
        mode = holder.get(f"{at}.defaultRetention.mode")
        yield Verdict(mode == "COMPLIANCE", f"{at}.defaultRetention.mode", mode, urn=holder.urn)


@rule(
    "aws.audit_log.trail-bucket-expires-nothing-within-a-year",
    TRAIL,
    severity="medium",
    requires="No lifecycle of a trail's bucket expires a file within a year",
    remediation="Set expiration.days to 365 or more, and not below the lock's days.",
    reference="PCI 10.5.1",
    alone=False,
)
def trail_bucket_expires_nothing_within_a_year(trail: Subject) -> Iterator[Verdict]:
    for lifecycle in buckets.settings(_bucket(trail), buckets.LIFECYCLE):
        for at in lifecycle.each("rules"):
            days = lifecycle.get(f"{at}.expiration.days")
            if days and lifecycle.get(f"{at}.status") == "Enabled":
                enough = days >= buckets.DAYS_OF_A_YEAR
                yield Verdict(enough, f"{at}.expiration.days", days, urn=lifecycle.urn)


@rule(
    "aws.audit_log.trail-may-write-to-its-bucket",
    TRAIL,
    severity="high",
    requires="The policy of every trail's bucket admits that trail",
    remediation="Allow cloudtrail.amazonaws.com s3:GetBucketAcl and s3:PutObject for the trail's "
    "own ARN as aws:SourceArn: CloudTrail refuses the trail otherwise.",
    reference="PCI 10.3.3",
    alone=False,
)
def trail_may_write_to_its_bucket(trail: Subject) -> Iterator[Verdict]:
    bucket = _bucket(trail)
    policy = buckets.policy(bucket)
    where = policy[0][0].urn if policy else bucket.urn
    sent = {"s3:x-amz-acl": "bucket-owner-full-control"}
    if arn := trail.output("arn"):
        sent["aws:sourcearn"] = arn
    for action in ("s3:GetBucketAcl", "s3:PutObject"):
        admits = [s for _, s in policy if s.admits("cloudtrail.amazonaws.com", action, sent)]
        place = admits[0].place if admits else "policy"
        yield Verdict(bool(admits), place, action, f"does not admit {action} of the trail", where)


@rule(
    "aws.audit_log.trail-waits-for-its-buckets-policy",
    TRAIL,
    severity="medium",
    requires="Every trail is made after the policy of its bucket",
    remediation="Add the bucket's policy to the trail's depends_on: CloudTrail does not try again.",
    reference="PCI 10.3.3",
    alone=False,
)
def trail_waits_for_its_buckets_policy(trail: Subject) -> Iterator[Verdict]:
    before = trail.graph.waits_for(trail.urn)
    for policy in _bucket(trail).attached(buckets.POLICY, "bucket"):
        yield Verdict(policy.urn in before, "s3BucketName", policy.resource.name)


def _bucket(trail: Subject) -> Subject:
    if bucket := buckets.bucket_of(trail, "s3BucketName"):
        return bucket
    raise trail.elsewhere("s3BucketName", "its bucket")


def _fields(selector: dict[str, Any]) -> dict[str, list[str]]:
    """What an advanced selector asks of each field."""
    fields = selector.get("fieldSelectors", ())
    return {field["field"]: field.get("equals", []) for field in fields}


def _is_whole(selector: dict[str, Any]) -> bool:
    return (
        selector.get("includeManagementEvents", True)
        and selector.get("readWriteType", "All") == "All"
        and not selector.get("excludeManagementEventSources")
    )
