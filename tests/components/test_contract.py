"""What holds for every component of every cloud."""

import dataclasses
import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import pulumi
import pytest

import pulumi_bulwark
from bulwark_toolkit.cli.bootstrap import kind_of
from pulumi_bulwark.access import AccessSpec, BreakGlassSpec, azure_rights
from pulumi_bulwark.access.aws import AwsAccess, AwsAccessArgs
from pulumi_bulwark.access.aws_alarm import AwsBreakGlassAlarm, AwsBreakGlassAlarmArgs
from pulumi_bulwark.access.azure import AzureAccess, AzureAccessArgs
from pulumi_bulwark.access.azure_break_glass import AzureBreakGlass, AzureBreakGlassArgs
from pulumi_bulwark.account import AccountSpec
from pulumi_bulwark.account.aws import AwsAccount, AwsAccountArgs
from pulumi_bulwark.account.azure import AzureAccount, AzureAccountArgs
from pulumi_bulwark.api import ApiSpec
from pulumi_bulwark.api.aws import AwsApi, AwsApiArgs
from pulumi_bulwark.api.azure import ApiSecret, AzureApi, AzureApiArgs
from pulumi_bulwark.audit_log import AuditLogSpec
from pulumi_bulwark.audit_log.aws import AwsAuditLog, AwsAuditLogArgs
from pulumi_bulwark.audit_log.aws_trail import AwsTrail, AwsTrailArgs
from pulumi_bulwark.audit_log.azure import AzureAuditLog, AzureAuditLogArgs
from pulumi_bulwark.credentials import CredentialsSpec
from pulumi_bulwark.credentials.aws import AwsCredentials, AwsCredentialsArgs
from pulumi_bulwark.credentials.aws_table import AwsVaultTable, AwsVaultTableArgs
from pulumi_bulwark.credentials.azure import AzureCredentials, AzureCredentialsArgs
from pulumi_bulwark.credentials.azure_table import AzureVaultTables, AzureVaultTablesArgs
from pulumi_bulwark.customer_identity import CustomerIdentitySpec
from pulumi_bulwark.customer_identity.aws import AwsCustomerIdentity, AwsCustomerIdentityArgs
from pulumi_bulwark.customer_identity.azure import (
    AzureCustomerIdentity,
    AzureCustomerIdentityArgs,
)
from pulumi_bulwark.customer_identity.azure_applications import (
    AzureApplications,
    AzureApplicationsArgs,
)
from pulumi_bulwark.customer_identity.provider import ProviderSpec
from pulumi_bulwark.domain import DomainSpec
from pulumi_bulwark.domain.aws import AwsDomain, AwsDomainArgs
from pulumi_bulwark.domain.azure import AzureDomain, AzureDomainArgs
from pulumi_bulwark.edge import EdgeSpec, SiteSpec
from pulumi_bulwark.edge.aws import AwsEdge, AwsEdgeArgs
from pulumi_bulwark.edge.aws_distribution import AwsDistribution, AwsDistributionArgs
from pulumi_bulwark.edge.aws_site import AwsSite, AwsSiteArgs
from pulumi_bulwark.edge.azure import AzureEdge, AzureEdgeArgs
from pulumi_bulwark.edge.azure_endpoint import AzureEndpoint, AzureEndpointArgs, AzureProfile, Route
from pulumi_bulwark.edge.azure_profile import AzureEdgeProfile, AzureEdgeProfileArgs
from pulumi_bulwark.edge.azure_site import AzureSite, AzureSiteArgs, SiteFiles
from pulumi_bulwark.foundation import FoundationSpec
from pulumi_bulwark.foundation.azure import AzureFoundation, AzureFoundationArgs
from pulumi_bulwark.function import FunctionApplication, FunctionSpec, Package
from pulumi_bulwark.function.aws import AwsFunction, AwsFunctionArgs, AwsNetwork
from pulumi_bulwark.function.aws_failures import AwsFailures, AwsFailuresArgs
from pulumi_bulwark.function.aws_invoker import Invoker
from pulumi_bulwark.function.azure import AzureFunction, AzureFunctionArgs
from pulumi_bulwark.incident_response import BlockListSpec, IncidentResponseSpec, TriggerSpec
from pulumi_bulwark.incident_response.aws import AwsIncidentResponse, AwsIncidentResponseArgs
from pulumi_bulwark.incident_response.aws_block_list import AwsBlockList, AwsBlockListArgs
from pulumi_bulwark.incident_response.aws_block_list_queue import (
    AwsBlockListQueue,
    AwsBlockListQueueArgs,
    every_minute,
)
from pulumi_bulwark.incident_response.aws_queues import AwsInbox, AwsInboxArgs
from pulumi_bulwark.incident_response.azure import (
    AzureIncidentResponse,
    AzureIncidentResponseArgs,
)
from pulumi_bulwark.incident_response.azure_block_list import AzureBlockList, AzureBlockListArgs
from pulumi_bulwark.incident_response.azure_block_list_queue import (
    AzureBlockListQueue,
    AzureBlockListQueueArgs,
)
from pulumi_bulwark.incident_response.azure_inbox import AzureInbox, AzureInboxArgs
from pulumi_bulwark.incident_response.builtin import ACTING
from pulumi_bulwark.incident_response.builtin_azure import ACTING as ACTING_ON_AZURE
from pulumi_bulwark.input_guard import InputGuardSpec
from pulumi_bulwark.input_guard.aws import AwsInputGuard, AwsInputGuardArgs
from pulumi_bulwark.input_guard.azure import AzureInputGuard, AzureInputGuardArgs
from pulumi_bulwark.keys import KeysSpec
from pulumi_bulwark.keys.aws import AwsKeys, AwsKeysArgs
from pulumi_bulwark.keys.azure import AzureKeys, AzureKeysArgs
from pulumi_bulwark.log_group.aws import AwsLogGroup, AwsLogGroupArgs, AwsLogStore, vended_logs
from pulumi_bulwark.log_group.azure import AzureLogStore
from pulumi_bulwark.monitoring import MonitoringSpec, RecipientSpec
from pulumi_bulwark.monitoring.aws import AwsMonitoring, AwsMonitoringArgs
from pulumi_bulwark.monitoring.aws_topics import AwsAlarmTopics, AwsAlarmTopicsArgs
from pulumi_bulwark.monitoring.aws_watched import (
    WatchedApi,
    WatchedBlockList,
    WatchedCertificate,
    WatchedFirewall,
    WatchedMetric,
    WatchedQueue,
    WatchedSignIn,
)
from pulumi_bulwark.monitoring.azure import AzureMonitoring, AzureMonitoringArgs
from pulumi_bulwark.monitoring.azure_groups import AzureAlarmGroups, AzureAlarmGroupsArgs
from pulumi_bulwark.monitoring.azure_watched import WatchedLine
from pulumi_bulwark.monitoring.azure_watched import WatchedQueue as AzureQueue
from pulumi_bulwark.object_store import LockSpec, ObjectStoreSpec
from pulumi_bulwark.object_store.aws import AwsObjectStore, AwsObjectStoreArgs, AwsReplication
from pulumi_bulwark.object_store.azure import AzureObjectStore, AzureObjectStoreArgs
from pulumi_bulwark.openapi import Backend, Document, Operation, Scope
from pulumi_bulwark.patching import PatchingSpec
from pulumi_bulwark.patching.aws import AwsPatching, AwsPatchingArgs
from pulumi_bulwark.patching.azure import AzurePatching, AzurePatchingArgs
from pulumi_bulwark.place import AzurePlace
from pulumi_bulwark.role.aws import AwsRole, AwsRoleArgs, service_trust
from pulumi_bulwark.role.aws_boundary import AwsBoundary, AwsBoundaryArgs
from pulumi_bulwark.role.azure import AzureIdentity, AzureIdentityArgs, Grant
from pulumi_bulwark.secret.aws_rotator import AwsRotator, AwsRotatorArgs
from pulumi_bulwark.secret.azure_rotator import AzureRotator, AzureRotatorArgs, RotatingSecret
from pulumi_bulwark.secrets import SecretsSpec
from pulumi_bulwark.secrets.aws import AwsRotation, AwsSecrets, AwsSecretsArgs
from pulumi_bulwark.secrets.azure import AzureRotation, AzureSecrets, AzureSecretsArgs
from pulumi_bulwark.security_testing import SecurityTestingSpec
from pulumi_bulwark.security_testing.aws import AwsSecurityTesting, AwsSecurityTestingArgs
from pulumi_bulwark.security_testing.azure import AzureSecurityTesting, AzureSecurityTestingArgs
from pulumi_bulwark.spec import Spec
from pulumi_bulwark.stacks import StackConfig
from pulumi_bulwark.stacks.aws import AwsStack, AwsStackArgs
from pulumi_bulwark.stacks.azure import AzureStack, AzureStackArgs
from pulumi_bulwark.tags import TagsSpec
from pulumi_bulwark.threat_detection import ThreatDetectionSpec
from pulumi_bulwark.threat_detection.aws import AwsThreatDetection, AwsThreatDetectionArgs
from pulumi_bulwark.threat_detection.azure import AzureThreatDetection, AzureThreatDetectionArgs
from pulumi_bulwark.vault.azure import AzureKey, AzureVault, AzureVaultArgs
from pulumi_bulwark.waf import WafSpec
from pulumi_bulwark.waf.aws import AwsWaf, AwsWafArgs
from pulumi_bulwark.waf.aws_acl import AwsWebAcl, AwsWebAclArgs, WebAclRule
from pulumi_bulwark.waf.aws_list import AwsIpList, AwsIpListArgs
from pulumi_bulwark.waf.azure import AzureWaf, AzureWafArgs

