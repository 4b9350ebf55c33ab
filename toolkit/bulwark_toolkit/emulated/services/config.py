from typing import Final

from bulwark_toolkit.emulated.language import Call, If, Read, Row, pascal

_CHANNEL: Final = {
    "name": "name",
    "s3BucketName": "s3BucketName",
    "s3KeyPrefix": "s3KeyPrefix",
    "s3KmsKeyArn": "s3KmsKeyArn",
    "snsTopicARN": "snsTopicArn",
    "configSnapshotDeliveryProperties": "snapshotDeliveryProperties",
}
_RECORDER: Final = {
    "name": "name",
    "roleARN": "roleArn",
    "recordingGroup": "recordingGroup",
    "recordingMode": "recordingMode",
}
_RULE: Final = {
    "ConfigRuleName": "name",
    **pascal("description", "evaluationModes", "inputParameters", "maximumExecutionFrequency"),
    **pascal("scope", "source"),
}

ROWS: Final = {
    "aws:cfg/recorder:Recorder": Row(
        calls=(Call("config.PutConfigurationRecorder", {"ConfigurationRecorder": _RECORDER}),),
        reads=(
            Read(
                "config.DescribeConfigurationRecorders",
                {"ConfigurationRecorderNames": ["name"]},
                {f"ConfigurationRecorders[0].{place}": name for place, name in _RECORDER.items()},
            ),
        ),
        unread={"recordingMode": "moto drops it"},
    ),
    "aws:cfg/deliveryChannel:DeliveryChannel": Row(
        calls=(Call("config.PutDeliveryChannel", {"DeliveryChannel": _CHANNEL}),),
        reads=(
            Read(
                "config.DescribeDeliveryChannels",
                {"DeliveryChannelNames": ["name"]},
                {f"DeliveryChannels[0].{place}": name for place, name in _CHANNEL.items()},
            ),
        ),
    ),
    "aws:cfg/recorderStatus:RecorderStatus": Row(
        calls=(
            Call(
                "config.StartConfigurationRecorder",
                {"ConfigurationRecorderName": "name"},
                when=If("isEnabled", True),
            ),
            Call(
                "config.StopConfigurationRecorder",
                {"ConfigurationRecorderName": "name"},
                when=If("isEnabled", False),
            ),
        ),
        reads=(
            Read(
                "config.DescribeConfigurationRecorderStatus",
                {"ConfigurationRecorderNames": ["name"]},
                {"ConfigurationRecordersStatus[0].recording": "isEnabled"},
            ),
        ),
    ),
    "aws:cfg/retentionConfiguration:RetentionConfiguration": Row(
        calls=(
            Call(
                "config.PutRetentionConfiguration",
                {"RetentionPeriodInDays": "retentionPeriodInDays"},
            ),
        ),
        reads=(
            Read(
                "config.DescribeRetentionConfigurations",
                same={"RetentionConfigurations[0].RetentionPeriodInDays": "retentionPeriodInDays"},
            ),
        ),
        provider_only=("name",),
    ),
    "aws:cfg/rule:Rule": Row(
        calls=(Call("config.PutConfigRule", {"ConfigRule": _RULE, "Tags": "tags"}),),
        reads=(
            Read(
                "config.DescribeConfigRules",
                {"ConfigRuleNames": ["name"]},
                {f"ConfigRules[0].{place}": name for place, name in _RULE.items()},
            ),
        ),
        unread={"tags": "only under the rule's ARN, which the call does not give"},
    ),
}
