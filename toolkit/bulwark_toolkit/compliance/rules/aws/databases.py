"""Databases and caches: RDS, Aurora, DynamoDB, ElastiCache."""

from collections.abc import Iterator
from typing import Final

from bulwark_toolkit.compliance.customer_keys import is_customer_key
from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import NotKnownError, Subject

INSTANCE: Final = "aws:rds/instance:Instance"
CLUSTER: Final = "aws:rds/cluster:Cluster"
MEMBER: Final = "aws:rds/clusterInstance:ClusterInstance"
PROXY: Final = "aws:rds/proxy:Proxy"
PARAMETERS: Final = "aws:rds/parameterGroup:ParameterGroup"
CLUSTER_PARAMETERS: Final = "aws:rds/clusterParameterGroup:ClusterParameterGroup"
TABLE: Final = "aws:dynamodb/table:Table"
CACHE: Final = "aws:elasticache/replicationGroup:ReplicationGroup"
SCALING: Final = "aws:appautoscaling/target:Target"

_KEY: Final = {
    INSTANCE: "kmsKeyId",
    CLUSTER: "kmsKeyId",
    CACHE: "kmsKeyId",
    TABLE: "serverSideEncryption.kmsKeyArn",
}
"""Where each type says its key."""

_LEAST_BACKUP_DAYS: Final = 7

_IAM_ENGINES: Final = ("postgres", "mysql", "mariadb", "aurora-postgresql", "aurora-mysql")

_LOGS: Final = {
    "postgres": {"postgresql"},
    "aurora-postgresql": {"postgresql"},
    "mysql": {"audit", "error"},
    "mariadb": {"audit", "error"},
    "aurora-mysql": {"audit"},
    "sqlserver": {"error"},
    "oracle": {"audit"},
}
"""The logs that tell who did what. Logs of every statement are left out: they repeat the data."""

_FORCES_TLS: Final = {
    "postgres": "rds.force_ssl",
    "aurora-postgresql": "rds.force_ssl",
    "sqlserver": "rds.force_ssl",
    "mysql": "require_secure_transport",
    "mariadb": "require_secure_transport",
    "aurora-mysql": "require_secure_transport",
}

_FORCED_FROM: Final = {"postgres": 15, "aurora-postgresql": 17}
"""Major version from which AWS forces TLS where no parameter is set."""


def _is_replica(database: Subject) -> bool:
    """Whether it takes its data, and much else, from another database."""
    return database.has("replicateSourceDb") or database.has("replicationSourceIdentifier")


def _engine(database: Subject) -> str:
    """Without the edition, so that Oracle and SQL Server are one each."""
    engine = str(database.get("engine", ""))
    return engine.partition("-")[0] if engine.startswith(("oracle", "sqlserver")) else engine


@rule(
    "aws.databases.storage-is-encrypted",
    INSTANCE,
    CLUSTER,
    CACHE,
    severity="high",
    requires="What databases and caches store is encrypted",
    remediation="Set storageEncrypted (of a cache, atRestEncryptionEnabled) to true; what exists "
    "is replaced, so restore it from an encrypted copy of its snapshot.",
    reference="RDS.3",
)
def storage_is_encrypted(store: Subject) -> Iterator[Verdict]:
    if store.resource.type == CACHE:
        valkey = store.get("engine") == "valkey"
        encrypted = store.get("atRestEncryptionEnabled", valkey)
        yield Verdict(encrypted is True, "atRestEncryptionEnabled", encrypted)
    elif not _is_replica(store):
        serverless = store.get("engineMode") == "serverless"
        encrypted = store.get("storageEncrypted", serverless)
        yield Verdict(encrypted is True, "storageEncrypted", encrypted)


