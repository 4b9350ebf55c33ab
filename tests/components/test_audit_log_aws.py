import json
import re

import pytest

from pulumi_bulwark.audit_log import AuditLogSpec
from pulumi_bulwark.audit_log.aws import AwsAuditLog, AwsAuditLogArgs
from pulumi_bulwark.audit_log.aws_queries import QUERIES
from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.object_store import LockSpec

ACCOUNT = "123456789012"
KEY = f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/logs"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
TRAIL = f"arn:aws:cloudtrail:eu-central-1:{ACCOUNT}:trail/pay-dev-it-trail-"
ARCHIVE = {
    "bucket": "org-logs",
    "key_arn": "arn:aws:kms:eu-central-1:999999999999:key/1234abcd-12ab-34cd-56ef-1234567890ab",
}


@pytest.fixture
def audit_log(preview):
    def build(*, rendered=True, baseline=None, deletion=True, delete_contents=False, **spec):
        args = AwsAuditLogArgs(
            spec=AuditLogSpec(**spec),
            account_id=ACCOUNT,
            region="eu-central-1",
            key_arn=KEY,
            boundary_arn=BOUNDARY,
            baseline=baseline,
            deletion_protection=deletion,
            delete_contents=delete_contents,
        )
        graph = preview(
            lambda: AwsAuditLog("it", args), rendered=rendered, project="pay", stack="dev"
        )
        assert graph.problems == ()
        return graph

    return build


def trail(graph):
    return graph["it-trail-trail"].inputs


def statements(graph, bucket):
    policy = graph[f"{bucket}-policy"].inputs["policy"]
    return {s["Sid"]: s for s in json.loads(policy)["Statement"]}


def selectors(graph):
    """The fields of each event selector, by its name."""
    return {
        s["name"]: {f["field"]: f for f in s["fieldSelectors"]}
        for s in trail(graph)["advancedEventSelectors"]
    }


def test_the_trail_covers_every_region_and_can_be_verified(audit_log):
    made = trail(audit_log())

    assert made["isMultiRegionTrail"] is True
    assert made["includeGlobalServiceEvents"] is True
    assert made["enableLogging"] is True
    assert made["enableLogFileValidation"] is True
    assert made["kmsKeyId"] == KEY


def test_management_events_are_always_logged_reads_and_writes(audit_log):
    assert selectors(audit_log())["Management"] == {
        "eventCategory": {"field": "eventCategory", "equals": ["Management"]}
    }


@pytest.mark.parametrize("asked", [True, False])
def test_data_events_are_logged_if_asked_for_and_their_price_is_said(audit_log, asked):
    graph = audit_log(data_events=asked)

    kinds = {f["resources.type"]["equals"][0] for f in selectors(graph).values() if len(f) > 1}
    assert kinds == (
        {"AWS::S3::Object", "AWS::DynamoDB::Table", "AWS::Lambda::Function"} if asked else set()
    )
    assert any("data events" in n.text for n in graph.notes if n.kind == "cost") is asked


def test_writing_the_log_is_not_logged_but_reading_it_is(audit_log):
    graph = audit_log(data_events=True)

    logs = [f"{graph[f'it-{b}'].outputs['arn']}/" for b in ("trail-archive", "access")]
    assert selectors(graph)["Objects"]["resources.ARN"]["notStartsWiths"] == logs
    reading = selectors(graph)["Reading of logs"]
    assert reading["resources.ARN"]["startsWiths"] == logs
    assert reading["readOnly"]["equals"] == ["true"]


@pytest.mark.parametrize("asked", [True, False])
def test_insights_are_reported_if_asked_for_and_their_price_is_said(audit_log, asked):
    graph = audit_log(insights=asked)

    kinds = {s["insightType"] for s in trail(graph).get("insightSelectors") or []}
    assert kinds == ({"ApiCallRateInsight", "ApiErrorRateInsight"} if asked else set())
    assert any("insights" in n.text for n in graph.notes if n.kind == "cost") is asked


@pytest.mark.parametrize(("mode", "days"), [("compliance", 400), ("governance", 90)])
def test_its_files_are_locked_as_firmly_and_as_long_as_was_asked(audit_log, mode, days):
    graph = audit_log(lock={"mode": mode, "days": days})

    retention = graph["it-trail-archive-lock"].inputs["rule"]["defaultRetention"]
    assert retention == {"mode": mode.upper(), "days": days}
    assert graph["it-trail-archive-bucket"].inputs["objectLockEnabled"] is True


def test_its_files_are_encrypted_with_the_logs_key_and_who_reads_them_is_logged(audit_log):
    graph = audit_log()

    (rule,) = graph["it-trail-archive-encryption"].inputs["rules"]
    assert rule["applyServerSideEncryptionByDefault"]["kmsMasterKeyId"] == KEY
    logging = graph["it-trail-archive-access-logs"].inputs
    assert logging["targetBucket"] == graph["it"].outputs["accessLogsId"]


