from typing import Final

from bulwark_toolkit.emulated.language import Call, Read, Row, pascal

_SECRET: Final = {"SecretId": "arn"}
_OF_SECRET: Final = {"SecretId": "secretArn"}

ROWS: Final = {
    "aws:secretsmanager/secret:Secret": Row(
        calls=(
            Call(
                "secretsmanager.CreateSecret",
                {
                    **pascal("name", "description", "kmsKeyId", "forceOverwriteReplicaSecret"),
                    **pascal("tags", "type"),
                    "AddReplicaRegions": "replicas",
                },
                gives={"arn": "ARN"},
            ),
        ),
        reads=(
            Read(
                "secretsmanager.DescribeSecret",
                _SECRET,
                {
                    "Name": "name",
                    "Description": "description",
                    "KmsKeyId": "kmsKeyId",
                    "ReplicationStatus": "replicas",
                    "Tags": "tags",
                    "Type": "type",
                },
            ),
        ),
        provider_only=("namePrefix", "recoveryWindowInDays"),
        unread={"forceOverwriteReplicaSecret": "an order, not a property"},
    ),
    "aws:secretsmanager/secretPolicy:SecretPolicy": Row(
        calls=(
            Call(
                "secretsmanager.PutResourcePolicy",
                {
                    **_OF_SECRET,
                    "ResourcePolicy": "policy",
                    "BlockPublicPolicy": "blockPublicPolicy",
                },
            ),
        ),
        reads=(Read("secretsmanager.GetResourcePolicy", _OF_SECRET, {"ResourcePolicy": "policy"}),),
        unread={"blockPublicPolicy": "an order, not a property"},
    ),
    "aws:secretsmanager/secretRotation:SecretRotation": Row(
        calls=(
            Call(
                "secretsmanager.RotateSecret",
                {
                    "SecretId": "secretId",
                    "RotationLambdaARN": "rotationLambdaArn",
                    **pascal("rotationRules", "rotateImmediately"),
                },
            ),
        ),
        reads=(
            Read(
                "secretsmanager.DescribeSecret",
                {"SecretId": "secretId"},
                {
                    "RotationLambdaARN": "rotationLambdaArn",
                    "RotationRules": "rotationRules",
                },
            ),
        ),
        unread={
            "rotateImmediately": "an order, not a property",
            "rotationRules.Duration": "moto drops it",
        },
    ),
}
