"""The vault's apps in Microsoft's worker library, from the zip that is deployed, on Azurite and a
fake of Key Vault, with the SDK's own way to sign in."""

import base64
import json

import pytest
from azurite import token

pytestmark = pytest.mark.e2e

PASSWORD = "blue lamp 47 under rain"
OTHER = "seven 7 green boats at noon"
HOME = "203.0.113.7"
SHOP, DESK = "00000000-0000-0000-0000-00000000000c", "00000000-0000-0000-0000-00000000000d"
SIGN_IN = {name: [SHOP] for name in ("register", "verify", "change", "begin-reset", "finish-reset")}
ADMINISTRATION = {name: [DESK] for name in ("disable", "enable", "delete", "count-peppers")}


@pytest.fixture
def told(azure_secrets_world, vault_client, managed_identity, azurite, monkeypatch):
    """What both apps are told."""
    signed_in = managed_identity.answer

    def answer(target, headers):
        # Azurite looks at whom a token is for.
        status, found = signed_in(target, headers)
        return status, {**found, "access_token": token(found["resource"])}

    monkeypatch.setattr(managed_identity, "answer", answer)
    pepper = base64.b64encode(b"p" * 32).decode()
    vault_client.set_secret("pepper", json.dumps({"current": "v1", "peppers": {"v1": pepper}}))
    return {
        "BULWARK_TABLES": azurite.tables,
        "BULWARK_USERS_TABLE": azure_secrets_world.table("users"),
        "BULWARK_ATTEMPTS_TABLE": azure_secrets_world.table("attempts"),
        "BULWARK_POLICY": json.dumps({"presets": ["pci"], "cost": 10}),
        "BULWARK_VAULT": "shop-dev-vault",
        "REQUESTS_CA_BUNDLE": str(azurite.trust),
        **managed_identity.environment,
    }


@pytest.fixture
def app(functions_host, told, vault):
    """Starts one that does these operations, with the pepper or without."""

    def start(operations, store="table", *, pepper=True):
        settings = {"BULWARK_OPERATIONS": json.dumps(operations), "BULWARK_STORE": store}
        if pepper:
            settings["BULWARK_PEPPER_URI"] = f"{vault.url}/secrets/pepper"
        else:
            settings["BULWARK_DROPS_EXPIRED"] = "true"
        if store == "secrets":
            settings["BULWARK_HASHES_URI"] = vault.url
        where = "bulwark_runtime.credentials.azure_app:app"
        return functions_host("credentials", where, {**told, **settings})

    return start


def ask(app, operation, who=SHOP, **event):
    answer = app.call("POST", f"/{operation}", {"X-MS-CLIENT-PRINCIPAL-ID": who}, event)
    return answer.json()["outcome"] if answer.status in {200, 400} else answer.status


@pytest.mark.parametrize("store", ["table", "secrets"])
def test_a_user_signs_up_and_in_is_locked_out_and_resets(app, store, managed_identity, vault):
    sign_in = app(SIGN_IN, store)

    assert ask(sign_in, "register", user="ada", password=PASSWORD) == "done"
    assert ask(sign_in, "register", user="ada", password=OTHER) == "exists"
    assert ask(sign_in, "verify", user="ada", password=PASSWORD, source=HOME) == "done"
    guesses = [ask(sign_in, "verify", user="ada", password=OTHER, source=HOME) for _ in range(6)]
    assert guesses == ["refused"] * 5 + ["delayed"]
    assert ask(sign_in, "verify", user="ada", password=PASSWORD, source=HOME) == "delayed"

    caller = {"X-MS-CLIENT-PRINCIPAL-ID": SHOP}
    given = sign_in.call("POST", "/begin-reset", caller, {"user": "ada"}).json()["token"]
    reset = {"user": "ada", "token": given, "new_password": OTHER}
    assert ask(sign_in, "finish-reset", **reset) == "done"
    assert ask(sign_in, "verify", user="ada", password=OTHER, source=HOME) == "done"

    assert '"metric":"Lockouts"' in sign_in.logged()
    assert not any(value in sign_in.logged() for value in (PASSWORD, OTHER, given, HOME, "$2b$"))
    assert set(managed_identity.asked) == {"https://storage.azure.com", vault.resource}


def test_who_manages_users_has_no_pepper_and_who_signs_in_may_not_manage(app):
    sign_in, administration = app(SIGN_IN), app(ADMINISTRATION, pepper=False)
    ask(sign_in, "register", user="ada", password=PASSWORD)

    assert ask(administration, "disable", SHOP, user="ada") == 403
    assert ask(administration, "disable", DESK, user="ada") == "done"
    assert ask(sign_in, "verify", user="ada", password=PASSWORD, source=HOME) == "refused"
    assert ask(administration, "enable", DESK, user="ada") == "done"
    assert ask(sign_in, "verify", user="ada", password=PASSWORD, source=HOME) == "done"
    assert ask(sign_in, "disable", DESK, user="ada") == 404
    counted = administration.call("POST", "/count-peppers", {"X-MS-CLIENT-PRINCIPAL-ID": DESK})
    assert counted.json() == {"cursor": None, "hashes": {"v1": 1}}
    administration.timer("drop_expired")
    assert '"message":"dropped"' in administration.logged()
