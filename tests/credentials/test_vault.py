"""What the vault does for who calls it, on the file. What stores differ in is in other files."""

import dataclasses
import itertools

import bcrypt
import pytest

from bulwark_runtime.credentials import BreachUnknownError, RequestError

PASSWORD = "blue lamp 47 under rain"
OTHER = "seven green boats at noon"
THIRD = "paper moon over tin roofs"
HOME, AWAY = "203.0.113.7", "198.51.100.9"


@pytest.fixture
def vault(local):
    return local.vault()


@pytest.fixture
def ada(vault):
    assert vault.register("ada", PASSWORD).outcome == "done"
    return "ada"


def elsewhere(password, prefix=b"2b", cost=4):
    return (
        bcrypt.hashpw(password.encode(), bcrypt.gensalt(cost, b"2b"))
        .replace(b"$2b", b"$" + prefix)
        .decode()
    )


class Leaked:
    def __init__(self, *passwords, fails=False):
        self.passwords, self.fails = passwords, fails

    def has(self, password):
        if self.fails:
            raise BreachUnknownError
        return password in self.passwords


# Sign-up and sign-in


def test_who_registered_signs_in(vault, ada):
    assert vault.verify(ada, PASSWORD, source=HOME).outcome == "done"


def test_a_wrong_password_is_refused(vault, ada):
    assert vault.verify(ada, PASSWORD + "!", source=HOME).outcome == "refused"


def test_all_of_a_long_password_counts(vault):
    long = "".join(chr(ord("a") + n * 7 % 26) for n in range(200))
    vault.register("ada", long + "x")

    assert vault.verify("ada", long + "y", source=HOME).outcome == "refused"
    assert vault.verify("ada", long + "x", source=HOME).outcome == "done"


@pytest.mark.parametrize(
    "typed",
    ["caf\u00e9 and seven boats", "cafe\u0301 and seven boats", "caf\u00e9\u00a0and seven boats"],
)
def test_what_looks_the_same_is_the_same_password(vault, typed):
    vault.register("ada", "caf\u00e9 and seven boats")

    assert vault.verify("ada", typed, source=HOME).outcome == "done"


def test_the_same_password_of_two_users_has_two_hashes(local, vault):
    vault.register("ada", PASSWORD)
    vault.register("bob", PASSWORD)

    assert local.users().load("ada").hash != local.users().load("bob").hash


def test_a_hash_is_worth_nothing_without_the_pepper(local, vault, ada):
    hashed = local.users().load(ada).hash

    assert hashed.pepper == "v1"
    assert not bcrypt.checkpw(PASSWORD.encode(), hashed.text.encode())


def test_a_name_is_taken_once(vault, ada):
    assert vault.register(ada, OTHER).outcome == "exists"
    assert vault.verify(ada, PASSWORD, source=HOME).outcome == "done"


def test_a_registration_that_is_repeated_with_its_key_is_done(vault):
    first = vault.register("ada", PASSWORD, request="k" * 16)

    assert vault.register("ada", PASSWORD, request="k" * 16) == first


def test_a_repeated_registration_with_another_password_is_a_conflict(vault):
    vault.register("ada", PASSWORD, request="k" * 16)

    assert vault.register("ada", OTHER, request="k" * 16).outcome == "conflict"


def test_registering_again_does_not_tell_whether_the_password_is_right(vault, ada):
    assert vault.register(ada, PASSWORD) == vault.register(ada, OTHER)


@pytest.mark.parametrize("user", ["", "x" * 257, "é" * 129])
def test_an_id_out_of_bounds_is_an_error_that_does_not_quote_it(vault, user):
    with pytest.raises(RequestError, match=r"^user: 1 to 256 bytes$"):
        vault.verify(user, PASSWORD)


@pytest.mark.parametrize("password", ["", "\0", "\ud800", "x" * 100_000])
def test_whatever_is_typed_as_a_password_is_refused_and_no_error(vault, ada, password):
    assert vault.verify(ada, password, source=HOME).outcome == "refused"


# Nobody learns who exists


