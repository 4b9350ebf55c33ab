"""What each role can do and, above all, what it cannot, by a published evaluator of policies."""

import json
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from bulwark_toolkit.emulated import ROWS
from bulwark_toolkit.preview import Lookups, Project, place_of, record

ROOT = Path(__file__).resolve().parents[2]

ACCOUNT, REGION = "123456789012", "eu-central-1"
IAM = f"arn:aws:iam::{ACCOUNT}"
STATE_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
ADA, AUDITOR = f"{IAM}:user/ada", "arn:aws:iam::123456789012:role/auditors"

ACCESS = {
    "pipelines": {
        "review": {
            "repository": "acme/payments",
            "ownerId": 11,
            "repositoryId": 22,
            "pullRequests": True,
        },
        "deploy": {"repository": "acme/payments", "environment": "prod", "may": "deploy"},
        "mirror": {
            "host": "gitlab",
            "repository": "acme/bank/payments",
            "branch": "main",
            "may": "deploy",
        },
    },
    "state": {"bucket": "acme-pulumi-state", "key": STATE_KEY},
    "auditors": [AUDITOR, f"{IAM}:user/eve"],
    "breakGlass": {"users": [ADA]},
}

pytestmark = pytest.mark.e2e

# --- the stack


@cache
def graph():
    """The prod stack with everything that `access` has, rendered."""
    project = Project.find(ROOT)
    program = project.program("prod")
    config = program.config | {"bulwark:access": json.dumps(ACCESS)}
    place = place_of(config)
    answers = Lookups.load(place, project.lookups())
    return record(replace(program, config=config), lookups=answers, place=place, rendered=True)


def named(name):
    (found,) = [r for r in graph().resources if r.name == name]
    return found


def of_type(kind):
    return [r for r in graph().resources if r.type.endswith(f":{kind}")]


def document(resource, name="policy"):
    return json.loads(resource.inputs[name])


MANAGED = json.loads(aws_managed_policies_data)


def attached(arn):
    """The document of a policy that exists by itself: AWS's own, or one of the stack."""
    if arn.startswith("arn:aws:iam::aws:"):
        return MANAGED[arn.rpartition("/")[2]]["Document"]
    (policy,) = [
        r
        for r in graph().resources
        if r.type == "aws:iam/policy:Policy" and r.outputs["arn"] == arn
    ]
    return document(policy)


@dataclass(frozen=True)
class Role:
    resource: object

    @classmethod
    def of(cls, name):
        return cls(named(f"prod-access-{name}-role"))

    @property
    def arn(self):
        return self.resource.outputs["arn"]

    @property
    def session(self):
        name = self.arn.rpartition("/")[2]
        return f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/session"

    def policies(self):
        name = self.resource.name.removesuffix("-role")
        for r in graph().resources:
            if r.type == "aws:iam/rolePolicyAttachment:RolePolicyAttachment":
                if r.name.startswith(f"{name}-managed-"):
                    yield attached(r.inputs["policyArn"])
            elif r.name == f"{name}-policy":
                yield document(r)

    def asks(self, action, resource, **context):
        """What IAM is asked when a session of the role does something."""
        bounds = [b for b in [self.resource.inputs.get("permissionsBoundary")] if b]
        bounded = {"permissionBoundaryPolicies": _policies(map(attached, bounds))}
        # The account leaves it to IAM, as the policy of a key must say.
        key = {"resourcePolicy": LEFT_TO_IAM} if action.startswith("kms:") else {}
        return {
            "request": {
                "action": action,
                "principal": self.session,
                "resource": {"resource": resource, "accountId": ACCOUNT},
                "contextVariables": {"aws:RequestedRegion": REGION, **context},
            },
            "identityPolicies": _policies(self.policies()),
            "serviceControlPolicies": [],
            "resourceControlPolicies": [],
            **(bounded if bounds else {}),
            **key,
        }

    def is_asked_for(self, principal, action="sts:AssumeRole", **context):
        """What IAM is asked when somebody wants to have the role."""
        everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        allowed = {"Version": "2012-10-17", "Statement": [everything]}
        return {
            "request": {
                "action": action,
                "principal": principal,
                "resource": {"resource": self.arn, "accountId": ACCOUNT},
                "contextVariables": {"aws:RequestedRegion": REGION, **context},
            },
            "identityPolicies": _policies([allowed]),
            "resourcePolicy": document(self.resource, "assumeRolePolicy"),
            "serviceControlPolicies": [],
            "resourceControlPolicies": [],
        }


