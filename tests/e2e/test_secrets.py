"""A secret of the config is in the clear nowhere but in the provider's own memory."""

import pytest

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="session")
def sample(samples):
    return samples["ledger"]


def test_a_secret_is_nowhere_in_what_is_written(deployed, planted):
    deployed.refresh()

    found = [str(path) for path, content in deployed.written() if planted.encode() in content]

    assert found == []


@pytest.mark.parametrize(
    "command",
    [
        ("preview", "--diff"),
        ("preview", "--json"),
        ("up", "--yes", "--skip-preview", "--json"),
        ("up", "--yes", "--skip-preview", "--logtostderr", "--verbose=3"),
        ("refresh", "--yes", "--skip-preview", "--json"),
        ("stack", "--show-urns"),
        ("stack", "output", "--json"),
        ("stack", "export"),
        ("config", "--json"),
    ],
    ids=" ".join,
)
def test_a_secret_is_nowhere_in_what_is_shown(deployed, planted, command):
    deployed.set("ledger:description", "changed")

    assert planted not in deployed.pulumi(*command).text


def test_the_state_holds_the_secret_encrypted(deployed, planted):
    version = deployed.resources()["ledger-password-version"]

    assert "ciphertext" in version["inputs"]["secretString"]
    assert planted in deployed.pulumi("stack", "output", "--show-secrets").text


def test_a_changed_secret_is_an_update_that_does_not_show_it(deployed, planted):
    deployed.set("ledger:password", f"{planted}-2", "--secret")

    shown = deployed.pulumi("up", "--yes", "--skip-preview", "--diff")

    assert planted not in shown.text
    assert [e["name"] for e in deployed.cloud("update")] == ["ledger-password-version"]
