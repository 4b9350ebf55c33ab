"""A pool as the component makes it, in an emulator that checks passwords and one-time codes.

ministack stands in for Cognito, in a process and an environment of its own; moto takes any code.
These tests say nothing of what it lacks: threat protection, password history, rotation of refresh
tokens, passkeys, the lock after failures, names in capitals, and that only administrators make
accounts. Where MFA is on, it lets in who has no second factor yet, to enrol one; Cognito asks for
it first (MFA_SETUP). And its sign-in page asks for no code, so the code flow is of a user without.
"""

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pulumi_aws as aws
import pyotp
import pytest
from botocore.exceptions import ClientError
from ministack import ACCOUNT, ministack
from pycognito.aws_srp import AWSSRP

from bulwark_toolkit import emulated
from bulwark_toolkit.testing import Preview
from pulumi_bulwark.customer_identity import CustomerIdentitySpec
from pulumi_bulwark.customer_identity.aws import AwsCustomerIdentity, AwsCustomerIdentityArgs
from pulumi_bulwark.log_group.aws import AwsLogStore
from pulumi_bulwark.openapi import Scope

REGION = "eu-central-1"

BACK = "https://shop.example.com/back"
USER = "ada@example.com"
GOOD = "correct horse 7 battery"
ALLOW = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory):
    """Where an emulator of this module's own listens, on the loopback alone."""
    # Without AUTH it asks neither for a client's secret nor for its flows.
    with ministack(tmp_path_factory.mktemp("ministack"), AUTH="true") as address:
        yield address


def identity(**more):
    def build():
        key = aws.kms.Key("key")
        store = AwsLogStore(
            account_id=ACCOUNT,
            region=REGION,
            partition="aws",
            key_arn=key.arn,
            retention_days=400,
            access_logs_id="access-logs",
            deletion_protection=False,
        )
        boundary = aws.iam.Policy("boundary", policy=ALLOW)
        web = {"scopes": ("openid", "payments/read"), "callback_urls": (BACK,), "public": True}
        clients = {
            "web": web,
            "batch": {"flow": "clientCredentials", "scopes": ("payments/write",)},
            "migration": {**web, "password_flow": True},
        }
        args = AwsCustomerIdentityArgs(
            spec=CustomerIdentitySpec(clients=clients, **more),
            account_id=ACCOUNT,
            region=REGION,
            store=store,
            boundary_arn=boundary.arn,
            scopes=(
                Scope("payments", "read", "Read payments"),
                Scope("payments", "write", "Make payments"),
            ),
        )
        AwsCustomerIdentity("it", args)

    return build


class Pool:
    """The pool in the emulator, with a user who has a password."""

    def __init__(self, account, endpoint):
        self.account, self.endpoint = account, endpoint
        self.service = account.client("cognito-idp", REGION)
        self.id = account["it-pool"]["id"]
        self.clients = {name: account[f"it-{name}"]["id"] for name in ("web", "batch", "migration")}
        self.service.admin_create_user(
            UserPoolId=self.id,
            Username=USER,
            UserAttributes=[
                {"Name": "email", "Value": USER},
                {"Name": "email_verified", "Value": "true"},
            ],
        )
        self.set_password(GOOD)

    def set_password(self, password):
        self.service.admin_set_user_password(
            UserPoolId=self.id, Username=USER, Password=password, Permanent=True
        )

    def sign_in(self, password=GOOD, *, user=USER, client="web"):
        """What a name and a password get, by SRP."""
        srp = AWSSRP(user, password, self.id, self.clients[client], client=self.service)
        given = srp.get_auth_params()
        challenge = self.service.initiate_auth(
            ClientId=self.clients[client], AuthFlow="USER_SRP_AUTH", AuthParameters=given
        )
        return self.service.respond_to_auth_challenge(
            ClientId=self.clients[client],
            ChallengeName=challenge["ChallengeName"],
            ChallengeResponses=srp.process_challenge(challenge["ChallengeParameters"], given),
        )

    def sign_in_plainly(self, client):
        return self.service.initiate_auth(
            ClientId=self.clients[client],
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": USER, "PASSWORD": GOOD},
        )

    def enrol(self):
        """Give the user an authenticator app."""
        token = self.sign_in()["AuthenticationResult"]["AccessToken"]
        secret = self.service.associate_software_token(AccessToken=token)["SecretCode"]
        app = pyotp.TOTP(secret)
        with refused("EnableSoftwareTokenMFAException"):
            self.service.verify_software_token(AccessToken=token, UserCode=not_now(app))
        self.service.verify_software_token(AccessToken=token, UserCode=app.now())
        self.service.set_user_mfa_preference(
            AccessToken=token,
            SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True},
        )
        return app

    def answer(self, challenge, code):
        return self.service.respond_to_auth_challenge(
            ClientId=self.clients["web"],
            ChallengeName=challenge["ChallengeName"],
            Session=challenge["Session"],
            ChallengeResponses={"USERNAME": USER, "SOFTWARE_TOKEN_MFA_CODE": code},
        )

    def secret(self, client):
        found = self.service.describe_user_pool_client(
            UserPoolId=self.id, ClientId=self.clients[client]
        )
        return found["UserPoolClient"].get("ClientSecret")

    def post(self, path, form, *, basic=None):
        """Status, headers and body of what a form gets."""
        request = urllib.request.Request(  # noqa: S310 our own address
            self.endpoint + path, data=urllib.parse.urlencode(form).encode()
        )
        if basic:
            token = base64.b64encode(":".join(basic).encode()).decode()
            request.add_header("Authorization", f"Basic {token}")
        return fetch(request)

    def get(self, path, **query):
        return fetch(f"{self.endpoint}{path}?{urllib.parse.urlencode(query)}")


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def fetch(request):
    try:
        with urllib.request.build_opener(NoRedirect).open(request, timeout=10) as answer:
            return answer.status, dict(answer.headers), answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read().decode()


