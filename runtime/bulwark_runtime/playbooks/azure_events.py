"""Events as Azure hands them over, in the shapes that Microsoft documents, read into incidents.

Alerts of Defender for Cloud come as its workflow automation sends them ("Alerts schemas"); alerts
of Azure Monitor in the common alert schema, those on the Activity Log with the call as context.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from .events.fields import listed, mapping, on_its_day, once, time
from .incident import Incident, Kind, Severity, Subject, UnreadableError

_COMMON = "azureMonitorCommonAlertSchema"

_SEVERITIES: Mapping[str, Severity] = {
    "Informational": "low",
    "Low": "low",
    "Medium": "medium",
    "High": "high",
}
"""Defender's own words."""

_GUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"

_SEGMENT = r"(?!\.+/)[\w.()-]+"
"""What is between slashes: nothing that leads elsewhere, such as `..` or a question mark, since an
action asks for the resource by this id."""

_WITHIN = rf"/subscriptions/{_GUID}(?:/{_SEGMENT})*"

_TYPES: Mapping[Kind, str] = {
    "machine": r"microsoft\.compute/virtualmachines/\w[\w.-]*",
    "storage-account": r"microsoft\.storage/storageaccounts/[a-z0-9]+",
    "role-assignment": rf"microsoft\.authorization/roleassignments/{_GUID}",
}

_OF_TYPE: Mapping[Kind, re.Pattern[str]] = {
    kind: re.compile(rf"({_WITHIN}/providers/{type_})(?:/{_SEGMENT})*", re.ASCII)
    for kind, type_ in _TYPES.items()
}
"""What a resource is, or is a part of, by its id in small letters."""


def read(body: Mapping[str, Any]) -> list[Incident]:
    """The incidents of an event: an alert that ends has none.

    Raises an UnreadableError, which names no value, for what is in no documented shape.
    """
    if body.get("schemaId") == _COMMON:
        what, reader = "alert of Azure Monitor", _of_monitor
    elif "SystemAlertId" in body:
        what, reader = "alert of Defender", _of_defender
    else:
        raise UnreadableError("it is neither an alert of Azure Monitor nor one of Defender")
    try:
        return list(reader(body))
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise UnreadableError(f"it lacks what an {what} has ({type(error).__name__})") from None


Reader = Callable[[Mapping[str, Any]], Iterator[Incident]]


def _of_defender(alert: Mapping[str, Any]) -> Iterator[Incident]:
    at = time(alert.get("EndTimeUtc") or alert["TimeGenerated"])
    resources = [
        each["AzureResourceId"]
        for each in listed(alert.get("ResourceIdentifiers"))
        if each.get("AzureResourceId")
    ]
    yield Incident(
        id=on_its_day(alert["SystemAlertId"], at),
        source="defender",
        types=(alert["AlertType"],),
        severity=_SEVERITIES[alert["Severity"]],
        title=alert["AlertDisplayName"],
        account=_subscription(resources[0]) if resources else "",
        region="",
        at=at,
        subjects=once([*_resources(resources), *_addresses(alert), *_users(_accounts(alert))]),
    )


def _addresses(alert: Mapping[str, Any]) -> Iterator[Subject]:
    for entity in listed(alert.get("Entities")):
        # Some have the address of a machine of ours within, which is no attacker's.
        if str(entity.get("Type")).lower() == "ip" and entity.get("Address"):
            yield Subject("address", entity["Address"])


def _accounts(alert: Mapping[str, Any]) -> Iterator[Any]:
    for entity in listed(alert.get("Entities")):
        if str(entity.get("Type")).lower() == "account":
            yield entity.get("AadUserId")


def _of_monitor(body: Mapping[str, Any]) -> Iterator[Incident]:
    data = body["data"]
    essentials = data["essentials"]
    if essentials["monitorCondition"] != "Fired":
        return
    context = mapping(data.get("alertContext"))
    targets = listed(essentials.get("alertTargetIDs"))
    if essentials["signalType"] == "Activity Log":
        yield from _of_call(essentials, context, targets)
        return
    yield Incident(
        id=essentials["alertId"],
        source="alarm",
        types=(essentials["alertRule"],),
        severity="high",
        title=essentials["alertRule"],
        account=_subscription(essentials["alertId"]),
        region="",
        at=time(essentials["firedDateTime"]),
        subjects=once(_resources(targets)),
    )


def _of_call(
    essentials: Mapping[str, Any], context: Mapping[str, Any], targets: list[str]
) -> Iterator[Incident]:
    claims = mapping(context.get("claims"))
    about = [*targets, *([context["resourceId"]] if context.get("resourceId") else [])]
    scope = mapping(context.get("authorization")).get("scope")
    actor = claims.get("http://schemas.microsoft.com/identity/claims/objectidentifier")
    # A user's is the name that they sign in with; an application's is an id.
    users = [actor] if "@" in str(context.get("caller")) else []
    yield Incident(
        id=context["eventDataId"],
        source="activity",
        types=(context["operationName"],),
        severity="high",
        title=f"{context['operationName']} by {context.get('caller', 'somebody')}",
        account=_subscription(essentials["alertId"]),
        region="",
        at=time(context["eventTimestamp"]),
        subjects=once([*_resources([*about, *([scope] if scope else [])]), *_users(users)]),
        actor=actor,
    )


def _resources(ids: list[str]) -> Iterator[Subject]:
    for id_ in ids:
        for kind, pattern in _OF_TYPE.items():
            if found := pattern.fullmatch(id_.lower()):
                yield Subject(kind, found[1])


def _users(object_ids: Iterable[Any]) -> Iterator[Subject]:
    for id_ in object_ids:
        if re.fullmatch(_GUID, str(id_).lower()):
            yield Subject("entra-user", str(id_).lower())


def _subscription(resource_id: str) -> str:
    """Of `/subscriptions/<id>/…`."""
    first, word, id_, *_ = resource_id.split("/")
    if first or word.lower() != "subscriptions":
        raise ValueError("no id of a resource")
    return id_.lower()
