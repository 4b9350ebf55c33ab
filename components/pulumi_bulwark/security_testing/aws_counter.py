"""The function that counts what is open for too long, and asks for the inventory."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from ..function import FunctionSpec, Package
from ..function.aws import AwsFunction, AwsFunctionArgs
from ..function.aws_invoker import Invoker
from ..log_group.aws import AwsLogStore
from ..naming import logical, physical
from ..role.aws import Statement
from .spec import InventorySpec

JOB = "weaknesses"
"""The job of bulwark-runtime, and the value of its metrics' dimension `service`."""

_HOURS = "5,17"
"""Those of bulwark_runtime.weaknesses.inventory: by the hour it knows what it is called for."""

_PREFIX = "inventories"


@dataclass(frozen=True, kw_only=True, slots=True)
class Counter:
    """What the function needs, and what is known of it outside."""

    name: str
    store: AwsLogStore
    """How the environment keeps its logs; its bucket and key are the inventory's too."""
    key_arn: pulumi.Input[str]
    """KMS key of the environment variables and of the calls that failed."""
    boundary_arn: pulumi.Input[str]
    deadlines: Mapping[str, int]
    """Days for which a finding may be open, by severity."""
    inventory: InventorySpec

    @property
    def metric(self) -> dict[str, Any]:
        """The metric that counts what is open for too long, twice a day."""
        return {
            "namespace": physical(
                "metric-namespace", pulumi.get_project(), pulumi.get_stack(), self.name
            ),
            "name": "Overdue",
            "dimensions": {"service": JOB},
        }

    def function(self, child: pulumi.ResourceOptions) -> AwsFunction:
        rule = aws.cloudwatch.EventRule(
            logical("event-rule", f"{self.name}-twice-a-day"),
            description="Counts the weaknesses that are open for too long",
            schedule_expression=f"cron(0 {_HOURS} * * ? *)",
            opts=child,
        )
        function = AwsFunction(
            f"{self.name}-counter",
            AwsFunctionArgs(
                spec=FunctionSpec(timeout_seconds=300),
                description="Counts the weaknesses that are open for too long",
                code=Package(JOB),
                handler="bulwark_runtime.weaknesses.aws.handler",
                store=self.store,
                key_arn=self.key_arn,
                boundary_arn=self.boundary_arn,
                statements=[*self._statements()],
                environment=self._environment(),
                invokers=[
                    Invoker(name="schedule", principal="events.amazonaws.com", source_arn=rule.arn)
                ],
                asynchronous=True,
                at="bulwark:securityTesting",
            ),
            child,
        )
        aws.cloudwatch.EventTarget(
            logical("event-target", f"{self.name}-counter-call"),
            rule=rule.name,
            arn=function.arn,
            opts=child,
        )
        return function

    def _environment(self) -> dict[str, pulumi.Input[str]]:
        needed: dict[str, pulumi.Input[str]] = {
            "BULWARK_METRICS_NAMESPACE": self.metric["namespace"],
            "BULWARK_DEADLINES": json.dumps(dict(self.deadlines)),
        }
        if self.inventory.enabled:
            needed |= {
                "BULWARK_INVENTORY_BUCKET": self.store.access_logs_id,
                "BULWARK_INVENTORY_KEY_ARN": self.store.key_arn,
                "BULWARK_INVENTORY_EVERY": self.inventory.every,
            }
        return needed

    def _statements(self) -> list[Statement]:
        # Inspector and Systems Manager know no resource to hold these to.
        reads = ["inspector2:ListFindings", "ssm:ListResourceComplianceSummaries"]
        statements: list[Statement] = [_allow("ReadFindings", reads, "*")]
        if self.inventory.enabled:
            bucket = pulumi.Output.format(
                "arn:{0}:s3:::{1}", self.store.partition, self.store.access_logs_id
            )
            only = {"StringLike": {"s3:prefix": f"{_PREFIX}/*"}}
            statements += [
                _allow("AskForInventory", ["inspector2:CreateSbomExport"], "*"),
                {**_allow("SeeInventory", ["s3:ListBucket"], bucket), "Condition": only},
            ]
        return statements


def _allow(sid: str, actions: list[str], resource: pulumi.Input[str]) -> Statement:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource}