def test_its_files_are_deleted_when_they_were_to_be(audit_log):
    _, rule = audit_log(archive_days=500)["it-trail-archive-lifecycle"].inputs["rules"]

    assert rule["expiration"] == {"days": 500}


def test_files_that_go_before_their_lock_are_refused():
    with pytest.raises(ConfigError) as error:
        AuditLogSpec.load("bulwark:auditLog", {"archiveDays": 364})

    (problem,) = error.value.problems
    assert problem.startswith("bulwark:auditLog: archiveDays is 364, but lock.days keeps each")


def test_only_this_trail_delivers_to_the_locked_bucket(audit_log):
    graph = audit_log()

    found = statements(graph, "it-trail-archive")
    allowed = {sid: s for sid, s in found.items() if s["Effect"] == "Allow"}
    assert set(allowed) == {"CloudTrailChecks", "CloudTrailWrites"}
    for statement in allowed.values():
        (source,) = [statement["Condition"]["StringEquals"]["aws:SourceArn"]]
        assert source.startswith(TRAIL)
        assert source.endswith(f"trail/{trail(graph)['name']}")
    bucket = graph["it-trail-archive"].outputs["arn"]
    assert allowed["CloudTrailWrites"]["Resource"] == [f"{bucket}/AWSLogs/{ACCOUNT}/*"]


def test_the_other_bucket_is_not_locked_and_has_s3s_own_key_since_s3_logs_to_no_other(audit_log):
    graph = audit_log()

    assert graph["it-access-bucket"].inputs["objectLockEnabled"] is False
    (rule,) = graph["it-access-encryption"].inputs["rules"]
    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "AES256"}


def test_the_other_bucket_does_not_log_into_itself(audit_log):
    names = {r.name for r in audit_log().of_type("aws:s3/bucketLogging:BucketLogging")}

    assert names == {"it-trail-archive-access-logs"}


def test_s3_log_delivery_config_and_inspector_deliver_to_it_each_for_this_account_only(audit_log):
    found = statements(audit_log(), "it-access")

    writers = {s["Principal"]["Service"]: s for sid, s in found.items() if sid.endswith("Writes")}
    assert set(writers) == {
        "logging.s3.amazonaws.com",
        "delivery.logs.amazonaws.com",
        "config.amazonaws.com",
        "inspector2.amazonaws.com",
    }
    for statement in [s for s in found.values() if s["Effect"] == "Allow"]:
        assert statement["Condition"]["StringEquals"]["aws:SourceAccount"] == ACCOUNT


def test_inspector_writes_its_reports_below_a_prefix_of_their_own(audit_log):
    graph = audit_log()
    writes = statements(graph, "it-access")["InspectorWrites"]

    assert [arn.rpartition(":")[2].split("/", 1)[1] for arn in writes["Resource"]] == [
        "inventories/*"
    ]
    assert writes["Action"] == ["s3:AbortMultipartUpload", "s3:PutObject", "s3:PutObjectAcl"]
    assert writes["Condition"]["ArnLike"]["aws:SourceArn"].endswith(f":{ACCOUNT}:report/*")


def test_config_may_look_for_the_bucket_as_it_does_before_it_delivers(audit_log):
    checks = statements(audit_log(), "it-access")["ConfigChecks"]["Action"]

    assert checks == ["s3:GetBucketAcl", "s3:ListBucket"]


def test_events_are_searched_in_an_encrypted_group_for_as_long_as_was_asked(audit_log):
    group = audit_log(retention_days=731)["it-trail-events-group"].inputs

    assert (group["kmsKeyId"], group["retentionInDays"]) == (KEY, 731)


def test_cloudtrail_writes_to_its_group_by_a_role_that_only_this_trail_can_take(audit_log):
    graph = audit_log()

    role = graph["it-trail-delivery-role"].inputs
    (trust,) = json.loads(role["assumeRolePolicy"])["Statement"]
    source = trust["Condition"]["StringEqualsIfExists"]
    assert trust["Principal"] == {"Service": "cloudtrail.amazonaws.com"}
    assert source["aws:SourceAccount"] == ACCOUNT
    assert source["aws:SourceArn"].endswith(f"trail/{trail(graph)['name']}")
    assert role["permissionsBoundary"] == BOUNDARY
    policy = graph["it-trail-delivery-policy"].inputs["policy"]
    (statement,) = json.loads(policy)["Statement"]
    arn = graph["it-trail-events-group"].outputs["arn"]
    assert statement["Resource"] == f"{arn}:log-stream:*"
    assert trail(graph)["cloudWatchLogsGroupArn"] == f"{arn}:*"


def test_the_trail_waits_for_all_that_cloudtrail_checks(audit_log):
    graph = audit_log(rendered=False)

    waits = graph["it-trail-trail"].dependencies
    for needed in ("archive-policy", "archive-access-logs", "events-group", "delivery-policy"):
        assert graph[f"it-trail-{needed}"].urn in reachable(graph, waits), needed


