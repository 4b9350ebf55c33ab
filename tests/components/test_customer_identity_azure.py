"""Customers' sign-in on Azure: a provider by reference, and an honest report of who holds what."""

import pytest

from pulumi_bulwark.customer_identity import PRESETS, CustomerIdentitySpec
from pulumi_bulwark.customer_identity.azure import (
    AzureCustomerIdentity,
    AzureCustomerIdentityArgs,
    problems,
    role_suffix,
)
from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.openapi import Scope

TENANT = "00000000-0000-0000-0000-000000000003"
API = "00000000-0000-0000-0000-000000000004"
CLIENT = "00000000-0000-0000-0000-000000000005"
EXTERNAL_ID = {"tenant_id": TENANT, "subdomain": "shop", "audiences": (API,)}
MADE = {"tenant_id": TENANT, "subdomain": "shop", "applications": True}
B2C = {**EXTERNAL_ID, "kind": "b2c", "user_flow": "B2C_1_signin"}
OPENID = {"kind": "openid", "issuer": "https://id.example.com/", "audiences": ("payments",)}
WEB = {
    "scopes": ("openid", "payments/read"),
    "callback_urls": ("https://example.com/back",),
    "client_id": CLIENT,
}
SCOPES = (Scope("payments", "read", "See payments"),)


@pytest.fixture
def identity(preview):
    def build(provider=EXTERNAL_ID, **spec):
        args = AzureCustomerIdentityArgs(
            spec=CustomerIdentitySpec(provider=provider, **spec), scopes=SCOPES
        )
        return preview(lambda: AzureCustomerIdentity("it", args))

    return build


def outputs(graph):
    return graph["it"].outputs


def notes(graph):
    return [note.text for note in graph.notes if note.kind == "limit"]


def held(graph):
    return {
        (found["preset"], found["setting"]): found["held"]
        for found in outputs(graph)["requirements"]
    }


# The provider.


def test_external_ids_tokens_have_the_tenants_id_in_their_issuer(identity):
    found = outputs(identity())

    assert found["issuer"] == f"https://{TENANT}.ciamlogin.com/{TENANT}/v2.0"
    assert found["jwksUri"] == f"https://shop.ciamlogin.com/{TENANT}/discovery/v2.0/keys"
    assert found["tokenEndpoint"] == f"https://shop.ciamlogin.com/{TENANT}/oauth2/v2.0/token"
    assert found["userPoolId"] == TENANT


def test_b2c_is_reached_by_its_user_flow(identity):
    found = outputs(identity(B2C))

    assert found["issuer"] == f"https://shop.b2clogin.com/{TENANT}/v2.0/"
    base = "https://shop.b2clogin.com/shop.onmicrosoft.com/B2C_1_signin"
    assert found["authorizeEndpoint"] == f"{base}/oauth2/v2.0/authorize"


def test_any_provider_that_speaks_openid_will_do(identity):
    found = outputs(identity(OPENID))

    assert found["issuer"] == "https://id.example.com/"
    assert found["signInUrl"] == "https://id.example.com"
    assert found["userPoolId"] == ""
    assert "jwksUri" not in found


@pytest.mark.parametrize(
    ("provider", "url"),
    [
        (EXTERNAL_ID, f"https://shop.ciamlogin.com/{TENANT}/v2.0"),
        (B2C, "https://shop.b2clogin.com/shop.onmicrosoft.com/B2C_1_signin/v2.0"),
        (OPENID, "https://id.example.com"),
        ({**OPENID, "metadata_url": "https://m.example.com/x"}, None),
    ],
)
def test_the_metadata_is_where_discovery_has_it_unless_somebody_says_otherwise(provider, url):
    found = CustomerIdentitySpec(provider=provider).provider.endpoints.metadata_url

    expected = f"{url}/.well-known/openid-configuration" if url else "https://m.example.com/x"
    assert found == expected


@pytest.mark.parametrize(
    ("provider", "said"),
    [
        ({"audiences": (API,)}, "needs tenantId and subdomain"),
        ({**EXTERNAL_ID, "kind": "b2c"}, "needs userFlow"),
        ({**EXTERNAL_ID, "issuer": "https://x"}, "issuer cannot be of a provider of kind"),
        ({"kind": "openid", "audiences": (API,)}, "needs issuer"),
        ({**OPENID, "issuer": "http://id.example.com"}, "must begin with https"),
        ({**OPENID, "issuer": "https://u:p@id.example.com"}, "without a user"),
        ({**OPENID, "audiences": ()}, "needs audiences, or applications"),
        ({**EXTERNAL_ID, "applications": True}, "and not both"),
        ({**OPENID, "audiences": (), "applications": True}, "of kind externalId only"),
        ({**EXTERNAL_ID, "second_factor": "enforced"}, "turn applications on"),
        ({**MADE, "second_factor": "enforced"}, "needs emergencyGroup"),
        ({**EXTERNAL_ID, "tenant_id": "shop.onmicrosoft.com"}, "an id of Entra ID"),
    ],
)
def test_a_provider_says_who_it_is(provider, said):
    with pytest.raises(ConfigError, match=said):
        CustomerIdentitySpec(provider=provider)


