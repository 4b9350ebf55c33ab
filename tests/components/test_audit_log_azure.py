import pytest
from azure_place import KEY, PLACE

from pulumi_bulwark.audit_log import AuditLogSpec
from pulumi_bulwark.audit_log.azure import AzureAuditLog, AzureAuditLogArgs
from pulumi_bulwark.object_store import LockSpec

WORKSPACE = "azure-native:operationalinsights:Workspace"
ACCOUNT = "azure-native:storage:StorageAccount"
LIFECYCLE = "azure-native:storage:ManagementPolicy"
SETTING = "azure-native:monitor:DiagnosticSetting"
ACTIVITY = "azure-native:monitor:SubscriptionDiagnosticSetting"


@pytest.fixture
def built(preview):
    def build(*, baseline=None, deletion_protection=True, rendered=True, **spec):
        args = AzureAuditLogArgs(
            spec=AuditLogSpec(**spec),
            place=PLACE,
            key=KEY,
            vault_ids={"keys": "/subscriptions/s/vaults/keys"},
            baseline=baseline,
            deletion_protection=deletion_protection,
        )
        return preview(lambda: AzureAuditLog("it", args), rendered=rendered)

    return build


def test_the_activity_log_goes_whole_to_the_workspace_and_to_the_archive(built):
    graph = built()

    (setting,), (workspace,), (account,) = map(graph.of_type, (ACTIVITY, WORKSPACE, ACCOUNT))
    assert setting.inputs["workspaceId"] == workspace.id
    assert setting.inputs["storageAccountId"] == account.id
    assert {line["category"] for line in setting.inputs["logs"] if line["enabled"]} >= {
        "Administrative",
        "Alert",
        "Policy",
        "Security",
    }
    assert graph["it"].outputs["owned"] == ["export of the Activity Log"]


def test_where_another_stack_exports_it_this_one_does_not_and_says_so(built):
    graph = built(baseline="org/landing-zone/prod")

    assert not list(graph.of_type(ACTIVITY))
    assert graph["it"].outputs["owned"] == []
    assert "what is done in the subscription is logged by org/landing-zone/prod" in [
        note.text for note in graph.notes
    ]


def test_logs_are_searched_and_kept_for_as_long_as_the_config_says(built):
    graph = built(retention_days=545, archive_days=1000, lock=LockSpec(days=500))

    (workspace,), (account,), (lifecycle,) = map(graph.of_type, (WORKSPACE, ACCOUNT, LIFECYCLE))
    assert workspace.inputs["retentionInDays"] == 545
    policy = account.inputs["immutableStorageWithVersioning"]["immutabilityPolicy"]
    assert policy["immutabilityPeriodSinceCreationInDays"] == 500
    rule = lifecycle.inputs["policy"]["rules"][0]["definition"]["actions"]
    assert rule["baseBlob"]["delete"] == {"daysAfterModificationGreaterThan": 1000}


def test_no_quota_drops_logs_on_the_day_of_an_attack(built):
    (workspace,) = built().of_type(WORKSPACE)

    assert "workspaceCapping" not in workspace.inputs
    assert workspace.inputs["features"]["disableLocalAuth"] is True


def test_a_cap_by_the_day_is_told_to_be_weaker(built):
    graph = built(daily_gigabytes=5)

    (workspace,) = graph.of_type(WORKSPACE)
    assert workspace.inputs["workspaceCapping"] == {"dailyQuotaGb": 5}
    told = [note.text for note in graph.notes if note.kind == "loosened"]
    assert any(
        text.startswith("bulwark:auditLog.dailyGigabytes is 5; hardened is 0") for text in told
    )


def test_what_was_there_before_the_log_store_is_logged_too(built):
    graph = built()

    logged = {setting.inputs["resourceUri"]: setting for setting in graph.of_type(SETTING)}
    (workspace,), (account,) = graph.of_type(WORKSPACE), graph.of_type(ACCOUNT)
    assert set(logged) == {
        "/subscriptions/s/vaults/keys",
        workspace.id,
        f"{account.id}/blobServices/default",
    }


def test_the_archive_tells_who_reads_or_deletes_and_does_not_log_into_itself(built):
    graph = built()

    (account,) = graph.of_type(ACCOUNT)
    (setting,) = (s for s in graph.of_type(SETTING) if account.id in s.inputs["resourceUri"])
    assert "storageAccountId" not in setting.inputs
    # Each delivery is a write.
    assert {line["category"] for line in setting.inputs["logs"]} == {"StorageRead", "StorageDelete"}


def test_nothing_is_delivered_before_the_archive_has_its_settings(built):
    graph = built(rendered=False)

    (lifecycle,), (activity,) = graph.of_type(LIFECYCLE), graph.of_type(ACTIVITY)
    assert lifecycle.urn in activity.dependencies


@pytest.mark.parametrize("protected", [True, False])
def test_logs_are_kept_where_the_environment_is_protected(built, protected):
    graph = built(deletion_protection=protected)

    for resource in (*graph.of_type(WORKSPACE), *graph.of_type(ACCOUNT)):
        assert resource.options.protect is protected
        assert resource.options.retain_on_delete is protected


def test_what_the_tenant_must_do_itself_is_said(built):
    assert any("sign-ins are logged by the tenant" in note.text for note in built().notes)
