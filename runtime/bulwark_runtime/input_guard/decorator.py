"""The guard before a Python function of your own."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from . import Guard, Request, Verdict

Rest = ParamSpec("Rest")
Result = TypeVar("Result")


class DeniedError(Exception):
    """A request was refused. Its text says nothing that a client must not know."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__("the request was refused")
        self.verdict = verdict
        """Why, for a log."""


def guarded(
    guard: Guard,
) -> Callable[
    [Callable[Concatenate[Request, Rest], Result]], Callable[Concatenate[Request, Rest], Result]
]:
    """Before a function that takes a request: it gets the sanitised one, or is not called.

    Raises a DeniedError. What the guard itself raises is not caught: it is no permission.
    """

    def wrap(
        function: Callable[Concatenate[Request, Rest], Result],
    ) -> Callable[Concatenate[Request, Rest], Result]:
        @wraps(function)
        def checked(request: Request, *args: Rest.args, **kwargs: Rest.kwargs) -> Result:
            verdict = guard.check(request)
            if not verdict.allowed:
                raise DeniedError(verdict)
            return function(verdict.request, *args, **kwargs)

        return checked

    return wrap
