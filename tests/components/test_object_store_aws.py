import itertools
import json

import pytest

from bulwark_toolkit.preview.errors import ProgramError
from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.object_store import LifecycleRuleSpec, LockSpec, ObjectStoreSpec
from pulumi_bulwark.object_store.aws import AwsObjectStore, AwsObjectStoreArgs, AwsReplication
from pulumi_bulwark.object_store.aws_policy import Delivery, Reader

KEY = "arn:aws:kms:eu-central-1:123456789012:key/own"
COPIES = AwsReplication(
    bucket_arn="arn:aws:s3:::copies",
    region="eu-west-1",
    key_arn="arn:aws:kms:eu-west-1:123456789012:key/theirs",
    boundary_arn="arn:aws:iam::123456789012:policy/boundary",
)
LOCKED = ObjectStoreSpec(lock=LockSpec(mode="compliance", days=365))


@pytest.fixture
def store(preview):
    def build(spec=None, *, key_arn=KEY, name="it", **args):
        args = AwsObjectStoreArgs(
            spec=spec or ObjectStoreSpec(), region="eu-central-1", key_arn=key_arn, **args
        )
        graph = preview(lambda: AwsObjectStore(name, args), rendered=True)
        assert graph.problems == ()
        return graph

    return build


def statements(graph):
    return {s["Sid"]: s for s in json.loads(graph["it-policy"].inputs["policy"])["Statement"]}


def rules(graph, name):
    return graph[name].inputs["rules"]


def test_nothing_in_it_is_ever_public(store):
    graph = store()

    switches = dict(graph["it-public-access"].inputs)
    del switches["bucket"]
    assert set(switches.values()) == {True}
    assert len(switches) == 4


def test_the_account_owns_every_object_whoever_wrote_it(store):
    assert store()["it-ownership"].inputs["rule"] == {"objectOwnership": "BucketOwnerEnforced"}


def test_objects_are_encrypted_with_the_key_by_a_bucket_key_and_never_with_the_callers_own(store):
    (rule,) = rules(store(), "it-encryption")

    assert rule["applyServerSideEncryptionByDefault"] == {
        "sseAlgorithm": "aws:kms",
        "kmsMasterKeyId": KEY,
    }
    assert rule["bucketKeyEnabled"] is True
    assert rule["blockedEncryptionTypes"] == ["SSE-C"]


def test_without_a_key_it_is_s3s_own_and_that_is_said(store):
    graph = store(key_arn=None)

    (rule,) = rules(graph, "it-encryption")
    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "AES256"}
    assert rule["bucketKeyEnabled"] is False
    assert [n.text for n in graph.notes if n.kind == "limit"] == [
        "encrypted with S3's own key: who writes here can use no other"
    ]
    assert [n for n in store().notes if n.kind == "limit"] == []


@pytest.mark.parametrize(("versioning", "status"), [(True, "Enabled"), (False, "Suspended")])
def test_it_keeps_versions_unless_told_not_to_and_then_that_is_said(store, versioning, status):
    graph = store(ObjectStoreSpec(versioning=versioning))

    assert graph["it-versioning"].inputs["versioningConfiguration"] == {"status": status}
    assert any(n.kind == "loosened" for n in graph.notes) is not versioning


