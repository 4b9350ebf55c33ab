"""The Pulumi program: the stack's config in, an environment out."""

import pulumi

from pulumi_bulwark import config

spec = config.load()
if spec.cloud == "aws":
    # Each cloud's SDK is hundreds of megabytes: only the one that is used is read.
    from pulumi_bulwark.stacks.aws import AwsStack, AwsStackArgs

    stack = AwsStack(pulumi.get_stack(), AwsStackArgs(spec=spec))
else:
    from pulumi_bulwark.stacks.azure import AzureStack, AzureStackArgs

    stack = AzureStack(pulumi.get_stack(), AzureStackArgs(spec=spec))

for name, value in stack.exports.items():
    pulumi.export(name, value)
