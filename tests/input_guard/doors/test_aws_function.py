"""Backends that are functions: botocore's real client, answered by its stubber."""

import io
import json

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError
from botocore.response import StreamingBody
from botocore.stub import Stubber

from bulwark_runtime.input_guard.aws_function import Function, clients
from bulwark_runtime.input_guard.doors.passing import BackendError, BackendTimeoutError
from bulwark_runtime.input_guard.doors.routes import Backend

ARN = "arn:aws:lambda:eu-central-1:123456789012:function:pay:live"
NATIVE = {"resource": "/payments", "httpMethod": "POST", "requestContext": {"stage": "live"}}


@pytest.fixture
def lambda_(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    return boto3.client("lambda", config=Config(region_name="eu-central-1"))


def payload(content):
    text = json.dumps(content).encode() if not isinstance(content, bytes) else content
    return StreamingBody(io.BytesIO(text), len(text))


@pytest.fixture
def ask(lambda_, route, passed):
    """A request to a function that returns this."""

    def send(returned, error=None):
        with Stubber(lambda_) as stub:
            sent = {}
            lambda_.meta.events.register(
                "provide-client-params.lambda.Invoke", lambda params, **_: sent.update(params)
            )
            response = {"Payload": payload(returned), "StatusCode": 200}
            stub.add_response("invoke", response | ({"FunctionError": error} if error else {}))
            going = passed(NATIVE, headers=[("Content-Type", "a/b")], body=b'{"a":1}')
            backend = Backend(kind="lambda", function=ARN)
            answer = Function(client=lambda _: lambda_).send(route(backend), going, 10)
            return answer, sent

    return send


def test_a_function_is_invoked_with_the_event_that_it_would_get_anyway(ask):
    answer, sent = ask({"statusCode": 201, "headers": {"X-A": "1"}, "body": "made"})

    assert (answer.status, answer.body) == (201, b"made")
    assert sent["FunctionName"] == ARN
    event = json.loads(sent["Payload"])
    assert (event["body"], event["headers"]) == ('{"a":1}', {"Content-Type": "a/b"})
    assert event["requestContext"] == {"stage": "live"}


def test_an_error_of_the_function_is_none_of_the_clients_business(ask):
    with pytest.raises(BackendError, match=r"^function failed$"):
        ask({"errorMessage": "password is hunter2"}, error="Unhandled")


def test_what_is_no_json_is_no_answer(ask):
    with pytest.raises(BackendError, match=r"^answer is no JSON$"):
        ask(b"<html>")


@pytest.mark.parametrize(
    ("raised", "text"),
    [
        (ReadTimeoutError(endpoint_url="https://lambda"), None),
        (EndpointConnectionError(endpoint_url="https://lambda"), "EndpointConnectionError"),
    ],
)
def test_a_function_that_cannot_be_called_is_an_error_without_its_address(
    route, passed, raised, text
):
    class Client:
        def invoke(self, **_):
            raise raised

    going = passed(NATIVE)
    expected = BackendError if text else BackendTimeoutError
    with pytest.raises(expected) as error:
        Function(client=lambda _: Client()).send(
            route(Backend(kind="lambda", function=ARN)), going, 10
        )

    assert str(error.value) == (text or "")


def test_a_refusal_of_lambda_is_told_by_its_code(lambda_, route, passed):
    going = passed(NATIVE)
    with Stubber(lambda_) as stub:
        stub.add_client_error("invoke", "AccessDeniedException", "arn:aws:… is not authorized")
        with pytest.raises(BackendError, match=r"^AccessDeniedException$"):
            Function(client=lambda _: lambda_).send(
                route(Backend(kind="lambda", function=ARN)), going, 10
            )


def test_nobody_pays_twice_because_an_answer_was_late(lambda_):
    made = clients(26)("eu-central-1")

    assert made.meta.config.retries["total_max_attempts"] == 1
    assert made.meta.config.read_timeout == 26


def test_a_function_of_another_region_is_asked_there_and_each_region_has_one_client(
    lambda_, route, passed
):
    of_region = clients(26)
    far = ARN.replace("eu-central-1", "eu-west-1")
    asked = []

    def client(region):
        asked.append(region)
        return lambda_

    with Stubber(lambda_) as stub:
        stub.add_response("invoke", {"Payload": payload({"statusCode": 204}), "StatusCode": 200})
        backend = Backend(kind="lambda", function=far)
        Function(client=client).send(route(backend), passed(NATIVE), 10)

    assert asked == ["eu-west-1"]
    assert of_region("eu-west-1").meta.region_name == "eu-west-1"
    assert of_region("eu-west-1") is of_region("eu-west-1")
