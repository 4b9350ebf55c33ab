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
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": Row(
        calls=(
            Call(
                "logs.PutMetricFilter",
                {
                    "logGroupName": "logGroupName",
                    "filterName": "name",
                    "filterPattern": "pattern",
                    "metricTransformations": ["metricTransformation"],
                },
            ),
        ),
        reads=(
            Read(
                "logs.DescribeMetricFilters",
                {"logGroupName": "logGroupName", "filterNamePrefix": "name"},
                {
                    "metricFilters[0].filterName": "name",
                    "metricFilters[0].logGroupName": "logGroupName",
                    "metricFilters[0].filterPattern": "pattern",
                    "metricFilters[0].metricTransformations[0]": "metricTransformation",
                },
            ),
        ),
        names={"name": "metricName", "namespace": "metricNamespace", "value": "metricValue"},
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
    "aws:cloudwatch/logDeliverySource:LogDeliverySource": Row(
        calls=(
            Call(
                "logs.PutDeliverySource",
                {
                    "name": "name",
                    "resourceArn": "resourceArn",
                    "logType": "logType",
                    "tags": "tags",
                },
            ),
        ),
        reads=(
            Read(
                "logs.GetDeliverySource",
                {"name": "name"},
                {
                    "deliverySource.name": "name",
                    "deliverySource.resourceArns[0]": "resourceArn",
                    "deliverySource.logType": "logType",
                    "deliverySource.tags": "tags",
                },
            ),
        ),
    ),
    "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": Row(
        calls=(
            Call(
                "logs.PutDeliveryDestination",
                {
                    "name": "name",
                    "outputFormat": "outputFormat",
                    "deliveryDestinationConfiguration": "deliveryDestinationConfiguration",
                    "tags": "tags",
                },
                gives={"arn": "deliveryDestination.arn"},
            ),
        ),
        reads=(
            Read(
                "logs.GetDeliveryDestination",
                {"name": "name"},
                {
                    "deliveryDestination.name": "name",
                    "deliveryDestination.outputFormat": "outputFormat",
                    "deliveryDestination.deliveryDestinationConfiguration": (
                        "deliveryDestinationConfiguration"
                    ),
                    "deliveryDestination.tags": "tags",
                },
            ),
        ),
    ),
    "aws:cloudwatch/logDelivery:LogDelivery": Row(
        calls=(
            Call(
                "logs.CreateDelivery",
                {
                    "deliverySourceName": "deliverySourceName",
                    "deliveryDestinationArn": "deliveryDestinationArn",
                    "recordFields": "recordFields",
                    "fieldDelimiter": "fieldDelimiter",
                    "tags": "tags",
                },
            ),
        ),
        reads=(
            Read(
                "logs.DescribeDeliveries",
                {},
                {
                    "deliveries[].deliverySourceName": Among("deliverySourceName"),
                    "deliveries[].deliveryDestinationArn": Among("deliveryDestinationArn"),
                    "deliveries[].recordFields": Among("recordFields"),
                    "deliveries[].fieldDelimiter": Among("fieldDelimiter"),
                    "deliveries[].tags": Among("tags"),
                },
            ),
        ),
        auto_name="",
    ),
}
