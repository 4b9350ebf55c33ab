"""Our own stacks, from their own config."""

import pytest

from bulwark_toolkit.emulated import ROWS

STACKS = ["dev", "staging", "prod"]


@pytest.mark.parametrize("stack", STACKS)
def test_every_type_in_the_stack_has_a_row(stack_graph, stack):
    types = {r.type for r in stack_graph(stack).resources if r.type.startswith("aws:")}

    assert types
    assert types - ROWS.keys() == set()


@pytest.mark.parametrize("stack", STACKS)
def test_the_stack_is_deployed_and_read_back(deploy, stack_graph, stack):
    graph = stack_graph(stack)
    account = deploy(graph)

    names = [r.name for r in graph.resources if r.type.startswith("aws:")]
    assert [name for name in names if not account[name]] == []