LEFT_TO_IAM = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"{IAM}:root"}, "Action": "kms:*", "Resource": "*"}
    ],
}


def _policies(documents):
    return [{"name": str(n), "policy": policy} for n, policy in enumerate(documents)]


# --- the deploy role

IAM_SAYS = {"accessanalyzer": "access-analyzer", "s3control": "s3"}
"""IAM's prefix of a service, where the client of Python calls it otherwise."""

ACTION = {
    "apigateway:CreateDeployment": "apigateway:POST",
    "apigateway:CreateRestApi": "apigateway:POST",
    "apigateway:CreateStage": "apigateway:POST",
    "apigateway:PutRestApi": "apigateway:PUT",
    "apigateway:UpdateRestApi": "apigateway:PATCH",
    "apigateway:UpdateStage": "apigateway:PATCH",
    "budgets:CreateBudget": "budgets:ModifyBudget",
    "cloudfront:CreateDistributionWithTags": "cloudfront:CreateDistribution",
    "s3:PutBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
    "s3:PutObjectLockConfiguration": "s3:PutBucketObjectLockConfiguration",
    "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
}
"""IAM's name of a call, where it has another."""

BASELINE = (
    "prod-access",
    "prod-account",
    "prod-audit-log-trail",
    "prod-boundary",
    "prod-security-testing",
    "prod-threat-detection",
)
"""What an administrator's `pulumi up` makes and keeps."""

PATHS = {
    # The evaluator knows no POST below this: IAM's list has two patterns for each of them.
    "CreateDeployment": "/restapis",
    "CreateRestApi": "/restapis",
    "CreateStage": "/restapis",
    "UpdateStage": "/restapis/{restApi}/stages/{stageName}",
}
"""What API Gateway's verbs are held to."""


def creations():
    """Each call that makes a resource of the stack: its resource, IAM's action, and the ARN."""
    for r in graph().resources:
        row = ROWS.get(r.type)
        if row is None or r.name.startswith(BASELINE) or _is_kept(r):
            continue
        for call in row.calls:
            if call.when is None or call.when.holds(r.inputs | {"id": r.id}):
                name = f"{IAM_SAYS.get(call.service, call.service)}:{call.operation}"
                yield r, ACTION.get(name, name), arn(r, call.operation)


def _is_kept(resource):
    """The filters of the trail's events are the administrator's too, and so is what incidents are
    answered by: with which rights, and on which events. Its code and its queues are not."""
    events = named("prod-audit-log-trail-events-group").outputs["name"]
    answers = resource.name.startswith("prod-incident-response")
    rights = resource.type.startswith(("aws:iam/", "aws:cloudwatch/event"))
    return resource.inputs.get("logGroupName") == events or (answers and rights)


def arn(resource, operation):
    given = resource.inputs
    if operation in PATHS:
        return f"arn:aws:apigateway:{REGION}::{PATHS[operation].format_map(given)}"
    if "bucket" in given:
        return f"arn:aws:s3:::{given['bucket']}"
    if "queueUrl" in given:
        return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{given['queueUrl'].rpartition('/')[2]}"
    if "userPoolId" in given:
        return f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{given['userPoolId']}"
    if resource.type == "aws:ssm/maintenanceWindowTask:MaintenanceWindowTask":
        return _other(resource)
    if resource.type == "aws:sns/topicSubscription:TopicSubscription":
        return given["topic"]
    # An association's id begins with the ARN of what it is of.
    return resource.outputs.get("arn", _other(resource)).partition(",arn:")[0]


