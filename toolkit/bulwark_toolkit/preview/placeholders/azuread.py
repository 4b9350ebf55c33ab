"""What Entra ID would answer: objects have an id of their own, applications a client id beside."""

from collections.abc import Mapping
from typing import Final

from .facts import Kind, Template, output_names


def kind(cls: type | None, token: str) -> Kind:
    """What is known about `azuread:index/type:Class`."""
    own = KINDS.get(token.rpartition(":")[2], {})
    return Kind(templates={"ID": "{UUID}", **own}, gives=output_names(cls, own))


KINDS: Final[Mapping[str, Mapping[str, Template]]] = {
    "Application": {
        "ID": "/applications/{objectId}",
        "objectId": "{UUID}",
        "clientId": "{UUID:client}",
    },
    "ConditionalAccessPolicy": {
        "ID": "/identity/conditionalAccess/policies/{objectId}",
        "objectId": "{UUID}",
    },
    "ServicePrincipal": {"ID": "/servicePrincipals/{objectId}", "objectId": "{UUID}"},
}