def refused(code):
    return pytest.raises(ClientError, match=re.escape(f"({code})"))


def not_now(app):
    """A code that is wrong, also in the steps before and after."""
    near = {app.at(time.time() + 30 * step) for step in range(-3, 4)}
    return next(code for code in (f"{n:06}" for n in range(10)) if code not in near)


def claims(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


@pytest.fixture(scope="module")
def account(endpoint):
    graph = Preview()(identity(), rendered=True, config={"aws:region": REGION})
    with emulated.deploy(graph, endpoint=endpoint) as made:
        yield made


@pytest.fixture
def pool(account, endpoint):
    made = Pool(account, endpoint)
    yield made
    made.service.admin_delete_user(UserPoolId=made.id, Username=USER)


def test_the_pool_that_is_there_has_the_settings_that_were_asked_for(pool):
    found = pool.service.describe_user_pool(UserPoolId=pool.id)["UserPool"]
    mfa = pool.service.get_user_pool_mfa_config(UserPoolId=pool.id)

    assert found["Policies"]["PasswordPolicy"]["MinimumLength"] == 12
    assert found["UserPoolTier"] == "PLUS"
    assert found["UserPoolAddOns"] == {"AdvancedSecurityMode": "ENFORCED"}
    assert found["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is True
    assert mfa["MfaConfiguration"] == "ON"
    assert mfa["SoftwareTokenMfaConfiguration"] == {"Enabled": True}


@pytest.mark.parametrize("password", ["short 7", "eleven ch 7", "no number in it", "7777777777777"])
def test_a_password_that_the_presets_do_not_take_is_refused(pool, password):
    with refused("InvalidPasswordException"):
        pool.set_password(password)


def test_a_password_that_they_take_is_taken(pool):
    pool.set_password("twelve chr 7")

    assert "AuthenticationResult" in pool.sign_in("twelve chr 7")


def test_a_wrong_password_and_an_unknown_user_get_the_same_answer(pool):
    with pytest.raises(ClientError) as wrong:
        pool.sign_in(GOOD + "!")
    with pytest.raises(ClientError) as unknown:
        pool.sign_in(user="nobody@example.com")

    assert wrong.value.response["Error"]["Code"] == "NotAuthorizedException"
    assert unknown.value.response["Error"] == wrong.value.response["Error"]


def test_who_has_an_authenticator_app_is_asked_for_its_code_and_gets_tokens_for_it(pool):
    app = pool.enrol()

    challenge = pool.sign_in()
    assert challenge["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    assert "AuthenticationResult" not in challenge

    token = pool.answer(challenge, app.now())["AuthenticationResult"]["AccessToken"]
    assert claims(token)["client_id"] == pool.clients["web"]


def test_a_wrong_code_gets_no_token(pool):
    app = pool.enrol()
    challenge = pool.sign_in()

    with refused("CodeMismatchException"):
        pool.answer(challenge, not_now(app))


def test_a_token_is_good_for_five_minutes(pool):
    found = claims(pool.sign_in()["AuthenticationResult"]["AccessToken"])

    assert found["exp"] - found["iat"] == 300


def test_passwords_in_the_clear_are_taken_only_where_somebody_asked_for_it(pool):
    assert "AuthenticationResult" in pool.sign_in_plainly("migration")
    with refused("InvalidParameterException"):
        pool.sign_in_plainly("web")


def test_nobody_signs_in_at_a_machines_client(pool):
    for flow in ("USER_PASSWORD_AUTH", "USER_SRP_AUTH"):
        with pytest.raises(ClientError):
            pool.service.initiate_auth(
                ClientId=pool.clients["batch"],
                AuthFlow=flow,
                AuthParameters={"USERNAME": USER, "PASSWORD": GOOD, "SRP_A": "a" * 64},
            )


def test_a_machine_gets_a_token_for_its_secret_with_its_scope(pool):
    status, _, body = pool.post(
        "/oauth2/token",
        {"grant_type": "client_credentials", "scope": "payments/write"},
        basic=(pool.clients["batch"], pool.secret("batch")),
    )

    assert status == 200
    found = claims(json.loads(body)["access_token"])
    assert (found["scope"], found["client_id"]) == ("payments/write", pool.clients["batch"])
    assert found["exp"] - found["iat"] == 15 * 60


@pytest.mark.parametrize(
    ("secret", "scope"), [("wrong", "payments/write"), (None, "payments/read")]
)
def test_a_machine_gets_none_for_a_wrong_secret_or_a_scope_that_is_not_its_own(pool, secret, scope):
    status, _, body = pool.post(
        "/oauth2/token",
        {"grant_type": "client_credentials", "scope": scope},
        basic=(pool.clients["batch"], secret or pool.secret("batch")),
    )

    assert status in (400, 401)
    assert "access_token" not in body


def test_a_public_client_has_no_secret(pool):
    assert pool.secret("web") is None
    assert pool.secret("batch")


VERIFIER = "a" * 64
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
)


def authorize(pool, **changes):
    asked = {
        "client_id": pool.clients["web"],
        "response_type": "code",
        "redirect_uri": BACK,
        "scope": "openid payments/read",
        "state": "s",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **changes,
    }
    return asked, pool.get("/oauth2/authorize", **asked)


def code_of(pool):
    asked, (status, _, _) = authorize(pool)
    assert status == 200
    status, headers, _ = pool.post("/login", {**asked, "username": USER, "password": GOOD})
    assert status == 302
    location = headers["Location"]
    assert location.startswith(f"{BACK}?")
    return urllib.parse.parse_qs(urllib.parse.urlsplit(location).query)["code"][0]


def redeem(pool, code, verifier):
    form = {
        "grant_type": "authorization_code",
        "client_id": pool.clients["web"],
        "redirect_uri": BACK,
        "code": code,
        "code_verifier": verifier,
    }
    return pool.post("/oauth2/token", form)


def test_a_person_comes_back_with_a_code_that_is_worth_tokens_once(pool):
    code = code_of(pool)

    status, _, body = redeem(pool, code, VERIFIER)
    assert status == 200
    tokens = json.loads(body)
    assert set(claims(tokens["access_token"])["scope"].split()) == {"openid", "payments/read"}
    assert claims(tokens["id_token"])["aud"] == pool.clients["web"]
    assert redeem(pool, code, VERIFIER)[0] == 400


def test_a_code_is_worth_nothing_to_who_did_not_begin(pool):
    status, _, body = redeem(pool, code_of(pool), "b" * 64)

    assert status == 400
    assert "access_token" not in body


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": f"{BACK}/"},
        {"redirect_uri": "https://evil.example.com/back"},
        {"response_type": "token"},
    ],
    ids=["longer address", "other host", "implicit flow"],
)
def test_another_address_or_flow_than_the_clients_is_refused(pool, changes):
    _, (status, _, _) = authorize(pool, **changes)

    assert status == 400


