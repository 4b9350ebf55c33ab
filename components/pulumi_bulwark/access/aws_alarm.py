"""Who takes the role for emergencies is told at once, and leaves a record to be closed."""

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from ..naming import logical
from ..place import AwsPlace
from ..role.aws import AwsRole, AwsRoleArgs, service_trust

GLOBAL_REGION = "us-east-1"
"""Where IAM's sessions are told of that were asked for at the global endpoint."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsBreakGlassAlarmArgs(AwsPlace):
    role_arn: str
    """The role that is watched; it need not exist yet."""
    boundary_arn: pulumi.Input[str]
    """Permissions boundary of the roles with which EventBridge acts."""
    path: str
    """IAM path of the roles, apart from those that whoever deploys may change."""
    topic_arn: pulumi.Input[str] | None = None
    """Topic that is told; EventBridge must be admitted by its policy."""


class AwsBreakGlassAlarm(pulumi.ComponentResource):
    """An event rule on the role's sessions: it opens an OpsItem, and tells a topic."""

    rule_arns: list[pulumi.Output[str]]
    """ARNs of the event rules that watch, known once they have their targets."""

    def __init__(
        self,
        name: str,
        args: AwsBreakGlassAlarmArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("bulwark:index:AwsBreakGlassAlarm", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)

        rule = self._rule(f"{name}-rule", args.region)
        targets = [self._record(rule)]
        if args.topic_arn is not None:
            targets.append(
                aws.cloudwatch.EventTarget(
                    f"{name}-topic", rule=rule.name, arn=args.topic_arn, opts=self._child
                )
            )
        self.rule_arns = [_armed(rule, targets)]
        if args.region != GLOBAL_REGION:
            self.rule_arns.append(self._bring_home())
        self.register_outputs({"ruleArns": self.rule_arns})

    def _rule(self, name: str, region: str) -> aws.cloudwatch.EventRule:
        pattern = {
            "source": ["aws.sts"],
            "detail-type": ["AWS API Call via CloudTrail"],
            "detail": {
                "eventName": ["AssumeRole"],
                "requestParameters": {"roleArn": [self._args.role_arn]},
            },
        }
        return aws.cloudwatch.EventRule(
            logical("event-rule", name),
            description="Somebody takes, or tries to take, the role for emergencies",
            event_pattern=json.dumps(pattern),
            region=region,
            opts=self._child,
        )

    def _record(self, rule: aws.cloudwatch.EventRule) -> aws.cloudwatch.EventTarget:
        args = self._args
        role = self._acts("record", "Opens the record of a broken glass", rule, "ssm:CreateOpsItem")
        return aws.cloudwatch.EventTarget(
            f"{self._name}-record-item",
            rule=rule.name,
            arn=args.arn("ssm", "opsitem"),
            role_arn=role,
            input_transformer={
                "input_paths": {
                    "who": "$.detail.userIdentity.arn",
                    "from": "$.detail.sourceIPAddress",
                    "when": "$.detail.eventTime",
                    "event": "$.detail.eventID",
                },
                "input_template": json.dumps(
                    {
                        "title": "The role for emergencies was asked for",
                        "description": "By <who> from <from> at <when>. CloudTrail's event <event> "
                        "has the reason. Close this record once what was done has been reviewed.",
                        "category": "Security",
                        "severity": "1",
                        "source": "bulwark-access",
                    }
                ),
            },
            opts=self._child,
        )

    def _bring_home(self) -> pulumi.Output[str]:
        """Sends what the global endpoint tells to the stack's region, where the rule sees it."""
        args = self._args
        bus = args.arn("events", "event-bus/default")
        rule = self._rule(f"{self._name}-global-rule", GLOBAL_REGION)
        target = aws.cloudwatch.EventTarget(
            f"{self._name}-home-bus",
            rule=rule.name,
            arn=bus,
            role_arn=self._acts("home", "Sends an event home", rule, "events:PutEvents", bus),
            region=GLOBAL_REGION,
            opts=self._child,
        )
        return _armed(rule, [target])

    def _acts(
        self,
        part: str,
        description: str,
        rule: aws.cloudwatch.EventRule,
        action: str,
        resource: str = "*",  # an OpsItem that is yet to be made has no ARN
    ) -> pulumi.Output[str]:
        source = {"aws:SourceAccount": self._args.account_id, "aws:SourceArn": rule.arn}
        return AwsRole(
            f"{self._name}-{part}",
            AwsRoleArgs(
                description=description,
                trust=[service_trust("events.amazonaws.com", {"StringEquals": source})],
                boundary_arn=self._args.boundary_arn,
                path=self._args.path,
                statements=[{"Effect": "Allow", "Action": action, "Resource": resource}],
            ),
            self._child,
        ).arn


def _armed(
    rule: aws.cloudwatch.EventRule, targets: list[aws.cloudwatch.EventTarget]
) -> pulumi.Output[str]:
    return pulumi.Output.all(rule.arn, *(target.urn for target in targets)).apply(
        lambda all_: all_[0]
    )
