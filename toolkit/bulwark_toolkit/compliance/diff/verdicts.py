"""What the rules find now that they did not find before, and the other way round."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from bulwark_toolkit.compliance.judge import Finding
from bulwark_toolkit.compliance.rule import SEVERITIES, Rule

Turn = Literal["fails now", "fails in more places", "unknown now", "not judged now", "passes now"]

TURNS: Final[tuple[Turn, ...]] = (
    *("fails now", "fails in more places", "unknown now", "not judged now", "passes now"),
)
"""From what has to be looked at first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictChange:
    rule: Rule
    urn: str
    """The resource that is judged."""
    turn: Turn
    was: str
    """The outcome before; empty where there was none."""
    findings: tuple[Finding, ...]
    """Those that say so: the failing ones, or those that are not known."""


def verdict_changes(
    old: Sequence[Finding],
    new: Sequence[Finding],
    renamed: Mapping[str, str],
    there: Collection[str],
) -> list[VerdictChange]:
    """Worst first. What a new resource passes and what went with an old one is no change.

    `there` has the URNs of what is there now.
    """
    before = _by_subject(old, renamed)
    after = _by_subject(new, {})
    found = list(_turned(before, after))
    found += _unjudged(before, after, there)
    return sorted(found, key=_order)


def _order(change: VerdictChange) -> tuple[int, int, str, str]:
    severity = SEVERITIES.index(change.rule.severity)
    return TURNS.index(change.turn), severity, change.rule.id, change.urn


_Found = dict[tuple[str, str], list[Finding]]


def _by_subject(findings: Sequence[Finding], renamed: Mapping[str, str]) -> _Found:
    found: _Found = {}
    for finding in findings:
        if finding.outcome != "not applicable":
            subject = renamed.get(finding.subject, finding.subject)
            found.setdefault((finding.rule.id, subject), []).append(finding)
    return found


def _turned(before: _Found, after: _Found) -> Iterator[VerdictChange]:
    for key, now in after.items():
        earlier = before.get(key, [])
        was, outcome = _worst(earlier), _worst(now)
        says = [finding for finding in now if finding.outcome == outcome]
        turn: Turn | None = None
        if outcome == "fail" and was == "fail":
            more = len(says) > sum(finding.outcome == "fail" for finding in earlier)
            turn = "fails in more places" if more else None
        elif outcome != was:
            turn = {"fail": "fails now", "unknown": "unknown now"}.get(outcome)  # type: ignore[assignment]
            if outcome == "pass" and was:
                turn = "passes now"
        if turn:
            yield _change(says, key[1], turn, was)


def _unjudged(before: _Found, after: _Found, there: Collection[str]) -> Iterator[VerdictChange]:
    """Where a rule looked and does not look any more, though the resource is there."""
    for key, earlier in before.items():
        if key not in after and key[1] in there:
            yield _change(earlier, key[1], "not judged now", _worst(earlier))


def _change(findings: list[Finding], urn: str, turn: Turn, was: str) -> VerdictChange:
    return VerdictChange(
        rule=findings[0].rule, urn=urn, turn=turn, was=was, findings=tuple(findings)
    )


def _worst(findings: Sequence[Finding]) -> str:
    outcomes = {finding.outcome for finding in findings}
    return next((o for o in ("fail", "unknown", "pass") if o in outcomes), "")
