import importlib
import inspect
import json
import re
from dataclasses import replace

import pulumi
import pulumi_aws as aws
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulwark_toolkit.compliance import diff
from bulwark_toolkit.compliance.diff import replacements
from bulwark_toolkit.compliance.diff.values import ABSENT, Change, changes
from bulwark_toolkit.compliance.rules import RULES
from bulwark_toolkit.compliance.waivers import Waiver
from bulwark_toolkit.preview import Graph, Note, Resource, Secret, Unknown, UsageError


@pytest.fixture
def graph(preview):
    return lambda program: preview(program, rendered=True, config={"aws:region": "eu-central-1"})


@pytest.fixture
def differ(graph):
    return lambda old, new: diff.difference(graph(old), graph(new))


def key(**inputs):
    return lambda: aws.kms.Key("key", **inputs)


def lines(difference):
    return [line.strip() for line in diff.text(difference).splitlines()]


def found(old, new):
    return [(c.path, c.old, c.new) for c in changes(old, new)]


# Values.


def test_mappings_are_compared_path_by_path():
    old = {"a": {"b": 1, "c": 2}, "gone": True}
    new = {"a": {"b": 1, "c": 3}, "come": None}

    assert found(old, new) == [
        ("a.c", 2, 3),
        ("come", ABSENT, None),
        ("gone", True, ABSENT),
    ]


def test_true_is_not_one():
    assert found({"a": True}, {"a": 1}) == [("a", True, 1)]


@pytest.mark.parametrize("name", ["name", "id", "Sid", "priority"])
def test_items_of_a_list_are_found_by_what_names_them(name):
    old = [{name: 1, "v": 1}, {name: 2, "v": 2}]
    new = [{name: 3, "v": 3}, {name: 1, "v": 9}, {name: 2, "v": 2}]

    assert found({"l": old}, {"l": new}) == [
        (f"l[{name}=1].v", 1, 9),
        (f"l[{name}=3]", ABSENT, {name: 3, "v": 3}),
    ]


def test_items_without_a_name_are_aligned():
    assert found({"l": ["a", "b", "c"]}, {"l": ["b", "c", "d"]}) == [
        ("l[0]", "a", ABSENT),
        ("l[2]", ABSENT, "d"),
    ]
    assert found([{"x": {"y": 1}}], [{"x": {"y": 2}}]) == [("[0].x.y", 1, 2)]


def test_another_order_is_one_change():
    (change,) = changes({"l": ["a", "b"]}, {"l": ["b", "a"]})

    assert change.note == "in another order"


def policy(*statements):
    return {"policy": json.dumps({"Version": "2012-10-17", "Statement": list(statements)})}


def test_a_policy_is_compared_by_statement():
    old = policy({"Sid": "A", "Action": "kms:Decrypt"}, {"Sid": "B", "Action": ["b", "a"]})
    new = policy({"Sid": "B", "Action": ["a", "b"]}, {"Sid": "A", "Action": ["kms:*"]})

    assert found(old, new)[0] == ("policy.Statement[A].Action[0]", "kms:Decrypt", "kms:*")


@pytest.mark.parametrize(
    "same",
    [
        {"Action": ["x"]},
        {"Action": "x"},
    ],
)
def test_one_word_or_a_list_of_one_is_the_same_policy(same):
    (change,) = changes(
        policy({"Action": "x", "Effect": "Allow"}), policy({"Effect": "Allow", **same})
    )

    assert change.note == "the same document, written differently"


def test_secrets_are_never_told_apart_nor_shown():
    assert found({"a": Secret("x")}, {"a": Secret("y")}) == []
    assert found({"a": Secret()}, {}) == [("a", Secret(), ABSENT)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"a": "hunter2"}, {"a": Secret()}),
        ({"a": ["hunter2"]}, {"a": [Secret()]}),
        ({"a": ["x", "hunter2"]}, {"a": ["y", Secret()]}),
        ({"a": ["x", "hunter2", "z"]}, {"a": [Secret(), "z"]}),
        ({"a": {"b": "hunter2"}}, {"a": Secret()}),
        ({"a": json.dumps({"b": "hunter2"})}, {"a": Secret()}),
    ],
)
def test_what_was_in_the_clear_is_not_shown_once_it_is_a_secret(old, new):
    for pair in ((old, new), (new, old)):
        assert "hunter2" not in repr(list(changes(*pair)))
        assert list(changes(*pair))


