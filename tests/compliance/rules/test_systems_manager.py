import json

import pulumi_aws as aws
from rule_cases import test_a_rule_passes_fails_and_does_not_apply  # noqa: F401 asked of this file too

from bulwark_toolkit.compliance.rules import RULES
from bulwark_toolkit.compliance.rules.aws import systems_manager as rules

S = "aws.systems_manager."
CONTENT = json.dumps({"schemaVersion": "2.2", "mainSteps": []})
SHARING = "/ssm/documents/console/public-sharing-permission"
LOGGING = "/ssm/automation/customer-script-log-destination"


def document(accounts=None):
    permissions = {"type": "Share", "account_ids": accounts} if accounts else None
    return lambda: aws.ssm.Document(
        "it", content=CONTENT, document_type="Command", permissions=permissions
    )


def setting(name, value):
    return lambda: aws.ssm.ServiceSetting("it", setting_id=name, setting_value=value)


def nothing():
    aws.sqs.Queue("it")


CASES = {
    S + "document-is-not-public": (document("123456789012"), document("all"), nothing),
    S + "documents-cannot-be-shared-with-everybody": (
        setting(f"arn:aws:ssm:eu-central-1:123456789012:servicesetting{SHARING}", "Disable"),
        setting(SHARING, "Enable"),
        setting(LOGGING, "CloudWatch"),
    ),
    S + "automation-is-logged": (
        setting(LOGGING, "CloudWatch"),
        setting(LOGGING, "S3"),
        setting(SHARING, "Disable"),
    ),
}
"""For each rule: a program that passes, one that fails, and one that it does not apply to."""


def test_each_rule_of_the_file_has_its_cases():
    assert {r.id for r in vars(rules).values() if r in RULES} == CASES.keys()


def test_a_document_of_nobody_elses_is_not_public(outcomes):
    assert outcomes(S + "document-is-not-public", document()) == {"pass"}
