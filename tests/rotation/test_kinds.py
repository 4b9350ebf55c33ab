"""What the next value is like, on every cloud."""

import base64
import json

import pytest

from bulwark_runtime.rotation import RotationError

OLD = "x" * 32
V1, V2 = (base64.b64encode(letter * 32).decode() for letter in (b"1", b"2"))
PEPPERS = json.dumps({"current": "v2", "peppers": {"v1": V1, "v2": V2}})
FIRST = {"generated": OLD, "pepper": PEPPERS}


def peppers(text):
    record = json.loads(text)
    return record["current"], record["peppers"]


@pytest.mark.parametrize("kind", FIRST)
def test_there_is_another_value_and_the_one_before_can_still_be_read(anywhere, kind):
    secret = anywhere(kind).has(FIRST[kind])
    secret.rotate()

    assert secret.value != FIRST[kind]
    assert FIRST[kind] in secret.readable


def test_a_generated_value_is_long_and_each_time_another(anywhere):
    secret = anywhere("generated").has(OLD)
    found = set()
    for _ in range(3):
        secret.rotate()
        found.add(secret.value)

    assert len(found) == 3
    assert {len(value) for value in found} == {32}
    assert all(value.isascii() and value.isalnum() for value in found)


def test_a_setting_says_how_long(anywhere):
    secret = anywhere("generated", length="48").has(OLD)
    secret.rotate()

    assert len(secret.value) == 48


@pytest.mark.parametrize("length", ["11", "4097", "many", "-20", "٣٢"])
def test_a_length_out_of_bounds_is_refused(anywhere, length):
    secret = anywhere("generated", length=length).has(OLD)

    with pytest.raises(RotationError, match="bulwark:length is not 12 to 4096"):
        secret.rotate()


def test_a_pepper_is_added_and_the_old_ones_stay(anywhere):
    secret = anywhere("pepper").has(PEPPERS)
    secret.rotate()

    current, found = peppers(secret.value)
    assert current == "v3"
    assert (found["v1"], found["v2"]) == (V1, V2)
    assert len(base64.b64decode(found["v3"])) == 32


def test_each_rotation_adds_one_pepper(anywhere):
    secret = anywhere("pepper").has(PEPPERS)
    for _ in range(3):
        secret.rotate()

    assert list(peppers(secret.value)[1]) == ["v1", "v2", "v3", "v4", "v5"]


def test_peppers_that_no_hash_needs_are_taken_away_when_they_are_named(anywhere):
    secret = anywhere("pepper", retired="v1").has(PEPPERS)
    secret.rotate()

    assert list(peppers(secret.value)[1]) == ["v2", "v3"]


def test_the_current_pepper_is_not_retired(anywhere):
    secret = anywhere("pepper", retired="v1 v2").has(PEPPERS)

    with pytest.raises(RotationError, match="pepper v2 is in use"):
        secret.rotate()
    assert secret.value == PEPPERS


def test_a_version_never_comes_again_though_the_newest_was_retired(anywhere):
    text = json.dumps({"current": "v1", "peppers": {"v1": V1, "v7": V2}})
    secret = anywhere("pepper", retired="v7").has(text)
    secret.rotate()

    assert list(peppers(secret.value)[1]) == ["v1", "v8"]


def test_what_is_not_peppers_is_refused_unquoted(anywhere):
    secret = anywhere("pepper").has("hunter2-hunter2")

    with pytest.raises(RotationError) as error:
        secret.rotate()
    assert str(error.value) == "the secret is not in the form of peppers"
    assert error.value.__cause__ is None


def test_a_full_secret_says_what_to_do(anywhere):
    many = {f"v{n}": V1 for n in range(1, 1260)}
    secret = anywhere("pepper").has(json.dumps({"current": "v1", "peppers": many}))

    with pytest.raises(RotationError, match="retire peppers that no hash needs"):
        secret.rotate()
