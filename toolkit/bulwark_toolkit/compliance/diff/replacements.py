"""Properties whose change makes the provider replace a resource, as far as it is known offline.

Only a provider can say it for certain, and it is not asked here: what is listed *may* replace, and
what is not listed may as well. The list has the types that hold data or that others depend on.
Source: `ForceNew` in the schemas of terraform-provider-aws 6 (internal/service/*), from which
pulumi-aws 7 is made.
"""

from typing import Final

ALWAYS: Final = {"aws": ("region",)}
"""By package: any resource of it."""

BY_TYPE: Final[dict[str, tuple[str, ...]]] = {
    "aws:apigateway/deployment:Deployment": ("restApi", "triggers", "variables"),
    "aws:cloudtrail/trail:Trail": ("name",),
    "aws:cloudwatch/logGroup:LogGroup": ("name", "namePrefix", "logGroupClass"),
    "aws:cognito/userPool:UserPool": ("name", "aliasAttributes"),
    "aws:dynamodb/table:Table": ("restoreSourceName", "restoreToLatestTime", "restoreDateTime"),
    "aws:iam/role:Role": ("name", "namePrefix", "path"),
    "aws:kms/key:Key": (
        *("customKeyStoreId", "customerMasterKeySpec", "keyUsage", "multiRegion", "xksKeyId"),
    ),
    "aws:rds/instance:Instance": (
        *("availabilityZone", "characterSetName", "dbName", "engine", "kmsKeyId"),
        *("ncharCharacterSetName", "restoreToPointInTime", "snapshotIdentifier"),
        *("storageEncrypted", "timezone", "username"),
    ),
    "aws:s3/bucket:Bucket": ("bucket", "bucketPrefix"),
    "aws:secretsmanager/secret:Secret": ("name", "namePrefix"),
    "aws:wafv2/ipSet:IpSet": ("name", "namePrefix", "scope", "ipAddressVersion"),
    "aws:wafv2/webAcl:WebAcl": ("name", "namePrefix", "scope"),
}


def may_replace(token: str, path: str) -> bool:
    """Whether a change at a path of the inputs is known to replace a resource of this type."""
    top = path.partition(".")[0].partition("[")[0]
    return top in (*ALWAYS.get(token.partition(":")[0], ()), *BY_TYPE.get(token, ()))
