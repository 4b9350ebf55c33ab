import json

import pulumi_aws as aws
import pytest
from rule_cases import test_a_rule_passes_fails_and_does_not_apply  # noqa: F401 asked of this file too

from bulwark_toolkit.compliance.rules import RULES
from bulwark_toolkit.compliance.rules.aws import access

A = "aws.access."
ACCOUNT = "123456789012"
PEOPLE = f"arn:aws:iam::{ACCOUNT}:root"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
ISSUER = "token.actions.githubusercontent.com"
AUDIENCE = {f"{ISSUER}:aud": "sts.amazonaws.com"}
SUBJECT = {f"{ISSUER}:sub": "repo:o/r:ref:refs/heads/main"}
BY_MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
OURS = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
FULL = "arn:aws:iam::aws:policy/"


def nothing():
    """A program that gives nobody anything."""
    aws.s3.Bucket("it")


def document(**given):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow"} | given]})


def policy(*actions, on="*", **given):
    text = document(Action=list(actions), Resource=on, **given)
    return lambda: aws.iam.Policy("it", policy=text)


def role(principal, action="sts:AssumeRole", **given):
    inputs = given.pop("inputs", {})
    trust = document(Principal=principal, Action=action, **given)
    return lambda: aws.iam.Role("it", assume_role_policy=trust, **inputs)


def by_service(name, **given):
    return role({"Service": f"{name}.amazonaws.com"}, **given)


def federated(**condition):
    return role({"Federated": PROVIDER}, "sts:AssumeRoleWithWebIdentity", Condition=condition)


def user(kind=None, **inputs):
    def program():
        it = aws.iam.User("it")
        if kind:
            kind("its", user=it.name, **inputs)

    return program


def attached(name):
    return lambda: aws.iam.RolePolicyAttachment("it", role="role", policy_arn=FULL + name)


def boundary(*denied):
    def program():
        allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        deny = {"Effect": "Deny", "Action": list(denied), "Resource": "*"}
        text = json.dumps({"Version": "2012-10-17", "Statement": [allow, deny]})
        policy = aws.iam.Policy("boundary", policy=text)
        trust = document(Principal={"Service": "lambda.amazonaws.com"}, Action="sts:AssumeRole")
        aws.iam.Role("it", assume_role_policy=trust, permissions_boundary=policy.arn)

    return program


def topic(service, **given):
    principal = {"Service": f"{service}.amazonaws.com"}
    text = document(Principal=principal, Action="sns:Publish", Resource="*", **given)
    return lambda: aws.sns.TopicPolicy(
        "it", arn=f"arn:aws:sns:eu-central-1:{ACCOUNT}:it", policy=text
    )


