"""Forms in parts: one reading, each part by its property, and written anew from what was read."""

import json

import pytest
from guard_documents import document
from hypothesis import given, settings
from hypothesis import strategies as st

from bulwark_runtime.input_guard import RULES, Guard, Mode, Request

MARK = "----b0undary"
KIND = f"multipart/form-data; boundary={MARK}"

SCHEMA = {
    "type": "object",
    "required": ["memo"],
    "additionalProperties": False,
    "properties": {
        "memo": {"type": "string", "maxLength": 400},
        "page": {"type": "string", "x-bulwark-guard": {"richText": True}},
        "amount": {"type": "integer", "minimum": 1},
        "tags": {"type": "array", "items": {"type": "string"}},
        "payee": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"name": {"type": "string"}},
        },
        "scan": {"type": "string", "format": "binary", "maxLength": 1000},
        "photo": {"type": "string", "format": "binary"},
        "photos": {"type": "array", "items": {"type": "string", "format": "binary"}},
    },
}
ENCODING = {
    "photo": {"contentType": "image/png, image/jpeg"},
    "photos": {"contentType": "image/*"},
    "memo": {"headers": {"X-Language": {"schema": {"type": "string"}}}},
}

SQL = "1' union select name, 1 from users-- "


def guard(mode="block", schema=SCHEMA, encoding=ENCODING, version="3.0.3"):
    media = {"schema": schema, "encoding": encoding}
    content = {"requestBody": {"content": {"multipart/form-data": media}}}
    return Guard.from_openapi(document({"x-bulwark-guard": mode, **content}, version=version))


def part(content, name, *more, filename=None, media=None):
    head = f'Content-Disposition: form-data; name="{name}"'
    if filename is not None:
        head += f'; filename="{filename}"'
    lines = [head, *([f"Content-Type: {media}"] if media else []), *more, "", ""]
    content = content if isinstance(content, bytes) else content.encode()
    return "\r\n".join(lines).encode() + content


MEMO = part("rent for May", "memo")


def form(*parts, mark=MARK):
    line = f"--{mark}\r\n".encode()
    return b"".join(line + one + b"\r\n" for one in parts) + f"--{mark}--\r\n".encode()


def ask(body, kind=KIND, **more):
    return guard(**more).check(Request("POST", "/notes", "", [("Content-Type", kind)], body))


def found(body, kind=KIND, **more):
    return [(reason.pointer, reason.rule) for reason in ask(body, kind, **more).reasons]


HONEST = {
    "a field": [MEMO],
    "an apostrophe": [part("O'Neill's \u20ac 5, and more", "memo")],
    "every kind": [
        MEMO,
        part("12", "amount"),
        part("a", "tags"),
        part("b", "tags"),
        part('{"name": "Se\u00e1n"}', "payee", media="application/json"),
        part(b"\x89PNG\r\n\x1a\n\x00\xff", "photo", filename="me.png", media="image/png"),
        part(b"\x00", "photos", filename="1.png", media="image/png"),
        part(b"\x01", "photos", filename="2.webp", media="image/webp"),
    ],
    "an object without a media type": [MEMO, part('{"name": "a"}', "payee")],
    "a file of any type": [MEMO, part(b"%PDF-", "scan", filename="a.pdf", media="application/pdf")],
    "a file with markup in it": [MEMO, part(SQL, "scan", filename="a.txt", media="text/plain")],
    "a name of a file with words": [
        MEMO,
        part(
            b"x",
            "scan",
            filename="O'Brien \u2013 r\u00e9sum\u00e9 (2).pdf",
            media="application/pdf",
        ),
    ],
    "a field's own charset": [part("a", "memo", media="text/plain; charset=UTF-8")],
    "a header that is declared": [part("a", "memo", "X-Language: de")],
    "an encoding that changes nothing": [part("a", "memo", "Content-Transfer-Encoding: 8bit")],
    "a file that nobody chose": [
        MEMO,
        part(b"", "photo", filename="", media="application/octet-stream"),
    ],
}


