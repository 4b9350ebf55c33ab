from typing import Final

from bulwark_toolkit.emulated.language import Among, Call, Fixed, IdIn, If, Read, Row, pascal

_KEY: Final = {"KeyId": "keyId"}
_READS: Final = (
    Read("kms.GetKeyPolicy", {**_KEY, "PolicyName": Fixed("default")}, {"Policy": "policy"}),
    Read("kms.ListResourceTags", _KEY, {"Tags": "tags"}),
)

ROWS: Final = {
    "aws:kms/key:Key": Row(
        calls=(
            Call(
                "kms.CreateKey",
                {
                    **pascal("policy", "description", "keyUsage", "multiRegion", "tags"),
                    **pascal("bypassPolicyLockoutSafetyCheck"),
                    "KeySpec": "customerMasterKeySpec",
                },
                gives={"keyId": "KeyMetadata.KeyId", "arn": "KeyMetadata.Arn"},
            ),
            Call(
                "kms.EnableKeyRotation",
                _KEY | pascal("rotationPeriodInDays"),
                when=If("enableKeyRotation", True),
            ),
            Call("kms.DisableKey", _KEY, when=If("isEnabled", False)),
        ),
        reads=(
            Read(
                "kms.DescribeKey",
                _KEY,
                {
                    "KeyMetadata.Description": "description",
                    "KeyMetadata.KeyUsage": "keyUsage",
                    "KeyMetadata.KeySpec": "customerMasterKeySpec",
                    "KeyMetadata.MultiRegion": "multiRegion",
                    "KeyMetadata.Enabled": "isEnabled",
                },
            ),
            Read(
                "kms.GetKeyRotationStatus",
                _KEY,
                {
                    "KeyRotationEnabled": "enableKeyRotation",
                    "RotationPeriodInDays": "rotationPeriodInDays",
                },
            ),
            *_READS,
        ),
        provider_only=("deletionWindowInDays",),
        unread={
            "bypassPolicyLockoutSafetyCheck": "an order, not a property",
            "rotationPeriodInDays": "moto remembers whether a key rotates, not how often",
        },
    ),
    "aws:kms/replicaKey:ReplicaKey": Row(
        calls=(
            Call(
                "kms.ReplicateKey",
                {
                    "KeyId": IdIn("primaryKeyArn"),
                    "ReplicaRegion": "region",
                    **pascal("policy", "description", "bypassPolicyLockoutSafetyCheck", "tags"),
                },
                region_of="primaryKeyArn",
                gives={"keyId": "ReplicaKeyMetadata.KeyId", "arn": "ReplicaKeyMetadata.Arn"},
            ),
            Call("kms.DisableKey", _KEY, when=If("enabled", False)),
        ),
        reads=(
            Read(
                "kms.DescribeKey",
                _KEY,
                {
                    "KeyMetadata.Description": "description",
                    "KeyMetadata.Enabled": "enabled",
                    "KeyMetadata.MultiRegionConfiguration.PrimaryKey.Arn": "primaryKeyArn",
                },
            ),
            *_READS,
        ),
        provider_only=("deletionWindowInDays",),
        unread={
            "bypassPolicyLockoutSafetyCheck": "an order, not a property",
            "description": "moto answers the primary's",
            "policy": "moto answers the primary's",
            "tags": "moto drops them",
        },
    ),
    "aws:kms/alias:Alias": Row(
        calls=(Call("kms.CreateAlias", {"AliasName": "name", "TargetKeyId": "targetKeyId"}),),
        reads=(
            Read(
                "kms.ListAliases", {"KeyId": "targetKeyId"}, {"Aliases[].AliasName": Among("name")}
            ),
        ),
        provider_only=("namePrefix",),
    ),
}
