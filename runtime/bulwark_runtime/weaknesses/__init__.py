"""Weaknesses that are known, by age: which are open for longer than they may be.

    findings = by_age(Finding.read(found) for found in answers["findings"])
    late = [f for f in findings if f.overdue(deadlines, now)]

Needs no cloud; `aws.py` and `azure.py` are what counts them on each.
"""

from .finding import SEVERITIES, Deadlines, Finding, Package, by_age
from .inventory import Every, moment

__all__ = ["SEVERITIES", "Deadlines", "Every", "Finding", "Package", "by_age", "moment"]
