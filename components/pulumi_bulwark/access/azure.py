"""Identities for pipelines, and roles for auditors and emergencies on Azure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure_native

from .. import notes
from ..log_group.azure import AzureLogStore
from ..naming import physical
from ..role.azure import (
    ROLES,
    AzureIdentity,
    AzureIdentityArgs,
    Grant,
    assign,
    assign_to_people,
    custom_role,
    principal_of,
)
from .azure_break_glass import AzureBreakGlass, AzureBreakGlassArgs
from .azure_federation import federate
from .azure_rights import HAND_OVER, deploys, only_roles_of_workloads, reads
from .spec import AccessSpec, May, PipelineSpec

_AT = "bulwark:access"

_NOT_GIVEN = frozenset({"Key Vault Administrator", "Key Vault Crypto Officer", "Owner"})
"""Of the roles that we know, those that no workload has, and so nobody who deploys gives."""

_ALLOWED_LOCATIONS = (
    "/providers/Microsoft.Authorization/policyDefinitions/e56962a6-4747-49cd-b67b-bf8b01975c4c"
)
"""Microsoft's own policy, from github.com/Azure/azure-policy. It lets global resources be."""

_STATE: dict[May, str] = {
    "deploy": "Storage Blob Data Contributor",
    "preview": "Storage Blob Data Reader",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class AzureAccessArgs:
    spec: AccessSpec
    store: AzureLogStore
    """Where the environment is, and its logs, which auditors read."""
    runbook: str
    """Where it says what to do when somebody breaks the glass."""
    baseline: str | None = None
    """Who owns the subscription, if it is not this stack: then roles are for its group alone."""
    alarm_group_id: pulumi.Input[str] | None = None
    """Full id of the action group that is told at once when somebody breaks the glass."""


class AzureAccess(pulumi.ComponentResource):
    """An identity for each pipeline, what auditors read, and the way in for emergencies."""

    pipeline_client_ids: dict[str, pulumi.Output[str]]
    """Client id of each pipeline's identity, by the pipeline's name in the config."""

    never_ids: list[pulumi.Input[str]]
    """Object ids of the pipelines' identities and of who may break the glass: a playbook that took
    a role from them would lock out who could help."""

    break_glass_scope: pulumi.Output[str] | None
    """Full id of what whoever breaks the glass then owns; None where nobody may."""

    owned: tuple[str, ...]
    """What this stack owns of the things that exist once in the subscription: nothing."""

    def __init__(
        self, name: str, args: AzureAccessArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AzureAccess", name, None, opts)
        args.spec.must_suit("azure", _AT)
        self._name, self._args, self._place = name, args, args.store.place
        self._child = pulumi.ResourceOptions(parent=self)
        self._scope = self._place.group if args.baseline else self._place.subscription

        glass = args.spec.break_glass
        self.never_ids = [principal_of(user)[1] for user in glass.users] if glass else []
        self.pipeline_client_ids = self._pipelines()
        self._auditors()
        self.break_glass_scope = self._break_glass()
        self.owned = ()

        for note in _limits(args):
            notes.limit(self, note)
        notes.loosened(self, _AT, args.spec)
        self.register_outputs(
            {
                "pipelineClientIds": self.pipeline_client_ids,
                "neverIds": self.never_ids,
                "breakGlassScope": self.break_glass_scope,
                "owned": list(self.owned),
            }
        )

    def _pipelines(self) -> dict[str, pulumi.Output[str]]:
        pipelines = self._args.spec.pipelines
        if not pipelines:
            return {}
        made = {name: self._identity(name, spec) for name, spec in pipelines.items()}
        own = [one.principal_id for one in made.values()]
        self.never_ids += own
        held = {"reads": self._reads()}
        if any(spec.may == "deploy" for spec in pipelines.values()):
            held["deploys"] = self._deploys(own)
            held["hands-over"] = self._hands_over()
            self._hold_to_regions()
        for name, spec in pipelines.items():
            for grant in self._grants(spec, held):
                assign(
                    f"{self._name}-{name}-{grant.name}",
                    self._place,
                    grant,
                    principal_id=made[name].principal_id,
                    opts=self._child,
                )
        return {name: one.client_id for name, one in made.items()}

    def _identity(self, name: str, spec: PipelineSpec) -> AzureIdentity:
        label = f"{self._name}-{name}"
        identity = AzureIdentity(label, AzureIdentityArgs(place=self._place), self._child)
        federate(label, self._place, identity.name, spec, self._child)
        return identity

    def _reads(self) -> Grant:
        role = custom_role(
            f"{self._name}-reads",
            self._place,
            description="Reads settings; no key, no log and no customer's data",
            actions=list(reads()),
            scope=self._scope,
            opts=self._child,
        )
        return Grant(name="reads", role=role, scope=self._scope)

    def _deploys(self, never_to: Sequence[pulumi.Input[str]]) -> Grant:
        role = custom_role(
            f"{self._name}-deploys",
            self._place,
            description="Makes what the stack contains, and cannot weaken what it stands on",
            actions=list(deploys()),
            opts=self._child,
        )
        given = [guid for name, guid in ROLES.items() if name not in _NOT_GIVEN]
        condition = pulumi.Output.all(*never_to).apply(
            lambda principals: only_roles_of_workloads(given, principals)
        )
        return Grant(name="deploys", role=role, scope=self._place.group, condition=condition)

    def _hands_over(self) -> Grant:
        role = custom_role(
            f"{self._name}-hands-over",
            self._place,
            description="Sends logs to the archive",
            actions=list(HAND_OVER),
            opts=self._child,
        )
        return Grant(name="hands-over", role=role, scope=self._args.store.archive_id)

    def _hold_to_regions(self) -> None:
        regions = sorted({self._place.location, *self._args.spec.regions})
        azure_native.authorization.PolicyAssignment(
            f"{self._name}-regions",
            policy_assignment_name=physical(
                "policy-assignment", pulumi.get_project(), pulumi.get_stack(), "regions"
            ),
            policy_definition_id=_ALLOWED_LOCATIONS,
            scope=self._place.group,
            display_name="Bulwark: regions",
            enforcement_mode="Default",
            parameters={"listOfAllowedLocations": {"value": regions}},
            non_compliance_messages=[
                {"message": f"Take one of {', '.join(regions)}, or name it in access.regions."}
            ],
            opts=self._child,
        )

    def _grants(self, spec: PipelineSpec, held: dict[str, Grant]) -> Iterator[Grant]:
        state = self._args.spec.state
        yield held["reads"]
        if spec.may == "deploy":
            yield from (held["deploys"], held["hands-over"])
        if state:
            yield Grant(name="state", role=_STATE[spec.may], scope=state.bucket)
        if state and state.key:
            yield Grant(name="state-key", role="Key Vault Crypto User", scope=state.key)

    def _auditors(self) -> None:
        store = self._args.store
        for grant in (
            Grant(name="settings", role="Reader", scope=self._scope),
            Grant(name="events", role="Log Analytics Reader", scope=store.workspace_id),
            Grant(name="files", role="Storage Blob Data Reader", scope=store.archive_id),
        ):
            assign_to_people(
                f"{self._name}-auditor", self._place, self._args.spec.auditors, grant, self._child
            )

    def _break_glass(self) -> pulumi.Output[str] | None:
        spec = self._args.spec.break_glass
        if spec is None:
            return None
        return AzureBreakGlass(
            f"{self._name}-break-glass",
            AzureBreakGlassArgs(
                spec=spec,
                place=self._place,
                scope=self._scope,
                runbook=self._args.runbook,
                alarm_group_id=self._args.alarm_group_id,
            ),
            self._child,
        ).scope


_TAKEN = {"auditor", "break-glass", "deploys", "hands-over", "reads", "regions"}


def problems(spec: AccessSpec) -> Iterator[str]:
    """What Azure would refuse of these settings, a line each."""
    for name in spec.pipelines.keys() & _TAKEN:
        yield f"{_AT}.pipelines.{name}: is the name of another part. Choose another."
    glass = spec.break_glass
    users = glass.users if glass else ()
    if twice := next((user for user in users if users.count(user) > 1), None):
        yield (
            f"{_AT}.breakGlass.users[{users.index(twice)}]: is named twice, and Azure refuses a "
            "second eligibility of the same person."
        )


def _limits(args: AzureAccessArgs) -> Iterator[str]:
    spec = args.spec
    for name, pipeline in spec.pipelines.items():
        if pipeline.host == "github" and pipeline.owner_id is None:
            yield (
                f"pipeline {name}: a repository that was made or renamed after 2026-07-15 needs "
                "ownerId and repositoryId, or Entra ID refuses its token"
            )
    if any(pipeline.may == "deploy" for pipeline in spec.pipelines.values()):
        yield (
            "the deploy role makes no role, lock, policy or federated credential, gives roles to "
            "identities only, and deletes no vault, storage account or workspace: an "
            "administrator's `pulumi up` does"
        )
    if spec.pipelines and args.store.place.subnet_id:
        yield (
            "the network is the hub's: who runs it lets the pipelines' identities join its subnet "
            "and its private DNS zones"
        )
    if spec.auditors:
        yield "auditors: the tenant's conditional access asks for a second factor, not the role"
    yield from _limits_of_glass(args)


def _limits_of_glass(args: AzureAccessArgs) -> Iterator[str]:
    spec = args.spec.break_glass
    if spec is None:
        return
    yield (
        f"breaking the glass: whoever may, may for {spec.eligible_days} days; then `pulumi up "
        "--replace` renews it. It wants Entra ID P2, and nothing denies an owner to stop the logs"
    )
    if spec.activation_rules is None:
        yield (
            "breaking the glass: without activationRules, the scope's own rules say for how long, "
            "and whether a second factor and a reason are asked for"
        )
    if args.alarm_group_id is None:
        yield "nobody is told at once of a broken glass: there is no action group; the alert stays"
