"""Customers' sign-in at Microsoft Entra: tenants, applications, and what a sign-in must have."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import Subject

EXTERNAL_ID: Final = "azure-native:azureactivedirectory:CIAMTenant"
B2C: Final = "azure-native:azureactivedirectory:B2CTenant"
APPLICATION: Final = "azuread:index/application:Application"
CONDITIONAL_ACCESS: Final = "azuread:index/conditionalAccessPolicy:ConditionalAccessPolicy"

_REDIRECTS: Final = ("web.redirectUris", "singlePageApplication.redirectUris")
_LOCAL: Final = {"localhost", "127.0.0.1", "::1"}
_VERSION: Final = 2


@rule(
    "azure.customer_identity.tenant-is-not-of-a-closed-product",
    B2C,
    EXTERNAL_ID,
    severity="low",
    requires="Customers have a tenant of External ID, which Microsoft still sells",
    remediation="Make an external tenant: Azure AD B2C is sold to nobody new since May 2025.",
    reference="DORA Art 7",
)
def tenant_is_not_of_a_closed_product(tenant: Subject) -> Iterator[Verdict]:
    is_b2c = tenant.resource.type == B2C
    yield Verdict(not is_b2c, "sku.name", tenant.get("sku.name"))


@rule(
    "azure.customer_identity.people-come-back-over-tls",
    APPLICATION,
    severity="high",
    requires="Every address that people come back to with a code is https",
    remediation="Replace http:// and a star in redirectUris; http://localhost is for a developer's "
    "machine alone.",
    reference="PCI 4.2.1",
)
def people_come_back_over_tls(application: Subject) -> Iterator[Verdict]:
    for at in _REDIRECTS:
        for address in application.items(at):
            parts = urlsplit(address)
            fine = parts.scheme == "https" and "*" not in address
            yield Verdict(fine or parts.hostname in _LOCAL, at, address)


@rule(
    "azure.customer_identity.no-token-is-in-an-address",
    APPLICATION,
    severity="high",
    requires="No application gets an access token in a browser's address",
    remediation="Turn web.implicitGrant.accessTokenIssuanceEnabled off, and use a code with PKCE.",
    reference="PCI 8.3.2",
)
def no_token_is_in_an_address(application: Subject) -> Iterator[Verdict]:
    if application.has("web"):
        at = "web.implicitGrant.accessTokenIssuanceEnabled"
        given = application.get(at, False)
        yield Verdict(given is False, at, given)


@rule(
    "azure.customer_identity.tokens-are-of-version-2",
    APPLICATION,
    severity="medium",
    requires="An API that defines scopes gets tokens of version 2",
    remediation="Set api.requestedAccessTokenVersion to 2: others have another issuer and "
    "audience, and whoever checks those of version 2 refuses them.",
    reference="PCI 8.3.1",
)
def tokens_are_of_version_2(application: Subject) -> Iterator[Verdict]:
    if application.items("api.oauth2PermissionScopes"):
        at = "api.requestedAccessTokenVersion"
        version = application.get(at, 1)
        yield Verdict(version == _VERSION, at, version)


@rule(
    "azure.customer_identity.policy-for-mfa-is-on",
    CONDITIONAL_ACCESS,
    severity="high",
    requires="A policy that asks for a second factor is on, and for all whom it names",
    remediation="Set state to enabled, once its report shows that nobody is locked out.",
    reference="PCI 8.4.3",
)
def policy_for_mfa_is_on(access: Subject) -> Iterator[Verdict]:
    if "mfa" in access.items("grantControls.builtInControls"):
        state = access.get("state")
        yield Verdict(state == "enabled", "state", state)
