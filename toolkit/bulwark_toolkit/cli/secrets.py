"""Values for the named secrets: from a person, or from nobody.

A value is in this process's memory and in one request to Secrets Manager or Key Vault, and nowhere
else. What their SDKs say is never passed on, since it can repeat what they were given.
"""

import contextlib
import getpass
import json
import sys
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC
from functools import cached_property
from pathlib import Path
from typing import Any

import click

from pulumi_bulwark.config import NAMESPACE
from pulumi_bulwark.spec import nearest

from ..preview import Graph, Lookups, Project, Resource, UsageError, place_of, record
from . import azure_sdk, common
from .secrets_azure import Vaults, named
from .secrets_keeper import Keeper, Named, unlogged

_TERMINAL_BYTES = 1_024
"""A terminal drops what is beyond its longest line without a word; macOS has the shortest."""


class _Unechoed(click.Command):
    """A command whose arguments no message repeats: one of them may be the value."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.MissingParameter:
            raise
        except click.UsageError:
            raise click.UsageError(
                "not understood. The value is never an argument: it is asked for, or read from "
                "standard input. If it is in your shell's history now, set another one.",
                ctx,
            ) from None


@click.group()
def secrets() -> None:
    """Give the named secrets their values, and see which have one."""


@secrets.command(
    "set", cls=_Unechoed, epilog="Example: bulwark secrets set db-password -s dev < value.txt"
)
@click.argument("name")
@common.directory
@common.stack
@click.option("--replace", is_flag=True, help="Replace the value of a generated secret, unasked.")
def set_(name: str, directory: Path, stack: str | None, *, replace: bool) -> None:
    """Give the secret NAME its value: asked for without echo, or read from standard input.

    One newline at the end of standard input is not part of the value. A generated secret reads
    neither: its value is made, on AWS by Secrets Manager, and nobody sees it.
    """
    of = _Stack.read(directory, stack)
    secret = _chosen(of.secrets, name)
    keeper = of.keeper_of(secret)
    current = keeper.version(secret)
    if secret.length:
        if current and not replace:
            _ask_to_replace(secret)
        version = keeper.generate(secret, secret.length)
    else:
        version = keeper.put(secret, _from_person(secret, keeper))
    made = f", made by {keeper.maker}" if secret.length else ""
    click.echo(f"{secret.name} of {of.name} has a new value{made} (version {version})")


@secrets.command("list", epilog="Example: bulwark secrets list -s prod --format json")
@common.directory
@common.stack
@common.format_("table", "json")
@common.output
def list_(directory: Path, stack: str | None, format_: str, output: Path | None) -> None:
    """List the secrets of a stack: where each value comes from, and since when it is there."""
    of = _Stack.read(directory, stack)
    rows = [
        {
            "name": secret.name,
            "component": secret.component,
            "secret": secret.physical,
            "source": secret.source,
            **of.keeper_of(secret).state(secret),
        }
        for secret in of.secrets
    ]
    common.write(json.dumps(rows, indent=2) + "\n" if format_ == "json" else _table(rows), output)


def _table(rows: list[dict[str, str | None]]) -> str:
    shown = [
        (f"{r['component']}/{r['name']}", r["source"], r["state"], r["since"] or "") for r in rows
    ]
    name, source, state = (max(len(row[column] or "") for row in shown) for column in range(3))
    lines = (f"{n:<{name}}  {o:<{source}}  {s:<{state}}  {t}" for n, o, s, t in shown)
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _secrets(graph: Graph, config: Mapping[str, str]) -> Iterator[Named]:
    for component in graph.of_type("bulwark:index:AwsSecrets"):
        below = {child.name: child for child in graph.children(component.urn)}
        for name, physical in component.outputs["names"].items():
            container = below[f"{component.name}-{name}"]
            yield Named(
                name=name,
                component=component.name,
                physical=physical,
                length=component.outputs["generated"].get(name),
                stack=graph.stack,
                project=graph.project,
                region=_setting("region", container, graph, config),
                profile=_setting("profile", container, graph, config),
            )


def _setting(key: str, of: Resource, graph: Graph, config: Mapping[str, str]) -> str | None:
    """A setting of the provider: the resource's own, an explicit provider's, the stack file's."""
    if key == "region" and isinstance(own := of.inputs.get(key), str):
        return own
    if not of.provider:
        return config.get(f"aws:{key}")
    found = graph[of.provider].inputs.get(key)
    if found is None or isinstance(found, str):
        return found
    raise UsageError(f"{of.name}: the {key} of its provider is not known offline")


def _chosen(known: tuple[Named, ...], name: str) -> Named:
    """The secret called `name`, or `component/name`. What there is not may be a value: no echo."""
    found = [s for s in known if name in (s.name, f"{s.component}/{s.name}")]
    if len(found) == 1:
        return found[0]
    if found:
        which = " or ".join(f"{s.component}/{s.name}" for s in found)
        raise UsageError(f"which one? Several components have a secret of this name: {which}")
    names = sorted({s.name for s in known})
    hint, everything = nearest(name, names), f"Known: {', '.join(names)}."
    raise UsageError(" ".join(dict.fromkeys(["no such secret.", hint, everything])))


