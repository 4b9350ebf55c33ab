import json
from hashlib import sha256

import pulumi
import pulumi_aws as aws
import pytest

from bulwark_toolkit.preview import Unknown
from pulumi_bulwark.api import ApiSpec
from pulumi_bulwark.api.aws import ApiGuard, AwsApi, AwsApiArgs
from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.log_group.aws import AwsLogStore
from pulumi_bulwark.openapi import Backend, RateLimit

ACCOUNT = "123456789012"
REGION = "eu-central-1"
POOL = f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{REGION}_AbCdEfGhI"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/logs"
DOMAIN = {"name": "origin.example.com", "zone_id": "Z0123456789"}
PARTNERS = {
    "name": "partners.example.com",
    "certificate_arn": f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/0b0e1f7c",
}
MUTUAL_TLS = {
    "domain": PARTNERS,
    "truststore_uri": "s3://trust/partners.pem",
    "truststore_version": "3sL4kqtJlcpXroDTDmJ",
}
PARTNER = {"description": "A shop", "quota": {"requests": 10_000, "per": "day"}}
OF_A_METHOD = "aws:apigateway/methodSettings:MethodSettings"


def store(**changes):
    settings = {
        "account_id": ACCOUNT,
        "region": REGION,
        "partition": "aws",
        "key_arn": KEY,
        "retention_days": 400,
        "access_logs_id": "access-logs",
        "deletion_protection": True,
    }
    return AwsLogStore(**settings | changes)


@pytest.fixture
def api(preview, one):
    def build(document=None, *, rendered=True, kept=None, pool=POOL, role=None, guard=None, **spec):
        args = AwsApiArgs(
            spec=ApiSpec(**spec),
            document=document or one(),
            store=kept or store(),
            user_pool_arn=pool,
            guard=guard,
            log_role=role,
        )
        graph = preview(lambda: AwsApi("it", args), rendered=rendered, project="pay", stack="dev")
        assert graph.problems == ()
        return graph

    return build


ELSEWHERE = {"op": Backend("http", url="https://pay.example.net")}
CERTIFICATE = "aws:apigateway/clientCertificate:ClientCertificate"


def settings(graph):
    return {r.inputs["methodPath"]: r.inputs["settings"] for r in graph.of_type(OF_A_METHOD)}


def id_of(resource):
    return resource.outputs["arn"].rpartition("/")[2]


def notes(graph, kind):
    return [note.text for note in graph.notes if note.kind == kind]


def test_the_api_is_regional_and_comes_whole_from_its_body(api):
    made = api()["it-api"].inputs

    assert made["endpointConfiguration"] == {"types": "REGIONAL"}
    assert made["putRestApiMode"] == "overwrite"
    assert json.loads(made["body"])["openapi"] == "3.0.1"
    graph = api()
    beside = {"authorizer", "requestValidator", "model", "response", "restApiPolicy", "method"}
    assert not any(r.type.split("/")[-1].split(":")[0] in beside for r in graph.resources)


def test_documentation_is_not_imported_since_there_is_a_quota_of_its_parts(api):
    assert api()["it-api"].inputs["parameters"] == {"ignore": "documentation"}


@pytest.mark.parametrize("fails", [True, False])
def test_an_import_with_a_warning_is_undone_unless_asked_otherwise(api, fails):
    graph = api(fail_on_warnings=fails)

    assert graph["it-api"].inputs["failOnWarnings"] is fails
    assert any("failOnWarnings" in text for text in notes(graph, "loosened")) is not fails


def test_what_is_set_on_the_api_is_in_its_body_too_or_the_next_import_resets_it(api):
    made = api(domain=DOMAIN)["it-api"].inputs
    body = json.loads(made["body"])

    endpoint = body["x-amazon-apigateway-endpoint-configuration"]
    assert made["disableExecuteApiEndpoint"] is endpoint["disableExecuteApiEndpoint"] is True
    assert made["securityPolicy"] == body["x-amazon-apigateway-security-policy"]
    assert made["endpointAccessMode"] == body["x-amazon-apigateway-endpoint-access-mode"]
    size = body["x-amazon-apigateway-minimum-compression-size"]
    assert made["minimumCompressionSize"] == str(size) == "1024"


