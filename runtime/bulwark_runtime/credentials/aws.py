"""The vault on AWS: a Lambda function for each operation, invoked with IAM.

Each handler takes an event as `events.SCHEMAS` says and answers a Result as JSON, without what is
empty; a wrong event is answered with the outcome "invalid" and the problem. Settings are the
environment variables in `Settings`. Logs have every operation, and never a value.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from time import time
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from . import upkeep
from .answers import INVALID, METRICS, Json, answered
from .aws_secrets import SecretHashes
from .aws_table import TableDocuments
from .breached import RangeService, over_https
from .peppers import LoadedPeppers, PepperError, Peppers
from .results import Event, Operation
from .settings import Common, read_common
from .stores import AttemptCounters, Users
from .vault import Vault

SERVICE = "credentials"
NAMESPACE = "Bulwark/Credentials"

logger = Logger(service=SERVICE)
metrics = Metrics(namespace=NAMESPACE, service=SERVICE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Common):
    users_table: str
    """BULWARK_USERS_TABLE: name of the table of users, whose key is the string `id`."""
    attempts_table: str
    """BULWARK_ATTEMPTS_TABLE: likewise of attempts, with `expires_at` as its time to live."""
    pepper: str | None = None
    """BULWARK_PEPPER_ARN: the secret with the peppers; disable, enable and delete need none."""
    secrets_prefix: str | None = None
    """BULWARK_SECRETS_PREFIX: what names of users' secrets begin with. With the store `table` it
    says that some hashes may still be in secrets."""
    secrets_key: str | None = None
    """BULWARK_SECRETS_KEY_ARN: KMS key of users' secrets."""

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "Settings":
        """Raises a ValueError that names every variable that is missing or wrong."""
        wrong = [f"{name} is missing" for name in _NEEDED if not environment.get(name)]
        common = read_common(environment, wrong)
        if common["store"] == "secrets" and not environment.get("BULWARK_SECRETS_PREFIX"):
            wrong.append("BULWARK_SECRETS_PREFIX is missing: the store is secrets")
        if environment.get("BULWARK_SECRETS_PREFIX") and not environment.get("BULWARK_PEPPER_ARN"):
            wrong.append("BULWARK_PEPPER_ARN is missing: it is read for users who do not exist")
        if wrong:
            raise ValueError("; ".join(wrong))
        return cls(
            users_table=environment["BULWARK_USERS_TABLE"],
            attempts_table=environment["BULWARK_ATTEMPTS_TABLE"],
            pepper=environment.get("BULWARK_PEPPER_ARN") or None,
            secrets_prefix=environment.get("BULWARK_SECRETS_PREFIX") or None,
            secrets_key=environment.get("BULWARK_SECRETS_KEY_ARN") or None,
            **common,
        )


_NEEDED = ("BULWARK_USERS_TABLE", "BULWARK_ATTEMPTS_TABLE")


def vault_of(settings: Settings, audit: Callable[[Event], None]) -> Vault:
    return Vault(
        users_of(settings),
        AttemptCounters(TableDocuments(_client("dynamodb"), settings.attempts_table)),
        LoadedPeppers(lambda: _peppers(settings.pepper), time),
        settings.policy,
        breaches=RangeService(over_https(settings.range_service)),
        audit=audit,
    )


def users_of(settings: Settings) -> Users:
    documents = TableDocuments(_client("dynamodb"), settings.users_table)
    return Users(documents, _place(settings), writes_inline=settings.store == "table")


def register(event: Json, context: object) -> Json:
    return _run("register", event, context)


def verify(event: Json, context: object) -> Json:
    return _run("verify", event, context)


def change(event: Json, context: object) -> Json:
    return _run("change", event, context)


def begin_reset(event: Json, context: object) -> Json:
    return _run("begin_reset", event, context)


def finish_reset(event: Json, context: object) -> Json:
    return _run("finish_reset", event, context)


def disable(event: Json, context: object) -> Json:
    return _run("disable", event, context)


def enable(event: Json, context: object) -> Json:
    return _run("enable", event, context)


def delete(event: Json, context: object) -> Json:
    return _run("delete", event, context)


def import_hash(event: Json, context: object) -> Json:
    return _run("import_hash", event, context)


def move_hashes(event: Json, context: Any) -> Json:
    """Bring all hashes where the store is, from `cursor` on; invoke again with the one it gives."""
    progress = upkeep.move_hashes(
        _users(), cursor=event.get("cursor"), may_go_on=_has_time(context)
    )
    logger.info("moved", **asdict(progress))
    return asdict(progress)


def count_peppers(event: Json, context: Any) -> Json:
    """Count the hashes that need each pepper, from `cursor` on; add up what the calls give."""
    usage = upkeep.count_peppers(_users(), cursor=event.get("cursor"), may_go_on=_has_time(context))
    logger.info("counted", **asdict(usage))
    return asdict(usage)


def _run(operation: Operation, event: Json, context: object) -> Json:
    logger.append_keys(request_id=getattr(context, "aws_request_id", None))
    answer = answered(operation, event, _vault)
    if answer["outcome"] == "invalid":
        logger.warning("invalid event", operation=operation, problem=answer["problem"])
        metrics.add_metric(INVALID, MetricUnit.Count, 1)
    _publish()
    return answer


def _publish() -> None:
    # Not from the settings, which may be what is wrong.
    metrics.add_dimension(name="vault", value=os.environ.get("BULWARK_VAULT") or "local")
    metrics.flush_metrics()


def _audited(event: Event) -> None:
    logger.info("audit", **{name: value for name, value in asdict(event).items() if value})
    metrics.add_metric(METRICS[event.outcome], MetricUnit.Count, 1)
    if event.reason == "rehashed":
        metrics.add_metric("Rehashes", MetricUnit.Count, 1)


def _has_time(context: Any) -> Callable[[], bool]:
    return lambda: context.get_remaining_time_in_millis() > _A_PAGE_MS


_A_PAGE_MS = 60_000
"""Time that a page of users takes at most, a secret each: a function for all needs more than it."""


@cache
def _users() -> Users:
    return users_of(Settings.read(os.environ))


@cache
def _vault() -> Vault:
    """Made at the first call and kept as long as this instance lives."""
    return vault_of(Settings.read(os.environ), _audited)


def _place(settings: Settings) -> SecretHashes | None:
    if settings.secrets_prefix is None or settings.pepper is None:
        return None
    return SecretHashes(
        client=_client("secretsmanager"),
        prefix=settings.secrets_prefix,
        decoy=settings.pepper,
        key_arn=settings.secrets_key,
    )


def _peppers(arn: str | None) -> Peppers:
    if arn is None:
        raise PepperError("BULWARK_PEPPER_ARN is missing")
    found = _client("secretsmanager").get_secret_value(SecretId=arn, VersionStage="AWSCURRENT")
    return Peppers.from_json(found["SecretString"])


@cache
def _client(service: str) -> Any:
    import boto3
    from botocore.config import Config

    patience = Config(
        retries={"mode": "standard", "total_max_attempts": 6}, connect_timeout=2, read_timeout=5
    )
    return boto3.client(service, config=patience)
