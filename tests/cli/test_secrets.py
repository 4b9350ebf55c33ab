import hashlib
import io
import json
import logging
import os
import re
import select
import subprocess
import sys
import time

import boto3
import botocore.client
import moto
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ParamValidationError

VALUE = "hunter2-pLaNtEd"
ACCOUNT = "123456789012"  # moto's

STACK_FILE = """
config:
  aws:region: eu-central-1
  bulwark:cloud: aws
  bulwark:profile: dev
  bulwark:tags: {owner: me, environment: dev, costCenter: "1", dataClassification: internal}
  bulwark:secrets:
    named:
      db-password: {description: Opens the database}
      session-key: {description: Signs sessions, source: generated, length: 48}
"""

OWN = """
import pulumi, pulumi_aws as aws
from pulumi_bulwark.secrets import SecretsSpec
from pulumi_bulwark.secrets.aws import AwsSecrets, AwsSecretsArgs

def secrets(name, region, **opts):
    spec = SecretsSpec.load("x", {"named": {"db": {"description": "x"}}})
    args = AwsSecretsArgs(spec=spec, account_id="123456789012", region=region, key_arn="k")
    return AwsSecrets(name, args, pulumi.ResourceOptions(**opts))

secrets("near", "eu-central-1")
secrets("far", "us-east-1", provider=aws.Provider("far", region="us-east-1"))
"""


