"""What each group shows of itself: a card with a few lines and chips."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from ..graph import Graph, Resource
from .failures import Failure, Failures
from .groups import Group, lead
from .layers import ATTACHMENTS, PRINCIPAL, Layer, kind
from .relations import Outside, Pair, Relation, attached
from .text import class_of, count, short_name, shorten, width, words

WIDTH = 224
INSET = 14
LINES = 6
"""Lines about resources on a card; what does not fit is counted on the last."""

_TOLD = 3
"""Failures that a chip tells in full."""

TAG, TITLE, SMALL, LINE, CHIP = 9.5, 16.0, 11.0, 12.0, 10.5
"""Sizes of the texts, in pixels."""
ROW, CHIP_ROW = 19, 23


@dataclass(frozen=True, slots=True)
class Chip:
    text: str
    whole: str
    """What it says in full, and why."""
    tone: str
    """`plain`, `good`, `warn`, `bad`, or the layer it speaks of."""


@dataclass(frozen=True, slots=True)
class Line:
    text: str
    whole: str
    urn: str = ""
    """The one resource it speaks of."""


@dataclass(frozen=True, slots=True)
class Card:
    tag: str
    title: str
    about: str
    whole: str
    """Title and more, unshortened."""
    layer: Layer | None
    """None for what is outside the program."""
    lines: tuple[Line, ...]
    chips: tuple[tuple[Chip, ...], ...]
    """In rows."""
    width: int = WIDTH
    fails: bool = False
    """Whether something in it fails gravely."""

    @property
    def height(self) -> int:
        lines = len(self.lines) * ROW + 10 if self.lines else 0
        chips = len(self.chips) * CHIP_ROW + 6 if self.chips else 0
        return 66 + lines + chips


ROOM = WIDTH - 2 * INSET


def card(
    graph: Graph,
    number: int,
    groups: list[Group],
    pairs: Mapping[Pair, list[Relation]],
    failures: Failures,
) -> Card:
    group = groups[number]
    failing = [failure for r in group.members for failure in failures.get(r.urn, ())]
    made = count(len(group.made), "resource")
    return Card(
        tag=shorten(group.layer.does.upper(), ROOM, TAG * 1.08, bold=True),
        title=shorten(group.title, ROOM, TITLE, bold=True),
        about=shorten(_about(group, made), ROOM, SMALL),
        whole=f"{group.title}: {group.layer.does.lower()}. {group.name}, {made}",
        layer=group.layer,
        lines=tuple(_lines(group)),
        chips=_rows(chain(_failing(failing), _chips(graph, number, groups, pairs))),
        fails=any(failure.grave for failure in failing),
    )


def _about(group: Group, made: str) -> str:
    """The number must be readable, so the name gives way."""
    if group.name == group.title:
        return made
    return f"{shorten(group.name, ROOM - width(f' · {made}', SMALL), SMALL)} · {made}"


def clients() -> Card:
    return Card("", "Clients", "from the internet", "Clients, from the internet", None, (), (), 128)


def outside(place: Outside) -> Card:
    lines = tuple(Line(shorten(text, ROOM, LINE), text) for text in place.lines)
    whole = f"Backend, not part of the program: {', '.join(place.lines)}"
    return Card("DOES THE WORK", "Backend", "not part of the program", whole, None, lines, ())


def _lines(group: Group) -> Iterator[Line]:
    """One resource a line where they fit, else one type a line; the telling ones first."""
    by_type: dict[str, list[Resource]] = {}
    for resource in group.made:
        by_type.setdefault(resource.type, []).append(resource)
    kinds = sorted(by_type.values(), key=lambda of: _place(group, of[0].type))
    left = LINES
    for number, same in enumerate(kinds):
        after = len(kinds) - number - 1
        if left == 1 and after:
            yield Line(_more(kinds[number:]), _names(kinds[number:]))
            return
        alone = len(same) == 1 or not any(_beside(group, same[0].type))
        if alone and len(same) <= max(1, left - min(after, 2)):
            yield from (_single(group, resource) for resource in same)
            left -= len(same)
        else:
            text = f"{words(class_of(same[0].type))} × {len(same)}"
            yield Line(shorten(text, ROOM, LINE), _names([same]))
            left -= 1


def _place(group: Group, of: str) -> tuple[bool, bool, tuple[bool, int], bool]:
    return (*_beside(group, of), lead(kind(of)), not of.startswith(PRINCIPAL))


def _beside(group: Group, of: str) -> tuple[bool, bool]:
    """Last comes what is a setting of something else, or of another layer than the group."""
    return of in ATTACHMENTS, kind(of).layer != group.layer.key or kind(of).minor


def _single(group: Group, resource: Resource) -> Line:
    said = words(class_of(resource.type))
    name = short_name(resource.name, group.name)
    text = said if name.replace("-", " ").lower() in said.lower() else f"{said} · {name}"
    return Line(shorten(text, ROOM, LINE), f"{said} {resource.name}", resource.urn)


def _more(kinds: list[list[Resource]]) -> str:
    return f"+ {count(sum(map(len, kinds)), 'more')}".removesuffix("s")


def _names(kinds: list[list[Resource]], most: int = 20) -> str:
    names = [resource.name for same in kinds for resource in same]
    more = [f"and {len(names) - most} more"] if len(names) > most else []
    return ", ".join([*names[:most], *more])


_SAID = {"key": "Key", "log": "Logs to", "secret": "Secret", "filter": "Web ACL"}
_TONES = {"key": "keys", "log": "logs", "secret": "secrets", "filter": "firewall"}


def _chips(
    graph: Graph, number: int, groups: list[Group], pairs: Mapping[Pair, list[Relation]]
) -> Iterator[Chip]:
    for means, said in _SAID.items():
        if targets := list(_targets(means, number, groups, pairs)):
            colon = "" if means == "log" else ":"
            whole = f"{said}{colon} {', '.join(targets)}"
            yield Chip(_fit(said, targets, colon), whole, _TONES[means])
        elif means == "log" and (own := _own_logs(groups[number])):
            yield Chip("Logged", f"Logs to its own {_names([own])}", _TONES[means])
    yield from _marks(graph, groups[number])


def _failing(failures: Sequence[Failure]) -> Iterator[Chip]:
    if failures:
        tone = "bad" if any(failure.grave for failure in failures) else "warn"
        whole = ". ".join(failure.text for failure in failures[:_TOLD])
        more = f". And {len(failures) - _TOLD} more" if len(failures) > _TOLD else ""
        yield Chip(f"{count(len(failures), 'rule')} not kept", f"{whole}{more}", tone)


def _own_logs(group: Group) -> list[Resource]:
    if group.layer.key == "logs":
        return []
    return [r for r in group.made if class_of(r.type) in ("LogGroup", "DiagnosticSetting")]


def _fit(said: str, names: list[str], colon: str) -> str:
    text = f"{said}{colon} {', '.join(names)}"
    if width(text, CHIP) > ROOM - 14 and len(names) > 1:
        # "Key: …" of many is "Keys × 3"; "Logs to …" of many is "Logs to 3 places".
        text = f"{said}s × {len(names)}" if colon else f"{said} {len(names)} places"
    return shorten(text, ROOM - 14, CHIP)


def _targets(
    means: str, number: int, groups: list[Group], pairs: Mapping[Pair, list[Relation]]
) -> Iterator[str]:
    """What it is called that gives the group its key, web ACL and so on."""
    seen = set()
    for (source, target), found in sorted(pairs.items()):
        if means == "filter" and target == number:
            # A web ACL is put before something by a resource of its own.
            if any(r.means == means and attached(r) for r in found):
                seen.add(groups[source].title)
        elif source == number and groups[source].layer.key != "firewall":
            for relation in found:
                if relation.means == means:
                    seen.add(_called(means, relation, groups[target]))
        elif source == number and means != "filter":
            seen.update(_called(means, r, groups[target]) for r in found if r.means == means)
    yield from sorted(seen)


def _called(means: str, relation: Relation, group: Group) -> str:
    if means == "log":
        # Within a sentence; but API and WAF stay what they are.
        title = group.title
        return title if title[:2].isupper() else title[:1].lower() + title[1:]
    return short_name(relation.target.name, group.name)


def _marks(graph: Graph, group: Group) -> Iterator[Chip]:
    protected = [r for r in group.made if r.options.protect]
    if protected:
        yield Chip(
            f"{len(protected)} protected",
            f"Pulumi refuses to delete: {_names([protected])}",
            "good",
        )
    urns = {r.urn for r in group.members}
    notes = [note for note in graph.notes if note.urn in urns]
    loosened = sum(note.kind in ("loosened", "warning", "error") for note in notes)
    problems = sum(problem.urn in urns for problem in graph.problems)
    if problems:
        yield Chip(count(problems, "input problem"), "inputs the provider does not take", "warn")
    if loosened:
        yield Chip(f"{loosened} loosened", "settings weaker than their hardened default", "warn")
    if len(notes) > loosened:
        yield Chip(count(len(notes) - loosened, "note"), "what it costs, and its limits", "plain")


def chip_width(chip: Chip) -> int:
    return round(width(chip.text, CHIP)) + 14


def _rows(chips: Iterator[Chip]) -> tuple[tuple[Chip, ...], ...]:
    rows: list[list[Chip]] = []
    left = 0.0
    for chip in chips:
        wide = chip_width(chip)
        if not rows or wide > left:
            rows.append([])
            left = ROOM
        rows[-1].append(chip)
        left -= wide + 5
    return tuple(map(tuple, rows))
