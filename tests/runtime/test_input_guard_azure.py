"""The input guard in Microsoft's worker library, from the package that is deployed.

In front of it API Management's gateway, which is ours and runs the policy that is deployed.
"""

import json
from pathlib import Path

import pytest
import yaml
from apim_gateway import Answered, Forwarded, GuardDownError

from pulumi_bulwark.api import ApiSpec
from pulumi_bulwark.api.azure_guard import Guard
from pulumi_bulwark.api.azure_policy import Surroundings, Tokens, build
from pulumi_bulwark.function import Package
from pulumi_bulwark.input_guard.bundle import document_file
from pulumi_bulwark.openapi import load

pytestmark = pytest.mark.e2e

SAMPLE = Path(__file__).parents[2] / "openapi" / "payments.yaml"
APP = "bulwark_runtime.input_guard.azure_app:app"
GUARD = Guard(url="https://guard.example.net/check", audience="api://guard", client_id="asks")
TOKENS = Tokens(issuer="https://i", metadata_url="https://i/m", audiences=("a",))
BACKEND = "https://pay.example.net/v1/payments"
KEY = "1f0b8a52-5f4b-4a0e-9d0c-6c1f2b3a4d66"
PAYMENT = {
    "accountId": "0b0f6f0e-4a5c-4d53-9a0a-6f5ad7a0c1f1",
    "beneficiaryId": "2f6a1f0a-8f3d-4c0f-9e6b-1f4a0b7c3d33",
    "money": {"amount": 12500, "currency": "EUR"},
    "reference": "Invoice 2026-0042",
    "note": "O'Brien's rent",
}
UNION = "x' UNION SELECT iban FROM accounts -- "


@pytest.fixture
def document(tmp_path):
    """The sample, whose notes are made safe, and whose payments go to a backend."""

    def made(guard):
        content = yaml.safe_load(SAMPLE.read_text(encoding="utf-8"))
        content["components"]["schemas"]["Note"]["x-bulwark-guard"] = "sanitise"
        content["paths"]["/payments"]["post"] |= {
            "x-bulwark-guard": guard,
            "x-bulwark-backend": BACKEND,
        }
        file = tmp_path / "payments.yaml"
        file.write_text(yaml.safe_dump(content))
        return load(file, shown="payments.yaml")

    return made


@pytest.fixture
def pay(functions_host, gateway, document):
    """A payment through the gateway; `guard` is the document's word, and None of `host`: down."""

    def start(guard="block", *, down=False):
        found = document(guard)
        host = (
            None if down else functions_host(Package("input-guard"), APP, {}, document_file(found))
        )

        def send(url, method, headers, body):
            if host is None:
                raise GuardDownError
            assert url == GUARD.url
            answer = host.call(method, "/check", headers, body)
            return answer.status, list(answer.headers.items()), answer.body

        text = build(ApiSpec(), found, Surroundings(tokens=TOKENS, guard=GUARD))
        api = gateway(text, send)

        def call(content):
            headers = [("Content-Type", "application/json"), ("Idempotency-Key", KEY)]
            body = json.dumps(content, indent=3).encode()
            url = "https://api.example.com/payments"
            return api.call("createpayment", "POST", url, headers, body), body

        call.host = host
        return call

    return start


def test_an_honest_payment_goes_on_an_attack_does_not_and_markup_goes_on_safe(pay):
    send = pay()

    honest, sent = send(PAYMENT)
    assert isinstance(honest, Forwarded)
    assert (honest.body, honest.variables["backend"]) == (sent, "https://pay.example.net/v1")

    refused, _ = send(PAYMENT | {"note": UNION})
    assert isinstance(refused, Answered)
    reference = json.loads(refused.body)["requestId"]
    assert (refused.status, "UNION" in refused.body) == (400, False)

    markup, sent = send(PAYMENT | {"note": "Rent <script>alert(1)</script>"})
    assert markup.body == sent.replace(b"Rent <script>alert(1)</script>", b"Rent ")

    log = send.host.logged()
    (line,) = [one for one in log.splitlines() if '"denied"' in one]
    entry = json.loads(line[line.index("{") :])
    assert (entry["operation"], entry["reference"]) == ("createPayment", reference)
    assert entry["reasons"] == [{"pointer": "/body/note", "rule": "injection.sql", "mode": "block"}]
    assert not any(word in log for word in ("UNION", "alert", KEY, PAYMENT["accountId"]))


def test_an_application_gets_a_verdict(pay):
    host = pay().host
    asked = {
        "operationId": "createPayment",
        "request": {
            "method": "POST",
            "path": "/payments",
            "headers": {"Content-Type": "application/json", "Idempotency-Key": KEY},
            "body": json.dumps(PAYMENT),
        },
    }

    answer = host.call("POST", "/check", {"Content-Type": "application/json"}, asked)

    assert (answer.status, answer.headers["X-Bulwark-Verdict"]) == (200, "passed")
    assert json.loads(answer.json()["request"]["body"]) == PAYMENT
    assert host.call("POST", "/check", {}, b"\xff").status == 400
    assert host.call("GET", "/check").status in (404, 405)


def test_while_the_guard_is_down_nothing_passes_but_what_fails_open(pay):
    (refused, _), (passed, sent) = (
        pay(guard, down=True)(PAYMENT) for guard in ("block", {"mode": "block", "failOpen": True})
    )

    assert refused.status == 503
    assert (passed.body, passed.headers["x-bulwark-verdict"]) == (sent, "unchecked")
