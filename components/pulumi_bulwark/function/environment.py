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

_NAME_OF_A_SECRET: Final = re.compile(
    r"(?:^|_)(?:PASSWORD|PASSWD|PWD|PASSPHRASE|SECRET|TOKEN|CREDENTIALS?|PEPPER"
    r"|(?:API|PRIVATE|ACCESS|SIGNING|ENCRYPTION)_?KEY|CONNECTION_?STRING)S?$",
    re.IGNORECASE,
)
"""A name that ends with what it holds; one such as DB_SECRET_ARN says only where it is. The rule
aws.functions.no-secret-is-in-the-environment reads names the same way, in any program."""

_WORD: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

_ADDRESS: Final = re.compile(r"arn:|https?://[^@]*$")
"""What says where a secret is."""

_SECRET: Final = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|\bgh[pousr]_[0-9A-Za-z]{36}"
    r"|\bxox[abprs]-[0-9A-Za-z-]{10,}"
    r"|\bsk_(?:live|test)_[0-9A-Za-z]{16,}"
    r"|\beyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}\."
    r"|\b[a-z][a-z0-9+.-]*://[^/\s:@]*:[^/\s@]+@"
)
"""What gives itself away: a private key, keys of AWS, GitHub, Slack and Stripe, a JSON web token,
an address with a password in it."""


_INSTEAD: Final = (
    "and everyone who may look at the function reads it. Keep the value in Secrets Manager and "
    "hand over its ARN."
)


def problems(at: str, environment: Mapping[str, Any]) -> Iterator[str]:
    """What Lambda would refuse of the variables, and what has no place there; never a value."""
    for name, value in environment.items():
        where = f"{at}: the environment variable {name}"
        if name in _RESERVED:
            yield f"{where} is one that Lambda sets itself. Choose another name."
        elif not _NAME.fullmatch(name):
            yield f"{where} must be two or more letters, digits and _, a letter first."
        if _is_a_secret(name, value):
            yield f"{where} looks like a secret, {_INSTEAD}"
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


def _is_a_secret(name: str, value: Any) -> bool:
    text = value if isinstance(value, str) else None
    if text is not None and _SECRET.search(text):
        return True
    if not _NAME_OF_A_SECRET.search(_WORD.sub("_", name)):
        return False
    # Of what the cloud will give, the name is all there is to go by: an ARN is called so.
    return text is None or not (text == "" or _ADDRESS.match(text))
