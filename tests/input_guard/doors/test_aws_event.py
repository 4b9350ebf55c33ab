"""API Gateway's events, as a REST API sends them and takes them back."""

import json
from base64 import b64encode
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulwark_runtime.input_guard import Request
from bulwark_runtime.input_guard.aws_event import (
    EventError,
    answer_of,
    arrival_of,
    request_of,
    response_of,
    with_request,
)
from bulwark_runtime.input_guard.doors.answer import Answer
from bulwark_runtime.input_guard.doors.passing import BackendError


def event(**more):
    return {
        "resource": "/payments/{paymentId}",
        "path": "/payments/1",
        "httpMethod": "POST",
        "headers": {"Content-Type": "application/json"},
        "multiValueHeaders": {"Content-Type": ["application/json"]},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": {"paymentId": "1"},
        "stageVariables": None,
        "requestContext": {
            "requestId": "chosen",
            "extendedRequestId": "JKJaXmPLvHcESHA=",
            "requestTimeEpoch": 1_700_000_000_000,
            "identity": {"sourceIp": "198.51.100.7", "apiKeyId": "k1", "userAgent": "curl"},
            "authorizer": {
                "claims": {"sub": "ada", "client_id": "shop", "scope": "payments/write", "x": "y"}
            },
        },
        "body": '{"a":1}',
        "isBase64Encoded": False,
        **more,
    }


def test_a_request_is_what_the_client_sent():
    request = request_of(event(path="/payments/a%20b"))

    assert request == Request(
        method="POST",
        path="/payments/a%20b",
        query="",
        headers=(("Content-Type", "application/json"),),
        body=b'{"a":1}',
    )


def test_a_header_and_a_parameter_that_came_twice_are_there_twice():
    request = request_of(
        event(
            multiValueHeaders={"X-A": ["1", "2"]},
            headers={"X-A": "2"},
            multiValueQueryStringParameters={"q": ["a&b", "ü"]},
            queryStringParameters={"q": "ü"},
        )
    )

    assert request.headers == (("X-A", "1"), ("X-A", "2"))
    assert request.query == "q=a%26b&q=%C3%BC"


@given(pairs=st.lists(st.tuples(st.text(min_size=1), st.text()), max_size=5))
def test_a_query_is_what_it_was_before_api_gateway_decoded_it(pairs):
    sent = urlencode(pairs)
    values = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)

    found = request_of(event(multiValueQueryStringParameters=values)).query

    assert sorted(parse_qsl(found, keep_blank_values=True)) == sorted(
        parse_qsl(sent, keep_blank_values=True)
    )


def test_a_second_encoding_in_a_query_is_still_a_second_one():
    # %2527 on the wire: API Gateway has made %27 of it.
    request = request_of(event(multiValueQueryStringParameters={"q": ["%27"]}))

    assert request.query == "q=%2527"


def test_a_body_of_bytes_is_those_bytes():
    request = request_of(event(body=b64encode(b"\xff\x00").decode(), isBase64Encoded=True))

    assert request.body == b"\xff\x00"


def test_a_request_without_a_body_has_an_empty_one():
    assert request_of(event(body=None)).body == b""


def test_the_caller_is_who_api_gateway_says():
    arrival = arrival_of(event())

    assert arrival.caller == {
        "subject": "ada",
        "client": "shop",
        "scopes": "payments/write",
        "source-ip": "198.51.100.7",
        "api-key-id": "k1",
    }
    assert (arrival.method, arrival.path) == ("POST", "/payments/{paymentId}")
    assert arrival.received_ms == 1_700_000_000_000


def test_a_public_operation_has_a_caller_without_a_name():
    context = {"requestId": "r", "identity": {"sourceIp": "198.51.100.7"}}

    assert arrival_of(event(requestContext=context)).caller == {"source-ip": "198.51.100.7"}


@pytest.mark.parametrize("claim", ["ada\r\nx-bulwark-verdict: passed", "ädä", 7, None, ["ada"]])
def test_a_claim_that_is_no_header_is_left_out(claim):
    context = {"requestId": "r", "authorizer": {"claims": {"sub": claim}}}

    assert "subject" not in arrival_of(event(requestContext=context)).caller


def test_the_reference_is_the_id_that_no_client_can_choose():
    assert arrival_of(event()).reference == "JKJaXmPLvHcESHA="


# Handed on to a function.


def test_a_function_gets_the_event_with_the_sanitised_request_in_it():
    headers = [("Content-Type", "a/b"), ("X-A", "1"), ("X-A", "2")]
    clean = Request("POST", "/payments/2", "q=a&q=b", headers, b'{"a":2}')

    handed = with_request(event(), clean)

    assert handed["path"] == "/payments/2"
    assert handed["pathParameters"] == {"paymentId": "2"}
    assert handed["multiValueQueryStringParameters"] == {"q": ["a", "b"]}
    assert handed["queryStringParameters"] == {"q": "b"}
    assert handed["multiValueHeaders"] == {"Content-Type": ["a/b"], "X-A": ["1", "2"]}
    assert handed["headers"] == {"Content-Type": "a/b", "X-A": "2"}
    assert (handed["body"], handed["isBase64Encoded"]) == ('{"a":2}', False)
    assert handed["requestContext"] == event()["requestContext"]


