"""What is known to be weak in an account, by when it is to be mended."""

from .as_junit import junit
from .as_sarif import sarif
from .rows import Row, rows
from .words import as_json, table

__all__ = ["Row", "as_json", "junit", "rows", "sarif", "table"]