def test_no_compression_is_none_in_both(api):
    made = api(minimum_compression_bytes=None)["it-api"].inputs

    assert "minimumCompressionSize" not in made
    assert "x-amazon-apigateway-minimum-compression-size" not in json.loads(made["body"])


# Deployments.


def test_a_deployment_is_for_the_body_and_nothing_else(api):
    graph = api()

    body = graph["it-api"].inputs["body"]
    assert graph["it-deployment"].inputs["triggers"] == {"body": sha256(body.encode()).hexdigest()}
    assert not graph["it-deployment"].options.delete_before_replace


def trigger(graph):
    return graph["it-deployment"].inputs["triggers"]


def test_the_same_document_is_the_same_deployment_however_it_is_ordered(api, document):
    def paths(*names):
        node = {"responses": {"200": {"description": "Fine"}}}
        return {f"/{n}": {"get": {**node, "operationId": n}} for n in names}

    first, second = (api(document(paths(*names))) for names in (("a", "b"), ("b", "a")))

    assert trigger(first) == trigger(second)


def test_a_change_of_the_document_or_of_what_is_put_in_is_a_deployment(api, one):
    other = api(one(node={"description": "Now with a description"}))
    origin = {"origins": ("https://app.example.com",)}

    triggers = [trigger(g)["body"] for g in (api(), other, api(cors=origin), api(pool=POOL + "x"))]
    assert len(set(triggers)) == 4


def test_a_change_beside_the_body_is_none(api):
    quick, slow = api(throttle={"per_second": 10, "burst": 10}), api(tracing=False)

    assert trigger(quick) == trigger(slow) == trigger(api())


def test_a_pool_that_is_not_known_yet_leaves_the_body_unknown_and_the_rest_planned(preview, one):
    def program():
        pool = aws.cognito.UserPool("pool")
        args = AwsApiArgs(spec=ApiSpec(), document=one(), store=store(), user_pool_arn=pool.arn)
        pulumi.export("url", AwsApi("it", args).url)

    graph = preview(program)
    assert isinstance(graph["it-api"].inputs["body"], Unknown)
    assert graph["pool"].urn in graph["it-api"].inputs["body"].waits_for
    body = json.loads(preview(program, rendered=True)["it-api"].inputs["body"])
    (scheme,) = body["components"]["securitySchemes"].values()
    assert scheme["x-amazon-apigateway-authorizer"]["providerARNs"][0].startswith("arn:aws:cognito")


# The stage and its logs.


def test_a_request_is_a_line_of_json_with_neither_token_nor_body_nor_path(api):
    graph = api()

    logged = graph["it-stage"].inputs["accessLogSettings"]
    line = json.loads(logged["format"])
    assert line["route"] == "$context.resourcePath"
    assert line["principal"] == "$context.authorizer.claims.sub"
    assert line["client"] == "$context.authorizer.claims.client_id"
    assert {"requestId", "status", "latencyMs", "wafStatus"} <= line.keys()
    assert "\n" not in logged["format"]
    for secret in ("header", "querystring", "body", "$context.path", "apiKey}", "userAgent"):
        assert secret not in logged["format"]
    assert "$context.identity.apiKey" not in line.values()


def test_both_logs_are_encrypted_and_kept_as_the_environment_says(api):
    graph = api()

    access, execution = graph["it-access-group"].inputs, graph["it-execution-group"].inputs
    stage = graph["it-stage"].inputs["accessLogSettings"]
    assert stage["destinationArn"] == graph["it-access-group"].outputs["arn"]
    assert access["kmsKeyId"] == execution["kmsKeyId"] == KEY
    assert access["retentionInDays"] == execution["retentionInDays"] == 400
    api_id = graph["it"].outputs["restApiId"]
    assert execution["name"] == f"API-Gateway-Execution-Logs_{api_id}/live"


@pytest.mark.parametrize("protected", [True, False])
def test_the_log_of_errors_goes_with_the_stack_only_where_logs_are_not_protected(api, protected):
    group = api(kept=store(deletion_protection=protected))["it-execution-group"]

    assert group.options.retain_on_delete is protected


