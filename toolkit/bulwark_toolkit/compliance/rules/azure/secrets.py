"""Secrets in key vaults."""

from collections.abc import Iterator
from typing import Final

from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import Subject
from bulwark_toolkit.preview.values import Secret, Unknown

CONTAINER: Final = "azure-native:keyvault:Secret"


@rule(
    "azure.secrets.value-is-not-in-the-clear",
    CONTAINER,
    severity="critical",
    requires="No value of a secret is in a program's state in the clear",
    remediation="Leave the secret out, and set it with `bulwark secrets set`; or wrap the value in "
    "pulumi.Output.secret: azure-native marks none by itself.",
    reference="PCI 8.6.2",
)
def value_is_not_in_the_clear(secret: Subject) -> Iterator[Verdict]:
    properties = secret.resource.inputs.get("properties")
    value = properties.get("value") if isinstance(properties, dict) else properties
    if isinstance(value, Unknown):
        secret.get("properties.value")  # says what it waits for
    if value is not None:
        # Never the value itself: it would be in the report.
        yield Verdict(isinstance(value, Secret), "properties.value")


@rule(
    "azure.secrets.secret-has-an-end",
    CONTAINER,
    severity="medium",
    requires="Every secret has a day on which it ends",
    remediation="Set attributes.expires, in seconds since 1970.",
    reference="CIS Azure 8.3.3",
)
def secret_has_an_end(secret: Subject) -> Iterator[Verdict]:
    value = secret.get("properties.attributes.expires")
    yield Verdict(value is not None, "properties.attributes.expires", value)
