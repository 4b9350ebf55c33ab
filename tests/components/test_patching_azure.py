from datetime import UTC, datetime

import pytest
from azure_place import PLACE

from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.patching import PatchingSpec
from pulumi_bulwark.patching.azure import AzurePatching, AzurePatchingArgs, problems

CONFIGURATION = "azure-native:maintenance:MaintenanceConfiguration"
SCOPE = "azure-native:maintenance:ConfigurationAssignmentsForSubscription"
TODAY = datetime(2026, 11, 25, 23, 59, tzinfo=UTC)
REASON = "Breaks the ledger's driver, and the port is closed"


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(TODAY.timestamp())))


@pytest.fixture
def later(monkeypatch):
    def go(days):
        seconds = int(TODAY.timestamp()) + days * 24 * 3600
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(seconds))

    return go


@pytest.fixture
def patching(preview):
    def build(*, rendered=True, stack="prod", **spec):
        args = AzurePatchingArgs(
            spec=PatchingSpec(**{"systems": ("rhel", "windows"), **spec}), place=PLACE, stack=stack
        )
        graph = preview(lambda: AzurePatching("it", args), rendered=rendered)
        assert graph.problems == ()
        return graph

    return build


def windows(graph):
    return {r.name: r.inputs for r in graph.of_type(CONFIGURATION)}


def texts(graph, kind):
    return [note.text for note in graph.notes if note.kind == kind]


def excepted(patch, *systems, until="2026-11-25"):
    about = {"patches": (patch,), "systems": systems, "reason": REASON, "until": until}
    return {"exceptions": {"driver": about}}


def test_without_a_system_nothing_is_made(patching):
    graph = patching(systems=())

    assert [r for r in graph.resources if r.kind == "custom"] == []
    assert graph["it"].outputs["waves"] == []


def test_each_wave_has_a_window_on_its_days(patching):
    found = windows(patching())

    assert {name: one["recurEvery"] for name, one in found.items()} == {
        "it-canary-at-02": "1Week Tuesday,Friday",
        "it-rest-at-02": "1Week Sunday",
    }
    for one in found.values():
        assert one["maintenanceScope"] == "InGuestPatch"
        assert one["extensionProperties"] == {"InGuestPatchMode": "User"}
        assert one["duration"] == "03:00"


def test_a_window_opens_at_an_hour_of_a_time_zone_as_windows_calls_it(patching):
    found = windows(patching(time_zone="Europe/Berlin"))["it-canary-at-02"]

    assert found["timeZone"] == "W. Europe Standard Time"
    assert found["startDateTime"].endswith(" 02:00")


def test_the_first_window_is_in_the_future_wherever_on_earth(patching):
    start = windows(patching())["it-rest-at-02"]["startDateTime"]

    farthest_east_hours = 14
    assert (
        datetime.fromisoformat(f"{start}+00:00") - TODAY
    ).total_seconds() / 3600 > farthest_east_hours


def test_tomorrow_changes_nothing_about_a_window_that_is_there(patching):
    (made,) = [r for r in patching().of_type(CONFIGURATION) if "rest" in r.name]

    assert made.options.ignore_changes == ("startDateTime",)


def test_another_hour_makes_another_window_since_the_first_one_is_written_once(patching):
    waves = {"all": {"days": ("mon",), "hour": 4}}

    assert set(windows(patching(waves=waves))) == {"it-all-at-04"}


def test_two_previews_of_a_day_are_the_same(patching):
    assert windows(patching()) == windows(patching())


def test_machines_are_in_a_wave_by_their_tag(patching):
    graph = patching(stack="prod")
    scopes = {r.name: r.inputs for r in graph.of_type(SCOPE)}

    for wave in ("canary", "rest"):
        found = scopes[f"it-{wave}-machines"]
        assert found["filter"]["tagSettings"]["tags"] == {"PatchGroup": [f"prod-{wave}"]}
        assert found["maintenanceConfigurationId"] == graph[f"it-{wave}-at-02"].id
        assert found["resourceId"] == PLACE.subscription
        assert len(found["filter"]["resourceTypes"]) == 2


