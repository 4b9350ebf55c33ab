"""The function that counts what is open for too long: Defender has no alarm of a finding's age."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi

from ..function import FunctionSpec, Package
from ..function.azure import AzureFunction, AzureFunctionArgs
from ..log_group.azure import AzureLogStore
from ..role.azure import Grant, custom_role
from ..vault.azure import AzureKey

_MACHINES: Final = ("Microsoft.Compute/virtualMachines", "Microsoft.HybridCompute/machines")

READS: Final = (
    "Microsoft.ResourceGraph/resources/read",
    "Microsoft.Security/assessments/read",
    "Microsoft.Security/assessments/subAssessments/read",
    *(
        f"{machine}/{what}"
        for machine in _MACHINES
        for what in ("read", "patchAssessmentResults/read", "patchInstallationResults/read")
    ),
)
"""Resource Graph shows each caller only what it may read. As Microsoft's pages on Defender's and
Update Manager's permissions have them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Counter:
    """What the function needs."""

    name: str
    store: AzureLogStore
    """How the environment keeps its logs; the subscription of its place is counted in."""
    key: AzureKey
    """The key that encrypts the function's own storage."""
    deadlines: Mapping[str, int]
    """Days for which a finding may be open, by severity."""
    exceptions: Sequence[Mapping[str, Any]]
    """Weaknesses that are accepted for a time."""

    def function(self, child: pulumi.ResourceOptions) -> AzureFunction:
        place = self.store.place
        role = custom_role(
            f"{self.name}-counter-role",
            place,
            description="Reads what is weak in the subscription, and what is patched",
            actions=READS,
            scope=place.subscription,  # Defender scans all of it
            opts=child,
        )
        return AzureFunction(
            f"{self.name}-counter",
            AzureFunctionArgs(
                spec=FunctionSpec(timeout_seconds=300),
                description="Counts the weaknesses that are open for too long",
                code=Package("weaknesses"),
                app="bulwark_runtime.weaknesses.azure_app:app",
                store=self.store,
                key=self.key,
                grants=[Grant(name="reads-findings", role=role, scope=place.subscription)],
                environment={
                    "BULWARK_SUBSCRIPTION": place.subscription_id,
                    "BULWARK_DEADLINES": json.dumps(dict(self.deadlines)),
                    "BULWARK_EXCEPTIONS": json.dumps(list(self.exceptions)),
                },
                at="bulwark:securityTesting",
            ),
            child,
        )
