"""A whole environment on AWS."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws

from .. import notes, openapi
from ..account.aws import AwsAccount, AwsAccountArgs
from ..api import aws_quotas
from ..api.aws import ApiGuard, AwsApi, AwsApiArgs
from ..api.aws_answers import SAFE_HEADERS, cors_headers
from ..api.aws_body import Place, headers_of_scripts
from ..audit_log.aws import AwsAuditLog, AwsAuditLogArgs
from ..customer_identity import aws as customer_identity
from ..customer_identity.aws import AwsCustomerIdentity, AwsCustomerIdentityArgs
from ..edge import aws as edge
from ..edge.aws import AwsEdge, AwsEdgeArgs
from ..edge.aws_headers import Cors
from ..errors import ConfigError
from ..input_guard import aws as input_guard
from ..input_guard.aws import AwsInputGuard, AwsInputGuardArgs
from ..input_guard.bundle import AnswersOfOurOwn
from ..keys import Purpose
from ..keys.aws import EDGE_REGION, AwsKeys, AwsKeysArgs
from ..log_group.aws import AwsLogStore
from ..openapi.load import load
from ..role.aws_boundary import AwsBoundary, AwsBoundaryArgs
from ..secrets import aws as secrets
from ..secrets.aws import AwsSecrets, AwsSecretsArgs
from ..tags import tagging
from ..waf import aws as waf
from ..waf.aws import AwsWaf, AwsWafArgs
from .spec import StackConfig


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsStackArgs:
    spec: StackConfig


class AwsStack(pulumi.ComponentResource):
    """The capabilities wired together. Region and credentials are the AWS provider's own.

    Raises a ConfigError with all that AWS would refuse of the settings and of the OpenAPI
    document, or when the credentials belong to another account than the config says.
    """

    key_ids: dict[Purpose, pulumi.Output[str]]
    """ARN of each encryption key, by purpose."""

    boundary_arn: pulumi.Output[str]
    """ARN of the permissions boundary that every workload's role must have."""

    trail_arn: pulumi.Output[str] | None
    """ARN of the account's trail; None where another stack owns it."""

    access_logs_id: pulumi.Output[str]
    """Name of the bucket for the logs that services deliver to one."""

    secret_ids: dict[str, pulumi.Output[str]]
    """ARN of each named secret."""

    front_door: dict[str, Any]
    """What clients and operators of the API need to know, by its name among the stack's exports;
    empty without an API."""

    owned: tuple[str, ...]
    """What this stack owns of the things that exist once in the account or region, in words."""

    def __init__(
        self, name: str, args: AwsStackArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        self._name, self._spec = name, args.spec
        tagged = pulumi.ResourceOptions(transformations=[tagging(args.spec.tags.as_tags())])
        super().__init__(
            "bulwark:index:AwsStack", name, None, pulumi.ResourceOptions.merge(opts, tagged)
        )
        self._child = pulumi.ResourceOptions(parent=self)
        look_up = pulumi.InvokeOptions(parent=self)

        account_id = aws.get_caller_identity(opts=look_up).account_id
        _check_account(args.spec, account_id)
        region = aws.get_region(opts=look_up).region
        partition = aws.get_partition(opts=look_up)
        place = Place(account_id=account_id, region=region, partition=partition.partition)

        document = _document(args.spec)
        # All before the first resource: the engine makes what was asked for before an error.
        if problems := list(_problems(args.spec, document, place)):
            raise ConfigError(problems)

        self._floor(place, partition.dns_suffix)
        self.front_door = self._front_door(document, place) if document else {}

        notes.loosened(self, "bulwark:protection", args.spec.protection)
        self.register_outputs(
            {
                "keyIds": self.key_ids,
                "boundaryArn": self.boundary_arn,
                "trailArn": self.trail_arn,
                "accessLogsId": self.access_logs_id,
                "secretIds": self.secret_ids,
                "frontDoor": self.front_door,
                "owned": list(self.owned),
            }
        )

    @property
    def store(self) -> AwsLogStore:
        """How the environment keeps its logs, for functions and components beside it."""
        return self._store

    def _floor(self, place: Place, dns_suffix: str) -> None:
        """What everything else stands on."""
        name, spec, child = self._name, self._spec, self._child
        where = dataclasses.asdict(place)

        boundary = AwsBoundary(f"{name}-boundary", AwsBoundaryArgs(**where), child)
        keys = AwsKeys(
            f"{name}-keys",
            AwsKeysArgs(
                spec=spec.keys,
                **where,
                dns_suffix=dns_suffix,
                secret_replica_regions=spec.secrets.replica_regions(),
                deletion_protection=spec.protection.deletion,
            ),
            child,
        )
        account = AwsAccount(
            f"{name}-account",
            AwsAccountArgs(spec=spec.account, boundary_arn=boundary.arn, partition=place.partition),
            child,
        )
        audit_log = AwsAuditLog(
            f"{name}-audit-log",
            AwsAuditLogArgs(
                spec=spec.audit_log,
                **where,
                key_arn=keys.ids["logs"],
                boundary_arn=boundary.arn,
                baseline=None if spec.account.manage == "all" else spec.account.baseline,
                deletion_protection=spec.protection.deletion,
                delete_contents=not spec.protection.contents,
            ),
            child,
        )
        secrets = AwsSecrets(
            f"{name}-secrets",
            AwsSecretsArgs(
                spec=spec.secrets,
                **where,
                key_arn=keys.ids["secrets"],
                replica_key_arns=keys.secret_replica_ids,
                deletion_protection=spec.protection.deletion,
            ),
            child,
        )

        self.key_ids = keys.ids
        self.boundary_arn = boundary.arn
        self.trail_arn = audit_log.trail_arn
        self.access_logs_id = audit_log.access_logs_id
        self.secret_ids = secrets.ids
        self.owned = (*account.owned, *audit_log.owned)
        self._store, self._api_log_role = audit_log.store, account.api_log_role
        self._edge_store = dataclasses.replace(
            audit_log.store,
            region=EDGE_REGION,
            # Where there is no such region, there is no edge to log for.
            key_arn=keys.edge_ids.get("logs", keys.ids["logs"]),
        )

    def _front_door(self, document: openapi.Document, place: Place) -> dict[str, Any]:
        """Sign-in, API, firewall and edge; what is exported of them."""
        name, spec, child = self._name, self._spec, self._child

        identity = AwsCustomerIdentity(
            f"{name}-identity",
            AwsCustomerIdentityArgs(
                spec=spec.customer_identity,
                **dataclasses.asdict(place),
                store=self._store,
                boundary_arn=self.boundary_arn,
                scopes=document.scopes,
                deletion_protection=spec.protection.deletion,
            ),
            child,
        )
        guard = self._input_guard(document)
        api = AwsApi(
            f"{name}-api",
            AwsApiArgs(
                spec=spec.api,
                document=document,
                store=self._store,
                user_pool_arn=identity.user_pool_arn,
                guard=_api_guard(guard),
                log_role=self._api_log_role,
            ),
            child,
        )
        waf = AwsWaf(
            f"{name}-waf",
            AwsWafArgs(
                spec=spec.waf,
                store=self._store,
                edge_store=self._edge_store,
                api_stage_arn=api.stage_arn,
                edge=spec.edge.enabled,
                user_pool_arn=identity.user_pool_arn,
                direct_hosts=_direct_hosts(spec),
            ),
            child,
        )
        edge = self._edge(document, identity, api, waf) if spec.edge.enabled else {}
        return {
            "apiUrl": api.url,  # unless there is an edge, whose URL it then is
            "originUrl": api.url,
            "issuer": identity.issuer,
            "audience": identity.audience,
            "authorizeEndpoint": identity.authorize_endpoint,
            "tokenEndpoint": identity.token_endpoint,
            "userPoolId": identity.user_pool_id,
            "requirements": identity.requirements,
            "addressLists": waf.lists,
            **({"inputGuardServiceArn": guard.service_arn} if guard and guard.service_arn else {}),
            **edge,
        }

    def _input_guard(self, document: openapi.Document) -> AwsInputGuard | None:
        """What checks requests, if an operation asks for it or an application may."""
        args = _guard_to_be(
            self._spec,
            document,
            self._store,
            key_arn=self.key_ids["data"],
            boundary_arn=self.boundary_arn,
        )
        return AwsInputGuard(f"{self._name}-input-guard", args, self._child) if args else None

    def _edge(
        self,
        document: openapi.Document,
        identity: AwsCustomerIdentity,
        api: AwsApi,
        waf: AwsWaf,
    ) -> dict[str, Any]:
        made = AwsEdge(
            f"{self._name}-edge",
            AwsEdgeArgs(
                spec=self._spec.edge,
                store=self._store,
                edge_store=self._edge_store,
                document=document,
                api_host=api.host,
                api_path=api.path,
                origin_header=_origin_header(waf),
                cors=_cors(self._spec, document),
                web_acl_arn=waf.edge_acl_arn,
                sign_in_urls=[identity.sign_in_url],
                delete_contents=not self._spec.protection.contents,
            ),
            self._child,
        )
        site = {
            "siteUrl": made.site_url,
            "siteBucketId": made.site_bucket_id,
            "siteDistributionId": made.site_distribution_id,
        }
        return {"apiUrl": made.url} | (site if made.site_url else {})


def _guard_to_be(
    spec: StackConfig,
    document: openapi.Document,
    store: AwsLogStore,
    *,
    key_arn: pulumi.Input[str] = "",
    boundary_arn: pulumi.Input[str] = "",
) -> AwsInputGuardArgs | None:
    if not (spec.input_guard.service or any(o.guarded for o in document.operations)):
        return None
    return AwsInputGuardArgs(
        spec=spec.input_guard,
        document=document,
        store=store,
        key_arn=key_arn,
        boundary_arn=boundary_arn,
        api_timeout_ms=spec.api.backend_timeout_ms,
        own=AnswersOfOurOwn(
            headers={**SAFE_HEADERS, **cors_headers(spec.api.cors)},
            origins=spec.api.cors.origins,
        ),
    )


def _api_guard(guard: AwsInputGuard | None) -> ApiGuard | None:
    if guard is None or guard.proxy_name is None or guard.proxy_arn is None:
        return None
    return ApiGuard(name=guard.proxy_name, arn=guard.proxy_arn)


def _origin_header(waf: AwsWaf) -> tuple[str, pulumi.Output[str]] | None:
    if waf.origin_header_name is None or waf.origin_header_value is None:
        return None
    return waf.origin_header_name, waf.origin_header_value


def _cors(spec: StackConfig, document: openapi.Document) -> Cors | None:
    cors = spec.api.cors
    if not cors.origins:
        return None
    return Cors(
        origins=cors.origins,
        methods=document.methods,
        headers=headers_of_scripts(spec.api, document),
        exposed_headers=cors.exposed_headers,
        credentials=cors.credentials,
        max_age_seconds=cors.max_age_seconds,
    )


def _document(spec: StackConfig) -> openapi.Document | None:
    if spec.api.openapi is None:
        return None
    path = Path(pulumi.get_root_directory(), spec.api.openapi)
    if not path.is_file():
        raise ConfigError(
            [
                (
                    f"bulwark:api.openapi: there is no {spec.api.openapi} in the project's folder. "
                    "Put the OpenAPI document there, or name another."
                )
            ]
        )
    return load(path, shown=spec.api.openapi)


def _problems(spec: StackConfig, document: openapi.Document | None, place: Place) -> Iterator[str]:
    """What AWS would refuse of the settings and the document, a line each."""
    yield from secrets.problems(
        spec.secrets,
        **dataclasses.asdict(place),
        deletion_protection=spec.protection.deletion,
    )
    if document is None:
        return
    yield from customer_identity.problems(spec.customer_identity, document.scopes)
    yield from aws_quotas.problems(spec.api, document, place)
    if guard := _guard_to_be(spec, document, _no_store(spec, place)):
        yield from input_guard.problems(guard)
    yield from waf.problems(_waf_to_be(spec, place))
    if spec.edge.enabled:
        yield from edge.problems(spec.edge, document, place.partition, waf.ORIGIN_HEADER)
        yield from _names_in_each_others_way(spec)


def _waf_to_be(spec: StackConfig, place: Place) -> AwsWafArgs:
    """The firewall of these settings, before there is anything for it to stand at."""
    nothing = _no_store(spec, place)
    return AwsWafArgs(
        spec=spec.waf,
        store=nothing,
        edge_store=nothing,
        api_stage_arn="",
        edge=spec.edge.enabled,
        user_pool_arn="",
        direct_hosts=_direct_hosts(spec),
    )


def _no_store(spec: StackConfig, place: Place) -> AwsLogStore:
    """Where logs will be kept, before there is anything to keep them in."""
    return AwsLogStore(
        **dataclasses.asdict(place),
        key_arn="",
        retention_days=spec.audit_log.retention_days,
        access_logs_id="",
        deletion_protection=spec.protection.deletion,
    )


def _direct_hosts(spec: StackConfig) -> list[str]:
    """The host names that lead past the edge, to clients with a certificate."""
    return [spec.api.mutual_tls.domain.name] if spec.api.mutual_tls else []


def _names_in_each_others_way(spec: StackConfig) -> Iterator[str]:
    api = spec.api
    if api.domain and spec.edge.domain and api.domain.name == spec.edge.domain.name:
        yield (
            "bulwark:api.domain.name: is the edge's name, and the edge must find the API behind "
            "another, such as origin.example.com."
        )
    if api.mutual_tls and api.access_mode != "strict":
        yield (
            f"bulwark:api.accessMode: must be strict beside mutualTls and an edge; got "
            f"{api.access_mode}. Else whoever sends the partners' host name gets past the edge."
        )


def _check_account(spec: StackConfig, current: str) -> None:
    if spec.account.id not in (None, current):
        raise ConfigError(
            [
                (
                    f"bulwark:account.id: this stack belongs to account {spec.account.id}, but the "
                    f"credentials are those of {current}. Sign in to the stack's own account."
                )
            ]
        )