def test_the_stage_waits_for_the_group_of_its_errors_and_for_the_log_role(preview, one):
    def program():
        account = aws.apigateway.Account("account")
        args = AwsApiArgs(
            spec=ApiSpec(),
            document=one(),
            store=store(),
            user_pool_arn=POOL,
            log_role=account.id,
        )
        AwsApi("it", args)

    graph = preview(program)
    stage = graph["it-stage"]
    assert {graph["account"].urn, graph["it-execution-group"].urn} <= {*stage.dependencies}
    assert graph["it-deployment"].urn in stage.dependencies
    assert stage.urn in graph["it-methods"].dependencies


@pytest.mark.parametrize("traced", [True, False])
def test_requests_are_traced_unless_asked_otherwise(api, traced):
    graph = api(tracing=traced)

    assert graph["it-stage"].inputs["xrayTracingEnabled"] is traced
    assert any("tracing" in text for text in notes(graph, "loosened")) is not traced


# Limits.


def test_the_whole_stage_has_a_limit_and_errors_are_logged_without_data(api):
    found = settings(api(throttle={"per_second": 25, "burst": 50}))

    assert found == {
        "*/*": {
            "loggingLevel": "ERROR",
            "dataTraceEnabled": False,
            "metricsEnabled": False,
            "cachingEnabled": False,
            "throttlingRateLimit": 25,
            "throttlingBurstLimit": 50,
        }
    }


def test_an_operation_with_a_limit_of_its_own_is_one_resource_that_repeats_the_rest(api, one):
    plain = api(one(path="/payments/{id}"))
    graph = api(one(path="/payments/{id}", limits={"op": RateLimit(0.5, 2)}))

    assert len(graph.resources) == len(plain.resources) + 1
    own = settings(graph)["payments/{id}/GET"]
    assert (own["throttlingRateLimit"], own["throttlingBurstLimit"]) == (0.5, 2)
    assert own["loggingLevel"] == "ERROR"
    assert own["dataTraceEnabled"] is False


def test_a_thousand_operations_are_as_many_resources_as_one(api, document):
    paths = {f"/r{number // 5}": {} for number in range(1_000)}
    for number in range(1_000):
        method = ("get", "put", "post", "delete", "patch")[number % 5]
        paths[f"/r{number // 5}"][method] = {
            "operationId": f"op{number}",
            "responses": {"200": {"description": "Fine"}},
        }
    graph = api(document(paths, limits={"op7": RateLimit(1, 1)}))

    assert len(json.loads(graph["it-api"].inputs["body"])["paths"]) == 200
    assert len(graph.resources) == len(api().resources) + 1


@pytest.mark.parametrize("measured", [True, False])
def test_metrics_of_each_operation_are_on_request_and_their_price_is_said(api, measured):
    graph = api(operation_metrics=measured)

    assert settings(graph)["*/*"]["metricsEnabled"] is measured
    assert bool(notes(graph, "cost")) is measured


# Partners.


def test_a_partner_has_a_key_that_aws_makes_and_a_plan_with_a_limit_and_a_quota(api, one):
    graph = api(one(keyed=("op",)), partners={"shop": PARTNER})

    assert "value" not in graph["it-partner-shop-key"].inputs
    plan = graph["it-partner-shop-plan"].inputs
    assert plan["quotaSettings"] == {"limit": 10_000, "period": "DAY"}
    assert plan["throttleSettings"] == {"rateLimit": 10, "burstLimit": 20}
    assert plan["apiStages"] == [{"apiId": graph["it"].outputs["restApiId"], "stage": "live"}]
    assert graph["it-stage"].urn in graph["it-partner-shop-plan"].dependencies
    bound = graph["it-partner-shop-plan-key"].inputs
    assert bound["keyId"] == id_of(graph["it-partner-shop-key"])
    assert bound["usagePlanId"] == id_of(graph["it-partner-shop-plan"])
    outputs = graph["it"].outputs
    assert outputs["usagePlanIds"] == {"shop": bound["usagePlanId"]}
    assert outputs["apiKeyIds"] == {"shop": bound["keyId"]}


def test_a_partner_of_an_api_that_asks_for_no_key_is_refused(api):
    with pytest.raises(ConfigError, match="partners: no operation of "):
        api(partners={"shop": PARTNER})


def test_a_key_that_nobody_has_is_said(api, one):
    assert any("nobody has one" in text for text in notes(api(one(keyed=("op",))), "limit"))


