"""The vault on AWS: a Lambda function for each operation, invoked with IAM.

Each handler takes an event as `events.SCHEMAS` says and answers a Result as JSON, without what is
empty; a wrong event is answered with the outcome "invalid" and the problem. Settings are the
environment variables in `Settings`. Logs have every operation, and never a value.
"""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from time import time
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from . import upkeep
from .aws_secrets import SecretHashes
from .aws_table import TableDocuments
from .breached import HIBP, RangeService, over_https
from .events import problem
from .peppers import LoadedPeppers, PepperError, Peppers
from .policy import Policy
from .results import Event, Operation, Outcome, RequestError, Result
from .stores import AttemptCounters, Users
from .vault import Vault

SERVICE = "credentials"
NAMESPACE = "Bulwark/Credentials"

METRICS: Mapping[Outcome, str] = {
    "done": "Successes",
    "refused": "Failures",
    "delayed": "Lockouts",
    "weak": "WeakPasswords",
    "exists": "Duplicates",
    "conflict": "Conflicts",
}
"""A metric for each outcome, of a vault as a whole; the log line has the operation."""

Json = dict[str, Any]

logger = Logger(service=SERVICE)
metrics = Metrics(namespace=NAMESPACE, service=SERVICE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    users_table: str
    """BULWARK_USERS_TABLE: name of the table of users, whose key is the string `id`."""
    attempts_table: str
    """BULWARK_ATTEMPTS_TABLE: likewise of attempts, with `expires_at` as its time to live."""
    pepper: str | None = None
    """BULWARK_PEPPER_ARN: the secret with the peppers; disable, enable and delete need none."""
    policy: Policy = field(default_factory=lambda: Policy.from_settings({}))
    """BULWARK_POLICY: JSON, {"presets": ["pci", "psd2"], setting: value, ...}."""
    store: str = "table"
    """BULWARK_STORE: where new hashes go, table or secrets."""
    secrets_prefix: str | None = None
    """BULWARK_SECRETS_PREFIX: what names of users' secrets begin with. With the store `table` it
    says that some hashes may still be in secrets."""
    secrets_key: str | None = None
    """BULWARK_SECRETS_KEY_ARN: KMS key of users' secrets."""
    vault: str = "local"
    """BULWARK_VAULT: its name in the metrics, which tells vaults of one region apart."""
    range_service: str = HIBP
    """BULWARK_RANGE_SERVICE: address of a range service, for the policy's breached: service."""

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "Settings":
        """Raises a ValueError that names every variable that is missing or wrong."""
        policy = Policy()
        wrong = [f"{name} is missing" for name in _NEEDED if not environment.get(name)]
        store = environment.get("BULWARK_STORE", "table")
        if store not in ("table", "secrets"):
            wrong.append("BULWARK_STORE: table or secrets")
        if store == "secrets" and not environment.get("BULWARK_SECRETS_PREFIX"):
            wrong.append("BULWARK_SECRETS_PREFIX is missing: the store is secrets")
        if environment.get("BULWARK_SECRETS_PREFIX") and not environment.get("BULWARK_PEPPER_ARN"):
            wrong.append("BULWARK_PEPPER_ARN is missing: it is read for users who do not exist")
        try:
            policy = Policy.from_settings(_json(environment.get("BULWARK_POLICY", "{}")))
        except ValueError as error:
            wrong.append(f"BULWARK_POLICY: {error}")
        try:
            over_https(environment.get("BULWARK_RANGE_SERVICE") or HIBP)
        except ValueError:
            wrong.append("BULWARK_RANGE_SERVICE: an https address")
        if wrong:
            raise ValueError("; ".join(wrong))
        return cls(
            users_table=environment["BULWARK_USERS_TABLE"],
            attempts_table=environment["BULWARK_ATTEMPTS_TABLE"],
            pepper=environment.get("BULWARK_PEPPER_ARN") or None,
            policy=policy,
            store=store,
            secrets_prefix=environment.get("BULWARK_SECRETS_PREFIX") or None,
            secrets_key=environment.get("BULWARK_SECRETS_KEY_ARN") or None,
            vault=environment.get("BULWARK_VAULT") or "local",
            range_service=environment.get("BULWARK_RANGE_SERVICE") or HIBP,
        )


_NEEDED = ("BULWARK_USERS_TABLE", "BULWARK_ATTEMPTS_TABLE")


def _json(text: str) -> Json:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ValueError("it is not a JSON object")  # noqa: TRY004 a setting's text, not a program
    return found


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
    if wrong := problem(operation, event):
        return _invalid(operation, wrong)
    arguments = {_ARGUMENTS.get(name, name): value for name, value in event.items()}
    try:
        result = getattr(_vault(), operation)(**arguments)
    except RequestError as error:  # a bound that a schema cannot say
        return _invalid(operation, str(error))
    _publish()
    return _as_json(result)


_ARGUMENTS = {"hash": "text"}


def _invalid(operation: Operation, wrong: str) -> Json:
    logger.warning("invalid event", operation=operation, problem=wrong)
    metrics.add_metric("InvalidEvents", MetricUnit.Count, 1)
    _publish()
    return {"outcome": "invalid", "problem": wrong}


def _publish() -> None:
    # Not from the settings, which may be what is wrong.
    metrics.add_dimension(name="vault", value=os.environ.get("BULWARK_VAULT") or "local")
    metrics.flush_metrics()


def _as_json(result: Result) -> Json:
    return {name: value for name, value in asdict(result).items() if value}


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
