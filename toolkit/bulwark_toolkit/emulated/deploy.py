"""Makes the calls in the order of the dependencies, then reads everything back."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from typing import Any, Final

import jmespath
from moto import mock_aws

from bulwark_toolkit.preview import Graph, Resource, Secret

from .account import Account
from .ask import RefusedError, ask
from .build import MISSING, build
from .check import check, kind
from .compare import compare, is_in, places
from .errors import DeployError
from .language import Among, Call, Fixed, Read, Row, Template, names_in
from .repairs import repaired
from .services import ROWS

GLOBAL: Final = "us-east-1"
"""Where services are called that have no region, as everywhere in AWS."""

WITHOUT_CALLS: Final = ("random:",)
"""Packages whose resources are made by their provider alone, in the state."""

HIDDEN: Final = "hidden"
"""What is sent for a secret: a graph does not have its value."""


@contextmanager
def deploy(
    graph: Graph, rows: Mapping[str, Row] = ROWS, *, endpoint: str = ""
) -> Iterator[Account]:
    """The account that a rendered graph would make.

    With an `endpoint`, another emulator makes it that listens there. The tables know moto alone:
    what moto lacks is not asked of another, and nothing is read back.

    Raises a DeployError with everything that is wrong. What depends on a resource that failed is
    checked, but not made.
    """
    if graph.mode != "rendered":
        raise ValueError("only a rendered graph has the ids and ARNs that calls are made of")
    with nullcontext() if endpoint else _moto():
        run = _Run(graph, rows, endpoint)
        run.make()
        if not endpoint:
            run.read()
        if run.problems:
            raise DeployError(run.problems)
        yield run.account


@contextmanager
def _moto() -> Iterator[None]:
    with mock_aws(config={"iam": {"load_aws_managed_policies": True}}), repaired():
        yield


@dataclass
class _Made:
    """A resource on its way into the account."""

    resource: Resource
    row: Row
    region: str
    properties: dict[str, Any]
    """Inputs and outputs; an output is the preview's placeholder until a call gives it."""
    sent: dict[str, Any] = field(default_factory=dict)
    """What the properties became in its calls."""


