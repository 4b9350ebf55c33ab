"""Requests that are made to be read in two ways, or not at all: each has a verdict."""

import json

import pytest
from guard_documents import document
from hypothesis import given, settings
from hypothesis import strategies as st

from bulwark_runtime.input_guard import RULES, DocumentError, Guard, Request, Verdict

JSON = ("Content-Type", "application/json")
ANY = {"type": "object"}


def parameter(name="id", place="path", **schema):
    return {"name": name, "in": place, "required": True, "schema": {"type": "string", **schema}}


@pytest.fixture
def notes():
    return Guard.from_openapi(document(schema=ANY))


@pytest.fixture
def note():
    return Guard.from_openapi(document(path="/notes/{id}", parameters=[parameter()]))


def found(guard, request):
    verdict = guard.check(request)
    assert isinstance(verdict, Verdict)
    assert verdict.allowed == (not verdict.reasons)
    return {(reason.pointer, reason.rule) for reason in verdict.reasons}


# What is no request

MADE_WRONG = {
    "a method that is none": {"method": None},
    "a path of bytes": {"path": b"/notes"},
    "no query": {"query": None},
    "a body of text": {"body": "{}"},
    "a body that can change": {"body": bytearray(b"{}")},
    "headers by name": {"headers": {"ab": "cd"}},
    "headers of bytes": {"headers": [(b"Host", b"a")]},
    "a header without a value": {"headers": [("Host", None)]},
    "a header of three": {"headers": [("Host", "a", "b")]},
    "headers of two letters": {"headers": ["ab"]},
    "headers that are read once": {"headers": iter([("Host", "a")])},
    "an operation that is a number": {"operation_id": 1},
}


@pytest.mark.parametrize("wrong", MADE_WRONG.values(), ids=MADE_WRONG)
def test_what_is_not_made_of_text_and_bytes_is_denied(notes, wrong):
    request = Request(**{"method": "POST", "path": "/notes", **wrong})
    assert found(notes, request) == {("/path", "decode.request")}


# Methods and paths


@pytest.mark.parametrize("method", ["post", "Post", "PO\u017fT", " POST", "POST\n", "", "HEAD"])
def test_a_method_is_written_in_one_way(notes, method):
    assert found(notes, Request(method, "/notes")) == {("/path", "route.unknown")}


PATHS = [
    "", "*", "notes", "//notes", "/notes/", "/notes//", "/NOTES", "/n%6ftes", "/notes%2f",
    "/notes;a=b", "/notes?a=b", "/notes#a", "/notes\\", "/./notes", "/a/../notes", "/notes ",
    "/notes\x00", "/notes\r\nHost: a", "https://a.example/notes", "/\ud800",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_a_path_is_written_in_one_way(notes, path):
    assert found(notes, Request("POST", path)) == {("/path", "route.unknown")}


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        ("", ("/path/id", "schema.required")),
        (".", ("/path/id", "decode.traversal")),
        ("a%2f..", ("/path/id", "decode.traversal")),
        ("a%5c..%5cb", ("/path/id", "decode.traversal")),
        ("%ed%a0%80", ("/path", "decode.utf8")),
        ("\ud800", ("/path", "decode.utf8")),
        ("%", ("/path", "decode.percent")),
        ("%252e%252e", ("/path/id", "decode.double-encoding")),
        ("a%0d%0ab%00", ("/path/id", "decode.control")),
    ],
)
def test_a_parameter_in_a_path_fills_its_segment_and_leads_nowhere(note, sent, reason):
    assert reason in found(note, Request("POST", f"/notes/{sent}"))


def test_a_slash_that_is_encoded_is_text(note):
    assert found(note, Request("POST", "/notes/2026%2F07")) == set()


@pytest.fixture
def files():
    return Guard.from_openapi(
        document(
            {"x-bulwark-guard": "sanitise"}, path="/files/{rest+}", parameters=[parameter("rest")]
        )
    )


