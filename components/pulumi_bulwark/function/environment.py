"""What a function may know by its environment: settings, and where secrets are, never a secret."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pulumi

from ..errors import ConfigError

LARGEST: Final = 4096
"""Bytes of all names and values: a quota of Lambda."""

_NAME: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9_]+")

_RESERVED: Final = frozenset(
    {
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_DEFAULT_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "LAMBDA_RUNTIME_DIR",
        "LAMBDA_TASK_ROOT",
    }
)
"""Lambda sets these itself and refuses them (Lambda Developer Guide, "Defined runtime environment
variables"). Its others begin with an underscore, which no name of ours may."""

_INSTEAD: Final = (
    "and everyone who may look at the function reads it. Keep the value in Secrets Manager and "
    "hand over its ARN."
)


def problems(at: str, environment: Mapping[str, Any]) -> Iterator[str]:
    """What Lambda would refuse of the variables; never a value.

    What reads like a secret, in any program, aws.functions.no-secret-is-in-the-environment tells.
    """
    for name in environment:
        where = f"{at}: the environment variable {name}"
        if name in _RESERVED:
            yield f"{where} is one that Lambda sets itself. Choose another name."
        elif not _NAME.fullmatch(name):
            yield f"{where} must be two or more letters, digits and _, a letter first."
    # What is not known yet counts as nothing.
    sizes = [len(n.encode()) + len(v.encode()) for n, v in _known(environment)]
    if sum(sizes) > LARGEST:
        yield (
            f"{at}: the environment has {sum(sizes):,} bytes, and Lambda takes {LARGEST:,}. "
            "Put the most of it into a file of the code, or a parameter that the code reads."
        )


def in_the_open(at: str, name: str, value: pulumi.Input[str]) -> pulumi.Input[str]:
    """The value, which fails the run if it is one that Pulumi keeps secret."""
    if not isinstance(value, pulumi.Output):
        return value
    found = pulumi.Output.from_input(value)

    async def checked() -> str:
        if await found.is_secret():
            raise ConfigError(
                [f"{at}: the environment variable {name} is a secret of Pulumi's, {_INSTEAD}"]
            )
        return ""

    return pulumi.Output.all(found, checked()).apply(lambda all_: all_[0])


def _known(environment: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in environment.items():
        yield name, value if isinstance(value, str) else ""
