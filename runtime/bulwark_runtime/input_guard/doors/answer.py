"""What is answered to a client."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

PROBLEM = "application/problem+json"
"""RFC 9457."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """A status, headers and a body."""

    status: int
    headers: Sequence[tuple[str, str]] = field(default=())
    body: bytes = b""


def problem(status: HTTPStatus, reference: str) -> Answer:
    """The same words for every request that ends with this status.

    What the guard saw is in its log, under the reference, and not in the hands of whoever tries.
    """
    said = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "requestId": reference,
    }
    headers = (("Content-Type", PROBLEM), ("Cache-Control", "no-store"))
    return Answer(status=status.value, headers=headers, body=json.dumps(said).encode())


def first(headers: Sequence[tuple[str, str]], name: str) -> str | None:
    """The first value of a header, whatever its letters; None if it is not there."""
    wanted = name.lower()
    return next((value for key, value in headers if key.lower() == wanted), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Trimmings:
    """What an answer of our own carries beside what it says."""

    headers: Mapping[str, str] = field(default_factory=dict)
    origins: Sequence[str] = ()
    """Web pages whose scripts may read it."""

    def on(self, answer: Answer, origin: str | None) -> Answer:
        """The answer with them; `origin` is the page that asks."""
        added = {name.lower(): (name, value) for name, value in self.headers.items()}
        if origin in self.origins:
            added["access-control-allow-origin"] = ("Access-Control-Allow-Origin", str(origin))
        own = [pair for pair in answer.headers if pair[0].lower() not in added]
        headers = (*own, *added.values())
        return Answer(status=answer.status, headers=headers, body=answer.body)
