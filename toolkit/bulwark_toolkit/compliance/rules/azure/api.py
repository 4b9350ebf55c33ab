"""API Management: services, APIs, and the policies that requests meet."""

from collections.abc import Iterator
from typing import Any, Final
from xml.etree.ElementTree import Element

from bulwark_toolkit.compliance.apim_policies import each, policy, texts
from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import Subject

SERVICE: Final = "azure-native:apimanagement:ApiManagementService"
API: Final = "azure-native:apimanagement:Api"
API_POLICY: Final = "azure-native:apimanagement:ApiPolicy"
OPERATION_POLICY: Final = "azure-native:apimanagement:ApiOperationPolicy"
PRODUCT_POLICY: Final = "azure-native:apimanagement:ProductPolicy"
SERVICE_POLICY: Final = "azure-native:apimanagement:Policy"
API_DIAGNOSTIC: Final = "azure-native:apimanagement:ApiDiagnostic"
DIAGNOSTIC: Final = "azure-native:apimanagement:Diagnostic"
BACKEND: Final = "azure-native:apimanagement:Backend"
NAMED_VALUE: Final = "azure-native:apimanagement:NamedValue"
SETTING: Final = "azure-native:monitor:DiagnosticSetting"

_POLICIES: Final = (API_POLICY, OPERATION_POLICY, PRODUCT_POLICY, SERVICE_POLICY)

_SECURITY: Final = "Microsoft.WindowsAzure.ApiManagement.Gateway.Security."
_OLD_PROTOCOLS: Final = tuple(
    f"{side}{name}"
    for side in ("Protocols.", "Backend.Protocols.")
    for name in ("Tls10", "Tls11", "Ssl30")
)
_WEAK_CIPHERS: Final = (
    "Ciphers.TripleDes168",
    "Ciphers.TLS_RSA_WITH_AES_128_CBC_SHA",
    "Ciphers.TLS_RSA_WITH_AES_256_CBC_SHA",
)
_CHOOSES_CIPHERS: Final = {"Developer", "Basic", "Standard", "Premium"}

_GATEWAY_LOGS: Final = {"GatewayLogs", "allLogs", "audit"}

_CREDENTIALS: Final = ("authorization", "key", "cookie", "token", "secret")
"""Words in the names of headers that hold one."""

_SIDES: Final = ("frontend.request", "frontend.response", "backend.request", "backend.response")

_TOKEN_CHECKS: Final = ("validate-jwt", "validate-azure-ad-token")
_SCOPE_CLAIMS: Final = {"scp", "scope", "roles"}
_LIMITS: Final = ("rate-limit", "rate-limit-by-key")


@rule(
    "azure.api.tls-is-1-2-at-least",
    SERVICE,
    severity="high",
    requires="No API Management service speaks TLS before 1.2, to clients or to backends",
    remediation="Set the six customProperties …Gateway.Security.Protocols and .Backend.Protocols "
    'of Tls10, Tls11 and Ssl30 to "False": what is left out is reset.',
    reference="PCI 4.2.1",
)
def tls_is_1_2_at_least(service: Subject) -> Iterator[Verdict]:
    yield _off(service, _OLD_PROTOCOLS)


@rule(
    "azure.api.ciphers-are-strong",
    SERVICE,
    severity="medium",
    requires="Where a tier lets one choose ciphers, those without forward secrecy are off",
    remediation='Set customProperties …Gateway.Security.Ciphers of the weak ones to "False".',
    reference="PCI 4.2.1",
)
def ciphers_are_strong(service: Subject) -> Iterator[Verdict]:
    if service.get("sku.name") in _CHOOSES_CIPHERS:
        yield _off(service, _WEAK_CIPHERS)


@rule(
    "azure.api.portals-are-off",
    SERVICE,
    severity="low",
    requires="No service serves a portal that nobody asked for",
    remediation="Set developerPortalStatus and legacyPortalStatus to Disabled.",
    reference="PCI 2.2.4",
)
def portals_are_off(service: Subject) -> Iterator[Verdict]:
    for at in ("developerPortalStatus", "legacyPortalStatus"):
        status = service.get(at, "Enabled")
        yield Verdict(status == "Disabled", at, status)


@rule(
    "azure.api.requests-are-logged",
    SERVICE,
    severity="high",
    requires="Every service writes a line for each request",
    remediation="Give the service a DiagnosticSetting with the category GatewayLogs, or the group "
    "allLogs.",
    reference="PCI 10.2.1",
    alone=False,
)
def requests_are_logged(service: Subject) -> Iterator[Verdict]:
    found = [
        log.get("category") or log.get("categoryGroup")
        for setting in service.attached(SETTING, by="resourceUri")
        for log in setting.items("logs")
        if log.get("enabled")
    ]
    yield Verdict(bool(_GATEWAY_LOGS & {*found}), "diagnosticSettings", found)