# Functions.


def test_a_function_lets_this_api_call_it_from_the_one_route(api, one):
    backend = {"op": Backend("lambda", function="pay")}
    graph = api(one(method="post", path="/payments/{id}/refund", backends=backend))

    permission = graph["it-invoke-pay"].inputs
    assert permission["principal"] == "apigateway.amazonaws.com"
    assert permission["action"] == "lambda:InvokeFunction"
    assert permission["function"] == f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:pay"
    executed = graph["it-api"].outputs["executionArn"]
    assert permission["sourceArn"] == f"{executed}/live/POST/payments/*/refund"


def test_a_function_of_many_operations_has_one_permission(api, document):
    node = {"responses": {"200": {"description": "Fine"}}}
    paths = {f"/{n}": {"get": {**node, "operationId": n}} for n in "abc"}
    graph = api(document(paths, backends={n: Backend("lambda", function="pay") for n in "abc"}))

    (permission,) = graph.of_type("aws:lambda/permission:Permission")
    assert permission.inputs["sourceArn"].endswith("/live/*/*")


def test_an_alias_of_a_function_is_what_lets_the_api_in(api, one):
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:pay:live"
    graph = api(one(backends={"op": Backend("lambda", function=arn)}))

    permission = graph["it-invoke-pay-live"].inputs
    assert permission["function"] == arn.removesuffix(":live")
    assert permission["qualifier"] == "live"


def test_a_function_of_another_account_must_let_the_api_in_itself_and_that_is_said(api, one):
    arn = f"arn:aws:lambda:{REGION}:210987654321:function:pay"
    graph = api(one(backends={"op": Backend("lambda", function=arn)}))

    assert graph.of_type("aws:lambda/permission:Permission") == []
    assert any("another account's" in text for text in notes(graph, "limit"))


def test_a_function_in_another_region_is_let_in_there(api, one):
    arn = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:pay"
    graph = api(one(backends={"op": Backend("lambda", function=arn)}))

    assert graph["it-invoke-pay"].inputs["region"] == "eu-west-1"


# Names.


def test_without_a_domain_the_edge_reaches_the_endpoint_that_aws_names(api):
    graph = api(stage="v1")

    outputs = graph["it"].outputs
    assert outputs["host"] == f"{outputs['restApiId']}.execute-api.{REGION}.amazonaws.com"
    assert outputs["path"] == "/v1"
    assert outputs["url"] == f"https://{outputs['host']}/v1"
    assert graph["it-api"].inputs["disableExecuteApiEndpoint"] is False
    assert any("without a domain" in text for text in notes(graph, "limit"))


def test_with_a_domain_it_has_a_name_and_a_certificate_of_its_own_and_no_other_endpoint(api):
    graph = api(domain=DOMAIN)

    name, mapping = graph["it-domain-name"].inputs, graph["it-domain-mapping"].inputs
    assert name["domainName"] == "origin.example.com"
    assert name["endpointConfiguration"] == {"types": "REGIONAL"}
    assert name["regionalCertificateArn"] == graph["it-domain"].outputs["certificateArn"]
    assert graph["it-domain-certificate"].inputs["region"] == REGION
    assert mapping["stageName"] == "live"
    assert "basePath" not in mapping
    assert graph["it-domain-a"].inputs["aliases"][0]["name"].startswith("d-")
    outputs = graph["it"].outputs
    assert (outputs["host"], outputs["path"]) == ("origin.example.com", "")
    assert graph["it-api"].inputs["disableExecuteApiEndpoint"] is True


def test_who_takes_the_host_waits_until_it_leads_to_the_api(preview, one):
    def program():
        args = AwsApiArgs(
            spec=ApiSpec(domain=DOMAIN), document=one(), store=store(), user_pool_arn=POOL
        )
        aws.ssm.Parameter("host", type="String", value=AwsApi("it", args).host)

    graph = preview(program)
    assert graph["it-domain-mapping"].urn in graph["host"].dependencies


def test_the_edge_can_speak_tls_with_the_api_and_its_name(api):
    graph = api(domain=DOMAIN)

    for made in (graph["it-api"].inputs, graph["it-domain-name"].inputs):
        assert made["securityPolicy"] == "SecurityPolicy_TLS13_1_2_2021_06"
        assert made["endpointAccessMode"] == "STRICT"


