"""Each type with as many of its inputs as moto takes: they arrive, and come back."""

import json

import pulumi
import pulumi_aws as aws
import pytest

TAGS = {"owner": "platform@example.com", "cost-center": "4711"}
REGION = {"aws:region": "eu-central-1"}


def document(action, resource="*", **principal):
    whom = {"Principal": principal} if principal else {}
    statement = {"Effect": "Allow", "Action": action, "Resource": resource, **whom}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def trust(service):
    principal = {"Service": f"{service}.amazonaws.com"}
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def keys():
    policy = document("kms:*", AWS="arn:aws:iam::123456789012:root")
    key = aws.kms.Key(
        "key",
        description="a key",
        policy=policy,
        enable_key_rotation=True,
        rotation_period_in_days=365,
        multi_region=True,
        key_usage="ENCRYPT_DECRYPT",
        customer_master_key_spec="SYMMETRIC_DEFAULT",
        deletion_window_in_days=30,
        tags=TAGS,
    )
    aws.kms.Key("off", is_enabled=False)
    aws.kms.Alias("alias", target_key_id=key.key_id)
    replica = aws.kms.ReplicaKey(
        "replica",
        region="us-east-1",
        primary_key_arn=key.arn,
        description="a replica",
        policy=document("kms:Describe*", AWS="arn:aws:iam::123456789012:root"),
        tags=TAGS,
    )
    aws.kms.Alias("replica-alias", target_key_id=replica.key_id, region="us-east-1")


def identities():
    boundary = aws.iam.Policy(
        "boundary", policy=document("*"), description="the most", path="/b/", tags=TAGS
    )
    role = aws.iam.Role(
        "role",
        assume_role_policy=trust("lambda"),
        description="a role",
        max_session_duration=3600,
        path="/service/",
        permissions_boundary=boundary.arn,
        force_detach_policies=True,
        tags=TAGS,
    )
    aws.iam.RolePolicy("inline", role=role.name, policy=document("s3:GetObject"))
    for managed in ("AmazonAPIGatewayPushToCloudWatchLogs", "AWSLambdaBasicExecutionRole"):
        arn = f"arn:aws:iam::aws:policy/service-role/{managed}"
        aws.iam.RolePolicyAttachment(managed, role=role.name, policy_arn=arn)
    aws.iam.AccountPasswordPolicy(
        "passwords",
        allow_users_to_change_password=True,
        hard_expiry=False,
        max_password_age=90,
        minimum_password_length=14,
        password_reuse_prevention=24,
        require_lowercase_characters=True,
        require_numbers=True,
        require_symbols=True,
        require_uppercase_characters=True,
    )


def account():
    blocks = {
        "block_public_acls": True,
        "block_public_policy": True,
        "ignore_public_acls": True,
        "restrict_public_buckets": True,
    }
    aws.s3.AccountPublicAccessBlock("buckets", **blocks)
    aws.ebs.EncryptionByDefault("disks", enabled=True)
    aws.ebs.SnapshotBlockPublicAccess("snapshots", state="block-all-sharing")
    aws.ec2.ImageBlockPublicAccess("images", state="block-new-sharing")
    aws.ec2.InstanceMetadataDefaults(
        "metadata",
        http_endpoint="enabled",
        http_tokens="required",
        http_put_response_hop_limit=2,
        instance_metadata_tags="disabled",
    )
    aws.ec2.SerialConsoleAccess("console", enabled=False)
    unused = {"unused_access": {"unused_access_age": 90}}
    aws.accessanalyzer.Analyzer(
        "unused",
        analyzer_name="unused",
        type="ACCOUNT_UNUSED_ACCESS",
        configuration=unused,
        tags=TAGS,
    )
    role = aws.iam.Role("role", assume_role_policy=trust("apigateway"))
    aws.apigateway.Account("api", cloudwatch_role_arn=role.arn)


def nothing_of_it():
    aws.ebs.EncryptionByDefault("disks", enabled=False)
    aws.ebs.SnapshotBlockPublicAccess("snapshots", state="unblocked")
    aws.ec2.ImageBlockPublicAccess("images", state="unblocked")
    aws.ec2.SerialConsoleAccess("console")


def bucket(name, **more):
    made = aws.s3.Bucket(name, **more)
    versions = aws.s3.BucketVersioning(
        f"{name}-versions", bucket=made.bucket, versioning_configuration={"status": "Enabled"}
    )
    return made, pulumi.ResourceOptions(depends_on=[versions])


