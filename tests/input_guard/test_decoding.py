import pytest

TEXT = {"type": "object", "properties": {"memo": {"type": "string"}}}


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (b'{"memo":"a","memo":"b"}', "decode.duplicate"),
        (b'{"memo":"\xff"}', "decode.utf8"),
        (b'{"memo":"\xc0\xa7"}', "decode.utf8"),
        (b'{"memo":"\xed\xa0\x80"}', "decode.utf8"),
        (b"\xff\xfe{\x00}\x00", "decode.charset"),
        (b'\xef\xbb\xbf{"memo":"a"}', "decode.charset"),
        (b'{"memo":', "decode.json"),
        (b'{"memo":"a"} x', "decode.json"),
        (b'{"memo":NaN}', "decode.number"),
        (b'{"n":1e999}', "decode.number"),
        (b"[" * 100_000, "limit.depth"),
        (b'{"a":' * 40 + b"1" + b"}" * 40, "limit.depth"),
        (b'{"n":' + b"9" * 10_000 + b"}", "decode.json"),
        (b"[" + b"1," * 30_000 + b"1]", "limit.values"),
        (b" " * 1_100_000, "limit.body"),
    ],
)
def test_a_body_that_readers_read_differently_is_refused(guard_of, rules, body, rule):
    guard = guard_of(schema={})
    assert rule in {rule for _, rule in rules(guard, body=body)}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (r"a\u0000b", "decode.control"),
        (r"a\u001b[31m", "decode.control"),
        (r"\ud800", "decode.control"),
        (r"\uffff", "decode.control"),
        (r"\u202egnp.exe", "decode.bidi"),
        (r"\u2066 open", "decode.bidi"),
    ],
)
def test_characters_that_hide_are_refused(guard_of, rules, text, rule):
    body = f'{{"memo":"{text}"}}'.encode()
    assert rules(guard_of(schema=TEXT), body=body) == [("/body/memo", rule)]


@pytest.mark.parametrize(
    "text",
    [
        "tab\tand\r\nlines",
        "\u2068שלום\u2069 and more",
        "می\u200cخواهم",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "👩\u200d👧",
    ],
)
def test_characters_that_languages_need_pass(guard_of, rules, text):
    import json

    body = json.dumps({"memo": text}).encode()
    assert rules(guard_of(schema=TEXT), body=body) == []


def query(name, **more):
    return {"name": name, "in": "query", "schema": {"type": "string"}, **more}


@pytest.mark.parametrize(
    ("sent", "rule"),
    [
        ("q=%zz", "decode.percent"),
        ("q=50%", "decode.percent"),
        ("q=%ff", "decode.utf8"),
        ("q=%c0%a7", "decode.utf8"),
        ("q=%00", "decode.control"),
        ("q=a&q=b", "decode.duplicate"),
        ("q=" + "a" * 9000, "limit.query"),
        ("&".join(f"a{n}=1" for n in range(101)), "limit.query"),
    ],
)
def test_a_query_that_readers_read_differently_is_refused(guard_of, rules, sent, rule):
    guard = guard_of(parameters=[query("q")])
    assert rule in {rule for _, rule in rules(guard, query=sent)}


def path_parameter(**schema):
    return {"name": "id", "in": "path", "required": True, "schema": {"type": "string", **schema}}


@pytest.mark.parametrize(
    ("segment", "rule"),
    [
        ("..", "decode.traversal"),
        ("%2e%2e", "decode.traversal"),
        ("..%2f..%2fetc", "decode.traversal"),
        ("..%5cetc", "decode.traversal"),
        ("%252e%252e%252f", "decode.double-encoding"),
        ("%2500", "decode.double-encoding"),
        ("%25252e", "decode.double-encoding"),
        ("%c0%ae%c0%ae", "decode.utf8"),
        ("%E0%80%AF", "decode.utf8"),
        ("a%00", "decode.control"),
    ],
)
def test_a_path_that_leads_elsewhere_is_refused(guard_of, rules, segment, rule):
    guard = guard_of(path="/files/{id}", parameters=[path_parameter()])
    assert ("/path/id", rule) in rules(guard, path=f"/files/{segment}") or (
        "/path",
        rule,
    ) in rules(guard, path=f"/files/{segment}")