@dataclass(frozen=True, kw_only=True)
class _Stack:
    """A stack's secrets, and the accounts they are in."""

    name: str
    owner: str | None
    """The account that the config says the stack belongs to."""
    secrets: tuple[Named, ...]
    _accounts: dict[tuple[str | None, str | None], "_Account"]
    """By profile and region."""
    _vaults: "Vaults | None" = None
    """Where the secrets are on Azure."""

    @classmethod
    def read(cls, directory: Path, stack: str | None) -> "_Stack":
        project = Project.find(directory)
        program = project.program(common.chosen(project, stack), leave=NAMESPACE)
        settings = common.settings(program.config, program.secrets)
        owner = settings.account.id if settings else None
        if settings and settings.cloud == "azure":
            graph = common.Recording.of(program, project.lookups())(rendered=False)
            vaults = Vaults(azure_sdk.subscription(owner, program.config))
            found = _some(tuple(named(graph)), program.stack, "AzureSecrets")
            return cls(name=program.stack, owner=owner, secrets=found, _accounts={}, _vaults=vaults)
        place = place_of(program.config)
        # The program may check that its readers are in the account it is deployed to.
        usual = program.config.get("aws:profile"), program.config.get("aws:region")
        accounts = {usual: _Account(*usual)}
        place = replace(place, account=owner or accounts[usual].identity["Account"])
        graph = record(program, lookups=Lookups.load(place, project.lookups()), place=place)
        found = _some(tuple(_secrets(graph, program.config)), program.stack, "AwsSecrets")
        return cls(name=program.stack, owner=owner, secrets=found, _accounts=accounts)

    def keeper_of(self, secret: Named) -> Keeper:
        return self._vaults or self._account_of(secret)

    def _account_of(self, secret: Named) -> "_Account":
        key = secret.profile, secret.region
        if key not in self._accounts:
            self._accounts[key] = _Account(*key)
        account = self._accounts[key]
        if self.owner not in (None, current := account.identity["Account"]):
            raise UsageError(
                f"bulwark:account.id: this stack belongs to account {self.owner}, but the "
                f"credentials are those of {current}. Sign in to the stack's own account."
            )
        return account


def _some(found: tuple[Named, ...], stack: str, component: str) -> tuple[Named, ...]:
    if found:
        return found
    raise UsageError(
        f"{stack} has no secrets. Name them below bulwark:secrets.named, or with {component} in a "
        "program of your own."
    )


class _Account:
    """AWS with the credentials of one profile, in one region."""

    service = maker = "Secrets Manager"
    longest_bytes = 65_536

    def __init__(self, profile: str | None, region: str | None) -> None:
        try:
            # Here, because most commands need neither it nor the time it takes.
            import boto3
            from botocore.config import Config
        except ModuleNotFoundError:
            raise UsageError("boto3 is not installed: pip install 'pulumi-bulwark[aws]'") from None
        self._patience = Config(
            connect_timeout=10,
            read_timeout=20,
            retries={"mode": "standard", "total_max_attempts": 3},
        )
        with self.refusals_of():
            self._session = boto3.Session(profile_name=profile, region_name=region)

    @cached_property
    def identity(self) -> Mapping[str, str]:
        with self.refusals_of():
            return self._client("sts").get_caller_identity()

    @cached_property
    def manager(self) -> Any:
        return self._client("secretsmanager")

    def _client(self, service: str) -> Any:
        return self._session.client(service, config=self._patience)

    def version(self, secret: Named) -> str | None:
        with self.refusals_of(secret):
            held = self.manager.describe_secret(SecretId=secret.physical)
        if "DeletedDate" in held:
            raise UsageError(_DELETED.format(secret=secret))
        return _current(held)

    def put(self, secret: Named, value: str) -> str:
        with self.refusals_of(secret), unlogged():
            done = self.manager.put_secret_value(SecretId=secret.physical, SecretString=value)
        return done["VersionId"]

    def generate(self, secret: Named, length: int) -> str:
        with self.refusals_of(secret), unlogged():
            made = self.manager.get_random_password(
                PasswordLength=length, RequireEachIncludedType=True
            )
        return self.put(secret, made["RandomPassword"])

    def state(self, secret: Named) -> dict[str, str | None]:
        with self.refusals_of(secret):
            try:
                held = self.manager.describe_secret(SecretId=secret.physical)
            except self.manager.exceptions.ResourceNotFoundException:
                return {"state": "not deployed", "since": None}
            since = self._since(secret, _current(held))
        if "DeletedDate" in held:
            return {"state": "scheduled for deletion", "since": None}
        return {"state": "has a value" if since else "no value", "since": since}

    def _since(self, secret: Named, version: str | None) -> str | None:
        # The secret's own last change may have been one of its description.
        found = self.manager.list_secret_version_ids(SecretId=secret.physical)["Versions"]
        since = (v["CreatedDate"].astimezone(UTC) for v in found if v["VersionId"] == version)
        return next((f"{time:%Y-%m-%dT%H:%M:%SZ}" for time in since), None)

    @contextlib.contextmanager
    def refusals_of(self, secret: Named | None = None) -> Iterator[None]:
        """Say what boto3 and AWS raise in our own words: theirs may repeat the value."""
        from botocore.exceptions import ClientError

        try:
            yield
        except ClientError as error:
            raise UsageError(self._refused(error, secret)) from None
        except Exception as error:  # noqa: BLE001 whatever it is, its message may repeat the value
            raise UsageError(_unanswered(type(error).__name__)) from None

    def _refused(self, error: Any, secret: Named | None) -> str:
        code, said = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
        call = error.operation_name
        match code:
            case "AccessDenied" | "AccessDeniedException" if secret is None:
                return f"AWS denies {call}, which tells who is signed in"
            case "AccessDeniedException" if "kms" in said.lower():
                return _KEY_DENIED.format(who=self.identity["Arn"], secret=secret)
            case "AccessDeniedException":
                return _DENIED.format(who=self.identity["Arn"], call=call, secret=secret)
            case "EncryptionFailure" | "DecryptionFailure":
                return f"{secret}: its KMS key is disabled or scheduled for deletion"
            case "ResourceNotFoundException" if secret:
                return f"{secret} is not there; deploy the stack first: pulumi up -s {secret.stack}"
            case "InvalidRequestException" if "deletion" in said:
                return _DELETED.format(secret=secret)
        if "Expired" in code:
            return f"the credentials have expired; {_SIGN_IN}"
        if code in _UNKNOWN_CREDENTIALS:
            return f"AWS does not know the credentials ({code}); {_SIGN_IN}"
        return f"AWS refused {call}: {code}"