def test_a_scope_that_is_not_the_clients_leads_back_with_an_error(pool):
    _, (status, headers, _) = authorize(pool, scope="openid payments/write")

    assert status == 302
    assert "error" in headers["Location"]
    assert "code=" not in headers["Location"]


# --- the commands of the documentation ---

PAGE = Path(__file__).parents[2] / "docs" / "customer-identity.md"
COMMANDS = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
TOOLS = ("curl", "jq", "openssl")
needs_tools = pytest.mark.skipif(
    not all(map(shutil.which, TOOLS)), reason=f"needs {', '.join(TOOLS)}"
)


def commands(word):
    (found,) = [block for block in COMMANDS if word in block]
    return found


@pytest.fixture
def shell(pool, tmp_path):
    """Runs commands where `pulumi` and `aws` answer for the pool, and gives what they print."""
    outputs = {
        "userPoolId": pool.id,
        "audience": json.dumps(pool.clients),
        "authorizeEndpoint": f"{pool.endpoint}/oauth2/authorize",
        "tokenEndpoint": f"{pool.endpoint}/oauth2/token",
    }
    cases = "\n".join(f"{name}) printf '%s' '{value}' ;;" for name, value in outputs.items())
    answers = {
        "pulumi": f'case "$3" in\n{cases}\n*) exit 1 ;;\nesac',
        "aws": f"printf '%s' '{pool.secret('batch')}'",
    }
    for name, script in answers.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)

    def run(script, **variables):
        done = subprocess.run(
            ["sh", "-euc", script],
            env={**variables, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    return run


@needs_tools
def test_the_commands_for_a_person_end_in_a_token(pool, shell):
    address, client, verifier = shell(
        commands("code_challenge_method") + 'echo "$CLIENT"\necho "$VERIFIER"\n'
    ).splitlines()
    asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(address).query))
    assert fetch(address)[0] == 200

    _, headers, _ = pool.post("/login", {**asked, "username": USER, "password": GOOD})
    back = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(headers["Location"]).query))
    assert back["state"] == asked["state"]

    token = shell(
        commands("grant_type=authorization_code") + 'echo "$TOKEN"\n',
        CODE=back["code"],
        CLIENT=client,
        VERIFIER=verifier,
        BACK=BACK,
    )
    assert claims(token)["client_id"] == pool.clients["web"]


@needs_tools
def test_the_commands_for_a_machine_end_in_a_token(pool, shell):
    token = shell(commands("grant_type=client_credentials") + 'echo "$TOKEN"\n')

    assert claims(token)["scope"] == "payments/write"
