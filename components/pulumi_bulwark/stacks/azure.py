"""A whole environment on Azure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_azure_native as azure_native

from .. import notes, openapi
from ..access.azure import AzureAccess, AzureAccessArgs
from ..account.azure import AzureAccount, AzureAccountArgs
from ..api.azure import ApiGuard, ApiSecret, ApiTokens, AzureApi, AzureApiArgs
from ..audit_log.azure import AzureAuditLog, AzureAuditLogArgs
from ..credentials.azure import AzureCredentials
from ..customer_identity.azure import (
    AzureCustomerIdentity,
    AzureCustomerIdentityArgs,
    role_suffix,
)
from ..edge.azure import AzureEdge, AzureEdgeArgs
from ..edge.azure_profile import AzureEdgeProfile, AzureEdgeProfileArgs
from ..edge.azure_site import SiteFiles
from ..errors import ConfigError
from ..forms import is_mail
from ..foundation.azure import AzureFoundation, AzureFoundationArgs
from ..incident_response.azure import AzureIncidentResponse, AzureIncidentResponseArgs
from ..input_guard.azure import AzureInputGuard
from ..keys import Purpose
from ..keys.azure import AzureKeys, AzureKeysArgs
from ..log_group.azure import AzureLogStore
from ..monitoring import Severity
from ..monitoring.azure import AzureMonitoring, AzureMonitoringArgs
from ..monitoring.azure_groups import AzureAlarmGroups, AzureAlarmGroupsArgs
from ..patching.azure import AzurePatching, AzurePatchingArgs
from ..place import AzurePlace
from ..secrets.azure import AzureRotation, AzureSecrets, AzureSecretsArgs
from ..security_testing.azure import AzureSecurityTesting, AzureSecurityTestingArgs
from ..tags import tagging
from ..threat_detection.azure import AzureThreatDetection, AzureThreatDetectionArgs
from ..threat_detection.azure_plans import Scans
from ..vault.azure import AzureKey
from ..waf.azure import AzureWaf, AzureWafArgs
from . import azure_checks as checks
from . import documents
from .azure_watched import Watched
from .spec import StackConfig
from .told import recipients


@dataclass(frozen=True, kw_only=True, slots=True)
class AzureStackArgs:
    spec: StackConfig


class AzureStack(pulumi.ComponentResource):
    """The capabilities wired together. Location and credentials are the Azure provider's own.

    Raises a ConfigError with all that Azure would refuse of the settings, or when the credentials
    belong to another subscription than the config says.
    """

    resource_group_name: pulumi.Output[str]
    """Name of the resource group that holds the environment."""

    key_ids: dict[Purpose, pulumi.Output[str]]
    """Address of each encryption key without its version, by purpose."""

    secret_ids: dict[str, pulumi.Output[str]]
    """Address of each named secret without its version."""

    archive_id: pulumi.Output[str]
    """Full id of the storage account that keeps the logs."""

    events_id: pulumi.Output[str]
    """Full id of the workspace in which logs are searched."""

    access: dict[str, Any]
    """Client ids of the pipelines' identities, and what whoever breaks the glass owns."""
    credentials: dict[str, Any]
    """What applications need to know to call the credential vault; empty without one."""
    patch_groups: dict[str, str]
    """Value of a machine's tag PatchGroup, by the wave's name; empty without systems to patch."""

    front_door: dict[str, Any]
    """What clients and operators of the API need to know, by its name among the stack's exports;
    empty without an API."""

    incident_response: dict[str, Any]
    """What others need to know of the block list; empty without a firewall."""

    alarm_group_ids: dict[Severity, pulumi.Output[str]]
    """Full ids of the action groups that alarms tell, by `page` and `ticket`."""

    owned: tuple[str, ...]
    """What this stack owns of the things that exist once in the subscription, in words."""

    def __init__(
        self, name: str, args: AzureStackArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        self._name, self._spec = name, args.spec
        tagged = pulumi.ResourceOptions(transformations=[tagging(args.spec.tags.as_tags())])
        super().__init__(
            "bulwark:index:AzureStack", name, None, pulumi.ResourceOptions.merge(opts, tagged)
        )
        self._child = pulumi.ResourceOptions(parent=self)

        location = azure_native.config.location or ""
        client = azure_native.authorization.get_client_config(
            opts=pulumi.InvokeOptions(parent=self)
        )
        document = documents.read(args.spec)
        # All before the first resource: the engine makes what was asked for before an error.
        found = checks.problems(args.spec, document, client.subscription_id, location)
        # What several function apps lack is said once.
        if problems := list(dict.fromkeys(found)):
            raise ConfigError(problems)

        foundation = AzureFoundation(
            f"{name}-foundation",
            AzureFoundationArgs(
                spec=args.spec.foundation,
                location=location,
                deletion_protection=args.spec.protection.deletion,
            ),
            self._child,
        )
        self._place = _place(args.spec, client, location, foundation)
        self.resource_group_name = foundation.resource_group_name
        self._watched = Watched()
        self._waf: AzureWaf | None = None
        parts = [self._alarm_groups(), *self._floor()]
        self.access = self._access(parts)
        self.credentials = self._credentials(parts) if args.spec.credentials.enabled else {}
        parts += self._operations()
        self.front_door = self._front_door(document, parts) if document else {}
        self.incident_response = self._respond(parts)
        parts.append(self._monitoring())
        foundation.lock(parts)

        notes.loosened(self, "bulwark:protection", args.spec.protection)
        notes.loosened(self, "bulwark:foundation", args.spec.foundation)
        self.register_outputs(
            {
                "resourceGroupName": self.resource_group_name,
                "keyIds": self.key_ids,
                "secretIds": self.secret_ids,
                "archiveId": self.archive_id,
                "eventsId": self.events_id,
                "access": self.access,
                "credentials": self.credentials,
                "patchGroups": self.patch_groups,
                "frontDoor": self.front_door,
                "incidentResponse": self.incident_response,
                "alarmGroupIds": self.alarm_group_ids,
                "owned": list(self.owned),
            }
        )

    @property
    def exports(self) -> Mapping[str, Any]:
        """What the program tells whoever uses the environment."""
        return {
            "resourceGroupName": self.resource_group_name,
            "keyIds": self.key_ids,
            "archiveId": self.archive_id,
            "eventsId": self.events_id,
            "secretIds": self.secret_ids,
            **self.access,
            "alarmGroupIds": self.alarm_group_ids,
            **({"credentials": self.credentials} if self.credentials else {}),
            **({"patchGroups": self.patch_groups} if self.patch_groups else {}),
            **self.front_door,
            **({"incidentResponse": self.incident_response} if self.incident_response else {}),
        }

    @property
    def store(self) -> AzureLogStore:
        """How the environment keeps its logs, for components beside it."""
        return self._store

    def key(self, purpose: Purpose) -> AzureKey:
        """A key of the environment, for components beside it."""
        return self._keys.key(purpose)

    def _alarm_groups(self) -> pulumi.Resource:
        """Who is told, before everything that has something to tell."""
        groups = AzureAlarmGroups(
            f"{self._name}-alarms",
            AzureAlarmGroupsArgs(recipients=recipients(self._spec), place=self._place),
            self._child,
        )
        self.alarm_group_ids = {"page": groups.page_id, "ticket": groups.ticket_id}
        return groups

    def _floor(self) -> list[pulumi.Resource]:
        """What everything else stands on."""
        name, spec, child = self._name, self._spec, self._child
        account = AzureAccount(
            f"{name}-account", AzureAccountArgs(spec=spec.account, place=self._place), child
        )
        keys = AzureKeys(
            f"{name}-keys",
            AzureKeysArgs(
                spec=spec.keys, place=self._place, deletion_protection=spec.protection.deletion
            ),
            child,
        )
        audit_log = AzureAuditLog(
            f"{name}-audit-log",
            AzureAuditLogArgs(
                spec=spec.audit_log,
                place=self._place,
                key=keys.key("logs"),
                vault_ids={"keys": keys.vault_id},
                baseline=spec.account.baseline,
                deletion_protection=spec.protection.deletion,
            ),
            child,
        )
        secrets = AzureSecrets(
            f"{name}-secrets",
            AzureSecretsArgs(
                spec=spec.secrets,
                place=self._place,
                store=audit_log.store,
                rotation=AzureRotation(key=keys.key("data")),
                deletion_protection=spec.protection.deletion,
            ),
            child,
        )
        self.key_ids, self.secret_ids = keys.ids, secrets.ids
        self.archive_id, self.events_id = audit_log.archive_id, audit_log.events_id
        self.owned = (*account.owned, *audit_log.owned)
        self._store, self._secrets, self._keys = audit_log.store, secrets, keys
        self._watched.add_rotation("rotation", secrets.rotator_name)
        return [keys, audit_log, secrets]

    def _access(self, parts: list[pulumi.Resource]) -> dict[str, Any]:
        """Who else may do what. It is added to the parts."""
        access = AzureAccess(
            f"{self._name}-access",
            AzureAccessArgs(
                spec=self._spec.access,
                store=self._store,
                runbook=self._spec.monitoring.runbook,
                baseline=self._spec.account.baseline,
                alarm_group_id=self.alarm_group_ids["page"],
            ),
            self._child,
        )
        parts.append(access)
        self._never_ids = access.never_ids
        told = {
            "pipelineClientIds": access.pipeline_client_ids,
            "breakGlassScope": access.break_glass_scope,
        }
        return {name: value for name, value in told.items() if value}

    def _credentials(self, parts: list[pulumi.Resource]) -> dict[str, Any]:
        """A vault for applications that keep their own users; what is exported of it."""
        vault = AzureCredentials(
            f"{self._name}-credentials",
            checks.vault_to_be(self._spec, self._store, self.key("data")),
            self._child,
        )
        self._watched.add_vault(vault)
        parts.append(vault)
        return {
            "functionUrls": vault.function_urls,
            "audience": vault.audience,
            "tableNames": vault.table_names,
            "pepperId": vault.pepper_id,
            "metrics": vault.metrics,
        }

    def _operations(self) -> list[pulumi.Resource]:
        """What watches and looks after what stands there."""
        name, spec, child = self._name, self._spec, self._child
        owner = spec.tags.owner if is_mail(spec.tags.owner) else ""
        detection = AzureThreatDetection(
            f"{name}-threat-detection",
            AzureThreatDetectionArgs(
                spec=spec.threat_detection,
                store=self._store,
                owner=owner,
                # The plans that watch scan as well, and only one can set them.
                scans=Scans(
                    machines=spec.security_testing.machines, images=spec.security_testing.images
                ),
                baseline=spec.account.baseline,
            ),
            child,
        )
        testing = AzureSecurityTesting(
            f"{name}-security-testing",
            AzureSecurityTestingArgs(
                spec=spec.security_testing,
                store=self._store,
                key=self.key("data"),
                deadlines=spec.patching.deadlines(),
                owner=owner,
                governed=spec.threat_detection.posture.enabled,
                after=[detection],
                baseline=spec.account.baseline,
            ),
            child,
        )
        self.owned += (*detection.owned, *testing.owned)
        # Its findings are exported to the workspace, where alarms read them.
        self._watched.threats = True
        self._watched.add_counter(testing.counter_name)
        return [detection, testing, *self._patches()]

    def _patches(self) -> list[pulumi.Resource]:
        """Nothing, where there is no machine to patch."""
        name, spec = self._name, self._spec
        self.patch_groups = {}
        if not spec.patching.systems:
            return []
        patches = AzurePatching(
            f"{name}-patching",
            AzurePatchingArgs(spec=spec.patching, place=self._place, stack=pulumi.get_stack()),
            self._child,
        )
        self.patch_groups = patches.groups
        return [patches]

    def _front_door(
        self, document: openapi.Document, parts: list[pulumi.Resource]
    ) -> dict[str, Any]:
        """Sign-in, API, firewall and edge; what is exported. They are added to the parts."""
        name, spec, child = self._name, self._spec, self._child
        identity = None
        if spec.customer_identity.provider:
            identity = AzureCustomerIdentity(
                f"{name}-identity",
                AzureCustomerIdentityArgs(spec=spec.customer_identity, scopes=document.scopes),
                child,
            )
        # Before the API, which has to know it: by its id it tells what came through the edge.
        profile = self._profile() if spec.edge.enabled else None
        guard = self._input_guard(document)
        api = AzureApi(
            f"{name}-api",
            AzureApiArgs(
                spec=spec.api,
                document=document,
                place=self._place,
                store=self._store,
                publisher_email=spec.tags.owner,
                tokens=_tokens(spec, identity),
                function_audience=checks.function_audience(spec),
                edge_id=profile.front_door_id if profile else None,
                kept_paths=spec.edge.cached_paths if profile else (),
                guard=_api_guard(guard),
                secrets={
                    secret: ApiSecret(id=self._secrets.scope(secret), uri=uri)
                    for secret, uri in self.secret_ids.items()
                },
            ),
            child,
        )
        self._watched.api_id = api.service_id
        parts += [api, *([identity] if identity else []), *([guard] if guard else [])]
        edge = self._edge(document, api, profile, identity, parts) if profile else {}
        return {
            "apiUrl": api.url,  # unless there is an edge, whose URL it then is
            "originUrl": api.url,
            **edge,
            **(_of_sign_in(identity) if identity else {}),
            **(_of_service(guard) if guard and spec.input_guard.service else {}),
        }

    def _input_guard(self, document: openapi.Document) -> AzureInputGuard | None:
        """What checks requests, if an operation asks for it or an application may."""
        args = checks.guard_to_be(self._spec, document, self._store, self._keys.key("data"))
        if args is None:
            return None
        guard = AzureInputGuard(f"{self._name}-input-guard", args, self._child)
        self._watched.add_functions({"input-guard": guard.function_name})
        return guard

    def _profile(self) -> AzureEdgeProfile:
        profile = AzureEdgeProfile(
            f"{self._name}-front-door",
            AzureEdgeProfileArgs(spec=self._spec.edge, store=self._store),
            self._child,
        )
        self._watched.edge_id = profile.profile_id
        return profile

    def _site_files(self, profile: AzureEdgeProfile) -> SiteFiles | None:
        if profile.site_reader_id is None or profile.site_reader_principal_id is None:
            return None
        return SiteFiles(
            key=self.key("data"),
            reader_id=profile.site_reader_id,
            reader_principal_id=profile.site_reader_principal_id,
        )

    def _edge(
        self,
        document: openapi.Document,
        api: AzureApi,
        profile: AzureEdgeProfile,
        identity: AzureCustomerIdentity | None,
        parts: list[pulumi.Resource],
    ) -> dict[str, Any]:
        name, spec = self._name, self._spec
        waf = AzureWaf(
            f"{name}-waf",
            AzureWafArgs(
                spec=spec.waf,
                store=self._store,
                allowed_countries=spec.edge.geo.allow,
                denied_countries=spec.edge.geo.deny,
            ),
            self._child,
        )
        edge = AzureEdge(
            f"{name}-edge",
            AzureEdgeArgs(
                spec=spec.edge,
                store=self._store,
                document=document,
                profile_id=profile.profile_id,
                profile_name=profile.profile_name,
                policy_id=waf.policy_id,
                api_host=api.host,
                site_files=self._site_files(profile),
                sign_in_urls=[identity.sign_in_url] if identity else [],
            ),
            self._child,
        )
        self._waf = waf
        parts += [profile, waf, edge]
        told = {
            "apiUrl": edge.url,
            "edgeHost": edge.endpoint_host,
            "edgeDomainProof": edge.domain_proof,
            "wafLists": waf.lists,
            "siteUrl": edge.site_url,
            "siteBucketId": edge.site_bucket_id,
            "siteDistributionId": edge.site_distribution_id,
            "siteEndpointHost": edge.site_endpoint_host,
            "siteDomainProof": edge.site_domain_proof,
        }
        return {key: value for key, value in told.items() if value is not None}

    def _respond(self, parts: list[pulumi.Resource]) -> dict[str, Any]:
        """Playbooks and the block list; what is exported of them."""
        spec, firewall = self._spec, self._waf
        made = AzureIncidentResponse(
            f"{self._name}-incident-response",
            AzureIncidentResponseArgs(
                spec=spec.incident_response,
                store=self._store,
                key=self.key("data"),
                stack=self._name,
                runbook=spec.monitoring.runbook,
                policy_id=firewall.policy_id if firewall else None,
                rules=[str(rule["rule"]) for rule in firewall.lists["blocked"]] if firewall else (),
                application=spec.foundation.function_application,
                never=self._never_ids,
                vault_uri=self._secrets.vault_uri,
                secrets={name: self._secrets.scope(name) for name in spec.secrets.rotating()},
                baseline=checks.answered_by(spec),
                deletion_protection=spec.protection.deletion,
            ),
            self._child,
        )
        parts.append(made)
        self._watched.add_functions(made.functions)
        self._watched.add_response(made)
        found = {"blockList": made.block_list, "decisionsUrl": made.decisions_url}
        return {name: value for name, value in found.items() if value}

    def _monitoring(self) -> pulumi.Resource:
        """Alarms, after everything that they watch."""
        spec, provider = self._spec, self._spec.customer_identity.provider
        return AzureMonitoring(
            f"{self._name}-monitoring",
            AzureMonitoringArgs(
                spec=spec.monitoring,
                place=self._place,
                workspace_id=self.events_id,
                archive_id=self.archive_id,
                group_ids=self.alarm_group_ids,
                baseline=spec.account.baseline,
                customers_tenant_id=provider.tenant_id if provider else None,
                **self._watched.as_args(),
            ),
            self._child,
        )


def _place(
    spec: StackConfig, client: Any, location: str, foundation: AzureFoundation
) -> AzurePlace:
    network = spec.foundation.network
    return AzurePlace(
        subscription_id=client.subscription_id,
        tenant_id=client.tenant_id,
        location=location,
        resource_group_name=foundation.resource_group_name,
        subnet_id=network.subnet_id if network else None,
        functions_subnet_id=foundation.functions_subnet_id,
        dns_zones_group_id=network.dns_zones_group_id if network else None,
        allowed_addresses=spec.foundation.allowed_addresses,
        zone_redundant=spec.foundation.zone_redundant,
    )


def _tokens(spec: StackConfig, identity: AzureCustomerIdentity | None) -> ApiTokens | None:
    """Whose tokens the API takes; None without a provider, where every operation is public."""
    provider = spec.customer_identity.provider
    if provider is None or identity is None:
        return None
    return ApiTokens(
        issuer=identity.issuer,
        metadata_url=provider.endpoints.metadata_url,
        audiences=identity.audiences,
        scope_claim=provider.scope_claim,
        role_suffix=role_suffix(spec.customer_identity),
    )


def _api_guard(guard: AzureInputGuard | None) -> ApiGuard | None:
    if not (guard and guard.audience and guard.identity_id and guard.client_id):
        return None
    return ApiGuard(
        url=guard.url,
        audience=guard.audience,
        identity_id=guard.identity_id,
        client_id=guard.client_id,
    )


def _of_service(guard: AzureInputGuard) -> dict[str, Any]:
    """How an application asks."""
    return {"inputGuardUrl": guard.url, "inputGuardAudience": guard.audience}


def _of_sign_in(identity: AzureCustomerIdentity) -> dict[str, Any]:
    told = {
        "issuer": identity.issuer,
        "audience": identity.audience,
        "authorizeEndpoint": identity.authorize_endpoint,
        "tokenEndpoint": identity.token_endpoint,
        "userPoolId": identity.user_pool_id,
        "requirements": identity.requirements,
    }
    return {name: value for name, value in told.items() if value is not None}
