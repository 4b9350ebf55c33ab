import json

import pytest

from pulumi_bulwark.access import AccessSpec
from pulumi_bulwark.access.aws import AwsAccess, AwsAccessArgs, problems

ACCOUNT = "123456789012"
IAM = f"arn:aws:iam::{ACCOUNT}"
BUCKET = "arn:aws:s3:::trail"
PROVIDER = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
RULE = "aws:cloudwatch/eventRule:EventRule"

REVIEW = {"repository": "acme/payments", "pullRequests": True}
DEPLOY = {"repository": "acme/payments", "environment": "prod", "may": "deploy"}
GLASS = {"users": [f"{IAM}:user/ada"]}


def args(more=None, /, **spec):
    given = {
        "account_id": ACCOUNT,
        "region": "eu-central-1",
        "boundary_arn": f"{IAM}:policy/boundary",
        "stack": "dev",
        "evidence_arns": (BUCKET,),
        "evidence_key_arn": f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/logs",
    }
    return AwsAccessArgs(spec=AccessSpec.load("access", spec), **given | (more or {}))


@pytest.fixture
def access(preview):
    def build(more=None, /, **spec):
        graph = preview(lambda: AwsAccess("it", args(more, **spec)), rendered=True)
        assert graph.problems == ()
        return graph

    return build


def trust(graph, role):
    (statement,) = json.loads(graph[f"it-{role}-role"].inputs["assumeRolePolicy"])["Statement"]
    return statement


def deployer(graph):
    return json.loads(graph["it-deployer-policy"].inputs["policy"])["Statement"]


def types(graph):
    return {r.type for r in graph.resources}


def test_nothing_asked_for_is_nothing_made(access):
    assert {r.name for r in access().resources if r.kind == "custom" and not r.is_provider} == set()


def test_a_repository_of_today_is_known_by_its_name_and_by_its_numbers(access):
    graph = access(pipelines={"review": {**REVIEW, "ownerId": 1, "repositoryId": 2}})

    assert trust(graph, "review")["Condition"] == {
        "StringEquals": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": [
                "repo:acme/payments:pull_request",
                "repo:acme@1/payments@2:pull_request",
            ],
        }
    }


def test_a_repository_without_its_numbers_is_noted(access):
    (note,) = [n for n in access(pipelines={"review": REVIEW}).notes if "2026-07-15" in n.text]

    assert "review" in note.text


@pytest.mark.parametrize(
    ("spec", "subject"),
    [
        ({"environment": "prod"}, "environment:prod"),
        ({"branch": "main"}, "ref:refs/heads/main"),
        ({"pullRequests": True}, "pull_request"),
    ],
)
def test_a_role_at_github_is_held_to_one_thing(access, spec, subject):
    graph = access(pipelines={"one": {"repository": "acme/payments", **spec}})

    subjects = trust(graph, "one")["Condition"]["StringEquals"]
    assert subjects["token.actions.githubusercontent.com:sub"] == [f"repo:acme/payments:{subject}"]


def test_a_role_at_gitlab_is_held_to_its_project_and_branch(access):
    spec = {"host": "gitlab", "repository": "acme/bank/payments", "branch": "main"}

    graph = access(pipelines={"one": spec})

    assert trust(graph, "one")["Condition"]["StringEquals"] == {
        "gitlab.com:aud": "https://gitlab.com",
        "gitlab.com:sub": ["project_path:acme/bank/payments:ref_type:branch:ref:main"],
    }


def test_a_gitlab_of_ones_own_is_another_issuer(access):
    spec = {
        "host": "gitlab",
        "server": "git.acme.example",
        "repository": "bank/payments",
        "branch": "main",
    }

    graph = access(pipelines={"one": spec, "two": REVIEW})

    assert {r.inputs["url"] for r in graph.resources if r.type == PROVIDER} == {
        "https://git.acme.example",
        "https://token.actions.githubusercontent.com",
    }


def test_a_wildcard_is_there_only_where_it_was_asked_for_and_is_reported(access):
    graph = access(pipelines={"any": {"repository": "acme/payments", "anyRef": True}})

    held = trust(graph, "any")["Condition"]
    assert held["StringLike"] == {
        "token.actions.githubusercontent.com:sub": ["repo:acme/payments:*"]
    }
    assert "token.actions.githubusercontent.com:aud" in held["StringEquals"]
    assert [n.text for n in graph.notes if n.text.startswith("bulwark:access.pipelines.any.anyRef")]


def test_pipelines_of_one_host_share_its_provider(access):
    graph = access(pipelines={"review": REVIEW, "deploy": DEPLOY})

    assert [r.type for r in graph.resources].count(PROVIDER) == 1
    assert graph["it"].outputs["owned"] == ["identity providers of pipelines"]


def test_another_stack_may_own_the_providers(access):
    graph = access({"baseline": "org/baseline/prod"}, pipelines={"review": REVIEW})

    assert PROVIDER not in types(graph)
    assert trust(graph, "review")["Principal"] == {
        "Federated": f"{IAM}:oidc-provider/token.actions.githubusercontent.com"
    }


