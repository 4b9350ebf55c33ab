"""The ARN functions of the AWS provider: not look-ups, but functions of their arguments."""

from collections.abc import Mapping
from typing import Any, Final

_PARTS: Final = ("partition", "service", "region", "accountId", "resource")


def arn_parse(args: Mapping[str, Any]) -> dict[str, Any] | None:
    head, *parts = str(args.get("arn")).split(":", len(_PARTS))
    if head != "arn" or len(parts) != len(_PARTS):
        return None
    return dict(zip(_PARTS, parts, strict=True))


def get_arn(args: Mapping[str, Any]) -> dict[str, Any] | None:
    parts = arn_parse(args)
    if parts is None:
        return None
    return {**parts, "account": parts["accountId"], "arn": args["arn"], "id": args["arn"]}


def arn_build(args: Mapping[str, Any]) -> dict[str, Any]:
    return {"result": ":".join(["arn", *(str(args.get(part) or "") for part in _PARTS)])}


def trim_iam_role_path(args: Mapping[str, Any]) -> dict[str, Any] | None:
    parts = arn_parse(args)
    if parts is None or not parts["resource"].startswith("role/"):
        return None
    return arn_build({**parts, "resource": f"role/{parts['resource'].rpartition('/')[2]}"})
