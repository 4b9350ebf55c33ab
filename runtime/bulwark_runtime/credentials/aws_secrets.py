"""Hashes in Secrets Manager: one secret for each user, and a version of it for each password.

The service has no conditional write, so the user's record in the table says which version
counts: a version is written first, then the record is turned to it. docs/credentials.md has prices
and limits.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .records import Hash, hashes_from, hashes_to_json
from .stores import HashesMovedError, StoreError

_CURRENT, _PENDING = "AWSCURRENT", "AWSPENDING"
_TRIES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretHashes:
    client: Any
    """A Secrets Manager client of boto3."""
    prefix: str
    """What the names of the secrets begin with; the rest is random, and names nobody."""
    decoy: str
    """A secret that may be read and is there: read for users who do not exist."""
    key_arn: str | None = None
    """KMS key of the secrets, if not the account's own."""
    tags: Mapping[str, str] = field(default_factory=dict)

    def keep(self, nest: str, hashes: tuple[Hash, ...], *, beside: str | None) -> str:
        if beside:
            # It may have no stage since a crash, and what has none is removed some day.
            self.settle(nest, beside)
        text, version = hashes_to_json(hashes), str(uuid.uuid4())
        if self._put(nest, text, version):
            return version
        if beside:
            raise HashesMovedError  # and to make it anew would leave it behind
        if self._create(nest, text, version) or self._put(nest, text, version):
            return version
        raise StoreError("a user's secret is neither there nor can it be made")

    def fetch(self, nest: str, kept: str) -> tuple[Hash, ...]:
        try:
            found = self.client.get_secret_value(SecretId=self.prefix + nest, VersionId=kept)
        except self.client.exceptions.ResourceNotFoundException:
            raise HashesMovedError from None
        return hashes_from(json.loads(found["SecretString"]))

    def fetch_nothing(self) -> None:
        self.client.get_secret_value(SecretId=self.decoy)

    def settle(self, nest: str, kept: str) -> None:
        for _ in range(_TRIES):
            stages = self._stages(nest)
            current = next((v for v, names in stages.items() if _CURRENT in names), None)
            if kept not in stages or kept == current or self._move(nest, current, kept):
                return

    def discard(self, nest: str) -> None:
        # Of one that is not there the service says the same as of one that was.
        self.client.delete_secret(SecretId=self.prefix + nest, ForceDeleteWithoutRecovery=True)

    def _stages(self, nest: str) -> Mapping[str, list[str]]:
        """The stages of each version; none where the nest is cleared."""
        try:
            return self.client.describe_secret(SecretId=self.prefix + nest)["VersionIdsToStages"]
        except self.client.exceptions.ResourceNotFoundException:
            return {}

    def _put(self, nest: str, text: str, version: str) -> bool:
        """Whether the secret is there, and has the version."""
        try:
            self.client.put_secret_value(
                SecretId=self.prefix + nest,
                ClientRequestToken=version,
                SecretString=text,
                VersionStages=[_PENDING],
            )
        except self.client.exceptions.ResourceNotFoundException:
            return False
        return True

    def _create(self, nest: str, text: str, version: str) -> bool:
        """Whether it was not there until now."""
        key = {"KmsKeyId": self.key_arn} if self.key_arn else {}
        try:
            self.client.create_secret(
                Name=self.prefix + nest,
                Description="Password hashes of a user",
                ClientRequestToken=version,
                SecretString=text,
                Tags=[{"Key": k, "Value": v} for k, v in self.tags.items()],
                **key,
            )
        except self.client.exceptions.ResourceExistsException:
            return False
        return True

    def _move(self, nest: str, current: str | None, kept: str) -> bool:
        """Whether the stage moved, and not meanwhile to somewhere else."""
        source = {"RemoveFromVersionId": current} if current else {}
        try:
            self.client.update_secret_version_stage(
                SecretId=self.prefix + nest,
                VersionStage=_CURRENT,
                MoveToVersionId=kept,
                **source,
            )
        except (
            self.client.exceptions.InvalidParameterException,
            self.client.exceptions.InvalidRequestException,
        ):
            return False
        return True
