"""What `bulwark teardown` refuses before it touches anything; tests/e2e has the rest."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

STACK_FILE = """\
# a comment
config:
  aws:region: eu-central-1
  bulwark:cloud: aws
  bulwark:profile: {profile}
  bulwark:protection: {{deletion: {deletion}}}
  bulwark:tags: {{owner: me, environment: dev, costCenter: "0012", dataClassification: internal}}
"""

BUCKET = {
    "urn": "urn:pulumi:dev::bulwark::aws:s3/bucket:Bucket::trail",
    "type": "aws:s3/bucket:Bucket",
    "custom": True,
    "inputs": {},
}

KEY = {
    "urn": "urn:pulumi:dev::bulwark::aws:kms/key:Key::key",
    "type": "aws:kms/key:Key",
    "custom": True,
    "inputs": {"deletionWindowInDays": 7},
}

# Stands in for the CLI: it writes down what it was asked, and exits as it is told.
PULUMI = """\
#!{python}
import json, pathlib, sys
here = pathlib.Path(__file__).parent
with (here / "calls").open("a") as calls:
    calls.write(json.dumps(sys.argv[1:]) + "\\n")
if sys.argv[1:3] == ["stack", "export"]:
    print((here / "state").read_text())
    print((here / "says").read_text(), file=sys.stderr)
    sys.exit(bool((here / "says").read_text()))
