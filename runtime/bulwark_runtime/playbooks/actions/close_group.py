"""Take back from a security group what it opened to the whole internet."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .action import Before, Clients, Order, RefusedError, code_of, leave_alone, tags_of

_EVERYBODY: Final = ("0.0.0.0/0", "::/0")
_PUBLIC_PORTS: Final = (80, 443)
_ALL: Final = "-1"
"""How EC2 says every protocol."""


@dataclass(frozen=True, slots=True)
class CloseGroup:
    clients: Clients
    takes: Final = "security-group"

    def look(self, order: Order) -> Before:
        ec2, name = self.clients("ec2"), order.subject.name
        try:
            (group,) = ec2.describe_security_groups(GroupIds=[name])["SecurityGroups"]
        except Exception as error:
            if code_of(error).startswith("InvalidGroup"):
                raise RefusedError(f"there is no {order.subject}") from None
            raise
        leave_alone(f"security group {name}", tags_of(group.get("Tags")))
        return {"rules": list(_open(ec2, order))}

    def plan(self, order: Order, before: Before) -> str:
        if not before["rules"]:
            return f"would leave {order.subject} as it is: nothing in it is open to everybody"
        return f"would close {_said(before)} of {order.subject} to everybody"

    def act(self, order: Order, before: Before) -> str:
        ec2 = self.clients("ec2")
        there = {rule["id"] for rule in _open(ec2, order)}
        if ids := [rule["id"] for rule in before["rules"] if rule["id"] in there]:
            ec2.revoke_security_group_ingress(GroupId=order.subject.name, SecurityGroupRuleIds=ids)
        return f"{_said(before) or 'nothing'} of {order.subject} is no longer open to everybody"

    def undo(self, order: Order, before: Before) -> str:
        if not before["rules"]:
            raise RefusedError(f"nothing of {order.subject} was closed")
        for rule in before["rules"]:
            self._open_again(order, rule)
        return f"{_said(before)} of {order.subject} is open to everybody again"

    def _open_again(self, order: Order, rule: Mapping[str, Any]) -> None:
        try:
            self.clients("ec2").authorize_security_group_ingress(
                GroupId=order.subject.name, IpPermissions=[rule["permission"]]
            )
        except Exception as error:
            if code_of(error) != "InvalidPermission.Duplicate":
                raise


def _open(ec2: Any, order: Order) -> Iterator[Mapping[str, Any]]:
    """The rules that let everybody in where nobody need be, as what opens them again."""
    asked = {"Filters": [{"Name": "group-id", "Values": [order.subject.name]}]}
    named = order.subject.more.get("rules")
    public = order.parameters.get("public_ports", _PUBLIC_PORTS)
    for page in ec2.get_paginator("describe_security_group_rules").paginate(**asked):
        for rule in page["SecurityGroupRules"]:
            if named and rule["SecurityGroupRuleId"] not in named:
                continue
            if not rule["IsEgress"] and _is_wrong(rule, public):
                yield {"id": rule["SecurityGroupRuleId"], "permission": _permission(rule)}


def _is_wrong(rule: Mapping[str, Any], public: Any) -> bool:
    everybody = rule.get("CidrIpv4") in _EVERYBODY or rule.get("CidrIpv6") in _EVERYBODY
    ports = rule.get("FromPort"), rule.get("ToPort")
    meant = rule["IpProtocol"] == "tcp" and ports[0] == ports[1] and ports[0] in public
    return everybody and not meant


def _permission(rule: Mapping[str, Any]) -> dict[str, Any]:
    about = {"Description": rule["Description"]} if rule.get("Description") else {}
    ports = (
        {}
        if rule["IpProtocol"] == _ALL
        else {"FromPort": rule["FromPort"], "ToPort": rule["ToPort"]}
    )
    ranges = (
        {"IpRanges": [{"CidrIp": rule["CidrIpv4"], **about}]}
        if rule.get("CidrIpv4")
        else {"Ipv6Ranges": [{"CidrIpv6": rule["CidrIpv6"], **about}]}
    )
    return {"IpProtocol": rule["IpProtocol"], **ports, **ranges}


def _said(before: Before) -> str:
    return ", ".join(_ports(rule["permission"]) for rule in before["rules"])


def _ports(permission: Mapping[str, Any]) -> str:
    if permission["IpProtocol"] == _ALL:
        return "every port"
    first, last = permission["FromPort"], permission["ToPort"]
    return f"{permission['IpProtocol']} {first if first == last else f'{first}-{last}'}"
