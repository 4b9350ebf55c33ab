"""The firewall of Front Door."""

import dataclasses

import pytest
from azure_place import STORE

from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.waf import WafSpec
from pulumi_bulwark.waf.azure import AzureWaf, AzureWafArgs, problems

POLICY = "azure-native:frontdoor:Policy"
METHODS = [{"method": (m,)} for m in ("GET", "PUT", "POST", "HEAD", "TRACE", "PATCH", "DELETE")]


def rule(when=None, *, action="block", name="ours", **more):
    return {"name": name, "action": action, **({"when": when} if when else {}), **more}


@pytest.fixture
def waf(preview):
    def build(*rules, countries=None, **spec):
        args = AzureWafArgs(spec=WafSpec(rules=rules, **spec), store=STORE)
        args = dataclasses.replace(args, **(countries or {}))
        graph = preview(lambda: AzureWaf("it", args), rendered=True)
        assert graph.problems == ()
        return graph

    return build


def policy(graph):
    (found,) = graph.of_type(POLICY)
    return found


def rules(graph):
    """The policy's own rules by their names, in their order."""
    found = policy(graph).inputs["customRules"]["rules"]
    assert [one["priority"] for one in found] == list(range(1, len(found) + 1))
    return {one["name"]: one for one in found}


def sets(graph):
    return {
        one["ruleSetType"]: one for one in policy(graph).inputs["managedRules"]["managedRuleSets"]
    }


def wrong(*written, **spec):
    return list(problems(WafSpec(rules=written, **spec)))


def test_the_policy_prevents_and_is_of_the_tier_that_has_managed_rules(waf):
    found = policy(waf()).inputs

    assert found["sku"] == {"name": "Premium_AzureFrontDoor"}
    assert found["policySettings"]["mode"] == "Prevention"
    assert found["policySettings"]["enabledState"] == "Enabled"
    assert found["policySettings"]["requestBodyCheck"] == "Enabled"
    assert found["location"] == "Global"


def test_the_name_has_letters_and_digits_only(waf):
    assert policy(waf()).inputs["policyName"].isalnum()


def test_the_managed_rules_block(waf):
    found = sets(waf())

    default, bots = found["Microsoft_DefaultRuleSet"], found["Microsoft_BotManagerRuleSet"]
    assert (default["ruleSetVersion"], default["ruleSetAction"]) == ("2.1", "Block")
    assert bots["ruleSetVersion"] == "1.1"
    assert "ruleSetAction" not in bots


def test_managed_rules_that_count_only_log(waf):
    counting = {name: {"mode": "count"} for name in ("common", "sql_injection", "known_bad_inputs")}

    assert sets(waf(managed=counting))["Microsoft_DefaultRuleSet"]["ruleSetAction"] == "Log"


def test_a_part_that_is_off_is_named_without_a_rule(waf):
    found = sets(waf(managed={"sql_injection": {"mode": "off"}}))

    overrides = found["Microsoft_DefaultRuleSet"]["ruleGroupOverrides"]
    assert {one["ruleGroupName"]: one["rules"] for one in overrides} == {
        "SQLI": [],
        "MS-ThreatIntel-SQLI": [],
    }


def test_a_single_rule_that_counts_is_still_on(waf):
    override = {"group": "SQLI", "reason": "Memos have many marks"}
    found = sets(waf(front_door={"overrides": {"942430": override}}))

    (group,) = found["Microsoft_DefaultRuleSet"]["ruleGroupOverrides"]
    (only,) = group["rules"]
    assert (only["ruleId"], only["action"], only["enabledState"]) == ("942430", "Log", "Enabled")


def test_a_rule_about_bots_is_changed_in_the_set_about_bots(waf):
    override = {"group": "UnknownBots", "action": "off", "reason": "Our own probes look so"}
    found = sets(waf(front_door={"overrides": {"300700": override}}))

    assert found["Microsoft_DefaultRuleSet"]["ruleGroupOverrides"] == []
    (group,) = found["Microsoft_BotManagerRuleSet"]["ruleGroupOverrides"]
    assert group["rules"][0]["enabledState"] == "Disabled"


