"""Values in Key Vault, set with the SDK's own client against a fake of the vault."""

import io
import json
import logging
import string
import sys

import pytest
from arm import SUBSCRIPTION

VALUE = "hunter2-pLaNtEd"
CLAIM = "bulwark/dev/dev-secrets"
STACK_FILE = f"""
config:
  azure-native:location: westeurope
  bulwark:cloud: azure
  bulwark:profile: dev
  bulwark:account: {{id: {SUBSCRIPTION}}}
  bulwark:tags: {{owner: me, environment: dev, costCenter: "1", dataClassification: internal}}
  bulwark:secrets:
    named:
      db-password: {{description: Opens the database}}
      session-key: {{description: Signs sessions, source: generated, length: 48}}
      token: {{description: Knocks, source: generated, rotationDays: 30}}
"""


@pytest.fixture
def deployed(ours, arm, key_vault):
    """Our project, deployed: a vault without a secret."""
    arm.tagged("bulwark-vault", CLAIM, "kv-1")
    return ours(STACK_FILE)


@pytest.fixture
def given(monkeypatch):
    """Set standard input."""

    def give(text):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

    give("")
    return give


def test_a_value_from_a_person_goes_to_the_vault_and_only_its_version_is_told(
    bulwark, deployed, key_vault, given
):
    given(f"{VALUE}\n")

    result = bulwark("secrets", "set", "db-password", "-C", deployed)

    assert result.status == 0, result.err
    assert key_vault.value("db-password") == VALUE
    version = key_vault.secrets["db-password"][-1]["id"]
    assert result.out == f"db-password of dev has a new value (version {version})\n"


def test_a_generated_value_is_made_and_shown_to_nobody(bulwark, deployed, key_vault, given):
    result = bulwark("secrets", "set", "session-key", "-C", deployed)

    value = key_vault.value("session-key")
    assert len(value) == 48
    for characters in (string.ascii_lowercase, string.ascii_uppercase, string.digits):
        assert set(value) & set(characters)
    assert value not in result.out + result.err
    assert "made by this command" in result.out


def test_two_generated_values_differ(bulwark, deployed, key_vault, given):
    bulwark("secrets", "set", "session-key", "-C", deployed)
    bulwark("secrets", "set", "session-key", "--replace", "-C", deployed)

    first, second = (version["value"] for version in key_vault.secrets["session-key"])
    assert first != second


def test_a_generated_value_is_not_replaced_unasked(bulwark, deployed, key_vault, given):
    bulwark("secrets", "set", "session-key", "-C", deployed)

    result = bulwark("secrets", "set", "session-key", "-C", deployed)

    assert result.status == 2
    assert "--replace" in result.err
    assert len(key_vault.secrets["session-key"]) == 1


def test_a_list_says_what_has_a_value_and_since_when(bulwark, deployed, key_vault, given):
    given(VALUE)
    bulwark("secrets", "set", "db-password", "-C", deployed)

    result = bulwark("secrets", "list", "-C", deployed, "--format", "json")

    rows = {row["name"]: row for row in json.loads(result.out)}
    assert rows["db-password"]["state"] == "has a value"
    assert rows["db-password"]["since"] == "2023-11-14T22:14:20Z"
    assert rows["session-key"]["state"] == "no value"
    assert rows["session-key"]["source"] == "generated"
    assert VALUE not in result.out


def test_a_newest_version_that_is_off_is_no_value_and_no_older_one_takes_its_place(
    bulwark, deployed, key_vault, given
):
    for value in ("an-older-one", VALUE):
        given(value)
        bulwark("secrets", "set", "db-password", "-C", deployed)
    key_vault.secrets["db-password"][-1]["enabled"] = False

    result = bulwark("secrets", "list", "-C", deployed, "--format", "json")

    assert {row["name"]: row["state"] for row in json.loads(result.out)}[
        "db-password"
    ] == "no value"


def test_a_rotation_is_asked_for_by_ending_the_value_which_nobody_sees(
    bulwark, deployed, key_vault, given
):
    bulwark("secrets", "set", "token", "-C", deployed)
    value = key_vault.value("token")
    key_vault.server.requests.clear()

    result = bulwark("secrets", "rotate", "token", "-C", deployed)

    assert result.status == 0, result.err
    assert "replaced within a quarter of an hour" in result.out
    (version,) = key_vault.secrets["token"]
    assert version["exp"] > 1_700_000_000
    assert version["value"] == value
    assert key_vault.asked("PUT") == []
    assert all("/versions?" in path for path in key_vault.asked("GET"))


def test_a_rotation_that_has_not_made_the_first_value_is_waited_for(
    bulwark, deployed, key_vault, given
):
    result = bulwark("secrets", "rotate", "token", "-C", deployed)

    assert result.status == 0, result.err
    assert "it has no value yet" in result.out


