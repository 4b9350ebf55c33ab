"""Whatever comes, there is a verdict; and none takes longer than its length explains."""

import importlib
import pkgutil
import re
import subprocess
import sys
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]

import pytest
from guard_documents import document
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import bulwark_runtime.input_guard as package
from bulwark_runtime.input_guard import RULES, DocumentError, Guard, Mode, Request, Verdict
from bulwark_runtime.input_guard.scan import rules_broken
from bulwark_runtime.input_guard.sql import detect
from bulwark_runtime.input_guard.sql.tokens import tokens

TREE = {
    "type": "object",
    "properties": {
        "memo": {"type": "string"},
        "rich": {"type": "string", "x-bulwark-guard": {"richText": True}},
        "id": {"type": "string", "format": "uuid"},
        "n": {"type": "number"},
        "below": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
    },
}

GUARDS = [
    Guard.from_openapi(
        document(
            {"x-bulwark-guard": mode},
            schema={"$ref": "#/components/schemas/Tree"},
            components={"schemas": {"Tree": TREE}},
            path="/notes/{id}",
            parameters=[
                {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
                {
                    "name": "q",
                    "in": "query",
                    "schema": {"type": "array", "items": {"type": "number"}},
                },
                {"name": "f", "in": "query", "style": "deepObject", "schema": TREE},
                {"name": "j", "in": "query", "content": {"application/json": {"schema": TREE}}},
                {"name": "X-A", "in": "header", "schema": {"type": "boolean"}},
                {"name": "c", "in": "cookie", "schema": {"type": "object"}},
            ],
        )
    )
    for mode in ("block", "count", "sanitise")
]

PIECES = st.sampled_from(
    [
        "'",
        '"',
        "`",
        ";",
        "--",
        "#",
        "/*",
        "*/",
        "(",
        ")",
        "=",
        "1",
        "or",
        "and",
        "union",
        "select",
        "from",
        "null",
        "<script>",
        "</",
        "<img",
        "onerror=",
        ">",
        "javascript:\n",
        "",
        "",
        "",
        "{{",
        "}}",
        "${",
        "\\",
        "%27",
        "%3c",
        "%00",
        "%c0%a7",
        "&#39;",
        "&lt;",
        "$ne",
        "[",
        "]",
        ":",
        ",",
        "+",
        "\\u0027",
        "＇",
        "\x00",
        "\u202e",
        "�",
        "\n",
        "x()",
        "<!--",
        "-->",
        "data:\n",
        "",
        "",
        "",
        "text/html,",
        "base64,",
        "case",
        "when",
        "1.e",
        "@@",
        "||",
        "&&",
        '{"',
        '"}',
        "<style>",
        "<svg/",
        "srcdoc=",
    ]
)
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=30).map("".join))
PATHS = TEXTS.map(lambda text: "/notes/" + text)
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(["X-A", "Cookie", "Content-Type", "Host", "content-encoding"]), TEXTS
    ),
    max_size=4,
)
BODIES = st.one_of(
    st.binary(),
    TEXTS.map(lambda text: ('{"memo":"' + text + '"}').encode("utf-8", "surrogatepass")),
    st.recursive(
        st.one_of(TEXTS, st.none(), st.floats(), st.integers()),
        lambda inside: st.lists(inside, max_size=3) | st.dictionaries(TEXTS, inside, max_size=3),
        max_leaves=8,
    ).map(lambda value: __import__("json").dumps(value).encode("utf-8", "surrogatepass")),
)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(path=PATHS, query=TEXTS, headers=HEADERS, body=BODIES)
@example(path="/notes/\ud800", query="\ud800", headers=[("X-A", "\ud800")], body=b"")
@example(path="/notes/x", query="c=&f[=1&f[]=1&=&&", headers=[("Cookie", "c=;=;;c")], body=b"null")
def test_any_request_has_a_verdict(path, query, headers, body):
    request = Request("POST", path, query, headers, body)
    for guard in GUARDS:
        verdict = guard.check(request)
        assert isinstance(verdict, Verdict)
        assert verdict.allowed == all(r.mode is not Mode.BLOCK for r in verdict.reasons)
        assert all(reason.rule in RULES for reason in verdict.reasons)


