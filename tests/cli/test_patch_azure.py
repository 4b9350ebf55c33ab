"""One command that shows who lacks a patch on Azure, and rolls it out in waves.

The SDK's own client talks to a fake of Azure Resource Manager and Resource Graph.
"""

import json
from pathlib import Path

import pytest
from arm import SUBSCRIPTION
from azure_fleet import CVE, vm, weakness

DOCS = Path(__file__).parents[2] / "docs" / "patching-on-azure.md"

STACK_FILE = f"""
config:
  azure-native:location: westeurope
  bulwark:cloud: azure
  bulwark:profile: dev
  bulwark:account: {{id: {SUBSCRIPTION}}}
  bulwark:tags: {{owner: me, environment: dev, costCenter: "1", dataClassification: internal}}
  bulwark:patching:
    systems: [ubuntu, windows]
"""


@pytest.fixture
def now(bulwark, ours, azure_fleet, monkeypatch, graphs):
    from bulwark_toolkit.cli import azure_stack, common

    folder = ours(STACK_FILE)
    recorded = common.Recording.__call__

    def once(self, *, rendered):
        key = "azure", tuple(sorted(self.program.config.items()))
        if key not in graphs:
            graphs[key] = recorded(self, rendered=rendered)
        return graphs[key]

    monkeypatch.setattr(azure_stack.common.Recording, "__call__", once)

    def run(*arguments, stack_file=STACK_FILE):
        (folder / "Pulumi.dev.yaml").write_text(stack_file)
        return bulwark("patch", "now", *arguments, "-C", folder)

    return run


@pytest.fixture
def two_waves(azure_fleet):
    azure_fleet.add("one", "dev-canary")
    azure_fleet.add("two", "dev-rest")
    azure_fleet.add("three", "dev-rest")
    return azure_fleet


def patched(fleet):
    return [name for name, _ in fleet.installed]


def test_without_a_terminal_only_the_plan_is_shown(now, two_waves):
    result = now(CVE)

    assert result.status == 0, result.err
    assert "3 machines of dev lack the patch" in result.out
    assert "say --yes" in result.err
    assert two_waves.installed == []


def test_the_canary_is_first_and_the_rest_follows(now, two_waves):
    result = now(CVE, "--yes")

    assert result.status == 0, result.err
    assert patched(two_waves) == ["one", "three", "two"]
    assert result.out == "canary  done     1 of 1 machines\nrest    done     2 of 2 machines\n"


def test_what_is_urgent_and_what_mends_it_is_installed(now, two_waves):
    now(CVE, "--yes", "--patch", "curl")
    _, asked = two_waves.installed[0]

    assert asked["rebootSetting"] == "IfRequired"
    assert asked["maximumDuration"] == "PT3H"
    assert asked["linuxParameters"]["classificationsToInclude"] == ["Critical", "Security"]
    assert asked["linuxParameters"]["packageNameMasksToInclude"] == ["curl", "openssl"]


def test_on_windows_a_number_is_installed_that_a_person_names(now, azure_fleet):
    azure_fleet.add("win", "dev-canary", system="Windows")
    now(CVE, "--yes", "--patch", "KB5034123")
    ((_, asked),) = azure_fleet.installed

    assert asked["windowsParameters"]["kbNumbersToInclude"] == ["5034123"]


def test_it_stops_where_more_fail_than_may(now, two_waves):
    two_waves.failing = {"one"}
    result = now(CVE, "--yes")

    assert result.status == 1
    assert patched(two_waves) == ["one"]
    assert "canary  failed   1 of 1 machines failed, and 10% may" in result.out
    assert "one: Failed" in result.out


def test_a_wave_is_patched_a_few_machines_at_a_time(now, azure_fleet):
    for number in range(8):
        azure_fleet.add(f"m{number}", "dev-rest")
    azure_fleet.failing = {"m0"}
    result = now(CVE, "--yes")

    assert result.status == 1
    assert patched(azure_fleet) == ["m0", "m1"]  # a quarter at once, and none may fail of eight


def test_a_wave_that_takes_too_long_ends_it(now, two_waves):
    two_waves.looks = 10_000
    result = now(CVE, "--yes", "--wait", "1")

    assert result.status == 1
    assert "canary  running  is not through after 1 minutes" in result.out
    assert sum(two_waves.naps) == 60


def test_who_does_not_lack_it_is_left_alone_unless_asked(now, azure_fleet):
    azure_fleet.add("one", "dev-canary", lacks=False)
    azure_fleet.add("two", "dev-rest")
    assert "canary  skipped  no machine in it that runs lacks the patch" in now(CVE, "--yes").out
    assert patched(azure_fleet) == ["two"]
    now(CVE, "--yes", "--everywhere")

    assert patched(azure_fleet) == ["two", "one", "two"]


def test_one_group_alone(now, two_waves):
    assert now(CVE, "--yes", "--group", "dev-canary").status == 0
    assert patched(two_waves) == ["one"]


def test_what_an_exception_leaves_out_is_not_rolled_out(now, two_waves):
    exceptions = """    exceptions:
      driver:
        patches: ["openssl*"]
        systems: [ubuntu]
        reason: Breaks the ledger's driver
        until: 2099-01-31
"""
    result = now(CVE, "--yes", stack_file=STACK_FILE + exceptions)

    assert result.status == 2
    assert "an exception leaves out openssl. End it in bulwark:patching.exceptions" in result.err
    assert two_waves.installed == []


def test_the_plan_is_data_too(now, two_waves):
    data = json.loads(now(CVE, "--format", "json").out)

    assert [wave["name"] for wave in data["waves"]] == ["canary", "rest"]
    assert all(m["lacks"] for wave in data["waves"] for m in wave["machines"])
    assert data["rollout"] is None


def test_the_plan_is_as_the_page_shows_it(now, azure_fleet):
    azure_fleet.add("one", "dev-canary")
    azure_fleet.add("two", "dev-rest", mode="ImageDefault")
    azure_fleet.add("three", "dev-rest", lacks=False, state="PowerState/deallocated")
    azure_fleet.add("stray", "")
    digest = {"registryHost": "pay.azurecr.io", "repositoryName": "api", "digest": "sha256:a"}
    azure_fleet.findings.append(weakness(vm("registry"), artifactDetails=digest))

    assert f"```\n{now(CVE).out}```" in DOCS.read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["everything"], "must be the id of one weakness"),
        ([CVE, "--group", "x"], "no such wave. Known: canary, rest"),
    ],
)
def test_what_makes_no_sense_is_refused(now, two_waves, arguments, said):
    result = now(*arguments)

    assert result.status == 2
    assert said in result.err


def test_a_stack_without_machines_says_so(now, azure_fleet):
    without = STACK_FILE.partition("  bulwark:patching")[0]

    assert "dev patches no machine" in now(CVE, stack_file=without).err


def test_again_is_refused_since_no_rollout_is_remembered(now, two_waves):
    result = now(CVE, "--yes", "--again")

    assert result.status == 2
    assert "no wave is left out for having had it" in result.err
    assert patched(two_waves) == []
