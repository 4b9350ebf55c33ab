"""Which addresses a request may be sent to: public ones, and of a private backend private ones.

A name is resolved once, every address of it is judged, and the connection goes to one that was
judged. So a name that answers differently the second time leads nowhere else, and nobody reaches
the metadata service, the loopback or a private network through a backend.
"""

import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

Resolve = Callable[[str, int], Sequence[str]]
"""From a host and a port to its addresses."""

Judge = Callable[[str], bool]
"""Whether an address may be called."""

_ALLOCATED: Final = IPv6Network("2000::/3")
"""All that the public internet has of IPv6 so far (RFC 4291)."""

_NAT64: Final = IPv6Network("64:ff9b::/96")
"""IPv4 addresses in IPv6's clothes (RFC 6052)."""


_PRIVATE: Final = tuple(
    ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
)
"""What networks of one's own are made of (RFC 1918, 6598, 4193)."""

_AMAZONS_OWN: Final = ip_network("fd00:ec2::/32")
"""Among them: the metadata service and the name server of each VPC."""


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


def is_private(text: str) -> bool:
    """Whether an address is one of a private network: no loopback, no link and no metadata."""
    address = ip_address(text.partition("%")[0])
    return any(address in network for network in _PRIVATE) and address not in _AMAZONS_OWN


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