def test_what_is_excluded_is_named_and_said(waf):
    graph = waf(
        front_door={
            "exclusions": (
                {"part": "json", "name": "memo", "reason": "People write what they like"},
            )
        }
    )

    assert sets(graph)["Microsoft_DefaultRuleSet"]["exclusions"] == [
        {
            "matchVariable": "RequestBodyJsonArgNames",
            "selectorMatchOperator": "Equals",
            "selector": "memo",
        }
    ]
    assert any("People write what they like" in note.text for note in graph.notes)


def test_the_lists_come_first_the_blocked_before_the_allowed(waf):
    found = list(rules(waf(rule({"method": ("TRACE",)}))).values())

    assert [one["name"] for one in found[:6]] == [*(f"Blocked{n}" for n in range(5)), "Allowed0"]
    assert [one["action"] for one in found[:6]] == [*["Block"] * 5, "Allow"]


def test_the_lists_begin_with_an_address_that_nobody_has(waf):
    for name, one in rules(waf()).items():
        if name.startswith(("Blocked", "Allowed")):
            assert one["matchConditions"][0]["matchValue"] == ["192.0.2.1/32"]
            assert one["matchConditions"][0]["matchVariable"] == "SocketAddr"


def test_pulumi_leaves_the_addresses_of_the_lists_alone_and_no_others(waf):
    graph = waf(rule({"ip": ("198.51.100.0/24",)}))

    assert policy(graph).options.ignore_changes == tuple(
        f"customRules.rules[{n}].matchConditions[0].matchValue" for n in range(6)
    )


def test_the_outputs_name_the_rules_behind_each_list(waf):
    graph = waf()

    lists = graph["it"].outputs["lists"]
    assert [one["rule"] for one in lists["blocked"]] == [f"Blocked{n}" for n in range(5)]
    assert [one["rule"] for one in lists["allowed"]] == ["Allowed0"]
    assert lists["blocked"][0]["policyId"] == policy(graph).id


def test_requests_are_limited_by_the_address_that_connects(waf):
    found = rules(waf(rate_limit=500, rate_window_seconds=60))["RateLimit"]

    assert (found["ruleType"], found["action"]) == ("RateLimitRule", "Block")
    assert (found["rateLimitThreshold"], found["rateLimitDurationInMinutes"]) == (500, 1)
    assert found["groupBy"] == [{"variableName": "SocketAddr"}]
    assert len(found["matchConditions"]) == 1


def test_large_bodies_are_blocked_unless_they_may_pass(waf):
    large = {"LargeBody0", "LargeBody1"}
    passing = waf(body={"larger": "pass", "reason": "Statements are uploaded"})

    assert large <= set(rules(waf()))
    assert not large & set(rules(passing))


def test_countries_that_are_denied_are_blocked(waf):
    found = rules(waf(countries={"denied_countries": ("KP",)}))["Countries"]

    (only,) = found["matchConditions"]
    assert (only["matchValue"], only["negateCondition"]) == (["KP"], False)


def test_where_countries_are_allowed_the_others_and_the_unknown_are_blocked(waf):
    found = rules(waf(countries={"allowed_countries": ("DE", "FR")}))["Countries"]

    (only,) = found["matchConditions"]
    assert (only["matchValue"], only["negateCondition"]) == (["DE", "FR"], True)
    assert found["action"] == "Block"


@pytest.mark.parametrize(
    ("action", "azures"),
    [
        ("allow", "Allow"),
        ("block", "Block"),
        ("count", "Log"),
        ("captcha", "CAPTCHA"),
        ("challenge", "JSChallenge"),
    ],
)
def test_each_action_has_its_name(waf, action, azures):
    assert (
        list(rules(waf(rule({"method": ("GET",)}, action=action))).values())[-1]["action"] == azures
    )


