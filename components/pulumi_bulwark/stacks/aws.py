"""A whole environment on AWS."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from .. import notes, openapi
from ..access.aws import AwsAccess
from ..account.aws import AwsAccount, AwsAccountArgs
from ..api.aws import ApiGuard, AwsApi, AwsApiArgs
from ..api.scripts import headers_of_scripts
from ..audit_log.aws import AwsAuditLog, AwsAuditLogArgs
from ..credentials.aws import AwsCredentials, AwsCredentialsArgs
from ..customer_identity.aws import AwsCustomerIdentity, AwsCustomerIdentityArgs
from ..edge.aws import AwsEdge, AwsEdgeArgs
from ..edge.aws_headers import Cors
from ..errors import ConfigError
from ..incident_response.aws import AwsIncidentResponse
from ..input_guard.aws import AwsInputGuard
from ..keys import Purpose
from ..keys.aws import EDGE_REGION, AwsKeys, AwsKeysArgs
from ..log_group.aws import AwsLogStore
from ..monitoring import Severity
from ..monitoring.aws import AwsMonitoring, AwsMonitoringArgs
from ..monitoring.aws_topics import AwsAlarmTopics, AwsAlarmTopicsArgs
from ..patching.aws import AwsPatching, AwsPatchingArgs
from ..place import AwsPlace
from ..role.aws_boundary import AwsBoundary, AwsBoundaryArgs
from ..secrets.aws import AwsRotation, AwsSecrets, AwsSecretsArgs
from ..security_testing.aws import AwsSecurityTesting, AwsSecurityTestingArgs
from ..tags import tagging
from ..threat_detection.aws import AwsThreatDetection, AwsThreatDetectionArgs
from ..waf.aws import AwsWaf, AwsWafArgs
from . import aws_checks as checks
from . import documents
from .aws_watched import Watched
from .spec import StackConfig
from .told import recipients


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsStackArgs:
    spec: StackConfig


class AwsStack(pulumi.ComponentResource):
    """The capabilities wired together. Region and credentials are the AWS provider's own.

    Raises a ConfigError with all that AWS would refuse of the settings and of the OpenAPI
    document, or when the credentials belong to another account than the config says.
    """

    key_ids: dict[Purpose, pulumi.Output[str]]
    """ARN of each encryption key, by purpose."""

    boundary_arn: pulumi.Output[str]
    """ARN of the permissions boundary that every workload's role must have."""

    trail_arn: pulumi.Output[str] | None
    """ARN of the account's trail; None where another stack owns it."""

    access_logs_id: pulumi.Output[str]
    """Name of the bucket for the logs that services deliver to one."""

    secret_ids: dict[str, pulumi.Output[str]]
    """ARN of each named secret."""

    patch_groups: dict[str, str]
    """Value of a machine's tag PatchGroup, by the wave's name; empty without systems to patch."""

    access: dict[str, Any]
    """ARNs of the roles of pipelines, auditors and emergencies."""
    credentials: dict[str, Any]
    """What an application needs to know of its users' vault; empty where there is none."""

    front_door: dict[str, Any]
    """What clients and operators of the API need to know, by its name among the stack's exports;
    empty without an API."""

    incident_response: dict[str, Any]
    """What approvers, and applications that ask for a block, need to know."""

    alarm_topic_arns: dict[str, dict[Severity, pulumi.Output[str]]]
    """ARNs of the topics that alarms tell, by region, and by `page` and `ticket`."""

    owned: tuple[str, ...]
    """What this stack owns of the things that exist once in the account or region, in words."""

    def __init__(
        self, name: str, args: AwsStackArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        self._name, self._spec = name, args.spec
        tagged = pulumi.ResourceOptions(transformations=[tagging(args.spec.tags.as_tags())])
        super().__init__(
            "bulwark:index:AwsStack", name, None, pulumi.ResourceOptions.merge(opts, tagged)
        )
        self._child = pulumi.ResourceOptions(parent=self)
        look_up = pulumi.InvokeOptions(parent=self)

        account_id = aws.get_caller_identity(opts=look_up).account_id
        checks.check_account(args.spec, account_id)
        partition = aws.get_partition(opts=look_up)
        place = AwsPlace(
            account_id=account_id,
            region=aws.get_region(opts=look_up).region,
            partition=partition.partition,
            dns_suffix=partition.dns_suffix,
        )

        document = documents.read(args.spec)
        # All before the first resource: the engine makes what was asked for before an error.
        if problems := list(checks.problems(args.spec, document, place)):
            raise ConfigError(problems)

        self._watched = Watched(region=place.region)
        self._rotators: list[pulumi.Output[str]] = []
        self._ip_sets: dict[str, Any] = {}
        self._user_pool_arn: pulumi.Output[str] | None = None
        self._floor(place)
        self._watch()
        self.credentials = self._credentials() if args.spec.credentials.enabled else {}
        self.front_door = self._front_door(document, place) if document else {}
        self.incident_response = self._respond(place)
        self._monitoring(place)

        notes.loosened(self, "bulwark:protection", args.spec.protection)
        self.register_outputs(
            {
                "keyIds": self.key_ids,
                "boundaryArn": self.boundary_arn,
                "trailArn": self.trail_arn,
                "accessLogsId": self.access_logs_id,
                "secretIds": self.secret_ids,
                "access": self.access,
                "patchGroups": self.patch_groups,
                "credentials": self.credentials,
                "frontDoor": self.front_door,
                "incidentResponse": self.incident_response,
                "alarmTopicArns": self.alarm_topic_arns,
                "owned": list(self.owned),
            }
        )

    @property
    def exports(self) -> Mapping[str, Any]:
        """What the program tells whoever uses the environment."""
        return {
            "keyIds": self.key_ids,
            "boundaryArn": self.boundary_arn,
            "trailArn": self.trail_arn,
            "accessLogsId": self.access_logs_id,
            "secretIds": self.secret_ids,
            **({"credentials": self.credentials} if self.credentials else {}),
            **({"incidentResponse": self.incident_response} if self.incident_response else {}),
            "alarmTopicArns": self.alarm_topic_arns,
            **({"patchGroups": self.patch_groups} if self.patch_groups else {}),
            **self.access,
            **self.front_door,
        }

    @property
    def store(self) -> AwsLogStore:
        """How the environment keeps its logs, for functions and components beside it."""
        return self._store

    def _floor(self, place: AwsPlace) -> None:
        """What everything else stands on."""
        name, spec, child = self._name, self._spec, self._child
        where = place.as_place()

        boundary = AwsBoundary(f"{name}-boundary", AwsBoundaryArgs(**where), child)
        keys = AwsKeys(
            f"{name}-keys",
            AwsKeysArgs(
                spec=spec.keys,
                **where,
                secret_replica_regions=spec.secrets.replica_regions(),
                deletion_protection=spec.protection.deletion,
            ),
            child,
        )
        self._topics = self._alarm_topics(keys, place)
        self.alarm_topic_arns = {region: dict(t.arns) for region, t in self._topics.items()}
        self._pages = [self.alarm_topic_arns[place.region]["page"]]
        account = AwsAccount(
            f"{name}-account",
            AwsAccountArgs(spec=spec.account, boundary_arn=boundary.arn, partition=place.partition),
            child,
        )
        audit_log = AwsAuditLog(
            f"{name}-audit-log",
            AwsAuditLogArgs(
                spec=spec.audit_log,
                **where,
                key_arn=keys.ids["logs"],
                boundary_arn=boundary.arn,
                baseline=None if spec.account.manage == "all" else spec.account.baseline,
                deletion_protection=spec.protection.deletion,
                delete_contents=not spec.protection.contents,
            ),
            child,
        )
        secrets = AwsSecrets(
            f"{name}-secrets",
            AwsSecretsArgs(
                spec=spec.secrets,
                **where,
                key_arn=keys.ids["secrets"],
                replica_key_arns=keys.secret_replica_ids,
                rotation=AwsRotation(
                    store=audit_log.store, key_arn=keys.ids["data"], boundary_arn=boundary.arn
                ),
                deletion_protection=spec.protection.deletion,
            ),
            child,
        )

        self.key_ids = keys.ids
        self.boundary_arn = boundary.arn
        self.trail_arn = audit_log.trail_arn
        self.access_logs_id = audit_log.access_logs_id
        self.secret_ids = secrets.ids
        self._watched.add_functions({"rotation": secrets.rotator_arn})
        self._rotators += [secrets.rotator_arn] if secrets.rotator_arn is not None else []
        made = self._access(place, audit_log)
        self.owned = (*account.owned, *audit_log.owned, *made.owned)
        self._events_id = audit_log.events_id
        self._store, self._api_log_role = audit_log.store, account.api_log_role
        self._edge_store = dataclasses.replace(
            audit_log.store,
            region=EDGE_REGION,
            # Where there is no such region, there is no edge to log for.
            key_arn=keys.edge_ids.get("logs", keys.ids["logs"]),
        )

    def _access(self, place: AwsPlace, audit_log: AwsAuditLog) -> AwsAccess:
        """Who may do what, beside the workloads."""
        args = dataclasses.replace(
            checks.access_to_be(self._spec, self._name, place),
            boundary_arn=self.boundary_arn,
            evidence_arns=audit_log.evidence_arns,
            evidence_key_arn=self.key_ids["logs"],
            alarm_topic_arn=self._pages[0],
        )
        made = AwsAccess(f"{self._name}-access", args, self._child)
        roles = {
            "pipelineRoleArns": made.pipeline_role_arns,
            "auditorRoleArn": made.auditor_role_arn,
            "breakGlassRoleArn": made.break_glass_role_arn,
        }
        self.access = {name: arns for name, arns in roles.items() if arns}
        return made

    def _watch(self) -> None:
        """What looks for attacks and weaknesses, for the whole region."""
        name, spec, child = self._name, self._spec, self._child
        baseline = checks.owner_of_region(spec)
        self.patch_groups = {}

        threats = AwsThreatDetection(
            f"{name}-threat-detection",
            AwsThreatDetectionArgs(
                spec=spec.threat_detection,
                store=self._store,
                baseline=baseline,
                owns_account=spec.account.manage == "all",
                topic_arns=self._pages,
            ),
            child,
        )
        testing = AwsSecurityTesting(
            f"{name}-security-testing",
            AwsSecurityTestingArgs(
                spec=spec.security_testing,
                store=self._store,
                key_arn=self.key_ids["data"],
                boundary_arn=self.boundary_arn,
                deadlines=spec.patching.deadlines(),
                baseline=baseline,
                deletion_protection=spec.protection.deletion,
            ),
            child,
        )
        self.owned += (*threats.owned, *testing.owned)
        self._watched.add_security_testing(testing)
        if spec.patching.systems:
            patches = AwsPatching(
                f"{name}-patching",
                AwsPatchingArgs(spec=spec.patching, store=self._store, stack=name),
                child,
            )
            self.patch_groups = patches.groups
            self._watched.add_patching(patches)

    def _credentials(self) -> dict[str, Any]:
        """A vault for applications that keep their own users; what is exported of it."""
        vault = AwsCredentials(
            f"{self._name}-credentials",
            AwsCredentialsArgs(
                spec=self._spec.credentials,
                store=self._store,
                key_arn=self.key_ids["data"],
                secrets_key_arn=self.key_ids["secrets"],
                boundary_arn=self.boundary_arn,
                deletion_protection=self._spec.protection.deletion,
            ),
            self._child,
        )
        self._watched.add_vault(vault)
        self._rotators.append(vault.rotator_arn)
        return {
            "functionArns": vault.function_arns,
            "callerPolicies": vault.caller_policies,
            "tableNames": vault.table_names,
            "pepperId": vault.pepper_id,
            "metrics": vault.metrics,
        }

    def _front_door(self, document: openapi.Document, place: AwsPlace) -> dict[str, Any]:
        """Sign-in, API, firewall and edge; what is exported of them."""
        name, spec, child = self._name, self._spec, self._child

        identity = AwsCustomerIdentity(
            f"{name}-identity",
            AwsCustomerIdentityArgs(
                spec=spec.customer_identity,
                **place.as_place(),
                store=self._store,
                boundary_arn=self.boundary_arn,
                scopes=document.scopes,
                deletion_protection=spec.protection.deletion,
            ),
            child,
        )
        guard = self._input_guard(document)
        api = AwsApi(
            f"{name}-api",
            AwsApiArgs(
                spec=spec.api,
                document=document,
                store=self._store,
                user_pool_arn=identity.user_pool_arn,
                guard=_api_guard(guard),
                log_role=self._api_log_role,
            ),
            child,
        )
        waf = AwsWaf(
            f"{name}-waf",
            AwsWafArgs(
                spec=spec.waf,
                store=self._store,
                edge_store=self._edge_store,
                api_stage_arn=api.stage_arn,
                edge=spec.edge.enabled,
                user_pool_arn=identity.user_pool_arn,
                direct_hosts=checks.direct_hosts(spec),
            ),
            child,
        )
        self._ip_sets, self._user_pool_arn = waf.lists, identity.user_pool_arn
        edge = self._edge(document, identity, api, waf) if spec.edge.enabled else {}
        self._watched.add_api(api)
        self._watched.add_sign_in(identity, spec.customer_identity)
        self._watched.add_firewalls(waf)
        return {
            "apiUrl": api.url,  # unless there is an edge, whose URL it then is
            "originUrl": api.url,
            "issuer": identity.issuer,
            "audience": identity.audience,
            "authorizeEndpoint": identity.authorize_endpoint,
            "tokenEndpoint": identity.token_endpoint,
            "userPoolId": identity.user_pool_id,
            "requirements": identity.requirements,
            "addressLists": waf.lists,
            **(
                {"backendCertificates": api.backend_certificates}
                if api.backend_certificates
                else {}
            ),
            **({"inputGuardServiceArn": guard.service_arn} if guard and guard.service_arn else {}),
            **edge,
        }

    def _input_guard(self, document: openapi.Document) -> AwsInputGuard | None:
        """What checks requests, if an operation asks for it or an application may."""
        args = checks.guard_to_be(
            self._spec,
            document,
            self._store,
            key_arn=self.key_ids["data"],
            boundary_arn=self.boundary_arn,
        )
        if args is None:
            return None
        guard = AwsInputGuard(f"{self._name}-input-guard", args, self._child)
        self._watched.add_functions({"guard": guard.proxy_arn, "guard-service": guard.service_arn})
        return guard

    def _edge(
        self,
        document: openapi.Document,
        identity: AwsCustomerIdentity,
        api: AwsApi,
        waf: AwsWaf,
    ) -> dict[str, Any]:
        made = AwsEdge(
            f"{self._name}-edge",
            AwsEdgeArgs(
                spec=self._spec.edge,
                store=self._store,
                edge_store=self._edge_store,
                document=document,
                api_host=api.host,
                api_path=api.path,
                origin_header=_origin_header(waf),
                cors=_cors(self._spec, document),
                web_acl_arn=waf.edge_acl_arn,
                sign_in_urls=[identity.sign_in_url],
                delete_contents=not self._spec.protection.contents,
            ),
            self._child,
        )
        self._watched.add_edge(made)
        site = {
            "siteUrl": made.site_url,
            "siteBucketId": made.site_bucket_id,
            "siteDistributionId": made.site_distribution_id,
        }
        return {"apiUrl": made.url} | (site if made.site_url else {})

    def _alarm_topics(self, keys: AwsKeys, place: AwsPlace) -> dict[str, AwsAlarmTopics]:
        """Whom alarms tell, in each region that has some."""
        key_arns = {place.region: keys.ids["logs"]}
        if _has_alarms_at_edge(self._spec) and "logs" in keys.edge_ids:
            key_arns[EDGE_REGION] = keys.edge_ids["logs"]
        return {
            region: AwsAlarmTopics(
                f"{self._name}-alarms" + ("" if region == place.region else "-edge"),
                AwsAlarmTopicsArgs(
                    recipients=recipients(self._spec),
                    **place.at(region).as_place(),
                    key_arn=key_arn,
                    budgets=region == place.region,
                ),
                self._child,
            )
            for region, key_arn in key_arns.items()
        }

    def _respond(self, place: AwsPlace) -> dict[str, Any]:
        """Playbooks and the block list; what is exported of them."""
        spec = self._spec
        args = dataclasses.replace(
            checks.response_to_be(spec, self._name, place),
            store=self._store,
            key_arn=self.key_ids["data"],
            boundary_arn=self.boundary_arn,
            topic_arns=self.alarm_topic_arns[place.region],
            topic_key_arn=self.key_ids["logs"],
            ip_sets=self._ip_sets,
            user_pool_arn=self._user_pool_arn,
            rotator_arns=self._rotators,
        )
        made = AwsIncidentResponse(f"{self._name}-incident-response", args, self._child)
        self._watched.add_response(made, spec.incident_response.block_list.lists)
        found = {
            "approverPolicy": made.approver_policy,
            "blockList": {k: v for k, v in made.block_list.items() if k.endswith("Policy")},
        }
        return {name: value for name, value in found.items() if value}

    def _monitoring(self, place: AwsPlace) -> None:
        account = self._spec.account
        AwsMonitoring(
            f"{self._name}-monitoring",
            AwsMonitoringArgs(
                spec=self._spec.monitoring,
                **place.as_place(),
                topic_arns=self.alarm_topic_arns,
                topic_names={region: t.names["page"] for region, t in self._topics.items()},
                boundary_arn=self.boundary_arn,
                recipients=recipients(self._spec),
                events_id=self._events_id,
                baseline=None if account.manage == "all" else account.baseline,
                **self._watched.as_args(),
            ),
            self._child,
        )


def _has_alarms_at_edge(spec: StackConfig) -> bool:
    """Whether something of this stack is in us-east-1, wherever the stack is."""
    return spec.api.openapi is not None and (
        spec.edge.enabled or spec.customer_identity.domain is not None
    )


def _api_guard(guard: AwsInputGuard | None) -> ApiGuard | None:
    if guard is None or guard.function_name is None or guard.proxy_arn is None:
        return None
    return ApiGuard(name=guard.function_name, arn=guard.proxy_arn)


def _origin_header(waf: AwsWaf) -> tuple[str, pulumi.Output[str]] | None:
    if waf.origin_header_name is None or waf.origin_header_value is None:
        return None
    return waf.origin_header_name, waf.origin_header_value


def _cors(spec: StackConfig, document: openapi.Document) -> Cors | None:
    cors = spec.api.cors
    if not cors.origins:
        return None
    return Cors(
        origins=cors.origins,
        methods=document.methods,
        headers=headers_of_scripts(spec.api, document),
        exposed_headers=cors.exposed_headers,
        credentials=cors.credentials,
        max_age_seconds=cors.max_age_seconds,
    )
