"""The function app that rotates, in Microsoft's worker library, from the zip that is deployed."""

import json
import time

import pytest
from functions_host import FunctionError

pytestmark = pytest.mark.e2e

DAY = 86_400
PLAN = {
    "session-key": {"kind": "generated", "days": 30, "settings": {"bulwark:length": "48"}},
    "webhook-key": {"kind": "generated", "days": 30, "settings": {}},
    "pepper": {"kind": "pepper", "days": 90, "settings": {}},
}


@pytest.fixture
def app(functions_host, vault, managed_identity, authority):
    root, _ = authority
    vault.now, vault.tick = int(time.time()), 0
    settings = {
        "BULWARK_VAULT_URI": f"{vault.url}/",
        "BULWARK_ROTATION": json.dumps(PLAN),
        "REQUESTS_CA_BUNDLE": str(root),
        **managed_identity.environment,
    }
    return functions_host("rotation", "bulwark_runtime.rotation.azure_app:app", settings)


def age(vault, name, days):
    for version in vault.secrets[name]:
        version["at"] -= days * DAY


def test_each_gets_its_first_value_and_the_next_when_it_is_due(app, vault, managed_identity):
    app.timer("rotate")

    first = {name: vault.values(name) for name in PLAN}
    assert len(first["session-key"][0]) == 48
    assert json.loads(first["pepper"][0])["current"] == "v1"
    assert managed_identity.asked == [vault.resource]

    age(vault, "session-key", 30)
    age(vault, "webhook-key", 29)
    age(vault, "pepper", 90)
    app.timer("rotate", past_due=True)

    assert [len(vault.values(name)) for name in PLAN] == [2, 1, 2]
    assert json.loads(vault.value("pepper"))["current"] == "v1"
    age(vault, "pepper", 1)
    app.timer("rotate")
    assert json.loads(vault.value("pepper"))["current"] == "v2"

    values = [value for name in ("session-key", "webhook-key") for value in vault.values(name)]
    assert '"message": "next value"' in app.logged()
    assert not any(value in app.logged() for value in (*values, *peppers(vault)))
    assert managed_identity.token not in app.logged()


def test_one_that_fails_is_said_and_keeps_no_other_from_its_value(app, vault):
    vault.refuses_of["session-key"] = (403, "Forbidden", "ForbiddenByRbac")

    with pytest.raises(FunctionError, match="no rotation of session-key"):
        app.timer("rotate")

    assert set(vault.secrets) == {"webhook-key", "pepper"}
    assert "ForbiddenByRbac" in app.logged()
    assert '"message": "rotation over", "secrets": 3, "failed": 1' in app.logged()


def peppers(vault):
    return json.loads(vault.value("pepper"))["peppers"].values()
