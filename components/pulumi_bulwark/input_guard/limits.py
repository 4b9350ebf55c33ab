"""What the people who run a guard are told of it, whatever cloud it is on."""

from collections.abc import Iterator, Sequence
from typing import Final

from ..openapi import Document, Operation

_WRITING: Final = ("post", "put", "patch", "delete")

_MOST_NAMES: Final = 5


def guarded_of(document: Document) -> list[Operation]:
    return [operation for operation in document.operations if operation.guarded]


def of_document(document: Document) -> Iterator[str]:
    """What the document lets pass, a line each."""
    asked = guarded_of(document)
    if counted := [o.operation_id for o in asked if o.guard == "count"]:
        yield f"{named(counted)}: what looks like an attack is counted, and passes"
    if opened := [o.operation_id for o in asked if o.fail_open]:
        yield f"{named(opened)}: requests pass unchecked where the guard itself fails"
    open_ = [
        operation.operation_id
        for operation in document.operations
        if operation.method in _WRITING and not operation.guarded
    ]
    if asked and open_:
        yield f"{named(open_)}: requests do not pass the guard"


def named(operations: Sequence[str]) -> str:
    more = len(operations) - _MOST_NAMES
    return ", ".join(operations[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
