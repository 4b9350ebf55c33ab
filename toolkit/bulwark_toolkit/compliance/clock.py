"""What time it is for whoever judges: a verdict can hang on today's date."""

import os
from datetime import UTC, date, datetime

from bulwark_toolkit.preview.errors import UsageError


def now() -> datetime:
    """Now in UTC, or when SOURCE_DATE_EPOCH says it is."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    try:
        return datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)
    except (ValueError, OverflowError, OSError):
        raise UsageError("SOURCE_DATE_EPOCH: must be a number of seconds since 1970") from None


def today() -> date:
    return now().date()
