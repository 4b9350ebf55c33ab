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
    aws.account.AlternativeContact(
        "contact",
        alternate_contact_type="SECURITY",
        name="Jo Doe",
        title="CISO",
        email_address="ciso@example.com",
        phone_number="+49 30 0100",
    )
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


def detection():
    detector = aws.guardduty.Detector(
        "detector", enable=True, finding_publishing_frequency="ONE_HOUR", tags=TAGS
    )
    agents = [{"name": "EC2_AGENT_MANAGEMENT", "status": "ENABLED"}]
    aws.guardduty.DetectorFeature(
        "feature",
        detector_id=detector.id,
        name="RUNTIME_MONITORING",
        status="ENABLED",
        additional_configurations=agents,
    )
    hub = aws.securityhub.Account(
        "hub",
        enable_default_standards=False,
        auto_enable_controls=False,
        control_finding_generator="SECURITY_CONTROL",
    )
    aws.securityhub.StandardsSubscription(
        "standard",
        standards_arn="arn:aws:securityhub:eu-central-1::standards/pci-dss/v/4.0.1",
        opts=pulumi.ResourceOptions(depends_on=[hub]),
    )
    aws.macie2.Account("macie", finding_publishing_frequency="SIX_HOURS", status="PAUSED")


def recording():
    role = aws.iam.ServiceLinkedRole(
        "role", aws_service_name="config.amazonaws.com", description="records", tags=TAGS
    )
    recorder = aws.cfg.Recorder(
        "recorder",
        name="default",
        role_arn="arn:aws:iam::123456789012:role/aws-service-role/config.amazonaws.com/it",
        recording_group={"all_supported": True, "include_global_resource_types": True},
        recording_mode={"recording_frequency": "DAILY"},
        opts=pulumi.ResourceOptions(depends_on=[role]),
    )
    bucket = aws.s3.Bucket("bucket")
    channel = aws.cfg.DeliveryChannel(
        "channel",
        name="default",
        s3_bucket_name=bucket.bucket,
        s3_key_prefix="config",
        snapshot_delivery_properties={"delivery_frequency": "Six_Hours"},
        opts=pulumi.ResourceOptions(depends_on=[recorder]),
    )
    aws.cfg.RetentionConfiguration("history", retention_period_in_days=400)
    started = pulumi.ResourceOptions(depends_on=[channel])
    status = aws.cfg.RecorderStatus("status", name=recorder.name, is_enabled=True, opts=started)
    aws.cfg.Rule(
        "rule",
        description="Logs are kept",
        source={"owner": "AWS", "source_identifier": "CW_LOGGROUP_RETENTION_PERIOD_CHECK"},
        input_parameters=json.dumps({"MinRetentionTime": "365"}),
        tags=TAGS,
        opts=pulumi.ResourceOptions(depends_on=[status]),
    )


def scanning():
    enabler = aws.inspector2.Enabler(
        "inspector", account_ids=["123456789012"], resource_types=["EC2", "LAMBDA"]
    )
    named = [{"comparison": "EQUALS", "value": "CVE-2026-12345"}]
    aws.inspector2.Filter(
        "filter",
        action="SUPPRESS",
        description="Until then",
        reason="The image has no shell",
        filter_criterias=[
            {
                "vulnerability_ids": named,
                "resource_ids": named,
                "last_observed_ats": [{"end_inclusive": "2027-01-31T23:59:59Z"}],
            }
        ],
        tags=TAGS,
        opts=pulumi.ResourceOptions(depends_on=[enabler]),
    )


def events():
    rule = aws.cloudwatch.EventRule(
        "rule",
        description="Findings",
        event_pattern=json.dumps({"source": ["aws.guardduty"]}),
        state="ENABLED",
        tags=TAGS,
    )
    aws.cloudwatch.EventTarget(
        "target",
        rule=rule.name,
        arn="arn:aws:sns:eu-central-1:123456789012:topic",
        retry_policy={"maximum_retry_attempts": 3, "maximum_event_age_in_seconds": 60},
        dead_letter_config={"arn": "arn:aws:sqs:eu-central-1:123456789012:dead"},
    )


