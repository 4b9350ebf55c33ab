"""Code brought into a function app, through a fake of Azure with the SDK's own client."""

import io
import json
import zipfile

import pytest
from deployment_door import BRING, LOOK

from bulwark_toolkit.cli import publish as verb


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch):
    monkeypatch.setattr(verb, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(verb, "_MOST_QUESTIONS", 5)


@pytest.fixture
def package(tmp_path):
    path = tmp_path / "payouts-python3.13-azure.zip"
    with zipfile.ZipFile(path, "w") as file:
        for name in ("function_app.py", "host.json", "main.py"):
            file.writestr(name, "{}")
    return path


@pytest.fixture
def app(door):
    """A function app whose door takes code and is done with it at once."""
    return door.app()


@pytest.fixture
def published(bulwark, app, package):
    return lambda *more: bulwark("publish", package, "--app", app, *more)


def brought(door):
    """The files of each package that came."""
    for method, _, _, body in door.server.requests:
        if method == "POST":
            with zipfile.ZipFile(io.BytesIO(body)) as file:
                yield {name: file.read(name).decode() for name in file.namelist()}


def test_the_package_comes_to_the_apps_own_door_with_the_deployers_token(published, door, package):
    result = published()

    assert (result.status, result.out) == (0, f"{package.name} runs in payouts\n"), result.err
    assert list(brought(door)) == [dict.fromkeys(("function_app.py", "host.json", "main.py"), "{}")]
    (headers,) = [dict(h) for method, _, h, _ in door.server.requests if method == "POST"]
    assert headers["Authorization"] == "Bearer token"
    assert headers["Content-Type"] == "application/zip"


def test_files_lie_beside_the_code(published, door, tmp_path):
    files = tmp_path / "files.json"
    files.write_text(json.dumps({"guard/document.json": "[1]"}))

    result = published("--files", files)

    assert result.status == 0, result.err
    (found,) = brought(door)
    assert found["guard/document.json"] == "[1]"


def test_the_same_files_make_the_same_package(package):
    first, second = (verb._with(package, {"b": "2", "a": "1"}) for _ in range(2))

    assert first == second


def test_a_door_that_is_not_there_yet_is_waited_for(published, door):
    door.in_turn[BRING] = [(404, {}), (409, {}), (202, "one")]
    door.in_turn[LOOK] = [(404, {}), (200, {"status": 1}), (200, {"status": 4})]

    result = published()

    assert result.status == 0, result.err


@pytest.mark.parametrize(
    ("status", "said"),
    [(3, "failed"), (-1, "was cancelled"), (6, "triggers could not be read"), (9, "ended as 9")],
)
def test_a_deployment_that_ends_otherwise_fails_the_run(published, door, status, said):
    door.in_turn[LOOK] = [(200, {"status": status})]

    result = published()

    assert result.status == 2
    assert said in result.err
    assert "tries again" in result.err


def test_what_never_ends_ends_here(published, door):
    door.in_turn[LOOK] = [(200, {"status": 2})]

    assert "not ended in time" in published().err


def test_a_door_that_never_opens_is_left(published, door):
    door.in_turn[BRING] = [(503, {})]

    assert "does not take code" in published().err


def test_who_may_not_is_told_which_role(published, door):
    door.in_turn[BRING] = [(403, {})]

    assert "Website Contributor" in published().err


def test_an_app_without_a_public_address_wants_a_runner_in_its_network(published, door):
    door.app(publicNetworkAccess="Disabled")
    door.in_turn[BRING] = [(403, {})]

    result = published()

    assert "run this in the environment's network" in result.err


def test_an_app_that_is_not_there_is_said_so(bulwark, app, package):
    result = bulwark("publish", package, "--app", f"{app}-other")

    assert result.status == 2
    assert "deploy the stack first" in result.err


def test_a_package_that_is_not_for_azure_goes_nowhere(bulwark, door, app, tmp_path):
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(other, "w") as file:
        file.writestr("main.py", "")

    result = bulwark("publish", other, "--app", app)

    assert "is not for Azure" in result.err
    assert door.server.requests == []


@pytest.mark.parametrize("text", ["[]", "{", '{"a": 1}'])
def test_files_that_are_none_are_refused(published, tmp_path, text):
    files = tmp_path / "files.json"
    files.write_text(text)

    result = published("--files", files)

    assert "a JSON object of paths and texts" in result.err


def test_a_file_of_the_package_is_not_replaced(published, tmp_path):
    files = tmp_path / "files.json"
    files.write_text('{"host.json": "{}"}')

    result = published("--files", files)

    assert "has a host.json already" in result.err


@pytest.mark.parametrize("app", ["payouts", "/subscriptions/s/resourceGroups/g"])
def test_an_app_is_named_by_its_full_id(bulwark, package, app):
    result = bulwark("publish", package, "--app", app)

    assert "full id of a function app" in result.err
