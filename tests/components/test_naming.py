import doctest
import os
import re
import subprocess
import sys

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from pulumi_bulwark import naming
from pulumi_bulwark.naming import RULES, logical, physical

# No deadline: each example goes through every kind.
thorough = settings(max_examples=300, deadline=None)

AUTO_NAMED = [kind for kind, rule in RULES.items() if rule.auto]
AWKWARD = [
    *["", "-", "--", "_x_", "a-b", "b-c", "a.b", "a/b", "Dev", "dev", "2024", "x" * 300],
    *[
        "aws",
        "myamazoncognito",
        "service",
        "pepper",
        "bus-sb",
        "0badf00d",
        "Zürich",
        "日本",
        "\ud800",
    ],
]
part = st.sampled_from(AWKWARD) | st.text("ab1A-_. /é", max_size=6) | st.text(max_size=70)
some_parts = st.lists(part, min_size=1, max_size=4).filter(any).map(tuple)


def takes(kind, name):
    """Whether the service takes the name, as far as its rule knows."""
    rule = RULES[kind]
    own = name.removeprefix(rule.prefix)
    return (
        rule.shortest <= len(name) <= rule.longest
        and name.startswith(rule.prefix)
        and re.fullmatch(f"[A-Za-z0-9{re.escape(rule.marks)}]+", own)
        and (own[0].isalpha() if rule.letter_first else own[0].isalnum())
        and own[-1].isalnum()
        and (own == own.lower() or not rule.lower)
        and not any(word in own for word in ("--", *rule.words))
        and not (rule.refused and re.search(rule.refused, name))
    )


# What the services publish, written a second time, by hand, from their own documents.
PUBLISHED = {
    "iam-role": r"[\w+=,.@-]{1,64}",
    "iam-policy": r"[\w+=,.@-]{1,128}",
    "lambda-function": r"[a-zA-Z0-9-_]{1,64}",
    "bucket": r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]",
    "kms-alias": r"alias/(?!aws/)[a-zA-Z0-9/_-]{1,250}",
    "log-group": r"(?!aws/)[.\-_/#A-Za-z0-9]{1,512}",
    "waf-log-bucket": r"aws-waf-logs-[a-z0-9-]{0,49}[a-z0-9]",
    "waf-log-group": r"aws-waf-logs-[.\-_/#A-Za-z0-9]{1,499}",
    "waf-log-stream": r"aws-waf-logs-[a-zA-Z0-9_.-]{1,51}",
    "api-log-stream": r"amazon-apigateway-[a-zA-Z0-9_.-]{1,46}",
    "secret": r"(?!.*-.{6}$)[\w/+=.@-]{1,512}",
    "queue": r"[\w-]{1,80}",
    "topic": r"[\w-]{1,256}",
    "event-rule": r"[.\-_A-Za-z0-9]{1,64}",
    "event-target": r"[.\-_A-Za-z0-9]{1,64}",
    "log-delivery": r"[\w-]{1,60}",
    "web-acl": r"[\w-]{1,128}",
    # Of a metric filter's transformation, whose names are the narrower.
    "metric-namespace": r"[^:*$]{1,255}",
    "chat-configuration": r"[A-Za-z0-9_-]{1,128}",
    "user-pool-domain": r"(?!.*(aws|amazon|cognito))[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?",
    "metric-filter": r"[^:*]{1,512}",
    "budget": r"[^:\\]{1,100}",
    "signing-profile": r"[a-zA-Z0-9_]{2,64}",
    "api-model": r"[a-zA-Z0-9]+",
    "conformance-pack": r"[a-zA-Z][-a-zA-Z0-9]{0,255}",
    "patch-baseline": r"[\w.-]{3,128}",
    "access-analyzer": r"[A-Za-z_].{0,254}",
    "dashboard": r"[A-Za-z0-9_-]{1,255}",
    "trail": r"[A-Za-z0-9._-]{3,128}",
    "key-vault": r"(?!.*--)[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]",
    "storage-account": r"[a-z0-9]{3,24}",
    "blob-container": r"(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]",
    "apim-service": r"[A-Za-z]([A-Za-z0-9-]{0,48}[A-Za-z0-9])?",
    "front-door-profile": r"[A-Za-z0-9][A-Za-z0-9-]{0,88}[A-Za-z0-9]",
    "front-door-endpoint": r"[A-Za-z0-9][A-Za-z0-9-]{0,44}[A-Za-z0-9]",
    "front-door-waf-policy": r"[A-Za-z][A-Za-z0-9]{0,127}",
    "front-door-waf-rule": r"[A-Za-z][A-Za-z0-9]*",
    "front-door-rule-set": r"[A-Za-z][A-Za-z0-9]{0,59}",
    "front-door-rule": r"[A-Za-z][A-Za-z0-9]{0,259}",
    "function-app": r"[A-Za-z0-9-]{2,60}",
    "log-workspace": r"[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]",
    "service-bus-namespace": r"(?!.*-(sb|mgmt)$)[A-Za-z][A-Za-z0-9-]{4,48}[A-Za-z0-9]",
    "diagnostic-setting": r"(?!service$)[^<>*%&:\\?+/]+",
    "policy-assignment": r"[^<>*%&:\\?+/]{1,64}",
    "management-group-policy-assignment": r"[^<>*%&:\\?+/]{1,24}",
    "action-group-short-name": r".{1,12}",
}


