"""The `inputGuard` block of the stack config. What is guarded, and how, is in the document."""

from typing import Annotated, Literal

from pydantic import Field

from ..clouds import Differs, Limited
from ..forms import Form
from ..function.spec import INSTANCE_MEMORY_MB, MOST_INSTANCES
from ..spec import Guards, Spec

SubnetId = Annotated[str, Field(pattern=r"^subnet-[0-9a-f]{8,17}$")]
SecurityGroupId = Annotated[str, Field(pattern=r"^sg-[0-9a-f]{8,17}$")]


class GuardVpcSpec(Spec):
    subnet_ids: tuple[SubnetId, ...] = Field(min_length=2, max_length=16)
    """Subnets of the function in front of backends: 2 to 16, Lambda's most, of different zones and
    with a route to the backends."""

    security_group_ids: tuple[SecurityGroupId, ...] = Field(min_length=1, max_length=5)
    """Security groups of it: 1 to 5, Lambda's most. They say what it may reach: the backends'
    port, and 443 of what it needs of AWS."""


Caller = Annotated[
    str,
    Form(
        "identity:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        "an identity of Entra ID (managed, or an application's) by its object id, such as "
        "identity:00000000-0000-0000-0000-000000000001",
    ),
]


class InputGuardSpec(Spec):
    service: Annotated[
        bool,
        Differs(
            "azure",
            how="The guard is one function app, which API Management asks; with this, `callers` "
            "may ask it too.",
        ),
    ] = False
    """Whether there is a second function, which checks requests for any application that may invoke
    it. It may itself call nothing."""

    callers: Annotated[
        tuple[Caller, ...],
        Limited(
            "aws",
            because="Whose role may invoke the function may ask it. Remove it, and give the role "
            "lambda:InvokeFunction.",
        ),
    ] = Field(default=(), max_length=50)
    """Who may ask the service beside API Management: at most 50 identities. Azure only."""

    memory_mb: Annotated[
        int,
        Limited(
            "azure",
            because="Azure's instances have up to 4096 MB. Take less.",
            to=range(256, INSTANCE_MEMORY_MB[-1] + 1),
        ),
        Differs(
            "azure",
            how="An instance has 512, 2048 or 4096 MB: the smallest that is enough. It takes "
            "several requests at once.",
        ),
    ] = Field(default=1_024, ge=256, le=10_240)
    """Memory of each function in MB: 256 to 10240, Lambda's most. The share of a processor grows
    with it, and the guard computes: below 1024 a cold start takes seconds."""

    architecture: Annotated[
        Literal["arm64", "x86_64"],
        Differs("azure", how="Always x86_64: Azure has no other processor for functions."),
    ] = "arm64"
    """The processor: arm64 (a fifth cheaper), or x86_64."""

    reserved_concurrency: Annotated[
        Annotated[int, Field(ge=1, le=10_000)] | None,
        Limited(
            "azure",
            because="Azure keeps no calls for a function; it takes the most instances of one, 40 "
            "to 1000. Take a number of those, or remove it.",
            to=MOST_INSTANCES,
        ),
        Differs("azure", how="The most instances of the app, 100 if it is not set; none is kept."),
    ] = None
    """Requests at once that are kept for the guard in front of backends, and the most it takes: 1
    to 10000. It waits as long as a backend does. A new account has none to reserve."""

    vpc: Annotated[
        GuardVpcSpec | None,
        Limited(
            "azure",
            because="API Management asks the guard and calls the backends itself, so that the "
            "guard need not reach them. Remove it.",
        ),
    ] = None
    """Where in a VPC the function in front of backends is, so that it reaches those behind a VPC
    link. There it reaches public backends, functions and X-Ray by a NAT gateway or endpoints
    only."""

    tracing: Annotated[
        bool,
        Guards("logging", weaker="lower"),
        Differs("azure", how="Each call has a line with its id in the log; there is no X-Ray."),
    ] = True
    """Whether X-Ray traces what goes through the guard."""