def alarms():
    key = aws.kms.Key("key")
    topic = aws.sns.Topic(
        "topic",
        kms_master_key_id=key.arn,
        display_name="alarms",
        signature_version=2,
        tracing_config="PassThrough",
        tags=TAGS,
    )
    aws.sns.TopicPolicy(
        "admits",
        arn=topic.arn,
        policy=document("sns:Publish", AWS="arn:aws:iam::123456789012:root"),
    )
    aws.sns.TopicSubscription(
        "mail", topic=topic.arn, protocol="email", endpoint="security@example.com"
    )
    group = aws.cloudwatch.LogGroup("group")
    aws.cloudwatch.LogMetricFilter(
        "root",
        log_group_name=group.name,
        pattern='{$.userIdentity.type="Root"}',
        metric_transformation={"name": "root", "namespace": "Bulwark/it", "value": "1"},
    )
    simple = aws.cloudwatch.MetricAlarm(
        "simple",
        alarm_description="The root user was used",
        namespace="Bulwark/it",
        metric_name="root",
        dimensions={"Of": "it"},
        statistic="Sum",
        period=300,
        unit="Count",
        evaluation_periods=2,
        datapoints_to_alarm=1,
        threshold=1,
        comparison_operator="GreaterThanOrEqualToThreshold",
        treat_missing_data="notBreaching",
        actions_enabled=True,
        alarm_actions=[topic.arn],
        ok_actions=[topic.arn],
        insufficient_data_actions=[topic.arn],
        tags=TAGS,
    )
    aws.cloudwatch.MetricAlarm(
        "slow",
        namespace="AWS/ApiGateway",
        metric_name="Latency",
        dimensions={"ApiName": "payments"},
        extended_statistic="p99",
        evaluate_low_sample_count_percentiles="ignore",
        period=60,
        evaluation_periods=1,
        threshold=1000,
        comparison_operator="GreaterThanThreshold",
    )
    part = {
        "namespace": "AWS/ApiGateway",
        "metric_name": "5XXError",
        "dimensions": {"ApiName": "payments", "Stage": "live"},
        "period": 300,
        "stat": "Sum",
    }
    aws.cloudwatch.MetricAlarm(
        "formula",
        metric_queries=[
            {"id": "e", "expression": "100 * part", "label": "5xx", "return_data": True},
            {"id": "part", "metric": part},
        ],
        evaluation_periods=1,
        threshold=1,
        comparison_operator="GreaterThanThreshold",
    )
    aws.cloudwatch.CompositeAlarm(
        "both",
        alarm_name="both",
        alarm_rule=pulumi.Output.format('ALARM("{0}")', simple.name),
        alarm_description="An incident",
        actions_enabled=True,
        alarm_actions=[topic.arn],
        ok_actions=[topic.arn],
        insufficient_data_actions=[topic.arn],
        tags=TAGS,
    )
    text = {"type": "text", "x": 0, "y": 0, "width": 24, "height": 2}
    board = {"widgets": [text | {"properties": {"markdown": "# it"}}]}
    aws.cloudwatch.Dashboard("board", dashboard_name="board", dashboard_body=json.dumps(board))
    aws.budgets.Budget(
        "budget",
        budget_type="COST",
        limit_amount="100",
        limit_unit="USD",
        time_unit="MONTHLY",
        notifications=[
            {
                "comparison_operator": "GREATER_THAN",
                "notification_type": "ACTUAL",
                "threshold": 80,
                "threshold_type": "PERCENTAGE",
                "subscriber_sns_topic_arns": [topic.arn],
            }
        ],
        tags=TAGS,
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
    detection,
    recording,
    scanning,
    events,
    keys,
    identities,
    account,
    nothing_of_it,
    buckets,
    log_groups,
    trails,
    secrets,
    alarms,
    functions,
    tables,
]


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_correct_program_is_deployed_and_read_back(deployed, program):
    deployed(program, config=REGION)


@pytest.mark.parametrize("program", PROGRAMS)
def test_what_the_tables_say_about_moto_is_still_true(deployed, program):
    assert deployed(program, config=REGION).stale == []