def reachable(graph, urns):
    found, todo = set(), list(urns)
    while todo:
        urn = todo.pop()
        if urn not in found:
            found.add(urn)
            todo += graph[urn].dependencies
    return found


def test_what_is_done_in_the_account_can_be_searched_by_saved_queries(audit_log):
    graph = audit_log()

    saved = graph.of_type("aws:cloudwatch/queryDefinition:QueryDefinition")
    assert len(saved) == len(QUERIES)
    assert {tuple(q.inputs["logGroupNames"]) for q in saved} == {
        (graph["it-trail-events"].outputs["id"],)
    }
    # The pattern and the limits of CloudWatch.
    assert all(re.fullmatch(r"([^:*/]+/?)*[^:*/]+", q.inputs["name"]) for q in saved)
    assert max(len(q.inputs["name"]) for q in saved) <= 255
    assert max(len(q.inputs["queryString"]) for q in saved) <= 10_000


def test_without_the_account_there_is_a_log_store_but_no_trail_and_its_owner_is_named(audit_log):
    graph = audit_log(baseline="org/baseline/prod")

    assert graph.of_type("aws:cloudtrail/trail:Trail") == []
    assert len(graph.of_type("aws:s3/bucket:Bucket")) == 1
    assert "trailArn" not in graph["it"].outputs
    assert graph["it"].outputs["owned"] == []
    assert "what is done in the account is logged by org/baseline/prod" in [
        n.text for n in graph.notes
    ]


def test_the_owner_of_the_trail_says_so(audit_log):
    assert audit_log()["it"].outputs["owned"] == ["trail"]


def test_a_trail_of_the_organisation_delivers_for_all_of_its_accounts(audit_log):
    graph = audit_log(organization_id="o-a1b2c3d4e5")

    assert trail(graph)["isOrganizationTrail"] is True
    bucket = graph["it-trail-archive"].outputs["arn"]
    assert statements(graph, "it-trail-archive")["CloudTrailWrites"]["Resource"] == [
        f"{bucket}/AWSLogs/{ACCOUNT}/*",
        f"{bucket}/AWSLogs/o-a1b2c3d4e5/*",
    ]
    assert trail(audit_log())["isOrganizationTrail"] is False


def test_a_log_archive_that_exists_takes_the_place_of_the_locked_bucket(audit_log):
    graph = audit_log(log_archive=ARCHIVE, data_events=True)

    assert trail(graph)["s3BucketName"] == "org-logs"
    assert trail(graph)["kmsKeyId"] == ARCHIVE["key_arn"]
    assert [r.name for r in graph.of_type("aws:s3/bucket:Bucket")] == ["it-access-bucket"]
    assert selectors(graph)["Objects"]["resources.ARN"]["notStartsWiths"][0] == (
        "arn:aws:s3:::org-logs/"
    )
    assert any("owner of the log archive" in n.text for n in graph.notes if n.kind == "limit")


@pytest.mark.parametrize(
    ("setting", "wrong"),
    [
        ("organizationId", "o-short"),
        ("organizationId", "123456789012"),
        ("logArchive", {"bucket": "Org_Logs", "keyArn": ARCHIVE["key_arn"]}),
        ("logArchive", {"bucket": "org-logs", "keyArn": "alias/logs"}),
        ("logArchive", {"bucket": "org-logs"}),
        ("retentionDays", 366),
        ("retentionDays", 30),
        ("archiveDays", 89),
    ],
)
def test_what_aws_would_refuse_is_refused_with_its_path(setting, wrong):
    with pytest.raises(ConfigError) as error:
        AuditLogSpec.load("bulwark:auditLog", {setting: wrong})

    (problem,) = error.value.problems
    assert problem.startswith(f"bulwark:auditLog.{setting}")


@pytest.mark.parametrize("deletion", [True, False])
def test_what_holds_logs_is_protected_or_not_as_a_whole(audit_log, deletion):
    graph = audit_log(deletion=deletion)

    holds = ["it-access-bucket", "it-trail-archive-bucket", "it-trail-events-group"]
    assert {graph[name].options.protect for name in [*holds, "it-trail-trail"]} == {deletion}
    assert graph["it-trail-events-group"].inputs["deletionProtectionEnabled"] is deletion


def test_only_a_teardown_deletes_buckets_with_their_logs(audit_log):
    def forced(**args):
        return {r.inputs["forceDestroy"] for r in audit_log(**args).of_type("aws:s3/bucket:Bucket")}

    assert forced() == {False}
    assert forced(deletion=False, delete_contents=True) == {True}


def test_a_looser_lock_is_reported_once(audit_log):
    graph = audit_log(lock=LockSpec(mode="governance"))

    loosened = [n.text for n in graph.notes if n.kind == "loosened"]
    assert loosened == [
        'bulwark:auditLog.lock.mode is "governance"; hardened is "compliance" (recovery)'
    ]
