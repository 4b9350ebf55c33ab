"""Who waits for how long, after how many failures, and who does not."""

import pytest

from bulwark_runtime.credentials.lockout import Attempts, Bucket, source_key

PASSWORD = "blue lamp 47 under rain"
OTHER = "seven green boats at noon"
HOME, WORK, AWAY = "203.0.113.7", "203.0.113.8", "198.51.100.9"


@pytest.fixture
def vault(local):
    vault = local.vault()
    vault.register("ada", PASSWORD)
    return vault


def fail(vault, times, source=AWAY, **more):
    return [vault.verify("ada", OTHER, source=source, **more).outcome for _ in range(times)]


def attack(vault, start=0):
    """Guess from ever new places until strangers have to wait."""
    for number in range(start, start + 100):
        if fail(vault, 1, source=f"192.0.2.{number}") == ["delayed"]:
            return number - start
    raise AssertionError("nobody stopped it")


def waits(vault, source=AWAY, **more):
    return vault.verify("ada", PASSWORD, source=source, **more).retry_after_seconds


def test_the_right_password_after_too_many_failures_has_to_wait_too(vault):
    assert fail(vault, 5) == ["refused"] * 5

    assert vault.verify("ada", PASSWORD, source=AWAY).outcome == "delayed"


def test_after_the_wait_it_signs_in(vault, clock):
    fail(vault, 5)
    clock.pass_(waits(vault))

    assert vault.verify("ada", PASSWORD, source=AWAY).outcome == "done"


def test_each_further_failure_doubles_the_wait(vault, clock):
    fail(vault, 5)
    found = []
    for _ in range(4):
        found.append(waits(vault))
        clock.pass_(found[-1])
        assert fail(vault, 1) == ["refused"]

    assert found == [1800, 3600, 7200, 14400]


def test_no_wait_is_longer_than_the_longest(local, clock):
    vault = local.vault(longest_delay_seconds=5000, failures_seconds=7 * 86_400)
    vault.register("ada", PASSWORD)
    fail(vault, 5)
    for _ in range(5):
        clock.pass_(waits(vault))
        fail(vault, 1)

    assert waits(vault) == 5000


def test_waiting_is_not_prolonged_by_trying(vault, clock):
    fail(vault, 5)
    before = waits(vault)
    clock.pass_(100)
    fail(vault, 20)

    assert waits(vault) == before - 100


def test_a_sign_in_clears_the_failures_of_its_place(vault):
    for _ in range(3):
        assert fail(vault, 4) == ["refused"] * 4
        assert vault.verify("ada", PASSWORD, source=AWAY).outcome == "done"


def test_old_failures_are_forgotten(vault, clock):
    fail(vault, 4)
    clock.pass_(86_400)

    assert fail(vault, 5) == ["refused"] * 5


def test_guessing_from_many_places_is_stopped_after_ten(vault):
    assert attack(vault) == 10


def test_the_stricter_of_pci_and_psd2_stops_it_after_five(local):
    vault = local.vault(presets=["pci", "psd2"])
    vault.register("ada", PASSWORD)

    assert attack(vault) == 5
    assert waits(vault) == 1800


def test_one_place_alone_does_not_make_others_wait(vault):
    fail(vault, 50, source=AWAY)

    assert waits(vault, source=HOME) == 0


@pytest.mark.parametrize("preset", ["pci", "nist", "psd2"])
def test_no_preset_lets_one_place_lock_out_the_others(local, preset):
    vault = local.vault(presets=[preset])
    vault.register("ada", PASSWORD)
    fail(vault, 20, source=AWAY)

    assert waits(vault, source=HOME) == 0


def test_an_attack_does_not_hold_up_a_place_that_signed_in_before(vault):
    vault.verify("ada", PASSWORD, source=HOME)
    attack(vault)

    assert vault.verify("ada", PASSWORD, source=HOME).outcome == "done"
    assert waits(vault, source=WORK) > 0


def test_an_attack_does_not_hold_up_a_device_that_signed_in_before(vault):
    device = vault.verify("ada", PASSWORD, source=HOME).device
    attack(vault)

    assert vault.verify("ada", PASSWORD, source=AWAY, device=device).outcome == "done"


def test_a_known_device_has_few_tries_as_well(vault):
    device = vault.verify("ada", PASSWORD, source=HOME).device

    assert fail(vault, 6, device=device) == ["refused"] * 5 + ["delayed"]


def test_a_known_place_has_few_tries_as_well(vault):
    vault.verify("ada", PASSWORD, source=HOME)

    assert fail(vault, 6, source=HOME) == ["refused"] * 5 + ["delayed"]


