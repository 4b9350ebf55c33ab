"""What Azure would answer.

Ids are the request paths of the Azure REST API, which azure-native uses as they are:
https://learn.microsoft.com/rest/api/azure/. Auto-naming follows the provider.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from ..values import Unknown, Value
from .facts import (
    Facts,
    Kind,
    NotKnown,
    Template,
    auto_name,
    input_names,
    members,
    output_names,
    render,
)

_SUBSCRIPTION: Final = "/subscriptions/{subscription}/"
_GROUP: Final = _SUBSCRIPTION + "resourceGroups/{resourceGroupName}/providers/"
_WITHIN: Final = _SUBSCRIPTION + "providers/"


def kind(cls: type | None, token: str) -> Kind:
    """What is known about `azure-native:module:Class`."""
    type_ = token.partition(":")[2]
    path = PATHS.get(type_) or _usual_path(type_, input_names(cls))
    path = path if path.startswith(("/", "{")) else _GROUP + path
    more = MORE.get(type_, {})
    templates: dict[str, Template] = {
        "ID": lambda facts: "/" + render(path, facts).lstrip("/"),
        **_names(path, known=type_ in PATHS),
        "identity": _identity,
        **more,
    }
    adds = ("identity", "properties")
    names = [name for name in [*templates, "location"] if name not in adds]
    return Kind(
        templates=templates,
        gives=output_names(cls, names) if cls else ("name", "type"),
        completes=output_names(cls, [name for name in adds if name in templates]) if cls else (),
    )


# Paths and names.

_GUIDS: Final = frozenset({"roleAssignmentName", "roleDefinitionId", "ruleId"})
"""Names that must be GUIDs, so the provider makes one."""

_TOP_LEVEL: Final = 3
"""Segments of a top-level resource: namespace, type, name."""


def _names(path: str, *, known: bool) -> dict[str, Template]:
    """The name and type, and the name that the provider makes if the program gives none.

    It has random digits at the top level and none in a child; what follows the last provider is a
    namespace, then a type and a name for each level.
    """
    segments = path.rpartition("/providers/")[2].split("/")
    names: dict[str, Template] = {}
    if segments[-1] != _NAMELESS:
        names["name"] = segments[-1]
    if known:
        names["type"] = "/".join([segments[0], *segments[1::2]])
    if key := re.fullmatch(r"\{([a-z]\w*)\}", segments[-1]):
        top = len(segments) <= _TOP_LEVEL
        made = auto_name(key[1], separator="", digits=8) if top else "{LOGICAL}"
        names[key[1]] = "{UUID}" if key[1] in _GUIDS else made
    return names


_NAMELESS: Final = "{LOGICAL}"
"""Ends an id where it is not known which input is the name."""


def _usual_path(type_: str, takes: frozenset[str]) -> str:
    """A guess of the right form, with the right group and name, for a type that is not listed.

    What it says of the type may be off, so it is not given as the resource's `type`.
    """
    module, _, cls = type_.partition(":")
    own = cls[:1].lower() + cls[1:]
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls).lower()
    names = {"name": "{name}", f"{words}_name": f"{{{own}Name}}"}
    named = next((names[name] for name in names if name in takes), _NAMELESS)
    home = "" if "resource_group_name" in takes else _WITHIN
    return f"{home}Microsoft.{module.capitalize()}/{own}s/{named}"


# What templates alone cannot say.


def _identity(facts: Facts) -> dict[str, object]:
    """A system-assigned identity gets a principal of its own; others come back by their ids."""
    identity = facts.inputs.get("identity")
    if not isinstance(identity, Mapping):
        raise NotKnown("identity")
    made: dict[str, object] = {}
    if "SystemAssigned" in str(identity.get("type")):
        made = {"principalId": f"{facts['UUID']:principal}", "tenantId": facts["tenant"]}
    by_id = reshaped(facts.inputs).get("identity", {})
    if not made and not by_id:
        raise NotKnown("identity")
    return {**made, **identity, **by_id}


def reshaped(inputs: Mapping[str, Value]) -> dict[str, Any]:
    """The inputs that come back in another form: a list of identities as a mapping of them.

    The provider takes the list in most places; the SDK reads a mapping everywhere.
    """
    identity = inputs.get("identity")
    given = identity.get(_IDENTITIES) if isinstance(identity, Mapping) else None
    if not isinstance(identity, Mapping) or not isinstance(given, list):
        return {}
    known = all(isinstance(one, str) for one in given)
    by_id = {str(one): {} for one in given} if known else Unknown()
    return {"identity": {**identity, _IDENTITIES: by_id}}


_IDENTITIES: Final = "userAssignedIdentities"


def before_creation(inputs: Mapping[str, Value]) -> dict[str, Any]:
    """What a preview of the provider gives back in another form than it was put in.

    To `properties` it adds what only Azure knows, so none of them is known to the SDK.
    """
    properties = {"properties": Unknown()} if isinstance(inputs.get("properties"), dict) else {}
    return {**reshaped(inputs), **properties}


# Kinds.

_APIM: Final = "Microsoft.ApiManagement/service/{serviceName}/"
_API: Final = _APIM + "apis/{apiId}/"
_AUTOMATION: Final = "Microsoft.Automation/automationAccounts/{automationAccountName}/"
_FRONT_DOOR: Final = "Microsoft.Cdn/profiles/{profileName}/"
_NETWORK: Final = "Microsoft.Network/"
_WORKSPACE: Final = "Microsoft.OperationalInsights/workspaces/{workspaceName}/"
_SENTINEL: Final = _WORKSPACE + "providers/Microsoft.SecurityInsights/"
_SERVICE_BUS: Final = "Microsoft.ServiceBus/namespaces/{namespaceName}/"
_EVENT_HUBS: Final = "Microsoft.EventHub/namespaces/{namespaceName}/"
_STORAGE: Final = "Microsoft.Storage/storageAccounts/{accountName}/"
_SITE: Final = "Microsoft.Web/sites/{name}/"
_MANAGEMENT_GROUP: Final = (
    "/providers/Microsoft.Management/managementGroups/{managementGroupId}/providers/"
)

PATHS: Final[Mapping[str, str]] = {
    "alertsmanagement:AlertProcessingRuleByName": (
        "Microsoft.AlertsManagement/actionRules/{alertProcessingRuleName}"
    ),
    # API Management
    "apimanagement:Api": _APIM + "apis/{apiId}",
    "apimanagement:ApiDiagnostic": _API + "diagnostics/{diagnosticId}",
    "apimanagement:ApiManagementService": "Microsoft.ApiManagement/service/{serviceName}",
    "apimanagement:ApiOperation": _API + "operations/{operationId}",
    "apimanagement:ApiOperationPolicy": _API + "operations/{operationId}/policies/policy",
    "apimanagement:ApiPolicy": _API + "policies/policy",
    "apimanagement:ApiRelease": _API + "releases/{releaseId}",
    "apimanagement:ApiSchema": _API + "schemas/{schemaId}",
    "apimanagement:ApiVersionSet": _APIM + "apiVersionSets/{versionSetId}",
    "apimanagement:AuthorizationServer": _APIM + "authorizationServers/{authsid}",
    "apimanagement:Backend": _APIM + "backends/{backendId}",
    "apimanagement:Cache": _APIM + "caches/{cacheId}",
    "apimanagement:Certificate": _APIM + "certificates/{certificateId}",
    "apimanagement:Diagnostic": _APIM + "diagnostics/{diagnosticId}",
    "apimanagement:Gateway": _APIM + "gateways/{gatewayId}",
    "apimanagement:Group": _APIM + "groups/{groupId}",
    "apimanagement:IdentityProvider": _APIM + "identityProviders/{identityProviderName}",
    "apimanagement:Logger": _APIM + "loggers/{loggerId}",
    "apimanagement:NamedValue": _APIM + "namedValues/{namedValueId}",
    "apimanagement:OpenIdConnectProvider": _APIM + "openidConnectProviders/{opid}",
    "apimanagement:Policy": _APIM + "policies/policy",
    "apimanagement:PolicyFragment": _APIM + "policyFragments/{id}",
    "apimanagement:Product": _APIM + "products/{productId}",
    "apimanagement:ProductApi": _APIM + "products/{productId}/apis/{apiId}",
    "apimanagement:ProductGroup": _APIM + "products/{productId}/groups/{groupId}",
    "apimanagement:ProductPolicy": _APIM + "products/{productId}/policies/policy",
    "apimanagement:Subscription": _APIM + "subscriptions/{sid}",
    "apimanagement:Tag": _APIM + "tags/{tagId}",
    "apimanagement:User": _APIM + "users/{userId}",
    "app:ContainerApp": "Microsoft.App/containerApps/{containerAppName}",
    "app:Job": "Microsoft.App/jobs/{jobName}",
    "app:ManagedEnvironment": "Microsoft.App/managedEnvironments/{environmentName}",
    "appconfiguration:ConfigurationStore": (
        "Microsoft.AppConfiguration/configurationStores/{configStoreName}"
    ),
    "applicationinsights:Component": "Microsoft.Insights/components/{resourceName}",
    "applicationinsights:WebTest": "Microsoft.Insights/webtests/{webTestName}",
    "applicationinsights:Workbook": "Microsoft.Insights/workbooks/{resourceName}",
    # Authorization
    "authorization:ManagementLockAtResourceGroupLevel": (
        "Microsoft.Authorization/locks/{lockName}"
    ),
    "authorization:ManagementLockAtSubscriptionLevel": (
        _WITHIN + "Microsoft.Authorization/locks/{lockName}"
    ),
    "authorization:ManagementLockByScope": (
        "{scope}/providers/Microsoft.Authorization/locks/{lockName}"
    ),
    "authorization:PimRoleEligibilitySchedule": (
        "{scope}/providers/Microsoft.Authorization/roleEligibilityScheduleRequests/{UUID}"
    ),
    "authorization:PolicyAssignment": (
        "{scope}/providers/Microsoft.Authorization/policyAssignments/{policyAssignmentName}"
    ),
    "authorization:PolicyDefinition": (
        _WITHIN + "Microsoft.Authorization/policyDefinitions/{policyDefinitionName}"
    ),
    "authorization:PolicyDefinitionAtManagementGroup": (
        _MANAGEMENT_GROUP + "Microsoft.Authorization/policyDefinitions/{policyDefinitionName}"
    ),
    "authorization:PolicyExemption": (
        "{scope}/providers/Microsoft.Authorization/policyExemptions/{policyExemptionName}"
    ),
    "authorization:PolicySetDefinition": (
        _WITHIN + "Microsoft.Authorization/policySetDefinitions/{policySetDefinitionName}"
    ),
    "authorization:PolicySetDefinitionAtManagementGroup": (
        _MANAGEMENT_GROUP + "Microsoft.Authorization/policySetDefinitions/{policySetDefinitionName}"
    ),
    "authorization:RoleAssignment": (
        "{scope}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}"
    ),
    "authorization:RoleDefinition": (
        "{scope}/providers/Microsoft.Authorization/roleDefinitions/{roleDefinitionId}"
    ),
    "authorization:RoleManagementPolicy": (
        "{scope}/providers/Microsoft.Authorization/roleManagementPolicies/{roleManagementPolicyName}"
    ),
    # Automation
    "automation:AutomationAccount": (
        "Microsoft.Automation/automationAccounts/{automationAccountName}"
    ),
    "automation:Credential": _AUTOMATION + "credentials/{credentialName}",
    "automation:JobSchedule": _AUTOMATION + "jobSchedules/{jobScheduleId}",
    "automation:Module": _AUTOMATION + "modules/{moduleName}",
    "automation:Runbook": _AUTOMATION + "runbooks/{runbookName}",
    "automation:Schedule": _AUTOMATION + "schedules/{scheduleName}",
    "automation:Variable": _AUTOMATION + "variables/{variableName}",
    "automation:Webhook": _AUTOMATION + "webhooks/{webhookName}",
    "azureactivedirectory:B2CTenant": (
        "Microsoft.AzureActiveDirectory/b2cDirectories/{resourceName}"
    ),
    "azureactivedirectory:CIAMTenant": (
        "Microsoft.AzureActiveDirectory/ciamDirectories/{resourceName}"
    ),
    # Front Door
    "cdn:AFDCustomDomain": _FRONT_DOOR + "customDomains/{customDomainName}",
    "cdn:AFDEndpoint": _FRONT_DOOR + "afdEndpoints/{endpointName}",
    "cdn:AFDOrigin": _FRONT_DOOR + "originGroups/{originGroupName}/origins/{originName}",
    "cdn:AFDOriginGroup": _FRONT_DOOR + "originGroups/{originGroupName}",
    "cdn:Profile": "Microsoft.Cdn/profiles/{profileName}",
    "cdn:Route": _FRONT_DOOR + "afdEndpoints/{endpointName}/routes/{routeName}",
    "cdn:Rule": _FRONT_DOOR + "ruleSets/{ruleSetName}/rules/{ruleName}",
    "cdn:RuleSet": _FRONT_DOOR + "ruleSets/{ruleSetName}",
    "cdn:Secret": _FRONT_DOOR + "secrets/{secretName}",
    "cdn:SecurityPolicy": _FRONT_DOOR + "securityPolicies/{securityPolicyName}",
    "compute:Disk": "Microsoft.Compute/disks/{diskName}",
    "compute:DiskEncryptionSet": "Microsoft.Compute/diskEncryptionSets/{diskEncryptionSetName}",
    "compute:VirtualMachine": "Microsoft.Compute/virtualMachines/{vmName}",
    "compute:VirtualMachineExtension": (
        "Microsoft.Compute/virtualMachines/{vmName}/extensions/{vmExtensionName}"
    ),
    "compute:VirtualMachineScaleSet": (
        "Microsoft.Compute/virtualMachineScaleSets/{vmScaleSetName}"
    ),
    "consumption:Budget": "{scope}/providers/Microsoft.Consumption/budgets/{budgetName}",
    "containerregistry:Registry": "Microsoft.ContainerRegistry/registries/{registryName}",
    "containerservice:AgentPool": (
        "Microsoft.ContainerService/managedClusters/{resourceName}/agentPools/{agentPoolName}"
    ),
    "containerservice:ManagedCluster": "Microsoft.ContainerService/managedClusters/{resourceName}",
    "cosmosdb:DatabaseAccount": "Microsoft.DocumentDB/databaseAccounts/{accountName}",
    "cosmosdb:SqlResourceSqlContainer": (
        "Microsoft.DocumentDB/databaseAccounts/{accountName}/sqlDatabases/{databaseName}"
        "/containers/{containerName}"
    ),
    "cosmosdb:SqlResourceSqlDatabase": (
        "Microsoft.DocumentDB/databaseAccounts/{accountName}/sqlDatabases/{databaseName}"
    ),
    "dbforpostgresql:Database": (
        "Microsoft.DBforPostgreSQL/flexibleServers/{serverName}/databases/{databaseName}"
    ),
    "dbforpostgresql:Server": "Microsoft.DBforPostgreSQL/flexibleServers/{serverName}",
    "dns:RecordSet": _NETWORK + "dnsZones/{zoneName}/{recordType}/{relativeRecordSetName}",
    "dns:Zone": _NETWORK + "dnsZones/{zoneName}",
    "eventgrid:EventSubscription": (
        "{scope}/providers/Microsoft.EventGrid/eventSubscriptions/{eventSubscriptionName}"
    ),
    "eventgrid:SystemTopic": "Microsoft.EventGrid/systemTopics/{systemTopicName}",
    "eventgrid:SystemTopicEventSubscription": (
        "Microsoft.EventGrid/systemTopics/{systemTopicName}"
        "/eventSubscriptions/{eventSubscriptionName}"
    ),
    "eventgrid:Topic": "Microsoft.EventGrid/topics/{topicName}",
    "eventhub:ConsumerGroup": (
        _EVENT_HUBS + "eventhubs/{eventHubName}/consumergroups/{consumerGroupName}"
    ),
    "eventhub:EventHub": _EVENT_HUBS + "eventhubs/{eventHubName}",
    "eventhub:EventHubAuthorizationRule": (
        _EVENT_HUBS + "eventhubs/{eventHubName}/authorizationRules/{authorizationRuleName}"
    ),
    "eventhub:Namespace": "Microsoft.EventHub/namespaces/{namespaceName}",
    "eventhub:NamespaceAuthorizationRule": (
        _EVENT_HUBS + "authorizationRules/{authorizationRuleName}"
    ),
    "frontdoor:Policy": (_NETWORK + "frontDoorWebApplicationFirewallPolicies/{policyName}"),
    "keyvault:AccessPolicy": "Microsoft.KeyVault/vaults/{vaultName}/accessPolicies/{UUID}",
    "keyvault:Key": "Microsoft.KeyVault/vaults/{vaultName}/keys/{keyName}",
    "keyvault:ManagedHsm": "Microsoft.KeyVault/managedHSMs/{name}",
    "keyvault:Secret": "Microsoft.KeyVault/vaults/{vaultName}/secrets/{secretName}",
    "keyvault:Vault": "Microsoft.KeyVault/vaults/{vaultName}",
    "logic:Workflow": "Microsoft.Logic/workflows/{workflowName}",
    "maintenance:ConfigurationAssignment": (
        _GROUP + "{providerName}/{resourceType}/{resourceName}/providers"
        "/Microsoft.Maintenance/configurationAssignments/{configurationAssignmentName}"
    ),
    "maintenance:ConfigurationAssignmentsForResourceGroup": (
        "Microsoft.Maintenance/configurationAssignments/{configurationAssignmentName}"
    ),
    "maintenance:ConfigurationAssignmentsForSubscription": (
        _WITHIN + "Microsoft.Maintenance/configurationAssignments/{configurationAssignmentName}"
    ),
    "maintenance:MaintenanceConfiguration": (
        "Microsoft.Maintenance/maintenanceConfigurations/{resourceName}"
    ),
    "managedidentity:FederatedIdentityCredential": (
        "Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}"
        "/federatedIdentityCredentials/{federatedIdentityCredentialResourceName}"
    ),
    "managedidentity:UserAssignedIdentity": (
        "Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}"
    ),
    "management:ManagementGroup": "/providers/Microsoft.Management/managementGroups/{groupId}",
    # Monitor
    "monitor:ActionGroup": "Microsoft.Insights/actionGroups/{actionGroupName}",
    "monitor:ActivityLogAlert": "Microsoft.Insights/activityLogAlerts/{activityLogAlertName}",
    "monitor:AutoscaleSetting": "Microsoft.Insights/autoscalesettings/{autoscaleSettingName}",
    "monitor:AzureMonitorWorkspace": "Microsoft.Monitor/accounts/{azureMonitorWorkspaceName}",
    "monitor:DataCollectionEndpoint": (
        "Microsoft.Insights/dataCollectionEndpoints/{dataCollectionEndpointName}"
    ),
    "monitor:DataCollectionRule": "Microsoft.Insights/dataCollectionRules/{dataCollectionRuleName}",
    "monitor:DataCollectionRuleAssociation": (
        "{resourceUri}/providers/Microsoft.Insights/dataCollectionRuleAssociations/{associationName}"
    ),
    "monitor:DiagnosticSetting": (
        "{resourceUri}/providers/Microsoft.Insights/diagnosticSettings/{name}"
    ),
    "monitor:MetricAlert": "Microsoft.Insights/metricAlerts/{ruleName}",
    "monitor:PrivateLinkScope": "Microsoft.Insights/privateLinkScopes/{scopeName}",
    "monitor:PrivateLinkScopedResource": (
        "Microsoft.Insights/privateLinkScopes/{scopeName}/scopedResources/{name}"
    ),
    "monitor:ScheduledQueryRule": "Microsoft.Insights/scheduledQueryRules/{ruleName}",
    "monitor:SubscriptionDiagnosticSetting": (
        _WITHIN + "Microsoft.Insights/diagnosticSettings/{name}"
    ),
    # Network
    "network:ApplicationGateway": _NETWORK + "applicationGateways/{applicationGatewayName}",
    "network:ApplicationSecurityGroup": (
        _NETWORK + "applicationSecurityGroups/{applicationSecurityGroupName}"
    ),
    "network:AzureFirewall": _NETWORK + "azureFirewalls/{azureFirewallName}",
    "network:BastionHost": _NETWORK + "bastionHosts/{bastionHostName}",
    "network:DdosProtectionPlan": _NETWORK + "ddosProtectionPlans/{ddosProtectionPlanName}",
    "network:FirewallPolicy": _NETWORK + "firewallPolicies/{firewallPolicyName}",
    "network:FlowLog": _NETWORK + "networkWatchers/{networkWatcherName}/flowLogs/{flowLogName}",
    "network:LoadBalancer": _NETWORK + "loadBalancers/{loadBalancerName}",
    "network:NatGateway": _NETWORK + "natGateways/{natGatewayName}",
    "network:NetworkInterface": _NETWORK + "networkInterfaces/{networkInterfaceName}",
    "network:NetworkSecurityGroup": _NETWORK + "networkSecurityGroups/{networkSecurityGroupName}",
    "network:NetworkWatcher": _NETWORK + "networkWatchers/{networkWatcherName}",
    "network:PrivateDnsZoneGroup": (
        _NETWORK + "privateEndpoints/{privateEndpointName}"
        "/privateDnsZoneGroups/{privateDnsZoneGroupName}"
    ),
    "network:PrivateEndpoint": _NETWORK + "privateEndpoints/{privateEndpointName}",
    "network:PublicIPAddress": _NETWORK + "publicIPAddresses/{publicIpAddressName}",
    "network:Route": _NETWORK + "routeTables/{routeTableName}/routes/{routeName}",
    "network:RouteTable": _NETWORK + "routeTables/{routeTableName}",
    "network:SecurityRule": (
        _NETWORK + "networkSecurityGroups/{networkSecurityGroupName}"
        "/securityRules/{securityRuleName}"
    ),
    "network:Subnet": _NETWORK + "virtualNetworks/{virtualNetworkName}/subnets/{subnetName}",
    "network:VirtualNetwork": _NETWORK + "virtualNetworks/{virtualNetworkName}",
    "network:VirtualNetworkPeering": (
        _NETWORK + "virtualNetworks/{virtualNetworkName}"
        "/virtualNetworkPeerings/{virtualNetworkPeeringName}"
    ),
    "network:WebApplicationFirewallPolicy": (
        _NETWORK + "ApplicationGatewayWebApplicationFirewallPolicies/{policyName}"
    ),
    "operationalinsights:Cluster": "Microsoft.OperationalInsights/clusters/{clusterName}",
    "operationalinsights:DataExport": _WORKSPACE + "dataExports/{dataExportName}",
    "operationalinsights:LinkedService": _WORKSPACE + "linkedServices/{linkedServiceName}",
    "operationalinsights:SavedSearch": _WORKSPACE + "savedSearches/{savedSearchId}",
    "operationalinsights:Table": _WORKSPACE + "tables/{tableName}",
    "operationalinsights:Workspace": "Microsoft.OperationalInsights/workspaces/{workspaceName}",
    "operationsmanagement:Solution": "Microsoft.OperationsManagement/solutions/{solutionName}",
    "portal:Dashboard": "Microsoft.Portal/dashboards/{dashboardName}",
    "privatedns:PrivateRecordSet": (
        _NETWORK + "privateDnsZones/{privateZoneName}/{recordType}/{relativeRecordSetName}"
    ),
    "privatedns:PrivateZone": _NETWORK + "privateDnsZones/{privateZoneName}",
    "privatedns:VirtualNetworkLink": (
        _NETWORK + "privateDnsZones/{privateZoneName}/virtualNetworkLinks/{virtualNetworkLinkName}"
    ),
    "recoveryservices:Vault": "Microsoft.RecoveryServices/vaults/{vaultName}",
    "redis:Redis": "Microsoft.Cache/redis/{name}",
    "resources:Deployment": "Microsoft.Resources/deployments/{deploymentName}",
    "resources:DeploymentAtSubscriptionScope": (
        _WITHIN + "Microsoft.Resources/deployments/{deploymentName}"
    ),
    "resources:ResourceGroup": _SUBSCRIPTION + "resourceGroups/{resourceGroupName}",
    "resources:TagAtScope": "{scope}/providers/Microsoft.Resources/tags/default",
    # Security
    "security:AdvancedThreatProtection": (
        "{resourceId}/providers/Microsoft.Security/advancedThreatProtectionSettings/current"
    ),
    "security:AlertsSuppressionRule": (
        _WITHIN + "Microsoft.Security/alertsSuppressionRules/{alertsSuppressionRuleName}"
    ),
    "security:Assessment": "{resourceId}/providers/Microsoft.Security/assessments/{assessmentName}",
    "security:Automation": "Microsoft.Security/automations/{automationName}",
    "security:DefenderForStorage": (
        "{resourceId}/providers/Microsoft.Security/defenderForStorageSettings/current"
    ),
    "security:GovernanceRule": "{scope}/providers/Microsoft.Security/governanceRules/{ruleId}",
    "security:JitNetworkAccessPolicy": (
        "Microsoft.Security/locations/{ascLocation}"
        "/jitNetworkAccessPolicies/{jitNetworkAccessPolicyName}"
    ),
    "security:Pricing": "{scopeId}/providers/Microsoft.Security/pricings/{pricingName}",
    "security:SecurityContact": (
        _WITHIN + "Microsoft.Security/securityContacts/{securityContactName}"
    ),
    "security:SecurityStandard": (
        "{scope}/providers/Microsoft.Security/securityStandards/{standardId}"
    ),
    "security:StandardAssignment": (
        "{resourceId}/providers/Microsoft.Security/standardAssignments/{standardAssignmentName}"
    ),
    "security:WorkspaceSetting": (
        _WITHIN + "Microsoft.Security/workspaceSettings/{workspaceSettingName}"
    ),
    "securityinsights:Action": _SENTINEL + "alertRules/{ruleId}/actions/{actionId}",
    "securityinsights:AutomationRule": _SENTINEL + "automationRules/{automationRuleId}",
    "securityinsights:FusionAlertRule": _SENTINEL + "alertRules/{ruleId}",
    "securityinsights:MicrosoftSecurityIncidentCreationAlertRule": (
        _SENTINEL + "alertRules/{ruleId}"
    ),
    "securityinsights:ScheduledAlertRule": _SENTINEL + "alertRules/{ruleId}",
    "securityinsights:SentinelOnboardingState": (
        _SENTINEL + "onboardingStates/{sentinelOnboardingStateName}"
    ),
    "securityinsights:Watchlist": _SENTINEL + "watchlists/{watchlistId}",
    # Service Bus
    "servicebus:Namespace": "Microsoft.ServiceBus/namespaces/{namespaceName}",
    "servicebus:NamespaceAuthorizationRule": (
        _SERVICE_BUS + "AuthorizationRules/{authorizationRuleName}"
    ),
    "servicebus:NamespaceNetworkRuleSet": _SERVICE_BUS + "networkRuleSets/default",
    "servicebus:Queue": _SERVICE_BUS + "queues/{queueName}",
    "servicebus:Rule": (
        _SERVICE_BUS + "topics/{topicName}/subscriptions/{subscriptionName}/rules/{ruleName}"
    ),
    "servicebus:Subscription": _SERVICE_BUS + "topics/{topicName}/subscriptions/{subscriptionName}",
    "servicebus:Topic": _SERVICE_BUS + "topics/{topicName}",
    "sql:Database": "Microsoft.Sql/servers/{serverName}/databases/{databaseName}",
    "sql:Server": "Microsoft.Sql/servers/{serverName}",
    # Storage
    "storage:BlobContainer": _STORAGE + "blobServices/default/containers/{containerName}",
    "storage:BlobContainerImmutabilityPolicy": (
        _STORAGE + "blobServices/default/containers/{containerName}/immutabilityPolicies/default"
    ),
    "storage:BlobServiceProperties": _STORAGE + "blobServices/default",
    "storage:EncryptionScope": _STORAGE + "encryptionScopes/{encryptionScopeName}",
    "storage:FileServiceProperties": _STORAGE + "fileServices/default",
    "storage:FileShare": _STORAGE + "fileServices/default/shares/{shareName}",
    "storage:ManagementPolicy": _STORAGE + "managementPolicies/default",
    "storage:Queue": _STORAGE + "queueServices/default/queues/{queueName}",
    "storage:QueueServiceProperties": _STORAGE + "queueServices/default",
    "storage:StorageAccount": "Microsoft.Storage/storageAccounts/{accountName}",
    "storage:Table": _STORAGE + "tableServices/default/tables/{tableName}",
    "storage:TableServiceProperties": _STORAGE + "tableServices/default",
    # Functions and web applications
    "web:AppServicePlan": "Microsoft.Web/serverfarms/{name}",
    "web:Certificate": "Microsoft.Web/certificates/{name}",
    "web:Connection": "Microsoft.Web/connections/{connectionName}",
    "web:StaticSite": "Microsoft.Web/staticSites/{name}",
    "web:WebApp": "Microsoft.Web/sites/{name}",
    "web:WebAppApplicationSettings": _SITE + "config/appsettings",
    "web:WebAppAuthSettingsV2": _SITE + "config/authsettingsV2",
    "web:WebAppDiagnosticLogsConfiguration": _SITE + "config/logs",
    "web:WebAppFtpAllowed": _SITE + "basicPublishingCredentialsPolicies/ftp",
    "web:WebAppFunction": _SITE + "functions/{functionName}",
    "web:WebAppScmAllowed": _SITE + "basicPublishingCredentialsPolicies/scm",
}
"""The id by type; in the resource group's providers unless it says where."""

