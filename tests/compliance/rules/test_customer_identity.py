import pulumi_aws as aws
from rule_cases import (
    test_a_rule_fails_for,  # noqa: F401 asked of this file too
    test_a_rule_passes_fails_and_does_not_apply,  # noqa: F401 asked of this file too
    test_a_rule_passes_for,  # noqa: F401 asked of this file too
)

from bulwark_toolkit.compliance.rules import RULES
from bulwark_toolkit.compliance.rules.aws import customer_identity as rules

C = "aws.customer_identity."
ACL = "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/it/1"
LOG = "arn:aws:logs:eu-central-1:123456789012:log-group:it"


def nothing():
    """A program without users."""
    aws.sqs.Queue("it")


def pool(**inputs):
    return lambda: aws.cognito.UserPool("it", **inputs)


def identities(*, guests=None):
    return lambda: aws.cognito.IdentityPool(
        "it", identity_pool_name="it", allow_unauthenticated_identities=guests
    )


def protected(mode="ENFORCED", **inputs):
    return pool(user_pool_add_ons={"advanced_security_mode": mode}, **inputs)


def passwords(**policy):
    return pool(password_policy={"minimum_length": 12} | policy)


def at_risk(takeover="BLOCK", stolen="BLOCK", **more):
    """A pool with threat protection, and what it does."""

    def program():
        it = protected()()
        high = {"event_action": takeover, "notify": False}
        aws.cognito.RiskConfiguration(
            "risk",
            user_pool_id=it.id,
            account_takeover_risk_configuration={"actions": {"high_action": high}},
            compromised_credentials_risk_configuration={"actions": {"event_action": stolen}},
            **more,
        )

    return program


def recovered(*names):
    mechanisms = [{"name": name, "priority": n} for n, name in enumerate(names, 1)]
    return pool(account_recovery_setting={"recovery_mechanisms": mechanisms})


def proven(*first):
    return pool(
        auto_verified_attributes=["email"],
        user_attribute_update_settings={
            "attributes_require_verification_before_updates": list(first)
        },
    )


def with_web_acl():
    it = aws.cognito.UserPool("it")
    aws.wafv2.WebAclAssociation("of", resource_arn=it.arn, web_acl_arn=ACL)


def logged(source):
    def program():
        it = aws.cognito.UserPool("it")
        aws.cognito.LogDeliveryConfiguration(
            "logs",
            user_pool_id=it.id,
            log_configurations=[
                {
                    "event_source": source,
                    "log_level": "INFO",
                    "cloud_watch_logs_configuration": {"log_group_arn": LOG},
                }
            ],
        )

    return program


def client(**inputs):
    return lambda: aws.cognito.UserPoolClient("it", user_pool_id="eu-central-1_a", **inputs)


def holding(unit, **tokens):
    return client(
        token_validity_units={"access_token": unit, "id_token": unit, "refresh_token": unit},
        **tokens,
    )


ROLE = "arn:aws:iam::123456789012:role/texts"
SERVER = client(allowed_oauth_flows=["client_credentials"])

