"""`make bench`: what the input guard catches, what it denies, and what it costs, with its limits.

Everything is measured on samples with a seed that nothing was tuned with, and beside ModSecurity 3
with the OWASP Core Rule Set 4 at paranoia level 1, in the same run and on the same requests, where
that package and Go (which fetches the rules) are to be had. Times are the processor's. Takes about
two minutes. Exits with 1 when a limit is passed.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from guard import (
    attacks,
    crs,
    dear,
    holdout,
    honest,
    kb,
    libinjection,
    modsecurity,
    payments,
    sqlmap,
)
from guard.requests import DOCUMENT, PLACES, request

from bulwark_runtime.input_guard import Guard, Request

SEED = 90_210
RUNS = 5
MOST_MEDIAN_MS = 0.2
MOST_LATE_MS = 1.0
MOST_IMPORT_MS = 150
MOST_WORST_MS = 1_000


class Set(NamedTuple):
    name: str
    texts: Sequence[str]
    least: float | None
    """Of an attack's set: what share must be denied in each place."""

    most: float | None = None
    """Of an honest one: what share may be."""


def sets() -> list[Set]:
    return [
        Set("SQL, our grammar", list(attacks.sql(SEED, 500)), 0.97),
        Set("SQL, sqlmap's", list(sqlmap.attacks(SEED, 500)), 0.97),
        Set("SQL, sqlmap's unions", list(sqlmap.unions(SEED, 100)), 0.97),
        Set("XSS, our grammar", list(attacks.xss(SEED, 500)), 0.99),
        Set("XSS, BRS-KB for HTML", kb.attacks()[1::5], None),
        Set("SQL, every family", holdout.texts("sql", SEED, 3), 0.97),
        Set("XSS, every family", holdout.texts("xss", SEED, 3), 0.99),
        Set("NoSQL, every family", holdout.texts("nosql", SEED, 5), 0.95),
        Set("NoSQL, our grammar", list(attacks.nosql(SEED, 200)), 0.95),
        Set("honest free text", list(honest.texts(SEED, 1_000)), None, 0.01),
        Set("honest, every family", holdout.texts("honest", SEED, 3), None, 0.01),
    ]


def share(denies: Callable[[Request], bool], texts: Sequence[str], place: str) -> float:
    return sum(denies(request(place, text)) for text in texts) / max(1, len(texts))


def rates(guard: Guard, peer: modsecurity.Peer | None) -> Iterable[str]:
    """Print the table; what passes its limit is given back."""
    print(f"  {'denied, in %':24}" + "".join(f"{place:>16}" for place in PLACES))
    print(f"  {'(ours / the peer)':24}")
    for each in sets():
        line = f"  {each.name:24}"
        for place in PLACES:
            ours = share(lambda r: not guard.check(r).allowed, each.texts, place)
            theirs = f"{share(peer.denies, each.texts, place):.1%}" if peer else "-"
            line += f"{f'{ours:.1%} / {theirs}':>16}"
            if each.least is not None and ours < each.least:
                yield f"{each.name} in the {place}: {ours:.2%} denied, at least {each.least:.0%}"
            if each.most is not None and ours > each.most:
                yield f"{each.name} in the {place}: {ours:.2%} denied, at most {each.most:.0%}"
        print(line.replace("%", ""), flush=True)


def rule_tests(guard: Guard) -> None:
    """The rule set's own tests hold fragments that match a pattern and attack nothing."""
    for kind in ("sql", "xss"):
        cases = list(crs.attacks(kind, most_level=1))
        if cases:
            caught = sum(
                any(not guard.check(request("query", value)).allowed for value in case)
                for case in cases
            )
            print(f"  the Core Rule Set's own tests, {kind}: {caught} of {len(cases)}")
    found = [text for kind, text, attack in libinjection.samples() if attack and kind == "sql"]
    if found:
        caught = sum(not guard.check(request("query", text)).allowed for text in found)
        print(f"  libinjection's own samples, SQL: {caught} of {len(found)}")


