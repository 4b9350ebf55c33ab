"""What a change to a program changes in what it deploys, and in what the rules find."""

from .graphs import Difference, ResourceChange, difference
from .markdown import markdown
from .text import text
from .values import ABSENT, Change
from .verdicts import VerdictChange

__all__ = [
    "ABSENT",
    "Change",
    "Difference",
    "ResourceChange",
    "VerdictChange",
    "difference",
    "markdown",
    "text",
]
