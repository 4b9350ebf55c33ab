"""What kinds of resources do in an architecture: data about the clouds, none about a program."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Layer:
    key: str
    label: str
    does: str
    """What it does for a reader who has never seen the program."""
    on_path: bool = False
    """Whether requests pass through it, from left to right in the order of LAYERS."""
    drawn: bool = False
    """Whether its relations are lines; the others are told on the cards, or nothing is seen."""


LAYERS: Mapping[str, Layer] = {
    layer.key: layer
    for layer in (
        Layer("edge", "Edge", "Meets clients first", on_path=True, drawn=True),
        Layer("firewall", "Firewall", "Filters requests", on_path=True, drawn=True),
        Layer("api", "API", "Takes requests", on_path=True, drawn=True),
        Layer("compute", "Backend", "Does the work", on_path=True, drawn=True),
        Layer("data", "Data", "Keeps data", on_path=True, drawn=True),
        Layer("identity", "Identity", "Knows who calls", drawn=True),
        Layer("other", "Other", "Part of the program", drawn=True),
        Layer("keys", "Keys", "Encrypts"),
        Layer("secrets", "Secrets", "Keeps secrets"),
        Layer("logs", "Logs", "Keeps records"),
        Layer("monitoring", "Monitoring", "Watches"),
        Layer("access", "Access", "Says who may do what"),
        Layer("network", "Network", "Connects"),
        Layer("account", "Account", "Guards the account"),
    )
}

PRINCIPAL = (
    "aws:cloudfront/distribution:",
    "aws:wafv2/webAcl:",
    "aws:apigateway/restApi:",
    "aws:apigatewayv2/api:",
    "aws:cognito/userPool:",
    "aws:cloudtrail/trail:",
    "aws:lambda/function:",
    "aws:ecs/service:",
    "aws:rds/",
    "aws:dynamodb/table:",
    "azure-native:cdn:Profile",
    "azure-native:apimanagement:ApiManagementService",
    "azure-native:keyvault:Vault",
)
"""What its neighbours serve: a card names it first."""

PATH = tuple(key for key, layer in LAYERS.items() if layer.on_path)

LEADS = (
    "edge",
    "api",
    "firewall",
    "identity",
    "compute",
    "logs",
    "data",
    "secrets",
    "keys",
    "network",
    "monitoring",
    "account",
    "access",
    "other",
)
"""Which of its resources tells what a group is: the layer that comes first here."""


@dataclass(frozen=True, slots=True)
class Kind:
    layer: str
    minor: bool = False
    """It serves other resources of its group: it names a group only where nothing else does."""


_AWS = {
    "edge": "cloudfront/ globalaccelerator/",
    "firewall": "wafv2/ waf/ wafregional/ shield/ networkfirewall/ fms/",
    "api": "apigateway/ apigatewayv2/ appsync/ lb/ alb/ elb/",
    "compute": "lambda/ ecs/ eks/ apprunner/ batch/ sfn/ lightsail/ elasticbeanstalk/ autoscaling/ "
    "ec2/instance ec2/spot ec2/launchTemplate codebuild/ glue/ sagemaker/",
    "data": "s3/ s3control/ s3tables/ dynamodb/ rds/ docdb/ neptune/ redshift/ elasticache/ efs/ "
    "fsx/ opensearch/ kinesis/ sqs/ mq/ msk/ ecr/ memorydb/ timestreamwrite/ backup/ dax/",
    "identity": "cognito/ identitystore/ ssoadmin/ directoryservice/ verifiedaccess/",
    "keys": "kms/ acmpca/ cloudhsmv2/ signer/",
    "secrets": "secretsmanager/ ssm/parameter",
    "logs": "cloudtrail/ athena/",
    "monitoring": "guardduty/ securityhub/ inspector/ inspector2/ detective/ macie2/ cfg/ "
    "synthetics/ xray/ budgets/ ssm/ ssmincidents/ auditmanager/ chatbot/ "
    "cloudwatch/compositeAlarm cloudwatch/dashboard",
    "network": "ec2/ vpclattice/ directconnect/ networkmanager/ servicediscovery/",
    "account": "account/ organizations/ controltower/ accessanalyzer/ iam/accountPasswordPolicy "
    "iam/accountAlias s3/accountPublicAccessBlock ec2/defaultCreditSpecification ebs/encryption "
    "ec2/serialConsoleAccess ec2/imageBlockPublicAccess ebs/snapshotBlockPublicAccess "
    "ec2/instanceMetadataDefaults ebs/defaultKmsKey s3control/accountPublicAccessBlock "
    "apigateway/account",
}

_AWS_MINOR = {
    "edge": "route53/ acm/",
    "access": "iam/",
    "keys": "kms/alias kms/grant",
    "logs": "cloudwatch/log cloudwatch/query",
    # A topic keeps nothing: it tells.
    "monitoring": "cloudwatch/ scheduler/ pipes/ sns/",
    "compute": "lambda/permission lambda/layerVersion",
    "data": "s3/bucket s3/directoryBucket sqs/",
}

_AZURE = {
    "edge": "cdn",
    "firewall": "frontdoor network:WebApplicationFirewallPolicy network:AzureFirewall "
    "cdn:Policy network:FirewallPolicy",
    "api": "apimanagement network:ApplicationGateway network:LoadBalancer apicenter",
    "compute": "app web compute containerinstance containerservice batch logic servicefabric",
    "data": "storage sql dbforpostgresql dbformysql documentdb cosmosdb cache redis eventhub "
    "servicebus containerregistry recoveryservices search synapse",
    "identity": "azureactivedirectory aad",
    "keys": "keyvault keyvault:Key keyvault:ManagedHsm",
    "secrets": "keyvault:Secret",
    "logs": "operationalinsights",
    "monitoring": "security securityinsights monitor insights alertsmanagement automation "
    "applicationinsights:Workbook consumption maintenance",
    "network": "network privatedns dns",
    "account": "management billing subscription costmanagement authorization:Policy",
}

_AZURE_MINOR = {
    "access": "authorization managedidentity",
    "logs": "insights:DiagnosticSetting monitor:DiagnosticSetting operationalinsights:SavedSearch",
    "account": "resources",
    "edge": "network:Zone network:RecordSet",
}


def _rows(prefix: str, table: Mapping[str, str], *, minor: bool) -> dict[str, Kind]:
    return {
        prefix + part: Kind(layer, minor)
        for layer, parts in table.items()
        for part in parts.split()
    }


KINDS: Mapping[str, Kind] = {
    **_rows("aws:", _AWS, minor=False),
    **_rows("aws:", _AWS_MINOR, minor=True),
    **_rows("azure-native:", _AZURE, minor=False),
    **_rows("azure-native:", _AZURE_MINOR, minor=True),
    **_rows("azuread:", {"identity": "index/application"}, minor=False),
    # It can be somebody else's tenant, of which the program makes nothing.
    "bulwark:index:AzureCustomerIdentity": Kind("identity"),
    # A vault with nothing in it: values are set later, and by others.
    "bulwark:index:AzureSecrets": Kind("secrets"),
    # Of both, what there is may be the subscription's, and another environment's to set.
    "bulwark:index:AzureAccess": Kind("access"),
    "bulwark:index:AzureSecurityTesting": Kind("monitoring"),
}
"""By the start of a type token; the longest that fits counts. A component that is named here is
what it says, whatever it is made of."""

PARTS: Mapping[str, str] = {
    # There before the API, which has to know it; the rest of the edge comes after the API.
    "bulwark:index:AzureEdgeProfile": "bulwark:index:AzureEdge",
}
"""Components that are drawn as a part of another beside them."""

_UNKNOWN = Kind("other")
_HELPERS = ("random:", "tls:", "time:", "command:", "null:", "std:", "synced-folder:")
"""Packages whose resources exist only in the state."""


@cache
def kind(token: str) -> Kind:
    if token.startswith(_HELPERS):
        return Kind("other", minor=True)
    plain = _VERSION.sub(":", token)
    fits = [prefix for prefix in KINDS if _starts(plain, prefix)]
    return KINDS[max(fits, key=len)] if fits else _UNKNOWN


_VERSION = re.compile(r"/v\d{8}[a-z]*:")
"""An Azure module may carry one: `app/v20240301`."""


def _starts(token: str, prefix: str) -> bool:
    if not token.startswith(prefix):
        return False
    whole = prefix.count(":") == 1 and not prefix.startswith("aws:")
    return token[len(prefix) :].startswith(":") if whole else True  # app is not appconfiguration


@dataclass(frozen=True, slots=True)
class Attachment:
    """A resource that is a setting of another one."""

    to: str
    """The input that names the other one."""
    means: str
    """What the other one has from it, in words."""


ATTACHMENTS: Mapping[str, Attachment] = {
    "aws:wafv2/webAclAssociation:WebAclAssociation": Attachment("resourceArn", "behind a web ACL"),
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": Attachment(
        "resourceArn", "logged"
    ),
    "aws:cloudwatch/logDeliverySource:LogDeliverySource": Attachment("resourceArn", "logged"),
    "aws:cloudwatch/logDataProtectionPolicy:LogDataProtectionPolicy": Attachment(
        "logGroupName", "personal data masked"
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": Attachment(
        "bucket", "public access blocked"
    ),
    "aws:s3/bucketVersioning:BucketVersioning": Attachment("bucket", "versioned"),
    "aws:s3/bucketPolicy:BucketPolicy": Attachment("bucket", "resource policy"),
    "aws:s3/bucketLogging:BucketLogging": Attachment("bucket", "logged"),
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": Attachment(
        "bucket", "objects locked"
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        Attachment("bucket", "encrypted")
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": Attachment(
        "bucket", "owner enforced"
    ),
    "aws:secretsmanager/secretPolicy:SecretPolicy": Attachment("secretArn", "resource policy"),
    "aws:secretsmanager/secretRotation:SecretRotation": Attachment("secretId", "rotated"),
    "aws:kms/keyPolicy:KeyPolicy": Attachment("keyId", "resource policy"),
    "aws:cognito/riskConfiguration:RiskConfiguration": Attachment(
        "userPoolId", "threat protection"
    ),
    "aws:cognito/logDeliveryConfiguration:LogDeliveryConfiguration": Attachment(
        "userPoolId", "logged"
    ),
    "aws:apigateway/usagePlan:UsagePlan": Attachment("apiStages", "quota for each partner"),
    "aws:apigateway/methodSettings:MethodSettings": Attachment("restApi", "throttled, logged"),
    "aws:apigateway/restApiPolicy:RestApiPolicy": Attachment("restApiId", "resource policy"),
    "aws:dynamodb/resourcePolicy:ResourcePolicy": Attachment("resourceArn", "resource policy"),
    "azure-native:monitor:DiagnosticSetting": Attachment("resourceUri", "logged"),
    "azure-native:insights:DiagnosticSetting": Attachment("resourceUri", "logged"),
    "azure-native:cdn:SecurityPolicy": Attachment("parameters", "behind a firewall policy"),
    "azure-native:authorization:ManagementLock": Attachment("scope", "locked"),
    "azure-native:authorization:ManagementLockByScope": Attachment("scope", "locked"),
    "azure-native:network:PrivateDnsZoneGroup": Attachment("privateEndpointName", "named"),
    "azure-native:network:PrivateEndpoint": Attachment(
        "privateLinkServiceConnections", "private address"
    ),
    "azure-native:storage:BlobServiceProperties": Attachment("accountName", "versioned"),
    "azure-native:storage:ManagementPolicy": Attachment("accountName", "expires"),
}


@dataclass(frozen=True, slots=True)
class Guard:
    """An input with which a resource protects itself."""

    on: tuple[object, ...]
    """Values that protect."""
    means: str


GUARDS: Mapping[str, Guard] = {
    "deletionProtection": Guard((True, "ACTIVE", "Enabled"), "the service refuses to delete it"),
    "deletionProtectionEnabled": Guard((True,), "the service refuses to delete it"),
    "enableDeletionProtection": Guard((True,), "the service refuses to delete it"),
    "enablePurgeProtection": Guard((True,), "cannot be purged while it is recoverable"),
    "forceDestroy": Guard((False,), "not deleted while it holds anything"),
    "enableKeyRotation": Guard((True,), "its key material is rotated"),
    "blockPublicPolicy": Guard((True,), "no policy can make it public"),
    "enableLogFileValidation": Guard((True,), "a changed or deleted log file is found out"),
    "isMultiRegionTrail": Guard((True,), "covers every region"),
    "storageEncrypted": Guard((True,), "encrypted"),
    "encrypted": Guard((True,), "encrypted"),
    "publiclyAccessible": Guard((False,), "not reachable from the internet"),
    "publicNetworkAccess": Guard(("Disabled",), "not reachable from the internet"),
    "objectLockEnabled": Guard((True,), "objects can be locked"),
    "disableExecuteApiEndpoint": Guard((True,), "not reachable past its own domain"),
    "mfaConfiguration": Guard(("ON",), "a second factor is asked for"),
    "minTlsVersion": Guard(("1.2", "1.3"), "no older TLS"),
    "xrayTracingEnabled": Guard((True,), "traced"),
}
"""By input; a value that is not listed says nothing."""

BACKEND_URIS: Mapping[str, str] = {
    "aws:apigateway/integration:Integration": "uri",
    "aws:apigatewayv2/integration:Integration": "integrationUri",
    "azure-native:apimanagement:Backend": "url",
    "azure-native:apimanagement:Api": "serviceUrl",
}
"""Where an API says, in a resource of its own, who answers."""

DOCUMENTS: Mapping[str, str] = {
    "aws:apigateway/restApi:RestApi": "body",
    "aws:apigatewayv2/api:Api": "body",
}
"""Where an API takes an OpenAPI document, which may say who answers."""

SIGN_IN = (
    "aws:cognito/userPoolClient",
    "aws:cognito/userPoolDomain",
    "azure-native:azureactivedirectory",
    "bulwark:index:AzureCustomerIdentity",
)
"""What makes an identity service one that clients come to themselves."""
