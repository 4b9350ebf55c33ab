from typing import Final

from bulwark_toolkit.emulated.language import Call, Fixed, Read, Row, pascal

_ATTRIBUTES: Final = pascal("displayName", "kmsMasterKeyId", "signatureVersion", "tracingConfig")
_SUBSCRIBED: Final = {"TopicArn": "topic", **pascal("protocol", "endpoint")}

ROWS: Final = {
    "aws:sns/topic:Topic": Row(
        calls=(
            Call(
                "sns.CreateTopic",
                {"Name": "name", "Attributes": _ATTRIBUTES, "Tags": "tags"},
                gives={"arn": "TopicArn", "id": "TopicArn"},
            ),
        ),
        reads=(
            Read(
                "sns.GetTopicAttributes",
                {"TopicArn": "arn"},
                {f"Attributes.{place}": name for place, name in _ATTRIBUTES.items()},
            ),
            Read("sns.ListTagsForResource", {"ResourceArn": "arn"}, {"Tags": "tags"}),
        ),
        unread={
            "name": "SNS knows a topic by its ARN, which ends with the name",
            "signatureVersion": "moto drops it",
            "tracingConfig": "moto drops it",
        },
    ),
    "aws:sns/topicPolicy:TopicPolicy": Row(
        calls=(
            Call(
                "sns.SetTopicAttributes",
                {"TopicArn": "arn", "AttributeName": Fixed("Policy"), "AttributeValue": "policy"},
            ),
        ),
        reads=(
            Read(
                "sns.GetTopicAttributes",
                {"TopicArn": "arn"},
                {"Attributes.TopicArn": "arn", "Attributes.Policy": "policy"},
            ),
        ),
        auto_name="",
    ),
    "aws:sns/topicSubscription:TopicSubscription": Row(
        calls=(
            Call(
                "sns.Subscribe",
                {**_SUBSCRIBED, "ReturnSubscriptionArn": Fixed(True)},
                gives={"arn": "SubscriptionArn"},
            ),
        ),
        reads=(
            Read(
                "sns.GetSubscriptionAttributes",
                {"SubscriptionArn": "arn"},
                {f"Attributes.{place}": name for place, name in _SUBSCRIBED.items()},
            ),
        ),
        auto_name="",
    ),
}
