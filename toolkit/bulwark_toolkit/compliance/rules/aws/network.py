"""Networks: security groups, network ACLs, subnets, flow logs."""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bulwark_toolkit.compliance.addresses import is_everywhere
from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import Subject

GROUP: Final = "aws:ec2/securityGroup:SecurityGroup"
DEFAULT_GROUP: Final = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
GROUP_RULE: Final = "aws:ec2/securityGroupRule:SecurityGroupRule"
INGRESS_RULE: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS_RULE: Final = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
ACL: Final = "aws:ec2/networkAcl:NetworkAcl"
DEFAULT_ACL: Final = "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl"
ACL_RULE: Final = "aws:ec2/networkAclRule:NetworkAclRule"
VPC: Final = "aws:ec2/vpc:Vpc"
DEFAULT_VPC: Final = "aws:ec2/defaultVpc:DefaultVpc"
SUBNET: Final = "aws:ec2/subnet:Subnet"
DEFAULT_SUBNET: Final = "aws:ec2/defaultSubnet:DefaultSubnet"
FLOW_LOG: Final = "aws:ec2/flowLog:FlowLog"

_GROUPS: Final = (GROUP, DEFAULT_GROUP, GROUP_RULE, INGRESS_RULE)

_ADMIN: Final = {22: "SSH", 3389: "RDP"}

_DATA: Final = {
    1433: "SQL Server",
    1521: "Oracle",
    3306: "MySQL",
    5432: "PostgreSQL",
    5439: "Redshift",
    6379: "Redis",
    9200: "OpenSearch",
    11211: "memcached",
    27017: "MongoDB",
}

_ALL: Final = ("-1", "all")
_WITH_PORTS: Final = ("tcp", "6", "udp", "17")
"""ICMP has types where these have ports."""


@dataclass(frozen=True, slots=True)
class _Opening:
    """What a rule of a security group lets in."""

    place: str
    protocol: str
    first: int
    last: int
    sources: tuple[str, ...]
    """Ranges of addresses; none where it names another group or a prefix list."""

    def __str__(self) -> str:
        ports = "all ports" if self.protocol in _ALL else f"{self.first}-{self.last}"
        return f"{self.protocol} {ports} from {', '.join(self.sources) or 'groups'}"

    def reaches(self, port: int) -> bool:
        return self.protocol in _ALL or (
            self.protocol in _WITH_PORTS and self.first <= port <= self.last
        )


def _openings(group: Subject) -> Iterator[_Opening]:
    kind = group.resource.type
    if kind in (GROUP, DEFAULT_GROUP):
        for place in group.each("ingress"):
            ranges = _ranges(group, f"{place}.")
            yield _opening(group, place, f"{place}.protocol", f"{place}.", ranges)
    elif kind == INGRESS_RULE:
        ranges = [group.get("cidrIpv4"), group.get("cidrIpv6")]
        yield _opening(group, "ipProtocol", "ipProtocol", "", ranges)
    elif group.get("type") == "ingress":
        yield _opening(group, "protocol", "protocol", "", _ranges(group, ""))


def _ranges(group: Subject, at: str) -> list[str]:
    return group.items(f"{at}cidrBlocks") + group.items(f"{at}ipv6CidrBlocks")


def _opening(
    group: Subject, place: str, protocol: str, at: str, ranges: Iterable[str | None]
) -> _Opening:
    return _Opening(
        place=place,
        protocol=str(group.get(protocol)).lower(),
        first=int(group.get(f"{at}fromPort", 0)),
        last=int(group.get(f"{at}toPort", 65535)),
        sources=tuple(filter(None, ranges)),
    )


def _reached(group: Subject, ports: Mapping[int, str]) -> Iterator[Verdict]:
    """A verdict on each opening: whether the whole internet reaches one of the ports by it."""
    for opening in _openings(group):
        everywhere = any(map(is_everywhere, opening.sources))
        reached = [name for port, name in ports.items() if everywhere and opening.reaches(port)]
        text = f"the whole internet reaches {', '.join(reached)}"
        yield Verdict(not reached, opening.place, str(opening), text)


@rule(
    "aws.network.admin-ports-are-closed-to-everybody",
    *_GROUPS,
    severity="critical",
    requires="The whole internet reaches no port for SSH or RDP",
    remediation="Name the ranges that may, or better use Session Manager and no port at all.",
    reference="CIS AWS 5.3",
)
def admin_ports_are_closed_to_everybody(group: Subject) -> Iterator[Verdict]:
    return _reached(group, _ADMIN)


@rule(
    "aws.network.data-ports-are-closed-to-everybody",
    *_GROUPS,
    severity="critical",
    requires="The whole internet reaches no port of a database or cache",
    remediation="Let in the security group of what uses it, by referencedSecurityGroupId.",
    reference="EC2.19",
)
def data_ports_are_closed_to_everybody(group: Subject) -> Iterator[Verdict]:
    return _reached(group, _DATA)


