"""What the functions are told alike on every cloud, in environment variables."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .breached import HIBP, over_https
from .policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    policy: Policy = field(default_factory=lambda: Policy.from_settings({}))
    """BULWARK_POLICY: JSON, {"presets": ["pci", "psd2"], setting: value, ...}."""
    store: str = "table"
    """BULWARK_STORE: where new hashes go, table or secrets."""
    vault: str = "local"
    """BULWARK_VAULT: its name in the metrics, which tells vaults of one region apart."""
    range_service: str = HIBP
    """BULWARK_RANGE_SERVICE: address of a range service, for the policy's breached: service."""


def read_common(environment: Mapping[str, str], wrong: list[str]) -> dict[str, Any]:
    """The fields of Common; a line for each variable that is wrong is added to what is wrong."""
    store = environment.get("BULWARK_STORE", "table")
    if store not in ("table", "secrets"):
        wrong.append("BULWARK_STORE: table or secrets")
    policy = Policy()
    try:
        policy = Policy.from_settings(json_object(environment.get("BULWARK_POLICY", "{}")))
    except ValueError as error:
        wrong.append(f"BULWARK_POLICY: {error}")
    range_service = environment.get("BULWARK_RANGE_SERVICE") or HIBP
    try:
        over_https(range_service)
    except ValueError:
        wrong.append("BULWARK_RANGE_SERVICE: an https address")
    return {
        "policy": policy,
        "store": store,
        "vault": environment.get("BULWARK_VAULT") or "local",
        "range_service": range_service,
    }


def json_object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ValueError("it is not a JSON object")  # noqa: TRY004 a setting's text, not a program
    return found
