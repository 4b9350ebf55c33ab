"""Systems Manager: its documents and settings."""

from collections.abc import Iterator
from typing import Final

from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import Subject

DOCUMENT: Final = "aws:ssm/document:Document"
SETTING: Final = "aws:ssm/serviceSetting:ServiceSetting"

_SHARING: Final = "/ssm/documents/console/public-sharing-permission"
_LOGGING: Final = "/ssm/automation/customer-script-log-destination"


@rule(
    "aws.systems_manager.document-is-not-public",
    DOCUMENT,
    severity="critical",
    requires="No document of Systems Manager is shared with everybody",
    remediation="Name accounts in permissions, and not `all`.",
    reference="SSM.4",
)
def document_is_not_public(document: Subject) -> Iterator[Verdict]:
    accounts = document.get("permissions.account_ids", "")
    everybody = "all" in (account.strip().lower() for account in accounts.split(","))
    yield Verdict(not everybody, "permissions.account_ids", accounts or "nobody")


@rule(
    "aws.systems_manager.documents-cannot-be-shared-with-everybody",
    SETTING,
    severity="high",
    requires="The setting that lets documents be shared with everybody is off",
    remediation=f"Set settingValue of {_SHARING} to Disable.",
    reference="SSM.7",
)
def documents_cannot_be_shared_with_everybody(setting: Subject) -> Iterator[Verdict]:
    yield from _is(setting, _SHARING, "Disable")


@rule(
    "aws.systems_manager.automation-is-logged",
    SETTING,
    severity="medium",
    requires="The scripts of automation write their output to CloudWatch",
    remediation=f"Set settingValue of {_LOGGING} to CloudWatch.",
    reference="SSM.6",
)
def automation_is_logged(setting: Subject) -> Iterator[Verdict]:
    yield from _is(setting, _LOGGING, "CloudWatch")


def _is(setting: Subject, name: str, wanted: str) -> Iterator[Verdict]:
    # As a name, or at the end of an ARN.
    if setting.get("settingId").endswith(name):
        value = setting.get("settingValue")
        yield Verdict(value == wanted, "settingValue", value)
