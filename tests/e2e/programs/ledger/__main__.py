"""A program that uses each service of the engine once, for the end-to-end tests."""

import pulumi
import pulumi_aws as aws
import pulumi_azure_native as azure

config = pulumi.Config()


class Ledger(pulumi.ComponentResource):
    """A key and what hangs on it."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("acme:index:Ledger", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.key = aws.kms.Key(
            f"{name}-key",
            description=config.require("description"),
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=config.require_bool("protect"),
                ignore_changes=["policy"],
                aliases=[pulumi.Alias(name="key", parent=pulumi.ROOT_STACK_RESOURCE)],
            ),
        )
        aws.kms.Alias(f"{name}-alias", target_key_id=self.key.key_id, opts=child)
        self.store = aws.secretsmanager.Secret(
            f"{name}-password", kms_key_id=self.key.arn, opts=child
        )
        aws.secretsmanager.SecretVersion(
            f"{name}-password-version",
            secret_id=self.store.id,
            secret_string=config.require_secret("password"),
            opts=child,
        )
        self.register_outputs({"keyArn": self.key.arn})


def tagged(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
    if args.type_ not in {"aws:kms/key:Key", "aws:s3/bucket:Bucket"}:
        return None
    return pulumi.ResourceTransformResult(
        props={**args.props, "tags": {"owner": "tests"}}, opts=args.opts
    )


account = aws.get_caller_identity()
ledger = Ledger("ledger", pulumi.ResourceOptions(transforms=[tagged]))
edge = aws.Provider("edge", region="us-east-1")
archive = aws.s3.Bucket(
    "archive",
    tags={"account": account.account_id},
    opts=pulumi.ResourceOptions(provider=edge, depends_on=[ledger.store]),
)
group = azure.resources.ResourceGroup("group", location="westeurope")

pulumi.export("keyArn", ledger.key.arn)
pulumi.export("archive", archive.bucket)
pulumi.export("password", config.require_secret("password"))
pulumi.export("group", group.name)
