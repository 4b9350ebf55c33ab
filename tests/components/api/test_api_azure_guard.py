"""The step in which API Management asks the guard: our policy runs, and the guard really judges."""

import json
import re
from urllib.parse import quote

import pytest
from apim_gateway import Answered, Forwarded, Gateway, GuardDownError
from csharp import parsed
from hypothesis import given, settings
from hypothesis import strategies as st

from bulwark_runtime.input_guard.azure_journal import Log
from bulwark_runtime.input_guard.azure_service import Service
from bulwark_runtime.input_guard.doors.judge import Judge
from pulumi_bulwark.api import ApiSpec
from pulumi_bulwark.api.azure_guard import Guard
from pulumi_bulwark.api.azure_policy import Surroundings, Tokens, build
from pulumi_bulwark.api.azure_xml import faults
from pulumi_bulwark.input_guard.bundle import for_the_guard
from pulumi_bulwark.openapi import load

GUARD = Guard(url="https://guard.example.net/check", audience="api://guard", client_id="asks")
TOKENS = Tokens(issuer="https://i", metadata_url="https://i/m", audiences=("a",))
HOST = "https://api.example.com"
ATTACK = "x' UNION SELECT iban FROM accounts--"
MARKUP = "<b>hi</b><script>alert(1)</script>"
TEXT = {"type": "string", "maxLength": 200}


def operation(operation_id, guard, *, parameters=(), **kinds):
    schemas = kinds or {"application/json": {"type": "object", "properties": {"note": TEXT}}}
    return {
        "operationId": operation_id,
        "x-bulwark-guard": guard,
        "parameters": list(parameters),
        "requestBody": {
            "required": True,
            "content": {kind: {"schema": schema} for kind, schema in schemas.items()},
        },
        "responses": {"200": {"description": "Fine"}},
    }


FORM = {
    "type": "object",
    "properties": {"note": TEXT, "photo": {"type": "string", "format": "binary"}},
}
MEMO = {"name": "X-Memo", "in": "header", "schema": TEXT}
SEARCH = {"name": "search", "in": "query", "schema": TEXT}
NAME = {"name": "name", "in": "path", "required": True, "schema": TEXT}
DOCUMENT = {
    "openapi": "3.0.3",
    "info": {"title": "Notes", "version": "1"},
    "security": [{"oauth": ["notes/write"]}],
    "x-bulwark-backend": "https://notes.example.net",
    "paths": {
        "/blocked": {"post": operation("blockedOne", "block")},
        "/counted": {"post": operation("counted", "count")},
        "/open": {"post": operation("opened", {"mode": "block", "failOpen": True})},
        "/cleaned/{name}": {
            "post": operation("cleaned", "sanitise", parameters=[NAME, SEARCH, MEMO])
        },
        "/form": {"post": operation("form", "sanitise", **{"multipart/form-data": FORM})},
        "/off": {"post": operation("unguarded", "off")},
    },
    "components": {
        "securitySchemes": {
            "oauth": {
                "type": "oauth2",
                "flows": {
                    "clientCredentials": {
                        "tokenUrl": "https://login.example.com/token",
                        "scopes": {"notes/write": "Write"},
                    }
                },
            }
        }
    },
}


KINDS = st.sampled_from(["application/json", "text/plain", "multipart/form-data; boundary=b", ""])

OPERATIONS = {
    "blocked": "blockedone",
    "counted": "counted",
    "open": "opened",
    "cleaned": "cleaned",
    "form": "form",
    "off": "unguarded",
}
"""The operations as API Management has them, by how their paths begin."""


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    file = tmp_path_factory.mktemp("notes") / "notes.json"
    paths = {
        path: {"x-bulwark-backend": f"https://notes.example.net{path}", **methods}
        for path, methods in DOCUMENT["paths"].items()
    }
    file.write_text(json.dumps(DOCUMENT | {"paths": paths}))
    return load(file, shown="notes.json")


@pytest.fixture(scope="module")
def text(document):
    found = build(ApiSpec(), document, Surroundings(tokens=TOKENS, guard=GUARD))
    assert list(faults(found)) == []
    return found


class Asked:
    """The guard as it is reached over the network."""

    def __init__(self, service):
        self.service, self.questions = service, []
        self.instead = None

    def __call__(self, url, method, headers, body):
        self.questions.append((url, method, headers, json.loads(body)))
        if self.instead:
            return self.instead()
        answer = self.service.answer(body, "invocation")
        return answer.status, answer.headers, answer.body


