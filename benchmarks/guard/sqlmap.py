"""sqlmap's payloads, from its package: boundaries × tests, as the tool itself puts them together."""

import random
import re
import string
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree as ET

_FILES = ("boolean_blind", "error_based", "inline_query", "stacked_queries", "time_blind")

_MARKER = re.compile(r"\[([A-Z_0-9]+)\]")


def root() -> Path | None:
    found = find_spec("sqlmap")
    if found is None or not found.submodule_search_locations:
        return None
    return Path(next(iter(found.submodule_search_locations))) / "data" / "xml"


@cache
def _boundaries() -> list[dict[str, str]]:
    folder = root()
    assert folder is not None
    return [
        {child.tag: child.text or "" for child in boundary}
        for boundary in ET.parse(folder / "boundaries.xml").getroot()
    ]


@cache
def _tests() -> list[dict[str, str]]:
    folder = root()
    assert folder is not None
    found = []
    for name in _FILES:
        for test in ET.parse(folder / "payloads" / f"{name}.xml").getroot():
            request = test.find("request")
            if request is not None and request.findtext("payload"):
                found.append(
                    {
                        "payload": request.findtext("payload") or "",
                        "comment": request.findtext("comment") or "",
                        "clause": test.findtext("clause") or "",
                        "where": test.findtext("where") or "",
                    }
                )
    return found


def attacks(seed: int, count: int) -> Iterator[str]:
    """A sample of all that sqlmap sends, with its markers filled in."""
    rng = random.Random(seed)
    made = 0
    while made < count:
        test, boundary = rng.choice(_tests()), rng.choice(_boundaries())
        if not _fit(test, boundary):
            continue
        made += 1
        where = rng.choice(_shared("where", test, boundary))
        prefix, suffix = boundary.get("prefix", ""), boundary.get("suffix", "")
        payload = test["payload"]
        if test["comment"]:
            payload, suffix = f"{payload}{test['comment']}", ""
        if test["clause"] in ("2,3", "3", "2") or where == "3":
            prefix = "" if where == "3" else prefix
        origin = {"1": _origin(rng), "2": f"-{rng.randint(1000, 9999)}", "3": ""}[where]
        gap = "" if prefix.endswith(" ") or not payload[:1].isalnum() else " "
        yield _filled(f"{origin}{prefix}{gap}{payload} {suffix}".rstrip(" "), rng)


def unions(seed: int, count: int) -> Iterator[str]:
    """UNION queries, which sqlmap builds from column counts rather than from a template."""
    rng = random.Random(seed)
    for _ in range(count):
        boundary = rng.choice(_boundaries())
        columns = ",".join(
            rng.choice(("NULL", str(rng.randint(1, 99)))) for _ in range(rng.randint(1, 9))
        )
        every = rng.choice(("ALL ", ""))
        end = rng.choice(("-- -", "#", "-- [RANDSTR]"))
        yield _filled(
            f"{_origin(rng)}{boundary.get('prefix', '')} UNION {every}SELECT {columns}{end}", rng
        )


def _shared(name: str, test: dict[str, str], boundary: dict[str, str]) -> list[str]:
    """What two of sqlmap's lists of numbers have in common."""
    others = boundary.get(name, "").split(",")
    return [each for each in test[name].split(",") if each in others]


def _fit(test: dict[str, str], boundary: dict[str, str]) -> bool:
    is_any = "0" in (test["clause"], boundary.get("clause", ""))
    is_same = is_any or bool(_shared("clause", test, boundary))
    return is_same and bool(_shared("where", test, boundary))


def _origin(rng: random.Random) -> str:
    return rng.choice(("1", "42", str(rng.randint(1, 99999)), "test", "John", "de-DE"))


def _filled(text: str, rng: random.Random) -> str:
    values: dict[str, str] = {}

    def fill(found: re.Match[str]) -> str:
        name = found[1]
        if name not in values:
            values[name] = _value(name, rng)
        return values[name]

    return _MARKER.sub(fill, text)


def _value(name: str, rng: random.Random) -> str:
    if name.startswith("RANDNUM"):
        return str(rng.randint(1000, 9999))
    if name.startswith("RANDSTR"):
        return "".join(rng.choice(string.ascii_letters) for _ in range(4))
    return {
        "INFERENCE": f"{rng.randint(1000, 9999)}={rng.randint(1000, 9999)}",
        "SLEEPTIME": "5",
        "ORIGVALUE": "1",
        "ORIGINAL": "1",
        "DELAYED": "5000000",
        "DELIMITER_START": "qxkzq",
        "DELIMITER_STOP": "qpvbq",
        "HASH_REPLACE": "@",
        "QUERY": "(SELECT CURRENT_USER)",
        "DIFFERENT": "x",
        "GENERIC_SQL_COMMENT": "-- " + "".join(rng.choice(string.ascii_letters) for _ in range(4)),
    }.get(name, "1")
