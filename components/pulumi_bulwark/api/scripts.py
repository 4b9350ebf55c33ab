"""What scripts of other sites may send, whatever cloud the API is on."""

from ..openapi import Document
from .spec import ApiSpec

_ALWAYS_SENT = ("Authorization", "Content-Type")
_OF_MOCKS = ("Prefer",)


def headers_of_scripts(spec: ApiSpec, document: Document) -> list[str]:
    """The headers that a script of another site may send, each once."""
    mocked = any(operation.backend.kind == "mock" for operation in document.operations)
    sent = (*_ALWAYS_SENT, *document.request_headers, *spec.cors.headers)
    names = {name.lower(): name for name in (*sent, *(_OF_MOCKS if mocked else ()))}
    return sorted(names.values())
