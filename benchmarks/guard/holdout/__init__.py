"""Attacks and honest text of every family we know of, from what attackers and people write.

The patterns were written by somebody who had not read the guard, or not yet changed it; what varies
in them (names, calls, marks, case, white space) is drawn, so that a seed makes texts that no other
has shown. They have shown what was missing and were used to mend it, so what they measure now is
what must not be lost, and no longer what a stranger's set would.
"""

import random
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

KINDS = ("sql", "xss", "nosql", "honest")

_SLOT = re.compile("§([a-z]{1,2})§")
_SPACE = re.compile(r"(?<!-) (?=\S)")
_WORD = re.compile(r"[a-z]+")


@cache
def _content(kind: str) -> Mapping[str, Any]:
    return yaml.safe_load((Path(__file__).parent / f"{kind}.yaml").read_text())


def families(kind: str, seed: int, each: int) -> Mapping[str, Sequence[str]]:
    """Of each family, up to `each` texts of every pattern."""
    content = _content(kind)
    rng = random.Random(f"{kind}/{seed}")
    return {
        family: [text for pattern in patterns for text in _texts(rng, kind, pattern, content, each)]
        for family, patterns in content["families"].items()
    }


def _texts(
    rng: random.Random, kind: str, pattern: str, content: Mapping[str, Any], each: int
) -> list[str]:
    made = {_filled(rng, pattern, content["slots"]) for _ in range(each)}
    return [_spelt(rng, text) if kind == "sql" else text for text in sorted(made)]


def _filled(rng: random.Random, pattern: str, slots: Mapping[str, Sequence[str]]) -> str:
    return _SLOT.sub(lambda found: rng.choice(slots[found[1]]), pattern)


def _spelt(rng: random.Random, text: str) -> str:
    """SQL in another case, and with other white space: to a database it is the same."""
    if "\\" in text or "%" in text or "&" in text:
        return text
    if rng.random() < _CASED:
        text = _WORD.sub(lambda found: rng.choice((str.upper, str.title))(found[0]), text)
    if rng.random() < _SPACED:
        space = rng.choice(["\t", "\n", "/**/", "  ", "/*x*/"])
        text = _SPACE.sub(lambda _: space, text)
    return text


_CASED = 0.3
_SPACED = 0.3


def texts(kind: str, seed: int, each: int) -> Sequence[str]:
    return [text for family in families(kind, seed, each).values() for text in family]