CASES = {
    A + "policy-does-not-allow-everything": (
        policy("s3:GetObject", on="arn:aws:s3:::it/*"),
        policy("*"),
        nothing,
    ),
    A + "wildcard-action-names-its-resources": (
        policy("s3:*", on="arn:aws:s3:::it/*"),
        policy("s3:*"),
        nothing,
    ),
    A + "role-is-passed-by-name": (
        policy("iam:PassRole", on=f"arn:aws:iam::{ACCOUNT}:role/it"),
        policy("iam:PassRole"),
        policy("s3:GetObject"),
    ),
    A + "policy-names-the-keys-it-decrypts-with": (
        policy("kms:Decrypt", on=f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/1"),
        policy("kms:Decrypt", on=f"arn:aws:kms:*:{ACCOUNT}:key/*"),
        policy("kms:ListKeys"),
    ),
    A + "boundary-cannot-be-left": (
        boundary("iam:*"),
        boundary("iam:Create*", "iam:DeleteRolePermissionsBoundary"),
        policy("*"),
    ),
    A + "boundary-keeps-keys-and-secrets-closed": (
        boundary("kms:PutKeyPolicy", "secretsmanager:*"),
        boundary("kms:PutKeyPolicy"),
        policy("*"),
    ),
    A + "boundary-keeps-the-trail-on": (
        boundary("cloudtrail:*"),
        boundary("cloudtrail:StopLogging"),
        policy("*"),
    ),
    A + "managed-policy-is-not-full-access": (
        attached("service-role/AWSLambdaBasicExecutionRole"),
        attached("AdministratorAccess"),
        nothing,
    ),
    A + "people-have-no-policy-of-their-own": (
        user(),
        user(aws.iam.UserPolicyAttachment, policy_arn=FULL + "ReadOnlyAccess"),
        nothing,
    ),
    A + "no-key-outlives-its-use": (user(), user(aws.iam.AccessKey), nothing),
    A + "people-sign-in-elsewhere": (user(), user(aws.iam.UserLoginProfile), nothing),
    A + "role-has-a-boundary": (
        by_service("lambda", inputs={"permissions_boundary": FULL + "ReadOnlyAccess"}),
        by_service("lambda"),
        nothing,
    ),
    A + "role-trusts-nobody-outside": (by_service("lambda"), role("*"), nothing),
    A + "people-assume-roles-with-mfa": (
        role({"AWS": PEOPLE}, Condition=BY_MFA),
        role({"AWS": PEOPLE}),
        by_service("lambda"),
    ),
    A + "federation-names-audience-and-subject": (
        federated(StringEquals=AUDIENCE | SUBJECT),
        federated(StringEquals=AUDIENCE),
        by_service("lambda"),
    ),
    A + "service-is-held-to-its-source": (
        by_service("states", Condition=OURS),
        by_service("states"),
        by_service("lambda"),
    ),
}
"""For each rule: a program that passes, one that fails, and one that it does not apply to."""


def test_each_rule_of_the_file_has_its_cases():
    assert {r.id for r in vars(access).values() if r in RULES} == CASES.keys()


def test_all_actions_but_some_are_everything(outcomes):
    text = document(NotAction="iam:*", Resource="*")
    program = lambda: aws.iam.Policy("it", policy=text)  # noqa: E731

    assert outcomes(A + "policy-does-not-allow-everything", program) == {"fail"}


def test_a_policy_within_a_role_grants_too(outcomes):
    inline = [{"name": "inline", "policy": document(Action="*", Resource="*")}]
    program = by_service("lambda", inputs={"inline_policies": inline})

    assert outcomes(A + "policy-does-not-allow-everything", program) == {"fail"}


@pytest.mark.parametrize(("given", "outcome"), [(False, "not applicable"), (True, "fail")])
@pytest.mark.parametrize("rendered", [False, True])
def test_a_boundary_grants_nothing_until_it_is_attached(outcomes, given, outcome, rendered):
    def program():
        boundary = aws.iam.Policy("boundary", policy=document(Action="*", Resource="*"))
        trust = document(Principal={"Service": "lambda.amazonaws.com"}, Action="sts:AssumeRole")
        it = aws.iam.Role("it", assume_role_policy=trust, permissions_boundary=boundary.arn)
        if given:
            aws.iam.RolePolicyAttachment("given", role=it.name, policy_arn=boundary.arn)

    found = outcomes(A + "policy-does-not-allow-everything", program, rendered=rendered)
    assert found == {outcome}


@pytest.mark.parametrize(
    ("action", "outcome"),
    [("ec2:Describe*", "pass"), ("secretsmanager:Get*", "fail"), ("s3:Put*", "fail")],
)
def test_only_what_lists_may_be_wild_everywhere(outcomes, action, outcome):
    assert outcomes(A + "wildcard-action-names-its-resources", policy(action)) == {outcome}


@pytest.mark.parametrize(
    ("name", "outcome"),
    [("PowerUserAccess", "fail"), ("AmazonS3FullAccess", "fail"), ("ReadOnlyAccess", "pass")],
)
def test_which_of_awss_policies_are_for_full_access(outcomes, name, outcome):
    assert outcomes(A + "managed-policy-is-not-full-access", attached(name)) == {outcome}


def test_a_key_that_is_inactive_opens_nothing(outcomes):
    program = user(aws.iam.AccessKey, status="Inactive")

    assert outcomes(A + "no-key-outlives-its-use", program) == {"pass"}


@pytest.mark.parametrize(
    ("condition", "outcome"),
    [
        ({"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}, "fail"),
        ({"Bool": {"aws:MultiFactorAuthPresent": "false"}}, "fail"),
        ({"StringEquals": {"sts:ExternalId": "1234"}}, "pass"),
        ({"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/it"}}, "pass"),
        ({"ArnNotEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/it"}}, "fail"),
        ({"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:user/it"}}, "fail"),
    ],
)
def test_what_holds_people_to_a_second_factor(outcomes, condition, outcome):
    program = role({"AWS": PEOPLE}, Condition=condition)

    assert outcomes(A + "people-assume-roles-with-mfa", program) == {outcome}


