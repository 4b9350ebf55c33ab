"""What a document must have, and what is made of it."""

import subprocess
import sys
from pathlib import Path

import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator

from pulumi_bulwark import openapi
from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.openapi import Backend, RateLimit, Scope

ROOT = Path(__file__).parents[3]
GET = "/paths/~1orders~1{orderId}/get"
PUT = "/paths/~1orders~1{orderId}/put"
SCHEMES = "/components/securitySchemes"
SCOPES = f"{SCHEMES}/oauth/flows/clientCredentials/scopes"
READ, WRITE = Scope("shop", "read", "See orders"), Scope("shop", "write", "Change orders")
KEY = {"type": "apiKey", "in": "header", "name": "x-api-key"}
NOTE = "/components/schemas/O/properties/note"


def test_a_document_tells_its_operations_with_scopes_headers_and_methods(load):
    document = load()

    get, put = document.operations
    assert (get.method, get.path, get.operation_id) == ("get", "/orders/{orderId}", "getOrder")
    assert get.pointer == GET
    assert (get.scopes, put.scopes) == ((READ,), (WRITE,))
    assert (get.public, get.rate_limit, get.api_key, get.guard) == (None, None, False, None)
    assert get.backend == Backend("mock")
    assert document.scopes == (READ, WRITE)
    assert (document.title, document.version, document.scheme) == ("Shop", "1", "oauth")
    assert document.request_headers == ("Authorization",)
    assert document.methods == ("GET", "PUT")
    assert document.findings == ()


def test_the_sample_is_without_a_problem_and_without_a_finding():
    document = openapi.load(ROOT / "openapi" / "payments.yaml")

    assert document.findings == ()
    assert [o.operation_id for o in document.operations if o.public] == ["getHealth"]
    assert {scope.server for scope in document.scopes} == {"payments"}
    assert document.request_headers == ("Authorization", "Idempotency-Key")
    assert all(operation.backend.kind == "mock" for operation in document.operations)
    assert sum(operation.rate_limit is not None for operation in document.operations) == 4


def test_a_checked_document_is_right_to_the_validator_as_a_whole_too(load):
    for document in (load(), openapi.load(ROOT / "openapi" / "payments.yaml")):
        assert list(OpenAPIV30SpecValidator(dict(document.body)).iter_errors()) == []


def test_every_response_with_a_body_in_the_sample_has_an_example():
    document = openapi.load(ROOT / "openapi" / "payments.yaml")

    responses = [
        response
        for operation in document.operations
        for response in document.body["paths"][operation.path][operation.method][
            "responses"
        ].values()
        if "$ref" not in response
    ] + list(document.body["components"]["responses"].values())

    contents = [content for r in responses for content in r.get("content", {}).values()]
    assert contents
    assert all("example" in content for content in contents)