@pytest.mark.parametrize("parts", HONEST.values(), ids=HONEST)
def test_an_honest_form_passes(parts):
    assert found(form(*parts)) == []


ATTACKS = {
    "in a field": ([part(SQL, "memo")], "/body/memo", "injection.sql"),
    "in a list": ([MEMO, part("a", "tags"), part(SQL, "tags")], "/body/tags/1", "injection.sql"),
    "in an object": (
        [MEMO, part(json.dumps({"name": SQL}), "payee", media="application/json")],
        "/body/payee/name",
        "injection.sql",
    ),
    "in a file's name": (
        [MEMO, part(b"x", "scan", filename="<img src=x onerror=a(1)>")],
        "/body/scan/filename",
        "injection.html",
    ),
    "in a declared header": (
        [part("a", "memo", "X-Language: <script>a(1)</script>")],
        "/body/memo/x-language",
        "injection.html",
    ),
    "of another type": ([MEMO, part("much", "amount")], "/body/amount", "schema.type"),
    "out of bounds": ([MEMO, part("0", "amount")], "/body/amount", "schema.value"),
    "undeclared": ([MEMO, part("x", "admin")], "/body", "schema.undeclared"),
    "a file that is too long": (
        [MEMO, part(b"\xff" * 1001, "scan", filename="a")],
        "/body/scan",
        "schema.value",
    ),
    "a file of another type": (
        [MEMO, part(b"x", "photo", filename="a.gif", media="image/gif")],
        "/body/photo",
        "schema.media-type",
    ),
    "a file that does not say its type": (
        [MEMO, part(b"x", "photo", filename="a.png")],
        "/body/photo",
        "schema.media-type",
    ),
    "a picture that runs": (
        [MEMO, part(b"<svg/>", "photos", filename="a.svg", media="image/svg+xml")],
        "/body/photos/0",
        "schema.media-type",
    ),
    "a page where any file may be": (
        [MEMO, part(b"<p>", "scan", filename="a.html", media="text/html")],
        "/body/scan",
        "schema.media-type",
    ),
    "a field as a file": ([part("a", "memo", filename="a.txt")], "/body/memo", "schema.type"),
    "a file as a field": ([MEMO, part("a", "scan")], "/body/scan", "schema.type"),
    "a file upwards": (
        [MEMO, part(b"x", "scan", filename="../../etc/passwd")],
        "/body/scan/filename",
        "decode.traversal",
    ),
    "a file upwards, encoded": (
        [MEMO, part(b"x", "scan", filename="..%2fa")],
        "/body/scan/filename",
        "decode.traversal",
    ),
    "a file named up": ([MEMO, part(b"x", "scan", filename="..")], "/body/scan/filename", "decode.traversal"),
    "a control character in a file's name": (
        [MEMO, part(b"x", "scan", filename="a\x00.png")],
        "/body/scan/filename",
        "decode.control",
    ),
    "a line end in a file's name": (
        [MEMO, part(b"x", "scan", filename="a%0D%0AX-A: b")],
        "/body/scan/filename",
        "decode.control",
    ),
    "text that is turned around": ([part("\u202egpj", "memo")], "/body/memo", "decode.bidi"),
    "JSON that is none": ([MEMO, part("{", "payee")], "/body", "decode.json"),
    "a name twice in JSON": (
        [MEMO, part('{"name":"a","name":"b"}', "payee")],
        "/body",
        "decode.duplicate",
    ),
    "a field twice": ([MEMO, MEMO], "/body", "decode.duplicate"),
    "bytes that are no text": ([part(b"\xff", "memo")], "/body", "decode.utf8"),
    "another character set": (
        [part("a", "memo", media="text/plain; charset=utf-7")],
        "/body",
        "decode.charset",
    ),
    "another encoding": (
        [part("YQ==", "memo", "Content-Transfer-Encoding: base64")],
        "/body",
        "decode.charset",
    ),
    "too many parts": ([part("a", "tags")] * 101, "/body", "limit.parts"),
    "a header that is too long": ([part("a", "memo", f"X-Language: {'a' * 2000}")], "/body", "limit.parts"),
    "a missing field": ([part("1", "amount")], "/body", "schema.required"),
}  # fmt: skip