def test_an_address_in_a_path_keeps_its_own_escapes(guard_of, rules):
    guard = guard_of(path="/files/{id}", parameters=[path_parameter()])
    sent = "https%3A%2F%2Fexample.org%2FO%2527Brien%2520a"
    assert rules(guard, path=f"/files/{sent}") == []


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ([("Host", "a"), ("host", "b")], ("/header/host", "decode.duplicate")),
        ([("X-A", "a\r\nSet-Cookie: b=c")], ("/header/*", "decode.control")),
        ([("X-A", "a" * 20_000)], ("/header", "limit.headers")),
        ([(f"X-{n}", "a") for n in range(120)], ("/header", "limit.headers")),
    ],
)
def test_headers_that_split_or_flood_are_refused(guard_of, rules, headers, found):
    assert found in rules(guard_of(), headers=headers)


@pytest.mark.parametrize(
    ("headers", "rule"),
    [
        ([("Content-Type", "application/json; charset=utf-7")], "decode.charset"),
        ([("Content-Type", "application/json"), ("Content-Encoding", "gzip")], "decode.charset"),
        ([("Content-Type", "text/plain")], "schema.media-type"),
    ],
)
def test_a_body_in_disguise_is_refused(guard_of, rules, headers, rule):
    assert ("/body", rule) in rules(guard_of(schema=TEXT), headers=headers, body=b"{}")


def test_a_form_is_read_like_json(guard_of, rules):
    form = {"content": {"application/x-www-form-urlencoded": {"schema": TEXT}}}
    guard = guard_of({"requestBody": form})
    kind = [("Content-Type", "application/x-www-form-urlencoded")]
    assert rules(guard, headers=kind, body=b"memo=a+b%27s") == []
    assert rules(guard, headers=kind, body=b"memo=a&memo=b") == [("/body", "decode.duplicate")]
    assert rules(guard, headers=kind, body=b"memo=1%27+or+1%3D1--") == [
        ("/body/memo", "injection.sql")
    ]


def test_xml_with_entities_is_refused(guard_of, rules):
    guard = guard_of({"requestBody": {"content": {"application/xml": {}}}})
    body = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'
    kind = [("Content-Type", "application/xml")]
    assert ("/body", "decode.doctype") in rules(guard, headers=kind, body=body)


TYPED = [
    ({"type": "string", "format": "uuid"}, b"1' or 1=1--", "schema.value"),
    ({"type": "integer"}, b"1' or 1=1--", "schema.type"),
    ({"type": "object"}, b"1' or 1=1--", "schema.type"),
]


@pytest.mark.parametrize(("schema", "body", "rule"), TYPED)
def test_a_text_is_held_to_the_schema_that_says_it_is_not_prose(
    guard_of, rules, schema, body, rule
):
    guard = guard_of({"requestBody": {"content": {"text/plain": {"schema": schema}}}})
    kind = [("Content-Type", "text/plain")]
    assert rules(guard, headers=kind, body=body) == [("/body", rule)]


def test_a_number_as_text_is_a_number(guard_of, rules):
    guard = guard_of({"requestBody": {"content": {"text/plain": {"schema": {"type": "integer"}}}}})
    assert rules(guard, headers=[("Content-Type", "text/plain")], body=b"42") == []


def test_xml_is_read_as_text_whatever_its_schema_calls_it(guard_of, rules):
    guard = guard_of({"requestBody": {"content": {"text/xml": {"schema": {"type": "object"}}}}})
    kind = [("Content-Type", "text/xml")]
    body = b"<memo>1' union select name, 1 from users-- </memo>"
    assert ("/body", "injection.sql") in rules(guard, headers=kind, body=body)
