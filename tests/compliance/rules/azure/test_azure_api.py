from pulumi_azure_native import apimanagement, monitor, resources
from rule_cases import (
    test_a_rule_fails_for,  # noqa: F401 asked of this file too
    test_a_rule_passes_fails_and_does_not_apply,  # noqa: F401 asked of this file too
    test_a_rule_passes_for,  # noqa: F401 asked of this file too
)

from bulwark_toolkit.compliance.rules import RULES
from bulwark_toolkit.compliance.rules.azure import api as rules

A = "azure.api."
IN = {"resource_group_name": "group", "service_name": "service"}
SECURITY = "Microsoft.WindowsAzure.ApiManagement.Gateway.Security."
OLD = ("Tls10", "Tls11", "Ssl30")
NO_OLD = {
    f"{SECURITY}{side}{name}": "False"
    for side in ("Protocols.", "Backend.Protocols.")
    for name in OLD
}
WEAK = ("TripleDes168", "TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_AES_256_CBC_SHA")
NO_WEAK = {f"{SECURITY}Ciphers.{name}": "False" for name in WEAK}
JWT = """<validate-jwt header-name="Authorization">
  <openid-config url="https://i/m" />
  <audiences><audience>api</audience></audiences>
  <issuers><issuer>https://i</issuer></issuers>
  <required-claims><claim name="scp" match="any"><value>read</value></claim></required-claims>
</validate-jwt>"""
VALIDATED = """<validate-parameters specified-parameter-action="prevent" />
<validate-content unspecified-content-type-action="prevent" max-size="1">
  <content type="application/json" validate-as="json" action="prevent" />
</validate-content>"""
CORS = "<cors><allowed-origins><origin>{}</origin></allowed-origins></cors>"
VAULT = "https://v.vault.azure.net/secrets/pay"


def nothing():
    """A program without an API."""
    resources.ResourceGroup("it")


def service(sku="Premium", *, logs=None, **inputs):
    def program():
        it = apimanagement.ApiManagementService(
            "it",
            resource_group_name="group",
            publisher_email="a@example.com",
            publisher_name="it",
            sku={"name": sku, "capacity": 1},
            **inputs,
        )
        if logs:
            monitor.DiagnosticSetting("logs", resource_uri=it.id, logs=logs)

    return program


def text(inbound):
    return f"""<policies><inbound>{inbound}</inbound><backend><base /></backend>
<outbound><base /></outbound><on-error><base /></on-error></policies>"""


def policy(inbound, kind=apimanagement.ApiPolicy):
    return lambda: kind("it", api_id="api", policy_id="policy", value=text(inbound), **IN)


def api(inbound=None, *, operation=None, **inputs):
    """An API with a policy, of its own or of an operation."""

    def program():
        apimanagement.Api("it", api_id="api", path="", **IN, **inputs)
        if inbound is not None:
            apimanagement.ApiPolicy(
                "p", api_id="api", policy_id="policy", value=text(inbound), **IN
            )
        if operation is not None:
            apimanagement.ApiOperationPolicy(
                "o",
                api_id="api",
                operation_id="op",
                policy_id="policy",
                value=text(operation),
                **IN,
            )

    return program


def diagnostic(**message):
    side = {"request": message, "response": {}}
    return lambda: apimanagement.ApiDiagnostic(
        "it",
        api_id="api",
        diagnostic_id="azuremonitor",
        logger_id="logger",
        frontend=side,
        backend=side,
        **IN,
    )


def backend(**inputs):
    return lambda: apimanagement.Backend("it", protocol="http", **IN, **inputs)


def named(**inputs):
    return lambda: apimanagement.NamedValue("it", display_name="it", **IN, **inputs)


HIDDEN = {"data_masking": {"query_params": [{"value": "*", "mode": "Hide"}]}}

