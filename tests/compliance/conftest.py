from datetime import date

import pytest

from bulwark_toolkit.compliance import judge
from bulwark_toolkit.compliance.rules import RULES

DAY = date(2026, 11, 25)


@pytest.fixture
def found(preview):
    """What one rule finds in a program: (outcome, logical name, property)."""

    def of(rule_id, program, *, rendered=True):
        (rule,) = [rule for rule in RULES if rule.id == rule_id]
        graph = preview(program, rendered=rendered, config={"aws:region": "eu-central-1"})
        assert graph.problems == ()
        return [
            (f.outcome, f.urn.rpartition("::")[2], f.property) for f in judge(graph, [rule], DAY)
        ]

    return of


@pytest.fixture
def outcomes(found):
    """The outcomes of one rule in a program, each once."""
    return lambda rule_id, program, **more: {o for o, _, _ in found(rule_id, program, **more)}
