import json

import pytest

from pulumi_bulwark.credentials import CredentialsSpec
from pulumi_bulwark.errors import ConfigError

ACCOUNT = "123456789012"
APP = f"arn:aws:iam::{ACCOUNT}:role/app"
OPERATIONS = {
    "register", "verify", "change", "begin-reset", "finish-reset",
    "disable", "enable", "delete", "import-hash",
}  # fmt: skip
TABLES = ["it-users-table", "it-attempts-table"]


def problems(**spec):
    with pytest.raises(ConfigError) as error:
        CredentialsSpec.load("bulwark:credentials", spec)
    return error.value.problems


def policy(graph, name):
    return {s["Sid"]: s for s in json.loads(graph[name].inputs["policy"])["Statement"]}


def environment(graph, operation):
    return graph[f"it-{operation}-function"].inputs["environment"]["variables"]


# --- tables and pepper


@pytest.mark.parametrize("table", TABLES)
def test_a_table_has_a_customer_key_and_a_way_back_and_is_priced_by_request(credentials, table):
    graph = credentials()
    inputs = graph[table].inputs

    key = graph["keys-data"].outputs["arn"]
    assert inputs["serverSideEncryption"] == {"enabled": True, "kmsKeyArn": key}
    assert inputs["pointInTimeRecovery"] == {"enabled": True}
    assert inputs["billingMode"] == "PAY_PER_REQUEST"
    assert (inputs["hashKey"], inputs["attributes"]) == ("id", [{"name": "id", "type": "S"}])


def test_what_was_counted_ends_by_itself_and_users_do_not(credentials):
    graph = credentials()

    ttl = {"attributeName": "expires_at", "enabled": True}
    assert graph["it-attempts-table"].inputs["ttl"] == ttl
    assert "ttl" not in graph["it-users-table"].inputs


@pytest.mark.parametrize("protected", [True, False])
@pytest.mark.parametrize("data", [*TABLES, "it-pepper"])
def test_what_holds_data_refuses_deletion_or_does_not(credentials, data, protected):
    graph = credentials(protected=protected)

    assert graph[data].options.protect is protected
    assert graph[data].options.retain_on_delete is protected
    if data in TABLES:
        assert graph[data].inputs["deletionProtectionEnabled"] is protected
    else:
        assert ("RefuseDeletion" in policy(graph, "it-pepper-policy")) is protected


def test_the_pepper_has_no_value_in_the_program_and_gets_its_first_by_rotation(credentials):
    graph = credentials()

    assert graph.of_type("aws:secretsmanager/secretVersion:SecretVersion") == []
    rotation = graph["it-pepper-rotation"].inputs
    assert rotation["rotationRules"] == {"automaticallyAfterDays": 90, "duration": "4h"}
    assert "rotateImmediately" not in rotation  # left out, it is done at once
    assert graph["it-pepper"].inputs["tags"]["bulwark:rotation"] == "pepper"


def test_the_pepper_rotates_only_when_its_policy_is_in_place(credentials):
    waits_for = credentials(rendered=False)["it-pepper-rotation"].dependencies

    assert any(urn.endswith("::it-pepper-policy") for urn in waits_for)


def test_a_retired_pepper_is_named_to_the_rotation(credentials):
    graph = credentials(retired_peppers=("v1", "v2"))

    assert graph["it-pepper"].inputs["tags"]["bulwark:retired"] == "v1 v2"


def test_only_the_functions_that_hash_and_the_rotation_read_the_pepper(credentials):
    graph = credentials()
    readers = policy(graph, "it-pepper-policy")["OnlyReadersRead"]["Condition"]["ArnNotEquals"]

    hashing = ["register", "verify", "change", "begin-reset", "finish-reset", "rotator-function"]
    roles = [graph[f"it-{each}-execution-role"].outputs["arn"] for each in hashing]
    assert sorted(readers["aws:PrincipalArn"]) == sorted(roles)


# --- functions


def test_each_operation_is_a_function_with_a_role_of_its_own(credentials):
    graph = credentials()

    made = set(graph["it"].outputs["functionArns"])
    assert made == OPERATIONS
    roles = {graph[f"it-{each}-function"].inputs["role"] for each in OPERATIONS}
    assert len(roles) == len(OPERATIONS)


def test_nobody_calls_by_an_address_or_by_a_policy_unless_named(credentials):
    graph = credentials()

    assert graph.of_type("aws:lambda/functionUrl:FunctionUrl") == []
    (rotation,) = graph.of_type("aws:lambda/permission:Permission")
    assert rotation.inputs["principal"] == "secretsmanager.amazonaws.com"


def test_a_caller_calls_what_it_is_named_for_and_nothing_else(credentials):
    graph = credentials(callers={"verify": (APP,)})

    ours = [
        permission.inputs
        for permission in graph.of_type("aws:lambda/permission:Permission")
        if permission.inputs["principal"] == APP
    ]
    assert [p["function"] for p in ours] == [graph["it-verify-function"].outputs["name"]]