def test_reading_a_config_does_not_load_the_validator():
    program = (
        "import sys, pulumi_bulwark.config, pulumi_bulwark.openapi\n"
        "print([m for m in ('openapi_spec_validator', 'jsonschema') if m in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)

    assert done.stdout.decode().strip() == "[]"


# Who may call it


def test_an_operation_without_any_security_is_an_error(problems):
    assert problems({"/security": ...}) == [
        (
            f"{GET}: is open to everybody: give it security with a scope, or security: [] and "
            "x-bulwark-public"
        )
    ]


@pytest.mark.parametrize("none", [[], [{}], [{"oauth": ["shop/read"]}, {}]])
def test_an_operation_is_public_only_with_a_reason(load, problems, none):
    document = load({f"{GET}/security": none, f"{GET}/x-bulwark-public": "Prices are no secret."})

    assert document.operations[0].public == "Prices are no secret."
    assert document.operations[0].scopes == ()
    assert problems({f"{GET}/security": none}) == [
        f"{GET}: is open to everybody; if that is meant, say why with x-bulwark-public"
    ]


@pytest.mark.parametrize("reason", ["", "  ", True, None, {}])
def test_a_reason_is_text(places, reason):
    assert places({f"{GET}/security": [], f"{GET}/x-bulwark-public": reason}) == [
        f"{GET}/x-bulwark-public"
    ]


def test_a_reason_beside_a_scope_is_a_contradiction(problems):
    reason = {f"{PUT}/x-bulwark-public": "Why not."}

    assert problems(reason) == [
        (
            f"{PUT}/x-bulwark-public: says that everybody may call it, and its security does not; "
            "remove one of them"
        )
    ]
    assert problems({f"{GET}/x-bulwark-public": "Why not."})[0].endswith(
        "write security: [] to open it"
    )
    assert problems({"/security": ..., f"{GET}/x-bulwark-public": "Why not."}) == [
        f"{GET}: has x-bulwark-public; write security: [] as well, so that other tools see it"
    ]


def test_scopes_are_alternatives(load):
    either = [{"oauth": ["shop/read"]}, {"oauth": ["shop/write"]}]

    assert load({f"{GET}/security": either}).operations[0].scopes == (READ, WRITE)


def test_two_scopes_at_once_cannot_be_enforced(problems):
    (problem,) = problems({f"{GET}/security": [{"oauth": ["shop/read", "shop/write"]}]})

    assert problem == (
        f"{GET}/security/0/oauth: asks for 2 scopes at once, and a gateway admits a token with any "
        "of them; list them as alternatives, or define one scope for both"
    )


def test_a_scope_must_be_defined(problems):
    assert problems({f"{GET}/security": [{"oauth": ["shop/raed"]}]}) == [
        f"{GET}/security/0/oauth/0: is no scope that the scheme defines. Did you mean shop/read?"
    ]


def test_no_scope_at_all_would_admit_any_token(problems):
    assert problems({f"{GET}/security": [{"oauth": []}]}) == [
        f"{GET}/security/0/oauth: must list a scope: without one, any token would do"
    ]


def test_a_scope_of_the_sign_in_guards_nothing(load, problems):
    signing_in = {f"{SCOPES}/openid": "Sign in"}

    assert load(signing_in).scopes == (READ, WRITE)
    assert problems(signing_in | {f"{GET}/security": [{"oauth": ["openid"]}]}) == [
        f"{GET}/security/0/oauth/0: is openid, which any client may have; define a scope of the API"
    ]


def test_an_unknown_scheme_names_the_nearest(problems):
    assert problems({f"{GET}/security": [{"oath": ["shop/read"]}]}) == [
        f"{GET}/security/0/oath: is no security scheme. Did you mean oauth?"
    ]


def test_the_security_of_the_whole_document_is_reported_once(problems):
    assert problems({"/security": [{"oauth": ["shop/none"]}], f"{PUT}/security": ...}) == [
        "/security/0/oauth/0: is no scope that the scheme defines. Did you mean shop/read?"
    ]


def test_a_plain_scope_belongs_to_the_server_api(load):
    document = load({f"{SCOPES}/admin": "All", f"{GET}/security": [{"oauth": ["admin"]}]})

    assert document.operations[0].scopes == (Scope("api", "admin", "All"),)
    assert document.operations[0].scopes[0].token == "api/admin"


def test_a_server_may_be_an_address(load):
    name = "https://api.example.com/shop/read"
    document = load(
        {f"{SCOPES}/{name.replace('/', '~1')}": "See", f"{GET}/security": [{"oauth": [name]}]}
    )

    assert document.operations[0].scopes == (Scope("https://api.example.com/shop", "read", "See"),)


def test_the_same_scope_in_two_spellings_is_an_error(places):
    assert places({f"{SCOPES}/a": "A", f"{SCOPES}/api~1a": "A"}) == [SCHEMES]


@pytest.mark.parametrize(
    "name", ["", "/", "/read", "shop/", "re ad", 'sh"op/read', "shop\\/read", "löschen", "a/b c"]
)
def test_a_scope_has_a_name_that_cognito_takes(places, name):
    at = f"{SCOPES}/{name.replace('/', '~1')}"

    assert places({at: "What it is"}) == [at]


def test_names_and_descriptions_of_scopes_have_cognitos_bounds(load, places):
    longest, server = "n" * 256, "s" * 256
    fits = {f"{SCOPES}/{server}~1{longest}": "d" * 256}

    assert load(fits).scopes[-1].name == longest
    for key, text in [
        (f"{server}~1{longest}n", "d"),
        (f"{server}s~1{longest}", "d"),
        ("read", ""),
        ("read", "d" * 257),
    ]:
        assert len(places({f"{SCOPES}/{key}": text})) == 1


def test_a_server_has_at_most_a_hundred_scopes_and_a_pool_25_servers(load, problems):
    many = {f"{SCOPES}/s~1n{index}": "One" for index in range(100)}

    assert len(load(many).scopes) == 102
    assert problems(many | {f"{SCOPES}/s~1more": "One"}) == [
        f"{SCHEMES}/oauth: has 101 scopes of the server s; Cognito takes 100"
    ]
    assert problems({f"{SCOPES}/s{index}~1n": "One" for index in range(25)}) == [
        f"{SCHEMES}/oauth: has scopes of 26 servers; Cognito takes 25"
    ]


def test_a_scope_that_no_operation_asks_for_is_a_finding(findings):
    assert findings({f"{SCOPES}/shop~1admin": "All"}) == [
        f"{SCHEMES}/oauth: defines shop/admin, which no operation asks for"
    ]


@pytest.mark.parametrize(
    "scheme",
    [
        {"type": "http", "scheme": "bearer"},
        {"type": "http", "scheme": "basic"},
        {"type": "openIdConnect", "openIdConnectUrl": "https://login.example.com/x"},
        KEY | {"in": "query"},
        KEY | {"in": "cookie"},
        KEY | {"name": "x-key"},
    ],
)
def test_only_oauth2_and_the_key_of_a_partner_are_checked_by_a_gateway(places, scheme):
    assert places({f"{SCHEMES}/other": scheme}) == [f"{SCHEMES}/other"]


def test_an_unknown_kind_of_scheme_is_told_once(places):
    assert places({f"{SCHEMES}/other": {"type": "mutualTLS"}}) == [f"{SCHEMES}/other/type"]


def test_there_is_one_scheme_of_each_type(places, load):
    oauth = {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "/t", "scopes": {}}}}

    assert places({f"{SCHEMES}/second": oauth}) == [f"{SCHEMES}/second"]
    assert places({f"{SCHEMES}/a": KEY, f"{SCHEMES}/b": KEY}) == [f"{SCHEMES}/b"]