@pytest.mark.parametrize(
    ("name", "kind", "parts"),
    [
        ("bulwark-dev-trail", "trail", ("bulwark", "dev", "trail")),
        ("bulwark/dev/my-database", "secret", ("bulwark", "dev", "my-database")),
        ("alias/bulwark-dev-logs", "kms-alias", ("bulwark", "dev", "logs")),
        ("aws-waf-logs-bulwark-dev", "waf-log-group", ("bulwark", "dev")),
        ("bulwark_dev_code", "signing-profile", ("bulwark", "dev", "code")),
        ("blocklisted", "front-door-waf-rule", ("blocklisted",)),
        ("bulwark-dev", "action-group-short-name", ("bulwark", "dev")),
    ],
)
def test_parts_that_fit_are_joined_and_nothing_else(name, kind, parts):
    assert physical(kind, *parts) == name


@pytest.mark.parametrize(
    ("readable", "kind", "parts"),
    [
        ("bulwark-staging-", "key-vault", ("bulwark", "staging", "eu-central-1")),
        ("bulwarkdevarchiv", "storage-account", ("bulwark", "dev", "archive")),
        ("bulwark-dev-zugang-f-r-b-ros-", "iam-role", ("bulwark", "dev", "Zugang für Büros")),
        ("bulwark-dev-audit-log-", "trail", ("bulwark", "dev", "audit-log")),
        ("my-pool-", "user-pool-domain", ("amazon", "my-cognito-pool")),
        ("bulwark/dev/my-pepper/", "secret", ("bulwark", "dev", "my-pepper")),
        ("service-", "diagnostic-setting", ("service",)),
        ("bus-sb-", "service-bus-namespace", ("bus", "sb")),
        ("x2024-", "apim-service", ("2024",)),
        ("", "iam-role", ("日本",)),
    ],
)
def test_where_that_is_not_enough_a_hash_follows(readable, kind, parts):
    assert re.fullmatch(f"{readable}[0-9a-f]{{8}}", physical(kind, *parts))


def test_names_stay_what_they_were():
    """A name is state: another hash would replace what carries it."""
    assert physical("key-vault", "bulwark", "staging", "eu-central-1") == "bulwark-staging-c788da89"
    assert logical("iam-role", "r" * 60) == "r" * 47 + "-df6d0285"


@thorough
@given(parts=some_parts)
@example(parts=("x" * 60,))  # Fits a log stream, but for WAF's prefix.
def test_the_services_take_every_physical_name(parts):
    names = {kind: physical(kind, *parts) for kind in RULES}

    assert [kind for kind in RULES if not takes(kind, names[kind])] == []
    assert [k for k, p in PUBLISHED.items() if not re.fullmatch(p, names[k], re.ASCII)] == []


@thorough
@given(name=part.filter(bool))
def test_the_services_take_every_logical_name_with_what_pulumi_adds(name):
    names = {}
    for kind in AUTO_NAMED:
        rule = RULES[kind]
        suffix = "-1234567" if "-" in rule.marks else "12345678"
        names[kind] = rule.prefix + logical(kind, name) + suffix

    assert [kind for kind in names if not takes(kind, names[kind])] == []
    assert max(map(len, names.values())) <= 255


@thorough
@given(parts=some_parts, others=some_parts)
@example(parts=("a-b", "c"), others=("a", "b-c"))
@example(parts=("a", "b"), others=("a-b",))
@example(parts=("a", "b"), others=("ab",))
@example(parts=("a", ""), others=("a",))
@example(parts=("a", "b"), others=("b", "a"))
@example(parts=("pay", "Dev"), others=("pay", "dev"))
@example(parts=("1",), others=("x1",))
@example(parts=("日",), others=("本",))
@example(parts=("\ud83d\ude00",), others=("😀",))
@example(parts=("x" * 600 + "1",), others=("x" * 600 + "2",))
@example(parts=("x" * 600, "1"), others=("x" * 600, "2"))
@example(parts=("aws",), others=("amazon",))
def test_different_parts_give_different_names(parts, others):
    assume(parts != others)

    # Azure and IAM compare names without regard to case.
    same = [k for k in RULES if physical(k, *parts).lower() == physical(k, *others).lower()]
    assert same == []


