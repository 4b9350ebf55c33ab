"""What people are told: short, whole, and with the command to type."""

from collections.abc import Iterator
from dataclasses import dataclass

from .cases import Case, State

_LONGEST_SUBJECT = 100
"""Characters of a subject that SNS takes; ASCII only."""

_HEADLINES: dict[State, str] = {
    "told": "look into this",
    "planned": "dry run, nothing was changed",
    "waiting": "waits for your approval",
    "done": "was acted on",
    "undone": "was undone",
    "rejected": "was rejected",
    "expired": "was approved by nobody in time",
    "refused": "needs a person",
    "acting": "could not be acted on",
    "undoing": "could not be undone",
}


@dataclass(frozen=True, slots=True)
class Message:
    subject: str
    text: str


def message(case: Case, *, stack: str, runbook: str, can_undo: bool) -> Message:
    subject = f"[{stack}] {case.playbook}: {_HEADLINES[case.state]}"
    return Message(
        subject="".join(c if " " <= c <= "~" else "?" for c in subject)[:_LONGEST_SUBJECT],
        text="\n".join(_lines(case, stack, runbook, can_undo=can_undo)) + "\n",
    )


def _lines(case: Case, stack: str, runbook: str, *, can_undo: bool) -> Iterator[str]:
    incident = case.incident
    yield f"What:   {incident.title}"
    yield f"        {incident.types[0]}, {incident.severity}"
    where = (incident.region, str(case.subject) if case.subject else "")
    yield ", ".join([f"Where:  account {incident.account}", *filter(None, where)])
    yield f"When:   {incident.at:%Y-%m-%d %H:%M:%S} UTC"
    yield f"Id:     {incident.id}"
    if case.said:
        yield f"Result: {case.said}"
    yield ""
    yield from _what_to_type(case, stack, can_undo=can_undo)
    yield f"All of it:  bulwark respond show {case.id} -s {stack}"
    yield f"Runbook:    {runbook}#playbook"


def _what_to_type(case: Case, stack: str, *, can_undo: bool) -> Iterator[str]:
    def command(what: str) -> str:
        return f"bulwark respond {what} {case.id} -s {stack}"

    if case.state == "waiting" and case.until:
        yield f"Do it:      {command('approve')}    (until {case.until:%Y-%m-%d %H:%M} UTC)"
        yield f"Leave it:   {command('reject')}"
    if case.state == "done" and can_undo:
        yield f"Undo it:    {command('undo')}"