TAGS = TagsSpec(owner="me", environment="test", cost_center="1", data_classification="public")

ACCOUNT = "123456789012"
REGION = "eu-central-1"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/00000000-0000-0000-0000-000000000000"

STAGE = f"arn:aws:apigateway:{REGION}::/restapis/abc123/stages/live"

STORE = AwsLogStore(
    account_id=ACCOUNT,
    region=REGION,
    partition="aws",
    key_arn=KEY,
    retention_days=400,
    access_logs_id="access-logs",
    deletion_protection=True,
)

STATUS = Operation(
    pointer="/paths/~1status/get",
    path="/status",
    method="get",
    operation_id="status",
    scopes=(),
    public="Says whether the API is there",
    backend=Backend("mock"),
    rate_limit=None,
    api_key=False,
)
DOCUMENT = Document(
    source=Path("status.yaml"),
    title="Status",
    version="1",
    body={
        "openapi": "3.0.3",
        "info": {"title": "Status", "version": "1"},
        "paths": {"/status": {"get": {"responses": {"204": {"description": "It is"}}}}},
    },
    scheme=None,
    api_key_scheme=None,
    operations=(STATUS,),
    scopes=(),
    findings=(),
    request_headers=(),
    methods=("GET",),
)

EDGE_STORE = dataclasses.replace(
    STORE, region="us-east-1", key_arn=KEY.replace(REGION, "us-east-1")
)

