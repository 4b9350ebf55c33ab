"""An Azure API Management service with one API from an OpenAPI document."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import pulumi
from pulumi_azure_native import apimanagement

from .. import notes
from ..errors import ConfigError
from ..log_group.azure import AzureLogStore, diagnostics
from ..naming import logical, physical
from ..openapi import Document
from ..place import AzurePlace
from ..role.azure import AzureIdentity, AzureIdentityArgs, Grant
from .azure_backends import Backends, FunctionApp
from .azure_body import Body, build
from .azure_guard import Guard
from .azure_policy import API_KEY, Surroundings, Tokens
from .azure_policy import build as build_policy
from .azure_problems import problems
from .azure_skus import SKUS
from .spec import ApiSpec
from .spec_azure import der

_AT = "bulwark:api"
_API: Final = "api"
_REVISION: Final = "1"

_SECURITY: Final = "Microsoft.WindowsAzure.ApiManagement.Gateway.Security."
_PROTOCOLS: Final = ("Tls10", "Tls11", "Ssl30")
_WEAK_CIPHERS: Final = (
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
    "TLS_RSA_WITH_AES_128_CBC_SHA",
    "TLS_RSA_WITH_AES_128_CBC_SHA256",
    "TLS_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_RSA_WITH_AES_256_CBC_SHA",
    "TLS_RSA_WITH_AES_256_CBC_SHA256",
    "TripleDes168",
)
"""Ciphers without forward secrecy, or with a mode that leaks."""

_NOWHERE: Final = "https://backend.invalid"
"""Where the API leads by itself: until its policy is there, and wherever that names no backend."""

_SLOW: Final = pulumi.CustomTimeouts(create="3h", update="3h", delete="3h")
"""The tiers without V2 take an hour to make, and an hour to change."""

_HIDDEN: Final = {"query_params": [{"value": "*", "mode": "Hide"}]}
"""A query may hold anything, and its values are in the logged address."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiSecret:
    """A secret in Key Vault, as API Management reads it."""

    id: pulumi.Input[str]
    """Full id of the secret, at which its reader gets a role."""
    uri: pulumi.Input[str]
    """Its address without a version, so that a rotated value is taken."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiTokens:
    """Whose tokens the API takes."""

    issuer: pulumi.Input[str]
    """The `iss` of every token."""
    metadata_url: pulumi.Input[str]
    """Address of the provider's OpenID Connect metadata."""
    audiences: pulumi.Input[list[str]]
    """The `aud` of a token: the API, as the provider knows it."""
    scope_claim: str = "scp"
    """The claim that has a person's scopes."""
    role_suffix: str | None = None
    """What an application role has after the words of a scope; None: no machine calls."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiGuard:
    """The input guard, as API Management asks it."""

    url: pulumi.Input[str]
    """Where questions go, https; known once the guard knows the document."""
    audience: str
    """Application id URI that it asks tokens for."""
    identity_id: pulumi.Input[str]
    """Full id of an identity that it lets in, which the service shows to nobody else."""
    client_id: pulumi.Input[str]
    """Client id of that identity."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AzureApiArgs:
    spec: ApiSpec
    document: Document
    """The OpenAPI document, checked."""
    place: AzurePlace
    """Where the environment is."""
    store: AzureLogStore
    """How the environment keeps its logs."""
    publisher_email: str
    """Whom Azure writes to, where the settings name nobody."""
    tokens: ApiTokens | None = None
    """Whose tokens hold; None only if every operation is public."""
    edge_id: pulumi.Input[str] | None = None
    """Id of the Front Door profile that alone may call. None: everybody reaches the API."""
    kept_paths: Sequence[str] = ()
    """Paths of the document whose answers the edge keeps."""
    secrets: Mapping[str, ApiSecret] = field(default_factory=dict)
    """The named secrets."""
    functions: Mapping[str, FunctionApp] = field(default_factory=dict)
    """The environment's own function apps, by the names that the document has for them."""
    guard: ApiGuard | None = None
    """Whom the API asks before a backend of a guarded operation; None only if there are none."""
    function_audience: str | None = None
    """Application id URI that function apps of others ask tokens for."""