def test_unknown_disabled_and_wrong_are_answered_alike(vault, ada):
    wrong = vault.verify(ada, OTHER, source=HOME)
    vault.disable(ada)

    assert vault.verify("nobody", OTHER, source=HOME) == wrong
    assert vault.verify(ada, PASSWORD, source=HOME) == wrong


@pytest.mark.parametrize("old_cost", [4, 5, 7])
def test_every_refusal_is_the_same_bcrypt_work(local, work, old_cost):
    local.vault(cost=old_cost).register("ada", PASSWORD)
    local.vault(cost=old_cost).register("disabled", PASSWORD)
    local.vault(cost=old_cost).disable("disabled")
    vault = local.vault(cost=7)
    vault.import_hash("imported", elsewhere(PASSWORD, cost=old_cost))

    def rounds(user, password):
        work.clear()
        assert vault.verify(user, password, source=HOME).outcome == "refused"
        return sum(2**cost for cost in work)

    assert rounds("nobody", OTHER) == 2**7
    assert rounds("ada", OTHER) == 2**7
    assert rounds("imported", OTHER) == 2**7
    assert rounds("disabled", PASSWORD) == 2**7
    assert rounds("disabled", OTHER) == 2**7


def test_unknown_users_are_delayed_as_known_ones_are(vault, ada):
    def until_delayed(user):
        return [vault.verify(user, OTHER, source=HOME) for _ in range(7)]

    assert until_delayed("nobody") == until_delayed(ada)


def test_a_reset_is_begun_for_whoever_is_named(vault, ada):
    known, unknown = vault.begin_reset(ada), vault.begin_reset("nobody")

    assert dataclasses.replace(known, token="") == dataclasses.replace(unknown, token="")
    assert len(known.token) == len(unknown.token)


def test_the_token_of_an_unknown_user_opens_nothing(vault):
    token = vault.begin_reset("nobody").token

    assert vault.finish_reset("nobody", token, OTHER).outcome == "refused"


# What a password must be


@pytest.mark.parametrize(
    ("password", "weakness"),
    [
        ("short 47 x", "too_short"),
        ("Password1234!", "guessable"),
        ("qwertyuiop12", "guessable"),
        ("p@ssw0rdp@ssw0rd", "guessable"),
        ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "guessable"),
        ("sailing with ada77 at dawn", "own_name"),
        ("sailing with LOVELACE at dawn", "own_name"),
        ("sailing with example at dawn", "own_name"),
        ("x" * 12 + "\x07 seven boats", "unusable_characters"),
        ("seven boats \ud800 at noon", "unusable_characters"),
        ("seven green boats at noon" * 11, "too_long"),
    ],
)
def test_a_weak_password_is_refused_and_the_rule_named(vault, password, weakness):
    result = vault.register("ada77", password, names=["Ada Lovelace", "al@example.org"])

    assert result.outcome == "weak"
    assert weakness in result.weaknesses


@pytest.mark.parametrize(
    "password", [PASSWORD, "пять зелёных лодок", "zehn kleine Boote", "ヨット が 三隻 沖に いる"]
)
def test_a_good_password_in_any_script_is_taken(vault, password):
    assert vault.register("ada", password).outcome == "done"


@pytest.mark.parametrize("name", ["Ada", "al@shop.com", "org"])
def test_a_name_that_is_in_many_words_forbids_none_of_them(vault, name):
    password = "canadian comets are unforgotten"

    assert vault.register("bo", password, names=[name]).outcome == "done"


def test_letters_and_digits_are_asked_for_where_pci_does(local):
    vault = local.vault(letters_and_digits=True)

    assert vault.register("ada", OTHER).weaknesses == ("letters_and_digits",)
    assert vault.register("ada", PASSWORD).outcome == "done"


def test_all_that_is_wrong_is_said_at_once(local):
    result = local.vault(letters_and_digits=True).register("adam", "adamadam")

    assert set(result.weaknesses) == {"too_short", "letters_and_digits", "own_name", "guessable"}


def test_a_leaked_password_is_refused(local):
    vault = local.vault(breached="service", breaches=Leaked(PASSWORD))

    assert vault.register("ada", PASSWORD).weaknesses == ("breached",)
    assert vault.register("ada", OTHER).outcome == "done"