@pytest.mark.parametrize("flow", ["implicit", "password"])
def test_a_flow_that_gives_tokens_or_passwords_away_is_an_error(places, flow):
    urls = {"tokenUrl": "/t"} if flow == "password" else {"authorizationUrl": "/a"}
    at = f"{SCHEMES}/oauth/flows/{flow}"

    assert places({at: urls | {"scopes": {}}}) == [at]


def test_a_partners_key_stands_beside_a_scope(load, problems):
    both = {f"{SCHEMES}/key": KEY, f"{GET}/security": [{"oauth": ["shop/read"], "key": []}]}

    document = load(both)

    assert [operation.api_key for operation in document.operations] == [True, False]
    assert document.api_key_scheme == "key"
    assert document.request_headers == ("Authorization", "x-api-key")
    assert problems({f"{SCHEMES}/key": KEY, f"{GET}/security": [{"key": []}]}) == [
        f"{GET}/security/0: asks for no scope: list one of an oauth2 scheme"
    ]


def test_a_partners_key_is_asked_for_always_or_never(places):
    either = [{"oauth": ["shop/read"], "key": []}, {"oauth": ["shop/write"]}]

    assert places({f"{SCHEMES}/key": KEY, f"{GET}/security": either}) == [f"{GET}/security"]


# Paths and operations


def test_an_operation_has_an_id_of_its_own(problems):
    assert problems({f"{GET}/operationId": ...})[0].startswith(f"{GET}/operationId: is missing")
    assert problems({f"{PUT}/operationId": "getOrder"}) == [
        f"{PUT}/operationId: is taken: {GET} has the same"
    ]


@pytest.mark.parametrize("wrong", ["", "1st", "get order", "a" * 77, 5])
def test_an_operation_id_is_one_that_every_cloud_takes(places, wrong):
    assert places({f"{GET}/operationId": wrong}) == [f"{GET}/operationId"]


def test_a_document_has_an_operation(problems):
    assert problems({"/paths": {}}) == ["/paths: has no operation"]


@pytest.mark.parametrize(
    "path", ["/a/", "/a//b", "/a b", "/a/x{id}", "/a/{id", "/a?b", "/{a+}/b", "/{a}/{a}", "/é"]
)
def test_a_path_is_one_that_gateways_route(places, path):
    at = f"/paths/{path.replace('/', '~1')}"
    item = {"get": {"operationId": "x", "responses": {"200": {"description": "x"}}}}

    assert at in places({at: item})


def test_a_path_is_not_endless(places):
    assert len(places({f"/paths/~1{'a' * 1024}": {}})) == 1


def test_one_place_of_a_path_has_one_parameter(problems):
    item = {
        "get": {
            "operationId": "x",
            "parameters": [
                {"name": "id", "in": "path", "required": True, "schema": {"type": "boolean"}}
            ],
            "responses": {"200": {"description": "x"}},
        }
    }

    assert problems({"/paths/~1orders~1{id}~1lines": item}) == [
        (
            "/paths/~1orders~1{id}~1lines: calls a parameter id that /paths/~1orders~1{orderId} "
            "calls orderId; give it one name in both"
        )
    ]
    assert "is the same as" in problems({"/paths/~1orders~1{id}": item})[1]


def test_a_path_declares_its_parameters_and_no_others(problems):
    other = {"name": "other", "in": "path", "required": True, "schema": {"type": "boolean"}}

    assert problems({"/paths/~1orders~1{orderId}/parameters": []}) == [
        f"{GET}/parameters: lacks the path's parameter orderId",
        f"{PUT}/parameters: lacks the path's parameter orderId",
    ]
    assert problems({f"{GET}/parameters": [other]}) == [
        f"{GET}/parameters/0: is a path parameter, other, that the path does not have"
    ]


