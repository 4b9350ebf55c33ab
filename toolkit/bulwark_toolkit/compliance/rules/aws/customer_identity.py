"""Cognito user pools and their clients."""

from collections.abc import Iterator
from typing import Any, Final

from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import Subject

POOL: Final = "aws:cognito/userPool:UserPool"
IDENTITIES: Final = "aws:cognito/identityPool:IdentityPool"
CLIENT: Final = "aws:cognito/userPoolClient:UserPoolClient"
RISK: Final = "aws:cognito/riskConfiguration:RiskConfiguration"
LOGS: Final = "aws:cognito/logDeliveryConfiguration:LogDeliveryConfiguration"
ASSOCIATION: Final = "aws:wafv2/webAclAssociation:WebAclAssociation"

_MODE: Final = "userPoolAddOns.advancedSecurityMode"

_SHORTEST_PASSWORD: Final = 12
_REMEMBERED_PASSWORDS: Final = 4
_LONGEST_INVITATION_DAYS: Final = 7
_LONGEST_TOKEN_MINUTES: Final = 60
_LONGEST_STEP_MINUTES: Final = 5
_LONGEST_GRACE_SECONDS: Final = 10
_LONGEST_SIGN_IN_MINUTES: Final = 24 * 60

_MINUTES: Final = {"seconds": 1 / 60, "minutes": 1, "hours": 60, "days": 24 * 60}

_OF_COGNITO: Final = {
    "minimumLength": 8,
    "requireNumbers": True,
    "requireLowercase": True,
    "requireUppercase": True,
}
"""What holds in a pool without a policy. In a policy, what is left out is off."""

_STOPS_A_TAKEOVER: Final = {"BLOCK", "MFA_REQUIRED"}

_PASSWORDS_IN_THE_CLEAR: Final = {"USER_PASSWORD_AUTH", "ALLOW_USER_PASSWORD_AUTH"}

_OF_SERVERS: Final = {"ADMIN_NO_SRP_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH"}
"""Flows that only a server can use, with the credentials of AWS."""


@rule(
    "aws.customer_identity.identities-are-for-who-signed-in",
    IDENTITIES,
    severity="medium",
    requires="No identity pool gives credentials of AWS to guests",
    remediation="Set allowUnauthenticatedIdentities to false.",
    reference="Cognito.2",
)
def identities_are_for_who_signed_in(pool: Subject) -> Iterator[Verdict]:
    at = "allowUnauthenticatedIdentities"
    guests = pool.get(at, False)
    yield Verdict(guests is False, at, guests)


@rule(
    "aws.customer_identity.second-factor-is-required",
    POOL,
    severity="high",
    requires="Every user pool asks for a second factor",
    remediation="Set mfaConfiguration to ON.",
    reference="Cognito.5",
)
def second_factor_is_required(pool: Subject) -> Iterator[Verdict]:
    mfa = pool.get("mfaConfiguration", "OFF")
    yield Verdict(mfa == "ON", "mfaConfiguration", mfa)


@rule(
    "aws.customer_identity.second-factor-is-not-text-messages-alone",
    POOL,
    severity="high",
    requires="A pool with a second factor has another than text messages and mails",
    remediation="Set softwareTokenMfaConfiguration.enabled to true: a number can be taken over.",
    reference="PCI 8.5.1",
)
def second_factor_is_not_text_messages_alone(pool: Subject) -> Iterator[Verdict]:
    if pool.get("mfaConfiguration", "OFF") != "OFF":
        at = "softwareTokenMfaConfiguration.enabled"
        yield Verdict(pool.get(at, False) is True, at, pool.get(at, False))


@rule(
    "aws.customer_identity.codes-are-not-sent-as-text-messages",
    POOL,
    severity="low",
    requires="No user pool sends codes as text messages",
    remediation="Remove smsConfiguration and use authenticator apps or passkeys. A pool that has "
    "it keeps it: a new one is needed.",
    reference="SP 800-63B 3.1.3.3",
)
def codes_are_not_sent_as_text_messages(pool: Subject) -> Iterator[Verdict]:
    sends = pool.has("smsConfiguration")
    yield Verdict(not sends, "smsConfiguration", "set" if sends else "not set")


