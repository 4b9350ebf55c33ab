"""The input guard in Lambda's own runtime, from the zip that is deployed, with real backends."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import pytest

from pulumi_bulwark.function import Package
from pulumi_bulwark.input_guard.bundle import AnswersOfOurOwn, files
from pulumi_bulwark.openapi import load

pytestmark = pytest.mark.e2e

HERE = Path(__file__).parent
SAMPLE = HERE.parents[1] / "openapi" / "payments.yaml"
GUARD = Package("input-guard")
PROXY = "bulwark_runtime.input_guard.aws_proxy.handler"
SERVICE = "bulwark_runtime.input_guard.aws_service.handler"
LEDGER = Package("ledger", folder="tests/runtime/functions/ledger")
ARN = "arn:aws:lambda:eu-central-1:123456789012:function:ledger"
HOST = "ledger.example.com"
KEY = "1f0b8a52-5f4b-4a0e-9d0c-6c1f2b3a4d66"
PAYMENT = {
    "accountId": "0b0f6f0e-4a5c-4d53-9a0a-6f5ad7a0c1f1",
    "beneficiaryId": "2f6a1f0a-8f3d-4c0f-9e6b-1f4a0b7c3d33",
    "money": {"amount": 12500, "currency": "EUR"},
    "reference": "Invoice 2026-0042",
    "note": "O'Brien's rent",
}
ATTACK = {**PAYMENT, "note": "x' UNION SELECT iban FROM accounts -- "}


@pytest.fixture
def deployed(tmp_path):
    """What a layer would hold: the sample, whose payments go to this backend."""

    def unpack(backend=None):
        own = AnswersOfOurOwn(headers={"Cache-Control": "no-store"})
        found = files(load(SAMPLE), own, {})
        routes = json.loads(found["bulwark/routes.json"])
        for route in routes["routes"]:
            route["backend"] = backend or route["backend"]
        found["bulwark/routes.json"] = json.dumps(routes)
        for path, text in found.items():
            file = tmp_path / path
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return str(tmp_path / "bulwark")

    return unpack


@pytest.fixture
def proxy(lambda_runtime, deployed):
    def start(backend=None, **environment):
        variables = {
            "BULWARK_GUARD_FOLDER": deployed(backend),
            "BULWARK_BACKEND_SECONDS": "2",
            **environment,
        }
        return lambda_runtime(GUARD, PROXY, variables)

    return start


@pytest.fixture
def on_loopback(lambda_runtime, deployed, authority):
    """The proxy, with leave to call a backend of this machine."""

    def start(server):
        root, _ = authority
        backend = {"kind": "http", "url": f"https://{HOST}:{server.server_port}/v1/payments"}
        variables = {
            "FOLDER_OF_THE_TEST": deployed(backend),
            "AUTHORITY_OF_THE_TEST": str(root),
            "BULWARK_BACKEND_SECONDS": "2",
            "PYTHONPATH": str(HERE / "doors"),
        }
        return lambda_runtime(GUARD, "on_loopback.handler", variables)

    return start


def event(content, **more):
    return {
        "resource": "/payments",
        "path": "/payments",
        "httpMethod": "POST",
        "headers": {
            "Content-Type": "application/json",
            "Idempotency-Key": KEY,
            "Cookie": "a=b",
            "X-Bulwark-Subject": "root",
        },
        "requestContext": {
            "extendedRequestId": "JKJaXmPLvHcESHA=",
            "requestTimeEpoch": 1_700_000_000_000,
            "identity": {"sourceIp": "198.51.100.7"},
            "authorizer": {"claims": {"sub": "ada", "client_id": "shop"}},
        },
        "body": json.dumps(content),
        "isBase64Encoded": False,
        **more,
    }


# With the document's examples behind it.


def test_an_honest_request_gets_an_answer_and_an_attack_a_reference(proxy):
    invoke = proxy()

    honest, attack = invoke(event(PAYMENT)), invoke(event(ATTACK))

    assert (honest["statusCode"], attack["statusCode"]) == (201, 400)
    assert json.loads(attack["body"]) == {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "requestId": "JKJaXmPLvHcESHA=",
    }


def test_its_log_has_the_rule_and_not_the_value(proxy):
    invoke = proxy()

    invoke(event(ATTACK))

    (line,) = [one for one in invoke.logged().splitlines() if '"denied"' in one]
    entry = json.loads(line)
    assert entry["reasons"] == [{"pointer": "/body/note", "rule": "injection.sql", "mode": "block"}]
    assert "UNION" not in invoke.logged()
    assert KEY not in invoke.logged()


# With a backend that speaks https.


def test_a_backend_gets_the_request_and_who_asks(on_loopback, serve):
    server = serve(HOST)
    invoke = on_loopback(server)

    answer = invoke(event(PAYMENT))

    assert (answer["statusCode"], answer["body"]) == (200, '{"status":"ok"}')
    ((method, path, headers, body),) = server.requests
    given = {name.lower(): value for name, value in headers}
    assert (method, path, json.loads(body)) == ("POST", "/v1/payments", PAYMENT)
    assert given["idempotency-key"] == KEY
    assert given["x-bulwark-subject"] == "ada"
    assert given["x-bulwark-verdict"] == "passed"
    assert "cookie" not in given


def test_a_backend_never_sees_what_is_denied(on_loopback, serve):
    server = serve(HOST)

    assert on_loopback(server)(event(ATTACK))["statusCode"] == 400
    assert server.requests == []


def test_the_guard_that_is_deployed_calls_nothing_on_its_own_machine(proxy, serve):
    """`localhost` needs no name server; no variable lets it through."""
    server = serve("localhost")
    url = f"https://localhost:{server.server_port}/"
    invoke = proxy({"kind": "http", "url": url})

    answer = invoke(event(PAYMENT))

    assert (answer["statusCode"], server.requests) == (502, [])
    assert "address is not public" in invoke.logged()


# With a function.


@pytest.fixture
def service(lambda_runtime):
    """Lambda's own address, where the ledger is known by its ARN: its emulator knows no names."""
    ledger = lambda_runtime(LEDGER, "main.handler")

    class Service(BaseHTTPRequestHandler):
        def do_POST(self):
            known = self.path == f"/2015-03-31/functions/{quote(ARN, safe='')}/invocations"
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = json.dumps(ledger(json.loads(body)) if known else {}).encode()
            self.send_response(200 if known else 404)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_function_gets_the_event_of_api_gateway_with_what_may_pass(proxy, service):
    backend = {"kind": "lambda", "function": ARN}
    invoke = proxy(backend, AWS_ENDPOINT_URL_LAMBDA=service)

    answer = invoke(event(PAYMENT))

    assert answer["statusCode"] == 201
    got = json.loads(answer["body"])
    assert json.loads(got["body"]) == PAYMENT
    assert got["headers"]["x-bulwark-subject"] == "ada"
    assert "Cookie" not in json.dumps(got)
    assert got["requestContext"]["authorizer"]["claims"]["sub"] == "ada"


def test_a_function_that_is_not_there_is_a_bad_gateway(proxy, service):
    backend = {"kind": "lambda", "function": f"{ARN}-of-old"}
    invoke = proxy(backend, AWS_ENDPOINT_URL_LAMBDA=service)

    assert invoke(event(PAYMENT))["statusCode"] == 502


# As a service.


def test_an_application_gets_a_verdict(lambda_runtime, deployed):
    invoke = lambda_runtime(GUARD, SERVICE, {"BULWARK_GUARD_FOLDER": deployed()})

    def asked(content):
        headers = {"Content-Type": "application/json", "Idempotency-Key": KEY}
        request = {"method": "POST", "path": "/payments", "headers": headers}
        return invoke(
            {"operationId": "createPayment", "request": {**request, "body": json.dumps(content)}}
        )

    assert asked(PAYMENT)["allowed"] is True
    assert asked(ATTACK)["allowed"] is False
