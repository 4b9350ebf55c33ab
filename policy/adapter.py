"""Between the engine and the rules: what the engine tells becomes a graph, a finding a violation.

Rules judge inputs. The engine shows the inputs of each resource as it comes, and in the end all
resources with their outputs and dependencies: the two together are the graph.
"""

import functools
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyResource,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
    policy,
)

from bulwark_toolkit.compliance import Finding, Rule, clock, judge, waivers
from bulwark_toolkit.compliance.rule import GRAVE
from bulwark_toolkit.compliance.state import decode
from bulwark_toolkit.compliance.waivers import Waiver
from bulwark_toolkit.compliance.words import message, name, said
from bulwark_toolkit.preview import Project, UsageError
from bulwark_toolkit.preview.graph import Graph, Options, Resource
from bulwark_toolkit.preview.values import Unknown, Value

_UNKNOWN_OF_OTHER_TYPES = ("1c4a061d", "3eeb2bf0", "6a19a0b0", "030794c1", "e48ece36", "dd056dcd")
"""The first letters of the protocol's marks of unknown values that are no text."""

Report = Callable[[str, str | None], None]


def keep_secrets() -> None:
    """Have the SDK leave secrets and unknowns as what they are.

    It hands secrets over in the clear, and a value that a rule shows could then be one. The name
    is private to it, so the pack pins its version.
    """
    vars(policy)["deserialize_properties"] = _graph_values


def _graph_values(properties: Mapping[str, Any], *_: bool, **__: bool) -> dict[str, Value]:
    return {key: _unknowns(decode(value)) for key, value in sorted(properties.items())}


def _unknowns(value: Value) -> Value:
    match value:
        case str() if value.partition("-")[0] in _UNKNOWN_OF_OTHER_TYPES:
            return Unknown()
        case dict():
            return {key: _unknowns(item) for key, item in value.items()}
        case list():
            return [_unknowns(item) for item in value]
    return value


@dataclass
class Adapter:
    """The policies of one pack, and what the engine has told it."""

    rules: Sequence[Rule]
    _inputs: dict[str, dict[str, Value]] = field(default_factory=dict)
    """By URN."""

    def policies(self) -> list[Policy]:
        """What remembers the inputs comes first: the engine asks in this order."""
        remember = ResourceValidationPolicy(
            "bulwark.inputs", "Remembers the inputs that the rules judge", self._remember
        )
        tell = StackValidationPolicy(
            "bulwark.not-enforced",
            "What stops nothing: waived, failing by a date alone, or not known yet",
            self._tell,
            EnforcementLevel.ADVISORY,
        )
        return [remember, *map(self._policy, self.rules), tell]

    def _policy(self, rule: Rule) -> Policy:
        kind = ResourceValidationPolicy if rule.alone else StackValidationPolicy
        graph = _graph_of_one if rule.alone else self._graph
        grave = rule.severity in GRAVE  # unless the pack's config says otherwise

        def validate(args: Any, report: Report) -> None:
            for finding in judge(graph(args), [rule]):
                if finding.outcome == "fail" and not self._stops_nothing(finding):
                    report(f"{message(finding)} ({rule.reference})", finding.urn)

        return kind(
            rule.id,
            f"{rule.requires}.",
            validate,
            EnforcementLevel.MANDATORY if grave else EnforcementLevel.ADVISORY,
        )

    def _tell(self, args: StackValidationArgs, report: Report) -> None:
        for finding in judge(self._graph(args), self.rules):
            if finding.outcome == "unknown":
                report(f"{finding.rule.id}: {name(finding)}: {said(finding)}", finding.urn)
            elif finding.outcome == "fail" and (waiver := self._waiver(finding)):
                # An emergency must be able to deploy: only `bulwark check` fails past the date.
                late = waiver.overdue(clock.today())
                words = f"its waiver {late}" if late else waiver.words
                report(f"{finding.rule.id}: {message(finding)} But {words}", finding.urn)
            elif finding.expired:
                report(f"{finding.rule.id}: {message(finding)}", finding.urn)

    def _stops_nothing(self, finding: Finding) -> bool:
        """Whether a failure is told as advice: it was decided on, or came with a date."""
        return finding.expired or self._waiver(finding) is not None

    def _waiver(self, finding: Finding) -> Waiver | None:
        """The waiver of a failure, whether its time is over or not."""
        stack, project = _stack_and_project(finding.urn)
        found = (w for w in _waivers(project) if w.is_for(stack))
        return next((w for w in found if w.covers(finding.rule.id, finding.urn)), None)

    # --- from the engine's words to the graph ---

    def _remember(self, args: ResourceValidationArgs, _: Report) -> None:
        self._inputs[args.urn] = _plain(args.props)

    def _graph(self, args: StackValidationArgs) -> Graph:
        return _of([self._whole(resource) for resource in args.resources])

    def _whole(self, args: PolicyResource) -> Resource:
        outputs = _plain(args.props)
        behind = {
            key: tuple(sorted(resource.urn for resource in resources))
            for key, resources in sorted(args.property_dependencies.items())
            if resources
        }
        inputs = self._inputs.get(args.urn, outputs)
        waiting = {key: _waiting(value, behind.get(key, ())) for key, value in inputs.items()}
        identifier = outputs.get("id")
        # Of what exists already the engine shows no inputs.
        read = self._inputs and args.urn not in self._inputs
        return replace(
            _resource(args, waiting),
            kind="read" if read else "custom",
            outputs=outputs,
            id=identifier if isinstance(identifier, str) else "",
            dependencies=tuple(sorted(resource.urn for resource in args.dependencies)),
            property_dependencies=behind,
        )