def buckets():
    key = aws.kms.Key("key")
    made, after = bucket("bucket", force_destroy=True, object_lock_enabled=True, tags=TAGS)
    logs, _ = bucket("logs")
    copy, copied = bucket("copy", region="us-east-1")
    aws.s3.BucketPublicAccessBlock(
        "block",
        bucket=made.bucket,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        skip_destroy=True,
    )
    owner = {"object_ownership": "BucketOwnerEnforced"}
    aws.s3.BucketOwnershipControls("owner", bucket=made.bucket, rule=owner)
    encryption = {
        "apply_server_side_encryption_by_default": {
            "sse_algorithm": "aws:kms",
            "kms_master_key_id": key.arn,
        },
        "bucket_key_enabled": True,
        "blocked_encryption_types": ["SSE-C"],
    }
    aws.s3.BucketServerSideEncryptionConfiguration(
        "encryption", bucket=made.bucket, rules=[encryption]
    )
    aws.s3.BucketObjectLockConfiguration(
        "lock",
        bucket=made.bucket,
        rule={"default_retention": {"mode": "GOVERNANCE", "days": 30}},
        opts=after,
    )
    deny = made.arn.apply(lambda arn: document("s3:GetObject", f"{arn}/*", AWS="123456789012"))
    aws.s3.BucketPolicy("policy", bucket=made.bucket, policy=deny)
    lifecycle(made)
    access_logs(made, logs)
    replication(made, copy, pulumi.ResourceOptions.merge(after, copied))


def lifecycle(made):
    tagged = {
        "id": "old",
        "status": "Enabled",
        "filter": {"and_": {"prefix": "logs/", "tags": {"class": "internal"}}},
        "transitions": [{"days": 90, "storage_class": "GLACIER_IR"}],
        "expiration": {"days": 400},
        "noncurrent_version_expiration": {"noncurrent_days": 30, "newer_noncurrent_versions": 3},
    }
    parts = {
        "id": "parts",
        "status": "Enabled",
        "filter": {"prefix": ""},
        "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
    }
    aws.s3.BucketLifecycleConfiguration(
        "lifecycle",
        bucket=made.bucket,
        rules=[tagged, parts],
        transition_default_minimum_object_size="all_storage_classes_128K",
    )


def access_logs(made, logs):
    service = "logging.s3.amazonaws.com"
    may_write = logs.arn.apply(
        lambda arn: document("s3:PutObject", [f"{arn}/s3/*"], Service=service)
    )
    policy = aws.s3.BucketPolicy("logs-policy", bucket=logs.bucket, policy=may_write)
    aws.s3.BucketLogging(
        "logging",
        bucket=made.bucket,
        target_bucket=logs.bucket,
        target_prefix="s3/",
        target_object_key_format={"partitioned_prefix": {"partition_date_source": "EventTime"}},
        opts=pulumi.ResourceOptions(depends_on=[policy]),
    )


def replication(made, copy, after):
    role = aws.iam.Role("replicator", assume_role_policy=trust("s3"))
    rule = {
        "id": "all",
        "priority": 1,
        "status": "Enabled",
        "filter": {"prefix": ""},
        "delete_marker_replication": {"status": "Enabled"},
        "source_selection_criteria": {"sse_kms_encrypted_objects": {"status": "Enabled"}},
        "destination": {
            "bucket": copy.arn,
            "storage_class": "STANDARD_IA",
            "encryption_configuration": {"replica_kms_key_id": "alias/aws/s3"},
            "replication_time": {"status": "Enabled", "time": {"minutes": 15}},
            "metrics": {"status": "Enabled", "event_threshold": {"minutes": 15}},
        },
    }
    aws.s3.BucketReplicationConfig(
        "replication", bucket=made.bucket, role=role.arn, rules=[rule], opts=after
    )


def log_groups():
    key = aws.kms.Key("key")
    group = aws.cloudwatch.LogGroup(
        "group",
        kms_key_id=key.arn,
        log_group_class="STANDARD",
        retention_in_days=365,
        deletion_protection_enabled=True,
        skip_destroy=True,
        tags=TAGS,
    )
    aws.cloudwatch.LogGroup("group-two")
    writes = document("logs:PutLogEvents", Service="delivery.logs.amazonaws.com")
    aws.cloudwatch.LogResourcePolicy("everywhere", policy_name="delivery", policy_document=writes)
    aws.cloudwatch.LogResourcePolicy("one", resource_arn=group.arn, policy_document=writes)
    aws.cloudwatch.QueryDefinition(
        "query", query_string="fields @message", log_group_names=[group.name]
    )


