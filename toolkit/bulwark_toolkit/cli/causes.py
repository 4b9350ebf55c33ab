"""Which setting of a stack file makes a rule fail: told by leaving it out and looking again.

Between a setting and the property of a resource stands whatever the components make of it, so no
table could say what comes from where. A run without the setting can, whatever the rule.
"""

import contextlib
import gc
import io
import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pulumi import RunError

from pulumi_bulwark.config import NAMESPACE
from pulumi_bulwark.errors import ConfigError

from ..compliance import Finding, Rule, judge
from ..compliance.verdicts import Key, key
from ..preview import Graph
from .common import Recording

Way = tuple[str, ...]
"""From a block of our settings to what is below it: waf, rateLimit, requests."""

_PROFILE: Final = "profile"
_HARDENED: Final = "prod"
"""The profile that loosens nothing: what another one has loosened is its own line's doing."""

_MOST_RUNS: Final = 40
"""A run takes half a second for our own stacks. What is not found by then is told as before."""


def causes(
    recording: Recording, failing: Sequence[Finding], graph: Graph, first: Collection[str] = ()
) -> Mapping[Key, Way]:
    """The setting to mend for each failure that comes from one.

    It is the innermost without which the rule no longer fails, or else the innermost without which
    the resource is not there. `first` names the blocks to look at before the others.
    """
    if not failing:
        return {}
    gc.freeze()  # each run leaves cycles behind, and the command collects none by itself
    found = _found(recording, failing, graph, first)
    left = [finding for finding in failing if key(finding) not in found]
    # A setting may be as weak as the profile: without it the rule fails all the same.
    if left and (hardened := _hardened(recording)):
        found |= _found(hardened, left, hardened(rendered=True), first)
    return found


def _found(
    recording: Recording, failing: Sequence[Finding], graph: Graph, first: Collection[str]
) -> dict[Key, Way]:
    search = _Search(recording, failing, graph)
    ways = list(search.open_(search.below(())))
    wanted = {key(finding) for finding in failing}
    for way in ways:
        if way[0] in first:
            search.among([way], wanted - search.found.keys())
    search.among([way for way in ways if way[0] not in first], wanted - search.found.keys())
    return {**search.makers, **search.found}


def _hardened(recording: Recording) -> Recording | None:
    """The same with the profile that loosens nothing; None if it has that one, or cannot."""
    config, name = recording.program.config, f"{NAMESPACE}:{_PROFILE}"
    if config.get(name, _HARDENED) == _HARDENED:
        return None
    try:
        return recording.with_config({**config, name: _HARDENED})
    except ConfigError:
        return None


@dataclass
class _Search:
    recording: Recording
    failing: Sequence[Finding]
    graph: Graph
    found: dict[Key, Way] = field(default_factory=dict)
    makers: dict[Key, Way] = field(default_factory=dict)
    _runs: int = 0

    def __post_init__(self) -> None:
        self._settings = dict(_settings(self.recording.program.config))
        self._subjects = {key(finding): finding.subject for finding in self.failing}
        self._rules = tuple({finding.rule.id: finding.rule for finding in self.failing}.values())
        self._before = _Failures.of(self.graph, self._rules)

    def among(self, ways: list[Way], wanted: Collection[Key], *, sure: bool = False) -> None:
        """Find which of some settings, or of those below them, is the cause of what is wanted.

        It need not be any of them unless that is sure.
        """
        if not (ways and wanted):
            return
        after = None if sure and len(ways) > 1 else self._without(ways)
        gone = self._gone(wanted, after) if after else set(wanted)
        if len(ways) > 1:
            half = len(ways) // 2
            self.among(ways[:half], gone)
            self.among(ways[half:], gone - self.found.keys())
            return
        (way,) = ways
        self.among(self.below(way), gone, sure=True)
        if after:
            self._name(way, gone - self.found.keys(), after)

    def _name(self, way: Way, gone: Collection[Key], after: "_Failures") -> None:
        for one in gone:
            if self._subjects[one] in after.there:
                self.found[one] = way
            else:
                self.makers.setdefault(one, way)

    def open_(self, ways: list[Way]) -> Iterator[Way]:
        """The settings that can be left out and are missed then; or instead those below them."""
        for way in ways:
            found = self._recording((way,))
            if found is None:
                yield from self.open_(self.below(way))
            elif found.settings != self.recording.settings:
                yield way

    def below(self, way: Way) -> list[Way]:
        value: Any = self._settings
        for step in way:
            value = value[int(step)] if isinstance(value, list) else value[step]
        match value:
            case dict():
                return [(*way, step) for step in value]
            case list():
                return [(*way, str(number)) for number, _ in enumerate(value)]
        return []

    def _without(self, ways: Sequence[Way]) -> "_Failures | None":
        """What fails without some settings; None if the program does not run so."""
        recording = self._recording(ways)
        if recording is None or self._runs == _MOST_RUNS:
            return None
        self._runs += 1
        with contextlib.redirect_stderr(io.StringIO()):
            try:
                graph = recording(rendered=True)
            except RunError:
                return None
        found = _Failures.of(graph, self._rules)
        del graph
        gc.collect()
        return found

    def _recording(self, ways: Sequence[Way]) -> Recording | None:
        left = _left(self._settings, frozenset(ways))
        if (_PROFILE,) in ways:
            left[_PROFILE] = _HARDENED
        prefix = f"{NAMESPACE}:"
        others = {
            k: v for k, v in self.recording.program.config.items() if not k.startswith(prefix)
        }
        ours = {f"{prefix}{name}": _text(value) for name, value in left.items()}
        try:
            return self.recording.with_config(others | ours)
        except ConfigError:
            return None

    def _gone(self, wanted: Collection[Key], after: "_Failures") -> set[Key]:
        """What fails no more. Its place alone does not say so: statements change their numbers."""
        return {
            one
            for one in wanted
            if one not in after.keys
            and after.of_rule[one[0], self._subjects[one]]
            < self._before.of_rule[one[0], self._subjects[one]]
        }


@dataclass(frozen=True, slots=True)
class _Failures:
    keys: frozenset[Key]
    of_rule: Counter[tuple[str, str]]
    """How many there are by rule and by the resource that is judged."""
    there: frozenset[str]
    """URNs of all resources."""

    @classmethod
    def of(cls, graph: Graph, rules: Sequence[Rule]) -> "_Failures":
        failing = [finding for finding in judge(graph, rules) if finding.outcome == "fail"]
        return cls(
            frozenset(map(key, failing)),
            Counter((finding.rule.id, finding.subject) for finding in failing),
            frozenset(resource.urn for resource in graph.resources),
        )


def _settings(config: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    for name, text in config.items():
        if name.startswith(f"{NAMESPACE}:"):
            found = json.loads(text) if text[:1] in ("{", "[") else text
            yield name.removeprefix(f"{NAMESPACE}:"), found


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _left(value: Any, ways: frozenset[Way], at: Way = ()) -> Any:
    """A value without what some ways lead to."""
    match value:
        case dict():
            steps = ((step, (*at, step), inner) for step, inner in value.items())
            return {step: _left(inner, ways, to) for step, to, inner in steps if to not in ways}
        case list():
            items = (((*at, str(number)), inner) for number, inner in enumerate(value))
            return [_left(inner, ways, to) for to, inner in items if to not in ways]
    return value
