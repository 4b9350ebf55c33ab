"""From the first preview to the last destroy, as the engine sees our programs."""

import pytest

pytestmark = pytest.mark.e2e


def test_a_preview_touches_nothing(project):
    assert project.preview()
    assert project.cloud("create", "update", "delete") == []


def test_an_up_creates_what_the_preview_said_in_order_of_dependency(project):
    previewed = project.preview()

    project.up()

    created = [entry["urn"] for entry in project.cloud("create")]
    assert set(created) == {
        urn for urn, r in previewed.items() if r["custom"] and "pulumi:" not in r["type"]
    }
    assert len(created) == len(set(created))
    for place, urn in enumerate(created):
        for needed in previewed[urn].get("dependencies", []):
            assert needed not in created[place:], f"{urn} came before {needed}"


def test_a_second_up_changes_nothing(deployed):
    before = deployed.cloud("create", "update", "delete")

    assert deployed.up().changes == {}
    assert deployed.cloud("create", "update", "delete") == before


def test_a_refresh_of_an_untouched_cloud_changes_nothing(deployed):
    before = deployed.resources()

    assert deployed.refresh().changes == {}
    assert deployed.resources().keys() == before.keys()
    assert deployed.cloud("read")


def test_a_change_in_the_config_updates_what_it_is_about(deployed):
    deployed.set(*deployed.sample.edit)

    assert set(deployed.up().changes) <= {"update"}
    assert deployed.sample.edited in {entry["name"] for entry in deployed.cloud("update")}
    assert deployed.up().changes == {}


def test_an_up_puts_right_what_somebody_has_changed_by_hand(deployed):
    name = deployed.sample.edited
    intended = deployed.resources()[name]["inputs"]["description"]
    deployed.meddle("drift", name, properties={"description": "changed by hand"})

    assert deployed.refresh().changes == {"update": 1}
    assert deployed.resources()[name]["outputs"]["description"] == "changed by hand"

    assert deployed.up().changes == {"update": 1}
    assert deployed.resources()[name]["outputs"]["description"] == intended


def test_an_up_creates_anew_what_somebody_has_deleted_by_hand(deployed):
    name = deployed.sample.lost
    deployed.meddle("vanish", name)

    assert deployed.refresh().changes == {"delete": 1}
    assert deployed.up().changes["create"] == 1
    assert [e["name"] for e in deployed.cloud("create")].count(name) == 2


def test_destroy_is_refused_while_the_data_is_protected(deployed):
    before = deployed.resources()

    refused = deployed.destroy(fails=True)

    # The engine names those that it comes to first.
    protected = [name for name, resource in before.items() if resource.get("protect")]
    assert any(f"::{name}" in refused.errors for name in protected)
    assert "protect" in refused.errors
    assert deployed.sample.protected in deployed.resources()
    assert before[deployed.sample.protected]["protect"]


def test_destroy_leaves_nothing_once_the_config_has_lifted_the_protection(deployed):
    deployed.protect(on=False)
    deployed.up()
    # What the account's other environments rely on stays.
    kept = {r["urn"] for r in deployed.resources().values() if r.get("retainOnDelete")}

    deployed.destroy()

    assert deployed.resources() == {}
    created = {entry["urn"] for entry in deployed.cloud("create")}
    assert {entry["urn"] for entry in deployed.cloud("delete")} == created - kept


def test_destroy_deletes_in_reverse_order_of_dependency(deployed):
    needs = {r["urn"]: r.get("dependencies", []) for r in deployed.resources().values()}
    deployed.protect(on=False)
    deployed.up()

    deployed.destroy()

    deleted = [entry["urn"] for entry in deployed.cloud("delete")]
    for place, urn in enumerate(deleted):
        for needed in needs[urn]:
            assert needed not in deleted[:place], f"{needed} went before {urn}"
