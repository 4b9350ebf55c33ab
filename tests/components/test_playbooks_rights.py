"""Each action's role can do that action and no other.

What an action asks of AWS is recorded as it runs, there and back; whether that is allowed is the
word of a published evaluator of IAM policies, with the role's policy and its boundary.
"""

import contextlib
import functools
import json
import os
from datetime import UTC, datetime
from unittest.mock import patch

import boto3
import moto
import pytest
from playbook_things import ACCOUNT, REGION, THINGS

from bulwark_runtime.playbooks import actions, events, samples
from bulwark_toolkit.testing import Preview
from pulumi_bulwark.incident_response import IncidentResponseSpec
from pulumi_bulwark.incident_response.aws import AwsIncidentResponse, AwsIncidentResponseArgs
from pulumi_bulwark.incident_response.builtin import ACTING
from pulumi_bulwark.keys import KeysSpec
from pulumi_bulwark.keys.aws import AwsKeys, AwsKeysArgs
from pulumi_bulwark.log_group.aws import AwsLogStore
from pulumi_bulwark.role.aws_boundary import AwsBoundary, AwsBoundaryArgs

WHERE = {"account_id": ACCOUNT, "region": REGION}
IAM = f"arn:aws:iam::{ACCOUNT}"
POOL = f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{REGION}_aB1cD2eF3"
ROTATOR = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:rotator"
APPROVER = f"{IAM}:role/security"
GLASS = f"{IAM}:user/glass"
TOPICS = {how: f"arn:aws:sns:{REGION}:{ACCOUNT}:{how}" for how in ("page", "ticket")}
SETS = {
    "blocked": [
        {
            "id": "00000000-0000-0000-0000-000000000000",
            "name": "blocked",
            "scope": "REGIONAL",
            "region": REGION,
            "version": "IPV4",
        }
    ]
}
CUSTOMER = {
    "trigger": {"calls": ("cognito-idp:AdminSetUserPassword",)},
    "mode": "auto",
    "action": "disable-user",
}


def program():
    keys = AwsKeys("keys", AwsKeysArgs(spec=KeysSpec(), **WHERE))
    boundary = AwsBoundary("boundary", AwsBoundaryArgs(**WHERE))
    store = AwsLogStore(
        **WHERE,
        partition="aws",
        key_arn=keys.ids["logs"],
        retention_days=400,
        access_logs_id="access-logs",
        deletion_protection=True,
    )
    AwsIncidentResponse(
        "it",
        AwsIncidentResponseArgs(
            spec=IncidentResponseSpec(
                playbooks={**ACTING, "customer": CUSTOMER}, approvers=(APPROVER,)
            ),
            store=store,
            stack="prod",
            key_arn=keys.ids["data"],
            boundary_arn=boundary.arn,
            topic_arns=TOPICS,
            topic_key_arn=keys.ids["logs"],
            ip_sets=SETS,
            user_pool_arn=POOL,
            rotator_arns=[ROTATOR],
            never_arns=[GLASS, f"{IAM}:role/access/*"],
        ),
    )


@pytest.fixture(scope="module")
def graph():
    found = Preview()(program, rendered=True, project="pay", stack="prod")
    assert found.problems == ()
    return found


# --- what an action asks


class Recorded:
    """A client of boto3 that keeps what it was asked."""

    def __init__(self, client, service, calls):
        self._client, self._service, self._calls = client, service, calls

    def __getattr__(self, name):
        found = getattr(self._client, name)
        operation = self._client.meta.method_to_api_mapping.get(name)
        if operation is None:
            return found
        return lambda **asked: (
            self._calls.append((self._service, operation, asked)) or found(**asked)
        )

    def get_paginator(self, name):
        operation = self._client.meta.method_to_api_mapping[name]
        self._calls.append((self._service, operation, {}))
        return self._client.get_paginator(name)


MAKE = {
    "block-source": lambda clients: actions.BlockSource(clients, "blocks.fifo"),
    "close-bucket": actions.CloseBucket,
    "close-group": actions.CloseGroup,
    "disable-key": actions.DisableKey,
    "disable-user": actions.DisableUser,
    "isolate-instance": actions.IsolateInstance,
    "revoke-sessions": actions.RevokeSessions,
    "rotate-secret": actions.RotateSecret,
    "start-trail": actions.StartTrail,
}