DESTINATION = f"arn:aws:logs:us-east-1:{ACCOUNT}:delivery-destination:edge"

RECIPIENTS = {
    "security": RecipientSpec(mail="security@example.com"),
    "pager": RecipientSpec(told=("page",), https="https://pager.example.com/sns"),
    "chat": RecipientSpec(slack={"workspace_id": "T0123ABCD", "channel_id": "C0123ABCD"}),
    "team": RecipientSpec(
        teams={
            "tenant_id": "00000000-0000-0000-0000-000000000001",
            "team_id": "00000000-0000-0000-0000-000000000002",
            "channel_id": "19%3aab%40thread.tacv2",
        }
    ),
}

LOCATION = "germanywestcentral"
PLACE = AzurePlace(
    subscription_id="00000000-0000-0000-0000-000000000001",
    tenant_id="00000000-0000-0000-0000-000000000002",
    location=LOCATION,
    resource_group_name="group",
    functions_subnet_id="/subnets/functions",
)
FRONT_DOOR = AzureProfile(
    subscription_id=PLACE.subscription_id, resource_group_name="group", name="edge"
)
CONFIG = {"azure-native:location": LOCATION}
GROUP = f"{PLACE.subscription}/resourceGroups/group"
VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/vault"
POLICY_ID = f"{GROUP}/providers/Microsoft.Network/frontDoorWebApplicationFirewallPolicies/w"
AZURE_KEY = AzureKey(
    name="logs", vault_uri="https://vault.vault.azure.net/", resource_id=f"{VAULT}/keys/logs"
)
SITE_FILES = SiteFiles(
    key=AZURE_KEY, reader_id=f"{GROUP}/identities/reader", reader_principal_id="reader"
)
AZURE_STORE = AzureLogStore(
    place=PLACE,
    workspace_id=f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/logs",
    archive_id=f"{GROUP}/providers/Microsoft.Storage/storageAccounts/logs",
    retention_days=400,
    deletion_protection=True,
)
APPLICATION = FunctionApplication(
    client_id="00000000-0000-0000-0000-000000000004", audience="api://functions"
)
MEMBER = "group:00000000-0000-0000-0000-00000000000a"