def test_a_role_that_only_roles_assume_asks_for_no_second_factor(outcomes):
    program = role({"AWS": f"arn:aws:iam::{ACCOUNT}:role/deploy"})

    assert outcomes(A + "people-assume-roles-with-mfa", program) == {"not applicable"}


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": SUBJECT},
        {"StringEquals": AUDIENCE, "StringLike": {f"{ISSUER}:sub": "repo:o/*"}},
        {"StringEquals": AUDIENCE, "StringEqualsIfExists": SUBJECT},
        {"StringEquals": AUDIENCE, "StringNotEquals": SUBJECT},
    ],
)
def test_a_wide_door_for_federation_is_found(outcomes, condition):
    program = federated(**condition)

    assert outcomes(A + "federation-names-audience-and-subject", program) == {"fail"}


def test_a_pool_of_identities_says_who_has_signed_in(outcomes):
    issuer = "cognito-identity.amazonaws.com"
    program = role(
        {"Federated": issuer},
        "sts:AssumeRoleWithWebIdentity",
        Condition={
            "StringEquals": {f"{issuer}:aud": "eu-central-1:1234"},
            "ForAnyValue:StringLike": {f"{issuer}:amr": "authenticated"},
        },
    )

    assert outcomes(A + "federation-names-audience-and-subject", program) == {"pass"}


@pytest.mark.parametrize(
    ("condition", "outcome"),
    [
        ({"StringEquals": {"aws:SourceAccount": "*"}}, "fail"),
        ({"StringNotEquals": {"aws:SourceAccount": ACCOUNT}}, "fail"),
        ({"StringEquals": {"aws:RequestTag/a": "b"}}, "fail"),
        ({"ArnLike": {"AWS:SourceArn": f"arn:aws:states:*:{ACCOUNT}:*"}}, "pass"),
    ],
)
def test_what_holds_a_service_to_its_source(outcomes, condition, outcome):
    program = by_service("states", Condition=condition)

    assert outcomes(A + "service-is-held-to-its-source", program) == {outcome}


def test_eventbridge_sends_a_topic_no_source(outcomes):
    it = A + "service-is-held-to-its-source"

    assert outcomes(it, topic("events")) == {"pass"}
    assert outcomes(it, topic("events", Condition=OURS)) == {"fail"}
    assert outcomes(it, topic("cloudwatch", Condition=OURS)) == {"pass"}
    assert outcomes(it, topic("cloudwatch")) == {"fail"}


def test_the_log_service_of_a_region_is_held_by_its_encryption_context(outcomes):
    def key(**given):
        principal = {"Service": "logs.eu-central-1.amazonaws.com"}
        text = document(Principal=principal, Action="kms:Decrypt", Resource="*", **given)
        return lambda: aws.kms.Key("it", policy=text)

    groups = {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:eu-central-1:{ACCOUNT}:*"}
    it = A + "service-is-held-to-its-source"

    assert outcomes(it, key(Condition={"ArnLike": groups})) == {"pass"}
    assert outcomes(it, key()) == {"fail"}
