"""The rules in the real engine: the pack of `policy/`, with the words of `bulwark check`."""

import json
import subprocess
import sys

import pytest

from bulwark_toolkit.compliance.clock import today

pytestmark = pytest.mark.e2e

WEAK = """
import json, pulumi, pulumi_aws as aws
aws.kms.Key("slow")
anybody = {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}
aws.kms.Key("open", enable_key_rotation=True, policy=json.dumps({"Statement": [anybody]}))
"""
HIDDEN = """
import pulumi, pulumi_aws as aws
key = aws.kms.Key("first", enable_key_rotation=True)
aws.kms.Key("waiting", enable_key_rotation=True, policy=key.arn)
aws.kms.Key("hiding", enable_key_rotation=True, policy=pulumi.Output.secret("hunter2"))
"""
OLD = """
import pulumi_aws as aws
role = "arn:aws:iam::123456789012:role/it"
aws.lambda_.Function("it", role=role, runtime="python3.8", handler="it.handle", s3_bucket="it",
                     s3_key="it")
"""
WAIVER = """
waivers:
  - rule: aws.keys.key-policy-admits-nobody-outside
    resource: "*::open"
    owner: ana
    reason: The partner comes from everywhere.
    compensatingControl: The partner's own gate.
    ticket: SEC-7
    expires: {expires}
"""
ADMITS, ROTATES = "aws.keys.key-policy-admits-nobody-outside", "aws.keys.key-rotates"


@pytest.fixture(scope="session")
def pack(repository, tmp_path_factory):
    """The pack in its own environment, which `make` makes."""
    subprocess.run(
        ["make", f"PYTHON={sys.executable}", ".venvs/policy/.installed"],
        cwd=repository,
        check=True,
        capture_output=True,
    )
    return repository / "policy"


@pytest.fixture
def previewed(pack):
    def preview(project, *flags, fails=False):
        return project.pulumi(
            "preview",
            "--policy-pack",
            str(pack),
            *flags,
            fails=fails,
            BULWARK_PROJECT=str(project.folder),
        ).text

    return preview


def checked(project, *flags):
    """What `bulwark check` says of the same program, by rule."""
    command = [sys.executable, "-c", "from bulwark_toolkit.cli import main; main()", "check"]
    command += ["-C", str(project.folder), "-s", "dev", "--format", "sarif", *flags]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    (run,) = json.loads(answer.stdout)["runs"]
    return {result["ruleId"]: result["message"]["text"] for result in run["results"]}


def stack_files(project):
    (project.folder / "Pulumi.dev.yaml").touch()
    return project


@pytest.mark.parametrize("stack", ["dev", "staging", "prod"])
def test_our_own_stacks_pass(create, repository, previewed, stack):
    names = ("__main__.py", "Pulumi.yaml", "Pulumi.*.yaml", "openapi", "waivers.yaml")
    project = create(*(file for name in names for file in repository.glob(name)))
    project.pulumi("stack", "select", "--create", stack)

    text = previewed(project, f"--stack={stack}")

    assert "bulwark@v" in text
    assert "[mandatory]" not in text


def test_a_planted_weakness_fails_with_the_words_of_bulwark_check(program, previewed):
    project = stack_files(program(WEAK))

    text = previewed(project, fails=True)

    said = checked(project)
    assert f"[mandatory]  {ADMITS}" in text
    assert said[ADMITS] in text


def test_a_lesser_weakness_is_an_advice(program, previewed):
    project = stack_files(program("import pulumi_aws as aws\naws.kms.Key('slow')\n"))

    text = previewed(project)

    assert f"[advisory]  {ROTATES}" in text
    assert checked(project)[ROTATES] in text


def test_the_packs_config_says_which_rules_stop_a_deployment(program, previewed, tmp_path):
    config = tmp_path / "config.json"
    config.write_text(json.dumps({ROTATES: "mandatory", ADMITS: "disabled"}))

    text = previewed(program(WEAK), "--policy-pack-config", str(config), fails=True)

    assert f"[mandatory]  {ROTATES}" in text
    assert ADMITS not in text


def test_what_is_not_known_is_an_advice_and_no_secret_is_told(program, previewed):
    text = previewed(program(HIDDEN))

    assert "[advisory]  bulwark.not-enforced" in text
    assert f"{ADMITS}: waiting: No key's policy admits everybody? policy waits for first" in text
    assert f"{ADMITS}: hiding: " in text
    assert "hunter2" not in text


@pytest.mark.parametrize(
    ("expires", "says"),
    [
        ("today", "But waived until "),
        ("2020-01-01", "But its waiver expired on 2020-01-01"),
    ],
)
def test_a_waiver_holds_and_one_that_has_expired_stops_no_deployment(
    program, previewed, expires, says
):
    project = program(WEAK)
    day = today() if expires == "today" else expires
    (project.folder / "waivers.yaml").write_text(WAIVER.format(expires=day))

    text = previewed(project)

    assert "[mandatory]" not in text
    assert says in text


def test_what_only_time_has_made_fail_stops_no_deployment(program, previewed):
    text = previewed(program(OLD))

    assert "[mandatory]" not in text
    assert "aws.functions.runtime-is-maintained: it: mended until 2024-10-14 only" in text


def test_the_engine_judges_a_deployment_by_what_the_cloud_said(program, pack):
    project = program(WEAK)

    outcome = project.pulumi(
        "up", "--yes", "--skip-preview", "--policy-pack", str(pack), fails=True
    )

    assert f"[mandatory]  {ADMITS}" in outcome.text
    assert "open" not in project.resources()


def test_what_is_deployed_is_judged_from_its_state(program, tmp_path):
    project = stack_files(program(WEAK))
    project.up()
    state = tmp_path / "state.json"
    state.write_text(project.pulumi("stack", "export").text)

    assert checked(project, "--state", str(state)) == checked(project)
