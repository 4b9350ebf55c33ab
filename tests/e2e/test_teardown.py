"""`make teardown STACK=dev` on the real engine: one command, and the environment is gone."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e

BULWARK = Path(sys.executable).parent / "bulwark"
PATIENCE_SECONDS = 300

STACK_FILE = """\
# Kept as it is: comments, and numbers such as 0012.
config:
  aws:region: eu-central-1
  bulwark:cloud: aws
  bulwark:profile: dev
  bulwark:protection: {deletion: false}   # here
  bulwark:tags: {owner: me, environment: dev, costCenter: "0012", dataClassification: internal}
"""

STORE = """
import os, pathlib, time
import pulumi, pulumi_aws as aws

protection = pulumi.Config("bulwark").get_object("protection") or {}
protect = protection.get("deletion", True)
key = aws.kms.Key("key", deletion_window_in_days=7, opts=pulumi.ResourceOptions(protect=protect))
aws.s3.Bucket("store", force_destroy=not protection.get("contents", True), tags={"key": key.arn})
aws.s3.Bucket("shared", opts=pulumi.ResourceOptions(retain_on_delete=True))
if "HANGS" in os.environ:
    pathlib.Path(os.environ["HANGS"]).touch()
    time.sleep(600)
"""


@pytest.fixture
def store(program):
    """A deployed program of another team, with a bucket that follows our setting."""
    project = program(STORE)
    settle(project)
    project.up()
    return project


@pytest.fixture
def environment(create, repository, tmp_path):
    """Our own project, deployed."""
    project = create(repository / "__main__.py", repository / "Pulumi.yaml")
    settle(project)
    project.up()
    return project


def settle(project):
    file = stack_file(project)
    file.write_text(STACK_FILE + (file.read_text() if file.exists() else ""))


def stack_file(project):
    return project.folder / "Pulumi.dev.yaml"


def copies(project):
    return project.folder.parent / "copies"


def start(project, *words, **variables):
    copies(project).mkdir(exist_ok=True)
    return subprocess.Popen(
        words or [BULWARK, "teardown", "-s", "dev", "--yes"],
        cwd=project.folder,
        env={**project.environment, "TMPDIR": str(copies(project)), **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def teardown(project, *words):
    with start(project, *words) as process:
        text, _ = process.communicate(timeout=PATIENCE_SECONDS)
    return process.returncode, text


def make(project, repository, answer):
    """`make teardown STACK=dev` with somebody at a terminal."""
    ours, theirs = os.openpty()
    # The virtual environment is there; the folder is another one than the Makefile's.
    makefile = ["-f", repository / "Makefile", "-o", ".venv/.installed"]
    os.write(ours, f"{answer}\n".encode())
    done = subprocess.run(
        ["make", *makefile, "teardown", "STACK=dev"],
        cwd=project.folder,
        env=project.environment,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    os.close(theirs)
    os.close(ours)
    return done.returncode, done.stdout


def test_a_dev_environment_goes_with_one_command(environment, repository):
    kept = {r["urn"] for r in environment.resources().values() if r.get("retainOnDelete")}
    before = stack_file(environment).read_bytes()

    status, text = make(environment, repository, "dev")

    assert status == 0, text
    assert environment.resources() == {}
    created = {entry["urn"] for entry in environment.cloud("create")}
    assert {entry["urn"] for entry in environment.cloud("delete")} == created - kept
    assert kept
    for urn in kept:
        assert urn.rpartition("::")[2] in text
    assert stack_file(environment).read_bytes() == before


def test_every_bucket_of_ours_is_opened_before_it_is_deleted(environment):
    status, text = teardown(environment)

    assert status == 0, text
    opened = set()
    for entry in environment.cloud("update", "delete"):
        if entry["type"] == "aws:s3/bucket:Bucket":
            if entry["call"] == "update":
                assert entry["inputs"]["forceDestroy"]
                opened.add(entry["urn"])
            else:
                assert entry["urn"] in opened


def test_a_bucket_is_opened_right_before_its_deletion_and_nothing_else_is_changed(store):
    before = stack_file(store).read_bytes()

    status, text = teardown(store)

    assert status == 0, text
    calls = store.cloud("update", "delete")
    assert [(e["call"], e["name"]) for e in calls] == [
        ("update", "store"),
        ("delete", "store"),
        ("delete", "key"),
    ]
    assert calls[0]["inputs"]["forceDestroy"] is True
    assert store.resources() == {}
    assert stack_file(store).read_bytes() == before
    assert list(copies(store).glob("bulwark-*")) == []


def test_another_answer_leaves_everything(store, repository):
    before = store.resources(), stack_file(store).read_bytes()

    status, text = make(store, repository, "yes")

    assert status == 2
    assert "nothing was touched" in text
    assert store.cloud("update", "delete") == []
    assert (store.resources(), stack_file(store).read_bytes()) == before


def test_prod_refuses_and_nothing_is_asked_of_the_provider(store):
    stack_file(store).write_text(
        stack_file(store).read_text().replace("profile: dev", "profile: prod")
    )
    before = store.journal.read_bytes()

    status, text = teardown(store)

    assert status == 2
    assert "is a prod environment" in text
    assert store.journal.read_bytes() == before


def test_a_protection_that_is_lifted_in_the_file_only_still_holds(program):
    project = program(STORE)
    settle(project)
    project.set("bulwark:protection.deletion", value=True)
    project.up()
    project.set("bulwark:protection.deletion", value=False)

    refused, text = teardown(project)
    assert refused == 2
    assert "key: still protected" in text
    assert project.cloud("update", "delete") == []

    project.up()
    status, text = teardown(project)
    assert status == 0, text


@pytest.mark.parametrize("how", ["the terminal", "kill"])
def test_an_interruption_leaves_the_stack_file_alone_and_can_be_gone_on_from(store, how, tmp_path):
    before = stack_file(store).read_bytes()
    hangs = tmp_path / "hangs"
    with start(store, HANGS=str(hangs)) as process:
        wait_for(hangs, process)
        assert list(copies(store).glob("bulwark-*"))
        if how == "kill":
            process.terminate()
        else:
            os.killpg(process.pid, signal.SIGINT)
        text, _ = process.communicate(timeout=PATIENCE_SECONDS)

    assert process.returncode != 0
    assert stack_file(store).read_bytes() == before
    assert list(copies(store).glob("bulwark-*")) == []
    assert store.cloud("delete") == []
    assert "Traceback" not in text

    status, text = teardown(store)
    assert status == 0, text
    assert store.resources() == {}


def test_a_second_teardown_has_nothing_to_do(store):
    teardown(store)

    assert teardown(store) == (0, "nothing is deployed in dev\n")


def test_a_stack_that_is_not_in_the_backend_is_told(store):
    store.pulumi("stack", "rm", "dev", "--yes", "--force", "--preserve-config")

    status, text = teardown(store)

    assert status == 2
    assert "there is no stack dev in this backend" in text


def wait_for(file, process):
    patience = time.monotonic() + PATIENCE_SECONDS
    while not file.exists():
        assert process.poll() is None, process.stdout.read()
        assert time.monotonic() < patience
        time.sleep(0.05)
