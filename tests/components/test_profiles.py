import pytest

from pulumi_bulwark.keys import KeysSpec
from pulumi_bulwark.profiles import PROFILES

DEFENCES_NO_PROFILE_LOOSENS = {"encryption", "logging", "mfa", "waf"}


def loosened(profile):
    for name in profile.__dataclass_fields__:
        yield from getattr(profile, name).loosened(f"{name}.")


@pytest.mark.parametrize("name", PROFILES)
def test_no_profile_loosens_encryption_logging_mfa_or_waf(name):
    found = list(loosened(PROFILES[name]))

    assert [f.path for f in found if f.defence in DEFENCES_NO_PROFILE_LOOSENS] == []


def test_prod_loosens_nothing_at_all():
    assert list(loosened(PROFILES["prod"])) == []


def test_what_is_weaker_than_its_default_is_found_and_what_is_stronger_is_not():
    weak = KeysSpec(rotation_days=700, deletion_window_days=7)
    strong = KeysSpec(rotation_days=90, deletion_window_days=30)

    assert {(f.path, f.value, f.hardened) for f in weak.loosened()} == {
        ("rotationDays", 700, 365),
        ("deletionWindowDays", 7, 30),
    }
    assert list(strong.loosened()) == []
