"""`make bench`: how fast the offline preview is, against its limits.

Every figure is the best of several processes, since noise only adds, and what is compared is
measured in turns in this one run. Takes about five minutes. Exits with 1 when a limit is passed.
"""

import itertools
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
RUNS = {100: 5, 1_000: 3, 3_000: 2}
"""How many processes are measured, by the number of resources."""


@dataclass(frozen=True, slots=True)
class Limit:
    what: str
    figure: float
    most: float
    unit: str

    @property
    def held(self) -> bool:
        return self.figure <= self.most

    def __str__(self) -> str:
        verdict = "ok  " if self.held else "OVER"
        return (
            f"  {verdict}  {self.what:<52} {self.figure:6.2f} (at most {self.most:g}) {self.unit}"
        )


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one resource."""

    milliseconds: float
    kilobytes: float

    def __str__(self) -> str:
        return f"{self.milliseconds:5.2f} ms {self.kilobytes:5.0f} KB"


def measure(engine: str, cloud: str, count: int) -> Cost:
    command = [sys.executable, str(HERE / "measure.py"), engine, cloud, str(count)]
    said = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return Cost(said["seconds"] * 1e3 / count, said["bytes"] / 1024 / count)


def best(costs: list[Cost]) -> Cost:
    return Cost(min(c.milliseconds for c in costs), min(c.kilobytes for c in costs))


def sizes(cloud: str) -> Iterator[Limit]:
    ours: dict[int, Cost] = {}
    for count, times in RUNS.items():
        # In turns, so that a slow minute of the machine is shared.
        runs = [
            (measure("mocks", cloud, count), measure("preview", cloud, count)) for _ in range(times)
        ]
        mocks, ours[count] = (best(list(costs)) for costs in zip(*runs, strict=True))
        print(
            f"  {cloud:<6} {count:>6} resources   plain mocks {mocks}   preview {ours[count]}",
            flush=True,
        )
        if count > min(RUNS):
            share = ours[count].milliseconds / mocks.milliseconds
            yield Limit(f"{cloud}, {count} resources: time against plain mocks", share, 0.5, "")
    for small, large in itertools.pairwise(RUNS):
        growth = ours[large].milliseconds / ours[small].milliseconds
        yield Limit(f"{cloud}, {small} to {large} resources: time a resource", growth, 1.1, "")


def whole_process(stack: str) -> Limit:
    command = [str(Path(sys.executable).parent / "bulwark"), "preview", "-s", stack]

    def once() -> float:
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
        return time.perf_counter() - start

    return Limit(
        f"bulwark preview -s {stack}, whole process",
        min(once() for _ in range(5)),
        2.2,
        "s",
    )


def main() -> int:
    print("program time and memory of one resource:")
    limits = [limit for cloud in ("aws", "azure") for limit in sizes(cloud)]
    limits += [whole_process(stack) for stack in ("prod", "azure-prod")]
    print("limits:")
    print(*limits, sep="\n")
    return 0 if all(limit.held for limit in limits) else 1


sys.exit(main())