@pytest.mark.parametrize(("parts", "pointer", "rule"), ATTACKS.values(), ids=ATTACKS)
def test_what_is_wrong_in_a_part_is_found_where_it_is(parts, pointer, rule):
    verdict = ask(form(*parts))

    assert not verdict.allowed
    assert (pointer, rule) in [(reason.pointer, reason.rule) for reason in verdict.reasons]


def test_a_forms_own_word_on_its_character_set_must_be_utf_8():
    open_ = {"type": "object", "properties": {"memo": {"type": "string"}}}
    assert found(form(part("utf-8", "_charset_"), MEMO), schema=open_) == []
    assert found(form(part("utf-7", "_charset_"), MEMO), schema=open_) == [
        ("/body", "decode.charset")
    ]


def head(*lines):
    return "\r\n".join([*lines, "", "a"]).encode()


SMUGGLED = {
    "text before": b"before\r\n" + form(MEMO),
    "a line end before": b"\r\n" + form(MEMO),
    "text after": form(MEMO) + b"after",
    "a form after": form(MEMO) + form(part(SQL, "memo")),
    "no end": form(MEMO)[:-6],
    "nothing": b"--",
    "another boundary": form(MEMO, mark="other"),
    "a boundary with more": form(MEMO).replace(b"\r\n--", b"\r\n--x--", 1),
    "spaces after a boundary": form(MEMO).replace(MARK.encode() + b"\r\n", MARK.encode() + b" \r\n"),
    "bare line ends": form(MEMO).replace(b"\r\n", b"\n"),
    "a folded header": form(head('Content-Disposition: form-data;\r\n name="memo"')),
    "a header twice": form(head(*['Content-Disposition: form-data; name="memo"'] * 2)),
    "a header nobody knows": form(part("a", "memo", "X-Forwarded-For: a")),
    "no name": form(head("Content-Disposition: form-data")),
    "no disposition": form(head("Content-Type: text/plain")),
    "another disposition": form(head('Content-Disposition: attachment; name="memo"')),
    "two names": form(head('Content-Disposition: form-data; name="memo"; name="page"')),
    "a second file's name": form(
        head('Content-Disposition: form-data; name="scan"; filename="a"; filename*=utf-8\'\'b')
    ),
    "an escaped quote": form(head('Content-Disposition: form-data; name="me\\"mo"')),
    "a wrong length": form(part("a", "memo", "Content-Length: 5")),
    "a name that is not UTF-8": form(b'Content-Disposition: form-data; name="\xff"\r\n\r\na'),
}  # fmt: skip


@pytest.mark.parametrize("body", SMUGGLED.values(), ids=SMUGGLED)
def test_a_form_that_readers_read_differently_is_refused(body):
    assert ("/body", "decode.form") in found(body)