def _other(resource):
    """The ARN of what is known by an id alone."""
    given, at = resource.inputs, f"arn:aws:ssm:{REGION}:{ACCOUNT}"
    if "windowId" in given:  # the evaluator knows no task of a window
        return f"{at}:maintenancewindow/{given['windowId']}"
    if "baselineId" in given:
        return f"{at}:patchbaseline/{given['baselineId']}"
    if resource.type == "aws:ssm/association:Association":
        return f"{at}:document/{given['name']}"
    if "function" in given:
        name = given["function"].rpartition(":")[2]
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"
    if "role" in given:
        return f"{IAM}:role/{given['role']}"
    if "resourceArn" in given:
        return given["resourceArn"]
    if "dashboardName" in given:
        return f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/{given['dashboardName']}"
    if "logGroupName" in given:
        return f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{given['logGroupName']}"
    if resource.type == "aws:cloudwatch/eventTarget:EventTarget":
        return f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{given['rule']}"
    return resource.id


def creates(role, resource, what, where):
    """What IAM is asked; a key has a policy of its own that must agree."""
    asked = role.asks(what, where, **{"secretsmanager:BlockPublicPolicy": "true"})
    inside = {"iam:PermissionsBoundary": resource.inputs.get("permissionsBoundary", BOUNDARY())}
    asked["request"]["contextVariables"] |= inside if what.startswith("iam:") else {}
    if resource.type.startswith("aws:kms/") and "policy" in resource.inputs:
        asked["resourcePolicy"] = document(resource)
    return asked


def BOUNDARY():  # noqa: N802 a constant, once there is a graph
    return named("prod-boundary-policy").outputs["arn"]


def refused(iam_says, questions):
    """The questions that are not allowed, with the answer."""
    asked = list(questions)
    answers = iam_says(asked)
    requests = [question["request"] for question in asked]
    return [
        (r["action"], r["resource"]["resource"], answer)
        for r, answer in zip(requests, answers, strict=True)
        if answer != "Allowed"
    ]


@pytest.mark.parametrize("pipeline", ["deploy", "mirror"])
def test_a_deploy_role_creates_whatever_the_stack_contains(iam_says, pipeline):
    role = Role.of(pipeline)

    assert refused(iam_says, (creates(role, *made) for made in creations())) == []


OTHER = f"{IAM}:role/another-app"
OURS = f"{IAM}:role/prod-app-1234567"
ESCAPES = {
    "makes a user": ("iam:CreateUser", f"{IAM}:user/mallory", {}),
    "makes a key for a user": ("iam:CreateAccessKey", f"{IAM}:user/ada", {}),
    "makes a role without a boundary": ("iam:CreateRole", OURS, {}),
    "makes a role with another boundary": (
        "iam:CreateRole",
        OURS,
        {"iam:PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess"},
    ),
    "gives rights to a role without a boundary": ("iam:PutRolePolicy", OURS, {}),
    "takes a boundary off": ("iam:DeleteRolePermissionsBoundary", OURS, {}),
    "gets into another application's role": ("iam:UpdateAssumeRolePolicy", OTHER, {}),
    "passes another application's role": ("iam:PassRole", OTHER, {}),
    "passes an administrator's role": ("iam:PassRole", f"{IAM}:role/admin", {}),
    "changes a policy": ("iam:CreatePolicyVersion", f"{IAM}:policy/any", {}),
    "trusts another identity provider": (
        "iam:CreateOpenIDConnectProvider",
        f"{IAM}:oidc-provider/evil.example",
        {},
    ),
    "becomes another role": ("sts:AssumeRole", f"{IAM}:role/admin", {}),
    "stops a trail": (
        "cloudtrail:StopLogging",
        f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/any",
        {},
    ),
    "opens buckets to the world": ("s3:PutAccountPublicAccessBlock", "*", {}),
    "deletes a key": ("kms:ScheduleKeyDeletion", STATE_KEY, {}),
    "locks everybody out of a key": (
        "kms:PutKeyPolicy",
        STATE_KEY,
        {"kms:BypassPolicyLockoutSafetyCheck": "true"},
    ),
    "reads a secret": (
        "secretsmanager:GetSecretValue",
        f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:any-123456",
        {},
    ),
    "publishes a secret": (
        "secretsmanager:PutResourcePolicy",
        f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:any-123456",
        {"secretsmanager:BlockPublicPolicy": "false"},
    ),
    "reads a customer's record": (
        "dynamodb:GetItem",
        f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/users",
        {},
    ),
    "reads a customer's file": ("s3:GetObject", "arn:aws:s3:::customers/file", {}),
    "acts in another region": (
        "sqs:CreateQueue",
        f"arn:aws:sqs:eu-west-3:{ACCOUNT}:prod-queue",
        {"aws:RequestedRegion": "eu-west-3"},
    ),
    "uses a service that the stack has not": (
        "sagemaker:CreateEndpoint",
        f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/any",
        {},
    ),
}