def test_a_parameter_is_declared_once(problems):
    once = {"name": "X-A", "in": "header", "schema": {"type": "boolean"}}

    assert problems({f"{GET}/parameters": [once, once | {"name": "x-a"}]}) == [
        f"{GET}/parameters/1: is a second parameter x-a in header"
    ]


def test_a_parameter_of_an_operation_may_override_the_paths(load):
    again = {"name": "orderId", "in": "path", "required": True, "schema": {"type": "boolean"}}

    assert load({f"{GET}/parameters": [again]}).operations


def test_headers_that_operations_name_are_told(load):
    named = [
        {"name": name, "in": "header", "schema": {"type": "boolean"}}
        for name in ("Idempotency-Key", "idempotency-key2", "Accept")
    ]

    document = load({f"{PUT}/parameters": named})

    assert document.request_headers == ("Authorization", "Idempotency-Key", "idempotency-key2")
    assert document.findings == (
        f"shop.json#{PUT}/parameters/2: is a header that OpenAPI ignores as a parameter",
    )


@pytest.mark.parametrize(
    ("parameter", "at"),
    [
        ({"name": "session", "in": "cookie"}, "parameters/0"),
        ({"name": "X A", "in": "header"}, "parameters/0/name"),
        ({"name": "X\r\nA", "in": "header"}, "parameters/0/name"),
    ],
)
def test_a_parameter_can_be_passed_on(places, parameter, at):
    wrong = parameter | {"schema": {"type": "boolean"}}

    assert places({f"{GET}/parameters": [wrong]}) == [f"{GET}/{at}"]


def test_a_trace_and_a_get_with_a_body_are_not_served(places):
    item = "/paths/~1orders~1{orderId}"
    operation = {"operationId": "x", "responses": {"200": {"description": "x"}}}
    body = {"content": {"application/json": {}}}

    assert places({f"{item}/trace": operation}) == [f"{item}/trace"]
    assert places({f"{GET}/requestBody": body}) == [f"{GET}/requestBody"]


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com",
        "ftp://api.example.com",
        "//api.example.com",
        "https://localhost:8080",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::1",
        "https://10.0.0.1",
        "https://api.corp.local@evil.example.com",
        "{scheme}://api.example.com",
    ],
)
def test_the_address_of_an_api_is_public_and_https(places, url):
    server = {"url": url, "variables": {"scheme": {"default": "http"}}}

    assert places({"/servers": [server]}) == ["/servers/0/url"]


@pytest.mark.parametrize("url", ["/", "/v1", "https://api.example.com/v1", "{scheme}://a.example"])
def test_the_address_of_an_api_may_be_relative_and_have_variables(load, url):
    server = {"url": url, "variables": {"scheme": {"default": "https"}}}

    assert load({"/servers": [server]}).operations


def test_one_operation_cannot_be_elsewhere(places):
    servers = [{"url": "https://other.example.com"}]

    assert places({f"{GET}/servers": servers}) == [f"{GET}/servers"]
    assert places({"/paths/~1orders~1{orderId}/servers": servers}) == [
        "/paths/~1orders~1{orderId}/servers"
    ]


# Extensions


def test_the_nearest_backend_wins(load):
    item = "/paths/~1orders~1{orderId}/x-bulwark-backend"
    base = {"/x-bulwark-backend": "https://shop.example.com/v1/"}

    whole = load(base)
    path = load(base | {item: {"function": "orders"}})
    own = load(base | {item: {"function": "orders"}, f"{GET}/x-bulwark-backend": "mock"})

    assert whole.operations[0].backend == Backend(
        "http", url="https://shop.example.com/v1/orders/{orderId}"
    )
    assert [o.backend.kind for o in path.operations] == ["lambda", "lambda"]
    assert [o.backend.kind for o in own.operations] == ["mock", "lambda"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("mock", Backend("mock")),
        ("https://a.example.com/{orderId}", Backend("http", url="https://a.example.com/{orderId}")),
        (
            {"url": "https://a.internal:8443", "vpcLink": "abc123"},
            Backend("http", url="https://a.internal:8443", vpc_link="abc123"),
        ),
        ({"function": "orders:live"}, Backend("lambda", function="orders:live")),
        ("orders", Backend("lambda", function="orders")),
        (
            "arn:aws:lambda:eu-west-1:123456789012:function:orders",
            Backend("lambda", function="arn:aws:lambda:eu-west-1:123456789012:function:orders"),
        ),
    ],
)
def test_a_backend_is_an_address_a_function_or_the_examples(load, written, meant):
    assert load({f"{GET}/x-bulwark-backend": written}).operations[0].backend == meant


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example.com",
        "https://user:hunter2@a.example.com",
        "https://a.example.com@evil.example.com",
        "https://localhost",
        "https://a.localhost",
        "https://a.internal",
        "https://127.0.0.1",
        "https://127.1",
        "https://2130706433",
        "https://0x7f.0.0.1",
        "https://169.254.169.254",
        "https://10.0.0.8",
        "https://8.8.8.8",
        "https://[::1]",
        "https://[::ffff:127.0.0.1]",
        "https://a.example.com:22",
        "https://a.example.com:99999",
        "https://a.example.com/#top",
        "https://a.example.com/?key=hunter2",
        "https://a.example.com/\\b",
        "https://a.example.com/a b",
        "https://a.example.com/\n",
        "https://A.example.com",
        "https://a..example.com",
        "https://",
        "https:a.example.com",
    ],
)
def test_a_backend_is_public_and_https_and_read_in_one_way_only(problems, url):
    found = problems({f"{GET}/x-bulwark-backend": {"url": url}})

    assert found[0].startswith(f"{GET}/x-bulwark-backend")
    assert "hunter2" not in "".join(found)


