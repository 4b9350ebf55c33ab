"""Conditions in the words of AWS WAF, and how much of its capacity they take.

Two things must not be a way past a rule. One is a text that is written otherwise than the rule
has it: so it is decoded first, unless the rule lets through. The other is a request of which WAF
does not see all: it counts as hostile, so it matches what stops requests, and does not match what
lets them through; below a `not`, the other way round.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from .conditions import (
    ConditionSpec,
    CookieMatchSpec,
    HeaderMatchSpec,
    QueryMatchSpec,
    TextMatchSpec,
)
from .spec import RateSpec

Statement = dict[str, Any]

DEEPEST_BELOW_RATE = 2
"""How often `and`, `or` and `not` may stand inside each other below a rate, in pulumi-aws."""

Lists = Callable[[ConditionSpec], Sequence[pulumi.Input[str]]]
"""The ARNs of the IP sets that hold a condition's addresses: one for each version of IP."""

# In each part of a request, the usual ways to write a text otherwise.
_HIDDEN: Mapping[str, tuple[str, ...]] = {
    "header": (),
    "cookie": ("url-decode",),
    "query": ("url-decode",),
    "path": ("url-decode", "normalize-path"),
    "body": ("js-decode",),  # also the escapes of JSON
}

_TRANSFORMS = {
    "base64-decode": "BASE64_DECODE",
    "compress-white-space": "COMPRESS_WHITE_SPACE",
    "html-decode": "HTML_ENTITY_DECODE",
    "js-decode": "JS_DECODE",
    "lower-case": "LOWERCASE",
    "normalize-path": "NORMALIZE_PATH",
    "remove-nulls": "REMOVE_NULLS",
    "trim": "TRIM",
    "url-decode": "URL_DECODE",
}

_POSITIONS = {
    "equals": "EXACTLY",
    "starts_with": "STARTS_WITH",
    "ends_with": "ENDS_WITH",
    "contains": "CONTAINS",
}


@dataclass(frozen=True, slots=True)
class Translation:
    """From conditions to statements, for one rule."""

    lets_through: bool
    """Whether the rule allows: then what cannot be seen must not match."""
    lists: Lists

    def statement(self, condition: ConditionSpec, *, negated: bool = False) -> Statement:
        """The condition as a statement. `negated` is whether it stands below a `not`."""
        match condition.says:
            case "all":
                return _combined("and_statement", self._each(condition.all or (), negated))
            case "any":
                return _combined("or_statement", self._each(condition.any or (), negated))
            case "not_":
                assert condition.not_
                return _not(self.statement(condition.not_, negated=not negated))
            case "ip" | "ip_list":
                sets = self.lists(condition)
                return _any_of({"ip_set_reference_statement": {"arn": arn}} for arn in sets)
            case "country":
                return {"geo_match_statement": {"country_codes": list(condition.country or ())}}
            case "label":
                return {"label_match_statement": {"scope": "LABEL", "key": condition.label}}
            case "method":
                return _any_of(_exactly({"method": {}}, m) for m in condition.method or ())
            case "ja3" | "ja4" as kind:
                # A client without a fingerprint is none of these; but it must not be let through
                # for not being one.
                unknown = "MATCH" if self.lets_through and negated else "NO_MATCH"
                field = {f"{kind}_fingerprint": {"fallback_behavior": unknown}}
                return _any_of(_exactly(field, print_) for print_ in getattr(condition, kind))
            case part:
                return self._text(part, getattr(condition, part), negated=negated)

    def _each(self, conditions: Sequence[ConditionSpec], negated: bool) -> Iterator[Statement]:  # noqa: FBT001
        return (self.statement(condition, negated=negated) for condition in conditions)

    def _text(self, part: str, match: TextMatchSpec, *, negated: bool) -> Statement:
        unseen = "NO_MATCH" if self.lets_through != negated else "MATCH"
        field = _field(part, match, unseen)
        sizes = (("GT", match.longer_than_bytes), ("LT", match.shorter_than_bytes))
        for operator, size in sizes:
            if size is not None:
                constraint = {"comparison_operator": operator, "size": size}
                return {"size_constraint_statement": {**_on(field), **constraint}}
        if match.regex is not None:
            transforms = self._transforms(part, match, ())
            regex = match.regex if self.lets_through else f"(?i){match.regex}"
            return {"regex_match_statement": {**_on(field, transforms), "regex_string": regex}}
        transforms = self._transforms(part, match, ("lower-case",))
        name, text = next((n, t) for n in _POSITIONS if (t := getattr(match, n)) is not None)
        if "lower-case" in transforms:
            text = _lowered(text)
        return _byte_match(field, text, _POSITIONS[name], transforms)

    def _transforms(
        self, part: str, match: TextMatchSpec, usual: tuple[str, ...]
    ) -> tuple[str, ...]:
        if match.transforms is not None:
            return match.transforms
        return () if self.lets_through else (*_HIDDEN[part], *usual)


