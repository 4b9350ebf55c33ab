"""The functions with what is deployed beside them: the sample's own document and routes."""

import io
import json
import logging
from pathlib import Path
from types import SimpleNamespace

import pytest

from bulwark_runtime.input_guard import aws_handler, aws_proxy, aws_service
from bulwark_runtime.input_guard.aws_journal import Log
from bulwark_runtime.input_guard.doors.routes import Routes
from pulumi_bulwark.input_guard.bundle import AnswersOfOurOwn, files
from pulumi_bulwark.openapi import load

SAMPLE = Path(__file__).parents[3] / "openapi" / "payments.yaml"
PAYMENT = {
    "accountId": "0b0f6f0e-4a5c-4d53-9a0a-6f5ad7a0c1f1",
    "beneficiaryId": "2f6a1f0a-8f3d-4c0f-9e6b-1f4a0b7c3d33",
    "money": {"amount": 12500, "currency": "EUR"},
    "reference": "Invoice 2026-0042",
    "note": "Rent of O'Brien's flat, January; select the union of both & drop the rest",
}
ATTACK = {**PAYMENT, "note": "x' UNION SELECT password FROM users--"}
KEY = "1f0b8a52-5f4b-4a0e-9d0c-6c1f2b3a4d66"


@pytest.fixture
def deployed(tmp_path, monkeypatch):
    """The folder that the layer is unpacked to, for this document."""

    def unpack(document=None):
        document = document or load(SAMPLE)
        for path, text in files(document, AnswersOfOurOwn(headers={"X-A": "b"}), {}).items():
            file = tmp_path / path
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        monkeypatch.setenv("BULWARK_GUARD_FOLDER", str(tmp_path / "bulwark"))
        monkeypatch.setenv("BULWARK_BACKEND_SECONDS", "1")
        return tmp_path / "bulwark"

    yield unpack
    aws_proxy._proxy.cache_clear()
    aws_service._parts.cache_clear()


CONTEXT = SimpleNamespace(aws_request_id="c7ad4a8e", get_remaining_time_in_millis=lambda: 10_000)


def event(content, resource="/payments", method="POST", headers=None, **more):
    return {
        "resource": resource,
        "path": resource,
        "httpMethod": method,
        "headers": {"Content-Type": "application/json", "Idempotency-Key": KEY, **(headers or {})},
        "requestContext": {"extendedRequestId": "JKJaXmPLvHcESHA=", "requestTimeEpoch": 1},
        "body": json.dumps(content),
        "isBase64Encoded": False,
        **more,
    }


# The proxy.


def test_the_runtime_reads_what_the_component_writes(deployed):
    routes = Routes.read(deployed() / "routes.json")

    route = routes.at("post", "/payments")
    assert (route.operation, route.backend.kind, route.fail_open) == (
        "createPayment",
        "mock",
        False,
    )
    assert route.headers == {"idempotency-key"}
    assert route.backend.answers[0].status == 201
    assert routes.trimmings.headers == {"X-A": "b"}


def test_files_of_another_format_are_refused(tmp_path):
    (tmp_path / "routes.json").write_text('{"format": "bulwark.routes/0"}')

    with pytest.raises(ValueError, match=r"bulwark\.routes/1"):
        Routes.read(tmp_path / "routes.json")


def test_an_honest_request_gets_the_documents_example(deployed):
    deployed()

    answer = aws_proxy.handler(event(PAYMENT), CONTEXT)

    assert answer["statusCode"] == 201
    assert json.loads(answer["body"])["status"] == "pending"
    assert answer["multiValueHeaders"]["X-A"] == ["b"]


def test_an_attack_gets_a_reference(deployed):
    deployed()

    answer = aws_proxy.handler(event(ATTACK), CONTEXT)

    assert answer["statusCode"] == 400
    assert json.loads(answer["body"])["requestId"] == "JKJaXmPLvHcESHA="


@pytest.mark.parametrize("header", ["Cookie", "Referer", "X-Anything"])
def test_an_attack_in_what_stays_behind_denies_nobody(deployed, header):
    deployed()

    assert (
        aws_proxy.handler(event(PAYMENT, headers={header: "' OR 1=1--"}), CONTEXT)["statusCode"]
        == 201
    )


def test_a_document_that_makes_no_guard_opens_nothing(deployed):
    folder = deployed()
    (folder / "openapi.json").write_text("{}")

    assert aws_proxy.handler(event(PAYMENT), CONTEXT)["statusCode"] == 503


# Its log.


@pytest.fixture
def logged(capsys):
    """Lines of the log, and metrics."""
    Log()  # there is one logger in a process, and it keeps the output that it began with
    (handler,) = logging.getLogger("input-guard").handlers
    before, handler.stream = handler.stream, io.StringIO()

    def read():
        metrics = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        return [json.loads(line) for line in handler.stream.getvalue().splitlines()], metrics

    yield read
    handler.stream = before


def test_what_was_denied_is_logged_with_where_and_why_and_no_value(deployed, logged):
    deployed()

    aws_proxy.handler(event(ATTACK), CONTEXT)

    ((line,), _) = logged()
    assert (line["message"], line["operation"]) == ("denied", "createPayment")
    assert line["reference"] == "JKJaXmPLvHcESHA="
    assert {"pointer": "/body/note", "rule": "injection.sql", "mode": "block"} in line["reasons"]
    text = json.dumps(line)
    assert not any(word in text for word in ("UNION", "password", KEY, PAYMENT["accountId"]))


