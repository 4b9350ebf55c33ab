import json

import pytest
from azure_place import PLACE

from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.patching import PatchingSpec
from pulumi_bulwark.security_testing import SecurityTestingSpec
from pulumi_bulwark.security_testing.azure import (
    RECOMMENDATIONS,
    AzureSecurityTesting,
    AzureSecurityTestingArgs,
)

RULE = "azure-native:security:GovernanceRule"
ACCEPTED = {
    "weaknesses": ("CVE-2026-12345",),
    "reason": "The image has no shell to run it in",
    "owner": "platform@example.com",
    "until": "2026-11-24",
}


@pytest.fixture
def testing(preview, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795600000")  # 2026-11-25

    def build(*, spec=None, **more):
        args = AzureSecurityTestingArgs(
            spec=SecurityTestingSpec(**spec or {}),
            place=PLACE,
            deadlines=PatchingSpec(deadline_days=20).deadlines(),
            **{"owner": "desk@example.com", **more},
        )
        graph = preview(lambda: AzureSecurityTesting("it", args), rendered=True)
        assert graph.problems == ()
        return graph

    return build


def texts(graph, kind):
    return [note.text for note in graph.notes if note.kind == kind]


def test_machines_and_images_are_scanned_by_defenders_plans(testing):
    assert testing()["it"].outputs["scanned"] == ["VirtualMachines", "Containers"]
    assert testing(spec={"images": False})["it"].outputs["scanned"] == ["VirtualMachines"]


def test_defender_sets_dates_by_the_same_deadline_as_patches(testing):
    (rule,) = testing().of_type(RULE)

    assert rule.inputs["remediationTimeframe"] == "20.00:00:00"
    assert rule.inputs["ownerSource"] == {"type": "Manually", "value": "desk@example.com"}
    assert rule.inputs["governanceEmailNotification"]["disableOwnerEmailNotification"] is False
    assert rule.inputs["isDisabled"] is False


def test_dates_are_for_what_is_scanned_and_nothing_else(testing):
    (rule,) = testing(spec={"images": False}).of_type(RULE)

    ((condition,),) = [one["conditions"] for one in rule.inputs["conditionSets"]]
    assert json.loads(condition["value"]) == [RECOMMENDATIONS["machines"]]


@pytest.mark.parametrize("missing", [{"governed": False}, {"owner": ""}])
def test_where_defender_cannot_set_dates_it_is_said_who_looks(testing, missing):
    graph = testing(**missing)

    assert list(graph.of_type(RULE)) == []
    assert any("unless `bulwark findings` is run" in text for text in texts(graph, "limit"))


def test_where_another_stack_owns_the_plans_nothing_is_made(testing):
    graph = testing(baseline="org/landing-zone/prod")

    assert [r for r in graph.resources if r.kind == "custom"] == []
    assert graph["it"].outputs["owned"] == []


def test_where_nothing_is_scanned_nothing_is_owned(testing):
    graph = testing(spec={"machines": False, "images": False})

    assert graph["it"].outputs["owned"] == []
    assert list(graph.of_type(RULE)) == []


def test_an_exception_is_told_to_whoever_lists_findings(testing):
    graph = testing(spec={"exceptions": {"no-shell": ACCEPTED | {"until": "2027-01-31"}}})

    assert graph["it"].outputs["exceptions"] == [
        {"weaknesses": ["CVE-2026-12345"], "resources": [], "until": "2027-01-31"}
    ]
    assert texts(graph, "overdue") == []


def test_an_exception_that_is_over_is_told(testing):
    graph = testing(spec={"exceptions": {"no-shell": ACCEPTED}})

    (told,) = texts(graph, "overdue")
    assert told.startswith("bulwark:securityTesting.exceptions.no-shell held until 2026-11-24")


def test_that_functions_are_not_scanned_is_said_unless_they_are_off(testing):
    off = testing(spec={"functions": False, "function_code": False})

    assert any("neither packages nor code" in text for text in texts(testing(), "limit"))
    assert not any("neither packages nor code" in text for text in texts(off, "limit"))


def test_what_azure_has_not_is_refused(testing):
    with pytest.raises(ConfigError) as error:
        testing(spec={"inventory": {"every": "day"}})

    assert "Defender's list is always that of today" in str(error.value)
