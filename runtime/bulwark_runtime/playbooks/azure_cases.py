"""Cases in Azure Table Storage: an entity each, changed only as it was read (ETag)."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

from azure.core import MatchConditions
from azure.core.exceptions import (
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
)
from azure.data.tables import TableClient, TableTransactionError, UpdateMode

from .cases import Case, State, Step
from .incident import Incident, Subject

T = TypeVar("T")

KEPT: Final = timedelta(days=400)
"""An audit record: PCI DSS 10.5.1 wants a year of them."""

PART: Final = "case"
"""One partition has the cases and the counts: a transaction is within one."""

_TRIES: Final = 10
"""Somebody else who is faster is faster once or twice."""

_LONGEST_TEXT: Final = 30_000
"""Characters in a property: 64 KB in UTF-16, and some to spare."""

_TIMES: Final = ("opened", "until")


class StorageCases:
    def __init__(self, client: TableClient) -> None:
        self._client = client

    def open(self, case: Case) -> Case:
        try:
            self._client.create_entity(_item(case))
        except ResourceExistsError:
            found = self.find(case.id)
            assert found is not None, "a case lives for longer than a message"
            return found
        return case

    def find(self, id: str) -> Case | None:  # noqa: A002 the field's word
        found = self._get(id)
        return None if found is None else case_of(found)

    def all(self) -> Iterator[Case]:
        """All that are kept."""
        # Counts have another row key.
        query = "PartitionKey eq @part and RowKey ge @first and RowKey lt @end"
        rows = {"part": PART, "first": "0", "end": "g"}  # a case's id is hexadecimal
        for item in self._client.query_entities(query, parameters=rows):
            yield case_of(item)

    def move(
        self, case: Case, to: State, step: Step, *, of: Collection[State], **kept: Any
    ) -> Case | None:
        def moved(now: Case) -> Case | None:
            if now.state not in of:
                return None
            return replace(now, state=to, history=(*now.history, step), **kept)

        return self._change(case, moved)

    def take(self, case: Case, step: Step, *, hour: str, limit: int) -> bool:
        for _ in range(_TRIES):
            kept = self._get(case.id)
            assert kept is not None, "a case lives for longer than a message"
            now = case_of(kept)
            if now.state != "open":  # a message that came twice was faster
                return now.state == "acting"
            row = f"limit {hour.replace('#', ' ')}"
            count = self._get(row)
            used = count["used"] if count else 0
            if used >= limit:
                return False
            begun = replace(now, state="acting", history=(*now.history, step))
            counted = {"PartitionKey": PART, "RowKey": row, "used": used + 1}
            change: Any = (
                ("update", counted, _unless_changed(count))
                if count
                else (
                    "create",
                    counted,
                )
            )
            try:
                self._client.submit_transaction(
                    [("update", _item(begun), _unless_changed(kept)), change]
                )
            except TableTransactionError:  # somebody else was faster with one of them
                continue
            return True
        raise RuntimeError("the case is changed all the time")

    def remember(self, case: Case, before: Mapping[str, Any]) -> Case:
        changed = self._change(
            case, lambda now: now if now.before is not None else replace(now, before=before)
        )
        assert changed is not None
        return changed

    def note(self, case: Case, step: Step) -> None:
        self._change(case, lambda now: replace(now, history=(*now.history, step)))

    def tell(self, case: Case, state: State) -> None:
        self._change(case, lambda now: replace(now, told=state))

    def forget(self, now: datetime) -> int:
        """Takes out cases and counts that are older than a record need be: how many."""
        query = "PartitionKey eq @part and Timestamp lt @then"
        old = self._client.query_entities(
            query,
            parameters={"part": PART, "then": now - KEPT},
            select=["PartitionKey", "RowKey"],
        )
        keys = [(item["PartitionKey"], item["RowKey"]) for item in old]
        for part, row in keys:
            self._client.delete_entity(part, row)
        return len(keys)

    def _get(self, row: str) -> Any:
        try:
            return self._client.get_entity(PART, row)
        except ResourceNotFoundError:
            return None

    def _change(self, case: Case, change: Callable[[Case], Case | None]) -> Case | None:
        """The case as it is changed; None where it is not to be."""
        for _ in range(_TRIES):
            kept = self._get(case.id)
            if kept is None:  # never a record out of nothing
                raise LookupError(case.id)
            changed = change(case_of(kept))
            if changed is None:
                return None
            try:
                self._client.update_entity(_item(changed), **_unless_changed(kept))
            except ResourceModifiedError:
                continue
            return changed
        raise RuntimeError("the case is changed all the time")


def _unless_changed(kept: Any) -> dict[str, Any]:
    return {
        "mode": UpdateMode.REPLACE,
        "etag": kept.metadata["etag"],
        "match_condition": MatchConditions.IfNotModified,
    }


def _item(case: Case) -> dict[str, Any]:
    text = json.dumps(asdict(case), default=lambda at: at.astimezone(UTC).isoformat())
    parts = range(0, len(text), _LONGEST_TEXT)
    return {
        "PartitionKey": PART,
        "RowKey": case.id,
        "state": case.state,
        **{f"case{n}": text[at : at + _LONGEST_TEXT] for n, at in enumerate(parts)},
    }


def case_of(item: Mapping[str, Any]) -> Case:
    """The case that an entity is."""
    texts = []
    while (part := item.get(f"case{len(texts)}")) is not None:
        texts.append(part)
    found = json.loads("".join(texts))
    incident, subject = found["incident"], found["subject"]
    times = {n: datetime.fromisoformat(found[n]) for n in _TIMES if found[n]}
    return Case(
        **{
            **found,
            **times,
            "incident": Incident(
                **{
                    **incident,
                    "at": datetime.fromisoformat(incident["at"]),
                    "types": tuple(incident["types"]),
                    "subjects": tuple(Subject(**each) for each in incident["subjects"]),
                }
            ),
            "subject": Subject(**subject) if subject else None,
            "history": tuple(
                Step(**{**step, "at": datetime.fromisoformat(step["at"])})
                for step in found["history"]
            ),
        }
    )
