"""Which answers may be kept at the edge, on every cloud."""

from ..openapi import Document

READ = ("GET", "HEAD", "OPTIONS")


def why_not_kept(path: str, document: Document) -> str | None:
    """Why no answer of a path may be kept."""
    operations = [o for o in document.operations if o.path == path]
    if not operations:
        return f"the document has no such path. Copy it from {document.source.name}."
    for operation in operations:
        if operation.public is None:
            return (
                f"{operation.method.upper()} wants a token there, and what is kept would be given "
                "to everybody. Take the path out."
            )
        if operation.method.upper() not in READ:
            return (
                f"it takes {operation.method.upper()} as well, which would not get through. Take "
                "the path out."
            )
    return None
