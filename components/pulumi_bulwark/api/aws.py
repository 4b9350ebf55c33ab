"""An Amazon API Gateway REST API from an OpenAPI document."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import pulumi
import pulumi_aws as aws

from .. import notes
from ..domain import DomainSpec
from ..domain.aws import AwsDomain, AwsDomainArgs
from ..errors import ConfigError
from ..log_group.aws import AwsLogGroup, AwsLogGroupArgs, AwsLogStore
from ..naming import logical
from ..openapi import Document, Operation, RateLimit
from ..place import AwsPlace
from . import aws_quotas
from .aws_body import ACCESS_MODES, Body, answered_by, build
from .spec import ApiSpec, PartnerSpec

_AT = "bulwark:api"

_EACH_METHOD = "*/*"

_METRICS_OF_A_METHOD = 5
"""Count, Latency, IntegrationLatency, 4XXError and 5XXError, each a metric that is billed."""

_ACCESS_LOG: Mapping[str, str] = {
    # The second id is one that a client cannot choose; support asks for it.
    "requestId": "$context.requestId",
    "extendedRequestId": "$context.extendedRequestId",
    "traceId": "$context.xrayTraceId",
    "time": "$context.requestTimeEpoch",
    "host": "$context.domainName",
    "stage": "$context.stage",
    # The route and not the path: a path holds ids of customers, and a query may hold anything.
    "method": "$context.httpMethod",
    "route": "$context.resourcePath",
    "protocol": "$context.protocol",
    "tls": "$context.tlsVersion",
    "cipher": "$context.cipherSuite",
    "sourceIp": "$context.identity.sourceIp",
    "principal": "$context.authorizer.claims.sub",
    "client": "$context.authorizer.claims.client_id",
    "apiKeyId": "$context.identity.apiKeyId",
    "certificate": "$context.identity.clientCert.serialNumber",
    "status": "$context.status",
    "error": "$context.error.responseType",
    "authorizerStatus": "$context.authorizer.status",
    "wafStatus": "$context.waf.status",
    "wafResponse": "$context.wafResponseCode",
    "backendStatus": "$context.integration.status",
    "latencyMs": "$context.responseLatency",
    "backendLatencyMs": "$context.integration.latency",
    "bytes": "$context.responseLength",
}
"""What is logged of a request: never a token, a header, a query or a body. Each value is text, so
that the line is JSON also where API Gateway writes a hyphen for what it does not have."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiGuard:
    """A function that checks requests and hands them on to the operations' own backends."""

    name: str
    """Name of the function: the API's document has it before the function is there."""
    arn: pulumi.Input[str]
    """ARN of the function, known once it knows the document: the API changes after it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsApiArgs:
    spec: ApiSpec
    document: Document
    """The OpenAPI document, checked."""
    store: AwsLogStore
    """How the environment keeps its logs; the API is in its account and region."""
    user_pool_arn: pulumi.Input[str] | None = None
    """ARN of the Cognito user pool whose tokens hold; None only if every operation is public."""
    guard: ApiGuard | None = None
    """What stands before the backends of guarded operations; None only if there are none."""
    log_role: pulumi.Input[str] | None = None
    """Known once API Gateway has its log role in this region: `AwsAccount.api_log_role`. None where
    another stack owns it."""


class AwsApi(pulumi.ComponentResource):
    """One REST API with all that it needs before a request may come.

    Raises a ConfigError with all that API Gateway would refuse of the document.
    """

    rest_api_id: pulumi.Output[str]
    """Id of the API."""

    api_name: pulumi.Output[str]
    """Name of the API, by which CloudWatch has its metrics."""

    stage_name: pulumi.Output[str]
    """Name of the stage."""

    stage_arn: pulumi.Output[str]
    """ARN of the stage, for a web ACL."""

    host: pulumi.Output[str]
    """Host name for the edge to reach, known once the API is there."""

    path: str
    """What comes before the document's paths: empty with a domain, else the stage."""

    url: pulumi.Output[str]
    """Where the API is reached directly, without a slash at its end."""

    mutual_tls_host: pulumi.Output[str] | None
    """Host name for clients with a certificate; None if there is none."""

    certificate_arns: dict[str, pulumi.Output[str]]
    """ARN of the certificate of each of its own names: `domain`, `mutual-tls`."""

    access_log_id: pulumi.Output[str]
    """Name of the log group with a line for each request."""

    execution_log_id: pulumi.Output[str]
    """Name of the log group with API Gateway's own errors."""

    backend_certificates: dict[str, pulumi.Output[str]]
    """The certificate that backends are shown, as PEM, and the one that is next: `shown`, `next`.
    Empty if no backend is called by its address."""

    usage_plan_ids: dict[str, pulumi.Output[str]]
    """Id of each partner's usage plan, by the partner's name in the config."""

    api_key_ids: dict[str, pulumi.Output[str]]
    """Id of each partner's key, by the partner's name in the config; never the key."""

    def __init__(
        self, name: str, args: AwsApiArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AwsApi", name, None, opts)
        self._label, self._args, self._spec = name, args, args.spec
        self._child = pulumi.ResourceOptions(parent=self)
        store = args.store
        _check(args, store)

        guard = args.guard.name if args.guard else None
        body = build(args.spec, args.document, store, args.user_pool_arn, guard)
        # Sorted, so that the same document has the same digest however its dicts were built.
        text = pulumi.Output.json_dumps(body.content, sort_keys=True, separators=(",", ":"))
        if args.guard:
            # A new operation is let in when the guard knows it, and not before.
            text = _after(text, args.guard.arn)
        api = self._api(text)
        stage = self._stage(api, text, self._backend_certificate())
        self._settings(api, stage)
        self._invocations(api, store)
        self.rest_api_id, self.api_name = api.id, api.name
        self.stage_name, self.stage_arn = stage.stage_name, stage.arn
        self._partners(api, stage)
        self._doors(api, stage)
        self._say(body)
        self.register_outputs(self._outputs())

    def _api(self, body: pulumi.Output[str]) -> aws.apigateway.RestApi:
        spec = self._spec
        compressed = spec.minimum_compression_bytes
        # All of these are in the body too, or the next import would reset them.
        return aws.apigateway.RestApi(
            f"{self._label}-api",
            body=body,
            put_rest_api_mode="overwrite",
            fail_on_warnings=spec.fail_on_warnings,
            # An API may have 2,000 parts of documentation, and a long document has more.
            parameters={"ignore": "documentation"},
            endpoint_configuration={"types": "REGIONAL"},
            disable_execute_api_endpoint=spec.domain is not None,
            minimum_compression_size=None if compressed is None else str(compressed),
            security_policy=spec.tls_policy,
            endpoint_access_mode=ACCESS_MODES[spec.access_mode],
            opts=self._child,
        )

    def _backend_certificate(self) -> pulumi.Output[str] | None:
        """Id of the certificate that backends are shown; None where all are reached otherwise."""
        spec = self._spec.backend_certificate
        guard = self._args.guard.name if self._args.guard else None
        called = [answered_by(o, guard) for o in self._args.document.operations]
        if not any(backend.url and not backend.vpc_link for backend in called):
            self.backend_certificates = {}
            return None
        generations = {"shown": spec.generation}
        if spec.announce_next:
            generations["next"] = spec.generation + 1
        made = {
            use: aws.apigateway.ClientCertificate(
                f"{self._label}-backend-certificate-{generation}",
                description=f"Shown to the backends of {self._label}",
                opts=self._child,
            )
            for use, generation in generations.items()
        }
        self.backend_certificates = {
            use: certificate.pem_encoded_certificate for use, certificate in made.items()
        }
        notes.limit(
            self,
            "the certificate that backends are shown lasts a year: have them ask for it, then "
            f"renew it by {_AT}.backendCertificate",
        )
        return made["shown"].id

    def _stage(
        self,
        api: aws.apigateway.RestApi,
        body: pulumi.Output[str],
        client_certificate_id: pulumi.Output[str] | None,
    ) -> aws.apigateway.Stage:
        spec, store = self._spec, self._args.store
        # Never deleted before it is replaced: a stage would point at nothing.
        deployment = aws.apigateway.Deployment(
            f"{self._label}-deployment",
            rest_api=api.id,
            triggers={"body": body.apply(lambda text: sha256(text.encode()).hexdigest())},
            opts=self._child,
        )
        access = AwsLogGroup(f"{self._label}-access", AwsLogGroupArgs(store=store), self._child)
        # API Gateway would make this group itself, without a key and kept for ever.
        group = pulumi.Output.format("API-Gateway-Execution-Logs_{0}/{1}", api.id, spec.stage)
        execution = AwsLogGroup(
            f"{self._label}-execution", AwsLogGroupArgs(store=store, name=group), self._child
        )
        self.access_log_id, self.execution_log_id = access.id, execution.id
        return aws.apigateway.Stage(
            f"{self._label}-stage",
            rest_api=api.id,
            deployment=deployment.id,
            stage_name=spec.stage,
            access_log_settings={
                "destination_arn": _after(access.arn, execution.id, self._args.log_role),
                "format": json.dumps(_ACCESS_LOG),
            },
            client_certificate_id=client_certificate_id,
            xray_tracing_enabled=spec.tracing,
            opts=self._child,
        )

    def _settings(self, api: aws.apigateway.RestApi, stage: aws.apigateway.Stage) -> None:
        """Limits and logs of all operations, and of each that has a limit of its own."""
        default = self._spec.throttle
        limits = {"methods": (_EACH_METHOD, RateLimit(default.per_second, default.burst))}
        for operation in self._args.document.operations:
            if operation.rate_limit:
                role = f"limit-{operation.operation_id}"
                limits[role] = (_method_path(operation), operation.rate_limit)
        for role, (method_path, limit) in limits.items():
            aws.apigateway.MethodSettings(
                f"{self._label}-{role}",
                rest_api=api.id,
                stage_name=stage.stage_name,
                method_path=method_path,
                settings={
                    # All of them again: what a method's own settings leave out is off.
                    "logging_level": "ERROR",
                    "data_trace_enabled": False,
                    "metrics_enabled": self._spec.operation_metrics,
                    "caching_enabled": False,
                    "throttling_rate_limit": limit.per_second,
                    "throttling_burst_limit": limit.burst,
                },
                opts=self._child,
            )

    def _invocations(self, api: aws.apigateway.RestApi, place: AwsPlace) -> None:
        """Let the API call each function of this account, wherever it does."""
        guard = self._args.guard.name if self._args.guard else None
        for arn, operations in _functions(self._args.document, place, guard).items():
            _, _, _, region, account_id, _, function, *alias = arn.split(":")
            if account_id != place.account_id:
                notes.limit(
                    self,
                    f"{arn} is another account's, which must let {self._args.document.title} "
                    "call it, or every request ends with an error",
                )
                continue
            aws.lambda_.Permission(
                logical(
                    "lambda-permission", f"{self._label}-invoke-{'-'.join((function, *alias))}"
                ),
                action="lambda:InvokeFunction",
                function=":".join(arn.split(":")[:7]),
                qualifier=alias[0] if alias else None,
                principal="apigateway.amazonaws.com",
                source_arn=pulumi.Output.concat(
                    api.execution_arn, "/", self._spec.stage, _route(operations)
                ),
                region=None if region == place.region else region,
                opts=self._child,
            )

    def _partners(self, api: aws.apigateway.RestApi, stage: aws.apigateway.Stage) -> None:
        self.usage_plan_ids, self.api_key_ids = {}, {}
        for partner, spec in self._spec.partners.items():
            label = f"{self._label}-partner-{partner}"
            key = aws.apigateway.ApiKey(
                f"{label}-key", description=spec.description, opts=self._child
            )
            plan = self._usage_plan(label, spec, api, stage)
            aws.apigateway.UsagePlanKey(
                f"{label}-plan-key",
                key_id=key.id,
                key_type="API_KEY",
                usage_plan_id=plan.id,
                opts=self._child,
            )
            self.usage_plan_ids[partner], self.api_key_ids[partner] = plan.id, key.id

    def _usage_plan(
        self,
        label: str,
        spec: PartnerSpec,
        api: aws.apigateway.RestApi,
        stage: aws.apigateway.Stage,
    ) -> aws.apigateway.UsagePlan:
        return aws.apigateway.UsagePlan(
            f"{label}-plan",
            description=spec.description,
            # The stage's name from the stage: before it is there, it cannot be in a plan.
            api_stages=[{"api_id": api.id, "stage": stage.stage_name}],
            quota_settings={"limit": spec.quota.requests, "period": spec.quota.per.upper()},
            throttle_settings={"rate_limit": spec.per_second, "burst_limit": spec.burst},
            opts=self._child,
        )

    def _doors(self, api: aws.apigateway.RestApi, stage: aws.apigateway.Stage) -> None:
        """The names under which the API is reached."""
        spec = self._spec
        self.certificate_arns = {}
        if spec.domain:
            tls = {
                "security_policy": spec.tls_policy,
                "endpoint_access_mode": ACCESS_MODES[spec.access_mode],
            }
            self.path, self.host = "", self._door(spec.domain, "domain", api, stage, tls)
        else:
            self.path = f"/{spec.stage}"
            self.host = stage.invoke_url.apply(lambda url: urlsplit(url).hostname or "")
        self.url = pulumi.Output.concat("https://", self.host, self.path)
        self.mutual_tls_host = None
        if partners := spec.mutual_tls:
            tls = {
                # The newer policies refuse mutual TLS on a name (AWS's "Choose a security policy
                # for your custom domain"). The API's own is what is negotiated.
                "security_policy": "TLS_1_2",
                "mutual_tls_authentication": {
                    "truststore_uri": partners.truststore_uri,
                    "truststore_version": partners.truststore_version,
                },
                "ownership_verification_certificate_arn": partners.ownership_certificate_arn,
            }
            host = self._door(partners.domain, "mutual-tls", api, stage, tls)
            self.mutual_tls_host = host

    def _door(
        self,
        domain: DomainSpec,
        role: str,
        api: aws.apigateway.RestApi,
        stage: aws.apigateway.Stage,
        tls: Mapping[str, Any],
    ) -> pulumi.Output[str]:
        label = f"{self._label}-{role}"
        region = self._args.store.region
        certified = AwsDomain(label, AwsDomainArgs(spec=domain, region=region), self._child)
        self.certificate_arns[role] = certified.certificate_arn
        name = aws.apigateway.DomainName(
            f"{label}-name",
            domain_name=domain.name,
            regional_certificate_arn=certified.certificate_arn,
            endpoint_configuration={"types": "REGIONAL"},
            **tls,
            opts=self._child,
        )
        mapping = aws.apigateway.BasePathMapping(
            f"{label}-mapping",
            domain_name=name.domain_name,
            rest_api=api.id,
            stage_name=stage.stage_name,
            opts=self._child,
        )
        certified.lead_to(name.regional_domain_name, name.regional_zone_id)
        if domain.zone_id is None:
            notes.limit(
                self,
                f"{domain.name} is in no zone of ours: point it at the API's regional host name "
                "yourself",
            )
        return _after(name.domain_name, mapping.urn)

    def _say(self, body: Body) -> None:
        spec, document = self._spec, self._args.document
        if spec.operation_metrics:
            price = len(document.operations) * _METRICS_OF_A_METHOD * 0.3
            notes.cost(self, f"metrics of {len(document.operations)} operations: {_usd(price)}")
        if self._args.log_role is None:
            notes.limit(
                self,
                "the stack that owns API Gateway's log role comes first: without one in the "
                "region, API Gateway refuses a stage with logs",
            )
        for text in (*_limits(spec, document), *_unchecked(body), *_findings(document)):
            notes.limit(self, text)
        notes.loosened(self, _AT, spec)

    def _outputs(self) -> dict[str, Any]:
        return {
            "restApiId": self.rest_api_id,
            "apiName": self.api_name,
            "stageName": self.stage_name,
            "stageArn": self.stage_arn,
            "host": self.host,
            "path": self.path,
            "url": self.url,
            "mutualTlsHost": self.mutual_tls_host,
            "certificateArns": self.certificate_arns,
            "accessLogId": self.access_log_id,
            "executionLogId": self.execution_log_id,
            "backendCertificates": self.backend_certificates,
            "usagePlanIds": self.usage_plan_ids,
            "apiKeyIds": self.api_key_ids,
        }


def _check(args: AwsApiArgs, place: AwsPlace) -> None:
    aws_quotas.check(args.spec, args.document, place)
    if args.guard is None and any(o.guarded for o in args.document.operations):
        raise ConfigError(
            [
                (
                    f"{_AT}.openapi: {args.document.source} asks for an input guard, and there is "
                    "none. Give the API one, or the operations x-bulwark-guard: off."
                )
            ]
        )
    if args.user_pool_arn is None and any(o.scopes for o in args.document.operations):
        raise ConfigError(
            [
                (
                    f"{_AT}.openapi: {args.document.source} asks for tokens, and there is no user "
                    "pool to make them. Give the API one."
                )
            ]
        )


def _after(value: pulumi.Input[str], *others: pulumi.Input[Any]) -> pulumi.Output[str]:
    """The value, known once the others are."""
    return pulumi.Output.all(value, *others).apply(lambda all_: all_[0])


def _method_path(operation: Operation) -> str:
    """What a stage calls a method: the path without its first slash."""
    return f"{operation.path.removeprefix('/')}/{operation.method.upper()}"


def _functions(
    document: Document, place: AwsPlace, guard: str | None
) -> dict[str, list[Operation]]:
    found: defaultdict[str, list[Operation]] = defaultdict(list)
    for operation in document.operations:
        if function := answered_by(operation, guard).function:
            found[place.function_arn(function)].append(operation)
    return found


def _route(operations: Sequence[Operation]) -> str:
    """The method and path from which a function is called; all of them where there are several."""
    if len(operations) > 1:
        return "/*/*"
    (only,) = operations
    parts = ("*" if part.startswith("{") else part for part in only.path.split("/"))
    return f"/{only.method.upper()}{'/'.join(parts)}"


# What the people who run it are told.

_MOST_FINDINGS = 10


def _limits(spec: ApiSpec, document: Document) -> list[str]:
    mocks = sum(operation.backend.kind == "mock" for operation in document.operations)
    said = []
    if mocks:
        said.append(f"{mocks} operations answer with the document's examples: no backend is called")
    if any(operation.scopes for operation in document.operations):
        said.append(
            "a token that was revoked holds until it expires: API Gateway asks nobody about it"
        )
    if any(operation.api_key for operation in document.operations) and not spec.partners:
        said.append(f"operations ask for an API key, and nobody has one: name {_AT}.partners")
    if spec.domain is None:
        said.append("without a domain the API is also reached by the name that AWS gave it")
    if spec.mutual_tls:
        said.append(
            f"{spec.mutual_tls.domain.name} does not lead through the edge: its web ACL does not "
            "see those requests"
        )
    return said


def _unchecked(body: Body) -> list[str]:
    return [
        f"API Gateway does not check {reason}, as at #{where[0]}"
        + (f" and {len(where) - 1} more" if where[1:] else "")
        for reason, where in body.unchecked.items()
    ]


def _findings(document: Document) -> list[str]:
    shown = list(document.findings[:_MOST_FINDINGS])
    more = len(document.findings) - len(shown)
    return [*shown, f"{more} more findings in {document.source.name}"] if more > 0 else shown


def _usd(price: float) -> str:
    return f"about {price:,.2f} USD a month"