@pytest.fixture
def account(monkeypatch, tmp_path):
    """An AWS account in this process. Nothing of the developer's own is read."""
    for name in [n for n in os.environ if n.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with moto.mock_aws():
        yield


@pytest.fixture
def deployed(account, ours):
    """Our project, with its secrets deployed: containers without a value."""
    for name in ("db-password", "session-key"):
        manager().create_secret(Name=physical(name))
    return ours(STACK_FILE)


@pytest.fixture
def given(monkeypatch):
    """Set standard input."""

    class Stream(io.TextIOWrapper):
        terminal = False

        def isatty(self):
            return self.terminal

    def give(data, *, terminal=False):
        stream = Stream(io.BytesIO(data.encode() if isinstance(data, str) else data))
        stream.terminal = terminal
        monkeypatch.setattr(sys, "stdin", stream)

    give("")
    return give


@pytest.fixture
def answering(monkeypatch):
    """Have AWS raise, or do, something else when an operation is called."""

    def answer(operation, raised):
        usual = botocore.client.BaseClient._make_api_call

        def call(self, name, arguments):
            if name == operation:
                raise raised
            return usual(self, name, arguments)

        monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", call)

    return answer


def manager(region="eu-central-1"):
    return boto3.client("secretsmanager", region)


def physical(name):
    return f"bulwark/dev/dev-secrets/{name}"


def stored(name, region="eu-central-1"):
    # moto answers with the old value where no stage is asked for.
    found = manager(region).get_secret_value(SecretId=name, VersionStage="AWSCURRENT")
    return found["SecretString"]


def refused(operation, code, message=""):
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


@pytest.mark.parametrize(
    ("piped", "value"),
    [
        (VALUE, VALUE),
        (f"{VALUE}\n", VALUE),
        (f"{VALUE}\r\n", VALUE),
        (f"{VALUE}\n\n", f"{VALUE}\n"),
        ("one\r\ntwo\r\n", "one\r\ntwo"),
        ("pässwörd 🔑\n", "pässwörd 🔑"),
        (" --replace \t", " --replace \t"),
        ("\ufeffwith a mark", "\ufeffwith a mark"),
        ("x" * 65_536, "x" * 65_536),
    ],
    ids=repr,
)
def test_standard_input_is_the_value_but_for_one_newline(bulwark, deployed, given, piped, value):
    given(piped)

    result = bulwark("secrets", "set", "db-password", "-C", deployed)

    assert result.status == 0, result.err
    assert stored(physical("db-password")) == value


def test_only_the_version_is_told(bulwark, deployed, given):
    given(VALUE)

    result = bulwark("secrets", "set", "db-password", "-C", deployed)

    held = manager().describe_secret(SecretId=physical("db-password"))
    (version,) = held["VersionIdsToStages"]
    assert result.out == f"db-password of dev has a new value (version {version})\n"
    assert result.err == ""
    assert not [f for f in deployed.rglob("*") if f.is_file() and VALUE in f.read_text()]


def test_another_value_takes_the_place_of_the_first(bulwark, deployed, given):
    for value in ("first", "second"):
        given(value)
        assert bulwark("secrets", "set", "db-password", "-C", deployed).status == 0

    assert stored(physical("db-password")) == "second"


@pytest.mark.parametrize(
    ("piped", "said"),
    [
        ("", "the value is empty"),
        ("\n", "the value is empty"),
        ("x" * 65_537, "the value has 65537 bytes; Secrets Manager takes 65536"),
        ("ä" * 32_769, "the value has 65538 bytes; Secrets Manager takes 65536"),
        ("a\0b", "the value has a NUL character"),
        (b"\xff\xfe" + VALUE.encode(), "the value is not UTF-8 text"),
    ],
)
def test_what_cannot_be_a_value_is_refused(bulwark, deployed, given, piped, said):
    given(piped)

    result = bulwark("secrets", "set", "db-password", "-C", deployed)

    assert result.status == 2
    assert result.err.startswith(f"error: {said}")
    assert result.err.count("\n") == 1
    assert VALUE not in result.err
    assert "VersionIdsToStages" not in manager().describe_secret(SecretId=physical("db-password"))


@pytest.mark.parametrize(
    "arguments",
    [
        ["db-password", VALUE],
        ["db-password", f"--value={VALUE}"],
        ["db-password", f"--{VALUE}"],
        ["db-password", f"-p{VALUE}"],
        ["db-password", "--replace=" + VALUE],
        ["db-password", "-C", VALUE],
        [VALUE],
    ],
    ids=lambda arguments: " ".join(arguments).replace(VALUE, "VALUE"),
)
def test_a_value_among_the_arguments_is_refused_and_not_repeated(
    bulwark, deployed, given, monkeypatch, arguments
):
    monkeypatch.chdir(deployed)
    given("another")

    result = bulwark("secrets", "set", *arguments)

    assert result.status == 2
    assert result.out == ""
    assert "hunter2" not in result.err
    assert "VersionIdsToStages" not in manager().describe_secret(SecretId=physical("db-password"))


def test_a_misplaced_value_is_told_where_it_belongs(bulwark, deployed):
    result = bulwark("secrets", "set", "db-password", VALUE)

    assert "it is asked for, or read from standard input" in result.err


@pytest.mark.parametrize(
    "raised",
    [
        ParamValidationError(report=f"Invalid type for parameter SecretString, value: {VALUE}"),
        refused("PutSecretValue", "ValidationException", f"Value '{VALUE}' at 'secretString'"),
        ValueError(VALUE),
        RuntimeError(VALUE),
    ],
)
def test_what_boto_raises_about_a_value_is_not_passed_on(
    bulwark, deployed, given, answering, raised
):
    given(VALUE)
    answering("PutSecretValue", raised)

    result = bulwark("secrets", "set", "db-password", "-C", deployed)

    assert result.status == 2
    assert result.err.count("\n") == 1
    assert VALUE not in result.out + result.err


@pytest.mark.parametrize("name", ["db-password", "session-key"])
def test_a_debug_log_does_not_show_the_value(bulwark, deployed, given, caplog, name):
    caplog.set_level(logging.DEBUG)
    given(VALUE)

    assert bulwark("secrets", "set", name, "-C", deployed).status == 0

    logged = caplog.text
    assert "DescribeSecret" in logged
    assert VALUE not in logged
    assert stored(physical(name)) not in logged
    assert logging.getLogger("botocore").isEnabledFor(logging.DEBUG)


def test_a_generated_value_is_made_by_secrets_manager_and_not_shown(bulwark, deployed, given):
    given(VALUE)

    result = bulwark("secrets", "set", "session-key", "-C", deployed)

    value = stored(physical("session-key"))
    assert result.status == 0, result.err
    assert "session-key of dev has a new value, made by Secrets Manager (version" in result.out
    assert len(value) == 48
    assert all(re.search(kind, value) for kind in ("[a-z]", "[A-Z]", "[0-9]", "[^a-zA-Z0-9]"))
    assert value not in result.out + result.err
    # A generated secret does not read standard input.
    assert VALUE not in value
    assert sys.stdin.read() == VALUE


def test_a_generated_value_is_not_replaced_unasked(bulwark, deployed, given):
    bulwark("secrets", "set", "session-key", "-C", deployed)
    first = stored(physical("session-key"))

    without_terminal = bulwark("secrets", "set", "session-key", "-C", deployed)
    assert without_terminal.status == 2
    assert "say --replace" in without_terminal.err
    given("n\n", terminal=True)
    assert bulwark("secrets", "set", "session-key", "-C", deployed).status == 1
    assert stored(physical("session-key")) == first

    given("y\n", terminal=True)
    assert bulwark("secrets", "set", "session-key", "-C", deployed).status == 0
    second = stored(physical("session-key"))
    given("")
    assert bulwark("secrets", "set", "session-key", "-C", deployed, "--replace").status == 0
    assert len({first, second, stored(physical("session-key"))}) == 3


def test_a_rotation_is_begun_by_secrets_manager(bulwark, account, ours, monkeypatch):
    manager().create_secret(Name=physical("token"))
    usual, asked = botocore.client.BaseClient._make_api_call, []

    def call(self, name, arguments):
        if name != "RotateSecret":
            return usual(self, name, arguments)
        asked.append(arguments)
        return {}

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", call)
    token = "      token: {description: Knocks, source: generated, rotationDays: 30}\n"
    result = bulwark("secrets", "rotate", "token", "-C", ours(STACK_FILE + token))

    assert result.status == 0, result.err
    assert asked == [{"SecretId": physical("token")}]
    assert result.out == "token of dev: Secrets Manager has begun to replace its value\n"


def test_what_does_not_rotate_is_given_a_value_instead(bulwark, deployed):
    result = bulwark("secrets", "rotate", "session-key", "-C", deployed)

    assert result.status == 2
    assert "session-key does not rotate" in result.err
    assert "bulwark secrets set" in result.err


def test_the_account_of_the_config_must_be_that_of_the_credentials(bulwark, deployed, given, ours):
    given(VALUE)
    folder = ours(STACK_FILE + '  bulwark:account: {id: "111111111111"}\n')

    for command in (["set", "db-password"], ["list"]):
        result = bulwark("secrets", *command, "-C", folder)
        assert result.status == 2
        assert "111111111111" in result.err
        assert ACCOUNT in result.err
    assert "VersionIdsToStages" not in manager().describe_secret(SecretId=physical("db-password"))


def test_the_program_sees_the_account_that_is_signed_in(bulwark, account, given, ours, monkeypatch):
    # A reader of the account that is really there, which no stack file names.
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "222222222222")
    reader = "arn:aws:iam::222222222222:role/app"
    folder = ours(STACK_FILE.replace("database}", f"database, readers: ['{reader}']}}"))
    given(VALUE)

    result = bulwark("secrets", "set", "db-password", "-C", folder)

    assert "is not there; deploy the stack first: pulumi up -s dev" in result.err