def test_what_a_deploy_role_is_given_is_also_its_boundary(access):
    graph = access(pipelines={"deploy": DEPLOY})
    policy = graph["it-deployer-policy"].outputs["arn"]

    assert graph["it-deploy-role"].inputs["permissionsBoundary"] == policy
    assert graph["it-deploy-managed-0"].inputs["policyArn"] == policy
    assert "it-deploy-policy" not in {r.name for r in graph.resources}


def test_a_deploy_role_acts_in_its_regions_only(access):
    graph = access(pipelines={"deploy": DEPLOY}, regions=["eu-west-1"])

    (regions,) = [s for s in deployer(graph) if s["Sid"] == "KeepRegions"]
    assert regions["Condition"] == {
        "StringNotEquals": {"aws:RequestedRegion": ["eu-central-1", "eu-west-1", "us-east-1"]}
    }


def test_a_stack_that_does_not_own_the_trail_has_no_evidence_to_keep(access):
    graph = access({"evidence_arns": ()}, pipelines={"deploy": DEPLOY})

    assert "KeepEvidence" not in {s["Sid"] for s in deployer(graph)}


def test_every_document_is_within_iams_quotas(access):
    """Managed 6,144 characters, inline 10,240 a role, trust 2,048: IAM counts no white space."""
    longest = "x" * 39
    named = {
        f"pipeline-{n}": {
            "repository": f"{longest}/{longest * 2}",
            "ownerId": 10**11 + n,
            "repositoryId": 10**11 + n,
            "environment": longest * 2,
            "may": "deploy" if n % 2 else "preview",
        }
        for n in range(20)
    }
    graph = access(
        pipelines=named,
        state={"bucket": "b" * 63, "key": f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/{'0' * 36}"},
        auditors=[f"{IAM}:role/{'r' * 50}{n}" for n in range(10)],
        breakGlass={"users": [f"{IAM}:user/{'u' * 50}{n}" for n in range(10)]},
    )

    quotas = {"aws:iam/policy:Policy": ("policy", 6144), "aws:iam/role:Role": (_TRUST, 2048)}
    quotas["aws:iam/rolePolicy:RolePolicy"] = ("policy", 10240)
    sizes = [
        (r.name, len(json.dumps(json.loads(r.inputs[name]), separators=(",", ":"))), most)
        for r in graph.resources
        if r.type in quotas
        for name, most in [quotas[r.type]]
    ]
    assert len(sizes) == 39
    assert [found for found in sizes if found[1] > found[2]] == []


_TRUST = "assumeRolePolicy"


# --- emergencies


def test_the_role_for_emergencies_lasts_an_hour(access):
    graph = access(breakGlass=GLASS)

    assert graph["it-break-glass-role"].inputs["maxSessionDuration"] == 3600


def test_a_broken_glass_is_heard_where_it_is_broken(access):
    graph = access(breakGlass=GLASS)

    regions = {r.inputs["region"] for r in graph.resources if r.type == RULE}
    asked = trust(graph, "break-glass")["Condition"]["StringEquals"]["aws:RequestedRegion"]
    assert regions == set(asked) == {"eu-central-1", "us-east-1"}


def test_the_rule_hears_of_that_role(access):
    graph = access(breakGlass=GLASS)
    (rule, *_) = [r for r in graph.resources if r.type == RULE]

    heard = json.loads(rule.inputs["eventPattern"])["detail"]["requestParameters"]["roleArn"]
    assert heard == [graph["it-break-glass-role"].outputs["arn"]]


def test_a_broken_glass_leaves_a_record_to_be_closed(access):
    graph = access(breakGlass=GLASS)

    target = graph["it-glass-record-item"].inputs
    assert target["arn"] == f"arn:aws:ssm:eu-central-1:{ACCOUNT}:opsitem"
    assert json.loads(target["inputTransformer"]["inputTemplate"])["severity"] == "1"


def test_a_topic_is_told_if_there_is_one(access):
    topic = f"arn:aws:sns:eu-central-1:{ACCOUNT}:pages"

    with_one = access({"alarm_topic_arn": topic}, breakGlass=GLASS)
    without = access(breakGlass=GLASS)

    assert with_one["it-glass-topic"].inputs["arn"] == topic
    assert "nobody is told at once" in " ".join(n.text for n in without.notes)


def test_nobody_gets_in_before_the_alarm_is_there(access):
    graph = access(breakGlass=GLASS)
    role = graph["it-break-glass-role"]

    assert {graph["it-glass-record-item"].urn} <= set(role.dependencies)


# --- what IAM would refuse


def test_a_stack_with_too_long_a_name_is_refused():
    (problem,) = problems(args({"stack": "s" * 41}, pipelines={"deploy": DEPLOY}))

    assert problem.startswith("bulwark:access.pipelines: the stack's name has 41 characters")


def test_a_pipeline_cannot_have_the_name_of_another_role():
    (problem,) = problems(args(pipelines={"auditor": REVIEW}))

    assert problem.startswith("bulwark:access.pipelines.auditor: is the name of another role")


def test_who_breaks_the_glass_is_of_the_account():
    (problem,) = problems(args(breakGlass={"users": ["arn:aws:iam::999999999999:user/ada"]}))

    assert problem.startswith("bulwark:access.breakGlass.users[0]: is not in account 123456789012")
