from typing import Final

from bulwark_toolkit.emulated.language import Among, Call, Read, Row

ROWS: Final = {
    "aws:inspector2/enabler:Enabler": Row(
        calls=(
            Call(
                "inspector2.Enable", {"accountIds": "accountIds", "resourceTypes": "resourceTypes"}
            ),
        ),
        reads=(
            Read(
                "inspector2.BatchGetAccountStatus",
                {"accountIds": "accountIds"},
                {"accounts[].accountId": "accountIds"},
            ),
        ),
        unread={"resourceTypes": "told as a status of each kind"},
        auto_name="",
    ),
    "aws:inspector2/filter:Filter": Row(
        calls=(
            Call(
                "inspector2.CreateFilter",
                {
                    "name": "name",
                    "action": "action",
                    "description": "description",
                    "reason": "reason",
                    "filterCriteria": "filterCriterias",
                    "tags": "tags",
                },
                gives={"arn": "arn"},
            ),
        ),
        reads=(
            Read(
                "inspector2.ListFilters",
                {"arns": ["arn"]},
                {
                    "filters[].name": Among("name"),
                    "filters[].action": Among("action"),
                    "filters[].description": Among("description"),
                    "filters[].reason": Among("reason"),
                    "filters[].tags": Among("tags"),
                },
            ),
        ),
        unread={"filterCriterias": "a day comes back as a number of seconds"},
        names={
            "lastObservedAts": "lastObservedAt",
            "resourceIds": "resourceId",
            "vulnerabilityIds": "vulnerabilityId",
        },
    ),
}
