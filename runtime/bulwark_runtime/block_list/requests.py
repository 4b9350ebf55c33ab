"""What a message asks for."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal, get_args

from .networks import Network, NetworkError, Rules, parse

FORMAT: Final = "bulwark.block/1"
DETAIL_TYPE: Final = "Bulwark Block Request"
"""Of an event whose detail is a request."""

_TICK: Final = "Scheduled Event"
"""Of the events that EventBridge makes by the clock."""

MOST_BYTES: Final = 250_000
"""Of a message: SQS took 256 KB for long, and does with any client."""

_MOST_NETWORKS: Final = 20_000
_MOST_PROBLEMS: Final = 20
_LONGEST_REASON: Final = 256
_ID: Final = re.compile(r"[A-Za-z0-9_-]{8,100}")
_SOURCE: Final = re.compile(r"[a-z][a-z0-9:_-]{0,99}")
_LAST: Final = datetime(9999, 12, 31, tzinfo=UTC).timestamp()

Action = Literal["add", "remove"]


class RequestError(ValueError):
    """A request that cannot be applied: `problems` has all of what is wrong with it."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = list(problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    id: str
    """Of the asker's choice: the same one asks for the same thing, and that happens once."""
    action: Action
    list: str
    networks: tuple[Network, ...]
    until: int | None = None
    """Seconds since 1970 at which it is over; None is until it is taken out."""
    reason: str = ""
    source: str = "event"
    """What kind of thing says it asks. Who really asked is what the queue says."""


@dataclass(frozen=True, slots=True)
class Tick:
    """It is time to look over the lists."""


def read(body: str, *, lists: Sequence[str], rules: Rules, now: float) -> Request | Tick:
    """What a message asks for, at the time it was sent. Raises a RequestError."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise RequestError(["the message is no JSON"]) from None
    if not isinstance(found, dict):
        raise RequestError(["the message is no JSON object"])
    if found.get("detail-type") == _TICK:
        return Tick()
    if found.get("detail-type") == DETAIL_TYPE:
        found = _of_event(found)
    return _request(found, lists, rules, now)


def _of_event(event: Mapping[str, Any]) -> dict[str, Any]:
    """The request in an event: its detail, with what it need not repeat."""
    detail = event.get("detail")
    written = detail if isinstance(detail, dict) else {}
    return {"format": FORMAT, "list": "blocked", "id": event.get("id"), "source": "event"} | written


def _request(found: Mapping[str, Any], lists: Sequence[str], rules: Rules, now: float) -> Request:
    problems: list[str] = []
    action = found.get("action")
    networks = tuple(_networks(found, rules if action == "add" else None, problems))
    until = _until(found, now, problems) if action == "add" else None
    problems += _wrong(found, lists)
    if problems:
        raise RequestError(_few(problems))
    return Request(
        id=found["id"],
        action=found["action"],
        list=found["list"],
        networks=networks,
        until=until,
        reason=found.get("reason", ""),
        source=found.get("source", "event"),
    )


def _wrong(found: Mapping[str, Any], lists: Sequence[str]) -> Iterator[str]:
    if found.get("format") != FORMAT:
        yield f"format: must be {FORMAT}"
    if found.get("action") not in get_args(Action):
        yield f"action: must be {' or '.join(get_args(Action))}"
    if found.get("list") not in lists:
        yield f"list: must be {' or '.join(lists)}"
    if not _is(_ID, found.get("id")):
        yield "id: must be 8 to 100 letters, digits, - and _, such as a UUID"
    if not _is(_SOURCE, found.get("source", "event")):
        yield "source: must be small letters, digits, :, - and _, such as playbook:guardduty"
    reason = found.get("reason", "")
    if not isinstance(reason, str) or len(reason) > _LONGEST_REASON or not reason.isprintable():
        yield f"reason: must be one line of up to {_LONGEST_REASON} characters"
    elif found.get("action") == "add" and not reason.strip():
        yield "reason: says why, so that somebody can tell later whether it still holds"


def _is(form: re.Pattern[str], text: object) -> bool:
    return isinstance(text, str) and form.fullmatch(text) is not None


def _networks(
    found: Mapping[str, Any], rules: Rules | None, problems: list[str]
) -> Iterator[Network]:
    """The networks, each once. What is wrong with one is said by its place, and by its name."""
    written = found.get("networks")
    if not isinstance(written, list) or not 1 <= len(written) <= _MOST_NETWORKS:
        problems.append(f"networks: must be a list of 1 to {_MOST_NETWORKS:,} networks")
        return
    seen = set()
    for number, text in enumerate(written):
        try:
            network = parse(text)
            if rules:
                rules.check(network)
        except NetworkError as error:
            shown = f" {text}" if isinstance(text, str) and len(text) <= 50 else ""  # noqa: PLR2004
            problems.append(f"networks[{number}]:{shown if shown.isprintable() else ''} {error}")
            continue
        if network not in seen:
            seen.add(network)
            yield network


def _until(found: Mapping[str, Any], now: float, problems: list[str]) -> int | None:
    text = found.get("until")
    if text is None:
        return None
    try:
        if not isinstance(text, str):
            raise ValueError  # noqa: TRY301, TRY004 the same is wrong with it
        end = datetime.fromisoformat(text)
        if end.tzinfo is None:
            raise ValueError  # noqa: TRY301
        seconds = int(end.timestamp())
        # At the end of the calendar another zone's time could not be written any more.
        if seconds > _LAST:
            raise ValueError  # noqa: TRY301
    except (ValueError, OverflowError):
        problems.append(
            "until: must be a time with its zone, such as 2026-11-25T18:00:00Z, or null"
        )
        return None
    if seconds <= now:
        problems.append("until: is over already")
    return seconds


def _few(problems: list[str]) -> list[str]:
    left_out = len(problems) - _MOST_PROBLEMS
    more = [f"and {left_out:,} more like these"] if left_out > 0 else []
    return problems[:_MOST_PROBLEMS] + more


def messages(request: Request) -> Iterator[str]:
    """The bodies by which to ask for it: more than one where a message has no room for all.

    Each has an id of its own, made of the request's, so that asking again asks for the same.
    """
    parts = list(_parts([str(network) for network in request.networks]))
    for number, part in enumerate(parts):
        yield json.dumps(
            {
                "format": FORMAT,
                "action": request.action,
                "list": request.list,
                "networks": part,
                "until": None if request.until is None else as_text(request.until),
                "reason": request.reason,
                "source": request.source,
                "id": request.id if len(parts) == 1 else f"{request.id}-{number}",
            },
            separators=(",", ":"),
        )


_ROOM: Final = MOST_BYTES - 2_000
"""For networks: the rest of a message has a reason of up to 256 characters, six bytes each."""


def _parts(networks: Sequence[str]) -> Iterator[list[str]]:
    part: list[str] = []
    size = 0
    for network in networks:
        size += len(network) + 3  # with its quotes and a comma
        if size > _ROOM:
            yield part
            part, size = [], len(network) + 3
        part.append(network)
    yield part


def as_text(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
