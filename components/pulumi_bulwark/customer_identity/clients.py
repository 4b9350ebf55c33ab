"""What is checked of clients on every cloud."""

from collections.abc import Iterable, Iterator, Mapping

from ..openapi import Scope
from ..spec import nearest
from .spec import OPENID_SCOPES, ClientSpec


def scope_problems_of_clients(
    at: str,
    clients: Mapping[str, ClientSpec],
    scopes: Iterable[Scope],
    *,
    of_people: Iterable[str] = OPENID_SCOPES,
) -> Iterator[str]:
    """Scopes that a client asks for and nobody defines.

    `of_people` are those that the service itself gives to whoever signs in.
    """
    defined = {scope.token for scope in scopes}
    for name, client in clients.items():
        people = client.flow == "authorizationCode"
        known = defined | ({*of_people} if people else set())
        for number, scope in enumerate(client.scopes):
            if scope not in known:
                yield (
                    f"{at}.clients.{name}.scopes[{number}]: the OpenAPI document defines no such "
                    f"scope. {nearest(scope, known) if known else 'It defines none.'}"
                )
