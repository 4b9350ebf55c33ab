"""What frameworks ask, as data: a YAML file for each, in our own words, with the rules that serve.

An id that came from memory says `verified: false` until somebody has seen it at its source.
"""

import fnmatch
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib import resources
from typing import Annotated, Any, Final, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from bulwark_toolkit.compliance.rule import Rule

Served = Literal["enforced", "detected", "manual"]
"""`enforced`: by how resources are configured; `detected`: by something that watches and tells;
`manual`: by a person."""


class ControlsError(ValueError):
    """A file of controls that is not as it should be."""


def _sentence(text: str) -> str:
    if text != text.strip() or text.endswith("."):
        raise ValueError("has spaces at an end, or a full stop")
    return text


Words = Annotated[str, Field(min_length=3), AfterValidator(_sentence)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Control(_Strict):
    id: str
    """As the framework writes it."""
    title: Words
    """What it asks, in our own words: a framework's text is under copyright."""
    served: Served
    rules: Annotated[list[str], Field(strict=True)] = []
    """Ids of rules, or patterns of them, beside the rules that cite it by themselves."""
    person: Words | None = None
    """What a person must do: all of it, or what the rules leave."""
    applies: Words | None = None
    """When it applies, if not always."""
    verified: bool = True
    """Whether the id was seen at a source, not only remembered."""

    @model_validator(mode="after")
    def _manual_is_a_persons(self) -> "Control":
        if self.served == "manual" and not self.person:
            raise ValueError("is manual, so it says what a person must do")
        if self.served == "manual" and self.rules:
            raise ValueError("is manual, so no rule serves it")
        return self


class Group(_Strict):
    title: Words
    controls: Annotated[list[Control], Field(min_length=1)]


class Framework(_Strict):
    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]+$")]
    """For the command line: pci-dss."""
    title: Words
    version: str
    scope: Words
    """Whom it binds, and how much of it is here."""
    form: str
    """A regular expression that every id matches."""
    cites: str | None = None
    """What stands before an id in a rule's reference; none where rules do not cite it."""
    groups: Annotated[list[Group], Field(min_length=1)]

    @property
    def name(self) -> str:
        return f"{self.title} {self.version}".strip()

    @property
    def controls(self) -> Iterator[Control]:
        for group in self.groups:
            yield from group.controls

    @model_validator(mode="after")
    def _ids(self) -> "Framework":
        seen: set[str] = set()
        for control in self.controls:
            if not re.fullmatch(self.form, control.id):
                raise ValueError(f"{control.id}: is no id of the form {self.form}")
            if control.id in seen:
                raise ValueError(f"{control.id}: is there twice")
            seen.add(control.id)
        return self

    def rules_of(self, control: Control, rules: Iterable[Rule]) -> tuple[Rule, ...]:
        """The rules that serve a control: those it names, and those that cite it."""
        cited = None if self.cites is None else f"{self.cites}{control.id}"
        return tuple(
            rule
            for rule in rules
            if rule.reference == cited
            or any(fnmatch.fnmatchcase(rule.id, pattern) for pattern in control.rules)
        )


_LOADER: Final = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader

IDS: Final = (
    "pci-dss",
    "cis-aws",
    "cis-azure",
    "aws-fsbp",
    "soc2",
    "dora",
    "psd2-rts",
    "gdpr-32",
)
"""Of all frameworks, in the order they are shown; known without reading their files."""


@cache
def frameworks() -> tuple[Framework, ...]:
    """All frameworks that come with Bulwark."""
    folder = resources.files(__name__)
    return tuple(
        parse((folder / f"{name}.yaml").read_text(encoding="utf-8"), f"{name}.yaml") for name in IDS
    )


def parse(text: str, file: str) -> Framework:
    """A framework from its YAML. Errors name the file and the control."""
    try:
        document = yaml.load(text, Loader=_LOADER)  # noqa: S506 a safe one
    except yaml.YAMLError as error:
        raise ControlsError(f"{file}: is no YAML: {error}") from error
    try:
        return Framework.model_validate(document)
    except ValidationError as error:
        problems = "\n".join(
            f"{file}: {_place(document, problem['loc'])}{problem['msg']}"
            for problem in error.errors()
        )
        raise ControlsError(problems) from error


def _place(document: Any, steps: Sequence[int | str]) -> str:
    """Where a problem is: the control's id instead of its number, and the field."""
    names: list[str] = []
    value: Any = document
    for step in steps:
        value = _at(value, step)
        if isinstance(value, dict) and isinstance(step, int):
            names = [str(value.get("id") or value.get("title") or step)]
        elif isinstance(step, str):
            names.append(step)
    return "".join(f"{name}: " for name in names)


def _at(value: Any, step: int | str) -> Any:
    try:
        return value[step]
    except (KeyError, IndexError, TypeError):
        return None


def unmatched(framework: Framework, rules: Sequence[Rule]) -> list[str]:
    """What is wrong between controls and rules: names of nothing, and controls ill served."""
    return [
        f"{framework.id} {control.id}: {fault}"
        for control in framework.controls
        for fault in _faults(control, framework.rules_of(control, rules), rules)
    ]


def _faults(control: Control, serving: Sequence[Rule], rules: Sequence[Rule]) -> Iterator[str]:
    for pattern in control.rules:
        if not fnmatch.filter((rule.id for rule in rules), pattern):
            yield pattern
    if control.served != "manual" and not serving:
        yield f"is {control.served}, and no rule serves it"
    if control.served == "manual" and serving:
        yield f"is manual, and {serving[0].id} cites it"