def test_a_rule_is_one_for_each_way_in_which_it_can_hold(waf):
    graph = waf(rule({"any": METHODS[:3]}))

    assert [name for name in rules(graph) if name.startswith("ours")] == [
        "oursx0",
        "oursx1",
        "oursx2",
    ]
    assert graph["it"].outputs["capacity"]["edge"] == len(rules(graph))


def test_two_rules_never_have_the_same_name(waf):
    names = ("a-b", "ab", "a-b-1", "ab1", "abx0", "limit")
    graph = waf(*(rule({"method": ("GET",)}, name=name) for name in names))

    lowered = [name.lower() for name in rules(graph)]
    assert len(set(lowered)) == len(lowered)
    assert all(name.isalnum() for name in lowered)


def test_a_rate_counts_what_its_rule_describes(waf):
    graph = waf(
        rule({"path": {"starts_with": "/login"}}, rate={"requests": 20, "window_seconds": 60})
    )

    found = list(rules(graph).values())[-1]
    assert (found["ruleType"], found["rateLimitThreshold"]) == ("RateLimitRule", 20)
    assert found["matchConditions"][0]["matchVariable"] == "RequestUri"


def test_a_rate_without_a_condition_counts_everything(waf):
    found = list(rules(waf(rule(rate={"requests": 20}))).values())[-1]

    assert found["matchConditions"][0]["matchValue"] == ["/"]


def test_credentials_are_kept_out_of_the_logs(waf):
    graph = waf(logging={"hidden_headers": ("x-otp",), "hidden_cookies": ("sid",)})

    settings = policy(graph).inputs["policySettings"]
    hidden = {(one["matchVariable"], one.get("selector")) for one in settings["scrubbingRules"]}
    assert settings["state"] == "Enabled"
    assert hidden >= {
        ("RequestHeaderNames", "authorization"),
        ("RequestHeaderNames", "x-otp"),
        ("RequestCookieNames", "sid"),
        ("QueryStringArgNames", "access_token"),
        ("RequestBodyJsonArgNames", None),
        ("RequestBodyPostArgNames", None),
    }
    assert {one["state"] for one in settings["scrubbingRules"]} == {"Enabled"}


def test_a_rule_that_cannot_be_is_named_with_its_place():
    (text,) = wrong(rule({"all": [{"path": {"regex": "x"}}]}))

    assert text.startswith("bulwark:waf.rules[0].when.all[0].path.regex: ")
    assert text.endswith("The rule is ours.")


def test_a_rate_that_would_be_counted_in_several_places_is_refused():
    (text,) = wrong(rule({"any": METHODS[:2]}, rate={"requests": 20}))

    assert text.startswith("bulwark:waf.rules[0].when: ours has a rate and can hold in 2 ways.")


def test_more_tests_than_a_rule_takes_are_refused():
    when = {"all": [{"header": {"name": f"x-{n}", "contains": "y"}} for n in range(11)]}
    (text,) = wrong(rule(when))

    assert "ours has 11 tests" in text


def test_more_ways_than_a_policy_has_rules_are_refused_without_being_made():
    some = {"any": [{"header": {"name": f"x-{n}", "contains": "y"}} for n in range(20)]}
    (text,) = wrong(rule({"all": [some] * 20}))

    assert "Write it with fewer `any` below `all`" in text


def test_more_rules_than_a_policy_takes_are_refused():
    some = {"any": [{"header": {"name": f"x-{n}", "contains": "y"}} for n in range(20)]}
    (text,) = wrong(*(rule(some, name=f"rule-{n}") for n in range(5)))

    assert text.startswith("bulwark:waf.rules: come to 109 rules")


def test_parts_of_one_rule_set_must_do_the_same():
    (text,) = wrong(managed={"sql_injection": {"mode": "count"}})

    assert text.startswith("bulwark:waf.managed.sqlInjection.mode: ")
    assert text.endswith("got count.")


@pytest.mark.parametrize("setting", ["ip_reputation", "bot_control"])
def test_the_rules_about_bots_do_not_count(setting):
    (text,) = wrong(managed={setting: {"mode": "count"}})

    assert "counts by single rules only" in text


