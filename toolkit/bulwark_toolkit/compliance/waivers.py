"""Waivers: what fails and is lived with for a while, by whose word and until when."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)
from pydantic.alias_generators import to_camel

from bulwark_toolkit.preview import yaml_file
from bulwark_toolkit.preview.errors import UsageError
from bulwark_toolkit.preview.graph import Graph

if TYPE_CHECKING:
    from .judge import Finding

FILE: Final = "waivers.yaml"
"""Its name, beside Pulumi.yaml."""


def _day(value: Any) -> date:
    """A date that is written as one: YAML is read without dates of its own."""
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError("must be a day, such as 2027-01-31") from None


def _line(text: str) -> str:
    """On one line, however it was folded, since that is how it is shown."""
    line = " ".join(text.split())
    if not line.isprintable():
        raise ValueError("has a character that cannot be shown")
    return line


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(_line)]


class _Strict(BaseModel):
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        alias_generator=to_camel,
        hide_input_in_errors=True,
    )


class Waiver(_Strict):
    rule: Text
    """Id of the rule that fails."""
    resource: Text
    """Pattern of the URNs it is for, as a shell matches names: `*::prod-keys-data`."""
    stacks: tuple[Text, ...] = Field(("*",), strict=False, min_length=1)
    """Patterns of the stacks it is for: one file serves all stacks of a project."""
    owner: Text
    """Who answers for it."""
    reason: Text
    """Why the rule cannot be kept."""
    compensating_control: Text
    """What guards against the danger in its place."""
    ticket: Text
    """Where it was decided."""
    expires: Annotated[date, BeforeValidator(_day)]
    """The last day it holds, at most a year ahead."""

    def overdue(self, today: date) -> str:
        """What is wrong with its time; empty while it holds."""
        if self.expires < today:
            return f"expired on {self.expires}"
        if self.expires > _in_a_year(today):
            return f"expires on {self.expires}, which is more than a year ahead"
        return ""

    def is_for(self, stack: str) -> bool:
        return any(fnmatchcase(stack, pattern) for pattern in self.stacks)

    def covers(self, rule: str, urn: str) -> bool:
        return rule == self.rule and fnmatchcase(urn, self.resource)

    @property
    def words(self) -> str:
        """It all, in a line."""
        return (
            f"waived until {self.expires} by {self.owner} ({self.ticket}): {self.reason} "
            f"Instead: {self.compensating_control}"
        )


class _File(_Strict):
    waivers: tuple[Waiver, ...] = Field((), strict=False)


_PROBLEMS: Final = {
    "missing": "missing",
    "extra_forbidden": "no such field",
    "model_type": "must be a mapping",
    "tuple_type": "must be a list",
    "string_type": "must be text",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
}
"""What pydantic's kinds of errors mean to who writes YAML."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a waiver."""

    kind: Literal["expired", "unmatched", "unused"]
    waiver: Waiver
    text: str

    def __str__(self) -> str:
        return f"{FILE}: {self.waiver.rule} for {self.waiver.resource}: {self.text}"


def load(file: Path) -> tuple[Waiver, ...]:
    """The waivers of a file; none where there is no file. Raises a UsageError with all problems."""
    content = yaml_file.read(file) if file.exists() else None
    if isinstance(content, dict):
        content = {name: value for name, value in content.items() if value is not None}
    try:
        return _File.model_validate({} if content is None else content).waivers
    except ValidationError as error:
        lines = [f"{file.name}: {_place(e['loc'])}: {_problem(e)}" for e in error.errors()]
        raise UsageError("\n".join(lines)) from None


def _problem(error: Any) -> str:
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    return str(_PROBLEMS.get(error["type"], error["msg"]))


def _place(loc: Sequence[str | int]) -> str:
    steps = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)
    return "".join(steps).removeprefix(".") or "the file"


def _in_a_year(day: date) -> date:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year + 1, day=28)


def waive(
    findings: Sequence["Finding"], waivers: Sequence[Waiver], graph: Graph, day: date
) -> tuple[tuple["Finding", ...], tuple[Fault, ...]]:
    """The findings with the waiver of each that has one, and what is wrong with the waivers.

    A waiver holds for what fails. One whose time is over holds for nothing.
    """
    ours = [waiver for waiver in waivers if waiver.is_for(graph.stack)]
    holding = [waiver for waiver in ours if not waiver.overdue(day)]
    marked = tuple(
        replace(finding, waiver=_for(finding, holding)) if finding.outcome == "fail" else finding
        for finding in findings
    )
    used = {id(finding.waiver) for finding in marked}
    faults = (_fault(waiver, findings, graph, day, used=id(waiver) in used) for waiver in ours)
    return marked, tuple(fault for fault in faults if fault)


def _for(finding: "Finding", waivers: Sequence[Waiver]) -> Waiver | None:
    return next((w for w in waivers if w.covers(finding.rule.id, finding.urn)), None)


def _fault(
    waiver: Waiver, findings: Sequence["Finding"], graph: Graph, day: date, *, used: bool
) -> Fault | None:
    if late := waiver.overdue(day):
        return Fault("expired", waiver, f"{late}; mend what it is for, or decide anew")
    if all(finding.rule.id != waiver.rule for finding in findings):
        return Fault("unmatched", waiver, "there is no such rule")
    if not any(fnmatchcase(resource.urn, waiver.resource) for resource in graph.resources):
        return Fault(
            "unmatched",
            waiver,
            f"no resource of stack {graph.stack} matches; name its `stacks`, or remove it",
        )
    if not any(f.outcome == "fail" and waiver.covers(f.rule.id, f.urn) for f in findings):
        return Fault("unused", waiver, "nothing that it matches fails; remove it")
    if not used:
        return Fault("unused", waiver, "another waiver is for all that it matches; remove it")
    return None
