"""What the `edge` block takes, and what it refuses with its path."""

import pytest

from pulumi_bulwark.edge import EdgeSpec
from pulumi_bulwark.errors import ConfigError

DOMAIN = {"name": "api.example.com", "zoneId": "Z0123456789"}


def problems(**edge):
    with pytest.raises(ConfigError) as error:
        EdgeSpec.load("bulwark:edge", edge)
    return error.value.problems


@pytest.mark.parametrize(
    ("edge", "at", "said"),
    [
        ({"minimumTls": "TLSv1.1_2016"}, "minimumTls", "Input should be 'TLSv1.2_2021'"),
        ({"readTimeoutSeconds": 0}, "readTimeoutSeconds", "greater than or equal to 1; got 0"),
        ({"readTimeoutSeconds": 61}, "readTimeoutSeconds", "less than or equal to 60; got 61"),
        ({"locations": "everywhere"}, "locations", "'america-europe', 'most' or 'all'"),
        ({"hsts": {"maxAgeDays": 364}}, "hsts.maxAgeDays", "greater than or equal to 365; got 364"),
        ({"hsts": {"preload": True, "subdomains": False}}, "hsts", "preload needs subdomains"),
        ({"geo": {"allow": ["DE"], "deny": ["FR"]}}, "geo", "exclude each other"),
        ({"geo": {"allow": ["UK"]}}, "geo.allow[0]", "is no country code of ISO 3166-1"),
        ({"geo": {"allow": ["DE", "DE"]}}, "geo.allow", "de is named twice"),
        ({"geo": {"deny": ["de"]}}, "geo.deny[0]", "is no country code"),
        ({"cachedPaths": ["/v1/*"]}, "cachedPaths[0]", "must be "),
        ({"cachedPaths": ["/v1/rates/{currency}"]}, "cachedPaths[0]", "must be "),
        ({"cachedPaths": ["/a", "/a"]}, "cachedPaths", "/a is named twice"),
        ({"cachedPaths": [f"/{n}" for n in range(25)]}, "cachedPaths", "at most 24 items"),
        ({"cachedSeconds": 0}, "cachedSeconds", "greater than or equal to 1; got 0"),
        ({"headers": {"more": {"X-A\r\nB": "1"}}}, "headers.more.X-A??B", "must be "),
        ({"headers": {"more": {"X-A": "1\r\nB: 2"}}}, "headers.more.X-A", "must be "),
        (
            {"headers": {"more": {"Strict-Transport-Security": "max-age=0"}}},
            "headers.more",
            "has a setting of its own, bulwark:edge.hsts",
        ),
        (
            {"headers": {"more": {"x-a": "1", "X-A": "2"}}},
            "headers.more",
            "x-a is named twice",
        ),
        ({"headers": {"more": {"Via": "me"}}}, "headers.more", "refuses to set via"),
        ({"headers": {"remove": ["x-edge-location"]}}, "headers.remove", "refuses to remove"),
        ({"headers": {"remove": ["Date", "date"]}}, "headers.remove", "date is named twice"),
        ({"site": {"notFoundPage": "404.html"}}, "site.notFoundPage", "must be "),
        ({"site": {"index": "a/index.html"}}, "site.index", "must be "),
    ],
)
def test_what_cloudfront_would_refuse_is_refused_with_its_path(edge, at, said):
    (problem,) = problems(**edge)

    assert problem.startswith(f"bulwark:edge.{at}: ")
    assert said in problem


def test_a_place_in_the_preload_list_needs_a_name_of_ones_own():
    assert "hsts.preload needs a domain" in problems(hsts={"preload": True})[0]
    assert EdgeSpec.load("e", {"hsts": {"preload": True}, "domain": DOMAIN}).hsts.preload


def test_the_site_and_the_api_do_not_share_a_name():
    (problem,) = problems(domain=DOMAIN, site={"domain": DOMAIN})

    assert "the site needs a name of its own" in problem


def test_all_that_is_wrong_is_said_at_once():
    found = problems(minimumTls="SSLv3", cachedSeconds=0, geo={"allow": ["ZZ"]})

    assert [line.partition(": ")[0] for line in found] == [
        "bulwark:edge.cachedSeconds",
        "bulwark:edge.geo.allow[0]",
        "bulwark:edge.minimumTls",
    ]


def test_text_is_not_echoed():
    (problem,) = problems(headers={"contentSecurityPolicy": "p4ssw0rd\n"})

    assert "p4ssw0rd" not in problem


def test_what_is_weaker_is_reported():
    spec = EdgeSpec.load(
        "e",
        {
            "hsts": {"maxAgeDays": 365, "subdomains": False},
            "headers": {"frames": "sameorigin"},
            "site": {"headers": {"frames": "sameorigin"}},
        },
    )

    assert [found.path for found in spec.loosened()] == [
        "hsts.maxAgeDays",
        "hsts.subdomains",
        "headers.frames",
        "site.headers.frames",
    ]
    assert list(EdgeSpec().loosened()) == []