CASES = {
    C + "identities-are-for-who-signed-in": (identities(), identities(guests=True), nothing),
    C + "second-factor-is-required": (
        pool(mfa_configuration="ON"),
        pool(mfa_configuration="OPTIONAL"),
        nothing,
    ),
    C + "second-factor-is-not-text-messages-alone": (
        pool(mfa_configuration="ON", software_token_mfa_configuration={"enabled": True}),
        pool(mfa_configuration="ON"),
        pool(),
    ),
    C + "codes-are-not-sent-as-text-messages": (
        pool(),
        pool(sms_configuration={"external_id": "it", "sns_caller_arn": ROLE}),
        nothing,
    ),
    C + "accounts-are-made-by-administrators": (
        pool(admin_create_user_config={"allow_admin_create_user_only": True}),
        pool(),
        nothing,
    ),
    C + "steps-of-a-sign-in-end": (client(), client(auth_session_validity=15), nothing),
    C + "replaced-tokens-end": (
        client(refresh_token_rotation={"feature": "ENABLED", "retry_grace_period_seconds": 10}),
        client(refresh_token_rotation={"feature": "ENABLED", "retry_grace_period_seconds": 60}),
        client(),
    ),
    C + "threat-protection-acts": (protected(), protected("AUDIT"), nothing),
    C + "threat-protection-has-its-tier": (protected(user_pool_tier="PLUS"), protected(), pool()),
    C + "stolen-passwords-are-refused": (at_risk(), at_risk(stolen="NO_ACTION"), pool()),
    C + "takeovers-are-stopped": (at_risk("MFA_REQUIRED"), at_risk("MFA_IF_CONFIGURED"), pool()),
    C + "passwords-have-12-characters": (passwords(), passwords(minimum_length=8), nothing),
    C + "passwords-have-letters-and-digits": (
        passwords(require_numbers=True, require_lowercase=True),
        passwords(require_lowercase=True),
        nothing,
    ),
    C + "passwords-are-not-used-again": (
        pool(user_pool_tier="PLUS", password_policy={"password_history_size": 4}),
        pool(user_pool_tier="PLUS"),
        pool(),
    ),
    C + "names-differ-by-more-than-case": (
        pool(username_configuration={"case_sensitive": False}),
        pool(),
        nothing,
    ),
    C + "passkeys-ask-for-their-owner": (
        pool(web_authn_configuration={"user_verification": "required"}),
        pool(web_authn_configuration={"relying_party_id": "example.com"}),
        pool(),
    ),
    C + "invitations-end": (pool(), passwords(temporary_password_validity_days=30), nothing),
    C + "pool-cannot-be-deleted-by-mistake": (
        pool(deletion_protection="ACTIVE"),
        pool(),
        nothing,
    ),
    C + "recovery-is-not-by-text-message": (
        recovered("verified_email"),
        recovered("verified_email", "verified_phone_number"),
        nothing,
    ),
    C + "new-addresses-are-proven-first": (
        proven("email"),
        pool(auto_verified_attributes=["email"]),
        pool(),
    ),
    C + "pool-has-web-acl": (with_web_acl, pool(), nothing),
    C + "sign-ins-are-logged": (logged("userAuthEvents"), logged("userNotification"), nothing),
    C + "nobody-learns-who-is-a-user": (
        client(prevent_user_existence_errors="ENABLED"),
        client(),
        nothing,
    ),
    C + "tokens-can-be-revoked": (client(), client(enable_token_revocation=False), nothing),
    C + "tokens-are-short": (
        holding("minutes", access_token_validity=5, id_token_validity=60),
        holding("minutes", access_token_validity=61, id_token_validity=5),
        nothing,
    ),
    C + "sign-ins-end": (holding("hours", refresh_token_validity=24), client(), SERVER),
    C + "refresh-tokens-are-used-once": (
        client(refresh_token_rotation={"feature": "ENABLED"}),
        client(),
        client(generate_secret=True),
    ),
    C + "codes-are-sent-over-tls-only": (
        client(callback_urls=["https://shop.example.com/in", "shop://in"]),
        client(callback_urls=["https://shop.example.com/in", "http://localhost/in"]),
        client(),
    ),
    C + "no-token-is-in-an-address": (
        client(allowed_oauth_flows=["code"]),
        client(allowed_oauth_flows=["code", "implicit"]),
        client(),
    ),
    C + "servers-have-a-secret": (
        client(allowed_oauth_flows=["client_credentials"], generate_secret=True),
        SERVER,
        client(),
    ),
    C + "no-password-is-sent-as-it-is": (
        client(),
        client(explicit_auth_flows=["ALLOW_USER_PASSWORD_AUTH"]),
        nothing,
    ),
}
"""For each rule: a program that passes, one that fails, and one that it does not apply to."""

ALSO = {
    "a pool that says nothing of a second factor": (C + "second-factor-is-required", pool()),
    "threat protection that only watches, without its tier": (
        C + "threat-protection-has-its-tier",
        protected("AUDIT"),
    ),
    "threat protection that nobody told what to do": (C + "takeovers-are-stopped", protected()),
    "threat protection of one client only": (
        C + "takeovers-are-stopped",
        at_risk(client_id="client"),
    ),
    "Cognito's own length": (C + "passwords-have-12-characters", pool()),
    "Cognito's own way back": (C + "recovery-is-not-by-text-message", pool()),
    "hours where minutes were meant": (C + "tokens-are-short", client(access_token_validity=5)),
    "a star in an address": (
        C + "codes-are-sent-over-tls-only",
        client(logout_urls=["https://*.example.com"]),
    ),
    "a server that signs people in": (
        C + "servers-have-a-secret",
        client(explicit_auth_flows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"]),
    ),
}
"""More that fails."""

FINE = {
    "Cognito's own mixture": (C + "passwords-have-letters-and-digits", pool()),
    "Cognito's own hour": (C + "tokens-are-short", client()),
    "seconds": (
        C + "tokens-are-short",
        holding("seconds", access_token_validity=3600, id_token_validity=300),
    ),
    "a unit without a number": (C + "tokens-are-short", holding("days")),
}
"""More that passes."""


def test_each_rule_of_the_file_has_its_cases():
    assert {r.id for r in vars(rules).values() if r in RULES} == CASES.keys()
