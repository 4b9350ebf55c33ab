"""Rules as data: what is taken, what it becomes, and that nothing hostile gets further."""

import json
import re

import pytest
from botocore.session import get_session
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bulwark_toolkit.emulated.build import fit
from bulwark_toolkit.emulated.check import check
from bulwark_toolkit.emulated.services.wafv2 import ROWS
from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.forms import COUNTRIES
from pulumi_bulwark.waf import ConditionSpec, WafSpec
from pulumi_bulwark.waf.aws_acl import WebAclRule, _rule
from pulumi_bulwark.waf.aws_capacity import capacity
from pulumi_bulwark.waf.aws_statements import Translation, depth, rate_statement

WAF = get_session().get_service_model("wafv2")
ARN = (
    "arn:aws:wafv2:eu-central-1:123456789012:regional/ipset/it/00000000-0000-4000-8000-000000000000"
)
HASH = "0123456789abcdef" * 2


def problems(*rules, **spec):
    with pytest.raises(ConfigError) as error:
        WafSpec.load("bulwark:waf", {"rules": list(rules), **spec})
    return error.value.problems


def problem(when, **rule):
    (found,) = problems({"name": "it", "action": "block", "when": when, **rule})
    return found


def taken(when, **rule):
    settings = {"name": "it", "action": "block", "when": when, **rule}
    return WafSpec.load("bulwark:waf", {"rules": [settings], "lists": ["partners"]}).rules[0]


def statement(when, action="block"):
    condition = taken(when, action=action).when
    lists = lambda _: [ARN]  # noqa: E731
    return Translation(lets_through=action == "allow", lists=lists).statement(condition)


def only(statement, kind):
    ((found, body),) = statement.items()
    assert found == kind
    return body


def transforms(body):
    return [t["type"] for t in body["text_transformations"]]


# --- what a condition becomes ---


@pytest.mark.parametrize(
    ("match", "position"),
    [
        ("equals", "EXACTLY"),
        ("startsWith", "STARTS_WITH"),
        ("endsWith", "ENDS_WITH"),
        ("contains", "CONTAINS"),
    ],
)
def test_a_text_is_searched_for_where_the_rule_says(match, position):
    body = only(statement({"path": {match: "/x"}}), "byte_match_statement")

    assert (body["search_string"], body["positional_constraint"]) == ("/x", position)
    assert body["field_to_match"] == {"uri_path": {}}


@pytest.mark.parametrize(
    ("part", "field"),
    [
        ({"path": {"equals": "a"}}, {"uri_path": {}}),
        ({"query": {"equals": "a"}}, {"query_string": {}}),
        (
            {"query": {"argument": "Debug", "equals": "a"}},
            {"single_query_argument": {"name": "debug"}},
        ),
        ({"body": {"equals": "a"}}, {"body": {"oversize_handling": "MATCH"}}),
        (
            {"header": {"name": "User-Agent", "equals": "a"}},
            {
                "headers": [
                    {
                        "match_pattern": {"included_headers": ["user-agent"]},
                        "match_scope": "VALUE",
                        "oversize_handling": "MATCH",
                    }
                ]
            },
        ),
        (
            {"cookie": {"name": "Sid", "equals": "a"}},
            {
                "cookies": {
                    "match_patterns": [{"included_cookies": ["Sid"]}],
                    "match_scope": "VALUE",
                    "oversize_handling": "MATCH",
                }
            },
        ),
    ],
)
def test_each_part_of_a_request_can_be_looked_at(part, field):
    assert only(statement(part), "byte_match_statement")["field_to_match"] == field


def test_a_size_is_that_of_what_was_sent():
    longer = only(statement({"query": {"longerThanBytes": 100}}), "size_constraint_statement")
    shorter = only(statement({"body": {"shorterThanBytes": 2}}), "size_constraint_statement")

    assert (longer["comparison_operator"], longer["size"]) == ("GT", 100)
    assert (shorter["comparison_operator"], shorter["size"]) == ("LT", 2)
    assert transforms(longer) == transforms(shorter) == ["NONE"]


