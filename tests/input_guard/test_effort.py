"""What one request may cost is bounded, in steps that are the same on every machine."""

import json
from urllib.parse import quote

import pytest
from guard import dear, payments
from guard_documents import document

from bulwark_runtime.input_guard import DocumentError, Guard, Limits, Mode, Request
from bulwark_runtime.input_guard import guard as guard_module
from bulwark_runtime.input_guard.effort import Effort
from bulwark_runtime.input_guard.scan import rules_broken

DEAR = "' or a is b <b x='{{a(b)}}' " * 40
"""Dear, and shorter than the limits of every place."""

TEXT = {"type": "string"}
MEMO = {"type": "object", "properties": {"memo": TEXT}}


def parameter(place):
    return {"name": "p", "in": place, "required": place == "path", "schema": TEXT}


def one_parameter(place):
    if place == "path":
        return {"path": "/notes/{p}", "parameters": [parameter("path")]}
    return {"parameters": [parameter(place)]}


def body(media, content, schema=MEMO, **parameters):
    document = {"requestBody": {"content": {media: {"schema": schema}}}}
    kind = "; ".join([media, *(f"{name}={text}" for name, text in parameters.items())])
    sent = Request("POST", "/notes", headers=[("Content-Type", kind)], body=content.encode())
    return {"operation": document}, sent


FORM = "application/x-www-form-urlencoded"
PART = f'--b\r\nContent-Disposition: form-data; name="memo"\r\n\r\n{DEAR}\r\n--b--\r\n'
FILE = PART.replace("memo", "scan", 1).replace("\r\n\r\n", f'; filename="{DEAR[:800]}"\r\n\r\n', 1)

PLACES = {
    "path": (one_parameter("path"), Request("POST", f"/notes/{quote(DEAR, safe='')}")),
    "query": (one_parameter("query"), Request("POST", "/notes", f"p={quote(DEAR)}")),
    "undeclared query": ({}, Request("POST", "/notes", f"p={quote(DEAR)}")),
    "header": (one_parameter("header"), Request("POST", "/notes", headers=[("p", DEAR)])),
    "user agent": ({}, Request("POST", "/notes", headers=[("User-Agent", DEAR)])),
    "cookie": (
        one_parameter("cookie"),
        Request("POST", "/notes", headers=[("Cookie", f"p={quote(DEAR)}")]),
    ),
    "json": body("application/json", json.dumps({"memo": DEAR})),
    "name in json": body("application/json", json.dumps({DEAR: 1})),
    "form": body(FORM, f"memo={quote(DEAR)}"),
    "multipart": body("multipart/form-data", PART, boundary="b"),
    "file's name": body(
        "multipart/form-data",
        FILE,
        {"type": "object", "properties": {"scan": {"type": "string", "format": "binary"}}},
        boundary="b",
    ),
    "text": body("text/plain", DEAR, TEXT),
    "xml": body("application/xml", DEAR),
}


def guard_at(place, effort, mode="block"):
    described = PLACES[place][0]
    operation = described.get("operation", {}) | {"x-bulwark-guard": mode}
    more = {name: value for name, value in described.items() if name != "operation"}
    return Guard.from_openapi(document(operation, **more), Limits(effort=effort))


@pytest.mark.parametrize("mode", ["block", "count", "sanitise"])
@pytest.mark.parametrize("place", PLACES)
def test_past_its_effort_a_request_is_denied_in_every_mode(place, mode):
    verdict = guard_at(place, 500, mode).check(PLACES[place][1])

    assert not verdict.allowed
    assert ("limit.effort", Mode.BLOCK) in {(r.rule, r.mode) for r in verdict.reasons}


@pytest.mark.parametrize("place", PLACES)
def test_with_effort_enough_the_same_request_is_read_to_its_end(place):
    verdict = guard_at(place, 1_000_000).check(PLACES[place][1])

    assert "limit.effort" not in {reason.rule for reason in verdict.reasons}


def test_the_bound_is_not_one_that_a_document_excludes():
    with pytest.raises(DocumentError, match=r"limit\.effort"):
        Guard.from_openapi(document({"x-bulwark-guard": {"exclude": ["limit.effort"]}}))