def test_a_policy_for_whoever_calls_is_exported_for_each_operation(credentials):
    outputs = credentials()["it"].outputs

    assert outputs["callerPolicies"].keys() == OPERATIONS
    (statement,) = json.loads(outputs["callerPolicies"]["verify"])["Statement"]
    assert statement == {
        "Effect": "Allow",
        "Action": "lambda:InvokeFunction",
        "Resource": outputs["functionArns"]["verify"],
    }


def test_a_caller_of_another_account_is_refused(credentials):
    with pytest.raises(ConfigError) as error:
        credentials(callers={"verify": ("arn:aws:iam::999999999999:role/app",)})

    (problem,) = error.value.problems
    assert problem.startswith(f"bulwark:credentials.callers.verify[0]: is not in account {ACCOUNT}")


def test_what_goes_through_all_users_is_there_only_for_upkeep(credentials):
    upkeep = set(credentials(upkeep=True)["it"].outputs["functionArns"]) - OPERATIONS
    moving = set(
        credentials(upkeep=True, store="table-after-secrets")["it"].outputs["functionArns"]
    )

    assert upkeep == {"count-peppers"}
    assert moving - OPERATIONS == {"count-peppers", "move-hashes"}


def test_a_caller_of_upkeep_that_there_is_none_of_is_refused(credentials):
    with pytest.raises(ConfigError) as error:
        credentials(callers={"move-hashes": (APP,)})

    (problem,) = error.value.problems
    assert problem.startswith("bulwark:credentials.callers.move-hashes: there is no such function")


def test_no_function_has_a_secret_in_its_environment(credentials):
    graph = credentials(store="secrets")

    assert environment(graph, "verify").keys() == {
        "BULWARK_USERS_TABLE",
        "BULWARK_ATTEMPTS_TABLE",
        "BULWARK_POLICY",
        "BULWARK_PEPPER_ARN",
        "BULWARK_STORE",
        "BULWARK_SECRETS_PREFIX",
        "BULWARK_SECRETS_KEY_ARN",
        "BULWARK_VAULT",
    }
    assert "BULWARK_PEPPER_ARN" not in environment(credentials(), "disable")


def test_bcrypt_has_a_whole_processor(credentials):
    assert credentials()["it-verify-function"].inputs["memorySize"] == 1769


def test_the_price_of_a_secret_for_each_user_is_said(credentials):
    def said(**spec):
        return any("a secret for each user" in n.text for n in credentials(**spec).notes)

    assert said(store="secrets")
    assert not said()


# --- settings


def test_the_strictest_of_the_presets_counts():
    asked = CredentialsSpec(presets=("nist", "pci", "psd2")).policy()

    assert asked["minimum_length"] == 15  # NIST
    assert asked["letters_and_digits"] is True  # PCI DSS 8.3.6
    assert asked["history"] == 4  # PCI DSS 8.3.7
    assert (asked["tries_per_source"], asked["tries_per_user"]) == (3, 5)  # PSD2
    assert asked["delay_seconds"] == 1800  # PCI DSS 8.3.4


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ({"history": 3}, "history is 3, and the presets pci, psd2 want at least 4"),
        ({"minimumLength": 8}, "minimumLength is 8, and the presets pci, psd2 want at least 12"),
        (
            {"lockout": {"delaySeconds": 60}},
            "lockout.delaySeconds is 60, and the presets pci, psd2 want at least 1800",
        ),
        (
            {"lockout": {"triesPerUser": 6}},
            "lockout.triesPerUser is 6, and the presets pci, psd2 want at most 5",
        ),
    ],
)
def test_a_setting_that_is_weaker_than_the_presets_is_refused(setting, says):
    (problem,) = problems(**setting)

    assert problem.startswith(f"bulwark:credentials: {says}")


def test_a_setting_that_is_stricter_counts():
    stricter = CredentialsSpec(minimum_length=20, history=10, lockout={"tries_per_source": 2})

    asked = stricter.policy()
    assert (asked["minimum_length"], asked["history"], asked["tries_per_source"]) == (20, 10, 2)


def test_one_place_that_could_lock_out_all_others_is_refused():
    (problem,) = problems(lockout={"triesPerSource": 2, "triesPerUser": 2})

    assert "one place alone could lock out all others" in problem


@pytest.mark.parametrize(
    ("setting", "value"),
    [("bcryptCost", 9), ("bcryptCost", 15), ("resetMinutes", 0), ("recoveryDays", 6)],
)
def test_a_number_out_of_its_bounds_is_refused(setting, value):
    (problem,) = problems(**{setting: value})

    assert problem.startswith(f"bulwark:credentials.{setting}: ")
    assert f"got {value}" in problem
