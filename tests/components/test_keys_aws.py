import json

import pytest

from pulumi_bulwark.keys import KeysSpec
from pulumi_bulwark.keys.aws import AwsKeys, AwsKeysArgs

ACCOUNT = "123456789012"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ADMINISTRATOR = f"arn:aws:iam::{ACCOUNT}:role/key-administrator"
USE = {"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"}


@pytest.fixture
def keys(preview):
    def build(
        *,
        region="eu-central-1",
        partition="aws",
        protected=True,
        rendered=False,
        secret_replica_regions=(),
        **spec,
    ):
        args = AwsKeysArgs(
            spec=KeysSpec(**spec),
            account_id=ACCOUNT,
            region=region,
            partition=partition,
            secret_replica_regions=secret_replica_regions,
            deletion_protection=protected,
        )
        graph = preview(lambda: AwsKeys("pay", args), rendered=rendered)
        assert graph.problems == ()
        return graph

    return build


def statements(graph, name):
    return {s["Sid"]: s for s in json.loads(graph[name].inputs["policy"])["Statement"]}


def services(graph, name):
    found = statements(graph, name).values()
    return {s["Principal"]["Service"] for s in found if "Service" in s["Principal"]}


def through(graph, name):
    return statements(graph, name)["RolesUse"]["Condition"]["StringEquals"]["kms:ViaService"]


@pytest.mark.parametrize("name", ["pay-data", "pay-logs", "pay-secrets"])
def test_every_key_rotates_and_can_be_rescued(keys, name):
    key = keys(rotation_days=180)[name]

    assert key.inputs["enableKeyRotation"] is True
    assert key.inputs["rotationPeriodInDays"] == 180
    assert key.inputs["deletionWindowInDays"] == 30


@pytest.mark.parametrize("days", [7, 30])
def test_the_deletion_window_is_the_one_that_was_asked_for(keys, days):
    graph = keys(deletion_window_days=days)

    assert graph["pay-data"].inputs["deletionWindowInDays"] == days
    assert graph["pay-logs-edge"].inputs["deletionWindowInDays"] == days


@pytest.mark.parametrize("name", ["pay-data", "pay-logs", "pay-secrets", "pay-logs-edge"])
def test_the_account_can_always_change_the_policy_and_never_use_the_key_by_that(keys, name):
    manage = statements(keys(), name)["AccountManages"]

    assert manage["Principal"] == {"AWS": ROOT}
    assert "kms:PutKeyPolicy" in manage["Action"]
    assert not USE & set(manage["Action"])
    assert "kms:CreateGrant" not in manage["Action"]
    assert "kms:*" not in manage["Action"]


def test_each_key_serves_the_services_of_its_purpose_and_no_others(keys):
    graph = keys()

    assert services(graph, "pay-data") == {"events.amazonaws.com"}  # what it puts on a queue
    assert services(graph, "pay-secrets") == set()
    assert services(graph, "pay-logs") == {
        "budgets.amazonaws.com",
        "cloudtrail.amazonaws.com",
        "cloudwatch.amazonaws.com",
        "events.amazonaws.com",
        "delivery.logs.amazonaws.com",
        "logs.eu-central-1.amazonaws.com",
    }
    assert through(graph, "pay-data") == [
        "s3.eu-central-1.amazonaws.com",
        "dynamodb.eu-central-1.amazonaws.com",
        "lambda.eu-central-1.amazonaws.com",
        "sqs.eu-central-1.amazonaws.com",
    ]
    assert through(graph, "pay-secrets") == ["secretsmanager.eu-central-1.amazonaws.com"]


@pytest.mark.parametrize("name", ["pay-logs", "pay-logs-edge"])
def test_every_service_is_held_to_this_account(keys, name):
    for sid, statement in statements(keys(), name).items():
        if "Service" in statement["Principal"]:
            assert ACCOUNT in json.dumps(statement["Condition"]), sid


@pytest.mark.parametrize("name", ["pay-data", "pay-logs", "pay-secrets", "pay-logs-edge"])
def test_roles_of_other_accounts_cannot_use_a_key(keys, name):
    use = statements(keys(), name)["RolesUse"]

    assert use["Condition"]["StringEquals"]["kms:CallerAccount"] == ACCOUNT


def test_only_tables_and_functions_are_given_a_grant_and_only_by_this_account(keys):
    graph = keys()
    grant = statements(graph, "pay-data")["RolesGrant"]

    assert grant["Condition"] == {
        "StringEquals": {
            "kms:CallerAccount": ACCOUNT,
            "kms:ViaService": [
                "dynamodb.eu-central-1.amazonaws.com",
                "lambda.eu-central-1.amazonaws.com",
            ],
        },
        "Bool": {"kms:GrantIsForAWSResource": "true"},
    }
    assert "RolesGrant" not in statements(graph, "pay-logs")
    assert "RolesGrant" not in statements(graph, "pay-secrets")


@pytest.mark.parametrize("name", ["pay-logs", "pay-logs-edge"])
def test_kms_can_keep_a_replica_in_step_with_its_key(keys, name):
    manage = statements(keys(administrators=[ADMINISTRATOR]), name)

    assert "kms:SynchronizeMultiRegionKey" in manage["AccountManages"]["Action"]
    assert "kms:SynchronizeMultiRegionKey" not in manage["Administer"]["Action"]


