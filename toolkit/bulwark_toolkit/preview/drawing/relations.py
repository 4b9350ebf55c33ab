"""Who depends on whom, what that means, and which way requests go."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ..graph import Graph, Resource
from ..values import Value
from .groups import Group
from .layers import ATTACHMENTS, BACKEND_URIS, DOCUMENTS, GUARDS, PATH, SIGN_IN, kind

Pair = tuple[int, int]
"""Numbers of two groups: the one that depends, and the one it depends on."""


@dataclass(frozen=True, slots=True)
class Relation:
    source: Resource
    target: Resource
    """What `source` depends on."""
    path: str
    """The input through which; empty for one that was only declared."""
    means: str
    """`key`, `log`, `filter`, `secret`, `identity`, `role`, `network` or `use`."""


@dataclass(frozen=True, slots=True)
class Arrow:
    """A line on the request path. Ends are numbers of groups, or CLIENTS or an outside place."""

    source: int
    target: int
    label: str


CLIENTS = -1


@dataclass(frozen=True, slots=True)
class Outside:
    """Something requests reach that the program does not make."""

    number: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Flow:
    arrows: list[Arrow]
    outside: list[Outside]
    """Who answers behind an API that reaches nothing of the program."""

    @property
    def clients(self) -> bool:
        return any(arrow.source == CLIENTS for arrow in self.arrows)


_ABOUT_LOGS = ("access", "monitoring")
"""Layers whose resources name a log because they read it, or say who may."""

_READERS = {
    "aws:cloudwatch/logMetricFilter:LogMetricFilter",
    "aws:cloudwatch/queryDefinition:QueryDefinition",
}
"""Of the logs' own layer, likewise."""

_MEANS = {
    "keys": "key",
    "secrets": "secret",
    "identity": "identity",
    "access": "role",
    "network": "network",
}


def relations(graph: Graph) -> list[Relation]:
    by_urn = {resource.urn: resource for resource in graph.resources}
    return [
        Relation(resource, by_urn[urn], path, _means(resource, path, by_urn[urn]))
        for resource in graph.resources
        for urn, path in _targets(resource).items()
        if urn in by_urn and urn != resource.urn
    ]


def _targets(resource: Resource) -> dict[str, str]:
    """URN and input of each dependency, once."""
    found: dict[str, str] = {}
    for path, urns in sorted(resource.property_dependencies.items()):
        for urn in urns:
            found.setdefault(urn, path)
    if resource.type not in _LAST:
        for urn in resource.dependencies:
            found.setdefault(urn, "")
    return found


_LAST = {"azure-native:authorization:ManagementLockByScope"}
"""What waits for all else, and uses none of it."""


def _means(source: Resource, path: str, target: Resource) -> str:
    layer = kind(target.type).layer
    if layer == "keys":
        return "key"
    attached = ATTACHMENTS.get(source.type)
    if attached and attached.to == path and "web ACL" in attached.means:
        return "filter"
    if "webacl" in path.lower():
        return "filter"
    reads = source.type in _READERS or kind(source.type).layer in _ABOUT_LOGS
    if not reads and (layer == "logs" or ("log" in path.lower() and layer == "data")):
        return "log"
    return _MEANS.get(layer, "use")


def between(groups: list[Group], found: list[Relation]) -> dict[Pair, list[Relation]]:
    """The relations that leave their group, by the two groups."""
    number = {r.urn: n for n, group in enumerate(groups) for r in group.members}
    pairs: dict[Pair, list[Relation]] = {}
    for relation in found:
        source, target = number.get(relation.source.urn), number.get(relation.target.urn)
        if source is not None and target is not None and source != target:
            pairs.setdefault((source, target), []).append(relation)
    return pairs


_PASSING = ("use", "filter", "identity")
"""Relations along which requests, or questions about them, pass."""


def flow(groups: list[Group], pairs: Mapping[Pair, list[Relation]]) -> Flow:
    arrows = dict(_arrows(groups, pairs))
    arrows |= dict.fromkeys(_behind_firewalls(groups, arrows), "")
    for pair in _shortcuts(groups, arrows):
        del arrows[pair]
    lines = [Arrow(source, target, label) for (source, target), label in arrows.items()]
    outside = list(_outside(groups, lines))
    behind = [Arrow(place.number, len(groups) + n, "") for n, place in enumerate(outside)]
    return Flow([*_entries(groups, lines), *lines, *behind], outside)


def _arrows(
    groups: list[Group], pairs: Mapping[Pair, list[Relation]]
) -> Iterator[tuple[Pair, str]]:
    for (source, target), found in sorted(pairs.items()):
        if not any(relation.means in _PASSING for relation in found):
            continue
        a, b = groups[source].layer, groups[target].layer
        if a.key == b.key:
            yield (source, target), "" if a.on_path else "uses"
        elif a.on_path and b.on_path:
            forward = PATH.index(a.key) < PATH.index(b.key)
            yield (source, target) if forward else (target, source), ""
        elif b.key == "identity" and a.on_path and a.key != "firewall":
            yield (source, target), "asks who calls"
        elif a.drawn and b.drawn and "identity" not in (a.key, b.key):
            yield (source, target), "uses"


