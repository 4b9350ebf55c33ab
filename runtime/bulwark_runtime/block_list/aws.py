"""The writer on AWS: a Lambda function behind the queue of requests.

Settings are the environment variables in `Settings`. Each thing that happens is a line of the log,
beginning with `audit`, and a metric.
"""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from .aws_sets import WafSets
from .aws_table import DynamoTable
from .networks import Rules
from .ports import IpSet, Message
from .settings import Reading
from .writer import Writer

SERVICE: Final = "block-list"
NAMESPACE: Final = "Bulwark/BlockList"
"""Where POWERTOOLS_METRICS_NAMESPACE names no other."""

_SPARE_SECONDS: Final = 10.0
"""Of a call's time, what is kept for the end: to write down what was done, and to say so."""

_FIRST_PAUSE_SECONDS: Final = 5
_LONGEST_PAUSE_SECONDS: Final = 300

Json = dict[str, Any]

logger = Logger(service=os.environ.get("POWERTOOLS_SERVICE_NAME", SERVICE))

_NEEDED: Final = ("BULWARK_TABLE", "BULWARK_QUEUE_URL", "BULWARK_SETS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    table: str
    """BULWARK_TABLE: name of the table, whose keys are the strings `part` and `item`."""
    queue_url: str
    """BULWARK_QUEUE_URL: where the messages come from."""
    lists: Mapping[str, Sequence[IpSet]]
    """BULWARK_SETS: JSON, the sets behind each list: id, name, scope, region, version."""
    rules: Rules
    """What may be blocked, see `Reading`."""
    history_days: int
    """Days for which the table keeps what became of each request, see `Reading`."""

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "Settings":
        """Raises a ValueError that names every variable that is missing or wrong."""
        reading = Reading(environment, _NEEDED)
        lists = reading.parsed("BULWARK_SETS", "{}", _sets)
        rules, days = reading.rules(), reading.history_days()
        reading.must_be_right()
        return cls(
            table=environment["BULWARK_TABLE"],
            queue_url=environment["BULWARK_QUEUE_URL"],
            lists=lists,
            rules=rules,
            history_days=days,
        )


def _sets(text: str) -> dict[str, list[IpSet]]:
    return {
        name: [IpSet(**{**each, "version": int(each["version"][-1])}) for each in sets]
        for name, sets in json.loads(text).items()
    }


def handler(event: Json, context: Any) -> Json:
    """Takes up to ten messages, and answers with those that are to come again."""
    settings = _settings()
    writer = writer_of(settings, patience=_time_left(context))
    messages = {record["messageId"]: message_of(record) for record in event["Records"]}
    try:
        failed = writer.handle(list(messages.values()))
    except Exception:
        _again_soon(settings, event["Records"])
        raise
    _again_soon(settings, [r for r in event["Records"] if r["messageId"] in failed])
    return {"batchItemFailures": [{"itemIdentifier": id_} for id_ in failed]}


def writer_of(settings: Settings, **more: Any) -> Writer:
    return Writer(
        table=DynamoTable(
            _resource("dynamodb"), settings.table, history_days=settings.history_days
        ),
        sets=WafSets(lambda region: _client("wafv2", region)),
        lists=settings.lists,
        rules=settings.rules,
        tell=tell,
        **more,
    )


def message_of(record: Mapping[str, Any]) -> Message:
    """A record of Lambda's event. What SQS says of the sender cannot be made up by the sender."""
    attributes = record["attributes"]
    return Message(
        id=record["messageId"],
        body=record["body"],
        who=attributes["SenderId"],
        sent_ms=int(attributes["SentTimestamp"]),
        sequence=attributes.get("SequenceNumber", ""),
    )


def _time_left(context: Any) -> Callable[[], float]:
    return lambda: context.get_remaining_time_in_millis() / 1000 - _SPARE_SECONDS


def _again_soon(settings: Settings, records: Sequence[Mapping[str, Any]]) -> None:
    """Have messages come again after a pause that grows.

    As the queue is set, they would come after six minutes, and what is behind them would wait.
    """
    if not records:
        return
    entries = [
        {
            "Id": str(number),
            "ReceiptHandle": record["receiptHandle"],
            "VisibilityTimeout": pause(int(record["attributes"]["ApproximateReceiveCount"])),
        }
        for number, record in enumerate(records)
    ]
    try:
        _client("sqs").change_message_visibility_batch(QueueUrl=settings.queue_url, Entries=entries)
    except Exception:
        # They come all the same, only later; what went wrong before is what matters.
        logger.exception("the messages come later")


def pause(tries: int) -> int:
    """Seconds until a message comes again that was tried so often."""
    return min(_FIRST_PAUSE_SECONDS * 2 ** (tries - 1), _LONGEST_PAUSE_SECONDS)


COUNTED: Final[Mapping[str, str]] = {
    "applied": "Requests",
    "rejected": "Rejected",
    "duplicate": "Duplicates",
    "expired": "Expired",
    "repaired": "Repaired",
}
"""A metric for each thing that is told of: how often."""

MEASURED: Final[Mapping[str, Mapping[str, tuple[str, MetricUnit]]]] = {
    "applied": {"seconds": ("SecondsToBlock", MetricUnit.Seconds)},
    "repaired": {"seconds": ("SecondsToRepair", MetricUnit.Seconds)},
    "converged": {
        "entries": ("Entries", MetricUnit.Count),
        "fill_percent": ("FillPercent", MetricUnit.Percent),
        "oldest_seconds": ("OldestSeconds", MetricUnit.Seconds),
        "waiting": ("Waiting", MetricUnit.Count),
    },
}
"""What else is measured, by where it is in what is told. SecondsToBlock is from the request to the
last set; SecondsToRepair from when the writer last saw the sets as they should be, the longest that
the change can have lasted."""


_OF_NO_LIST: Final = frozenset({"duplicate", "rejected"})
"""A request that is no request names no list."""


def tell(what: str, of: Mapping[str, Any]) -> None:
    """A line of the log, and the metrics; those of a list have it as a dimension."""
    if what != "converged" or of["waiting"]:
        logger.info("audit", event=what, **of)
    numbers = [(COUNTED[what], MetricUnit.Count, 1.0)] if what in COUNTED else []
    numbers += [
        (name, unit, float(of[where])) for where, (name, unit) in MEASURED.get(what, {}).items()
    ]
    metrics = EphemeralMetrics(
        namespace=os.environ.get("POWERTOOLS_METRICS_NAMESPACE", NAMESPACE),
        service=os.environ.get("POWERTOOLS_SERVICE_NAME", SERVICE),
    )
    if what not in _OF_NO_LIST:
        metrics.add_dimension("list", of["list"])
    for name, unit, value in numbers:
        metrics.add_metric(name, unit, value)
    metrics.flush_metrics()


@cache
def _settings() -> Settings:
    return Settings.read(os.environ)


@cache
def _client(service: str, region: str | None = None) -> Any:
    import boto3

    # The writer itself is patient with the firewall: with each try it begins with a new token.
    tries = 1 if service == "wafv2" else _TRIES
    return boto3.client(service, region_name=region, config=_patience(tries))


@cache
def _resource(service: str) -> Any:
    import boto3

    return boto3.resource(service, config=_patience(_TRIES))


_TRIES: Final = 6


def _patience(tries: int) -> Any:
    from botocore.config import Config

    return Config(
        retries={"mode": "standard", "total_max_attempts": tries},
        connect_timeout=2,
        read_timeout=10,
    )
