"""What a credential vault is held to, on any cloud: `BULWARK_POLICY` of its functions, judged.

Left out, a setting is the runtime's default, which passes where it is one of a preset.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from .rule import Verdict

HASHING: Final = frozenset({"register", "verify", "change", "finish-reset"})
"""The operations that hash a password."""
TAKING: Final = frozenset({"register", "change", "finish-reset"})
"""Those that take a new one."""
ASKING: Final = frozenset({"verify", "change"})
"""Those that somebody could guess with."""
RESETTING: Final = frozenset({"begin-reset"})

_LEAST_COST: Final = 12
_MOST_TRIES: Final = 10
_LEAST_DELAY_SECONDS: Final = 1800
_SHORTEST: Final = 12
_SHORTEST_OF_ANY: Final = 15
_LEAST_HISTORY: Final = 4
_LONGEST_RESET_SECONDS: Final = 1800

Policy = Mapping[str, Any]


def slow_to_guess(policy: Policy, at: str) -> Iterator[Verdict]:
    cost = policy.get("cost", _LEAST_COST)
    yield Verdict(cost >= _LEAST_COST, f"{at}.cost", cost)


def guessing_waits(policy: Policy, at: str) -> Iterator[Verdict]:
    tries, delay = policy.get("tries_per_user"), policy.get("delay_seconds")
    few = tries is not None and tries <= _MOST_TRIES
    long = delay is not None and delay >= _LEAST_DELAY_SECONDS
    yield Verdict(few, f"{at}.tries_per_user", tries)
    yield Verdict(long, f"{at}.delay_seconds", delay)


def long(policy: Policy, at: str) -> Iterator[Verdict]:
    length, mixed = policy.get("minimum_length", 0), policy.get("letters_and_digits", False)
    asked = _SHORTEST if mixed else _SHORTEST_OF_ANY
    yield Verdict(length >= asked, f"{at}.minimum_length", length)


def not_again(policy: Policy, at: str) -> Iterator[Verdict]:
    history = policy.get("history", 0)
    yield Verdict(history >= _LEAST_HISTORY, f"{at}.history", history)


def not_leaked(policy: Policy, at: str) -> Iterator[Verdict]:
    then = policy.get("breached_on_failure", "closed")
    yield Verdict(then == "closed", f"{at}.breached_on_failure", then)


def reset_ends_soon(policy: Policy, at: str) -> Iterator[Verdict]:
    seconds = policy.get("reset_seconds", 0)
    yield Verdict(seconds <= _LONGEST_RESET_SECONDS, f"{at}.reset_seconds", seconds)
