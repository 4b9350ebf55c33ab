"""What goes on to a backend, what does not, and what is said of it."""

import json

import pytest

from bulwark_runtime.input_guard import Mode
from bulwark_runtime.input_guard.doors.answer import Answer, Trimmings
from bulwark_runtime.input_guard.doors.mock import Mock
from bulwark_runtime.input_guard.doors.passing import BackendError, BackendTimeoutError
from bulwark_runtime.input_guard.doors.proxy import Proxy
from bulwark_runtime.input_guard.doors.routes import Backend

REFERENCE = "JKJaXmPLvHcESHA="


@pytest.fixture
def proxy(route, routes, diary):
    def make(check, sender, *, trimmings=None, **more):
        kinds = dict.fromkeys(("http", "lambda", "mock"), sender)
        found = routes(route(**more), trimmings=trimmings)
        return Proxy(check=check, routes=found, senders=kinds, journal=diary)

    return make


@pytest.fixture
def ask(arrival, request_):
    """An answer to a request with these headers."""
    return lambda door, *headers: door.answer(arrival(request_(headers=headers)), 10)


def said(answer):
    assert dict(answer.headers)["Content-Type"] == "application/problem+json"
    return json.loads(answer.body)


def test_what_passes_goes_on_and_the_backends_answer_comes_back(
    proxy, verdicts, backend, arrival, diary
):
    behind = backend()

    answer = proxy(verdicts.passes(), behind).answer(arrival(), 10)

    assert (answer.status, answer.body) == (201, b"made")
    assert len(behind.sent) == 1
    assert diary.lines == []


def test_what_goes_on_is_the_sanitised_request(proxy, verdicts, backend, arrival, request_):
    behind, clean = backend(), request_(body=b'{"note":"<b>hi</b>"}')

    proxy(verdicts.passes(sanitised=clean), behind).answer(arrival(), 10)

    assert behind.sent[0][1].request.body == clean.body


def test_what_is_denied_goes_nowhere(proxy, verdicts, backend, arrival, diary):
    behind, why = backend(), verdicts.reason()

    answer = proxy(verdicts.denies(why), behind).answer(arrival(), 10)

    assert behind.sent == []
    assert answer.status == 400
    assert diary.lines == [("judged", "createPayment", REFERENCE, (why,))]


def test_a_client_is_told_a_reference_and_nothing_that_helps_to_try_again(
    proxy, verdicts, backend, arrival
):
    sql = proxy(verdicts.denies(verdicts.reason("injection.sql")), backend())
    length = proxy(verdicts.denies(verdicts.reason("limit.text", pointer="/query/q")), backend())

    answers = [said(door.answer(arrival(), 10)) for door in (sql, length)]

    assert (
        answers
        == [{"type": "about:blank", "title": "Bad Request", "status": 400, "requestId": REFERENCE}]
        * 2
    )


def test_what_is_only_counted_passes_and_is_written_down(proxy, verdicts, backend, arrival, diary):
    behind, why = backend(), verdicts.reason(mode=Mode.COUNT)

    answer = proxy(verdicts.passes(why), behind).answer(arrival(), 10)

    assert answer.status == 201
    assert dict(behind.sent[0][1].request.headers)["x-bulwark-verdict"] == "counted"
    assert diary.lines == [("judged", "createPayment", REFERENCE, (why,))]


# Where the guard itself fails.


def test_where_the_guard_fails_nothing_passes(proxy, verdicts, backend, arrival, diary):
    behind = backend()

    answer = proxy(verdicts.fails(RecursionError("secret")), behind).answer(arrival(), 10)

    assert behind.sent == []
    assert said(answer)["status"] == 503
    assert diary.lines == [("failed", "createPayment", REFERENCE, RecursionError)]


def test_where_the_guard_fails_an_operation_may_ask_to_go_on_unchecked(
    proxy, verdicts, backend, arrival, diary
):
    behind = backend()
    door = proxy(verdicts.fails(ValueError()), behind, fail_open=True)

    answer = door.answer(arrival(), 10)

    assert answer.status == 201
    assert dict(behind.sent[0][1].request.headers)["x-bulwark-verdict"] == "unchecked"
    assert diary.lines == [("failed", "createPayment", REFERENCE, ValueError)]


def test_failing_open_is_not_for_what_the_guard_denies(proxy, verdicts, backend, arrival):
    behind = backend()
    door = proxy(verdicts.denies(verdicts.reason()), behind, fail_open=True)

    assert door.answer(arrival(), 10).status == 400
    assert behind.sent == []


def test_an_operation_that_the_guard_does_not_know_goes_nowhere(
    proxy, verdicts, backend, arrival, diary
):
    behind = backend()

    answer = proxy(verdicts.passes(), behind).answer(arrival(path="/refunds"), 10)

    assert (said(answer)["status"], behind.sent) == (404, [])
    assert diary.lines == [("unknown", "POST", "/refunds", REFERENCE)]


# Headers.