@rule(
    "aws.network.default-group-lets-nothing-through",
    VPC,
    DEFAULT_VPC,
    DEFAULT_GROUP,
    severity="high",
    requires="The default security group of every VPC has no rule, in or out",
    remediation="Adopt it with aws.ec2.DefaultSecurityGroup and give it no ingress or egress.",
    reference="EC2.2",
    alone=False,
)
def default_group_lets_nothing_through(subject: Subject) -> Iterator[Verdict]:
    if subject.resource.type != DEFAULT_GROUP:
        adopted = bool(subject.attached(DEFAULT_GROUP, "vpcId")) or _has_unnamed_group(subject)
        # Until it is adopted it has the rules that AWS gives it: all within, and all out.
        yield Verdict(adopted, "defaultSecurityGroupId", adopted, "the program does not adopt it")
    else:
        for path in ("ingress", "egress"):
            rules = len(subject.get(path, []))
            yield Verdict(not rules, path, f"{rules} rules")
    # A rule whose group is an output of a VPC is one of its default group.
    for kind in (GROUP_RULE, INGRESS_RULE, EGRESS_RULE):
        for other in subject.attached(kind, "securityGroupId"):
            yield Verdict(False, "securityGroupId", urn=other.urn)


def _has_unnamed_group(vpc: Subject) -> bool:
    """Whether it is the region's default VPC, whose group is the one that names no VPC."""
    groups = (Subject(found, vpc.graph) for found in vpc.graph.of_type(DEFAULT_GROUP))
    return vpc.resource.type == DEFAULT_VPC and any(not group.has("vpcId") for group in groups)


@rule(
    "aws.network.vpc-logs-its-flows",
    VPC,
    DEFAULT_VPC,
    severity="medium",
    requires="Every VPC has a flow log that holds what was refused",
    remediation="Add an aws.ec2.FlowLog with its vpcId and trafficType ALL or REJECT.",
    reference="EC2.6",
    alone=False,
)
def vpc_logs_its_flows(vpc: Subject) -> Iterator[Verdict]:
    logged = [log.get("trafficType") for log in vpc.attached(FLOW_LOG, "vpcId")]
    refused = any(kind in ("ALL", "REJECT") for kind in logged)
    yield Verdict(refused, "id", ", ".join(map(str, logged)) or "no flow log")


@rule(
    "aws.network.subnet-gives-no-public-address",
    SUBNET,
    DEFAULT_SUBNET,
    severity="medium",
    requires="No subnet gives a public address to what starts in it",
    remediation="Set mapPublicIpOnLaunch to false.",
    reference="EC2.15",
)
def subnet_gives_no_public_address(subnet: Subject) -> Iterator[Verdict]:
    maps = subnet.get("mapPublicIpOnLaunch", subnet.resource.type == DEFAULT_SUBNET)
    yield Verdict(maps is False, "mapPublicIpOnLaunch", maps)


@dataclass(frozen=True, slots=True)
class _Entry:
    """An ingress rule of a network ACL, wherever it was written."""

    number: int
    protocol: str
    first: int
    last: int
    cidr: str
    allows: bool
    urn: str
    place: str

    def decides(self, port: int) -> bool:
        """Whether it is the one for this port, of those who come from anywhere."""
        ports = self.protocol in _ALL or (
            self.protocol in _WITH_PORTS and self.first <= port <= self.last
        )
        return ports and is_everywhere(self.cidr)


def _entry(holder: Subject, at: str, number: str, action: str) -> _Entry:
    get = holder.get
    return _Entry(
        number=int(get(f"{at}{number}")),
        protocol=str(get(f"{at}protocol")).lower(),
        first=int(get(f"{at}fromPort", 0)),
        last=int(get(f"{at}toPort", 65535)),
        cidr=get(f"{at}cidrBlock") or get(f"{at}ipv6CidrBlock") or "",
        allows=str(get(f"{at}{action}")).lower() == "allow",
        urn=holder.urn,
        place=at.rstrip(".") or action,
    )


def _entries(acl: Subject) -> list[_Entry]:
    if acl.resource.type == ACL_RULE:
        return [] if acl.get("egress", False) else [_entry(acl, "", "ruleNumber", "ruleAction")]
    inline = [_entry(acl, f"{at}.", "ruleNo", "action") for at in acl.each("ingress")]
    rules = acl.attached(ACL_RULE, "networkAclId")
    return inline + [entry for other in rules for entry in _entries(other)]


@rule(
    "aws.network.acl-closes-admin-ports",
    ACL,
    DEFAULT_ACL,
    ACL_RULE,
    severity="medium",
    requires="No network ACL lets the whole internet reach a port for SSH or RDP",
    remediation="Allow the ports that are served only, or deny 22 and 3389 with a lower number.",
    reference="EC2.21",
    alone=False,
)
def acl_closes_admin_ports(acl: Subject) -> Iterator[Verdict]:
    # A rule that stands alone is judged with its ACL, where that is here.
    if acl.resource.type == ACL_RULE and any(
        acl.named(kind, "networkAclId") for kind in (ACL, DEFAULT_ACL)
    ):
        return
    entries = sorted(_entries(acl), key=lambda entry: entry.number)
    for port, name in _ADMIN.items():
        opens = [entry for entry in _deciding(entries, port) if entry.allows]
        for entry in opens[:1]:
            text = f"rule {entry.number} lets the whole internet reach {name}"
            yield Verdict(False, entry.place, entry.cidr, text, entry.urn)
        if entries and not opens:
            yield Verdict(True, "ingress", f"{name} is closed")


def _deciding(entries: list[_Entry], port: int) -> Iterator[_Entry]:
    """The first rule that matches decides, of IPv4 and of IPv6 by itself."""
    for family in (".", ":"):
        found = (entry for entry in entries if family in entry.cidr and entry.decides(port))
        yield from itertools.islice(found, 1)
