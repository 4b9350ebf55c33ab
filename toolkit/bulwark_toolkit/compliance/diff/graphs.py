"""Two graphs of one stack compared: resources, exports, notes, problems and verdicts."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Final, Literal, TypeVar

from bulwark_toolkit.compliance import clock
from bulwark_toolkit.compliance.judge import judge
from bulwark_toolkit.compliance.rule import Rule
from bulwark_toolkit.compliance.rules import RULES
from bulwark_toolkit.compliance.waivers import Waiver, waive
from bulwark_toolkit.preview.errors import UsageError
from bulwark_toolkit.preview.graph import Graph, Note, Options, Problem, Resource, camel
from bulwark_toolkit.preview.values import Value

from .renames import renames, translated
from .replacements import may_replace
from .values import SAME_DOCUMENT, Change, changes
from .verdicts import VerdictChange, verdict_changes

Kind = Literal["add", "remove", "change", "replace", "read", "discard"]
"""`replace`: may be replaced. `read` and `discard`: it exists already, and is looked up or not."""

T = TypeVar("T")

_NO_OPTION: Final = ("aliases", "version")
"""An alias shows as what it does; versions are told once for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceChange:
    kind: Kind
    resource: Resource
    """As it is now; as it was, if it is gone."""
    renamed_from: str = ""
    """URN that it had."""
    changes: tuple[Change, ...] = ()
    replaces: tuple[str, ...] = ()
    """Paths whose change may replace it."""
    ignored: tuple[str, ...] = ()
    """Paths that the engine is told to ignore."""
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    project: str
    stack: str
    resources: tuple[ResourceChange, ...]
    """In the order of the program; what is gone comes last."""
    unchanged: int
    """Resources, components and the stack itself not counted."""
    verdicts: tuple[VerdictChange, ...]
    new_passes: int
    """Verdicts on new resources, or new questions, that pass."""
    exports: tuple[Change, ...]
    notes: tuple[tuple[Literal["+", "-"], Note], ...]
    problems: tuple[tuple[Literal["+", "-"], Problem], ...]
    versions: tuple[tuple[str, str, str, int], ...]
    """Package, version before and now, and how many resources it is of."""

    @property
    def empty(self) -> bool:
        found = (self.resources, self.verdicts, self.exports, self.notes, self.problems)
        return not any(found) and not self.versions


def difference(
    old: Graph, new: Graph, rules: Sequence[Rule] = RULES, waivers: Sequence[Waiver] = ()
) -> Difference:
    """What changes from one to the other. Both are rendered and of one stack, or it raises.

    `waivers` are shown beside what they hold for.
    """
    _check(old, new)
    renamed = renames(old, new)
    before = translated(old, new, renamed)
    was = {r.urn: r for r in before.resources}
    found = list(_resources(was, new, {now: urn for urn, now in renamed.items()}))
    shared = [r for r in new.resources if r.urn in was]
    verdicts = _judged(old, new, rules, renamed, waivers)
    touched = {change.resource.urn for change in found}
    return Difference(
        project=new.project,
        stack=new.stack,
        resources=tuple(found),
        unchanged=sum(r.kind == "custom" and r.urn not in touched for r in shared),
        verdicts=tuple(verdicts[0]),
        new_passes=verdicts[1],
        exports=tuple(changes(before.outputs, new.outputs)),
        notes=tuple(_gone_and_come(before.notes, new.notes)),
        problems=tuple(_gone_and_come(_unplaced(before.problems), _unplaced(new.problems))),
        versions=tuple(_versions(was, shared)),
    )


def _check(old: Graph, new: Graph) -> None:
    if (old.project, old.stack) != (new.project, new.stack):
        raise UsageError(
            f"it is of stack {old.stack} of {old.project}, and this is {new.stack} of {new.project}"
        )
    if old.mode != new.mode:
        raise UsageError(
            f"it is {old.mode}, and this is {new.mode}: write both with `bulwark preview "
            "--rendered --format json`"
        )


