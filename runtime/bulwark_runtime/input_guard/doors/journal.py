"""What a door writes down of a verdict, whatever cloud keeps it: never a value of a request."""

from collections.abc import Mapping
from typing import Any, Final

from .. import Mode, Reason, Verdict

DONE: Final = {Mode.BLOCK: "denied", Mode.COUNT: "counted", Mode.SANITISE: "sanitised"}
"""What a rule did by its mode: the word in the log."""

_LONGEST: Final = 512
"""Characters of a pointer: a client may choose the names in it."""


def done(verdict: Verdict) -> str:
    """What was done with a request of which there was something to say."""
    if not verdict.allowed:
        return DONE[Mode.BLOCK]
    modes = {reason.mode for reason in verdict.reasons}
    return DONE[Mode.COUNT if Mode.COUNT in modes else Mode.SANITISE]


def entry(reason: Reason) -> Mapping[str, Any]:
    """A reason as the log has it. `bulwark guard explain` reads it."""
    pointer = "".join(c if c.isprintable() else "?" for c in reason.pointer[:_LONGEST])
    return {"pointer": pointer, "rule": reason.rule, "mode": reason.mode}
