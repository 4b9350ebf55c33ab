"""The table in Azure Table Storage: a partition for each list, and one for the history.

A key must not have a slash, so a network is written with a comma in its place. What has no end to
its length is JSON in as many properties as it takes, since one holds 64 KB.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import ip_network
from itertools import islice
from typing import Any, Final, TypeVar

from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables import TableClient, TableTransactionError, UpdateMode

from .entries import Entry, Gone, State
from .ports import IpSet, Outcome, Seen
from .requests import as_text

T = TypeVar("T")

_HISTORY: Final = "request"
_SEEN: Final = "seen"
_DAY_SECONDS: Final = 24 * 60 * 60
_MOST_AT_ONCE: Final = 100
"""Entities in a transaction of Table Storage."""

_LONGEST_TEXT: Final = 30_000
"""Characters in a property: 64 KB in UTF-16, and some to spare."""


def part_of(name: str) -> str:
    return f"list-{name}"


class StorageTable:
    """Keys are a list or the history, and a record in it."""

    def __init__(self, client: TableClient, *, history_days: int = 400) -> None:
        self._client, self._history_days = client, history_days

    def load(self, name: str) -> State:
        entries, gone = [], []
        for item in self._client.query_entities(
            "PartitionKey eq @part", parameters={"part": part_of(name)}
        ):
            kind, _, _ = item["RowKey"].partition("|")
            if kind == "entry":
                entries.append(_entry(item))
            elif kind == "gone":
                gone.append(_gone(item))
        return State(entries, gone)

    def put(self, name: str, records: Sequence[Entry | Gone]) -> None:
        # By its keys, since a transaction names an entity once.
        items = {_row(r): _key(name, r) | _fields(r) for r in records}
        for part in _in_parts(items.values(), _MOST_AT_ONCE):
            self._client.submit_transaction(
                [("upsert", item, {"mode": UpdateMode.REPLACE}) for item in part]
            )

    def delete(self, name: str, records: Sequence[Entry | Gone]) -> None:
        self._delete({_row(r): _key(name, r) for r in records}.values())

    def _delete(self, keys: Iterable[Mapping[str, str]]) -> None:
        for part in _in_parts(keys, _MOST_AT_ONCE):
            try:
                self._client.submit_transaction([("delete", key) for key in part])
            except TableTransactionError:
                # What is gone already keeps the rest of a transaction from going.
                for key in part:
                    self._client.delete_entity(key["PartitionKey"], key["RowKey"])

    def known(self, ids: Sequence[str]) -> set[str]:
        found = {id_: self._of(_HISTORY, id_, ["outcome"]) for id_ in sorted(set(ids))}
        return {id_ for id_, item in found.items() if item and item["outcome"] == "applied"}

    def record(self, outcomes: Sequence[Outcome]) -> None:
        # One by one: a transaction holds 4 MB, and a hundred requests can be more.
        for outcome in outcomes:
            self._client.upsert_entity(self._history(outcome), UpdateMode.REPLACE)

    def _history(self, outcome: Outcome) -> dict[str, Any]:
        return {
            "PartitionKey": _HISTORY,
            "RowKey": outcome.id,
            "outcome": outcome.outcome,
            "who": outcome.who,
            "sent": as_text(outcome.sent),
            "done": as_text(outcome.done),
            "expires_at": as_text(outcome.done + self._history_days * _DAY_SECONDS),
            **_in_texts("notes", list(outcome.notes)),
            **_in_texts("asked", dict(outcome.asked)),
        }

    def outcome(self, id_: str) -> Mapping[str, Any] | None:
        """What became of a request; None while nothing has."""
        item = self._of(_HISTORY, id_)
        if item is None:
            return None
        plain = {name: item[name] for name in ("outcome", "who", "sent", "done")}
        return {**plain, "notes": _of_texts("notes", item), **_of_texts("asked", item)}

    def forget(self, now: float) -> int:
        """Takes out what the history need not keep any longer: how much that was."""
        over = self._client.query_entities(
            "PartitionKey eq @part and expires_at lt @now",
            parameters={"part": _HISTORY, "now": as_text(now)},
            select=["PartitionKey", "RowKey"],
        )
        keys = [{name: item[name] for name in ("PartitionKey", "RowKey")} for item in over]
        self._delete(keys)
        return len(keys)

    def seen(self, name: str) -> Seen:
        item = self.status(name)
        return Seen(at=float(item.get("at", 0)), digests=item.get("digests", {}))

    def status(self, name: str) -> Mapping[str, Any]:
        """When the writer last looked, what it left in the sets, and which these are."""
        item = self._of(part_of(name), _SEEN)
        return {} if item is None else _of_texts("status", item)

    def see(self, name: str, seen: Seen, sets: Sequence[IpSet]) -> None:
        status = {
            "at": int(seen.at),
            "digests": {of: list(digests) for of, digests in seen.digests.items()},
            "sets": [
                {"id": s.id, "name": s.name, "scope": s.scope, "version": f"IPV{s.version}"}
                for s in sets
            ],
        }
        item = {"PartitionKey": part_of(name), "RowKey": _SEEN, **_in_texts("status", status)}
        self._client.upsert_entity(item, UpdateMode.REPLACE)

    def _of(self, part: str, row: str, select: Sequence[str] = ()) -> Mapping[str, Any] | None:
        try:
            return self._client.get_entity(part, row, select=list(select) or None)
        except ResourceNotFoundError:
            return None


def _row(record: Entry | Gone) -> str:
    kind = "entry" if isinstance(record, Entry) else "gone"
    return f"{kind}|{str(record.network).replace('/', ',')}|{record.id}"


def _key(name: str, record: Entry | Gone) -> dict[str, str]:
    return {"PartitionKey": part_of(name), "RowKey": _row(record)}


def _fields(record: Entry | Gone) -> dict[str, str]:
    # Times are text: a plain number would be one of 32 bits, which end in 2038.
    common = {"order": record.order, "since": str(record.since), "who": record.who}
    if isinstance(record, Gone):
        return common
    until = {} if record.until is None else {"until": str(record.until)}
    return common | until | {"reason": record.reason, "source": record.source}


def _entry(item: Mapping[str, Any]) -> Entry:
    return Entry(
        **_common(item),
        until=int(item["until"]) if "until" in item else None,
        reason=item["reason"],
        source=item["source"],
    )


def _gone(item: Mapping[str, Any]) -> Gone:
    return Gone(**_common(item))


def _common(item: Mapping[str, Any]) -> dict[str, Any]:
    _, network, id_ = item["RowKey"].split("|", 2)
    return {
        "network": ip_network(network.replace(",", "/")),
        "id": id_,
        "order": item["order"],
        "since": int(item["since"]),
        "who": item["who"],
    }


def _in_texts(name: str, value: Any) -> dict[str, str]:
    """The value as JSON, in as many properties as it takes."""
    text = json.dumps(value, separators=(",", ":"))
    starts = range(0, len(text), _LONGEST_TEXT)
    return {f"{name}{n}": text[at : at + _LONGEST_TEXT] for n, at in enumerate(starts)}


def _of_texts(name: str, item: Mapping[str, Any]) -> Any:
    texts = []
    while (part := item.get(f"{name}{len(texts)}")) is not None:
        texts.append(part)
    return json.loads("".join(texts))


def _in_parts(items: Iterable[T], most: int) -> Iterator[list[T]]:
    left = iter(items)
    while part := list(islice(left, most)):
        yield part