def test_an_unknown_is_a_value():
    assert found({"a": Unknown(("u",))}, {"a": Unknown(("u",))}) == []
    assert found({"a": 1}, {"a": Unknown(("u",))}) == [("a", 1, Unknown(("u",)))]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.just(Secret()),
    lambda v: st.lists(v, max_size=3) | st.dictionaries(st.sampled_from("ab"), v, max_size=2),
    max_leaves=8,
)


@given(values, values)
def test_equal_values_have_no_change_and_others_have_one(old, new):
    assert list(changes(old, old)) == []
    assert all(isinstance(change, Change) for change in changes(old, new))
    if in_order(old) != in_order(new):
        assert list(changes(old, new))


def in_order(value):
    """As text that tells apart what `==` does not, such as 1 and true; mappings have no order."""
    match value:
        case dict():
            return repr(sorted((name, in_order(inner)) for name, inner in value.items()))
        case list():
            return repr([in_order(inner) for inner in value])
    return repr(value)


# Resources.


def test_nothing_changes_in_what_is_the_same(differ):
    same = differ(key(description="a"), key(description="a"))

    assert same.empty
    assert diff.text(same) == "Nothing changes in stack of project.\n"
    assert "Nothing." in diff.markdown(same)


def test_a_property_that_changes_shows_old_and_new(differ):
    found = differ(key(description="a"), key(description="b", deletion_window_in_days=7))

    assert [(c.kind, c.resource.name) for c in found.resources] == [("change", "key")]
    assert "+  deletionWindowInDays: 7" in lines(found)
    assert '~  description: "a" → "b"' in lines(found)
    assert "~ 1 changed, 0 unchanged" in lines(found)


def test_a_line_that_moves_is_no_change(graph):
    one = graph(key())
    moved = replace(one, resources=tuple(replace(r, source="x.py:1") for r in one.resources))

    assert diff.difference(one, moved).empty


def test_what_is_added_shows_its_properties_and_documents(differ):
    def more():
        key()()
        document = json.dumps({"Statement": [{"Sid": "Own", "Action": ["a", "b"]}]})
        aws.sns.TopicPolicy("policy", arn="arn", policy=document)

    found = differ(key(), more)

    assert any(line.startswith("+  policy  aws.sns.TopicPolicy") for line in lines(found))
    assert '+  policy.Statement[0].Action: ["a", "b"]' in lines(found)


def test_what_is_removed_says_what_stands_in_the_way(differ):
    protected = pulumi.ResourceOptions(protect=True, retain_on_delete=True)
    found = differ(lambda: aws.kms.Key("key", opts=protected), lambda: None)

    assert found.resources[0].kind == "remove"
    assert "!  it is protected: Pulumi refuses until it is not" in lines(found)
    assert "!  it is retained: Pulumi forgets it and does not delete it" in lines(found)


@pytest.mark.parametrize("inputs", [{"multi_region": True}, {"region": "eu-west-1"}])
def test_what_is_known_to_replace_may_replace(differ, inputs):
    found = differ(key(), key(**inputs))

    assert found.resources[0].kind == "replace"
    assert "+- 1 may be replaced" in diff.text(found)
    assert any(line.endswith("(may replace)") for line in lines(found))


def test_what_is_known_to_replace_is_an_input_of_its_type():
    for token, names in replacements.BY_TYPE.items():
        module, _, kind = token.removeprefix("aws:").partition("/")
        cls = getattr(importlib.import_module(f"pulumi_aws.{module}"), kind.partition(":")[2])
        known = inspect.signature(cls._internal_init).parameters
        assert {re.sub(r"[A-Z]", lambda c: f"_{c[0].lower()}", name) for name in names} <= {*known}


