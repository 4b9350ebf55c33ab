"""Networks as people write them, and which of them may be blocked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import (
    IPv4Network,
    IPv6Network,
    collapse_addresses,
    ip_interface,
    ip_network,
)
from typing import Final

Network = IPv4Network | IPv6Network

_MAPPED: Final = IPv6Network("::ffff:0:0/96")
"""IPv4 addresses as some programs write them in IPv6. The firewall knows them as IPv4."""

_GLOBAL_V6: Final = IPv6Network("2000::/3")
"""All that is given out of IPv6: no other address reaches anything from the internet."""

_NOT_OF_THE_INTERNET: Final[Mapping[IPv4Network, str]] = {
    IPv4Network("0.0.0.0/8"): "this network",
    IPv4Network("10.0.0.0/8"): "private",
    IPv4Network("100.64.0.0/10"): "shared behind a carrier's NAT",
    IPv4Network("127.0.0.0/8"): "loopback",
    IPv4Network("169.254.0.0/16"): "link-local",
    IPv4Network("172.16.0.0/12"): "private",
    IPv4Network("192.0.0.0/24"): "of the IETF's protocols",
    IPv4Network("192.168.0.0/16"): "private",
    IPv4Network("198.18.0.0/15"): "for benchmarks",
    IPv4Network("224.0.0.0/4"): "multicast",
    IPv4Network("240.0.0.0/4"): "reserved",
}
"""IANA's registry of special addresses, RFC 6890, without those for documentation (RFC 5737): no
client has one of these, so a drill that blocks it does no harm and is like the real thing."""


class NetworkError(ValueError):
    """What is wrong with a network, in words that follow its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What may be blocked."""

    widest: Mapping[int, int] = field(default_factory=lambda: {4: 24, 6: 48})
    """By version of IP, the prefix length of the widest network."""
    never: Sequence[Network] = ()
    """Networks that are not blocked, whoever asks."""

    def protects(self, network: Network) -> Network | None:
        """The network that is never blocked and has a part in this one, if there is any."""
        return next((each for each in self.never if overlap(each, network)), None)

    def check(self, network: Network) -> None:
        """Raises a NetworkError for one that may not be blocked."""
        if why := _special(network):
            raise NetworkError(f"{why}, and no client comes from there")
        if network.prefixlen < (widest := self.widest[network.version]):
            raise NetworkError(
                f"is too wide: /{widest} is the widest of IPv{network.version} that may be blocked"
            )
        if kept := self.protects(network):
            raise NetworkError(f"has a part in {kept}, which is never blocked")


def parse(text: object) -> Network:
    """The network that is written so. Raises a NetworkError."""
    if not isinstance(text, str):
        raise NetworkError("is no text such as 203.0.113.7 or 2001:db8::/48")
    try:
        if "%" in text:
            raise ValueError  # noqa: TRY301 a zone is of one machine's network
        written = ip_interface(text.strip())
    except ValueError:
        raise NetworkError("is no address or network, such as 203.0.113.7 or 2001:db8::/48") from (
            None
        )
    network = written.network
    if written.ip != network.network_address:
        raise NetworkError(
            f"has bits beyond its prefix: is it {network}, or the one address "
            f"{written.ip}/{network.max_prefixlen}?"
        )
    return _unmapped(network)


def canonical(text: str) -> str:
    """As we write it, however the firewall does; what is no network stays as it is."""
    try:
        return str(ip_network(text))
    except ValueError:
        return text


def merged(networks: Iterable[Network]) -> list[Network]:
    """The fewest networks with the same addresses, in order. All are of one version."""
    return list(collapse_addresses(networks))  # type: ignore[type-var]


def overlap(one: Network, other: Network) -> bool:
    """Whether an address is in both."""
    if one.version != other.version:
        return False
    # As numbers, which takes a third of the time: this is asked of each of ten thousand.
    beyond = one.max_prefixlen - min(one.prefixlen, other.prefixlen)
    return int(one.network_address) >> beyond == int(other.network_address) >> beyond


def inside(inner: Network, outer: Network) -> bool:
    return inner.prefixlen >= outer.prefixlen and overlap(inner, outer)


def _unmapped(network: Network) -> Network:
    if isinstance(network, IPv4Network) or not network.subnet_of(_MAPPED):
        return network
    return IPv4Network((int(network.network_address) & 0xFFFFFFFF, network.prefixlen - 96))


def _special(network: Network) -> str | None:
    if isinstance(network, IPv6Network):
        return None if network.subnet_of(_GLOBAL_V6) else "is not in 2000::/3"
    first, last = int(network.network_address), int(network.broadcast_address)
    for start, end, of, what in _RANGES:
        if first <= end and last >= start:
            return f"is {what} ({of})"
    return None


# As numbers: ten thousand networks are checked at once, and to compare objects takes ten times as
# long.
_RANGES: Final = [
    (int(of.network_address), int(of.broadcast_address), of, what)
    for of, what in _NOT_OF_THE_INTERNET.items()
]
