"""Cut a machine off, and keep what is on its disks.

It goes on running: what is in its memory is evidence too. Out of its Auto Scaling group it is
replaced, and not ended with what it knows. Connections that are there already may last for a while,
since EC2 follows them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .action import Before, Clients, Order, RefusedError, code_of, leave_alone, tags_of

GROUP: Final = "bulwark-isolation"
CASE: Final = "bulwark:case"
TAGGED: Final = "bulwark:isolation"
"""Of the group: the action's role may empty this one and no other."""


@dataclass(frozen=True, slots=True)
class IsolateInstance:
    clients: Clients
    takes: Final = "instance"

    def look(self, order: Order) -> Before:
        machine = _machine(self.clients("ec2"), order)
        leave_alone(str(order.subject), tags_of(machine.get("Tags")))
        state = machine["State"]["Name"]
        if state in ("shutting-down", "terminated"):
            raise RefusedError(f"{order.subject} is {state}")
        groups = {
            card["NetworkInterfaceId"]: [group["GroupId"] for group in card["Groups"]]
            for card in machine["NetworkInterfaces"]
        }
        scaled = tags_of(machine.get("Tags")).get("aws:autoscaling:groupName")
        return {"vpc": machine["VpcId"], "groups": groups, "scaled": scaled}

    def plan(self, order: Order, before: Before) -> str:
        out = f", take it out of {before['scaled']}" if before["scaled"] else ""
        return f"would take snapshots of {order.subject}{out} and cut it off the network"

    def act(self, order: Order, before: Before) -> str:
        ec2 = self.clients("ec2")
        isolated = _group(ec2, before["vpc"])
        for card in before["groups"]:
            ec2.modify_network_interface_attribute(NetworkInterfaceId=card, Groups=[isolated])
        if before["scaled"]:
            self._replace(order, before["scaled"])
        snapshots = self._snapshots(order)
        return (
            f"{order.subject} is cut off the network ({isolated}); its disks are kept in "
            f"{', '.join(snapshots) or 'no snapshot, as it has none'}"
        )

    def undo(self, order: Order, before: Before) -> str:
        ec2 = self.clients("ec2")
        isolated = _group(ec2, before["vpc"])
        cards = {
            card["NetworkInterfaceId"]: [group["GroupId"] for group in card["Groups"]]
            for card in _machine(ec2, order)["NetworkInterfaces"]
        }
        for card, groups in before["groups"].items():
            if cards.get(card) not in ([isolated], groups):
                raise RefusedError(f"somebody has changed the network of {order.subject} since")
        for card, groups in before["groups"].items():
            ec2.modify_network_interface_attribute(NetworkInterfaceId=card, Groups=list(groups))
        stays = f" It stays out of {before['scaled']}." if before["scaled"] else ""
        return f"{order.subject} is on the network again; the snapshots are kept.{stays}"

    def _replace(self, order: Order, scaled: str) -> None:
        scaling = self.clients("autoscaling")
        asked = scaling.describe_auto_scaling_instances(InstanceIds=[order.subject.name])
        if asked["AutoScalingInstances"]:
            scaling.detach_instances(
                InstanceIds=[order.subject.name],
                AutoScalingGroupName=scaled,
                ShouldDecrementDesiredCapacity=False,
            )

    def _snapshots(self, order: Order) -> list[str]:
        """One of each disk, once a case."""
        ec2 = self.clients("ec2")
        made = {"Filters": [{"Name": f"tag:{CASE}", "Values": [order.case]}], "OwnerIds": ["self"]}
        if there := ec2.describe_snapshots(**made)["Snapshots"]:
            return sorted(snapshot["SnapshotId"] for snapshot in there)
        disks = list(_disks(_machine(ec2, order)))
        return sorted(self._snapshot(order, disk) for disk in disks)

    def _snapshot(self, order: Order, disk: str) -> str:
        return self.clients("ec2").create_snapshot(
            VolumeId=disk,
            Description=f"Evidence of case {order.case}",
            TagSpecifications=[
                {"ResourceType": "snapshot", "Tags": [{"Key": CASE, "Value": order.case}]}
            ],
        )["SnapshotId"]


def _machine(ec2: Any, order: Order) -> Mapping[str, Any]:
    try:
        found = ec2.describe_instances(InstanceIds=[order.subject.name])["Reservations"]
    except Exception as error:
        if code_of(error).startswith("InvalidInstanceID"):
            raise RefusedError(f"there is no {order.subject}") from None
        raise
    return found[0]["Instances"][0]


def _disks(machine: Mapping[str, Any]) -> Iterator[str]:
    for disk in machine.get("BlockDeviceMappings", ()):
        if "Ebs" in disk:
            yield disk["Ebs"]["VolumeId"]


def _group(ec2: Any, vpc: str) -> str:
    """The security group of the VPC that lets nothing in and nothing out; it is made if need be."""
    group = _existing(ec2, vpc) or _made(ec2, vpc)
    # Each time: EC2 makes it with a rule that lets everything out, and this may be a second try.
    rules = group["IpPermissionsEgress"]
    if rules:
        ec2.revoke_security_group_egress(GroupId=group["GroupId"], IpPermissions=rules)
    return group["GroupId"]


def _made(ec2: Any, vpc: str) -> Mapping[str, Any]:
    try:
        ec2.create_security_group(
            GroupName=GROUP,
            VpcId=vpc,
            Description="Lets nothing in and nothing out",
            TagSpecifications=[
                {"ResourceType": "security-group", "Tags": [{"Key": TAGGED, "Value": "true"}]}
            ],
        )
    except Exception as error:
        if code_of(error) != "InvalidGroup.Duplicate":  # another function was faster
            raise
    found = _existing(ec2, vpc)
    if found is None:
        raise RuntimeError("the security group for isolation is not there yet")
    return found


def _existing(ec2: Any, vpc: str) -> Mapping[str, Any] | None:
    asked = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": [GROUP]}]
    found = ec2.describe_security_groups(Filters=asked)["SecurityGroups"]
    return found[0] if found else None