def test_what_the_program_asks_to_replace_may_replace(differ):
    asked = pulumi.ResourceOptions(replace_on_changes=["description"])
    found = differ(
        lambda: aws.kms.Key("key", description="a", opts=asked),
        lambda: aws.kms.Key("key", description="b", opts=asked),
    )

    assert found.resources[0].replaces == ("description",)


def test_a_change_that_is_ignored_replaces_nothing(differ):
    ignored = pulumi.ResourceOptions(ignore_changes=["multiRegion"])
    found = differ(
        lambda: aws.kms.Key("key", opts=ignored),
        lambda: aws.kms.Key("key", multi_region=True, opts=ignored),
    )

    assert found.resources[0].kind == "change"
    assert "+  multiRegion: true  (ignored: ignoreChanges)" in lines(found)


def test_a_protected_resource_that_may_be_replaced_says_so(differ):
    protected = pulumi.ResourceOptions(protect=True)
    found = differ(
        lambda: aws.kms.Key("key", opts=protected),
        lambda: aws.kms.Key("key", multi_region=True, opts=protected),
    )

    assert "!  it is protected: Pulumi refuses to replace it" in lines(found)


def test_an_option_is_compared(differ):
    found = differ(key(), lambda: aws.kms.Key("key", opts=pulumi.ResourceOptions(protect=True)))

    assert "+  options.protect: true" in lines(found)


def user(name, **options):
    """A key and what is made of its placeholders."""

    def program():
        made = aws.kms.Key(name, opts=pulumi.ResourceOptions(**options))
        aws.kms.Alias("alias", target_key_id=made.id)
        role = {"Statement": [{"Action": "kms:Decrypt", "Resource": made.arn}]}
        aws.iam.RolePolicy("use", role="role", policy=pulumi.Output.json_dumps(role))
        pulumi.export("arn", made.arn)

    return program


def test_a_rename_by_alias_is_no_noise(differ):
    aliases = [pulumi.Alias(name="old")]
    found = differ(user("old"), user("new", aliases=aliases))

    assert [(c.kind, c.resource.name, c.changes) for c in found.resources] == [
        ("change", "new", ())
    ]
    assert found.exports == ()
    assert found.verdicts == ()
    assert any(line.startswith("~  new  aws.kms.Key, was old") for line in lines(found))


