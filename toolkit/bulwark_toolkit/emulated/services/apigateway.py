from typing import Final

from bulwark_toolkit.emulated.language import Call, Fixed, Read, Row

ROWS: Final = {
    "aws:apigateway/account:Account": Row(
        calls=(
            Call(
                "apigateway.UpdateAccount",
                {
                    "patchOperations": [
                        {
                            "op": Fixed("replace"),
                            "path": Fixed("/cloudwatchRoleArn"),
                            "value": "cloudwatchRoleArn",
                        }
                    ]
                },
            ),
        ),
        reads=(Read("apigateway.GetAccount", same={"cloudwatchRoleArn": "cloudwatchRoleArn"}),),
    ),
}
