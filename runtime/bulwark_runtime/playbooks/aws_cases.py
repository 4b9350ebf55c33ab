"""Cases in a DynamoDB table, whose key is the string `id` and whose time to live `expires_at`."""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from .cases import Case, State, Step
from .incident import Incident, Subject

KEPT = timedelta(days=400)
"""An audit record: PCI DSS 10.5.1 wants a year of them."""

_COUNTED = timedelta(hours=2)
_FAILED = "ConditionalCheckFailedException"


class TableCases:
    """`client` is boto3's of DynamoDB."""

    def __init__(self, client: Any, table: str) -> None:
        self._client, self._table = client, table

    def open(self, case: Case) -> Case:
        try:
            self._client.put_item(
                TableName=self._table,
                Item=_item(case),
                ConditionExpression="attribute_not_exists(id)",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            found = self.find(case.id)
            assert found is not None, "a case lives for longer than a message"
            return found
        return case

    def find(self, id: str) -> Case | None:  # noqa: A002 the field's word
        found = self._client.get_item(TableName=self._table, Key=_key(id), ConsistentRead=True)
        return case_of(found["Item"]) if "Item" in found else None

    def move(
        self, case: Case, to: State, step: Step, *, of: Collection[State], **kept: Any
    ) -> Case | None:
        update = _Update().sets(state=_text(to)).adds(step)
        for name, value in kept.items():
            update.sets(**{name: _text(_written(value))})
        names = [update.value(_text(state)) for state in of]
        try:
            found = self._client.update_item(
                TableName=self._table,
                Key=_key(case.id),
                **update.asked(f"#state IN ({', '.join(names)})"),
                ReturnValues="ALL_NEW",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return None
        return case_of(found["Attributes"])

    def take(self, case: Case, step: Step, *, hour: str, limit: int) -> bool:
        moves = _Update().sets(state=_text("acting")).adds(step)
        opened = moves.value(_text("open"))
        counts = {
            "Key": _key(f"limit#{hour}"),
            "UpdateExpression": "ADD used :one SET expires_at = :end",
            "ConditionExpression": "attribute_not_exists(used) OR used < :limit",
            "ExpressionAttributeValues": {
                ":one": _number(1),
                ":limit": _number(limit),
                ":end": _number(int((step.at + _COUNTED).timestamp())),
            },
        }
        both = [
            {"TableName": self._table, **counts},
            {"TableName": self._table, "Key": _key(case.id), **moves.asked(f"#state = {opened}")},
        ]
        try:
            self._client.transact_write_items(TransactItems=[{"Update": update} for update in both])
        except self._client.exceptions.TransactionCanceledException as error:
            counted, moved = (r.get("Code") for r in error.response["CancellationReasons"])
            if moved == "ConditionalCheckFailed":
                found = self.find(case.id)  # a message that came twice was faster
                return found is not None and found.state == "acting"
            if counted == "ConditionalCheckFailed":
                return False
            raise
        return True

    def remember(self, case: Case, before: Mapping[str, Any]) -> Case:
        found = self._client.update_item(
            TableName=self._table,
            Key=_key(case.id),
            UpdateExpression="SET #before = if_not_exists(#before, :before)",
            ExpressionAttributeNames={"#before": "before"},
            ExpressionAttributeValues={":before": _text(_written(before))},
            ReturnValues="ALL_NEW",
        )
        return case_of(found["Attributes"])

    def note(self, case: Case, step: Step) -> None:
        update = _Update().adds(step)
        self._client.update_item(TableName=self._table, Key=_key(case.id), **update.asked())

    def tell(self, case: Case, state: State) -> None:
        update = _Update().sets(told=_text(state))
        self._client.update_item(TableName=self._table, Key=_key(case.id), **update.asked())


class _Update:
    """An expression of DynamoDB's, whose names and values are put together piece by piece."""

    def __init__(self) -> None:
        self._set: list[str] = []
        self._names: dict[str, str] = {}
        self._values: dict[str, Any] = {}

    def value(self, value: Mapping[str, Any]) -> str:
        name = f":v{len(self._values)}"
        self._values[name] = value
        return name

    def sets(self, **values: Mapping[str, Any]) -> "_Update":
        for name, value in values.items():
            self._names[f"#{name}"] = name
            self._set.append(f"#{name} = {self.value(value)}")
        return self

    def adds(self, step: Step) -> "_Update":
        self._names["#history"] = "history"
        added = self.value({"L": [_text(json.dumps(_step(step)))]})
        self._set.append(f"#history = list_append(#history, {added})")
        return self

    def asked(self, condition: str = "") -> dict[str, Any]:
        if condition:
            self._names["#state"] = "state"
        return {
            "UpdateExpression": f"SET {', '.join(self._set)}",
            "ExpressionAttributeNames": self._names,
            "ExpressionAttributeValues": self._values,
            # Never a record out of nothing.
            "ConditionExpression": " AND ".join(filter(None, ("attribute_exists(id)", condition))),
        }


PREFIX = "case#"


def _key(id: str) -> dict[str, Any]:  # noqa: A002 the field's word
    return {"id": _text(id if id.startswith("limit#") else f"{PREFIX}{id}")}


def _item(case: Case) -> dict[str, Any]:
    incident = {**asdict(case.incident), "at": case.incident.at.isoformat()}
    texts = {
        "playbook": case.playbook,
        "incident": json.dumps(incident),
        "action": case.action,
        "subject": json.dumps(asdict(case.subject)) if case.subject else None,
        "opened": case.opened.isoformat(),
        "state": case.state,
        "said": case.said,
    }
    return {
        **_key(case.id),
        **{name: _text(text) for name, text in texts.items() if text},
        "dry_run": {"BOOL": case.dry_run},
        "history": {"L": [_text(json.dumps(_step(step))) for step in case.history]},
        "expires_at": _number(int((case.opened + KEPT).timestamp())),
    }


def case_of(item: Mapping[str, Any]) -> Case:
    """The case that an item of the table is."""
    text = {name: value["S"] for name, value in item.items() if "S" in value}
    incident, subject = json.loads(text["incident"]), text.get("subject")
    return Case(
        id=text["id"].removeprefix(PREFIX),
        playbook=text["playbook"],
        incident=Incident(
            **{
                **incident,
                "at": datetime.fromisoformat(incident["at"]),
                "types": tuple(incident["types"]),
                "subjects": tuple(Subject(**each) for each in incident["subjects"]),
            }
        ),
        action=text.get("action"),
        subject=Subject(**json.loads(subject)) if subject else None,
        dry_run=item["dry_run"]["BOOL"],
        opened=datetime.fromisoformat(text["opened"]),
        state=text["state"],  # type: ignore[arg-type]
        told=text.get("told"),  # type: ignore[arg-type]
        until=datetime.fromisoformat(text["until"]) if text.get("until") else None,
        before=json.loads(text["before"]) if "before" in text else None,
        said=text.get("said", ""),
        decision=text.get("decision", ""),
        history=tuple(
            replace(Step(**read), at=datetime.fromisoformat(read["at"]))
            for read in (json.loads(step["S"]) for step in item["history"]["L"])
        ),
    )


def _step(step: Step) -> dict[str, Any]:
    return {**asdict(step), "at": step.at.isoformat()}


def _written(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value if isinstance(value, str) else json.dumps(value)


def _text(text: str) -> dict[str, str]:
    return {"S": text}


def _number(number: int) -> dict[str, str]:
    return {"N": str(number)}
