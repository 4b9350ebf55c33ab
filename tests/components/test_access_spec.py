import pytest

from pulumi_bulwark.access import AccessSpec
from pulumi_bulwark.errors import ConfigError


def refusal(**pipeline):
    with pytest.raises(ConfigError) as error:
        AccessSpec.load("access", {"pipelines": {"one": {"repository": "acme/app"} | pipeline}})
    return str(error.value)


@pytest.mark.parametrize(
    ("pipeline", "words"),
    [
        ({}, "needs exactly one of environment, branch, pullRequests, anyRef"),
        ({"branch": "main", "environment": "prod"}, "needs exactly one of"),
        ({"pullRequests": True, "may": "deploy"}, "a deploy role is held to an environment or"),
        ({"anyRef": True, "may": "deploy"}, "a deploy role is held to an environment or"),
        ({"branch": "main", "ownerId": 1}, "ownerId and repositoryId come together"),
        ({"branch": "*"}, "one name without wildcards"),
        ({"branch": "main", "repository": "acme/*"}, "one repository without wildcards"),
        ({"branch": "main", "repository": "acme/a/b"}, "a repository at GitHub is owner/name"),
        ({"branch": "main", "server": "git.acme.example"}, "server is for gitlab"),
        ({"host": "gitlab", "environment": "prod"}, "environment is for github"),
        ({"host": "gitlab", "pullRequests": True}, "pullRequests is for github"),
    ],
)
def test_a_pipeline_that_would_let_others_in_is_refused(pipeline, words):
    assert words in refusal(**pipeline)


def test_only_users_break_the_glass():
    with pytest.raises(ConfigError, match="one IAM user by its full ARN"):
        AccessSpec.load("access", {"breakGlass": {"users": ["arn:aws:iam::123456789012:role/a"]}})


GLASS = {"users": ["user:00000000-0000-0000-0000-00000000000a"]}


@pytest.mark.parametrize(
    ("cloud", "spec", "words"),
    [
        (
            "azure",
            {"state": {"bucket": "acme-state"}},
            "state.bucket: must be the full id of a blob",
        ),
        (
            "azure",
            {"breakGlass": {**GLASS, "mfaMinutes": 5}},
            "breakGlass.mfaMinutes: not on Azure",
        ),
        ("aws", {"breakGlass": GLASS}, "breakGlass.users[0]: must be one IAM user by its full ARN"),
        (
            "aws",
            {"breakGlass": {**GLASS, "eligibleDays": 30}},
            "breakGlass.eligibleDays: not on AWS",
        ),
    ],
)
def test_what_is_of_the_other_cloud_is_refused(cloud, spec, words):
    found = list(AccessSpec.load("access", spec).unsupported(cloud))

    assert any(line.startswith(words) for line in found), found


def test_an_identity_breaks_no_glass():
    identity = "identity:00000000-0000-0000-0000-00000000000a"
    with pytest.raises(ConfigError, match="only people activate a role"):
        AccessSpec.load("access", {"breakGlass": {"users": [identity]}})
