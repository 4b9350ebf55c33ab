"""What a function may know by its environment: settings, and where secrets are, never a secret."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pulumi

from ..errors import ConfigError


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """What a cloud takes as environment variables of a function, in its own words."""

    service: str
    """Who takes them."""
    largest: int
    """Bytes of all names and values."""
    reserved: re.Pattern[str]
    """Names that are not ours to give."""
    name: re.Pattern[str]
    form: str
    """What a name must be, in words."""
    instead: str
    """What to do with what is larger."""
    keeper: str
    """Where secrets are kept, and what is handed over in their place."""


LAMBDA: Final = Terms(
    service="Lambda",
    largest=4096,
    # Lambda Developer Guide, "Defined runtime environment variables". Its others begin with an
    # underscore, which no name of ours may.
    reserved=re.compile(
        r"AWS_(?:ACCESS_KEY(?:_ID)?|DEFAULT_REGION|EXECUTION_ENV|REGION|SECRET_ACCESS_KEY"
        r"|SESSION_TOKEN)"
        r"|AWS_LAMBDA_(?:FUNCTION_(?:MEMORY_SIZE|NAME|VERSION)|INITIALIZATION_TYPE"
        r"|LOG_(?:GROUP|STREAM)_NAME|RUNTIME_API)"
        r"|LAMBDA_(?:RUNTIME_DIR|TASK_ROOT)"
    ),
    name=re.compile(r"[a-zA-Z][a-zA-Z0-9_]+"),
    form="two or more letters, digits and _, a letter first",
    instead="Put the most of it into a file of the code, or a parameter that the code reads.",
    keeper="Keep the value in Secrets Manager and hand over its ARN.",
)

AZURE: Final = Terms(
    service="Azure Functions",
    # Of a process on Linux all of them are one block; Azure names no number [m].
    largest=32_768,
    # Those that Flex Consumption refuses ("Flex Consumption plan deprecations"), and those that
    # are set with the app.
    reserved=re.compile(
        r"(?:FUNCTIONS|WEBSITE|SCM|ENABLE_ORYX|CONTAINER|WEBJOBS)_\w*|AzureWebJobs\w*"
        r"|PYTHON_ENABLE_WORKER_EXTENSIONS|AZURE_CLIENT_ID|BULWARK_(?:APP|FILES)"
        r"|AzureFunctionsJobHost__(?:functionTimeout|logging__logLevel__default"
        r"|extensions__queues__maxDequeueCount)",
        re.IGNORECASE,
    ),
    name=re.compile(r"[a-zA-Z][a-zA-Z0-9_]+"),
    form="two or more letters, digits and _, a letter first",
    instead="Put the most of it into a file beside the code.",
    keeper="Keep the value in Key Vault and hand over its address.",
)

_NAME_OF_A_SECRET: Final = re.compile(
    r"(?:^|_)(?:PASSWORD|PASSWD|PWD|PASSPHRASE|SECRET|TOKEN|CREDENTIALS?|PEPPER"
    r"|(?:API|PRIVATE|ACCESS|SIGNING|ENCRYPTION)_?KEY|CONNECTION_?STRING)S?$",
    re.IGNORECASE,
)
"""A name that ends with what it holds; one such as DB_SECRET_ARN says only where it is. The rules
on functions read names the same way, in any program."""

_WORD: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

_ADDRESS: Final = re.compile(r"arn:|https?://[^@]*$|@Microsoft\.KeyVault\(|managedidentity$")
"""What says where a secret is, or that an identity is in its place."""

_SECRET: Final = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|\bgh[pousr]_[0-9A-Za-z]{36}"
    r"|\bxox[abprs]-[0-9A-Za-z-]{10,}"
    r"|\bsk_(?:live|test)_[0-9A-Za-z]{16,}"
    r"|\beyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}\."
    r"|\b[a-z][a-z0-9+.-]*://[^/\s:@]*:[^/\s@]+@"
    r"|\b(?:AccountKey|SharedAccessKey|SharedAccessSignature)="
    r"|[?&]sig=[0-9A-Za-z%+/]{20,}"
)
"""What gives itself away: a private key, keys of AWS, GitHub, Slack and Stripe, a JSON web token,
an address with a password in it, a connection string or a signed address of Azure."""


def problems(at: str, environment: Mapping[str, Any], terms: Terms) -> Iterator[str]:
    """What the cloud would refuse of the variables, and what has no place there; never a value."""
    for name, value in environment.items():
        where = f"{at}: the environment variable {name}"
        if terms.reserved.fullmatch(name):
            yield f"{where} is one that {terms.service} sets itself. Choose another name."
        elif not terms.name.fullmatch(name):
            yield f"{where} must be {terms.form}."
        if _is_a_secret(name, value):
            yield f"{where} looks like a secret, {_instead(terms)}"
    # What is not known yet counts as nothing.
    sizes = [len(n.encode()) + len(v.encode()) for n, v in _known(environment)]
    if sum(sizes) > terms.largest:
        yield (
            f"{at}: the environment has {sum(sizes):,} bytes, and {terms.service} takes "
            f"{terms.largest:,}. {terms.instead}"
        )


def in_the_open(at: str, name: str, value: pulumi.Input[str], terms: Terms) -> pulumi.Input[str]:
    """The value, which fails the run if it is one that Pulumi keeps secret."""
    if not isinstance(value, pulumi.Output):
        return value
    found = pulumi.Output.from_input(value)

    async def checked() -> str:
        if await found.is_secret():
            variable = f"{at}: the environment variable {name}"
            raise ConfigError([f"{variable} is a secret of Pulumi's, {_instead(terms)}"])
        return ""

    return pulumi.Output.all(found, checked()).apply(lambda all_: all_[0])


def _instead(terms: Terms) -> str:
    return f"and everyone who may look at the function reads it. {terms.keeper}"


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
