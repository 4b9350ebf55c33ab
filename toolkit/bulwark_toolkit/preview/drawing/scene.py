"""Everything a drawing is made of, before it is drawn."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from ..graph import Graph, Resource
from .cards import Card, card, clients, outside
from .failures import Failures
from .groups import Group, grouped
from .layers import LAYERS, Layer
from .layout import Picture, Route, lay_out
from .relations import CLIENTS, Flow, Pair, Relation, between, flow, relations
from .text import count

ROOM = 1328
"""Pixels across that a usual screen has for the picture."""


@dataclass(frozen=True)
class Scene:
    graph: Graph
    groups: list[Group]
    frame: list[Resource]
    relations: list[Relation]
    pairs: dict[Pair, list[Relation]]
    flow: Flow
    cards: dict[int, Card]
    picture: Picture
    failures: Failures

    @classmethod
    def of(cls, graph: Graph, failures: Failures | None = None) -> "Scene":
        failures = failures or {}
        parts = grouped(graph)
        found = relations(graph)
        pairs = between(parts.groups, found)
        way = flow(parts.groups, pairs)
        cards = {n: card(graph, n, parts.groups, pairs, failures) for n in range(len(parts.groups))}
        if way.clients:
            cards[CLIENTS] = clients()
        for number, place in enumerate(way.outside):
            cards[len(parts.groups) + number] = outside(place)
        picture = lay_out(cards, parts.groups, way, sorted(pairs), ROOM)
        return cls(graph, parts.groups, parts.frame, found, pairs, way, cards, picture, failures)

    @property
    def title(self) -> str:
        return f"Architecture of {self.graph.project} · {self.graph.stack}"

    @cached_property
    def about(self) -> str:
        made = [r for r in self.graph.resources if r.kind == "custom" and not r.is_provider]
        protected = sum(r.options.protect for r in made)
        parts = [
            count(len(made), "resource"),
            f"{len(self.groups)} parts" if len(self.groups) != 1 else "1 part",
            f"{protected} protected",
            count(len(self.graph.notes), "note"),
        ]
        if self.graph.problems:
            parts.append(count(len(self.graph.problems), "input problem"))
        if failing := sum(map(len, self.failures.values())):
            parts.append(f"{count(failing, 'rule')} not kept")
        return ", ".join(parts)

    @property
    def layers(self) -> list[Layer]:
        """Those that are there, for the legend."""
        there = {group.layer.key for group in self.groups}
        return [layer for key, layer in LAYERS.items() if key in there]

    def is_beside(self, number: int) -> bool:
        beside = self.picture.beside
        return beside is not None and self.picture.boxes[number].y >= beside

    @cached_property
    def order(self) -> list[int]:
        """Of the cards, as they are read: along the request path, then beside it."""

        def place(number: int) -> tuple[bool, int, int, int]:
            box = self.picture.boxes[number]
            below = self.is_beside(number)
            return (below, box.y, box.x, number) if below else (below, box.x, box.y, number)

        return sorted(self.cards, key=place)

    def is_question(self, target: int) -> bool:
        """Whether an arrow to it is a question beside the request path."""
        return 0 <= target < len(self.groups) and not self.groups[target].layer.on_path

    def name(self, number: int) -> str:
        if number == CLIENTS:
            return "Clients"
        return self.groups[number].title if number < len(self.groups) else "the backend"

    def said(self, route: Route) -> str:
        relation = route.label or "passes on to"
        if (route.source, route.target) in self.pairs and not route.label:
            many = count(len(self.pairs[route.source, route.target]), "relation")
            return f"{self.name(route.source)} → {self.name(route.target)}: {many}"
        return f"{self.name(route.source)} → {self.name(route.target)}: {relation}"

    def described(self, route: Route) -> str:
        """Anchor of the paragraph about a line; empty where there is none."""
        for pair in ((route.source, route.target), (route.target, route.source)):
            if pair in self.pairs:
                return pair_anchor(pair)
        return ""

    def anchor(self, number: int) -> str:
        return f"g-{number}" if 0 <= number < len(self.groups) else ""

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {resource.urn: n for n, resource in enumerate(self.graph.resources)}

    def resource_anchor(self, urn: str) -> str:
        return f"r-{self._numbers[urn]}" if urn in self._numbers else ""

    def anchor_of_lines(self, card: Card) -> bool:
        return any(line.urn for line in card.lines)

    def spoken(self, number: int) -> str:
        """A card's relations for who hears them."""
        chips = [chip.whole for row in self.cards[number].chips for chip in row]
        ahead = [self.name(a.target) for a in self.flow.arrows if a.source == number]
        leads = [f"Leads to {', '.join(ahead)}"] if ahead else []
        return ". ".join([*leads, *chips])

    def needs(self, number: int) -> Iterable[tuple[Pair, list[Relation]]]:
        return ((pair, found) for pair, found in sorted(self.pairs.items()) if pair[0] == number)

    def needed_by(self, number: int) -> Iterable[tuple[Pair, list[Relation]]]:
        return ((pair, found) for pair, found in sorted(self.pairs.items()) if pair[1] == number)


def pair_anchor(pair: Pair) -> str:
    return f"d-{pair[0]}-{pair[1]}"
