"""The way in when nothing else helps: a role that is nobody's until somebody activates it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_azure_native as azure_native

from ..naming import logical
from ..place import AzurePlace
from ..role.azure import principal_of, role_id
from .spec import BreakGlassSpec

_ROLE = "Owner"


@dataclass(frozen=True, kw_only=True, slots=True)
class AzureBreakGlassArgs:
    spec: BreakGlassSpec
    place: AzurePlace
    """Where the environment is."""
    scope: pulumi.Input[str]
    """Full id of what whoever breaks the glass then owns."""
    runbook: str
    """Where it says what to do when somebody has."""
    alarm_group_id: pulumi.Input[str] | None = None
    """Full id of the action group that is told at once."""


class AzureBreakGlass(pulumi.ComponentResource):
    """Who may become owner for an hour, what is asked of them, and the alarm that tells of it."""

    scope: pulumi.Output[str]
    """Full id of what is owned for that hour."""

    def __init__(
        self, name: str, args: AzureBreakGlassArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AzureBreakGlass", name, None, opts)
        self._name, self._args = name, args
        # Nobody gets in before the alarm is there, and what is asked of them.
        before = [self._alarm(), *self._rules()]
        for person in {principal_of(person)[1]: person for person in args.spec.users}.values():
            self._make_eligible(person, before)
        self.scope = pulumi.Output.from_input(args.scope)
        self.register_outputs({"scope": self.scope})

    def _alarm(self) -> pulumi.Resource:
        args = self._args
        told: Any = [{"action_group_id": args.alarm_group_id}] if args.alarm_group_id else []
        return azure_native.monitor.ActivityLogAlert(
            logical("activity-alert", f"{self._name}-alert"),
            resource_group_name=args.place.resource_group_name,
            location="global",
            description=(
                "Somebody activated a role. Ask who, and why: the entry has both. "
                f"Runbook: {args.runbook}#role-activation ."
            ),
            scopes=[args.scope],
            condition={
                "all_of": [
                    {"field": "category", "equals": "Administrative"},
                    {"field": "operationName", "equals": ACTIVATION},
                ]
            },
            actions={"action_groups": told},
            enabled=True,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _rules(self) -> Sequence[pulumi.Resource]:
        args = self._args
        if args.spec.activation_rules is None:
            return []
        return [
            azure_native.authorization.RoleManagementPolicy(
                f"{self._name}-rules",
                role_management_policy_name=args.spec.activation_rules,
                scope=args.scope,
                rules=_RULES,
                opts=pulumi.ResourceOptions(parent=self),
            )
        ]

    def _make_eligible(self, person: str, before: Sequence[pulumi.Resource]) -> None:
        args = self._args
        _, object_id = principal_of(person)
        azure_native.authorization.PimRoleEligibilitySchedule(
            f"{self._name}-{object_id}",
            scope=args.scope,
            role_definition_id=role_id(args.place, _ROLE),
            principal_id=object_id,
            justification="Named in bulwark:access.breakGlass.users",
            schedule_info={
                "expiration": {
                    "type": "AfterDuration",
                    "duration": f"P{args.spec.eligible_days}D",
                }
            },
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=list(before),
                # There is one for each principal, role and scope.
                delete_before_replace=True,
            ),
        )


ACTIVATION = "Microsoft.Authorization/roleAssignmentScheduleRequests/write"
"""What the Activity Log calls it that somebody makes use of an eligibility."""


def _target(caller: str, level: str) -> Mapping[str, Any]:
    return {"caller": caller, "level": level, "operations": ["All"]}


_RULES: Any = [
    {
        "id": "Expiration_EndUser_Assignment",
        "rule_type": "RoleManagementPolicyExpirationRule",
        "is_expiration_required": True,
        "maximum_duration": "PT1H",
        "target": _target("EndUser", "Assignment"),
    },
    {
        "id": "Enablement_EndUser_Assignment",
        "rule_type": "RoleManagementPolicyEnablementRule",
        "enabled_rules": ["MultiFactorAuthentication", "Justification", "Ticketing"],
        "target": _target("EndUser", "Assignment"),
    },
    {
        "id": "Expiration_Admin_Eligibility",
        "rule_type": "RoleManagementPolicyExpirationRule",
        "is_expiration_required": True,
        "maximum_duration": "P365D",
        "target": _target("Admin", "Eligibility"),
    },
]
"""What is asked of whoever activates the role, and that nobody may do so for good."""
