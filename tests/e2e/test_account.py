"""Two environments of one account do not fight over what exists only once."""

import pytest

pytestmark = pytest.mark.e2e

# Types of which an account, or a region of it, holds one.
SINGLETONS = (
    "aws:accessanalyzer/",
    "aws:apigateway/account:",
    "aws:budgets/budget:",
    "aws:cfg/deliveryChannel:",
    "aws:cfg/recorder",
    "aws:cfg/retentionConfiguration:",
    "aws:cloudtrail/trail:",
    "aws:ebs/",
    "aws:ec2/",
    "aws:guardduty/",
    "aws:iam/accountPasswordPolicy:",
    "aws:iam/serviceLinkedRole:",
    "aws:inspector2/enabler:",
    "aws:macie2/",
    "aws:s3/accountPublicAccessBlock:",
    "aws:securityhub/",
)


def test_of_two_stacks_of_one_account_one_plans_what_exists_once(create, samples, repository):
    files = [f for pattern in samples["bulwark"].files for f in repository.glob(pattern)]
    project = create(*files)
    for setting in ("posture.enabled", "recorder.enabled", "sensitiveData"):
        project.set(f"bulwark:threatDetection.{setting}", True, "--stack=dev")  # dev has no
    project.pulumi("stack", "init", "staging")
    project.set("bulwark:account.manage", "none", "--stack=staging")
    project.set("bulwark:account.baseline", "organization/bulwark/dev", "--stack=staging")

    owner, other = singletons(project, "dev"), singletons(project, "staging")

    assert len(owner) == 22
    assert other == set()


def singletons(project, stack):
    planned = project.preview(f"--stack={stack}").values()
    return {r["type"] for r in planned if r["type"].startswith(SINGLETONS)}