@pytest.fixture
def spent(monkeypatch):
    """What a check spends, with no bound to it."""
    counted = []

    class Counting(Effort):
        def __init__(self, most):
            super().__init__(10**12)

        def __exit__(self, *error):
            counted.append(10**12 - self.left)
            super().__exit__(*error)

    monkeypatch.setattr(guard_module, "Effort", Counting)

    def measure(guard, request):
        guard.check(request)
        return counted[-1]

    return measure


@pytest.mark.parametrize("place", PLACES)
def test_a_request_costs_the_same_each_time(spent, place):
    guard, request = guard_at(place, 0), PLACES[place][1]

    assert spent(guard, request) == spent(guard, request) > 500


def test_a_large_honest_order_costs_half_of_what_a_request_may(spent):
    many = json.dumps(payments.DOCUMENT).replace('"maxItems": 100}', '"maxItems": 10000}')
    guard = Guard.from_openapi(json.loads(many))
    order = next(payments.requests(7, 1, size=600_000))

    assert spent(guard, order) < Limits().effort / 2


def cost(text):
    with Effort(10**12) as effort:
        rules_broken(text)
    return 10**12 - effort.left


TAGS = {"&lt;"} | {piece for piece in dear.PIECES if piece.count("<") > len(piece) / 12}
"""For each tag a parser may look at all open ones: their price is the square of their number, so
that the bound is what keeps them."""


@pytest.mark.parametrize("piece", sorted(set(dear.PIECES) - TAGS))
def test_what_a_text_costs_grows_as_its_length_does(piece):
    assert cost(piece * (16_000 // len(piece))) <= 9 * cost(piece * (2_000 // len(piece))) + 5_000


@pytest.mark.parametrize("piece", sorted(TAGS))
def test_tags_in_tags_are_read_no_further_than_the_bound(piece):
    guard = Guard.from_openapi(document(schema=MEMO))
    memo = piece * (120_000 // len(piece))
    verdict = guard.check(Request("POST", "/notes", body=json.dumps({"memo": memo}).encode()))

    assert not verdict.allowed


# Schemas that lead back to themselves


def branch(word):
    tree = {"$ref": "#/components/schemas/Filter"}
    return {"type": "object", "properties": {"a": tree, "op": {"enum": [word]}}}


FILTER = {"oneOf": [branch("and"), branch("or"), {"enum": ["all"]}]}


def nested(levels):
    value = "all"
    for _ in range(levels):
        value = {"a": value, "op": "and"}
    return json.dumps(value)


@pytest.fixture
def filtering():
    return lambda schema, **more: Guard.from_openapi(
        document(schema=schema, components={"schemas": {"Filter": FILTER}}, **more)
    )


WAYS = {
    "oneOf": {"$ref": "#/components/schemas/Filter"},
    "in an array": {"type": "array", "items": {"$ref": "#/components/schemas/Filter"}},
}


@pytest.mark.parametrize("way", WAYS)
def test_a_filter_of_some_levels_passes(filtering, rules, way):
    sent = nested(8) if way == "oneOf" else f"[{nested(8)}]"

    assert rules(filtering(WAYS[way]), body=sent.encode()) == []


@pytest.mark.parametrize("way", WAYS)
def test_one_that_a_validator_would_look_at_for_days_is_denied_at_once(filtering, rules, way):
    sent = nested(30) if way == "oneOf" else f"[{nested(29)}]"

    assert rules(filtering(WAYS[way]), body=sent.encode()) == [("/body", "limit.effort")]


def test_the_same_in_a_parameter_is_denied_too(filtering, rules):
    content = {"application/json": {"schema": WAYS["oneOf"]}}
    guard = filtering({}, parameters=[{"name": "f", "in": "query", "content": content}])

    assert rules(guard, query=f"f={quote(nested(30))}") == [("/query", "limit.effort")]


def test_a_recursive_document_does_not_grow_with_its_requests():
    tree = {
        "type": "object",
        "properties": {name: {"$ref": "#/components/schemas/Tree"} for name in "lmr"},
    }
    guard = Guard.from_openapi(
        document(
            schema={"$ref": "#/components/schemas/Tree"}, components={"schemas": {"Tree": tree}}
        )
    )
    for number in range(200):
        value: object = {}
        for level in range(6):
            value = {"lmr"[number // 3**level % 3]: value}
        guard.check(Request("POST", "/notes", body=json.dumps(value).encode()))

    field = next(iter(next(iter(guard._document.operations.values())).bodies.values())).field
    assert len(field._all) <= 3
