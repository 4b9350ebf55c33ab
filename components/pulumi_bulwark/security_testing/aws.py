"""Continuous scanning for weaknesses: Amazon Inspector."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from .. import notes
from ..days import today
from ..log_group.aws import AwsLogStore
from ..naming import logical
from .aws_counter import Counter
from .spec import ExceptionSpec, SecurityTestingSpec

_AT = "bulwark:securityTesting"

SCANS: Mapping[str, str] = {
    "machines": "EC2",
    "images": "ECR",
    "functions": "LAMBDA",
    "function_code": "LAMBDA_CODE",
}

CODE_REGIONS = frozenset(
    {
        "ap-northeast-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "eu-central-1",
        "eu-north-1",
        "eu-west-1",
        "eu-west-2",
        "us-east-1",
        "us-east-2",
        "us-west-2",
    }
)
"""Where Inspector reads the code of functions: the regions of AWS Config's managed rule
inspector-lambda-code-scan-enabled, as its page lists them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsSecurityTestingArgs:
    spec: SecurityTestingSpec
    store: AwsLogStore
    """How the environment keeps its logs: in the account that is scanned."""
    key_arn: pulumi.Input[str]
    """KMS key of the function that counts: its environment, and its calls that failed."""
    boundary_arn: pulumi.Input[str]
    """The permissions boundary of its role."""
    deadlines: Mapping[str, int]
    """Days for which a finding may be open, by its severity in small letters."""
    baseline: str | None = None
    """Who owns what exists once in the region, if it is not this stack."""
    deletion_protection: bool = True
    """Whether scanning goes on when the stack is destroyed: Pulumi then refuses to turn it off."""


class AwsSecurityTesting(pulumi.ComponentResource):
    """What Inspector scans in the region, and the weaknesses that are accepted for a time.

    A function counts twice a day what is open for longer than it may be, and asks Inspector for
    the inventory. Inspector is on or off for the whole account in a region. Where another stack or
    an organisation's administrator owns it, it is left alone; the first counts as well.
    """

    scanned: tuple[str, ...]
    """What is scanned, in Inspector's words; empty where another owns it."""

    owned: tuple[str, ...]
    """What this stack owns of the things that exist once in the region, in words."""

    deadlines: dict[str, int]
    """Days for which a finding may be open, by its severity in small letters."""

    counter_arn: pulumi.Output[str] | None
    """ARN of the function that counts; None where another owns the scanner."""

    overdue_metric: dict[str, Any] | None
    """Namespace, name and dimensions of the metric that counts what is open for too long."""

    def __init__(
        self, name: str, args: AwsSecurityTestingArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AwsSecurityTesting", name, None, opts)
        spec = args.spec
        self.scanned, self.owned, self.deadlines = (), (), dict(args.deadlines)
        self.counter_arn = self.overdue_metric = None
        if args.baseline:
            notes.limit(self, f"weaknesses are scanned for by {args.baseline}")
        elif spec.administrator:
            notes.limit(self, f"weaknesses are scanned for by account {spec.administrator}")
            self._count(name, args)  # what it finds here is this account's to mend
        else:
            self._scan(name, args)

        notes.loosened(self, _AT, args.spec)
        self.register_outputs(
            {
                "scanned": list(self.scanned),
                "owned": list(self.owned),
                "counterArn": self.counter_arn,
                "overdueMetric": self.overdue_metric,
                "deadlines": self.deadlines,
            }
        )

    def _scan(self, name: str, args: AwsSecurityTestingArgs) -> None:
        spec = args.spec
        self.scanned = tuple(kind for scan, kind in SCANS.items() if getattr(spec, scan))
        if not self.scanned:
            return
        enabler = aws.inspector2.Enabler(
            f"{name}-inspector",
            account_ids=[args.store.account_id],
            resource_types=list(self.scanned),
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=args.deletion_protection,
                retain_on_delete=args.deletion_protection,
            ),
        )
        for title, accepted in spec.exceptions.items():
            self._except(name, title, accepted, enabler)
        self.owned = ("scanner of weaknesses",)
        self._count(name, args)
        notes.cost(
            self,
            "Inspector: about 1.25 USD a machine, 0.30 USD a function and 0.60 USD more for its "
            "code a month, and 0.09 USD an image",
        )
        if spec.function_code:
            notes.limit(self, "code of functions is read, and pieces of it kept, by Inspector")

    def _count(self, name: str, args: AwsSecurityTestingArgs) -> None:
        counter = Counter(
            name=name,
            store=args.store,
            key_arn=args.key_arn,
            boundary_arn=args.boundary_arn,
            deadlines=args.deadlines,
            inventory=args.spec.inventory,
        )
        function = counter.function(pulumi.ResourceOptions(parent=self))
        self.overdue_metric = counter.metric
        self.counter_arn = function.arn
        notes.cost(self, "three metrics of weaknesses by age: about 0.90 USD a month")

    def _except(
        self, name: str, title: str, accepted: ExceptionSpec, enabler: pulumi.Resource
    ) -> None:
        aws.inspector2.Filter(
            logical("inspector-filter", f"{name}-{title}"),
            action="SUPPRESS",
            description=f"Until {accepted.until}. {accepted.owner} answers for it",
            reason=accepted.reason,
            filter_criterias=[_criteria(accepted)],
            # Inspector knows no filters while it is off.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[enabler]),
        )
        if accepted.until < today():
            notes.overdue(
                self,
                f"{_AT}.exceptions.{title} held until {accepted.until}. Mend what it is about, or "
                "set another date",
            )


def _criteria(accepted: ExceptionSpec) -> Any:
    criteria = {
        "vulnerability_ids": _each(accepted.weaknesses),
        # Inspector looks again, sees it later than this, and then it is no longer left out: the
        # end needs no run of anybody's.
        "last_observed_ats": [{"end_inclusive": f"{accepted.until}T23:59:59Z"}],
    }
    return criteria | ({"resource_ids": _each(accepted.resources)} if accepted.resources else {})


def _each(values: tuple[str, ...]) -> list[dict[str, str]]:
    return [{"comparison": "EQUALS", "value": value} for value in values]


def problems(spec: SecurityTestingSpec, region: str) -> Iterator[str]:
    """What Inspector would refuse, a line each."""
    if spec.function_code and not spec.administrator and region not in CODE_REGIONS:
        yield (
            f"{_AT}.functionCode: Inspector does not read the code of functions in {region}. Set "
            "it to false."
        )
