"""The picture as SVG: alone in a file, or inside the page with links."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from . import cards as card_parts
from .cards import CHIP_ROW, INSET, ROW, Card, Chip
from .layout import LABEL, Box, Route
from .scene import Scene
from .text import safe, shorten, width

_HEAD = 74
"""Room above a lone picture for its title."""
_LEGEND = 44

_HERE = Path(__file__).parent


def styles(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def alone(scene: Scene) -> str:
    """A file of its own: title, legend, styles for light and dark, nothing to click."""
    picture = scene.picture
    wide = max(picture.width, 640)
    high = picture.height + _HEAD + _LEGEND
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="title about"',
        f'viewBox="0 0 {wide} {high}" width="{wide}" height="{high}">',
        f'<title id="title">{safe(scene.title)}</title>',
        f'<desc id="about">{safe(scene.about)}</desc>',
        f"<style>{styles('colours.css')}{styles('picture.css')}</style>",
        f'<rect class="ground" width="{wide}" height="{high}"/>',
        _text("heading", 24, 34, shorten(scene.title, wide - 48, 20, bold=True)),
        _text("about", 24, 56, shorten(scene.about, wide - 48, 12)),
        f'<g transform="translate(0 {_HEAD})">',
        *_body(scene, _Links(on=False)),
        "</g>",
        *_legend(scene, wide, high - _LEGEND + 14),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def inside(scene: Scene) -> str:
    """For the page: each card, line and resource leads to where it is described."""
    picture = scene.picture
    parts = [
        f'<svg class="picture" role="group" aria-label="{safe(scene.title)}"',
        f'viewBox="0 0 {picture.width} {picture.height}"',
        f'width="{picture.width}" height="{picture.height}">',
        *_body(scene, _Links(on=True)),
        "</svg>",
    ]
    return "\n".join(parts)


@dataclass(frozen=True, slots=True)
class _Links:
    on: bool

    def around(
        self, target: str, inner: str, attributes: str, label: str = "", *, tab: bool
    ) -> str:
        if not self.on:
            return f"<g {attributes}>{inner}</g>"
        stop = "" if tab else ' tabindex="-1"'
        said = f' aria-label="{safe(label)}"' if label else ""
        return f'<a href="#{target}" {attributes}{said}{stop}>{inner}</a>'


def _body(scene: Scene, links: _Links) -> Iterator[str]:
    picture = scene.picture
    yield _MARKERS
    if links.on:
        # A lone picture has nobody to ask for them.
        yield from (_line(scene, route, "tie", links) for route in picture.others)
    yield from (_line(scene, route, "arrow", links) for route in picture.arrows)
    if picture.beside is not None:
        words = "Beside the request path: what it stands on"
        yield _text(
            "band",
            picture.width - 24,
            picture.beside - 16,
            shorten(words, picture.width - 48, 12.5),
        )
    for number in scene.order:
        yield _card(scene, number, scene.cards[number], picture.boxes[number], links)


_MARKERS = (
    '<defs><marker id="head" class="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7.5" '
    'markerHeight="7.5" orient="auto"><path d="M0 .6 10 5 0 9.4z"/></marker>'
    '<marker id="head-tie" class="head other" viewBox="0 0 10 10" refX="9" refY="5" '
    'markerWidth="6" markerHeight="6" orient="auto"><path d="M0 .6 10 5 0 9.4z"/></marker></defs>'
)


def _line(scene: Scene, route: Route, kind: str, links: _Links) -> str:
    ask = kind == "arrow" and scene.is_question(route.target)
    head = "head-tie" if kind == "tie" or ask else "head"
    path = _path(route.points)
    said = scene.said(route)
    inner = (
        f"<title>{safe(said)}</title>"
        f'<path class="grip" d="{path}"/>'
        f'<path class="stroke" d="{path}" marker-end="url(#{head})"/>'
    )
    if route.label and route.label_at:
        x, y = route.label_at
        wide = round(width(route.label, LABEL)) + 8
        inner += f'<rect class="label-ground" x="{x - wide // 2}" y="{y - 8}" width="{wide}" '
        inner += 'height="16" rx="3"/>'
        inner += _text("label", x, y + 3.5, route.label)
    attributes = (
        f'class="{kind}{" asks" if ask else ""}" data-from="{route.source}" '
        f'data-to="{route.target}"'
    )
    target = scene.described(route)
    if not target:
        return f"<g {attributes}>{inner}</g>"
    return links.around(target, inner, attributes, said, tab=False)


def _path(points: tuple[tuple[int, int], ...], radius: int = 7) -> str:
    """Straight lines with their corners rounded."""
    parts = ["M{} {}".format(*points[0])]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        enter, leave = _towards(corner, before, radius), _towards(corner, after, radius)
        parts.append("L{} {}Q{} {} {} {}".format(*enter, *corner, *leave))
    parts.append("L{} {}".format(*points[-1]))
    return "".join(parts)


def _towards(a: tuple[int, int], b: tuple[int, int], radius: int) -> tuple[float, float]:
    length = max(abs(b[0] - a[0]), abs(b[1] - a[1]))
    part = min(radius, length / 2) / length if length else 0
    return round(a[0] + (b[0] - a[0]) * part, 1), round(a[1] + (b[1] - a[1]) * part, 1)


def _card(scene: Scene, number: int, card: Card, box: Box, links: _Links) -> str:
    tone = card.layer.key if card.layer else "outside"
    target = scene.anchor(number)
    x, y = box.x, box.y
    parts = [
        f'<rect class="box" x="{x}" y="{y}" width="{box.width}" height="{box.height}" rx="9"/>'
    ]
    if card.layer:
        bar = f"M{x + 9} {y}h{box.width - 18}a9 9 0 0 1 9 9h-{box.width}a9 9 0 0 1 9-9z"
        parts.append(f'<path class="bar" d="{bar}"/>')
    parts += _texts(scene, card, x + INSET, y)
    inner = "".join([f"<title>{safe(card.whole)}</title>", *parts])
    attributes = f'class="card {tone}{" fails" if card.fails else ""}"'
    if target:
        said = f"{card.whole}. {scene.spoken(number)}"
        inner = links.around(target, inner, attributes, said, tab=True)
    else:
        inner = f"<g {attributes}>{inner}</g>"
    # A link cannot hold links: the lines of a card come after it.
    lines = "".join(_lines(scene, card, box, links))
    return f'<g class="whole" data-group="{number}">{inner}{lines}</g>'


def _texts(scene: Scene, card: Card, x: int, y: int) -> Iterator[str]:
    if card.tag:
        yield _text("tag", x, y + 24, card.tag)
    top = y + (43 if card.tag else 30)
    yield _text("title", x, top, card.title)
    yield _text("about", x, top + 15, card.about)
    if not scene.anchor_of_lines(card):
        for number, line in enumerate(card.lines):
            yield _text("line", x, y + 66 + 13 + number * ROW, line.text)
    below = y + 66 + (len(card.lines) * ROW + 10 if card.lines else 0)
    for row, chips in enumerate(card.chips):
        left = x
        for chip in chips:
            yield _chip(chip, left, below + row * CHIP_ROW)
            left += card_parts.chip_width(chip) + 5


def _lines(scene: Scene, card: Card, box: Box, links: _Links) -> Iterator[str]:
    if not scene.anchor_of_lines(card):
        return
    for number, line in enumerate(card.lines):
        y = box.y + 66 + number * ROW
        hit = (
            f'<rect class="hit" x="{box.x + 6}" y="{y - 1}" width="{box.width - 12}" '
            f'height="{ROW}" rx="4"/>'
        )
        text = _text("line", box.x + INSET, y + 13, line.text)
        inner = f"<title>{safe(line.whole)}</title>{hit}{text}"
        target = scene.resource_anchor(line.urn)
        if target:
            yield links.around(target, inner, 'class="row"', line.whole, tab=False)
        else:
            yield f'<g class="row plain">{inner}</g>'


def _chip(chip: Chip, x: int, y: int) -> str:
    wide = card_parts.chip_width(chip)
    return (
        f'<g class="chip {chip.tone}"><title>{safe(chip.whole)}</title>'
        f'<rect x="{x}" y="{y}" width="{wide}" height="18" rx="9"/>'
        f"{_text('chip-text', x + 7, y + 12.5, chip.text)}</g>"
    )


def _text(kind: str, x: float, y: float, text: str) -> str:
    return f'<text class="{kind}" x="{x}" y="{y}">{safe(text)}</text>'


def _legend(scene: Scene, wide: int, y: int) -> Iterator[str]:
    x = 24.0
    for layer in scene.layers:
        room = width(layer.label, 11) + 34
        if x + room > wide - 24:
            return
        yield (
            f'<g class="key {layer.key}"><rect class="bar" x="{x}" y="{y}" width="12" height="12" '
            f'rx="3"/>{_text("legend", x + 18, y + 10, layer.label)}</g>'
        )
        x = round(x + room)