_SIGN_IN = "sign in again, such as with `aws sso login`, or set aws:profile in the stack file"

_UNKNOWN_CREDENTIALS = {
    "AuthFailure",
    "IncompleteSignature",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}

_DENIED = (
    "{who} may not {call} on {secret}. Allow it in IAM; where bulwark:secrets.administrators names "
    "any, name its role there too"
)

_KEY_DENIED = (
    "{who} may not use the KMS key of {secret}. Allow its role kms:GenerateDataKey and kms:Decrypt "
    "on that key in IAM; an administrator of the key itself is denied its use"
)

_DELETED = (
    "{secret} is scheduled for deletion. Take it back with `aws secretsmanager restore-secret`, or "
    "wait until its recoveryDays are over and deploy the stack again"
)


def _unanswered(kind: str) -> str:
    """What boto3 itself could not do, by the name of its exception."""
    match kind:
        case "NoCredentialsError" | "PartialCredentialsError" | "CredentialRetrievalError":
            return f"no AWS credentials; {_SIGN_IN}"
        case "ProfileNotFound":
            return "the AWS profile in the stack file or the environment is not configured here"
        case "NoRegionError":
            return "no region: set aws:region in the stack file"
    if "SSO" in kind or "Token" in kind or "Login" in kind:
        return f"the credentials have expired; {_SIGN_IN}"
    if "Connect" in kind or "Timeout" in kind or "SSL" in kind or "Endpoint" in kind:
        return f"AWS cannot be reached ({kind}): see the network, the proxy and the region"
    return f"the request to AWS failed ({kind})"


def _current(held: Mapping[str, Any]) -> str | None:
    """The version whose value readers get."""
    stages = held.get("VersionIdsToStages", {})
    return next((version for version, of in stages.items() if "AWSCURRENT" in of), None)


def _ask_to_replace(secret: Named) -> None:
    told = f"{secret.name} has a value, and whatever uses it needs the new one"
    if not sys.stdin.isatty():
        raise UsageError(f"{told}. To replace it, say --replace.")
    click.confirm(f"{told}. Replace it?", abort=True, err=True)


def _from_person(secret: Named, keeper: Keeper) -> str:
    try:
        value = _typed(secret) if sys.stdin.isatty() else _piped()
        size = len(value.encode())
    except UnicodeError:
        # Its message would show the character.
        raise UsageError("the value is not UTF-8 text; encode bytes first, as base64") from None
    if not value:
        raise UsageError("the value is empty")
    if size > keeper.longest_bytes:
        raise UsageError(
            f"the value has {size} bytes; {keeper.service} takes {keeper.longest_bytes}"
        )
    if "\0" in value:
        raise UsageError("the value has a NUL character, so it is not text; encode it, as base64")
    return value


def _typed(secret: Named) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            value = click.prompt(
                f"Value of {secret.name} in {secret.stack}",
                hide_input=True,
                confirmation_prompt=True,
                err=True,
            )
        except getpass.GetPassWarning:
            raise UsageError("this terminal shows what is typed: use standard input") from None
    if len(value.encode()) >= _TERMINAL_BYTES - 1:
        raise UsageError(
            f"{_TERMINAL_BYTES - 1} bytes and more do not fit a line of every terminal, so the "
            "value may have been cut: use standard input"
        )
    return value


def _piped() -> str:
    # As bytes: a text stream would turn every \r\n into \n.
    value = sys.stdin.buffer.read().decode()
    return value.removesuffix("\n").removesuffix("\r") if value.endswith("\n") else value