def test_addresses_are_in_sets_and_countries_and_labels_by_name():
    assert statement({"ip": ["192.0.2.0/24"]}) == {"ip_set_reference_statement": {"arn": ARN}}
    assert statement({"ipList": "partners"}) == {"ip_set_reference_statement": {"arn": ARN}}
    assert statement({"country": ["DE", "AT"]}) == {
        "geo_match_statement": {"country_codes": ["DE", "AT"]}
    }
    assert statement({"label": "a:b"}) == {
        "label_match_statement": {"scope": "LABEL", "key": "a:b"}
    }


def test_several_methods_are_any_of_them_and_one_stands_alone():
    one = only(statement({"method": ["PUT"]}), "byte_match_statement")
    several = only(statement({"method": ["PUT", "DELETE"]}), "or_statement")["statements"]

    assert (one["search_string"], one["field_to_match"]) == ("PUT", {"method": {}})
    assert [s["byte_match_statement"]["search_string"] for s in several] == ["PUT", "DELETE"]


def test_a_client_is_known_by_its_tls():
    ja4 = f"t13d1516h2_{HASH[:12]}_{HASH[:12]}"
    for kind, value in (("ja3", HASH), ("ja4", ja4)):
        body = only(statement({kind: [value]}), "byte_match_statement")
        assert body["field_to_match"] == {f"{kind}_fingerprint": {"fallback_behavior": "NO_MATCH"}}


def test_what_combines_is_flat_where_it_can_be():
    inner = {"any": [{"country": ["DE"]}, {"any": [{"country": ["AT"]}, {"ipList": "partners"}]}]}

    assert len(only(statement(inner), "or_statement")["statements"]) == 3
    assert statement({"all": [{"country": ["DE"]}]}) == statement({"country": ["DE"]})
    assert statement({"not": {"not": {"country": ["DE"]}}}) == statement({"country": ["DE"]})
    assert depth(statement(inner)) == 1


# --- what must not be a way past a rule ---


@pytest.mark.parametrize(
    ("when", "decoded"),
    [
        ({"path": {"equals": "/A"}}, ["URL_DECODE", "NORMALIZE_PATH", "LOWERCASE"]),
        ({"query": {"equals": "A"}}, ["URL_DECODE", "LOWERCASE"]),
        ({"cookie": {"name": "c", "equals": "A"}}, ["URL_DECODE", "LOWERCASE"]),
        ({"body": {"equals": "A"}}, ["JS_DECODE", "LOWERCASE"]),
        ({"header": {"name": "h", "equals": "A"}}, ["LOWERCASE"]),
    ],
)
def test_a_text_is_decoded_before_it_stops_a_request_and_compared_as_it_is_to_let_it_through(
    when, decoded
):
    stops = only(statement(when, "block"), "byte_match_statement")
    lets_through = only(statement(when, "allow"), "byte_match_statement")

    assert transforms(stops) == decoded
    assert stops["search_string"] == stops["search_string"].lower()
    assert transforms(lets_through) == ["NONE"]
    assert lets_through["search_string"] != stops["search_string"]


def test_capitals_of_a_regex_count_only_where_it_lets_through():
    when = {"path": {"regex": "^/Admin"}}

    assert only(statement(when, "block"), "regex_match_statement")["regex_string"] == "(?i)^/Admin"
    assert only(statement(when, "allow"), "regex_match_statement")["regex_string"] == "^/Admin"


def test_only_the_letters_that_waf_makes_small_are_made_small():
    body = only(statement({"path": {"equals": "/ÄB"}}), "byte_match_statement")

    assert body["search_string"] == "/Äb"


def test_the_transforms_that_are_asked_for_are_those_that_are_made():
    asked = {"path": {"equals": "/A", "transforms": ["trim", "lower-case"]}}
    none = {"path": {"equals": "/A", "transforms": []}}

    assert transforms(only(statement(asked), "byte_match_statement")) == ["TRIM", "LOWERCASE"]
    assert only(statement(asked), "byte_match_statement")["search_string"] == "/a"
    assert transforms(only(statement(none), "byte_match_statement")) == ["NONE"]
    assert only(statement(none), "byte_match_statement")["search_string"] == "/A"