def test_without_the_services_answer_the_policy_decides(local):
    silent = Leaked(fails=True)
    closed = local.vault(breached="service", breaches=silent)
    open_ = local.vault(breached="service", breaches=silent, breached_on_failure="open")

    assert closed.register("ada", PASSWORD).weaknesses == ("breach_unknown",)
    assert open_.register("ada", PASSWORD).outcome == "done"


def test_a_policy_that_asks_for_a_service_gets_one_or_does_not_start(local):
    with pytest.raises(ValueError, match="range service"):
        local.vault(breached="service")


# Change


def test_a_changed_password_is_the_only_one(vault, ada):
    assert vault.change(ada, PASSWORD, OTHER, source=HOME).outcome == "done"

    assert vault.verify(ada, OTHER, source=HOME).outcome == "done"
    assert vault.verify(ada, PASSWORD, source=HOME).outcome == "refused"


def test_only_who_knows_the_password_changes_it(vault, ada):
    assert vault.change(ada, OTHER, THIRD, source=HOME).outcome == "refused"
    assert vault.verify(ada, PASSWORD, source=HOME).outcome == "done"


def test_guessing_by_changes_is_delayed_as_guessing_by_sign_ins(vault, ada):
    outcomes = [vault.change(ada, OTHER, THIRD, source=HOME).outcome for _ in range(6)]

    assert outcomes == ["refused"] * 5 + ["delayed"]


@pytest.mark.parametrize("history", [0, 1, 3])
def test_so_many_earlier_passwords_do_not_come_again(local, history):
    vault = local.vault(history=history)
    used = [
        f"{word} green boats at noon" for word in ("seven", "eleven", "twelve", "thirty", "ninety")
    ]
    vault.register("ada", used[0])
    for old, new in itertools.pairwise(used):
        assert vault.change("ada", old, new, source=HOME).outcome == "done"

    # The one that is, and `history` before it.
    remembered = used[-1 - history :]
    for password in remembered:
        result = vault.change("ada", used[-1], password, source=HOME)
        assert result.weaknesses == ("used_before",)
    assert vault.change("ada", used[-1], used[-2 - history], source=HOME).outcome == "done"


def test_a_change_that_is_repeated_with_its_key_is_done(vault, ada):
    key = "0123456789abcdef"
    first = vault.change(ada, PASSWORD, OTHER, source=HOME, request=key)

    assert vault.change(ada, PASSWORD, OTHER, source=HOME, request=key) == first
    assert vault.change(ada, PASSWORD, THIRD, source=HOME, request=key).outcome == "conflict"
    assert vault.verify(ada, OTHER, source=HOME).outcome == "done"


def test_a_change_says_since_when_sessions_are_stale(vault, ada, clock):
    clock.pass_(60)
    result = vault.change(ada, PASSWORD, OTHER, source=HOME)

    assert result.changed_at == int(clock())
    assert vault.verify(ada, OTHER, source=HOME).changed_at == int(clock())


# Reset


def test_a_token_sets_a_password_once(vault, ada):
    token = vault.begin_reset(ada).token

    assert vault.finish_reset(ada, token, OTHER).outcome == "done"
    assert vault.finish_reset(ada, token, THIRD).outcome == "refused"
    assert vault.verify(ada, OTHER, source=HOME).outcome == "done"


def test_a_token_expires(vault, ada, clock):
    begun = vault.begin_reset(ada)
    clock.now = begun.expires_at

    assert vault.finish_reset(ada, begun.token, OTHER).outcome == "refused"


def test_a_token_survives_a_weak_password(vault, ada):
    token = vault.begin_reset(ada).token
    assert vault.finish_reset(ada, token, "password1234").outcome == "weak"

    assert vault.finish_reset(ada, token, OTHER).outcome == "done"


def test_a_token_is_its_users_alone(vault, ada):
    vault.register("bob", OTHER)
    token = vault.begin_reset(ada).token

    assert vault.finish_reset("bob", token, THIRD).outcome == "refused"


def test_only_a_digest_of_a_token_is_stored(local, vault, ada):
    token = vault.begin_reset(ada).token

    assert token not in local.documents("users").load(ada).text


