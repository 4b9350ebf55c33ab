"""Which addresses a request may be sent to: public ones, and no others.

A name is resolved once, every address of it is judged, and the connection goes to one that was
judged. So a name that answers differently the second time leads nowhere else, and nobody reaches
the metadata service, the loopback or a private network through a backend.
"""

import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

Resolve = Callable[[str, int], Sequence[str]]
"""From a host and a port to its addresses."""

Judge = Callable[[str], bool]
"""Whether an address may be called."""

_ALLOCATED: Final = IPv6Network("2000::/3")
"""All that the public internet has of IPv6 so far (RFC 4291)."""

_NAT64: Final = IPv6Network("64:ff9b::/96")
"""IPv4 addresses in IPv6's clothes (RFC 6052)."""


class ForbiddenAddressError(Exception):
    """A backend's name leads to an address that may not be called. Names neither."""


def is_public(text: str) -> bool:
    """Whether an address is one of the public internet, whatever it is wrapped in."""
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address):
        inner = _wrapped(address)
        if inner is not None:
            return is_public(str(inner))
        return address in _ALLOCATED and address.is_global
    return address.is_global and not address.is_multicast


def _wrapped(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)


def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, each once, in the order in which the system would try them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def allowed(host: str, port: int, resolve: Resolve, may: Judge) -> Sequence[str]:
    """The addresses of a host. One that may not be called forbids all: the name is not honest."""
    found = resolve(host, port)
    if not found or not all(may(address) for address in found):
        raise ForbiddenAddressError
    return found