CASES = {
    A + "tls-is-1-2-at-least": (
        service(custom_properties=NO_OLD),
        service(custom_properties={**NO_OLD, f"{SECURITY}Protocols.Tls10": "True"}),
        nothing,
    ),
    A + "ciphers-are-strong": (
        service(custom_properties=NO_WEAK),
        service(custom_properties=NO_OLD),
        service("StandardV2"),
    ),
    A + "portals-are-off": (
        service(developer_portal_status="Disabled", legacy_portal_status="Disabled"),
        service(),
        nothing,
    ),
    A + "requests-are-logged": (
        service(logs=[{"category_group": "allLogs", "enabled": True}]),
        service(logs=[{"category": "GatewayLogs", "enabled": False}]),
        nothing,
    ),
    A + "logs-hold-no-token": (
        diagnostic(headers=["User-Agent"]),
        diagnostic(headers=["Authorization"]),
        nothing,
    ),
    A + "logs-hold-no-body": (
        diagnostic(body={"bytes": 0}),
        diagnostic(body={"bytes": 512}),
        nothing,
    ),
    A + "logs-hide-queries": (diagnostic(**HIDDEN), diagnostic(), nothing),
    A + "clients-come-over-tls-only": (
        api(protocols=["https"]),
        api(protocols=["https", "http"]),
        nothing,
    ),
    A + "backends-are-called-over-tls": (
        policy('<base /><set-backend-service base-url="https://b.example" />'),
        policy('<base /><set-backend-service base-url="http://b.example" />'),
        policy("<base />"),
    ),
    A + "certificates-of-backends-are-checked": (
        backend(url="https://b.example"),
        backend(url="https://b.example", tls={"validate_certificate_chain": False}),
        nothing,
    ),
    A + "every-api-asks-who-calls": (
        api(f"<base />{JWT}", subscription_required=False),
        api("<base />", subscription_required=False),
        nothing,
    ),
    A + "tokens-are-of-one-issuer-for-one-audience": (
        policy(JWT),
        policy('<validate-jwt header-name="Authorization" />'),
        policy("<base />"),
    ),
    A + "tokens-need-a-scope": (
        policy(JWT),
        policy(JWT.replace("scp", "sub")),
        policy("<base />"),
    ),
    A + "requests-are-limited": (
        api('<base /><rate-limit calls="1" renewal-period="1" />'),
        api("<base />"),
        nothing,
    ),
    A + "requests-are-validated": (
        api(VALIDATED, value='{"requestBody": {}}'),
        api("<base />"),
        nothing,
    ),
    A + "wider-policies-hold": (policy("<base />"), policy(JWT), nothing),
    A + "cors-names-its-origins": (
        policy(CORS.format("https://app.example.com")),
        policy(CORS.format("*")),
        policy("<base />"),
    ),
    A + "secrets-stay-in-key-vault": (
        named(secret=True, key_vault={"secret_identifier": VAULT}),
        named(secret=True, value="hunter2"),
        named(value="plain"),
    ),
}
"""A program that passes, one that fails and one that the rule does not apply to."""

ALSO = {
    "a service that logs nowhere": (A + "requests-are-logged", service()),
    "a service that says nothing of TLS": (A + "tls-is-1-2-at-least", service()),
    "an API behind http": (
        A + "backends-are-called-over-tls",
        api(service_url="http://b.example"),
    ),
    "a backend in the clear": (A + "backends-are-called-over-tls", backend(url="http://b.example")),
    "a question in the clear": (
        A + "backends-are-called-over-tls",
        policy("<base /><send-request><set-url>http://q.example</set-url></send-request>"),
    ),
    "a token without a signature": (
        A + "tokens-are-of-one-issuer-for-one-audience",
        policy(JWT.replace("<validate-jwt ", '<validate-jwt require-signed-tokens="false" ')),
    ),
    "a body that is only looked at": (
        A + "requests-are-validated",
        api(
            VALIDATED.replace('action="prevent" />\n</', 'action="detect" />\n</'),
            value="requestBody",
        ),
    ),
    "a version of a secret, which is never renewed": (
        A + "secrets-stay-in-key-vault",
        named(secret=True, key_vault={"secret_identifier": f"{VAULT}/0b7a"}),
    ),
    "text that is no policy": (
        A + "wider-policies-hold",
        lambda: apimanagement.ApiPolicy(
            "it", api_id="api", policy_id="policy", value="<policies>", **IN
        ),
    ),
}
"""More that fails."""

RAW = '<set-variable name="a" value="@(context.Variables.GetValueOrDefault<string>("b", ")"))" />'
FINE = {
    "an API that asks for a key": (A + "every-api-asks-who-calls", api("<base />")),
    "a token that an operation asks for": (
        A + "every-api-asks-who-calls",
        api(operation=JWT, subscription_required=False),
    ),
    "an expression with quotes and brackets as they are": (
        A + "tokens-need-a-scope",
        policy(RAW + JWT),
    ),
    "an expression whose quotes are escaped": (
        A + "tokens-need-a-scope",
        policy('<set-variable name="a" value="@(f(&quot;x&quot;))" />' + JWT),
    ),
    "a check of Microsoft's own": (
        A + "tokens-need-a-scope",
        policy(JWT.replace("validate-jwt", "validate-azure-ad-token")),
    ),
}
"""More that passes."""


def test_each_rule_of_the_file_has_its_cases():
    assert {r.id for r in vars(rules).values() if r in RULES} == CASES.keys()
