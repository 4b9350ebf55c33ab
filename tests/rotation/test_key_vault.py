"""Rotation in Key Vault: what is due gets its next value, whatever is repeated, doubled or cut."""

import base64
import contextlib
import json
import logging
from datetime import UTC, datetime, timedelta

import pytest

from bulwark_runtime.rotation import RotationError, azure
from bulwark_runtime.rotation.renewal import SETTLING

START = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 30
OLD = "x" * 32
V1, V2 = (base64.b64encode(letter * 32).decode() for letter in (b"1", b"2"))
PEPPERS = json.dumps({"current": "v2", "peppers": {"v1": V1, "v2": V2}})
FIRST = {"generated": OLD, "pepper": PEPPERS}

KINDS = pytest.mark.parametrize("kind", ["generated", "pepper"])


def peppers(text):
    record = json.loads(text)
    return record["current"], record["peppers"]


# When


@KINDS
def test_a_secret_that_is_not_there_gets_its_first_value_at_once(in_vault, kind):
    secret = in_vault(kind)

    assert secret.run() == "first value"
    if kind == "pepper":
        assert peppers(secret.value)[0] == "v1"
    else:
        assert len(secret.value) == 32


@KINDS
def test_until_it_is_due_nothing_is_written_and_no_value_read(in_vault, kind):
    secret = in_vault(kind).has(FIRST[kind]).after(DAYS - 1)
    secret.vault.server.requests.clear()

    assert secret.run() == "unchanged"
    assert secret.values == [FIRST[kind]]
    (path,) = secret.vault.asked()
    assert path.startswith("/secrets/it/versions?")


@KINDS
def test_when_its_days_are_over_there_is_another_value(in_vault, kind):
    secret = in_vault(kind).has(FIRST[kind])
    secret.rotate()

    assert secret.value != FIRST[kind]


@KINDS
def test_who_ends_a_version_asks_for_the_next_one(in_vault, kind):
    secret = in_vault(kind).has(FIRST[kind]).after(1)
    (version,) = secret.vault.secrets["it"]
    secret.client.update_secret_properties("it", version["id"], expires_on=secret.now)

    secret.run()
    secret.after(minutes=15).run()

    assert secret.value != FIRST[kind]


def test_the_days_count_from_a_value_that_somebody_set(in_vault):
    secret = in_vault("generated").has(OLD).after(DAYS - 1).has("set by hand")

    assert secret.after(DAYS - 1).run() == "unchanged"