class _Run:
    def __init__(self, graph: Graph, rows: Mapping[str, Row], endpoint: str) -> None:
        self.graph = graph
        self.rows = rows
        self.account = Account(endpoint)
        self.problems: list[str] = []
        self._made: list[_Made] = []
        self._failed: set[str] = set()
        self._real: dict[str, str] = {}
        """What the account gave, by the preview's placeholder for it."""

    def make(self) -> None:
        resources = [r for r in _in_order(self.graph) if r.kind == "custom" and not r.is_provider]
        if not resources:
            self.problems.append(f"{self.graph.stack}: there is nothing to deploy")
        for resource in resources:
            if not self._failed.isdisjoint(resource.dependencies):
                self._failed.add(resource.urn)
            if resource.type.startswith(WITHOUT_CALLS):
                continue
            if row := self.rows.get(resource.type):
                self._make(resource, row)
            else:
                self._problem(resource, "no table has a row for this type")

    def _make(self, resource: Resource, row: Row) -> None:
        self._look_at_names(resource, row)
        region = self._region(resource)
        given = {name: value for name, value in resource.inputs.items() if value is not None}
        known = {"id": resource.id} | resource.outputs | given
        properties = self._with_real(known) | {"region": region}
        properties |= {name: _hidden(properties.get(name)) for name in row.secrets}
        made = _Made(resource, row, region, properties)
        for call in row.calls:
            if call.when is None or call.when.holds(properties):
                self._call(made, call)
        self._made.append(made)
        self.account.keep(resource.name, properties)

    def _look_at_names(self, resource: Resource, row: Row) -> None:
        for name in sorted(resource.inputs.keys() - row.knows):
            text = f"{name}: the row of this type does not know it"
            self._problem(resource, f"{text}; got {kind(resource.inputs[name])}")
        if _is_cut(resource, row.auto_name):
            text = f"{row.auto_name}: too long once Pulumi has made it unique"
            self._problem(resource, f"{text}; got {kind(resource.name)}")

    def _region(self, resource: Resource) -> str:
        """Its own, its provider's, or where the preview says that we are."""
        provider = self.graph[resource.provider].inputs if resource.provider else {}
        named = (values.get("region") for values in (resource.inputs, provider, resource.outputs))
        return next(filter(None, named), GLOBAL)

    def _with_real(self, value: Any) -> Any:
        """The same with the account's own ids and ARNs, wherever they are in it."""
        match value:
            case str() if self._real:
                # The longest first: there is an id in an ARN.
                known = map(re.escape, sorted(self._real, key=len, reverse=True))
                return re.sub("|".join(known), lambda found: self._real[found[0]], value)
            case list():
                return [self._with_real(item) for item in value]
            case dict():
                return {key: self._with_real(item) for key, item in value.items()}
        return value

    def _call(self, made: _Made, call: Call) -> None:
        region = _region_in(made.properties.get(call.region_of, "")) or made.region
        answer = self._ask(made, call, region)
        for name, place in call.gives.items() if answer else ():
            value = jmespath.search(place, answer)
            if value is None:
                self._problem(made.resource, f"{call.operation}: the answer has no {place}")
            elif placeholder := ({"id": made.resource.id} | made.resource.outputs).get(name):
                self._real[placeholder] = value
            made.properties[name] = value

    def read(self) -> None:
        for made in [m for m in self._made if m.resource.urn not in self._failed]:
            for read in made.row.reads:
                if read.when is None or read.when.holds(made.properties):
                    self._read(made, read)

    def _read(self, made: _Made, read: Read) -> None:
        answer = self._ask(made, read, made.region)
        for place, template in read.same.items() if answer else ():
            expected = _expected(made, template)
            if expected is MISSING:
                continue
            name = next(names_in(template), place)
            wrong = compare(expected, jmespath.search(place, answer), name)
            excused = made.row.unread.keys() & set(places(expected, name))
            for where, text in wrong.items():
                if not any(is_in(where, part) for part in excused):
                    self._say(made.resource, f"{read.operation}.{place}: {text}")
            for part in excused:
                if not any(is_in(where, part) for where in wrong):
                    self._stale(made, part, made.row.unread[part])

    def _ask(self, made: _Made, step: Call | Read, region: str) -> dict[str, Any] | None:
        """The answer. There is none where the table says so, or with a problem noted."""
        client = self.account.client(step.service, region)
        shape = client.meta.service_model.operation_model(step.operation).input_shape
        sent = made.sent if isinstance(step, Call) else {}
        params = build(step.params, shape, made.properties, made.row.names, sent)
        params = {} if params is MISSING else params
        for text in check(params, shape, step.operation):
            self._problem(made.resource, text)
        if made.resource.urn in self._failed or (step.lacking and self.account.endpoint):
            return None
        try:
            answer = ask(client, step.operation, params)
        except RefusedError as error:
            self._problem(made.resource, f"{step.operation}: {error}")
            return None
        if answer is None and not step.lacking:
            self._problem(made.resource, f"{step.operation}: moto lacks it; its row must say so")
        if answer is not None and step.lacking:
            self._stale(made, step.api, step.lacking)
        return answer

    def _problem(self, resource: Resource, text: str) -> None:
        self._failed.add(resource.urn)
        self._say(resource, text)

    def _say(self, resource: Resource, text: str) -> None:
        self.problems.append(f"{resource.name} ({resource.type}): {text}")

    def _stale(self, made: _Made, where: str, reason: str) -> None:
        self.account.stale.append(f"{made.resource.type}: {where}: no longer so: {reason}")


def _hidden(value: Any) -> Any:
    """The same with something in the place of each secret."""
    match value:
        case Secret():
            return HIDDEN
        case list():
            return [_hidden(item) for item in value]
        case dict():
            return {key: _hidden(item) for key, item in value.items()}
    return value


def _in_order(graph: Graph) -> Iterator[Resource]:
    by_urn = {resource.urn: resource for resource in graph.resources}
    order = TopologicalSorter({urn: by_urn[urn].dependencies for urn in by_urn})
    return (by_urn[urn] for urn in order.static_order() if urn in by_urn)


def _is_cut(resource: Resource, auto_name: str) -> bool:
    """Whether the preview had no room for the whole name and Pulumi's own characters."""
    made = resource.outputs.get(auto_name)
    prefixed = f"{auto_name}Prefix" in resource.inputs
    return made is not None and not prefixed and resource.name.lower() not in made.lower()


def _region_in(arn: str) -> str:
    """The region of an ARN; none in what is a name only."""
    return arn.split(":")[3] if arn.startswith("arn:") else ""


def _expected(made: _Made, template: Template) -> Any:
    """What the answer must hold; MISSING if nothing was said about it."""
    match template:
        case Fixed(value):
            return value
        case Among(name):
            value = made.sent.get(name, MISSING)
            return value if value is MISSING else Among(value)
        case str():
            said = made.sent if template in made.row.sends else made.properties
            return said.get(template, MISSING)
    raise TypeError(f"not for a read-back: {template}")
