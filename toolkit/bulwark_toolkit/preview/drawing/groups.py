"""A graph's resources in groups: one for each capability of the program."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from ..graph import STACK_TYPE, Graph, Resource
from ..urns import dotted
from .layers import KINDS, LAYERS, LEADS, PARTS, Kind, Layer, kind
from .text import class_of, short_name, words

MOST = {True: 6, False: 10}
"""Groups of one layer on the request path, and beside it; more are told as one."""


@dataclass(kw_only=True)
class Group:
    """What is drawn as one card."""

    key: str
    """URN of its component, or what its resources have in common."""
    name: str
    type: str
    """The component's type token; empty for resources that no component holds."""
    title: str
    layer: Layer
    members: list[Resource] = field(default_factory=list)
    """The component itself first, where there is one."""

    @property
    def made(self) -> list[Resource]:
        return [r for r in self.members if r.kind != "component" and not r.is_provider]


@dataclass(frozen=True, slots=True)
class Grouped:
    groups: list[Group]
    """In the order of the layers, then of the program."""
    frame: list[Resource]
    """The stack, the components that hold the groups together, and providers."""


def grouped(graph: Graph) -> Grouped:
    tops, frame = _tops(graph)
    groups: dict[str, Group] = {}
    for top in tops:
        if top.is_provider:
            frame.append(top)
            continue
        group = _of_component(graph, top, frame) if top.kind == "component" else _loose(top)
        groups.setdefault(group.key, group)
        if top.kind != "component":
            groups[group.key].members.extend([top, *graph.below(top.urn)])
    ordered = sorted(_with_parts(groups.values()), key=_place)
    _tell_apart(ordered)
    return Grouped(list(_merged(ordered)), frame)


def _tops(graph: Graph) -> tuple[list[Resource], list[Resource]]:
    """Components and loose resources that stand beside each other, and what holds them."""
    frame = [r for r in graph.resources if r.type == STACK_TYPE]
    known = {r.urn for r in graph.resources}
    stacks = {r.urn for r in frame}
    tops = [
        r
        for r in graph.resources
        if r.type != STACK_TYPE and (r.parent in stacks or r.parent not in known)
    ]
    while holder := _holder(graph, tops):
        place = tops.index(holder)
        frame.append(holder)
        tops[place : place + 1] = graph.children(holder.urn)
    return tops, frame


def _holder(graph: Graph, tops: list[Resource]) -> Resource | None:
    """A component that is the program's frame: nearly all is in it, in components of their own."""
    nearly_all = 0.9 * sum(not top.is_provider for top in graph.resources)
    components = [top for top in tops if top.kind == "component"]
    for top in components:
        inner = [child for child in graph.children(top.urn) if child.kind == "component"]
        below = sum(1 for _ in graph.below(top.urn))
        if len(inner) > 1 and (len(components) == 1 or below > nearly_all):
            return top
    return None


def _of_component(graph: Graph, top: Resource, frame: list[Resource]) -> Group:
    members = [top, *graph.below(top.urn)]
    above = next((r.name for r in frame if r.urn == top.parent), "")
    layer = leading(members)
    title = words(class_of(top.type)) if class_of(top.type) else short_name(top.name, above)
    return Group(
        key=top.urn, name=top.name, type=top.type, title=title, layer=layer, members=members
    )


def _loose(resource: Resource) -> Group:
    layer = LAYERS[kind(resource.type).layer]
    module = dotted(resource.type).rpartition(".")[0] or resource.type
    return Group(key=f"{module} {layer.key}", name=module, type="", title=module, layer=layer)


def _with_parts(groups: Collection[Group]) -> Iterator[Group]:
    """The groups, with those inside another that are only a part of it."""
    wholes = {group.type: group for group in groups if group.type in PARTS.values()}
    for group in groups:
        whole = wholes.get(PARTS.get(group.type, ""))
        if whole is None:
            yield group
        else:
            whole.members += group.members


def leading(members: list[Resource]) -> Layer:
    """What the resources are for, if their component does not say itself what it is."""
    made = [r for r in members if r.kind != "component" and not r.is_provider]
    says_itself = members[0].type in KINDS
    kinds = [kind(r.type) for r in (members[:1] if says_itself else made or members[:1])]
    return LAYERS[min(kinds, key=lead).layer]


def lead(of: Kind) -> tuple[bool, int]:
    return of.minor, LEADS.index(of.layer)


_ORDER = list(LAYERS)


def _place(group: Group) -> int:
    return _ORDER.index(group.layer.key)


def _tell_apart(groups: list[Group]) -> None:
    """Two of the same title get their names."""
    titles = Counter(group.title for group in groups)
    for group in groups:
        if titles[group.title] > 1 and group.type:
            group.title = f"{group.title} {group.name}"


def _merged(groups: list[Group]) -> Iterator[Group]:
    """The same groups, with those of one kind together in a layer that would have too many."""
    for key, layer in LAYERS.items():
        here = [group for group in groups if group.layer.key == key]
        most = MOST[layer.drawn]
        if len(here) > most:
            here = _by_type(here)
        yield from here if len(here) <= most else _with_rest(here, most, layer)


def _by_type(groups: list[Group]) -> list[Group]:
    found: dict[str, list[Group]] = {}
    for group in groups:
        found.setdefault(group.type or group.key, []).append(group)
    return [_together(same, words(class_of(same[0].type))) for same in found.values()]


def _with_rest(groups: list[Group], most: int, layer: Layer) -> list[Group]:
    """The largest, and one for all others."""
    largest = sorted(groups, key=lambda group: -len(group.members))[: most - 1]
    rest = [group for group in groups if group not in largest]
    kept = [group for group in groups if group in largest]
    return [*kept, _together(rest, f"Other: {layer.label}")]


def _together(groups: list[Group], title: str) -> Group:
    if len(groups) == 1:
        return groups[0]
    first = groups[0]
    same = len({group.type for group in groups}) == 1 and first.type
    return Group(
        key=first.key,
        name=f"{first.name} to {groups[-1].name}",
        type=first.type if same else "",
        title=f"{len(groups)} × {title}" if same else title,
        layer=first.layer,
        members=[member for group in groups for member in group.members],
    )
