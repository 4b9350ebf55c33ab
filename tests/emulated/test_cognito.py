"""Cognito's types with as many of their inputs as moto takes, and our own component."""

import pulumi_aws as aws
import pytest

from pulumi_bulwark.customer_identity import CustomerIdentitySpec
from pulumi_bulwark.customer_identity.aws import AwsCustomerIdentity, AwsCustomerIdentityArgs
from pulumi_bulwark.log_group.aws import AwsLogStore
from pulumi_bulwark.openapi import Scope

ACCOUNT = "123456789012"
REGION = {"aws:region": "eu-central-1"}
TAGS = {"owner": "platform@example.com", "cost-center": "4711"}
CERTIFICATE = f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/0b0e1f7c-0000"
IDENTITY = f"arn:aws:ses:eu-central-1:{ACCOUNT}:identity/example.com"


def pools():
    pool = aws.cognito.UserPool(
        "pool",
        alias_attributes=["preferred_username"],
        auto_verified_attributes=["email"],
        deletion_protection="ACTIVE",
        device_configuration={"challenge_required_on_new_device": True},
        mfa_configuration="OPTIONAL",
        sms_configuration={
            "external_id": "x",
            "sns_caller_arn": f"arn:aws:iam::{ACCOUNT}:role/sms",
            "sns_region": "eu-central-1",
        },
        software_token_mfa_configuration={"enabled": True},
        password_policy={"minimum_length": 12, "require_numbers": True},
        sign_in_policy={"allowed_first_auth_factors": ["PASSWORD", "WEB_AUTHN"]},
        tags=TAGS,
        user_pool_tier="PLUS",
        user_pool_add_ons={"advanced_security_mode": "AUDIT"},
        web_authn_configuration={"relying_party_id": "example.com"},
    )
    aws.cognito.UserPool("plain")
    client = aws.cognito.UserPoolClient(
        "client",
        user_pool_id=pool.id,
        callback_urls=["https://example.com/back"],
        default_redirect_uri="https://example.com/back",
        allowed_oauth_flows=["code"],
        allowed_oauth_flows_user_pool_client=True,
        allowed_oauth_scopes=["openid"],
        enable_propagate_additional_user_context_data=True,
        generate_secret=True,
    )
    aws.cognito.UserPoolDomain(
        "own", domain="auth.example.com", user_pool_id=pool.id, certificate_arn=CERTIFICATE
    )
    aws.cognito.RiskConfiguration(
        "risk",
        user_pool_id=pool.id,
        client_id=client.id,
        compromised_credentials_risk_configuration={"actions": {"event_action": "BLOCK"}},
    )


def identity(**more):
    settings = {
        "clients": {
            "web": {
                "scopes": ("openid", "payments/read"),
                "callback_urls": ("https://shop.example.com/back",),
                "logout_urls": ("https://shop.example.com/",),
                "public": True,
            },
            "batch": {"flow": "clientCredentials", "scopes": ("payments/read",)},
        },
        **more,
    }

    def build():
        # The log group's key must exist: moto looks.
        key = aws.kms.Key("key")
        store = AwsLogStore(
            account_id=ACCOUNT,
            region="eu-central-1",
            partition="aws",
            key_arn=key.arn,
            retention_days=400,
            access_logs_id="access-logs",
            deletion_protection=True,
        )
        boundary = aws.iam.Policy("boundary", policy=ALLOW)
        args = AwsCustomerIdentityArgs(
            spec=CustomerIdentitySpec(**settings),
            account_id=ACCOUNT,
            region="eu-central-1",
            store=store,
            boundary_arn=boundary.arn,
            scopes=(Scope("payments", "read", "Read payments"),),
        )
        return AwsCustomerIdentity("it", args)

    return build


ALLOW = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
MAIL = {"identity_arn": IDENTITY, "from_address": "no-reply@example.com"}
PROGRAMS = {
    "every input": pools,
    "as it comes": identity(),
    "with text messages and mail": identity(sms=True, email=MAIL, risk_mails=True),
    "with passkeys": identity(presets=("pci",), mfa="optional", passkeys="on"),
    "as little as can be": identity(
        presets=(), mfa="off", passkeys="off", threat_protection="off", self_sign_up=True
    ),
    "with a name of its own": identity(
        domain={"name": "auth.example.com", "certificate_arn": CERTIFICATE}
    ),
}


@pytest.fixture(params=PROGRAMS.values(), ids=PROGRAMS)
def account(request, deployed):
    return deployed(request.param, config=REGION)


def test_a_pool_and_all_around_it_is_deployed_and_read_back(account):
    assert account


def test_what_the_table_says_about_moto_is_still_true(account):
    assert account.stale == []


def test_a_client_is_the_pools_own(deployed):
    account = deployed(identity(), config=REGION)
    service = account.client("cognito-idp", "eu-central-1")

    (pool,) = service.list_user_pools(MaxResults=10)["UserPools"]
    found = service.list_user_pool_clients(UserPoolId=pool["Id"])["UserPoolClients"]
    assert {c["ClientId"] for c in found} == {account["it-web"]["id"], account["it-batch"]["id"]}
