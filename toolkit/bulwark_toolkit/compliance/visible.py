"""Text of others as it can be shown: on one line, and without what would make it lie."""

import re
import unicodedata
from typing import Final

_HIDDEN: Final = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
"""Unicode's categories of characters that steer a terminal, turn the direction, or are none."""


def visible(text: str) -> str:
    line = re.sub(r"[\n\r\t]+", " ", text)
    plain = "".join("\ufffd" if unicodedata.category(c) in _HIDDEN else c for c in line)
    return re.sub(r" +", " ", plain).strip()
