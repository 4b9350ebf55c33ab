"""What the people who run a firewall are told, on every cloud."""

import pulumi

from .. import notes
from ..days import today
from .spec import WafSpec


def overdue(resource: pulumi.Resource, spec: WafSpec) -> None:
    """The groups that were to count until a day that is past."""
    for path, group in spec.counting().items():
        if group.count_until and group.count_until < today():
            notes.overdue(
                resource,
                f"bulwark:waf.{path} was to count until {group.count_until}, and still lets "
                "through what its rules match. Set its mode to block, or another date",
            )
