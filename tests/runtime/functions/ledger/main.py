"""A backend: answers with what it was asked."""

import json


def handler(event, context):
    return {
        "statusCode": 201,
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps(event),
    }