@rule(
    "aws.customer_identity.accounts-are-made-by-administrators",
    POOL,
    severity="low",
    requires="Nobody makes an account without an invitation",
    remediation="Set adminCreateUserConfig.allowAdminCreateUserOnly; where customers sign up by "
    "themselves, waive this and say who checks them.",
    reference="OWASP A07:2021",
)
def accounts_are_made_by_administrators(pool: Subject) -> Iterator[Verdict]:
    at = "adminCreateUserConfig.allowAdminCreateUserOnly"
    yield Verdict(pool.get(at, False) is True, at, pool.get(at, False))


@rule(
    "aws.customer_identity.steps-of-a-sign-in-end",
    CLIENT,
    severity="low",
    requires=f"Each step of a sign-in ends after {_LONGEST_STEP_MINUTES} minutes at most",
    remediation="Lower authSessionValidity; without it Cognito waits for 3 minutes.",
    reference="PSD2 RTS 4(3)(d)",
)
def steps_of_a_sign_in_end(client: Subject) -> Iterator[Verdict]:
    minutes = client.get("authSessionValidity", 3)
    yield Verdict(minutes <= _LONGEST_STEP_MINUTES, "authSessionValidity", minutes)


@rule(
    "aws.customer_identity.replaced-tokens-end",
    CLIENT,
    severity="low",
    requires=f"A refresh token that was replaced works for {_LONGEST_GRACE_SECONDS} seconds more "
    "at most",
    remediation="Lower refreshTokenRotation.retryGracePeriodSeconds.",
    reference="RFC 9700",
)
def replaced_tokens_end(client: Subject) -> Iterator[Verdict]:
    if client.get("refreshTokenRotation.feature") == "ENABLED":
        at = "refreshTokenRotation.retryGracePeriodSeconds"
        seconds = client.get(at, 0)
        yield Verdict(seconds <= _LONGEST_GRACE_SECONDS, at, seconds)


@rule(
    "aws.customer_identity.threat-protection-acts",
    POOL,
    severity="high",
    requires="Every user pool looks at the risk of a sign-in, and acts by it",
    remediation="Set userPoolAddOns.advancedSecurityMode to ENFORCED.",
    reference="Cognito.1",
)
def threat_protection_acts(pool: Subject) -> Iterator[Verdict]:
    mode = pool.get(_MODE, "OFF")
    yield Verdict(mode == "ENFORCED", _MODE, mode)


@rule(
    "aws.customer_identity.threat-protection-has-its-tier",
    POOL,
    severity="high",
    requires="Threat protection has the tier that it needs",
    remediation="Set userPoolTier to PLUS; Cognito refuses threat protection in any other.",
    reference="Cognito.1",
)
def threat_protection_has_its_tier(pool: Subject) -> Iterator[Verdict]:
    if pool.get(_MODE, "OFF") != "OFF":
        tier = pool.get("userPoolTier", "ESSENTIALS")
        yield Verdict(tier == "PLUS", "userPoolTier", tier)


@rule(
    "aws.customer_identity.stolen-passwords-are-refused",
    POOL,
    severity="medium",
    requires="A pool with threat protection refuses passwords that others have stolen",
    remediation="Add a RiskConfiguration whose compromisedCredentialsRiskConfiguration blocks.",
    reference="PCI 8.3.5",
    alone=False,
)
def stolen_passwords_are_refused(pool: Subject) -> Iterator[Verdict]:
    at = "compromisedCredentialsRiskConfiguration.actions.eventAction"
    yield from _of_risk(pool, at, {"BLOCK"})


@rule(
    "aws.customer_identity.takeovers-are-stopped",
    POOL,
    severity="medium",
    requires="A pool with threat protection stops the sign-in that looks like a takeover",
    remediation="Add a RiskConfiguration whose highAction is BLOCK or MFA_REQUIRED.",
    reference="Cognito.4",
    alone=False,
)
def takeovers_are_stopped(pool: Subject) -> Iterator[Verdict]:
    at = "accountTakeoverRiskConfiguration.actions.highAction.eventAction"
    yield from _of_risk(pool, at, _STOPS_A_TAKEOVER)