def test_a_backend_behind_a_vpc_link_is_still_no_address_of_the_machine_itself(places):
    for url in ("https://a.localhost", "https://10.0.0.8", "http://a.internal"):
        assert places({f"{GET}/x-bulwark-backend": {"url": url, "vpcLink": "abc"}})


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        [],
        5,
        None,
        "",
        {"url": "https://a.example.com", "function": "f"},
        {"vpcLink": "abc"},
        {"function": "f", "vpcLink": "abc"},
        {"url": "https://a.example.com/{other}"},
        {"url": "https://a.example.com/{orderId"},
        {"URL": "https://a.example.com"},
    ],
)
def test_a_wrong_backend_is_an_error(places, wrong):
    found = places({f"{GET}/x-bulwark-backend": wrong})

    assert found
    assert all(place.startswith(f"{GET}/x-bulwark-backend") for place in found)


def test_a_base_address_has_no_parameters(places):
    assert places({"/x-bulwark-backend": "https://a.example.com/{orderId}"}) == [
        "/x-bulwark-backend"
    ]


def test_an_operation_may_have_a_limit_of_its_own(load):
    limit = {f"{PUT}/x-bulwark-rate-limit": {"perSecond": 0.5, "burst": 2}}

    assert [o.rate_limit for o in load(limit).operations] == [None, RateLimit(0.5, 2)]


@pytest.mark.parametrize(
    ("limit", "at"),
    [
        ({"perSecond": 0, "burst": 1}, "/perSecond"),
        ({"perSecond": 10_001, "burst": 1}, "/perSecond"),
        ({"perSecond": "5", "burst": 1}, "/perSecond"),
        ({"perSecond": 1, "burst": 0}, "/burst"),
        ({"perSecond": 1, "burst": 5_001}, "/burst"),
        ({"perSecond": 1}, "/burst"),
        ({"perSecond": 1, "burst": 1, "perMinute": 1}, "/perMinute"),
        (5, ""),
    ],
)
def test_a_limit_out_of_bounds_is_an_error_at_its_part(places, limit, at):
    assert places({f"{GET}/x-bulwark-rate-limit": limit}) == [f"{GET}/x-bulwark-rate-limit{at}"]


def test_a_wrong_limit_gives_the_bound_the_value_and_the_source(problems):
    (problem,) = problems({f"{GET}/x-bulwark-rate-limit": {"perSecond": 20_000, "burst": 1}})

    assert problem.endswith(
        "less than or equal to 10000; got 20000. Requests a second, of all clients together: more "
        "than 0, at most 10000, API Gateway's quota for an account and region."
    )


def test_the_nearest_guard_wins(load, places):
    document = load(
        {"/x-bulwark-guard": {"mode": "block"}, f"{GET}/x-bulwark-guard": {"mode": "off"}}
    )

    assert [operation.guard for operation in document.operations] == ["off", "block"]
    assert places({"/x-bulwark-guard": {"mode": "on"}}) == ["/x-bulwark-guard/mode"]


@pytest.mark.parametrize(
    ("around", "own", "guard", "fail_open"),
    [
        ("block", "off", "off", False),
        ("count", None, "count", False),
        ({"mode": "count", "failOpen": True}, {"exclude": ["injection.sql"]}, "count", True),
        ({"mode": "count", "failOpen": True}, {"failOpen": False}, "count", False),
        (None, {"failOpen": True}, "block", True),
        (None, {}, "block", False),
    ],
)
def test_a_guard_keeps_what_is_said_around_it(load, around, own, guard, fail_open):
    given = {"/x-bulwark-guard": around, f"{GET}/x-bulwark-guard": own}

    document = load({at: settings for at, settings in given.items() if settings is not None})

    found = document.operations[0]
    assert (found.guard, found.fail_open) == (guard, fail_open)


