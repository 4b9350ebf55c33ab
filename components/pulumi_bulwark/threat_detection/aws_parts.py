"""What all parts of the capability have in common."""

from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """How the parts are named, whose children they are, and what outlives the stack."""

    name: str
    """What the logical name of each begins with."""
    child: pulumi.ResourceOptions
    """For what goes with the stack."""
    kept: pulumi.ResourceOptions
    """For what watches: it is protected and retained where the environment is to stay."""


def after(opts: pulumi.ResourceOptions, *earlier: pulumi.Resource) -> pulumi.ResourceOptions:
    """The options, for a resource that AWS refuses before these are there."""
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[*earlier]))
