"""Events as EventBridge delivers them, in the shapes that AWS documents, read into incidents."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..incident import Incident, UnreadableError
from . import alarm, guardduty, inspector, security_hub, trail

_READERS: Mapping[str, Callable[[Mapping[str, Any]], Iterator[Incident]]] = {
    "GuardDuty Finding": guardduty.read,
    "Security Hub Findings - Imported": security_hub.read,
    "Inspector2 Finding": inspector.read,
    "AWS API Call via CloudTrail": trail.read,
    "AWS Console Sign In via CloudTrail": trail.read,
    "CloudWatch Alarm State Change": alarm.read,
}
"""By the event's `detail-type`."""


def read(event: Mapping[str, Any]) -> list[Incident]:
    """The incidents of an event: a Security Hub event has several, an alarm that ends has none.

    Raises an UnreadableError, which names no value, for what is in no documented shape.
    """
    kind = event.get("detail-type")
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        raise UnreadableError("its detail-type is none that playbooks know")
    try:
        return list(reader(event))
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise UnreadableError(f"it lacks what a {kind} has ({type(error).__name__})") from None