@pytest.mark.parametrize("escape", ESCAPES)
def test_a_deploy_role_cannot_escape(iam_says, escape):
    what, where, context = ESCAPES[escape]

    (said,) = iam_says([Role.of("deploy").asks(what, where, **context)])

    assert said in ("ExplicitlyDenied", "ImplicitlyDenied")


def test_what_bounds_a_deploy_role_is_more_than_it_is_given(iam_says):
    """Whatever somebody attaches to the role beside, the boundary says no."""
    role = Role.of("deploy")
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    given = _policies([{"Version": "2012-10-17", "Statement": [everything]}])

    said = iam_says(
        role.asks(what, where, **context) | {"identityPolicies": given}
        for what, where, context in ESCAPES.values()
    )

    assert "Allowed" not in said


def kept():
    """What an administrator made and whoever deploys must leave alone."""
    archive = named("prod-audit-log-trail-archive-bucket")
    events = named("prod-audit-log-trail-events-group").outputs["arn"]
    (alarm,) = [
        r.outputs["arn"] for r in of_type("EventRule") if r.name == "prod-access-glass-rule"
    ]
    trail = named("prod-audit-log-trail-trail").outputs["arn"]
    yield from (
        (f"s3:{name}", archive.outputs["arn"])
        for name in ("DeleteBucket", "PutBucketPolicy", "PutLifecycleConfiguration")
    )
    yield "s3:DeleteObject", f"{archive.outputs['arn']}/AWSLogs/any"
    yield "logs:DeleteLogGroup", events
    yield "logs:PutRetentionPolicy", events
    yield "events:DisableRule", alarm
    yield "events:RemoveTargets", alarm
    yield "cloudtrail:UpdateTrail", trail
    yield "logs:DeleteMetricFilter", events
    yield "guardduty:UpdateDetector", f"arn:aws:guardduty:{REGION}:{ACCOUNT}:detector/any"
    yield "config:StopConfigurationRecorder", "*"
    yield "securityhub:DisableSecurityHub", "*"
    yield "inspector2:Disable", "*"
    yield "events:PutTargets", f"arn:aws:events:{REGION}:{ACCOUNT}:rule/prod-threat-detection-any"
    yield "iam:PutRolePolicy", f"{IAM}:role/prod-threat-detection-recorder-role-1234567"
    yield "iam:PutRolePolicy", f"{IAM}:role/prod-incident-response-responder-execution-role-1234567"
    yield "iam:PutRolePolicy", f"{IAM}:role/respond/bulwark-prod-start-trail"
    yield "events:DisableRule", f"arn:aws:events:{REGION}:{ACCOUNT}:rule/prod-incident-response-any"
    yield "ssm:SendCommand", f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-1234567890"
    yield "iam:CreatePolicyVersion", BOUNDARY()
    for role in ("review", "deploy", "auditor", "break-glass", "glass-record"):
        for name in ("PutRolePolicy", "DeleteRolePolicy", "UpdateAssumeRolePolicy", "DeleteRole"):
            yield f"iam:{name}", Role.of(role).arn


def test_a_deploy_role_leaves_alone_what_it_stands_on(iam_says):
    role, inside = Role.of("deploy"), {"iam:PermissionsBoundary": BOUNDARY()}

    said = iam_says(role.asks(what, where, **inside) for what, where in kept())

    assert "Allowed" not in said
    assert not [answer for answer in said if answer.startswith(("{", "no such"))]


