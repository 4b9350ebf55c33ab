"""What each tier of API Management can do.

Numbers are from Microsoft's pages on service limits (2026), feature comparison and the v2 tiers;
prices are orders of magnitude. Consumption is not among them: it has no limits by key, no logs of
requests, and asks every client for a certificate or none.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from ..openapi import Document
from .azure_operations import id_problems
from .spec import ApiSpec
from .spec_azure import SkuName

_AT = "bulwark:api"


@dataclass(frozen=True, kw_only=True, slots=True)
class Sku:
    """One tier."""

    operations: int
    """Operations of the whole service."""
    operations_of_api: int | None = None
    """Operations of one API, where that is less."""
    body_bytes: int = 4 * 1024 * 1024
    """The largest body that is checked."""
    units: int
    """The most units that one service has."""
    classic: bool
    """Made on machines of its own: it has a store for authorities, and ciphers can be chosen. It
    also comes with a sample API that everybody may call."""
    uptime: bool = True
    """Whether Microsoft promises that it answers."""
    usd: int
    """Price of a unit and month."""


_V2: Final = {"operations_of_api": 100, "body_bytes": 100 * 1024, "classic": False}

SKUS: Final[Mapping[SkuName, Sku]] = {
    "Developer": Sku(operations=3_000, units=1, classic=True, uptime=False, usd=50),
    "Basic": Sku(operations=10_000, units=2, classic=True, usd=150),
    "Standard": Sku(operations=50_000, units=4, classic=True, usd=700),
    "Premium": Sku(operations=75_000, units=12, classic=True, usd=2_800),
    "BasicV2": Sku(operations=10_000, units=10, usd=150, **_V2),
    "StandardV2": Sku(operations=50_000, units=10, usd=700, **_V2),
    "PremiumV2": Sku(operations=75_000, units=30, usd=2_800, **_V2),
}


def problems(spec: ApiSpec, document: Document) -> Iterator[str]:
    """What the chosen tier cannot do of what is asked, a line each."""
    asked, at = spec.api_management, f"{_AT}.apiManagement"
    sku = SKUS[asked.sku]
    count, most = len(document.operations), sku.operations_of_api or sku.operations
    if count > most:
        yield (
            f"{at}.sku: {document.source} has {count:,} operations, and an API of {asked.sku} has "
            f"{most:,} at most. {_larger(count)}, or split the document."
        )
    if asked.max_body_bytes > sku.body_bytes:
        yield (
            f"{at}.maxBodyBytes: {asked.sku} checks bodies up to {sku.body_bytes:,} bytes; got "
            f"{asked.max_body_bytes:,}. Ask for less, or take a tier without V2."
        )
    if asked.units > sku.units:
        yield f"{at}.units: {asked.sku} has {sku.units} at most; got {asked.units}."
    certificates = asked.client_certificates
    if certificates and certificates.authorities and not sku.classic:
        yield (
            f"{at}.clientCertificates.authorities: {asked.sku} has no store for authorities. Name "
            "the certificates by thumbprints, or take a tier without V2."
        )
    for where, text in id_problems(document):
        yield f"{spec.openapi or document.source}#{where}: {text}"


def _larger(count: int) -> str:
    """The cheapest tier that has room for so many operations of one API."""
    room = {
        name: sku
        for name, sku in SKUS.items()
        if (sku.operations_of_api or sku.operations) >= count and sku.uptime
    }
    if not room:
        return "No tier has room for them"
    return f"Take {min(room, key=lambda name: room[name].usd)}"
