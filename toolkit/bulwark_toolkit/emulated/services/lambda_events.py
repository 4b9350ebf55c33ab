from typing import Final

from bulwark_toolkit.emulated.language import Call, Read, Row

_FUNCTION: Final = {"FunctionName": "functionName", "Qualifier": "qualifier"}
_HOW: Final = {
    "MaximumRetryAttempts": "maximumRetryAttempts",
    "MaximumEventAgeInSeconds": "maximumEventAgeInSeconds",
    "DestinationConfig": "destinationConfig",
}

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
}
