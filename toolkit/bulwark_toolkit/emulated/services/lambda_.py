import io
import zipfile
from typing import Final

from bulwark_toolkit.emulated.language import Call, Fixed, Read, Row, pascal


def _zip() -> bytes:
    """Some code: a graph does not have a function's own."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo("nothing.py"), "")
    return file.getvalue()


_FUNCTION: Final = {"FunctionName": "name"}

ROWS: Final = {
    "aws:lambda/function:Function": Row(
        calls=(
            Call(
                "lambda.CreateFunction",
                {
                    **_FUNCTION,
                    "Code": {"ZipFile": Fixed(_zip())},
                    **pascal("architectures", "description", "environment", "ephemeralStorage"),
                    **pascal("handler", "loggingConfig", "memorySize", "role", "runtime", "tags"),
                    **pascal("timeout", "tracingConfig"),
                    "KMSKeyArn": "kmsKeyArn",
                },
                gives={"arn": "FunctionArn"},
            ),
        ),
        reads=(
            Read(
                "lambda.GetFunctionConfiguration",
                _FUNCTION,
                {
                    "Description": "description",
                    "Handler": "handler",
                    "MemorySize": "memorySize",
                    "Role": "role",
                    "Runtime": "runtime",
                    "Timeout": "timeout",
                    "Architectures": "architectures",
                    "Environment": "environment",
                    "EphemeralStorage": "ephemeralStorage",
                    "TracingConfig": "tracingConfig",
                    "LoggingConfig": "loggingConfig",
                    "KMSKeyArn": "kmsKeyArn",
                },
            ),
            Read("lambda.ListTags", {"Resource": "arn"}, {"Tags": "tags"}),
        ),
        # Concurrency is -1 in our stacks: the word for none, which no call carries.
        provider_only=(
            "code",
            "reservedConcurrentExecutions",
            "s3Bucket",
            "s3Key",
            "s3ObjectVersion",
            "sourceCodeHash",
        ),
        unread={"kmsKeyArn": "moto drops it", "loggingConfig": "moto drops it"},
    ),
    "aws:lambda/permission:Permission": Row(
        calls=(
            Call(
                "lambda.AddPermission",
                {
                    "FunctionName": "function",
                    **pascal("statementId", "action", "principal", "sourceArn", "sourceAccount"),
                },
            ),
        ),
        reads=(Read("lambda.GetPolicy", {"FunctionName": "function"}),),
        auto_name="statementId",
        unread=dict.fromkeys(
            ("action", "function", "principal", "sourceAccount", "sourceArn", "statementId"),
            "it is among others, in a policy document",
        ),
    ),
}