def test_a_deploy_role_keeps_its_state(iam_says):
    role = Role.of("deploy")
    objects = [role.asks(f"s3:{verb}Object", "arn:aws:s3:::acme-pulumi-state/x") for verb in VERBS]

    assert refused(iam_says, [*objects, role.asks("kms:Decrypt", STATE_KEY)]) == []


VERBS = ("Get", "Put", "Delete")

# --- who only looks

READS = {
    "lambda:GetPolicy": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:any",
    "secretsmanager:DescribeSecret": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:any-123456",
    "dynamodb:DescribeTable": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/users",
    "kms:GetKeyPolicy": STATE_KEY,
    "iam:GetRolePolicy": OURS,
}
VALUES = {
    "secretsmanager:GetSecretValue": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:any-123456",
    "ssm:GetParameter": f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/any",
    "dynamodb:Query": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/users",
    "s3:GetObject": "arn:aws:s3:::customers/file",
    "sqs:ReceiveMessage": f"arn:aws:sqs:{REGION}:{ACCOUNT}:any",
    "cognito-idp:ListUsers": f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/any",
    "kms:Decrypt": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/22222222-3333-4444-5555-666666666666",
}
CHANGES = {
    "s3:PutObject": "arn:aws:s3:::acme-pulumi-state/x",
    "iam:CreateRole": OURS,
    "kms:CreateGrant": STATE_KEY,
    "lambda:InvokeFunction": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:any",
}


@pytest.mark.parametrize("name", ["review", "auditor"])
def test_who_only_looks_sees_settings(iam_says, name):
    assert refused(iam_says, (Role.of(name).asks(*read) for read in READS.items())) == []


@pytest.mark.parametrize("name", ["review", "auditor"])
def test_who_only_looks_sees_no_value_and_no_data(iam_says, name):
    said = iam_says(Role.of(name).asks(*read) for read in VALUES.items())

    assert set(said) == {"ExplicitlyDenied"}


@pytest.mark.parametrize("name", ["review", "auditor"])
def test_who_only_looks_changes_nothing(iam_says, name):
    said = iam_says(Role.of(name).asks(*change) for change in CHANGES.items())

    assert set(said) <= {"ExplicitlyDenied", "ImplicitlyDenied"}


def test_a_preview_reads_the_state_and_decrypts_it(iam_says):
    role = Role.of("review")
    state = [
        role.asks("s3:GetObject", "arn:aws:s3:::acme-pulumi-state/.pulumi/stacks/prod.json"),
        role.asks("s3:ListBucket", "arn:aws:s3:::acme-pulumi-state"),
        role.asks("kms:Decrypt", STATE_KEY),
    ]

    assert refused(iam_says, state) == []


def test_an_auditor_reads_the_trail(iam_says):
    role = Role.of("auditor")
    archive = named("prod-audit-log-trail-archive-bucket").outputs["arn"]
    events = named("prod-audit-log-trail-events-group").outputs["arn"]
    key = named("prod-keys-logs").outputs["arn"]
    reads = [
        role.asks("s3:GetObject", f"{archive}/AWSLogs/any"),
        role.asks("logs:StartQuery", events),
        role.asks("logs:GetQueryResults", "*"),
        role.asks("cloudtrail:LookupEvents", "*"),
        role.asks("kms:Decrypt", key),
    ]

    assert refused(iam_says, reads) == []


# --- who may have a role

HOST = "token.actions.githubusercontent.com"
GITHUB = f"{IAM}:oidc-provider/{HOST}"
TAG = "aws:PrincipalTag"
"""A key that it does have, whose values are as free."""


def run_of(role, sub, aud="sts.amazonaws.com"):
    """What IAM is asked by a run at GitHub, with what its token says."""
    asked = Role.of(role).is_asked_for(
        GITHUB, "sts:AssumeRoleWithWebIdentity", **{f"{HOST}:sub": sub, f"{HOST}:aud": aud}
    )
    # The evaluator drops keys that IAM's own list does not have, and a provider's is not there.
    return json.loads(json.dumps(asked | {"identityPolicies": []}).replace(f'"{HOST}:', f'"{TAG}/'))


