"""A backend that is a Lambda function: invoked once, with the event that it would get anyway."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from .aws_event import answer_of, event_of
from .doors.answer import Answer
from .doors.passing import BackendError, BackendTimeoutError, Passed
from .doors.routes import Route


@dataclass(frozen=True, kw_only=True, slots=True)
class Function:
    """Invokes the functions that the document names. The role of the guard allows no other."""

    client: Callable[[str], Any]
    """boto3's client of Lambda in a region. It must not try again: the backend may have paid
    already."""

    def send(self, route: Route, passed: Passed, seconds: float) -> Answer:  # noqa: ARG002
        from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError

        try:
            arn = route.backend.function
            answer = self.client(arn.split(":")[3]).invoke(
                FunctionName=arn, Payload=json.dumps(event_of(passed)).encode()
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


def clients(seconds: float) -> Callable[[str], Any]:
    """Clients that wait this long for an answer, and ask once; one for each region."""

    @cache
    def client(region: str) -> Any:
        return _client(region, seconds)

    return client


def _client(region: str, seconds: float) -> Any:
    import boto3
    from botocore.config import Config

    once = Config(
        connect_timeout=3,
        read_timeout=seconds,
        retries={"total_max_attempts": 1},
        tcp_keepalive=True,
    )
    return boto3.client("lambda", region_name=region, config=once)
