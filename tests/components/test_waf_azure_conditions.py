"""What a condition becomes in the words of Front Door."""

import re

import pytest

from pulumi_bulwark.waf import ConditionSpec
from pulumi_bulwark.waf.azure_conditions import (
    Translation,
    count_ways,
    larger_than,
    problems,
)

GET = {"method": ("GET",)}
POST = {"method": ("POST",)}
GERMAN = {"country": ("DE",)}


def ways(when, action="block"):
    return list(
        Translation(lets_through=action == "allow").ways(ConditionSpec.model_validate(when))
    )


def one(when, action="block"):
    """The one test that a condition becomes."""
    ((found,),) = ways(when, action)
    return found


def short(when):
    """The ways of a condition about methods and countries: `!` is for not."""
    return [
        {"!" * found["negate_condition"] + "".join(found["match_value"]) for found in way}
        for way in ways(when)
    ]


def wrong(when, action="block"):
    spec = ConditionSpec.model_validate(when)
    return list(problems(spec, "when", lets_through=action == "allow"))


def test_an_address_is_the_one_that_connects_and_not_what_a_header_says():
    found = one({"ip": ("192.0.2.0/24", "2001:db8::/32")})

    assert (found["match_variable"], found["operator"]) == ("SocketAddr", "IPMatch")
    assert found["match_value"] == ["192.0.2.0/24", "2001:db8::/32"]


def test_a_country_is_that_of_the_address_that_connects():
    found = one({"country": ("DE", "FR")})

    assert (found["match_variable"], found["operator"]) == ("SocketAddr", "GeoMatch")


def ja4(number):
    return f"t13d1516h2_8daaf6152771_{number:012x}"


def test_a_fingerprint_of_tls_is_compared_whole():
    found = one({"ja4": (ja4(1), ja4(2))})

    assert (found["match_variable"], found["operator"]) == ("JA4", "Equal")
    assert found["match_value"] == [ja4(1), ja4(2)]


def test_more_fingerprints_than_a_test_takes_are_more_rules_or_more_tests():
    many = {"ja4": tuple(map(ja4, range(11)))}

    assert len(ways(many)) == count_ways(ConditionSpec.model_validate(many)) == 2
    (way,) = ways({"not": many})
    assert [len(found["match_value"]) for found in way] == [10, 1]


def test_methods_are_compared_as_they_are_written():
    found = one({"method": ("GET", "PUT")})

    assert (found["operator"], found["match_value"]) == ("Equal", ["GET", "PUT"])
    assert found["transforms"] == []


@pytest.mark.parametrize(
    ("comparison", "operator"),
    [
        ("equals", "Equal"),
        ("starts_with", "BeginsWith"),
        ("ends_with", "EndsWith"),
        ("contains", "Contains"),
    ],
)
def test_a_text_is_compared_without_regard_to_capitals(comparison, operator):
    found = one({"header": {"name": "X-Client", comparison: "Bot"}})

    assert (found["operator"], found["match_value"]) == (operator, ["bot"])
    assert found["selector"] == "x-client"
    assert found["transforms"] == ["Lowercase"]


def test_what_lets_through_is_compared_exactly():
    found = one({"header": {"name": "x-client", "equals": "Bot"}}, "allow")

    assert (found["match_value"], found["transforms"]) == (["Bot"], [])


@pytest.mark.parametrize(("part", "variable"), [("query", "QueryString"), ("body", "RequestBody")])
def test_the_query_and_the_body_are_compared_whole(part, variable):
    found = one({part: {"contains": "drop"}})

    assert found["match_variable"] == variable
    assert "selector" not in found


def test_a_cookie_is_named():
    found = one({"cookie": {"name": "Session", "contains": "x"}})

    assert (found["match_variable"], found["selector"]) == ("Cookies", "Session")
    assert found["transforms"] == ["UrlDecode", "Lowercase"]


def test_what_is_undone_is_what_the_rule_says():
    match = {"contains": "x", "transforms": ("remove-nulls", "url-decode", "trim")}

    assert one({"query": match})["transforms"] == ["RemoveNulls", "UrlDecode", "Trim"]


def test_an_expression_is_told_itself_that_capitals_do_not_count():
    found = one({"query": {"regex": r"a\Wb"}})

    assert found["match_value"] == [r"(?i)a\Wb"]
    assert "Lowercase" not in found["transforms"]


def test_an_expression_of_what_lets_through_stays_as_it_is():
    assert one({"query": {"regex": "ab"}}, "allow")["match_value"] == ["ab"]


@pytest.mark.parametrize(
    ("size", "operator"),
    [("longer_than_bytes", "GreaterThan"), ("shorter_than_bytes", "LessThan")],
)
def test_a_size_is_of_the_text_as_it_was_sent(size, operator):
    found = one({"body": {size: 100}})

    assert (found["operator"], found["match_value"]) == (operator, ["100"])
    assert found["transforms"] == []