def test_a_backend_is_told_who_asks_when_and_how_it_was_judged(proxy, verdicts, backend, arrival):
    behind = backend()

    proxy(verdicts.passes(), behind).answer(arrival(), 10)

    headers = dict(behind.sent[0][1].request.headers)
    assert int(headers.pop("x-bulwark-guard-us")) >= 0
    assert headers == {
        "x-bulwark-subject": "ada",
        "x-bulwark-source-ip": "198.51.100.7",
        "x-bulwark-request-id": REFERENCE,
        "x-bulwark-operation": "createPayment",
        "x-bulwark-verdict": "passed",
        "x-bulwark-received-ms": "1700000000000",
        "x-bulwark-deadline-ms": "9500",
    }


def test_no_client_says_who_it_is_in_our_name(proxy, verdicts, backend, arrival, request_):
    behind = backend()
    forged = request_(headers=[("X-Bulwark-Subject", "root"), ("x-bulwark-verdict", "passed")])
    # Not even where the document declares such a header.
    door = proxy(verdicts.passes(), behind, headers=frozenset({"x-bulwark-subject"}))

    door.answer(arrival(forged), 10)

    sent = [(name.lower(), value) for name, value in behind.sent[0][1].request.headers]
    assert [value for name, value in sent if name == "x-bulwark-subject"] == ["ada"]
    assert [value for name, value in sent if name == "x-bulwark-verdict"] == ["passed"]


def test_headers_that_the_operation_does_not_take_stay_behind(
    proxy, verdicts, backend, arrival, request_
):
    behind = backend()
    given = {
        "Authorization": "Bearer t",
        "Content-Type": "application/json",
        "Idempotency-Key": "1",
        "Host": "evil.example.com",
        "Cookie": "session=1",
        "X-Forwarded-For": "127.0.0.1",
        "X-Forwarded-Host": "evil.example.com",
        "X-Api-Key": "key",
        "X-HTTP-Method-Override": "DELETE",
        "Transfer-Encoding": "chunked",
        "Connection": "upgrade",
        "Forwarded": "for=127.0.0.1",
    }
    door = proxy(verdicts.passes(), behind, headers=frozenset({"idempotency-key"}))

    door.answer(arrival(request_(headers=tuple(given.items()))), 10)

    names = {
        name for name, _ in behind.sent[0][1].request.headers if not name.startswith("x-bulwark-")
    }
    assert names == {"Authorization", "Content-Type", "Idempotency-Key"}


# Backends that do not answer.


def test_a_backend_that_fails_is_a_bad_gateway_and_says_nothing_of_itself(
    proxy, verdicts, backend, arrival, diary
):
    behind = backend(BackendError("address is not public"))

    answer = proxy(verdicts.passes(), behind).answer(arrival(), 10)

    assert said(answer) == {
        "type": "about:blank",
        "title": "Bad Gateway",
        "status": 502,
        "requestId": REFERENCE,
    }
    assert diary.lines == [("unanswered", "createPayment", REFERENCE, "address is not public")]


def test_a_backend_that_is_late_is_a_timeout(proxy, verdicts, backend, arrival):
    answer = proxy(verdicts.passes(), backend(BackendTimeoutError())).answer(arrival(), 10)

    assert said(answer)["status"] == 504


def test_a_backend_has_less_time_than_the_guard(proxy, verdicts, backend, arrival):
    behind = backend()

    proxy(verdicts.passes(), behind).answer(arrival(), 10)

    assert behind.sent[0][2] < 10


# Answers of our own.

TRIMMINGS = Trimmings(
    headers={
        "Cache-Control": "no-store",
        "Access-Control-Allow-Origin": "https://app.example.com",
    },
    origins=("https://app.example.com", "https://shop.example.com"),
)


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://shop.example.com", "https://shop.example.com"),
        ("https://app.example.com", "https://app.example.com"),
        ("https://evil.example.com", "https://app.example.com"),
    ],
)
def test_a_script_may_read_a_refusal_if_it_may_read_an_answer(
    proxy, verdicts, ask, origin, allowed
):
    door = proxy(verdicts.denies(verdicts.reason()), Mock(), trimmings=TRIMMINGS)

    answer = ask(door, ("Origin", origin))

    assert dict(answer.headers)["Access-Control-Allow-Origin"] == allowed
    assert dict(answer.headers)["Cache-Control"] == "no-store"


MOCKED = Backend(
    kind="mock",
    answers=[
        Answer(status=201, headers=(("Location", "/payments/1"),), body=b"made"),
        Answer(status=409, body=b"there"),
    ],
)


@pytest.mark.parametrize(
    ("prefer", "status"), [(None, 201), ("code=409", 409), ("code=500", 201), ("'; x", 201)]
)
def test_an_example_answers_for_a_backend_that_is_not_there_yet(
    proxy, verdicts, ask, prefer, status
):
    door = proxy(verdicts.passes(), Mock(), backend=MOCKED, trimmings=TRIMMINGS)

    answer = ask(door, *([("Prefer", prefer)] if prefer else []))

    assert answer.status == status
    assert dict(answer.headers)["Cache-Control"] == "no-store"
