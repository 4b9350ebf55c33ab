"""What Front Door puts on answers and takes off them, as rules of a rule set.

An action can be of several types, so Pulumi's SDK does not translate its keys: they are as in
Azure's own API.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from .spec import EdgeSpec, HeadersSpec, HstsSpec

MOST_ACTIONS = 5
"""Actions of one rule."""

LONGEST_VALUE = 640
"""Characters of a header's value [m]."""

_SECONDS_A_DAY = 86_400


def rules(spec: EdgeSpec) -> list[list[dict[str, Any]]]:
    """The actions of each rule, none of which asks for anything: they are for every answer."""
    headers = spec.headers
    actions = [
        *(_response("Overwrite", header, value) for header, value in _ours(headers, spec.hsts)),
        *(_response("Delete", header) for header in headers.remove),
    ]
    return [actions[at : at + MOST_ACTIONS] for at in range(0, len(actions), MOST_ACTIONS)]


def kept(seconds: int) -> list[dict[str, Any]]:
    """The actions for what is kept at the edge: no answer may be one client's own."""
    return [
        *(_request("Delete", header) for header in ("Authorization", "Cookie")),
        {
            "name": "RouteConfigurationOverride",
            "parameters": {
                "typeName": "DeliveryRuleRouteConfigurationOverrideActionParameters",
                "cacheConfiguration": {
                    "queryStringCachingBehavior": "UseQueryString",
                    "cacheBehavior": "OverrideIfOriginMissing",
                    "cacheDuration": _duration(seconds),
                    "isCompressionEnabled": "Enabled",
                },
            },
        },
    ]


def problems(spec: EdgeSpec, at: str) -> Iterator[str]:
    """What Front Door would refuse, a line each."""
    for header, value in _ours(spec.headers, spec.hsts):
        if len(value) > LONGEST_VALUE:
            yield (
                f"{at}.headers: the value of {header} has {len(value)} characters, and Front Door "
                f"takes {LONGEST_VALUE}. Shorten it."
            )


def _ours(spec: HeadersSpec, hsts: HstsSpec) -> Sequence[tuple[str, str]]:
    return [
        ("Strict-Transport-Security", _strict(hsts)),
        ("Content-Security-Policy", spec.content_security_policy),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", spec.frames.upper()),
        ("Referrer-Policy", spec.referrer),
        ("Permissions-Policy", spec.permissions),
        ("Cross-Origin-Opener-Policy", spec.opener),
        ("Cross-Origin-Resource-Policy", spec.resource),
        *spec.more.items(),
    ]


def _strict(hsts: HstsSpec) -> str:
    parts = [f"max-age={hsts.max_age_days * _SECONDS_A_DAY}"]
    parts += ["includeSubDomains"] if hsts.subdomains else []
    return "; ".join([*parts, *(["preload"] if hsts.preload else [])])


def _response(action: str, header: str, value: str | None = None) -> dict[str, Any]:
    return {"name": "ModifyResponseHeader", "parameters": _parameters(action, header, value)}


def _request(action: str, header: str) -> dict[str, Any]:
    return {"name": "ModifyRequestHeader", "parameters": _parameters(action, header, None)}


def _parameters(action: str, header: str, value: str | None) -> dict[str, Any]:
    made = {
        "typeName": "DeliveryRuleHeaderActionParameters",
        "headerAction": action,
        "headerName": header,
    }
    return made if value is None else made | {"value": value}


def _duration(seconds: int) -> str:
    """As Front Door writes it: days, hours, minutes and seconds."""
    days, rest = divmod(seconds, _SECONDS_A_DAY)
    clock = f"{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"
    return f"{days}.{clock}" if days else clock
