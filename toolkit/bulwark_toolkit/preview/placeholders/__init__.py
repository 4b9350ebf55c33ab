"""Placeholders for what only the cloud can say: ids, ARNs, names, endpoints.

They are well-formed, so that a key policy or an API document made of them is complete and rules can
judge it; the same in every run; and where there is room, visibly not real: long ids begin with
zeros. What is not known to be of a certain form is left out, and so stays unknown.
"""

import functools
from collections.abc import Callable, Mapping
from typing import Final

from bulwark_toolkit.preview.values import Value

from . import aws, azure, azuread, random_
from .facts import Kind, Place, fill

__all__ = ["Place", "outputs"]

_PACKAGES: Final[Mapping[str, Callable[[type | None, str], Kind]]] = {
    "aws": aws.kind,
    "azure-native": azure.kind,
    "azuread": azuread.kind,
    "random": random_.kind,
}


def outputs(  # noqa: PLR0917 - what a resource is made of
    cls: type | None,
    token: str,
    name: str,
    inputs: Mapping[str, Value],
    urn: str,
    place: Place,
) -> tuple[str, dict[str, Value]]:
    """The id and further outputs, by wire name, of a resource that does not exist yet.

    An empty id is an unknown one. No output replaces an input, but an object among the inputs may
    come back with the members that the cloud adds to it: Azure's `identity` with a principal.
    """
    return fill(_kind(cls, token), place, name, inputs, urn)


def before_creation(token: str, inputs: Mapping[str, Value]) -> dict[str, Value]:
    """The inputs that a preview of the provider gives back in another form, by wire name."""
    return azure.before_creation(inputs) if token.startswith("azure-native:") else {}


@functools.cache
def _kind(cls: type | None, token: str) -> Kind:
    of_package = _PACKAGES.get(token.partition(":")[0])
    return of_package(cls, token) if of_package else _ANY


_ANY: Final = Kind(templates={"ID": "{LOGICAL}-{HEX:8}"}, gives=())