@rule(
    "aws.databases.storage-has-a-customer-key",
    INSTANCE,
    CLUSTER,
    TABLE,
    CACHE,
    severity="medium",
    requires="What databases, tables and caches store is encrypted with a key of the customer's",
    remediation="Name a KMS key of your own (kmsKeyId; of a table serverSideEncryption.kmsKeyArn).",
    reference="PCI 3.6.1",
)
def storage_has_a_customer_key(store: Subject) -> Iterator[Verdict]:
    if not _is_replica(store):
        path = _KEY[store.resource.type]
        key = store.get(path)
        # A table that does not say it wants it is encrypted with a key of AWS's, whatever it names.
        off = store.resource.type == TABLE and store.get("serverSideEncryption.enabled") is not True
        yield Verdict(is_customer_key(key) and not off, path, None if off else key)


@rule(
    "aws.databases.database-is-not-public",
    INSTANCE,
    CLUSTER,
    MEMBER,
    severity="critical",
    requires="No database has a public address",
    remediation="Set publiclyAccessible to false, and reach it from within the VPC.",
    reference="RDS.2",
)
def database_is_not_public(database: Subject) -> Iterator[Verdict]:
    public = database.get("publiclyAccessible", False)
    yield Verdict(public is False, "publiclyAccessible", public)


@rule(
    "aws.databases.deletion-is-refused",
    INSTANCE,
    CLUSTER,
    TABLE,
    severity="medium",
    requires="Databases and tables refuse to be deleted",
    remediation="Set deletionProtection (of a table, deletionProtectionEnabled) to true.",
    reference="RDS.8",
)
def deletion_is_refused(store: Subject) -> Iterator[Verdict]:
    table = store.resource.type == TABLE
    path = "deletionProtectionEnabled" if table else "deletionProtection"
    refuses = store.get(path, False)
    yield Verdict(refuses is True, path, refuses)


@rule(
    "aws.databases.backups-are-kept-a-week",
    INSTANCE,
    CLUSTER,
    severity="medium",
    requires=f"Databases keep their backups for {_LEAST_BACKUP_DAYS} days or longer",
    remediation=f"Set backupRetentionPeriod to {_LEAST_BACKUP_DAYS} or more.",
    reference="RDS.11",
)
def backups_are_kept_a_week(database: Subject) -> Iterator[Verdict]:
    if not _is_replica(database):
        # A cluster that says nothing keeps a day, an instance nothing at all.
        absent = 1 if database.resource.type == CLUSTER else 0
        days = database.get("backupRetentionPeriod", absent)
        yield Verdict(days >= _LEAST_BACKUP_DAYS, "backupRetentionPeriod", days)


@rule(
    "aws.databases.users-come-by-iam",
    INSTANCE,
    CLUSTER,
    severity="medium",
    requires="Databases that can do so let users in by IAM",
    remediation="Set iamDatabaseAuthenticationEnabled to true.",
    reference="RDS.10",
)
def users_come_by_iam(database: Subject) -> Iterator[Verdict]:
    if _engine(database) in _IAM_ENGINES:
        iam = database.get("iamDatabaseAuthenticationEnabled", False)
        yield Verdict(iam is True, "iamDatabaseAuthenticationEnabled", iam)


@rule(
    "aws.databases.minor-versions-install-themselves",
    INSTANCE,
    MEMBER,
    CACHE,
    severity="high",
    requires="Databases and caches install minor versions, and the fixes in them, by themselves",
    remediation="Set autoMinorVersionUpgrade to true, or leave it out.",
    reference="RDS.13",
)
def minor_versions_install_themselves(store: Subject) -> Iterator[Verdict]:
    upgrades = store.get("autoMinorVersionUpgrade", True)
    # The provider takes it as text for a cache.
    yield Verdict(str(upgrades).lower() == "true", "autoMinorVersionUpgrade", upgrades)