@pytest.fixture(scope="module")
def service(document, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bulwark")
    (folder / "openapi.json").write_text(json.dumps(for_the_guard(document)))
    return Service(Judge(folder), Log())


@pytest.fixture
def guard(service):
    return Asked(service)


@pytest.fixture
def send(gateway, text, guard):
    made = gateway(text, guard)

    def call(path, content=None, *, headers=(), body=None, kind="application/json"):
        sent = [("Content-Type", kind), ("Authorization", "Bearer t"), *headers]
        content = json.dumps(content).encode() if body is None else body
        operation_id = OPERATIONS[re.split("[/?#]", path)[1]]
        return made.call(operation_id, "POST", f"{HOST}{path}", sent, content)

    return call


# What becomes of a request.


def test_an_attack_is_refused_with_a_reference_and_nothing_that_helps(send, caplog):
    answer = send("/blocked", {"note": ATTACK})

    assert isinstance(answer, Answered)
    assert answer.status == 400
    said = json.loads(answer.body)
    assert said == {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "requestId": said["requestId"],
    }
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Strict-Transport-Security"]
    (line,) = caplog.messages
    assert json.loads(line)["reference"] == said["requestId"]


def test_an_honest_request_goes_on_to_its_own_backend_with_its_body_to_the_byte(send):
    body = '{ "note" : "O\'Brien\\u0027s rent, d\u00e9j\u00e0 1.50" }'.encode()

    found = send("/blocked", body=body)

    assert isinstance(found, Forwarded)
    assert found.body == body
    assert found.variables["backend"] == "https://notes.example.net"
    assert found.headers["x-bulwark-verdict"] == "passed"


def test_what_can_be_made_safe_goes_on_safe_and_the_rest_as_it_was(send):
    body = json.dumps({"note": MARKUP, "amount": 1.10}).replace("1.1", "1.10").encode()

    found = send("/cleaned/a", body=body)

    assert found.body == b'{"note": "hi", "amount": 1.10}'


def test_what_is_only_counted_goes_on_as_it_was_and_the_backend_is_told(send):
    found = send("/counted", {"note": ATTACK})

    assert json.loads(found.body) == {"note": ATTACK}
    assert found.headers["x-bulwark-verdict"] == "counted"


def test_a_form_with_a_file_goes_on_with_every_byte_of_the_file(send):
    photo = bytes(range(256))
    parts = [
        b'--b\r\nContent-Disposition: form-data; name="note"\r\n\r\n' + MARKUP.encode(),
        b'\r\n--b\r\nContent-Disposition: form-data; name="photo"; filename="a.png"\r\n'
        b"Content-Type: image/png\r\n\r\n" + photo,
        b"\r\n--b--\r\n",
    ]

    found = send(
        "/form",
        body=b"".join(parts),
        kind="multipart/form-data; boundary=b",
    )

    assert photo in found.body
    assert b"script" not in found.body


def test_a_header_that_an_operation_takes_goes_on_safe(send):
    when = "2026-01-01T00:00:00Z"
    found = send("/cleaned/a", {}, headers=[("x-memo", f"caf\u00e9 & {MARKUP}"), ("X-Other", when)])

    assert {found.headers["X-Memo"], found.headers["X-Other"]} == {"caf\u00e9 & hi", when}


@pytest.mark.parametrize("path", [f"/cleaned/{quote(MARKUP)}", f"/cleaned/a?search={MARKUP}"])
def test_what_would_have_to_be_made_safe_in_an_address_is_refused(send, path, caplog):
    answer = send(path, {})

    assert answer.status == 400
    (line,) = caplog.messages
    assert json.loads(line)["message"] == "denied"


def test_an_address_goes_on_as_it_was_sent(send, guard):
    assert isinstance(send("/cleaned/a%20b?search=caf%C3%A9+%26", {}), Forwarded)

    request = guard.questions[0][3]["request"]
    assert (request["path"], request["query"]) == ("/cleaned/a%20b", "search=caf%C3%A9+%26")


def test_an_operation_that_is_not_guarded_is_not_asked_about(send, guard):
    assert isinstance(send("/off", {"note": ATTACK}), Forwarded)
    assert guard.questions == []


@pytest.mark.parametrize("path", ["/blocked", "/off"])
def test_no_client_writes_what_backends_are_told_of_the_guard(send, path):
    forged = [("x-bulwark-verdict", "forged"), ("X-Bulwark-Subject", "forged")]

    found = send(path, {"note": "Rent"}, headers=forged)

    assert isinstance(found, Forwarded)
    assert "forged" not in found.headers.values()


def test_what_stands_behind_a_mark_of_a_fragment_is_judged_too(send):
    assert send(f"/blocked#{ATTACK}", {"note": "Rent"}).status == 400
    assert send(f"/cleaned/a?search=#{ATTACK}", {}).status == 400


@settings(max_examples=60, deadline=None)
@given(body=st.binary(max_size=80), memo=st.text(max_size=30), kind=KINDS)
def test_whatever_comes_goes_on_as_it_was_or_not_at_all(text, service, body, memo, kind):
    headers = [("Content-Type", kind), ("X-Memo", memo)]

    found = Gateway(text, Asked(service)).call(
        "blockedone", "POST", f"{HOST}/blocked", headers, body
    )

    if isinstance(found, Answered):
        assert found.status == 400
    else:
        assert (found.body, found.headers["X-Memo"]) == (body, memo)


# A guard that does not answer as it should.


def down():
    raise GuardDownError


NO_ANSWER = {
    "it is down": down,
    "it lets nobody in": lambda: (401, [], b""),
    "it failed": lambda: (503, [("X-Bulwark-Verdict", "passed")], b"{}"),
    "it says nothing": lambda: (200, [], b"{}"),
    "it says something else": lambda: (200, [("X-Bulwark-Verdict", "fine")], b"{}"),
}


@pytest.mark.parametrize("instead", NO_ANSWER.values(), ids=NO_ANSWER)
def test_without_a_verdict_nothing_passes(send, guard, instead):
    guard.instead = instead

    answer = send("/blocked", {"note": "Rent"})

    assert answer.status == 503
    assert json.loads(answer.body)["title"] == "Service Unavailable"


@pytest.mark.parametrize("instead", NO_ANSWER.values(), ids=NO_ANSWER)
def test_without_a_verdict_what_fails_open_passes_and_the_backend_is_told(send, guard, instead):
    guard.instead = instead

    found = send("/open", {"note": "Rent"})

    assert found.headers["x-bulwark-verdict"] == "unchecked"


def test_what_fails_open_is_refused_where_the_guard_does_answer(send):
    assert send("/open", {"note": ATTACK}).status == 400


def test_a_document_that_makes_no_guard_lets_nothing_pass(send, guard, tmp_path):
    (tmp_path / "openapi.json").write_text("{}")
    guard.service = Service(Judge(tmp_path), Log())

    assert send("/blocked", {"note": "Rent"}).status == 503


# What the guard is asked.


def test_it_is_asked_with_an_identity_of_its_own_and_never_sees_the_callers_token(
    send, guard, policy, text
):
    found = send("/blocked", {"note": "Rent"})

    ((url, method, _, question),) = guard.questions
    assert (url, method) == (GUARD.url, "POST")
    assert "Authorization" not in question["request"]["headers"]
    assert found.headers["Authorization"] == "Bearer t"
    (shown,) = (
        policy(text).one("blockedone", "send-request").iter("authentication-managed-identity")
    )
    assert (shown.get("resource"), shown.get("client-id")) == ("api://guard", "asks")


def test_a_header_that_came_twice_is_asked_about_twice(send, guard):
    send("/blocked", {}, headers=[("X-A", "1"), ("X-A", "2")])

    assert guard.questions[0][3]["request"]["headers"]["X-A"] == ["1", "2"]


@pytest.mark.parametrize("header", ["Cookie", "Referer", "X-HTTP-Method-Override"])
def test_what_no_operation_takes_stays_behind_and_denies_nobody(send, header):
    found = send("/blocked", {"note": "Rent"}, headers=[(header, ATTACK)])

    assert header not in found.headers


def test_an_attack_in_any_other_header_is_refused(send):
    assert send("/blocked", {"note": "Rent"}, headers=[("X-Whatever", ATTACK)]).status == 400


@pytest.mark.parametrize("name", ["verdict", "subject", "request-id", "source-ip", "operation"])
def test_a_client_cannot_write_what_the_guard_says(send, name):
    found = send("/blocked", {"note": "Rent"}, headers=[(f"X-Bulwark-{name}", "forged")])

    assert "forged" not in found.headers.values()


# The policy.


def test_what_runs_is_csharp_and_stands_as_it_was_written(text, policy):
    nodes = [node for node in policy(text).root.iter() if (node.text or "").startswith("@(")]

    assert any("As<byte[]>" in node.text for node in nodes)
    for node in nodes:
        assert parsed(node.text[1:])
        assert node.text in text


def test_conditions_and_attributes_are_csharp_too(text, policy):
    found = [
        value
        for node in policy(text).root.iter()
        for value in node.attrib.values()
        if value.startswith("@(")
    ]

    assert len(found) > 20
    assert all(parsed(value[1:]) for value in found)


def test_a_document_that_makes_nothing_safe_puts_no_header_back(document, policy, tmp_path):
    content = DOCUMENT | {"paths": {"/blocked": DOCUMENT["paths"]["/blocked"]}}
    file = tmp_path / "notes.json"
    file.write_text(json.dumps(content))

    found = build(ApiSpec(), load(file), Surroundings(tokens=TOKENS, guard=GUARD))

    assert "X-Bulwark-Header" not in found
    assert 'new JArray("body")' in found
