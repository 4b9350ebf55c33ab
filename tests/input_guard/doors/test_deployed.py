"""The functions with what is deployed beside them: the sample's own document and routes."""

import io
import json
import logging
import os
from base64 import b64encode
from pathlib import Path
from types import SimpleNamespace

import pytest

from bulwark_runtime.input_guard import aws_handler, aws_proxy, aws_service, azure_journal
from bulwark_runtime.input_guard.aws_journal import Log
from bulwark_runtime.input_guard.azure_service import Service, as_api_management_has_it
from bulwark_runtime.input_guard.doors.judge import Judge
from bulwark_runtime.input_guard.doors.routes import Routes
from bulwark_runtime.input_guard.doors.service import QuestionError
from pulumi_bulwark.api.azure_operations import id_of
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


def on_aws(asked):
    return aws_service.handler(asked, CONTEXT)


def on_azure(asked):
    service = Service(Judge(Path(os.environ["BULWARK_GUARD_FOLDER"])), azure_journal.Log())
    answer = service.answer(json.dumps(asked).encode(), CONTEXT.aws_request_id)
    if answer.status == 400:
        raise QuestionError(str(answer.body))
    assert answer.status == 200
    return json.loads(answer.body)


@pytest.fixture(params=[on_aws, on_azure], ids=["aws", "azure"])
def ask(request, deployed):
    deployed()
    return request.param


def test_an_application_gets_the_verdict_with_the_request_to_go_on_with(ask):
    verdict = ask(question(PAYMENT))

    assert (verdict["allowed"], verdict["operation"]) == (True, "createPayment")
    assert json.loads(verdict["request"]["body"]) == PAYMENT
    assert verdict["reasons"] == []


def test_an_application_is_told_why_and_gets_no_request_to_go_on_with(ask):
    verdict = ask(question(ATTACK))

    assert verdict["allowed"] is False
    assert {"pointer": "/body/note", "rule": "injection.sql", "mode": "block"} in verdict["reasons"]
    assert verdict["reference"] == "c7ad4a8e"
    assert "request" not in verdict


def test_an_operation_that_is_not_guarded_by_the_api_can_be_asked_about(ask):
    asked = {"operationId": "getPayment", "request": {"method": "GET", "path": "/payments/x"}}

    assert ask(asked)["allowed"] is False


def test_a_body_comes_back_as_it_came(ask):
    content = b64encode(json.dumps(PAYMENT).encode()).decode()
    asked = question(PAYMENT, bodyBase64=content)
    del asked["request"]["body"]

    request = ask(asked)["request"]

    assert (request["bodyBase64"], request.get("body")) == (content, None)


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"operationId": "createPayment"},
        question(PAYMENT, method=1),
        question(PAYMENT, path=None),
        question(PAYMENT, query=["a"]),
        question(PAYMENT, headers="a"),
        question(PAYMENT, headers={"a": 1}),
        question(PAYMENT, bodyBase64="!"),
        question(PAYMENT, bodyBase64="\u00e9"),
        [question(PAYMENT)],
        question(PAYMENT) | {"replaces": "body"},
        question(PAYMENT) | {"replaces": ["cookies"]},
    ],
)
def test_a_question_that_cannot_be_read_is_an_error_and_no_verdict(ask, asked):
    with pytest.raises(QuestionError):
        ask(asked)


@pytest.mark.parametrize(
    ("asked", "what"),
    [
        ({}, "operationId"),
        (question(PAYMENT, path=None), "request.path"),
        (question(PAYMENT, headers={"a": 1}), "request.headers"),
        (question(PAYMENT, bodyBase64="!"), "request.bodyBase64"),
        (question(PAYMENT) | {"replaces": ["cookies"]}, "path, query, headers, body"),
    ],
)
def test_the_error_says_what_is_missing(deployed, asked, what):
    deployed()

    with pytest.raises(QuestionError, match=what):
        on_aws(asked)


CLEANED = {
    "openapi": "3.0.3",
    "paths": {
        "/notes": {
            "post": {
                "operationId": "write",
                "x-bulwark-guard": "sanitise",
                "parameters": [{"name": "memo", "in": "query", "schema": {"type": "string"}}],
                "responses": {},
            }
        }
    },
}