@pytest.mark.parametrize(
    "sub",
    ["repo:acme/payments:pull_request", "repo:acme@11/payments@22:pull_request"],
    ids=["by its name", "by its numbers"],
)
def test_a_pull_request_has_the_preview_role(iam_says, sub):
    assert iam_says([run_of("review", sub)]) == ["Allowed"]


@pytest.mark.parametrize(
    ("role", "sub", "aud"),
    [
        ("review", "repo:acme/payments:ref:refs/heads/main", "sts.amazonaws.com"),
        ("review", "repo:mallory/payments:pull_request", "sts.amazonaws.com"),
        ("review", "repo:acme@99/payments@22:pull_request", "sts.amazonaws.com"),
        ("review", "repo:acme/payments:pull_request", "https://github.com/acme"),
        ("deploy", "repo:acme/payments:pull_request", "sts.amazonaws.com"),
        ("deploy", "repo:acme/payments:environment:staging", "sts.amazonaws.com"),
        ("deploy", "repo:acme/payments:environment:prod-2", "sts.amazonaws.com"),
        ("deploy", "repo:acme/payments2:environment:prod", "sts.amazonaws.com"),
    ],
)
def test_any_other_run_is_refused(iam_says, role, sub, aud):
    assert iam_says([run_of(role, sub, aud)]) == ["ImplicitlyDenied"]


def asks_for_glass(user=ADA, **other):
    context = {
        "aws:MultiFactorAuthPresent": "true",
        "aws:MultiFactorAuthAge": "60",
        "aws:username": user.rpartition("/")[2],
        "sts:RoleSessionName": user.rpartition("/")[2],
        "aws:RequestTag/reason": "the pipeline is down and so are payments",
    } | other
    known = {name: value for name, value in context.items() if value is not None}
    return Role.of("break-glass").is_asked_for(user, **known)


def test_the_glass_is_broken_with_a_fresh_factor_and_a_reason(iam_says):
    assert iam_says([asks_for_glass()]) == ["Allowed"]


@pytest.mark.parametrize(
    "other",
    [
        {"aws:MultiFactorAuthPresent": "false", "aws:MultiFactorAuthAge": None},
        {"aws:MultiFactorAuthPresent": None, "aws:MultiFactorAuthAge": None},
        {"aws:MultiFactorAuthAge": "901"},
        {"aws:RequestTag/reason": None},
        {"aws:RequestTag/reason": ""},
        {"sts:RoleSessionName": "somebody-else"},
        {"aws:RequestedRegion": "eu-west-3"},
        {"user": f"{IAM}:user/mallory"},
    ],
    ids=str,
)
def test_the_glass_holds(iam_says, other):
    said = iam_says([asks_for_glass(**other)])

    assert said[0] in ("ImplicitlyDenied", "ExplicitlyDenied")


def test_an_emergency_does_not_reach_the_trail(iam_says):
    role = Role.of("break-glass")
    trail = named("prod-audit-log-trail-trail").outputs["arn"]
    archive = named("prod-audit-log-trail-archive-bucket").outputs["arn"]

    said = iam_says(
        [
            role.asks("cloudtrail:StopLogging", trail),
            role.asks("s3:DeleteObjectVersion", f"{archive}/any"),
            role.asks("ec2:TerminateInstances", f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-1"),
        ]
    )

    assert said == ["ExplicitlyDenied", "ExplicitlyDenied", "Allowed"]


@pytest.mark.parametrize("name", ["eve", "auditors"])
def test_an_auditor_who_is_a_user_shows_a_second_factor(iam_says, name):
    principal = f"{IAM}:user/eve" if name == "eve" else AUDITOR
    with_it = Role.of("auditor").is_asked_for(principal, **{"aws:MultiFactorAuthPresent": "true"})
    without = Role.of("auditor").is_asked_for(principal)

    alone = "ImplicitlyDenied" if name == "eve" else "Allowed"
    assert iam_says([with_it, without]) == ["Allowed", alone]