@pytest.mark.parametrize("part", ["body", "header", "cookie"])
@pytest.mark.parametrize(
    ("action", "nots", "unseen"),
    [
        ("block", 0, "MATCH"),
        ("count", 0, "MATCH"),
        ("challenge", 0, "MATCH"),
        ("block", 1, "NO_MATCH"),
        ("allow", 0, "NO_MATCH"),
        ("allow", 1, "MATCH"),
    ],
)
def test_what_is_too_large_to_be_seen_is_stopped_and_never_let_through(part, action, nots, unseen):
    name = {} if part == "body" else {"name": "x"}
    when = {part: {**name, "contains": "a"}}
    for _ in range(nots):
        when = {"not": when}

    assert f"'oversize_handling': '{unseen}'" in str(statement(when, action))


def test_a_client_without_a_fingerprint_is_not_let_through_for_not_being_one():
    assert "'fallback_behavior': 'MATCH'" in str(statement({"not": {"ja3": [HASH]}}, "allow"))
    assert "'fallback_behavior': 'NO_MATCH'" in str(statement({"not": {"ja3": [HASH]}}, "block"))


# --- rates ---


@pytest.mark.parametrize(
    ("rate", "made"),
    [
        ({"requests": 100}, {"aggregate_key_type": "IP", "evaluation_window_sec": 300}),
        (
            {"requests": 100, "windowSeconds": 60, "by": "forwarded-ip", "header": "X-Real-IP"},
            {
                "aggregate_key_type": "FORWARDED_IP",
                "evaluation_window_sec": 60,
                "forwarded_ip_config": {"header_name": "x-real-ip", "fallback_behavior": "MATCH"},
            },
        ),
        (
            {"requests": 100, "by": "header", "header": "x-client"},
            {
                "aggregate_key_type": "CUSTOM_KEYS",
                "evaluation_window_sec": 300,
                "custom_keys": [
                    {
                        "header": {
                            "name": "x-client",
                            "text_transformations": [{"priority": 0, "type": "NONE"}],
                        }
                    }
                ],
            },
        ),
    ],
)
def test_a_rate_is_counted_by_address_forwarded_address_or_header(rate, made):
    rule = taken({"country": ["DE"]}, rate=rate)
    scope = statement({"country": ["DE"]})

    body = only(rate_statement(rule.rate, scope), "rate_based_statement")
    assert body == {"limit": 100, "scope_down_statement": scope, **made}
    assert "scope_down_statement" not in str(rate_statement(rule.rate, None))


@pytest.mark.parametrize(
    ("rate", "path"),
    [
        ({"requests": 9}, "rate.requests: Input should be greater than or equal to 10; got 9."),
        ({"requests": 2_000_000_001}, "rate.requests: "),
        ({"requests": 10, "windowSeconds": 90}, "rate.windowSeconds: "),
        ({"requests": 10, "by": "header"}, "rate: header comes with"),
        ({"requests": 10, "header": "x"}, "rate: header comes with"),
    ],
)
def test_a_rate_that_waf_does_not_have_is_refused(rate, path):
    (found,) = problems({"name": "it", "action": "block", "rate": rate})

    assert found.startswith(f"bulwark:waf.rules[0].{path}")


def test_a_rate_does_not_allow():
    (found,) = problems({"name": "it", "action": "allow", "rate": {"requests": 10}})

    assert "a rate cannot allow" in found


