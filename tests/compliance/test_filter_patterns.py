"""One pattern covers another by what it finds, not by how it is written."""

import pytest

from bulwark_toolkit.compliance.filter_patterns import (
    LONGEST,
    Condition,
    PatternError,
    alternatives,
    covers,
    parse,
)

WANTED = '{ ($.source = kms) && (($.name = "Disable") || ($.name = "Delete")) }'


@pytest.mark.parametrize(
    "given",
    [
        WANTED,
        '{($.source="kms")&&(($.name=Delete)||($.name=Disable))}',
        "{ (($.name = Delete) && ($.source = kms)) || ($.source = kms && $.name = Disable) }",
        "{ ($.name = Delete) || ($.name = Disable) }",
        "{ $.source = kms }",
        "{ ($.source = kms) && (($.name = Disable) || ($.name = Delete) || ($.name = Other)) }",
        "{ ($.source = k*) && ($.name = D*) }",
        "{ $['name'] = Dis* || $.name = Delete }",
        "{ $.name = %^D(?!x)% || $.name = Disable || $.name = Delete }",
        "{ $.name = %^D.*e$% }",
        "{ $.name != Create }",
        "{ $.source = kms && $.name != Cre* }",
    ],
)
def test_what_finds_all_of_it_covers_it(given):
    assert covers(given, WANTED)


@pytest.mark.parametrize(
    "given",
    [
        '{ ($.source = kms) && ($.name = "Disable") }',
        '{ ($.source = kms) && ($.name = "Disable") && ($.name = "Delete") }',
        "{ ($.source = s3) && (($.name = Disable) || ($.name = Delete)) }",
        "{ (($.name = Disable) || ($.name = Delete)) && ($.user != admin) }",
        "{ $.source = kms && $.name = Disable || $.name = Delete && $.user = root }",
        "{ $.name = disable || $.name = delete }",
        "{ $.other = D* }",
        "{ $.name != Delete }",
        "{ $.name NOT EXISTS }",
        "{ $.name = %^Dis% }",
        "{ $.name = %(D+)+% }",
        "{ $.name = %[% }",
        "Disable Delete",
        "",
        "{ }",
        "{ $.name = Delete",
        "{ $.name = Delete } x",
        "{ $.name }",
        "{ $.name LIKE Delete }",
        "{ $.name = }",
        "{ ($.name = Delete }",
        "{ $ & }",
    ],
)
def test_what_misses_some_of_it_or_is_no_pattern_does_not(given):
    assert not covers(given, WANTED)


def test_and_binds_before_or():
    found = alternatives(parse("{ $.a = 1 || $.b = 2 && $.c = 3 }"))

    assert [[fact.field for fact in facts] for facts in found] == [["a"], ["b", "c"]]


@pytest.mark.parametrize(
    ("given", "wanted", "covered"),
    [
        ('{ $.code = "Access*" }', '{ $.code = "AccessDenied*" }', True),
        ('{ $.code = "AccessDenied" }', '{ $.code = "AccessDenied*" }', False),
        ('{ $.code = "*Denied*" }', '{ $.code = "AccessDenied*" }', True),
        ('{ $.by != "a*" }', '{ $.by != "a*" }', True),
        ('{ $.by != "ab" }', '{ $.by != "a*" }', True),
        ('{ $.by != "a*" }', '{ $.by != "ab" }', False),
        ("{ $.by NOT EXISTS }", "{ $.by NOT EXISTS && $.x = 1 }", True),
        ("{ $.by IS TRUE }", "{ $.by IS TRUE }", True),
        ("{ $.by IS TRUE }", "{ $.by IS FALSE }", False),
        ("{ $.n >= 5 }", "{ $.n >= 5 }", True),
        ("{ $.n >= 6 }", "{ $.n >= 5 }", False),
        ('{ $.name = "a[b]?" }', '{ $.name = "a[b]?" }', True),
        ('{ $.name = "a?" }', '{ $.name = "ab" }', False),
        (r'{ $.name = "a\"b" }', r'{ $.name = "a\"b" }', True),
    ],
)
def test_a_condition_covers_what_is_no_wider_than_itself(given, wanted, covered):
    assert covers(given, wanted) is covered


def test_a_field_is_the_same_however_its_path_is_written():
    assert parse("{ $['a']['b'] = 1 }") == parse("{$.a.b=1}") == Condition("a.b", "=", "1")


def test_a_pattern_that_cloudwatch_would_refuse_covers_nothing():
    long = "{ $.source = kms || " + " || ".join("$.name = Delete" for _ in range(80)) + " }"

    assert len(long) > LONGEST
    assert not covers(long, "{ $.source = kms }")


def test_parentheses_without_end_are_an_error_and_no_crash():
    with pytest.raises(PatternError, match="parentheses"):
        parse("{" + "(" * 500 + "$.a=1" + ")" * 500 + "}")