@pytest.mark.parametrize(
    "policy",
    ["TLS_1_0", "TLS_1_2", "SecurityPolicy_TLS13_1_3_2025_09", "SecurityPolicy_TLS13_2025_EDGE"],
)
def test_a_tls_policy_below_the_floor_or_out_of_the_edges_reach_is_refused(policy):
    with pytest.raises(ConfigError, match="tls_policy"):
        ApiSpec(tls_policy=policy)


def test_a_looser_access_mode_is_possible_and_reported(api):
    graph = api(access_mode="basic")

    assert graph["it-api"].inputs["endpointAccessMode"] == "BASIC"
    assert any("accessMode" in text for text in notes(graph, "loosened"))
    assert not any("accessMode" in text for text in notes(api(), "loosened"))


def test_partners_with_a_certificate_have_a_second_name_with_a_versioned_truststore(api):
    graph = api(domain=DOMAIN, mutual_tls=MUTUAL_TLS)

    name = graph["it-mutual-tls-name"].inputs
    assert name["domainName"] == "partners.example.com"
    assert name["mutualTlsAuthentication"] == {
        "truststoreUri": "s3://trust/partners.pem",
        "truststoreVersion": "3sL4kqtJlcpXroDTDmJ",
    }
    assert name["securityPolicy"] == "TLS_1_2"
    assert "endpointAccessMode" not in name
    assert graph["it-mutual-tls-mapping"].inputs["stageName"] == "live"
    assert graph["it"].outputs["mutualTlsHost"] == "partners.example.com"
    assert graph["it"].outputs["host"] == "origin.example.com"
    said = notes(graph, "limit")
    assert any("does not lead through the edge" in text for text in said)
    assert any("partners.example.com is in no zone of ours" in text for text in said)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"mutual_tls": MUTUAL_TLS}, "mutualTls needs domain"),
        ({"mutual_tls": MUTUAL_TLS, "domain": PARTNERS}, "must be another name"),
    ],
)
def test_a_certificate_is_not_asked_for_where_clients_could_go_round_it(spec, said):
    with pytest.raises(ConfigError, match=said):
        ApiSpec(**spec)


# What is said.


def test_it_says_what_a_reader_could_expect_and_does_not_get(api, one):
    said = notes(api(one(findings=("payments.yaml#/paths/~1x: unbounded",))), "limit")

    assert any("1 operations answer with the document's examples" in text for text in said)
    assert any("revoked holds until it expires" in text for text in said)
    assert "payments.yaml#/paths/~1x: unbounded" in said


@pytest.mark.parametrize("role", [None, "123456789012"])
def test_a_log_role_that_is_another_stacks_is_said(api, role):
    said = notes(api(role=role), "limit")

    assert any("log role comes first" in text for text in said) is (role is None)


def test_a_long_list_of_findings_is_cut(api, one):
    said = notes(api(one(findings=tuple(f"finding {n}" for n in range(25)))), "limit")

    assert sum(text.startswith("finding ") for text in said) == 10
    assert "15 more findings in payments.yaml" in said


def test_an_api_that_asks_for_tokens_needs_a_pool(api):
    with pytest.raises(ConfigError, match="there is no user pool"):
        api(pool=None)


def test_an_api_for_everybody_needs_none(api, one):
    body = json.loads(api(one(public=("op",)), pool=None)["it-api"].inputs["body"])

    assert "securitySchemes" not in body.get("components", {})


# The input guard.