_VAULT: Final = "https://{vaultName}.vault.azure.net/"

MORE: Final[Mapping[str, Mapping[str, Template]]] = {
    "apimanagement:ApiManagementService": {
        "developerPortalUrl": "https://{name}.developer.azure-api.net",
        "gatewayUrl": "https://{name}.azure-api.net",
        "managementApiUrl": "https://{name}.management.azure-api.net",
        "scmUrl": "https://{name}.scm.azure-api.net",
    },
    "app:ManagedEnvironment": {"defaultDomain": "{name}-{HEX:8}.{location}.azurecontainerapps.io"},
    "appconfiguration:ConfigurationStore": {"endpoint": "https://{name}.azconfig.io"},
    "applicationinsights:Component": {
        "appId": "{UUID:app}",
        "applicationId": "{name}",
        "instrumentationKey": "{UUID:key}",
        "tenantId": "{tenant}",
    },
    "azureactivedirectory:B2CTenant": {"tenantId": "{UUID:tenant}"},
    "azureactivedirectory:CIAMTenant": {"tenantId": "{UUID:tenant}"},
    "cdn:AFDEndpoint": {"hostName": "{name}-{LOWER:16}.z01.azurefd.net"},
    "cdn:Profile": {"frontDoorId": "{UUID:front-door}"},
    "containerregistry:Registry": {"loginServer": "{name}.azurecr.io"},
    "containerservice:ManagedCluster": {"fqdn": "{name}-{HEX:8}.hcp.{location}.azmk8s.io"},
    "cosmosdb:DatabaseAccount": {"documentEndpoint": "https://{name}.documents.azure.com:443/"},
    "dbforpostgresql:Server": {"fullyQualifiedDomainName": "{name}.postgres.database.azure.com"},
    "eventgrid:Topic": {
        "endpoint": "https://{name}.{location}-1.eventgrid.azure.net/api/events",
    },
    "eventhub:Namespace": {"serviceBusEndpoint": "https://{name}.servicebus.windows.net:443/"},
    "keyvault:Key": {
        "keyUri": _VAULT + "keys/{name}",
        "keyUriWithVersion": _VAULT + "keys/{name}/{HEX:32}",
    },
    "keyvault:Secret": {
        "properties": members(
            "properties",
            secretUri=_VAULT + "secrets/{name}",
            secretUriWithVersion=_VAULT + "secrets/{name}/{HEX:32}",
        )
    },
    "keyvault:Vault": {
        "properties": members("properties", vaultUri="https://{name}.vault.azure.net/")
    },
    "logic:Workflow": {
        "accessEndpoint": "https://prod-00.{location}.logic.azure.com:443/workflows/{HEX:32}",
    },
    "managedidentity:UserAssignedIdentity": {
        "clientId": "{UUID:client}",
        "principalId": "{UUID:principal}",
        "tenantId": "{tenant}",
    },
    "monitor:DataCollectionRule": {"immutableId": "dcr-{HEX:32}"},
    "operationalinsights:Cluster": {"clusterId": "{UUID:cluster}"},
    "operationalinsights:Workspace": {"customerId": "{UUID:workspace}"},
    "resources:ResourceGroup": {
        "type": "Microsoft.Resources/resourceGroups",
        "resourceGroupName": auto_name("resourceGroupName", 90, separator="", digits=8),
    },
    "servicebus:Namespace": {"serviceBusEndpoint": "https://{name}.servicebus.windows.net:443/"},
    "sql:Server": {"fullyQualifiedDomainName": "{name}.database.windows.net"},
    "storage:StorageAccount": {
        "primaryEndpoints": {
            "blob": "https://{name}.blob.core.windows.net/",
            "dfs": "https://{name}.dfs.core.windows.net/",
            "file": "https://{name}.file.core.windows.net/",
            "queue": "https://{name}.queue.core.windows.net/",
            "table": "https://{name}.table.core.windows.net/",
            "web": "https://{name}.z1.web.core.windows.net/",
        },
        "primaryLocation": "{location}",
    },
    "web:StaticSite": {"defaultHostname": "{name}-{HEX:8}.azurestaticapps.net"},
    "web:WebApp": {"defaultHostName": "{name}.azurewebsites.net"},
}
"""Further outputs by type, in Azure's public cloud."""
