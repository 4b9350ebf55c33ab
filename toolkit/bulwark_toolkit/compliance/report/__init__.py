"""Evidence for an auditor: control, resource, property, value, verdict; no word of approval."""

from .assess import ALL_OUTCOMES, MEANING, SERVED, Assessed, Assessment, Evidence, Outcome, assess
from .facts import Facts
from .formats import as_csv, as_json, as_markdown
from .oscal import as_oscal
from .page import as_html

__all__ = [
    "ALL_OUTCOMES",
    "MEANING",
    "SERVED",
    "Assessed",
    "Assessment",
    "Evidence",
    "Facts",
    "Outcome",
    "as_csv",
    "as_html",
    "as_json",
    "as_markdown",
    "as_oscal",
    "assess",
]
