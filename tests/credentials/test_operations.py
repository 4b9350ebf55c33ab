"""The vault's promises on every store: with many callers at once, and cut at every write."""

import contextlib
import threading

import bcrypt
import pytest

PASSWORD = "blue lamp 47 under rain"
OTHER = "seven green boats at noon"
HOME = "203.0.113.7"
KEY = "0123456789abcdef"

MOST_WRITES = 7
"""Of one operation on any store: the tests below cut at each of them."""

SIDES = pytest.mark.parametrize("before", [True, False], ids=["not done", "done, answer lost"])
EVERY_WRITE = pytest.mark.parametrize("write", range(MOST_WRITES))


def together(*calls):
    """What calls give that start as one."""
    barrier, got = threading.Barrier(len(calls)), [None] * len(calls)

    def run(number, call):
        barrier.wait()
        got[number] = call()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


def right(world, *passwords):
    """Which of the passwords sign in, from a place where nothing was tried."""
    vault = world.vault()
    return [
        password
        for number, password in enumerate(passwords)
        if vault.verify("ada", password, source=f"192.0.2.{number}").outcome == "done"
    ]


@contextlib.contextmanager
def cut(world, write, *, before):
    world.line.cut(write, before=before)
    with contextlib.suppress(world.line.Cut):
        yield
        assert world.line.writes <= MOST_WRITES
    world.line.mend()


# Many at once


def test_so_many_guesses_at_once_as_are_free_are_looked_at(world, work):
    world.vault().register("ada", PASSWORD)
    work.clear()

    results = together(
        *[
            lambda number=number: world.vault().verify("ada", OTHER, source=f"198.51.100.{number}")
            for number in range(24)
        ]
    )

    outcomes = [result.outcome for result in results]
    assert outcomes.count("refused") == 10
    assert outcomes.count("delayed") == 14
    assert len(work) == 10


def test_of_one_place_fewer_are_looked_at(world, work):
    world.vault().register("ada", PASSWORD)
    world.vault().verify("ada", PASSWORD, source=HOME)
    work.clear()

    together(*[lambda: world.vault().verify("ada", OTHER, source=HOME) for _ in range(16)])

    assert len(work) == 5


def test_guesses_at_once_do_not_hit_when_there_were_too_many(world):
    world.vault().register("ada", PASSWORD)
    while world.vault().verify("ada", OTHER, source=HOME).outcome != "delayed":
        pass

    results = together(
        *[lambda: world.vault().verify("ada", PASSWORD, source=HOME) for _ in range(8)]
    )

    assert {result.outcome for result in results} == {"delayed"}


def test_of_changes_at_once_one_is_done_and_the_others_are_told(world):
    world.vault().register("ada", PASSWORD)
    new = [f"{word} green boats at noon" for word in ("seven", "eleven", "twelve", "ninety")]

    results = together(
        *[
            lambda password=password: world.vault().change(
                "ada", PASSWORD, password, source=f"198.51.100.{password}"
            )
            for password in new
        ]
    )

    done = [
        password for password, result in zip(new, results, strict=True) if result.outcome == "done"
    ]
    assert len(done) == 1
    assert {result.outcome for result in results} == {"done", "refused"}
    assert right(world, *new, PASSWORD) == done


def test_of_registrations_at_once_one_is_done(world):
    passwords = [f"{word} green boats at noon" for word in ("seven", "eleven", "twelve", "ninety")]

    results = together(
        *[lambda password=p: world.vault().register("ada", password) for p in passwords]
    )

    done = [p for p, result in zip(passwords, results, strict=True) if result.outcome == "done"]
    assert len(done) == 1
    assert {result.outcome for result in results} == {"done", "exists"}
    assert right(world, *passwords) == done


def test_a_change_and_a_disabling_at_once_both_hold(world):
    world.vault().register("ada", PASSWORD)

    changed, disabled = together(
        lambda: world.vault().change("ada", PASSWORD, OTHER, source=HOME),
        lambda: world.vault().disable("ada"),
    )

    assert disabled.outcome == "done"
    assert right(world, PASSWORD, OTHER) == []
    world.vault().enable("ada")
    assert right(world, PASSWORD, OTHER) == [OTHER if changed.outcome == "done" else PASSWORD]


def test_a_sign_in_that_renews_the_hash_never_undoes_a_change(world):
    world.vault().register("ada", PASSWORD)
    world.shelf.rotate()

    _, changed, _ = together(
        lambda: world.vault().verify("ada", PASSWORD, source=HOME),
        lambda: world.vault().change("ada", PASSWORD, OTHER, source="198.51.100.1"),
        lambda: world.vault().verify("ada", PASSWORD, source="198.51.100.2"),
    )

    assert changed.outcome == "done"
    assert right(world, PASSWORD, OTHER) == [OTHER]


