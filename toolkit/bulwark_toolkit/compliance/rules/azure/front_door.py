"""Azure Front Door: the edge, and the firewall at it."""

from collections.abc import Iterator
from typing import Final

from bulwark_toolkit.compliance.apim_policies import each, policy, texts
from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import Subject

PROFILE: Final = "azure-native:cdn:Profile"
ENDPOINT: Final = "azure-native:cdn:AFDEndpoint"
DOMAIN: Final = "azure-native:cdn:AFDCustomDomain"
ROUTE: Final = "azure-native:cdn:Route"
ORIGIN: Final = "azure-native:cdn:AFDOrigin"
SECURITY: Final = "azure-native:cdn:SecurityPolicy"
FIREWALL: Final = "azure-native:frontdoor:Policy"
API_POLICY: Final = "azure-native:apimanagement:ApiPolicy"
SETTING: Final = "azure-native:monitor:DiagnosticSetting"

_PREMIUM: Final = "Premium_AzureFrontDoor"
_MANAGED: Final = "managedRules.managedRuleSets"
_DEFAULT_SETS: Final = {"Microsoft_DefaultRuleSet", "DefaultRuleSet"}
_LOGS: Final = {"FrontDoorAccessLog", "FrontDoorWebApplicationFirewallLog"}
_ALL_LOGS: Final = {"allLogs", "audit"}
_OLD_TLS: Final = {"TLS10"}
_OLD_CIPHERS: Final = {"TLS10_2019"}


@rule(
    "azure.front_door.managed-rules-are-of-premium",
    FIREWALL,
    severity="critical",
    requires="A policy with managed rules is of the tier that has them",
    remediation="Set sku.name to Premium_AzureFrontDoor, and that of the profile: another tier "
    "drops the managed rules without a word.",
    reference="PCI 6.4.2",
)
def managed_rules_are_of_premium(firewall: Subject) -> Iterator[Verdict]:
    if firewall.items(_MANAGED):
        # Without a word of it, a policy is of the classic Front Door.
        sku = firewall.get("sku.name", "Classic_AzureFrontDoor")
        yield Verdict(sku == _PREMIUM, "sku.name", sku)


@rule(
    "azure.front_door.firewall-prevents",
    FIREWALL,
    severity="critical",
    requires="Every firewall stops what its rules match, and does not only log it",
    remediation="Set policySettings.enabledState to Enabled and policySettings.mode to Prevention.",
    reference="PCI 6.4.2",
)
def firewall_prevents(firewall: Subject) -> Iterator[Verdict]:
    for at, wanted, usual in (
        ("policySettings.enabledState", "Enabled", "Enabled"),
        ("policySettings.mode", "Prevention", "Detection"),
    ):
        found = firewall.get(at, usual)
        yield Verdict(found == wanted, at, found)


@rule(
    "azure.front_door.firewall-has-managed-rules",
    FIREWALL,
    severity="high",
    requires="Every firewall has Microsoft's default rules, and they block",
    remediation="Add the rule set Microsoft_DefaultRuleSet 2.1 with ruleSetAction Block.",
    reference="PCI 6.4.2",
)
def firewall_has_managed_rules(firewall: Subject) -> Iterator[Verdict]:
    found = [
        (at, firewall.get(f"{at}.ruleSetAction", "Block"))
        for at in firewall.each(_MANAGED)
        if firewall.get(f"{at}.ruleSetType") in _DEFAULT_SETS
    ]
    if not found:
        yield Verdict(passes=False, property=_MANAGED, value=[])
    for at, action in found:
        yield Verdict(action == "Block", f"{at}.ruleSetAction", action)


@rule(
    "azure.front_door.firewall-looks-at-bodies",
    FIREWALL,
    severity="high",
    requires="Every firewall looks at the bodies of requests",
    remediation="Set policySettings.requestBodyCheck to Enabled.",
    reference="PCI 6.4.2",
)
def firewall_looks_at_bodies(firewall: Subject) -> Iterator[Verdict]:
    at = "policySettings.requestBodyCheck"
    found = firewall.get(at, "Enabled")
    yield Verdict(found == "Enabled", at, found)


@rule(
    "azure.front_door.requests-are-limited",
    FIREWALL,
    severity="medium",
    requires="Every firewall limits how often one address may ask",
    remediation="Add a custom rule of the type RateLimitRule with the action Block.",
    reference="OWASP API4:2023",
)
def requests_are_limited(firewall: Subject) -> Iterator[Verdict]:
    rules = firewall.items("customRules.rules")
    limits = [
        one.get("name")
        for one in rules
        if one.get("ruleType") == "RateLimitRule"
        and one.get("action") == "Block"
        and one.get("enabledState", "Enabled") == "Enabled"
    ]
    yield Verdict(bool(limits), "customRules.rules", limits)


