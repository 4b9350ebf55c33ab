"""Rotation on AWS: the functions that Secrets Manager calls, one for each kind of value.

They take any secret that names them as its rotation function and has their kind in the tag
`bulwark:rotation`; other settings are tags of the secret as well, so the functions have none.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger

from .generated import Generated
from .pepper import Pepper
from .steps import About, Kind, Rotation, RotationError

logger = Logger(service="rotation")

_EVENT = ("SecretId", "ClientRequestToken", "Step")


def generated(event: dict[str, Any], context: Any) -> None:
    _run(Generated(), event, context)


def pepper(event: dict[str, Any], context: Any) -> None:
    _run(Pepper(), event, context)


@dataclass(frozen=True, slots=True)
class ManagedSecret:
    """A secret in Secrets Manager. `client` is one of boto3."""

    client: Any
    arn: str

    def about(self) -> About:
        found = self.client.describe_secret(SecretId=self.arn)
        return About(
            rotator=found.get("RotationLambdaARN") if found.get("RotationEnabled") else None,
            stages={v: tuple(s) for v, s in found.get("VersionIdsToStages", {}).items()},
            tags={tag["Key"]: tag["Value"] for tag in found.get("Tags", [])},
        )

    def value(self, version: str, stage: str) -> str | None:
        try:
            found = self.client.get_secret_value(
                SecretId=self.arn, VersionId=version, VersionStage=stage
            )
        except self.client.exceptions.ResourceNotFoundException:
            return None
        return found.get("SecretString")

    def put(self, version: str, value: str) -> None:
        try:
            self.client.put_secret_value(
                SecretId=self.arn,
                ClientRequestToken=version,
                SecretString=value,
                VersionStages=["AWSPENDING"],
            )
        except self.client.exceptions.ResourceExistsException:
            return  # a step that ran at the same time was faster

    def move(self, stage: str, *, to: str | None, away_from: str | None) -> None:
        ends = {"MoveToVersionId": to, "RemoveFromVersionId": away_from}
        self.client.update_secret_version_stage(
            SecretId=self.arn,
            VersionStage=stage,
            **{name: version for name, version in ends.items() if version},
        )


def _run(kind: Kind, event: dict[str, Any], context: Any) -> None:
    if not all(isinstance(event.get(name), str) for name in _EVENT):
        raise RotationError(f"the event must have {', '.join(_EVENT)}")
    secret, version, step = (event[name] for name in _EVENT)
    logger.append_keys(secret=secret, version=version, step=step, kind=kind.name)
    rotation = Rotation(
        secret=ManagedSecret(_client(), secret),
        kind=kind,
        version=version,
        function=context.invoked_function_arn,
    )
    try:
        rotation.run(step)
    except RotationError as refused:
        logger.warning("refused", reason=str(refused))
        raise
    logger.info("done")


@cache
def _client() -> Any:
    import boto3
    from botocore.config import Config

    patience = Config(
        retries={"mode": "standard", "total_max_attempts": 6}, connect_timeout=2, read_timeout=5
    )
    return boto3.client("secretsmanager", config=patience)
