"""What the writer is told by the environment, whichever cloud it runs on."""

from collections.abc import Callable, Mapping, Sequence
from ipaddress import ip_network
from typing import Any

from .networks import Network, Rules


class Reading:
    """The variables of an environment, with everything that is wrong about them together."""

    def __init__(self, environment: Mapping[str, str], needed: Sequence[str]) -> None:
        self._environment = environment
        self._wrong = [f"{name} is missing" for name in needed if not environment.get(name)]

    def parsed(self, name: str, default: str, parse: Callable[[str], Any]) -> Any:
        """A variable as `parse` reads it; None if that cannot read it."""
        try:
            return parse(self._environment.get(name) or default)
        except (ValueError, TypeError, KeyError, AttributeError):
            self._wrong.append(f"{name} is not as it should be")

    def rules(self, *also_never: Network) -> Rules:
        """BULWARK_WIDEST: two prefix lengths, of IPv4 and IPv6. BULWARK_NEVER_BLOCK: networks."""
        widest = self.parsed("BULWARK_WIDEST", "24 48", _widest)
        never = self.parsed("BULWARK_NEVER_BLOCK", "", _networks)
        return Rules(widest=widest or {}, never=[*(never or ()), *also_never])

    def history_days(self) -> int:
        """BULWARK_HISTORY_DAYS: days for which the table keeps what became of each request."""
        return self.parsed("BULWARK_HISTORY_DAYS", "400", int)

    def must_be_right(self) -> None:
        """Raises a ValueError that names every variable that is missing or wrong."""
        if self._wrong:
            raise ValueError("; ".join(self._wrong))


def _widest(text: str) -> dict[int, int]:
    v4, v6 = map(int, text.split())
    return {4: v4, 6: v6}


def _networks(text: str) -> list[Network]:
    return [ip_network(network) for network in text.split()]
