"""Amazon Cognito: a user pool, its sign-in pages, and the clients that get tokens from it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from .. import notes
from ..domain.aws import AwsDomain, AwsDomainArgs
from ..errors import ConfigError
from ..log_group.aws import AwsLogGroup, AwsLogGroupArgs, AwsLogStore, vended_logs
from ..naming import logical, physical
from ..openapi import Scope
from ..place import AwsPlace
from ..role.aws import AwsRole, AwsRoleArgs, service_trust
from .aws_clients import client_problems, client_settings, scope_problems, servers
from .aws_pool import log_settings, pool_settings, risk_settings, tier
from .spec import CustomerIdentitySpec

_AT = "bulwark:customerIdentity"

_CERTIFICATES = "us-east-1"
"""Where Cognito looks for the certificate of a domain, wherever the pool is."""

_PAGES = 2
"""Version of the sign-in pages: the one that knows passkeys."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsCustomerIdentityArgs(AwsPlace):
    spec: CustomerIdentitySpec
    store: AwsLogStore
    """How the environment keeps its logs."""
    boundary_arn: pulumi.Input[str]
    """Permissions boundary of the role with which Cognito sends text messages."""
    scopes: tuple[Scope, ...] = ()
    """What clients may ask for: the scopes of the OpenAPI document."""
    deletion_protection: bool = True
    """Whether Pulumi and Cognito both refuse to delete the pool."""


