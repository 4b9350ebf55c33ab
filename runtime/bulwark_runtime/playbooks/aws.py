"""The responder on AWS: one function behind two queues.

EventBridge's rules put events on the one; people put decisions on the other, where SQS says who
they are. What the function does to resources it does as another role, one for each action, whose
sessions are named after the case. Settings are the environment variables in `Settings`.
"""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, single_metric
from aws_lambda_powertools.metrics import MetricUnit

from . import actions, events, samples
from .aws_cases import TableCases
from .aws_people import People
from .cases import Case, Decision, Step
from .incident import UnreadableError
from .messages import Message
from .playbook import Playbook
from .responder import Responder

SERVICE = "playbooks"
NAMESPACE = "Bulwark/Playbooks"

Json = dict[str, Any]

logger = Logger(service=SERVICE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    stack: str
    """BULWARK_STACK: what people call the stack on the command line."""
    runbook: str
    """BULWARK_RUNBOOK: where the runbook is for those who are told."""
    account: str
    """BULWARK_ACCOUNT: the 12-digit account whose resources are acted on."""
    region: str
    """AWS_REGION, which Lambda sets."""
    table: str
    """BULWARK_TABLE: name of the table of cases."""
    topics: Mapping[str, str]
    """BULWARK_TOPICS: JSON, the ARN of the topic for `page` and for `ticket`."""
    playbooks: Mapping[str, Playbook]
    """BULWARK_PLAYBOOKS: JSON, by name."""
    roles: str
    """BULWARK_ROLES: ARN of an action's role, with {} for the action."""
    approvers: tuple[str, ...]
    """BULWARK_APPROVERS: JSON, ARNs of the roles and users whose decisions count."""
    decisions: str
    """BULWARK_DECISIONS: ARN of the queue with what people decide."""
    attempts: int
    """BULWARK_ATTEMPTS: how often the queues deliver a message."""
    never: frozenset[str]
    """BULWARK_NEVER: JSON, ARNs of the users and roles that are left alone."""
    boundary: str | None
    """BULWARK_BOUNDARY: the boundary of the roles whose sessions may be revoked."""
    block_queue: str | None
    """BULWARK_BLOCK_QUEUE: URL of the block list's queue."""

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "Settings":
        """Raises a KeyError with the name of a variable that is missing."""
        playbooks = json.loads(environment["BULWARK_PLAYBOOKS"])
        return cls(
            stack=environment["BULWARK_STACK"],
            runbook=environment["BULWARK_RUNBOOK"],
            account=environment["BULWARK_ACCOUNT"],
            region=environment["AWS_REGION"],
            table=environment["BULWARK_TABLE"],
            topics=json.loads(environment["BULWARK_TOPICS"]),
            playbooks={name: Playbook.load(name, value) for name, value in playbooks.items()},
            roles=environment.get("BULWARK_ROLES", ""),
            approvers=tuple(json.loads(environment.get("BULWARK_APPROVERS", "[]"))),
            decisions=environment["BULWARK_DECISIONS"],
            attempts=int(environment["BULWARK_ATTEMPTS"]),
            never=frozenset(json.loads(environment.get("BULWARK_NEVER", "[]"))),
            boundary=environment.get("BULWARK_BOUNDARY"),
            block_queue=environment.get("BULWARK_BLOCK_QUEUE"),
        )


def handler(event: Json, context: object) -> Json:
    """Works off a batch of messages; those that failed come back, alone."""
    logger.append_keys(request_id=getattr(context, "aws_request_id", None))
    failed = [record["messageId"] for record in event["Records"] if not _handled(record)]
    return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}


def _handled(record: Json) -> bool:
    settings = _settings()
    try:
        if record["eventSourceARN"] == settings.decisions:
            _decide(record)
        else:
            _meet(record)
    except UnreadableError as error:
        # No attempt will make it readable: it goes to the dead letters, whose alarm tells people.
        logger.warning("unreadable message", reason=str(error), message_id=record["messageId"])
        return False
    except Exception as error:  # whatever it is, the others of the batch must go on
        logger.exception("failed", message_id=record["messageId"], error=type(error).__name__)
        _count("failed", "any")
        return False
    return True


def _meet(record: Json) -> None:
    for incident in events.read(_body(record)):
        _responder().meet(incident, last=_is_last(record))