def test_a_parameter_may_take_the_rest_of_a_path(files):
    assert found(files, Request("POST", "/files/a/b%20c/d")) == set()
    assert found(files, Request("POST", "/files/a/../b")) >= {("/path/rest", "decode.traversal")}
    assert found(files, Request("POST", "/files/a/1' union select a, 1 from b--".replace(" ", "+")))
    assert found(files, Request("POST", "/files")) == {("/path", "route.unknown")}


def test_the_rest_of_a_path_keeps_its_slashes_when_it_is_cleaned(files):
    verdict = files.check(Request("POST", "/files/a/%3Cscript%3Eb()%3C%2Fscript%3Ec"))
    assert (verdict.allowed, verdict.request.path) == (True, "/files/a/c")


def test_what_is_written_out_comes_before_the_rest_of_a_path():
    content = document(path="/files/{rest+}", parameters=[parameter("rest")])
    content["paths"]["/files/new"] = {"post": {"operationId": "new"}}
    content["paths"]["/files/{id}/parts"] = {"post": {"operationId": "parts", "parameters": [parameter()]}}  # fmt: skip
    guard = Guard.from_openapi(content)

    asked = ["/files/new", "/files/7/parts", "/files/7/other", "/files/new/parts"]
    assert [guard.check(Request("POST", path)).operation for path in asked] == [
        "new",
        "parts",
        "op",
        "parts",
    ]


@pytest.mark.parametrize("path", ["/notes/v{id}", "/notes/{id}.json", "/notes/{id}{kind}", "/{"])
def test_a_parameter_that_is_part_of_a_segment_is_an_error_of_the_document(path):
    with pytest.raises(DocumentError, match="a parameter must be the whole of a path's segment"):
        Guard.from_openapi(document(path=path))


def test_two_paths_that_match_the_same_are_an_error_of_the_document():
    content = document(path="/notes/{id}")
    content["paths"]["/notes/{name}"] = {"post": {"operationId": "other"}}
    with pytest.raises(DocumentError, match=r"matches what /notes/\{id\} matches"):
        Guard.from_openapi(content)


# Queries


@pytest.mark.parametrize(
    ("query", "rule"),
    [
        ("a=1&a=2", "decode.duplicate"),
        ("a=1&%61=2", "decode.duplicate"),
        ("&".join(["a=1"] * 5_000), "limit.query"),
        ("&" * 9_000, "limit.query"),
        ("a=\ud800", "decode.utf8"),
        ("a=%u0027", "decode.percent"),
        ("a=%0d%0aHost:%20b%00", "decode.control"),
        ("$where=1", "injection.nosql"),
    ],
)
def test_a_query_is_read_in_one_way(notes, query, rule):
    assert rule in {rule for _, rule in found(notes, Request("POST", "/notes", query))}


@pytest.mark.parametrize("query", ["", "&&", "=", "a", "a=", "=a", "a=b=c", "a&b", "a=b;c=d"])
def test_an_odd_query_is_no_error_by_itself(notes, query):
    assert found(notes, Request("POST", "/notes", query)) == set()


# Headers

HEADERS = {
    "two hosts": ([("Host", "a"), ("HOST", "b")], "decode.duplicate"),
    "two lengths": ([("Content-Length", "2"), ("content-length", "3")], "decode.duplicate"),
    "two kinds": ([JSON, ("content-type", "text/plain")], "decode.duplicate"),
    "a length and chunks": (
        [("Content-Length", "2"), ("Transfer-Encoding", "chunked")],
        "decode.framing",
    ),
    "a list of lengths": ([("Content-Length", "2, 2")], "decode.framing"),
    "a length with a sign": ([("Content-Length", "+2")], "decode.framing"),
    "a length in other digits": ([("Content-Length", "\u0662")], "decode.framing"),
    "chunks in disguise": ([("Transfer-Encoding", "xchunked")], "decode.framing"),
    "compressed chunks": ([("Transfer-Encoding", "gzip, chunked")], "decode.framing"),
    "chunks twice": ([("Transfer-Encoding", "chunked")] * 2, "decode.framing"),
    "a name with a space": ([("Content-Length ", "2")], "decode.control"),
    "a name with a line end": ([("X-A\r\nHost", "b")], "decode.control"),
    "a name that is none": ([("", "b")], "decode.control"),
    "a name in other letters": ([("Coo\u212aie", "b")], "decode.control"),
    "a value with a line end": ([("X-A", "a\r\nHost: b")], "decode.control"),
    "a value with a NUL": ([("X-A", "a\x00")], "decode.control"),
    "half a character": ([("X-A", "\ud800")], "decode.control"),
    "text turned around": ([("X-A", "\u202ea")], "decode.bidi"),
}


