"""`make bench`: how fast the rules judge, against their limits.

The prod stack's own graph, and copies of it in one graph, to see how the time grows. Processor
time, the best of several runs, since noise only adds. Takes about half a minute. Exits with 1 when
a limit is passed.
"""

import gc
import itertools
import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeGuard

from bulwark_toolkit.compliance import judge
from bulwark_toolkit.compliance.rules import RULES
from bulwark_toolkit.preview import Graph, Project, Resource, record
from bulwark_toolkit.preview.graph_file import parse_graph

ROOT = Path(__file__).parents[1]
SIZES = (500, 5_000)
RUNS = 3
MOST_MS = 300
MOST_GROWTH = 1.3
"""Of the time a resource, from the smaller size to the larger."""


def best(run: Callable[[], object]) -> float:
    """Seconds of the fastest run."""
    found = []
    for _ in range(RUNS):
        start = time.process_time()
        run()
        found.append(time.process_time() - start)
    return min(found)


def judged(graph: Graph) -> float:
    text = graph.to_json()
    # Each run has a graph of its own: what the rules look up in one is kept with it.
    graphs = iter([parse_graph(text) for _ in range(RUNS)])
    return best(lambda: judge(next(graphs)))


def copies(graph: Graph, size: int) -> Graph:
    """A graph of about so many resources: copies of one, each with names and ids of its own."""
    text = graph.to_json()
    own = re.compile("|".join(map(re.escape, [graph.stack, *placeholders(graph)])))
    resources: list[Resource] = [graph.resources[0]]
    for number in itertools.count():
        if len(resources) > size:
            return replace(graph, resources=tuple(resources[: size + 1]))
        copy = own.sub(lambda found, number=number: f"{found[0]}{number}x", text)
        resources += [r for r in parse_graph(copy).resources if r.kind == "custom"]
    raise AssertionError


def placeholders(graph: Graph) -> list[str]:
    """What only one resource is called by, the longest first."""
    found = Counter(
        value
        for resource in graph.resources
        for value in {resource.id, *filter(_is_name, resource.outputs.values())}
    )
    names = [value for value, count in found.items() if count == 1 and value]
    return sorted(names, key=lambda name: (-len(name), name))


def _is_name(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and len(value) > len("eu-central-1")


def main() -> None:
    gc.disable()  # as the command does
    stacks = {
        stack: record(Project.find(ROOT).program(stack), rendered=True)
        for stack in ("azure-prod", "prod")
    }
    slowest = 0.0
    for stack, graph in stacks.items():
        slowest = max(slowest, milliseconds := judged(graph) * 1e3)
        print(f"  {len(RULES)} rules, {stack} stack: {milliseconds:.0f} ms (at most {MOST_MS})")
    costs = []
    for size in SIZES:
        seconds = judged(copies(stacks["prod"], size))
        costs.append(seconds / size)
        print(f"  {len(RULES)} rules, {size} resources: {seconds * 1e3:.0f} ms", flush=True)
    growth = costs[-1] / costs[0]
    print(f"  time a resource, {SIZES[0]} to {SIZES[-1]}: {growth:.2f} (at most {MOST_GROWTH})")
    sys.exit(0 if slowest <= MOST_MS and growth <= MOST_GROWTH else 1)


main()
