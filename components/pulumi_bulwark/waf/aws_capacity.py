"""Web ACL capacity units (WCU), computed as AWS documents them.

https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statements-list.html has a figure for
each statement. Others have seen AWS count a text transformation of the same part of a request once
in a whole web ACL; the documentation counts each, and so does this: AWS may count less, not more.
"""

from collections.abc import Mapping
from typing import Any

from .aws_managed import GROUPS

MOST = 5_000
"""Of a web ACL: a quota of AWS WAF."""

INCLUDED = 1_500
"""Of a web ACL, in the price of a request."""

_MANAGED = {group.name: group.capacity for group in GROUPS.values()}

_POSITION = {"EXACTLY": 2, "STARTS_WITH": 2, "ENDS_WITH": 2, "CONTAINS": 10, "CONTAINS_WORD": 10}

_TRANSFORM = 10
"""For each that changes a text."""

_CUSTOM_KEY = 30


def capacity(statement: Mapping[str, Any]) -> int:
    """What a statement takes, with all that it combines."""
    ((kind, body),) = statement.items()
    match kind:
        case "and_statement" | "or_statement":
            return sum(map(capacity, body["statements"]))
        case "not_statement":
            return capacity(body["statement"])
        case "managed_rule_group_statement":
            return _MANAGED[body["name"]]
        case "rate_based_statement":
            scope = body.get("scope_down_statement")
            keys = _CUSTOM_KEY * len(body.get("custom_keys", ()))
            return 2 + keys + (capacity(scope) if scope else 0)
        case "geo_match_statement" | "ip_set_reference_statement" | "label_match_statement":
            return 1
        case "size_constraint_statement":
            return 1 + _transforms(body)
        case "regex_match_statement":
            return 3 + _transforms(body)
        case "byte_match_statement":
            return _POSITION[body["positional_constraint"]] + _transforms(body)
    raise LookupError(f"no capacity is known for a {kind}")


def _transforms(body: Mapping[str, Any]) -> int:
    return _TRANSFORM * sum(t["type"] != "NONE" for t in body["text_transformations"])
