"""The drawing as one page."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ..graph import STACK_TYPE, Note, Problem, Resource
from ..urns import dotted
from ..values import Value
from . import svg, values
from .document import document
from .groups import Group
from .layers import ATTACHMENTS
from .relations import CLIENTS, Relation, attached, guards
from .scene import Scene, pair_anchor
from .text import class_of, count, safe, words


@dataclass(frozen=True, slots=True)
class Setting:
    """A line of a component's settings, where the caller knows them."""

    path: str
    value: Value
    origin: str


_TOLD = 200
"""Relations of two groups that are listed."""

Settings = Mapping[str, Sequence[Setting]]
"""By the type token of the component they are for."""


def page(scene: Scene, settings: Settings | None = None) -> str:
    style = "".join(map(svg.styles, ("colours.css", "picture.css", "page.css")))
    script = svg.styles("page.js")
    return document(
        title=scene.title,
        generator="bulwark preview",
        style=style,
        script=script,
        body=_Parts(scene, settings or {}).body(),
    )


class _Parts:
    def __init__(self, scene: Scene, settings: Settings) -> None:
        self.scene = scene
        self.settings = settings
        self.by_urn = {resource.urn: resource for resource in scene.graph.resources}
        self.notes = _by_urn(scene.graph.notes)
        self.problems = _by_urn(scene.graph.problems)
        self.needs: dict[str, list[Relation]] = {}
        self.needed: dict[str, list[Relation]] = {}
        for relation in scene.relations:
            self.needs.setdefault(relation.source.urn, []).append(relation)
            self.needed.setdefault(relation.target.urn, []).append(relation)

    def body(self) -> Iterator[str]:
        scene = self.scene
        yield '<a class="skip" href="#parts">Skip the picture</a>'
        yield f"<header><h1>{safe(scene.title)}</h1><p>{safe(scene.about)}</p></header>"
        yield "<main>"
        yield from self._figure()
        yield '<section id="parts" aria-labelledby="parts-title">'
        yield '<div class="bar-top"><h2 id="parts-title">Everything in it</h2>'
        yield '<label class="find">Find a resource <input type="search" id="find" '
        yield 'autocomplete="off" spellcheck="false"></label></div>'
        yield '<p class="none" id="found" role="status"></p>'
        yield '<ol class="groups">'
        if scene.flow.clients:
            yield '<li class="end"><p>Clients, from the internet</p></li>'
        on_path = True
        for number in scene.order:
            if on_path and scene.is_beside(number):
                on_path = False
                yield '<li class="divider">Beside the request path</li>'
            if number >= 0:
                yield self._group(number)
        yield self._frame()
        yield "</ol></section></main>"
        yield f"<footer><p>{safe(self._seen())}</p></footer>"
        yield '<dialog id="sheet" aria-labelledby="sheet-title"><div class="sheet-top">'
        yield '<h2 id="sheet-title"></h2><button type="button" id="close" '
        yield 'aria-label="Close the details">Close <kbd>Esc</kbd></button></div>'
        yield '<div id="sheet-body"></div></dialog>'

    def _seen(self) -> str:
        mode = (
            "Values that only the cloud knows are well-formed placeholders."
            if self.scene.graph.mode == "rendered"
            else "What only the cloud knows is marked as known after up."
        )
        return (
            "Drawn from the program alone. Not asked: the provider, which may refuse a value, and "
            f"the account, which may differ. {mode} A secret's value is nowhere in this page."
        )

    def _figure(self) -> Iterator[str]:
        yield '<figure aria-label="The picture">'
        yield '<div class="tools">'
        yield '<ul class="legend">'
        asks = [self.scene.is_question(arrow.target) for arrow in self.scene.flow.arrows]
        if not all(asks):
            yield '<li><span class="sample"></span>requests</li>'
        if any(asks):
            yield '<li><span class="sample asks"></span>questions beside them</li>'
        for layer in self.scene.layers:
            yield f'<li class="{layer.key}"><span class="dot"></span>{layer.label}</li>'
        yield "</ul>"
        yield '<label class="all"><input type="checkbox" id="all"> All dependencies</label>'
        yield "</div>"
        yield f'<div class="paper">{svg.inside(self.scene)}</div>'
        yield '<figcaption class="hint">Choose a card or a resource for its settings, inputs and '
        yield "what protects it. Pointing at a card shows what it depends on, and what on it."
        yield "</figcaption></figure>"

    def _group(self, number: int) -> str:
        scene = self.scene
        if number >= len(scene.groups):
            said = safe(scene.cards[number].whole)
            return f'<li class="end path"><p>{said}</p></li>'
        group = scene.groups[number]
        path = " path" if group.layer.on_path else ""
        return (
            f'<li class="group {group.layer.key}{path}"><details id="g-{number}" '
            f'data-title="{safe(group.title)}"><summary>'
            f'<span class="does">{safe(group.layer.does)}</span>'
            f'<span class="name">{safe(group.title)}</span>'
            f'<span class="quiet">{safe(group.name)} · {count(len(group.made), "resource")}</span>'
            f"{self._chips(number)}</summary>"
            f'<div class="sheet">{"".join(self._sheet(number, group))}</div></details></li>'
        )

    def _chips(self, number: int) -> str:
        chips = [chip for row in self.scene.cards[number].chips for chip in row]
        if not chips:
            return ""
        items = "".join(
            f'<span class="chip {chip.tone}" title="{safe(chip.whole)}">{safe(chip.text)}</span>'
            for chip in chips
        )
        return f'<span class="chips">{items}</span>'

    def _sheet(self, number: int, group: Group) -> Iterator[str]:
        yield from self._notes(group.members, "Notes")
        if component := self._component(group):
            yield from self._settings(component)
        yield from self._path(number)
        yield from self._pairs("Depends on", self.scene.needs(number), 1, number)
        yield from self._pairs("Needed by", self.scene.needed_by(number), 0, number)
        yield f"<section><h3>{count(len(group.made), 'resource')}</h3>"
        yield "".join(map(self._resource, group.members))
        yield "</section>"

    def _component(self, group: Group) -> Resource | None:
        first = group.members[0] if group.members else None
        return first if first and first.kind == "component" else None

    def _settings(self, component: Resource) -> Iterator[str]:
        if rows := self.settings.get(component.type):
            yield '<section><h3>Settings</h3><dl class="values">'
            for row in rows:
                yield f"<div><dt>{safe(row.path)}</dt><dd>{values.shown(row.value, self._link)}"
                yield f' <span class="quiet">{safe(row.origin)}</span></dd></div>'
            yield "</dl></section>"
        if component.inputs:
            yield f"<section><h3>Settings it was given</h3>{self._table(component.inputs)}"
            yield "</section>"
        if component.outputs:
            yield f"<section><h3>What it gives to others</h3>{self._table(component.outputs)}"
            yield "</section>"

    def _table(self, given: Mapping[str, Value]) -> str:
        return values.table(given, self._link)

    def _link(self, urn: str) -> str:
        name = safe(urn.rpartition("::")[2])
        anchor = self.scene.resource_anchor(urn)
        return f'<a href="#{anchor}">{name}</a>' if anchor else name

    def _path(self, number: int) -> Iterator[str]:
        arrows = self.scene.flow.arrows
        before = [a.source for a in arrows if a.target == number]
        after = [a.target for a in arrows if a.source == number]
        if before or after:
            yield "<section><h3>Requests</h3><ul>"
            if before:
                yield f"<li>come from {', '.join(map(self._named, before))}</li>"
            if after:
                yield f"<li>lead to {', '.join(map(self._named, after))}</li>"
            yield "</ul></section>"

    def _named(self, number: int) -> str:
        name = safe(self.scene.name(number))
        anchor = self.scene.anchor(number)
        return f'<a href="#{anchor}">{name}</a>' if anchor and number != CLIENTS else name

    def _pairs(
        self,
        title: str,
        found: Iterable[tuple[tuple[int, int], list[Relation]]],
        end: int,
        number: int,
    ) -> Iterator[str]:
        rows = list(found)
        if not rows:
            return
        yield f'<section class="tie-list"><h3>{title}</h3>'
        for pair, relations in rows:
            # The paragraph a line of the picture leads to is the one of who depends.
            anchor = f' id="{pair_anchor(pair)}"' if pair[0] == number else ""
            yield f"<details{anchor}><summary>{safe(self.scene.name(pair[end]))} "
            yield f'<span class="quiet">{count(len(relations), "relation")}</span></summary><ul>'
            yield "".join(f"<li>{self._relation(relation)}</li>" for relation in relations[:_TOLD])
            if (left := len(relations) - _TOLD) > 0:
                yield f"<li>and {left:,} more</li>"
            yield "</ul></details>"
        yield "</section>"

    def _relation(self, relation: Relation) -> str:
        through = f' <span class="quiet">through {safe(relation.path)}</span>'
        source, target = self._link(relation.source.urn), self._link(relation.target.urn)
        return f"{source} → {target}{through if relation.path else ''}"

    def _notes(self, resources: Iterable[Resource], title: str) -> Iterator[str]:
        notes = [note for resource in resources for note in self.notes.get(resource.urn, ())]
        if notes:
            yield f'<section class="notes"><h3>{title}</h3><ul>'
            yield "".join(map(_note, notes))
            yield "</ul></section>"

    def _resource(self, resource: Resource) -> str:
        said = words(class_of(resource.type))
        found = [*self._failing(resource), *_marks(resource)]
        marks = "".join(f'<span class="chip {tone}">{text}</span>' for text, tone in found)
        anchor = self.scene.resource_anchor(resource.urn)
        return (
            f'<details class="resource" id="{anchor}" data-name="{safe(resource.name)} '
            f'{safe(resource.type)}"><summary><span class="kind">{safe(said)}</span> '
            f'<span class="quiet">{safe(resource.name)}</span> {marks}</summary>'
            f'<div class="body">{"".join(self._details(resource))}</div></details>'
        )

    def _failing(self, resource: Resource) -> Iterator[tuple[str, str]]:
        if failures := self.scene.failures.get(resource.urn):
            tone = "bad" if any(failure.grave for failure in failures) else "warn"
            yield f"{count(len(failures), 'rule')} not kept", tone

    def _details(self, resource: Resource) -> Iterator[str]:
        made = f" · {safe(resource.source)}" if resource.source else ""
        yield f'<p class="quiet">{safe(dotted(resource.type))}{made}</p>'
        yield f'<p class="urn">{safe(resource.urn)}</p>'
        yield from self._notes([resource], "Notes")
        for problem in self.problems.get(resource.urn, ()):
            yield f'<p class="problem">{safe(problem.text)}</p>'
        for failure in self.scene.failures.get(resource.urn, ()):
            grave = " grave" if failure.grave else ""
            yield f'<p class="problem{grave}">{safe(failure.text)}. {safe(failure.fix)}</p>'
        if protection := list(self._protection(resource)):
            yield "<h4>What protects it</h4><ul>"
            yield "".join(f"<li>{line}</li>" for line in protection)
            yield "</ul>"
        if resource.type == STACK_TYPE:
            return  # its outputs are the exports
        if resource.kind == "component":
            given = resource.outputs
            yield f"<h4>What it gives to others</h4>{self._table(given)}" if given else ""
        else:
            yield f"<h4>Inputs</h4>{self._table(resource.inputs)}"

    def _protection(self, resource: Resource) -> Iterator[str]:
        yield from map(safe, guards(resource))
        told = {"key": "encrypted with", "log": "logs to", "filter": "behind"}
        # What is a setting of another resource protects that one, not itself.
        own = () if resource.type in ATTACHMENTS else self.needs.get(resource.urn, ())
        for relation in own:
            if relation.means in told:
                yield f"{told[relation.means]} {self._link(relation.target.urn)}"
        for relation in self.needed.get(resource.urn, ()):
            if means := attached(relation):
                yield f"{safe(means)}: {self._link(relation.source.urn)}"

    def _frame(self) -> str:
        scene = self.scene
        held = [note for r in scene.frame for note in self.notes.get(r.urn, ())]
        loose = [note for note in scene.graph.notes if note.urn not in self.by_urn]
        notes = "".join(map(_note, [*held, *loose]))
        said = f'<section class="notes"><h3>Notes</h3><ul>{notes}</ul></section>' if notes else ""
        settings = "".join(
            part
            for r in scene.frame
            if r.kind == "component" and r.type != STACK_TYPE
            for part in self._settings(r)
        )
        resources = "".join(map(self._resource, scene.frame))
        return (
            '<li class="group other"><details id="g-stack" data-title="The stack"><summary>'
            '<span class="does">Holds it together</span><span class="name">The stack</span>'
            f'<span class="quiet">{safe(scene.graph.stack)} of {safe(scene.graph.project)}</span>'
            f'</summary><div class="sheet">{said}{settings}<section><h3>Exports</h3>'
            f"{self._table(scene.graph.outputs)}</section>"
            f"<section><h3>Frame</h3>{resources}</section></div></details></li>"
        )


_Told = TypeVar("_Told", Note, Problem)


def _by_urn(items: Iterable[_Told]) -> dict[str, list[_Told]]:
    found: dict[str, list[_Told]] = {}
    for item in items:
        found.setdefault(item.urn, []).append(item)
    return found


_TONES = {"loosened": "warn", "warning": "warn", "error": "warn"}


def _note(note: Note) -> str:
    tone = _TONES.get(note.kind, "plain")
    return f'<li><span class="chip {tone}">{safe(note.kind)}</span> {safe(note.text)}</li>'


def _marks(resource: Resource) -> Iterator[tuple[str, str]]:
    if resource.options.protect:
        yield "protected", "good"
    if resource.options.retain_on_delete:
        yield "kept", "good"
    if resource.kind == "read":
        yield "exists already", "plain"
    if resource.kind == "component":
        yield "component", "plain"
