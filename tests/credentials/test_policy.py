import pytest

from bulwark_runtime.credentials import PRESETS, Policy


def test_the_strictest_of_several_presets_holds():
    policy = Policy.of("pci", "psd2", "nist")

    assert policy.minimum_length == 15
    assert policy.letters_and_digits
    assert policy.history == 4
    assert policy.tries_per_user == 5
    assert policy.delay_seconds == 1800


def test_without_settings_it_is_pci_and_psd2():
    assert Policy.from_settings({}) == Policy.of("pci", "psd2")


def test_nist_forbids_composition_and_asks_for_length():
    policy = Policy.of("nist")

    assert not policy.letters_and_digits
    assert policy.minimum_length == 15
    assert policy.maximum_length >= 64
    assert policy.tries_per_user <= 100


def test_pci_allows_ten_tries_and_locks_for_half_an_hour():
    policy = Policy.of("pci")

    assert policy.minimum_length >= 12
    assert policy.tries_per_user <= 10
    assert policy.delay_seconds >= 1800
    assert policy.history >= 4


def test_psd2_allows_five_tries():
    assert Policy.of("psd2").tries_per_user <= 5


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_is_a_policy(preset):
    assert Policy.from_settings({"presets": [preset]}) == Policy.of(preset)


def test_a_setting_is_set_over_the_presets():
    assert Policy.from_settings({"presets": ["pci"], "minimum_length": 16}).minimum_length == 16


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"presets": []}, "presets: a list of pci, nist, psd2, at least one"),
        ({"presets": ["hunter2"]}, "presets: a list of pci, nist, psd2, at least one"),
        ({"presets": "pci"}, "presets: a list of pci, nist, psd2, at least one"),
        ({"minimum_lenght": 12}, "minimum_lenght: no such setting"),
        ({"minimum_length": 7}, "minimum_length: 8 to 64; got 7"),
        ({"minimum_length": "hunter2"}, "minimum_length: a number"),
        ({"cost": True}, "cost: a number"),
        ({"cost": 3}, "cost: 4 to 16; got 3"),
        ({"letters_and_digits": 1}, "letters_and_digits: true or false"),
        ({"breached": "hunter2"}, "breached: one of list, service"),
    ],
)
def test_a_wrong_setting_is_named_and_its_text_is_not_repeated(settings, problem):
    with pytest.raises(ValueError, match=r":") as error:
        Policy.from_settings(settings)

    assert str(error.value) == problem


def test_all_that_is_wrong_is_said_at_once():
    with pytest.raises(ValueError, match=r"cost: .*; history: ") as error:
        Policy(cost=99, history=99)

    assert "got 99" in str(error.value)


def test_one_place_may_not_have_all_the_tries():
    with pytest.raises(ValueError, match="one place alone could lock out all others"):
        Policy.from_settings({"presets": ["pci"], "tries_per_source": 10})