def test_bots_without_reputation_are_refused():
    managed = {"ip_reputation": {"mode": "off"}, "bot_control": {"mode": "block"}}

    assert wrong(managed=managed)[0].startswith("bulwark:waf.managed.ipReputation.mode: ")


def test_a_rule_of_a_group_that_is_off_cannot_be_changed():
    override = {"942430": {"group": "SQLI", "reason": "Memos have many marks"}}
    (text,) = wrong(managed={"sql_injection": {"mode": "off"}}, front_door={"overrides": override})

    assert text.startswith("bulwark:waf.frontDoor.overrides.942430: ")


def test_all_that_is_wrong_is_told_at_once(preview):
    spec = WafSpec(
        rules=(rule({"path": {"regex": "x"}}),), managed={"sql_injection": {"mode": "count"}}
    )
    with pytest.raises(ConfigError) as error:
        preview(lambda: AzureWaf("it", AzureWafArgs(spec=spec, store=STORE)))

    assert len(error.value.problems) == 2


NOT_ON_AZURE = {
    "managed.common.version": {"managed": {"common": {"version": "Version_1.1"}}},
    "managed.common.overrides": {"managed": {"common": {"overrides": {"A": "count"}}}},
    "managed.accountTakeover.mode": {
        "managed": {"account_takeover": {"mode": "block", "login_path": "/login"}}
    },
    "managed.botControl.level": {"managed": {"bot_control": {"level": "targeted"}}},
    "managed.wordpress": {"managed": {"wordpress": {"mode": "block"}}},
    "managed.linux": {"managed": {"linux": {"mode": "block"}}},
    "managed.anonymousIp": {"managed": {"anonymous_ip": {"mode": "count"}}},
    "managed.adminProtection": {"managed": {"admin_protection": {"mode": "count"}}},
    "lists": {"lists": ("partners",)},
    "rateWindowSeconds": {"rate_window_seconds": 600},
    "signInRateLimit": {"sign_in_rate_limit": 10},
    "logging.allowed": {"logging": {"allowed": False}},
    "originGeneration": {"origin_generation": 2},
    "rules[0].at": {"rules": (rule({"method": ("GET",)}, at=("edge", "api")),)},
    "rules[0].rate.by": {"rules": (rule(rate={"requests": 20, "by": "header", "header": "x-a"}),)},
    "rules[0].rate.windowSeconds": {"rules": (rule(rate={"requests": 20, "window_seconds": 120}),)},
    "rules[0].when.ipList": {"rules": (rule({"ip_list": "blocked"}),)},
    "rules[0].when.ja3": {"rules": (rule({"ja3": ("a" * 32,)}),)},
    "rules[0].when.not.ja3": {"rules": (rule({"not": {"ja3": ("a" * 32,)}}),)},
    "rules[0].when.any[1].label": {
        "rules": (rule({"any": [{"method": ("GET",)}, {"label": "a:b"}]}),)
    },
    "rules[0].when.query.argument": {
        "rules": (rule({"query": {"argument": "q", "contains": "x"}}),)
    },
}


@pytest.mark.parametrize("path", NOT_ON_AZURE)
def test_what_front_door_does_not_have_is_refused_when_the_config_is_read(path):
    (text,) = WafSpec(**NOT_ON_AZURE[path]).unsupported("azure", "bulwark:waf.")

    assert text.startswith(f"bulwark:waf.{path}: not on Azure. ")


def test_what_front_door_alone_has_is_refused_on_aws():
    spec = WafSpec(
        front_door={"overrides": {"942430": {"group": "SQLI", "reason": "Memos have marks"}}}
    )

    assert next(spec.unsupported("aws", "bulwark:waf.")).startswith(
        "bulwark:waf.frontDoor: not on AWS"
    )


def test_the_places_of_the_lists_do_not_depend_on_the_config(waf):
    plain = list(rules(waf()))[:6]
    full = waf(rule({"method": ("TRACE",)}), countries={"allowed_countries": ("DE",)})

    assert list(rules(full))[:6] == plain