# --- what is refused ---


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("192.0.2.1", "192.0.2.1/32"),
        ("192.0.2.0/255.255.255.0", "192.0.2.0/24"),
        ("2001:DB8:0::/32", "2001:db8::/32"),
    ],
)
def test_a_range_is_kept_as_waf_gives_it_back(given, shown):
    assert taken({"ip": [given]}).when.ip == (shown,)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("10.1.2.3/8", "the range is 10.0.0.0/8"),
        ("2001:db8::1/32", "the range is 2001:db8::/32"),
        ("0.0.0.0/0", "is every address there is"),
        ("::/0", "is every address there is"),
        ("10.0.0.0/33", "is no range of addresses"),
        ("hunter2", "is no range of addresses"),
        ("1", "is no range of addresses"),
    ],
)
def test_a_range_that_waf_refuses_is_refused_with_the_one_that_was_meant(given, said):
    found = problem({"ip": [given]})

    assert found.startswith(f"bulwark:waf.rules[0].when.ip[0]: {said}") or said in found
    assert "hunter2" not in found


def test_the_countries_are_those_that_waf_knows():
    assert set(WAF.shape_for("CountryCode").enum) == COUNTRIES


@pytest.mark.parametrize("code", ["de", "XX", "DEU", "", "UK"])
def test_another_country_is_refused(code):
    assert "is no country code" in problem({"country": [code]})


@pytest.mark.parametrize(
    "regex",
    [
        *("(?=a)", "(?!a)", "(?<=a)", "(?<!a)", r"(a)\1", "(?P<n>a)(?P=n)", "(?>a)", "a*+", "a++"),
        *("(a)?(?(1)b|c)", "(?#why)a", "(?x)a", "(", "[", "*", "a{1001}", "a" * 509, "", r"\K"),
    ],
)
def test_a_regex_that_waf_cannot_run_is_refused_without_echo(regex):
    found = problem({"path": {"regex": regex}})

    assert found.startswith("bulwark:waf.rules[0].when.path.regex: ")


@pytest.mark.parametrize(
    "regex",
    [
        r"^/v[0-9]+/(accounts|payments)/[a-z0-9-]{36}$",
        r"(?i)union\s+select",
        r"\(\?=",
        r"[*+]+",
        r"\\1",
        "a" * 508,
        "(?:a|b)?",
        "(?s).",
        "[[:alpha:]]+",
    ],
)
def test_a_usual_regex_is_taken(regex):
    assert taken({"path": {"regex": regex}}).when.path.regex == regex


@pytest.mark.parametrize("text", ["", "a" * 201, "ä" * 101])
def test_a_text_is_at_most_as_many_bytes_as_waf_searches_for(text):
    assert "must be 1 to 200 bytes" in problem({"path": {"equals": text}})
    assert taken({"path": {"equals": "ä" * 100}}).when.path.equals == "ä" * 100


@pytest.mark.parametrize(
    ("when", "at"),
    [
        ({}, "when: must have one of ip, ipList, country, "),
        ({"country": ["DE"], "ipList": "blocked"}, "when: has ipList and country; "),
        ({"path": {}}, "when.path: must have one of equals, startsWith, "),
        ({"path": {"equals": "a", "regex": "a"}}, "when.path: has equals and regex; "),
        ({"body": {"longerThanBytes": 1, "transforms": ["trim"]}}, "when.body: a size is of the"),
        ({"body": {"longerThanBytes": 65_537}}, "when.body.longerThanBytes: "),
        ({"path": {"equals": "a", "transforms": ["trim"] * 11}}, "when.path.transforms: "),
        ({"path": {"equals": "a", "transforms": ["md5"]}}, "when.path.transforms[0]: "),
        ({"header": {"equals": "a"}}, "when.header.name: missing."),
        ({"header": {"name": "a b", "equals": "a"}}, "when.header.name: "),
        ({"header": {"name": "a" * 41, "equals": "a"}}, "when.header.name: "),
        ({"query": {"argument": "a" * 31, "equals": "a"}}, "when.query.argument: "),
        ({"cookie": {"name": "a" * 61, "equals": "a"}}, "when.cookie.name: "),
        ({"method": ["get"]}, "when.method[0]: "),
        ({"ja3": ["x"]}, "when.ja3[0]: "),
        ({"ja4": [HASH]}, "when.ja4[0]: "),
        ({"label": "a b"}, "when.label: "),
        ({"ip": []}, "when.ip: "),
        ({"all": []}, "when.all: "),
        ({"nto": {"country": ["DE"]}}, "when.nto: no such setting. Did you mean not?"),
        ({"not": {"all": [{"country": ["xx"]}]}}, "when.not.all[0].country[0]: "),
    ],
)
def test_what_cannot_be_a_condition_is_refused_where_it_stands(when, at):
    assert problem(when).startswith(f"bulwark:waf.rules[0].{at}")