@rule(
    "azure.front_door.logs-hold-no-credential",
    FIREWALL,
    severity="high",
    requires="What the firewall logs of a match hides the headers of credentials",
    remediation="Set policySettings.state to Enabled, and add scrubbingRules for the "
    "RequestHeaderNames authorization and cookie, or all of them.",
    reference="PCI 8.3.2",
)
def logs_hold_no_credential(firewall: Subject) -> Iterator[Verdict]:
    at = "policySettings.scrubbingRules"
    on = firewall.get("policySettings.state", "Disabled") == "Enabled"
    hidden = [
        "*" if one.get("selectorMatchOperator") == "EqualsAny" else str(one.get("selector")).lower()
        for one in firewall.items(at)
        if one.get("matchVariable") == "RequestHeaderNames"
        and one.get("state", "Enabled") == "Enabled"
    ]
    enough = "*" in hidden or {"authorization", "cookie"} <= {*hidden}
    yield Verdict(on and enough, at, hidden if on else "off")


@rule(
    "azure.front_door.every-name-has-a-firewall",
    ENDPOINT,
    DOMAIN,
    severity="critical",
    requires="A firewall stands before every name of Front Door, that of Azure included",
    remediation="Name the endpoint and each custom domain in an association of a SecurityPolicy: "
    "a policy that is linked to nothing filters nothing.",
    reference="PCI 6.4.2",
    alone=False,
)
def every_name_has_a_firewall(name: Subject) -> Iterator[Verdict]:
    linked = name.attached(SECURITY, by="parameters")
    yield Verdict(bool(linked), "securityPolicies", [one.resource.name for one in linked])


@rule(
    "azure.front_door.tls-is-1-2-at-least",
    DOMAIN,
    severity="high",
    requires="No name of Front Door speaks TLS before 1.2",
    remediation="Set tlsSettings.minimumTlsVersion to TLS12 or TLS13, and no cipherSuiteSetType of "
    "TLS10.",
    reference="PCI 4.2.1",
)
def tls_is_1_2_at_least(domain: Subject) -> Iterator[Verdict]:
    version = domain.get("tlsSettings.minimumTlsVersion", "TLS12")
    yield Verdict(version not in _OLD_TLS, "tlsSettings.minimumTlsVersion", version)
    ciphers = domain.get("tlsSettings.cipherSuiteSetType", "")
    yield Verdict(ciphers not in _OLD_CIPHERS, "tlsSettings.cipherSuiteSetType", ciphers)


@rule(
    "azure.front_door.clients-come-over-tls-only",
    ROUTE,
    severity="high",
    requires="Every route takes https alone, or sends who comes without TLS to https",
    remediation='Set supportedProtocols to ["Https"], or httpsRedirect to Enabled.',
    reference="PCI 4.2.1",
)
def clients_come_over_tls_only(route: Subject) -> Iterator[Verdict]:
    protocols = route.items("supportedProtocols") or ["Http", "Https"]
    redirected = route.get("httpsRedirect", "Disabled") == "Enabled"
    yield Verdict("Http" not in protocols or redirected, "supportedProtocols", protocols)


@rule(
    "azure.front_door.origins-are-called-over-tls",
    ROUTE,
    severity="high",
    requires="Every route calls its origin by https",
    remediation="Set forwardingProtocol to HttpsOnly.",
    reference="PCI 4.2.1",
)
def origins_are_called_over_tls(route: Subject) -> Iterator[Verdict]:
    found = route.get("forwardingProtocol", "MatchRequest")
    yield Verdict(found == "HttpsOnly", "forwardingProtocol", found)


@rule(
    "azure.front_door.certificates-of-origins-are-checked",
    ORIGIN,
    severity="high",
    requires="An origin's certificate must be of its name",
    remediation="Set enforceCertificateNameCheck to true.",
    reference="PCI 4.2.1",
)
def certificates_of_origins_are_checked(origin: Subject) -> Iterator[Verdict]:
    found = origin.get("enforceCertificateNameCheck", True)
    yield Verdict(found is True, "enforceCertificateNameCheck", found)


@rule(
    "azure.front_door.requests-are-logged",
    PROFILE,
    severity="high",
    requires="Every profile writes a line for each request, and for what its firewall does",
    remediation="Give the profile a DiagnosticSetting with the categories FrontDoorAccessLog and "
    "FrontDoorWebApplicationFirewallLog.",
    reference="PCI 10.2.1",
    alone=False,
)
def requests_are_logged(profile: Subject) -> Iterator[Verdict]:
    found = {
        log.get("category") or log.get("categoryGroup")
        for setting in profile.attached(SETTING, by="resourceUri")
        for log in setting.items("logs")
        if log.get("enabled")
    }
    whole = found >= _LOGS or bool(found & _ALL_LOGS)
    yield Verdict(whole, "diagnosticSettings", sorted(filter(None, found)))


@rule(
    "azure.front_door.api-takes-what-came-through-it",
    API_POLICY,
    severity="high",
    requires="Where there is a Front Door, no API takes what came another way",
    remediation="Give the API's policy a check-header of X-Azure-FDID with the profile's "
    "frontDoorId, before all that answers.",
    reference="PCI 6.4.2",
    alone=False,
)
def api_takes_what_came_through_it(subject: Subject) -> Iterator[Verdict]:
    if not any(True for _ in subject.graph.of_type(PROFILE)):
        return
    checks = [
        check
        for check in each(policy(subject), "check-header")
        if check.get("name", "").lower() == "x-azure-fdid" and any(texts(check, "value"))
    ]
    yield Verdict(bool(checks), "value.check-header", len(checks))
