"""What only shows where the capabilities meet: requests pass edge, firewall and API, or do not."""

import json
from pathlib import Path

import pytest
import yaml

from bulwark_toolkit.preview import Secret
from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.stacks import StackConfig
from pulumi_bulwark.stacks.aws import AwsStack, AwsStackArgs
from pulumi_bulwark.tags import TagsSpec

SAMPLE = Path(__file__).parents[2] / "openapi" / "payments.yaml"
TAGS = TagsSpec(owner="me", environment="test", cost_center="1", data_classification="public")
SHOP = {
    "public": True,
    "scopes": ["openid", "payments/read"],
    "callbackUrls": ["https://shop.example.com/back"],
}
ZONE = {"zoneId": "Z0123456789"}
PARTNERS = {
    "domain": {"name": "partners.example.com", **ZONE},
    "truststoreUri": "s3://trust/partners.pem",
    "truststoreVersion": "1",
}


def config(*, api=None, clients=None, **settings):
    return StackConfig.load(
        "bulwark:",
        {
            "cloud": "aws",
            "profile": "prod",
            "tags": TAGS.model_dump(mode="json", by_alias=True),
            "api": {"openapi": str(SAMPLE), **(api or {})},
            "customerIdentity": {"clients": {"shop": SHOP} if clients is None else clients},
            **settings,
        },
    )


@pytest.fixture
def front_door(preview):
    def build(*, region="eu-central-1", **settings):
        spec = config(**settings)
        graph = preview(
            lambda: AwsStack("it", AwsStackArgs(spec=spec)),
            config={"aws:region": region},
            rendered=True,
        )
        assert graph.problems == ()
        return graph

    return build


@pytest.fixture
def problems(preview):
    def refuse(**settings):
        with pytest.raises(ConfigError) as error:
            preview(lambda: AwsStack("it", AwsStackArgs(spec=config(**settings))))
        return error.value.problems

    return refuse


def distribution(graph):
    return graph["it-edge-api-distribution"].inputs


def body(graph):
    return json.loads(graph["it-api-api"].inputs["body"])


def test_without_a_document_there_is_no_front_door(preview):
    spec = StackConfig(cloud="aws", profile="prod", tags=TAGS)
    graph = preview(lambda: AwsStack("it", AwsStackArgs(spec=spec)))

    services = {r.type.split("/")[0].removeprefix("aws:") for r in graph.resources}
    assert services & {"apigateway", "cognito", "wafv2", "cloudfront"} == {"apigateway"}
    assert [r.name for r in graph.of_type("aws:apigateway/restApi:RestApi")] == []
    assert graph["it"].outputs["frontDoor"] == {}


def test_the_edge_is_behind_its_web_acl_and_leads_to_the_stage(front_door):
    graph = front_door()

    (origin,) = distribution(graph)["origins"]
    api = graph["it-api"].outputs
    assert origin["domainName"] == api["host"]
    assert origin["originPath"] == api["path"] == "/live"
    assert distribution(graph)["webAclId"] == graph["it-waf"].outputs["edgeAclArn"]


def test_the_api_takes_only_what_has_the_secret_that_the_edge_adds(front_door):
    graph = front_door()

    (origin,) = distribution(graph)["origins"]
    assert origin["customHeaders"] == [{"name": "x-origin-verify", "value": Secret()}]
    first, *_ = graph["it-waf-api-acl"].inputs["rules"]
    assert first["name"] == "origin-header"
    (match,) = first["statement"]["notStatement"].values()
    assert match["byteMatchStatement"]["searchString"] == Secret()
    assert match["byteMatchStatement"]["fieldToMatch"] == {
        "singleHeader": {"name": "x-origin-verify"}
    }
    association = graph["it-waf-api-association"].inputs
    assert association["resourceArn"] == graph["it-api-stage"].outputs["arn"]
    assert graph["it-waf-api-association"].urn in graph["it-edge-api-distribution"].dependencies


def test_the_pool_has_a_web_acl_of_its_own(front_door):
    graph = front_door()

    association = graph["it-waf-identity-association"].inputs
    assert association["resourceArn"] == graph["it-identity"].outputs["userPoolArn"]


def test_the_api_takes_the_tokens_of_the_pool_and_no_others(front_door):
    graph = front_door()

    (scheme,) = [
        scheme
        for scheme in body(graph)["components"]["securitySchemes"].values()
        if "x-amazon-apigateway-authorizer" in scheme
    ]
    arns = scheme["x-amazon-apigateway-authorizer"]["providerARNs"]
    assert arns == [graph["it-identity"].outputs["userPoolArn"]]


