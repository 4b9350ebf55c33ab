"""Machines and their volumes: EC2, EBS."""

from collections.abc import Iterator
from typing import Any, Final

from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import NotKnownError, Subject

MACHINE: Final = "aws:ec2/instance:Instance"
SPOT: Final = "aws:ec2/spotInstanceRequest:SpotInstanceRequest"
TEMPLATE: Final = "aws:ec2/launchTemplate:LaunchTemplate"
VOLUME: Final = "aws:ebs/volume:Volume"
SUBNET: Final = "aws:ec2/subnet:Subnet"
ENCRYPTION_DEFAULT: Final = "aws:ebs/encryptionByDefault:EncryptionByDefault"
METADATA_DEFAULTS: Final = "aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults"
ADDRESS: Final = "aws:ec2/eip:Eip"
ADDRESS_ASSOCIATION: Final = "aws:ec2/eipAssociation:EipAssociation"

_MACHINES: Final = (MACHINE, SPOT)

_NO_METADATA: Final = "no metadata service"


def _stated(machine: Subject, path: str) -> tuple[Subject, Any]:
    """Who says what a machine has at a path: itself or else its launch template; and what."""
    template = machine.named(TEMPLATE, "launchTemplate.id")
    template = template or machine.named(TEMPLATE, "launchTemplate.name")
    if machine.has(path) or not machine.has("launchTemplate"):
        return machine, machine.get(path)
    if template is None:
        # Somebody else's template: what is in it cannot be seen from here.
        raise NotKnownError(machine.urn, "launchTemplate")
    return template, template.get(path)


@rule(
    "aws.compute.metadata-needs-a-token",
    *_MACHINES,
    TEMPLATE,
    severity="high",
    requires="The metadata service of machines, which has their credentials, asks for a token",
    remediation="Set metadataOptions.httpTokens to required.",
    reference="EC2.8",
    alone=False,
)
def metadata_needs_a_token(machine: Subject) -> Iterator[Verdict]:
    path = "metadataOptions.httpTokens"
    holder, tokens = _stated(machine, path)
    for default in machine.graph.of_type(METADATA_DEFAULTS):
        tokens = tokens or Subject(default, machine.graph).get("httpTokens")
    if tokens != "required":
        _, endpoint = _stated(machine, "metadataOptions.httpEndpoint")
        tokens = _NO_METADATA if endpoint == "disabled" else tokens
    # The image may ask for tokens too, which cannot be seen from here.
    yield Verdict(tokens in ("required", _NO_METADATA), path, tokens or "optional", urn=holder.urn)


@rule(
    "aws.compute.volumes-are-encrypted",
    *_MACHINES,
    TEMPLATE,
    VOLUME,
    severity="high",
    requires="Volumes are encrypted",
    remediation="Set encrypted to true, or turn on aws.ebs.EncryptionByDefault for the region.",
    reference="EC2.3",
    alone=False,
)
def volumes_are_encrypted(machine: Subject) -> Iterator[Verdict]:
    default = any(
        Subject(found, machine.graph).get("enabled", True)
        for found in machine.graph.of_type(ENCRYPTION_DEFAULT)
    )
    for at in _volumes(machine):
        path = f"{at}.encrypted".lstrip(".")
        encrypted = machine.get(path)
        if encrypted is None and not default and machine.has(f"{at}.snapshotId".lstrip(".")):
            # It is as its snapshot is.
            raise NotKnownError(machine.urn, path)
        # The provider takes it as text in a launch template.
        passes = default or str(encrypted).lower() == "true"
        yield Verdict(passes, path, "by default" if default else bool(encrypted) and passes)


def _volumes(machine: Subject) -> Iterator[str]:
    """The paths of what says how a volume is made."""
    if machine.resource.type == VOLUME:
        yield ""
        return
    if machine.resource.type in _MACHINES:
        # Every machine has a root, said or not; a template may say it in the machine's place.
        if machine.has("rootBlockDevice") or not machine.has("launchTemplate"):
            yield "rootBlockDevice"
        yield from machine.each("ebsBlockDevices")
    for mapping in machine.each("blockDeviceMappings"):
        if machine.has(f"{mapping}.ebs"):
            yield f"{mapping}.ebs"


@rule(
    "aws.compute.machine-has-no-public-address",
    *_MACHINES,
    severity="high",
    requires="No machine has a public address",
    remediation="Set associatePublicIpAddress to false, and put a load balancer in front.",
    reference="EC2.9",
    alone=False,
)
def machine_has_no_public_address(machine: Subject) -> Iterator[Verdict]:
    path = "associatePublicIpAddress"
    public = machine.get(path)
    if public is None and not machine.has("launchTemplate"):
        public = _given_by_subnet(machine)
    yield Verdict(not public, path, bool(public))
    for kind, by in ((ADDRESS, "instance"), (ADDRESS_ASSOCIATION, "instanceId")):
        for address in machine.attached(kind, by):
            yield Verdict(False, by, urn=address.urn)


def _given_by_subnet(machine: Subject) -> bool:
    if subnet := machine.named(SUBNET, "subnetId"):
        return subnet.get("mapPublicIpOnLaunch", False)
    if machine.has("subnetId"):
        raise NotKnownError(machine.urn, "subnetId")
    # Without a subnet it starts in one of the default VPC, and those give addresses; an
    # interface that exists already has what it has.
    return not (machine.has("networkInterfaces") or machine.has("primaryNetworkInterface"))


@rule(
    "aws.compute.template-gives-no-public-address",
    TEMPLATE,
    severity="high",
    requires="No launch template gives machines a public address",
    remediation="Set networkInterfaces[].associatePublicIpAddress to false.",
    reference="EC2.25",
)
def template_gives_no_public_address(template: Subject) -> Iterator[Verdict]:
    for interface in template.each("networkInterfaces"):
        path = f"{interface}.associatePublicIpAddress"
        public = template.get(path, False)
        yield Verdict(str(public).lower() != "true", path, public)


@rule(
    "aws.compute.nobody-shares-a-key-pair",
    *_MACHINES,
    TEMPLATE,
    severity="medium",
    requires="No machine lets people in by a key pair, which nobody can tell apart",
    remediation="Take keyName out, and use Session Manager, which logs who came.",
    reference="PCI 8.2.2",
)
def nobody_shares_a_key_pair(machine: Subject) -> Iterator[Verdict]:
    key = machine.get("keyName")
    yield Verdict(not key, "keyName", key or "none")


@rule(
    "aws.compute.machine-has-a-role",
    *_MACHINES,
    severity="medium",
    requires="Machines have a role, so that nobody puts keys on them",
    remediation="Set iamInstanceProfile; with AmazonSSMManagedInstanceCore it is also how Systems "
    "Manager patches and reaches them.",
    reference="CIS AWS 1.17",
    alone=False,
)
def machine_has_a_role(machine: Subject) -> Iterator[Verdict]:
    holder, profile = _stated(machine, "iamInstanceProfile")
    yield Verdict(bool(profile), "iamInstanceProfile", bool(profile), urn=holder.urn)
