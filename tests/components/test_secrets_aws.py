import json

import pytest

from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.log_group.aws import AwsLogStore
from pulumi_bulwark.secrets import SecretsSpec
from pulumi_bulwark.secrets.aws import AwsRotation, AwsSecrets, AwsSecretsArgs

ACCOUNT = "123456789012"
KEY = f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/secrets"
ABROAD = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/abroad"
APP = f"arn:aws:iam::{ACCOUNT}:role/payments/app"
ADMINISTRATOR = f"arn:aws:iam::{ACCOUNT}:role/administrator"
DEPLOYER = f"arn:aws:iam::{ACCOUNT}:role/deployer"
MANAGED = {"administrators": (ADMINISTRATOR,), "deployers": (DEPLOYER,)}
ROTATION = AwsRotation(
    store=AwsLogStore(
        account_id=ACCOUNT,
        region="eu-central-1",
        partition="aws",
        key_arn=KEY,
        retention_days=400,
        access_logs_id="access-logs",
        deletion_protection=True,
    ),
    key_arn=f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/data",
    boundary_arn=f"arn:aws:iam::{ACCOUNT}:policy/boundary",
)
ROTATING = {"source": "generated", "rotation_days": 30}


@pytest.fixture
def secrets(preview):
    def build(
        *,
        rendered=True,
        protected=True,
        managed=None,
        recovery_days=30,
        rotation=ROTATION,
        others=None,
        **spec,
    ):
        spec = {"description": "Opens the database", **spec}
        args = AwsSecretsArgs(
            spec=SecretsSpec(
                named={"db": spec, **(others or {})},
                recovery_days=recovery_days,
                **(managed or {}),
            ),
            account_id=ACCOUNT,
            region="eu-central-1",
            key_arn=KEY,
            replica_key_arns={"eu-west-1": ABROAD},
            rotation=rotation,
            deletion_protection=protected,
        )
        graph = preview(
            lambda: AwsSecrets("it", args), rendered=rendered, project="pay", stack="dev"
        )
        assert graph.problems == ()
        return graph

    return build


def statements(graph):
    policy = graph["it-db-policy"].inputs["policy"]
    return {s["Sid"]: s for s in json.loads(policy)["Statement"]}


def function_of(graph):
    (function,) = graph.of_type("aws:lambda/function:Function")
    return function


def role_of(graph):
    (policy,) = graph.of_type("aws:iam/rolePolicy:RolePolicy")
    return json.loads(policy.inputs["policy"])["Statement"]


def problems(**spec):
    with pytest.raises(ConfigError) as error:
        SecretsSpec.load("bulwark:secrets", spec)
    return error.value.problems


def of_db(**changes):
    return {"named": {"db": {"description": "Opens the database", **changes}}}


def test_a_secret_is_a_container_and_its_value_is_nowhere(secrets):
    graph = secrets()

    (container,) = graph.of_type("aws:secretsmanager/secret:Secret")
    assert container.inputs["name"] == "pay/dev/it/db"
    assert container.inputs["description"] == "Opens the database"
    assert graph.of_type("aws:secretsmanager/secretVersion:SecretVersion") == []


def test_it_is_encrypted_with_its_own_key(secrets):
    assert secrets()["it-db"].inputs["kmsKeyId"] == KEY


def test_it_is_reached_over_tls_only(secrets):
    statement = statements(secrets())["OnlyOverTls"]

    assert (statement["Effect"], statement["Principal"]) == ("Deny", "*")
    assert statement["Action"] == ["secretsmanager:*"]
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_the_named_readers_read_and_everyone_else_is_denied(secrets):
    found = statements(secrets(readers=(APP,)))

    assert found["ReadersRead"]["Principal"] == {"AWS": [APP]}
    assert found["ReadersRead"]["Action"] == [
        "secretsmanager:GetSecretValue",
        "secretsmanager:DescribeSecret",
    ]
    others = found["OnlyReadersRead"]
    assert (others["Effect"], others["Principal"]) == ("Deny", "*")
    assert others["Action"] == ["secretsmanager:GetSecretValue"]
    assert others["Condition"]["ArnNotEquals"] == {"aws:PrincipalArn": [APP]}