def times(
    check: Callable[[Request], object], requests: Sequence[Request], runs: int
) -> list[float]:
    """Milliseconds of each request, the best of several runs, in order of length."""
    best = [float("inf")] * len(requests)
    for _ in range(runs):
        for index, each in enumerate(requests):
            start = time.process_time_ns()
            check(each)
            best[index] = min(best[index], (time.process_time_ns() - start) / 1e6)
    return sorted(best)


def speed(peer: modsecurity.Peer | None) -> Iterable[str]:
    ours = Guard.from_openapi(payments.DOCUMENT)
    for name, hard in (("payments", False), ("payments whose every text looks like syntax", True)):
        requests = list(payments.requests(SEED, 300, hard=hard))
        size = sum(len(each.body) for each in requests) / len(requests)
        median, late = quantiles(times(ours.check, requests, RUNS))
        print(f"  {name}, {size:.0f} bytes: median {median:.3f} ms, 99 % {late:.3f} ms")
        if not hard:
            print("    (at most 0.2 and 1)")
            if median > MOST_MEDIAN_MS:
                yield f"the median is {median:.3f} ms, at most {MOST_MEDIAN_MS}"
            if late > MOST_LATE_MS:
                yield f"the 99th percentile is {late:.3f} ms, at most {MOST_LATE_MS}"
        if peer:
            median, late = quantiles(times(peer.denies, requests[:100], 1))
            print(f"    the peer: median {median:.3f} ms, 99 % {late:.3f} ms")


def worst() -> Iterable[str]:
    """The dearest request that is known, within the default limits of size."""
    guard = Guard.from_openapi(dear.DOCUMENT)
    found = max(
        (times(guard.check, [request], 1)[0], piece, length)
        for piece, length, request in dear.bodies()
    )
    print(
        f"  the dearest of {len(dear.PIECES) * len(dear.LENGTHS)} requests of a megabyte: "
        f"{found[0]:.0f} ms (at most {MOST_WORST_MS}), texts of {found[2]} characters made of "
        f"{found[1]!r}"
    )
    if found[0] > MOST_WORST_MS:
        yield f"the dearest request takes {found[0]:.0f} ms, at most {MOST_WORST_MS}"


def quantiles(found: Sequence[float]) -> tuple[float, float]:
    return found[len(found) // 2], found[int(len(found) * 0.99)]


_COLD = """
import json, re, time
from pathlib import Path

def resident():
    return int(re.search(r"VmRSS:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

base = resident()
start = time.process_time()
from bulwark_runtime.input_guard import Guard, Request
loaded = time.process_time()
document = json.load(open(0))
compiling = time.process_time()
guard = Guard.from_openapi(document)
guard.check(Request("POST", "/payments", body=b"{}"))
done = time.process_time()
print(json.dumps([loaded - start, done - compiling,
                  resident() - base]))
"""


def cold() -> Iterable[str]:
    """Importing and compiling, in a process of its own."""
    runs = [
        json.loads(
            subprocess.run(
                [sys.executable, "-c", _COLD],
                input=json.dumps(payments.DOCUMENT),
                capture_output=True,
                text=True,
                check=True,
                cwd=Path(__file__).parent,
            ).stdout
        )
        for _ in range(RUNS)
    ]
    imported, compiled, memory = (min(column) for column in zip(*runs, strict=True))
    print(
        f"  import {imported * 1e3:.0f} ms (at most 150), compiling and a first check "
        f"{compiled * 1e3:.0f} ms, memory {memory / 1024:.0f} MB"
    )
    if imported * 1e3 > MOST_IMPORT_MS:
        yield f"the import takes {imported * 1e3:.0f} ms, at most 150"


def main() -> None:
    guard = Guard.from_openapi(DOCUMENT)
    peer = modsecurity.peer()
    if peer is None:
        print("  the peer is not to be had here: it needs libmodsecurity's wheel, and Go")
    problems = [*cold(), *speed(peer), *worst(), *rates(guard, peer)]
    rule_tests(guard)
    for problem in problems:
        print(f"  over its limit: {problem}", file=sys.stderr)
    sys.exit(1 if problems else 0)


main()
