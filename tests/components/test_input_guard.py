"""The guard's functions on AWS, and what is deployed beside their code."""

import copy
import json

import pytest

from pulumi_bulwark import openapi
from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.input_guard import InputGuardSpec
from pulumi_bulwark.input_guard.aws import AwsInputGuard, AwsInputGuardArgs
from pulumi_bulwark.input_guard.bundle import AnswersOfOurOwn, files
from pulumi_bulwark.log_group.aws import AwsLogStore

ACCOUNT = "123456789012"
REGION = "eu-central-1"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/data"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
LAMBDA = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function"
FUNCTION = "aws:lambda/function:Function"
STORE = AwsLogStore(
    account_id=ACCOUNT,
    region=REGION,
    partition="aws",
    key_arn=f"arn:aws:kms:{REGION}:{ACCOUNT}:key/logs",
    retention_days=400,
    access_logs_id="access-logs",
    deletion_protection=True,
)
PAY = {
    "operationId": "pay",
    "summary": "Pay somebody",
    "x-bulwark-guard": "block",
    "x-bulwark-rate-limit": {"perSecond": 1, "burst": 1},
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": True,
            "schema": {"type": "string", "format": "uuid"},
        }
    ],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {
                        "note": {
                            "type": "string",
                            "maxLength": 99,
                            "example": "Rent",
                            "x-bulwark-guard": {"exclude": ["injection.sql"]},
                        }
                    },
                },
                "example": {"note": "Rent"},
            }
        },
    },
    "responses": {
        "201": {
            "description": "Paid",
            "content": {"application/json": {"example": {"status": "pending"}}},
        }
    },
}
READ = {"operationId": "read", "responses": {"204": {"description": "Nothing"}}}
DOCUMENT = {
    "openapi": "3.0.3",
    "info": {"title": "Pay", "version": "1"},
    "tags": [{"name": "payments"}],
    "security": [{"oauth": ["pay/write"]}],
    "paths": {"/payments": {"post": PAY, "get": READ}},
    "components": {
        "securitySchemes": {
            "oauth": {
                "type": "oauth2",
                "flows": {
                    "clientCredentials": {
                        "tokenUrl": "https://login.example.com/token",
                        "scopes": {"pay/write": "Pay"},
                    }
                },
            }
        }
    },
}


@pytest.fixture
def document(tmp_path):
    """The document, with other words in its guarded operation."""

    def load(**changes):
        content = copy.deepcopy(DOCUMENT)
        content["paths"]["/payments"]["post"] |= {
            f"x-bulwark-{name}": value for name, value in changes.items()
        }
        file = tmp_path / "pay.json"
        file.write_text(json.dumps(content))
        return openapi.load(file, shown="pay.json")

    return load


@pytest.fixture
def guard(preview, document):
    def build(made=None, *, rendered=True, timeout=29_000, binary=(), topics=(), own=None, **spec):
        args = AwsInputGuardArgs(
            spec=InputGuardSpec(**spec),
            document=made or document(),
            store=STORE,
            key_arn=KEY,
            boundary_arn=BOUNDARY,
            api_timeout_ms=timeout,
            api_binary_types=binary,
            own=own or AnswersOfOurOwn(headers={}),
            alarm_topic_arns=topics,
        )
        graph = preview(
            lambda: AwsInputGuard("it", args), rendered=rendered, project="pay", stack="dev"
        )
        assert graph.problems == ()
        return graph

    return build


@pytest.fixture
def problems(guard):
    def refused(*args, **more):
        with pytest.raises(ConfigError) as error:
            guard(*args, **more)
        return error.value.problems

    return refused


def functions(graph):
    return {r.inputs["handler"].split(".")[2]: r for r in graph.of_type(FUNCTION)}


def statements(graph, name):
    policy = graph[f"{name}-execution-policy"].inputs["policy"]
    return {one["Sid"]: one for one in json.loads(policy)["Statement"]}


def notes(graph, kind):
    return [note.text for note in graph.notes if note.kind == kind]


# The functions.


def test_the_proxy_has_a_name_that_is_known_before_it_is_there(guard):
    graph = guard(rendered=False)

    assert graph["it"].outputs["functionName"] == "pay-dev-it"
    assert functions(graph)["aws_proxy"].inputs["name"] == "pay-dev-it"


