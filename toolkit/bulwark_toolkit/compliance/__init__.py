"""Rules, controls and evidence: what a graph shows of what frameworks ask, read offline."""

from .judge import Finding, judge
from .rule import Rule, Severity, Verdict, rule
from .subject import NotKnownError, Subject

__all__ = ["Finding", "NotKnownError", "Rule", "Severity", "Subject", "Verdict", "judge", "rule"]
