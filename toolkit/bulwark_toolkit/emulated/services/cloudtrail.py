from typing import Final

from bulwark_toolkit.emulated.language import Call, Fixed, If, Read, Row, Unless, pascal

_TRAIL: Final = {"Name": "name"}
_SELECTED: Final = {"TrailName": "name"}

ROWS: Final = {
    "aws:cloudtrail/trail:Trail": Row(
        calls=(
            Call(
                "cloudtrail.CreateTrail",
                {
                    **_TRAIL,
                    **pascal("s3BucketName", "s3KeyPrefix", "snsTopicName", "kmsKeyId"),
                    **pascal("includeGlobalServiceEvents", "isMultiRegionTrail"),
                    **pascal("isOrganizationTrail"),
                    "EnableLogFileValidation": "enableLogFileValidation",
                    "CloudWatchLogsLogGroupArn": "cloudWatchLogsGroupArn",
                    "CloudWatchLogsRoleArn": "cloudWatchLogsRoleArn",
                    "TagsList": "tags",
                },
                gives={"arn": "TrailARN"},
            ),
            Call(
                "cloudtrail.PutEventSelectors",
                {**_SELECTED, "AdvancedEventSelectors": "advancedEventSelectors"},
                when=If("advancedEventSelectors"),
            ),
            Call(
                "cloudtrail.PutEventSelectors",
                {**_SELECTED, "EventSelectors": "eventSelectors"},
                when=If("eventSelectors"),
            ),
            Call(
                "cloudtrail.PutInsightSelectors",
                {**_SELECTED, "InsightSelectors": "insightSelectors"},
                when=If("insightSelectors"),
            ),
            Call("cloudtrail.StartLogging", _TRAIL, when=Unless("enableLogging", False)),
        ),
        reads=(
            Read(
                "cloudtrail.GetTrail",
                _TRAIL,
                {
                    "Trail.S3BucketName": "s3BucketName",
                    "Trail.S3KeyPrefix": "s3KeyPrefix",
                    "Trail.SnsTopicName": "snsTopicName",
                    "Trail.KmsKeyId": "kmsKeyId",
                    "Trail.IncludeGlobalServiceEvents": "includeGlobalServiceEvents",
                    "Trail.IsMultiRegionTrail": "isMultiRegionTrail",
                    "Trail.IsOrganizationTrail": "isOrganizationTrail",
                    "Trail.LogFileValidationEnabled": "enableLogFileValidation",
                    "Trail.CloudWatchLogsLogGroupArn": "cloudWatchLogsGroupArn",
                    "Trail.CloudWatchLogsRoleArn": "cloudWatchLogsRoleArn",
                },
            ),
            Read(
                "cloudtrail.GetEventSelectors",
                _SELECTED,
                {
                    "AdvancedEventSelectors": "advancedEventSelectors",
                    "EventSelectors": "eventSelectors",
                },
            ),
            Read(
                "cloudtrail.GetInsightSelectors",
                _SELECTED,
                {"InsightSelectors": "insightSelectors"},
                when=If("insightSelectors"),
            ),
            Read(
                "cloudtrail.GetTrailStatus",
                _TRAIL,
                {"IsLogging": Fixed(True)},
                when=Unless("enableLogging", False),
            ),
            Read(
                "cloudtrail.GetTrailStatus",
                _TRAIL,
                {"IsLogging": "enableLogging"},
            ),
            Read(
                "cloudtrail.ListTags",
                {"ResourceIdList": ["arn"]},
                {"ResourceTagList[0].TagsList": "tags"},
            ),
        ),
        names={
            "endsWiths": "EndsWith",
            "notEndsWiths": "NotEndsWith",
            "notStartsWiths": "NotStartsWith",
            "startsWiths": "StartsWith",
        },
    ),
}