def _graph_of_one(args: ResourceValidationArgs) -> Graph:
    return _of([_resource(args, _plain(args.props))])


def _of(resources: list[Resource]) -> Graph:
    stack, project = _stack_and_project(resources[0].urn) if resources else ("", "")
    return Graph(
        project=project,
        stack=stack,
        mode="engine",
        resources=tuple(resources),
        outputs={},
        notes=(),
        problems=(),
    )


def _stack_and_project(urn: str) -> tuple[str, str]:
    """Of `urn:pulumi:stack::project::…`; the engine names them to a pack in no other way."""
    stack, project, *_ = urn.removeprefix("urn:pulumi:").split("::")
    return stack, project


def _resource(args: ResourceValidationArgs | PolicyResource, inputs: dict[str, Value]) -> Resource:
    return Resource(
        urn=args.urn,
        type=args.resource_type,
        name=args.name,
        parent=args.opts.parent or "",
        # A component's type names no provider of the cloud's, so no rule is for it.
        kind="custom",
        inputs=inputs,
        outputs={},
        options=Options(
            protect=args.opts.protect,
            ignore_changes=tuple(args.opts.ignore_changes),
            delete_before_replace=bool(args.opts.delete_before_replace),
        ),
    )


def _plain(value: Any) -> Any:
    """A value without the SDK's proxies around it."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    return value


def _waiting(value: Value, urns: tuple[str, ...]) -> Value:
    """The value with the resources behind it named by what is unknown in it."""
    match value:
        case Unknown():
            return Unknown(urns)
        case dict():
            return {key: _waiting(item, urns) for key, item in value.items()}
        case list():
            return [_waiting(item, urns) for item in value]
    return value


@functools.cache
def _waivers(project: str) -> tuple[Waiver, ...]:
    found = _project(project)
    return waivers.load(found.root / waivers.FILE) if found else ()


def _project(name: str) -> Project | None:
    """The project that is deployed, whose folder the engine does not tell a pack.

    It is that of BULWARK_PROJECT, or the one that this pack is in.
    """
    folder = os.environ.get("BULWARK_PROJECT")
    try:
        found = Project.find(Path(folder) if folder else Path(__file__).parent)
    except UsageError:
        return None
    return found if found.name == name else None
