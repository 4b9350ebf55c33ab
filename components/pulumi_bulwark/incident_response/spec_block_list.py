"""The `incidentResponse.blockList` block of the stack config."""

from ipaddress import ip_network
from typing import Annotated

from pydantic import AfterValidator, Field

from ..clouds import Differs, Limited
from ..forms import NAME, Form, PrincipalArn
from ..function import FunctionSpec
from ..spec import Guards, Spec


def _network(text: str) -> str:
    try:
        return str(ip_network(text))
    except ValueError:
        raise ValueError(
            "is no network, such as 198.51.100.0/24 or 2001:db8::/48, without bits beyond its "
            "prefix"
        ) from None


def _blocks(name: str) -> str:
    if name == "allowed":
        raise ValueError(
            "allowed is no list for this queue: who is on it passes every rule, so it is edited by "
            "hand"
        )
    return name


def _each_once(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(names)) < len(names):
        raise ValueError("names a list twice")
    return names


def _leaves_something(text: str) -> str:
    network = ip_network(text)
    widest = {4: 8, 6: 16}[network.version]
    if network.prefixlen < widest:
        raise ValueError(f"is wider than a /{widest}: what is left could hardly be blocked")
    return text


ListName = Annotated[str, Field(max_length=40), NAME, AfterValidator(_blocks)]
EventSource = Annotated[
    str,
    Form(
        r"(?!aws\.)[A-Za-z0-9_.-]{1,256}",
        "the source of an event, such as acme.fraud, and none of AWS's own",
    ),
]
Network = Annotated[
    str, Field(max_length=50), AfterValidator(_network), AfterValidator(_leaves_something)
]


class BlockListSpec(Spec):
    lists: Annotated[
        tuple[ListName, ...],
        AfterValidator(_each_once),
        Limited(
            "azure",
            because="Front Door has no sets of addresses: blocked is the only list with rules of "
            "its own. Remove it.",
        ),
        Differs(
            "azure",
            how="blocked has room for 2,400 networks of IPv4 and 600 of IPv6 (10,000 of each on "
            "AWS). An address is stopped some minutes after it was asked for. An update of the "
            "stack that changes the firewall's policy can take away what was added while it ran, "
            "for two minutes at most: then the writer has put it back.",
        ),
    ] = Field(default=("blocked",), min_length=1, max_length=3)
    """The lists that requests may name: blocked, or one of `waf.lists`; 1 to 3, since the function
    is told of their sets in 4 KB. Never allowed: who is on it passes every rule."""

    widest_v4: Annotated[int, Guards("access", weaker="lower")] = Field(default=24, ge=8, le=32)
    """Prefix length of the widest IPv4 network that may be asked for: 8 to 32. A wider one is
    refused, since a slip would lock out whole countries."""

    widest_v6: Annotated[int, Guards("access", weaker="lower")] = Field(default=48, ge=19, le=128)
    """The same for IPv6: 19 to 128. A household or a firm has a /48 to a /64."""

    never_block: tuple[Network, ...] = Field(default=(), max_length=30)
    """Networks that are never blocked, whoever asks: at most 30, none wider than a /8, or a /16 of
    IPv6. Name the addresses by which your own offices, monitoring and partners come. What is named
    later is taken out within a minute."""

    requesters: Annotated[
        tuple[PrincipalArn, ...],
        Limited(
            "aws",
            because="IAM says who may ask: attach the exported incidentResponse.requesterPolicy to "
            "their role. Remove it.",
        ),
        Differs(
            "azure",
            how="Service Bus does not say who sent a message. The history has who the sender says "
            "they are, marked so; that only these could send is the role's doing.",
        ),
    ] = Field(default=(), max_length=20)
    """Groups, identities and users, up to 20, who may ask for blocks and see the list."""

    event_sources: Annotated[
        tuple[EventSource, ...],
        Limited(
            "azure",
            because="Who asks sends to the queue itself: name its identity in requesters. Remove "
            "it.",
        ),
    ] = Field(default=(), max_length=10)
    """Sources whose events on the account's default bus may ask, such as acme.fraud: at most 10,
    and none by default. Whoever may send events as one of them can block customers, and let an
    attacker in again: hold events:PutEvents to it with IAM's condition key events:source."""

    history_days: Annotated[int, Guards("logging", weaker="lower")] = Field(
        default=400, ge=90, le=3653
    )
    """Days for which the table keeps who asked for what and how it ended: 90 to 3653. PCI DSS
    10.5.1 wants a year."""

    function: FunctionSpec = FunctionSpec(memory_mb=1024)
    """How the writer runs. It gets sixty seconds at least, which ten thousand addresses at once
    need, and on Azure nearly five minutes, since Front Door takes its time."""
