"""The input guard at a desk: the sample's document, requests in files, lines of the log."""

import io
import json
import sys
from pathlib import Path

import pytest
import yaml

from bulwark_runtime.input_guard import Guard, Request
from pulumi_bulwark.openapi import load

SAMPLE = Path(__file__).parents[2] / "openapi" / "payments.yaml"
KEY = "1f0b8a52-5f4b-4a0e-9d0c-6c1f2b3a4d66"
HEAD = f"POST /payments HTTP/1.1\nContent-Type: application/json\nIdempotency-Key: {KEY}\n\n"
PAYMENT = {
    "accountId": "0b0f6f0e-4a5c-4d53-9a0a-6f5ad7a0c1f1",
    "beneficiaryId": "2f6a1f0a-8f3d-4c0f-9e6b-1f4a0b7c3d33",
    "money": {"amount": 12500, "currency": "EUR"},
    "reference": "Invoice 2026-0042",
}


def payment(**more):
    return HEAD + json.dumps(PAYMENT | more) + "\n"


HONEST = payment(note="O'Brien's rent; select the union of both and drop the rest")
ATTACK = payment(note="x' UNION SELECT iban FROM accounts -- ")
OF_TEXT = payment(money={"amount": "12500", "currency": "EUR"})


@pytest.fixture
def check(bulwark, tmp_path):
    def run(text, openapi=SAMPLE):
        file = tmp_path / "requests.http"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return bulwark("guard", "check", "--openapi", openapi, "--request", file)

    return run


def test_an_honest_request_passes(check):
    result = check(HONEST)

    assert (result.status, result.out) == (0, "passes    createPayment\n")


def test_an_attack_is_denied_with_where_and_why(check):
    result = check(ATTACK)

    assert result.status == 1
    assert result.out.startswith("denied    createPayment\n          /body/note  injection.sql: ")


def test_no_value_of_a_request_is_shown(check):
    result = check(ATTACK)

    assert "UNION" not in result.out + result.err


def test_several_requests_are_named_and_one_that_is_denied_is_enough_to_fail(check):
    result = check(f"### A clean one\n{HONEST}\n### An amount as text\n{OF_TEXT}")

    lines = [line for line in result.out.splitlines() if not line.startswith(" ")]
    assert result.status == 1
    assert lines == [
        "passes    createPayment  A clean one",
        "denied    createPayment  An amount as text",
    ]


def test_a_request_can_come_from_standard_input(bulwark, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(HONEST.encode())))

    assert bulwark("guard", "check", "--openapi", SAMPLE, "--request", "-").status == 0


def test_carriage_returns_and_an_absolute_address_are_read_as_well(check):
    text = HONEST.replace("POST /payments", "POST https://api.example.com/payments")

    assert check(text.replace("\n", "\r\n")).status == 0


def test_a_body_ends_where_its_length_says(check):
    body = json.dumps(PAYMENT)
    head = HEAD.replace("\n\n", f"\nContent-Length: {len(body)}\n\n")

    assert check(f"{head}{body} and a note of the editor").status == 0


def test_an_operation_without_a_guard_is_checked_and_said_to_have_none(check):
    result = check("GET /payments?limit=500 HTTP/1.1\n")

    assert result.status == 1
    assert "denied    listPayments  (the API does not ask the guard here)\n" in result.out


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "has no request"),
        ("### Nothing\n\n", "has no request"),
        ("hello\n", "request 1: begins with no method and target"),
        (f"{HONEST}###\npassword\n", "request 2: begins with no method and target"),
        (b"POST /payments\n" + b"A: b\n" * 200, "request 1: cannot be read (HTTPException)"),
    ],
)
def test_what_is_no_request_is_an_error_that_quotes_nothing(check, text, problem):
    result = check(text)

    assert result.status == 2
    assert problem in result.err
    assert "password" not in result.err


def test_a_document_with_a_problem_is_not_used(check, tmp_path):
    document = tmp_path / "broken.yaml"
    document.write_text("openapi: 3.0.3\n")

    result = check(HONEST, document)

    assert (result.status, result.out) == (2, "")
    assert "broken.yaml#/info: is missing" in result.err


# From the log to the document.