@pytest.mark.parametrize(("headers", "rule"), HEADERS.values(), ids=HEADERS)
def test_headers_are_read_in_one_way(notes, headers, rule):
    request = Request("POST", "/notes", headers=headers, body=b"{}")
    assert rule in {rule for _, rule in found(notes, request)}


HONEST_HEADERS = [
    ("Expect", "100-continue"),
    ("Transfer-Encoding", "Chunked"),
    ("Content-Encoding", "Identity"),
    ("Content-Length", "2"),
    ("X-Name", "J\u00f6rg O'Neill"),
    ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    ("Sec-CH-UA", '"Chromium";v="142", "Not_A Brand";v="99"'),
    ("If-None-Match", 'W/"a1b2"'),
]


@pytest.mark.parametrize("header", HONEST_HEADERS, ids=[name for name, _ in HONEST_HEADERS])
def test_headers_that_clients_send_pass(notes, header):
    assert found(notes, Request("POST", "/notes", headers=[JSON, header], body=b"{}")) == set()


def test_a_header_in_other_letters_is_not_the_one_that_must_be_there():
    guard = Guard.from_openapi(document(parameters=[parameter("X-Key", "header")]))
    request = Request("POST", "/notes", headers=[("X-\u212aey", "a")])
    assert ("/header/x-key", "schema.required") in found(guard, request)


# Bodies

