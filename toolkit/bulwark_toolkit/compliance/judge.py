"""Every rule over every resource that it is for."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Literal

from bulwark_toolkit.preview.graph import Graph
from bulwark_toolkit.preview.values import Secret, Unknown
from bulwark_toolkit.preview.wire import to_json

from . import clock
from .rule import Rule, Verdict
from .rules import RULES
from .subject import NotKnownError, NotReadableError, Subject

if TYPE_CHECKING:
    from .waivers import Waiver

_PLAIN: Final = (str, bool, int, float, type(None))

Outcome = Literal["pass", "fail", "unknown", "not applicable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one rule says of one property of one resource."""

    rule: Rule
    outcome: Outcome
    urn: str = ""
    """The resource; empty where the rule applies to nothing in the graph."""
    subject: str = ""
    """URN of the resource that was judged, which has the property or is related to what has it."""
    property: str = ""
    value: Any = None
    """What is there, with secrets and unknowns as their markers."""
    text: str = ""
    """Why it fails, or what an unknown value waits for."""
    source: str = ""
    """File and line that made the resource, relative to the project."""
    expired: bool = False
    """Whether only time made it fail. Such a failure stops no deployment: see policy/."""
    waiver: "Waiver | None" = None
    """Of a failure that somebody answers for."""


def judge(
    graph: Graph, rules: Sequence[Rule] = RULES, day: date | None = None
) -> tuple[Finding, ...]:
    """The findings of each rule, in the order of the rules and of the graph's resources.

    They are those of a day: today, unless told otherwise.

    A rule that applies to nothing has one finding that says so; one that raises, one that fails.
    """
    by_type: dict[str, list[Subject]] = {}
    for resource in graph.resources:
        # What exists already is somebody else's; it is looked at by name only.
        if resource.kind == "custom" and not resource.is_provider:
            by_type.setdefault(resource.type, []).append(Subject(resource, graph))
    day = day or clock.today()
    return tuple(finding for rule in rules for finding in _of_rule(rule, by_type, day))


def _of_rule(rule: Rule, by_type: dict[str, list[Subject]], day: date) -> Iterator[Finding]:
    subjects = [subject for token in rule.types for subject in by_type.get(token, ())]
    found = [finding for subject in subjects for finding in _of_subject(rule, subject, day)]
    yield from found or [Finding(rule=rule, outcome="not applicable")]


def _of_subject(rule: Rule, subject: Subject, day: date) -> Iterator[Finding]:
    source = subject.resource.source
    try:
        verdicts = [_verdict(given) for given in rule.judge(subject)]
    except NotKnownError as error:
        waits = ", ".join(urn.rpartition("::")[2] for urn in error.waits_for)
        value = Unknown(error.waits_for) if error.waits_for else Secret()
        yield Finding(
            rule=rule,
            outcome="unknown",
            urn=error.urn,
            subject=subject.urn,
            property=error.path,
            value=value,
            text=f"waits for {waits}" if waits else error.why or "is not known, or secret",
            source=source,
        )
        return
    except NotReadableError as error:
        yield Finding(
            rule=rule,
            outcome="fail",
            urn=error.urn,
            subject=subject.urn,
            text=str(error),
            source=source,
        )
        return
    except (Exception, SystemExit) as error:  # noqa: BLE001 a rule that raises is a fail, not the end of all others
        yield Finding(
            rule=rule,
            outcome="fail",
            urn=subject.urn,
            subject=subject.urn,
            # Its message may repeat a value.
            text=f"the rule itself raised {type(error).__name__}; please report it",
            source=source,
        )
        return
    for verdict in verdicts:
        expired = verdict.until is not None and verdict.until < day
        passes = verdict.passes and not expired
        yield Finding(
            rule=rule,
            outcome="pass" if passes else "fail",
            urn=verdict.urn or subject.urn,
            subject=subject.urn,
            property=verdict.property,
            value=verdict.value,
            text="" if passes else verdict.text or rule.requires,
            source=source,
            expired=verdict.passes and expired,
        )


def _verdict(given: Any) -> Verdict:
    """What a rule of anybody's yields, made sure of: its value has to be one that can be shown."""
    if not isinstance(given, Verdict):
        raise TypeError("a rule yields verdicts")
    if not isinstance(given.value, _PLAIN):
        json.dumps(to_json(given.value))
    return given
