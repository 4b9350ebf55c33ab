"""What a condition of a role assignment says, read as Microsoft describes its language: nobody has
published an evaluator. Stricter than Azure: AND and OR within the same brackets are refused."""

import re
from collections.abc import Iterator, Mapping

_TOKEN = re.compile(
    r"\s*(?:(?P<sign>[!()]|AND\b|OR\b)"
    r"|ActionMatches\{'(?P<action>[^']+)'\}"
    r"|@(?P<of>Request|Resource)\[(?P<attribute>[\w./]+:\w+)\]"
    r" (?P<operator>\w+:\w+) \{(?P<values>[^{}]+)\})"
)


def _is_one(value: str, values: list[str]) -> bool:
    return value.lower() in (each.lower() for each in values)


_OPERATORS = {
    "ForAnyOfAnyValues:GuidEquals": _is_one,
    "ForAnyOfAnyValues:StringEqualsIgnoreCase": _is_one,
    "ForAnyOfAllValues:GuidNotEquals": lambda value, values: not _is_one(value, values),
}


def holds(condition: str, action: str, of: Mapping[str, Mapping[str, str]]) -> bool:
    """Whether Azure lets the action pass; `of` has the attributes of Request and of Resource."""
    tokens = list(_tokens(condition))
    value = _expression(tokens, action, of)
    assert not tokens, f"ends too early, before {tokens[0][0]}"
    return value


def _tokens(condition: str) -> Iterator[re.Match[str]]:
    at = 0
    while at < len(condition):
        token = _TOKEN.match(condition, at)
        assert token, f"is not understood from here on: {condition[at : at + 80]}"
        yield token
        at = token.end()


def _expression(tokens: list[re.Match[str]], action: str, of) -> bool:
    values, words = [_term(tokens, action, of)], set()
    while tokens and tokens[0]["sign"] in ("AND", "OR"):
        words.add(tokens.pop(0)["sign"])
        values.append(_term(tokens, action, of))
    assert len(words) < 2, "AND and OR need brackets"
    return any(values) if words == {"OR"} else all(values)


def _term(tokens: list[re.Match[str]], action: str, of) -> bool:
    token = tokens.pop(0)
    if token["sign"] == "!":
        return not _term(tokens, action, of)
    if token["sign"] == "(":
        value = _expression(tokens, action, of)
        assert tokens.pop(0)["sign"] == ")", "a bracket is open"
        return value
    if token["action"]:
        return token["action"].lower() == action.lower()
    name = token["attribute"].rpartition(":")[2]
    values = [value.strip().strip("'") for value in token["values"].split(",")]
    # An attribute that the action does not have makes the expression false.
    held = of.get(token["of"], {}).get(name)
    return held is not None and _OPERATORS[token["operator"]](held, values)