class Vault(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("test:index:Vault", name, None, opts)
        aws.kms.Key(f"{name}-key", opts=pulumi.ResourceOptions(parent=self))


def test_the_children_of_a_renamed_component_are_renamed_with_it(differ):
    aliases = pulumi.ResourceOptions(aliases=[pulumi.Alias(name="old")])
    found = differ(lambda: Vault("old"), lambda: Vault("new", aliases))

    assert [(c.kind, c.resource.name) for c in found.resources] == [
        ("change", "new"),
        ("change", "new-key"),
    ]


def test_a_move_without_an_alias_is_another_resource(differ):
    def moved():
        parent = pulumi.ComponentResource("test:index:Vault", "vault")
        aws.kms.Key("key", opts=pulumi.ResourceOptions(parent=parent))

    found = differ(key(), moved)

    assert [c.kind for c in found.resources] == ["add", "add", "remove"]
    assert any("without an alias this is another one" in line for line in lines(found))


def test_what_happens_alike_to_many_is_said_once(differ):
    def keys(tag):
        return lambda: [aws.kms.Key(f"key{n}", tags={"a": tag}) for n in range(5)]

    found = lines(differ(keys("x"), keys("y")))

    assert found.count('~  tags.a: "x" → "y"') == 1
    assert "~  5 resources alike" in found
    assert "in key0, key1, key2, key3, key4" in found


def test_what_exists_already_is_read_and_not_made(differ):
    found = differ(lambda: None, lambda: aws.kms.Key.get("key", "some-id"))

    assert [c.kind for c in found.resources] == ["read"]


def test_a_new_version_of_a_provider_is_said_once(graph):
    old = graph(lambda: [aws.kms.Key(f"key{n}") for n in range(4)])
    new = replace(
        old,
        resources=tuple(
            replace(r, options=replace(r.options, version="99.0.0")) if r.kind == "custom" else r
            for r in old.resources
        ),
    )
    found = diff.difference(old, new)

    assert found.resources == ()
    assert [(package, now, count) for package, _, now, count in found.versions] == [
        ("aws", "99.0.0", 4)
    ]


# Verdicts and notes.


def turns(difference, rule="aws.keys.key-rotates"):
    return [(v.turn, v.urn.rpartition("::")[2]) for v in difference.verdicts if v.rule.id == rule]


def test_verdicts_turn(differ):
    on, off = key(enable_key_rotation=True), key(enable_key_rotation=False)

    def secret():
        aws.kms.Key("key", enable_key_rotation=pulumi.Output.secret(True))

    assert turns(differ(on, off)) == [("fails now", "key")]
    assert turns(differ(off, on)) == [("passes now", "key")]
    assert turns(differ(lambda: None, off)) == [("fails now", "key")]
    assert turns(differ(on, on)) == turns(differ(lambda: None, on)) == []
    assert turns(differ(on, lambda: None)) == turns(differ(off, lambda: None)) == []
    assert differ(lambda: None, on).new_passes >= 1
    assert turns(differ(off, secret)) == [("unknown now", "key")]
    asymmetric = key(customer_master_key_spec="RSA_2048")
    assert turns(differ(on, asymmetric)) == [("not judged now", "key")]


def test_a_fail_shows_what_is_there_and_what_to_do(differ):
    found = lines(differ(key(enable_key_rotation=True), key()))

    assert "✗  fails now  key  aws.keys.key-rotates  medium" in found
    assert "enableKeyRotation = false" in found
    (rotates,) = [rule for rule in RULES if rule.id == "aws.keys.key-rotates"]
    assert rotates.remediation in found


def test_notes_come_and_go(graph):
    one = graph(key())
    urn = one.resources[-1].urn
    old = replace(one, notes=(Note("cost", urn, "about 1 USD"), Note("limit", urn, "same")))
    new = replace(one, notes=(Note("limit", urn, "same"), Note("loosened", urn, "short")))

    found = lines(diff.difference(old, new))

    assert "-  cost  key: about 1 USD" in found
    assert "+  loosened  key: short" in found
    assert not any("same" in line for line in found)


def test_exports_are_compared(differ):
    found = differ(lambda: pulumi.export("a", {"b": 1}), lambda: pulumi.export("a", {"b": 2}))

    assert "~  a.b: 1 → 2" in lines(found)


def test_two_stacks_or_two_modes_are_not_compared(graph):
    one = graph(key())
    with pytest.raises(UsageError, match="of stack other of project, and this is stack"):
        diff.difference(replace(one, stack="other"), one)
    with pytest.raises(UsageError, match="write both with `bulwark preview --rendered"):
        diff.difference(replace(one, mode="engine"), one)


# What is printed.


def hostile(text, count=1):
    """A graph without resources, and one whose names and values are somebody's text."""
    made = [
        Resource(
            urn=f"urn:pulumi:s::p::t::{text}{n}",
            type=f"a:b/c:{text}",
            name=f"{text}{n}",
            parent="",
            kind="custom",
            inputs={text: text, "n": n, "list": [text, {text: text}]},
            outputs={},
            source=text,
        )
        for n in range(count)
    ]
    note = Note("cost", made[0].urn, text)
    empty = Graph(
        project="p", stack=text, mode="rendered", resources=(), outputs={}, notes=(), problems=()
    )
    return empty, replace(empty, resources=tuple(made), notes=(note,), outputs={text: text})


HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</summary></details><script>",
    "`` ``` ```` ~~~~",
    "a\n\n# Title\n```\n",
    "a | b | [x](http://evil) ![y](z) @team #12 www.evil.example",
    "--> <!-- bulwark-diff other/stack -->",
    "\x1b[2J\x1b]0;title\x07 \u202e\u2066\u2028\r\b",
    "\ud800",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_name_moves_the_cursor_or_the_line(text):
    old, new = hostile(text)
    said = diff.text(diff.difference(old, new)) + diff.markdown(diff.difference(old, new))

    said = said.replace("\u200b", "")  # ours: it parts a sign from the name behind it
    assert all(c.isprintable() or c == "\n" for c in said)
    assert said.encode()


def prose(markdown):
    """What is outside the fences, each of which must end where it should."""
    return re.sub(r"(?m)^(`{3,})diff\n(?:.*\n)*?\1$", "", markdown)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_name_is_mark_up(text):
    old, new = hostile(text)
    outside = prose(diff.markdown(diff.difference(old, new)))

    tags = set(re.findall(r"<[^>]*>", outside))
    assert {t for t in tags if not t.startswith("<!-- bulwark-diff p/")} <= {
        "<code>", "</code>", "<details>", "<details open>", "</details>", "<summary>",
        "</summary>", "<sub>", "</sub>",
    }  # fmt: skip
    assert not re.search(r"[`|\[\]@]|www|://", outside.split("-->", 1)[1])
    assert outside.count("<!--") == outside.count("-->") == 1
    assert outside.count("<details") == outside.count("</details>")


@given(st.text(max_size=30))
def test_any_name_is_printed_in_some_way(text):
    old, new = hostile(text)
    found = diff.difference(old, new)

    assert diff.markdown(found) == diff.markdown(diff.difference(old, new))
    assert all(c.isprintable() or c in "\n\u200b" for c in diff.text(found) + diff.markdown(found))


@pytest.mark.parametrize("text", ["a" * 5000, "😀" * 2000, "<" * 3000, "`" * 900, "x"])
def test_a_comment_is_never_too_long_and_says_what_it_leaves_out(text):
    old, new = hostile(text, count=600)
    said = diff.markdown(diff.difference(old, new))

    assert len(said.encode()) < 65_536
    assert said.startswith("<!-- bulwark-diff p/")
    assert "more resources" in said
    assert said.count("<details") == said.count("</details>")


def test_the_first_line_finds_the_comment_again(differ):
    one, other = differ(key(), key(description="x")), differ(key(), lambda: None)

    assert diff.markdown(one).splitlines()[0] == "<!-- bulwark-diff project/stack -->"
    assert diff.markdown(other).splitlines()[0] == "<!-- bulwark-diff project/stack -->"


def test_of_a_long_text_the_part_that_differs_is_shown(differ):
    start = "a" * 500
    found = lines(differ(key(description=f"{start}x"), key(description=f"{start}y")))

    (line,) = [line for line in found if "description" in line]
    assert len(line) < 120
    assert 'x" → …' in line


def test_a_text_of_many_lines_is_compared_by_line(differ):
    found = lines(differ(key(description="a\nb\nc"), key(description="a\nB\nc")))

    assert "-      b" in found
    assert "+      B" in found


def test_a_failure_that_is_waived_says_so_beside_it(graph, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795564800")  # 2026-11-25
    waiver = Waiver.model_validate(
        {
            "rule": "aws.keys.key-rotates",
            "resource": "*::key",
            "owner": "ana@example.com",
            "reason": "The partner pins the key.",
            "compensatingControl": "It is renewed by hand each January.",
            "ticket": "SEC-7",
            "expires": "2027-03-01",
        }
    )
    old, new = graph(key(enable_key_rotation=True)), graph(key(enable_key_rotation=False))

    told = "waived until 2027-03-01 by ana@example.com (SEC-7)"
    waived = diff.difference(old, new, waivers=[waiver])
    assert told in diff.text(waived)
    assert "waived until" in diff.markdown(waived)
    assert told not in diff.text(diff.difference(old, new))
