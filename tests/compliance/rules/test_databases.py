import pulumi
import pulumi_aws as aws
import pytest
from rule_cases import test_a_rule_passes_fails_and_does_not_apply  # noqa: F401 asked of this file too

from bulwark_toolkit.compliance.rules import RULES
from bulwark_toolkit.compliance.rules.aws import databases

KEY = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
A = "aws.databases."


def nothing():
    """A program without a database."""
    aws.sqs.Queue("it")


def instance(**inputs):
    given = {"engine": "postgres", "instance_class": "db.t4g.small"} | inputs
    return lambda: aws.rds.Instance("it", **given)


def with_a_password():
    instance(password=pulumi.Output.secret("hunter2"))()


def replica(**inputs):
    return instance(engine=None, replicate_source_db="payments", **inputs)


def cluster(*, members=0, **inputs):
    def program():
        it = aws.rds.Cluster("it", **({"engine": "aurora-postgresql"} | inputs))
        for number in range(members):
            aws.rds.ClusterInstance(
                f"member-{number}",
                cluster_identifier=it.id,
                engine="aurora-postgresql",
                instance_class="db.r8g.large",
            )

    return program


def table(**inputs):
    attributes = [{"name": "id", "type": "S"}]
    return lambda: aws.dynamodb.Table("it", attributes=attributes, hash_key="id", **inputs)


def cache(**inputs):
    return lambda: aws.elasticache.ReplicationGroup("it", description="sessions", **inputs)


def proxy(**inputs):
    return lambda: aws.rds.Proxy(
        "it", engine_family="POSTGRESQL", role_arn=KEY, vpc_subnet_ids=["subnet-1"], **inputs
    )


def with_parameter(value, name="rds.force_ssl", family="postgres14", engine="postgres"):
    def program():
        parameters = [{"name": name, "value": value}]
        group = aws.rds.ParameterGroup("group", family=family, parameters=parameters)
        instance(engine=engine, parameter_group_name=group.name)()

    return program


def scaled(*kinds, by_name=False):
    def program():
        it = aws.dynamodb.Table(
            "it", name="payments", attributes=[{"name": "id", "type": "S"}], hash_key="id"
        )
        for kind in kinds:
            aws.appautoscaling.Target(
                kind,
                max_capacity=10,
                min_capacity=1,
                resource_id="table/payments" if by_name else pulumi.Output.concat("table/", it.id),
                scalable_dimension=f"dynamodb:table:{kind}CapacityUnits",
                service_namespace="dynamodb",
            )

    return program


CASES = {
    A + "storage-is-encrypted": (instance(storage_encrypted=True), instance(), replica()),
    A + "storage-has-a-customer-key": (
        table(server_side_encryption={"enabled": True, "kms_key_arn": KEY}),
        table(server_side_encryption={"enabled": True}),
        replica(),
    ),
    A + "database-is-not-public": (instance(), instance(publicly_accessible=True), nothing),
    A + "deletion-is-refused": (table(deletion_protection_enabled=True), instance(), nothing),
    A + "backups-are-kept-a-week": (
        instance(backup_retention_period=7),
        instance(backup_retention_period=6),
        replica(),
    ),
    A + "users-come-by-iam": (
        instance(iam_database_authentication_enabled=True),
        instance(),
        instance(engine="oracle-ee"),
    ),
    A + "minor-versions-install-themselves": (
        instance(),
        instance(auto_minor_version_upgrade=False),
        nothing,
    ),
    A + "connections-must-be-tls": (
        with_parameter("1"),
        with_parameter("0", family="postgres16"),
        instance(engine="oracle-ee"),
    ),
    A + "proxy-connections-must-be-tls": (proxy(require_tls=True), proxy(), nothing),
    A + "logs-leave-the-database": (
        instance(enabled_cloudwatch_logs_exports=["postgresql", "upgrade"]),
        instance(enabled_cloudwatch_logs_exports=["upgrade"]),
        replica(),
    ),
    A + "database-outlives-a-zone": (instance(multi_az=True), instance(), replica()),
    A + "performance-insights-have-a-customer-key": (
        instance(performance_insights_enabled=True, performance_insights_kms_key_id=KEY),
        instance(performance_insights_enabled=True),
        instance(),
    ),
    A + "master-password-is-made-by-rds": (
        instance(manage_master_user_password=True),
        with_a_password,
        replica(),
    ),
    A + "table-goes-back-in-time": (
        table(point_in_time_recovery={"enabled": True}),
        table(),
        nothing,
    ),
    A + "table-follows-the-load": (table(billing_mode="PAY_PER_REQUEST"), table(), nothing),
    A + "cache-connections-are-tls": (cache(transit_encryption_enabled=True), cache(), nothing),
    A + "cache-is-backed-up": (cache(snapshot_retention_limit=1), cache(), nothing),
}
"""For each rule: a program that passes, one that fails, and one that it does not apply to."""


