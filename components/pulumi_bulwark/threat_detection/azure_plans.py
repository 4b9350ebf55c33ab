"""The plans of Defender for Cloud that the settings ask for, as data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .spec import ThreatDetectionSpec


@dataclass(frozen=True, kw_only=True, slots=True)
class Scans:
    """What is to be scanned for weaknesses, which the same plans do."""

    machines: bool = False
    images: bool = False


NOTHING = Scans()


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan of Defender for Cloud, which is on or off for a whole subscription."""

    name: str
    """As Azure calls it."""
    on: bool
    price: str
    sub_plan: str | None = None
    extensions: Mapping[str, bool] = field(default_factory=dict)
    """What can be turned on and off within the plan. Whatever is not named stays as it is, so each
    is named that a setting decides on."""


def plans(spec: ThreatDetectionSpec, scans: Scans) -> Sequence[Plan]:
    """Each plan, also those that are off: what is only taken out of a program stays on."""
    watch, posture = spec.protections, spec.posture.enabled
    agentless = scans.machines and watch.server_plan == "p2"
    return (
        Plan(
            "VirtualMachines",
            watch.runtime or scans.machines,
            _SERVER_PRICES[watch.server_plan],
            watch.server_plan.upper(),
            # P1 has no such extension, and refuses it.
            {"AgentlessVmScanning": agentless} if watch.server_plan == "p2" else {},
        ),
        Plan(
            "Containers",
            watch.kubernetes or scans.images,
            "about 7 USD a vCore of clusters and month",
            extensions={
                "AgentlessDiscoveryForKubernetes": watch.kubernetes,
                "ContainerRegistriesVulnerabilityAssessments": scans.images,
                "ContainerSensor": watch.runtime,
            },
        ),
        Plan(
            "StorageAccounts",
            watch.buckets,
            "about 10 USD a storage account and month"
            + (", 0.15 USD a GB that is scanned as it is uploaded" if watch.malware else ""),
            "DefenderForStorageV2",
            {
                "OnUploadMalwareScanning": watch.malware,
                "SensitiveDataDiscovery": spec.sensitive_data,
            },
        ),
        Plan("KeyVaults", watch.secrets, "about 0.25 USD a vault and month", "PerKeyVault"),
        Plan("Arm", watch.calls, "about 5 USD a month", "PerSubscription"),
        Plan("AppServices", watch.functions, "about 15 USD an instance and month"),
        Plan("SqlServers", watch.databases, "about 15 USD a server and month"),
        Plan("SqlServerVirtualMachines", watch.databases, "about 15 USD a server and month"),
        Plan("OpenSourceRelationalDatabases", watch.databases, "about 15 USD a server and month"),
        Plan("CosmosDbs", watch.databases, "about 0.90 USD for 100 RU/s and month"),
        # Without a sub-plan Azure refuses it, on or off [m].
        Plan("Api", watch.apis, "about 200 USD a month", "P1"),
        Plan(
            "CloudPosture",
            posture,
            "about 5 USD a machine, storage account and database a month",
            extensions={
                "AgentlessDiscoveryForKubernetes": watch.kubernetes,
                "AgentlessVmScanning": scans.machines,
                "ContainerRegistriesVulnerabilityAssessments": scans.images,
                "SensitiveDataDiscovery": spec.sensitive_data,
            },
        ),
    )


_SERVER_PRICES: Mapping[str, str] = {
    "p1": "about 5 USD a machine and month",
    "p2": "about 15 USD a machine and month",
}
