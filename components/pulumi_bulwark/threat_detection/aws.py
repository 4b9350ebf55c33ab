"""Threats and posture on AWS: GuardDuty, Security Hub, AWS Config and Macie, and their findings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from .. import notes
from ..log_group.aws import AwsLogStore
from . import aws_findings
from .aws_detector import FREQUENCIES, detector
from .aws_hub import hub
from .aws_parts import Parts
from .aws_recorder import Recorder, recorder
from .spec import ThreatDetectionSpec

_AT = "bulwark:threatDetection"


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsThreatDetectionArgs:
    spec: ThreatDetectionSpec
    store: AwsLogStore
    """How the environment keeps its logs; its bucket takes what AWS Config delivers."""
    baseline: str | None = None
    """Who owns what exists once in the region, if it is not this stack."""
    owns_account: bool = True
    """Whether this stack owns what exists once in the account: the role of AWS Config, and the
    recording of what has no region."""
    topic_arns: Sequence[pulumi.Input[str]] = ()
    """Topics of the region that are told of grave findings: at most 5, as EventBridge's rules.
    Their policy, and that of their key, admit events.amazonaws.com without a condition."""


class AwsThreatDetection(pulumi.ComponentResource):
    """What watches the region for attacks and for what is open to one, and where it tells.

    A region has one detector, one hub and one recorder. Where another stack owns them there is
    nothing here; where an organisation's administrator does, only the recorder and the findings.
    """

    detector_id: pulumi.Output[str] | None
    """Id of GuardDuty's detector; None where another stack or the administrator owns it."""

    hub_arn: pulumi.Output[str] | None
    """ARN of Security Hub in this region; None where it is off or not this stack's."""

    recorder_name: pulumi.Output[str] | None
    """Name of AWS Config's recorder, known once it runs; None where it is off or another's."""

    findings_id: pulumi.Output[str] | None
    """Name of the log group with all findings; None where another stack collects them."""

    owned: tuple[str, ...]
    """What this stack owns of the things that exist once in the region, in words."""

    def __init__(
        self, name: str, args: AwsThreatDetectionArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AwsThreatDetection", name, None, opts)
        self._args = args
        child = pulumi.ResourceOptions(parent=self)
        kept = pulumi.ResourceOptions(
            parent=self,
            protect=args.store.deletion_protection,
            retain_on_delete=args.store.deletion_protection,
        )
        self._parts = Parts(name=name, child=child, kept=kept)
        self._judged_by: list[pulumi.Resource] = []
        self.detector_id = self.hub_arn = self.recorder_name = self.findings_id = None
        owned: list[str] = []
        if args.baseline is None:
            owned += self._record()
            owned += self._watch()
            self._tell()
        else:
            notes.limit(self, f"threats and posture are watched by {args.baseline}")
        self.owned = tuple(owned)

        notes.loosened(self, _AT, args.spec)
        self.register_outputs(
            {
                "detectorId": self.detector_id,
                "hubArn": self.hub_arn,
                "recorderName": self.recorder_name,
                "findingsId": self.findings_id,
                "owned": list(self.owned),
            }
        )

    def _record(self) -> Iterator[str]:
        args, spec = self._args, self._args.spec.recorder
        if not spec.enabled:
            if args.spec.posture.enabled:
                notes.limit(self, "Security Hub judges by a recorder that is not this stack's")
            return
        asked = Recorder(spec=spec, store=args.store, owns_account=args.owns_account)
        status = recorder(self._parts, asked)
        self._judged_by = [status]
        self.recorder_name = status.name
        price = "0.003 USD a change" if spec.frequency == "continuous" else "0.012 USD a day"
        notes.cost(self, f"AWS Config: about {price} and resource, 0.001 USD a check of one")
        if not args.owns_account:
            notes.limit(self, "users, roles and policies are recorded by the account's owner")
        yield "recorder of configuration"

    def _watch(self) -> Iterator[str]:
        spec = self._args.spec
        if spec.administrator:
            notes.limit(
                self, f"detector, Security Hub and Macie are account {spec.administrator}'s to set"
            )
            return
        self.detector_id = detector(self._parts, spec).id
        notes.cost(
            self,
            "GuardDuty: about 4 USD a million calls, 1 USD a GB of flows and names, and each "
            "protection by what it watches; the first 30 days are free",
        )
        yield "detector of threats"
        if spec.posture.enabled:
            yield from self._judge()
        if spec.sensitive_data:
            yield from self._search()

    def _judge(self) -> Iterator[str]:
        args = self._args
        made = hub(self._parts, args.spec.posture, args.store, self._judged_by)
        self.hub_arn = made.arn
        notes.cost(self, "Security Hub: about 0.001 USD a check of a resource, some once a day")
        yield "hub of findings"

    def _search(self) -> Iterator[str]:
        aws.macie2.Account(
            f"{self._parts.name}-macie",
            status="ENABLED",
            finding_publishing_frequency=FREQUENCIES[self._args.spec.findings.update_minutes],
            opts=self._parts.kept,
        )
        notes.cost(self, "Macie: about 0.10 USD a bucket and month, 1 USD a GB that it reads")
        yield "search for sensitive data"

    def _tell(self) -> None:
        args = self._args
        self.findings_id = aws_findings.log(self._parts, args.store).id
        aws_findings.alert(self._parts, args.spec.findings.alert_from, args.topic_arns)
        if not args.topic_arns:
            notes.limit(self, "findings are logged, and nobody is told of them")