@pytest.fixture
def explain(bulwark, tmp_path):
    def run(*entries, openapi=SAMPLE):
        file = tmp_path / "log"
        lines = (one if isinstance(one, str) else json.dumps(one) for one in entries)
        file.write_text("\n".join(lines))
        return bulwark("guard", "explain", "--openapi", openapi, file)

    return run


def entry(*reasons, operation="createPayment"):
    found = [{"pointer": at, "rule": rule, "mode": "block"} for at, rule in reasons]
    return {"message": "denied", "operation": operation, "reasons": found}


def test_a_field_of_a_shared_schema_gets_an_exclusion_of_its_own(explain):
    result = explain(entry(("/body/note", "injection.sql")))

    assert (result.status, result.out) == (
        0,
        f"""\
# injection.sql at /body/note of createPayment
# {SAMPLE}#/components/schemas/NewPayment/properties/note
note:
  allOf:
  - $ref: '#/components/schemas/Note'
  x-bulwark-guard:
    exclude:
    - injection.sql

""",
    )


@pytest.mark.parametrize(
    ("operation", "pointer", "where"),
    [
        ("createPayment", "/body/accountId", "/components/schemas/NewPayment/properties/accountId"),
        (
            "createPayment",
            "/body/money/amount",
            "/components/schemas/PayableMoney/properties/amount",
        ),
        (
            "createPayment",
            "/header/idempotency-key",
            "/components/parameters/IdempotencyKey/schema",
        ),
        ("createWebhook", "/body/events/2", "/components/schemas/Events/items"),
        ("getPayment", "/path/paymentId", "/components/parameters/PaymentId/schema"),
        ("listTransactions", "/query/from", "/paths/~1accounts~1{accountId}~1transactions/get"),
    ],
)
def test_it_is_where_the_document_describes_the_value(explain, operation, pointer, where):
    result = explain(entry((pointer, "injection.sql"), operation=operation))

    assert f"# {SAMPLE}#{where}" in result.out
    assert "all of the operation" not in result.out


@pytest.mark.parametrize("pointer", ["/body", "/query/*", "/body/*", "/body/note/deeper", ""])
def test_what_the_document_does_not_name_is_excluded_for_the_operation(explain, pointer):
    result = explain(entry((pointer, "injection.sql")))

    if pointer == "/body":
        assert "NewPayment" in result.out
        return
    assert f"{pointer} of createPayment, and all of the operation with it\n" in result.out
    _, _, content = result.out.partition("\n# ")
    settings = yaml.safe_load(content.partition("\n")[2])["post"]["x-bulwark-guard"]
    assert settings == {"mode": "block", "exclude": ["injection.sql"]}


def test_the_same_is_said_once_and_other_lines_are_left_out(explain):
    line = entry(("/body/note", "injection.sql"))

    result = explain("START RequestId: 1", line, {"_aws": {}}, line, "[]")

    assert result.out.count("x-bulwark-guard") == 1


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("nothing", "has no line of the guard's log"),
        (entry(("/body", "x"), operation="none"), "names an operation that"),
        ({"operation": "createPayment", "reasons": [7]}, "is none of the guard's"),
    ],
)
def test_what_is_no_log_is_an_error(explain, line, problem):
    result = explain(line)

    assert result.status == 2
    assert problem in result.err


def test_with_the_exclusion_the_request_passes_and_another_field_is_held_as_before(explain):
    """What is printed is what the guard reads."""
    document = load(SAMPLE)
    out = explain(entry(("/body/note", "injection.sql"))).out
    changed = yaml.safe_load(out)["note"]
    body = json.loads(json.dumps(document.body))
    body["components"]["schemas"]["NewPayment"]["properties"]["note"] = changed

    def rules(document, **more):
        headers = [("Content-Type", "application/json"), ("Idempotency-Key", KEY)]
        content = json.dumps(PAYMENT | more).encode()
        request = Request("POST", "/payments", headers=headers, body=content)
        return {reason.rule for reason in Guard.from_openapi(document).check(request).reasons}

    sql = "x' UNION SELECT iban FROM accounts -- "
    assert rules(document.body, note=sql) == {"injection.sql"}
    assert rules(body, note=sql) == set()
    assert "injection.html" in rules(body, note="<script>alert(1)</script>")