def test_nobody_reaches_it_in_the_clear_or_over_old_tls(store):
    clear, old = statements(store())["OnlyOverTls"], statements(store())["OnlyOverNewTls"]

    assert clear["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert old["Condition"] == {"NumericLessThan": {"s3:TlsVersion": "1.2"}}
    for statement in (clear, old):
        assert (statement["Effect"], statement["Principal"]) == ("Deny", "*")
        assert statement["Action"] == "s3:*"
        bucket, objects = statement["Resource"]
        assert objects == f"{bucket}/*"


def test_unless_a_service_delivers_nobody_is_let_in(store):
    assert {s["Effect"] for s in statements(store()).values()} == {"Deny"}


def test_a_service_delivers_below_its_prefixes_only_and_for_its_source_only(store):
    source = {"StringEquals": {"aws:SourceAccount": "123456789012"}}
    delivery = Delivery(
        sid="Config",
        service="config.amazonaws.com",
        prefixes=["AWSLogs/1", "AWSLogs/2"],
        condition=source,
    )
    graph = store(deliveries=[delivery])

    checks, writes = statements(graph)["ConfigChecks"], statements(graph)["ConfigWrites"]
    bucket = graph["it"].outputs["arn"]
    assert checks["Principal"] == writes["Principal"] == {"Service": "config.amazonaws.com"}
    assert (checks["Action"], checks["Resource"]) == (["s3:GetBucketAcl"], bucket)
    assert checks["Condition"] == source
    assert writes["Action"] == "s3:PutObject"
    assert writes["Resource"] == [f"{bucket}/AWSLogs/1/*", f"{bucket}/AWSLogs/2/*"]
    assert writes["Condition"]["StringEquals"] == {
        "aws:SourceAccount": "123456789012",
        "s3:x-amz-acl": "bucket-owner-full-control",
    }


def test_a_service_that_sends_no_acl_is_not_asked_for_one(store):
    delivery = Delivery(
        sid="AccessLogs",
        service="logging.s3.amazonaws.com",
        prefixes=["s3"],
        condition={"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}},
        checks=(),
        gives_ownership=False,
    )
    found = statements(store(deliveries=[delivery]))

    assert "AccessLogsChecks" not in found
    assert found["AccessLogsWrites"]["Condition"] == {
        "ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}
    }


def test_a_lock_is_there_from_the_first_object_on(store):
    graph = store(LOCKED)

    assert graph["it-bucket"].inputs["objectLockEnabled"] is True
    assert graph["it-lock"].inputs["rule"] == {
        "defaultRetention": {"mode": "COMPLIANCE", "days": 365}
    }


def test_without_a_lock_there_is_none(store):
    graph = store()

    assert graph["it-bucket"].inputs["objectLockEnabled"] is False
    assert graph.of_type("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration") == []


def test_a_lock_without_versions_is_refused(store):
    with pytest.raises(ConfigError) as error:
        ObjectStoreSpec(versioning=False, lock=LockSpec())

    assert "leave versioning on, or remove lock" in str(error.value)


def test_objects_cannot_expire_while_they_are_locked():
    rule = LifecycleRuleSpec(expire_after_days=364)
    with pytest.raises(ConfigError) as error:
        ObjectStoreSpec(lock=LockSpec(days=365), lifecycle=(rule,))

    assert "after 364 days, but lock keeps them for 365" in str(error.value)


def test_what_is_loaded_from_text_is_refused_with_its_path():
    with pytest.raises(ConfigError) as error:
        ObjectStoreSpec.load("mine", {"lock": {"mode": "legal", "days": 0}})

    days, mode = error.value.problems
    assert days.startswith("mine.lock.days: Input should be greater than or equal to 1; got 0.")
    assert mode.startswith("mine.lock.mode: Input should be 'compliance' or 'governance'")


def test_unfinished_uploads_and_what_is_left_of_expired_objects_are_cleared_away(store):
    (rule,) = rules(store(), "it-lifecycle")

    assert rule["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 7}
    assert rule["expiration"] == {"expiredObjectDeleteMarker": True}
    assert (rule["status"], rule["filter"]) == ("Enabled", {"prefix": ""})


def test_objects_age_as_the_rules_say(store):
    logs = LifecycleRuleSpec(
        prefix="logs/", archive_after_days=90, expire_after_days=400, expire_noncurrent_after_days=5
    )
    _, own, plain = rules(
        store(ObjectStoreSpec(lifecycle=(logs, LifecycleRuleSpec()))), "it-lifecycle"
    )

    assert own["filter"] == {"prefix": "logs/"}
    assert own["transitions"] == [{"days": 90, "storageClass": "GLACIER_IR"}]
    assert own["expiration"] == {"days": 400}
    assert own["noncurrentVersionExpiration"] == {"noncurrentDays": 5}
    assert "transitions" not in plain
    assert "expiration" not in plain
    assert own["id"] != plain["id"]


def test_who_reads_it_is_logged_in_another_bucket_if_asked_for(store):
    logging = store(access_logs_bucket="access-logs")["it-access-logs"].inputs

    assert logging["targetBucket"] == "access-logs"
    assert logging["targetPrefix"] == "s3/"
    assert logging["targetObjectKeyFormat"] == {
        "partitionedPrefix": {"partitionDateSource": "EventTime"}
    }
    assert store().of_type("aws:s3/bucketLogging:BucketLogging") == []


def test_copies_are_made_if_asked_for_with_the_key_of_the_other_bucket(store):
    (rule,) = rules(store(replication=COPIES), "it-replication")

    assert rule["destination"] == {
        "bucket": COPIES.bucket_arn,
        "encryptionConfiguration": {"replicaKmsKeyId": COPIES.key_arn},
    }
    assert rule["sourceSelectionCriteria"] == {"sseKmsEncryptedObjects": {"status": "Enabled"}}
    assert rule["deleteMarkerReplication"] == {"status": "Disabled"}
    assert store().of_type("aws:s3/bucketReplicationConfig:BucketReplicationConfig") == []


def test_the_copying_role_reads_here_writes_there_and_uses_each_key_through_s3_only(store):
    graph = store(replication=COPIES)

    policy = json.loads(graph["it-copier-policy"].inputs["policy"])["Statement"]
    own = graph["it"].outputs["arn"]
    may = {(action, s["Resource"]) for s in policy for action in s["Action"]}
    assert ("s3:GetObjectVersionForReplication", f"{own}/*") in may
    assert ("s3:ReplicateObject", "arn:aws:s3:::copies/*") in may
    assert not any("Delete" in action for action, _ in may)
    through = {
        s["Resource"]: s["Condition"]["StringEquals"]["kms:ViaService"]
        for s in policy
        if s["Action"][0].startswith("kms:")
    }
    assert through == {
        KEY: "s3.eu-central-1.amazonaws.com",
        COPIES.key_arn: "s3.eu-west-1.amazonaws.com",
    }
    (role,) = graph.of_type("aws:iam/role:Role")
    assert role.inputs["permissionsBoundary"] == COPIES.boundary_arn


def test_copies_of_locked_objects_keep_their_lock(store):
    policy = store(LOCKED, replication=COPIES)["it-copier-policy"].inputs["policy"]

    assert "s3:GetObjectRetention" in policy


def test_its_settings_are_made_one_after_the_other_as_s3_wants_them(store):
    graph = store(LOCKED, access_logs_bucket="access-logs")

    order = [
        "it-bucket",
        "it-public-access",
        "it-ownership",
        "it-versioning",
        "it-encryption",
        "it-lock",
        "it-policy",
        "it-lifecycle",
        "it-access-logs",
    ]
    for before, after in itertools.pairwise(order):
        assert graph[before].urn in graph[after].dependencies


def test_who_takes_its_name_or_arn_waits_for_the_last_setting(preview):
    args = AwsObjectStoreArgs(spec=LOCKED, region="eu-central-1", key_arn=KEY)
    graph = preview(lambda: AwsObjectStore("it", args))

    last = graph["it-lifecycle"].urn
    assert last in graph["it"].outputs["id"].waits_for
    assert last in graph["it"].outputs["arn"].waits_for


@pytest.mark.parametrize("protected", [True, False])
def test_its_deletion_is_refused_by_pulumi_and_by_s3_or_by_neither(store, protected):
    graph = store(LOCKED, deletion_protection=protected)

    made = [r for r in graph.resources if r.type.startswith("aws:s3/")]
    assert {r.options.protect for r in made} == {protected}
    assert {r.options.retain_on_delete for r in made} == {protected}
    assert ("RefuseDeletion" in statements(graph)) is protected


def test_nothing_forces_a_deletion_but_a_teardown(store):
    assert store()["it-bucket"].inputs["forceDestroy"] is False
    assert store(deletion_protection=False)["it-bucket"].inputs["forceDestroy"] is False
    assert store(delete_contents=True)["it-bucket"].inputs["forceDestroy"] is True


@pytest.mark.parametrize("name", ["it", "n" * 90, "UPPER"])
def test_its_name_is_one_that_s3_takes(store, name):
    (bucket,) = store(name=name).of_type("aws:s3/bucket:Bucket")

    assert len(bucket.name) + len("-1234567") <= 63
    assert bucket.name == bucket.name.lower()


def reader(source, **more):
    condition = {"StringEquals": {"AWS:SourceArn": source}}
    return Reader(sid="Edge", service="cloudfront.amazonaws.com", condition=condition, **more)


@pytest.fixture
def read(preview):
    def build(make_reader):
        args = AwsObjectStoreArgs(
            spec=ObjectStoreSpec(), region="eu-central-1", key_arn=KEY, readers_follow=True
        )

        def program():
            made = AwsObjectStore("it", args)
            made.admit(make_reader(made))

        graph = preview(program, rendered=True)
        assert graph.problems == ()
        return graph

    return build


def test_a_service_that_needs_the_bucket_first_is_let_in_after_it(read):
    graph = read(lambda made: reader(made.domain_name))

    found = statements(graph)
    bucket = graph["it"].outputs["arn"]
    assert found["EdgeReads"] == {
        "Sid": "EdgeReads",
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": "s3:GetObject",
        "Resource": f"{bucket}/*",
        "Condition": {"StringEquals": {"AWS:SourceArn": graph["it"].outputs["domainName"]}},
    }
    assert {"OnlyOverTls", "OnlyOverNewTls", "RefuseDeletion"} <= set(found)
    assert graph["it-lifecycle"].urn in graph["it-policy"].dependencies


@pytest.mark.parametrize("told", [True, False])
def test_a_reader_is_told_what_is_missing_if_it_may_look(read, told):
    found = statements(read(lambda _: reader("one", tells_missing=told)))

    assert ("EdgeLooks" in found) is told


def test_a_bucket_has_one_policy(preview):
    args = AwsObjectStoreArgs(spec=ObjectStoreSpec(), region="eu-central-1", key_arn=KEY)

    with pytest.raises(ProgramError, match="has its policy already"):
        preview(lambda: AwsObjectStore("it", args).admit(reader("one")))


def test_why_there_is_no_key_is_said(store):
    (text,) = [n.text for n in store(key_arn=None, no_key_because="it is public").notes]

    assert text == "encrypted with S3's own key: it is public"
