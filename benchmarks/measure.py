"""One measurement in a process of its own: `measure.py ENGINE CLOUD RESOURCES`, a line of JSON.

ENGINE is `mocks`, plain `pulumi.runtime.set_mocks`, or `preview`, ours: the same program, timed
from its first line to the last registration, for ours with the graph and its checks. The time is
the processor's: what else the machine does is nobody's growth.
"""

import asyncio
import gc
import json
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import programs
import pulumi
from pulumi.runtime import mocks

from bulwark_toolkit.preview import Program, record


class Echo(mocks.Mocks):
    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        return f"{args.name}-id", args.inputs

    def call(self, args: mocks.MockCallArgs) -> Any:
        return args.args


def with_mocks(program: Callable[[], None]) -> None:
    asyncio.set_event_loop(asyncio.new_event_loop())
    mocks.set_mocks(Echo())
    pulumi.runtime.test(program)()


def with_preview(program: Callable[[], None]) -> None:
    gc.disable()  # as the command does
    graph = record(Program(run=program, project="bench", stack="bench"))
    if graph.problems:
        raise SystemExit(f"the benchmark's program is wrong: {graph.problems[0]}")


def resident() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    engine, cloud, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    run = {"mocks": with_mocks, "preview": with_preview}[engine]
    # The SDK's modules are loaded before the clock starts: both engines need the same ones.
    with_preview(lambda: programs.build(cloud, programs.PER_COMPONENT))
    gc.enable()
    before, start = resident(), time.process_time()
    run(lambda: programs.build(cloud, count))
    seconds = time.process_time() - start
    print(json.dumps({"seconds": seconds, "bytes": resident() - before}))


main()
