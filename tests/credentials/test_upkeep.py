"""What is done to all users while they sign in, and goes on where it was cut."""

import contextlib
import threading

import pytest

from bulwark_runtime.credentials.upkeep import count_peppers, move_hashes

PASSWORD = "blue lamp 47 under rain"
OTHER = "seven green boats at noon"
HOME = "203.0.113.7"
NAMES = [f"user-{number}" for number in range(5)]
WAYS = pytest.mark.parametrize("to_secrets", [True, False], ids=["to secrets", "to the table"])


@pytest.fixture
def crowd(secrets_world):
    """Users whose hashes are where they are to leave from."""

    def register(*, to_secrets):
        vault = secrets_world.vault(users=secrets_world.users(inline=to_secrets))
        for name in NAMES:
            assert vault.register(name, PASSWORD).outcome == "done"
        return secrets_world

    return register


def moving(world, *, to_secrets):
    return world.users(inline=not to_secrets)


def signing_in(world, *, to_secrets, password=PASSWORD):
    vault = world.vault(users=moving(world, to_secrets=to_secrets))
    return [n for n in NAMES if vault.verify(n, password, source=HOME).outcome == "done"]


def places(world):
    """Of each user whether the hashes are in secrets; and how many secrets there are."""
    texts = [world.documents("users").load(name).text for name in NAMES]
    secrets = [name for name in world.leftovers() if name not in NAMES]
    return [("$2b$" not in text) for text in texts], len(secrets)


@WAYS
def test_all_hashes_move_and_everybody_still_signs_in(crowd, to_secrets):
    world = crowd(to_secrets=to_secrets)

    progress = move_hashes(moving(world, to_secrets=to_secrets))

    assert (progress.done, progress.missed, progress.cursor) == (5, 0, None)
    assert places(world) == ([to_secrets] * 5, 5 if to_secrets else 0)
    assert signing_in(world, to_secrets=to_secrets) == NAMES


@WAYS
def test_moving_twice_changes_nothing(crowd, to_secrets):
    world = crowd(to_secrets=to_secrets)
    move_hashes(moving(world, to_secrets=to_secrets))
    before = [world.documents("users").load(name) for name in NAMES]

    progress = move_hashes(moving(world, to_secrets=to_secrets))

    assert (progress.done, progress.missed) == (5, 0)
    assert [world.documents("users").load(name) for name in NAMES] == before


@WAYS
def test_before_during_and_after_the_move_either_setting_signs_in(crowd, to_secrets):
    world = crowd(to_secrets=to_secrets)
    users = moving(world, to_secrets=to_secrets)
    assert users.move(users.load(NAMES[0]))

    assert signing_in(world, to_secrets=to_secrets) == NAMES
    assert signing_in(world, to_secrets=not to_secrets) == NAMES


@WAYS
@pytest.mark.parametrize("before", [True, False], ids=["not done", "done, answer lost"])
@pytest.mark.parametrize("write", range(12))
def test_a_move_that_is_cut_loses_nothing_and_is_finished_by_the_next(
    crowd, to_secrets, write, before
):
    world = crowd(to_secrets=to_secrets)
    world.line.cut(write, before=before)
    with contextlib.suppress(world.line.Cut):
        move_hashes(moving(world, to_secrets=to_secrets))
    world.line.mend()
    assert signing_in(world, to_secrets=not to_secrets) == NAMES

    move_hashes(moving(world, to_secrets=to_secrets))

    assert places(world) == ([to_secrets] * 5, 5 if to_secrets else 0)
    assert signing_in(world, to_secrets=to_secrets) == NAMES


@WAYS
def test_who_changes_the_password_during_the_move_keeps_the_new_one(crowd, to_secrets):
    world = crowd(to_secrets=to_secrets)
    barrier, changed = threading.Barrier(2), []

    def change():
        barrier.wait()
        for name in NAMES:
            vault = world.vault(users=world.users(inline=to_secrets))
            changed.append(vault.change(name, PASSWORD, OTHER, source=HOME).outcome)

    thread = threading.Thread(target=change)
    thread.start()
    barrier.wait()
    move_hashes(moving(world, to_secrets=to_secrets))
    thread.join()

    assert changed == ["done"] * 5
    move_hashes(moving(world, to_secrets=to_secrets))
    assert signing_in(world, to_secrets=to_secrets, password=OTHER) == NAMES
    assert places(world) == ([to_secrets] * 5, 5 if to_secrets else 0)


def test_a_user_who_changed_meanwhile_is_missed_and_said_so(crowd):
    world = crowd(to_secrets=True)
    users = world.users(inline=False)
    read = users.load(NAMES[0])
    world.vault(users=users).disable(NAMES[0])

    assert not users.move(read)


def test_a_deleted_user_leaves_no_secret_of_either_place(crowd):
    world = crowd(to_secrets=True)
    world.line.cut(1, before=False)
    with pytest.raises(world.line.Cut):
        move_hashes(world.users())
    world.line.mend()

    vault = world.vault()
    for name in NAMES:
        vault.delete(name)

    assert world.leftovers() == []


def test_it_stops_when_it_may_not_go_on_and_says_where(local):
    vault = local.vault()
    for number in range(150):
        vault.import_hash(f"user-{number:03}", "$2b$04$" + "a" * 53)

    first = count_peppers(local.users(), may_go_on=lambda: False)
    second = count_peppers(local.users(), cursor=first.cursor)

    assert first.hashes == {"none": 100}
    assert second.hashes == {"none": 50}
    assert second.cursor is None


def test_peppers_are_counted_with_what_is_remembered(local):
    vault = local.vault()
    vault.register("ada", PASSWORD)
    vault.register("bob", PASSWORD)
    local.shelf.rotate()
    local.vault().change("ada", PASSWORD, OTHER, source=HOME)

    assert count_peppers(local.users()).hashes == {"v1": 2, "v2": 1}
