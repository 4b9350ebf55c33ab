"""Threats and posture on Azure: Defender for Cloud, its findings, and Microsoft Sentinel."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_azure_native as azure_native

from .. import notes
from ..log_group.azure import AzureLogStore
from ..naming import physical
from .azure_plans import NOTHING, Plan, Scans, plans
from .azure_sentinel import sentinel
from .azure_template import template
from .spec import ThreatDetectionSpec

_AT = "bulwark:threatDetection"

EXPORTED = ("Alerts", "Assessments", "SubAssessments", "RegulatoryComplianceAssessment")
"""What Defender for Cloud sends to the workspace as it comes."""

STANDARDS: Mapping[str, str] = {
    "cis": "06f19060-9e68-4070-92ca-f15cc126059e",
    "pci": "c676748e-3af9-4e22-bc28-50feed564afb",
}
"""GUIDs of Azure Policy's initiatives, the same in every tenant."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AzureThreatDetectionArgs:
    spec: ThreatDetectionSpec
    store: AzureLogStore
    """How the environment keeps its logs; its workspace takes the findings."""
    owner: str = ""
    """Whom Defender writes to where the settings name nobody; nobody if it is empty."""
    scans: Scans = NOTHING
    """What is to be scanned for weaknesses: the same plans do that."""
    baseline: str | None = None
    """Who owns what exists once in the subscription, if it is not this stack."""


class AzureThreatDetection(pulumi.ComponentResource):
    """What watches the subscription for attacks and for what is open to one, and where it tells.

    A subscription has one setting for each plan of Defender for Cloud. Where another stack owns
    them, there is only Sentinel on this environment's own logs, if it is asked for.
    """

    detector_id: pulumi.Output[str] | None
    """Full id of the deployment that sets Defender's plans; None where another stack does."""

    findings_id: pulumi.Output[str] | None
    """Full id of the export of all findings; None where another stack collects them."""

    sentinel_id: pulumi.Output[str] | None
    """Full id of Sentinel's own resource on the workspace; None where it is off."""

    owned: tuple[str, ...]
    """What this stack owns of the things that exist once in the subscription, in words."""

    def __init__(
        self, name: str, args: AzureThreatDetectionArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AzureThreatDetection", name, None, opts)
        args.spec.must_suit("azure", _AT)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        self._kept = pulumi.ResourceOptions(
            parent=self,
            protect=args.store.deletion_protection,
            retain_on_delete=args.store.deletion_protection,
        )
        self.detector_id = self.findings_id = self.sentinel_id = None
        self.owned = ()
        if args.baseline is None:
            self._watch()
            self._judge()
            self._tell()
            self.owned = ("plans of Defender for Cloud", "export of findings")
        else:
            notes.limit(self, f"threats and posture are watched by {args.baseline}")
        if args.spec.sentinel.enabled:
            self.sentinel_id = sentinel(name, args.spec.sentinel, args.store, self._child).id
            notes.cost(self, "Sentinel: about 2.50 USD for each GB of the workspace's logs")

        notes.loosened(self, _AT, args.spec)
        self.register_outputs(
            {
                "detectorId": self.detector_id,
                "findingsId": self.findings_id,
                "sentinelId": self.sentinel_id,
                "owned": list(self.owned),
            }
        )

    def _watch(self) -> None:
        args = self._args
        asked = plans(args.spec, args.scans)
        contacts = args.spec.findings.contacts or ((args.owner,) if args.owner else ())
        asked_of_azure = template(asked, contacts, args.spec.findings.alert_from)
        first = self._deploy("plans", asked_of_azure, self._kept)
        # A plan that has just been turned on may forget its extensions: told twice, it has them.
        after = pulumi.ResourceOptions(depends_on=[first])
        opts = pulumi.ResourceOptions.merge(self._kept, after)
        self.detector_id = self._deploy("plans-again", asked_of_azure, opts).id
        for note in _costs(asked):
            notes.cost(self, note)
        notes.limit(self, "Defender for Cloud stays as it is when the stack is taken away")
        if args.spec.protections.apis:
            notes.limit(self, "an API is watched once it is onboarded in Defender for Cloud")

    def _deploy(
        self, role: str, asked: Mapping[str, Any], opts: pulumi.ResourceOptions
    ) -> azure_native.resources.DeploymentAtSubscriptionScope:
        name = f"{self._name}-{role}"
        # Incremental: what is not in the template stays as it is.
        properties: Any = {"mode": "Incremental", "template": asked}
        return azure_native.resources.DeploymentAtSubscriptionScope(
            name,
            deployment_name=physical("deployment", pulumi.get_project(), pulumi.get_stack(), name),
            location=self._args.store.place.location,
            properties=properties,
            opts=opts,
        )

    def _judge(self) -> None:
        posture = self._args.spec.posture
        place = self._args.store.place
        # Azure wants an identity for an initiative that can repair. Without a role it repairs
        # nothing: it only judges.
        identity: Any = {"type": "SystemAssigned"}
        for standard, initiative in STANDARDS.items():
            if posture.enabled and getattr(posture.standards, standard):
                azure_native.authorization.PolicyAssignment(
                    f"{self._name}-{standard}",
                    policy_assignment_name=f"bulwark-standard-{standard}",
                    policy_definition_id=(
                        f"/providers/Microsoft.Authorization/policySetDefinitions/{initiative}"
                    ),
                    scope=place.subscription,
                    display_name=f"Bulwark: the standard {standard.upper()}, judged by Defender",
                    enforcement_mode="Default",
                    identity=identity,
                    location=place.location,
                    opts=self._kept,
                )

    def _tell(self) -> None:
        place, workspace_id = self._args.store.place, self._args.store.workspace_id
        self.findings_id = azure_native.security.Automation(
            f"{self._name}-findings",
            automation_name=physical(
                "security-automation", pulumi.get_project(), pulumi.get_stack(), self._name
            ),
            resource_group_name=place.resource_group_name,
            location=place.location,
            description="All findings of Defender for Cloud, to the environment's workspace",
            is_enabled=True,
            scopes=[{"scope_path": place.subscription, "description": "The subscription"}],
            sources=[{"event_source": source} for source in EXPORTED],
            actions=[{"action_type": "Workspace", "workspace_resource_id": workspace_id}],
            opts=self._kept,
        ).id


def _costs(asked: Sequence[Plan]) -> Iterator[str]:
    """What is on, by its price: what there is none of costs nothing."""
    by_price: dict[str, list[str]] = {}
    for plan in asked:
        if plan.on:
            by_price.setdefault(plan.price, []).append(plan.name)
    for price, names in by_price.items():
        yield f"Defender for {', '.join(names)}: {price}"
