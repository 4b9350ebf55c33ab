import json

import pulumi_aws as aws
import pytest

from pulumi_bulwark.customer_identity import CustomerIdentitySpec
from pulumi_bulwark.customer_identity.aws import AwsCustomerIdentity, AwsCustomerIdentityArgs
from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.log_group.aws import AwsLogStore
from pulumi_bulwark.openapi import Scope

ACCOUNT = "123456789012"
REGION = "eu-central-1"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/logs"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
STORE = AwsLogStore(
    account_id=ACCOUNT,
    region=REGION,
    partition="aws",
    key_arn=KEY,
    retention_days=400,
    access_logs_id="access-logs",
    deletion_protection=True,
)
SCOPES = (
    Scope("payments", "read", "Read payments"),
    Scope("payments", "write", "Make payments"),
    Scope("https://accounts.example.com", "read", "Read accounts"),
)
BACK = "https://shop.example.com/back"
WEB = {"scopes": ("openid", "payments/read"), "callback_urls": (BACK,)}
BATCH = {"flow": "clientCredentials", "scopes": ("payments/write",)}
IDENTITY = f"arn:aws:ses:{REGION}:{ACCOUNT}:identity/example.com"
MAIL = {"identity_arn": IDENTITY, "from_address": "no-reply@example.com"}


@pytest.fixture
def identity(preview):
    def build(*, rendered=True, protected=True, scopes=SCOPES, account=ACCOUNT, **spec):
        args = AwsCustomerIdentityArgs(
            spec=CustomerIdentitySpec(**spec),
            account_id=account,
            region=REGION,
            store=STORE,
            boundary_arn=BOUNDARY,
            scopes=scopes,
            deletion_protection=protected,
        )
        graph = preview(
            lambda: AwsCustomerIdentity("it", args),
            rendered=rendered,
            project="pay",
            stack="dev",
            config={"aws:region": REGION},
        )
        assert graph.problems == ()
        return graph

    return build


def pool(graph):
    return graph["it-pool"].inputs


def texts(graph, kind):
    return [note.text for note in graph.notes if note.kind == kind]


def said(graph, words, kind="limit"):
    return any(words in text for text in texts(graph, kind))


# --- the pool ---


def test_everybody_needs_a_second_factor_from_an_authenticator_app(identity):
    found = pool(identity())

    assert found["mfaConfiguration"] == "ON"
    assert found["softwareTokenMfaConfiguration"] == {"enabled": True}


@pytest.mark.parametrize(
    ("mfa", "configured", "totp"),
    [("optional", "OPTIONAL", {"enabled": True}), ("off", "OFF", None)],
)
def test_less_mfa_is_what_was_asked_for_and_is_listed(identity, mfa, configured, totp):
    graph = identity(presets=("pci",), mfa=mfa)

    assert pool(graph)["mfaConfiguration"] == configured
    assert pool(graph).get("softwareTokenMfaConfiguration") == totp
    assert f'bulwark:customerIdentity.mfa is "{mfa}"; hardened is "required" (mfa)' in texts(
        graph, "loosened"
    )
    assert texts(identity(), "loosened") == []


def test_text_messages_are_sent_only_if_they_were_asked_for(identity):
    graph = identity()

    assert "smsConfiguration" not in pool(graph)
    assert graph.of_type("aws:iam/role:Role") == []
    assert not said(graph, "text messages", "cost")