def _resources(
    was: dict[str, Resource], new: Graph, renamed: dict[str, str]
) -> Iterator[ResourceChange]:
    now = {r.urn for r in new.resources}
    gone = [r for urn, r in was.items() if urn not in now]
    by_name = {(r.type, r.name): r for r in gone}
    for resource in new.resources:
        old = was.get(resource.urn)
        if old is None:
            moved = (resource.type, resource.name) in by_name
            yield ResourceChange(
                kind="read" if resource.kind == "read" else "add",
                resource=resource,
                changes=tuple(changes({}, resource.inputs)),
                remarks=(_MOVED,) if moved and resource.kind == "custom" else (),
            )
        elif found := _changed(old, resource, renamed.get(resource.urn, "")):
            yield found
    for resource in gone:
        yield ResourceChange(
            kind="discard" if resource.kind == "read" else "remove",
            resource=resource,
            remarks=tuple(_of_removal(resource)),
        )


_MOVED: Final = (
    "one of this type and name goes: without an alias this is another one, and what the old one "
    "holds is not in it"
)


def _of_removal(resource: Resource) -> Iterator[str]:
    if resource.kind != "custom":
        return
    if resource.options.protect:
        yield "it is protected: Pulumi refuses until it is not"
    if resource.options.retain_on_delete:
        yield "it is retained: Pulumi forgets it and does not delete it"


def _changed(old: Resource, new: Resource, renamed_from: str) -> ResourceChange | None:
    found = [*changes(old.inputs, new.inputs), *changes(_options(old), _options(new))]
    if (old.kind, old.type) != (new.kind, new.type):
        found += changes(
            {"options": {"kind": old.kind, "type": old.type}},
            {"options": {"kind": new.kind, "type": new.type}},
        )
    if not found and not renamed_from:
        return None
    ignored = tuple(c.path for c in found if _within(c.path, new.options.ignore_changes))
    replaces = tuple(
        c.path
        for c in found
        if c.path not in ignored and new.kind == "custom" and _replaces(c, new)
    )
    protected = bool(replaces) and new.options.protect
    return ResourceChange(
        kind="replace" if replaces else "change",
        resource=new,
        renamed_from=renamed_from,
        changes=tuple(found),
        replaces=replaces,
        ignored=ignored,
        remarks=("it is protected: Pulumi refuses to replace it",) if protected else (),
    )


def _replaces(change: Change, resource: Resource) -> bool:
    if change.path in ("options.type", "options.provider"):
        return True
    asked = _within(change.path, resource.options.replace_on_changes)
    return asked or (change.note != SAME_DOCUMENT and may_replace(resource.type, change.path))


def _within(path: str, paths: Sequence[str]) -> bool:
    return any(p in ("*", path) or path.startswith((f"{p}.", f"{p}[")) for p in paths)


def _options(resource: Resource) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for f in fields(Options):
        value = getattr(resource.options, f.name)
        if f.name not in _NO_OPTION and value:
            found[camel(f.name)] = list(value) if isinstance(value, tuple) else value
    if resource.provider:
        found["provider"] = resource.provider
    return {"options": found}


def _judged(
    old: Graph,
    new: Graph,
    rules: Sequence[Rule],
    renamed: dict[str, str],
    waivers: Sequence[Waiver],
) -> tuple[list[VerdictChange], int]:
    before = judge(old, rules)
    after, _ = waive(judge(new, rules), waivers, new, clock.today())
    there = {resource.urn for resource in new.resources}
    known = {(f.rule.id, renamed.get(f.subject, f.subject)) for f in before}
    passes = {(f.rule.id, f.subject) for f in after if f.outcome == "pass"}
    not_passes = {(f.rule.id, f.subject) for f in after if f.outcome != "pass"}
    return verdict_changes(before, after, renamed, there), len(passes - not_passes - known)


def _gone_and_come(old: Sequence[T], new: Sequence[T]) -> Iterator[tuple[Literal["+", "-"], T]]:
    before, after = Counter(old), Counter(new)
    for item in (before - after).elements():
        yield "-", item
    for item in (after - before).elements():
        yield "+", item


def _unplaced(problems: Sequence[Problem]) -> list[Problem]:
    """Without their lines, which move for any reason."""
    return [Problem(problem.urn, problem.text) for problem in problems]


def _versions(
    was: dict[str, Resource], shared: Sequence[Resource]
) -> Iterator[tuple[str, str, str, int]]:
    found = Counter(
        (new.type.partition(":")[0], was[new.urn].options.version, new.options.version)
        for new in shared
        if was[new.urn].options.version != new.options.version
    )
    for (package, before, now), count in sorted(found.items()):
        yield package, before, now, count
