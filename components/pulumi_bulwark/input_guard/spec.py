"""The `inputGuard` block of the stack config. What is guarded, and how, is in the document."""

from typing import Annotated, Literal

from pydantic import Field

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


class InputGuardSpec(Spec):
    service: bool = False
    """Whether there is a second function, which checks requests for any application that may invoke
    it. It may itself call nothing."""

    memory_mb: int = Field(default=1_024, ge=256, le=10_240)
    """Memory of each function in MB: 256 to 10240, Lambda's most. The share of a processor grows
    with it, and the guard computes: below 1024 a cold start takes seconds."""

    architecture: Literal["arm64", "x86_64"] = "arm64"
    """The processor: arm64 (a fifth cheaper), or x86_64."""

    reserved_concurrency: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """Requests at once that are kept for the guard in front of backends, and the most it takes: 1
    to 10000. It waits as long as a backend does. A new account has none to reserve."""

    vpc: GuardVpcSpec | None = None
    """Where in a VPC the function in front of backends is, so that it reaches those behind a VPC
    link. There it reaches public backends, functions and X-Ray by a NAT gateway or endpoints
    only."""

    tracing: Annotated[bool, Guards("logging", weaker="lower")] = True
    """Whether X-Ray traces what goes through the guard."""
