"""A function that shows what it runs in."""

import os
import sys
import time


def handler(event, context):
    match event:
        case {"raise": text}:
            raise ValueError(text)
        case {"sleep": seconds}:
            time.sleep(seconds)
        case {"count": path}:
            with open(path, "a") as file:  # noqa: PTH123 as short as may be
                file.write("x")
        case {"log": text}:
            print(text)
    return {
        "event": event,
        "environment": {k: v for k, v in os.environ.items() if k.startswith("GREETING")},
        "python": list(sys.version_info[:2]),
        "remaining_ms": context.get_remaining_time_in_millis(),
        "request": context.aws_request_id,
    }
