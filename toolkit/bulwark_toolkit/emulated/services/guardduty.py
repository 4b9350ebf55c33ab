from typing import Final

from bulwark_toolkit.emulated.language import Call, Read, Row

_ONE_BY_ONE: Final = "moto keeps the feature of the last call only, and GuardDuty all"

ROWS: Final = {
    "aws:guardduty/detector:Detector": Row(
        calls=(
            Call(
                "guardduty.CreateDetector",
                {
                    "Enable": "enable",
                    "FindingPublishingFrequency": "findingPublishingFrequency",
                    "Tags": "tags",
                },
                gives={"id": "DetectorId"},
            ),
        ),
        reads=(
            Read(
                "guardduty.GetDetector",
                {"DetectorId": "id"},
                {
                    "FindingPublishingFrequency": "findingPublishingFrequency",
                    "Tags": "tags",
                },
            ),
        ),
        unread={"enable": "told as a status"},
        auto_name="",
    ),
    "aws:guardduty/detectorFeature:DetectorFeature": Row(
        calls=(
            Call(
                "guardduty.UpdateDetector",
                {
                    "DetectorId": "detectorId",
                    "Features": [
                        {
                            "Name": "name",
                            "Status": "status",
                            "AdditionalConfiguration": "additionalConfigurations",
                        }
                    ],
                },
            ),
        ),
        reads=(Read("guardduty.GetDetector", {"DetectorId": "detectorId"}),),
        unread=dict.fromkeys(("name", "status", "additionalConfigurations"), _ONE_BY_ONE),
    ),
}