@thorough
@given(parts=some_parts)
def test_a_name_read_back_into_parts_is_itself_only_if_those_were_its_parts(parts):
    for kind, rule in RULES.items():
        name = physical(kind, *parts)
        own = name.removeprefix(rule.prefix)
        again = tuple(own.split(rule.separator)) if rule.separator else (own,)

        assert (physical(kind, *again) == name) == (again == parts), kind


@thorough
@given(name=part.filter(bool), other=part.filter(bool))
@example(name="x" * 600 + "1", other="x" * 600 + "2")
@example(name="a b", other="a?b")
def test_different_logical_names_stay_different(name, other):
    assume(name != other)

    assert [kind for kind in AUTO_NAMED if logical(kind, name) == logical(kind, other)] == []


@thorough
@given(name=part.filter(bool))
def test_a_logical_name_that_fits_is_left_alone(name):
    fitting = {kind: logical(kind, name) for kind in AUTO_NAMED}

    assert {kind: logical(kind, fitting[kind]) for kind in AUTO_NAMED} == fitting


def test_a_logical_name_is_cut_only_where_pulumi_would_fail():
    longest = "r" * (64 - len("-1234567"))

    assert logical("iam-role", longest) == longest
    assert len(logical("iam-role", longest + "r")) == len(longest)
    assert logical("iam-role", "Payments-deploy") == "Payments-deploy"


@pytest.mark.parametrize("kind", [k for k, r in RULES.items() if r.unique == "world"])
def test_a_name_that_strangers_could_take_always_has_a_hash(kind):
    assert re.search(r"[0-9a-f]{8}$", physical(kind, "bulwark"))


@pytest.mark.parametrize("kind", RULES)
def test_only_empty_parts_are_an_error(kind):
    for parts in [(), ("",), ("", "")]:
        with pytest.raises(ValueError, match="every part of it is empty"):
            physical(kind, *parts)


def test_an_empty_logical_name_is_an_error():
    with pytest.raises(ValueError, match="a topic needs a name; this one is empty"):
        logical("topic", "")


def test_a_logical_name_needs_a_resource_that_pulumi_names():
    with pytest.raises(ValueError, match="Pulumi does not name a dashboard"):
        logical("dashboard", "overview")


@pytest.mark.parametrize("name", [physical, logical])
def test_an_unknown_kind_names_the_nearest(name):
    with pytest.raises(LookupError, match=r"no naming rule for 'iam-rol'. Did you mean iam-role\?"):
        name("iam-rol", "x")
    with pytest.raises(LookupError, match="Known: iam-role, iam-policy, "):
        name("?", "x")


def test_another_process_gives_the_same_names():
    program = (
        "from pulumi_bulwark.naming import RULES, logical, physical\n"
        "for kind, rule in RULES.items():\n"
        "    print(physical(kind, 'Bulwark', 'dev', 'Z\\u00fcrich'))\n"
        "    print(logical(kind, 'x' * 600) if rule.auto else '')\n"
    )
    first, second = (
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    )

    assert first == second


@pytest.mark.parametrize("kind", RULES)
def test_every_rule_leaves_room_for_a_hash_and_a_word(kind):
    rule = RULES[kind]
    room = rule.longest - len(rule.prefix) - (8 if rule.auto else 0)

    assert room >= len("abc-12345678") - (not rule.separator)
    # A hash alone is long enough, and leaves a gap where a word was taken out.
    assert rule.shortest <= 8
    assert rule.separator or not rule.words


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(naming).failed == 0


def test_parts_that_are_not_to_be_seen_are_in_the_hash_alone():
    one, other = (
        physical("user-pool-domain", "pay", "dev", unseen=[account])
        for account in ("123456789012", "210987654321")
    )

    assert one.startswith("pay-dev-")
    assert one != other
    assert "123456789012" not in one


def test_a_name_with_unseen_parts_has_a_hash_where_another_needs_none():
    assert physical("trail", "pay", "dev") == "pay-dev"
    assert re.fullmatch(r"pay-dev-[0-9a-f]{8}", physical("trail", "pay", "dev", unseen=["x"]))
