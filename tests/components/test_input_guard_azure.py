"""The guard on Azure: who may ask it, what is beside its code, and what cannot be."""

import dataclasses
import json

import pytest
from azure_place import APPLICATION, KEY, PLACE, STORE

from pulumi_bulwark import openapi
from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.input_guard import InputGuardSpec
from pulumi_bulwark.input_guard.azure import AzureInputGuard, AzureInputGuardArgs, problems

SHOP = "00000000-0000-0000-0000-000000000009"
DOCUMENT = {
    "openapi": "3.0.3",
    "info": {"title": "Pay", "version": "1"},
    "paths": {
        "/payments": {
            "post": {
                "operationId": "pay",
                "x-bulwark-guard": "block",
                "security": [],
                "x-bulwark-public": "Everybody pays",
                "x-bulwark-backend": "mock",
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "properties": {"note": {"type": "string", "maxLength": 9}},
                            }
                        }
                    }
                },
                "responses": {"204": {"description": "Paid"}},
            }
        }
    },
}


@pytest.fixture
def document(tmp_path):
    def load(mode="block", **more):
        content = json.loads(json.dumps(DOCUMENT))
        content["paths"]["/payments"]["post"] |= {"x-bulwark-guard": mode, **more}
        file = tmp_path / "pay.json"
        file.write_text(json.dumps(content))
        return openapi.load(file, shown="pay.json")

    return load


@pytest.fixture
def args(document):
    def make(made=None, *, application=APPLICATION, store=STORE, **spec):
        return AzureInputGuardArgs(
            spec=InputGuardSpec(**spec),
            document=made or document(),
            store=store,
            key=KEY,
            application=application,
        )

    return make


@pytest.fixture
def guard(preview, args):
    def build(*given, rendered=True, **more):
        graph = preview(
            lambda: AzureInputGuard("it", args(*given, **more)),
            rendered=rendered,
            config={"azure-native:location": PLACE.location},
        )
        assert graph.problems == ()
        return graph

    return build


def notes(graph, kind):
    return [note.text for note in graph.notes if note.kind == kind]


def let_in(graph):
    providers = graph["it-app-callers"].inputs["identityProviders"]
    return providers["azureActiveDirectory"]["validation"]["defaultAuthorizationPolicy"][
        "allowedPrincipals"
    ]["identities"]


# Who asks.


def test_api_management_asks_as_an_identity_that_may_do_nothing_else(guard):
    graph = guard()

    identity = graph["it-asks-identity"]
    assert let_in(graph) == [identity.outputs["principalId"]]
    roles = graph.of_type("azure-native:authorization:RoleAssignment")
    assert identity.outputs["principalId"] not in {one.inputs["principalId"] for one in roles}
    assert graph["it"].outputs["clientId"] == identity.outputs["clientId"]
    assert graph["it"].outputs["identityId"] == identity.id


def test_applications_that_are_named_may_ask_too(guard):
    graph = guard(service=True, callers=(f"identity:{SHOP}",))

    assert let_in(graph) == [graph["it-asks-identity"].outputs["principalId"], SHOP]


def test_without_a_guarded_operation_only_they_ask(guard, document):
    graph = guard(document("off"), service=True, callers=(f"identity:{SHOP}",))

    assert let_in(graph) == [SHOP]
    assert "identityId" not in graph["it"].outputs


def test_questions_go_where_the_app_listens_with_tokens_of_the_application(guard):
    graph = guard()

    host = graph["it-app-app"].outputs["defaultHostName"]
    assert graph["it"].outputs["url"] == f"https://{host}/check"
    assert graph["it"].outputs["audience"] == "api://functions"


def test_its_address_is_known_once_it_knows_the_document(guard):
    """So that the API never asks about an operation that the guard has not heard of."""
    graph = guard(rendered=False)

    assert graph["it-app-code"].kind == "custom"
    assert type(graph["it"].outputs["url"]).__name__ == "Unknown"


# What it may do, and what it is told.


def test_it_may_use_its_own_storage_and_nothing_else(guard):
    graph = guard()

    storage = graph["it-app"].outputs["storageId"]
    own = graph["it-app-runs-as-identity"].outputs["principalId"]
    scopes = {
        role.inputs["scope"]
        for role in graph.of_type("azure-native:authorization:RoleAssignment")
        if role.inputs["principalId"] == own
    }
    assert scopes == {storage}


def test_the_document_lies_beside_the_code_and_another_one_is_brought_anew(guard, document):
    def brought(made):
        return guard(made)["it-app-code"].inputs

    first, again, other = (
        brought(document()),
        brought(document()),
        brought(document({"mode": "block", "exclude": ["injection.sql"]})),
    )
    assert list(json.loads(first["stdin"])) == ["bulwark/openapi.json"]
    assert first == again
    assert first["triggers"] != other["triggers"]


def test_a_second_question_does_not_wait_for_another_instance(guard):
    scale = guard()["it-app-app"].inputs["functionAppConfig"]["scaleAndConcurrency"]

    assert scale["triggers"] == {"http": {"perInstanceConcurrency": 16}}
    assert (scale["instanceMemoryMB"], scale["maximumInstanceCount"]) == (2_048, 100)


def test_its_app_is_the_one_of_its_job(guard):
    settings = {
        one["name"]: one["value"]
        for one in guard()["it-app-app"].inputs["siteConfig"]["appSettings"]
    }

    assert settings["BULWARK_APP"] == "bulwark_runtime.input_guard.azure_app:app"


# What is said.


def test_what_the_document_lets_pass_is_said(guard, document):
    said = notes(guard(document({"mode": "count", "failOpen": True})), "limit")

    assert "pay: what looks like an attack is counted, and passes" in said
    assert "pay: requests pass unchecked where the guard itself fails" in said


# What cannot be.


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"service": True}, "bulwark:inputGuard.callers: missing"),
        ({"callers": (f"identity:{SHOP}",)}, "bulwark:inputGuard.service: is off"),
        ({"memory_mb": 8_192}, "bulwark:inputGuard.memoryMb: not on Azure"),
        ({"reserved_concurrency": 20}, "bulwark:inputGuard.reservedConcurrency: not on Azure"),
        (
            {
                "vpc": {
                    "subnet_ids": ("subnet-0a1b2c3d", "subnet-4e5f6a7b"),
                    "security_group_ids": ("sg-0a1b2c3d",),
                }
            },
            "bulwark:inputGuard.vpc: not on Azure",
        ),
    ],
)
def test_what_azure_does_not_have_is_refused(args, spec, said):
    (problem,) = problems(args(**spec))

    assert problem.startswith(said)


def test_without_an_application_nobody_could_show_a_token(args):
    (problem,) = problems(args(application=None))

    assert problem.startswith("bulwark:foundation.functionApplication: missing")


def test_a_network_without_a_subnet_for_functions_is_refused(args):
    store = dataclasses.replace(STORE, place=dataclasses.replace(PLACE, functions_subnet_id=None))

    (problem,) = problems(args(store=store))

    assert problem.startswith("bulwark:foundation.network.functionsSubnetId: missing")


def test_a_document_that_makes_no_guard_is_refused_before_anything_is_made(guard, document):
    made = document()
    made.body["paths"]["/payments"]["post"]["parameters"] = [
        {"name": "x", "in": "nowhere", "schema": {}}
    ]

    with pytest.raises(ConfigError) as error:
        guard(made)

    assert error.value.problems[0].startswith("pay.json#/paths/~1payments/post/parameters/0")
