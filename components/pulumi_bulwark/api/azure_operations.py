"""Operations as API Management names and groups them."""

import re
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import TypeVar

from ..openapi import Document, Operation
from .azure_xml import one_of

LONGEST_ID = 76
"""Characters of an operation's id after an import."""

_Group = TypeVar("_Group", bound=Hashable)


def id_of(operation: Operation) -> str:
    """What an import would make of the operation's id: small letters, digits and hyphens."""
    return re.sub("[^a-z0-9]+", "-", operation.operation_id.lower()).strip("-")


def condition(operations: Iterable[Operation]) -> str:
    """C# that says whether a request is for one of some operations."""
    return one_of("context.Operation.Id", map(id_of, operations))


def grouped(
    operations: Iterable[Operation], by: Callable[[Operation], _Group]
) -> dict[_Group, list[Operation]]:
    """The operations by something that they have in common.

    In an order of their own: a document that is only ordered otherwise changes nothing.
    """
    found: dict[_Group, list[Operation]] = {}
    for operation in sorted(operations, key=id_of):
        found.setdefault(by(operation), []).append(operation)
    return found


def id_problems(document: Document) -> Iterator[tuple[str, str]]:
    """Ids that an import would change or could not tell apart, each with the pointer where."""
    taken: dict[str, Operation] = {}
    for operation in document.operations:
        name = id_of(operation)
        other = taken.setdefault(name, operation)
        if other is not operation:
            yield (
                operation.pointer,
                (
                    f"has the operationId {operation.operation_id}, which API Management does not "
                    f"tell from {other.operation_id}: it reads small letters, digits and "
                    "hyphens only. Rename one of them."
                ),
            )