@settings(max_examples=200, deadline=None)
@given(body=BODIES)
def test_what_was_sanitised_passes_when_it_comes_again(body):
    sanitising = GUARDS[2]
    verdict = sanitising.check(Request("POST", "/notes/x", body=body))
    if verdict.allowed:
        again = sanitising.check(verdict.request)
        assert again.allowed
        assert again.request.body == verdict.request.body


JSON_LIKE = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8)),
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "type",
                    "properties",
                    "items",
                    "$ref",
                    "allOf",
                    "oneOf",
                    "schema",
                    "in",
                    "name",
                    "content",
                    "parameters",
                    "x-bulwark-guard",
                    "mode",
                    "exclude",
                    "pattern",
                    "format",
                    "enum",
                    "required",
                    "requestBody",
                    "post",
                    "get",
                    "paths",
                ]
            ),
            inside,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(operation=JSON_LIKE, schema=JSON_LIKE)
def test_any_document_compiles_or_says_why_not(operation, schema):
    content = document(schema=schema)
    content["paths"]["/other"] = {"post": operation}
    try:
        guard = Guard.from_openapi(content)
    except DocumentError as error:
        assert error.problems
    else:
        guard.check(Request("POST", "/notes", body=b'{"a":["b"]}'))


ADVERSARIAL = [
    "case ", "a or ", "'", "(", "(select ", "/*", "/* * ", "union select ", "; drop ", "1=1 or ", "''",
    "or a=", "waitfor ", "by 1,", "select select ", "`", "1.e(", "where case ",
]  # fmt: skip


@pytest.mark.parametrize("piece", ADVERSARIAL)
def test_sql_is_read_in_steps_that_grow_as_the_text_does(piece):
    def steps(size):
        found = tokens("1 " + piece * (size // len(piece)))
        detect._is_attack(found, in_string=False)
        return found.steps + len(found)

    assert steps(16_000) <= 9 * steps(2_000) + 1_000


@pytest.mark.parametrize("opening", ["<", "'-(", "{{a(", "${", "javascript:", "<!--", "`", "');"])
def test_parsers_are_asked_a_fixed_number_of_times(opening, monkeypatch):
    from bulwark_runtime.input_guard.markup import page, script

    asked = []
    parser, html = script._parser(), page.LexborHTMLParser

    class Counting:
        def parse(self, content):
            asked.append(len(content))
            return parser.parse(content)

    monkeypatch.setattr(script, "_parser", Counting)
    monkeypatch.setattr(
        page, "LexborHTMLParser", lambda text: (asked.append(len(text)), html(text))[1]
    )

    def work(size):
        asked.clear()
        rules_broken(opening * (size // len(opening)))
        return sum(asked)

    assert work(16_000) <= 10 * work(2_000) + 100_000


def patterns():
    for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not info.name.rpartition(".")[2].startswith("aws"):
            for name, value in vars(importlib.import_module(info.name)).items():
                for pattern in value.values() if isinstance(value, dict) else [value]:
                    if isinstance(pattern, re.Pattern):
                        yield pytest.param(pattern, id=f"{info.name.rpartition('.')[2]}.{name}")


def repeats(items, *, inside=False):  # noqa: C901
    """Whether a repeat without a bound, which may give back, is in another."""
    for code, value in items:
        if code in (codes.MAX_REPEAT, codes.MIN_REPEAT):
            unbounded = value[1] is codes.MAXREPEAT
            if (inside and unbounded) or repeats(value[2], inside=inside or unbounded):
                return True
        elif code is codes.POSSESSIVE_REPEAT:
            if repeats(value[2]):
                return True
        elif code is codes.SUBPATTERN:
            if repeats(value[3], inside=inside):
                return True
        elif code is codes.BRANCH:
            if any(repeats(branch, inside=inside) for branch in value[1]):
                return True
        elif code in (codes.ASSERT, codes.ASSERT_NOT):
            if repeats(value[1], inside=inside):
                return True
        elif code is codes.ATOMIC_GROUP and repeats(value):
            return True
    return False


@pytest.mark.parametrize("pattern", list(patterns()))
def test_no_pattern_repeats_what_repeats(pattern):
    assert not repeats(_parser.parse(pattern.pattern, pattern.flags))


def test_importing_the_library_loads_no_cloud_sdk_and_no_framework():
    code = "import sys, bulwark_runtime.input_guard; print(*sorted(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    roots = {name.partition(".")[0] for name in loaded.stdout.split()}
    assert roots.isdisjoint({"boto3", "botocore", "pulumi", "pydantic", "aws_lambda_powertools"})