def test_each_scope_that_the_api_asks_for_is_one_that_the_pool_gives(front_door):
    graph = front_door()

    given = {
        f"{server.inputs['identifier']}/{scope['scopeName']}"
        for server in graph.of_type("aws:cognito/resourceServer:ResourceServer")
        for scope in server.inputs["scopes"]
    }
    asked = {
        scope
        for path in body(graph)["paths"].values()
        for operation in path.values()
        for requirement in operation.get("security", ())
        for scopes in requirement.values()
        for scope in scopes
    }
    assert asked
    assert asked <= given


def test_stage_and_limits_wait_for_the_log_role_of_the_account(front_door):
    graph = front_door()

    role = graph["it-account-api"].urn
    stage = graph["it-api-stage"]
    limits = [
        r for r in graph.resources if r.type == "aws:apigateway/methodSettings:MethodSettings"
    ]
    assert role in stage.dependencies
    assert limits
    assert [r.name for r in limits if stage.urn not in r.dependencies] == []


def test_a_stack_that_does_not_own_the_account_does_not_wait_for_its_log_role(front_door):
    graph = front_door(account={"manage": "none", "baseline": "org/baseline/prod"})

    assert [r.name for r in graph.of_type("aws:apigateway/account:Account")] == []
    assert graph["it-api-stage"]


def test_everything_of_the_edge_is_in_us_east_1_with_the_key_of_that_region(front_door):
    graph = front_door()

    of_edge = ("it-edge-logs-group", "it-waf-edge-logs-group", "it-waf-edge-acl")
    assert {graph[name].inputs["region"] for name in of_edge} == {"us-east-1"}
    replica = graph["it-keys-logs-edge"].outputs["arn"]
    assert graph["it-edge-logs-group"].inputs["kmsKeyId"] == replica
    assert graph["it-waf-edge-logs-group"].inputs["kmsKeyId"] == replica
    assert graph["it-waf-api-logs-group"].inputs["kmsKeyId"] == graph["it-keys-logs"].outputs["arn"]


def test_in_us_east_1_there_is_one_key_for_both(front_door):
    graph = front_door(region="us-east-1")

    key = graph["it-keys-logs"].outputs["arn"]
    assert graph["it-waf-edge-logs-group"].inputs["kmsKeyId"] == key


def test_every_log_group_is_encrypted_and_kept_as_long_as_the_settings_say(front_door):
    groups = front_door().of_type("aws:cloudwatch/logGroup:LogGroup")

    assert len(groups) >= 7
    assert {g.inputs["retentionInDays"] for g in groups} == {400}
    assert [g.name for g in groups if not g.inputs.get("kmsKeyId")] == []


def test_each_key_of_a_log_group_admits_the_logs_of_its_region(front_door):
    graph = front_door()

    keys = {
        r.outputs["arn"]: r.inputs
        for r in graph.resources
        if r.type.startswith("aws:kms/") and "arn" in r.outputs and "policy" in r.inputs
    }
    for group in graph.of_type("aws:cloudwatch/logGroup:LogGroup"):
        statements = json.loads(keys[group.inputs["kmsKeyId"]]["policy"])["Statement"]
        region = group.inputs["kmsKeyId"].split(":")[3]
        admitted = [
            s["Principal"].get("Service") for s in statements if "Service" in s["Principal"]
        ]
        assert f"logs.{region}.amazonaws.com" in admitted, group.name


def test_no_policy_uses_one_of_the_ten_that_logs_has_for_the_account(front_door):
    policies = front_door().of_type("aws:cloudwatch/logResourcePolicy:LogResourcePolicy")

    assert policies
    assert [p.name for p in policies if not p.inputs.get("resourceArn")] == []


def test_scripts_of_named_pages_may_call_through_the_edge(front_door):
    page = "https://app.example.com"
    graph = front_door(api={"cors": {"origins": [page], "exposedHeaders": ["X-Request-Id"]}})

    cors = graph["it-edge-api-headers"].inputs["corsConfig"]
    assert cors["accessControlAllowOrigins"]["items"] == [page]
    assert cors["accessControlExposeHeaders"]["items"] == ["X-Request-Id"]
    assert cors["originOverride"] is True
    allowed = cors["accessControlAllowHeaders"]["items"]
    assert {"Authorization", "Idempotency-Key"} <= set(allowed)
    (preflight,) = {
        operation["options"]["x-amazon-apigateway-integration"]["responses"]["default"][
            "responseParameters"
        ]["method.response.header.Access-Control-Allow-Headers"]
        for operation in body(graph)["paths"].values()
    }
    assert preflight.strip("'") == ",".join(allowed)


def test_without_a_named_page_nobodys_scripts_may(front_door):
    graph = front_door()

    assert "corsConfig" not in graph["it-edge-api-headers"].inputs