sys.exit(9 if sys.argv[1] == (here / "fails").read_text() else 0)
"""


@pytest.fixture
def stack(ours):
    def make(profile="dev", *, deletion="false"):
        return ours(STACK_FILE.format(profile=profile, deletion=deletion))

    return make


@pytest.fixture
def pulumi(monkeypatch, tmp_path):
    """A Pulumi CLI that only writes down what it is asked."""

    class Cli:
        folder = tmp_path / "bin"

        def has(self, *resources, says="", fails=""):
            state = {"deployment": {"resources": list(resources)}}
            (self.folder / "state").write_text(json.dumps(state))
            (self.folder / "says").write_text(says)
            (self.folder / "fails").write_text(fails)

        @property
        def calls(self):
            file = self.folder / "calls"
            lines = file.read_text().splitlines() if file.exists() else []
            calls = [json.loads(line) for line in lines]
            return [call for call in calls if call[:2] != ["stack", "export"]]

    cli = Cli()
    cli.folder.mkdir()
    (cli.folder / "pulumi").write_text(PULUMI.format(python=sys.executable))
    (cli.folder / "pulumi").chmod(0o755)
    cli.has(BUCKET, KEY)
    monkeypatch.setenv("PATH", str(cli.folder), prepend=os.pathsep)
    return cli


@pytest.fixture
def answered(monkeypatch):
    """A terminal with somebody at it."""

    def answer(text):
        stream = io.StringIO(f"{text}\n")
        monkeypatch.setattr(stream, "isatty", lambda: True)
        monkeypatch.setattr(sys, "stdin", stream)

    return answer


@pytest.mark.parametrize("deletion", ["true", "false"])
def test_a_prod_environment_is_never_taken_away(bulwark, stack, pulumi, deletion):
    result = bulwark("teardown", "-C", stack("prod", deletion=deletion), "-s", "dev", "--yes")

    assert result.status == 2
    assert "is a prod environment" in result.err
    assert "by hand, step by step" in result.err
    assert pulumi.calls == []


@pytest.mark.parametrize("profile", ["dev", "staging"])
def test_what_is_protected_is_not_taken_away(bulwark, stack, pulumi, profile):
    result = bulwark("teardown", "-C", stack(profile, deletion="true"), "-s", "dev", "--yes")

    assert result.status == 2
    assert "protected by bulwark:protection.deletion" in result.err
    assert "set it to false and run pulumi up -s dev first" in result.err
    assert pulumi.calls == []


def test_what_the_state_still_protects_is_not_taken_away(bulwark, stack, pulumi):
    pulumi.has(BUCKET, {**KEY, "protect": True})

    result = bulwark("teardown", "-C", stack(), "-s", "dev", "--yes")

    assert result.status == 2
    assert result.err.startswith("error: key: still protected")
    assert pulumi.calls == []


def test_the_stack_must_be_named(bulwark, stack, monkeypatch):
    monkeypatch.chdir(stack())

    result = bulwark("teardown", "--yes")

    assert result.status == 2
    assert "Missing option '-s'" in result.err


def test_make_wants_the_stack_named_as_well():
    words = ["make", "-o", ".venv/.installed", "teardown"]
    environment = {k: v for k, v in os.environ.items() if k != "STACK"}

    done = subprocess.run(
        words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert "which one? make teardown STACK=dev" in done.stderr


def test_a_program_without_our_settings_is_refused(bulwark, project, pulumi):
    result = bulwark("teardown", "-C", project(""), "-s", "dev", "--yes")

    assert result.status == 2
    assert "use pulumi destroy -s dev" in result.err
    assert pulumi.calls == []


def test_without_a_terminal_nothing_goes_unless_it_is_said(bulwark, stack, pulumi, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("dev\n"))

    result = bulwark("teardown", "-C", stack(), "-s", "dev")

    assert result.status == 2
    assert "say --yes" in result.err
    assert pulumi.calls == []


@pytest.mark.parametrize("answer", ["y", "yes", "DEV", "dev2", "prod"])
def test_another_answer_than_the_stacks_name_leaves_everything(
    bulwark, stack, pulumi, answered, answer
):
    answered(answer)

    result = bulwark("teardown", "-C", stack(), "-s", "dev")

    assert result.status == 2
    assert "that is not dev; nothing was touched" in result.err
    assert pulumi.calls == []


def test_before_the_question_one_is_told_what_goes_and_what_stays(bulwark, stack, pulumi, answered):
    provider = {"urn": "::p", "type": "pulumi:providers:aws", "custom": True, "inputs": {}}
    component = {"urn": "::c", "type": "bulwark:index:AwsKeys", "custom": False, "inputs": {}}
    found = {**KEY, "urn": "::found", "external": True}
    kept = {**KEY, "urn": "::shared", "retainOnDelete": True}
    secret = {**KEY, "urn": "::db", "type": "aws:secretsmanager/secret:Secret"}
    secret["inputs"] = {"recoveryWindowInDays": 9}
    gone = {**secret, "urn": "::gone", "inputs": {"recoveryWindowInDays": 0}}
    pulumi.has(BUCKET, KEY, provider, component, found, kept, secret, gone)
    answered("no")

    result = bulwark("teardown", "-C", stack(), "-s", "dev")

    assert result.err.splitlines()[:6] == [
        "dev: what a teardown does",
        "  goes        4 resources (aws.kms 1, aws.s3 1, aws.secretsmanager 2)",
        "  goes        everything that is in trail",
        "  can return  KMS keys: 1, when asked for within 7 days",
        "  can return  secrets: 1, when asked for within 9 days",
        "  stays       shared: others in the account need it",
    ]


def test_what_azure_gives_back_is_said_with_how_long_it_does(bulwark, stack, pulumi, answered):
    def made(kind, **inputs):
        return {
            "urn": f"::{kind}",
            "type": f"azure-native:{kind}",
            "custom": True,
            "inputs": inputs,
        }

    pulumi.has(
        made("keyvault:Vault", properties={"softDeleteRetentionInDays": 7}),
        made("operationalinsights:Workspace"),
        made("apimanagement:ApiManagementService"),
        made("resources:ResourceGroup"),
    )
    answered("dev")

    shown = bulwark("teardown", "-C", stack(), "-s", "org/bulwark/dev").err.splitlines()

    vaults, workspaces, services = (line.strip() for line in shown if "can return" in line)
    assert vaults.startswith("can return  key vaults with all they hold")
    assert vaults.endswith("1, when asked for within 7 days")
    assert workspaces == "can return  workspaces with their logs: 1, when asked for within 14 days"
    assert services == "can return  API Management services: 1, when asked for within 2 days"


def test_what_a_storage_account_of_azure_holds_goes_with_it_and_is_said(bulwark, stack, pulumi):
    account = {**BUCKET, "urn": "::archive", "type": "azure-native:storage:StorageAccount"}
    pulumi.has(account, {**account, "urn": "::kept", "retainOnDelete": True})

    result = bulwark("teardown", "-C", stack(), "-s", "dev", "--yes")

    assert "goes        everything that is in archive\n" in result.err
    assert [call[0] for call in pulumi.calls] == ["destroy"]


def test_an_account_that_azure_deletes_only_once_it_is_empty_is_told(bulwark, stack, pulumi):
    account = {**BUCKET, "urn": "::files", "type": "azure-native:storage:StorageAccount"}
    lock = {"immutableStorageWithVersioning": {"enabled": True}}
    pulumi.has(account, {**account, "urn": "::archive", "inputs": lock})

    result = bulwark("teardown", "-C", stack(), "-s", "dev", "--yes")

    assert "by hand     archive: Azure deletes it once it is empty" in result.err


def test_the_buckets_are_opened_and_then_everything_is_destroyed(bulwark, stack, pulumi, answered):
    kept = {**BUCKET, "urn": "::kept", "retainOnDelete": True}
    pulumi.has(BUCKET, KEY, kept)
    answered("dev")

    result = bulwark("teardown", "-C", stack(), "-s", "org/bulwark/dev")

    assert result.status == 0, result.err
    config, up, destroy = pulumi.calls
    assert config[:5] == ["config", "set", "--path", "bulwark:protection.contents", "false"]
    assert [up[0], destroy[0]] == ["up", "destroy"]
    assert [up[i + 1] for i, word in enumerate(up) if word == "--target"] == [BUCKET["urn"]]
    copies = {call[call.index("--config-file") + 1] for call in pulumi.calls}
    assert len(copies) == 1
    assert not Path(copies.pop()).parent.exists()
    assert all(call[-2:] == ["--stack", "org/bulwark/dev"] for call in pulumi.calls)


def test_without_buckets_there_is_nothing_to_open(bulwark, stack, pulumi):
    pulumi.has(KEY)

    assert bulwark("teardown", "-C", stack(), "-s", "dev", "--yes").status == 0
    assert [call[0] for call in pulumi.calls] == ["destroy"]


@pytest.mark.parametrize(
    ("fails", "calls"), [("config", 1), ("up", 2), ("destroy", 3)], ids=["config", "up", "destroy"]
)
def test_the_first_failure_is_the_last_step(bulwark, stack, pulumi, fails, calls):
    pulumi.has(BUCKET, KEY, fails=fails)
    folder = stack()
    before = (folder / "Pulumi.dev.yaml").read_bytes()

    result = bulwark("teardown", "-C", folder, "-s", "dev", "--yes")

    assert result.status == 3
    assert len(pulumi.calls) == calls
    assert f"pulumi {fails} ended with status 9" in result.err
    assert "go on with `bulwark teardown -s dev`" in result.err
    assert (folder / "Pulumi.dev.yaml").read_bytes() == before
    copy = pulumi.calls[0][pulumi.calls[0].index("--config-file") + 1]
    assert not Path(copy).parent.exists()


def test_an_empty_stack_has_nothing_to_take_away(bulwark, stack, pulumi):
    pulumi.has()

    result = bulwark("teardown", "-C", stack(), "-s", "dev", "--yes")

    assert result.status == 0
    assert result.err == "nothing is deployed in dev\n"
    assert pulumi.calls == []


def test_a_stack_that_the_backend_does_not_know(bulwark, stack, pulumi):
    pulumi.has(says="error: no stack named 'dev' found")

    result = bulwark("teardown", "-C", stack(), "-s", "dev", "--yes")

    assert result.status == 2
    assert "there is no stack dev in this backend" in result.err


def test_without_a_pulumi_cli_one_is_told_how_to_get_it(bulwark, stack, monkeypatch):
    monkeypatch.setenv("PATH", "")

    result = bulwark("teardown", "-C", stack(), "-s", "dev", "--yes")

    assert result.status == 2
    assert "make engine" in result.err
