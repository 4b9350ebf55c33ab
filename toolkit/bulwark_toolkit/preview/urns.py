"""Pulumi's names for resources and their types."""

from .graph import STACK_TYPE


def urn(stack: str, project: str, parent: str, token: str, name: str) -> str:
    """The URN that the engine gives; `parent` is a URN or empty."""
    above = parent.split("::")[2] if parent else STACK_TYPE
    qualified = token if above == STACK_TYPE else f"{above}${token}"
    return f"urn:pulumi:{stack}::{project}::{qualified}::{name}"


def dotted(token: str) -> str:
    """`aws:kms/key:Key` as it is written in Python: `aws.kms.Key`."""
    package, _, rest = token.partition(":")
    module, _, name = rest.rpartition(":")
    module = module.partition("/")[0]
    return ".".join(part for part in (package, module, name) if part not in ("", "index"))
