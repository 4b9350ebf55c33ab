"""The functions do, with the settings that the component gives them, what the component says."""

import json

import bcrypt
import pytest

from bulwark_runtime.credentials import aws as handlers
from bulwark_runtime.credentials.policy import PRESETS as RUNTIME_PRESETS
from bulwark_runtime.credentials.policy import Policy
from pulumi_bulwark.credentials import CredentialsSpec
from pulumi_bulwark.credentials.spec import PRESETS

PASSWORD = "quiet otters row 42 boats"
OTHER = "loud herons mend 17 nets"
WRONG = "some other words 99"
FAST = {"bcrypt_cost": 10}
HERE = {"source": "192.0.2.1"}


def test_a_user_signs_up_and_signs_in(running):
    vault = running(**FAST)

    assert vault.call("register", user="u", password=PASSWORD)["outcome"] == "done"
    assert vault.call("verify", user="u", password=PASSWORD)["outcome"] == "done"
    assert vault.call("verify", user="u", password=WRONG)["outcome"] == "refused"


def test_an_attacker_is_locked_out_and_the_users_own_device_is_not(running):
    vault = running(**FAST)
    vault.call("register", user="u", password=PASSWORD)
    device = vault.call("verify", user="u", password=PASSWORD, **HERE)["device"]

    outcomes = [
        vault.call("verify", user="u", password=WRONG, source="198.51.100.9")["outcome"]
        for _ in range(4)
    ]
    assert outcomes == ["refused", "refused", "refused", "delayed"]  # PSD2: three from a place
    known = vault.call("verify", user="u", password=PASSWORD, device=device, **HERE)
    assert known["outcome"] == "done"


def test_a_password_that_is_too_short_for_pci_is_refused(running):
    answer = running(**FAST).call("register", user="u", password="Tr0ub4dor&3")

    assert (answer["outcome"], answer["weaknesses"]) == ("weak", ("too_short",))


def test_what_is_stored_is_a_hash_of_the_cost_that_was_asked_for(running):
    vault = running(bcrypt_cost=11)
    vault.call("register", user="u", password=PASSWORD)

    (item,) = vault.client("dynamodb").scan(TableName=vault.name("users"))["Items"]
    (known,) = json.loads(item["record"]["S"])["hashes"]
    assert known["text"].startswith("$2b$11$")
    assert PASSWORD not in json.dumps(item)


def test_old_hashes_are_right_after_the_pepper_has_rotated(running):
    vault = running(**FAST)
    vault.call("register", user="u", password=PASSWORD)
    vault.rotate("22222222-2222-4222-8222-222222222222")

    assert vault.call("verify", user="u", password=PASSWORD)["outcome"] == "done"
    (item,) = vault.client("dynamodb").scan(TableName=vault.name("users"))["Items"]
    assert json.loads(item["record"]["S"])["hashes"][0]["pepper"] == "v2"  # renewed by it


def test_hashes_in_secrets_are_read_from_there(running):
    vault = running(store="secrets", **FAST)
    vault.call("register", user="u", password=PASSWORD)

    assert vault.call("verify", user="u", password=PASSWORD)["outcome"] == "done"
    names = [s["Name"] for s in vault.client("secretsmanager").list_secrets()["SecretList"]]
    assert [name for name in names if name.startswith("pay/dev/it/users/")]


def test_an_imported_hash_is_right(running):
    vault = running(**FAST)
    known = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(10)).decode()

    assert vault.call("import-hash", user="u", hash=known)["outcome"] == "done"
    assert vault.call("verify", user="u", password=PASSWORD)["outcome"] == "done"


def test_upkeep_counts_the_hashes_of_each_pepper(running):
    vault = running(upkeep=True, **FAST)
    vault.call("register", user="u", password=PASSWORD)
    counted = vault.run("count-peppers", {}, LongContext())

    assert counted["hashes"] == {"v1": 1}


class LongContext:
    aws_request_id = "1"

    def get_remaining_time_in_millis(self):
        return 900_000


# --- what is written down in two places


def test_the_spec_and_the_runtime_ask_the_same_of_each_preset():
    assert {p: dict(asked) for p, asked in PRESETS.items()} == {
        p: dict(asked) for p, asked in RUNTIME_PRESETS.items()
    }


@pytest.mark.parametrize("presets", [("nist",), ("pci",), ("psd2",), ("nist", "pci", "psd2")])
def test_the_runtime_takes_the_policy_and_finds_nothing_to_add(presets):
    policy = CredentialsSpec(presets=presets).policy()

    assert Policy.from_settings(policy) == Policy.from_settings(
        {
            "presets": list(presets),
            "cost": 12,
            "breached": "list",
            "breached_on_failure": "closed",
            "reset_seconds": 900,
        }
    )


def test_the_metrics_are_the_ones_that_the_runtime_sends(credentials):
    found = credentials()
    settings = found["it-verify-function"].inputs["environment"]["variables"]
    assert found["it"].outputs["metrics"] == {
        "namespace": handlers.NAMESPACE,
        "service": handlers.SERVICE,
        "vault": settings["BULWARK_VAULT"],
        "lockouts": handlers.METRICS["delayed"],
    }


def test_vaults_of_two_environments_are_told_apart_in_their_metrics(credentials):
    dev, prod = (credentials(stack=stack)["it"].outputs["metrics"] for stack in ("dev", "prod"))
    assert dev["vault"] != prod["vault"]
