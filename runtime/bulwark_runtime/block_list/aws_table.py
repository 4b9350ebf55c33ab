"""The table in DynamoDB: a part for each list, and one for the history."""

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_network
from typing import Any, Final

from .entries import Entry, Gone, State
from .ports import IpSet, Outcome, Seen
from .requests import as_text

_HISTORY: Final = "request"
_SEEN: Final = "seen"
_DAY_SECONDS: Final = 24 * 60 * 60
_MOST_KEYS: Final = 100
"""Of a BatchGetItem."""


def part_of(name: str) -> str:
    return f"list#{name}"


class DynamoTable:
    """Keys are `part`, a list or the history, and `item`, a record in it."""

    def __init__(self, resource: Any, table: str, *, history_days: int = 400) -> None:
        self._resource, self._history_days = resource, history_days
        self._table = resource.Table(table)

    def load(self, name: str) -> State:
        entries, gone = [], []
        for item in self._records(name):
            kind, _, _ = item["item"].partition("#")
            if kind == "entry":
                entries.append(_entry(item))
            elif kind == "gone":
                gone.append(_gone(item))
        return State(entries, gone)

    def _records(self, name: str) -> Iterator[Mapping[str, Any]]:
        asked: dict[str, Any] = {
            "KeyConditionExpression": "#part = :part",
            "ExpressionAttributeNames": {"#part": "part"},
            "ExpressionAttributeValues": {":part": part_of(name)},
            # What was written just before must be there, or it would not get into the sets.
            "ConsistentRead": True,
        }
        while True:
            answer = self._table.query(**asked)
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            asked["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def put(self, name: str, records: Sequence[Entry | Gone]) -> None:
        with self._table.batch_writer(overwrite_by_pkeys=["part", "item"]) as batch:
            for record in records:
                batch.put_item(Item=_key(name, record) | _fields(record))

    def delete(self, name: str, records: Sequence[Entry | Gone]) -> None:
        with self._table.batch_writer() as batch:
            for record in records:
                batch.delete_item(Key=_key(name, record))

    def known(self, ids: Sequence[str]) -> set[str]:
        found: set[str] = set()
        wanted = sorted(set(ids))
        for start in range(0, len(wanted), _MOST_KEYS):
            keys = [{"part": _HISTORY, "item": i} for i in wanted[start : start + _MOST_KEYS]]
            found |= self._applied(keys)
        return found

    def _applied(self, keys: list[dict[str, str]]) -> set[str]:
        # Of the whole record, which may have thousands of networks, two words are asked for.
        more: Any = {
            self._table.name: {
                "Keys": keys,
                "ConsistentRead": True,
                "ProjectionExpression": "#item, #outcome",
                "ExpressionAttributeNames": {"#item": "item", "#outcome": "outcome"},
            }
        }
        found: set[str] = set()
        while more:
            answer = self._resource.batch_get_item(RequestItems=more)
            items = answer["Responses"].get(self._table.name, [])
            found |= {i["item"] for i in items if i["outcome"] == "applied"}
            more = answer.get("UnprocessedKeys")
        return found

    def record(self, outcomes: Sequence[Outcome]) -> None:
        with self._table.batch_writer(overwrite_by_pkeys=["part", "item"]) as batch:
            for outcome in outcomes:
                batch.put_item(Item=self._history(outcome))

    def _history(self, outcome: Outcome) -> dict[str, Any]:
        return {
            "part": _HISTORY,
            "item": outcome.id,
            "outcome": outcome.outcome,
            "who": outcome.who,
            "sent": as_text(outcome.sent),
            "done": as_text(outcome.done),
            "notes": list(outcome.notes),
            **outcome.asked,
            "expires_at": int(outcome.done) + self._history_days * _DAY_SECONDS,
        }

    def outcome(self, id_: str) -> Mapping[str, Any] | None:
        """What became of a request; None while nothing has."""
        key = {"part": _HISTORY, "item": id_}
        return self._table.get_item(Key=key, ConsistentRead=True).get("Item")

    def seen(self, name: str) -> Seen:
        item = self.status(name)
        return Seen(at=float(item.get("at", 0)), digests=item.get("digests", {}))

    def status(self, name: str) -> Mapping[str, Any]:
        """When the writer last looked, what it left in the sets, and which these are."""
        key = {"part": part_of(name), "item": _SEEN}
        return self._table.get_item(Key=key, ConsistentRead=True).get("Item", {})

    def see(self, name: str, seen: Seen, sets: Sequence[IpSet]) -> None:
        self._table.put_item(
            Item={
                "part": part_of(name),
                "item": _SEEN,
                "at": int(seen.at),
                "digests": {of: list(digests) for of, digests in seen.digests.items()},
                "sets": [
                    {
                        "id": s.id,
                        "name": s.name,
                        "scope": s.scope,
                        "region": s.region,
                        "version": f"IPV{s.version}",
                    }
                    for s in sets
                ],
            }
        )


def _key(name: str, record: Entry | Gone) -> dict[str, str]:
    kind = "entry" if isinstance(record, Entry) else "gone"
    return {"part": part_of(name), "item": f"{kind}#{record.network}#{record.id}"}


def _fields(record: Entry | Gone) -> dict[str, Any]:
    common = {"order": record.order, "since": record.since, "who": record.who}
    if isinstance(record, Gone):
        return common
    until = {} if record.until is None else {"until": record.until}
    return common | until | {"reason": record.reason, "source": record.source}


def _entry(item: Mapping[str, Any]) -> Entry:
    _, network, id_ = item["item"].split("#", 2)
    return Entry(
        network=ip_network(network),
        id=id_,
        order=item["order"],
        since=int(item["since"]),
        until=int(item["until"]) if "until" in item else None,
        reason=item["reason"],
        source=item["source"],
        who=item["who"],
    )


def _gone(item: Mapping[str, Any]) -> Gone:
    _, network, id_ = item["item"].split("#", 2)
    return Gone(
        network=ip_network(network),
        id=id_,
        order=item["order"],
        since=int(item["since"]),
        who=item["who"],
    )