def test_each_rule_of_the_file_has_its_cases():
    assert {r.id for r in vars(databases).values() if r in RULES} == CASES.keys()


@pytest.mark.parametrize(
    ("program", "outcome"),
    [
        (cluster(engine_mode="serverless"), "pass"),
        (cluster(), "fail"),
        (cache(at_rest_encryption_enabled=True), "pass"),
        (cache(), "fail"),
        (cache(engine="valkey"), "pass"),
    ],
)
def test_each_kind_of_store_has_its_own_default_encryption(outcomes, program, outcome):
    assert outcomes(A + "storage-is-encrypted", program) == {outcome}


def test_the_key_that_aws_has_for_a_service_is_not_the_customers(outcomes):
    program = instance(kms_key_id="arn:aws:kms:eu-central-1:123456789012:alias/aws/rds")

    assert outcomes(A + "storage-has-a-customer-key", program) == {"fail"}


def test_a_key_made_in_the_same_program_is_the_customers(outcomes):
    def program():
        instance(kms_key_id=aws.kms.Key("key").arn)()

    assert outcomes(A + "storage-has-a-customer-key", program) == {"pass"}
    assert outcomes(A + "storage-has-a-customer-key", program, rendered=False) == {"unknown"}


@pytest.mark.parametrize(
    ("program", "outcome"),
    [
        (instance(engine_version="15.4"), "pass"),
        (instance(engine_version="14.9"), "fail"),
        (instance(), "fail"),
        (with_parameter("64", name="work_mem", family="postgres15"), "pass"),
        (with_parameter("64", name="work_mem", family="postgres14"), "fail"),
        (with_parameter("ON", "require_secure_transport", "mysql8.4", "mysql"), "pass"),
        (with_parameter("1", family="sqlserver-se-16.0", engine="sqlserver-se"), "pass"),
        (cluster(engine_version="16.4"), "fail"),
        (cluster(engine_version="17.4"), "pass"),
        (instance(parameter_group_name="somebody-elses"), "unknown"),
        (instance(parameter_group_name="default.postgres16", engine_version="16"), "pass"),
    ],
)
def test_tls_is_forced_by_parameter_or_by_the_version_s_default(outcomes, program, outcome):
    assert outcomes(A + "connections-must-be-tls", program) == {outcome}


@pytest.mark.parametrize(
    ("program", "outcome"),
    [
        (cluster(members=2), "pass"),
        (cluster(members=1), "fail"),
        (cluster(engine="postgres"), "not applicable"),
    ],
)
def test_an_aurora_cluster_outlives_a_zone_by_its_second_instance(outcomes, program, outcome):
    assert outcomes(A + "database-outlives-a-zone", program) == {outcome}


def test_a_write_only_password_is_in_the_state_all_the_same(outcomes):
    program = cluster(master_password_wo="hunter2", master_password_wo_version=1)

    assert outcomes(A + "master-password-is-made-by-rds", program) == {"fail"}


@pytest.mark.parametrize("by_name", [False, True])
def test_autoscaling_has_to_follow_reads_and_writes(outcomes, by_name):
    both = scaled("Read", "Write", by_name=by_name)

    assert outcomes(A + "table-follows-the-load", both) == {"pass"}
    assert outcomes(A + "table-follows-the-load", scaled("Read", by_name=by_name)) == {"fail"}


def test_a_cache_that_prefers_tls_still_takes_what_is_in_the_clear(found):
    program = cache(transit_encryption_enabled=True, transit_encryption_mode="preferred")

    assert found(A + "cache-connections-are-tls", program) == [
        ("fail", "it", "transitEncryptionMode")
    ]
