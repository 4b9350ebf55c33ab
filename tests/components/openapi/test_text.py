"""How a file becomes plain values: YAML 1.2 by the rules of JSON, with bounds."""

import json

import pytest

from pulumi_bulwark import openapi
from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.openapi import text
from pulumi_bulwark.openapi.report import Report


@pytest.fixture
def value(tmp_path):
    """What a text means, or the problem with it."""

    def value(written):
        is_json = written[:2] in ('{"', "{\t")
        file = tmp_path / ("a.json" if is_json else "a.yaml")
        file.write_bytes(written if isinstance(written, bytes) else written.encode())
        report = Report("a.yaml")
        found = text.value(text.read(file, report), report, is_json=is_json)
        report.check()
        return found

    return value


@pytest.fixture
def problem(value):
    def problem(written):
        with pytest.raises(ConfigError) as error:
            value(written)
        (line,) = error.value.problems
        return line

    return problem


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("no", "no"),
        ("on", "on"),
        ("12:30", "12:30"),
        ("2024-01-01", "2024-01-01"),
        ("0x10", "0x10"),
        ("007", "007"),
        ("1_000", "1_000"),
        (".nan", ".nan"),
        (".inf", ".inf"),
        ("true", True),
        ("null", None),
        ("~", None),
        ("", None),
        ("-1", -1),
        ("1.5e3", 1500.0),
        ("'5'", "5"),
        ("!!str 5", "5"),
        ("|\n  5", "5"),
    ],
)
def test_a_plain_value_is_what_json_would_have(value, written, meant):
    (found,) = value(f"- {written}")

    assert found == meant
    assert type(found) is type(meant)


def test_a_key_is_text_as_it_is_written(value):
    assert value("200: a\non: b\n1.0: c\nnull: d") == {
        "200": "a",
        "on": "b",
        "1.0": "c",
        "null": "d",
    }


def test_an_anchor_stands_for_its_value_and_for_a_key(value):
    found = value("a: &x {b: [1]}\nc: *x\nd: &k name\n*k : 1")

    assert found == {"a": {"b": [1]}, "c": {"b": [1]}, "d": "name", "name": 1}


def test_a_byte_order_mark_is_no_text(value):
    assert value("\ufeffa: 1") == {"a": 1}


def test_json_with_tabs_and_surrogate_pairs_is_read(value):
    assert value('{\t"a":\t"\\ud83d\\ude00"}') == {"a": "\U0001f600"}


@pytest.mark.parametrize(
    ("written", "line"),
    [
        ("a: 1\nb:\n  c: 2\n  c: 3\n", 'a.yaml#/b: line 4: has the key "c" a second time'),
        ('{"a": 1,\n "a": 2}', 'a.yaml#: has the key "a" a second time in one object'),
        ("a: 1\n'a': 2", 'a.yaml#: line 2: has the key "a" a second time'),
        ("a:\n- 1\n- {b: 1, b: 2}", 'a.yaml#/a/1: line 3: has the key "b" a second time'),
        ("? [a]\n: 1", "a.yaml#: line 1: has a key that is not text"),
        ("a: &x [1]\n*x : 2", "a.yaml#: line 2: has a key that is not text"),
        ("<<: {a: 1}", "a.yaml#: line 1: merges with <<, which YAML 1.2 has not; use $ref"),
        ("a: &x [*x]", "a.yaml#/a/0: line 1: is an alias of nothing, or of what it is in itself"),
        ("a: *x", "a.yaml#/a: line 1: is an alias of nothing, or of what it is in itself"),
        ("a: 1\n---\nb: 2", "a.yaml#: line 2: begins a second document; only one is read"),
        ("a: [1", "a.yaml#: line 2: is not YAML: "),
        ('{"a": }', "a.yaml#: line 1: is not JSON: Expecting value"),
        ('{"a": NaN}', "a.yaml#: has a number that JSON does not have"),
        ('{"a": -Infinity}', "a.yaml#: has a number that JSON does not have"),
        ('{"a": 1e999}', "a.yaml#: has a number that JSON does not have"),
        ("a: 1e999", "a.yaml#/a: line 1: has a number that JSON does not have"),
        ("a: " + "9" * 5000, "a.yaml#/a: line 1: has a number of more than 40 characters"),
        ('{"a": ' + "9" * 5000 + "}", "a.yaml#: has a number of more than 40 characters"),
        ('{"a": 0.' + "9" * 5000 + "}", "a.yaml#: has a number of more than 40 characters"),
        ('{"a": "\\ud800"}', "a.yaml#: has half of a surrogate pair, which is no character"),
        ('{"\\ud800": 1}', "a.yaml#: has half of a surrogate pair, which is no character"),
        (b"a: \xff", "a.yaml#: is not UTF-8 text: byte 3 is not"),
        ("a: \x00", "a.yaml#: is not YAML: it has a character that YAML has not"),
    ],
)
def test_what_is_read_in_more_ways_than_one_is_refused_with_its_place(problem, written, line):
    assert problem(written).startswith(line)