def test_without_a_reader_nobody_reads(secrets):
    found = statements(secrets())

    people = {"Bool": {"aws:PrincipalIsAWSService": "false"}}
    assert found["OnlyReadersRead"]["Condition"] == people
    assert "ReadersRead" not in found


def test_administrators_and_deployers_manage_and_everyone_else_is_denied(secrets):
    statement = statements(secrets(managed=MANAGED))["OnlyManagersManage"]

    assert statement["Effect"] == "Deny"
    assert {"secretsmanager:PutSecretValue", "secretsmanager:PutResourcePolicy"} <= set(
        statement["Action"]
    )
    root = f"arn:aws:iam::{ACCOUNT}:root"
    assert statement["Condition"]["ArnNotEquals"] == {
        "aws:PrincipalArn": [root, ADMINISTRATOR, DEPLOYER]
    }


def test_who_manages_does_not_read(secrets):
    found = statements(secrets(managed=MANAGED, readers=(APP,)))

    assert found["OnlyReadersRead"]["Condition"]["ArnNotEquals"] == {"aws:PrincipalArn": [APP]}
    assert "secretsmanager:GetSecretValue" not in found["OnlyManagersManage"]["Action"]


def test_where_nobody_is_named_iam_decides_who_manages_and_that_is_said(secrets):
    graph = secrets()

    assert "OnlyManagersManage" not in statements(graph)
    assert any("name administrators and deployers" in n.text for n in graph.notes)
    assert not any("name administrators" in n.text for n in secrets(managed=MANAGED).notes)


@pytest.mark.parametrize("left_out", ["administrators", "deployers"])
def test_naming_only_one_kind_of_manager_is_refused_since_it_locks_the_other_out(left_out):
    managed = {kind: list(arns) for kind, arns in MANAGED.items() if kind != left_out}

    (problem,) = problems(**managed)
    assert problem.startswith("bulwark:secrets: administrators and deployers come together")


@pytest.mark.parametrize("protected", [True, False])
def test_its_deletion_is_refused_by_pulumi_and_by_aws_or_by_neither(secrets, protected):
    graph = secrets(protected=protected)

    assert graph["it-db"].options.protect is protected
    assert graph["it-db"].options.retain_on_delete is protected
    assert ("RefuseDeletion" in statements(graph)) is protected


@pytest.mark.parametrize("days", [0, 7, 30])
def test_a_deleted_one_can_be_restored_for_as_long_as_was_asked(secrets, days):
    graph = secrets(recovery_days=days)

    assert graph["it-db"].inputs["recoveryWindowInDays"] == days
    assert any(n.kind == "loosened" for n in graph.notes) is (days < 30)


@pytest.mark.parametrize("days", [-1, 1, 6, 91])
def test_a_recovery_that_secrets_manager_does_not_have_is_refused(days):
    (problem,) = problems(recoveryDays=days)

    assert problem.startswith("bulwark:secrets.recoveryDays: ")
    assert f"got {days}" in problem


def test_a_replica_has_a_key_of_its_own_region(secrets):
    graph = secrets(replica_regions=("eu-west-1",))

    assert graph["it-db"].inputs["replicas"] == [{"region": "eu-west-1", "kmsKeyId": ABROAD}]
    assert secrets()["it-db"].inputs.get("replicas", []) == []


def test_a_replica_in_the_secrets_own_region_is_refused(secrets):
    with pytest.raises(ConfigError) as error:
        secrets(replica_regions=("eu-central-1",))

    (problem,) = error.value.problems
    assert problem == (
        "bulwark:secrets.named.db.replicaRegions[0]: eu-central-1 is where the secret itself is. "
        "Remove it, or name another region."
    )


