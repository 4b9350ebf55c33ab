"""Documents in DynamoDB: the key is `id`, a string; `expires_at` is the table's time to live."""

from typing import Any

from .documents import Document, Keys


class TableDocuments:
    """A table's items. `client` is a DynamoDB client of boto3, which repeats what is throttled."""

    def __init__(self, client: Any, table: str) -> None:
        self._client, self._table = client, table

    def load(self, key: str) -> Document | None:
        answer = self._client.get_item(
            TableName=self._table, Key={"id": {"S": key}}, ConsistentRead=True
        )
        item = answer.get("Item")
        return Document(item["record"]["S"], item["version"]["S"]) if item else None

    def save(
        self, key: str, document: Document, *, expected: str | None, expires_at: int | None = None
    ) -> bool:
        item = {"id": key, "record": document.text, "version": document.version}
        written: dict[str, Any] = {name: {"S": value} for name, value in item.items()}
        if expires_at is not None:
            written["expires_at"] = {"N": str(expires_at)}
        try:
            self._client.put_item(
                TableName=self._table,
                Item=written,
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **_only_where(expected),
            )
        except self._client.exceptions.ConditionalCheckFailedException as refused:
            # The client repeats a call whose answer was lost, and then meets its own writing.
            there = refused.response.get("Item", {})
            return there.get("version") == {"S": document.version}
        return True

    def remove(self, key: str, *, expected: str) -> bool:
        try:
            self._client.delete_item(
                TableName=self._table, Key={"id": {"S": key}}, **_only_where(expected)
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def keys(self, cursor: str | None = None, limit: int = 100) -> Keys:
        start = {"ExclusiveStartKey": {"id": {"S": cursor}}} if cursor else {}
        page = self._client.scan(
            TableName=self._table,
            Limit=limit,
            ProjectionExpression="id",
            ConsistentRead=True,
            **start,
        )
        last = page.get("LastEvaluatedKey")
        keys = tuple(item["id"]["S"] for item in page["Items"])
        return Keys(keys, last["id"]["S"] if last else None)


def _only_where(expected: str | None) -> dict[str, Any]:
    if expected is None:
        return {"ConditionExpression": "attribute_not_exists(id)"}
    return {
        "ConditionExpression": "#version = :expected",
        "ExpressionAttributeNames": {"#version": "version"},
        "ExpressionAttributeValues": {":expected": {"S": expected}},
    }
