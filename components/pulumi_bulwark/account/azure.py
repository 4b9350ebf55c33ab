"""What exists once in an Azure subscription."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_azure_native as azure_native

from .. import notes
from ..place import AzurePlace
from .azure_policies import POLICIES, BackingPolicy
from .spec import AccountSpec, OnBreach

_AT = "bulwark:account"

_OWNED = "what Microsoft's own policies refuse and look at"

_EFFECTS: Mapping[OnBreach, str] = {"audit": "Audit", "deny": "Deny"}


@dataclass(frozen=True, kw_only=True, slots=True)
class AzureAccountArgs:
    spec: AccountSpec
    place: AzurePlace
    """Where the environment is; its subscription is the account."""


class AzureAccount(pulumi.ComponentResource):
    """The subscription's own rules, as far as this stack owns them (`account.manage`).

    They are Microsoft's own policies in one initiative, whose groups are the controls that they
    back. They are retained when the stack is destroyed: other environments rely on them.
    """

    owned: tuple[str, ...]
    """What this stack owns, in words."""

    def __init__(
        self, name: str, args: AzureAccountArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AzureAccount", name, None, opts)
        args.spec.must_suit("azure", _AT)
        self.owned = ()
        if args.spec.manage == "all":
            self._policies(name, args)
            self.owned = (_OWNED,)
        else:
            notes.limit(self, f"owned by {args.spec.baseline}: {_OWNED}")
        notes.loosened(self, _AT, args.spec)
        self.register_outputs({"owned": list(self.owned)})

    def _policies(self, name: str, args: AzureAccountArgs) -> None:
        kept = pulumi.ResourceOptions(parent=self, retain_on_delete=True)
        initiative = azure_native.authorization.PolicySetDefinition(
            f"{name}-policies",
            # The same in every stack: a second owner is told so, instead of refusing twice.
            policy_set_definition_name="bulwark",
            policy_type="Custom",
            display_name="Bulwark",
            description="Microsoft's own policies that back Bulwark's rules, by control",
            policy_definition_groups=[
                {"name": _group(control), "display_name": control, "category": _framework(control)}
                for control in sorted({c for policy in POLICIES for c in policy.controls})
            ],
            policy_definitions=[_reference(policy, args.spec.on_breach) for policy in POLICIES],
            opts=kept,
        )
        azure_native.authorization.PolicyAssignment(
            f"{name}-policies-assigned",
            policy_assignment_name="bulwark",
            policy_definition_id=initiative.id,
            scope=args.place.subscription,
            display_name="Bulwark",
            enforcement_mode="Default",
            non_compliance_messages=[
                {"message": policy.instead, "policy_definition_reference_id": policy.name}
                for policy in POLICIES
                if policy.instead
            ],
            opts=kept,
        )


def _reference(policy: BackingPolicy, on_breach: OnBreach) -> Any:
    effect = {"effect": {"value": _EFFECTS[on_breach]}} if policy.instead else {}
    return {
        "policy_definition_reference_id": policy.name,
        "policy_definition_id": (
            f"/providers/Microsoft.Authorization/policyDefinitions/{policy.guid}"
        ),
        "group_names": [_group(control) for control in policy.controls],
        "parameters": effect,
    }


def _group(control: str) -> str:
    return control.replace(" ", "-")


def _framework(control: str) -> str:
    return control.rpartition(" ")[0]
