"""Pulumi's names for resources."""

from .graph import STACK_TYPE


def urn(stack: str, project: str, parent: str, token: str, name: str) -> str:
    """The URN that the engine gives; `parent` is a URN or empty."""
    above = parent.split("::")[2] if parent else STACK_TYPE
    qualified = token if above == STACK_TYPE else f"{above}${token}"
    return f"urn:pulumi:{stack}::{project}::{qualified}::{name}"
