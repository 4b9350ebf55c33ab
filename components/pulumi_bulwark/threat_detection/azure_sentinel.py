"""Microsoft Sentinel on the environment's workspace."""

import uuid
from typing import Any

import pulumi
import pulumi_azure_native as azure_native

from ..log_group.azure import AzureLogStore
from .azure_queries import QUERIES, Found
from .spec import SentinelSpec

Onboarded = azure_native.securityinsights.SentinelOnboardingState


def sentinel(
    name: str, spec: SentinelSpec, store: AzureLogStore, opts: pulumi.ResourceOptions
) -> Onboarded:
    """Sentinel, with the rules that are not muted."""
    workspace = pulumi.Output.from_input(store.workspace_id).apply(lambda id_: id_.split("/")[-1])
    made = Onboarded(
        f"{name}-sentinel",
        resource_group_name=store.place.resource_group_name,
        workspace_name=workspace,
        sentinel_onboarding_state_name="default",  # a workspace has one
        opts=opts,
    )
    after = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[made]))
    for rule, found in QUERIES.items():
        if rule not in spec.muted:
            _rule(f"{name}-{rule}", found, workspace, store, after)
    return made


def _rule(
    name: str,
    found: Found,
    workspace: pulumi.Input[str],
    store: AzureLogStore,
    opts: pulumi.ResourceOptions,
) -> None:
    azure_native.securityinsights.ScheduledAlertRule(
        name,
        resource_group_name=store.place.resource_group_name,
        workspace_name=workspace,
        rule_id=_guid(name),
        kind="Scheduled",
        enabled=True,
        display_name=found.title,
        description=found.why,
        severity=found.severity,
        tactics=list(found.tactics),
        query=found.query,
        query_frequency=f"PT{found.minutes}M",
        query_period=f"PT{found.minutes}M",
        trigger_operator=azure_native.securityinsights.TriggerOperator.GREATER_THAN,
        trigger_threshold=0,
        # Both are wanted, also where nothing is suppressed.
        suppression_enabled=False,
        suppression_duration="PT5H",
        entity_mappings=_entities(found),
        event_grouping_settings={"aggregation_kind": "SingleAlert"},
        incident_configuration={"create_incident": True},
        opts=opts,
    )


def _entities(found: Found) -> Any:
    known = (("Account", "FullName", found.who), ("IP", "Address", found.address))
    return [
        {
            "entity_type": type_,
            "field_mappings": [{"identifier": identifier, "column_name": column}],
        }
        for type_, identifier, column in known
        if column
    ] or None


def _guid(name: str) -> str:
    """What azure-native would draw by lot; so a second program of the same stack has the same."""
    of = f"{pulumi.get_project()}/{pulumi.get_stack()}/{name}"
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"https://bulwark.invalid/{of}"))
