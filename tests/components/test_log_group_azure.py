import pulumi
import pytest
from azure_place import STORE

from pulumi_bulwark.log_group.azure import LOGGED, diagnostics


def setting(preview, kind, **more):
    graph = preview(
        lambda: diagnostics("it", kind, "resource", STORE, pulumi.ResourceOptions()), **more
    )
    return graph["it-logs"].inputs


@pytest.mark.parametrize("kind", [kind for kind in LOGGED if kind != "archive"])
def test_logs_go_to_where_they_are_searched_and_to_where_nobody_changes_them(preview, kind):
    found = setting(preview, kind)

    assert found["workspaceId"] == STORE.workspace_id
    assert found["storageAccountId"] == STORE.archive_id
    assert found["resourceUri"] == "resource"
    assert found["logs"]


@pytest.mark.parametrize("kind", LOGGED)
def test_a_line_names_a_category_or_a_group_and_is_on(preview, kind):
    for line in setting(preview, kind)["logs"]:
        assert len(line.keys() & {"category", "categoryGroup"}) == 1
        assert line["enabled"] is True
        # "Diagnostic settings does not support retention for new diagnostic settings."
        assert "retentionPolicy" not in line


def test_two_stacks_log_one_resource_under_two_names(preview):
    names = {
        setting(preview, "Microsoft.KeyVault/vaults", stack=stack)["name"] for stack in ("a", "b")
    }

    assert len(names) == 2


@pytest.mark.parametrize(
    ("kind", "to"),
    [
        ("Microsoft.KeyVault/vaults", "Dedicated"),
        ("Microsoft.ApiManagement/service", "Dedicated"),
        ("Microsoft.Cdn/profiles", None),  # which has no table of its own
    ],
)
def test_a_kind_with_a_table_of_its_own_is_asked_for_it(preview, kind, to):
    assert setting(preview, kind).get("logAnalyticsDestinationType") == to