def test_two_stacks_in_an_account_have_guards_of_their_own(preview, document):
    args = AwsInputGuardArgs(
        spec=InputGuardSpec(),
        document=document(),
        store=STORE,
        key_arn=KEY,
        boundary_arn=BOUNDARY,
    )
    names = {
        preview(lambda: AwsInputGuard("it", args), project="pay", stack=stack)["it"].outputs[
            "functionName"
        ]
        for stack in ("dev", "prod")
    }

    assert len(names) == 2


def test_whoever_waits_gives_up_later_than_whom_it_waits_for(guard):
    proxy = functions(guard(timeout=20_000))["aws_proxy"].inputs

    backend = int(proxy["environment"]["variables"]["BULWARK_BACKEND_SECONDS"])
    assert 20 > proxy["timeout"] > backend


def test_the_service_is_there_when_asked_for_and_calls_nothing(guard):
    assert "aws_service" not in functions(guard())

    graph = guard(service=True)

    assert functions(graph)["aws_service"].inputs["timeout"] == 5
    assert {"WriteLog", "Trace"} == statements(graph, "it-service").keys()


def test_there_is_no_proxy_where_no_operation_is_guarded(guard, document):
    graph = guard(document(guard="off"), service=True)

    assert list(functions(graph)) == ["aws_service"]
    assert "proxyArn" not in graph["it"].outputs


def test_concurrency_is_kept_for_what_stands_before_backends(guard):
    made = functions(guard(service=True, reserved_concurrency=50))

    assert made["aws_proxy"].inputs["reservedConcurrentExecutions"] == 50
    assert made["aws_service"].inputs["reservedConcurrentExecutions"] == -1


# What it may do.


def test_the_guard_may_invoke_the_functions_behind_it_and_no_other(guard, document):
    graph = guard(document(backend={"function": "pay"}))

    assert statements(graph, "it-proxy")["CallBackends"] == {
        "Sid": "CallBackends",
        "Effect": "Allow",
        "Action": "lambda:InvokeFunction",
        "Resource": [f"{LAMBDA}:pay"],
    }


@pytest.mark.parametrize("backend", ["mock", "https://pay.example.net/v1"])
def test_a_guard_without_a_function_behind_it_may_invoke_none(guard, document, backend):
    assert {"WriteLog", "Trace"} == statements(guard(document(backend=backend)), "it-proxy").keys()


def test_a_function_whose_operation_is_not_guarded_is_none_of_the_guards(guard, document):
    made = document(backend={"function": "pay"}, guard="off")

    assert functions(guard(made)) == {}


def test_an_alias_is_what_may_be_invoked_and_not_the_function(guard, document):
    graph = guard(document(backend={"function": f"{LAMBDA}:pay:live"}))

    assert statements(graph, "it-proxy")["CallBackends"]["Resource"] == [f"{LAMBDA}:pay:live"]


def test_a_function_of_another_account_must_let_the_guard_in_and_that_is_said(guard, document):
    arn = f"arn:aws:lambda:{REGION}:210987654321:function:pay"

    said = notes(guard(document(backend={"function": arn})), "limit")

    assert f"{arn} is another account's, which must let the guard's role invoke it" in said


# What is deployed beside the code.


def unpacked(document, **own):
    arns = {"pay": f"{LAMBDA}:pay"}
    found = files(document, AnswersOfOurOwn(**{"headers": {}, **own}), arns)
    return {path: json.loads(text) for path, text in found.items()}


def test_the_document_comes_as_a_layer_that_both_functions_read(guard):
    graph = guard(service=True)

    (layer,) = graph.of_type("aws:lambda/layerVersion:LayerVersion")
    assert layer.inputs["layerName"] == "pay-dev-it-document"
    for function in functions(graph).values():
        assert function.inputs["layers"] == [layer.outputs["arn"]]
        assert function.inputs["environment"]["variables"]["BULWARK_GUARD_FOLDER"] == "/opt/bulwark"


def test_another_document_is_another_layer_and_the_same_one_is_not(guard, document):
    def code(made):
        (layer,) = guard(made).of_type("aws:lambda/layerVersion:LayerVersion")
        return layer.inputs["code"]

    assert code(document()) == code(document())
    assert code(document()) != code(document(guard="count"))