def _decide(record: Json) -> None:
    body = _body(record)
    if body.get("format") != FORMAT or body.get("decision") not in _DECISIONS:
        raise UnreadableError("it is no decision")
    decision = Decision(
        id=record["messageId"],
        what=body["decision"],
        of=str(body.get("of", "")),
        by=record["attributes"]["SenderId"],
    )
    case = _responder().decide(decision, last=_is_last(record))
    logger.info(
        "decision",
        decision=decision.what,
        of=decision.of,
        by=decision.by,
        state=case.state if case else "unknown, or not allowed",
    )


FORMAT = "bulwark.decision/1"
_DECISIONS = ("approve", "reject", "undo", "fire")


def _is_last(record: Json) -> bool:
    """Whether the queue gives up after this attempt."""
    return int(record["attributes"]["ApproximateReceiveCount"]) >= _settings().attempts


def _body(record: Json) -> Json:
    try:
        body = json.loads(record["body"])
    except ValueError:
        raise UnreadableError("it is no JSON") from None
    if not isinstance(body, dict):
        raise UnreadableError("it is no JSON object")
    return body


@cache
def _settings() -> Settings:
    return Settings.read(os.environ)


@cache
def _responder() -> Responder:
    settings = _settings()
    return Responder(
        stack=settings.stack,
        runbook=settings.runbook,
        account=settings.account,
        region=settings.region,
        playbooks=settings.playbooks,
        book=TableCases(client("dynamodb"), settings.table),
        action=_action,
        tell=_tell,
        person=People(client("iam"), client("sts"), settings.approvers).of,
        sample=samples.incident,
        log=_log,
        now=lambda: datetime.now(UTC),
    )


def _tell(how: str, message: Message) -> None:
    client("sns").publish(
        TopicArn=_settings().topics[how], Subject=message.subject, Message=message.text
    )


def _log(case: Case, step: Step) -> None:
    logger.info(
        "audit",
        case=case.id,
        playbook=case.playbook,
        action=case.action,
        subject=str(case.subject) if case.subject else None,
        state=case.state,
        step=step.what,
        by=step.by,
    )
    _count(case.state, case.playbook)
    if case.state == "done":
        seconds = max((step.at - case.incident.at).total_seconds(), 0)
        _metric("SecondsToAction", MetricUnit.Seconds, seconds, {"playbook": case.playbook})


def _count(result: str, playbook: str) -> None:
    _metric("Cases", MetricUnit.Count, 1, {"playbook": playbook, "result": result})


def _metric(name: str, unit: MetricUnit, value: float, dimensions: Mapping[str, str]) -> None:
    with single_metric(name=name, unit=unit, value=value, namespace=NAMESPACE) as metric:
        for dimension, of in {"service": SERVICE, **dimensions}.items():
            metric.add_dimension(name=dimension, value=of)


def _action(name: str, case: str) -> actions.Action:
    """The action, with clients of its own role that are made when they are asked for."""
    settings = _settings()
    return _ACTIONS[name](_as(settings.roles.format(name), case), settings)


_ACTIONS: Mapping[str, Callable[[actions.Clients, Settings], actions.Action]] = {
    "block-source": lambda c, s: actions.BlockSource(c, s.block_queue or ""),
    "close-bucket": lambda c, _: actions.CloseBucket(c),
    "close-group": lambda c, _: actions.CloseGroup(c),
    "disable-key": lambda c, s: actions.DisableKey(c, s.never),
    "disable-user": lambda c, _: actions.DisableUser(c),
    "isolate-instance": lambda c, _: actions.IsolateInstance(c),
    "revoke-sessions": lambda c, s: actions.RevokeSessions(c, s.boundary, s.never),
    "rotate-secret": lambda c, _: actions.RotateSecret(c),
    "start-trail": lambda c, _: actions.StartTrail(c),
}


def _as(role: str, case: str) -> actions.Clients:
    @cache
    def session() -> Any:
        import boto3

        # CloudTrail then shows, of every call, for which case it was made.
        keys = client("sts").assume_role(RoleArn=role, RoleSessionName=case)["Credentials"]
        return boto3.Session(
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
        )

    @cache
    def of(service: str) -> Any:
        return session().client(service, config=_patience())

    return of


@cache
def client(service: str) -> Any:
    """The client of a service with the function's own rights."""
    import boto3

    return boto3.client(service, config=_patience())


def _patience() -> Any:
    from botocore.config import Config

    return Config(
        retries={"mode": "standard", "total_max_attempts": 5}, connect_timeout=3, read_timeout=15
    )
