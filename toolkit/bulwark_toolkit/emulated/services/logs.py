from typing import Final

from bulwark_toolkit.emulated.language import Among, Call, If, Read, Row

_GROUP: Final = {"logGroupName": "name"}

ROWS: Final = {
    "aws:cloudwatch/logGroup:LogGroup": Row(
        calls=(
            Call(
                "logs.CreateLogGroup",
                {
                    **_GROUP,
                    "kmsKeyId": "kmsKeyId",
                    "logGroupClass": "logGroupClass",
                    "deletionProtectionEnabled": "deletionProtectionEnabled",
                    "tags": "tags",
                },
            ),
            Call(
                "logs.PutRetentionPolicy",
                {**_GROUP, "retentionInDays": "retentionInDays"},
                when=If("retentionInDays"),
            ),
        ),
        reads=(
            # In the order of their names: the one whose name is the whole prefix comes first.
            Read(
                "logs.DescribeLogGroups",
                {"logGroupNamePrefix": "name"},
                {
                    "logGroups[0].logGroupName": "name",
                    "logGroups[0].kmsKeyId": "kmsKeyId",
                    "logGroups[0].logGroupClass": "logGroupClass",
                    "logGroups[0].deletionProtectionEnabled": "deletionProtectionEnabled",
                    "logGroups[0].retentionInDays": "retentionInDays",
                },
            ),
            Read("logs.ListTagsForResource", {"resourceArn": "arn"}, {"tags": "tags"}),
        ),
        provider_only=("namePrefix", "skipDestroy"),
        unread={"deletionProtectionEnabled": "moto drops it", "logGroupClass": "moto drops it"},
    ),
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": Row(
        calls=(
            Call(
                "logs.PutResourcePolicy",
                {
                    "policyName": "policyName",
                    "policyDocument": "policyDocument",
                    "resourceArn": "resourceArn",
                },
            ),
        ),
        reads=(
            Read(
                "logs.DescribeResourcePolicies",
                {"resourceArn": "resourceArn"},
                {
                    "resourcePolicies[].policyName": Among("policyName"),
                    "resourcePolicies[].policyDocument": Among("policyDocument"),
                    "resourcePolicies[].resourceArn": Among("resourceArn"),
                },
            ),
        ),
        unread={"resourceArn": "moto drops it"},
    ),
    "aws:cloudwatch/queryDefinition:QueryDefinition": Row(
        calls=(
            Call(
                "logs.PutQueryDefinition",
                {"name": "name", "queryString": "queryString", "logGroupNames": "logGroupNames"},
                gives={"queryDefinitionId": "queryDefinitionId"},
                lacking="raises NotImplementedError",
            ),
        ),
        reads=(
            Read(
                "logs.DescribeQueryDefinitions",
                {"queryDefinitionNamePrefix": "name"},
                {
                    "queryDefinitions[].name": Among("name"),
                    "queryDefinitions[].queryString": Among("queryString"),
                    "queryDefinitions[].logGroupNames": Among("logGroupNames"),
                },
                lacking="raises NotImplementedError",
            ),
        ),
    ),
}
