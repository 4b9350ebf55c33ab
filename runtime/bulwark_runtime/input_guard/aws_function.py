"""A backend that is a Lambda function: invoked once, with the event that it would get anyway."""

import json
from dataclasses import dataclass
from typing import Any

from .aws_event import answer_of, event_of
from .doors.answer import Answer
from .doors.passing import BackendError, BackendTimeoutError, Passed
from .doors.routes import Route


@dataclass(frozen=True, kw_only=True, slots=True)
class Function:
    """Invokes the functions that the document names. The role of the guard allows no other."""

    client: Any
    """boto3's client of Lambda. It must not try again: the backend may have paid already."""

    def send(self, route: Route, passed: Passed, seconds: float) -> Answer:  # noqa: ARG002
        from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError

        try:
            answer = self.client.invoke(
                FunctionName=route.backend.function, Payload=json.dumps(event_of(passed)).encode()
            )
            content = json.loads(answer["Payload"].read())
        except ReadTimeoutError:
            raise BackendTimeoutError from None
        except ClientError as error:
            raise BackendError(error.response.get("Error", {}).get("Code", "refused")) from None
        except BotoCoreError as error:
            raise BackendError(type(error).__name__) from None
        except ValueError:
            raise BackendError("answer is no JSON") from None
        if "FunctionError" in answer:
            raise BackendError("function failed")
        return answer_of(content)


def client(seconds: float) -> Any:
    """A client that waits this long for an answer, and asks once."""
    import boto3
    from botocore.config import Config

    once = Config(
        connect_timeout=3,
        read_timeout=seconds,
        retries={"total_max_attempts": 1},
        tcp_keepalive=True,
    )
    return boto3.client("lambda", config=once)
