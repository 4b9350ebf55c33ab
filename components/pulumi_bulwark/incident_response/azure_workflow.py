"""The thin Logic App between what Azure tells of and the responder's queue, as data.

It has no connector, so nobody has to consent to anything before it works: it takes what is posted
to it and posts that to Service Bus, as its own identity. The responder decides whatever is decided.
"""

from typing import Any, Final

TRIGGER: Final = "told"
"""By whose address it is called: Azure makes it, with a signature."""

_SCHEMA: Final = (
    "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/"
    "workflowdefinition.json#"
)

_SECURED: Final = {"secureData": {"properties": ["inputs", "outputs"]}}
"""An alert names addresses and people: the run's history does not show them."""


def definition() -> dict[str, Any]:
    """What the workflow does. Azure finds what is wrong in it only as it is deployed."""
    return {
        "$schema": _SCHEMA,
        "contentVersion": "1.0.0.0",
        "parameters": {
            "queueUrl": {"type": "String"},
            "identityId": {"type": "String"},
        },
        "triggers": {
            TRIGGER: {
                "type": "Request",
                "kind": "Http",
                "inputs": {"schema": {"type": "object"}},
                "runtimeConfiguration": {"secureData": {"properties": ["outputs"]}},
            }
        },
        "actions": {
            "hand-over": {
                "type": "Http",
                "inputs": {
                    "method": "POST",
                    "uri": "@{parameters('queueUrl')}/messages",
                    "headers": {"Content-Type": "application/json"},
                    "body": "@triggerBody()",
                    "authentication": {
                        "type": "ManagedServiceIdentity",
                        "identity": "@parameters('identityId')",
                        "audience": "https://servicebus.azure.net",
                    },
                    "retryPolicy": {
                        "type": "exponential",
                        "count": 10,
                        "interval": "PT10S",
                        "maximumInterval": "PT5M",
                    },
                },
                "runAfter": {},
                "runtimeConfiguration": _SECURED,
            }
        },
        "outputs": {},
    }