@pytest.mark.parametrize(
    "tag",
    [
        "!!python/object/apply:os.system ['touch {}']",
        "!!python/name:os.system",
        "!!timestamp 2024-01-01",
        "!!binary aGk=",
        "!!set [a]",
        "!own x",
    ],
)
def test_a_tag_is_refused_and_never_run(problem, tmp_path, tag):
    mark = tmp_path / "mark"

    assert problem(f"a: {tag.replace('{}', str(mark))}") == (
        "a.yaml#/a: line 1: has a tag; only plain values are read"
    )
    assert not mark.exists()


def test_a_bomb_of_aliases_is_refused_before_it_is_made(problem):
    levels = "\n".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 30))

    assert "values, aliases counted wherever they are used" in problem(f"a0: &a0 x\n{levels}")


def test_aliases_that_nest_are_as_deep_as_what_they_stand_for(problem):
    levels = "\n".join(f"a{i}: &a{i} [*a{i - 1}]" for i in range(1, 100))

    assert "is nested more than 64 levels deep" in problem(f"a0: &a0 x\n{levels}")


@pytest.mark.parametrize("opening", ["[", "{a: ", '{"a": ', '{"a": ['])
def test_a_text_is_nested_64_levels_at_most(value, problem, opening):
    closing = {"[": "]", "{": "}"}
    one = sum(opening.count(mark) for mark in closing)
    levels = 64 // one

    def nested(count):
        ends = "".join(closing[mark] for mark in reversed(opening) if mark in closing)
        return opening * count + "1" + ends * count

    assert value(nested(levels))
    assert "is nested more than 64 levels deep" in problem(nested(levels + 1))
    assert "nest" in problem(nested(50_000))


def test_a_text_has_a_bounded_number_of_values(problem):
    assert "has more than 400000 values" in problem("- \n" * 400_001)
    assert "has more than 400000 values" in problem(json.dumps({"a": [0] * 400_001}))


def test_a_file_has_a_bounded_size(problem):
    assert problem("a" * (6 * 1024 * 1024 + 1)) == (
        "a.yaml#: is larger than 6291456 bytes, the most that is imported"
    )


@pytest.mark.parametrize("name", ["missing.yaml", ".", "a\0b"])
def test_a_file_that_cannot_be_read_is_named(tmp_path, name):
    with pytest.raises(ConfigError) as error:
        openapi.load(tmp_path / name, shown="openapi/a.yaml")

    (line,) = error.value.problems
    assert line.startswith("openapi/a.yaml#: cannot be read: ")


@pytest.mark.parametrize("written", ["", "# nothing", "5", "text", "- a", "null"])
def test_a_text_that_is_no_mapping_is_no_document(read, written):
    with pytest.raises(ConfigError) as error:
        read(written)

    assert error.value.problems == ["shop.yaml#: is no OpenAPI document: it must be a mapping"]


def test_a_key_with_a_line_break_does_not_break_the_line_of_its_problem(read):
    with pytest.raises(ConfigError) as error:
        read('{"openapi": "3.0.0", "a\\nb\\u001b[31m": 1}')

    assert all("\n" not in line and "\x1b" not in line for line in error.value.problems)