@KINDS
def test_key_vault_tells_of_an_end_a_week_after_a_rotation_that_has_not_come(in_vault, kind):
    secret = in_vault(kind)
    secret.run()
    secret.rotate()

    # "The event is triggered 30 days before the expiration date", of the newest version alone.
    told = [version["exp"] - 30 * 86_400 for version in secret.vault.secrets["it"]]
    made = [version["at"] for version in secret.vault.secrets["it"]]
    assert {(t - m) // 86_400 for t, m in zip(told, made, strict=True)} == {DAYS + 7}


# What


def test_for_a_generated_value_no_old_one_is_read(in_vault):
    secret = in_vault("generated").has(OLD)
    secret.vault.server.requests.clear()
    secret.rotate()

    assert len(secret.values) == 2
    assert all("/versions?" in path for path in secret.vault.asked("GET"))


def test_a_pepper_that_is_retired_while_the_next_is_held_back_waits_for_the_next_rotation(in_vault):
    secret = in_vault("pepper").has(PEPPERS).after(DAYS)
    secret.run()
    secret.settings["bulwark:retired"] = "v2"
    secret.after(minutes=15).run()
    assert list(peppers(secret.value)[1]) == ["v1", "v2", "v3"]

    secret.rotate()
    assert list(peppers(secret.value)[1]) == ["v1", "v3", "v4"]


def test_what_key_vault_is_too_small_for_is_not_sent(in_vault):
    many = {f"v{n}": V1 for n in range(1, 500)}
    secret = in_vault("pepper").has(json.dumps({"current": "v1", "peppers": many})).after(DAYS)
    secret.vault.server.requests.clear()

    with pytest.raises(RotationError, match="retire peppers that no hash needs"):
        secret.run()
    assert secret.vault.asked("PUT") == []


# A new version is what readers get: what must not be lost is written before it is used.


def test_a_new_pepper_is_with_every_reader_before_it_is_used(in_vault):
    secret = in_vault("pepper").has(PEPPERS).after(DAYS)

    assert secret.run() == "next value held back"
    current, found = peppers(secret.value)
    assert current == "v2"
    assert list(found) == ["v1", "v2", "v3"]

    assert secret.after(minutes=9).run() == "unchanged"
    assert secret.after(minutes=1).run() == "next value"
    assert peppers(secret.value) == ("v3", found)


@KINDS
def test_the_value_before_can_be_read_until_the_next_rotation_and_no_longer(in_vault, kind):
    secret = in_vault(kind).has(FIRST[kind])
    secret.rotate()
    second = secret.value
    assert secret.after(DAYS - 2).run() == "unchanged"
    assert FIRST[kind] in secret.usable

    secret.after(2)
    secret.rotate()

    assert FIRST[kind] not in secret.usable
    assert second in secret.usable
    assert secret.value == secret.usable[-1]


def test_of_more_versions_than_an_answer_holds_the_newest_counts(in_vault):
    secret = in_vault("generated")
    for _ in range(30):
        secret.rotate()

    assert len(secret.values) == 30
    assert len(secret.usable) <= 2


# Twice at once, cut, and repeated


class Racing:
    """A client that lets another run go first, once, before a call."""

    def __init__(self, client, call, other):
        self._client, self._call, self._other = client, call, other

    def __getattr__(self, name):
        if name == self._call and self._other:
            other, self._other = self._other, None
            other()
        return getattr(self._client, name)


CALLS = ("list_properties_of_secret_versions", "get_secret", "set_secret")


@pytest.mark.parametrize("call", CALLS)
def test_of_two_peppers_made_at_once_none_is_used_that_is_lost(in_vault, call):
    secret = in_vault("pepper").has(PEPPERS).after(DAYS)
    mine = secret.client
    used = []

    def other():
        racing, secret.client = secret.client, mine
        secret.run()
        secret.client = racing

    secret.client = Racing(mine, call, other)
    for _ in range(4):
        secret.run()
        secret.client = mine
        current, found = peppers(secret.value)
        used.append((current, found[current]))
        secret.after(minutes=15)

    final = peppers(secret.value)[1]
    assert used[-1][0] != "v2"
    assert all(final[version] == value for version, value in used)


@pytest.mark.parametrize("call", CALLS)
def test_two_that_release_a_pepper_at_once_write_the_same(in_vault, call):
    secret = in_vault("pepper").has(PEPPERS).after(DAYS)
    secret.run()
    secret.after(minutes=15)
    mine = secret.client

    def other():
        racing, secret.client = secret.client, mine
        secret.run()
        secret.client = racing

    secret.client = Racing(mine, call, other)
    secret.run()

    held, *released = secret.values[1:]
    assert {peppers(value) == ("v3", peppers(held)[1]) for value in released} == {True}


def test_two_that_make_a_generated_value_at_once_leave_the_old_one_readable(in_vault):
    secret = in_vault("generated").has(OLD).after(DAYS)
    mine = secret.client

    def other():
        racing, secret.client = secret.client, mine
        secret.run()
        secret.client = racing

    secret.client = Racing(mine, "set_secret", other)
    secret.run()
    secret.client = mine
    secret.after(DAYS - 1).run()

    assert OLD in secret.usable


class CutError(Exception):
    """What a crash looks like from inside a test."""


class Cut:
    """A client that breaks at a call, before it or after."""

    def __init__(self, client, at, *, before):
        self._client, self._at, self._before, self._number = client, at, before, -1

    def __getattr__(self, name):
        found = getattr(self._client, name)

        def call(*args, **more):
            self._number += 1
            if self._number == self._at and self._before:
                raise CutError(name)
            answer = found(*args, **more)
            if self._number == self._at:
                raise CutError(name)
            return answer

        return call


@KINDS
@pytest.mark.parametrize("at", range(3))
@pytest.mark.parametrize("before", [True, False], ids=["not done", "done, answer lost"])
def test_a_run_that_is_cut_is_made_up_for_by_the_next(in_vault, kind, at, before):
    secret = in_vault(kind).has(FIRST[kind]).after(DAYS)
    mine = secret.client
    secret.client = Cut(mine, at, before=before)
    with contextlib.suppress(CutError):
        secret.run()
    secret.client = mine

    for _ in range(2):
        secret.after(minutes=15).run()

    assert secret.value != FIRST[kind]
    assert FIRST[kind] in secret.usable
    if kind == "pepper":
        current, found = peppers(secret.value)
        assert (current, list(found)) == ("v3", ["v1", "v2", "v3"])


# What it does not touch


@KINDS
def test_a_version_that_somebody_switched_off_is_left_so_and_said(in_vault, kind):
    secret = in_vault(kind).has(FIRST[kind])
    secret.vault.secrets["it"][-1]["enabled"] = False

    with pytest.raises(RotationError, match="its newest version is off"):
        secret.after(DAYS).run()
    assert len(secret.values) == 1


# A whole run

PLAN = json.dumps(
    {
        "session-key": {"kind": "generated", "days": DAYS, "settings": {"bulwark:length": "48"}},
        "pepper": {"kind": "pepper", "days": DAYS},
        "webhook-key": {"kind": "generated", "days": DAYS},
    }
)


@pytest.fixture
def run(vault, vault_client):
    vault.now, vault.tick = int(START.timestamp()), 0
    return lambda: azure.rotate(vault_client, azure.planned(PLAN), START)


def test_a_run_goes_through_the_plan(vault, run):
    run()

    assert set(vault.secrets) == {"session-key", "pepper", "webhook-key"}
    assert len(vault.value("session-key")) == 48


@pytest.mark.parametrize(
    "refusal", [(403, "Forbidden", "ForbiddenByRbac"), (409, "Conflict", "ObjectIsDeleted")]
)
def test_one_that_fails_keeps_no_other_from_its_value_and_the_run_has_failed(
    vault, run, caplog, refusal
):
    vault.refuses_of["pepper"] = refusal
    with (
        caplog.at_level(logging.INFO, "bulwark.rotation"),
        pytest.raises(RotationError, match="no rotation of pepper"),
    ):
        run()

    assert set(vault.secrets) == {"session-key", "webhook-key"}
    lines = {line["secret"]: line for line in map(json.loads, caplog.messages) if "secret" in line}
    assert lines["pepper"]["message"] == "failed"
    assert lines["pepper"]["level"] == "ERROR"
    assert refusal[2] in lines["pepper"]["reason"]
    assert lines["webhook-key"]["message"] == "first value"
    assert '"message": "rotation over", "secrets": 3, "failed": 1' in caplog.text


def test_no_value_is_in_a_log_line_or_an_error(vault, vault_client, run, caplog):
    vault_client.set_secret("pepper", "hunter2-hunter2")
    vault.secrets["pepper"][-1]["at"] -= 100 * 86_400
    with caplog.at_level(logging.DEBUG), pytest.raises(RotationError) as error:
        run()

    told = caplog.text + str(error.value)
    assert "not in the form of peppers" in told
    assert "hunter2" not in told
    assert not any(vault.value(name) in told for name in ("session-key", "webhook-key"))


def test_what_key_vault_says_as_it_refuses_is_not_repeated(vault, run, caplog):
    vault.refuses = 400, "BadParameter", None
    with caplog.at_level(logging.DEBUG), pytest.raises(RotationError):
        run()

    assert '"reason": "HttpResponseError 400 BadParameter"' in caplog.text
    assert "no: " not in caplog.text


def test_the_timer_asks_each_quarter_of_an_hour_and_that_is_longer_than_a_value_settles():
    from bulwark_runtime.rotation.azure_app import app

    (function,) = app.get_functions()
    (trigger,) = json.loads(function.get_function_json())["bindings"]
    assert trigger["type"] == "timerTrigger"
    assert trigger["schedule"] == "0 */15 * * * *"
    assert timedelta(minutes=15) > SETTLING
