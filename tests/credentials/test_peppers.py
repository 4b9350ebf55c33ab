import base64
import json

import pytest

from bulwark_runtime.credentials import LoadedPeppers, PepperError, Peppers


def secret(current="v2", **peppers):
    found = {v: base64.b64encode(value).decode() for v, value in peppers.items()}
    return json.dumps({"current": current, "peppers": found})


def test_peppers_are_read_from_the_secrets_text():
    peppers = Peppers.from_json(secret(v1=b"1" * 32, v2=b"2" * 32))

    assert peppers.current == "v2"
    assert peppers.values == {"v1": b"1" * 32, "v2": b"2" * 32}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hunter2",
        "[]",
        "{}",
        '{"current": "v1", "peppers": []}',
        '{"current": "v1", "peppers": {"v1": 7}}',
        '{"current": "v1", "peppers": {"v1": "hunter2!"}}',
        secret(v1=b"1" * 32),
        secret(v2=b"2" * 31),
        secret("x", x=b"x" * 32),
    ],
)
def test_what_is_not_peppers_is_an_error_without_the_text(text):
    with pytest.raises(PepperError) as error:
        Peppers.from_json(text)

    shown = f"{error.value!r} {error.value.__cause__!r}"
    assert "hunter2" not in shown
    assert base64.b64encode(b"2" * 31).decode() not in shown


def test_no_value_shows_in_the_text_of_peppers():
    assert "b'" not in repr(Peppers.from_json(secret(v2=b"2" * 32)))


def test_they_are_read_once_and_again_when_they_are_old(local, clock):
    peppers = LoadedPeppers(local.shelf.load, clock, keep_seconds=300)
    for _ in range(3):
        peppers.value("v1")
    assert local.shelf.readings == 1

    clock.pass_(300)
    local.shelf.rotate()
    assert peppers.current() == "v2"
    assert local.shelf.readings == 2


def test_an_unknown_version_is_looked_for_once_more(local, clock):
    peppers = LoadedPeppers(local.shelf.load, clock)
    peppers.value("v1")
    local.shelf.rotate()
    clock.pass_(1)

    assert peppers.value("v2") == b"2" * 32
    with pytest.raises(PepperError, match="there is no pepper v3"):
        peppers.value("v3")


def test_versions_that_are_not_there_do_not_make_it_read_all_the_time(local, clock):
    peppers = LoadedPeppers(local.shelf.load, clock)
    peppers.value("v1")
    for number in range(100):
        with pytest.raises(PepperError):
            peppers.value(f"v{number + 3}")
        clock.pass_(0.05)

    assert local.shelf.readings <= 6