def test_without_a_provider_nobody_could_sign_in():
    (found,) = problems(CustomerIdentitySpec(), ())

    assert found.startswith("bulwark:customerIdentity.provider: missing")


# Clients.


def test_a_client_is_known_by_the_id_that_the_tenant_gave_it(identity):
    assert outputs(identity(clients={"web": WEB}))["audience"] == {"web": CLIENT}


def test_a_client_without_an_id_and_a_scope_that_nobody_defines_are_both_refused():
    spec = CustomerIdentitySpec(
        provider=EXTERNAL_ID,
        clients={"web": {**WEB, "client_id": None, "scopes": ("payments/wirte",)}},
    )
    first, second = problems(spec, (*SCOPES, Scope("payments", "write", "Pay")))

    assert first.startswith("bulwark:customerIdentity.clients.web.clientId: missing")
    assert "Did you mean payments/write?" in second


def test_cognitos_own_scope_is_none_of_azures():
    client = {**WEB, "scopes": ("openid", "aws.cognito.signin.user.admin")}
    spec = CustomerIdentitySpec(provider=EXTERNAL_ID, clients={"web": client})

    assert any("scopes[1]" in line for line in problems(spec, SCOPES))


@pytest.mark.parametrize(("flow", "suffix"), [("clientCredentials", ".machine"), (None, None)])
def test_machines_have_roles_whose_words_differ_from_the_scopes(flow, suffix):
    client = WEB if flow is None else {"flow": flow, "scopes": ("payments/read",)}

    assert role_suffix(CustomerIdentitySpec(clients={"it": client})) == suffix


# Who holds what.


def test_every_requirement_of_every_preset_has_somebody_or_nobody_who_holds_it(identity):
    for provider in (EXTERNAL_ID, B2C, OPENID):
        for preset, asked in PRESETS.items():
            found = [
                one
                for one in outputs(identity(provider, presets=(preset,)))["requirements"]
                if one["preset"] == preset
            ]
            assert len(found) == sum(not one.sole_factor for one in asked)
            assert all(one["how"] for one in found)


def test_a_fixed_length_of_passwords_meets_one_preset_and_not_the_other(identity):
    assert held(identity(presets=("nist",)))["nist", "passwordMinimumLength"] == "fixed"
    assert held(identity(presets=("pci",)))["pci", "passwordMinimumLength"] == "unmet"


def test_nothing_that_a_person_has_to_set_counts_as_done(identity):
    found = held(identity())

    assert found["psd2", "mfa"] == "tenant"
    assert found["pci", "lockoutMinutes"] == "tenant"
    assert "enforced" not in found.values()


def test_a_token_that_cannot_be_as_short_as_asked_is_held_by_nobody(identity):
    assert held(identity())["psd2", "accessTokenMinutes"] == "unmet"
    assert held(identity(B2C))["psd2", "accessTokenMinutes"] == "tenant"


def test_of_a_stranger_nothing_is_claimed(identity):
    found = held(identity(OPENID))

    assert set(found.values()) <= {"provider", "application"}


def test_what_is_left_is_said_once_for_all_presets(identity):
    said = [text for text in notes(identity()) if "failedAttempts" in text]

    assert len(said) == 1
    assert "at most 10 (pci" in said[0]
    assert "at most 5 (psd2" in said[0]


def test_the_end_of_b2c_is_said(identity):
    assert any("B2C is sold to nobody new" in text for text in notes(identity(B2C)))


# What only Cognito does.


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        ({"presets": (), "mfa": "optional"}, "mfa"),
        ({"sms": True}, "sms"),
        ({"passkeys": "off"}, "passkeys"),
        ({"password_minimum_length": 14}, "passwordMinimumLength"),
        ({"self_sign_up": True}, "selfSignUp"),
        ({"domain": {"name": "a.example.com", "zone_id": "Z1"}}, "domain"),
        ({"access_token_minutes": 5}, "accessTokenMinutes"),
    ],
)
def test_what_is_decided_in_the_tenant_cannot_be_set_here(spec, path):
    (found,) = CustomerIdentitySpec(**spec).unsupported("azure", "bulwark:customerIdentity.")

    assert found.startswith(f"bulwark:customerIdentity.{path}: not on Azure. ")


def test_a_provider_and_ids_of_clients_are_azures_alone():
    spec = CustomerIdentitySpec(provider=EXTERNAL_ID, clients={"web": WEB})

    found = list(spec.unsupported("aws", "bulwark:customerIdentity."))
    assert [line.partition(":customerIdentity.")[2].partition(":")[0] for line in found] == [
        "provider",
        "clients.web.clientId",
    ]