def test_a_token_used_twice_at_once_sets_one_password(world):
    world.vault().register("ada", PASSWORD)
    token = world.vault().begin_reset("ada").token
    new = [f"{word} green boats at noon" for word in ("seven", "eleven", "twelve")]

    results = together(
        *[lambda password=p: world.vault().finish_reset("ada", token, password) for p in new]
    )

    done = [p for p, result in zip(new, results, strict=True) if result.outcome == "done"]
    assert len(done) == 1
    assert right(world, *new) == done


# Cut at every write


@SIDES
@EVERY_WRITE
def test_a_cut_change_leaves_one_of_the_two_passwords_and_can_be_repeated(world, write, before):
    world.vault().register("ada", PASSWORD)
    world.vault().change("ada", PASSWORD, "paper moon over tin roofs", source=HOME)
    old = "paper moon over tin roofs"

    with cut(world, write, before=before):
        world.vault().change("ada", old, OTHER, source=HOME, request=KEY)

    assert len(right(world, old, OTHER)) == 1
    assert world.vault().change("ada", old, OTHER, source=HOME, request=KEY).outcome == "done"
    assert right(world, old, OTHER) == [OTHER]


@SIDES
@EVERY_WRITE
def test_a_cut_reset_leaves_one_of_the_two_passwords_and_can_be_repeated(world, write, before):
    world.vault().register("ada", PASSWORD)
    token = world.vault().begin_reset("ada").token

    with cut(world, write, before=before):
        world.vault().finish_reset("ada", token, OTHER, request=KEY)

    assert len(right(world, PASSWORD, OTHER)) == 1
    assert world.vault().finish_reset("ada", token, OTHER, request=KEY).outcome == "done"
    assert right(world, PASSWORD, OTHER) == [OTHER]


@SIDES
@EVERY_WRITE
def test_a_sign_in_that_is_cut_while_it_renews_the_hash_keeps_the_password(world, write, before):
    world.vault().register("ada", PASSWORD)
    world.shelf.rotate()

    with cut(world, write, before=before):
        world.vault().verify("ada", PASSWORD, source=HOME)

    assert right(world, PASSWORD) == [PASSWORD]
    assert world.users().load("ada").hash.pepper == "v2"


@SIDES
@EVERY_WRITE
def test_a_cut_registration_is_finished_by_its_repetition(world, write, before):
    with cut(world, write, before=before):
        world.vault().register("ada", PASSWORD, request=KEY)

    assert world.vault().register("ada", PASSWORD, request=KEY).outcome == "done"
    assert right(world, PASSWORD) == [PASSWORD]


@SIDES
@EVERY_WRITE
def test_a_cut_import_is_finished_by_its_repetition(world, write, before):
    text = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    with cut(world, write, before=before):
        world.vault().import_hash("ada", text)

    assert world.vault().import_hash("ada", text).outcome == "done"
    assert right(world, PASSWORD) == [PASSWORD]


@SIDES
@EVERY_WRITE
def test_a_cut_deletion_is_finished_by_its_repetition(world, write, before):
    world.vault().register("ada", PASSWORD)
    world.vault().verify("ada", OTHER, source=HOME)

    with cut(world, write, before=before):
        world.vault().delete("ada")

    assert world.vault().delete("ada").outcome == "done"
    assert world.leftovers() == []
    assert world.attempts().load("ada")[1] is None


@SIDES
@EVERY_WRITE
def test_many_cuts_in_a_row_lose_no_password(world, write, before):
    passwords = [f"{word} green boats at noon" for word in ("seven", "eleven", "twelve", "ninety")]
    world.vault().register("ada", PASSWORD)

    for new in passwords:
        (old,) = right(world, PASSWORD, *passwords)
        with cut(world, write, before=before):
            world.vault().change("ada", old, new, source=HOME)

    assert len(right(world, PASSWORD, *passwords)) == 1


@SIDES
@pytest.mark.parametrize("write", range(2))
def test_an_attempt_that_is_cut_counts(world, write, before):
    world.vault().register("ada", PASSWORD)

    with cut(world, write, before=before):
        world.vault().verify("ada", PASSWORD, source=HOME)

    counted = 0 if (write, before) == (0, True) else 1
    failures = [b.failures for b in world.attempts().load("ada")[0].buckets.values()]
    assert failures in ([counted, counted], [] if write else [counted, counted] * counted)


# Nobody learns who exists


@pytest.mark.parametrize("operation", ["verify", "change", "begin_reset", "finish_reset"])
def test_an_operation_makes_the_same_calls_whether_the_user_exists(world, operation):
    vault = world.vault()
    vault.register("ada", PASSWORD)
    given = {
        "verify": {"password": OTHER},
        "change": {"password": OTHER, "new_password": PASSWORD},
        "begin_reset": {},
        "finish_reset": {"token": "x" * 43, "new_password": OTHER},
    }[operation]

    def calls(user):
        world.line.calls.clear()
        getattr(vault, operation)(user, **given)
        return list(world.line.calls)

    assert calls("ada") == calls("nobody") != []
