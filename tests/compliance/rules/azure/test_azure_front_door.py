from pulumi_azure_native import apimanagement, cdn, frontdoor, monitor, resources
from rule_cases import (
    test_a_rule_fails_for,  # noqa: F401 asked of this file too
    test_a_rule_passes_fails_and_does_not_apply,  # noqa: F401 asked of this file too
    test_a_rule_passes_for,  # noqa: F401 asked of this file too
)

from bulwark_toolkit.compliance.rules import RULES
from bulwark_toolkit.compliance.rules.azure import front_door as rules

A = "azure.front_door."
IN = {"resource_group_name": "group", "profile_name": "profile"}
PREMIUM = {"name": "Premium_AzureFrontDoor"}
DEFAULT = {
    "rule_set_type": "Microsoft_DefaultRuleSet",
    "rule_set_version": "2.1",
    "rule_set_action": "Block",
}
BOTS = {"rule_set_type": "Microsoft_BotManagerRuleSet", "rule_set_version": "1.1"}
LIMIT = {
    "name": "RateLimit",
    "rule_type": "RateLimitRule",
    "priority": 1,
    "action": "Block",
    "match_conditions": [],
}
CHECK = (
    '<check-header name="X-Azure-FDID" failed-check-httpcode="403">'
    "<value>00000000-0000-0000-0000-000000000001</value></check-header>"
)


def nothing():
    """A program without a Front Door."""
    resources.ResourceGroup("it")


def firewall(*sets, sku=PREMIUM, rules=(), **settings):
    return lambda: frontdoor.Policy(
        "it",
        resource_group_name="group",
        sku=sku,
        managed_rules={"managed_rule_sets": list(sets)},
        custom_rules={"rules": list(rules)},
        policy_settings=settings,
    )


def scrubbed(*names, state="Enabled", operator="Equals"):
    return firewall(
        state=state,
        scrubbing_rules=[
            {
                "match_variable": "RequestHeaderNames",
                "selector_match_operator": operator,
                "selector": name,
                "state": "Enabled",
            }
            for name in names
        ],
    )


def names(*, linked=True, of_both=True):
    def program():
        endpoint = cdn.AFDEndpoint("it", location="Global", **IN)
        domain = cdn.AFDCustomDomain("own", host_name="api.example.com", **IN)
        if linked:
            found = [endpoint, domain] if of_both else [domain]
            cdn.SecurityPolicy(
                "firewall",
                parameters={
                    "type": "WebApplicationFirewall",
                    "waf_policy": {"id": "policy"},
                    "associations": [
                        {"domains": [{"id": one.id} for one in found], "patterns_to_match": ["/*"]}
                    ],
                },
                **IN,
            )

    return program


def domain(**settings):
    tls = {"certificate_type": "ManagedCertificate", **settings}
    return lambda: cdn.AFDCustomDomain("it", host_name="a.example.com", tls_settings=tls, **IN)


def route(**inputs):
    return lambda: cdn.Route("it", endpoint_name="endpoint", **IN, **inputs)


def origin(**inputs):
    return lambda: cdn.AFDOrigin("it", origin_group_name="api", **IN, **inputs)


def profile(*categories, group=None):
    def program():
        it = cdn.Profile("it", resource_group_name="group", location="Global", sku=PREMIUM)
        logs = [{"category": category, "enabled": True} for category in categories]
        if group:
            logs.append({"category_group": group, "enabled": True})
        monitor.DiagnosticSetting("logs", resource_uri=it.id, logs=logs)

    return program


def api(inbound, *, edge=True):
    def program():
        if edge:
            cdn.Profile("edge", resource_group_name="group", location="Global", sku=PREMIUM)
        apimanagement.ApiPolicy(
            "it",
            resource_group_name="group",
            service_name="service",
            api_id="api",
            policy_id="policy",
            value=f"<policies><inbound>{inbound}</inbound></policies>",
        )

    return program