def exercised(of, calls):
    """An action there and back, on its own documented event."""
    client = functools.cache(lambda service: boto3.client(service, REGION))
    thing = of(client)
    text = json.dumps(samples.all_()[of.event])
    for old, new in thing.replaced.items():
        text = text.replace(PLACES[old], new)
    (incident,) = events.read(json.loads(text))
    action = MAKE[of.action](lambda service: Recorded(client(service), service, calls))
    (subject, *_) = incident.of_kind(action.takes)
    order = actions.Order(case="case", subject=subject, now=datetime(2026, 11, 2, tzinfo=UTC))
    before = action.look(order)
    action.act(order, before)
    with contextlib.suppress(actions.RefusedError):
        action.undo(order, before)


PLACES = {
    "address": "8.8.4.4",
    "group": "sg-0a1b2c3d4e5f60718",
    "rule": "sgr-0a1b2c3d4e5f60718",
    "key": "AKIAIOSFODNN7EXAMPLE",
    "machine": "i-0a1b2c3d4e5f60718",
    "pool": f"{REGION}_aB1cD2eF3",
    "secret": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:webhook-a1B2c3",
    "trail": f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/audit",
    "user": "0a1b2c3d-0000-4000-8000-000000000000",
}


@pytest.fixture(scope="module")
def asked():
    """What each action asked of AWS, by the action, as IAM sees it."""
    found = {}
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    own = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    with patch.dict(os.environ, clean | own, clear=True):
        for of in THINGS:
            with moto.mock_aws():
                boto3.client("sqs", REGION).create_queue(
                    QueueName="blocks.fifo", Attributes={"FifoQueue": "true"}
                )
                calls = []
                exercised(of, calls)
            found.setdefault(of.action, set()).update(
                question for call in calls for question in _questions(*call)
            )
    return found


def ec2(kind):
    # A snapshot's ARN has no account.
    account = "" if kind == "snapshot" else ACCOUNT
    return f"arn:aws:ec2:{REGION}:{account}:{kind}/it"


EC2 = {
    "AuthorizeSecurityGroupIngress": ("security-group",),
    "CreateSecurityGroup": ("security-group", "vpc"),
    "CreateSnapshot": ("volume", "snapshot"),
    "ModifyNetworkInterfaceAttribute": ("network-interface", "security-group"),
    "RevokeSecurityGroupEgress": ("security-group",),
    "RevokeSecurityGroupIngress": ("security-group",),
}
"""What each call is held to (Service Authorization Reference); one that only looks, to nothing."""

S3 = {
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
}


WHERE_IT_IS = {
    "autoscaling": "*",
    "cloudtrail": f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/audit",
    "cognito-idp": POOL,
    "s3": "arn:aws:s3:::reports",
    "secretsmanager": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:it-a1B2c3",
    "sqs": "BLOCKS",
}


def _questions(service, operation, given):
    """A call as IAM's action, resource and what comes with the request."""
    action = f"{service}:{S3.get(operation, operation)}"
    if service == "ec2":
        yield from _of_ec2(operation, given)
    elif service == "iam":
        of_role = "RoleName" in given
        yield question(
            action,
            f"{IAM}:role/payments" if of_role else f"{IAM}:user/reports",
            **(INSIDE if of_role else {}),
        )
    else:
        ours = {"aws:ResourceAccount": ACCOUNT} if service == "s3" else {}
        yield question(action, WHERE_IT_IS[service], **ours)
    if operation == "RotateSecret":
        yield question("lambda:InvokeFunction", ROTATOR)


def _of_ec2(operation, given):
    isolated = {"aws:ResourceTag/bulwark:isolation": "true"}
    own = isolated if operation == "RevokeSecurityGroupEgress" else {}
    for kind in EC2.get(operation, ("*",)):
        yield question(f"ec2:{operation}", "*" if kind == "*" else ec2(kind), **own)
    for spec in given.get("TagSpecifications", ()):
        created = {"ec2:CreateAction": operation}
        yield question("ec2:CreateTags", ec2(spec["ResourceType"]), **created)


def question(action, resource, **context):
    return action, resource, tuple(sorted(context.items()))


