"""What Front Door puts on answers and takes off them, and how long it keeps them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pulumi

from .azure_endpoint import Rule
from .spec import HeadersSpec, HstsSpec

MOST_ACTIONS = 5
"""Actions of one rule."""

LONGEST_VALUE = 640
"""Characters of a header's value [m]."""

_SECONDS_A_DAY = 86_400


def rules(
    headers: HeadersSpec, hsts: HstsSpec, security_policy: pulumi.Input[str] | None = None
) -> list[Rule]:
    """What answers carry and lose, whatever was asked for.

    `security_policy` takes the place of the one in the settings.
    """
    ours = dict(_ours(headers, hsts))
    if security_policy is not None:
        ours["Content-Security-Policy"] = security_policy
    actions = [
        *(_response("Overwrite", header, value) for header, value in ours.items()),
        *(_response("Delete", header) for header in headers.remove),
    ]
    return [Rule(actions[at : at + MOST_ACTIONS]) for at in range(0, len(actions), MOST_ACTIONS)]


def kept(seconds: int) -> Rule:
    """What is kept at the edge: no answer may be one client's own, nor as one client wants it."""
    return Rule(
        [
            *(request("Delete", h) for h in ("Accept", "Authorization", "Cookie", "Origin")),
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
    )


def problems(headers: HeadersSpec, hsts: HstsSpec, at: str) -> Iterator[str]:
    """What Front Door would refuse, a line each."""
    for header, value in _ours(headers, hsts):
        if len(value) > LONGEST_VALUE:
            yield (
                f"{at}: the value of {header} has {len(value)} characters, and Front Door takes "
                f"{LONGEST_VALUE}. Shorten it."
            )


def _ours(headers: HeadersSpec, hsts: HstsSpec) -> Sequence[tuple[str, Any]]:
    return [
        ("Strict-Transport-Security", _strict(hsts)),
        ("Content-Security-Policy", headers.content_security_policy),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", headers.frames.upper()),
        ("Referrer-Policy", headers.referrer),
        ("Permissions-Policy", headers.permissions),
        ("Cross-Origin-Opener-Policy", headers.opener),
        ("Cross-Origin-Resource-Policy", headers.resource),
        *headers.more.items(),
    ]


def _strict(hsts: HstsSpec) -> str:
    parts = [f"max-age={hsts.max_age_days * _SECONDS_A_DAY}"]
    parts += ["includeSubDomains"] if hsts.subdomains else []
    return "; ".join([*parts, *(["preload"] if hsts.preload else [])])


def _response(
    action: str, header: str, value: pulumi.Input[str] | None = None
) -> Mapping[str, Any]:
    return {"name": "ModifyResponseHeader", "parameters": _parameters(action, header, value)}


def request(action: str, header: str, value: str | None = None) -> Mapping[str, Any]:
    """The action that changes a header on its way to the origin."""
    return {"name": "ModifyRequestHeader", "parameters": _parameters(action, header, value)}


def _parameters(action: str, header: str, value: pulumi.Input[str] | None) -> Mapping[str, Any]:
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