def test_machines_are_assigned_once_the_window_is_known(patching):
    graph = patching()

    assert graph["it-windows-known"].urn in graph["it-rest-machines"].dependencies


def test_the_names_of_scopes_are_those_of_the_stack_alone(patching):
    names = [r.inputs["configurationAssignmentName"] for r in patching().of_type(SCOPE)]

    assert all(name.startswith("project-stack-it-") for name in names)
    assert len(set(names)) == 2


@pytest.mark.parametrize(
    ("systems", "there"),
    [
        (("rhel", "ubuntu"), {"linuxParameters"}),
        (("windows",), {"windowsParameters"}),
        (("ubuntu", "windows"), {"linuxParameters", "windowsParameters"}),
    ],
)
def test_what_is_installed_is_said_for_the_systems_that_there_are(patching, systems, there):
    asked = windows(patching(systems=systems))["it-rest-at-02"]["installPatches"]

    assert set(asked) == there | {"rebootSetting"}


@pytest.mark.parametrize(("reboot", "said"), [("ifNeeded", "IfRequired"), ("never", "Never")])
def test_a_wave_says_whether_machines_are_restarted(patching, reboot, said):
    waves = {"all": {"days": ("mon",), "hour": 4, "reboot": reboot}}
    asked = windows(patching(waves=waves))["it-all-at-04"]["installPatches"]

    assert asked["rebootSetting"] == said


@pytest.mark.parametrize(
    ("patch", "system", "of", "left_out"),
    [
        ("kernel*", "rhel", "linuxParameters", {"packageNameMasksToExclude": ["kernel*"]}),
        ("KB4016871", "windows", "windowsParameters", {"kbNumbersToExclude": ["4016871"]}),
    ],
)
def test_an_exception_holds_to_the_end_of_its_day(patching, later, patch, system, of, left_out):  # noqa: PLR0917 a case
    on_the_day = windows(patching(**excepted(patch, system)))["it-rest-at-02"]["installPatches"]
    later(days=1)
    graph = patching(**excepted(patch, system))

    assert left_out.items() <= on_the_day[of].items()
    assert not left_out.keys() & windows(graph)["it-rest-at-02"]["installPatches"][of].keys()
    assert any("ended on 2026-11-25" in text for text in texts(graph, "overdue"))


def test_an_exception_for_one_linux_is_one_for_all_which_is_said(patching):
    graph = patching(systems=("rhel", "ubuntu"), **excepted("kernel*", "rhel"))

    assert any("holds for ubuntu too" in text for text in texts(graph, "limit"))


def test_the_deadline_is_what_the_windows_come_to(patching):
    graph = patching()

    assert graph["it"].outputs["worstDays"] == 8  # a week until Sunday, and three hours
    assert any("on every machine within 8 days" in text for text in texts(graph, "limit"))


def test_what_a_machine_needs_is_said(patching):
    assert any("AutomaticByPlatform" in text for text in texts(patching(), "limit"))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"systems": ("amazonLinux2023",)}, "bulwark:patching.systems[0]: not on Azure"),
        ({"hooks": {"before": "Acme-Drain"}}, "bulwark:patching.hooks: not on Azure"),
        ({"scan_hour": 6}, "bulwark:patching.scanHour: not on Azure"),
        (
            {"waves": {"all": {"days": ("mon",), "hour": 1, "duration_hours": 4}}},
            "bulwark:patching.waves.all.durationHours: not on Azure",
        ),
    ],
)
def test_what_update_manager_has_not_is_refused(patching, settings, said):
    with pytest.raises(ConfigError) as error:
        patching(**settings)

    assert said in str(error.value)


@pytest.mark.parametrize(
    ("settings", "stack", "said"),
    [
        (excepted("MS10-048", "windows"), "prod", "exceptions.driver.patches: Update Manager"),
        ({"time_zone": "Factory"}, "prod", "timeZone: Windows"),
        ({}, "p" * 250, "waves.canary: makes the value of the tag PatchGroup 257"),
    ],
)
def test_what_azure_would_refuse_is_found_before(settings, stack, said):
    spec = PatchingSpec(systems=("windows",), **settings)

    assert said in next(problems(spec, stack))
