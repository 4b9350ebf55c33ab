"""Documents in Azure Table Storage: one entity for each, replaced where its ETag is still the same.

Azure logs the address of every request to a table, and an entity's key is in it. So a key is no
user's id but a keyed digest of it; the digests' own key is an entity of the table, made by whoever
writes first, and never changed: without it nobody is found again.
"""

import hmac
import json
import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from azure.core import MatchConditions
from azure.core.exceptions import (
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
)
from azure.data.tables import EdmType, EntityProperty, TableClient, TableEntity, UpdateMode

from .documents import NEVER, Document, Keys
from .results import RequestError

LONGEST_TEXT = 32_768
"""UTF-16 units of one property: 64 KiB. What is kept of a user has to fit."""

Address = Mapping[str, Any]
"""The two keys of an entity."""

_NAMING: Address = {"PartitionKey": "naming", "RowKey": "naming"}
"""Address of the digests' key: behind all of them, which are of hexadecimal digits."""
_RECORD = "record"
_ALL_RECORDS = "PartitionKey lt 'g'"
_MOST_TAGS = 1_000


class TableDocuments:
    """A table's entities. `client` repeats what is throttled, and what had no answer."""

    def __init__(self, client: TableClient) -> None:
        self._client = client
        self._naming: bytes | None = None
        # No two states have the same version, so what its ETag was stays true for ever.
        self._tags: OrderedDict[str, str] = OrderedDict()

    def load(self, key: str) -> Document | None:
        address = self._address(key)
        return self._read(address) if address else None

    def save(
        self, key: str, document: Document, *, expected: str | None, expires_at: int | None = None
    ) -> bool:
        address = self._address(key, make=expected is None)
        if address is None:
            return False
        entity = {
            **address,
            "id": _encoded(key),
            "record": document.text,
            "version": document.version,
        }
        if expires_at is not None:
            entity["expires_at"] = EntityProperty(expires_at, EdmType.INT64)
        return self._written(entity, expected)

    def remove(self, key: str, *, expected: str) -> bool:
        if address := self._address(key):
            tag = self._tag(address, expected)
            return tag is not None and self._deleted(address, tag)
        return False

    def keys(self, cursor: str | None = None, limit: int = 100) -> Keys:
        pages = self._client.query_entities(
            _ALL_RECORDS, select=["id"], results_per_page=limit
        ).by_page(_next(cursor) if cursor else None)
        keys = tuple(found["id"].decode(*_AS_TEXT) for found in next(pages, ()))
        further: Any = getattr(pages, "continuation_token", None)
        return Keys(keys, json.dumps(further) if further else None)

    def drop_expired(self, now: int, *, may_go_on: Callable[[], bool] = lambda: True) -> int:
        """Delete what ended before now, and say how much: the service knows no time to live.

        What was written again meanwhile stays.
        """
        dropped = 0
        for entity in self._expired(now):
            if not may_go_on():
                break
            address = {name: entity[name] for name in ("PartitionKey", "RowKey")}
            dropped += self._deleted(address, _tag_of(entity))
        return dropped

    def _expired(self, now: int) -> Iterable[TableEntity]:
        return self._client.query_entities(
            f"expires_at lt {int(now)}L", select=["PartitionKey", "RowKey"]
        )

    def _read(self, address: Address) -> Document | None:
        try:
            found = self._client.get_entity(address["PartitionKey"], address["RowKey"])
        except ResourceNotFoundError:
            return None
        self._remember(found["version"], _tag_of(found))
        return Document(found["record"], found["version"])

    def _written(self, entity: dict[str, Any], expected: str | None) -> bool:
        try:
            if expected is None:
                answer = self._client.create_entity(entity)
            else:
                tag = self._tag(entity, expected)
                if tag is None:
                    return self._has(entity)
                answer = self._client.update_entity(
                    entity, UpdateMode.REPLACE, etag=tag, match_condition=_UNCHANGED
                )
        except ResourceNotFoundError:
            return False
        except (ResourceExistsError, ResourceModifiedError):
            # The client repeats a call whose answer was lost, and then meets its own writing.
            return self._has(entity)
        self._remember(entity["version"], answer["etag"])
        return True

    def _has(self, entity: dict[str, Any]) -> bool:
        there = self._read(entity)
        return there is not None and there.version == entity["version"]

    def _deleted(self, address: Address, tag: str) -> bool:
        # The client keeps to itself whether there was something: only the answer's status says it.
        statuses: list[int] = []
        try:
            self._client.delete_entity(
                address["PartitionKey"],
                address["RowKey"],
                etag=tag,
                match_condition=_UNCHANGED,
                raw_response_hook=lambda answer: statuses.append(answer.http_response.status_code),
            )
        except ResourceModifiedError:
            return False
        return statuses[-1] == _NO_CONTENT

    def _tag(self, address: Address, version: str) -> str | None:
        """The ETag of a version; None where another one is there by now."""
        if version == NEVER:
            return _NEVERS_TAG
        if version not in self._tags:
            self._read(address)
        return self._tags.get(version)

    def _remember(self, version: str, tag: str) -> None:
        self._tags[version] = tag
        while len(self._tags) > _MOST_TAGS:
            self._tags.popitem(last=False)

    def _address(self, key: str, *, make: bool = False) -> Address | None:
        """Where a document is; None in a table that nobody has written to."""
        naming = self._naming or self._read_naming() or (self._make_naming() if make else None)
        if naming is None:
            return None
        self._naming = naming
        return {
            "PartitionKey": hmac.digest(naming, _encoded(key), "sha256").hex(),
            "RowKey": _RECORD,
        }

    def _read_naming(self) -> bytes | None:
        try:
            return self._client.get_entity(_NAMING["PartitionKey"], _NAMING["RowKey"])["key"]
        except ResourceNotFoundError:
            return None

    def _make_naming(self) -> bytes | None:
        made = secrets.token_bytes(32)
        try:
            self._client.create_entity({**_NAMING, "key": made})
        except ResourceExistsError:
            return self._read_naming()
        return made


def _next(cursor: str) -> Any:
    """Where the service said to go on."""
    try:
        found = json.loads(cursor)
        return {name: str(found[name]) for name in ("PartitionKey", "RowKey")}
    except (KeyError, TypeError, ValueError):
        raise RequestError("cursor: what an earlier call gave") from None


def _tag_of(entity: TableEntity) -> str:
    tag = entity.metadata.get("etag")
    assert tag is not None
    return tag


_UNCHANGED = MatchConditions.IfNotModified
_NEVERS_TAG = "W/\"datetime'1970-01-01T00%3A00%3A00.0000000Z'\""
"""Of the form that the service takes, and of a time at which it did not exist."""
_NO_CONTENT = 204
_AS_TEXT = ("utf-8", "surrogatepass")


def _encoded(key: str) -> bytes:
    return key.encode(*_AS_TEXT)
