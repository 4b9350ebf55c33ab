"""Hashes in Secrets Manager: one secret for each user, and a version of it for each password.

The service has no conditional write, so the user's record in the table says which version
counts: a version is written first, then the record is turned to it. docs/credentials.md has prices
and limits.
"""

import hashlib
import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .passwords import encoded
from .records import Hash, hashes_from, hashes_to_json
from .stores import HashesMovedError

_CURRENT, _PENDING = "AWSCURRENT", "AWSPENDING"
_TRIES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretHashes:
    client: Any
    """A Secrets Manager client of boto3."""
    prefix: str
    """What the names of the secrets begin with; a digest of the user's id follows."""
    decoy: str
    """A secret that may be read and is there: read for users who do not exist."""
    key_arn: str | None = None
    """KMS key of the secrets, if not the account's own."""
    tags: Mapping[str, str] = field(default_factory=dict)
    pause: Callable[[float], None] = time.sleep

    def keep(self, user: str, hashes: tuple[Hash, ...], *, beside: str | None) -> str:
        if beside:
            # It may have no stage since a crash, and what has none is removed some day.
            self.settle(user, beside)
        text, version = hashes_to_json(hashes), str(uuid.uuid4())
        for attempt in range(_TRIES):
            if self._put(user, text, version) or self._create(user, text, version):
                return version
            self.pause(0.2 * 2**attempt)
        raise TimeoutError("the secret of a deleted user is still being deleted")

    def fetch(self, user: str, where: str) -> tuple[Hash, ...]:
        try:
            found = self.client.get_secret_value(SecretId=self._name(user), VersionId=where)
        except self.client.exceptions.ResourceNotFoundException:
            raise HashesMovedError from None
        return hashes_from(json.loads(found["SecretString"]))

    def fetch_nothing(self) -> None:
        self.client.get_secret_value(SecretId=self.decoy)

    def settle(self, user: str, where: str) -> None:
        for _ in range(_TRIES):
            stages = self.client.describe_secret(SecretId=self._name(user))["VersionIdsToStages"]
            if _CURRENT in stages.get(where, ()):
                return
            current = next((v for v, names in stages.items() if _CURRENT in names), None)
            if self._move(user, current, where):
                return

    def discard(self, user: str) -> None:
        try:
            self.client.delete_secret(SecretId=self._name(user), ForceDeleteWithoutRecovery=True)
        except self.client.exceptions.ResourceNotFoundException:
            return

    def _put(self, user: str, text: str, version: str) -> bool:
        try:
            self.client.put_secret_value(
                SecretId=self._name(user),
                ClientRequestToken=version,
                SecretString=text,
                VersionStages=[_PENDING],
            )
        except (
            self.client.exceptions.ResourceNotFoundException,
            self.client.exceptions.InvalidRequestException,  # is being deleted
        ):
            return False
        return True

    def _create(self, user: str, text: str, version: str) -> bool:
        key = {"KmsKeyId": self.key_arn} if self.key_arn else {}
        try:
            self.client.create_secret(
                Name=self._name(user),
                Description="Password hashes of a user",
                ClientRequestToken=version,
                SecretString=text,
                Tags=[{"Key": k, "Value": v} for k, v in self.tags.items()],
                **key,
            )
        except (
            self.client.exceptions.ResourceExistsException,  # was made meanwhile
            self.client.exceptions.InvalidRequestException,  # is being deleted
        ):
            return False
        return True

    def _move(self, user: str, current: str | None, where: str) -> bool:
        source = {"RemoveFromVersionId": current} if current else {}
        try:
            self.client.update_secret_version_stage(
                SecretId=self._name(user),
                VersionStage=_CURRENT,
                MoveToVersionId=where,
                **source,
            )
        except (
            self.client.exceptions.InvalidParameterException,
            self.client.exceptions.InvalidRequestException,
        ):
            return False  # somebody else moved it
        return True

    def _name(self, user: str) -> str:
        return f"{self.prefix}{hashlib.sha256(encoded(user)).hexdigest()}"
