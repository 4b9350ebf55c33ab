"""What exists once in an Azure subscription."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure_native

from .. import notes
from ..place import AzurePlace
from .spec import AccountSpec


@dataclass(frozen=True, kw_only=True, slots=True)
class AzureAccountArgs:
    spec: AccountSpec
    place: AzurePlace
    """Where the environment is; its subscription is the account."""


class AzureAccount(pulumi.ComponentResource):
    """The subscription's own rules, as far as this stack owns them (`account.manage`).

    They are Microsoft's own policies, which refuse what should be nowhere in the subscription. They
    are retained when the stack is destroyed: other environments rely on them.
    """

    owned: tuple[str, ...]
    """What this stack owns, in words."""

    def __init__(
        self, name: str, args: AzureAccountArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AzureAccount", name, None, opts)
        args.spec.must_suit("azure", "bulwark:account")
        words = tuple(refused.words for refused in REFUSED)
        if args.spec.manage == "all":
            for refused in REFUSED:
                self._refuse(f"{name}-{refused.name}", refused, args.place)
            self.owned = words
        else:
            self.owned = ()
            notes.limit(self, f"owned by {args.spec.baseline}: {', '.join(words)}")
        self.register_outputs({"owned": list(self.owned)})

    def _refuse(self, label: str, refused: "_Refused", place: AzurePlace) -> None:
        azure_native.authorization.PolicyAssignment(
            label,
            # The same in every stack: a second owner is told so, instead of refusing twice.
            policy_assignment_name=f"bulwark-{refused.name}",
            policy_definition_id=(
                f"/providers/Microsoft.Authorization/policyDefinitions/{refused.policy}"
            ),
            scope=place.subscription,
            display_name=f"Bulwark: {refused.words}",
            enforcement_mode="Default",
            parameters={"effect": {"value": "Deny"}},
            non_compliance_messages=[{"message": refused.instead}],
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=True),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Refused:
    """What a policy of Microsoft's refuses in the whole subscription."""

    name: str
    policy: str
    """GUID of the policy, the same in every tenant."""
    words: str
    instead: str
    """What whoever is refused reads."""


REFUSED: Sequence[_Refused] = (
    _Refused(
        name="no-public-blobs",
        policy="4fa4b6c0-31ca-4c0d-b10d-24b96f62a751",
        words="block of public blobs",
        instead="Set allowBlobPublicAccess to false, and give roles to who reads.",
    ),
    _Refused(
        name="no-storage-in-the-clear",
        policy="404c3081-a854-4457-ae30-26a93ef643f9",
        words="block of storage in the clear",
        instead="Set supportsHttpsTrafficOnly to true.",
    ),
    _Refused(
        name="no-purged-vaults",
        policy="0b60c0b2-2dc2-4e1c-b5c9-abbed971de53",
        words="block of vaults that can be purged",
        instead="Set enablePurgeProtection to true.",
    ),
)
"""What no environment of ours makes, so that a policy that refuses it stops no deployment."""