def test_a_secret_that_is_not_deployed_yet(bulwark, account, given, ours):
    given(VALUE)

    result = bulwark("secrets", "set", "db-password", "-C", ours(STACK_FILE))

    assert result.status == 2
    assert result.err == (
        f"error: db-password ({physical('db-password')}) is not there; deploy the stack first: "
        "pulumi up -s dev\n"
    )


def test_a_secret_that_is_scheduled_for_deletion(bulwark, deployed, given):
    given(VALUE)
    manager().delete_secret(SecretId=physical("db-password"), RecoveryWindowInDays=7)

    result = bulwark("secrets", "set", "db-password", "-C", deployed)

    assert result.status == 2
    assert "is scheduled for deletion. Take it back with" in result.err


def test_an_unknown_name_is_told_the_nearest_one_and_all_there_are(bulwark, deployed):
    near = bulwark("secrets", "set", "db-pasword", "-C", deployed)
    far = bulwark("secrets", "set", "x", "-C", deployed)

    assert near.status == far.status == 2
    assert near.err == (
        "error: no such secret. Did you mean db-password? Known: db-password, session-key.\n"
    )
    assert far.err == "error: no such secret. Known: db-password, session-key.\n"


def test_a_program_without_secrets_says_so(bulwark, account, ours):
    folder = ours(STACK_FILE.partition("  bulwark:secrets")[0])

    for command in (["set", "db-password"], ["list"]):
        result = bulwark("secrets", *command, "-C", folder)
        assert result.status == 2
        assert "dev has no secrets" in result.err


