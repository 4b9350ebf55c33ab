"""Secrets in key vaults."""

import json
from collections.abc import Iterator
from typing import Final

from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import Subject
from bulwark_toolkit.preview.values import Secret, Unknown

CONTAINER: Final = "azure-native:keyvault:Secret"
APP: Final = "azure-native:web:WebApp"
ASSIGNMENT: Final = "azure-native:authorization:RoleAssignment"

_LONGEST_DAYS: Final = 90

_READ_VALUES: Final = {
    "00482a5a-887f-4fb3-b363-3b7fe8e74483",
    "4633458b-17de-408a-b874-0445c86b69e6",
    "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
}
"""Key Vault Administrator, Key Vault Secrets User and Key Vault Secrets Officer."""


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


@rule(
    "azure.secrets.rotation-is-often-enough",
    APP,
    severity="medium",
    requires="Every secret that rotates gets a new value every 90 days or more often",
    remediation="Set rotationDays of the secret, or pepperRotationDays of the vault, to 90 or "
    "less.",
    reference="PCI 8.6.3",
)
def rotation_is_often_enough(app: Subject) -> Iterator[Verdict]:
    # What bulwark_runtime.rotation gives values, and how often, is in its function's settings.
    for at in app.each("siteConfig.appSettings"):
        if app.get(f"{at}.name") == "BULWARK_ROTATION":
            for secret, about in json.loads(app.get(f"{at}.value")).items():
                yield Verdict(about["days"] <= _LONGEST_DAYS, f"{at}.value.{secret}", about["days"])


@rule(
    "azure.secrets.no-workload-reads-a-whole-vault",
    ASSIGNMENT,
    severity="high",
    requires="A workload reads the secrets that it is given, and no others of the vault",
    remediation="Give the role at the secret: its full id, which may be named before it is there.",
    reference="PCI 7.2.5",
)
def no_workload_reads_a_whole_vault(assignment: Subject) -> Iterator[Verdict]:
    role = str(assignment.get("roleDefinitionId", "")).lower().rpartition("/")[2]
    if role in _READ_VALUES and assignment.get("principalType", "User") == "ServicePrincipal":
        scope = str(assignment.get("scope", ""))
        yield Verdict("/secrets/" in scope.lower(), "scope", scope)