def test_two_replicas_in_one_region_are_refused():
    (problem,) = problems(**of_db(replicaRegions=["eu-west-1", "us-east-1", "eu-west-1"]))

    assert problem.startswith("bulwark:secrets.named.db.replicaRegions: eu-west-1 is named twice.")


def test_a_reader_of_another_account_is_refused(secrets):
    with pytest.raises(ConfigError) as error:
        secrets(readers=("arn:aws:iam::999999999999:role/app",))

    (problem,) = error.value.problems
    assert problem.startswith(
        f"bulwark:secrets.named.db.readers[0]: is not in account {ACCOUNT}, and the secrets' key"
    )


@pytest.mark.parametrize(
    "reader",
    [
        "*",
        f"arn:aws:iam::{ACCOUNT}:role/*",
        f"arn:aws:iam::{ACCOUNT}:role/app-?",
        f"arn:aws:iam::{ACCOUNT}:root",
        "app",
    ],
)
def test_a_reader_that_is_not_one_role_or_user_is_refused(reader):
    (problem,) = problems(**of_db(readers=[reader]))

    assert problem.startswith("bulwark:secrets.named.db.readers[0]: ")
    assert "ARNs of the roles that may read the value" in problem


@pytest.mark.parametrize(
    "key", ["value", "password", "secretString", "plaintext", "secret", "string", "secure"]
)
def test_a_value_in_the_stack_file_is_refused_without_echo_and_says_where_it_belongs(key):
    (problem,) = problems(**of_db(**{key: "hunter2"}))

    assert problem.startswith(f"bulwark:secrets.named.db.{key}: the value of a secret has no place")
    assert "bulwark secrets set NAME" in problem
    assert "hunter2" not in problem


def test_a_value_in_place_of_the_settings_is_refused_without_echo(secrets):
    (problem,) = problems(named={"db": "hunter2"})

    assert problem.startswith("bulwark:secrets.named.db: ")
    assert "never its value" in problem
    assert "hunter2" not in problem


def test_a_value_that_only_a_person_knows_does_not_rotate():
    (problem,) = problems(**of_db(rotationDays=30))

    assert problem.startswith("bulwark:secrets.named.db.rotationDays: only a value of source: ")
    assert "bulwark secrets set" in problem


@pytest.mark.parametrize("days", [0, 1001])
def test_a_rotation_that_secrets_manager_does_not_have_is_refused(days):
    (problem,) = problems(**of_db(source="generated", rotationDays=days))

    assert problem.startswith("bulwark:secrets.named.db.rotationDays: ")
    assert f"got {days}" in problem


def test_a_rotation_that_has_nowhere_to_run_is_refused(secrets):
    with pytest.raises(ConfigError) as error:
        secrets(rotation=None, **ROTATING)

    assert "needs `rotation` in the args of AwsSecrets" in str(error.value)


def test_a_generated_value_is_replaced_when_its_days_are_over(secrets):
    graph = secrets(**ROTATING)

    rotation = graph["it-db-rotation"].inputs
    assert rotation["rotationRules"] == {"automaticallyAfterDays": 30, "duration": "4h"}
    assert rotation["rotationLambdaArn"] == function_of(graph).outputs["arn"]
    assert rotation["secretId"] == graph["it-db"].outputs["arn"]


def test_its_first_value_comes_by_the_first_rotation(secrets):
    graph = secrets(**ROTATING)

    # Left out, it is done at once.
    assert "rotateImmediately" not in graph["it-db-rotation"].inputs
    assert not any("has no value before" in n.text for n in graph.notes)
    assert any("has no value before" in n.text for n in secrets().notes)


def test_a_rotation_waits_for_the_policy_and_for_the_permission_to_call(secrets):
    waits_for = secrets(rendered=False, **ROTATING)["it-db-rotation"].dependencies

    assert {urn.rpartition("::")[2] for urn in waits_for} >= {
        "it-db-policy",
        "it-rotator-function-from-secrets-manager",
    }


