"""What the guard is told of the API beside its document: where each operation goes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from .answer import Answer, Trimmings

FORMAT = "bulwark.routes/1"

DOCUMENT, ROUTES = "openapi.json", "routes.json"
"""The files in the folder that is deployed beside the code."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Backend:
    """What answers an operation."""

    kind: Literal["http", "lambda", "mock"]
    url: str = ""
    """Of `http`: where to, with the names of path parameters in braces."""
    private: bool = False
    """Of `http`: whether it is in a private network, and must be."""
    function: str = ""
    """Of `lambda`: the function's ARN."""
    answers: Sequence[Answer] = ()
    """Of `mock`: one for each status, the default first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """An operation of the API that goes through the guard."""

    operation: str
    method: str
    """In capitals."""
    path: str
    """As the document writes it, with names of parameters in braces."""
    backend: Backend
    headers: frozenset[str] = frozenset()
    """Headers that the operation takes, in small letters."""
    fail_open: bool = False
    """Whether a request passes where the guard itself fails."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Routes:
    """The routes of one API, by method and path."""

    by_place: Mapping[tuple[str, str], Route]
    trimmings: Trimmings

    def at(self, method: str, path: str) -> Route | None:
        """The route of a method and a path as the document writes it."""
        return self.by_place.get((method.upper(), path))

    @classmethod
    def read(cls, file: Path) -> "Routes":
        """What `bulwark:index:AwsInputGuard` wrote. Raises a ValueError if it is something else."""
        content = json.loads(file.read_bytes())
        if content.get("format") != FORMAT:
            raise ValueError(f"{file} is of another format than {FORMAT}")
        routes = [_route(one) for one in content["routes"]]
        return cls(
            by_place={(route.method, route.path): route for route in routes},
            trimmings=Trimmings(
                headers=content["answers"]["headers"], origins=content["answers"]["origins"]
            ),
        )


def _route(one: Mapping[str, Any]) -> Route:
    return Route(
        operation=one["operation"],
        method=one["method"].upper(),
        path=one["path"],
        backend=_backend(one["backend"]),
        headers=frozenset(name.lower() for name in one["headers"]),
        fail_open=one["failOpen"],
    )


def _backend(one: Mapping[str, Any]) -> Backend:
    return Backend(
        kind=one["kind"],
        url=one.get("url", ""),
        private=one.get("private", False),
        function=one.get("function", ""),
        answers=[
            Answer(
                status=answer["status"],
                headers=tuple(answer["headers"].items()),
                body=answer["text"].encode(),
            )
            for answer in one.get("answers", ())
        ],
    )