@pytest.mark.parametrize("meanwhile", ["change", "disable"])
def test_a_token_dies_when_the_user_changes_or_is_disabled(vault, ada, meanwhile):
    token = vault.begin_reset(ada).token
    if meanwhile == "change":
        vault.change(ada, PASSWORD, THIRD, source=HOME)
    else:
        vault.disable(ada)
        vault.enable(ada)

    assert vault.finish_reset(ada, token, OTHER).outcome == "refused"


def test_a_stranger_who_begins_resets_does_not_kill_the_owners_token(vault, ada):
    mine = vault.begin_reset(ada).token
    asked = [vault.begin_reset(ada).outcome for _ in range(10)]

    assert asked == ["done", "done"] + ["delayed"] * 8
    assert vault.finish_reset(ada, mine, OTHER).outcome == "done"


def test_a_finished_reset_is_done_again_with_its_key(vault, ada):
    token, key = vault.begin_reset(ada).token, "0123456789abcdef"
    first = vault.finish_reset(ada, token, OTHER, request=key)

    assert vault.finish_reset(ada, token, OTHER, request=key) == first


def test_a_reset_brings_back_whoever_was_locked_out(vault, ada):
    while vault.verify(ada, OTHER, source=AWAY).outcome != "delayed":
        pass
    token = vault.begin_reset(ada).token
    vault.finish_reset(ada, token, THIRD)

    assert vault.verify(ada, THIRD, source=AWAY).outcome == "done"


# Disable, enable, delete


def test_a_disabled_user_is_let_in_after_enabling(vault, ada):
    assert [vault.disable(ada).outcome, vault.disable(ada).outcome] == ["done", "done"]
    assert vault.verify(ada, PASSWORD, source=HOME).outcome == "refused"

    assert [vault.enable(ada).outcome, vault.enable(ada).outcome] == ["done", "done"]
    assert vault.verify(ada, PASSWORD, source=HOME).outcome == "done"


def test_a_deleted_user_leaves_nothing(local, vault, ada):
    vault.verify(ada, OTHER, source=HOME)

    assert [vault.delete(ada).outcome, vault.delete(ada).outcome] == ["done", "done"]
    assert local.documents("users").keys().keys == ()
    assert local.documents("attempts").keys().keys == ()


# Hashes from elsewhere


@pytest.mark.parametrize("prefix", [b"2a", b"2b", b"2y"])
def test_an_imported_hash_signs_in_and_becomes_one_of_ours(local, vault, prefix):
    assert vault.import_hash("ada", elsewhere("old password", prefix)).outcome == "done"

    assert vault.verify("ada", "old password", source=HOME).outcome == "done"
    assert local.users().load("ada").hash.pepper == "v1"
    assert vault.verify("ada", "old password", source=HOME).outcome == "done"
    assert vault.verify("ada", "old passwort", source=HOME).outcome == "refused"


def test_an_imported_hash_was_made_of_72_bytes_and_its_successor_of_all(vault):
    long = "x" * 80
    vault.import_hash("ada", elsewhere(long[:72]))

    assert vault.verify("ada", long, source=HOME).outcome == "done"
    assert vault.verify("ada", long[:72], source=HOME).outcome == "refused"


def test_an_imported_hash_of_decomposed_letters_is_right_as_typed(vault):
    typed = "cafe\u0301"
    vault.import_hash("ada", elsewhere(typed))

    assert vault.verify("ada", typed, source=HOME).outcome == "done"
    assert vault.verify("ada", "caf\u00e9", source=HOME).outcome == "done"


def test_an_import_that_is_repeated_is_done_even_after_a_sign_in(vault):
    text = elsewhere("old password")
    vault.import_hash("ada", text)
    vault.verify("ada", "old password", source=HOME)

    assert vault.import_hash("ada", text).outcome == "done"
    assert vault.import_hash("ada", elsewhere("old password")).outcome == "exists"


@pytest.mark.parametrize(
    "text", ["", "secret", "$2x$04$" + "a" * 53, "$2b$04$short", "$1$abc$def", "$2b$99$" + "a" * 53]
)
def test_what_is_no_bcrypt_hash_is_an_error_that_does_not_quote_it(vault, text):
    with pytest.raises(
        RequestError, match=r"^hash: not one of bcrypt: [^s]*\$2y\$, a cost, 53 char"
    ):
        vault.import_hash("ada", text)