@rule(
    "aws.databases.connections-must-be-tls",
    INSTANCE,
    CLUSTER,
    severity="high",
    requires="Databases refuse connections without TLS",
    remediation="Set rds.force_ssl to 1 (MySQL and MariaDB: require_secure_transport to ON) in "
    "the database's own parameter group.",
    reference="PCI 4.2.1",
    alone=False,
)
def connections_must_be_tls(database: Subject) -> Iterator[Verdict]:
    engine = _engine(database)
    if engine not in _FORCES_TLS:
        return
    cluster = database.resource.type == CLUSTER
    path = "dbClusterParameterGroupName" if cluster else "parameterGroupName"
    group = database.named(CLUSTER_PARAMETERS if cluster else PARAMETERS, path)
    forced = _forced(group, engine) if group else None
    if forced:
        yield forced
    elif group:
        version = str(group.get("family", "")).removeprefix(engine)
        yield _by_default(engine, version, Verdict(False, "parameters", urn=group.urn))
    elif not database.has(path) or str(database.get(path)).startswith("default."):
        version = str(database.get("engineVersion", ""))
        yield _by_default(engine, version, Verdict(False, path, database.get(path)))
    else:
        # A group that somebody else made: what is in it cannot be seen from here.
        raise NotKnownError(database.urn, path)


def _forced(group: Subject, engine: str) -> Verdict | None:
    """What a parameter group says of TLS; None if it says nothing."""
    for parameter in group.each("parameters"):
        if group.get(f"{parameter}.name") == _FORCES_TLS[engine]:
            value = group.get(f"{parameter}.value")
            forces = str(value).lower() in ("1", "on")
            return Verdict(forces, f"{parameter}.value", value, urn=group.urn)
    return None


def _by_default(engine: str, version: str, otherwise: Verdict) -> Verdict:
    major = version.partition(".")[0]
    least = _FORCED_FROM.get(engine)
    if least and major.isdigit() and int(major) >= least:
        return Verdict(True, otherwise.property, f"default of {engine} {major}", urn=otherwise.urn)
    return otherwise


@rule(
    "aws.databases.proxy-connections-must-be-tls",
    PROXY,
    severity="high",
    requires="Database proxies refuse connections without TLS",
    remediation="Set requireTls to true.",
    reference="RDS.43",
)
def proxy_connections_must_be_tls(proxy: Subject) -> Iterator[Verdict]:
    tls = proxy.get("requireTls", False)
    yield Verdict(tls is True, "requireTls", tls)


@rule(
    "aws.databases.logs-leave-the-database",
    INSTANCE,
    CLUSTER,
    severity="medium",
    requires="Databases send the logs that tell who did what to CloudWatch",
    remediation="Name them in enabledCloudwatchLogsExports: PostgreSQL postgresql, MySQL and "
    "MariaDB audit and error, Aurora MySQL and Oracle audit, SQL Server error.",
    reference="RDS.9",
)
def logs_leave_the_database(database: Subject) -> Iterator[Verdict]:
    if wanted := _LOGS.get(_engine(database)):
        sent = database.items("enabledCloudwatchLogsExports")
        missing = sorted(wanted - set(sent))
        yield Verdict(
            not missing,
            "enabledCloudwatchLogsExports",
            ", ".join(sent),
            f"it does not send: {', '.join(missing)}",
        )


@rule(
    "aws.databases.database-outlives-a-zone",
    INSTANCE,
    CLUSTER,
    severity="medium",
    requires="Databases have a second instance that takes over when a zone is lost",
    remediation="Set multiAz to true; give an Aurora cluster two instances or more.",
    reference="RDS.5",
    alone=False,
)
def database_outlives_a_zone(database: Subject) -> Iterator[Verdict]:
    if database.resource.type == INSTANCE:
        if not _is_replica(database):
            multiple = database.get("multiAz", False)
            yield Verdict(multiple is True, "multiAz", multiple)
    # A cluster of plain MySQL or PostgreSQL has three by its nature, and a serverless one none.
    elif _engine(database).startswith("aurora") and database.get("engineMode") != "serverless":
        members = len(database.attached(MEMBER, "clusterIdentifier"))
        yield Verdict(members > 1, "engine", f"{members} instances", f"it has {members}")