def test_a_guard_is_asked_wherever_it_is_not_off(load):
    modes = ("block", "count", "sanitise", "off")
    asked = [load({f"{GET}/x-bulwark-guard": mode}).operations[0].guarded for mode in modes]

    assert asked == [True, True, True, False]
    assert not load().operations[0].guarded


@pytest.mark.parametrize(
    "settings",
    ["sanitise", {"mode": "sanitise"}, {"richText": True}, {"exclude": ["injection.html"]}, {}],
)
def test_a_field_has_a_guard_of_its_own(load, settings):
    assert load({f"{NOTE}/x-bulwark-guard": settings})


@pytest.mark.parametrize(
    ("at", "settings", "problem"),
    [
        (GET, "sanitize", "/mode: Input should be"),
        (GET, {"richText": True}, "/richText: no such setting."),
        (GET, {"failopen": True}, "/failopen: no such setting. Did you mean failOpen?"),
        (GET, {"exclude": "injection.sql"}, "/exclude: Input should be"),
        (GET, {"exclude": ["SQL injection"]}, "/exclude/0: String should match pattern"),
        (GET, 7, ": Input should be"),
        (NOTE, {"failOpen": True}, "/failOpen: no such setting."),
        (NOTE, {"mode": "blok"}, "/mode: Input should be"),
    ],
)
def test_a_setting_of_a_guard_that_does_not_exist_is_found_with_its_place(
    problems, at, settings, problem
):
    (found,) = problems({f"{at}/x-bulwark-guard": settings})

    assert found.startswith(f"{at}/x-bulwark-guard{problem}")


@pytest.mark.parametrize(
    "at",
    [
        f"{GET}/responses/200/content/application~1json/schema",
        "/components/responses/Shown/content/application~1json/schema",
    ],
)
def test_a_guard_of_an_answer_is_an_error(problems, at):
    holder = at.removesuffix("/content/application~1json/schema")
    schema = {"type": "object", "maxProperties": 1, "x-bulwark-guard": "block"}
    response = {"description": "It", "content": {"application/json": {"schema": schema}}}

    (problem,) = problems({holder: response})

    assert "x-bulwark-guard: has no effect here" in problem


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("x-bulwark-pubilc", "Did you mean x-bulwark-public?"),
        ("x-bullwark-public", "Did you mean x-bulwark-public?"),
        ("X-Bulwark-Backend", "Did you mean x-bulwark-backend?"),
        ("x-bulwark-zzzzzzzzzzzzzzzz", "Known: x-bulwark-backend, x-bulwark-guard,"),
    ],
)
def test_an_unknown_extension_of_ours_is_an_error_anywhere(problems, name, hint):
    for inside in (GET, "", "/info", "/paths", NOTE, "/components", f"{GET}/responses/200"):
        (problem,) = problems({f"{inside}/{name}": "x"})
        assert problem.startswith(f"{inside}/{name}: is not known. {hint}")


@pytest.mark.parametrize(
    ("at", "place"),
    [
        ("/x-bulwark-public", "in an operation"),
        ("/paths/~1orders~1{orderId}/x-bulwark-rate-limit", "in an operation"),
        (f"{NOTE}/x-bulwark-backend", "at the top level or in a path or in an operation"),
        (
            f"{GET}/callbacks/done/{{$request.body}}/post/x-bulwark-public",
            "in an operation",
        ),
    ],
)
def test_an_extension_in_the_wrong_place_is_an_error(problems, at, place):
    callback = {
        f"{GET}/callbacks/done": {
            "{$request.body}": {"post": {"responses": {"200": {"description": "x"}}}}
        }
    }

    assert problems(callback | {at: "x"}) == [f"{at}: has no effect here; it belongs {place}"]


@pytest.mark.parametrize("inside", ["", GET, "/components/securitySchemes/oauth", NOTE])
def test_an_extension_of_a_cloud_is_an_error(places, inside):
    for name in ("x-amazon-apigateway-auth", "x-amazon-apigateway-policy", "x-ms-paths"):
        assert places({f"{inside}/{name}": {"type": "NONE"}}) == [f"{inside}/{name}"]


def test_extensions_of_others_and_names_that_look_like_ours_are_left_alone(load):
    document = load(
        {
            f"{GET}/x-internal-id": 5,
            "/info/x-logo": {"url": "/logo.png"},
            "/components/schemas/O/properties/x-bulwark-public": {"type": "boolean"},
            "/components/schemas/O/example": {"x-bulwark-backend": "data"},
        }
    )

    assert document.body["components"]["schemas"]["O"]["properties"]["x-bulwark-public"]
    stripped = openapi.stripped(document.body)["components"]["schemas"]["O"]
    assert stripped["properties"]["x-bulwark-public"] == {"type": "boolean"}
    assert stripped["example"] == {"x-bulwark-backend": "data"}


