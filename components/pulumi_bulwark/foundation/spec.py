"""The `foundation` block of the stack config."""

from typing import Annotated

from pydantic import Field

from ..clouds import Limited
from ..forms import Form
from ..function import FunctionApplication
from ..spec import Guards, Spec

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

GroupId = Annotated[
    str,
    Form(
        "/subscriptions/[0-9a-f-]{36}/resourceGroups/[^/]{1,90}",
        "the full id of a resource group, which begins with /subscriptions/",
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

    dns_zones_group_id: GroupId | None = None
    """Full id of the resource group in which the hub keeps its private DNS zones, where the
    endpoints are entered: privatelink.vaultcore.azure.net, privatelink.azurewebsites.net, and
    privatelink.blob.core.windows.net with its twins for queue and table. Leave it out where a
    policy of the hub enters them."""


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

    zone_redundant: Annotated[
        bool,
        Guards("recovery", weaker="lower"),
        Limited("aws", because="S3 keeps each object in three zones by itself. Remove it."),
    ] = True
    """Whether storage accounts keep their copies in three zones of the region. False is for regions
    without zones: three copies in one data centre. It is decided when an account is made: a change
    replaces it. Azure only."""

    function_application: Annotated[FunctionApplication | None, _NO_APPLICATION] = None
    """The application in Entra ID whose tokens functions ask for who calls them over HTTP.
    `bulwark bootstrap` prints what makes one. Azure only."""