def test_secrets_manager_calls_the_function_for_this_account_only(secrets):
    (permission,) = secrets(**ROTATING).of_type("aws:lambda/permission:Permission")

    assert permission.inputs["principal"] == "secretsmanager.amazonaws.com"
    assert permission.inputs["sourceAccount"] == ACCOUNT


def test_what_rotates_a_secret_is_not_denied_it_by_the_secrets_policy(secrets):
    graph = secrets(managed=MANAGED, readers=(APP,), **ROTATING)
    role = graph["it-rotator-function-execution-role"].outputs["arn"]
    found = statements(graph)

    reading = found["OnlyReadersRead"]["Condition"]["ArnNotEquals"]["aws:PrincipalArn"]
    managing = found["OnlyManagersManage"]["Condition"]["ArnNotEquals"]["aws:PrincipalArn"]
    assert reading == [APP, role]
    assert role in managing


def test_one_function_rotates_all_and_no_other_secret(secrets):
    others = {
        "signature": {"description": "Signs", "source": "generated", "rotation_days": 7},
        "fixed": {"description": "Stays", "source": "generated"},
    }
    graph = secrets(others=others, **ROTATING)

    (gives,) = [s for s in role_of(graph) if s.get("Sid") == "GiveValues"]
    assert gives["Resource"] == [graph[f"it-{n}"].outputs["arn"] for n in ("db", "signature")]
    assert len(graph.of_type("aws:lambda/function:Function")) == 1
    assert len(graph.of_type("aws:secretsmanager/secretRotation:SecretRotation")) == 2
    assert "it-rotator" not in json.dumps(graph["it-fixed-policy"].inputs)


def test_without_a_rotation_there_is_no_function(secrets):
    assert secrets().of_type("aws:lambda/function:Function") == []


@pytest.mark.parametrize("name", ["", "Db", "db_1", "1db", "-db", "db-", "a" * 65, "hunter2/x"])
def test_a_name_that_commands_could_not_take_is_refused(name):
    (problem,) = problems(named={name: {"description": "x"}})

    assert problem.startswith("bulwark:secrets.named.")


def test_a_generated_secret_says_how_long_its_value_is_to_be(secrets):
    assert secrets(source="generated", length=64)["it"].outputs["generated"] == {"db": 64}
    assert secrets()["it"].outputs["generated"] == {}


def test_who_takes_its_arn_waits_for_its_policy(secrets):
    graph = secrets(rendered=False)

    assert graph["it-db-policy"].urn in graph["it"].outputs["ids"]["db"].waits_for


def test_its_price_is_said_with_every_replica(secrets):
    graph = secrets(replica_regions=("eu-west-1",))

    assert "2 secrets, replicas included: about 0.80 USD a month" in [n.text for n in graph.notes]


def test_the_policy_fits_the_quota_with_as_many_principals_as_the_settings_allow(secrets):
    def many(kind, count):
        return tuple(f"arn:aws:iam::{ACCOUNT}:role/{kind}-{n:03}-{'x' * 40}" for n in range(count))

    managed = {"administrators": many("admin", 10), "deployers": many("deploy", 10)}
    policy = secrets(managed=managed, readers=many("reader", 50))["it-db-policy"].inputs["policy"]

    assert len(policy) <= 20_480  # Secrets Manager's quota


def test_a_policy_that_would_not_fit_is_refused(secrets):
    readers = tuple(f"arn:aws:iam::{ACCOUNT}:role/{'p/' * 250}{n:02}" for n in range(50))
    with pytest.raises(ConfigError) as error:
        secrets(readers=readers)

    (problem,) = error.value.problems
    assert problem.startswith("bulwark:secrets.named.db.readers: make the secret's policy ")
    assert "20,480" in problem