def test_our_extensions_are_stripped_everywhere_and_nothing_else(load):
    document = load(
        {
            "/x-bulwark-backend": "mock",
            "/x-bulwark-guard": {"mode": "count"},
            f"{GET}/x-bulwark-rate-limit": {"perSecond": 1, "burst": 1},
            f"{GET}/x-other": 1,
        }
    )

    stripped = openapi.stripped(document.body)

    get = stripped["paths"]["/orders/{orderId}"]["get"]
    assert get == {"operationId": "getOrder", "responses": get["responses"], "x-other": 1}
    assert "x-bulwark-backend" not in stripped
    assert document.body["x-bulwark-backend"] == "mock"


# Errors


def test_all_problems_come_at_once_each_on_a_line(problems):
    found = problems(
        {
            "/info/title": ...,
            f"{GET}/operationId": ...,
            f"{PUT}/security": [{"oauth": ["shop/none"]}],
            f"{NOTE}/$ref": "other.yaml",
            f"{NOTE}/maxLength": "9",
            "/x-bulwark-bakend": "mock",
        }
    )

    assert {line.partition(": ")[0] for line in found} >= {
        "/info/title",
        f"{GET}/operationId",
        f"{PUT}/security/0/oauth/0",
        f"{NOTE}/$ref",
        "/x-bulwark-bakend",
    }


def test_the_text_of_a_document_is_never_echoed(problems):
    found = problems(
        {
            "/info/version": {"hunter2": "hunter2"},
            "/info/contact": "hunter2",
            "/servers": [{"url": "https://admin:hunter2@api.example.com"}],
            f"{GET}/description": ["hunter2"],
            f"{GET}/responses/200": "hunter2",
            f"{NOTE}/example": "hunter2",
            f"{NOTE}/maxLength": "hunter2",
            f"{NOTE}/type": "hunter2",
            "/x-bulwark-backend": "https://admin:hunter2@api.example.com",
        }
    )

    assert len(found) >= 8
    assert "hunter2" not in "".join(found)


def test_a_very_wrong_document_has_an_end(load):
    wrong = {f"{GET}/x-bulwark-{index}": 1 for index in range(300)}

    with pytest.raises(ConfigError) as e:
        load(wrong)

    assert len(e.value.problems) == 201
    assert e.value.problems[-1] == "shop.json: more than 200 problems; the rest is not shown"


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"/info": ...}, "/info: is missing"),
        ({"/info/title": 5}, "/info/title: must be text"),
        ({f"{GET}/responses": ...}, f"{GET}/responses: is missing"),
        ({f"{GET}/responses": {}}, f"{GET}/responses: must have at least 1 entry"),
        ({f"{GET}/summry": "x"}, f"{GET}/summry: is not known here. Did you mean summary?"),
        ({"/paths/orders": {}}, "/paths/orders: must begin with a slash"),
        ({f"{NOTE}/const": "x"}, f"{NOTE}/const: is of OpenAPI 3.1, and the document says 3.0"),
        ({f"{NOTE}/maxLength": -1}, f"{NOTE}/maxLength: must be at least 0"),
        ({f"{NOTE}/nullable": "yes"}, f"{NOTE}/nullable: must be true or false"),
        (
            {f"{GET}/parameters": [{"name": "a", "in": "body", "schema": {}}]},
            f'{GET}/parameters/0/in: must be "path" or',
        ),
        (
            {f"{GET}/parameters": [{"name": "a", "in": "query"}]},
            f"{GET}/parameters/0/schema: is missing",
        ),
        (
            {
                f"{GET}/responses/200/content": {
                    "application/json": {"example": 1, "examples": {"a": {"value": 1}}}
                }
            },
            (
                f"{GET}/responses/200/content/application~1json: must not have both example and "
                "examples"
            ),
        ),
        (
            {"/tags": [{"name": "a"}, {"name": "a"}]},
            "/tags: has an entry twice",
        ),
        ({"/webhooks": {}}, "/webhooks: is of OpenAPI 3.1, and the document says 3.0"),
        ({"/openapi": "3.2.0"}, "/openapi: must be 3.0 or 3.1"),
        ({"/openapi": 3.0}, "/openapi: must be 3.0 or 3.1"),
        ({"/openapi": ..., "/swagger": "2.0"}, "/openapi: must be 3.0 or 3.1"),
    ],
)
def test_what_openapis_own_schema_refuses_is_told_at_its_place(problems, changes, line):
    assert any(problem.startswith(line) for problem in problems(changes)), problems(changes)


