"""What a function answers to an event, on any cloud, and what is counted of it."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from .events import problem
from .results import Operation, Outcome, RequestError, Result
from .vault import Vault

Json = dict[str, Any]

METRICS: Mapping[Outcome, str] = {
    "done": "Successes",
    "refused": "Failures",
    "delayed": "Lockouts",
    "weak": "WeakPasswords",
    "exists": "Duplicates",
    "conflict": "Conflicts",
}
"""A metric for each outcome, of a vault as a whole; the log line has the operation."""

INVALID = "InvalidEvents"


def answered(operation: Operation, event: Any, vault: Callable[[], Vault]) -> Json:
    """A Result as JSON, without what is empty; or the outcome "invalid" with what is asked."""
    if wrong := problem(operation, event):
        return {"outcome": "invalid", "problem": wrong}
    arguments: Json = {_ARGUMENTS.get(name, name): value for name, value in event.items()}
    try:
        result: Result = getattr(vault(), operation)(**arguments)
    except RequestError as error:  # a bound that a schema cannot say
        return {"outcome": "invalid", "problem": str(error)}
    return {name: value for name, value in asdict(result).items() if value}


_ARGUMENTS: Mapping[str, str] = {"hash": "text"}