def trails():
    key = aws.kms.Key("key")
    store = aws.s3.Bucket("store")
    group = aws.cloudwatch.LogGroup("group")
    role = aws.iam.Role("role", assume_role_policy=trust("cloudtrail"))
    everything = [{"field": "eventCategory", "equals": ["Management"]}]
    some = [
        {"field": "eventCategory", "equals": ["Data"]},
        {"field": "resources.type", "equals": ["AWS::S3::Object"]},
        {"field": "resources.ARN", "not_starts_withs": ["arn:aws:s3:::logs"]},
    ]
    selectors = [
        {"name": "management", "field_selectors": everything},
        {"name": "data", "field_selectors": some},
    ]
    aws.cloudtrail.Trail(
        "trail",
        s3_bucket_name=store.bucket,
        s3_key_prefix="trail",
        kms_key_id=key.arn,
        cloud_watch_logs_group_arn=pulumi.Output.concat(group.arn, ":*"),
        cloud_watch_logs_role_arn=role.arn,
        enable_log_file_validation=True,
        include_global_service_events=True,
        is_multi_region_trail=True,
        is_organization_trail=False,
        advanced_event_selectors=selectors,
        insight_selectors=[{"insight_type": "ApiCallRateInsight"}],
        tags=TAGS,
    )
    data = {"type": "AWS::S3::Object", "values": ["arn:aws:s3:::"]}
    classic = {"read_write_type": "All", "data_resources": [data]}
    aws.cloudtrail.Trail(
        "classic",
        s3_bucket_name=store.bucket,
        enable_logging=False,
        event_selectors=[classic],
    )


def secrets():
    key = aws.kms.Key("key")
    made = aws.secretsmanager.Secret(
        "secret",
        description="a secret",
        kms_key_id=key.arn,
        recovery_window_in_days=30,
        replicas=[{"region": "eu-west-1", "kms_key_id": "alias/aws/secretsmanager"}],
        force_overwrite_replica_secret=False,
        tags=TAGS,
    )
    allow = document("secretsmanager:GetSecretValue", AWS="arn:aws:iam::123456789012:root")
    aws.secretsmanager.SecretPolicy(
        "policy", secret_arn=made.arn, policy=allow, block_public_policy=True
    )


def functions():
    role = aws.iam.Role("role", assume_role_policy=trust("lambda"))
    function = aws.lambda_.Function(
        "function",
        description="a function",
        role=role.arn,
        code=pulumi.AssetArchive({"it.py": pulumi.StringAsset("")}),
        handler="it.handler",
        runtime="python3.13",
        architectures=["arm64"],
        memory_size=256,
        timeout=10,
        ephemeral_storage={"size": 512},
        reserved_concurrent_executions=-1,
        environment={"variables": {"LEVEL": "high"}},
        tracing_config={"mode": "Active"},
        logging_config={"log_format": "JSON", "application_log_level": "INFO"},
        tags=TAGS,
    )
    permission = aws.lambda_.Permission(
        "permission",
        function=function.name,
        action="lambda:InvokeFunction",
        principal="secretsmanager.amazonaws.com",
        source_account="123456789012",
    )
    secret = aws.secretsmanager.Secret("secret")
    aws.secretsmanager.SecretRotation(
        "rotation",
        secret_id=secret.id,
        rotation_lambda_arn=function.arn,
        rotation_rules={"automatically_after_days": 30, "duration": "4h"},
        rotate_immediately=True,
        opts=pulumi.ResourceOptions(depends_on=[permission]),
    )


def tables():
    key = aws.kms.Key("key")
    names = [{"name": "id", "type": "S"}, {"name": "at", "type": "N"}]
    made = aws.dynamodb.Table(
        "table",
        attributes=names,
        hash_key="id",
        range_key="at",
        billing_mode="PAY_PER_REQUEST",
        deletion_protection_enabled=True,
        point_in_time_recovery={"enabled": True},
        server_side_encryption={"enabled": True, "kms_key_arn": key.arn},
        table_class="STANDARD",
        ttl={"attribute_name": "expires", "enabled": True},
        tags=TAGS,
    )
    reads = document("dynamodb:GetItem", AWS="arn:aws:iam::123456789012:root")
    aws.dynamodb.ResourcePolicy("policy", resource_arn=made.arn, policy=reads)
    aws.dynamodb.Table("plain", attributes=names[:1], hash_key="id", billing_mode="PAY_PER_REQUEST")


PROGRAMS = [
    keys,
    identities,
    account,
    nothing_of_it,
    buckets,
    log_groups,
    trails,
    secrets,
    functions,
    tables,
]


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_correct_program_is_deployed_and_read_back(deployed, program):
    deployed(program, config=REGION)


@pytest.mark.parametrize("program", PROGRAMS)
def test_what_the_tables_say_about_moto_is_still_true(deployed, program):
    assert deployed(program, config=REGION).stale == []