def test_the_guard_gets_what_it_checks_by_and_what_is_said_of_guards(document):
    content = unpacked(document())["bulwark/openapi.json"]

    post = content["paths"]["/payments"]["post"]
    schema = post["requestBody"]["content"]["application/json"]["schema"]
    assert post["x-bulwark-guard"] == "block"
    assert schema["properties"]["note"]["x-bulwark-guard"] == {"exclude": ["injection.sql"]}
    assert post["parameters"] == PAY["parameters"]


def test_the_guard_gets_no_examples_no_answers_and_nothing_of_other_extensions(document):
    text = json.dumps(unpacked(document())["bulwark/openapi.json"])

    for word in ("x-bulwark-rate-limit", "x-bulwark-backend", "Rent", "responses", "Pay somebody"):
        assert word not in text


def test_a_route_says_where_requests_go_and_which_headers_with_them(document):
    content = unpacked(document(backend="https://pay.example.net/v1/{x}".replace("{x}", "pay")))

    assert content["bulwark/routes.json"] == {
        "format": "bulwark.routes/1",
        "answers": {"headers": {}, "origins": []},
        "routes": [
            {
                "operation": "pay",
                "method": "POST",
                "path": "/payments",
                "failOpen": False,
                "headers": ["idempotency-key"],
                "backend": {"kind": "http", "url": "https://pay.example.net/v1/pay"},
            }
        ],
    }


def test_a_function_is_routed_to_by_its_arn(document):
    (route,) = unpacked(document(backend={"function": "pay"}))["bulwark/routes.json"]["routes"]

    assert route["backend"] == {"kind": "lambda", "function": f"{LAMBDA}:pay"}


def test_a_mock_is_routed_to_the_documents_examples(document):
    (route,) = unpacked(document())["bulwark/routes.json"]["routes"]

    assert route["backend"] == {
        "kind": "mock",
        "answers": [
            {
                "status": 201,
                "headers": {"Content-Type": "application/json"},
                "text": '{"status": "pending"}',
            }
        ],
    }


def test_only_guarded_operations_have_a_route(document):
    assert unpacked(document(guard="off"))["bulwark/routes.json"]["routes"] == []


# What cannot be.


VPC = {"subnetIds": ["subnet-0a1b2c3d", "subnet-4e5f6a7b"], "securityGroupIds": ["sg-0a1b2c3d"]}
PRIVATE = {"url": "https://pay.example.internal/v1", "vpcLink": "abc123"}


def test_a_backend_behind_a_vpc_link_is_called_from_inside_the_vpc(guard, document):
    graph = guard(document(backend=PRIVATE), vpc=VPC, service=True)

    network = graph["it-proxy-function"].inputs["vpcConfig"]
    assert network["subnetIds"] == VPC["subnetIds"]
    assert network["securityGroupIds"] == VPC["securityGroupIds"]
    assert "vpcConfig" not in graph["it-service-function"].inputs


def test_its_route_says_that_it_must_be_private(document):
    (route,) = unpacked(document(backend=PRIVATE))["bulwark/routes.json"]["routes"]

    assert route["backend"] == {"kind": "http", "url": PRIVATE["url"], "private": True}


def test_what_a_guard_in_a_vpc_reaches_only_by_a_gateway_is_said(guard, document):
    graph = guard(document(backend={"function": "pay"}), vpc=VPC)

    assert "pay: reached from the guard's VPC by a NAT gateway or an endpoint only" in [
        note.text for note in graph.notes
    ]


def test_a_backend_behind_a_vpc_link_cannot_be_guarded_from_outside(problems, document):
    (problem,) = problems(document(backend=PRIVATE))

    assert problem.startswith(
        "pay.json#/paths/~1payments/post: is guarded, and its backend is behind a VPC link"
    )


def test_a_function_of_another_region_is_invoked_there_and_that_is_said(guard, document):
    arn = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:pay"

    graph = guard(document(backend={"function": arn}))

    assert f"{arn} is in another region: requests and their data go there, and take longer" in [
        note.text for note in graph.notes
    ]


def test_an_api_that_waits_too_short_leaves_a_backend_no_time(problems, document):
    (problem,) = problems(document(), timeout=4_999)

    assert problem.startswith("bulwark:api.backendTimeoutMs: must be at least 5000")
    assert problem.endswith("got 4999.")


