"""Rules may not import components, so what looks like a secret is written in both: they agree."""

import pytest

from bulwark_toolkit.compliance.secret_names import holds_a_secret
from pulumi_bulwark.function import environment
from pulumi_bulwark.function.environment import AZURE

SETTINGS = [
    ("DB_PASSWORD", "hunter2"),
    ("dbPassword", "hunter2"),
    ("API_KEY", "abc"),
    ("CONNECTION_STRING", "Server=x"),
    ("PEPPER", "salt"),
    ("TOKENS", "abc"),
    ("DB_SECRET_ARN", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db"),
    ("DB_SECRET", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db"),
    ("DB_SECRET", "https://vault.vault.azure.net/secrets/db"),
    ("DB_SECRET", "https://user:word@example.com/"),
    ("DB_SECRET", "@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/db/)"),
    ("QUEUE__CREDENTIAL", "managedidentity"),
    ("DB_PASSWORD", ""),
    ("LEVEL", "-----BEGIN RSA PRIVATE KEY"),
    ("LEVEL", "AKIA" + "A" * 16),
    ("LEVEL", "ghp_" + "a" * 36),
    ("LEVEL", "xoxb-" + "1" * 12),
    ("LEVEL", "sk_live_" + "a" * 20),
    ("LEVEL", "eyJ" + "a" * 12 + ".eyJ" + "b" * 12 + "."),
    ("LEVEL", "postgres://user:word@db/pay"),
    ("LEVEL", "DefaultEndpointsProtocol=https;AccountKey=abc"),
    ("LEVEL", "https://a.blob.core.windows.net/c?sig=" + "a" * 24),
    ("LEVEL", "INFO"),
    ("TABLE", "users"),
    ("TOKEN_MINUTES", "15"),
]


def refused(name, value):
    found = environment.problems("at", {name: value}, AZURE)
    return any("looks like a secret" in problem for problem in found)


@pytest.mark.parametrize(("name", "value"), SETTINGS)
def test_a_rule_and_the_component_see_the_same_secrets(name, value):
    assert holds_a_secret(name, value) is refused(name, value)


def test_the_settings_above_have_both_kinds():
    assert {refused(name, value) for name, value in SETTINGS} == {True, False}
