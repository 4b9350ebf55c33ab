from typing import Final

from bulwark_toolkit.emulated.language import Call, Read, Row, pascal

_FUNCTION: Final = {"FunctionName": "functionName", "Qualifier": "qualifier"}
_HOW: Final = {
    "MaximumRetryAttempts": "maximumRetryAttempts",
    "MaximumEventAgeInSeconds": "maximumEventAgeInSeconds",
    "DestinationConfig": "destinationConfig",
}
_READS: Final = pascal("eventSourceArn", "batchSize", "functionResponseTypes")

ROWS: Final = {
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": Row(
        calls=(Call("lambda.PutFunctionEventInvokeConfig", {**_FUNCTION, **_HOW}),),
        reads=(
            Read(
                "lambda.GetFunctionEventInvokeConfig",
                _FUNCTION,
                {**_HOW},
            ),
        ),
        auto_name="",
    ),
    "aws:lambda/eventSourceMapping:EventSourceMapping": Row(
        calls=(
            Call(
                "lambda.CreateEventSourceMapping",
                {
                    "FunctionName": "functionName",
                    **_READS,
                    "Enabled": "enabled",
                    "ScalingConfig": "scalingConfig",
                    "Tags": "tags",
                },
                gives={"id": "UUID", "uuid": "UUID"},
            ),
        ),
        reads=(
            Read(
                "lambda.GetEventSourceMapping",
                {"UUID": "uuid"},
                {**_READS, "FunctionArn": "functionName"},
            ),
        ),
        auto_name="",
        unread={
            "functionResponseTypes": "moto does not keep it",
            "scalingConfig": "nor this",
            "tags": "nor these",
            "enabled": "it comes back as a state, which is another word for it",
        },
    ),
}
