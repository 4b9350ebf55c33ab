"""The Pulumi program: the stack's config in, an environment out."""

import pulumi

from pulumi_bulwark import config
from pulumi_bulwark.stacks.aws import AwsStack, AwsStackArgs

stack = AwsStack(pulumi.get_stack(), AwsStackArgs(spec=config.load()))

pulumi.export("keyIds", stack.key_ids)
pulumi.export("boundaryArn", stack.boundary_arn)
pulumi.export("trailArn", stack.trail_arn)
pulumi.export("accessLogsId", stack.access_logs_id)
pulumi.export("secretIds", stack.secret_ids)
if stack.credentials:
    pulumi.export("credentials", stack.credentials)
if stack.incident_response:
    pulumi.export("incidentResponse", stack.incident_response)
pulumi.export("alarmTopicArns", stack.alarm_topic_arns)
if stack.patch_groups:
    pulumi.export("patchGroups", stack.patch_groups)
for name, value in (stack.access | stack.front_door).items():
    pulumi.export(name, value)