def rate_statement(rate: RateSpec, scope: Statement | None) -> Statement:
    made: Statement = {
        "limit": rate.requests,
        "evaluation_window_sec": rate.window_seconds,
        "aggregate_key_type": {"ip": "IP", "forwarded-ip": "FORWARDED_IP"}.get(
            rate.by, "CUSTOM_KEYS"
        ),
    }
    if rate.by == "forwarded-ip":
        made["forwarded_ip_config"] = {"header_name": rate.header, "fallback_behavior": "MATCH"}
    if rate.by == "header":
        made["custom_keys"] = [{"header": {"name": rate.header, **_transformed(())}}]
    if scope:
        made["scope_down_statement"] = scope
    return {"rate_based_statement": made}


def not_from_edge(
    header: str, secrets: Sequence[pulumi.Input[str]], direct_hosts: Sequence[str]
) -> Statement:
    """Whether a request has none of the secrets in its header, and is for none of the hosts."""
    field = {"single_header": {"name": header}}
    without = _not(_any_of(_exactly(field, secret) for secret in secrets))
    if not direct_hosts:
        return without
    return _combined("and_statement", iter([without, _not(for_host(direct_hosts))]))


def for_host(hosts: Sequence[str]) -> Statement:
    """Whether a request is for one of the hosts, exactly as they are written."""
    return _any_of(_exactly({"single_header": {"name": "host"}}, host) for host in hosts)


def larger_than(size_bytes: int) -> Statement:
    """Whether a request's body is larger, also where WAF does not see its end."""
    field = {"body": {"oversize_handling": "MATCH"}}
    return {
        "size_constraint_statement": {
            **_on(field),
            "comparison_operator": "GT",
            "size": size_bytes,
        }
    }


def in_any(sets: Sequence[pulumi.Input[str]]) -> Statement:
    """Whether the address is in one of the IP sets."""
    return _any_of({"ip_set_reference_statement": {"arn": arn}} for arn in sets)


def depth(statement: Statement) -> int:
    """How often `and`, `or` and `not` stand inside each other."""
    inner = list(_inner(statement))
    return 1 + max(map(depth, inner)) if inner else 0


def _inner(statement: Statement) -> Iterator[Statement]:
    for combined in ("and_statement", "or_statement"):
        yield from statement.get(combined, {}).get("statements", ())
    if "not_statement" in statement:
        yield statement["not_statement"]["statement"]


def _field(part: str, match: TextMatchSpec, unseen: str) -> Statement:
    if isinstance(match, HeaderMatchSpec):
        # Not `single_header`, which does not say what happens to headers beyond 8 KB.
        return {
            "headers": [
                {
                    "match_pattern": {"included_headers": [match.name]},
                    "match_scope": "VALUE",
                    "oversize_handling": unseen,
                }
            ]
        }
    if isinstance(match, CookieMatchSpec):
        return {
            "cookies": {
                "match_patterns": [{"included_cookies": [match.name]}],
                "match_scope": "VALUE",
                "oversize_handling": unseen,
            }
        }
    if isinstance(match, QueryMatchSpec):
        whole = {"query_string": {}}
        return {"single_query_argument": {"name": match.argument}} if match.argument else whole
    return {"body": {"oversize_handling": unseen}} if part == "body" else {"uri_path": {}}


def _on(field: Statement, transforms: Sequence[str] = ()) -> Statement:
    return {"field_to_match": field, **_transformed(transforms)}


def _transformed(transforms: Sequence[str]) -> Statement:
    types = [_TRANSFORMS[name] for name in transforms] or ["NONE"]
    return {"text_transformations": [{"priority": n, "type": t} for n, t in enumerate(types)]}


def _byte_match(
    field: Statement, text: pulumi.Input[str], position: str, transforms: Sequence[str] = ()
) -> Statement:
    searched = {"search_string": text, "positional_constraint": position}
    return {"byte_match_statement": {**_on(field, transforms), **searched}}


def _exactly(field: Statement, text: pulumi.Input[str]) -> Statement:
    return _byte_match(field, text, "EXACTLY")


def _lowered(text: str) -> str:
    """In small letters as WAF writes them: it knows those of ASCII alone."""
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)


def _any_of(statements: Iterator[Statement]) -> Statement:
    return _combined("or_statement", statements)


def _combined(kind: str, statements: Iterator[Statement]) -> Statement:
    """One statement of many: flat where they are of the same kind, and none around a single one.

    WAF refuses to combine one, and pulumi-aws has room for few levels.
    """
    flat: list[Statement] = []
    for statement in statements:
        flat.extend(statement[kind]["statements"] if kind in statement else [statement])
    return flat[0] if len(flat) == 1 else {kind: {"statements": flat}}


def _not(statement: Statement) -> Statement:
    if "not_statement" in statement:
        return statement["not_statement"]["statement"]
    return {"not_statement": {"statement": statement}}