def test_what_was_denied_is_counted_by_rule(deployed, logged):
    deployed()

    aws_proxy.handler(event(ATTACK), CONTEXT)

    (_, metrics) = logged()
    found = next(one for one in metrics if one["rule"] == "injection.sql")
    assert found["Denied"] == [1.0]
    assert found["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Bulwark/InputGuard"


def test_what_passes_as_it_is_leaves_no_line_and_no_metric(deployed, logged):
    deployed()

    aws_proxy.handler(event(PAYMENT), CONTEXT)

    assert logged() == ([], [])


def test_a_guard_that_fails_is_logged_by_its_kind_of_error(deployed, logged):
    (deployed() / "openapi.json").write_text("{}")

    aws_proxy.handler(event(PAYMENT), CONTEXT)

    ((line,), (metric,)) = logged()
    assert (line["level"], line["message"], line["open"]) == ("ERROR", "failed", False)
    assert line["error"] == "DocumentError"
    assert (metric["Failed"], metric["operation"]) == ([1.0], "createPayment")


# The service.


def question(content, **more):
    return {
        "operationId": "createPayment",
        "request": {
            "method": "POST",
            "path": "/payments",
            "headers": {"Content-Type": "application/json", "Idempotency-Key": [KEY]},
            "body": json.dumps(content),
            **more,
        },
    }


def test_an_application_gets_the_verdict_with_the_request_to_go_on_with(deployed):
    deployed()

    verdict = aws_service.handler(question(PAYMENT), CONTEXT)

    assert (verdict["allowed"], verdict["operation"]) == (True, "createPayment")
    assert json.loads(verdict["request"]["body"]) == PAYMENT
    assert verdict["reasons"] == []


def test_an_application_is_told_why_and_gets_no_request_to_go_on_with(deployed):
    deployed()

    verdict = aws_service.handler(question(ATTACK), CONTEXT)

    assert verdict["allowed"] is False
    assert {"pointer": "/body/note", "rule": "injection.sql", "mode": "block"} in verdict["reasons"]
    assert verdict["reference"] == "c7ad4a8e"
    assert "request" not in verdict


def test_an_operation_that_is_not_guarded_by_the_api_can_be_asked_about(deployed):
    deployed()
    asked = {"operationId": "getPayment", "request": {"method": "GET", "path": "/payments/x"}}

    assert aws_service.handler(asked, CONTEXT)["allowed"] is False


@pytest.mark.parametrize(
    ("asked", "what"),
    [
        ({}, "operationId"),
        ({"operationId": "createPayment"}, "request"),
        (question(PAYMENT, method=1), "method"),
        (question(PAYMENT, path=None), "path"),
        (question(PAYMENT, query=["a"]), "query"),
        (question(PAYMENT, headers="a"), "headers"),
        (question(PAYMENT, headers={"a": 1}), "headers"),
        (question(PAYMENT, bodyBase64="!"), "bodyBase64"),
        (question(PAYMENT, bodyBase64="\u00e9"), "bodyBase64"),
        ([question(PAYMENT)], "mapping"),
    ],
)
def test_a_question_that_cannot_be_read_is_an_error_and_no_verdict(deployed, asked, what):
    deployed()

    with pytest.raises(aws_service.QuestionError, match=what):
        aws_service.handler(asked, CONTEXT)


# In a handler of one's own.


def guard(document):
    from bulwark_runtime.input_guard import Guard

    return Guard.from_openapi(document.body)


def test_a_handler_of_ones_own_gets_what_passes(deployed):
    seen = []

    @aws_handler.guarded(guard(load(SAMPLE)))
    def handler(event, context):
        seen.append((json.loads(event["body"]), context))
        return {"statusCode": 204}

    assert handler(event(PAYMENT), CONTEXT) == {"statusCode": 204}
    assert seen == [(PAYMENT, CONTEXT)]


def test_a_handler_of_ones_own_is_not_called_with_an_attack(deployed, logged):
    @aws_handler.guarded(guard(load(SAMPLE)))
    def handler(event, context):
        raise AssertionError

    assert handler(event(ATTACK), CONTEXT)["statusCode"] == 400
    ((line,), _) = logged()
    assert line["message"] == "denied"


def test_what_is_no_event_of_the_api_gets_a_reference_and_a_log_entry(deployed, logged):
    deployed()
    strange = event(PAYMENT, body="no base64", isBase64Encoded=True)

    answer = aws_proxy.handler(strange, CONTEXT)

    assert answer["statusCode"] == 400
    assert json.loads(answer["body"])["requestId"] == "JKJaXmPLvHcESHA="
    ((line,), (metric,)) = logged()
    assert (line["message"], line["reference"]) == ("unreadable", "JKJaXmPLvHcESHA=")
    assert metric["Unreadable"] == [1.0]
    assert "no base64" not in json.dumps(line)


def test_a_handler_of_ones_own_is_not_called_for_it(logged):
    @aws_handler.guarded(guard(load(SAMPLE)))
    def handler(event, context):
        raise AssertionError

    assert handler({"version": "2.0", "rawPath": "/payments"}, CONTEXT)["statusCode"] == 400
    ((line,), _) = logged()
    assert line["message"] == "unreadable"
