"""Resources that have another URN than before and are the same: by their aliases."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bulwark_toolkit.preview.graph import Graph, Resource
from bulwark_toolkit.preview.urns import urn
from bulwark_toolkit.preview.values import Reference, Unknown, Value

_LEAST = 6
"""Shorter texts are no placeholders: they may be anywhere."""


def renames(old: Graph, new: Graph) -> dict[str, str]:
    """Old URNs to new ones, of resources that have another now."""
    before = {r.urn: r for r in old.resources}
    after = {r.urn: r for r in new.resources}
    found: dict[str, str] = {}  # new to old: parents come before their children
    for resource in new.resources:
        if resource.urn in before:
            continue
        parent = after.get(resource.parent)
        was = before.get(found.get(resource.parent, ""))
        inherited = _inherited(new, resource, parent, was) if parent and was else ()
        for alias in (*resource.options.aliases, *inherited):
            if alias in before and alias not in after and alias not in found.values():
                found[resource.urn] = alias
                break
    return {before_: now for now, before_ in found.items()}


def _inherited(graph: Graph, child: Resource, parent: Resource, was: Resource) -> tuple[str, ...]:
    """As the engine does: under the old parent, and its name where the new one's is."""
    old = child.name
    if child.name.startswith(parent.name):
        old = was.name + child.name.removeprefix(parent.name)
    return tuple(urn(graph.stack, graph.project, was.urn, child.type, n) for n in (old, child.name))


def translated(old: Graph, new: Graph, renamed: Mapping[str, str]) -> Graph:
    """The old graph in new names: a placeholder is made of the URN, and others are made of it."""
    if not renamed:
        return old
    before, after = ({r.urn: r for r in graph.resources} for graph in (old, new))
    words = dict(renamed)
    for was, now in renamed.items():
        words.update(_placeholders(before[was], after[now]))
    longest = sorted(words, key=lambda word: (-len(word), word))
    pattern = re.compile("|".join(map(re.escape, longest)))

    def say(value: Value) -> Any:
        match value:
            case str():
                return pattern.sub(lambda found: words[found[0]], value)
            case dict():
                return {key: say(item) for key, item in value.items()}
            case list() | tuple():
                return type(value)(say(item) for item in value)
            case Unknown(waits_for):
                return Unknown(tuple(sorted(say(waits_for))))
            case Reference(found, id_):
                return Reference(say(found), say(id_))
        return value

    def resource(r: Resource) -> Resource:
        return replace(
            r, urn=renamed.get(r.urn, r.urn), inputs=say(r.inputs), provider=say(r.provider)
        )

    return replace(
        old,
        resources=tuple(map(resource, old.resources)),
        outputs=say(old.outputs),
        notes=tuple(replace(n, urn=renamed.get(n.urn, n.urn)) for n in old.notes),
        problems=tuple(replace(p, urn=renamed.get(p.urn, p.urn)) for p in old.problems),
    )


def _placeholders(was: Resource, now: Resource) -> dict[str, str]:
    """What is made up for one, by what is made up for the other."""
    pairs = [(was.id, now.id)] + [
        (value, now.outputs.get(key))
        for key, value in was.outputs.items()
        if key not in was.inputs and key not in now.inputs
    ]
    return {
        old: new
        for old, new in pairs
        if isinstance(old, str) and isinstance(new, str) and len(old) >= _LEAST and old != new
    }
