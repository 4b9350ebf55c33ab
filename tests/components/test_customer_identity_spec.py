"""The presets as data, and what they make of a stack file."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bulwark_toolkit.testing import Preview
from pulumi_bulwark.customer_identity import PRESETS, CustomerIdentitySpec
from pulumi_bulwark.customer_identity.aws import AwsCustomerIdentity, AwsCustomerIdentityArgs
from pulumi_bulwark.customer_identity.presets import HOUSE, Requirement, strictest
from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.log_group.aws import AwsLogStore
from pulumi_bulwark.openapi import Scope

AT = "bulwark:customerIdentity"
BACK = "https://shop.example.com/back"
WEB = {"scopes": ["openid"], "callbackUrls": [BACK]}
BATCH = {"flow": "clientCredentials", "scopes": ["payments/read"]}
ALL = [(preset, asked) for preset, found in PRESETS.items() for asked in found]


def load(**spec):
    return CustomerIdentitySpec.load(AT, spec)


def problems(**spec):
    with pytest.raises(ConfigError) as error:
        load(**spec)
    return error.value.problems


def of_web(**changes):
    return {"clients": {"web": {**WEB, **changes}}}


# --- the data ---


@pytest.mark.parametrize(("preset", "asked"), ALL)
def test_every_requirement_says_where_it_is_asked_and_how_it_is_held(preset, asked):
    source = {"pci": r"PCI DSS 8\.\d+\.\d+", "nist": r"SP 800-63B-4 \d", "psd2": r"RTS Art\. \d"}

    assert re.match(source[preset], asked.source)
    assert asked.how
    assert asked.held in ("enforced", "fixed", "application")


@pytest.mark.parametrize(("preset", "asked"), ALL)
def test_what_we_enforce_is_decided_by_a_setting_and_what_is_left_over_by_none(preset, asked):
    decided = asked.setting in CustomerIdentitySpec.model_fields

    if asked.held == "enforced":
        assert decided
    if asked.held == "application":
        assert not decided


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_alone_meets_its_own_requirements(preset):
    spec = load(presets=[preset])

    for _, asked in spec.requirements:
        if asked.setting in CustomerIdentitySpec.model_fields:
            given = getattr(spec.sign_in, asked.setting, None) or getattr(spec, asked.setting)
            assert asked.is_met(() if given is None else given), asked.setting


def test_every_setting_that_presets_decide_has_a_value_without_them():
    decided = {a.setting for _, a in ALL if a.setting in CustomerIdentitySpec.model_fields}

    assert decided <= {house.setting for house in HOUSE}


# --- the presets ---


@pytest.mark.parametrize(
    ("presets", "length", "characters", "access", "refresh"),
    [
        ([], 12, (), 15, 480),
        (["pci"], 12, ("lowercase", "numbers"), 15, 480),
        (["nist"], 12, (), 15, 480),
        (["psd2"], 12, (), 5, 60),
        (["pci", "psd2"], 12, ("lowercase", "numbers"), 5, 60),
        (["nist", "psd2"], 12, (), 5, 60),
    ],
)
def test_of_several_the_strictest_wins(presets, length, characters, access, refresh):
    found = load(presets=presets).sign_in

    assert found.password_minimum_length == length
    assert found.password_characters == characters
    assert found.passwords_remembered == 4
    assert (found.access_token_minutes, found.refresh_token_minutes) == (access, refresh)


def test_a_fintech_starts_with_pci_and_psd2():
    assert load().presets == ("pci", "psd2")


@pytest.mark.parametrize(("mfa", "length"), [("required", 12), ("optional", 15), ("off", 15)])
def test_nist_wants_a_longer_password_where_it_can_be_the_only_factor(mfa, length):
    assert load(presets=["nist"], mfa=mfa).sign_in.password_minimum_length == length


def test_presets_that_exclude_each_other_are_both_named():
    (problem,) = problems(presets=["pci", "nist"])

    assert problem.startswith(
        f"{AT}.presets: pci wants numbers and lowercase (PCI DSS 8.3.6) and nist wants none "
        "(SP 800-63B-4 3.1.1.2) of passwordCharacters. Choose one of the two"
    )


@pytest.mark.parametrize(
    ("spec", "path", "words"),
    [
        (
            {"presets": ["pci"], "passwordMinimumLength": 8},
            "passwordMinimumLength",
            "is 8, and the pci preset wants at least 12 (PCI DSS 8.3.6)",
        ),
        (
            {"presets": ["pci"], "passwordCharacters": ["lowercase"]},
            "passwordCharacters",
            "is lowercase, and the pci preset wants numbers and lowercase",
        ),
        (
            {"presets": ["nist"], "passwordCharacters": ["symbols"]},
            "passwordCharacters",
            "is symbols, and the nist preset wants none",
        ),
        (
            {"presets": ["pci"], "passwordsRemembered": 3},
            "passwordsRemembered",
            "is 3, and the pci preset wants at least 4",
        ),
        (
            {"presets": ["nist"], "mfa": "off", "passwordMinimumLength": 14},
            "passwordMinimumLength",
            "is 14, and the nist preset wants at least 15",
        ),
        (
            {"presets": ["psd2"], "mfa": "optional"},
            "mfa",
            "is optional, and the psd2 preset wants required",
        ),
        (
            {"presets": ["nist"], "threatProtection": "audit"},
            "threatProtection",
            "is audit, and the nist preset wants enforced",
        ),
        (
            {"presets": ["psd2"], "accessTokenMinutes": 6},
            "accessTokenMinutes",
            "is 6, and the psd2 preset wants at most 5",
        ),
        (
            {"presets": ["psd2"], "refreshTokenMinutes": 61},
            "refreshTokenMinutes",
            "is 61, and the psd2 preset wants at most 60",
        ),
        (
            {"presets": ["psd2"], **of_web(accessTokenMinutes=6)},
            "clients",
            "web.accessTokenMinutes is 6, and the psd2 preset wants at most 5",
        ),
        (
            {"presets": ["psd2"], **of_web(refreshTokenMinutes=61)},
            "clients",
            "web.refreshTokenMinutes is 61, and the psd2 preset wants at most 60",
        ),
    ],
)
def test_a_setting_that_contradicts_a_preset_is_an_error_that_names_both(spec, path, words):
    (problem,) = problems(**spec)

    assert problem.startswith(f"{AT}.{path}: {words}")
    assert "Change it, or the presets" in problem


def test_every_contradiction_is_said_at_once():
    found = problems(
        presets=["pci", "psd2"], mfa="off", passwordMinimumLength=8, accessTokenMinutes=60
    )

    assert [line.partition(": ")[0].rpartition(".")[2] for line in found] == [
        "accessTokenMinutes",
        "mfa",
        "passwordMinimumLength",
    ]


@pytest.mark.parametrize(
    "spec",
    [
        {"passwordMinimumLength": 12},
        {"passwordMinimumLength": 99},
        {"passwordCharacters": ["numbers", "lowercase", "symbols"]},
        {"passwordsRemembered": 24},
        {"accessTokenMinutes": 5},
        {"refreshTokenMinutes": 60},
        {"clients": {"batch": {**BATCH, "accessTokenMinutes": 15}}},
        {"clients": {"web": {**WEB, "accessTokenMinutes": 5, "refreshTokenMinutes": 60}}},
    ],
)
def test_a_setting_that_is_as_strict_or_stricter_is_taken_and_is_not_listed(spec):
    assert list(load(**spec).loosened()) == []


@pytest.mark.parametrize(
    ("spec", "path", "value", "hardened"),
    [
        ({"presets": []}, "presets", [], ["pci", "psd2"]),
        ({"presets": ["psd2"], "passwordMinimumLength": 8}, "passwordMinimumLength", 8, 12),
        ({"presets": ["psd2"], "passwordsRemembered": 0}, "passwordsRemembered", 0, 4),
        ({"presets": ["pci"], "accessTokenMinutes": 60}, "accessTokenMinutes", 60, 15),
        ({"presets": ["pci"], "refreshTokenMinutes": 481}, "refreshTokenMinutes", 481, 480),
        ({"presets": ["pci"], "mfa": "optional"}, "mfa", "optional", "required"),
        ({"threatProtection": "audit"}, "threatProtection", "audit", "enforced"),
        ({"temporaryPasswordDays": 7}, "temporaryPasswordDays", 7, 3),
        ({"refreshGraceSeconds": 60}, "refreshGraceSeconds", 60, 10),
        ({"signInStepMinutes": 6}, "signInStepMinutes", 6, 5),
        ({"selfSignUp": True}, "selfSignUp", True, False),
        ({"sms": True}, "sms", True, False),
        (
            {"clients": {"batch": {**BATCH, "accessTokenMinutes": 1440}}},
            "clients.batch.accessTokenMinutes",
            1440,
            15,
        ),
        (
            {"presets": ["pci"], **of_web(accessTokenMinutes=16)},
            "clients.web.accessTokenMinutes",
            16,
            15,
        ),
        (
            {"presets": ["pci"], **of_web(refreshTokenMinutes=481)},
            "clients.web.refreshTokenMinutes",
            481,
            480,
        ),
    ],
)
def test_what_no_preset_forbids_and_is_weaker_is_listed(spec, path, value, hardened):
    (found,) = load(**spec).loosened()

    assert (found.path, found.value, found.hardened) == (path, value, hardened)


def test_the_report_has_what_each_preset_wants_what_there_is_and_who_holds_it():
    rows = load(presets=["pci"], passwordMinimumLength=20).report()

    assert {row["preset"] for row in rows} == {"pci"}
    (length,) = [row for row in rows if row["setting"] == "passwordMinimumLength"]
    assert (length["wanted"], length["is"], length["held"]) == ("at least 12", "20", "enforced")
    (locked,) = [row for row in rows if row["setting"] == "lockoutMinutes"]
    assert (locked["wanted"], locked["is"], locked["held"]) == ("at least 30", "", "application")


@pytest.mark.parametrize(("mfa", "there"), [("required", False), ("optional", True)])
def test_what_is_asked_of_a_sole_factor_is_reported_only_where_there_can_be_one(mfa, there):
    rows = load(presets=["pci"], mfa=mfa).report()

    assert any(row["setting"] == "passwordAgeDays" for row in rows) is there


number = st.integers(0, 10_000)


@given(st.sampled_from(["least", "most"]), st.lists(number, min_size=1, max_size=5))
def test_the_strictest_of_some_numbers_meets_them_all(bound, numbers):
    asked = [
        Requirement(setting="a", bound=bound, value=n, source="", held="enforced", how="")
        for n in numbers
    ]

    value = strictest(asked)
    assert all(one.is_met(value) for one in asked)
    assert value in numbers


# --- clients ---


@pytest.mark.parametrize(
    "url",
    [
        BACK,
        "https://shop.example.com",
        "https://shop.example.com:8443/back?from=bank",
        "https://[2001:db8::1]/back",
    ],
)
def test_an_exact_https_address_is_taken(url):
    client = load(**of_web(callbackUrls=[url], logoutUrls=[url])).clients["web"]

    assert client.callback_urls == client.logout_urls == (url,)


@pytest.mark.parametrize("setting", ["callbackUrls", "logoutUrls"])
@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://shop.example.com/back", "must begin with https://"),
        ("shop://back", "must begin with https://"),
        ("javascript:alert(1)", "must begin with https://"),
        ("/back", "must begin with https://"),
        ("", "must begin with https://"),
        ("https:///back", "must begin with https://"),
        ("https://*.example.com/back", "has a wildcard"),
        ("https://shop.example.com/*", "has a wildcard"),
        ("https://shop.example.com/#/back", "has a fragment"),
        ("https://shop.example.com/back#", "has a fragment"),
        ("https://bank@evil.example.com/", "has a user"),
        ("https://shop.example.com\\@evil.example.com/", "has a user or a backslash"),
        ("https://shop.example.com/a b", "has a space"),
        ("https://shop.example.com/\n", "has a space"),
        ("https://bücher.example.com/", "beyond ASCII"),
        ("https://shop.example.com:port/", "cannot be read"),
        ("https://shop.example.com:99999/", "cannot be read"),
        ("https://[::1/", "cannot be read"),
        (f"https://shop.example.com/{'a' * 1001}", "longer than 1024"),
    ],
)
def test_an_address_that_is_not_exact_and_https_is_refused_without_echo(setting, url, words):
    (problem,) = problems(**of_web(**{setting: [BACK, url]}))

    assert problem.startswith(f"{AT}.clients.web.{setting}[1]: ")
    assert words in problem
    assert "evil" not in problem


@pytest.mark.parametrize(
    "url", ["http://localhost:3000/back", "http://127.0.0.1/back", "http://[::1]/back"]
)
def test_an_address_of_a_developers_own_machine_needs_a_setting_that_is_listed(url):
    (problem,) = problems(**of_web(callbackUrls=[url]))
    assert problem.startswith(f"{AT}.clients.web.callbackUrls: the one at [0] is http")

    (found,) = load(**of_web(callbackUrls=[url], localCallbacks=True)).loosened()
    assert found.path == "clients.web.localCallbacks"


@pytest.mark.parametrize("url", ["http://localhost.example.com/", "http://127.0.0.1.nip.io/"])
def test_a_name_that_only_looks_local_is_not(url):
    (problem,) = problems(**of_web(callbackUrls=[url], localCallbacks=True))

    assert "must begin with https://" in problem


@pytest.mark.parametrize(
    ("client", "words"),
    [
        ({**WEB, "callbackUrls": []}, "an authorizationCode client needs a callbackUrl"),
        ({**WEB, "scopes": ["email"]}, "given only beside openid"),
        ({**BATCH, "public": True}, "so it is not public"),
        ({**BATCH, "callbackUrls": [BACK]}, "nobody signs in"),
        ({**BATCH, "logoutUrls": [BACK]}, "nobody signs in"),
        ({**BATCH, "refreshTokenMinutes": 60}, "gets no refresh token"),
        ({**BATCH, "passwordFlow": True}, "passwordFlow is for people"),
        ({**BATCH, "scopes": ["openid"]}, "scopes of the document only"),
        ({**BATCH, "scopes": ["aws.cognito.signin.user.admin"]}, "scopes of the document only"),
    ],
)
def test_a_client_that_its_flow_does_not_have_is_refused(client, words):
    (problem,) = problems(clients={"one": client})

    assert problem.startswith(f"{AT}.clients.one: ")
    assert words in problem


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"scopes": []}, "scopes"),
        ({"scopes": ["openid", "openid"]}, "scopes"),
        ({"scopes": ["openid", "a b"]}, "scopes[1]"),
        ({"scopes": ["openid", 'a"b']}, "scopes[1]"),
        ({"scopes": [f"s/{n}" for n in range(51)]}, "scopes"),
        ({"callbackUrls": [BACK, BACK]}, "callbackUrls"),
        ({"callbackUrls": [f"{BACK}/{n}" for n in range(101)]}, "callbackUrls"),
        ({"flow": "implicit"}, "flow"),
        ({"accessTokenMinutes": 4}, "accessTokenMinutes"),
        ({"accessTokenMinutes": 1441}, "accessTokenMinutes"),
        ({"refreshTokenMinutes": 59}, "refreshTokenMinutes"),
        ({"refreshTokenMinutes": 5_256_001}, "refreshTokenMinutes"),
    ],
)
def test_what_cognito_refuses_of_a_client_is_refused_before(change, path):
    (problem,) = problems(**of_web(**change))

    assert problem.startswith(f"{AT}.clients.web.{path}: ")


@pytest.mark.parametrize("key", ["secret", "clientSecret", "generateSecret"])
def test_a_clients_secret_in_the_stack_file_is_refused_without_echo(key):
    (problem,) = problems(clients={"batch": {**BATCH, key: "hunter2"}})

    assert "Cognito makes the secret" in problem
    assert "hunter2" not in problem


@pytest.mark.parametrize("name", ["", "Web", "web_1", "1web", "-web", "web-", "a" * 65])
def test_a_name_that_commands_could_not_take_is_refused(name):
    (problem,) = problems(clients={name: WEB})

    assert problem.startswith(f"{AT}.clients.")


# --- the rest ---


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        ({"presets": ["pci", "pci"]}, "presets"),
        ({"presets": ["iso"]}, "presets[0]"),
        ({"mfa": "sometimes"}, "mfa"),
        ({"passkeys": "maybe"}, "passkeys"),
        ({"passkeyDomain": "https://example.com"}, "passkeyDomain"),
        ({"presets": [], "passwordMinimumLength": 7}, "passwordMinimumLength"),
        ({"passwordMinimumLength": 100}, "passwordMinimumLength"),
        ({"passwordCharacters": ["emoji"]}, "passwordCharacters[0]"),
        ({"passwordsRemembered": 25}, "passwordsRemembered"),
        ({"temporaryPasswordDays": 0}, "temporaryPasswordDays"),
        ({"temporaryPasswordDays": 366}, "temporaryPasswordDays"),
        ({"accessTokenMinutes": 4}, "accessTokenMinutes"),
        ({"refreshTokenMinutes": 59}, "refreshTokenMinutes"),
        ({"signInStepMinutes": 2}, "signInStepMinutes"),
        ({"signInStepMinutes": 16}, "signInStepMinutes"),
        ({"refreshGraceSeconds": -1}, "refreshGraceSeconds"),
        ({"refreshGraceSeconds": 61}, "refreshGraceSeconds"),
    ],
)
def test_a_setting_out_of_its_bounds_is_refused(spec, path):
    (problem,) = problems(**spec)

    assert problem.startswith(f"{AT}.{path}: ")


@pytest.mark.parametrize(
    ("mail", "path"),
    [
        ({"identityArn": "example.com"}, "identityArn"),
        ({"fromAddress": "no-reply"}, "fromAddress"),
        ({"fromAddress": "Bank <a@b.c>"}, "fromAddress"),
        ({"replyTo": "a b@c.d"}, "replyTo"),
        ({"configurationSet": "a/b"}, "configurationSet"),
    ],
)
def test_a_sender_that_ses_does_not_know_is_refused(mail, path):
    good = {
        "identityArn": "arn:aws:ses:eu-central-1:123456789012:identity/example.com",
        "fromAddress": "no-reply@example.com",
    }
    assert load(email=good)

    (problem,) = problems(email={**good, **mail})
    assert problem.startswith(f"{AT}.email.{path}: ")


@pytest.mark.parametrize("mode", ["off", "audit"])
def test_mails_about_risks_need_somebody_who_assesses_them(mode):
    (problem,) = problems(threatProtection=mode, riskMails=True)

    assert problem.startswith(f"{AT}.riskMails: needs threatProtection that is enforced")


def test_mails_about_risks_need_a_sender():
    (problem,) = problems(riskMails=True)

    assert "riskMails needs email" in problem


def test_text_messages_need_mfa():
    (problem,) = problems(presets=["pci"], mfa="off", sms=True)

    assert "sms is a second factor, and mfa is off" in problem


# --- anything at all ---

SCOPES = (Scope("payments", "read", "Read payments"),)
STORE = AwsLogStore(
    account_id="123456789012",
    region="eu-central-1",
    partition="aws",
    key_arn="arn:aws:kms:eu-central-1:123456789012:key/logs",
    retention_days=400,
    access_logs_id="access-logs",
    deletion_protection=True,
)
PEOPLE = st.fixed_dictionaries(
    {
        "scopes": st.just(["openid"]) | st.just(["openid", "email", "payments/read"]),
        "callbackUrls": st.just([BACK]) | st.just([BACK, f"{BACK}/2"]),
    },
    optional={
        "public": st.booleans(),
        "localCallbacks": st.booleans(),
        "logoutUrls": st.just([BACK]),
        "passwordFlow": st.booleans(),
        "accessTokenMinutes": st.sampled_from([5, 15, 1440]),
        "refreshTokenMinutes": st.sampled_from([60, 5_256_000]),
    },
)
MACHINE = st.fixed_dictionaries(
    {"flow": st.just("clientCredentials"), "scopes": st.just(["payments/read"])},
    optional={"accessTokenMinutes": st.integers(5, 1440)},
)
SENSIBLE = {
    "presets": st.sampled_from([[], ["pci"], ["nist"], ["psd2"], ["pci", "psd2"]]),
    "mfa": st.sampled_from(["required", "required", "optional", "off"]),
    "sms": st.booleans(),
    "passkeys": st.sampled_from(["off", "prepared", "on"]),
    "passkeyDomain": st.just("shop.example.com"),
    "threatProtection": st.sampled_from(["enforced", "enforced", "audit", "off"]),
    "passwordMinimumLength": st.integers(8, 99) | st.integers(15, 99),
    "passwordCharacters": st.just(["lowercase", "numbers"]) | st.just([]),
    "passwordsRemembered": st.integers(0, 24),
    "temporaryPasswordDays": st.integers(1, 365),
    "accessTokenMinutes": st.sampled_from([5, 5, 60]),
    "refreshTokenMinutes": st.sampled_from([60, 60, 480]),
    "refreshGraceSeconds": st.integers(0, 60),
    "selfSignUp": st.booleans(),
    "email": st.just(
        {
            "identityArn": "arn:aws:ses:eu-central-1:123456789012:identity/example.com",
            "fromAddress": "no-reply@example.com",
        }
    ),
    "domain": st.just({"name": "auth.example.com", "zoneId": "Z1"}),
    "clients": st.dictionaries(
        st.sampled_from(["web", "batch", "a-1"]), PEOPLE | MACHINE, max_size=3
    ),
}
"""Most of it can be, and some contradicts the rest."""

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just(BACK),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)


def build(spec):
    args = AwsCustomerIdentityArgs(
        spec=load(**spec),
        account_id="123456789012",
        region="eu-central-1",
        store=STORE,
        boundary_arn="arn:aws:iam::123456789012:policy/boundary",
        scopes=SCOPES,
    )
    return Preview()(lambda: AwsCustomerIdentity("it", args), rendered=True)


def test_any_sensible_settings_make_a_pool_or_an_error_that_names_their_path():
    made = []

    @settings(max_examples=150, deadline=None)
    @given(st.fixed_dictionaries({}, optional=SENSIBLE))
    def check(spec):
        try:
            graph = build(spec)
        except ConfigError as error:
            assert error.problems
            assert all(line.startswith(AT) for line in error.problems)
        else:
            assert graph.problems == ()
            meets_its_presets(graph["it-pool"].inputs, load(**spec))
            made.append(spec)

    check()
    assert len(made) > 30  # else the property says nothing


@settings(max_examples=300, deadline=None)
@given(st.fixed_dictionaries({}, optional={**SENSIBLE, **dict.fromkeys(SENSIBLE, ANYTHING)}))
def test_nonsense_is_an_error_that_names_its_path_and_never_a_traceback(spec):
    try:
        load(**spec)
    except ConfigError as error:
        assert all(line.startswith(AT) for line in error.problems)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(list(SENSIBLE)), ANYTHING)
def test_one_senseless_setting_is_found_among_others(name, value):
    try:
        load(**{name: value})
    except ConfigError as error:
        assert all(line.startswith(AT) for line in error.problems)


@given(
    st.text(max_size=30) | st.from_regex(r"https?://[a-z@:/#*.\\\[\]0-9-]{0,30}", fullmatch=True)
)
def test_an_address_is_exact_or_refused(url):
    try:
        load(**of_web(callbackUrls=[url]))
    except ConfigError as error:
        assert all(
            line.startswith(f"{AT}.clients.web.callbackUrls[0]: ") for line in error.problems
        )
    else:
        assert url.startswith("https://")
        assert not set(url) & set("#* \\")
        assert "@" not in url.split("/")[2]


def meets_its_presets(pool, spec):
    """What the pool has, judged by the requirements alone."""
    policy = pool["passwordPolicy"]
    kinds = ("lowercase", "uppercase", "numbers", "symbols")
    mfa = {"OFF": "off", "OPTIONAL": "optional", "ON": "required"}
    found = {
        "password_minimum_length": policy["minimumLength"],
        "password_characters": tuple(k for k in kinds if policy[f"require{k.capitalize()}"]),
        "passwords_remembered": policy["passwordHistorySize"],
        "mfa": mfa[pool["mfaConfiguration"]],
        "threat_protection": pool["userPoolAddOns"]["advancedSecurityMode"].lower(),
    }
    for preset in spec.presets:
        for asked in PRESETS[preset]:
            if asked.setting in found and not (asked.sole_factor and found["mfa"] == "required"):
                assert asked.is_met(found[asked.setting]), (preset, asked.setting)