@pytest.mark.parametrize(("replaces", "allowed"), [(["query"], True), (["body"], False)])
def test_what_whoever_asks_could_not_put_back_is_refused(ask, deployed, replaces, allowed):
    (deployed() / "openapi.json").write_text(json.dumps(CLEANED))
    aws_service._parts.cache_clear()
    request = {
        "method": "POST",
        "path": "/notes",
        "query": "memo=hi%3Cscript%3Ealert(1)%3C/script%3E",
    }

    verdict = ask({"operationId": "write", "request": request, "replaces": replaces})

    assert verdict["allowed"] is allowed
    (reason,) = verdict["reasons"]
    assert reason["mode"] == ("sanitise" if allowed else "block")
    assert verdict.get("request", {}).get("query") == ("memo=hi" if allowed else None)


# The service on Azure, and what API Management needs of it.


@pytest.fixture
def azure(deployed):
    folder = deployed()

    def answer(content, **asked):
        content = content if isinstance(content, bytes) else json.dumps({**content, **asked})
        service = Service(Judge(folder), azure_journal.Log())
        return service.answer(content if isinstance(content, bytes) else content.encode(), "call-1")

    answer.folder = folder
    return answer


def test_an_operation_may_be_named_as_api_management_has_it(azure):
    answer = azure(question(PAYMENT), operationId="createpayment")

    assert json.loads(answer.body)["operation"] == "createPayment"
    assert dict(answer.headers)["X-Bulwark-Verdict"] == "passed"


def test_ids_are_read_as_the_import_writes_them():
    for written in ("createPayment", "get_it", "--a--b", "A.b/C"):
        assert as_api_management_has_it(written) == id_of(SimpleNamespace(operation_id=written))


def test_the_verdict_is_in_a_header_too(azure):
    answer = azure(question(ATTACK))

    assert (answer.status, dict(answer.headers)["X-Bulwark-Verdict"]) == (200, "denied")
    assert dict(answer.headers)["X-Bulwark-Changed"] == ""


def test_the_reference_is_the_gateways_if_it_gives_one(azure, caplog):
    answer = azure(question(ATTACK), reference="0946ec30-bf68-4bba-bf47-d719702114b2")

    assert json.loads(answer.body)["reference"] == "0946ec30-bf68-4bba-bf47-d719702114b2"
    (line,) = map(json.loads, caplog.messages)
    assert line["reference"] == "0946ec30-bf68-4bba-bf47-d719702114b2"


@pytest.mark.parametrize("reference", ["a b", "x" * 65, 7, '"', ""])
def test_what_is_no_reference_is_not_written_down(azure, reference):
    answer = azure(question(PAYMENT), reference=reference)

    assert json.loads(answer.body)["reference"] == "call-1"


def test_a_log_line_has_where_and_why_and_no_value(azure, caplog):
    azure(question(ATTACK))

    (line,) = map(json.loads, caplog.messages)
    assert (line["level"], line["message"], line["operation"]) == (
        "WARNING",
        "denied",
        "createPayment",
    )
    assert {"pointer": "/body/note", "rule": "injection.sql", "mode": "block"} in line["reasons"]
    assert not any(word in caplog.text for word in ("UNION", "password", KEY))


def test_what_passes_as_it_is_leaves_no_line_on_azure_either(azure, caplog):
    azure(question(PAYMENT))

    assert caplog.messages == []


def test_a_document_that_makes_no_guard_gives_no_verdict(azure, caplog):
    (azure.folder / "openapi.json").write_text("{}")

    answer = azure(question(PAYMENT))

    assert answer.status == 503
    assert "X-Bulwark-Verdict" not in dict(answer.headers)
    (line,) = map(json.loads, caplog.messages)
    assert (line["message"], line["error"]) == ("failed", "DocumentError")


@pytest.mark.parametrize("content", [b"", b"\xff", b"[" * 100_000, b'{"a": ', b'"secret"'])
def test_what_is_no_question_quotes_nothing(azure, caplog, content):
    answer = azure(content)

    assert (answer.status, json.loads(answer.body)["requestId"]) == (400, "call-1")
    (line,) = map(json.loads, caplog.messages)
    assert line["message"] == "unreadable"
    assert "secret" not in caplog.text


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
