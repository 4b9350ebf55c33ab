from typing import Final

from bulwark_toolkit.emulated.language import Call, Fixed, Read, Row, Text

_ATTRIBUTES: Final = {
    "DelaySeconds": "delaySeconds",
    "KmsDataKeyReusePeriodSeconds": "kmsDataKeyReusePeriodSeconds",
    "KmsMasterKeyId": "kmsMasterKeyId",
    "MaximumMessageSize": "maxMessageSize",
    "MessageRetentionPeriod": "messageRetentionSeconds",
    "ReceiveMessageWaitTimeSeconds": "receiveWaitTimeSeconds",
    "RedrivePolicy": "redrivePolicy",
    "SqsManagedSseEnabled": "sqsManagedSseEnabled",
    "VisibilityTimeout": "visibilityTimeoutSeconds",
}
_SWITCHES: Final = {
    "ContentBasedDeduplication": Text("{contentBasedDeduplication}"),
    "FifoQueue": Text("{fifoQueue}"),
}
_QUEUE: Final = {"QueueUrl": "url"}
_OF_QUEUE: Final = {"QueueUrl": "queueUrl"}

ROWS: Final = {
    "aws:sqs/queue:Queue": Row(
        calls=(
            Call(
                "sqs.CreateQueue",
                {
                    "QueueName": "name",
                    "Attributes": {**_ATTRIBUTES, **_SWITCHES},
                    "tags": "tags",
                },
                gives={"url": "QueueUrl", "id": "QueueUrl"},
            ),
        ),
        reads=(
            Read(
                "sqs.GetQueueAttributes",
                {**_QUEUE, "AttributeNames": [Fixed("All")]},
                {f"Attributes.{place}": name for place, name in _ATTRIBUTES.items()},
            ),
            Read("sqs.ListQueueTags", _QUEUE, {"Tags": "tags"}),
        ),
        provider_only=("namePrefix",),
        unread={
            "name": "SQS knows a queue by its URL, which ends with the name",
            "contentBasedDeduplication": "a word where it was a switch",
            "fifoQueue": "likewise",
        },
    ),
    "aws:sqs/queuePolicy:QueuePolicy": Row(
        calls=(Call("sqs.SetQueueAttributes", {**_OF_QUEUE, "Attributes": {"Policy": "policy"}}),),
        reads=(
            Read(
                "sqs.GetQueueAttributes",
                {**_OF_QUEUE, "AttributeNames": [Fixed("Policy")]},
                {"Attributes.Policy": "policy"},
            ),
        ),
        auto_name="",
    ),
}