# References


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        ("other.yaml#/A", "must begin with #/: files and addresses are not read"),
        ("https://example.com/a.json", "must begin with #/"),
        ("file:///etc/passwd", "must begin with #/"),
        ("#", "must begin with #/"),
        ("#O", "must begin with #/"),
        ("", "must begin with #/"),
        ("#/components/schemas/None", "leads nowhere"),
        ("#/components/schemas/O/properties/note/0", "leads nowhere"),
        ("#/paths/~1orders~1{orderId}/parameters/1", "leads nowhere"),
        ("#/components/securitySchemes/oauth", "leads to something that is no schema"),
        ("#/info/title", "leads to something that is no schema"),
        (5, "must be text"),
    ],
)
def test_a_reference_leads_to_its_own_kind_in_the_same_document(problems, reference, why):
    found = problems({f"{NOTE}": {"$ref": reference}})

    assert f"{NOTE}/$ref: {why}" in "\n".join(found)


def test_a_reference_may_lead_anywhere_in_the_document(load):
    for reference in (
        "#/paths/~1orders~1{orderId}/parameters/0/schema",
        "#/paths/~1orders~1%7BorderId%7D/parameters/0/schema",
        "#/components/schemas/O",
    ):
        assert load({NOTE: {"$ref": reference}}).operations


def test_schemas_may_hold_themselves_but_not_be_themselves(load, problems):
    assert load({NOTE: {"$ref": "#/components/schemas/O"}}).findings == ()

    found = problems(
        {
            "/components/schemas/A": {"$ref": "#/components/schemas/B"},
            "/components/schemas/B": {"$ref": "#/components/schemas/A"},
            NOTE: {"$ref": "#/components/schemas/A"},
        }
    )

    circle = "$ref: leads in a circle, through nothing but references"
    assert found == [
        f"{NOTE}/{circle}",
        f"/components/schemas/A/{circle}",
        f"/components/schemas/B/{circle}",
    ]


def test_what_stands_beside_a_reference_would_be_ignored(problems, load):
    reference = {"$ref": "#/components/schemas/Text"}
    text = {"/components/schemas/Text": {"type": "string", "maxLength": 5}}

    assert problems(text | {NOTE: reference | {"maxLength": 3}}) == [
        f"{NOTE}/maxLength: stands beside $ref, where it is ignored; put both in an allOf"
    ]
    assert (
        load(text | {NOTE: reference | {"description": "A note"}}).body["components"]["schemas"][
            "O"
        ]["properties"]["note"]
        == reference
    )


def test_a_path_may_be_a_reference_and_is_put_in_its_place(load, problems):
    callback = {
        "x": {
            "get": {
                "operationId": "x",
                "parameters": [
                    {"name": "a", "in": "query", "schema": {"type": "string"}},
                ],
                "callbacks": {"done": {"{$request.query.a}": {"$ref": "#/paths/~1a"}}},
                "responses": {"200": {"description": "x"}},
            }
        }
    }
    target = "/paths/~1orders~1{orderId}/get/callbacks"
    shared = {target: {"shared": callback}, "/paths/~1a": {"$ref": f"#{target}/shared/x"}}

    document = load(shared)

    assert document.body["paths"]["/a"]["get"]["operationId"] == "x"
    assert document.operations[-1].pointer == f"{target}/shared/x/get"
    assert document.findings == (
        (
            f"shop.json#{target}/shared/x/get/parameters/0/schema: is text of any length; "
            "give it maxLength"
        ),
    )
    assert problems({"/paths/~1b~1{orderId}": {"$ref": "#/paths/~1orders~1{orderId}"}}) == [
        f"{GET}/operationId: is taken: two paths lead here by $ref",
        f"{PUT}/operationId: is taken: two paths lead here by $ref",
    ]
    assert problems({"/paths/~1b": {"$ref": 5}})[0] == "/paths/~1b/$ref: must be text"
    assert problems({"/paths/~1b": {"$ref": "#/paths/~1c", "summary": "B"}, "/paths/~1c": {}}) == [
        "/paths/~1b: has more than the $ref; move it to where that leads"
    ]


def test_parameters_responses_and_bodies_may_be_references(load):
    document = load(
        {
            "/components/parameters": {
                "Trace": {"name": "X-Trace", "in": "header", "schema": {"type": "boolean"}}
            },
            "/components/responses": {"Ok": {"description": "Fine."}},
            "/components/requestBodies": {
                "Body": {"content": {"text/plain": {"schema": {"type": "string"}}}}
            },
            f"{PUT}/parameters": [{"$ref": "#/components/parameters/Trace"}],
            f"{PUT}/responses/200": {"$ref": "#/components/responses/Ok"},
            f"{PUT}/requestBody": {"$ref": "#/components/requestBodies/Body"},
        }
    )

    assert document.request_headers == ("Authorization", "X-Trace")
    assert document.findings == (
        (
            "shop.json#/components/requestBodies/Body/content/text~1plain/schema: is text of any "
            "length; give it maxLength"
        ),
    )