KINDS = {
    "no boundary": "multipart/form-data",
    "an empty one": "multipart/form-data; boundary=",
    "two": f"multipart/form-data; boundary={MARK}; boundary=other",
    "two, the other first": f"multipart/form-data; boundary=other; boundary={MARK}",
    "a long one": f"multipart/form-data; boundary={'a' * 71}",
    "one with a space": 'multipart/form-data; boundary="a b"',
    "a continued one": "multipart/form-data; boundary*0=----b0; boundary*1=undary",
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_boundary_is_said_once(kind):
    assert ("/body", "decode.form") in found(form(MEMO), kind)


@pytest.mark.parametrize("kind", [f'multipart/form-data; boundary="{MARK}"', KIND.upper().replace(MARK.upper(), MARK), f"{KIND}; charset=utf-8"])  # fmt: skip
def test_a_boundary_may_be_quoted(kind):
    assert found(form(MEMO), kind) == []


def test_another_kind_of_parts_is_not_taken():
    assert ("/body", "schema.media-type") in found(form(MEMO), f"multipart/mixed; boundary={MARK}")


# What goes on


def test_an_honest_form_goes_on_as_it_came():
    body = form(*HONEST["every kind"])
    assert ask(body).request.body == body


@pytest.mark.parametrize(
    ("sent", "goes_on"),
    [
        (head("content-disposition : form-data; name=memo"), part("a", "memo")),
        (part("a", "memo", "Content-Transfer-Encoding: 8bit"), part("a", "memo")),
        (part("a", "memo", "Content-Length: 1"), part("a", "memo")),
    ],
)
def test_what_can_be_written_in_ways_goes_on_in_one(sent, goes_on):
    assert ask(form(sent)).request.body == form(goes_on)


def test_markup_is_taken_out_where_it_may_be_and_files_stay_as_they_are():
    file = part(b"\x00<script>\xff", "scan", filename="a.bin", media="application/octet-stream")
    payee = part('{ "name" : "<b onclick=a()>x</b>" }', "payee", media="application/json")
    body = form(
        part("a <script>b()</script>c", "memo"),
        part("x<img onerror=a() src=b>", "tags"),
        payee,
        file,
    )
    verdict = ask(body, mode="sanitise")

    assert verdict.allowed
    assert verdict.request.body == form(
        part("a c", "memo"),
        part("x", "tags"),
        part('{ "name" : "x" }', "payee", media="application/json"),
        file,
    )


def test_rich_text_is_cleaned_in_every_mode():
    body = form(MEMO, part("<p onclick=a()>x</p>", "page"))
    assert ask(body, mode="count").request.body == form(MEMO, part("<p>x</p>", "page"))


def test_what_is_counted_goes_on_as_it_came():
    body = form(part(SQL, "memo", "Content-Length: 39"))
    verdict = ask(body, mode="count")

    assert verdict.allowed
    assert verdict.request.body == body
    assert {reason.mode for reason in verdict.reasons} == {Mode.COUNT}


def test_a_file_in_a_field_is_denied_where_all_else_is_counted():
    assert not ask(form(part("a", "memo", filename="a")), mode="count").allowed


def test_files_of_openapi_3_1_are_known_by_their_media_types():
    schema = {
        "type": "object",
        "properties": {"a": {"contentMediaType": "image/png"}, "b": {}, "c": {"type": "string"}},
    }
    body = form(
        part(b"\xff", "a", filename="a", media="image/png"),
        part(b"\xff", "b", filename="b", media="application/pdf"),
        part("c", "c"),
    )
    encoding = {"b": {"contentType": "application/pdf"}}
    assert found(body, schema=schema, encoding=encoding, version="3.1.0") == []


BYTES = st.binary(max_size=40)
LINES = st.sampled_from([b"--" + MARK.encode(), b"--", b"\r\n", b"\n", b"\r", b'Content-Disposition: form-data; name="memo"', b'; filename="a"', b"Content-Type: ", b"text/plain", b":", b";", b"=", b'"', b"\\", b" ", b"\xff", b"\x00", b"a"])  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(body=st.lists(BYTES | LINES, max_size=25).map(b"".join), starts=st.booleans())
def test_any_form_has_a_verdict(body, starts):
    if starts:
        body = f"--{MARK}\r\n".encode() + body
    for mode in ("block", "count", "sanitise"):
        verdict = ask(body, mode=mode)
        assert all(reason.rule in RULES for reason in verdict.reasons)
        if verdict.allowed and mode != "count":
            assert ask(verdict.request.body).request.body == verdict.request.body
