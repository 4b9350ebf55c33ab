"""The regression tests of the OWASP Core Rule Set, from its Go module: what its rules must catch."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus, urlsplit

import yaml

from .modules import module

MODULE = "github.com/corazawaf/coraza-coreruleset/v4"

KINDS = {"sql": "REQUEST-942-APPLICATION-ATTACK-SQLI", "xss": "REQUEST-941-APPLICATION-ATTACK-XSS"}

_RULE = re.compile(r"id:(\d{6}),.*?paranoia-level/(\d)", re.DOTALL)

_PLAIN_HEADERS = frozenset({"host", "accept", "content-type", "content-length", "connection"})


def root() -> Path | None:
    return module(MODULE)


@cache
def _levels() -> dict[int, int]:
    found: dict[int, int] = {}
    for file in (root() or Path()).glob("rules/@owasp_crs/*.conf"):
        for chunk in re.split(r"\n(?=SecRule|SecAction)", file.read_text()):
            if match := _RULE.search(chunk):
                found[int(match[1])] = int(match[2])
    return found


def attacks(kind: str, *, most_level: int = 2) -> Iterator[tuple[str, ...]]:
    """The values of each request that a rule up to a paranoia level must log: one is an attack."""
    folder = root()
    if folder is None:
        return
    for file in sorted((folder / "tests" / KINDS[kind]).glob("*.yaml")):
        content = yaml.safe_load(file.read_text())
        if _levels().get(content["rule_id"], 9) > most_level:
            continue
        for test in content["tests"]:
            stage = test["stages"][0]
            if stage["output"].get("log", {}).get("expect_ids"):
                values = tuple(_values(stage["input"]))
                if values:
                    yield values


def _texts(document: str) -> Iterator[str]:
    """A JSON body as it is, and each text in it."""
    yield document
    try:
        waiting = [json.loads(document)]
    except ValueError:
        return
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, str):
            yield value


def _values(request: dict[str, Any]) -> Iterator[str]:
    texts = [urlsplit(request.get("uri", "")).query, str(request.get("data") or "")]
    for text in texts:
        if text.startswith(("{", "[")):
            yield from _texts(text)
            continue
        for pair in text.split("&"):
            for part in pair.split("=", 1):
                if part:
                    yield unquote_plus(part)
    for name, value in request.get("headers", {}).items():
        if name.lower() not in _PLAIN_HEADERS:
            yield str(value)
