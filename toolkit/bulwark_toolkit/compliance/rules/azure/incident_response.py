"""What is done on Azure when something happens, and the queues that it goes through.

What the block list of bulwark-runtime may do is in its writer's settings, whoever deploys it.
"""

from collections.abc import Iterator
from typing import Final

from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import Subject

APP: Final = "azure-native:web:WebApp"
BUS: Final = "azure-native:servicebus:Namespace"
QUEUE: Final = "azure-native:servicebus:Queue"

_SETTINGS: Final = "siteConfig.appSettings"
_WRITER: Final = "bulwark_runtime.block_list."
_WIDEST: Final = (16, 32)
"""Of IPv4 and of IPv6: more than a firm or a household has, and less than a country."""
_A_YEAR: Final = 365


@rule(
    "azure.incident_response.bus-takes-no-keys",
    BUS,
    severity="high",
    requires="Whoever sends to or reads from Service Bus is known by Entra ID",
    remediation="Set disableLocalAuth to true, and give roles on the queue.",
    reference="PCI 8.6.2",
)
def bus_takes_no_keys(bus: Subject) -> Iterator[Verdict]:
    off = bus.get("disableLocalAuth", False)
    yield Verdict(off is True, "disableLocalAuth", off)


@rule(
    "azure.incident_response.bus-speaks-tls-1-2",
    BUS,
    severity="medium",
    requires="Service Bus speaks TLS 1.2 or newer",
    remediation="Set minimumTlsVersion to 1.2.",
    reference="PCI 4.2.1",
)
def bus_speaks_tls_1_2(bus: Subject) -> Iterator[Verdict]:
    oldest = bus.get("minimumTlsVersion", "1.0")
    yield Verdict(oldest in ("1.2", "1.3"), "minimumTlsVersion", oldest)


@rule(
    "azure.incident_response.block-list-has-one-writer",
    APP,
    severity="high",
    requires="What writes the block list reads a queue of one session, so that there is one at a "
    "time",
    remediation="Set requiresSession of the queue to true, and send all requests with one session.",
    reference="PCI 12.10.5",
    alone=False,
)
def block_list_has_one_writer(app: Subject) -> Iterator[Verdict]:
    if not _is_writer(app):
        return
    at = _setting(app, "BULWARK_QUEUE")
    queue = app.named(QUEUE, at) if at else None
    if queue is None:
        raise app.elsewhere(at or _SETTINGS, "its queue")
    in_order = queue.get("requiresSession", False)
    yield Verdict(in_order is True, "requiresSession", in_order, urn=queue.urn)


@rule(
    "azure.incident_response.block-list-refuses-what-is-too-wide",
    APP,
    severity="medium",
    requires="No request blocks more than a /16 of IPv4 or a /32 of IPv6",
    remediation="Raise BULWARK_WIDEST (bulwark:incidentResponse.blockList.widestV4 and widestV6).",
    reference="PCI 12.10.5",
)
def block_list_refuses_what_is_too_wide(app: Subject) -> Iterator[Verdict]:
    # Without it, the runtime has its own floor, which passes.
    if _is_writer(app) and (at := _setting(app, "BULWARK_WIDEST")):
        widest = app.get(at)
        lengths = tuple(map(int, widest.split()))
        yield Verdict(all(n >= m for n, m in zip(lengths, _WIDEST, strict=True)), at, widest)


@rule(
    "azure.incident_response.block-list-keeps-its-history",
    APP,
    severity="medium",
    requires="The block list keeps for a year who asked for what, and how it ended",
    remediation="Raise BULWARK_HISTORY_DAYS (bulwark:incidentResponse.blockList.historyDays).",
    reference="PCI 10.5.1",
)
def block_list_keeps_its_history(app: Subject) -> Iterator[Verdict]:
    if _is_writer(app) and (at := _setting(app, "BULWARK_HISTORY_DAYS")):
        days = app.get(at)
        yield Verdict(int(days) >= _A_YEAR, at, days)


def _is_writer(app: Subject) -> bool:
    at = _setting(app, "BULWARK_APP")
    return at is not None and str(app.get(at)).startswith(_WRITER)


def _setting(app: Subject, name: str) -> str | None:
    """The path of a setting's value; None where there is no such setting."""
    return next(
        (f"{at}.value" for at in app.each(_SETTINGS) if app.get(f"{at}.name") == name), None
    )
