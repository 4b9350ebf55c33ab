"""AWS as the commands that talk to it find it: the stack's own account, and errors in our words."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from pulumi_bulwark.config import NAMESPACE

from ..preview import Graph, Lookups, Program, Project, Resource, UsageError, place_of, record
from . import common

Place = tuple[str | None, str | None]
"""Profile and region."""


class Account:
    """AWS with the credentials of one profile, in one region."""

    def __init__(
        self, profile: str | None, region: str | None, endpoint_url: str | None = None
    ) -> None:
        try:
            # Here, because most commands need neither it nor the time it takes.
            import boto3
            from botocore.config import Config
        except ModuleNotFoundError:
            raise UsageError("boto3 is not installed: pip install 'pulumi-bulwark[aws]'") from None
        self._config = {
            "endpoint_url": endpoint_url,
            "config": Config(
                connect_timeout=10,
                read_timeout=20,
                retries={"mode": "standard", "total_max_attempts": 3},
            ),
        }
        with self.refusals():
            self._session = boto3.Session(profile_name=profile, region_name=region)

    @cached_property
    def identity(self) -> Mapping[str, str]:
        with self.refusals():
            return self.client("sts").get_caller_identity()

    def check(self, owner: str | None) -> None:
        """Raises a UsageError where the credentials are another account's than the stack's."""
        if owner not in (None, current := self.identity["Account"]):
            raise UsageError(
                f"bulwark:account.id: this stack belongs to account {owner}, but the credentials "
                f"are those of {current}. Sign in to the stack's own account."
            )

    def client(self, service: str, region: str | None = None) -> Any:
        return self._session.client(service, region_name=region, **self._config)

    def resource(self, service: str) -> Any:
        return self._session.resource(service, **self._config)

    @contextlib.contextmanager
    def refusals(self, about: Any = None) -> Iterator[None]:
        """Say what boto3 and AWS raise in our own words: theirs may repeat what they were given."""
        from botocore.exceptions import ClientError

        try:
            yield
        except UsageError:
            raise
        except ClientError as error:
            raise UsageError(self.refused(error, about)) from None
        except Exception as error:  # noqa: BLE001 whatever it is, its message may repeat a value
            raise UsageError(_unanswered(type(error).__name__)) from None

    def refused(self, error: Any, about: Any) -> str:
        code, call = error.response["Error"]["Code"], error.operation_name
        if code.startswith("AccessDenied") and about is None:
            return f"AWS denies {call} to whoever is signed in"
        if code.startswith("AccessDenied"):
            return f"{self.identity['Arn']} may not {call} on {about}. Allow it in IAM"
        if about is not None and code in _NOT_THERE:
            return f"{about} is not there; deploy the stack first, or name another"
        if "Expired" in code:
            return f"the credentials have expired; {_SIGN_IN}"
        if code in _UNKNOWN_CREDENTIALS:
            return f"AWS does not know the credentials ({code}); {_SIGN_IN}"
        return f"AWS refused {call}: {code}"


@dataclass(frozen=True, kw_only=True)
class StackOf:
    """What a stack would deploy, and the account that it is deployed to."""

    name: str
    graph: Graph
    config: Mapping[str, str]
    owner: str | None
    """The account that the config says the stack belongs to."""

    @classmethod
    def read(cls, directory: Path, stack: str | None) -> "StackOf":
        project = Project.find(directory)
        program = project.program(common.chosen(project, stack), leave=NAMESPACE)
        settings = common.settings(program.config, program.secrets)
        if settings and settings.cloud != "aws":
            raise UsageError(
                f"{program.stack} is on {settings.cloud}, and this command is for stacks on AWS so "
                "far; docs/parity.md has what there is on each cloud"
            )
        owner = settings.account.id if settings else None
        place = place_of(program.config)
        # The program may check that its readers are in the account it is deployed to.
        here = owner or Account(*usual(program)).identity["Account"]
        place = replace(place, account=here)
        graph = record(program, lookups=Lookups.load(place, project.lookups()), place=place)
        return cls(name=program.stack, graph=graph, config=program.config, owner=owner)

    def account(self, at: Place | None = None, endpoint_url: str | None = None) -> Account:
        """Where the stack is, or a resource of it. Raises a UsageError in another's account."""
        usual = self.config.get("aws:profile"), self.config.get("aws:region")
        account = Account(*(at or usual), endpoint_url)
        account.check(self.owner)
        return account

    def place_of(self, resource: Resource) -> Place:
        """The profile and the region that a resource is in."""
        return self._setting("profile", resource), self._setting("region", resource)

    def _setting(self, key: str, of: Resource) -> str | None:
        """A setting of the provider: the resource's own, an explicit provider's, the file's."""
        if key == "region" and isinstance(own := of.inputs.get(key), str):
            return own
        if not of.provider:
            return self.config.get(f"aws:{key}")
        found = self.graph[of.provider].inputs.get(key)
        if found is None or isinstance(found, str):
            return found
        raise UsageError(f"{of.name}: the {key} of its provider is not known offline")


def usual(program: Program) -> Place:
    return program.config.get("aws:profile"), program.config.get("aws:region")


_SIGN_IN = "sign in again, such as with `aws sso login`, or set aws:profile in the stack file"

_NOT_THERE = {
    "AWS.SimpleQueueService.NonExistentQueue",
    "QueueDoesNotExist",
    "ResourceNotFoundException",
    "WAFNonexistentItemException",
}

_UNKNOWN_CREDENTIALS = {
    "AuthFailure",
    "IncompleteSignature",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}


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
