"""Where cards go and how arrows run: the work of graphlay, a layered layout engine."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ..errors import UsageError
from .cards import Card
from .groups import Group
from .layers import PATH
from .relations import CLIENTS, Arrow, Flow, Pair
from .text import width

GAP, ROW_GAP, BAND = 62, 28, 104
LABEL = 10.0
_MARGIN = 24
LEAST = 900
"""Width of a picture of little, so that a page does not blow it up."""


@dataclass(frozen=True, slots=True)
class Box:
    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height

    def moved(self, x: int, y: int) -> "Box":
        return Box(self.x + x, self.y + y, self.width, self.height)


@dataclass(frozen=True, slots=True)
class Route:
    source: int
    target: int
    points: tuple[tuple[int, int], ...]
    label: str = ""
    label_at: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    width: int
    height: int
    boxes: dict[int, Box]
    """By number of the group, CLIENTS, or the number of a place outside."""
    arrows: tuple[Route, ...]
    """The request path and what asks beside it."""
    others: tuple[Route, ...]
    """Everything else that depends on something in another group."""
    beside: int | None
    """Where the part below the request path starts; None where all or nothing is below."""


def engine() -> Any:
    try:
        import graphlay
    except ImportError:
        raise UsageError(
            "a drawing needs the layout engine: pip install 'pulumi-bulwark[drawing]'"
        ) from None
    return graphlay


def lay_out(
    cards: dict[int, Card], groups: list[Group], flow: Flow, pairs: Sequence[Pair], room: int
) -> Picture:
    """`room` is the width to fill with what is beside the request path."""
    engine()  # missing, it is missed by a picture without a line as well
    on_top = _on_top(groups, flow)
    among = [arrow for arrow in flow.arrows if {arrow.source, arrow.target} <= {*on_top}]
    columns = _columns(on_top, groups, among)
    # The engine refuses a line between two cards of one column.
    forward = [arrow for arrow in among if columns[arrow.source] != columns[arrow.target]]
    boxes, arrows = _path(cards, columns, forward)
    edge = [(box.right, box.bottom) for box in boxes.values()]
    edge += [point for route in arrows for point in route.points]
    across, bottom = (max((point[axis] for point in edge), default=0) for axis in (0, 1))
    below = [number for number in range(len(groups)) if number not in on_top]
    start = bottom + BAND if boxes and below else None
    boxes |= _shelves(cards, below, max(across, room), start or 0)

    asks = [arrow for arrow in flow.arrows if arrow not in forward]
    drawn = {(arrow.source, arrow.target) for arrow in flow.arrows}
    rest = [(a, b, "") for a, b in pairs if (a, b) not in drawn]
    around = _around(boxes, [*((a.source, a.target, a.label) for a in asks), *rest])
    arrows += around[: len(asks)]
    ties = around[len(asks) :]
    return _framed(boxes, arrows, ties, start)


def _on_top(groups: list[Group], flow: Flow) -> list[int]:
    """What requests reach, and what is of no layer but has an arrow."""
    ends = {end for arrow in flow.arrows for end in (arrow.source, arrow.target)}
    first = [
        n
        for n, group in enumerate(groups)
        if n in ends and (group.layer.on_path or group.layer.key == "other")
    ]
    outside = [len(groups) + n for n in range(len(flow.outside))]
    return [*([CLIENTS] if flow.clients else []), *first, *outside]


def _path(
    cards: dict[int, Card], columns: dict[int, int], arrows: list[Arrow]
) -> tuple[dict[int, Box], list[Route]]:
    if not columns:
        return {}, []
    graph = engine().Graph()
    # In the column of each: where some cards have one and others none, graphlay 0.3.1 may not end.
    for number, column in columns.items():
        card = cards[number]
        graph.node(number, width=card.width, height=card.height, rank={"fixed": column})
    for arrow in arrows:
        graph.edge(arrow.source, arrow.target, **_labelled(arrow.label))
    options = {
        "spacing": {"layer_gap": GAP, "node_gap": ROW_GAP, "edge_label_margin": 8},
        "routing": {"port_sides": "facing_only"},
    }
    laid = engine().layout(graph, options=options)
    boxes = {n: _box(node, cards[n]) for n, node in zip(graph.ids, laid.nodes, strict=True)}
    routes = [
        Route(arrow.source, arrow.target, _points(edge), arrow.label, _label(edge))
        for arrow, edge in zip(arrows, laid.edges, strict=True)
    ]
    return _to_origin(boxes, routes)


def _labelled(label: str) -> dict[str, Any]:
    if not label:
        return {}
    return {"label_size": {"width": width(label, LABEL) + 8, "height": LABEL + 6}}


def _columns(on_top: list[int], groups: list[Group], arrows: list[Arrow]) -> dict[int, int]:
    """The layers of the request path in their order, each as deep as it needs."""
    before: dict[int, list[int]] = {number: [] for number in on_top}
    for arrow in arrows:
        before[arrow.target].append(arrow.source)
    ranks = {CLIENTS: 0} if CLIENTS in on_top else {}
    base = len(ranks)
    for layer in PATH:
        here = [n for n in on_top if 0 <= n < len(groups) and groups[n].layer.key == layer]
        here += [n for n in on_top if n >= len(groups) and layer == "compute"]
        depths = _depths(here, before)
        ranks |= {n: base + depth for n, depth in depths.items()}
        base += max(depths.values(), default=-1) + 1
    return {number: _near(number, ranks, arrows) for number in on_top}


def _near(number: int, ranks: dict[int, int], arrows: list[Arrow]) -> int:
    """Its column; what is of no layer stands behind who sends to it, or before whom it sends to."""
    if number not in ranks:
        sends = [ranks[a.source] for a in arrows if a.target == number and a.source in ranks]
        takes = [ranks[a.target] for a in arrows if a.source == number and a.target in ranks]
        ranks[number] = max(sends) + 1 if sends else max(0, min(takes, default=0) - 1)
    return ranks[number]


def _depths(here: list[int], before: dict[int, list[int]]) -> dict[int, int]:
    """How far each is from the first of its own layer; a circle counts once."""
    depths: dict[int, int] = {}

    def depth(number: int, above: tuple[int, ...]) -> int:
        if number not in depths:
            ahead = [n for n in before[number] if n in here and n not in above and n != number]
            depths[number] = 1 + max((depth(n, (*above, number)) for n in ahead), default=-1)
        return depths[number]

    for number in here:
        depth(number, ())
    return depths


def _shelves(cards: dict[int, Card], numbers: list[int], room: int, top: int) -> dict[int, Box]:
    """In rows, as many in each as there is room for."""
    if not numbers:
        return {}
    widest = max(cards[n].width for n in numbers)
    across = max(1, (room + ROW_GAP) // (widest + ROW_GAP))
    rows = -(-len(numbers) // across)
    across = -(-len(numbers) // rows)  # as even as it goes
    gap = min(GAP, (room - across * widest) // max(1, across - 1)) if across > 1 else 0
    boxes: dict[int, Box] = {}
    for start in range(0, len(numbers), across):
        row = numbers[start : start + across]
        for place, number in enumerate(row):
            x = place * (widest + max(gap, ROW_GAP))
            boxes[number] = Box(x, top, cards[number].width, cards[number].height)
        top = max(boxes[n].bottom for n in row) + GAP
    return boxes


def _around(boxes: dict[int, Box], wanted: list[tuple[int, int, str]]) -> list[Route]:
    """Lines around the cards where they are."""
    if not wanted:
        return []
    graph = engine().Graph()
    for number, box in boxes.items():
        centre = {"x": box.x + box.width / 2, "y": box.y + box.height / 2}
        graph.node(number, width=box.width, height=box.height, position=centre)
    for source, target, label in wanted:
        graph.edge(source, target, **_labelled(label))
    options = {"direction": "topbottom", "spacing": {"port_gap": 12, "dummy_gap": 12}}
    routed = engine().reroute(graph, options=options)
    return [
        Route(source, target, _points(edge), label, _middle(_points(edge)) if label else None)
        for (source, target, label), edge in zip(wanted, routed.edges, strict=True)
    ]


def _box(node: dict[str, Any], card: Card) -> Box:
    centre = node["center"]
    x, y = centre["x"] - card.width / 2, centre["y"] - card.height / 2
    return Box(round(x), round(y), card.width, card.height)


def _points(edge: dict[str, Any]) -> tuple[tuple[int, int], ...]:
    return tuple((round(point["x"]), round(point["y"])) for point in edge["points"])


def _label(edge: dict[str, Any]) -> tuple[int, int] | None:
    at = edge.get("label_anchor")
    return (round(at["x"]), round(at["y"])) if at else None


def _middle(points: tuple[tuple[int, int], ...]) -> tuple[int, int]:
    """Of the longest straight part."""

    def length(part: tuple[tuple[int, int], tuple[int, int]]) -> int:
        return sum(abs(part[1][axis] - part[0][axis]) for axis in (0, 1))

    a, b = max(pairwise(points), key=length)
    return (a[0] + b[0]) // 2, (a[1] + b[1]) // 2


def _to_origin(boxes: dict[int, Box], routes: list[Route]) -> tuple[dict[int, Box], list[Route]]:
    x = min([b.x for b in boxes.values()] + [x for r in routes for x, _ in r.points])
    y = min([b.y for b in boxes.values()] + [y for r in routes for _, y in r.points])
    return {n: b.moved(-x, -y) for n, b in boxes.items()}, [_moved(r, -x, -y) for r in routes]


def _moved(route: Route, x: int, y: int) -> Route:
    label_at = (route.label_at[0] + x, route.label_at[1] + y) if route.label_at else None
    points = tuple((a + x, b + y) for a, b in route.points)
    return Route(route.source, route.target, points, route.label, label_at)


def _framed(
    boxes: dict[int, Box], arrows: list[Route], others: list[Route], start: int | None
) -> Picture:
    """With a margin on every side, whatever sticks out."""
    points = [point for route in (*arrows, *others) for point in route.points]
    left = min([b.x for b in boxes.values()] + [x for x, _ in points], default=0)
    top = min([b.y for b in boxes.values()] + [y for _, y in points], default=0)
    right = max([b.right for b in boxes.values()] + [x for x, _ in points], default=0)
    bottom = max([b.bottom for b in boxes.values()] + [y for _, y in points], default=0)
    wide = max(right - left + 2 * _MARGIN, LEAST)
    x, y = (wide - right - left) // 2, _MARGIN - top
    return Picture(
        width=wide,
        height=bottom - top + 2 * _MARGIN,
        boxes={n: box.moved(x, y) for n, box in boxes.items()},
        arrows=tuple(_moved(route, x, y) for route in arrows),
        others=tuple(_moved(route, x, y) for route in others),
        beside=None if start is None else start + y,
    )
