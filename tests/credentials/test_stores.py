"""What every store must do: one suite for the file, and each cloud's table and secrets."""

import contextlib
import threading
from dataclasses import replace

import pytest

from bulwark_runtime.credentials.records import Hash, Reset, User, fresh_version

PLACES = {
    "local": "local",
    "table": "table_world",
    "secrets": "secrets_world",
    "azure-table": "azure_world",
    "azure-secrets": "azure_secrets_world",
}

PASSWORD = "blue lamp 47 under rain"
OTHER = "seven green boats at noon"
HASHES = (Hash("$2b$04$first", "v1"), Hash("$2b$04$before", None))


@pytest.fixture(params=PLACES)
def world(request):
    return request.getfixturevalue(PLACES[request.param])


def user(name="ada", **changes):
    return User(id=name, hashes=HASHES, changed_at=7, **changes)


def changed(found, **changes):
    return replace(found, version=fresh_version(), **changes)


def known(found):
    """A user without what is the store's own business."""
    return found and replace(found, kept=None)


def together(count, do):
    """What so many threads get that start as one."""
    barrier, got = threading.Barrier(count), [None] * count

    def run(number):
        barrier.wait()
        got[number] = do(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


def test_a_user_comes_back_as_saved(world):
    saved = user(resets=(Reset("d1", 9),), last_request="r1", enabled=False)

    assert world.users().save(saved, replacing=None)

    assert known(world.users().load("ada")) == saved


def test_who_was_never_saved_is_not_there(world):
    assert world.users().load("nobody") is None


@pytest.mark.parametrize("name", ["é", "a b", "user#1", "x" * 256, "../etc", '"; DROP TABLE'])
def test_an_id_is_kept_letter_by_letter(world, name):
    world.users().save(user(name), replacing=None)

    assert world.users().load(name).id == name


def test_a_user_is_not_made_twice(world):
    world.users().save(first := user(), replacing=None)

    assert not world.users().save(user(enabled=False), replacing=None)
    assert known(world.users().load("ada")) == first


def test_only_what_was_read_is_replaced(world):
    users = world.users()
    users.save(user(), replacing=None)
    read = users.load("ada")
    faster = changed(read, enabled=False)
    assert users.save(faster, replacing=read)

    assert not users.save(changed(read, hashes=HASHES[:1]), replacing=read)
    assert known(users.load("ada")) == known(faster)


def test_a_save_whose_answer_was_lost_may_be_repeated(world):
    users = world.users()
    users.save(user(), replacing=None)
    read = users.load("ada")
    new = changed(read, enabled=False)
    users.save(new, replacing=read)

    assert users.save(new, replacing=read)


def test_of_many_changes_at_once_one_wins(world):
    world.users().save(user(), replacing=None)
    read = world.users().load("ada")

    won = together(8, lambda n: world.users().save(changed(read, changed_at=n), replacing=read))

    assert won.count(True) == 1
    assert world.users().load("ada").changed_at == won.index(True)


def test_of_many_new_users_of_one_name_one_is_made(world):
    made = together(
        8,
        lambda n: world.users().save(
            User(id="ada", hashes=(Hash(f"$2b$04${n}", "v1"),), changed_at=n), replacing=None
        ),
    )

    assert made.count(True) == 1
    winner = world.users().load("ada")
    assert winner.changed_at == made.index(True)
    assert winner.hash.text == f"$2b$04${made.index(True)}"


def test_a_removed_user_is_gone_and_the_name_is_free(world):
    users = world.users()
    users.save(user(), replacing=None)

    assert users.remove("ada", found=users.load("ada"))

    assert users.load("ada") is None
    assert users.save(user(enabled=False), replacing=None)
    assert not users.load("ada").enabled


def test_a_user_who_changed_meanwhile_is_not_removed(world):
    users = world.users()
    users.save(user(), replacing=None)
    read = users.load("ada")
    users.save(changed(read, enabled=False), replacing=read)

    assert not users.remove("ada", found=read)
    assert users.load("ada") is not None


def test_all_users_are_found_page_by_page(world):
    names = {f"user-{number}" for number in range(7)}
    for name in names:
        world.users().save(user(name), replacing=None)

    found, cursor, pages = [], None, 0
    while pages == 0 or cursor:
        page = world.users().scan(cursor, limit=3)
        found += [one.id for one in page.users]
        cursor, pages = page.cursor, pages + 1

    assert sorted(found) == sorted(names)
    assert pages == 3


def test_hashes_show_in_no_text_about_a_user(world):
    world.users().save(user(resets=(Reset("digest", 1),)), replacing=None)

    text = repr(world.users().load("ada"))

    assert "$2b$" not in text
    assert "digest" not in text


@pytest.mark.parametrize("before", [True, False], ids=["not done", "done, answer lost"])
@pytest.mark.parametrize("write", range(3))
def test_a_crash_while_removing_lets_nobody_in_and_is_finished_by_the_next(world, write, before):
    world.users().save(saved := user(), replacing=None)
    world.line.cut(write, before=before)
    with contextlib.suppress(world.line.Cut):
        world.users().remove("ada", found=world.users().load("ada"))
    world.line.mend()

    there = world.users().load("ada")
    assert there is None or known(there) == saved
    assert world.users().remove("ada", found=there)
    assert world.leftovers() == []


@pytest.mark.parametrize("before", [True, False], ids=["not done", "done, answer lost"])
@pytest.mark.parametrize("write", range(4))
def test_a_crash_while_making_a_user_leaves_nothing_that_the_next_does_not_clear(
    world, write, before
):
    world.line.cut(write, before=before)
    with contextlib.suppress(world.line.Cut):
        world.users().save(first := user(), replacing=None)
    world.line.mend()

    there = world.users().load("ada")
    assert there is None or known(there) == first
    if there is None:
        assert world.users().save(user(), replacing=None)
        assert world.users().load("ada").hashes == HASHES
    assert world.users().remove("ada", found=world.users().load("ada"))
    assert world.leftovers() == []


def test_for_who_is_not_there_the_services_are_asked_the_same(world):
    """Else the time that an answer takes would tell who is a user."""
    vault = world.vault()
    for name in ("ada", "disabled"):
        vault.register(name, PASSWORD)
    vault.disable("disabled")
    vault.verify("first-of-all", OTHER)  # where it is missing, makes what is read for nobody
    tries = {
        "verify": vault.verify,
        "change": lambda name, password: vault.change(name, password, "paper moon 7 over tin"),
        "begin_reset": lambda name, _: vault.begin_reset(name),
        "finish_reset": lambda name, _: vault.finish_reset(name, "no-token", OTHER),
    }

    def asked(name):
        calls = {}
        for operation, done in tries.items():
            world.line.calls.clear()
            done(name, OTHER)
            calls[operation] = list(world.line.calls)
        return calls

    assert asked("nobody") == asked("ada") == asked("disabled")


def test_attempts_come_back_as_saved_and_only_the_expected_ones_are_replaced(world):
    counters = world.attempts()
    attempts, version = counters.load("ada")
    assert (attempts.buckets, version) == ({}, None)
    assert counters.save("ada", attempts, expected=None, expires_at=9)

    _, version = counters.load("ada")
    assert not counters.save("ada", attempts, expected=None, expires_at=9)
    assert counters.save("ada", attempts, expected=version, expires_at=9)
    assert not counters.save("ada", attempts, expected=version, expires_at=9)


def test_removed_attempts_are_gone(world):
    counters = world.attempts()
    counters.save("ada", counters.load("ada")[0], expected=None, expires_at=9)

    counters.remove("ada")
    counters.remove("ada")

    assert counters.load("ada")[1] is None
