"""When the list of everything that is installed is made, and when it must have arrived."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

Every = Literal["day", "week", "month"]

Moment = Literal["make", "check"]

MAKE_HOUR, CHECK_HOUR = 5, 17
"""Hours of the day, in UTC, at which the function is called: what is asked for at the first is
there at the second."""


def moment(called: datetime, every: Every) -> Moment | None:
    """What is to be done about the inventory in the call that was due at that time, if anything.

    By the calendar, so that nothing has to remember the last one.
    """
    days = {"day": True, "week": called.weekday() == 0, "month": called.day == 1}
    return _AT.get(called.hour) if days[every] else None


_AT: Mapping[int, Moment] = {MAKE_HOUR: "make", CHECK_HOUR: "check"}