CASES = {
    A + "managed-rules-are-of-premium": (
        firewall(DEFAULT),
        firewall(DEFAULT, sku={"name": "Standard_AzureFrontDoor"}),
        firewall(sku={"name": "Standard_AzureFrontDoor"}),
    ),
    A + "firewall-prevents": (
        firewall(mode="Prevention", enabled_state="Enabled"),
        firewall(mode="Detection", enabled_state="Enabled"),
        nothing,
    ),
    A + "firewall-has-managed-rules": (firewall(BOTS, DEFAULT), firewall(BOTS), nothing),
    A + "firewall-looks-at-bodies": (
        firewall(request_body_check="Enabled"),
        firewall(request_body_check="Disabled"),
        nothing,
    ),
    A + "requests-are-limited": (
        firewall(rules=[LIMIT]),
        firewall(rules=[LIMIT | {"action": "Log"}]),
        nothing,
    ),
    A + "logs-hold-no-credential": (
        scrubbed("Authorization", "cookie"),
        scrubbed("authorization"),
        nothing,
    ),
    A + "every-name-has-a-firewall": (names(), names(of_both=False), nothing),
    A + "tls-is-1-2-at-least": (
        domain(minimum_tls_version="TLS12", cipher_suite_set_type="TLS12_2023"),
        domain(minimum_tls_version="TLS10"),
        nothing,
    ),
    A + "clients-come-over-tls-only": (
        route(supported_protocols=["Https"]),
        route(supported_protocols=["Http", "Https"]),
        nothing,
    ),
    A + "origins-are-called-over-tls": (
        route(forwarding_protocol="HttpsOnly"),
        route(forwarding_protocol="MatchRequest"),
        nothing,
    ),
    A + "certificates-of-origins-are-checked": (
        origin(enforce_certificate_name_check=True),
        origin(enforce_certificate_name_check=False),
        nothing,
    ),
    A + "requests-are-logged": (
        profile("FrontDoorAccessLog", "FrontDoorWebApplicationFirewallLog"),
        profile("FrontDoorAccessLog"),
        nothing,
    ),
    A + "api-takes-what-came-through-it": (
        api(CHECK),
        api("<base />"),
        api("<base />", edge=False),
    ),
}

ALSO = {
    "a policy that says no tier": (A + "managed-rules-are-of-premium", firewall(DEFAULT, sku=None)),
    "a policy that is turned off": (
        A + "firewall-prevents",
        firewall(mode="Prevention", enabled_state="Disabled"),
    ),
    "a policy that says no mode": (A + "firewall-prevents", firewall()),
    "default rules that only log": (
        A + "firewall-has-managed-rules",
        firewall(DEFAULT | {"rule_set_action": "Log"}),
    ),
    "a limit that is turned off": (
        A + "requests-are-limited",
        firewall(rules=[LIMIT | {"enabled_state": "Disabled"}]),
    ),
    "scrubbing that is turned off": (
        A + "logs-hold-no-credential",
        scrubbed("authorization", "cookie", state="Disabled"),
    ),
    "a firewall that is linked to nothing": (A + "every-name-has-a-firewall", names(linked=False)),
    "ciphers of 2019": (A + "tls-is-1-2-at-least", domain(cipher_suite_set_type="TLS10_2019")),
    "a route that says no protocol": (A + "clients-come-over-tls-only", route()),
    "a check of another header": (
        A + "api-takes-what-came-through-it",
        api(CHECK.replace("X-Azure-FDID", "X-Other")),
    ),
}
"""More that fails."""

FINE = {
    "a route that sends to https": (
        A + "clients-come-over-tls-only",
        route(supported_protocols=["Http", "Https"], https_redirect="Enabled"),
    ),
    "a profile that logs everything": (A + "requests-are-logged", profile(group="allLogs")),
    "all headers hidden": (A + "logs-hold-no-credential", scrubbed("*", operator="EqualsAny")),
}
"""More that passes."""


def test_each_rule_of_the_file_has_its_cases():
    assert {r.id for r in vars(rules).values() if r in RULES} == CASES.keys()
