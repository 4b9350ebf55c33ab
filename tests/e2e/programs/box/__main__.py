"""A component package, for programs in other languages."""

from typing import TypedDict

import pulumi
import pulumi_aws as aws
from pulumi.provider.experimental import component_provider_host


class BoxArgs(TypedDict):
    label: pulumi.Input[str]
    """What the bucket says it is."""


class Box(pulumi.ComponentResource):
    """A bucket with a label."""

    arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: BoxArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("box:index:Box", name, None, opts)
        bucket = aws.s3.Bucket(
            f"{name}-bucket",
            tags={"label": args["label"]},
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.arn = bucket.arn
        self.register_outputs({"arn": self.arn})


component_provider_host(components=[Box], name="box")