@rule(
    "aws.customer_identity.passwords-have-12-characters",
    POOL,
    severity="high",
    requires="Passwords have 12 characters at least",
    remediation="Set passwordPolicy.minimumLength to 12 or more.",
    reference="PCI 8.3.6",
)
def passwords_have_12_characters(pool: Subject) -> Iterator[Verdict]:
    length = _asked_of_passwords(pool, "minimumLength", 8)
    yield Verdict(length >= _SHORTEST_PASSWORD, "passwordPolicy.minimumLength", length)


@rule(
    "aws.customer_identity.passwords-have-letters-and-digits",
    POOL,
    severity="medium",
    requires="Passwords have letters and digits",
    remediation="Set passwordPolicy.requireNumbers and requireLowercase to true.",
    reference="PCI 8.3.6",
)
def passwords_have_letters_and_digits(pool: Subject) -> Iterator[Verdict]:
    asked = [name for name in _OF_COGNITO if _asked_of_passwords(pool, name, False) is True]
    letters = {"requireLowercase", "requireUppercase"} & set(asked)
    yield Verdict(bool(letters) and "requireNumbers" in asked, "passwordPolicy", asked)


@rule(
    "aws.customer_identity.passwords-are-not-used-again",
    POOL,
    severity="medium",
    requires="A pool that can remember passwords refuses the last four",
    remediation="Set passwordPolicy.passwordHistorySize to 4 or more.",
    reference="PCI 8.3.7",
)
def passwords_are_not_used_again(pool: Subject) -> Iterator[Verdict]:
    # No other tier remembers any.
    if pool.get("userPoolTier", "ESSENTIALS") == "PLUS":
        at = "passwordPolicy.passwordHistorySize"
        number = pool.get(at, 0)
        yield Verdict(number >= _REMEMBERED_PASSWORDS, at, number)


@rule(
    "aws.customer_identity.names-differ-by-more-than-case",
    POOL,
    severity="low",
    requires="No two users have names that differ only by small and large letters",
    remediation="Set usernameConfiguration.caseSensitive to false when the pool is made.",
    reference="OWASP A07:2021",
)
def names_differ_by_more_than_case(pool: Subject) -> Iterator[Verdict]:
    at = "usernameConfiguration.caseSensitive"
    # Made through the API, a pool tells them apart unless told not to.
    sensitive = pool.get(at, True)
    yield Verdict(sensitive is False, at, sensitive)


@rule(
    "aws.customer_identity.passkeys-ask-for-their-owner",
    POOL,
    severity="high",
    requires="A passkey is used by its owner only, by a fingerprint, a face or a PIN",
    remediation="Set webAuthnConfiguration.userVerification to required.",
    reference="PCI 8.5.1",
)
def passkeys_ask_for_their_owner(pool: Subject) -> Iterator[Verdict]:
    if pool.has("webAuthnConfiguration"):
        at = "webAuthnConfiguration.userVerification"
        verified = pool.get(at, "preferred")
        yield Verdict(verified == "required", at, verified)


@rule(
    "aws.customer_identity.invitations-end",
    POOL,
    severity="low",
    requires="A temporary password holds for a week at most",
    remediation="Set passwordPolicy.temporaryPasswordValidityDays to 7 or less.",
    reference="Cognito.3",
)
def invitations_end(pool: Subject) -> Iterator[Verdict]:
    at = "passwordPolicy.temporaryPasswordValidityDays"
    days = pool.get(at, 7)
    yield Verdict(days <= _LONGEST_INVITATION_DAYS, at, days)


@rule(
    "aws.customer_identity.pool-cannot-be-deleted-by-mistake",
    POOL,
    severity="medium",
    requires="Every user pool refuses to be deleted",
    remediation="Set deletionProtection to ACTIVE.",
    reference="Cognito.6",
)
def pool_cannot_be_deleted_by_mistake(pool: Subject) -> Iterator[Verdict]:
    protection = pool.get("deletionProtection", "INACTIVE")
    yield Verdict(protection == "ACTIVE", "deletionProtection", protection)


@rule(
    "aws.customer_identity.recovery-is-not-by-text-message",
    POOL,
    severity="medium",
    requires="No forgotten password is replaced by means of a text message",
    remediation="Let accountRecoverySetting have verified_email or admin_only alone.",
    reference="PCI 8.3.3",
)
def recovery_is_not_by_text_message(pool: Subject) -> Iterator[Verdict]:
    at = "accountRecoverySetting.recoveryMechanisms"
    # Without a setting, a number comes before a mail.
    names = [pool.get(f"{each}.name") for each in pool.each(at)] or ["verified_phone_number"]
    yield Verdict("verified_phone_number" not in names, at, names)