def _behind_firewalls(groups: list[Group], arrows: Collection[Pair]) -> Iterator[Pair]:
    """From the firewall of an edge to the APIs that the edge leads to: it may know neither."""
    layer = [group.layer.key for group in groups]
    led = [pair for pair in arrows if layer[pair[0]] == "edge"]
    for edge, firewall in led:
        if layer[firewall] == "firewall":
            for other, api in led:
                if other == edge and layer[api] == "api":
                    yield firewall, api


def _shortcuts(groups: list[Group], arrows: Mapping[Pair, str]) -> list[Pair]:
    """Arrows past a group that requests go through anyway."""
    after: dict[int, list[int]] = {}
    for source, target in arrows:
        if groups[source].layer.on_path and groups[target].layer.on_path:
            after.setdefault(source, []).append(target)

    def reaches(source: int, target: int) -> bool:
        seen, ahead = set(), [n for n in after.get(source, ()) if n != target]
        while ahead:
            number = ahead.pop()
            if number not in seen:
                seen.add(number)
                ahead.extend(after.get(number, ()))
        return target in seen

    return [(a, b) for a, b in arrows if b in after.get(a, ()) and reaches(a, b)]


def _entries(groups: list[Group], arrows: list[Arrow]) -> Iterator[Arrow]:
    """Arrows from the clients: to the foremost layer that takes requests, and to the sign-in."""
    reached = {arrow.target for arrow in arrows}
    for layer in ("edge", "api", "firewall"):
        first = [n for n, group in enumerate(groups) if group.layer.key == layer]
        if first:
            yield from (Arrow(CLIENTS, n, "") for n in first if n not in reached)
            break
    for number, group in enumerate(groups):
        if group.layer.key == "identity" and any(r.type.startswith(SIGN_IN) for r in group.members):
            yield Arrow(CLIENTS, number, "sign in")


def _outside(groups: list[Group], arrows: list[Arrow]) -> Iterator[Outside]:
    busy = {a.source for a in arrows if groups[a.target].layer.key in ("compute", "data")}
    for number, group in enumerate(groups):
        if group.layer.key == "api" and number not in busy:
            answers = sorted({line for r in group.made for line in _answers(r)})
            if answers:
                left = len(answers) - _NAMED
                more = [f"and {left} more"] if left > 0 else []
                yield Outside(number, (*answers[:_NAMED], *more))


_NAMED = 3
"""Of who answers; more are counted."""
_MOCK = "Examples of the document"
_UNSEEN = "As the API document says"


def _answers(resource: Resource) -> Iterator[str]:
    if resource.type in BACKEND_URIS:
        uri = resource.inputs.get(BACKEND_URIS[resource.type])
        if isinstance(uri, str) and (host := _host(uri)):
            yield host
    if resource.type in DOCUMENTS:
        body = resource.inputs.get(DOCUMENTS[resource.type])
        if body is not None:
            yield from _document_answers(body)


def _document_answers(body: Value) -> Iterator[str]:
    try:
        document = json.loads(body) if isinstance(body, str) else None
    except ValueError:
        document = None
    if document is None:
        yield _UNSEEN
        return
    for integration in _integrations(document):
        uri = integration.get("uri", "")
        if str(integration.get("type", "")).lower() == "mock":
            yield _MOCK
        elif isinstance(uri, str) and (host := _host(uri)):
            yield host


def _integrations(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        found = node.get("x-amazon-apigateway-integration")
        if isinstance(found, dict):
            yield found
        for item in node.values():
            yield from _integrations(item)
    elif isinstance(node, list):
        for item in node:
            yield from _integrations(item)


def _host(uri: str) -> str:
    """Its host alone: a path or a user's name may be nobody's business."""
    try:
        return (urlsplit(uri).hostname or "") if uri.startswith(("http:", "https:")) else ""
    except ValueError:
        return ""


def guards(resource: Resource) -> Iterator[str]:
    """How a resource protects itself, in words."""
    if resource.options.protect:
        yield "protected: Pulumi refuses to delete it"
    if resource.options.retain_on_delete:
        yield "kept in the cloud when it leaves the program"
    for name, guard in sorted(GUARDS.items()):
        value = resource.inputs.get(name)
        # True is 1 in Python, and not here.
        if any(value == on and type(value) is type(on) for on in guard.on):
            yield guard.means


def attached(relation: Relation) -> str:
    """What the target has from the source, in words; empty where it has nothing."""
    attachment = ATTACHMENTS.get(relation.source.type)
    return attachment.means if attachment and relation.path == attachment.to else ""
