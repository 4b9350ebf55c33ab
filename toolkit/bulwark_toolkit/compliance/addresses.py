"""Ranges of addresses, as far as rules tell the whole internet from a part of it."""

import ipaddress
from typing import Any, Final

_SMALLEST: Final = {4: 8, 6: 16}
"""Prefix of the largest range that one owner has, by version of IP."""


def is_everywhere(cidr: Any) -> bool:
    """Whether a range is the internet, or so large a part of it that it can be nobody's own.

    0.0.0.0/1 with 128.0.0.0/1 is the usual way around a check for 0.0.0.0/0.
    """
    if not isinstance(cidr, str) or "/" not in cidr:
        return False
    network = ipaddress.ip_network(cidr, strict=False)
    return network.prefixlen < _SMALLEST[network.version]