class AzureApi(pulumi.ComponentResource):
    """A service, its API and the policy of it, and the logs.

    Raises a ConfigError with all that API Management would refuse of the document, or that its
    tier cannot do.
    """

    rest_api_id: pulumi.Output[str]
    """Resource id of the API."""

    api_name: pulumi.Output[str]
    """Name of the service, by which Azure Monitor has its metrics."""

    stage_name: pulumi.Output[str]
    """The API's revision: there are no stages."""

    service_id: pulumi.Output[str]
    """Resource id of the service."""

    host: pulumi.Output[str]
    """Host name for the edge to reach, known once the API and its policy are there."""

    path: str
    """What comes before the document's paths: nothing."""

    url: pulumi.Output[str]
    """Base address of the API, https and without a slash at the end."""

    mutual_tls_host: pulumi.Output[str] | None
    """Host name at which clients show a certificate; None if none is asked for."""

    certificate_ids: dict[str, str]
    """Address in Key Vault of each certificate, by what it is for."""

    access_log_id: pulumi.Output[str]
    """Resource id of the workspace that has a line for each request."""

    execution_log_id: pulumi.Output[str]
    """Resource id of the workspace that has API Management's own errors: the same."""

    usage_plan_ids: dict[str, pulumi.Output[str]]
    """Id of each partner's subscription, by name. Its limits are in the API's policy."""

    api_key_ids: dict[str, pulumi.Output[str]]
    """Id of each partner's subscription, by name: whoever may list its keys reads them there."""

    def __init__(
        self, name: str, args: AzureApiArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AzureApi", name, None, opts)
        self._name, self._args, self._spec = name, args, args.spec
        _check(args)
        self._last: pulumi.Resource | None = None

        self._identity = self._make_identity()
        service = self._service()
        self._within: dict[str, Any] = {
            "resource_group_name": args.place.resource_group_name,
            "service_name": service.name,
        }
        logs = diagnostics(
            f"{name}-service",
            "Microsoft.ApiManagement/service",
            service.id,
            args.store,
            pulumi.ResourceOptions(parent=self),
        )
        named = self._named_values()
        body = build(args.document)
        api = self._api(body)
        policy = self._policy(named)
        self._watched(service)
        subscriptions = self._partners(api)

        self.rest_api_id, self.api_name = api.id, service.name
        self.stage_name, self.service_id = api.api_revision.apply(lambda r: r or ""), service.id
        self.host, self.path = _after(self._host(service), policy.id), ""
        self.url = pulumi.Output.concat("https://", self.host)
        own = self._spec.api_management
        self.mutual_tls_host = self.host if own.client_certificates else None
        self.certificate_ids = {"domain": own.domain.certificate_id} if own.domain else {}
        self.access_log_id = self.execution_log_id = _after(args.store.workspace_id, logs.id)
        self.usage_plan_ids, self.api_key_ids = dict(subscriptions), subscriptions
        self._say(body)
        self.register_outputs(self._outputs())

    def _next(self) -> pulumi.ResourceOptions:
        """A service refuses two changes at once, so one follows the other."""
        return pulumi.ResourceOptions(parent=self, depends_on=[self._last] if self._last else None)

    def _make_identity(self) -> AzureIdentity | None:
        """What the service calls others as; none where it calls nobody."""
        args, own = self._args, self._spec.api_management
        read = sorted({*own.backend_headers.values()})
        calls = any(o.backend.kind == "lambda" for o in args.document.operations)
        if not (read or own.domain or calls):
            return None
        return AzureIdentity(
            f"{self._name}-caller",
            AzureIdentityArgs(
                place=args.place,
                grants=[
                    Grant(
                        name=f"reads-{secret}",
                        role="Key Vault Secrets User",
                        scope=args.secrets[secret].id,
                    )
                    for secret in read
                ],
            ),
            pulumi.ResourceOptions(parent=self),
        )

    @property
    def _client_id(self) -> pulumi.Input[str]:
        return self._identity.client_id if self._identity else ""

    def _service(self) -> apimanagement.ApiManagementService:
        args, own = self._args, self._spec.api_management
        return apimanagement.ApiManagementService(
            logical("apim-service", f"{self._name}-service"),
            resource_group_name=args.place.resource_group_name,
            location=args.place.location,
            sku={"name": own.sku, "capacity": own.units},
            publisher_email=own.publisher_email or args.publisher_email,
            publisher_name=args.document.title[:100],
            identity=_shown(
                [
                    *([self._identity.id] if self._identity else []),
                    *([args.guard.identity_id] if args.guard else []),
                ]
            ),
            # The SDK would send false, which every tier but Consumption refuses.
            enable_client_certificate=True,
            # Pages that nobody asked for, on by default.
            developer_portal_status="Disabled",
            legacy_portal_status="Disabled",
            # Private access can be turned on only when the service is there.
            public_network_access="Enabled",
            custom_properties=_tls(classic=SKUS[own.sku].classic),
            certificates=self._authorities(),
            hostname_configurations=self._hostnames(),
            opts=pulumi.ResourceOptions(parent=self, custom_timeouts=_SLOW),
        )

    def _authorities(self) -> Any:
        asked = self._spec.api_management.client_certificates
        if not asked or not asked.authorities:
            return None
        return [
            {"store_name": "Root", "encoded_certificate": _coded(pem)} for pem in asked.authorities
        ]

    def _hostnames(self) -> Any:
        own = self._spec.api_management
        if own.domain is None:
            return None
        return [
            {
                "type": "Proxy",
                "host_name": own.domain.name,
                "key_vault_id": own.domain.certificate_id,
                "identity_client_id": self._client_id,
                "default_ssl_binding": True,
                "negotiate_client_certificate": own.client_certificates is not None,
            }
        ]

    def _host(self, service: apimanagement.ApiManagementService) -> pulumi.Output[str]:
        own = self._spec.api_management
        if own.domain:
            return pulumi.Output.from_input(own.domain.name)
        return service.gateway_url.apply(lambda url: urlsplit(url).hostname or "")

    def _named_values(self) -> dict[str, str]:
        """The named value of each header that backends get."""
        found: dict[str, str] = {}
        for secret in sorted({*self._spec.api_management.backend_headers.values()}):
            name = physical("apim-named-value", "secret", secret)
            self._last = apimanagement.NamedValue(
                f"{self._name}-{name}",
                **self._within,
                named_value_id=name,
                display_name=name,
                secret=True,
                # Without a version, so that a rotated value is taken within four hours.
                key_vault={
                    "secret_identifier": self._args.secrets[secret].uri,
                    "identity_client_id": self._client_id,
                },
                opts=self._next(),
            )
            found[secret] = name
        return found

    def _api(self, body: Body) -> apimanagement.Api:
        made = apimanagement.Api(
            f"{self._name}-api",
            **self._within,
            api_id=_API,
            path="",
            display_name=self._args.document.title[:300],
            api_revision=_REVISION,
            protocols=["https"],
            format="openapi+json",
            value=body.text,
            service_url=_NOWHERE,
            # Where a key is needed, the policy asks for it: not every operation does.
            subscription_required=False,
            subscription_key_parameter_names={"header": API_KEY, "query": API_KEY},
            # Else a query that lacks a parameter would be a path that nobody knows.
            translate_required_query_parameters_conduct="query",
            opts=self._next(),
        )
        self._last = made
        return made

    def _policy(self, named: Mapping[str, str]) -> apimanagement.ApiPolicy:
        args, spec = self._args, self._spec
        headers = {
            header: named[secret] for header, secret in spec.api_management.backend_headers.items()
        }

        def written(known: dict[str, Any]) -> str:
            tokens = args.tokens and Tokens(
                issuer=known["issuer"],
                metadata_url=known["metadata_url"],
                audiences=tuple(known["audiences"]),
                scope_claim=args.tokens.scope_claim,
                role_suffix=args.tokens.role_suffix,
            )
            backends = Backends(
                functions=args.functions,
                audience=args.function_audience,
                client_id=known["client_id"],
                named_values=headers,
            )
            guard = args.guard and Guard(
                url=known["guard_url"],
                audience=args.guard.audience,
                client_id=known["guard_client_id"],
            )
            around = Surroundings(
                tokens=tokens,
                edge_id=known["edge_id"],
                guard=guard,
                backends=backends,
                kept_paths=frozenset(args.kept_paths),
            )
            return build_policy(spec, args.document, around)

        made = apimanagement.ApiPolicy(
            f"{self._name}-policy",
            **self._within,
            api_id=_API,
            policy_id="policy",
            format="rawxml",
            value=pulumi.Output.all(
                issuer=args.tokens and args.tokens.issuer,
                metadata_url=args.tokens and args.tokens.metadata_url,
                audiences=args.tokens and args.tokens.audiences,
                client_id=self._client_id,
                edge_id=args.edge_id,
                guard_url=args.guard and args.guard.url,
                guard_client_id=args.guard and args.guard.client_id,
            ).apply(written),
            opts=self._next(),
        )
        self._last = made
        return made

    def _watched(self, service: apimanagement.ApiManagementService) -> None:
        """A line for each request: neither a header nor a body, nor what a query holds."""
        message: dict[str, Any] = {"headers": [], "body": {"bytes": 0}}
        side: Any = {"request": message | {"data_masking": _HIDDEN}, "response": message}
        self._last = apimanagement.ApiDiagnostic(
            f"{self._name}-diagnostic",
            **self._within,
            api_id=_API,
            diagnostic_id="azuremonitor",
            logger_id=pulumi.Output.concat(service.id, "/loggers/azuremonitor"),
            always_log="allErrors",
            sampling={"sampling_type": "fixed", "percentage": 100},
            log_client_ip=True,
            verbosity="information",
            http_correlation_protocol="W3C" if self._spec.tracing else "None",
            frontend=side,
            backend=side,
            opts=self._next(),
        )

    def _partners(self, api: apimanagement.Api) -> dict[str, pulumi.Output[str]]:
        """A subscription for each, whose keys API Management makes and no program asks for."""
        found: dict[str, pulumi.Output[str]] = {}
        for partner, spec in self._spec.partners.items():
            made = apimanagement.Subscription(
                f"{self._name}-partner-{partner}",
                **self._within,
                sid=partner,
                display_name=f"{partner}: {spec.description}"[:100],
                scope=api.id,
                state=apimanagement.SubscriptionState.ACTIVE,
                allow_tracing=False,
                opts=pulumi.ResourceOptions.merge(
                    self._next(),
                    pulumi.ResourceOptions(
                        additional_secret_outputs=["primary_key", "secondary_key"]
                    ),
                ),
            )
            self._last, found[partner] = made, made.id
        return found

    def _say(self, body: Body) -> None:
        own = self._spec.api_management
        sku = SKUS[own.sku]
        notes.cost(self, f"API Management {own.sku}: about {sku.usd * own.units:,} USD a month")
        for text in (*_limits(self._args), *_unchecked(body), *_findings(self._args.document)):
            notes.limit(self, text)
        notes.loosened(self, _AT, self._spec)

    def _outputs(self) -> dict[str, Any]:
        return {
            "restApiId": self.rest_api_id,
            "apiName": self.api_name,
            "stageName": self.stage_name,
            "serviceId": self.service_id,
            "host": self.host,
            "path": self.path,
            "url": self.url,
            "mutualTlsHost": self.mutual_tls_host,
            "certificateIds": self.certificate_ids,
            "accessLogId": self.access_log_id,
            "executionLogId": self.execution_log_id,
            "usagePlanIds": self.usage_plan_ids,
            "apiKeyIds": self.api_key_ids,
        }


def _check(args: AzureApiArgs) -> None:
    found = list(
        problems(
            args.spec,
            args.document,
            edge=args.edge_id is not None,
            secrets=args.secrets,
            backends=Backends(functions=args.functions, audience=args.function_audience),
            guard=args.guard is not None,
        )
    )
    if args.tokens is None and any(o.scopes for o in args.document.operations):
        found.append(
            f"{_AT}.openapi: {args.document.source} asks for tokens, and nobody is said to make "
            "them. Set bulwark:customerIdentity.provider."
        )
    if found:
        raise ConfigError(found)


def _shown(identity_ids: Sequence[pulumi.Input[str]]) -> Any:
    if not identity_ids:
        return None
    return {
        "type": "UserAssigned",
        "user_assigned_identities": pulumi.Output.all(*identity_ids).apply(
            lambda found: {one: {} for one in found}
        ),
    }


def _tls(*, classic: bool) -> dict[str, str]:
    """All of them each time: what is left out is reset."""
    off = [f"{side}{name}" for side in ("Protocols.", "Backend.Protocols.") for name in _PROTOCOLS]
    if classic:
        off += [f"Ciphers.{name}" for name in _WEAK_CIPHERS]
    return {f"{_SECURITY}{name}": "False" for name in off}


def _coded(pem: str) -> str:
    return base64.b64encode(der(pem)).decode()


def _after(value: pulumi.Input[str], *others: pulumi.Input[Any]) -> pulumi.Output[str]:
    """The value, known once the others are."""
    return pulumi.Output.all(value, *others).apply(lambda all_: all_[0])


# What the people who run it are told.

_MOST_FINDINGS = 10


def _limits(args: AzureApiArgs) -> list[str]:
    spec, document = args.spec, args.document
    own, mocks = spec.api_management, sum(o.backend.kind == "mock" for o in document.operations)
    said = {
        f"{mocks} operations answer with the document's examples: no backend is called": mocks,
        "a token that was revoked holds until it expires: API Management asks nobody about it": any(
            o.scopes for o in document.operations
        ),
        f"operations ask for an API key, and nobody has one: name {_AT}.partners": (
            any(o.api_key for o in document.operations) and not spec.partners
        ),
        "the service is also reached by the name that Azure gave it": True,
        "limits are counted by each region and roughly: a burst can pass more": True,
        f"{own.sku} has no promise of uptime": not SKUS[own.sku].uptime,
        "this tier comes with a sample API and two products that everybody may call: delete them "
        "(docs/api-on-azure.md)": SKUS[own.sku].classic,
        "this tier lets nobody choose ciphers: Microsoft's own list holds": (
            not SKUS[own.sku].classic
        ),
        "the ids of traces are logged and passed on, and nothing collects the traces": spec.tracing,
        "a header of backends comes from a secret that must be there first: run pulumi up without "
        "apiManagement.backendHeaders, then bulwark secrets set": own.backend_headers,
        "no edge is before the API: no web ACL sees its requests": args.edge_id is None,
        "allowedRanges holds the edge's own address against the list, and turns all others away": (
            args.edge_id is not None and spec.allowed_ranges
        ),
        f"point {own.domain.name if own.domain else ''} at the service's own name": own.domain,
        f"let the API's identity read {own.domain.certificate_id if own.domain else ''}": (
            own.domain
        ),
        "a partner's month is 30 days": any(p.quota.per == "month" for p in spec.partners.values()),
    }
    return [text for text, holds in said.items() if holds]


def _unchecked(body: Body) -> list[str]:
    return [
        f"API Management does not check {reason}, as at #{where[0]}"
        + (f" and {len(where) - 1} more" if where[1:] else "")
        for reason, where in body.unchecked.items()
    ]


def _findings(document: Document) -> list[str]:
    shown = list(document.findings[:_MOST_FINDINGS])
    more = len(document.findings) - len(shown)
    return [*shown, f"{more} more findings in {document.source.name}"] if more > 0 else shown