def test_the_sign_in_of_a_known_place_does_not_free_the_attackers(vault):
    vault.verify("ada", PASSWORD, source=HOME)
    attack(vault)
    vault.verify("ada", PASSWORD, source=HOME)

    assert attack(vault, start=50) == 0


def test_strangers_never_wait_longer_than_an_hour_between_guesses(vault, clock):
    attack(vault)
    for round_ in range(1, 6):
        clock.pass_(waits(vault, source=WORK))
        fail(vault, 1, source=f"192.0.3.{round_}")

    assert waits(vault, source=WORK) == 3600


def test_a_place_is_forgotten_in_the_end(vault, clock):
    vault.verify("ada", PASSWORD, source=HOME)
    clock.pass_(90 * 86_400)
    attack(vault)

    assert waits(vault, source=HOME) > 0


def test_users_do_not_wait_for_each_other(vault):
    vault.register("bob", OTHER)
    attack(vault)

    assert vault.verify("bob", OTHER, source=AWAY).outcome == "done"


def test_without_a_source_all_callers_share_the_users_tries(vault):
    outcomes = fail(vault, 11, source=None)

    assert outcomes == ["refused"] * 10 + ["delayed"]
    assert waits(vault, source=None) > 0


@pytest.mark.parametrize(
    "forged",
    [
        "",
        "v1.1.0123456789abcdef." + "0" * 64,
        "v9.1800000000.0123456789abcdef." + "0" * 64,
        "not a token at all",
    ],
)
def test_a_forged_device_is_a_stranger(vault, forged):
    attack(vault)

    assert waits(vault, device=forged) > 0


def test_a_device_is_known_to_its_own_user_only(vault):
    vault.register("bob", OTHER)
    device = vault.verify("bob", OTHER, source=HOME).device
    attack(vault)

    assert waits(vault, device=device) > 0


def test_a_device_keeps_its_name_from_sign_in_to_sign_in(vault, clock):
    first = vault.verify("ada", PASSWORD, source=HOME).device
    clock.pass_(60)
    second = vault.verify("ada", PASSWORD, source=HOME, device=first).device

    assert first != second
    assert first.split(".")[2] == second.split(".")[2]


def test_a_device_is_unknown_after_the_password_changed(vault, clock):
    device = vault.verify("ada", PASSWORD, source=HOME).device
    clock.pass_(60)
    vault.change("ada", PASSWORD, "paper moon over tin roofs", source=HOME)
    attack(vault)

    assert waits(vault, device=device) > 0


def test_a_device_is_known_across_a_rotation_of_the_pepper(local, vault):
    device = vault.verify("ada", PASSWORD, source=HOME).device
    local.shelf.rotate()
    attack(vault)

    assert local.vault().verify("ada", PASSWORD, source=AWAY, device=device).outcome == "done"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.7", "203.0.113.8", False),
        ("203.0.113.7", "::ffff:203.0.113.7", True),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("gateway-1", "gateway-2", False),
    ],
)
def test_a_place_is_an_address_or_the_ipv6_network_of_one_customer(one, other, same):
    assert (source_key(one) == source_key(other)) is same


def test_what_is_stored_of_a_place_is_a_digest(local, vault):
    vault.verify("ada", PASSWORD, source=HOME)
    fail(vault, 1, source=AWAY)

    text = local.documents("attempts").load("ada").text
    assert HOME not in text
    assert AWAY not in text


def test_however_many_places_try_the_record_stays_small(vault, local, clock):
    for number in range(300):
        fail(vault, 1, source=f"10.0.{number // 250}.{number % 250}")
        clock.pass_(3600)

    attempts, _ = local.attempts().load("ada")
    assert len(attempts.buckets) <= 128
    assert len(local.documents("attempts").load("ada").text) < 16_384


def test_what_waits_longest_is_the_last_to_be_dropped():
    many = {f"place-{n}": Bucket(1, 100 + n) for n in range(200)}
    attempts = Attempts(many | {"locked": Bucket(9, 0, 10_000), "strangers": Bucket(3, 0)})

    kept = attempts.remembered(200, failures_seconds=900, known_seconds=900).buckets

    assert len(kept) == 128
    assert {"locked", "strangers", "place-199"} <= set(kept)
    assert "place-0" not in kept


def test_attempts_end_when_nothing_of_them_counts_any_more(vault, table_world, clock):
    vault = table_world.vault()
    vault.register("ada", PASSWORD)
    fail(vault, 1)

    item = table_world.dynamodb.get_item(
        TableName=table_world.table("attempts"), Key={"id": {"S": "ada"}}
    )["Item"]
    assert item["expires_at"] == {"N": str(int(clock()) + 86_400)}
