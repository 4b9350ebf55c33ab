"""What one cloud cannot do is an error as the config is read, and a profile never asks for it."""

import json

import pytest

from pulumi_bulwark import config
from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.keys import KeysSpec
from pulumi_bulwark.keys.azure import AzureKeys, AzureKeysArgs
from pulumi_bulwark.place import AzurePlace
from pulumi_bulwark.secrets import SecretsSpec
from pulumi_bulwark.secrets.aws import AwsSecrets, AwsSecretsArgs

TAGS = {"owner": "me", "environment": "test", "costCenter": "1", "dataClassification": "public"}
GROUP = "group:00000000-0000-0000-0000-000000000001"
ROLE = "arn:aws:iam::123456789012:role/app"


def resolved(cloud, profile="prod", **blocks):
    values = {"bulwark:cloud": cloud, "bulwark:profile": profile, "bulwark:tags": json.dumps(TAGS)}
    values |= {f"bulwark:{name}": json.dumps(block) for name, block in blocks.items()}
    return config.resolve(values).config


def refused(cloud, **blocks):
    with pytest.raises(ConfigError) as error:
        resolved(cloud, **blocks)
    return error.value.problems


@pytest.mark.parametrize("profile", ["dev", "staging", "prod"])
@pytest.mark.parametrize("cloud", ["aws", "azure"])
def test_no_profile_asks_for_what_the_cloud_cannot_do(cloud, profile):
    assert resolved(cloud, profile).cloud == cloud


def test_prod_keeps_deleted_keys_for_as_long_as_the_cloud_can():
    assert resolved("aws").keys.deletion_window_days == 30
    assert resolved("azure").keys.deletion_window_days == 90


def test_what_azure_has_not_is_refused_all_at_once_each_with_the_reason_and_the_way_out():
    assert refused(
        "azure",
        keys={"multiRegion": True},
        account={"manage": "region", "baseline": "landing-zone"},
        auditLog={"retentionDays": 731},
    ) == [
        (
            "bulwark:account.manage: not on Azure. Nothing exists once per region of a "
            "subscription: all, or none."
        ),
        (
            "bulwark:auditLog.retentionDays: not on Azure. Log Analytics searches 730 days at "
            "most: name up to 545, and keep the files longer with archiveDays."
        ),
        (
            "bulwark:keys.multiRegion: not on Azure. A key vault copies its keys to the paired "
            "region by itself, and no key leaves its vault. Remove it."
        ),
    ]


def test_what_aws_has_not_is_refused_there():
    problems = refused(
        "aws", foundation={"resourceGroup": "theirs"}, keys={"deletionWindowDays": 31}
    )

    assert [problem.partition(". ")[0] for problem in problems] == [
        "bulwark:foundation.resourceGroup: not on AWS",
        "bulwark:keys.deletionWindowDays: not on AWS",
    ]


@pytest.mark.parametrize(("cloud", "fits", "other"), [("aws", ROLE, GROUP), ("azure", GROUP, ROLE)])
def test_who_is_named_as_the_cloud_names_people(cloud, fits, other):
    (problem,) = refused(cloud, keys={"administrators": [fits, other]})

    assert problem.startswith("bulwark:keys.administrators[1]: must be ")
    assert other not in problem


def test_an_account_of_the_other_cloud_is_refused():
    (problem,) = refused("azure", account={"id": "123456789012"})

    assert problem.startswith("bulwark:account.id: must be a subscription's id")


def test_a_problem_of_the_form_and_one_of_the_cloud_are_told_together():
    problems = refused("azure", keys={"rotationDays": 1}, secrets={"recoveryDays": 0})

    assert [problem.partition(":")[2].partition(":")[0] for problem in problems] == [
        "keys.rotationDays",
        "secrets.recoveryDays",
    ]


def test_a_program_that_wires_a_component_alone_is_told_the_same(preview):
    place = AzurePlace(
        subscription_id="s", tenant_id="t", location="westeurope", resource_group_name="group"
    )
    args = AzureKeysArgs(spec=KeysSpec(administrators=(ROLE,), multi_region=True), place=place)

    with pytest.raises(ConfigError) as error:
        preview(lambda: AzureKeys("it", args))

    assert [problem.partition(": ")[0] for problem in error.value.problems] == [
        "bulwark:keys.multiRegion",
        "bulwark:keys.administrators[0]",
    ]


def test_secrets_on_aws_do_not_take_a_reader_of_entra_id(preview):
    named = {"db": {"description": "x", "readers": (GROUP,)}}
    args = AwsSecretsArgs(
        spec=SecretsSpec(named=named), account_id="1" * 12, region="eu-central-1", key_arn="k"
    )

    with pytest.raises(ConfigError, match="must be one role or user by its full ARN"):
        preview(lambda: AwsSecrets("it", args))