def test_without_an_edge_the_api_is_reached_directly_and_its_web_acl_looks_at_everything(
    front_door,
):
    graph = front_door(edge={"enabled": False})

    assert [r.name for r in graph.of_type("aws:cloudfront/distribution:Distribution")] == []
    assert [r.name for r in graph.resources if r.type.startswith("random:")] == []
    door = graph["it"].outputs["frontDoor"]
    assert door["apiUrl"] == door["originUrl"] == graph["it-api"].outputs["url"]
    rules = {rule["name"] for rule in graph["it-waf-api-acl"].inputs["rules"]}
    assert {"blocked", "rate-limit", "common"} <= rules
    assert "origin-header" not in rules


def test_clients_are_told_the_edges_address_and_operators_the_lists(front_door):
    door = front_door()["it"].outputs["frontDoor"]

    assert door["apiUrl"].startswith("https://")
    assert door["apiUrl"].endswith(".cloudfront.net")
    assert door["originUrl"] != door["apiUrl"]
    assert {"blocked", "allowed"} <= set(door["addressLists"])
    assert set(door["audience"]) == {"shop"}
    assert door["issuer"].startswith("https://cognito-idp.eu-central-1.")
    assert door["tokenEndpoint"].endswith("/oauth2/token")


def test_partners_with_a_certificate_pass_beside_the_edge(front_door):
    graph = front_door(
        api={"domain": {"name": "origin.example.com", **ZONE}, "mutualTls": PARTNERS},
        edge={"domain": {"name": "api.example.com", **ZONE}},
    )

    assert graph["it-api"].outputs["mutualTlsHost"] == "partners.example.com"
    assert graph["it-api-api"].inputs["disableExecuteApiEndpoint"] is True
    (origin,) = distribution(graph)["origins"]
    assert (origin["domainName"], origin["originPath"]) == ("origin.example.com", "")
    assert distribution(graph)["aliases"] == ["api.example.com"]


def test_partners_need_the_host_of_the_handshake_to_be_the_one_of_the_request(problems):
    (problem,) = problems(
        api={
            "domain": {"name": "origin.example.com", **ZONE},
            "mutualTls": PARTNERS,
            "accessMode": "basic",
        }
    )

    assert problem.startswith("bulwark:api.accessMode: must be strict beside mutualTls")


def test_the_edge_and_the_api_have_names_of_their_own(problems):
    same = {"name": "api.example.com", **ZONE}
    (problem,) = problems(api={"domain": same}, edge={"domain": same})

    assert problem.startswith("bulwark:api.domain.name: is the edge's name")


def test_what_is_wrong_with_several_capabilities_is_said_at_once(problems):
    found = problems(
        clients={"shop": {**SHOP, "scopes": ["payments/reed"]}},
        secrets={"named": {"db": {"description": "x", "replicaRegions": ["eu-central-1"]}}},
        edge={"cachedPaths": ["/payments"]},
        waf={
            "rules": [
                {"name": "abroad", "action": "block", "at": ["api"], "when": {"country": ["AQ"]}}
            ]
        },
    )

    assert [line.partition(":")[2].partition(".")[0] for line in sorted(found)] == [
        "customerIdentity",
        "edge",
        "secrets",
        "waf",
    ]


def test_a_document_that_is_not_there_is_an_error_of_its_setting(problems):
    (problem,) = problems(api={"openapi": "openapi/none.yaml"})

    assert problem.startswith("bulwark:api.openapi: there is no openapi/none.yaml")


def test_in_prod_a_group_that_counts_needs_a_day_on_which_it_ends(problems):
    waf = {"managed": {"common": {"mode": "count"}}}
    (problem,) = problems(waf=waf)

    assert problem.startswith("bulwark:waf: ")
    assert "countUntil" in problem
    assert config(profile="dev", waf=waf)


@pytest.mark.parametrize("deletion", [True, False])
def test_the_pool_is_protected_as_the_environment_is(front_door, deletion):
    graph = front_door(protection={"deletion": deletion})

    pool = graph["it-identity-pool"]
    assert pool.inputs["deletionProtection"] == ("ACTIVE" if deletion else "INACTIVE")
    assert bool(pool.options.protect) is deletion


def test_an_operation_more_is_no_resource_more(front_door, tmp_path):
    document = yaml.safe_load(SAMPLE.read_text())
    document["paths"]["/again"] = {
        "get": document["paths"]["/health"]["get"] | {"operationId": "again"}
    }
    larger = tmp_path / "larger.yaml"
    larger.write_text(yaml.safe_dump(document))

    more = front_door(api={"openapi": str(larger)})

    assert len(more.resources) == len(front_door().resources)