DENIED = "is not authorized to perform: secretsmanager:PutSecretValue"
REFUSALS = [
    ("GetCallerIdentity", refused("GetCallerIdentity", "ExpiredToken"), "have expired"),
    ("GetCallerIdentity", refused("GetCallerIdentity", "InvalidClientTokenId"), "does not know"),
    (
        "DescribeSecret",
        refused("DescribeSecret", "AccessDeniedException", DENIED),
        rf"arn:aws:sts::{ACCOUNT}:.* may not DescribeSecret on db-password",
    ),
    (
        "PutSecretValue",
        refused("PutSecretValue", "AccessDeniedException", DENIED),
        r"may not PutSecretValue .*bulwark:secrets.administrators",
    ),
    (
        "PutSecretValue",
        refused("PutSecretValue", "AccessDeniedException", "Access to KMS is not allowed"),
        "may not use the KMS key .*kms:GenerateDataKey and kms:Decrypt",
    ),
    ("PutSecretValue", refused("PutSecretValue", "EncryptionFailure"), "its KMS key is disabled"),
    ("PutSecretValue", refused("PutSecretValue", "ThrottlingException"), "AWS refused PutSecret"),
    (
        "PutSecretValue",
        refused("PutSecretValue", "InvalidRequestException", "it was marked for deletion."),
        "is scheduled for deletion",
    ),
    ("DescribeSecret", EndpointConnectionError(endpoint_url="x"), "AWS cannot be reached"),
]


@pytest.mark.parametrize(("operation", "raised", "said"), REFUSALS)
def test_a_refusal_is_one_line_that_says_what_to_do(  # noqa: PLR0917 fixtures and parameters
    bulwark, deployed, given, answering, operation, raised, said
):
    given(VALUE)
    answering(operation, raised)

    result = bulwark("secrets", "set", "db-password", "-C", deployed)

    assert result.status == 2
    assert result.err.count("\n") == 1
    assert re.search(said, result.err), result.err
    assert VALUE not in result.out + result.err


def test_without_credentials_one_is_told_to_sign_in(bulwark, account, ours, monkeypatch):
    with monkeypatch.context() as nobody:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            nobody.delenv(name)
        result = bulwark("secrets", "set", "db-password", "-C", ours(STACK_FILE))

    assert result.status == 2
    assert result.err.startswith("error: no AWS credentials; sign in again")


def test_a_profile_that_is_not_configured(bulwark, deployed, ours):
    folder = ours(STACK_FILE + "  aws:profile: not-there\n")

    result = bulwark("secrets", "list", "-C", folder)

    assert result.status == 2
    assert "profile" in result.err


def test_the_profile_of_the_stack_is_the_one_that_signs_in(bulwark, deployed, ours, given):
    (deployed / ".aws").mkdir()
    (deployed / ".aws" / "config").write_text(
        "[profile team]\naws_access_key_id = x\naws_secret_access_key = y\n"
    )
    given(VALUE)

    result = bulwark(
        "secrets", "set", "db-password", "-C", ours(STACK_FILE + "  aws:profile: team\n")
    )

    assert result.status == 0, result.err


def test_without_boto3_one_is_told_what_to_install(bulwark, ours, monkeypatch):
    monkeypatch.setitem(sys.modules, "boto3", None)

    result = bulwark("secrets", "list", "-C", ours(STACK_FILE))

    assert result.status == 2
    assert "pip install 'pulumi-bulwark[aws]'" in result.err


def test_the_command_line_starts_without_boto3():
    code = "import sys, bulwark_toolkit.cli; sys.exit('boto3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.fixture
