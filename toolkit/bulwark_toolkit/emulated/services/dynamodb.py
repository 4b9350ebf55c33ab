from typing import Final

from bulwark_toolkit.emulated.language import Call, Fixed, If, Read, Row, Template, Unless, pascal

_TABLE: Final = {"TableName": "name"}
_RESOURCE: Final = {"ResourceArn": "resourceArn"}
_BACK_IN_TIME: Final = If("pointInTimeRecovery", {"enabled": True})


def _create(*keys: Template) -> dict[str, Template]:
    return {
        **_TABLE,
        "AttributeDefinitions": "attributes",
        "KeySchema": list(keys),
        **pascal("billingMode", "deletionProtectionEnabled", "tableClass", "tags"),
        "SSESpecification": "serverSideEncryption",
    }


_HASH: Final = {"AttributeName": "hashKey", "KeyType": Fixed("HASH")}
_RANGE: Final = {"AttributeName": "rangeKey", "KeyType": Fixed("RANGE")}
_ARN: Final = {"arn": "TableDescription.TableArn"}

ROWS: Final = {
    "aws:dynamodb/table:Table": Row(
        calls=(
            Call("dynamodb.CreateTable", _create(_HASH), gives=_ARN, when=Unless("rangeKey")),
            Call("dynamodb.CreateTable", _create(_HASH, _RANGE), gives=_ARN, when=If("rangeKey")),
            Call(
                "dynamodb.UpdateContinuousBackups",
                {
                    **_TABLE,
                    "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": Fixed(True)},
                },
                when=_BACK_IN_TIME,
            ),
            Call(
                "dynamodb.UpdateTimeToLive",
                {**_TABLE, "TimeToLiveSpecification": "ttl"},
                when=If("ttl"),
            ),
        ),
        reads=(
            Read(
                "dynamodb.DescribeTable",
                _TABLE,
                {
                    "Table.AttributeDefinitions": "attributes",
                    "Table.KeySchema[0].AttributeName": "hashKey",
                    "Table.KeySchema[1].AttributeName": "rangeKey",
                    "Table.BillingModeSummary.BillingMode": "billingMode",
                    "Table.DeletionProtectionEnabled": "deletionProtectionEnabled",
                    "Table.TableClassSummary.TableClass": "tableClass",
                    "Table.SSEDescription": "serverSideEncryption",
                },
            ),
            Read(
                "dynamodb.DescribeContinuousBackups",
                _TABLE,
                {
                    "ContinuousBackupsDescription.PointInTimeRecoveryDescription"
                    ".PointInTimeRecoveryStatus": Fixed("ENABLED")
                },
                when=_BACK_IN_TIME,
            ),
            Read(
                "dynamodb.DescribeTimeToLive",
                _TABLE,
                {"TimeToLiveDescription": "ttl"},
                when=If("ttl"),
            ),
            Read("dynamodb.ListTagsOfResource", {"ResourceArn": "arn"}, {"Tags": "tags"}),
        ),
        names={
            "kmsKeyArn": "KMSMasterKeyId",
            "name": "AttributeName",
            "type": "AttributeType",
        },
        unread={
            "serverSideEncryption.Enabled": "answered as a status",
            "serverSideEncryption.KMSMasterKeyId": "answered as an ARN, by another name",
            "tableClass": "moto drops it",
            "ttl.Enabled": "answered as a status",
        },
    ),
    "aws:dynamodb/resourcePolicy:ResourcePolicy": Row(
        calls=(Call("dynamodb.PutResourcePolicy", {**_RESOURCE, "Policy": "policy"}),),
        reads=(Read("dynamodb.GetResourcePolicy", _RESOURCE, {"Policy": "policy"}),),
    ),
}
