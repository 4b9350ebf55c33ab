"""Dates by which something is to end."""

import os
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator


def _day(written: Any) -> Any:
    """The day, also with the time that Pulumi puts after a date in a stack file."""
    try:
        return date.fromisoformat(written.removesuffix(" 00:00:00 +0000 UTC"))
    except (AttributeError, ValueError):
        return written  # pydantic says what is wrong with it


Day = Annotated[date, BeforeValidator(_day)]


def today() -> date:
    """Today, or the day that a reproducible run says it is."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    now = datetime.fromtimestamp(int(epoch), UTC) if epoch.isdecimal() else datetime.now(UTC)
    return now.date()
