"""The `foundation` block of the stack config."""

from typing import Annotated

from pydantic import Field

from ..clouds import Limited
from ..forms import Form
from ..function import FunctionApplication
from ..spec import Spec

_NO_GROUPS = Limited(
    "aws",
    because="AWS has nothing that holds an environment but the account itself. Remove it, and give "
    "each environment an account of its own.",
)
_NO_FIREWALLS = Limited(
    "aws",
    because="Keys, secrets and buckets of AWS have no firewall of their own: their policies say "
    "who may come. Remove it.",
)

_NO_APPLICATION = Limited(
    "aws",
    because="IAM says who may call a function, and no application is needed. Remove it.",
)

_SUBSCRIPTION = "/subscriptions/[0-9a-f-]{36}/resourceGroups/[^/]{1,90}/providers"

SubnetId = Annotated[
    str,
    Form(
        f"{_SUBSCRIPTION}/Microsoft.Network/virtualNetworks/[^/]+/subnets/[^/]+",
        "the full id of a subnet, which begins with /subscriptions/",
    ),
]

DnsZoneId = Annotated[
    str,
    Form(
        f"{_SUBSCRIPTION}/Microsoft.Network/privateDnsZones/privatelink[.][^/]+",
        "the full id of a private DNS zone that begins with privatelink.",
    ),
]

Network = Annotated[
    str,
    Form(
        r"(\d{1,3}[.]){3}\d{1,3}(/([89]|[12]\d|30))?",
        "an IPv4 address or network with a prefix of 8 to 30, such as 203.0.113.0/24, since the "
        "firewalls of Key Vault and Storage take no others",
    ),
]


class NetworkSpec(Spec):
    subnet_id: SubnetId
    """Full id of the subnet, of the environment's own or of a hub, that gets a private endpoint
    for each thing that holds data. Who deploys must reach it too: a runner in that network."""

    functions_subnet_id: SubnetId | None = None
    """Full id of another subnet of that network, in the environment's region, in which functions
    run: delegated to Microsoft.App/environments, with 64 addresses or more. Functions need it to
    reach what holds data."""

    dns_zone_ids: tuple[DnsZoneId, ...] = Field(default=(), max_length=10)
    """Full ids of the private DNS zones in which the endpoints are entered, such as
    privatelink.vaultcore.azure.net and privatelink.blob.core.windows.net. Leave them out where a
    policy of the hub does it."""


class FoundationSpec(Spec):
    resource_group: Annotated[
        Annotated[str, Form(r"[\w().-]{0,89}[\w()-]", "the name of a resource group")] | None,
        _NO_GROUPS,
    ] = None
    """Name of a resource group that exists, to build the environment in. Else it gets its own,
    with a lock. Azure only."""

    network: Annotated[NetworkSpec | None, _NO_FIREWALLS] = None
    """A network that exists, from which alone the environment's keys, secrets and logs are
    reached. Azure only."""

    allowed_addresses: Annotated[tuple[Network, ...], _NO_FIREWALLS] = Field(
        default=(), max_length=200
    )
    """Networks that the firewalls of keys, secrets and logs let in: at most 200. Whoever sets
    secrets comes from one of them. Azure only."""

    function_application: Annotated[FunctionApplication | None, _NO_APPLICATION] = None
    """The application in Entra ID whose tokens functions ask for who calls them over HTTP.
    `bulwark bootstrap` prints what makes one. Azure only."""