@rule(
    "aws.customer_identity.new-addresses-are-proven-first",
    POOL,
    severity="medium",
    requires="A changed mail address or number holds once it is proven",
    remediation="Name it in attributesRequireVerificationBeforeUpdates, which is in "
    "userAttributeUpdateSettings.",
    reference="PCI 8.3.3",
)
def new_addresses_are_proven_first(pool: Subject) -> Iterator[Verdict]:
    at = "userAttributeUpdateSettings.attributesRequireVerificationBeforeUpdates"
    if proven := pool.items("autoVerifiedAttributes"):
        first = pool.items(at)
        yield Verdict(set(proven) <= set(first), at, first)


@rule(
    "aws.customer_identity.pool-has-web-acl",
    POOL,
    severity="high",
    requires="Every user pool has a web ACL",
    remediation="Associate a web ACL of scope REGIONAL with the pool's ARN.",
    reference="PCI 6.4.2",
    alone=False,
)
def pool_has_web_acl(pool: Subject) -> Iterator[Verdict]:
    found = pool.attached(ASSOCIATION, by="resourceArn")
    yield Verdict(bool(found), "webAclArn", found[0].get("webAclArn") if found else None)


@rule(
    "aws.customer_identity.sign-ins-are-logged",
    POOL,
    severity="medium",
    requires="Every user pool logs who signs in, and with what risk",
    remediation="Add a LogDeliveryConfiguration for userAuthEvents with the level INFO.",
    reference="PCI 10.2.1",
    alone=False,
)
def sign_ins_are_logged(pool: Subject) -> Iterator[Verdict]:
    logged = [
        delivery.get(f"{each}.eventSource")
        for delivery in pool.attached(LOGS, by="userPoolId")
        for each in delivery.each("logConfigurations")
    ]
    yield Verdict("userAuthEvents" in logged, "logConfigurations", logged)


@rule(
    "aws.customer_identity.nobody-learns-who-is-a-user",
    CLIENT,
    severity="medium",
    requires="A sign-in fails alike for a wrong password and for an unknown user",
    remediation="Set preventUserExistenceErrors to ENABLED.",
    reference="PSD2 RTS 4(3)(a)",
)
def nobody_learns_who_is_a_user(client: Subject) -> Iterator[Verdict]:
    hidden = client.get("preventUserExistenceErrors", "LEGACY")
    yield Verdict(hidden == "ENABLED", "preventUserExistenceErrors", hidden)


@rule(
    "aws.customer_identity.tokens-can-be-revoked",
    CLIENT,
    severity="medium",
    requires="A refresh token and what came of it can be revoked",
    remediation="Set enableTokenRevocation to true, or leave it out.",
    reference="RFC 7009",
)
def tokens_can_be_revoked(client: Subject) -> Iterator[Verdict]:
    revocable = client.get("enableTokenRevocation", True)
    yield Verdict(revocable is True, "enableTokenRevocation", revocable)


@rule(
    "aws.customer_identity.tokens-are-short",
    CLIENT,
    severity="medium",
    requires="Access and identity tokens hold for an hour at most",
    remediation="Set accessTokenValidity and idTokenValidity, with tokenValidityUnits in minutes: "
    "until they end, the API cannot tell that they were revoked.",
    reference="RFC 9700",
)
def tokens_are_short(client: Subject) -> Iterator[Verdict]:
    for kind in ("access", "id"):
        minutes = _minutes(client, kind, "hours", default=1)
        at = f"{kind}TokenValidity"
        yield Verdict(minutes <= _LONGEST_TOKEN_MINUTES, at, f"{minutes:g} minutes")


@rule(
    "aws.customer_identity.sign-ins-end",
    CLIENT,
    severity="medium",
    requires="After a day at most a person signs in again",
    remediation="Set refreshTokenValidity to a day or less, with tokenValidityUnits.",
    reference="PCI 8.2.8",
)
def sign_ins_end(client: Subject) -> Iterator[Verdict]:
    if client.items("allowedOauthFlows") != ["client_credentials"]:
        minutes = _minutes(client, "refresh", "days", default=30)
        passes = minutes <= _LONGEST_SIGN_IN_MINUTES
        yield Verdict(passes, "refreshTokenValidity", f"{minutes:g} minutes")


