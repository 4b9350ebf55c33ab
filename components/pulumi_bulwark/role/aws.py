"""IAM roles: least privilege inside a boundary."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from ..naming import logical

Statement = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsRoleArgs:
    description: str
    """What the role is for, in a sentence."""
    trust: Sequence[pulumi.Input[Statement]]
    """Who may assume the role, with the source condition that a service sends."""
    boundary_arn: pulumi.Input[str] | None
    """The permissions boundary: the role can do nothing that it does not allow. None only for who
    must be able to mend a boundary."""
    statements: Sequence[Statement] = ()
    """What the role may do. An action with a wildcard names its resources."""
    managed_policy_arns: Sequence[pulumi.Input[str]] = ()
    """Policies that exist by themselves: AWS's own, or one that is a boundary as well."""
    role_name: str | None = None
    """The whole name, where others must know it before the role exists; else Pulumi names it."""
    path: str | None = None
    """IAM path, such as /access/: part of the ARN, so that a policy can tell roles apart by it."""
    max_session_hours: int | None = None
    """Hours that a session may last: 1 to 12; IAM's default is one."""


class AwsRole(pulumi.ComponentResource):
    """An IAM role with a trust policy, its own statements, and a permissions boundary."""

    arn: pulumi.Output[str]
    """ARN of the role, known once its permissions are attached: IAM answers before they count."""

    def __init__(
        self, name: str, args: AwsRoleArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AwsRole", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)

        role = aws.iam.Role(
            logical("iam-role", f"{name}-role"),
            name=args.role_name,
            path=args.path,
            max_session_duration=args.max_session_hours and args.max_session_hours * 3600,
            description=args.description,
            assume_role_policy=_document(args.trust),
            permissions_boundary=args.boundary_arn,
            opts=child,
        )
        permissions: list[pulumi.Resource] = [
            aws.iam.RolePolicyAttachment(
                f"{name}-managed-{number}", role=role.name, policy_arn=arn, opts=child
            )
            for number, arn in enumerate(args.managed_policy_arns)
        ]
        if args.statements:
            policy = _document(args.statements)
            permissions.append(
                aws.iam.RolePolicy(f"{name}-policy", role=role.name, policy=policy, opts=child)
            )

        # Who takes the ARN waits for the permissions: IAM names a role before it can do anything.
        attached = [permission.urn for permission in permissions]
        self.arn = pulumi.Output.all(role.arn, *attached).apply(lambda all_: all_[0])
        self.register_outputs({"arn": self.arn})


def service_trust(service: str, condition: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The trust of a service principal; `condition` holds it to its confused-deputy source."""
    trust: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    return trust | ({"Condition": condition} if condition else {})


def _document(statements: Sequence[pulumi.Input[Statement]]) -> pulumi.Output[str]:
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": list(statements)})
