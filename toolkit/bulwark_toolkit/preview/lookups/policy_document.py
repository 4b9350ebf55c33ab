"""`aws.iam.get_policy_document`, which is not a look-up but a function of its arguments.

Follows the provider: `policy_document_data_source.go` and `policy_model.go` in
https://github.com/hashicorp/terraform-provider-aws/tree/main/internal/service/iam.
"""

import json
import zlib
from collections.abc import Iterable, Mapping
from typing import Any, Final

from bulwark_toolkit.preview.errors import PreviewError

_FUNCTION: Final = "aws:iam/getPolicyDocument:getPolicyDocument"


def policy_document(args: Mapping[str, Any]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    sources = _documents("sourcePolicyDocuments", args)
    _refuse_duplicates(statement for document in sources for statement in _statements(document))
    for document in (*sources, _own(args), *_documents("overridePolicyDocuments", args)):
        _merge(merged, document)
    ordered = {key: merged[key] for key in ("Version", "Id", "Statement") if merged.get(key)}
    text = json.dumps(ordered, indent=2, ensure_ascii=False)
    return {
        **args,
        "id": str(zlib.crc32(text.encode())),
        "json": text,
        "minifiedJson": json.dumps(ordered, separators=(",", ":"), ensure_ascii=False),
    }


def _documents(key: str, args: Mapping[str, Any]) -> list[dict[str, Any]]:
    try:
        found = [dict(json.loads(text)) for text in args.get(key) or [] if text]
    except (TypeError, ValueError):
        raise PreviewError(f"{_FUNCTION}: {key} must be policy documents in JSON") from None
    return found


def _own(args: Mapping[str, Any]) -> dict[str, Any]:
    version = args.get("version") or "2012-10-17"
    statements = [_statement(each, version) for each in args.get("statements") or []]
    _refuse_duplicates(statements)
    return {"Version": version, "Id": args.get("policyId"), "Statement": statements}


def _merge(document: dict[str, Any], newer: Mapping[str, Any]) -> None:
    """A statement replaces the one with its Sid, and else is added."""
    document["Id"] = newer.get("Id") or document.get("Id")
    document["Version"] = max(newer.get("Version") or "", document.get("Version") or "")
    statements = document.setdefault("Statement", [])
    places = {each["Sid"]: place for place, each in enumerate(statements) if each.get("Sid")}
    for statement in _statements(newer):
        sid = statement.get("Sid")
        if sid in places:
            statements[places[sid]] = statement
        else:
            statements.append(statement)
            places.update({sid: len(statements) - 1} if sid else {})


def _statements(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = document.get("Statement") or []
    return found if isinstance(found, list) else [found]


def _refuse_duplicates(statements: Iterable[Mapping[str, Any]]) -> None:
    seen = set()
    for statement in statements:
        sid = statement.get("Sid")
        if sid and sid in seen:
            raise PreviewError(f"{_FUNCTION}: two statements have the Sid {sid}")
        seen.add(sid)


_LISTS: Final = {
    "actions": "Action",
    "notActions": "NotAction",
    "resources": "Resource",
    "notResources": "NotResource",
}
_PRINCIPALS: Final = {"principals": "Principal", "notPrincipals": "NotPrincipal"}


def _statement(given: Mapping[str, Any], version: str) -> dict[str, Any]:
    made = {
        "Sid": given.get("sid"),
        "Effect": given.get("effect") or "Allow",
        **{name: _strings(given.get(key)) for key, name in _LISTS.items()},
        **{name: _principals(given.get(key)) for key, name in _PRINCIPALS.items()},
        "Condition": _conditions(given.get("conditions")),
    }
    # `&{` is how a policy variable is written where `${` is taken.
    filled = {key: value for key, value in made.items() if value}
    return filled if version == "2008-10-17" else _variables(filled)


def _strings(given: list[str] | None) -> Any:
    """Several are a set, in the provider's order."""
    return _single(sorted(set(given or []), reverse=True))


def _single(values: list[str]) -> Any:
    return values[0] if len(values) == 1 else values


def _principals(given: list[Mapping[str, Any]] | None) -> Any:
    by_type: dict[str, list[str]] = {}
    for each in given or []:
        by_type.setdefault(each["type"], []).extend(sorted(set(each["identifiers"]), reverse=True))
    if by_type == {"*": ["*"]}:
        return "*"
    return {key: _single(names) for key, names in sorted(by_type.items())}


def _conditions(given: list[Mapping[str, Any]] | None) -> Any:
    found: dict[str, dict[str, list[str]]] = {}
    for each in given or []:
        tested = found.setdefault(each["test"], {})
        tested.setdefault(each["variable"], []).extend(each["values"])
    return {
        test: {variable: _single(values) for variable, values in sorted(variables.items())}
        for test, variables in sorted(found.items())
    }


def _variables(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("&{", "${")
    if isinstance(value, list):
        return [_variables(item) for item in value]
    return {key: _variables(item) for key, item in value.items()}
