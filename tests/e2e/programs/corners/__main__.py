"""A program for the comparison of the offline preview with the real engine."""

import pulumi
import pulumi_aws as aws

base = aws.kms.Key("base", multi_region=True, deletion_window_in_days=7)
us = aws.Provider("us", region="us-east-1")


class Kept(pulumi.ComponentResource):
    """Its options are its children's too, or not, as Pulumi has it."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions) -> None:
        super().__init__("acme:index:Kept", name, None, opts)
        below = pulumi.ResourceOptions(parent=self)
        self.heir = aws.kms.Key(f"{name}-heir", opts=below)
        aws.kms.Key(
            f"{name}-freed",
            opts=pulumi.ResourceOptions(parent=self, protect=False, retain_on_delete=False),
        )
        self.inner = Inner(f"{name}-inner", below)


class Inner(pulumi.ComponentResource):
    def __init__(self, name: str, opts: pulumi.ResourceOptions) -> None:
        super().__init__("acme:index:Inner", name, None, opts)
        aws.kms.Key(f"{name}-grandchild", opts=pulumi.ResourceOptions(parent=self))


kept = Kept(
    "kept",
    pulumi.ResourceOptions(
        protect=True,
        retain_on_delete=True,
        deleted_with=base,
        ignore_changes=["policy"],
        replace_on_changes=["description"],
        custom_timeouts=pulumi.CustomTimeouts(create="5m"),
        providers=[us],
    ),
)

# Depends on a component: on what is in it.
aws.s3.Bucket("after", opts=pulumi.ResourceOptions(depends_on=[kept]))

# Unknown, secret, and both, deep inside.
aws.secretsmanager.Secret(
    "deep",
    policy=pulumi.Output.json_dumps({"Key": base.arn, "Numbers": [1, 2.5], "Open": True}),
    tags={
        "plain": "text",
        "unknown": base.key_id,
        "secret": pulumi.Output.secret("hidden"),
        "both": pulumi.Output.secret(base.arn),
        "made": pulumi.Output.format("{0}/{1}", base.key_id, "x"),
    },
)
aws.lambda_.Function(
    "code",
    role="arn:aws:iam::123456789012:role/runner",
    runtime="python3.13",
    handler="main.handler",
    code=pulumi.AssetArchive({"main.py": pulumi.StringAsset("def handler(*_): pass\n")}),
    memory_size=256,
    environment={"variables": {"KEY": base.arn, "EMPTY": ""}},
)
aws.wafv2.WebAcl(
    "nested",
    scope="REGIONAL",
    default_action={"allow": {}},
    visibility_config={
        "cloudwatch_metrics_enabled": True,
        "metric_name": "nested",
        "sampled_requests_enabled": False,
    },
    rules=[],
)

# One that is there already.
read = aws.s3.Bucket.get("read", "a-bucket-of-others")
aws.s3.BucketPublicAccessBlock("blocked", bucket=read.id, block_public_acls=True)


def doubled(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
    if args.type_ != "aws:kms/alias:Alias":
        return None
    options = pulumi.ResourceOptions.merge(args.opts, pulumi.ResourceOptions(protect=True))
    return pulumi.ResourceTransformResult(props={**args.props, "name": "alias/given"}, opts=options)


pulumi.runtime.register_resource_transform(doubled)
aws.kms.Alias("transformed", target_key_id=base.key_id)