def test_text_messages_have_a_role_that_this_accounts_pools_alone_can_take(identity):
    graph = identity(sms=True)
    role = graph["it-sms-role"].inputs
    (trust,) = json.loads(role["assumeRolePolicy"])["Statement"]
    configured = pool(graph)["smsConfiguration"]

    assert configured["snsCallerArn"] == graph["it-sms"].outputs["arn"]
    assert configured["snsRegion"] == REGION
    assert trust["Principal"] == {"Service": "cognito-idp.amazonaws.com"}
    assert trust["Condition"] == {
        "StringEquals": {
            "sts:ExternalId": configured["externalId"],
            "aws:SourceAccount": ACCOUNT,
        },
        "ArnLike": {"aws:SourceArn": f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/*"},
    }
    assert role["permissionsBoundary"] == BOUNDARY


def test_that_role_sends_to_phones_and_to_no_topic(identity):
    policy = identity(sms=True)["it-sms-policy"].inputs["policy"]

    assert [(s["Effect"], s["Action"], s["Resource"]) for s in json.loads(policy)["Statement"]] == [
        ("Allow", ["sns:Publish"], "*"),
        ("Deny", ["sns:Publish"], "arn:aws:sns:*:*:*"),
    ]


def test_text_messages_say_that_they_cost_and_stay(identity):
    graph = identity(sms=True)

    assert said(graph, "text messages are billed", "cost")
    assert said(graph, "cannot stop to without being replaced")
    assert said(graph, "bulwark:customerIdentity.sms is true; hardened is false", "loosened")


@pytest.mark.parametrize(
    ("mode", "tier", "configured"),
    [
        ("enforced", "PLUS", "ENFORCED"),
        ("audit", "PLUS", "AUDIT"),
        ("off", "ESSENTIALS", "OFF"),
    ],
)
def test_the_tier_follows_threat_protection_and_its_price_is_said(identity, mode, tier, configured):
    graph = identity(threat_protection=mode)

    assert pool(graph)["userPoolTier"] == tier
    assert pool(graph)["userPoolAddOns"] == {"advancedSecurityMode": configured}
    assert said(graph, "Plus tier", "cost") is (tier == "PLUS")
    assert bool(texts(graph, "loosened")) is (mode != "enforced")


def test_compromised_passwords_and_takeovers_are_blocked(identity):
    risk = identity()["it-risk"].inputs
    takeover = risk["accountTakeoverRiskConfiguration"]

    assert risk["compromisedCredentialsRiskConfiguration"] == {
        "actions": {"eventAction": "BLOCK"},
        "eventFilters": ["SIGN_IN", "PASSWORD_CHANGE", "SIGN_UP"],
    }
    assert takeover["actions"] == {
        "lowAction": {"eventAction": "MFA_REQUIRED", "notify": False},
        "mediumAction": {"eventAction": "MFA_REQUIRED", "notify": False},
        "highAction": {"eventAction": "BLOCK", "notify": False},
    }
    assert "notifyConfiguration" not in takeover


def test_where_there_is_no_mfa_to_ask_for_risks_are_blocked(identity):
    risk = identity(presets=("pci",), mfa="off")["it-risk"].inputs
    actions = risk["accountTakeoverRiskConfiguration"]["actions"]

    assert {level: a["eventAction"] for level, a in actions.items()} == {
        "lowAction": "NO_ACTION",
        "mediumAction": "BLOCK",
        "highAction": "BLOCK",
    }


@pytest.mark.parametrize("mode", ["audit", "off"])
def test_a_pool_that_blocks_nothing_has_no_risk_configuration(identity, mode):
    graph = identity(threat_protection=mode)

    assert graph.of_type("aws:cognito/riskConfiguration:RiskConfiguration") == []


def test_people_are_told_of_risks_by_a_verified_sender_if_asked_for(identity):
    graph = identity(email=MAIL, risk_mails=True)
    takeover = graph["it-risk"].inputs["accountTakeoverRiskConfiguration"]

    assert all(action["notify"] for action in takeover["actions"].values())
    assert takeover["notifyConfiguration"] == {
        "sourceArn": IDENTITY,
        "from": "no-reply@example.com",
    }


def test_mail_is_sent_through_ses_if_an_identity_is_named(identity):
    configured = pool(
        identity(email={**MAIL, "reply_to": "help@example.com", "configuration_set": "bounces"})
    )["emailConfiguration"]

    assert configured == {
        "emailSendingAccount": "DEVELOPER",
        "sourceArn": IDENTITY,
        "fromEmailAddress": "no-reply@example.com",
        "replyToEmailAddress": "help@example.com",
        "configurationSet": "bounces",
    }


def test_without_one_cognito_sends_it_and_the_limit_is_said(identity):
    graph = identity()

    assert "emailConfiguration" not in pool(graph)
    assert said(graph, "50 mails a day")
    assert not said(identity(email=MAIL), "50 mails a day")


@pytest.mark.parametrize("open_to_all", [True, False])
def test_who_makes_accounts_is_a_setting(identity, open_to_all):
    graph = identity(self_sign_up=open_to_all)

    assert pool(graph)["adminCreateUserConfig"] == {"allowAdminCreateUserOnly": not open_to_all}
    assert bool(texts(graph, "loosened")) is open_to_all


def test_an_account_is_recovered_and_changed_by_a_verified_address_alone(identity):
    found = pool(identity(sms=True))

    assert found["accountRecoverySetting"] == {
        "recoveryMechanisms": [{"name": "verified_email", "priority": 1}]
    }
    assert found["autoVerifiedAttributes"] == ["email"]
    assert found["userAttributeUpdateSettings"] == {
        "attributesRequireVerificationBeforeUpdates": ["email"]
    }


def test_what_a_pool_can_never_change_is_right_from_the_start(identity):
    found = pool(identity())

    assert found["usernameAttributes"] == ["email"]
    assert found["usernameConfiguration"] == {"caseSensitive": False}
    (email,) = found["schemas"]
    assert (email["name"], email["required"], email["mutable"]) == ("email", True, True)
    # Without them, the provider would replace the pool.
    assert email["stringAttributeConstraints"] == {"minLength": "0", "maxLength": "2048"}


def test_no_device_stands_in_for_a_second_factor(identity):
    assert "deviceConfiguration" not in pool(identity())


@pytest.mark.parametrize("protected", [True, False])
def test_its_deletion_is_refused_by_pulumi_and_by_cognito_or_by_neither(identity, protected):
    graph = identity(protected=protected)

    assert pool(graph)["deletionProtection"] == ("ACTIVE" if protected else "INACTIVE")
    assert graph["it-pool"].options.protect is protected
    assert graph["it-pool"].options.retain_on_delete is protected


def test_every_setting_of_a_password_is_said(identity):
    assert pool(identity(temporary_password_days=1))["passwordPolicy"] == {
        "minimumLength": 12,
        "passwordHistorySize": 4,
        "requireLowercase": True,
        "requireNumbers": True,
        "requireSymbols": False,
        "requireUppercase": False,
        "temporaryPasswordValidityDays": 1,
    }


def test_what_a_stack_file_says_of_passwords_is_what_the_pool_asks(identity):
    found = pool(
        identity(
            password_minimum_length=20,
            password_characters=("lowercase", "uppercase", "numbers", "symbols"),
            passwords_remembered=24,
        )
    )["passwordPolicy"]

    assert (found["minimumLength"], found["passwordHistorySize"]) == (20, 24)
    assert all(found[f"require{kind}"] for kind in ("Lowercase", "Uppercase", "Numbers", "Symbols"))


# --- passkeys ---


def test_passkeys_are_prepared_for_the_sign_in_pages_and_need_a_pin_or_a_finger(identity):
    graph = identity()
    configured = pool(graph)["webAuthnConfiguration"]

    assert configured["userVerification"] == "required"
    host = graph["it"].outputs["tokenEndpoint"].removeprefix("https://").partition("/")[0]
    assert configured["relyingPartyId"] == host


def test_aws_would_refuse_them_beside_mfa_so_the_last_step_is_a_command_and_said(identity):
    graph = identity()

    assert pool(graph)["signInPolicy"] == {"allowedFirstAuthFactors": ["PASSWORD"]}
    assert said(graph, "passkeys are one command away")


def test_with_that_step_taken_people_begin_with_one(identity):
    graph = identity(passkeys="on", clients={"web": WEB})

    assert pool(graph)["signInPolicy"] == {"allowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}
    assert "ALLOW_USER_AUTH" in graph["it-web"].inputs["explicitAuthFlows"]
    assert said(graph, "AWS refuses passkeys where MFA is required, unless")
    assert said(graph, "takes a password in the clear too")


def test_where_mfa_is_optional_passkeys_need_no_command(identity):
    graph = identity(presets=("pci",), mfa="optional", passkeys="on")

    assert not said(graph, "AWS refuses passkeys")


def test_without_passkeys_nothing_is_said_of_them(identity):
    graph = identity(passkeys="off")

    assert "webAuthnConfiguration" not in pool(graph)
    assert not said(graph, "passkey", "cost")
    assert not said(graph, "one command away")


def test_passkeys_belong_to_the_application_if_it_has_pages_of_its_own(identity):
    found = pool(identity(passkey_domain="shop.example.com"))

    assert found["webAuthnConfiguration"]["relyingPartyId"] == "shop.example.com"


# --- logs ---


def sources(graph):
    found = graph["it-log-delivery"].inputs["logConfigurations"]
    return {c["eventSource"]: c["logLevel"] for c in found}


def test_what_happens_at_the_sign_in_is_logged(identity):
    graph = identity()

    assert sources(graph) == {"userNotification": "ERROR", "userAuthEvents": "INFO"}
    group = graph["it-logs-group"].inputs
    assert group["name"].startswith("/aws/vendedlogs/")
    assert (group["kmsKeyId"], group["retentionInDays"]) == (KEY, 400)


def test_without_the_plus_tier_cognito_has_no_events_to_log(identity):
    assert sources(identity(threat_protection="off")) == {"userNotification": "ERROR"}


def test_logs_are_delivered_once_their_writer_is_let_in(identity):
    graph = identity(rendered=False)

    assert graph["it-logs-policy"].urn in graph["it-log-delivery"].dependencies


# --- the sign-in pages ---


def test_the_pages_have_a_name_that_nobody_else_has_and_that_hides_the_account(identity):
    domain, other = (
        identity(account=account)["it-pages"].inputs["domain"] for account in (ACCOUNT, "9" * 12)
    )

    assert domain.startswith("pay-dev-it-")
    assert domain != other
    assert ACCOUNT not in domain
    assert identity()["it-pages"].inputs["managedLoginVersion"] == 2


def test_a_name_of_its_own_has_a_certificate_where_cognito_looks_for_it(identity):
    graph = identity(domain={"name": "auth.example.com", "zone_id": "Z0123456789"})

    assert graph["it-domain-certificate"].inputs["region"] == "us-east-1"
    pages = graph["it-pages"]
    assert pages.inputs["domain"] == "auth.example.com"
    assert pages.inputs["certificateArn"] == graph["it-domain"].outputs["certificateArn"]
    assert [graph[f"it-domain-{kind}"].inputs["aliases"][0]["name"] for kind in ("a", "aaaa")] == [
        pages.outputs["cloudfrontDistribution"]
    ] * 2
    assert graph["it"].outputs["tokenEndpoint"] == "https://auth.example.com/oauth2/token"
    assert pool(graph)["webAuthnConfiguration"]["relyingPartyId"] == "auth.example.com"
    assert said(graph, "parent has no A record")


def test_the_pages_wait_for_the_certificate(identity):
    graph = identity(rendered=False, domain={"name": "auth.example.com", "zone_id": "Z0123456789"})

    assert graph["it-domain-issued"].urn in graph["it-pages"].dependencies


# --- clients and scopes ---


def test_scopes_are_those_of_the_document_by_server(identity):
    servers = identity().of_type("aws:cognito/resourceServer:ResourceServer")

    assert {s.inputs["identifier"]: s.inputs["scopes"] for s in servers} == {
        "payments": [
            {"scopeName": "read", "scopeDescription": "Read payments"},
            {"scopeName": "write", "scopeDescription": "Make payments"},
        ],
        "https://accounts.example.com": [
            {"scopeName": "read", "scopeDescription": "Read accounts"}
        ],
    }


@pytest.mark.parametrize(("text", "found"), [("", "read"), (" ", "read"), ("x" * 300, "x" * 256)])
def test_a_description_that_cognito_does_not_take_is_made_one_that_it_does(identity, text, found):
    graph = identity(scopes=(Scope("payments", "read", text),))

    (scope,) = graph["it-scopes-payments"].inputs["scopes"]
    assert scope["scopeDescription"] == found


def test_a_client_for_people_gets_tokens_for_a_code_only(identity):
    client = identity(clients={"web": WEB})["it-web"].inputs

    assert client["allowedOauthFlows"] == ["code"]
    assert client["allowedOauthFlowsUserPoolClient"] is True
    assert client["allowedOauthScopes"] == ["openid", "payments/read"]
    assert client["callbackUrls"] == [BACK]
    assert client["explicitAuthFlows"] == ["ALLOW_USER_SRP_AUTH"]
    assert client["supportedIdentityProviders"] == ["COGNITO"]
    assert client["readAttributes"] == ["email", "email_verified"]
    assert client["writeAttributes"] == ["email"]


@pytest.mark.parametrize("client", [WEB, BATCH])
def test_every_client_hides_who_exists_and_can_revoke(identity, client):
    inputs = identity(clients={"one": client})["it-one"].inputs

    assert inputs["preventUserExistenceErrors"] == "ENABLED"
    assert inputs["enableTokenRevocation"] is True


@pytest.mark.parametrize("public", [True, False])
def test_a_public_client_has_no_secret_and_another_has_one(identity, public):
    client = identity(clients={"web": {**WEB, "public": public}})["it-web"].inputs

    assert client["generateSecret"] is not public


def test_a_machine_gets_tokens_for_its_secret_and_nobody_signs_in_there(identity):
    client = identity(clients={"batch": BATCH})["it-batch"].inputs

    assert client["allowedOauthFlows"] == ["client_credentials"]
    assert client["generateSecret"] is True
    assert client["explicitAuthFlows"] == ["ALLOW_REFRESH_TOKEN_AUTH"]
    assert client["allowedOauthScopes"] == ["payments/write"]
    assert "callbackUrls" not in client
    assert "refreshTokenRotation" not in client


@pytest.mark.parametrize("minutes", [3, 15])
def test_how_long_a_step_of_the_sign_in_may_take_is_a_setting(identity, minutes):
    client = identity(sign_in_step_minutes=minutes, clients={"web": WEB})["it-web"].inputs

    assert client["authSessionValidity"] == minutes


def test_each_refresh_token_is_replaced_by_its_use(identity):
    graph = identity(refresh_grace_seconds=0, clients={"web": WEB})

    assert graph["it-web"].inputs["refreshTokenRotation"] == {
        "feature": "ENABLED",
        "retryGracePeriodSeconds": 0,
    }
    # AWS refuses both at once.
    assert "ALLOW_REFRESH_TOKEN_AUTH" not in graph["it-web"].inputs["explicitAuthFlows"]


@pytest.mark.parametrize(
    ("spec", "client", "minutes"),
    [
        ({}, WEB, (5, 5, 60)),
        ({"presets": ()}, WEB, (15, 15, 480)),
        ({"presets": (), "access_token_minutes": 30}, WEB, (30, 30, 480)),
        ({"presets": ()}, {**WEB, "access_token_minutes": 10}, (10, 10, 480)),
        ({"presets": ()}, {**WEB, "refresh_token_minutes": 90}, (15, 15, 90)),
        ({}, BATCH, (15, 15, 60)),
        ({}, {**BATCH, "access_token_minutes": 60}, (60, 60, 60)),
    ],
)
def test_tokens_are_short_and_their_lives_have_a_unit(identity, spec, client, minutes):
    found = identity(**spec, clients={"one": client})["it-one"].inputs

    lives = tuple(found[f"{token}TokenValidity"] for token in ("access", "id", "refresh"))
    assert lives == minutes
    assert set(found["tokenValidityUnits"].values()) == {"minutes"}
    assert len(found["tokenValidityUnits"]) == 3


def test_passwords_in_the_clear_are_taken_only_if_asked_for_and_that_is_listed(identity):
    graph = identity(clients={"web": {**WEB, "password_flow": True}})

    assert "ALLOW_USER_PASSWORD_AUTH" in graph["it-web"].inputs["explicitAuthFlows"]
    assert said(graph, "clients.web.passwordFlow is true", "loosened")


def test_each_client_for_people_has_a_style_or_its_page_would_be_an_error(identity):
    graph = identity(clients={"web": WEB, "batch": BATCH})

    styles = graph.of_type("aws:cognito/managedLoginBranding:ManagedLoginBranding")
    assert [s.inputs["clientId"] for s in styles] == [graph["it-web"].id]
    assert styles[0].inputs["useCognitoProvidedValues"] is True


def test_a_client_waits_for_the_scopes_that_it_may_ask_for(identity):
    graph = identity(rendered=False, clients={"web": WEB})

    servers = graph.of_type("aws:cognito/resourceServer:ResourceServer")
    assert {s.urn for s in servers} <= set(graph["it-web"].dependencies)


def test_that_pkce_is_the_clients_part_is_said_and_a_machines_token_price_too(identity):
    people, machines = identity(clients={"web": WEB}), identity(clients={"batch": BATCH})

    assert said(people, "PKCE")
    assert not said(machines, "PKCE")
    assert said(machines, "each token that a machine asks for is billed", "cost")
    assert not said(people, "each token", "cost")


def test_a_secret_is_in_no_output_and_nowhere_in_the_clear(identity):
    graph = identity(clients={"batch": BATCH})
    client = graph["it-batch"]

    assert client.options.additional_secret_outputs == ("clientSecret",)
    assert "clientSecret" not in client.inputs.keys() | client.outputs.keys()
    assert "ecret" not in "".join(graph["it"].outputs)


def test_a_scope_that_the_document_does_not_define_is_an_error_with_the_nearest_name(identity):
    with pytest.raises(ConfigError) as error:
        identity(clients={"web": {**WEB, "scopes": ("openid", "payments/raed")}})

    (problem,) = error.value.problems
    assert problem == (
        "bulwark:customerIdentity.clients.web.scopes[1]: the OpenAPI document defines no such "
        "scope. Did you mean payments/read?"
    )


def test_all_of_them_are_said_at_once(identity):
    with pytest.raises(ConfigError) as error:
        identity(
            clients={
                "web": {**WEB, "scopes": ("openid", "a/b", "c/d")},
                "batch": {**BATCH, "scopes": ("e/f",)},
            },
            scopes=(),
        )

    assert len(error.value.problems) == 3


@pytest.mark.parametrize(
    ("scopes", "words"),
    [
        ([Scope(f"s{n}", "read", "x") for n in range(26)], "26 servers"),
        ([Scope("s", f"r{n}", "x") for n in range(101)], "101 scopes"),
        ([Scope("a b", "read", "x")], "Cognito refuses"),
        ([Scope("s", "", "x")], "Cognito refuses"),
        ([Scope("s", "a/b", "x")], "Cognito refuses"),
        ([Scope("s", "é", "x")], "Cognito refuses"),
        ([Scope("s" * 257, "read", "x")], "Cognito refuses"),
        ([Scope("s", "r", "x"), Scope("s", "r", "y")], "is there twice"),
    ],
)
def test_scopes_that_cognito_refuses_are_refused_before(identity, scopes, words):
    with pytest.raises(ConfigError, match=words):
        identity(scopes=tuple(scopes))


def test_as_many_as_it_takes_are_taken(identity):
    scopes = [Scope(f"s{n % 25}", f"r{n}", "x") for n in range(25 * 100)]
    graph = identity(scopes=tuple(scopes))

    servers = graph.of_type("aws:cognito/resourceServer:ResourceServer")
    assert [len(s.inputs["scopes"]) for s in servers] == [100] * 25


# --- outputs ---


def test_its_outputs_are_what_an_api_and_a_client_need(identity):
    graph = identity(clients={"web": WEB, "batch": BATCH})
    outputs = graph["it"].outputs
    pool_id = graph["it-pool"].id

    assert outputs["userPoolId"] == pool_id
    assert outputs["userPoolArn"].endswith(f":userpool/{pool_id}")
    assert outputs["issuer"] == f"https://cognito-idp.{REGION}.amazonaws.com/{pool_id}"
    assert outputs["jwksUri"] == f"{outputs['issuer']}/.well-known/jwks.json"
    assert outputs["audience"] == {
        "web": graph["it-web"].id,
        "batch": graph["it-batch"].id,
    }
    pages = f"{graph['it-pages'].inputs['domain']}.auth.{REGION}.amazoncognito.com"
    assert outputs["authorizeEndpoint"] == f"https://{pages}/oauth2/authorize"
    assert outputs["tokenEndpoint"] == f"https://{pages}/oauth2/token"


def test_who_takes_an_endpoint_waits_for_the_pages(preview):
    args = AwsCustomerIdentityArgs(
        spec=CustomerIdentitySpec(),
        account_id=ACCOUNT,
        region=REGION,
        store=STORE,
        boundary_arn=BOUNDARY,
    )

    def program():
        made = AwsCustomerIdentity("it", args)
        for name in ("token_endpoint", "authorize_endpoint"):
            aws.ssm.Parameter(name, type="String", value=getattr(made, name))

    graph = preview(program)
    for name in ("token_endpoint", "authorize_endpoint"):
        assert graph["it-pages"].urn in graph[name].dependencies


def test_every_requirement_of_a_preset_is_in_the_outputs_with_who_holds_it(identity):
    found = identity()["it"].outputs["requirements"]

    assert {
        "preset": "pci",
        "setting": "passwordMinimumLength",
        "wanted": "at least 12",
        "is": "12",
        "source": "PCI DSS 8.3.6",
        "held": "enforced",
        "how": "the pool's password policy",
    } in found
    assert {row["held"] for row in found} == {"enforced", "fixed", "application"}


def test_what_is_left_to_the_application_is_said(identity):
    graph = identity()
    left = [row for row in graph["it"].outputs["requirements"] if row["held"] == "application"]

    assert left
    for row in left:
        assert said(graph, f"left to the application: {row['setting']} ")


@pytest.mark.parametrize(("presets", "minutes"), [(("pci",), 15), (("pci", "psd2"), 5)])
def test_of_what_several_presets_leave_over_the_strictest_is_said(identity, presets, minutes):
    idle = [text for text in texts(identity(presets=presets), "limit") if "idleMinutes" in text]

    assert len(idle) == 1
    assert f"idleMinutes at most {minutes} " in idle[0]
