"""An OpenAPI document, read and checked as a whole before anything is made of it."""

import functools
from pathlib import Path

from . import extensions, findings, references, structure, text, version
from .document import Document
from .operations import check_servers, operations, request_headers
from .report import Report
from .security import Security


def load(path: Path, *, shown: str | None = None) -> Document:
    """The document in a file of YAML or JSON.

    Raises a ConfigError that lists every problem: the file, or what is `shown` for it, with a JSON
    pointer. Nothing but that one file is read. No text of the document is echoed.
    """
    report = Report(shown or str(path))
    content = text.read(path, report)
    report.check()
    return _loaded(path, report.file, content)


@functools.lru_cache(maxsize=1)
def _loaded(path: Path, shown: str, content: str) -> Document:
    """A preview runs its program twice, and most of the time here is for OpenAPI's own schema."""
    report = Report(shown)
    source = text.value(content, report, is_json=path.suffix == ".json")
    report.check()
    body = version.as_30(source, report)
    if not body:
        report.check()
    references.check(source, report)
    extensions.check(body, report)
    structure.check(body, report)
    security = Security(body, report)
    found = operations(body, security, report)
    check_servers(body, report)
    report.check()
    findings.find(body, found, report)
    security.check_use({scope for operation in found for scope in operation.scopes})
    info = body["info"]
    return Document(
        source=path,
        title=info["title"],
        version=info["version"],
        body=body,
        scheme=security.oauth,
        api_key_scheme=security.api_key,
        operations=found,
        scopes=security.defined(),
        findings=report.findings,
        request_headers=request_headers(body, found),
        methods=tuple(sorted({operation.method.upper() for operation in found})),
    )
