import pulumi
from pulumi_azure_native import azureactivedirectory
from rule_cases import test_a_rule_passes_fails_and_does_not_apply  # noqa: F401 asked of this file too

from bulwark_toolkit.compliance.rules import RULES
from bulwark_toolkit.compliance.rules.azure import customer_identity as rules

C = "azure.customer_identity."
TENANT = {"resource_group_name": "group", "resource_name_": "shop.onmicrosoft.com"}


def nothing():
    """A program without anybody who signs in."""
    pulumi.CustomResource("azuread:index/group:Group", "it", {"displayName": "It"})


def application(**inputs):
    token = rules.APPLICATION
    return lambda: pulumi.CustomResource(token, "it", {"displayName": "It", **inputs})


def access(state, *controls):
    inputs = {"state": state, "grantControls": {"builtInControls": list(controls)}}
    return lambda: pulumi.CustomResource(rules.CONDITIONAL_ACCESS, "it", inputs)


def external_id():
    azureactivedirectory.CIAMTenant(
        "it",
        create_tenant_properties={"country_code": "DE", "display_name": "Shop"},
        location="Europe",
        sku={"name": "Base", "tier": "A0"},
        **TENANT,
    )


def b2c():
    azureactivedirectory.B2CTenant(
        "it", location="Europe", sku={"name": "PremiumP1", "tier": "A0"}, **TENANT
    )


def web(address):
    return application(web={"redirectUris": [address]})


def implicit(given):
    return application(web={"implicitGrant": {"accessTokenIssuanceEnabled": given}})


def api(version):
    return application(
        api={"requestedAccessTokenVersion": version, "oauth2PermissionScopes": [{"value": "read"}]}
    )


CASES = {
    C + "tenant-is-not-of-a-closed-product": (external_id, b2c, nothing),
    C + "people-come-back-over-tls": (
        web("https://shop.example.com/back"),
        web("http://shop.example.com/back"),
        application(),
    ),
    C + "no-token-is-in-an-address": (implicit(False), implicit(True), application()),
    C + "tokens-are-of-version-2": (api(2), api(1), application()),
    C + "policy-for-mfa-is-on": (
        access("enabled", "mfa"),
        access("enabledForReportingButNotEnforced", "mfa"),
        access("enabled", "block"),
    ),
}
"""A program that passes, one that fails and one that the rule does not apply to."""


def test_each_rule_of_the_file_has_its_cases():
    assert {r.id for r in vars(rules).values() if r in RULES} == CASES.keys()


def test_a_developers_own_machine_needs_no_tls(outcomes):
    found = outcomes(C + "people-come-back-over-tls", web("http://localhost:3000/back"))

    assert found == {"pass"}


def test_a_star_is_no_address(outcomes):
    assert outcomes(C + "people-come-back-over-tls", web("https://*.example.com")) == {"fail"}
