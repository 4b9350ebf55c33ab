"""Make the sessions of a role worthless that began before now; the role can be taken anew."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from .action import Before, Clients, Order, RefusedError, is_one_of, leave_alone, tags_of

POLICY: Final = "BulwarkRevokedSessions"


@dataclass(frozen=True, slots=True)
class RevokeSessions:
    clients: Clients
    boundary: str | None = None
    """ARN of the boundary that a role must have: a policy is put on it, so whoever could put one
    on any role could be anybody. Roles of people, of pipelines and for emergencies have another."""
    never: frozenset[str] = frozenset()
    """ARNs of roles that are left alone; a star stands for any name."""
    takes: Final = "role"

    def look(self, order: Order) -> Before:
        iam, name = self.clients("iam"), order.subject.name
        try:
            role = iam.get_role(RoleName=name)["Role"]
        except iam.exceptions.NoSuchEntityException:
            raise RefusedError(f"there is no role {name}") from None
        if is_one_of(role["Arn"], self.never):
            raise RefusedError(f"role {name} is one that playbooks never touch")
        boundary = role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
        if self.boundary and boundary != self.boundary:
            raise RefusedError(f"role {name} is none of a workload of this stack")
        leave_alone(f"role {name}", tags_of(role.get("Tags")))
        return {"until": _until(iam, name), "ours": f"{order.now:%Y-%m-%dT%H:%M:%SZ}"}

    def plan(self, order: Order, before: Before) -> str:
        del before
        return f"would revoke all sessions of {order.subject} that have begun by then"

    def act(self, order: Order, before: Before) -> str:
        iam, name, ours = self.clients("iam"), order.subject.name, before["ours"]
        now = _until(iam, name)
        # Never back in time: a later revocation holds for earlier sessions as well.
        if now is None or now < ours:
            _put(iam, name, ours)
        return f"sessions of {order.subject} from before {ours} are revoked"

    def undo(self, order: Order, before: Before) -> str:
        iam, name = self.clients("iam"), order.subject.name
        now = _until(iam, name)
        if now not in (before["ours"], before["until"]):
            raise RefusedError(f"sessions of {order.subject} were revoked, or let in, again since")
        if before["until"]:
            _put(iam, name, before["until"])
        elif now:
            iam.delete_role_policy(RoleName=name, PolicyName=POLICY)
        return f"sessions of {order.subject} from before {before['ours']} are good again"


def _put(iam: Any, role: str, until: str) -> None:
    iam.put_role_policy(
        RoleName=role, PolicyName=POLICY, PolicyDocument=json.dumps(document(until))
    )


def document(until: str) -> Mapping[str, Any]:
    """The policy that AWS's console puts on a role as well."""
    statement = {
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {"DateLessThan": {"aws:TokenIssueTime": until}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def _until(iam: Any, role: str) -> str | None:
    try:
        found = iam.get_role_policy(RoleName=role, PolicyName=POLICY)["PolicyDocument"]
    except iam.exceptions.NoSuchEntityException:
        return None
    policy = json.loads(unquote(found)) if isinstance(found, str) else found
    return policy["Statement"][0]["Condition"]["DateLessThan"]["aws:TokenIssueTime"]