GUARD = ApiGuard(name="guard", arn=f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:guard")


def integration(graph, path, method):
    body = json.loads(graph["it-api"].inputs["body"])
    return body["paths"][path][method]["x-amazon-apigateway-integration"]


@pytest.mark.parametrize("mode", ["block", "count"])
@pytest.mark.parametrize(
    "backend",
    [
        Backend("mock"),
        Backend("http", url="https://pay.example.net"),
        Backend("lambda", function="pay"),
    ],
)
def test_a_guarded_operation_goes_to_the_guard_whatever_its_backend_is(api, one, mode, backend):
    graph = api(one(backends={"op": backend}, guards={"op": mode}), guard=GUARD)

    made = integration(graph, "/payments", "get")
    assert (made["type"], made["httpMethod"]) == ("aws_proxy", "POST")
    assert made["uri"].endswith(f"/functions/{GUARD.arn}/invocations")


@pytest.mark.parametrize("mode", ["off", None])
def test_an_operation_without_a_guard_goes_straight_to_its_backend(api, one, mode):
    graph = api(one(guards={"op": mode}), guard=GUARD)

    assert integration(graph, "/payments", "get")["type"] == "mock"
    assert graph.of_type("aws:lambda/permission:Permission") == []


def test_the_guard_asks_for_no_less_than_the_api_did(api, one):
    """Who may call is the API's to say, with a guard as without."""
    plain, guarded = (
        json.loads(api(one(guards={"op": mode}), guard=GUARD)["it-api"].inputs["body"])
        for mode in ("off", "block")
    )

    for body in (plain, guarded):
        del body["paths"]["/payments"]["get"]["x-amazon-apigateway-integration"]
        del body["paths"]["/payments"]["get"]["responses"]
    assert guarded == plain


def test_only_this_stage_of_this_api_may_call_the_guard(api, one):
    graph = api(one(method="post", guards={"op": "block"}), guard=GUARD)

    (permission,) = graph.of_type("aws:lambda/permission:Permission")
    api_id = id_of(graph["it-api"])
    assert permission.inputs["function"] == GUARD.arn
    assert permission.inputs["principal"] == "apigateway.amazonaws.com"
    assert permission.inputs["sourceArn"] == (
        f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api_id}/live/POST/payments"
    )


def test_a_function_behind_the_guard_cannot_be_called_past_it(api, one):
    backend = Backend("lambda", function="pay")
    graph = api(one(backends={"op": backend}, guards={"op": "block"}), guard=GUARD)

    functions = [p.inputs["function"] for p in graph.of_type("aws:lambda/permission:Permission")]
    assert functions == [GUARD.arn]


def test_the_api_changes_after_the_guard_so_that_it_knows_a_new_operation(preview, one):
    def program():
        guard = aws.lambda_.Function("guard", role=f"arn:aws:iam::{ACCOUNT}:role/guard")
        AwsApi(
            "it",
            AwsApiArgs(
                spec=ApiSpec(),
                document=one(guards={"op": "block"}),
                store=store(),
                user_pool_arn=POOL,
                guard=ApiGuard(name="guard", arn=guard.arn),
            ),
        )

    graph = preview(program)

    assert graph["guard"].urn in graph["it-api"].property_dependencies["body"]


def test_an_operation_that_asks_for_a_guard_is_not_served_without_one(api, one):
    with pytest.raises(ConfigError) as error:
        api(one(guards={"op": "count"}))

    (problem,) = error.value.problems
    assert problem.startswith("bulwark:api.openapi: payments.yaml asks for an input guard")


def test_backends_that_are_called_by_their_address_are_shown_a_certificate(api, one):
    graph = api(one(backends=ELSEWHERE))

    (certificate,) = graph.of_type(CERTIFICATE)
    assert graph["it-stage"].inputs["clientCertificateId"] == certificate.id
    assert graph["it"].outputs["backendCertificates"].keys() == {"shown"}


@pytest.mark.parametrize(
    "backend",
    [
        Backend("mock"),
        Backend("lambda", function="pay"),
        Backend("http", url="https://pay.example.internal", vpc_link="abc123"),
    ],
)
def test_other_backends_need_no_certificate(api, one, backend):
    graph = api(one(backends={"op": backend}))

    assert not graph.of_type(CERTIFICATE)
    assert "clientCertificateId" not in graph["it-stage"].inputs


def test_the_next_certificate_can_be_trusted_before_it_is_shown(api, one):
    def shown(**spec):
        graph = api(one(backends=ELSEWHERE), backend_certificate=spec)
        made = {certificate.name for certificate in graph.of_type(CERTIFICATE)}
        return made, graph["it-stage"].inputs["clientCertificateId"]

    made, before = shown(generation=1, announce_next=True)
    assert made == {"it-backend-certificate-1", "it-backend-certificate-2"}
    made, after = shown(generation=2)
    assert made == {"it-backend-certificate-2"}
    assert before != after