@pytest.fixture
def upload(tmp_path):
    """The document, with an operation that takes a form."""

    def load(mode, media="multipart/form-data"):
        content = copy.deepcopy(DOCUMENT)
        form = {"schema": {"type": "object", "properties": {"page": {"type": "string"}}}}
        content["paths"]["/payments"]["post"] |= {
            "x-bulwark-guard": mode,
            "requestBody": {"$ref": "#/components/requestBodies/Form"},
        }
        content["components"]["requestBodies"] = {"Form": {"content": {media: form}}}
        file = tmp_path / "pay.json"
        file.write_text(json.dumps(content))
        return openapi.load(file, shown="pay.json")

    return load


@pytest.mark.parametrize("media", ["multipart/form-data", "Multipart/Form-Data; charset=utf-8"])
@pytest.mark.parametrize("binary", [(), ("application/pdf",)])
def test_a_form_that_the_api_would_break_on_its_way_to_the_guard_is_refused(
    problems, upload, media, binary
):
    (problem,) = problems(upload("block", media), binary=binary)

    at = media.replace("/", "~1")
    assert problem.startswith(f"pay.json#/paths/~1payments/post/requestBody/content/{at}: is guard")
    assert problem.endswith("Add multipart/form-data to bulwark:api.binaryTypes.")


@pytest.mark.parametrize("kind", ["multipart/form-data", "*/*"])
def test_a_form_passes_as_bytes_where_the_api_is_told_so(guard, upload, kind):
    assert len(functions(guard(upload("count"), binary=(kind,)))) == 1


def test_a_form_that_nobody_guards_is_its_backends_matter(guard, upload):
    assert functions(guard(upload("off"))) == {}


def test_what_the_guard_would_stumble_over_as_it_starts_is_found_before(problems, document):
    guard = {"mode": "block", "exclude": ["injection.sqll"]}

    (problem,) = problems(document(guard=guard))

    assert problem.startswith("pay.json#/paths/~1payments/post/x-bulwark-guard")
    assert "did you mean injection.sql?" in problem


def test_a_role_has_room_for_so_many_backends_and_no_more(problems, tmp_path):
    content = copy.deepcopy(DOCUMENT)
    content["paths"] = {
        f"/p{n}": {
            "post": {
                **PAY,
                "operationId": f"pay{n}",
                "x-bulwark-backend": {"function": f"backend-{n:03}-{'x' * 40}"},
            }
        }
        for n in range(100)
    }
    file = tmp_path / "pay.json"
    file.write_text(json.dumps(content))

    (problem,) = problems(openapi.load(file))

    assert "the guard's role has no room for them" in problem


# What is said.


def test_what_the_guard_does_not_stop_is_said(guard, document):
    said = notes(guard(document(guard={"mode": "count", "failOpen": True})), "limit")

    assert "pay: what looks like an attack is counted, and passes" in said
    assert "pay: requests pass unchecked where the guard itself fails" in said


def test_an_operation_that_changes_something_past_the_guard_is_said(guard, tmp_path):
    content = copy.deepcopy(DOCUMENT)
    content["paths"]["/payments"]["delete"] = {
        "operationId": "forget",
        "responses": {"204": {"description": "Gone"}},
    }
    file = tmp_path / "pay.json"
    file.write_text(json.dumps(content))

    assert "forget: requests do not pass the guard" in notes(guard(openapi.load(file)), "limit")


def test_what_it_costs_is_said_with_the_memory_that_it_has(guard):
    (small,) = notes(guard(memory_mb=512), "cost")
    (large,) = notes(guard(memory_mb=2048), "cost")

    assert "6.67 USD" in small
    assert "26.67 USD" in large


def test_a_trace_that_is_turned_off_is_said_at_its_own_path(guard):
    said = notes(guard(tracing=False), "loosened")

    assert said == ["bulwark:inputGuard.tracing is false; hardened is true (logging)"]


def test_ten_times_the_operations_are_ten_times_the_routes_and_no_more_resources(guard, tmp_path):
    def many(number):
        content = copy.deepcopy(DOCUMENT)
        content["paths"] = {
            f"/p{n:03}": {"post": {**PAY, "operationId": f"pay{n:03}"}} for n in range(number)
        }
        file = tmp_path / "many.json"
        file.write_text(json.dumps(content))
        return openapi.load(file)

    few, more = many(10), many(100)

    assert len(guard(few).resources) == len(guard(more).resources)
    size = {number: len(json.dumps(unpacked(made))) for number, made in ((10, few), (100, more))}
    assert size[100] < 11 * size[10]