def test_conditions_stand_inside_each_other_as_deep_as_the_provider_has_room():
    when = {"country": ["DE"]}
    for kind in ("not", "all", "any"):
        when = {kind: when} if kind == "not" else {kind: [when]}
    assert taken(when).when.depth() == 3

    assert "more than 3 deep" in problem({"not": when})


def test_a_list_must_be_there():
    assert problem({"ipList": "blokced"}) == (
        "bulwark:waf: rule it is about the list blokced, and there are only blocked, allowed; add "
        "it to lists."
    )
    assert taken({"ipList": "partners"})


@pytest.mark.parametrize("name", ["blocked", "rate-limit", "common", "sql-injection", "It", "a_b"])
def test_a_name_that_is_taken_or_that_metrics_could_not_have_is_refused(name):
    (found,) = problems({"name": name, "action": "block", "when": {"country": ["DE"]}})

    assert found.startswith("bulwark:waf.rules[0]")


def test_two_rules_of_one_name_are_refused():
    rule = {"name": "it", "action": "block", "when": {"country": ["DE"]}}

    assert problems(rule, rule) == ["bulwark:waf: two rules are called it."]


@pytest.mark.parametrize("at", [[], ["edge", "edge"], ["everywhere"]])
def test_a_rule_stands_somewhere_and_nowhere_twice(at):
    (found,) = problems({"name": "it", "action": "block", "when": {"country": ["DE"]}, "at": at})

    assert found.startswith("bulwark:waf.rules[0]")


def test_a_rule_about_nothing_is_refused():
    (found,) = problems({"name": "it", "action": "block"})

    assert "needs `when`" in found


# --- capacity, as AWS documents it ---


@pytest.mark.parametrize(
    ("when", "units"),
    [
        ({"ip": ["192.0.2.0/24"]}, 1),
        ({"country": ["DE"]}, 1),
        ({"label": "a"}, 1),
        ({"path": {"longerThanBytes": 1}}, 1),
        ({"path": {"regex": "a", "transforms": []}}, 3),
        ({"path": {"equals": "a", "transforms": []}}, 2),
        ({"path": {"startsWith": "a", "transforms": []}}, 2),
        ({"path": {"endsWith": "a", "transforms": []}}, 2),
        ({"path": {"contains": "a", "transforms": []}}, 10),
        ({"path": {"contains": "a", "transforms": ["trim", "lower-case"]}}, 30),
        ({"path": {"equals": "a"}}, 32),
        ({"not": {"all": [{"country": ["DE"]}, {"label": "a"}]}}, 2),
        ({"method": ["GET", "PUT", "POST"]}, 6),
    ],
)
def test_each_statement_takes_the_units_that_aws_documents(when, units):
    assert capacity(statement(when)) == units


def test_a_rate_takes_two_and_thirty_for_a_header_and_what_it_is_about():
    by_header = {"requests": 10, "by": "header", "header": "x"}
    about = statement({"country": ["DE"]})

    assert capacity(rate_statement(taken(None, rate={"requests": 10}).rate, None)) == 2
    assert capacity(rate_statement(taken(None, rate=by_header).rate, about)) == 33


# --- whatever is written ---