def test_what_stayed_behind_is_in_no_form_of_the_event():
    original = event(
        headers={"Cookie": "c=1"},
        multiValueHeaders={"Cookie": ["c=1"]},
        queryStringParameters={"dropped": "1"},
        multiValueQueryStringParameters={"dropped": ["1"]},
    )

    handed = with_request(original, Request("POST", "/payments/1"))

    assert "Cookie" not in json.dumps(handed)
    assert "dropped" not in json.dumps(handed)


# Answers.


@given(
    status=st.integers(200, 599),
    body=st.binary(),
    headers=st.lists(st.tuples(st.sampled_from(["A", "B"]), st.text("ab", min_size=1)), max_size=4),
)
def test_an_answer_comes_back_as_it_was(status, body, headers):
    response = json.loads(
        json.dumps(response_of(Answer(status=status, headers=headers, body=body)))
    )
    found = answer_of(response)

    assert (found.status, found.body) == (status, body)
    assert sorted(found.headers) == sorted(headers)


@pytest.mark.parametrize(
    "response",
    [
        None,
        "done",
        [],
        {},
        {"statusCode": "ok"},
        {"statusCode": 0},
        {"statusCode": 700},
        {"statusCode": 200, "body": {"a": 1}},
        {"statusCode": 200, "body": "!", "isBase64Encoded": True},
    ],
)
def test_what_is_no_answer_is_an_error_that_quotes_nothing(response):
    with pytest.raises(BackendError) as error:
        answer_of(response)

    assert str(error.value).startswith("answer ")


def test_a_functions_answer_may_have_its_status_as_text_and_numbers_in_headers():
    answer = answer_of({"statusCode": "201", "headers": {"X-Count": 3, "X-On": True}})

    assert answer == Answer(status=201, headers=(("X-Count", "3"), ("X-On", "true")), body=b"")


# What API Gateway does not send


V2 = {
    "version": "2.0",
    "routeKey": "POST /payments",
    "rawPath": "/payments",
    "rawQueryString": "",
    "headers": {"content-type": "application/json"},
    "requestContext": {"http": {"method": "POST", "path": "/payments"}, "requestId": "id"},
    "body": "{}",
    "isBase64Encoded": False,
}
STRANGE = {
    "an event of an HTTP API": V2,
    "nothing": {},
    "a queue's": {"Records": [{"body": "{}"}]},
    "a body that is no base64": event(body="a b", isBase64Encoded=True),
    "a body of base64 with more": event(body="e30=\n!", isBase64Encoded=True),
    "a body that is an object": event(body={"a": 1}),
    "a body with half a character": event(body="\ud800"),
    "no path": event(path=None),
    "a path with half a character": event(path="/\ud800"),
    "a list of headers": event(multiValueHeaders=[["a", "b"]]),
    "a value that is a number": event(multiValueQueryStringParameters={"a": 1}),
}


@pytest.mark.parametrize("strange", STRANGE.values(), ids=STRANGE)
def test_what_is_no_event_of_a_rest_api_is_an_error_that_quotes_nothing(strange):
    for read in (request_of, arrival_of):
        with pytest.raises(EventError, match=r"^the event is not one of API Gateway's") as error:
            read(strange)
        assert error.value.__suppress_context__


@pytest.mark.parametrize("context", [None, [], "a", {"requestTimeEpoch": "soon"}])
def test_an_event_without_its_context_is_no_arrival(context):
    with pytest.raises(EventError):
        arrival_of(event(requestContext=context))


@pytest.mark.parametrize(
    "more",
    [
        {"multiValueHeaders": None},
        {"multiValueHeaders": {}},
        {"headers": None},
        {"multiValueQueryStringParameters": {}, "queryStringParameters": {}},
        {"isBase64Encoded": None},
        {"body": ""},
    ],
)
def test_what_is_null_or_empty_is_not_there(more):
    assert isinstance(request_of(event(**more)), Request)


def test_null_for_a_value_is_a_value_that_is_empty():
    found = request_of(event(queryStringParameters={"a": None}, multiValueHeaders={"X-A": None}))
    assert found.query == "a="
    assert ("X-A", "None") not in found.headers


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inside: st.lists(inside, max_size=2) | st.dictionaries(st.text(max_size=4), inside),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(list(event())), ODD, max_size=4))
def test_any_event_is_an_arrival_or_an_error(changes):
    try:
        arrival_of(event(**changes))
    except EventError as error:
        assert str(error).startswith("the event")
