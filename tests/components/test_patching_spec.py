import pytest

from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.patching import PatchingSpec, WaveSpec


def wave(*days, hours=3):
    return WaveSpec(days=days, hour=2, duration_hours=hours, cutoff_hours=0)


@pytest.mark.parametrize(
    ("days", "wait"),
    [
        (("sun",), 7),
        (("tue", "fri"), 4),
        (("mon", "sun"), 6),
        (("mon", "tue", "wed", "thu", "fri", "sat", "sun"), 1),
    ],
)
def test_the_longest_wait_is_the_longest_gap_in_the_week(days, wait):
    assert wave(*days).longest_wait_days == wait


def test_the_deadline_is_delay_and_wait_and_duration():
    spec = PatchingSpec(approval_days=2, waves={"only": wave("sun", hours=3)})

    assert spec.worst_days() == 2 + 7 + 1


def test_a_wave_begins_when_the_one_before_has_had_it():
    first = WaveSpec(days=("tue", "fri"), hour=2)
    second = WaveSpec(days=("sun",), hour=2)

    spec = PatchingSpec(approval_days=2, waves={"canary": first, "rest": second})

    assert [days for *_, days in spec.approvals()] == [2, 2 + 4 + 1]
    assert spec.worst_days() == 2 + 4 + 1 + 7 + 1


def test_the_default_meets_pci():
    assert PatchingSpec().worst_days() <= PatchingSpec().deadline_days == 30


def test_a_deadline_that_cannot_be_met_is_refused_with_its_arithmetic():
    with pytest.raises(ConfigError) as error:
        PatchingSpec.load("patching", {"approvalDays": 25})

    (problem,) = error.value.problems
    assert "missing for 38 days in the wave rest, and deadlineDays is 30" in problem
    assert "approved 30 days after its release, up to 7 until the window opens" in problem


def test_the_deadline_of_other_patches_is_arithmetic_too():
    said = refusal(otherApprovalDays=90)

    assert "any other patch can be missing for 95 days in the wave canary" in said
    assert "otherDeadlineDays is 90: approved 90 days after its release, up to 4 until" in said


def test_weaknesses_may_be_open_for_as_long_as_patches_may_be_missing():
    spec = PatchingSpec(deadline_days=20, other_deadline_days=60)

    assert spec.deadlines() == {"critical": 20, "high": 20, "medium": 60, "low": 60}


def refusal(**spec):
    with pytest.raises(ConfigError) as error:
        PatchingSpec.load("patching", spec)
    return str(error.value)


EXCEPTION = {
    "patches": ["KB4016871"],
    "systems": ["windows"],
    "reason": "Breaks the ledger; the port is closed instead",
    "until": "2027-01-31",
}


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"systems": ["rhel", "rhel"]}, "systems: rhel is named twice"),
        ({"timeZone": "Europe/Atlantis"}, "no time zone of the IANA database"),
        ({"timeZone": "Europe"}, "no time zone of the IANA database"),
        ({"timeZone": "/etc/localtime"}, "no time zone of the IANA database"),
        ({"timeZone": "posix/Europe/Berlin"}, "no time zone of the IANA database"),
        (
            {"waves": {"a": {"days": ["sun"], "hour": 2, "cutoffHours": 3}}},
            "cutoffHours is 3 and durationHours 3, so nothing could begin",
        ),
        ({"waves": {}}, "waves"),
        (
            {"exceptions": {"x": EXCEPTION | {"systems": ["rhel"]}}},
            "on Linux, Patch Manager rejects packages",
        ),
        (
            {"exceptions": {"x": EXCEPTION | {"patches": ["kernel*"]}}},
            "on windows, a patch is rejected by its number",
        ),
        (
            {"exceptions": {"x": EXCEPTION | {"systems": ["rhel"], "patches": ["CVE-2026-12345"]}}},
            "never a CVE or an advisory",
        ),
        ({"exceptions": {"x": EXCEPTION | {"reason": "no"}}}, "reason"),
        (
            {"exceptions": {"x": {k: v for k, v in EXCEPTION.items() if k != "until"}}},
            "until: missing",
        ),
    ],
)
def test_settings_that_make_no_sense_are_refused(spec, words):
    assert words in refusal(**spec)