INSIDE = {"iam:PermissionsBoundary": "BOUNDARY"}
LEFT_ALONE = {"aws:ResourceTag/bulwark:respond": "never"}
CUT_OFF = "ec2:ModifyNetworkInterfaceAttribute"
ONLY_SOMETIMES = {
    # Of a machine in a scaling group, and of a key whose user the event does not name.
    "autoscaling:DescribeAutoScalingInstances",
    "autoscaling:DetachInstances",
    "iam:GetAccessKeyLastUsed",
}
LOOKS = ("Describe", "Get", "List")


# --- what IAM says


class Roles:
    def __init__(self, graph):
        self.graph = graph
        self.boundary = json.loads(graph["boundary-policy"].inputs["policy"])
        self.real = {
            "BLOCKS": graph["it-block-list-requests-queue"].outputs["arn"],
            "BOUNDARY": graph["boundary-policy"].outputs["arn"],
        }

    def names(self):
        return sorted(self.graph["it"].outputs["roleArns"])

    def _policies(self, action):
        """Its own policy, and its boundary: of an action outside of the workloads', the same."""
        own = f"it-{action}-boundary"
        if own in {r.name for r in self.graph.resources}:
            policy = json.loads(self.graph[own].inputs["policy"])
            return policy, policy
        return json.loads(self.graph[f"it-{action}-policy"].inputs["policy"]), self.boundary

    def asks(self, role, action, resource, context, *, policies=None, principal=None):
        policy, boundary = policies or self._policies(role)
        real = {key: self.real.get(value, value) for key, value in context}
        arn = principal or self.graph["it"].outputs["roleArns"][role]
        return {
            "request": {
                "principal": f"arn:aws:sts::{ACCOUNT}:assumed-role/{arn.rpartition('/')[2]}/case",
                "action": action,
                "resource": {
                    "resource": self.real.get(resource, resource),
                    "accountId": ACCOUNT,
                },
                "contextVariables": {
                    "aws:PrincipalArn": arn,
                    "aws:PrincipalIsAWSService": "false",
                    "aws:SecureTransport": "true",
                    **real,
                },
            },
            "identityPolicies": [{"name": "its-own", "policy": policy}],
            "serviceControlPolicies": [],
            "resourceControlPolicies": [],
            "permissionBoundaryPolicies": [{"name": "boundary", "policy": boundary}],
        }


@pytest.fixture(scope="module")
def roles(graph):
    return Roles(graph)


def test_there_is_a_role_for_each_action(roles):
    assert roles.names() == sorted(MAKE)


def test_each_role_can_do_its_action(roles, asked, iam_says):
    each = [(role, one) for role in roles.names() for one in asked[role]]
    said = iam_says(roles.asks(role, *one) for role, one in each)

    denied = [one for one, answer in zip(each, said, strict=True) if answer != "Allowed"]
    assert denied == []


def test_no_role_can_do_what_another_does(roles, asked, iam_says):
    changes = [
        (role, one)
        for role in roles.names()
        for other in roles.names()
        for one in asked[other] - asked[role]
        if not one[0].partition(":")[2].startswith(LOOKS)
    ]
    said = iam_says(roles.asks(role, *one) for role, one in changes)

    allowed = [one for one, answer in zip(changes, said, strict=True) if answer == "Allowed"]
    assert allowed == []
    assert set(said) <= {"Allowed", "ImplicitlyDenied", "ExplicitlyDenied"}


def test_the_responder_itself_can_do_none_of_it(roles, asked, graph, iam_says):
    own = json.loads(graph["it-responder-execution-policy"].inputs["policy"])
    principal = graph["it-responder-execution-role"].outputs["arn"]
    all_ = sorted(set().union(*asked.values()))
    said = iam_says(
        roles.asks("", *one, policies=(own, roles.boundary), principal=principal) for one in all_
    )

    assert "Allowed" not in said


def test_everything_that_a_role_may_do_its_action_does(roles, asked):
    unused = {
        (role, action)
        for role in roles.names()
        for statement in roles._policies(role)[0]["Statement"]
        if statement["Effect"] == "Allow"
        for action in statement["Action"]
        if action not in {one[0] for one in asked[role]} | ONLY_SOMETIMES
        and not action.startswith(("kms:", "sqs:GetQueueUrl"))
    }

    assert unused == set()