def test_a_hash_that_would_take_longer_than_others_is_not_imported(vault):
    with pytest.raises(RequestError, match="its cost, 5, is above the policy's, 4"):
        vault.import_hash("ada", elsewhere("old password", cost=5))


# Cost and pepper


def test_a_higher_cost_is_applied_as_people_sign_in(local, vault, ada):
    assert local.vault(cost=5).verify(ada, PASSWORD, source=HOME).outcome == "done"

    assert local.users().load(ada).hash.text.startswith("$2b$05$")
    assert local.vault(cost=5).verify(ada, PASSWORD, source=HOME).outcome == "done"


def test_a_lower_cost_leaves_hashes_as_they_are(local, ada):
    before = local.users().load(ada)
    local.vault(cost=5).verify(ada, PASSWORD, source=HOME)
    higher = local.users().load(ada)

    local.vault(cost=4).verify(ada, PASSWORD, source=HOME)

    assert local.users().load(ada) == higher != before


def test_a_wrong_password_renews_nothing(local, vault, ada):
    before = local.users().load(ada)
    local.shelf.rotate()

    local.vault(cost=5).verify(ada, OTHER, source=HOME)

    assert local.users().load(ada) == before


def test_old_hashes_verify_after_a_rotation_and_move_to_the_new_pepper(local, ada):
    local.shelf.rotate()
    vault = local.vault()

    assert vault.verify(ada, PASSWORD, source=HOME).outcome == "done"
    assert local.users().load(ada).hash.pepper == "v2"
    assert vault.verify(ada, PASSWORD, source=HOME).outcome == "done"


def test_an_instance_that_read_the_pepper_before_a_rotation_verifies_what_came_after(
    local, vault, ada, clock
):
    vault.verify(ada, PASSWORD, source=HOME)
    local.shelf.rotate()
    clock.pass_(1)
    local.vault().verify(ada, PASSWORD, source=HOME)

    assert vault.verify(ada, PASSWORD, source=HOME).outcome == "done"


def test_remembered_passwords_are_known_across_peppers(local, vault, ada):
    vault.change(ada, PASSWORD, OTHER, source=HOME)
    local.shelf.rotate()

    assert local.vault().change(ada, OTHER, PASSWORD, source=HOME).weaknesses == ("used_before",)


# For the auditor


def test_every_operation_is_told_to_the_auditor(local, vault):
    vault.register("ada", PASSWORD)
    vault.verify("ada", OTHER, source=HOME)
    vault.verify("ada", PASSWORD, source=HOME)
    vault.change("ada", PASSWORD, OTHER, source=HOME)
    token = vault.begin_reset("ada").token
    vault.finish_reset("ada", token, THIRD)
    vault.disable("ada")
    vault.verify("ada", THIRD, source=HOME)
    vault.enable("ada")
    vault.delete("ada")

    told = [(e.operation, e.outcome, e.reason) for e in local.events]
    assert told == [
        ("register", "done", ""),
        ("verify", "refused", "wrong password"),
        ("verify", "done", ""),
        ("change", "done", ""),
        ("begin_reset", "done", ""),
        ("finish_reset", "done", ""),
        ("disable", "done", ""),
        ("verify", "refused", "disabled"),
        ("enable", "done", ""),
        ("delete", "done", ""),
    ]
    assert {event.user for event in local.events} == {"ada"}


def test_the_auditor_does_not_read_what_was_typed_as_a_name(local, vault):
    vault.verify(PASSWORD, "ada", source=HOME)

    (event,) = local.events
    assert event.user.startswith("unknown:")
    assert PASSWORD not in repr(event)


def test_no_answer_and_no_event_has_a_value_in_its_text(local, vault, ada):
    device = vault.verify(ada, PASSWORD, source=HOME).device
    token = vault.begin_reset(ada).token
    texts = repr(
        [vault.verify(ada, PASSWORD, device=device), vault.begin_reset(ada), *local.events]
    )

    for value in (PASSWORD, device, token, HOME):
        assert value not in texts