ARGS = {
    AwsPatching: AwsPatchingArgs(spec=PatchingSpec(systems=("rhel",)), store=STORE, stack="it"),
    AwsAccess: AwsAccessArgs(
        spec=AccessSpec(
            pipelines={"review": {"repository": "acme/app", "branch": "main", "may": "deploy"}},
            auditors=(f"arn:aws:iam::{ACCOUNT}:role/auditors",),
            break_glass={"users": (f"arn:aws:iam::{ACCOUNT}:user/ada",)},
        ),
        account_id=ACCOUNT,
        region=REGION,
        boundary_arn=BOUNDARY,
        stack="it",
    ),
    AwsBreakGlassAlarm: AwsBreakGlassAlarmArgs(
        account_id=ACCOUNT,
        region=REGION,
        role_arn=f"arn:aws:iam::{ACCOUNT}:role/access/break-glass",
        boundary_arn=BOUNDARY,
        path="/access/",
    ),
    AwsAccount: AwsAccountArgs(spec=AccountSpec(), boundary_arn=BOUNDARY),
    AwsApi: AwsApiArgs(
        spec=ApiSpec(
            domain={"name": "origin.example.com", "zone_id": "Z0123456789"},
            mutual_tls={
                "domain": {"name": "partners.example.com", "zone_id": "Z0123456789"},
                "truststore_uri": "s3://trust/partners.pem",
                "truststore_version": "1",
            },
        ),
        document=DOCUMENT,
        store=STORE,
    ),
    AwsAuditLog: AwsAuditLogArgs(
        spec=AuditLogSpec(data_events=True, insights=True),
        account_id=ACCOUNT,
        region=REGION,
        key_arn=KEY,
        boundary_arn=BOUNDARY,
    ),
    AwsBoundary: AwsBoundaryArgs(account_id=ACCOUNT, region=REGION),
    AwsCredentials: AwsCredentialsArgs(
        spec=CredentialsSpec(
            enabled=True,
            store="secrets",
            upkeep=True,
            callers={"verify": (f"arn:aws:iam::{ACCOUNT}:role/app",)},
        ),
        store=STORE,
        key_arn=KEY,
        secrets_key_arn=KEY,
        boundary_arn=BOUNDARY,
    ),
    AwsVaultTable: AwsVaultTableArgs(key_arn=KEY, expires=True),
    AwsRotator: AwsRotatorArgs(
        kind="generated",
        secret_arns=[f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:it-AbCdEf"],
        secrets_key_arn=KEY,
        store=STORE,
        key_arn=KEY,
        boundary_arn=BOUNDARY,
    ),
    AwsDistribution: AwsDistributionArgs(
        spec=EdgeSpec(extra_metrics=True),
        domain=DomainSpec(name="api.example.com", zone_id="Z0123456789"),
        domain_at="bulwark:edge.domain",
        headers=EdgeSpec().headers,
        security_policy="default-src 'none'",
        stored=False,
        origin={"origin_id": "api", "domain_name": "api.example.com"},
        behaviour={
            "target_origin_id": "api",
            "viewer_protocol_policy": "https-only",
            "allowed_methods": ["GET", "HEAD"],
            "cached_methods": ["GET", "HEAD"],
        },
        web_acl_arn=None,
        log_destination_arn=DESTINATION,
    ),
    AwsCustomerIdentity: AwsCustomerIdentityArgs(
        spec=CustomerIdentitySpec(
            sms=True,
            domain={"name": "auth.example.com", "zone_id": "Z0123456789"},
            clients={
                "web": {"scopes": ("openid",), "callback_urls": ("https://example.com/back",)}
            },
        ),
        account_id=ACCOUNT,
        region=REGION,
        store=STORE,
        boundary_arn=BOUNDARY,
        scopes=(Scope("payments", "read", "Read payments"),),
    ),
    AwsDomain: AwsDomainArgs(
        spec=DomainSpec(name="api.example.com", zone_id="Z0123456789"), region=REGION
    ),
    AwsIpList: AwsIpListArgs(scope="REGIONAL", region=REGION),
    AwsEdge: AwsEdgeArgs(
        spec=EdgeSpec(site=SiteSpec()),
        store=STORE,
        edge_store=EDGE_STORE,
        document=DOCUMENT,
        api_host="api.internal.example.com",
    ),
    AwsFailures: AwsFailuresArgs(region=REGION, key_arn=KEY, days=14),
    AwsFunction: AwsFunctionArgs(
        spec=FunctionSpec(),
        description="For a test",
        code=Package("rotation"),
        handler="bulwark_runtime.rotation.aws.handler",
        store=STORE,
        key_arn=KEY,
        boundary_arn=BOUNDARY,
        environment={"LEVEL": "high"},
        invokers=[
            Invoker(
                name="nightly",
                principal="events.amazonaws.com",
                source_arn=f"arn:aws:events:{REGION}:{ACCOUNT}:rule/nightly",
            )
        ],
        asynchronous=True,
        alarm_topic_arns=[f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms"],
        network=AwsNetwork(subnet_ids=["subnet-1", "subnet-2"], security_group_ids=["sg-1"]),
    ),
    AwsBlockList: AwsBlockListArgs(
        spec=BlockListSpec(),
        store=STORE,
        key_arn=KEY,
        boundary_arn=BOUNDARY,
        sets={
            "blocked": [
                {
                    "id": "00000000-0000-0000-0000-000000000000",
                    "name": "blocked",
                    "scope": "REGIONAL",
                    "region": REGION,
                    "version": "IPV4",
                }
            ]
        },
    ),
    AwsBlockListQueue: AwsBlockListQueueArgs(
        region=REGION, key_arn=KEY, reader_seconds=60, events={"minute": every_minute()}
    ),
    AwsInbox: AwsInboxArgs(
        region=REGION, key_arn=KEY, reader_seconds=60, patterns={"calls": '{"source":["aws.s3"]}'}
    ),
    AwsIncidentResponse: AwsIncidentResponseArgs(
        spec=IncidentResponseSpec(playbooks=dict(ACTING)),
        store=STORE,
        stack="it",
        key_arn=KEY,
        boundary_arn=BOUNDARY,
        topic_arns={of: f"arn:aws:sns:{REGION}:{ACCOUNT}:{of}" for of in ("page", "ticket")},
        topic_key_arn=KEY,
        user_pool_arn=f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{REGION}_abc",
    ),
    AwsInputGuard: AwsInputGuardArgs(
        spec=InputGuardSpec(service=True),
        document=dataclasses.replace(
            DOCUMENT, operations=(dataclasses.replace(STATUS, guard="block"),)
        ),
        store=STORE,
        key_arn=KEY,
        boundary_arn=BOUNDARY,
    ),
    AwsKeys: AwsKeysArgs(
        spec=KeysSpec(), account_id=ACCOUNT, region=REGION, secret_replica_regions=("eu-west-1",)
    ),
    AwsLogGroup: AwsLogGroupArgs(
        store=STORE, kind="vended-log-group", writers=[vended_logs(STORE)]
    ),
    AwsAlarmTopics: AwsAlarmTopicsArgs(
        recipients=RECIPIENTS, account_id=ACCOUNT, region=REGION, key_arn=KEY
    ),
    AwsMonitoring: AwsMonitoringArgs(
        spec=MonitoringSpec(),
        account_id=ACCOUNT,
        region=REGION,
        topic_arns={
            region: {of: f"arn:aws:sns:{region}:{ACCOUNT}:{of}" for of in ("page", "ticket")}
            for region in (REGION, "us-east-1")
        },
        topic_names={REGION: "page", "us-east-1": "page"},
        boundary_arn=BOUNDARY,
        recipients=RECIPIENTS,
        events_id="trail",
        api=WatchedApi(name="payments", stage="live", access_log_id="access"),
        distributions={"api": "E123", "site": "E456"},
        firewalls={
            "api": WatchedFirewall(metric_name="acl", log_group_id="aws-waf-logs-api"),
            "edge": WatchedFirewall(
                metric_name="edge-acl", log_group_id="aws-waf-logs-edge", at_edge=True
            ),
        },
        sign_in=WatchedSignIn(
            user_pool_id=f"{REGION}_abc", clients={"shop": "client"}, threat_protection=True
        ),
        certificates={
            "edge": WatchedCertificate(
                arn=f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/1", region="us-east-1"
            )
        },
        functions={"guard": "it-guard"},
        queues={"blocks": WatchedQueue(name="it-blocks")},
        dead_letters={"blocks": "it-blocks-dead"},
        block_list=WatchedBlockList(
            namespace="Bulwark/it", service="block-list", lists=["blocked"]
        ),
        metrics={
            "lockouts": WatchedMetric(
                namespace="Bulwark/Credentials", name="Lockouts", threshold=20, severity="page"
            )
        },
    ),
    AwsObjectStore: AwsObjectStoreArgs(
        spec=ObjectStoreSpec(lock=LockSpec()),
        region=REGION,
        key_arn=KEY,
        access_logs_bucket="access-logs",
        replication=AwsReplication(
            bucket_arn="arn:aws:s3:::copies",
            region="eu-west-1",
            key_arn=KEY.replace(REGION, "eu-west-1"),
            boundary_arn=BOUNDARY,
        ),
    ),
    AwsRole: AwsRoleArgs(
        description="For a test",
        trust=[service_trust("lambda.amazonaws.com")],
        boundary_arn=BOUNDARY,
    ),
    AwsSecrets: AwsSecretsArgs(
        spec=SecretsSpec(
            named={
                "db": {
                    "description": "Opens the database",
                    "source": "generated",
                    "rotation_days": 30,
                }
            }
        ),
        account_id=ACCOUNT,
        region=REGION,
        key_arn=KEY,
        rotation=AwsRotation(store=STORE, key_arn=KEY, boundary_arn=BOUNDARY),
    ),
    AwsSecurityTesting: AwsSecurityTestingArgs(
        spec=SecurityTestingSpec(
            exceptions={
                "no-shell": {
                    "weaknesses": ("CVE-2026-12345",),
                    "reason": "The image has no shell",
                    "owner": "platform@example.com",
                    "until": "2027-01-31",
                }
            }
        ),
        store=STORE,
        key_arn=KEY,
        boundary_arn=BOUNDARY,
        deadlines={"critical": 30},
    ),
    AwsThreatDetection: AwsThreatDetectionArgs(
        spec=ThreatDetectionSpec(sensitive_data=True),
        store=STORE,
        topic_arns=[f"arn:aws:sns:{REGION}:{ACCOUNT}:grave"],
    ),
    AwsTrail: AwsTrailArgs(
        spec=AuditLogSpec(data_events=True, insights=True),
        store=STORE,
        access_logs_arn="arn:aws:s3:::access-logs",
        boundary_arn=BOUNDARY,
    ),
    AwsWaf: AwsWafArgs(
        spec=WafSpec(
            rules=[{"name": "abroad", "action": "block", "when": {"ip": ["192.0.2.0/24"]}}]
        ),
        store=STORE,
        edge_store=EDGE_STORE,
        api_stage_arn=STAGE,
        user_pool_arn=f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{REGION}_abc",
    ),
    AwsWebAcl: AwsWebAclArgs(
        scope="REGIONAL",
        protects="api_gateway",
        store=STORE,
        rules=[
            WebAclRule(
                name="abroad",
                statement={"geo_match_statement": {"country_codes": ["AQ"]}},
                action="block",
            )
        ],
        protects_arn=STAGE,
    ),
    AwsSite: AwsSiteArgs(
        spec=EdgeSpec(),
        site=SiteSpec(domain={"name": "www.example.com", "zone_id": "Z0123456789"}),
        store=STORE,
        services=["https://api.example.com"],
        web_acl_arn=None,
        log_destination_arn=DESTINATION,
        delete_contents=False,
    ),
    AzureAccess: AzureAccessArgs(
        spec=AccessSpec(
            pipelines={"review": {"repository": "acme/app", "branch": "main", "may": "deploy"}},
            auditors=(MEMBER,),
            break_glass={"users": (MEMBER,)},
        ),
        store=AZURE_STORE,
        runbook="docs/runbook.md",
    ),
    AzureBreakGlass: AzureBreakGlassArgs(
        spec=BreakGlassSpec(
            users=(MEMBER,), activation_rules="00000000-0000-0000-0000-00000000000b"
        ),
        place=PLACE,
        scope=PLACE.subscription,
        runbook="docs/runbook.md",
    ),
    AzureAccount: AzureAccountArgs(spec=AccountSpec(), place=PLACE),
    AzureAlarmGroups: AzureAlarmGroupsArgs(
        recipients={name: RECIPIENTS[name] for name in ("security", "pager")}, place=PLACE
    ),
    AzureApi: AzureApiArgs(
        spec=ApiSpec(
            api_management={
                "backend_headers": {"X-Api-Key": "pay"},
                "client_certificates": {"thumbprints": ("AB" * 20,)},
            }
        ),
        document=DOCUMENT,
        place=PLACE,
        store=AZURE_STORE,
        publisher_email="me@example.com",
        secrets={
            "pay": ApiSecret(
                id=f"{VAULT}/secrets/pay", uri="https://vault.vault.azure.net/secrets/pay"
            )
        },
    ),
    AzureApplications: AzureApplicationsArgs(
        provider=ProviderSpec(
            tenant_id="00000000-0000-0000-0000-000000000003",
            subdomain="shop",
            applications=True,
            second_factor="enforced",
            emergency_group="00000000-0000-0000-0000-000000000006",
        ),
        clients=CustomerIdentitySpec(
            clients={
                "web": {
                    "scopes": ("openid", "payments/read"),
                    "callback_urls": ("https://example.com/back",),
                },
                "batch": {"flow": "clientCredentials", "scopes": ("payments/read",)},
            }
        ).clients,
        scopes=(Scope("payments", "read", "Read payments"),),
    ),
    AzureCustomerIdentity: AzureCustomerIdentityArgs(
        spec=CustomerIdentitySpec(
            provider={
                "tenant_id": "00000000-0000-0000-0000-000000000003",
                "subdomain": "shop",
                "audiences": ("00000000-0000-0000-0000-000000000004",),
            },
            clients={
                "web": {
                    "scopes": ("openid",),
                    "callback_urls": ("https://example.com/back",),
                    "client_id": "00000000-0000-0000-0000-000000000005",
                }
            },
        ),
    ),
    AzureFoundation: AzureFoundationArgs(spec=FoundationSpec(), location=LOCATION),
    AzureIdentity: AzureIdentityArgs(
        place=PLACE, grants=[Grant(name="reads", role="Key Vault Secrets User", scope=VAULT)]
    ),
    AzureAuditLog: AzureAuditLogArgs(
        spec=AuditLogSpec(), place=PLACE, key=AZURE_KEY, vault_ids={"keys": VAULT}
    ),
    AzureFunction: AzureFunctionArgs(
        spec=FunctionSpec(),
        description="For a test",
        code=Package("rotation"),
        app="bulwark_runtime.rotation.azure_app:app",
        store=AZURE_STORE,
        key=AZURE_KEY,
        environment={"LEVEL": "high"},
        callers=["00000000-0000-0000-0000-000000000005"],
        application=APPLICATION,
    ),
    AzureCredentials: AzureCredentialsArgs(
        spec=CredentialsSpec(
            enabled=True,
            store="secrets",
            upkeep=True,
            callers={"verify": ("identity:00000000-0000-0000-0000-000000000005",)},
        ),
        store=AZURE_STORE,
        key=AZURE_KEY,
        application=APPLICATION,
    ),
    AzureVaultTables: AzureVaultTablesArgs(store=AZURE_STORE, key=AZURE_KEY),
    AzureInputGuard: AzureInputGuardArgs(
        spec=InputGuardSpec(),
        document=dataclasses.replace(
            DOCUMENT, operations=(dataclasses.replace(STATUS, guard="block"),)
        ),
        store=AZURE_STORE,
        key=AZURE_KEY,
        application=FunctionApplication(
            client_id="00000000-0000-0000-0000-000000000004", audience="api://functions"
        ),
    ),
    AzureKeys: AzureKeysArgs(spec=KeysSpec(administrators=(MEMBER,)), place=PLACE),
    AzureMonitoring: AzureMonitoringArgs(
        spec=MonitoringSpec(sign_in_logs=("staff", "customers")),
        place=PLACE,
        workspace_id=AZURE_STORE.workspace_id,
        archive_id=AZURE_STORE.archive_id,
        group_ids={of: f"{GROUP}/actionGroups/{of}" for of in ("page", "ticket")},
        api_id=f"{GROUP}/providers/Microsoft.ApiManagement/service/api",
        edge_id=f"{GROUP}/providers/Microsoft.Cdn/profiles/edge",
        customers_tenant_id="00000000-0000-0000-0000-000000000003",
        functions={"guard": "it-guard"},
        queues={"blocks": AzureQueue(namespace_id=f"{GROUP}/namespaces/it", name="blocks")},
        dead_letters={"blocks": AzureQueue(namespace_id=f"{GROUP}/namespaces/it", name="blocks")},
        lines={"lockouts": WatchedLine(app="it-vault", words="Lockouts", threshold=20)},
        threats=True,
    ),
    AzureObjectStore: AzureObjectStoreArgs(
        spec=ObjectStoreSpec(lock=LockSpec()),
        place=dataclasses.replace(PLACE, subnet_id="/subnets/endpoints"),
        key=AZURE_KEY,
        containers=["reports"],
    ),
    AzureSecrets: AzureSecretsArgs(
        spec=SecretsSpec(
            named={
                "db": {
                    "description": "Opens the database",
                    "readers": (MEMBER,),
                    "source": "generated",
                    "rotation_days": 30,
                }
            },
            administrators=(MEMBER,),
        ),
        place=PLACE,
        store=AZURE_STORE,
        rotation=AzureRotation(key=AZURE_KEY),
    ),
    AzureRotator: AzureRotatorArgs(
        vault_id=VAULT,
        vault_uri="https://vault.vault.azure.net/",
        secrets={"pepper": RotatingSecret(kind="pepper", days=90)},
        store=AZURE_STORE,
        key=AZURE_KEY,
    ),
    AzureDomain: AzureDomainArgs(
        spec=DomainSpec(
            name="api.example.com",
            zone_id=f"{GROUP}/providers/Microsoft.Network/dnsZones/example.com",
        ),
        subscription_id=PLACE.subscription_id,
        proof="a-proof",
        endpoint_host="api.z01.azurefd.net",
        endpoint_id=f"{GROUP}/providers/Microsoft.Cdn/profiles/edge/afdEndpoints/api",
    ),
    AzureEdge: AzureEdgeArgs(
        spec=EdgeSpec(
            cached_paths=("/status",),
            domain={"name": "api.example.com"},
            hsts={"preload": True},
            site={"domain": {"name": "app.example.com"}},
        ),
        site_files=SITE_FILES,
        store=AZURE_STORE,
        document=DOCUMENT,
        profile_id=f"{GROUP}/providers/Microsoft.Cdn/profiles/edge",
        profile_name="edge",
        policy_id=POLICY_ID,
        api_host="api.azure-api.net",
    ),
    AzureEndpoint: AzureEndpointArgs(
        spec=EdgeSpec(),
        profile=FRONT_DOOR,
        domain=DomainSpec(name="api.example.com"),
        origin="api",
        origin_host="api.azure-api.net",
        rule_sets={},
        routes=[Route(name="api")],
    ),
    AzureSite: AzureSiteArgs(
        spec=EdgeSpec(),
        site=SiteSpec(single_page=True, domain=DomainSpec(name="app.example.com")),
        store=AZURE_STORE,
        profile=FRONT_DOOR,
        files=SITE_FILES,
        services=["https://api.example.com"],
    ),
    AzureEdgeProfile: AzureEdgeProfileArgs(spec=EdgeSpec(site={}), store=AZURE_STORE),
    AzureBlockList: AzureBlockListArgs(
        spec=BlockListSpec(requesters=(MEMBER,)),
        store=AZURE_STORE,
        key=AZURE_KEY,
        policy_id=POLICY_ID,
        rules=["Blocked0", "Blocked1"],
    ),
    AzureBlockListQueue: AzureBlockListQueueArgs(store=AZURE_STORE, claim="a/b/c"),
    AzureInbox: AzureInboxArgs(
        store=AZURE_STORE,
        namespace_name="bus",
        host="bus.servicebus.windows.net",
        triggers=(TriggerSpec(alarms=("vault-",)), TriggerSpec(defender=("VM_",))),
    ),
    AzureIncidentResponse: AzureIncidentResponseArgs(
        spec=IncidentResponseSpec(
            playbooks=dict(ACTING_ON_AZURE),
            approvers=("user:00000000-0000-0000-0000-00000000000b",),
        ),
        application=FunctionApplication(
            client_id="00000000-0000-0000-0000-000000000004", audience="api://functions"
        ),
        store=AZURE_STORE,
        key=AZURE_KEY,
        policy_id=POLICY_ID,
        rules=["Blocked0", "Blocked1"],
    ),
    AzureWaf: AzureWafArgs(
        spec=WafSpec(
            rules=(
                {
                    "name": "no-old-clients",
                    "action": "block",
                    "when": {"header": {"name": "user-agent", "contains": "curl"}},
                },
            ),
            front_door={
                "exclusions": (
                    {"part": "json", "name": "memo", "reason": "People write what they like"},
                ),
                "overrides": {"942430": {"group": "SQLI", "reason": "Memos have many marks"}},
            },
        ),
        store=AZURE_STORE,
        allowed_countries=("DE",),
    ),
    AzureSecurityTesting: AzureSecurityTestingArgs(
        spec=SecurityTestingSpec(),
        store=AZURE_STORE,
        key=AZURE_KEY,
        deadlines=PatchingSpec().deadlines(),
        owner="desk@example.com",
    ),
    AzurePatching: AzurePatchingArgs(
        spec=PatchingSpec(systems=("rhel", "windows")), place=PLACE, stack="prod"
    ),
    AzureThreatDetection: AzureThreatDetectionArgs(
        spec=ThreatDetectionSpec(sentinel={"enabled": True}), store=AZURE_STORE
    ),
    AzureVault: AzureVaultArgs(
        place=dataclasses.replace(PLACE, subnet_id="/subnets/endpoints"), soft_delete_days=90
    ),
    AzureStack: AzureStackArgs(spec=StackConfig(cloud="azure", profile="prod", tags=TAGS)),
    AwsStack: AwsStackArgs(spec=StackConfig(cloud="aws", profile="prod", tags=TAGS)),
}
"""An example of each component; a component without one fails the first test."""


def modules():
    found = pkgutil.walk_packages(pulumi_bulwark.__path__, "pulumi_bulwark.")
    return [importlib.import_module(module.name) for module in found]


def classes(base):
    found = {
        value
        for module in modules()
        for value in vars(module).values()
        if inspect.isclass(value) and issubclass(value, base) and value is not base
    }
    return sorted(
        (c for c in found if c.__module__.startswith("pulumi_bulwark.")), key=lambda c: c.__name__
    )


WITHOUT_HYPHENS = {"azure-native:storage:StorageAccount"}

COMPONENTS = classes(pulumi.ComponentResource)
SPECS = classes(Spec)


@pytest.fixture(params=COMPONENTS, ids=lambda c: c.__name__)
def component(request):
    return request.param


@pytest.fixture
def graph(component, preview):
    return preview(lambda: component("it", ARGS[component]), config=CONFIG)


def test_every_component_is_under_this_contract():
    assert set(COMPONENTS) == set(ARGS)


def test_it_is_documented(component):
    assert inspect.getdoc(component)
    for name in inspect.get_annotations(component):
        assert documented(component, name), f"{component.__name__}.{name}"


def test_its_args_are_frozen_keyword_only_and_documented(component):
    args = type(ARGS[component])

    assert args.__name__ == f"{component.__name__}Args"
    assert args.__dataclass_params__.frozen
    assert all(field.kw_only for field in dataclasses.fields(args))
    for field in dataclasses.fields(args):
        assert field.name == "spec" or documented(args, field.name), field.name


def test_its_token_is_the_one_a_component_package_can_serve(component, graph):
    assert graph["it"].type == f"bulwark:index:{component.__name__}"


def test_everything_it_makes_is_below_it_and_named_after_it(graph):
    below = list(graph.below(graph["it"].urn))

    assert len(below) == len(graph.resources) - 2  # the stack and the component itself
    # A storage account's name takes no hyphen, so neither does what Pulumi makes it of.
    assert all(r.name.startswith("it-") or r.type in WITHOUT_HYPHENS for r in below)


def test_it_registers_every_public_attribute_as_an_output(component, graph):
    public = [name for name in inspect.get_annotations(component) if not name.startswith("_")]

    assert public
    assert set(graph["it"].outputs) == {camel(name) for name in public}


def test_the_provider_knows_every_input(graph):
    assert graph.problems == ()


def test_it_takes_a_parent_and_options(component, preview):
    def program():
        parent = pulumi.ComponentResource("test:index:Parent", "parent")
        component("it", ARGS[component], pulumi.ResourceOptions(parent=parent, protect=True))

    graph = preview(program, config=CONFIG)

    assert graph["it"].parent == graph["parent"].urn
    assert graph["it"].options.protect


ON_AZURE = [c for c in COMPONENTS if c.__name__.startswith("Azure")]


@pytest.mark.parametrize("component", ON_AZURE, ids=lambda c: c.__name__)
def test_what_a_pipeline_may_do_with_whatever_it_makes_on_azure_is_decided(component, preview):
    """A type that is new has its line in access/azure_rights.py."""
    graph = preview(lambda: component("it", ARGS[component]), config=CONFIG, rendered=True)
    decided = [re.escape(kind).replace(r"\*", ".*") for kind in azure_rights.RIGHTS]

    kinds = {kind_of(r.id) for r in graph.resources if r.id.startswith("/subscriptions/")}
    for kind in kinds:
        assert any(re.fullmatch(one, kind, re.IGNORECASE) for one in decided), kind


ONE_CLOUD = {
    "Api.backend_certificates": "API Management makes no certificate to show to backends",
    "Account.api_log_role": "API Management logs without a role of the account",
    "Credentials.caller_policies": "who calls a function on Azure is named, and no policy is given",
    "AuditLog.access_logs_id": "Azure Monitor delivers to the archive itself",
    "BlockList.dead_letters_name": "Service Bus keeps what was given up on in the queue itself",
    "BlockList.may_request": "on Azure roles are given to who is named in requesters",
    "BlockList.metrics": "on Azure the lines of the log are what alarms are about",
    "BlockList.reader_policy": "on Azure roles are given to who is named in requesters",
    "BlockList.requester_policy": "on Azure roles are given to who is named in requesters",
    "BlockListQueue.dead_letters_name": "Service Bus keeps them in the queue itself",
    "IncidentResponse.approver_policy": "on Azure roles are given to who is named in approvers",
    "Inbox.dead_letters_name": "Service Bus keeps them in the queue itself",
    "Inbox.decisions_name": "on Azure a decision is a call, of which Azure says whose",
    "Inbox.events_name": "Azure's inbox has one queue, and calls it queue_name",
    "IncidentResponse.decisions_name": "on Azure a decision is a call, of which Azure says whose",
    "IncidentResponse.metrics": "on Azure the lines of the log are what alarms are about",
    "Keys.edge_ids": "a key of Key Vault is used from every region",
    "SecurityTesting.overdue_metric": "Defender itself tells the owner what is open for too long",
    "Patching.failed_metric": "Resource Graph tells how a window ended",
    "ThreatDetection.recorder_name": "Azure keeps what changed without being asked",
    "Edge.site_bucket_id": "there are no sites on Azure yet",
    "Edge.site_distribution_id": "there are no sites on Azure yet",
    "Edge.site_url": "there are no sites on Azure yet",
    "Waf.origin_header_name": "Front Door names its header itself",
    "Waf.origin_header_value": "the API knows Front Door by the id of its profile",
    "Keys.secret_replica_ids": "a vault copies its keys to the paired region by itself",
}
"""Outputs that one cloud alone has, with the reason. What ends in `_arn` is AWS's word."""

SHARED = [
    (aws, azure)
    for aws in COMPONENTS
    for azure in COMPONENTS
    if aws.__name__.startswith("Aws")
    and azure.__name__ == aws.__name__.replace("Aws", "Azure", 1)
    and not aws.__name__.endswith("Stack")  # which tells what its cloud has
]


def test_some_components_are_there_for_both_clouds():
    assert {aws.__name__ for aws, _ in SHARED} >= {"AwsAuditLog", "AwsKeys", "AwsSecrets"}


@pytest.mark.parametrize(("aws", "azure"), SHARED, ids=lambda c: c.__name__)
def test_what_is_there_for_both_clouds_has_the_same_outputs_and_the_same_spec(aws, azure):
    capability = aws.__name__.removeprefix("Aws")
    of_aws = {
        name
        for name in inspect.get_annotations(aws)
        if not name.endswith(("arn", "arns")) and f"{capability}.{name}" not in ONE_CLOUD
    }

    assert of_aws <= set(inspect.get_annotations(azure))
    assert type(getattr(ARGS[aws], "spec", None)) is type(getattr(ARGS[azure], "spec", None))


def test_an_output_of_one_cloud_is_one_that_there_is():
    known = {
        f"{c.__name__.removeprefix('Aws')}.{name}"
        for c in COMPONENTS
        for name in inspect.get_annotations(c)
    }

    assert set(ONE_CLOUD) <= known


@pytest.mark.parametrize("spec", SPECS, ids=lambda s: s.__name__)
def test_every_setting_is_documented_in_a_sentence(spec):
    for name in spec.model_fields:
        assert spec.about(name), f"{spec.__name__}.{name}"
        assert spec.about(name).endswith("."), f"{spec.__name__}.{name}"


@pytest.mark.parametrize("spec", SPECS, ids=lambda s: s.__name__)
def test_every_spec_is_immutable_and_takes_no_unknown_setting(spec):
    assert spec.model_config["frozen"]
    assert spec.model_config["extra"] == "forbid"


def documented(owner, name):
    """Whether the attribute is followed by a string where it is defined, as pydantic reads it."""
    defines = next(base for base in owner.__mro__ if name in inspect.get_annotations(base))
    lines = inspect.getsource(defines).splitlines()
    places = [i for i, line in enumerate(lines) if line.strip().startswith(f"{name}:")]
    return any(lines[i + 1].strip().startswith('"""') for i in places if i + 1 < len(lines))


def camel(name):
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)