PATHS = [
    ({"equals": "/Admin"}, ["/admin", "/admin?x=/y"], ["/admin/", "/x/admin", "/x?/admin"]),
    ({"starts_with": "/admin"}, ["/admin", "/admin/x"], ["/x/admin", "/?/admin"]),
    ({"ends_with": ".php"}, ["/a.php", "/x/a.php?q"], ["/a.php/x", "/x?a.php"]),
    ({"ends_with": "/login"}, ["/login", "/x/login"], ["/x?/login", "/login/x"]),
    ({"contains": "/.git"}, ["/.git", "/x/.git/y"], ["/x?/.git", "/git"]),
    ({"contains": "api"}, ["/api", "/x/api/y", "/xapi"], ["/x?api", "/"]),
    ({"contains": "a.b"}, ["/a.b"], ["/axb"]),
]


@pytest.mark.parametrize(("match", "same", "other"), PATHS)
@pytest.mark.parametrize("host", ["", "https://api.example.php"])
def test_a_path_is_found_with_and_without_the_host_in_front(match, same, other, host):
    found = one({"path": match})

    (pattern,) = found["match_value"]
    assert found["match_variable"] == "RequestUri"
    assert [bool(re.search(pattern, host + path)) for path in same] == [True] * len(same)
    assert [bool(re.search(pattern, host + path)) for path in other] == [False] * len(other)


def test_all_is_one_rule():
    assert short({"all": [GET, GERMAN]}) == [{"GET", "DE"}]


def test_any_is_a_rule_for_each():
    assert short({"any": [GET, GERMAN]}) == [{"GET"}, {"DE"}]


def test_not_all_is_a_rule_for_each_that_does_not_hold():
    assert short({"not": {"all": [GET, GERMAN]}}) == [{"!GET"}, {"!DE"}]


def test_not_any_is_one_rule_of_all_that_do_not_hold():
    assert short({"not": {"any": [GET, GERMAN]}}) == [{"!GET", "!DE"}]


def test_any_below_all_is_a_rule_for_each_pair():
    found = short({"all": [{"any": [GET, POST]}, {"not": GERMAN}]})

    assert found == [{"GET", "!DE"}, {"POST", "!DE"}]


def test_not_twice_is_as_if_there_were_none():
    assert short({"not": {"not": {"any": [GET, POST]}}}) == [{"GET"}, {"POST"}]


MANY = tuple(f"10.{n // 256}.{n % 256}.0/24" for n in range(700))


def test_more_addresses_than_a_condition_takes_are_two_rules():
    assert [len(way[0]["match_value"]) for way in ways({"ip": MANY})] == [600, 100]


def test_not_one_of_so_many_addresses_is_one_rule_with_two_tests():
    ((first, second),) = ways({"not": {"ip": MANY}})

    assert first["negate_condition"]
    assert second["negate_condition"]
    assert len(first["match_value"]) + len(second["match_value"]) == len(MANY)


@pytest.mark.parametrize(
    "when",
    [
        GET,
        {"ip": MANY},
        {"not": {"ip": MANY}},
        {"not": {"all": [GET, GERMAN, {"any": [POST, GET]}]}},
        {"all": [{"any": [GET, POST]}, {"any": [GERMAN, {"ip": MANY}]}]},
    ],
)
def test_the_ways_are_counted_without_being_made(when):
    assert count_ways(ConditionSpec.model_validate(when)) == len(ways(when))


@pytest.mark.parametrize("limit", [8192, 9999, 65536])
@pytest.mark.parametrize("zeros", ["", "00"])
def test_the_announced_size_of_a_body_is_compared_as_a_number(limit, zeros):
    _, announced = larger_than(limit)

    (pattern,) = announced["match_value"]
    sizes = [*range(limit - 50, limit + 50), 0, 9, limit // 10, limit * 10, limit * 1000]
    found = {size for size in sizes if re.search(pattern, f"{zeros}{size}")}
    assert found == {size for size in sizes if size > limit}
    assert announced["selector"] == "content-length"


def test_the_size_of_a_body_is_also_compared_where_none_is_announced():
    arrived, _ = larger_than(8192)

    assert (arrived["match_variable"], arrived["operator"]) == ("RequestBody", "GreaterThan")
    assert arrived["match_value"] == ["8192"]


@pytest.mark.parametrize(
    "transform",
    ["base64-decode", "compress-white-space", "html-decode", "js-decode", "normalize-path"],
)
def test_what_front_door_cannot_undo_is_refused(transform):
    when = {"any": [GET, {"query": {"contains": "x", "transforms": ("trim", transform)}}]}

    (text,) = wrong(when)
    assert text.startswith("when.any[1].query.transforms[1]: Front Door does not undo ")
    assert transform in text


def test_the_size_of_a_path_is_refused():
    assert wrong({"not": {"path": {"longer_than_bytes": 9}}})[0].startswith("when.not.path: ")


def test_an_expression_about_a_path_is_refused():
    assert wrong({"path": {"regex": "^/x$"}})[0].startswith("when.path.regex: ")


def test_a_text_that_becomes_too_long_is_refused_and_not_repeated():
    (text,) = wrong({"path": {"contains": "/" + "." * 199}})

    assert "takes 256" in text
    assert "...." not in text


def test_a_text_of_the_longest_is_taken():
    assert wrong({"header": {"name": "x", "contains": "y" * 200}}) == []
