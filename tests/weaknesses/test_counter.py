"""The function that counts twice a day, and asks for the inventory."""

import json
from datetime import UTC, datetime

import pytest
from aws_answers import finding

from bulwark_runtime.weaknesses import moment
from bulwark_runtime.weaknesses.aws import NoInventoryError

RECENT = datetime(2026, 11, 20, tzinfo=UTC)


def test_it_counts_what_is_open_and_what_is_open_for_too_long(counted):
    metrics = counted(finding(), finding(weakness="CVE-2026-2", since=RECENT))

    assert (metrics["Overdue"], metrics["Open"]) == ([1.0], [2.0])


def test_it_counts_nought_where_there_is_nothing(counted):
    assert counted()["Overdue"] == [0.0]


def test_it_counts_the_machines_that_lack_a_patch(counted):
    assert counted(unpatched=["i-1", "i-2"])["UnpatchedMachines"] == [2.0]


def test_its_metrics_are_in_the_namespace_that_is_watched(counted):
    about = counted()["_aws"]["CloudWatchMetrics"][0]

    assert about["Namespace"] == "Bulwark/it"
    assert about["Dimensions"] == [["service"]]


def test_what_an_exception_leaves_out_is_not_asked_for(counted, cloud):
    counted()

    (asked,) = cloud.asked["ListFindings"]
    assert json.loads(asked)["filterCriteria"] == {
        "findingStatus": [{"comparison": "EQUALS", "value": "ACTIVE"}]
    }


@pytest.mark.parametrize(
    ("every", "called", "what"),
    [
        ("day", "2026-11-24T05:00:00Z", "make"),
        ("day", "2026-11-24T17:00:00Z", "check"),
        ("day", "2026-11-24T09:00:00Z", None),
        ("week", "2026-11-23T05:00:00Z", "make"),
        ("week", "2026-11-24T05:00:00Z", None),
        ("month", "2026-12-01T05:00:00Z", "make"),
        ("month", "2026-11-23T05:00:00Z", None),
    ],
)
def test_the_calendar_says_when_there_is_an_inventory(every, called, what):
    assert moment(datetime.fromisoformat(called), every) == what


INVENTORY = {
    "BULWARK_INVENTORY_BUCKET": "access-logs",
    "BULWARK_INVENTORY_KEY_ARN": "arn:aws:kms:eu-central-1:123456789012:key/logs",
}
REPORT = {"reportId": "12345678-1234-1234-1234-123456789012"}


def test_in_the_morning_of_its_day_it_asks_for_the_inventory(counted, cloud):
    cloud.answering(CreateSbomExport=REPORT)
    counted(time="2026-11-23T05:00:00Z", **INVENTORY)

    (asked,) = cloud.asked["CreateSbomExport"]
    assert json.loads(asked) == {
        "reportFormat": "CYCLONEDX_1_4",
        "s3Destination": {
            "bucketName": "access-logs",
            "keyPrefix": "inventories/2026-11-23",
            "kmsKeyArn": INVENTORY["BULWARK_INVENTORY_KEY_ARN"],
        },
    }


def test_in_the_evening_an_inventory_that_is_not_there_is_an_error(counted, cloud):
    cloud.answering(ListObjectsV2={"KeyCount": 0})

    with pytest.raises(NoInventoryError, match="no inventory on 2026-11-23"):
        counted(time="2026-11-23T17:00:00Z", **INVENTORY)


def test_in_the_evening_one_that_is_there_is_fine(counted, cloud):
    cloud.answering(ListObjectsV2={"KeyCount": 1})
    counted(time="2026-11-23T17:00:00Z", **INVENTORY)

    assert len(cloud.asked["ListObjectsV2"]) == 1


def test_without_a_bucket_no_inventory_is_asked_for(counted, cloud):
    counted(time="2026-11-23T05:00:00Z")

    assert "CreateSbomExport" not in cloud.asked
