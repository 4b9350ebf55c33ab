"""AWS as the signed-in person: clients of boto3, and what they raise in our own words."""

import contextlib
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from ..preview import UsageError


class Account:
    """AWS with the credentials of one profile, in one region."""

    def __init__(self, profile: str | None, region: str | None) -> None:
        try:
            # Here, because most commands need neither it nor the time it takes.
            import boto3
            from botocore.config import Config
        except ModuleNotFoundError:
            raise UsageError("boto3 is not installed: pip install 'pulumi-bulwark[aws]'") from None
        self._patience = Config(
            connect_timeout=10,
            read_timeout=30,
            retries={"mode": "standard", "total_max_attempts": 6},
        )
        self._clients: dict[str, Any] = {}
        with refusals():
            self._session = boto3.Session(profile_name=profile, region_name=region)

    @cached_property
    def identity(self) -> Mapping[str, str]:
        with refusals():
            return self.client("sts").get_caller_identity()

    def client(self, service: str) -> Any:
        if service not in self._clients:
            with refusals():
                self._clients[service] = self._session.client(service, config=self._patience)
        return self._clients[service]

    def check(self, owner: str | None) -> None:
        """Refuse to work in another account than the stack's own."""
        if owner not in (None, current := self.identity["Account"]):
            raise UsageError(
                f"bulwark:account.id: this stack belongs to account {owner}, but the credentials "
                f"are those of {current}. Sign in to the stack's own account."
            )


@contextlib.contextmanager
def refusals() -> Iterator[None]:
    """Turn what boto3 and AWS raise into one line that says what to do."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        raise UsageError(_refused(error)) from None
    except BotoCoreError as error:
        raise UsageError(unanswered(type(error).__name__)) from None


def _refused(error: Any) -> str:
    code, said = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
    call = error.operation_name
    if code in ("AccessDenied", "AccessDeniedException"):
        return f"AWS denies {call} to whoever is signed in; docs/patching.md has what is needed"
    if "Expired" in code:
        return f"the credentials have expired; {SIGN_IN}"
    if code in UNKNOWN_CREDENTIALS:
        return f"AWS does not know the credentials ({code}); {SIGN_IN}"
    return f"AWS refused {call}: {code}: {said}"


SIGN_IN = "sign in again, such as with `aws sso login`, or set aws:profile in the stack file"

UNKNOWN_CREDENTIALS = {
    "AuthFailure",
    "IncompleteSignature",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}


def unanswered(kind: str) -> str:
    """What boto3 itself could not do, by the name of its exception."""
    match kind:
        case "NoCredentialsError" | "PartialCredentialsError" | "CredentialRetrievalError":
            return f"no AWS credentials; {SIGN_IN}"
        case "ProfileNotFound":
            return "the AWS profile in the stack file or the environment is not configured here"
        case "NoRegionError":
            return "no region: set aws:region in the stack file"
    if "SSO" in kind or "Token" in kind or "Login" in kind:
        return f"the credentials have expired; {SIGN_IN}"
    if "Connect" in kind or "Timeout" in kind or "SSL" in kind or "Endpoint" in kind:
        return f"AWS cannot be reached ({kind}): see the network, the proxy and the region"
    return f"the request to AWS failed ({kind})"
