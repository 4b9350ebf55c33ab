"""Defender's scans for weaknesses, and the dates by which they are to be mended."""

from collections.abc import Iterator
from typing import Final

from bulwark_toolkit.compliance.arm_templates import (
    DEPLOYMENTS,
    Declared,
    declared,
    everywhere,
)
from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import Subject

from .audit_log import ACTIVITY
from .threat_detection import PRICING

GOVERNANCE: Final = "azure-native:security:GovernanceRule"

_PRICINGS: Final = "Microsoft.Security/pricings"
_LATEST_DAYS: Final = 30


@rule(
    "azure.security_testing.subscription-is-scanned",
    ACTIVITY,
    severity="medium",
    requires="Who exports a subscription's Activity Log has its machines and images scanned",
    remediation="Turn the plans VirtualMachines and Containers on, or waive this where a "
    "management group's policy does.",
    reference="CIS Azure 8.1.3.2",
    alone=False,
)
def subscription_is_scanned(setting: Subject) -> Iterator[Verdict]:
    found = {
        plan.name: plan for plan in everywhere(setting.graph, PRICING, _PRICINGS, "pricingName")
    }
    for name in ("VirtualMachines", "Containers"):
        if plan := found.get(name):
            tier = plan.get("pricingTier")
            yield plan.verdict(tier == "Standard", "pricingTier", f"{name}: {tier}")
        else:
            yield Verdict(False, "", name, f"nothing sets the plan {name}")


@rule(
    "azure.security_testing.disks-are-scanned",
    PRICING,
    *DEPLOYMENTS,
    severity="low",
    requires="Machines are scanned by their disks too, so that one without an agent is",
    remediation="Set subPlan to P2, and turn the extension AgentlessVmScanning on.",
    reference="CIS Azure 8.1.3.4",
)
def disks_are_scanned(subject: Subject) -> Iterator[Verdict]:
    yield from _extension(subject, "VirtualMachines", "AgentlessVmScanning")


@rule(
    "azure.security_testing.images-are-scanned",
    PRICING,
    *DEPLOYMENTS,
    severity="medium",
    requires="Images in registries are scanned",
    remediation="Turn the extension ContainerRegistriesVulnerabilityAssessments on.",
    reference="PCI 11.3.1",
)
def images_are_scanned(subject: Subject) -> Iterator[Verdict]:
    extension = "ContainerRegistriesVulnerabilityAssessments"
    yield from _extension(subject, "Containers", extension)


def _extension(subject: Subject, plan: str, extension: str) -> Iterator[Verdict]:
    """Whether a plan that is on has an extension on."""
    for found in declared(subject, _PRICINGS, "pricingName"):
        if found.name == plan and found.get("pricingTier") == "Standard":
            yield _is_on(found, extension)


def _is_on(plan: Declared, extension: str) -> Verdict:
    for at in plan.each("extensions"):
        if plan.get(f"{at}.name") == extension:
            on = plan.get(f"{at}.isEnabled")
            return plan.verdict(on == "True", f"{at}.isEnabled", f"{extension}: {on}")
    return plan.verdict(False, "extensions", None, f"{extension} is not on")


@rule(
    "azure.security_testing.findings-have-a-date",
    GOVERNANCE,
    severity="medium",
    requires="What a scan finds is to be mended within thirty days, and somebody is told",
    remediation='Set remediationTimeframe to "30.00:00:00" or less, and leave the rule and its '
    "mails on.",
    reference="PCI 6.3.3",
)
def findings_have_a_date(governance: Subject) -> Iterator[Verdict]:
    off = governance.get("isDisabled", False)
    yield Verdict(off is not True, "isDisabled", off)
    frame = governance.get("remediationTimeframe", "")
    days = frame.partition(".")[0]
    in_time = days.isdecimal() and int(days) <= _LATEST_DAYS
    yield Verdict(in_time, "remediationTimeframe", frame)
    at = "governanceEmailNotification.disableOwnerEmailNotification"
    silent = governance.get(at, False)
    yield Verdict(silent is not True, at, silent)
