"""Programs of any size on both clouds: components of five resources that use each other."""

import pulumi

PER_COMPONENT = 5


class AwsSite(pulumi.ComponentResource):
    def __init__(self, name: str) -> None:
        import pulumi_aws as aws

        super().__init__("bench:index:AwsSite", name)
        child = pulumi.ResourceOptions(parent=self)
        policy = pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": []})
        key = aws.kms.Key(f"{name}-key", enable_key_rotation=True, policy=policy, opts=child)
        bucket = aws.s3.Bucket(f"{name}-bucket", tags={"owner": "bench"}, opts=child)
        aws.s3.BucketVersioning(
            f"{name}-versioning",
            bucket=bucket.id,
            versioning_configuration={"status": "Enabled"},
            opts=child,
        )
        aws.s3.BucketServerSideEncryptionConfiguration(
            f"{name}-encryption",
            bucket=bucket.id,
            rules=[
                {
                    "apply_server_side_encryption_by_default": {
                        "sse_algorithm": "aws:kms",
                        "kms_master_key_id": key.arn,
                    },
                    "bucket_key_enabled": True,
                }
            ],
            opts=child,
        )
        aws.s3.BucketPublicAccessBlock(
            f"{name}-access",
            bucket=bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=child,
        )
        self.register_outputs({"bucket": bucket.arn})


class AzureSite(pulumi.ComponentResource):
    def __init__(self, name: str) -> None:
        import pulumi_azure_native as azure

        super().__init__("bench:index:AzureSite", name)
        child = pulumi.ResourceOptions(parent=self)
        group = azure.resources.ResourceGroup(f"{name}-group", opts=child)
        vault = azure.keyvault.Vault(
            f"{name}-vault",
            resource_group_name=group.name,
            properties={
                "tenant_id": "00000000-0000-0000-0000-000000000000",
                "sku": {"family": "A", "name": azure.keyvault.SkuName.PREMIUM},
                "enable_rbac_authorization": True,
                "enable_purge_protection": True,
            },
            opts=child,
        )
        for purpose in ("data", "logs", "secrets"):
            azure.keyvault.Key(
                f"{name}-{purpose}",
                resource_group_name=group.name,
                vault_name=vault.name,
                properties={"kty": "RSA-HSM", "key_size": 3072},
                tags={"purpose": purpose},
                opts=child,
            )
        self.register_outputs({"vault": vault.id})


SITES = {"aws": AwsSite, "azure": AzureSite}


def build(cloud: str, resources: int) -> None:
    for number in range(resources // PER_COMPONENT):
        SITES[cloud](f"site{number}")
