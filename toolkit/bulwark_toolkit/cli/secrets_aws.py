"""Values of secrets in AWS Secrets Manager."""

from collections.abc import Iterator, Mapping
from datetime import UTC
from functools import cached_property
from typing import Any

from ..preview import UsageError
from .account import Account, Place, StackOf
from .secrets_keeper import Named, unlogged


def named(of: StackOf) -> Iterator[Named]:
    """The secrets that a program names."""
    for component in of.graph.of_type("bulwark:index:AwsSecrets"):
        below = {child.name: child for child in of.graph.children(component.urn)}
        for name, physical in component.outputs["names"].items():
            profile, region = of.place_of(below[f"{component.name}-{name}"])
            yield Named(
                name=name,
                component=component.name,
                physical=physical,
                length=component.outputs["generated"].get(name),
                rotates=name in component.outputs["rotating"],
                project=of.graph.project,
                stack=of.name,
                region=region,
                profile=profile,
            )


class Accounts:
    """Secrets Manager, wherever a stack's secrets are."""

    def __init__(self, owner: str | None) -> None:
        self._owner = owner
        self._managers: dict[Place, Manager] = {}

    def of(self, secret: Named) -> "Manager":
        place = secret.profile, secret.region
        if place not in self._managers:
            self._managers[place] = Manager(*place)
        self._managers[place].check(self._owner)
        return self._managers[place]


class Manager(Account):
    """Secrets Manager with the credentials of one profile, in one region."""

    service = maker = "Secrets Manager"
    longest_bytes = 65_536

    @cached_property
    def manager(self) -> Any:
        return self.client("secretsmanager")

    def version(self, secret: Named) -> str | None:
        with self.refusals(secret):
            held = self.manager.describe_secret(SecretId=secret.physical)
        if "DeletedDate" in held:
            raise UsageError(_DELETED.format(secret=secret))
        return _current(held)

    def put(self, secret: Named, value: str) -> str:
        with self.refusals(secret), unlogged():
            done = self.manager.put_secret_value(SecretId=secret.physical, SecretString=value)
        return done["VersionId"]

    def generate(self, secret: Named, length: int) -> str:
        with self.refusals(secret), unlogged():
            made = self.manager.get_random_password(
                PasswordLength=length, RequireEachIncludedType=True
            )
        return self.put(secret, made["RandomPassword"])

    def rotate(self, secret: Named) -> str:
        with self.refusals(secret):
            self.manager.rotate_secret(SecretId=secret.physical)
        return "Secrets Manager has begun to replace its value"

    def state(self, secret: Named) -> dict[str, str | None]:
        with self.refusals(secret):
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

    def refused(self, error: Any, about: Any) -> str:
        code, said = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
        match code:
            case "AccessDeniedException" if about and "kms" in said.lower():
                return _KEY_DENIED.format(who=self.identity["Arn"], secret=about)
            case "AccessDeniedException" if about:
                who, call = self.identity["Arn"], error.operation_name
                return _DENIED.format(who=who, call=call, secret=about)
            case "EncryptionFailure" | "DecryptionFailure":
                return f"{about}: its KMS key is disabled or scheduled for deletion"
            case "ResourceNotFoundException" if about:
                return f"{about} is not there; deploy the stack first: pulumi up -s {about.stack}"
            case "InvalidRequestException" if "deletion" in said:
                return _DELETED.format(secret=about)
        return super().refused(error, about)


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


def _current(held: Mapping[str, Any]) -> str | None:
    """The version whose value readers get."""
    stages = held.get("VersionIdsToStages", {})
    return next((version for version, of in stages.items() if "AWSCURRENT" in of), None)
