import io
import zipfile
from typing import Final

from bulwark_toolkit.emulated.language import Call, Fixed, If, Read, Row, Unless, pascal


def _some_code() -> bytes:
    """A zip: what is in one is nobody's business here, and the graph does not have it."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr(zipfile.ZipInfo("main.py"), "")
    return content.getvalue()


_CODE: Final = Fixed(_some_code())
_FUNCTION: Final = {"FunctionName": "name"}
_SETTINGS: Final = {
    **pascal("description", "role", "handler", "runtime", "architectures", "timeout", "layers"),
    **pascal("ephemeralStorage", "loggingConfig", "tracingConfig", "vpcConfig", "environment"),
    "MemorySize": "memorySize",
    "KMSKeyArn": "kmsKeyArn",
}
_READ: Final = {"Layers": "Layers[].Arn"}
"""Settings that come back in another place than they were sent in."""

_RESERVED: Final = Unless("reservedConcurrentExecutions", -1)
_OF: Final = {"FunctionName": "function"}

ROWS: Final = {
    "aws:lambda/function:Function": Row(
        calls=(
            Call(
                "lambda.CreateFunction",
                {
                    "FunctionName": "name",
                    **_SETTINGS,
                    **pascal("codeSigningConfigArn", "tags"),
                    "Code": {"ZipFile": _CODE},
                },
                gives={"arn": "FunctionArn", "id": "FunctionName"},
            ),
            Call(
                "lambda.PutFunctionConcurrency",
                {**_FUNCTION, "ReservedConcurrentExecutions": "reservedConcurrentExecutions"},
                when=_RESERVED,
            ),
        ),
        reads=(
            Read(
                "lambda.GetFunction",
                _FUNCTION,
                {f"Configuration.{_READ.get(key, key)}": name for key, name in _SETTINGS.items()}
                | {"Configuration.FunctionName": "name", "Tags": "tags"},
            ),
            Read(
                "lambda.GetFunctionConcurrency",
                _FUNCTION,
                {"ReservedConcurrentExecutions": "reservedConcurrentExecutions"},
                when=_RESERVED,
            ),
            Read(
                "lambda.GetFunctionCodeSigningConfig",
                _FUNCTION,
                {"CodeSigningConfigArn": "codeSigningConfigArn"},
                when=If("codeSigningConfigArn"),
            ),
        ),
        provider_only=("code", "s3Bucket", "s3Key", "s3ObjectVersion"),
        unread={"loggingConfig": "moto answers with a default of its own"},
    ),
    "aws:lambda/layerVersion:LayerVersion": Row(
        calls=(
            Call(
                "lambda.PublishLayerVersion",
                {**pascal("layerName", "description"), "Content": {"ZipFile": _CODE}},
                gives={"arn": "LayerVersionArn", "layerArn": "LayerArn"},
            ),
        ),
        reads=(
            Read(
                "lambda.GetLayerVersion",
                {"LayerName": "layerName", "VersionNumber": Fixed(1)},
                {"Description": "description"},
            ),
        ),
        provider_only=("code", "compatibleArchitectures", "compatibleRuntimes"),
        auto_name="",
    ),
    "aws:lambda/permission:Permission": Row(
        calls=(
            Call(
                "lambda.AddPermission",
                {
                    "FunctionName": "function",
                    **pascal("statementId", "action", "principal", "sourceArn", "sourceAccount"),
                    "Qualifier": "qualifier",
                },
                region_of="function",
            ),
        ),
        reads=(Read("lambda.GetPolicy", {**_OF, "Qualifier": "qualifier"}),),
        auto_name="statementId",
        unread=dict.fromkeys(
            ("statementId", "action", "principal", "sourceArn", "sourceAccount"),
            "in a statement of the function's policy, which is written anew",
        ),
    ),
}
