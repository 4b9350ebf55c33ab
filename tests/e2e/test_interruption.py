"""A machine that dies in the middle of an update, and the person who cleans up after it."""

import os
import signal
import subprocess
import time

import pytest

pytestmark = pytest.mark.e2e

HANGS_AT = "BULWARK_STAND_IN_HANGS_AT"


@pytest.fixture
def killed(project):
    """A project whose first `up` was killed while the cloud was creating a resource."""
    kill(project, signal.SIGKILL)
    return project


def test_a_killed_up_leaves_no_process_behind(project):
    group = kill(project, signal.SIGKILL)

    wait_until(lambda: not processes(group), "its plugins are gone")


def test_the_next_up_says_that_the_stack_is_locked_and_how_to_unlock_it(killed):
    refused = killed.pulumi("up", "--yes", fails=True)

    assert "locked" in refused.text
    assert "pulumi cancel" in refused.text


def test_the_state_remembers_what_was_under_way(killed):
    killed.pulumi("cancel", "--yes")

    pending = killed.state()["pending_operations"]

    assert killed.sample.interrupted in [name(op["resource"]["urn"]) for op in pending]
    assert {op["type"] for op in pending} == {"creating"}


def test_importing_what_the_cloud_had_created_recovers_without_duplicates(killed):
    killed.pulumi("cancel", "--yes")

    # The engine notes an operation before it asks the provider, so not all of them came to pass.
    exist = {entry["urn"] for entry in killed.cloud("create")}
    for operation in killed.state()["pending_operations"]:
        if operation["resource"]["urn"] in exist:
            import_(killed, operation["resource"])
    killed.refresh("--clear-pending-creates")
    killed.up()

    created = [entry["urn"] for entry in killed.cloud("create")]
    assert len(created) == len(set(created))
    assert "pending_operations" not in killed.state()
    assert killed.up().changes == {}


def test_clearing_what_was_under_way_creates_it_again(killed):
    killed.pulumi("cancel", "--yes")

    killed.refresh("--clear-pending-creates")
    killed.up()

    # The first one is still in the cloud, and nobody but the journal knows of it.
    created = [entry["name"] for entry in killed.cloud("create")]
    assert created.count(killed.sample.interrupted) == 2
    assert killed.up().changes == {}


def test_an_interrupted_up_ends_without_a_traceback_and_leaves_no_process_behind(project):
    with project.start("up", "--yes", "--skip-preview", **hanging(project)) as process:
        wait_for_creation(project)
        os.killpg(process.pid, signal.SIGINT)
        text, _ = process.communicate(timeout=60)

    assert process.returncode != 0
    assert "Traceback" not in text
    assert "KeyboardInterrupt" not in text
    wait_until(lambda: not processes(process.pid), "its plugins are gone")


def kill(project, how):
    """Kill an `up` once it is under way; the id of its session."""
    with project.start("up", "--yes", "--skip-preview", **hanging(project)) as process:
        wait_for_creation(project)
        process.send_signal(how)
    return process.pid


def hanging(project):
    return {HANGS_AT: project.sample.interrupted}


def wait_for_creation(project):
    wait_until(
        lambda: project.sample.interrupted in [e["name"] for e in project.cloud("create")],
        f"{project.sample.interrupted} is being created",
    )


def import_(project, resource):
    """Tell Pulumi of what the cloud has, as a person would who has looked it up there."""
    (found,) = [e for e in project.cloud("create") if e["urn"] == resource["urn"]]
    project.pulumi(
        "import",
        resource["type"],
        found["name"],
        found["id"],
        f"--parent={resource['parent']}",
        "--generate-code=false",
        f"--protect={str(resource.get('protect', False)).lower()}",
        "--skip-preview",
        "--yes",
    )


def processes(session):
    """The processes of a session that are still running."""
    found = subprocess.run(
        ["ps", "-o", "args=", "--sid", str(session)], capture_output=True, check=False
    )
    return found.stdout.splitlines()


def wait_until(condition, what):
    for _ in range(600):
        if condition():
            return
        time.sleep(0.1)
    pytest.fail(f"waited in vain until {what}")


def name(urn):
    return urn.rpartition("::")[2]
