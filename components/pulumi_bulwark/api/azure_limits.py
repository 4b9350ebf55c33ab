"""Limits in the words of API Management, which counts the calls in a window of whole seconds."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor
from typing import Final
from xml.etree.ElementTree import Element

from .azure_xml import element

LONGEST_WINDOW: Final = 300
"""Seconds."""

PERIODS: Final[Mapping[str, int]] = {
    "hour": 3_600,
    "day": 86_400,
    "week": 7 * 86_400,
    # A window of fixed length: no calendar.
    "month": 30 * 86_400,
}

_A_MONDAY = "2024-01-01T00:00:00Z"
"""A midnight from which periods are counted."""


@dataclass(frozen=True, slots=True)
class Window:
    """So many calls in so many seconds."""

    calls: int
    seconds: int


def window(per_second: float, burst: int) -> Window | None:
    """The window that lets by no more than a rate in the long run; None where it would be empty.

    A window cannot have both a small burst and a high rate: the larger of the two decides.
    """
    calls = max(burst, ceil(per_second))
    seconds = ceil(calls / per_second)
    if seconds > LONGEST_WINDOW:
        calls, seconds = floor(per_second * LONGEST_WINDOW), LONGEST_WINDOW
    return Window(calls, seconds) if calls else None


def rate_limit(per_second: float, burst: int, counter: str) -> Element:
    """A limit whose counter is a key or an expression that gives one."""
    found = window(per_second, burst) or Window(1, LONGEST_WINDOW)
    return element(
        "rate-limit-by-key",
        {
            "calls": str(found.calls),
            "renewal-period": str(found.seconds),
            "counter-key": counter,
        },
    )


def quota(requests: int, per: str, counter: str) -> Element:
    return element(
        "quota-by-key",
        {
            "calls": str(requests),
            "renewal-period": str(PERIODS[per]),
            "counter-key": counter,
            "first-period-start": _A_MONDAY,
        },
    )