@rule(
    "aws.databases.performance-insights-have-a-customer-key",
    INSTANCE,
    CLUSTER,
    MEMBER,
    severity="low",
    requires="Performance insights, which show statements, are under a key of the customer's",
    remediation="Set performanceInsightsKmsKeyId to a KMS key of your own; once set it stays.",
    reference="PCI 3.5.1",
)
def performance_insights_have_a_customer_key(database: Subject) -> Iterator[Verdict]:
    if database.get("performanceInsightsEnabled", False):
        key = database.get("performanceInsightsKmsKeyId")
        yield Verdict(is_customer_key(key), "performanceInsightsKmsKeyId", key)


@rule(
    "aws.databases.master-password-is-made-by-rds",
    INSTANCE,
    CLUSTER,
    severity="high",
    requires="No program and no state holds a database's master password: RDS makes and rotates it",
    remediation="Set manageMasterUserPassword to true and take the password out.",
    reference="PCI 8.6.2",
)
def master_password_is_made_by_rds(database: Subject) -> Iterator[Verdict]:
    # Also what is called write-only: the state keeps it, encrypted, with the inputs.
    for path in ("password", "passwordWo", "masterPassword", "masterPasswordWo"):
        if database.has(path):
            yield Verdict(False, path, text="the program gives it, so the state holds it")
    if database.get("manageMasterUserPassword", False):
        yield Verdict(True, "manageMasterUserPassword", True)


@rule(
    "aws.databases.table-goes-back-in-time",
    TABLE,
    severity="medium",
    requires="Tables can be restored to any second of the last days",
    remediation="Set pointInTimeRecovery.enabled to true.",
    reference="DynamoDB.2",
)
def table_goes_back_in_time(table: Subject) -> Iterator[Verdict]:
    enabled = table.get("pointInTimeRecovery.enabled", False)
    yield Verdict(enabled is True, "pointInTimeRecovery.enabled", enabled)


@rule(
    "aws.databases.table-follows-the-load",
    TABLE,
    severity="low",
    requires="Tables have the capacity that the load asks for, by request or by autoscaling",
    remediation="Set billingMode to PAY_PER_REQUEST, or add autoscaling targets for reads and "
    "for writes.",
    reference="DynamoDB.1",
    alone=False,
)
def table_follows_the_load(table: Subject) -> Iterator[Verdict]:
    mode = table.get("billingMode", "PROVISIONED")
    scaled = {target.get("scalableDimension") for target in _targets(table)}
    wanted = {f"dynamodb:table:{kind}CapacityUnits" for kind in ("Read", "Write")}
    yield Verdict(mode == "PAY_PER_REQUEST" or wanted <= scaled, "billingMode", mode)


def _targets(table: Subject) -> Iterator[Subject]:
    # Its id there is `table/NAME`, so a table that is named by hand is found by that.
    yield from table.attached(SCALING, "resourceId")
    for resource in table.graph.of_type(SCALING):
        if resource.inputs.get("resourceId") == f"table/{table.resource.inputs.get('name')}":
            yield Subject(resource, table.graph)


@rule(
    "aws.databases.cache-connections-are-tls",
    CACHE,
    severity="high",
    requires="Caches are spoken to over TLS only",
    remediation="Set transitEncryptionEnabled to true, and transitEncryptionMode to required.",
    reference="ElastiCache.5",
)
def cache_connections_are_tls(cache: Subject) -> Iterator[Verdict]:
    enabled = cache.get("transitEncryptionEnabled", False)
    # `preferred`, a step of a migration, still takes connections in the clear.
    mode = cache.get("transitEncryptionMode", "required")
    path = "transitEncryptionMode" if enabled and mode != "required" else "transitEncryptionEnabled"
    yield Verdict(enabled is True and mode == "required", path, cache.get(path, False))


@rule(
    "aws.databases.cache-is-backed-up",
    CACHE,
    severity="low",
    requires="Caches are copied every day",
    remediation="Set snapshotRetentionLimit to one day or more.",
    reference="ElastiCache.1",
)
def cache_is_backed_up(cache: Subject) -> Iterator[Verdict]:
    days = cache.get("snapshotRetentionLimit", 0)
    yield Verdict(days > 0, "snapshotRetentionLimit", days)
