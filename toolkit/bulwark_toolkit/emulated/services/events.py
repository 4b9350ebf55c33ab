"""EventBridge, in the provider's older name CloudWatch Events."""

from typing import Final

from bulwark_toolkit.emulated.language import Among, Call, Read, Row, pascal

_RULE: Final = {"Name": "name", "EventBusName": "eventBusName"}
_TARGET: Final = {"Rule": "rule", "EventBusName": "eventBusName"}
_SAID: Final = pascal("description", "eventPattern", "roleArn", "scheduleExpression", "state")

ROWS: Final = {
    "aws:cloudwatch/eventRule:EventRule": Row(
        calls=(
            Call("events.PutRule", {**_RULE, **_SAID, "Tags": "tags"}, gives={"arn": "RuleArn"}),
        ),
        reads=(
            Read("events.DescribeRule", _RULE, {"Name": "name", **_SAID}),
            Read("events.ListTagsForResource", {"ResourceARN": "arn"}, {"Tags": "tags"}),
        ),
        provider_only=("forceDestroy", "isEnabled", "namePrefix"),
    ),
    "aws:cloudwatch/eventTarget:EventTarget": Row(
        calls=(
            Call(
                "events.PutTargets",
                {
                    **_TARGET,
                    "Targets": [
                        {
                            "Id": "targetId",
                            **pascal("arn", "roleArn", "input", "inputPath", "inputTransformer"),
                            **pascal("deadLetterConfig", "retryPolicy"),
                            "SqsParameters": "sqsTarget",
                        }
                    ],
                },
            ),
        ),
        reads=(
            Read(
                "events.ListTargetsByRule",
                _TARGET,
                {
                    "Targets[].Id": Among("targetId"),
                    "Targets[].Arn": Among("arn"),
                    "Targets[].RoleArn": Among("roleArn"),
                    "Targets[].Input": Among("input"),
                    "Targets[].InputPath": Among("inputPath"),
                    "Targets[].InputTransformer": Among("inputTransformer"),
                    "Targets[].DeadLetterConfig": Among("deadLetterConfig"),
                    "Targets[].RetryPolicy": Among("retryPolicy"),
                    "Targets[].SqsParameters": Among("sqsTarget"),
                },
            ),
        ),
        provider_only=("forceDestroy",),
        auto_name="targetId",
        names={
            "inputPaths": "InputPathsMap",
            "maximumRetryAttempts": "MaximumRetryAttempts",
        },
    ),
}