class AwsCustomerIdentity(pulumi.ComponentResource):
    """A user pool with MFA and threat protection, and the OAuth 2.0 clients of the API.

    Raises a ConfigError for a scope that the OpenAPI document does not define, or that Cognito
    would refuse. The secret of a client is made by Cognito, and no output has it.
    """

    user_pool_id: pulumi.Output[str]
    """Id of the user pool."""

    user_pool_arn: pulumi.Output[str]
    """ARN of the user pool, for the API's authoriser and the web ACL."""

    issuer: pulumi.Output[str]
    """The `iss` of every token."""

    jwks_uri: pulumi.Output[str]
    """Address of the keys that tokens are signed with."""

    sign_in_url: pulumi.Output[str]
    """Where the sign-in pages are, https and without a slash at the end."""

    certificate_arn: pulumi.Output[str] | None
    """ARN of the certificate of the sign-in pages, in us-east-1; None under Cognito's name."""

    authorize_endpoint: pulumi.Output[str]
    """Address that a person's sign-in begins at."""

    token_endpoint: pulumi.Output[str]
    """Address that gives tokens for a code, a refresh token or a client's secret."""

    audience: dict[str, pulumi.Output[str]]
    """Id of each client, by its name in the config."""

    requirements: list[dict[str, str]]
    """What each preset asks, where it asks it, and who holds it."""

    def __init__(
        self, name: str, args: AwsCustomerIdentityArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AwsCustomerIdentity", name, None, opts)
        if found := list(problems(args.spec, args.scopes)):
            raise ConfigError(found)
        self._name, self._args, self._spec = name, args, args.spec
        self._child = pulumi.ResourceOptions(parent=self)

        prefix = physical(
            "user-pool-domain",
            pulumi.get_project(),
            pulumi.get_stack(),
            name,
            unseen=[args.account_id, args.region],
        )
        pages = f"{prefix}.auth.{args.region}.amazoncognito.com"
        host = args.spec.domain.name if args.spec.domain else pages

        pool = self._pool(args.spec.passkey_domain or host)
        self._watch(pool)
        domain = self._domain(pool, prefix)
        self.audience = self._clients(pool)

        # Known once somebody answers there.
        reached = domain.urn.apply(lambda _: host)
        self.user_pool_id, self.user_pool_arn = pool.id, pool.arn
        self.issuer = pulumi.Output.concat("https://", pool.endpoint)
        self.jwks_uri = pulumi.Output.concat(self.issuer, "/.well-known/jwks.json")
        self.sign_in_url = pulumi.Output.concat("https://", reached)
        self.authorize_endpoint = pulumi.Output.concat(self.sign_in_url, "/oauth2/authorize")
        self.token_endpoint = pulumi.Output.concat(self.sign_in_url, "/oauth2/token")
        self.requirements = args.spec.report()
        self._say()
        self.register_outputs(
            {
                "userPoolId": self.user_pool_id,
                "userPoolArn": self.user_pool_arn,
                "issuer": self.issuer,
                "jwksUri": self.jwks_uri,
                "signInUrl": self.sign_in_url,
                "certificateArn": self.certificate_arn,
                "authorizeEndpoint": self.authorize_endpoint,
                "tokenEndpoint": self.token_endpoint,
                "audience": self.audience,
                "requirements": self.requirements,
            }
        )

    def _pool(self, relying_party: str) -> aws.cognito.UserPool:
        protected = self._args.deletion_protection
        return aws.cognito.UserPool(
            logical("user-pool", f"{self._name}-pool"),
            deletion_protection="ACTIVE" if protected else "INACTIVE",
            region=self._args.region,
            **pool_settings(
                self._spec,
                relying_party=relying_party,
                sms=self._text_messages() if self._spec.sms else None,
            ),
            opts=pulumi.ResourceOptions(parent=self, protect=protected, retain_on_delete=protected),
        )

    def _text_messages(self) -> dict[str, Any]:
        args = self._args
        external_id = physical(
            "iam-role", pulumi.get_project(), pulumi.get_stack(), self._name, "sms"
        )
        pools = args.arn("cognito-idp", "userpool/*")
        role = AwsRole(
            f"{self._name}-sms",
            AwsRoleArgs(
                description="Sends the codes of a user pool as text messages",
                trust=[
                    service_trust(
                        "cognito-idp.amazonaws.com",
                        {
                            "StringEquals": {
                                "sts:ExternalId": external_id,
                                "aws:SourceAccount": args.account_id,
                            },
                            # The pool has no id yet.
                            "ArnLike": {"aws:SourceArn": pools},
                        },
                    )
                ],
                boundary_arn=args.boundary_arn,
                statements=[
                    # A phone number has no ARN, so this cannot name one; topics have, and are none.
                    {"Effect": "Allow", "Action": ["sns:Publish"], "Resource": "*"},
                    {
                        "Effect": "Deny",
                        "Action": ["sns:Publish"],
                        "Resource": f"arn:{args.partition}:sns:*:*:*",
                    },
                ],
            ),
            self._child,
        )
        return {
            "external_id": external_id,
            "sns_caller_arn": role.arn,
            "sns_region": args.region,
        }

    def _watch(self, pool: aws.cognito.UserPool) -> None:
        if self._spec.threat_protection == "enforced":
            aws.cognito.RiskConfiguration(
                f"{self._name}-risk",
                user_pool_id=pool.id,
                region=self._args.region,
                **risk_settings(self._spec),
                opts=self._child,
            )
        store = self._args.store
        logs = AwsLogGroup(
            f"{self._name}-logs",
            AwsLogGroupArgs(store=store, kind="vended-log-group", writers=[vended_logs(store)]),
            self._child,
        )
        aws.cognito.LogDeliveryConfiguration(
            f"{self._name}-log-delivery",
            user_pool_id=pool.id,
            region=self._args.region,
            **log_settings(self._spec, logs.arn),
            opts=self._child,
        )

    def _domain(self, pool: aws.cognito.UserPool, prefix: str) -> aws.cognito.UserPoolDomain:
        own, certificate = self._spec.domain, None
        self.certificate_arn = None
        if own:
            certificate = AwsDomain(
                f"{self._name}-domain",
                AwsDomainArgs(spec=own, region=_CERTIFICATES),
                self._child,
            )
            self.certificate_arn = certificate.certificate_arn
        pages = aws.cognito.UserPoolDomain(
            f"{self._name}-pages",
            domain=own.name if own else prefix,
            user_pool_id=pool.id,
            certificate_arn=certificate.certificate_arn if certificate else None,
            managed_login_version=_PAGES,
            region=self._args.region,
            opts=self._child,
        )
        if certificate:
            certificate.lead_to(
                pages.cloudfront_distribution, pages.cloudfront_distribution_zone_id
            )
        return pages

    def _clients(self, pool: aws.cognito.UserPool) -> dict[str, pulumi.Output[str]]:
        # Cognito refuses a client whose scopes are not there yet.
        scoped = pulumi.ResourceOptions(parent=self, depends_on=self._resource_servers(pool))
        return {client: self._client(pool, client, scoped) for client in self._spec.clients}

    def _client(
        self, pool: aws.cognito.UserPool, client: str, scoped: pulumi.ResourceOptions
    ) -> pulumi.Output[str]:
        settings = self._spec.clients[client]
        made = aws.cognito.UserPoolClient(
            logical("user-pool-client", f"{self._name}-{client}"),
            user_pool_id=pool.id,
            region=self._args.region,
            **client_settings(self._spec, settings),
            opts=scoped,
        )
        if settings.flow == "authorizationCode":
            # Without a style of its own, a client's sign-in page is an error.
            aws.cognito.ManagedLoginBranding(
                f"{self._name}-{client}-style",
                user_pool_id=pool.id,
                client_id=made.id,
                use_cognito_provided_values=True,
                region=self._args.region,
                opts=self._child,
            )
        return made.id

    def _resource_servers(self, pool: aws.cognito.UserPool) -> list[pulumi.Resource]:
        return [
            aws.cognito.ResourceServer(
                f"{self._name}-scopes-{physical('resource-server', server)}",
                identifier=server,
                name=physical("resource-server", server),
                scopes=[
                    {"scope_name": scope.name, "scope_description": _described(scope)}
                    for scope in scopes
                ],
                user_pool_id=pool.id,
                region=self._args.region,
                opts=self._child,
            )
            for server, scopes in servers(self._args.scopes).items()
        ]

    def _say(self) -> None:
        for text in _costs(self._spec):
            notes.cost(self, text)
        for text in _limits(self._spec):
            notes.limit(self, text)
        notes.loosened(self, _AT, self._spec)


def _described(scope: Scope) -> str:
    """The scope's description, in the length that Cognito takes."""
    return (scope.description.strip() or scope.name)[:256]


def problems(spec: CustomerIdentitySpec, scopes: tuple[Scope, ...]) -> Iterator[str]:
    """What Cognito would refuse of these settings and scopes, a line each."""
    yield from scope_problems(_AT, scopes)
    yield from client_problems(_AT, spec.clients, scopes)


def _costs(spec: CustomerIdentitySpec) -> Iterator[str]:
    if tier(spec) == "PLUS":
        yield (
            f"threat protection ({spec.threat_protection}) needs Cognito's Plus tier: about 0.02 "
            "USD for each user who is active in a month, from the first"
        )
    if any(client.flow == "clientCredentials" for client in spec.clients.values()):
        yield "each token that a machine asks for is billed; let clients keep it until it ends"
    if spec.sms:
        yield "text messages are billed one by one, by country, and fraud sends many"


def _limits(spec: CustomerIdentitySpec) -> Iterator[str]:
    for preset, asked in spec.left_over:
        yield (
            f"left to the application: {asked.name} {asked.wanted} ({preset}, {asked.source}): "
            f"{asked.how}"
        )
    if spec.email is None:
        yield "Cognito itself sends 50 mails a day at most; name an SES identity as email"
    if spec.passkeys != "off" and spec.mfa == "required":
        yield _PASSKEYS[spec.passkeys]
    if spec.passkeys == "on":
        yield "where passkeys are on, Cognito's API takes a password in the clear too, over TLS"
    if any(client.flow == "authorizationCode" for client in spec.clients.values()):
        yield "Cognito checks PKCE only of a client that sends a challenge: let every client do so"
    if spec.domain:
        yield (
            "Cognito refuses a domain whose parent has no A record, and pulumi-aws cannot set its "
            "TLS policy: see docs/customer-identity.md"
        )
    if spec.sms:
        yield "a pool that sends text messages cannot stop to without being replaced"
    yield "a pool's data is encrypted with a key of AWS: pulumi-aws cannot name another"


_PASSKEYS = {
    "prepared": "passkeys are one command away: where MFA is required, a passkey counts only with "
    "a setting that pulumi-aws does not have; see docs/customer-identity.md",
    "on": "AWS refuses passkeys where MFA is required, unless the pool had the command of "
    "docs/customer-identity.md first",
}
