from typing import Final

from bulwark_toolkit.emulated.language import Among, Call, Read, Row

_LACKING: Final = "answers 404: it has no such call"

ROWS: Final = {
    "aws:securityhub/account:Account": Row(
        calls=(
            Call(
                "securityhub.EnableSecurityHub",
                {
                    "EnableDefaultStandards": "enableDefaultStandards",
                    "ControlFindingGenerator": "controlFindingGenerator",
                },
            ),
            Call(
                "securityhub.UpdateSecurityHubConfiguration",
                {"AutoEnableControls": "autoEnableControls"},
                lacking=_LACKING,
            ),
        ),
        reads=(
            Read(
                "securityhub.DescribeHub",
                same={
                    "AutoEnableControls": "autoEnableControls",
                    "ControlFindingGenerator": "controlFindingGenerator",
                },
            ),
        ),
        unread={
            "autoEnableControls": "moto always says that it is on",
            "enableDefaultStandards": "the standards are told, not that they came by default",
        },
        auto_name="",
    ),
    "aws:securityhub/standardsSubscription:StandardsSubscription": Row(
        calls=(
            Call(
                "securityhub.BatchEnableStandards",
                {"StandardsSubscriptionRequests": [{"StandardsArn": "standardsArn"}]},
                lacking=_LACKING,
            ),
        ),
        reads=(
            Read(
                "securityhub.GetEnabledStandards",
                same={"StandardsSubscriptions[].StandardsArn": Among("standardsArn")},
                lacking=_LACKING,
            ),
        ),
        auto_name="",
    ),
}