def test_administrators_manage_a_key_and_are_denied_its_use(keys):
    found = statements(keys(administrators=[ADMINISTRATOR]), "pay-data")

    assert found["Administer"]["Principal"] == {"AWS": [ADMINISTRATOR]}
    assert not USE & set(found["Administer"]["Action"])
    assert found["AdministratorsDoNotUse"]["Effect"] == "Deny"
    assert USE | {"kms:CreateGrant"} == set(found["AdministratorsDoNotUse"]["Action"])


def test_administrators_cannot_schedule_a_deletion(keys):
    found = statements(keys(administrators=[ADMINISTRATOR], protected=False), "pay-data")

    assert "kms:ScheduleKeyDeletion" not in found["Administer"]["Action"]


def test_without_administrators_there_is_no_statement_about_them(keys):
    assert "Administer" not in statements(keys(), "pay-data")


@pytest.mark.parametrize("name", ["pay-data", "pay-logs", "pay-secrets", "pay-logs-edge"])
def test_a_protected_key_is_kept_by_pulumi_and_refuses_deletion_at_kms(keys, name):
    graph = keys()

    assert graph[name].options.protect
    assert graph[name].options.retain_on_delete
    assert statements(graph, name)["RefuseDeletion"]["Action"] == ["kms:ScheduleKeyDeletion"]
    assert statements(graph, name)["RefuseDeletion"]["Effect"] == "Deny"


@pytest.mark.parametrize("name", ["pay-data", "pay-logs-edge"])
def test_an_unprotected_key_can_be_taken_away(keys, name):
    graph = keys(protected=False)

    assert not graph[name].options.protect
    assert not graph[name].options.retain_on_delete
    assert "RefuseDeletion" not in statements(graph, name)


def test_an_alias_has_no_fixed_name_so_two_stacks_of_one_account_can_both_have_it(keys):
    aliases = keys().of_type("aws:kms/alias:Alias")

    assert len(aliases) == 4
    assert not [a for a in aliases if "name" in a.inputs]


def test_the_logs_key_has_a_replica_where_the_edge_writes_its_logs(keys):
    graph = keys()
    replica = graph["pay-logs-edge"]

    assert graph["pay-logs"].inputs["multiRegion"] is True
    assert replica.inputs["region"] == "us-east-1"
    assert graph["pay-logs-edge-alias"].inputs["region"] == "us-east-1"
    assert replica.property_dependencies["primaryKeyArn"] == (graph["pay-logs"].urn,)
    assert services(graph, "pay-logs-edge") == {
        "cloudwatch.amazonaws.com",
        "delivery.logs.amazonaws.com",
        "events.amazonaws.com",
        "logs.us-east-1.amazonaws.com",
    }


def test_a_stack_in_the_edge_region_needs_no_replica(keys):
    graph = keys(region="us-east-1", rendered=True)

    assert graph.of_type("aws:kms/replicaKey:ReplicaKey") == []
    outputs = graph["pay"].outputs
    assert outputs["edgeIds"]["logs"] == outputs["ids"]["logs"]


def test_a_partition_without_an_edge_gets_no_replica(keys):
    graph = keys(region="us-gov-west-1", partition="aws-us-gov")

    assert graph["pay"].outputs["edgeIds"] == {}
    root = statements(graph, "pay-data")["AccountManages"]["Principal"]["AWS"]
    assert root.startswith("arn:aws-us-gov:iam::")


@pytest.mark.parametrize("multi_region", [True, False])
def test_data_and_secrets_keys_are_multi_region_only_if_asked_for(keys, multi_region):
    graph = keys(multi_region=multi_region)

    assert graph["pay-data"].inputs["multiRegion"] is multi_region
    assert graph["pay-secrets"].inputs["multiRegion"] is multi_region
    assert graph["pay-logs"].inputs["multiRegion"] is True


def test_the_ids_are_the_arns_of_the_keys(keys):
    ids = keys(rendered=True)["pay"].outputs["ids"]

    assert set(ids) == {"data", "logs", "secrets"}
    assert all(i.startswith("arn:aws:kms:eu-central-1:") for i in ids.values())


def test_what_the_keys_cost_and_what_was_loosened_is_said(keys):
    graph = keys(deletion_window_days=7)

    said = {note.kind: note.text for note in graph.notes}
    assert "4 USD a month" in said["cost"]
    assert "deletionWindowDays is 7" in said["loosened"]


def test_a_policy_with_every_statement_and_administrator_stays_within_the_quota(keys):
    many = [f"arn:aws:iam::{ACCOUNT}:role/{'r' * 60}{number:03}" for number in range(50)]

    policy = keys(administrators=many)["pay-logs"].inputs["policy"]

    assert len(policy) <= 32_768  # KMS: key policy document size


def test_copies_of_secrets_have_a_key_of_their_own_region(keys):
    graph = keys(secret_replica_regions=("eu-west-1",), multi_region=True)

    key = graph["pay-secrets-eu-west-1"].inputs
    assert key["region"] == graph["pay-secrets-eu-west-1-alias"].inputs["region"] == "eu-west-1"
    assert key["multiRegion"] is False
    assert through(graph, "pay-secrets-eu-west-1") == ["secretsmanager.eu-west-1.amazonaws.com"]
    assert "eu-west-1" in graph["pay"].outputs["secretReplicaIds"]


def test_without_copies_there_is_no_key_for_them(keys):
    assert keys()["pay"].outputs["secretReplicaIds"] == {}


def test_the_price_of_every_key_is_said(keys):
    graph = keys(secret_replica_regions=("eu-west-1", "us-east-1"))

    (price,) = [n.text for n in graph.notes if n.kind == "cost"]
    assert price.startswith("6 KMS keys, replicas included: about 6 USD a month")
