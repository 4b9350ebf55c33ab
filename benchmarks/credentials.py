"""`make bench`: what the credential vault costs beside bcrypt itself, against its limits.

The vault with its users in memory, so that no network is in the figures, at the cost it has unless
told otherwise. Processor time of single calls, in turns, so that what else the machine does meets
each alike; the median of the rounds' ratios. Takes half a minute. Exits with 1 when a limit is
passed.
"""

import gc
import secrets
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from itertools import count

import bcrypt

from bulwark_runtime.credentials import AttemptCounters, Peppers, Policy, Users, Vault
from bulwark_runtime.credentials.local import LocalDocuments
from bulwark_runtime.credentials.passwords import normalised, weaknesses
from bulwark_runtime.credentials.peppers import fixed

ROUNDS = 25
MOST_BESIDE_BCRYPT = 1.05
MOST_APART = 1.05
"""Of a known user's refusal and an unknown one's, the slower through the faster."""

PASSWORD, WRONG = "blue lamp 47 under rain", "seven 7 green boats at noon"


def milliseconds(call: Callable[[], object]) -> float:
    start = time.process_time()
    call()
    return (time.process_time() - start) * 1e3


def in_turns(calls: Mapping[str, Callable[[], object]]) -> dict[str, list[float]]:
    """Times of each call, one of each in every round, after one that does not count."""
    found: dict[str, list[float]] = {name: [] for name in calls}
    for number in range(ROUNDS + 1):
        for name, call in calls.items():
            took = milliseconds(call)
            if number:
                found[name].append(took)
    return found


def ratio(over: list[float], under: list[float]) -> float:
    return statistics.median(a / b for a, b in zip(over, under, strict=True))


def main() -> None:
    gc.disable()
    policy = Policy.of("pci", "psd2")
    vault = Vault(
        Users(LocalDocuments()),
        AttemptCounters(LocalDocuments(table="attempts")),
        fixed(Peppers("v1", {"v1": secrets.token_bytes(32)})),
        policy,
    )
    for user in ("ada", *(f"user-{number}" for number in range(ROUNDS + 1))):
        assert vault.register(user, PASSWORD).outcome == "done"
    bare = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(policy.cost))
    known, unknown = count(), count()
    times = in_turns(
        {
            "bcrypt": lambda: bcrypt.checkpw(PASSWORD.encode(), bare),
            "right": lambda: vault.verify("ada", PASSWORD, source="203.0.113.7"),
            # Each time another user, or all but the first would be delayed and fast.
            "wrong": lambda: vault.verify(f"user-{next(known)}", WRONG, source="203.0.113.7"),
            "unknown": lambda: vault.verify(f"nobody-{next(unknown)}", WRONG, source="203.0.113.7"),
        }
    )
    checked = in_turns({"policy": lambda: list(weaknesses(normalised(PASSWORD), policy, ["ada"]))})

    beside = ratio(times["right"], times["bcrypt"])
    apart = ratio(times["wrong"], times["unknown"])
    median = {name: statistics.median(found) for name, found in times.items()}
    print(f"  bcrypt of cost {policy.cost}: {median['bcrypt']:.1f} ms")
    print(f"  verify: {median['right']:.1f} ms, {beside:.3f} of it (at most {MOST_BESIDE_BCRYPT})")
    print(
        f"  refused, known {median['wrong']:.1f} ms, unknown {median['unknown']:.1f} ms: "
        f"{apart:.3f} (at most {MOST_APART} either way)"
    )
    print(f"  policy of a new password: {statistics.median(checked['policy']):.1f} ms")
    fine = beside <= MOST_BESIDE_BCRYPT and 1 / MOST_APART <= apart <= MOST_APART
    sys.exit(0 if fine else 1)


main()