KINDS = {
    "utf-7": "application/json; charset=utf-7",
    "utf-16": "application/json;charset=UTF-16",
    "latin": "application/json; charset='iso-8859-1'",
    "two sets": "application/json; charset=utf-8; charset=utf-7",
    "a set with a star": "application/json; charset*=utf-7''utf-7",
    "a set in pieces": "application/json; charset*0=utf-7",
    "a space of no kind": "\xa0application/json",
    "a line end": "application/json\r\n",
    "half a character": "application/json\ud800",
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_character_set_is_utf_8_and_nothing_else(notes, kind):
    request = Request("POST", "/notes", headers=[("Content-Type", kind)], body=b"{}")
    assert ("/body", "decode.charset") in found(notes, request)


OTHER_KINDS = [
    "", ";", "json", "text/json", "a/b/c", "application/json, text/plain", "application/json+",
    "application/vnd.api+json", "application/json/", "application /json", "multipart/form-data",
]  # fmt: skip


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_a_media_type_that_is_not_declared_is_denied(notes, kind):
    request = Request("POST", "/notes", headers=[("Content-Type", kind)], body=b"{}")
    assert ("/body", "schema.media-type") in found(notes, request)


@pytest.mark.parametrize(
    "coding", ["gzip", "br", "identity, gzip", "x-gzip", "GZIP", "aws-chunked"]
)
def test_a_body_that_is_compressed_is_denied(notes, coding):
    headers = [JSON, ("Content-Encoding", coding)]
    request = Request("POST", "/notes", headers=headers, body=b"{}")
    assert ("/body", "decode.charset") in found(notes, request)


BODIES = {
    "nothing": (b"", "schema.body"),
    "a space": (b" ", "decode.json"),
    "a NUL": (b"\x00", "decode.json"),
    "utf-16 without a mark": ('{"a":1}'.encode("utf-16-le"), "decode.json"),
    "utf-16": ('{"a":1}'.encode("utf-16"), "decode.charset"),
    "utf-32": ('{"a":1}'.encode("utf-32"), "decode.charset"),
    "a mark": (b"\xef\xbb\xbf{}", "decode.charset"),
    "a half": (b'{"a":"\xed\xa0\x80"}', "decode.utf8"),
    "a half, escaped": (rb'{"a b":"\ud800 x"}', "decode.control"),
    "a half as a name": (rb'{"\ud800":1}', "decode.control"),
    "two values": (b"{} {}", "decode.json"),
    "a comment": (b"{/**/}", "decode.json"),
    "single quotes": (b"{'a':1}", "decode.json"),
    "a comma too many": (b'{"a":1,}', "decode.json"),
    "a name twice": (b'{"a":1,"\\u0061":2}', "decode.duplicate"),
    "a name twice, deep": (b'{"a":[{"b":1,"b":1}]}', "decode.duplicate"),
    "no number": (b'{"a":NaN}', "decode.number"),
    "endless": (b'{"a":-1e999}', "decode.number"),
    "many digits": (b'{"a":' + b"9" * 5_000 + b"}", "decode.json"),
    "deep arrays": (b"[" * 500_000, "limit.depth"),
    "deep objects": (b'{"a":' * 150_000, "limit.depth"),
    "deep and closed": (b'{"a":' * 33 + b"1" + b"}" * 33, "limit.depth"),
    "many names": (json.dumps({str(n): n for n in range(20_001)}).encode(), "limit.values"),
    "another type": (b"[]", "schema.type"),
}


@pytest.mark.parametrize(("body", "rule"), BODIES.values(), ids=BODIES)
def test_a_body_is_read_in_one_way(body, rule):
    required = {"required": True, "content": {"application/json": {"schema": ANY}}}
    guard = Guard.from_openapi(document({"requestBody": required}))
    request = Request("POST", "/notes", headers=[JSON], body=body)
    assert rule in {rule for _, rule in found(guard, request)}


def test_numbers_as_long_as_python_reads_them_are_held_to_the_schema(notes):
    body = b'{"a":' + b"9" * 4_000 + b',"b":-0.0,"c":1e-400,"d":' + b"1" * 300 + b".5}"
    assert found(notes, Request("POST", "/notes", headers=[JSON], body=body)) == set()


def test_a_body_where_none_is_declared_is_denied():
    guard = Guard.from_openapi(document())
    assert found(guard, Request("POST", "/notes", body=b"{}")) == {("/body", "schema.body")}


def test_a_verdict_has_no_more_reasons_than_a_log_line_has_room_for(notes):
    body = json.dumps({str(n): "1' or 1=1--" for n in range(5_000)}).encode()
    verdict = notes.check(Request("POST", "/notes", headers=[JSON], body=body))
    assert not verdict.allowed
    assert len(verdict.reasons) <= 20


def test_what_denies_is_told_though_there_is_much_that_does_not():
    counted = {"type": "object", "additionalProperties": {"x-bulwark-guard": "count"}}
    schema = {**counted, "properties": {"z": {"type": "string"}}}
    guard = Guard.from_openapi(document(schema=schema))
    texts = {str(n): f"1' or {n}={n}--" for n in range(100)} | {"z": "1' or 1=1--"}
    verdict = guard.check(Request("POST", "/notes", body=json.dumps(texts).encode()))
    assert not verdict.allowed
    assert ("/body/z", "injection.sql") in {(r.pointer, r.rule) for r in verdict.reasons}


ODD = st.one_of(
    st.none(), st.integers(), st.text(), st.binary(), st.lists(st.text()), st.tuples(st.text())
)
PAIRS = st.lists(st.tuples(st.text(max_size=20), st.text(max_size=30)), max_size=5)
KNOWN = st.sampled_from(["POST", "/notes", "/notes/a", "application/json"])


@settings(max_examples=300, deadline=None)
@given(
    request=st.builds(
        Request, ODD | KNOWN, ODD | KNOWN, ODD, ODD | PAIRS, ODD | st.just(b"{}"), st.none() | ODD
    )
)
def test_anything_at_all_has_a_verdict(request):
    verdict = Guard.from_openapi(document(schema=ANY)).check(request)
    assert all(reason.rule in RULES for reason in verdict.reasons)