def test_what_does_not_rotate_is_not_ended(bulwark, deployed, key_vault, given):
    bulwark("secrets", "set", "session-key", "-C", deployed)

    result = bulwark("secrets", "rotate", "session-key", "-C", deployed)

    assert result.status == 2
    assert "session-key does not rotate" in result.err
    assert key_vault.secrets["session-key"][-1]["exp"] is None


def test_no_value_is_read_back(bulwark, deployed, key_vault, given):
    given(VALUE)
    bulwark("secrets", "set", "db-password", "-C", deployed)
    bulwark("secrets", "list", "-C", deployed)

    gets = [path for method, path, _, _ in key_vault.server.requests if method == "GET"]
    assert gets
    assert all("/versions?" in path for path in gets)


def test_a_value_that_key_vault_would_refuse_is_refused_before_it_is_sent(
    bulwark, deployed, key_vault, given
):
    given("x" * 25_601)

    result = bulwark("secrets", "set", "db-password", "-C", deployed)

    assert result.status == 2
    assert "the value has 25601 bytes; Key Vault takes 25600" in result.err
    assert key_vault.secrets == {}


def test_before_the_stack_is_deployed_it_says_so(bulwark, deployed, arm, given):
    arm.tagged("bulwark-vault", CLAIM)
    given(VALUE)

    result = bulwark("secrets", "set", "db-password", "-C", deployed)
    listed = bulwark("secrets", "list", "-C", deployed, "--format", "json")

    assert result.status == 2
    assert "pulumi up -s dev" in result.err
    assert {row["state"] for row in json.loads(listed.out)} == {"not deployed"}


def test_a_vault_that_only_says_that_it_is_ours_gets_no_value(
    bulwark, deployed, arm, key_vault, given
):
    arm.tagged("bulwark-vault", CLAIM, "kv-1", "kv-of-an-intruder")
    given(VALUE)

    result = bulwark("secrets", "set", "db-password", "-C", deployed)

    assert result.status == 2
    assert "kv-of-an-intruder" in result.err
    assert key_vault.secrets == {}


REFUSALS = {
    (403, "Forbidden", "ForbiddenByRbac"): "ask for the role",
    (403, "Forbidden", "ForbiddenByFirewall"): "allowedAddresses",
    (409, "Conflict", "ObjectIsDeletedButRecoverable"): "az keyvault secret recover",
    (400, "BadParameter", None): "Azure refuses it (400 BadParameter)",
}


@pytest.mark.parametrize("refuses", REFUSALS, ids=str)
def test_a_refusal_says_what_to_do_and_not_the_value(bulwark, deployed, key_vault, given, refuses):
    key_vault.refuses, says = refuses, REFUSALS[refuses]
    given(VALUE)

    result = bulwark("secrets", "set", "db-password", "-C", deployed)

    assert result.status == 2
    assert says in result.err
    assert VALUE not in result.err + result.out
    assert "Traceback" not in result.err


def test_a_vault_that_cannot_be_reached_is_said_in_a_sentence(
    bulwark, deployed, given, monkeypatch
):
    from bulwark_toolkit.cli import azure_sdk

    monkeypatch.setattr(azure_sdk, "VAULTS", "https://127.0.0.1:1")
    given(VALUE)

    result = bulwark("secrets", "set", "db-password", "-C", deployed)

    assert result.status == 2
    assert "Azure cannot be reached" in result.err
    assert VALUE not in result.err


def test_no_log_has_the_value_however_much_is_logged(bulwark, deployed, given, caplog):
    caplog.set_level(logging.DEBUG)
    given(VALUE)

    bulwark("secrets", "set", "db-password", "-C", deployed)

    assert VALUE not in caplog.text


def test_what_is_asked_of_azure_is_asked_with_its_own_scope(
    bulwark, deployed, arm, key_vault, given
):
    given(VALUE)
    bulwark("secrets", "set", "db-password", "-C", deployed)

    assert "https://management.azure.com/.default" in arm.credential.asked
    assert f"{key_vault.resource}/.default" in arm.credential.asked


def test_a_misspelt_name_is_said_before_a_missing_subscription(bulwark, ours, given, monkeypatch):
    for name in ("ARM_SUBSCRIPTION_ID", "AZURE_SUBSCRIPTION_ID"):
        monkeypatch.delenv(name, raising=False)
    project = ours("".join(line for line in STACK_FILE.splitlines(True) if "account:" not in line))

    misspelt = bulwark("secrets", "set", "db-pasword", "-C", project)
    right = bulwark("secrets", "set", "db-password", "-C", project)

    assert (misspelt.status, right.status) == (2, 2)
    assert "Did you mean db-password?" in misspelt.err
    assert "which subscription?" in right.err


def test_what_the_sdk_tried_to_sign_in_with_is_not_listed():
    from bulwark_toolkit.cli import azure_sdk

    azure_sdk.credential()

    assert not logging.getLogger("azure.identity").isEnabledFor(logging.WARNING)