TEXTS = st.one_of(
    st.text(max_size=12),
    st.text(alphabet="()[]{}?*+\\|^$.a1<=!P", max_size=12),
    st.sampled_from(["/admin", "(?=x)", "\x00", "\ud800", "a" * 201, "İ", "ß" * 100]),
)
SIZES = st.integers(-1, 70_000)
MATCHES = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("equals", "startsWith", "endsWith", "contains", "regex"), TEXTS),
        **dict.fromkeys(("longerThanBytes", "shorterThanBytes"), SIZES),
        "transforms": st.lists(
            st.sampled_from(["trim", "lower-case", "url-decode", "nothing"]), max_size=3
        ),
    },
)
ONE_MATCH = st.one_of(
    *[st.fixed_dictionaries({name: TEXTS}) for name in ("equals", "contains", "regex")],
    st.fixed_dictionaries({"longerThanBytes": SIZES}),
    MATCHES,
)
NAMES = st.one_of(st.sampled_from(["x-client", "Sid", "q"]), TEXTS)
NAMED = st.builds(lambda match, name: {**match, "name": name}, ONE_MATCH, NAMES)
RANGES = st.one_of(
    st.ip_addresses().map(lambda a: f"{a}/{a.max_prefixlen}"),
    st.sampled_from(["10.0.0.0/8", "2001:db8::/32", "10.0.0.1/8", "::/0", "fe80::1%eth0/64"]),
    TEXTS,
)
LEAVES = st.one_of(
    st.fixed_dictionaries({"ip": st.lists(RANGES, max_size=3)}),
    st.fixed_dictionaries({"ipList": st.sampled_from(["blocked", "partners", "none"])}),
    st.fixed_dictionaries({"country": st.lists(st.sampled_from(["DE", "AT", "xx"]), max_size=2)}),
    st.fixed_dictionaries({"method": st.lists(st.sampled_from(["GET", "PUT", "get"]), max_size=2)}),
    st.fixed_dictionaries({"ja3": st.lists(st.sampled_from([HASH, "x"]), max_size=2)}),
    st.fixed_dictionaries({"label": TEXTS}),
    *[st.fixed_dictionaries({part: ONE_MATCH}) for part in ("path", "body", "query")],
    *[st.fixed_dictionaries({part: NAMED}) for part in ("header", "cookie")],
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"all": st.lists(inner, max_size=3)}),
        st.fixed_dictionaries({"any": st.lists(inner, max_size=3)}),
        st.fixed_dictionaries({"not": inner}),
    ),
    max_leaves=6,
)
RULE = st.fixed_dictionaries(
    {
        "name": st.just("it"),
        "action": st.sampled_from(["allow", "block", "count", "captcha", "challenge", "drop"]),
        "when": CONDITIONS,
    },
    optional={
        "rate": st.fixed_dictionaries(
            {"requests": st.integers(0, 200)},
            optional={"by": st.sampled_from(["ip", "header"]), "header": NAMES},
        )
    },
)


@given(RULE)
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_rule_is_one_that_waf_takes_or_an_error_that_says_where(rule):
    try:
        spec = WafSpec.load("bulwark:waf", {"rules": [rule], "lists": ["partners"]})
    except ConfigError as error:
        assert error.problems
        assert all(re.match(r"bulwark:waf[.:]", line) for line in error.problems)
        return
    (found,) = spec.rules

    assert list(check(sent(found), WAF.shape_for("Rule"), "rule")) == []
    assert sent(found) == sent(
        WafSpec.model_validate_json(spec.model_dump_json(by_alias=True)).rules[0]
    )


def sent(rule):
    """The rule as it is sent to WAF."""
    lists = lambda _: [ARN, ARN]  # noqa: E731
    about = Translation(lets_through=rule.action == "allow", lists=lists).statement(rule.when)
    if rule.rate:
        about = rate_statement(rule.rate, about)
    made = _rule(0, WebAclRule(name=rule.name, statement=about, action=rule.action))
    names = ROWS["aws:wafv2/webAcl:WebAcl"].names
    return fit(json.loads(json.dumps(made), object_pairs_hook=camel), WAF.shape_for("Rule"), names)


def camel(pairs):
    return {re.sub("_([a-z0-9])", lambda m: m[1].upper(), key): value for key, value in pairs}


def test_conditions_built_in_a_program_are_checked_like_those_of_a_stack_file():
    with pytest.raises(ConfigError) as error:
        ConditionSpec(ip=["10.1.2.3/8"])

    assert "the range is 10.0.0.0/8" in str(error.value)
