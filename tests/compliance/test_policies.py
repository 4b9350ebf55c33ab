import json

import pulumi_aws as aws
import pytest

from bulwark_toolkit.compliance.policies import matches, statements
from bulwark_toolkit.compliance.subject import Subject

SERVICE = "events.amazonaws.com"
SOURCE = "aws:sourceaccount"


@pytest.fixture
def statement(preview):
    """One statement, as rules read it."""

    def of(**given):
        allow = {"Effect": "Allow", "Principal": {"Service": SERVICE}, "Action": "kms:Decrypt"}
        text = json.dumps({"Statement": allow | given})
        graph = preview(lambda: aws.kms.Key("it", policy=text))
        (found,) = statements(Subject(graph["it"], graph), "policy")
        return found

    return of


@pytest.mark.parametrize(
    ("given", "admits"),
    [
        ({}, True),
        ({"Action": "kms:De*"}, True),
        ({"Action": "KMS:decrypt"}, True),
        ({"Action": "kms:Encrypt"}, False),
        ({"Effect": "Deny"}, False),
        ({"Principal": {"Service": "sns.amazonaws.com"}}, False),
        ({"Principal": {"AWS": "*"}}, False),
        ({"Condition": {"StringEquals": {"aws:SourceAccount": "1"}}}, True),
        ({"Condition": {"StringEquals": {"aws:SourceAccount": "2"}}}, False),
        ({"Condition": {"StringNotEquals": {"aws:SourceAccount": "2"}}}, True),
        ({"Condition": {"Null": {"aws:SourceAccount": "false"}}}, True),
        ({"Condition": {"Null": {"aws:SourceAccount": "true"}}}, False),
        ({"Condition": {"StringEquals": {"aws:RequestTag/a": "not looked at"}}}, True),
    ],
)
def test_a_statement_admits_a_service_that_meets_its_conditions(statement, given, admits):
    assert statement(**given).admits(SERVICE, "kms:Decrypt", {SOURCE: "1"}) is admits


@pytest.mark.parametrize(
    ("condition", "admits"),
    [
        ({"StringEquals": {"aws:SourceAccount": "1"}}, False),
        ({"StringEqualsIfExists": {"aws:SourceAccount": "1"}}, True),
        ({"Null": {"aws:SourceAccount": "true"}}, True),
    ],
)
def test_what_a_service_never_sends_meets_no_condition(statement, condition, admits):
    found = statement(Condition=condition)

    assert found.admits(SERVICE, "kms:Decrypt", {SOURCE: None}) is admits


@pytest.mark.parametrize(
    ("condition", "anybody"),
    [
        ({}, True),
        ({"Bool": {"aws:SecureTransport": "true"}}, True),
        ({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}, True),
        ({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, False),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}}, False),
        ({"StringNotEquals": {"aws:PrincipalOrgID": "o-1234567890"}}, True),
        ({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1234567890"}}, True),
        ({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-1234567890/*"}}, False),
        ({"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-1234567890/*"}}, True),
    ],
)
def test_everybody_is_who_no_condition_names(statement, condition, anybody):
    assert statement(Principal="*", Condition=condition).anybody is anybody


@pytest.mark.parametrize(
    ("given", "anybody"),
    [
        ({}, True),
        ({"Effect": "Deny"}, False),
        ({"Condition": {"StringEquals": {"aws:PrincipalAccount": "123456789012"}}}, False),
    ],
)
def test_all_but_one_is_everybody(statement, given, anybody):
    found = statement(Principal=None, NotPrincipal={"AWS": "arn:aws:iam::1:root"}, **given)

    assert found.anybody is anybody
    assert found.whom == "all but arn:aws:iam::1:root"


def test_an_identity_provider_is_a_principal_too(statement):
    assert statement(Principal={"Federated": "accounts.google.com"}).federated == (
        "accounts.google.com",
    )


def test_brackets_are_no_wildcards_of_iam():
    assert matches("log-group:[a]", "log-group:[a]")
    assert not matches("log-group:a", "log-group:[a]")