@pytest.mark.parametrize(
    ("role", "asked_for"),
    [
        ("disable-key", ("iam:UpdateAccessKey", GLASS, {})),
        ("disable-key", ("iam:UpdateAccessKey", f"{IAM}:user/app", LEFT_ALONE)),
        ("disable-key", ("iam:CreateAccessKey", f"{IAM}:user/reports", {})),
        ("disable-key", ("iam:DeleteAccessKey", f"{IAM}:user/reports", {})),
        ("revoke-sessions", ("iam:PutRolePolicy", f"{IAM}:role/admin", {})),
        ("revoke-sessions", ("iam:PutRolePolicy", f"{IAM}:role/access/prod-review", INSIDE)),
        ("revoke-sessions", ("iam:PutRolePolicy", f"{IAM}:role/respond/start-trail", INSIDE)),
        ("revoke-sessions", ("iam:AttachRolePolicy", f"{IAM}:role/payments", INSIDE)),
        ("revoke-sessions", ("iam:UpdateAssumeRolePolicy", f"{IAM}:role/payments", INSIDE)),
        ("isolate-instance", ("ec2:RevokeSecurityGroupEgress", ec2("security-group"), {})),
        ("isolate-instance", ("ec2:TerminateInstances", ec2("instance"), {})),
        ("isolate-instance", ("ec2:ModifySnapshotAttribute", ec2("snapshot"), {})),
        ("isolate-instance", (CUT_OFF, ec2("network-interface"), LEFT_ALONE)),
        ("close-bucket", ("s3:PutBucketPolicy", "arn:aws:s3:::reports", {})),
        ("close-bucket", ("s3:GetObject", "arn:aws:s3:::reports/x", {})),
        ("start-trail", ("cloudtrail:StopLogging", WHERE_IT_IS["cloudtrail"], {})),
        ("rotate-secret", ("secretsmanager:GetSecretValue", WHERE_IT_IS["secretsmanager"], {})),
    ],
)
def test_no_role_goes_beyond_its_action(roles, iam_says, role, asked_for):
    action, resource, context = asked_for
    (said,) = iam_says([roles.asks(role, action, resource, sorted(context.items()))])

    assert said in ("ImplicitlyDenied", "ExplicitlyDenied")


def test_the_responders_own_role_is_left_alone(roles, graph, iam_says):
    own = graph["it-responder-execution-role"].outputs["arn"]
    (said,) = iam_says([roles.asks("revoke-sessions", "iam:PutRolePolicy", own, INSIDE.items())])

    assert said == "ExplicitlyDenied"


# --- who may put something on the queues


def sends(roles, queue, principal, service="false"):
    graph = roles.graph
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    given = {"Version": "2012-10-17", "Statement": [everything]}
    asked = roles.asks(
        "",
        "sqs:SendMessage",
        graph[f"it-inbox-{queue}"].outputs["arn"],
        (),
        policies=(given, given),
        principal=principal,
    )
    asked["request"]["contextVariables"]["aws:PrincipalIsAWSService"] = service
    policy = json.loads(graph[f"it-inbox-{queue}-policy"].inputs["policy"])
    return asked | {"resourcePolicy": policy}


def test_only_an_approver_puts_a_decision_on_the_queue(roles, iam_says):
    said = iam_says(
        sends(roles, "decisions", arn) for arn in (APPROVER, f"{IAM}:role/admin", GLASS)
    )

    assert said == ["Allowed", "ExplicitlyDenied", "ExplicitlyDenied"]


def test_nobody_makes_up_an_event(roles, iam_says):
    said = iam_says(sends(roles, "events", arn) for arn in (APPROVER, f"{IAM}:role/admin"))

    assert said == ["ExplicitlyDenied", "ExplicitlyDenied"]


def test_only_the_responder_takes_an_actions_role(roles, graph):
    own = graph["it-responder-execution-role"].outputs["arn"]
    trusted = {
        action: json.loads(graph[f"it-{action}-role"].inputs["assumeRolePolicy"])["Statement"]
        for action in roles.names()
    }

    assert all(
        statement == [{"Effect": "Allow", "Principal": {"AWS": own}, "Action": "sts:AssumeRole"}]
        for statement in trusted.values()
    )
