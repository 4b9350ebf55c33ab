"""The graph as text, for a terminal."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator

from .graph import STACK_TYPE, Graph, Note, Resource
from .urns import dotted
from .values import Archive, Asset, Reference, Secret, Unknown, Value

Style = Callable[..., str]
"""As click.style: text and a colour, bold or dim, to text."""


def tree(
    graph: Graph,
    style: Style = lambda text, **_: text,
    *,
    depth: int | None = None,
    rules: str = "",
) -> str:
    """Resources by component, exports, notes and a summary. Secrets are masked.

    `depth` is the number of levels that are shown below the first; None shows all. `rules` is a
    line of the summary.
    """
    title = style(f"Stack {graph.stack} of {graph.project}", bold=True)
    sections = [
        [title, *_resources(graph, style, sys.maxsize if depth is None else depth)],
        _exports(graph, style),
        _notes(graph, style),
        _summary(graph, style, rules),
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def _resources(graph: Graph, style: Style, depth: int) -> Iterator[str]:
    tops = [r for r in graph.resources if r.type != STACK_TYPE]
    stacks = {r.urn for r in graph.resources if r.type == STACK_TYPE} | {""}
    rows = [row for top in tops if top.parent in stacks for row in _rows(graph, top, depth)]
    width = max((len(label) for label, _, _ in rows), default=0)
    for label, resource, kind in rows:
        marks = " ".join(_marks(resource, style))
        yield f"{label:<{width}}  {style(kind, dim=True)}{'  ' + marks if marks else ''}"


def _rows(
    graph: Graph, resource: Resource, depth: int, indent: str = "", joint: str = ""
) -> Iterator[tuple[str, Resource, str]]:
    children = graph.children(resource.urn)
    kind = dotted(resource.type)
    if resource.kind == "component":
        count = sum(r.kind == "custom" for r in graph.below(resource.urn))
        kind += f" · {_count(count, 'resource')}"
    yield indent + joint + resource.name, resource, kind
    if depth == 0:
        return
    below = indent + {"": "", "├─ ": "│  ", "└─ ": "   "}[joint]
    for child in children:
        last = child is children[-1]
        yield from _rows(graph, child, depth - 1, below, "└─ " if last else "├─ ")


def _marks(resource: Resource, style: Style) -> Iterator[str]:
    if resource.options.protect and resource.kind == "custom":
        yield style("protected", fg="green")
    if resource.kind == "read":
        yield style("exists already", fg="cyan")


def _exports(graph: Graph, style: Style) -> list[str]:
    exports = list(_leaves(graph.outputs, ""))
    if not exports:
        return []
    width = max(len(name) for name, _ in exports)
    lines = [f"  {name:<{width}}  {_shown(value)}" for name, value in exports]
    return [style("Exports", bold=True), *lines]


def _leaves(values: dict[str, Value], path: str) -> Iterator[tuple[str, Value]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", value


def _notes(graph: Graph, style: Style) -> list[str]:
    if not graph.notes:
        return []
    colours = {"loosened": "yellow", "overdue": "red", "warning": "yellow", "error": "red"}
    width = max(len(note.kind) for note in graph.notes)
    lines = [
        f"  {style(f'{note.kind:<{width}}', fg=colours.get(note.kind))}  {_said(note)}"
        for note in graph.notes
    ]
    return [style("Notes", bold=True), *lines]


def _said(note: Note) -> str:
    name = note.urn.rpartition("::")[2]
    return f"{name}: {note.text}" if name else note.text


def _summary(graph: Graph, style: Style, rules: str) -> list[str]:
    custom = [r for r in graph.resources if r.kind == "custom" and not r.is_provider]
    services = Counter(dotted(r.type).rpartition(".")[0] for r in custom)
    parts = ", ".join(f"{service} {count}" for service, count in sorted(services.items()))
    protected = sum(r.options.protect for r in custom)
    problems = _count(len(graph.problems), "input problem")
    made = style(_count(len(custom), "resource"), bold=True)
    seen = "Not asked: the provider, which may refuse a value, and the account, which may differ."
    return [
        f"{made}{f' ({parts})' if parts else ''}, {protected} protected, {problems}.",
        *filter(None, [rules]),
        style(seen, dim=True),
    ]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _shown(value: Value) -> str:
    match value:
        case Secret():
            return "[secret]"
        case Unknown(waits_for):
            names = ", ".join(urn.rpartition("::")[2] for urn in waits_for)
            return f"[known after up{': ' + names if names else ''}]"
        case Asset(digest) | Archive(digest):
            return digest
        case Reference(urn):
            return urn
        case dict():
            return "{" + ", ".join(f"{k}: {_shown(v)}" for k, v in value.items()) + "}"
        case [dict(), *_]:
            return f"[{_count(len(value), 'mapping')}]"  # the graph has them
        case list():
            return "[" + ", ".join(map(_shown, value)) + "]"
    return str(value)