@rule(
    "aws.customer_identity.refresh-tokens-are-used-once",
    CLIENT,
    severity="medium",
    requires="A client without a secret gets a new refresh token with each use of the old one",
    remediation="Set refreshTokenRotation.feature to ENABLED.",
    reference="RFC 9700",
)
def refresh_tokens_are_used_once(client: Subject) -> Iterator[Verdict]:
    if not client.get("generateSecret", False):
        at = "refreshTokenRotation.feature"
        rotation = client.get(at, "DISABLED")
        yield Verdict(rotation == "ENABLED", at, rotation)


@rule(
    "aws.customer_identity.codes-are-sent-over-tls-only",
    CLIENT,
    severity="high",
    requires="Nobody is sent back from a sign-in to an address without TLS, or with a star",
    remediation="Begin callbackUrls and logoutUrls with https, or with an app's own scheme, and "
    "write each in full.",
    reference="RFC 9700",
)
def codes_are_sent_over_tls_only(client: Subject) -> Iterator[Verdict]:
    for name in ("callbackUrls", "logoutUrls"):
        for at in client.each(name):
            url = client.get(at)
            yield Verdict(not url.startswith("http:") and "*" not in url, at, url)


@rule(
    "aws.customer_identity.no-token-is-in-an-address",
    CLIENT,
    severity="high",
    requires="No client gets tokens by the implicit flow, in the address of a page",
    remediation="Use the flow code, with PKCE.",
    reference="RFC 9700",
)
def no_token_is_in_an_address(client: Subject) -> Iterator[Verdict]:
    if flows := client.items("allowedOauthFlows"):
        yield Verdict("implicit" not in flows, "allowedOauthFlows", flows)


@rule(
    "aws.customer_identity.servers-have-a-secret",
    CLIENT,
    severity="high",
    requires="Clients that are servers prove who they are",
    remediation="Set generateSecret to true.",
    reference="PCI 8.6.2",
)
def servers_have_a_secret(client: Subject) -> Iterator[Verdict]:
    flows = {*client.items("allowedOauthFlows"), *client.items("explicitAuthFlows")}
    if flows & {"client_credentials", *_OF_SERVERS}:
        secret = client.get("generateSecret", False)
        yield Verdict(secret is True, "generateSecret", secret)


@rule(
    "aws.customer_identity.no-password-is-sent-as-it-is",
    CLIENT,
    severity="medium",
    requires="No client sends a password itself to Cognito's API",
    remediation="Use ALLOW_USER_SRP_AUTH, or the sign-in pages.",
    reference="PCI 8.3.2",
)
def no_password_is_sent_as_it_is(client: Subject) -> Iterator[Verdict]:
    # By default a client has SRP, its own challenges, and refreshing.
    flows = client.items("explicitAuthFlows")
    yield Verdict(not _PASSWORDS_IN_THE_CLEAR & set(flows), "explicitAuthFlows", flows)


def _of_risk(pool: Subject, at: str, wanted: set[str]) -> Iterator[Verdict]:
    """What the pool's own risk configuration does; one of a client holds for that client."""
    if pool.get(_MODE, "OFF") == "OFF":
        return
    done = [
        risk.get(at, "NO_ACTION")
        for risk in pool.attached(RISK, by="userPoolId")
        if not risk.has("clientId")
    ]
    yield Verdict(bool(done) and set(done) <= wanted, at, done)


def _asked_of_passwords(pool: Subject, name: str, left_out: Any) -> Any:
    if not pool.has("passwordPolicy"):
        return _OF_COGNITO[name]
    return pool.get(f"passwordPolicy.{name}", left_out)


def _minutes(client: Subject, kind: str, unit: str, *, default: int) -> float:
    """How long a token holds; the unit and the number are Cognito's own where they are not set.

    Zero stands for Cognito's own number too.
    """
    unit_set = client.get(f"tokenValidityUnits.{kind}Token", unit)
    number = client.get(f"{kind}TokenValidity", 0)
    return number * _MINUTES[unit_set] if number else default * _MINUTES[unit]