def two_regions(account, project):
    manager().create_secret(Name="app/dev/near/db")
    manager("us-east-1").create_secret(Name="app/dev/far/db")
    return project(OWN, config="{aws:region: eu-central-1}")


def test_a_name_in_two_components_is_told_apart_by_the_component(bulwark, two_regions, given):
    given(VALUE)

    both = bulwark("secrets", "set", "db", "-C", two_regions)
    one = bulwark("secrets", "set", "far/db", "-C", two_regions)

    assert both.status == 2
    assert "near/db or far/db" in both.err
    assert one.status == 0, one.err


def test_the_region_is_that_of_an_explicit_provider(bulwark, two_regions, given):
    for component, region in (("near", "eu-central-1"), ("far", "us-east-1")):
        given(f"{component} value")
        assert bulwark("secrets", "set", f"{component}/db", "-C", two_regions).status == 0
        assert stored(f"app/dev/{component}/db", region) == f"{component} value"


def test_the_list_tells_what_has_a_value_and_since_when(bulwark, deployed, given):
    given(VALUE)
    manager().delete_secret(SecretId=physical("session-key"), ForceDeleteWithoutRecovery=True)
    before = bulwark("secrets", "list", "-C", deployed)
    bulwark("secrets", "set", "db-password", "-C", deployed)
    after = bulwark("secrets", "list", "-C", deployed, "--format", "json")
    assert after.status == 0, after.err
    rows = json.loads(after.out)

    assert before.out == (
        "dev-secrets/db-password  person     no value\n"
        "dev-secrets/session-key  generated  not deployed\n"
    )
    assert [(r["name"], r["source"], r["state"]) for r in rows] == [
        ("db-password", "person", "has a value"),
        ("session-key", "generated", "not deployed"),
    ]
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", rows[0]["since"])
    assert rows[0]["secret"] == physical("db-password")


def test_the_list_tells_of_a_deletion(bulwark, deployed):
    manager().delete_secret(SecretId=physical("db-password"), RecoveryWindowInDays=7)

    assert "scheduled for deletion" in bulwark("secrets", "list", "-C", deployed).out


ON_A_TERMINAL = f"""
import fcntl, hashlib, os, sys, termios
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
import boto3, moto
from bulwark_toolkit import cli
with moto.mock_aws():
    manager = boto3.client("secretsmanager", "eu-central-1")
    manager.create_secret(Name="{physical("db-password")}")
    try:
        cli.main()
    except SystemExit as stop:
        print("status", stop.code)
    held = manager.get_secret_value(SecretId="{physical("db-password")}", VersionStage="AWSCURRENT")
    print("digest", hashlib.sha256(held["SecretString"].encode()).hexdigest())
"""


def test_a_terminal_is_asked_twice_and_shows_nothing(account, ours):
    terminal, theirs = os.openpty()
    command = [sys.executable, "-c", ON_A_TERMINAL, "secrets", "set", "db-password", "-s", "dev"]
    process = subprocess.Popen(
        command, cwd=ours(STACK_FILE), stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    said = until(terminal, "Value of db-password in dev: $")
    os.write(terminal, f"{VALUE}\n".encode())
    said += until(terminal, "Repeat for confirmation: $")
    os.write(terminal, f"{VALUE}\n".encode())
    said += until(terminal, r"digest \w{64}")

    assert process.wait(60) == 0
    os.close(terminal)
    assert "status 0" in said
    assert "db-password of dev has a new value (version" in said
    assert VALUE not in said
    assert hashlib.sha256(VALUE.encode()).hexdigest() in said


def until(terminal, pattern):
    said, patience = "", time.monotonic() + 60
    while not re.search(pattern, said):
        ready, _, _ = select.select([terminal], [], [], max(0, patience - time.monotonic()))
        assert ready, f"no {pattern} in: {said}"
        said += os.read(terminal, 4096).decode()
    return said


def test_a_typed_value_that_a_terminal_may_have_cut_is_refused(
    bulwark, deployed, given, monkeypatch
):
    given("", terminal=True)
    monkeypatch.setattr("click.termui.hidden_prompt_func", lambda _: "x" * 1023)

    result = bulwark("secrets", "set", "db-password", "-C", deployed)

    assert result.status == 2
    assert "use standard input" in result.err
