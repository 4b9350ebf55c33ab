"""Where an environment's logs go on Azure: workspace and archive, and the Activity Log if owned."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_azure_native as azure_native

from .. import notes
from ..log_group.azure import SUBSCRIPTION_CATEGORIES, AzureLogStore, diagnostics
from ..naming import logical, physical
from ..object_store import LifecycleRuleSpec, ObjectStoreSpec
from ..object_store.azure import AzureObjectStore, AzureObjectStoreArgs
from ..place import AzurePlace
from ..vault.azure import AzureKey
from .spec import AuditLogSpec

ACTIVITY_LOG = "export of the Activity Log"


@dataclass(frozen=True, kw_only=True, slots=True)
class AzureAuditLogArgs:
    spec: AuditLogSpec
    place: AzurePlace
    """Where the environment is."""
    key: AzureKey
    """The key of the archive."""
    vault_ids: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Full ids of vaults that had to be there first, by a name for each: they are logged too."""
    baseline: str | None = None
    """Who owns the export of the Activity Log, if it is not this stack: Azure has five of them."""
    deletion_protection: bool = True
    """Whether Pulumi refuses to delete what holds logs."""


class AzureAuditLog(pulumi.ComponentResource):
    """The environment's log store, and the Activity Log in it unless another stack exports that.

    Logs are searched in a Log Analytics workspace, and kept in a storage account in which nobody
    changes or deletes them while its lock lasts.
    """

    archive_id: pulumi.Output[str]
    """Full id of the storage account with the files."""

    events_id: pulumi.Output[str]
    """Full id of the workspace in which logs are searched."""

    evidence_ids: tuple[pulumi.Output[str], ...]
    """Full ids of what an auditor reads."""

    owned: tuple[str, ...]
    """What this stack owns of the things that exist once in the subscription, in words."""

    def __init__(
        self, name: str, args: AzureAuditLogArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AzureAuditLog", name, None, opts)
        args.spec.must_suit("azure", "bulwark:auditLog")
        child = pulumi.ResourceOptions(parent=self)
        archive = _archive(f"{name}-archive", args, child)
        workspace = _workspace(f"{name}-events", args, child)
        self.archive_id, self.events_id = archive.id, workspace.id
        self.evidence_ids = (archive.id, workspace.id)
        self._store = AzureLogStore(
            place=args.place,
            workspace_id=workspace.id,
            archive_id=archive.id,
            retention_days=args.spec.retention_days,
            deletion_protection=args.deletion_protection,
        )
        for label, vault_id in args.vault_ids.items():
            diagnostics(
                f"{name}-{label}", "Microsoft.KeyVault/vaults", vault_id, self._store, child
            )
        blobs = pulumi.Output.format("{0}/blobServices/default", archive.id)
        diagnostics(f"{name}-archive", "archive", blobs, self._store, child)
        diagnostics(
            f"{name}-events",
            "Microsoft.OperationalInsights/workspaces",
            workspace.id,
            self._store,
            child,
        )
        self.owned = ()
        if args.baseline is None:
            _activity_log(f"{name}-activity", self._store, child)
            self.owned = (ACTIVITY_LOG,)
        else:
            notes.limit(self, f"what is done in the subscription is logged by {args.baseline}")
        notes.limit(
            self, "sign-ins are logged by the tenant: an administrator of Entra ID exports them"
        )
        notes.cost(self, "logs cost about 2.80 USD for each GB, and the archive 0.02 USD a month")
        notes.loosened(self, "bulwark:auditLog", args.spec)
        self.register_outputs(
            {
                "archiveId": self.archive_id,
                "eventsId": self.events_id,
                "evidenceIds": list(self.evidence_ids),
                "owned": list(self.owned),
            }
        )

    @property
    def store(self) -> AzureLogStore:
        """How the environment keeps its logs, for the capabilities that write some."""
        return self._store


def _archive(name: str, args: AzureAuditLogArgs, opts: pulumi.ResourceOptions) -> AzureObjectStore:
    return AzureObjectStore(
        name,
        AzureObjectStoreArgs(
            spec=ObjectStoreSpec(
                lock=args.spec.lock,
                lifecycle=(LifecycleRuleSpec(expire_after_days=args.spec.archive_days),),
            ),
            place=args.place,
            key=args.key,
            reports_loosened=False,
            deletion_protection=args.deletion_protection,
        ),
        opts,
    )


def _workspace(
    name: str, args: AzureAuditLogArgs, opts: pulumi.ResourceOptions
) -> azure_native.operationalinsights.Workspace:
    kept = pulumi.ResourceOptions(
        protect=args.deletion_protection, retain_on_delete=args.deletion_protection
    )
    return azure_native.operationalinsights.Workspace(
        logical("log-workspace", name),
        resource_group_name=args.place.resource_group_name,
        sku={"name": "PerGB2018"},
        retention_in_days=args.spec.retention_days,
        # None unless asked for: with one, the logs of an attack would be what is dropped.
        workspace_capping={"daily_quota_gb": args.spec.daily_gigabytes}
        if args.spec.daily_gigabytes
        else None,
        features={
            "disable_local_auth": True,
            # Who may read a resource may read its logs, and nobody else's.
            "enable_log_access_using_only_resource_permissions": True,
        },
        opts=pulumi.ResourceOptions.merge(opts, kept),
    )


def _activity_log(name: str, store: AzureLogStore, opts: pulumi.ResourceOptions) -> None:
    azure_native.monitor.SubscriptionDiagnosticSetting(
        name,
        name=physical("diagnostic-setting", pulumi.get_project(), pulumi.get_stack(), name),
        workspace_id=store.workspace_id,
        storage_account_id=store.archive_id,
        logs=[{"category": category, "enabled": True} for category in SUBSCRIPTION_CATEGORIES],
        opts=opts,
    )