@rule(
    "azure.api.logs-hold-no-token",
    API_DIAGNOSTIC,
    DIAGNOSTIC,
    severity="high",
    requires="No log of requests has a header that holds a token, a key or a cookie",
    remediation="Leave the header out of `headers` of frontend and backend.",
    reference="PCI 8.3.2",
)
def logs_hold_no_token(diagnostic: Subject) -> Iterator[Verdict]:
    for side in _SIDES:
        logged = diagnostic.items(f"{side}.headers")
        held = [name for name in logged if any(word in name.lower() for word in _CREDENTIALS)]
        yield Verdict(not held, f"{side}.headers", held or logged)


@rule(
    "azure.api.logs-hold-no-body",
    API_DIAGNOSTIC,
    DIAGNOSTIC,
    severity="critical",
    requires="No log of requests has a body of a request or an answer",
    remediation="Set body.bytes of each request and response to 0.",
    reference="PCI 3.3.1",
)
def logs_hold_no_body(diagnostic: Subject) -> Iterator[Verdict]:
    for side in _SIDES:
        at = f"{side}.body.bytes"
        yield Verdict(diagnostic.get(at, 0) == 0, at, diagnostic.get(at, 0))


@rule(
    "azure.api.logs-hide-queries",
    API_DIAGNOSTIC,
    DIAGNOSTIC,
    severity="medium",
    requires="What a query holds is hidden in the logged addresses",
    remediation='Set dataMasking.queryParams of the requests to [{value: "*", mode: Hide}].',
    reference="PCI 3.3.1",
)
def logs_hide_queries(diagnostic: Subject) -> Iterator[Verdict]:
    at = "frontend.request.dataMasking.queryParams"
    masked = diagnostic.items(at)
    hidden = any(one.get("value") == "*" for one in masked)
    yield Verdict(hidden, at, [one.get("value") for one in masked])


@rule(
    "azure.api.clients-come-over-tls-only",
    API,
    severity="high",
    requires="Every API is called by https alone",
    remediation='Set protocols to ["https"].',
    reference="PCI 4.2.1",
)
def clients_come_over_tls_only(api: Subject) -> Iterator[Verdict]:
    protocols = api.items("protocols")
    # Without a word of it, Azure takes https alone.
    yield Verdict(not {"http", "ws"} & {*protocols}, "protocols", protocols)


@rule(
    "azure.api.backends-are-called-over-tls",
    API,
    BACKEND,
    *_POLICIES,
    severity="high",
    requires="Backends, and what a policy asks beside them, are called by https",
    remediation="Give the backend a certificate, and an address with https.",
    reference="PCI 4.2.1",
)
def backends_are_called_over_tls(subject: Subject) -> Iterator[Verdict]:
    if subject.resource.type in _POLICIES:
        named = [
            node.get("base-url") or (node.text or "").strip()
            for node in each(policy(subject), "set-backend-service", "set-url")
        ]
        for address in named:
            if address.startswith("http"):
                yield Verdict(address.startswith("https://"), "value", address)
        return
    at = "serviceUrl" if subject.resource.type == API else "url"
    if address := subject.get(at, ""):
        yield Verdict(address.startswith("https://"), at, address)


@rule(
    "azure.api.certificates-of-backends-are-checked",
    BACKEND,
    severity="high",
    requires="A backend's certificate is checked, and whose it is",
    remediation="Leave tls.validateCertificateChain and tls.validateCertificateName on.",
    reference="PCI 4.2.1",
)
def certificates_of_backends_are_checked(backend: Subject) -> Iterator[Verdict]:
    for at in ("tls.validateCertificateChain", "tls.validateCertificateName"):
        checked = backend.get(at, True)
        yield Verdict(checked is True, at, checked)


@rule(
    "azure.api.every-api-asks-who-calls",
    API,
    severity="critical",
    requires="Every API checks a token, or at least asks for a key",
    remediation="Give the API a policy with validate-jwt, and refuse what it does not name.",
    reference="PCI 8.3.1",
    alone=False,
)
def every_api_asks_who_calls(api: Subject) -> Iterator[Verdict]:
    if any(True for node in _policies_of(api) if list(each(node, *_TOKEN_CHECKS))):
        yield Verdict(True, "policy", "a token is checked")
    else:
        # Azure's own default is to ask for one.
        needs_key = api.get("subscriptionRequired", True)
        yield Verdict(needs_key is True, "subscriptionRequired", needs_key)


@rule(
    "azure.api.tokens-are-of-one-issuer-for-one-audience",
    *_POLICIES,
    severity="high",
    requires="Where a policy checks a token, it says whose it must be, and for whom",
    remediation="Give validate-jwt issuers and audiences, and let it ask for a signature and an "
    "end: any token of the provider will do otherwise.",
    reference="PCI 8.3.1",
)
def tokens_are_of_one_issuer_for_one_audience(subject: Subject) -> Iterator[Verdict]:
    for number, check in enumerate(each(policy(subject), "validate-jwt")):
        missing = [tag for tag in ("issuer", "audience") if not any(texts(check, tag))]
        off = [
            name
            for name in ("require-signed-tokens", "require-expiration-time")
            if check.get(name) == "false"
        ]
        yield Verdict(not missing and not off, f"value.validate-jwt[{number}]", missing + off)


