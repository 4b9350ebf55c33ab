"""The input guard: a request against its OpenAPI document, before an application sees it.

`Guard.from_openapi(document)` compiles a document once; `guard.check(request)` answers with a
verdict: whether it may pass, why not (never with a value), and the request to pass on.
docs/input-guard.md says what it looks for and how a document declares what a field is.
"""

from .errors import DocumentError
from .guard import Guard
from .limits import Limits
from .request import Mode, Reason, Request, Verdict
from .rules import RULES

__all__ = ["RULES", "DocumentError", "Guard", "Limits", "Mode", "Reason", "Request", "Verdict"]
