"""Continuous scanning for weaknesses: Microsoft Defender vulnerability management."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_azure_native as azure_native

from .. import notes
from ..days import today
from ..log_group.azure import AzureLogStore
from ..vault.azure import AzureKey
from .azure_counter import Counter
from .spec import SecurityTestingSpec

_AT = "bulwark:securityTesting"

SCANS: Mapping[str, str] = {"machines": "VirtualMachines", "images": "Containers"}
"""Plan of Defender for Cloud that scans, by setting."""

RECOMMENDATIONS: Mapping[str, str] = {
    "machines": "1195afff-c881-495e-9bc5-1486211ae03f",
    "images": "c0b7cfc6-3172-465a-b378-53c7ff2cc0d5",
}
"""Defender's recommendations to mend what a scan has found, by setting; the same everywhere."""

_PRIORITY = 200
"""Of a governance rule, 0 to 1000: one with a smaller number goes before."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AzureSecurityTestingArgs:
    spec: SecurityTestingSpec
    store: AzureLogStore
    """How the environment keeps its logs; the subscription of its place is scanned."""
    key: AzureKey
    """The key that encrypts the storage of the function that counts."""
    deadlines: Mapping[str, int]
    """Days for which a finding may be open, by its severity in small letters."""
    owner: str = ""
    """The address that is told each week of what is open; nobody if it is empty."""
    governed: bool = True
    """Whether Defender CSPM is on, which sets dates by which something is to be mended."""
    after: Sequence[pulumi.Resource] = ()
    """What sets Defender's plans: without that of CSPM it takes no dates."""
    baseline: str | None = None
    """Who owns what exists once in the subscription, if it is not this stack."""


class AzureSecurityTesting(pulumi.ComponentResource):
    """What is scanned in the subscription, by when it is to be mended, and what is accepted.

    The scanners are part of Defender's plans, which threat detection sets. Defender itself tells
    the owner each week what is open and for how long; a function counts by weakness what is open
    for too long, without the exceptions.
    """

    scanned: tuple[str, ...]
    """Plans of Defender that scan; empty where another owns them."""

    owned: tuple[str, ...]
    """What this stack owns of the things that exist once in the subscription, in words."""

    deadlines: dict[str, int]
    """Days for which a finding may be open, by its severity in small letters."""

    exceptions: list[dict[str, Any]]
    """Weaknesses that are accepted for a time: their ids, on which resources, and until when."""

    counter_name: pulumi.Output[str] | None
    """What Azure calls the function app that counts; None where nothing is scanned, or it would
    have no subnet."""

    def __init__(
        self, name: str, args: AzureSecurityTestingArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AzureSecurityTesting", name, None, opts)
        args.spec.must_suit("azure", _AT)
        self.scanned, self.owned, self.deadlines = (), (), dict(args.deadlines)
        self.counter_name = None
        self.exceptions = [
            {
                "weaknesses": list(accepted.weaknesses),
                "resources": list(accepted.resources),
                "until": accepted.until.isoformat(),
            }
            for accepted in args.spec.exceptions.values()
        ]
        if args.baseline:
            notes.limit(self, f"weaknesses are scanned for by {args.baseline}")
        else:
            self._scan(name, args)
        self._tell(args.spec)
        notes.loosened(self, _AT, args.spec)
        self.register_outputs(
            {
                "scanned": list(self.scanned),
                "owned": list(self.owned),
                "deadlines": self.deadlines,
                "exceptions": self.exceptions,
                "counterName": self.counter_name,
            }
        )

    def _scan(self, name: str, args: AzureSecurityTestingArgs) -> None:
        scans = [scan for scan in SCANS if getattr(args.spec, scan)]
        self.scanned = tuple(SCANS[scan] for scan in scans)
        if not scans:
            return
        self.owned = ("scanner of weaknesses",)
        if args.governed and args.owner:
            self._govern(name, args, [RECOMMENDATIONS[scan] for scan in scans])
        else:
            notes.limit(
                self,
                "Defender sets no dates and writes to nobody each week: Defender CSPM, or an "
                "address of the owner, is missing",
            )
        self._count(name, args)

    def _count(self, name: str, args: AzureSecurityTestingArgs) -> None:
        if args.store.place.functions_subnet_id is None:
            notes.limit(
                self,
                "no alarm tells of weaknesses that are open for too long, or of patches that "
                "failed: bulwark:foundation.network.functionsSubnetId is missing for the function "
                "that counts them. Name it, or run `bulwark findings` each night",
            )
            return
        counter = Counter(
            name=name,
            store=args.store,
            key=args.key,
            deadlines=self.deadlines,
            exceptions=self.exceptions,
        )
        self.counter_name = counter.function(pulumi.ResourceOptions(parent=self)).name

    def _govern(self, name: str, args: AzureSecurityTestingArgs, keys: list[str]) -> None:
        """Dates by which weaknesses are to be mended: Defender knows the resource, not the CVE."""
        days = min(args.deadlines.values())
        of = f"{pulumi.get_project()}/{pulumi.get_stack()}/{name}"
        owner: Any = {"type": "Manually", "value": args.owner}
        azure_native.security.GovernanceRule(
            f"{name}-deadlines",
            rule_id=str(uuid.uuid5(uuid.NAMESPACE_URL, f"https://bulwark.invalid/{of}")),
            scope=args.store.place.subscription.removeprefix("/"),
            display_name="Bulwark: by when weaknesses are to be mended",
            description=f"Within {days} days, as patches are",
            rule_type="Integrated",
            rule_priority=_PRIORITY,
            source_resource_type="Assessments",
            condition_sets=[
                {
                    "conditions": [
                        {"property": "$.AssessmentKey", "operator": "In", "value": json.dumps(keys)}
                    ]
                }
            ],
            owner_source=owner,
            remediation_timeframe=f"{days}.00:00:00",
            is_grace_period=False,  # what is late lowers the score
            is_disabled=False,
            governance_email_notification={
                "disable_manager_email_notification": False,
                "disable_owner_email_notification": False,
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*args.after]),
        )

    def _tell(self, spec: SecurityTestingSpec) -> None:
        if spec.functions or spec.function_code:
            notes.limit(
                self,
                "Defender scans neither packages nor code of functions: the pipeline does, and "
                "repositories can be connected to Defender by hand",
            )
        for title, accepted in spec.exceptions.items():
            if accepted.until < today():
                notes.overdue(
                    self,
                    f"{_AT}.exceptions.{title} held until {accepted.until}. Mend what it is about, "
                    "or set another date",
                )
