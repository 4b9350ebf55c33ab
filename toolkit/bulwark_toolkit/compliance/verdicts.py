"""The verdicts on one stack, and what is to be made of them."""

import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import Final, Literal

from bulwark_toolkit.preview.graph import Graph

from .judge import Finding
from .rule import SEVERITIES, Severity
from .waivers import Fault

Key = tuple[str, str, str]
"""Rule, resource and property: what a finding is known by from one run to the next."""

FailOn = Severity | Literal["never"]

FAIL_ON: Final[tuple[FailOn, ...]] = (*SEVERITIES, "never")


def key(finding: Finding) -> Key:
    return finding.rule.id, finding.urn, finding.property


def fingerprint(finding: Finding) -> str:
    """The same for the same finding in every run, wherever the line that made it has moved."""
    return hashlib.sha256("\n".join(key(finding)).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    graph: Graph
    findings: tuple[Finding, ...]
    faults: tuple[Fault, ...] = ()
    """What is wrong with the waivers."""
    accepted: frozenset[Key] = frozenset()
    """The baseline: what failed already when the stack was first looked at."""

    @property
    def failed(self) -> list[Finding]:
        """What nobody answers for, the most severe first."""
        found = (f for f in self._failing() if not f.waiver and key(f) not in self.accepted)
        return sorted(found, key=_order)

    @property
    def waived(self) -> list[Finding]:
        return sorted((f for f in self._failing() if f.waiver), key=_order)

    @property
    def old(self) -> list[Finding]:
        """What fails as the baseline says it does."""
        found = (f for f in self._failing() if not f.waiver and key(f) in self.accepted)
        return sorted(found, key=_order)

    @property
    def mended(self) -> list[Key]:
        """What the baseline of this stack has, and fails no more."""
        ours = f"urn:pulumi:{self.graph.stack}::"
        failing = {key(finding) for finding in self._failing()}
        return sorted(k for k in self.accepted - failing if k[1].startswith(ours))

    @property
    def unknown(self) -> list[Finding]:
        return sorted((f for f in self.findings if f.outcome == "unknown"), key=_order)

    def _failing(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.outcome == "fail"]

    def fails(self, on: FailOn) -> bool:
        """Whether anything is as severe as `on`, or a waiver is not as it must be."""
        if on == "never":
            return False
        worst = SEVERITIES[: SEVERITIES.index(on) + 1]
        return bool(self.faults) or any(f.rule.severity in worst for f in self.failed)

    @property
    def summary(self) -> str:
        """How many there are of each: `120 pass, 2 fail (1 high, 1 low), 3 unknown`."""
        failed = self.failed
        severities = Counter(finding.rule.severity for finding in failed)
        by = ", ".join(f"{severities[s]} {s}" for s in SEVERITIES if severities[s])
        counts = (
            (sum(f.outcome == "pass" for f in self.findings), "pass"),
            (len(failed), f"fail ({by})" if by else "fail"),
            (len(self.waived), "waived"),
            (len(self.old), "in the baseline"),
            (len(self.unknown), "unknown"),
        )
        always = ("pass", "fail", "unknown")
        return ", ".join(f"{n} {word}" for n, word in counts if n or word in always)


def _order(finding: Finding) -> tuple[int, str, str, str]:
    return SEVERITIES.index(finding.rule.severity), *key(finding)
