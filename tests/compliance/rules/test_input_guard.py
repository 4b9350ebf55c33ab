import json

import pulumi_aws as aws
import pytest

from bulwark_toolkit.compliance.rules import RULES
from bulwark_toolkit.compliance.rules.aws import input_guard as rules

A = "aws.input_guard."
PASSES = A + "whatever-changes-something-passes-the-guard"
GIVES_UP = A + "guard-gives-up-before-the-api-does"
GUARD = "bulwark_runtime.input_guard.aws_proxy.handler"
FUNCTIONS = "arn:aws:lambda:eu-central-1:123456789012:function"
INVOKE = "arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions"


def to(function, **integration):
    uri = f"{INVOKE}/{FUNCTIONS}:{function}/invocations"
    made = {"type": "aws_proxy", "uri": uri, "timeoutInMillis": 29_000, **integration}
    return {"responses": {}, "x-amazon-apigateway-integration": made}


MOCK = {"responses": {}, "x-amazon-apigateway-integration": {"type": "mock"}}


def program(handler=GUARD, timeout=27, **methods):
    """An API whose operations go where they say, and a function called guard."""

    def made():
        aws.lambda_.Function(
            "function",
            name="guard",
            handler=handler,
            timeout=timeout,
            role="arn:aws:iam::123456789012:role/guard",
        )
        document = {"openapi": "3.0.1", "paths": {"/payments": methods}}
        aws.apigateway.RestApi("it", body=json.dumps(document))

    return made


CASES = {
    PASSES: [
        ("pass", program(post=to("guard"), get=to("pay"))),
        ("pass", program(post=to("guard"), options=MOCK)),
        ("fail", program(post=to("guard"), put=to("pay"))),
        ("fail", program(post=to("guard"), delete=MOCK)),
        # A name that only begins like it.
        ("fail", program(post=to("guard"), put=to("guard-of-others"))),
        ("not applicable", program(post=to("pay"))),
        ("not applicable", program(handler="main.handler", post=to("guard"), put=to("pay"))),
    ],
    GIVES_UP: [
        ("pass", program(post=to("guard"))),
        ("fail", program(post=to("guard"), timeout=29)),
        ("fail", program(post=to("guard", timeoutInMillis=5_000))),
        ("not applicable", program(post=to("pay"), timeout=60)),
    ],
}


@pytest.mark.parametrize(
    ("rule", "outcome", "made"),
    [(rule, outcome, made) for rule, cases in CASES.items() for outcome, made in cases],
)
def test_an_api_is_judged_by_where_its_operations_go(outcomes, rule, outcome, made):
    found = outcomes(rule, made)

    assert outcome in found


def test_what_passes_by_is_named_with_its_place(found):
    judged = found(PASSES, program(post=to("guard"), put=to("pay")))

    assert ("fail", "it", "body.paths./payments.put") in judged


def test_an_api_whose_document_is_not_known_yet_is_unknown(outcomes):
    def made():
        guard = program(post=to("guard"))
        guard()
        queue = aws.sqs.Queue("queue")
        aws.apigateway.RestApi("other", body=queue.arn)

    assert "unknown" in outcomes(PASSES, made, rendered=False)


def test_every_rule_of_the_file_has_cases():
    ours = {rule.id for rule in RULES if rule.id.startswith(A)}

    assert ours == CASES.keys()
    assert rules.REST