@rule(
    "azure.api.tokens-need-a-scope",
    *_POLICIES,
    severity="high",
    requires="Where a policy checks tokens, it asks for a scope or a role",
    remediation="Ask for a claim scp, scope or roles in required-claims: any token for the API "
    "will do otherwise.",
    reference="OWASP API5:2023",
)
def tokens_need_a_scope(subject: Subject) -> Iterator[Verdict]:
    if checks := list(each(policy(subject), *_TOKEN_CHECKS)):
        asked = {claim.get("name", "") for check in checks for claim in check.iter("claim")}
        yield Verdict(bool(_SCOPE_CLAIMS & asked), "value", ", ".join(sorted(asked)))


@rule(
    "azure.api.requests-are-limited",
    API,
    severity="medium",
    requires="Every API has a limit of requests",
    remediation="Give the API's policy a rate-limit-by-key.",
    reference="OWASP API4:2023",
    alone=False,
)
def requests_are_limited(api: Subject) -> Iterator[Verdict]:
    found = [node.tag for root in _policies_of(api) for node in each(root, *_LIMITS)]
    yield Verdict(bool(found), "policy", ", ".join(found))


@rule(
    "azure.api.requests-are-validated",
    API,
    severity="medium",
    requires="Every API has parameters and bodies of its requests checked, and wrong ones refused",
    remediation="Give the API's policy validate-parameters and validate-content with the action "
    "prevent.",
    reference="PCI 6.2.4",
    alone=False,
)
def requests_are_validated(api: Subject) -> Iterator[Verdict]:
    roots = list(_policies_of(api))
    parameters = [
        node
        for root in roots
        for node in each(root, "validate-parameters")
        if node.get("specified-parameter-action") == "prevent"
    ]
    yield Verdict(bool(parameters), "policy.validate-parameters", len(parameters))
    if "requestBody" in (api.get("value") or ""):
        bodies = [
            node
            for root in roots
            for node in each(root, "validate-content")
            if all(content.get("action") == "prevent" for content in node.iter("content"))
        ]
        yield Verdict(bool(bodies), "policy.validate-content", len(bodies))


@rule(
    "azure.api.wider-policies-hold",
    *_POLICIES[:-1],
    severity="medium",
    requires="No policy leaves out what the wider ones ask of a request",
    remediation="Begin the inbound section with <base />.",
    reference="PCI 1.4.2",
)
def wider_policies_hold(subject: Subject) -> Iterator[Verdict]:
    section = policy(subject).find("inbound")
    first = section[0].tag if section is not None and len(section) else ""
    yield Verdict(first == "base", "value.inbound", first)


@rule(
    "azure.api.cors-names-its-origins",
    *_POLICIES,
    severity="medium",
    requires="Only pages that are named may call an API from a browser",
    remediation="List the pages in allowed-origins instead of a star.",
    reference="OWASP API8:2023",
)
def cors_names_its_origins(subject: Subject) -> Iterator[Verdict]:
    for cors in each(policy(subject), "cors"):
        origins = texts(cors, "origin")
        yield Verdict("*" not in origins, "value.cors", ", ".join(origins))


@rule(
    "azure.api.secrets-stay-in-key-vault",
    NAMED_VALUE,
    severity="high",
    requires="A named value that is secret is read from Key Vault, in whatever version",
    remediation="Set keyVault.secretIdentifier to the secret's address without a version, and "
    "leave value out: it would be in the program and its state.",
    reference="PCI 8.6.2",
)
def secrets_stay_in_key_vault(named: Subject) -> Iterator[Verdict]:
    if named.get("secret", False):
        at = "keyVault.secretIdentifier"
        address = named.get(at)
        without_version = address is not None and len(address.rstrip("/").split("/")) == _PARTS
        yield Verdict(without_version, at, address)


_PARTS: Final = 5
"""Of https://vault/secrets/name, cut at its slashes."""


def _off(service: Subject, names: tuple[str, ...]) -> Verdict:
    settings: dict[str, Any] = service.get("customProperties", {})
    on = [name for name in names if str(settings.get(_SECURITY + name)).lower() != "false"]
    return Verdict(not on, "customProperties", on or "all off")


def _policies_of(api: Subject) -> Iterator[Element]:
    """The policies of an API and of its operations, which name it by its id within the service."""
    for token in (API_POLICY, OPERATION_POLICY):
        for other in api.graph.of_type(token):
            subject = Subject(other, api.graph)
            if all(subject.get(at) == api.get(at) for at in ("serviceName", "apiId")):
                yield policy(subject)
