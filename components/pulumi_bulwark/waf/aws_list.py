"""Lists of addresses, as WAF has them: a set for each version of IP."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Literal

import pulumi
import pulumi_aws as aws

from ..naming import logical

Scope = Literal["CLOUDFRONT", "REGIONAL"]

VERSIONS: Mapping[int, str] = {4: "IPV4", 6: "IPV6"}


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsIpListArgs:
    scope: Scope
    """Whether CloudFront uses it, or something in the region."""
    region: str
    """AWS region of the sets: us-east-1 for CloudFront."""
    ranges: Sequence[str] | None = None
    """What is in the list for good; None for a list that is edited as the environment runs."""


class AwsIpList(pulumi.ComponentResource):
    """A list of addresses, IPv4 and IPv6.

    One that is edited as the environment runs begins empty, and Pulumi never writes to it again.
    Any change but of tags would have the provider send back the addresses, and the lock token, that
    the state has: so its sets have no input that can change, and the project refreshes before it
    updates. What is destroyed is lost: the truth is in the table that incident response keeps.
    """

    arns: list[pulumi.Output[str]]
    """ARNs of the sets that a rule has to look into."""

    sets: list[dict[str, pulumi.Output[str] | str]]
    """What UpdateIPSet wants to know of each set: id, name, scope, region, and its version of IP
    (IPV4 or IPV6)."""

    def __init__(
        self, name: str, args: AwsIpListArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AwsIpList", name, None, opts)
        made = {v: self._set(name, v, args) for v in versions(args.ranges)}

        self.arns = [ip_set.arn for ip_set in made.values()]
        self.sets = [
            {
                "id": ip_set.id,
                "name": ip_set.name,
                "scope": args.scope,
                "region": args.region,
                "version": VERSIONS[version],
            }
            for version, ip_set in made.items()
        ]
        self.register_outputs({"arns": self.arns, "sets": self.sets})

    def _set(self, name: str, version: int, args: AwsIpListArgs) -> aws.wafv2.IpSet:
        edited = args.ranges is None
        return aws.wafv2.IpSet(
            logical("waf-ip-set", f"{name}-v{version}"),
            scope=args.scope,
            region=args.region,
            ip_address_version=VERSIONS[version],
            addresses=[r for r in args.ranges or () if ip_network(r).version == version],
            description="Edited as the environment runs" if edited else "Written in the stack file",
            opts=pulumi.ResourceOptions(
                parent=self, ignore_changes=["addresses"] if edited else None
            ),
        )


def versions(ranges: Sequence[str] | None) -> tuple[int, ...]:
    """The versions of IP that a list needs a set for."""
    if ranges is None:
        return tuple(VERSIONS)
    return tuple(v for v in VERSIONS if v in set(_versions_of(ranges)))


def _versions_of(ranges: Sequence[str]) -> Iterator[int]:
    return (ip_network(r).version for r in ranges)
