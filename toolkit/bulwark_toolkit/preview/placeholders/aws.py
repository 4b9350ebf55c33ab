"""What AWS would answer.

Ids and ARNs are in the form that the provider's import examples show (the docstrings of
`pulumi_aws`) and that https://docs.aws.amazon.com/service-authorization/latest/reference/ lists.
Auto-naming follows the provider's `resource_overrides.go`.
"""

import re
from collections.abc import Mapping
from typing import Final

from bulwark_toolkit.preview.values import Value

from .facts import (
    Facts,
    Kind,
    NotKnown,
    Template,
    auto_name,
    choose,
    default,
    if_given,
    input_names,
    lower,
    output_names,
    render,
    same,
    unknowable,
)


def kind(cls: type | None, token: str) -> Kind:
    """What is known about `aws:module/type:Class`."""
    type_ = token.split(":")[1]
    own = KINDS.get(type_, {})
    takes = input_names(cls)
    templates: dict[str, Template] = {**_COMMON, **own}
    if "name" in takes:
        templates.setdefault("name", auto_name("name"))
    if "arn" in own:
        templates["arn"] = _arn(type_, own["arn"])
    elif "arn" not in takes:  # as an input it may well be another resource's: an EventTarget's
        templates["arn"] = _arn(type_, _usual_arn(type_, named="name" in takes))
    names = own if cls is None else [*templates, "region"]
    return Kind(templates=templates, gives=output_names(cls, names))


def _tags(facts: Facts) -> Value:
    if "tags" in facts.no_text and not isinstance(facts.inputs["tags"], Mapping):
        raise NotKnown("tags")
    return facts.inputs.get("tags") or {}


_COMMON: Final[Mapping[str, Template]] = {
    "ID": "{LOGICAL}-{HEX:8}",
    "accountId": "{account}",
    "awsAccountId": "{account}",
    "ownerId": "{account}",
    "tagsAll": _tags,
}
"""Outputs that mean the same wherever they occur."""


# ARNs.

SERVICES: Final[Mapping[str, str]] = {
    "accountaccess": "account-access",
    "acmpca": "acm-pca",
    "alb": "elasticloadbalancing",
    "amp": "aps",
    "apigatewayv2": "apigateway",
    "appautoscaling": "application-autoscaling",
    "bcmdata": "bcm-data-exports",
    "cfg": "config",
    "chimesdkmediapipelines": "chime",
    "cloudhsmv2": "cloudhsm",
    "codeguruprofiler": "codeguru-profiler",
    "codegurureviewer": "codeguru-reviewer",
    "codestarconnections": "codestar-connections",
    "codestarnotifications": "codestar-notifications",
    "cognito": "cognito-idp",
    "costexplorer": "ce",
    "customerprofiles": "profile",
    "directoryservice": "ds",
    "docdb": "rds",
    "ebs": "ec2",
    "ec2clientvpn": "ec2",
    "ec2transitgateway": "ec2",
    "efs": "elasticfilesystem",
    "elasticsearch": "es",
    "elb": "elasticloadbalancing",
    "emr": "elasticmapreduce",
    "emrcontainers": "emr-containers",
    "emrserverless": "emr-serverless",
    "keyspaces": "cassandra",
    "kinesisanalyticsv2": "kinesisanalytics",
    "lambdamicrovms": "lambda",
    "lb": "elasticloadbalancing",
    "licensemanager": "license-manager",
    "macie": "macie2",
    "msk": "kafka",
    "mskconnect": "kafkaconnect",
    "mwaa": "airflow",
    "neptune": "rds",
    "networkfirewall": "network-firewall",
    "opensearch": "es",
    "paymentcryptography": "payment-cryptography",
    "pinpoint": "mobiletargeting",
    "redshiftserverless": "redshift-serverless",
    "resourceexplorer": "resource-explorer-2",
    "resourcegroups": "resource-groups",
    "route53recoverycontrol": "route53-recovery-control",
    "route53recoveryreadiness": "route53-recovery-readiness",
    "s3control": "s3",
    "s3outposts": "s3-outposts",
    "sesv2": "ses",
    "sfn": "states",
    "ssmcontacts": "ssm-contacts",
    "ssmincidents": "ssm-incidents",
    "ssoadmin": "sso",
    "timestreaminfluxdb": "timestream-influxdb",
    "timestreamquery": "timestream",
    "timestreamwrite": "timestream",
    "verifiedaccess": "ec2",
    "vpc": "ec2",
    "vpclattice": "vpc-lattice",
    "vpn": "ec2",
    "wafregional": "waf-regional",
    # Modules that hold the resources of several services.
    "cloudwatch/eventApiDestination": "events",
    "cloudwatch/eventArchive": "events",
    "cloudwatch/eventBus": "events",
    "cloudwatch/eventConnection": "events",
    "cloudwatch/eventEndpoint": "events",
    "cloudwatch/eventRule": "events",
    "cloudwatch/internetMonitor": "internetmonitor",
    "cloudwatch/logAnomalyDetector": "logs",
    "cloudwatch/logDelivery": "logs",
    "cloudwatch/logDeliveryDestination": "logs",
    "cloudwatch/logDeliverySource": "logs",
    "cloudwatch/logDestination": "logs",
    "cloudwatch/logGroup": "logs",
    "cloudwatch/logStream": "logs",
    "cloudwatch/queryDefinition": "logs",
    "cognito/identityPool": "cognito-identity",
    "docdb/elasticCluster": "docdb-elastic",
    "kinesis/analyticsApplication": "kinesisanalytics",
    "kinesis/firehoseDeliveryStream": "firehose",
    "kinesis/videoStream": "kinesisvideo",
    "notifications/contactsEmailContact": "notificationscontacts",
    "route53/profilesAssociation": "route53profiles",
    "route53/profilesProfile": "route53profiles",
    "route53/resolverDnsSecConfig": "route53resolver",
    "route53/resolverEndpoint": "route53resolver",
    "route53/resolverFirewallDomainList": "route53resolver",
    "route53/resolverFirewallRuleGroup": "route53resolver",
    "route53/resolverFirewallRuleGroupAssociation": "route53resolver",
    "route53/resolverQueryLogConfig": "route53resolver",
    "route53/resolverRule": "route53resolver",
    "s3/directoryBucket": "s3express",
    "s3/vectorsIndex": "s3vectors",
    "s3/vectorsVectorBucket": "s3vectors",
    "servicecatalog/portfolio": "catalog",
    "servicecatalog/product": "catalog",
    "ssm/contactsRotation": "ssm-contacts",
}
"""The service in the ARN, by module or type, where it is not the module's name."""

NO_REGION: Final = frozenset(
    {
        "billing",
        "budgets",
        "ce",
        "cloudfront",
        "ecr-public",
        "globalaccelerator",
        "iam",
        "invoicing",
        "networkmanager",
        "notifications",
        "organizations",
        "pricingplanmanager",
        "route53-recovery-control",
        "route53-recovery-readiness",
        "shield",
        "ssm-incidents",
        "sso",
        "waf",
    }
)
"""Services whose ARNs have an account and no region."""

NO_ACCOUNT: Final = frozenset({"apigateway"})
NEITHER: Final = frozenset({"route53", "s3"})


def _arn(type_: str, resource: Template) -> Template:
    """A whole ARN from what follows the account; functions and whole ARNs are left alone."""
    if callable(resource) or str(resource).startswith("arn:"):
        return resource
    return _head(_service(type_)) + str(resource)


def _service(type_: str) -> str:
    module = type_.partition("/")[0]
    return SERVICES.get(type_) or SERVICES.get(module) or module


def _head(service: str) -> str:
    region = "" if service in NO_REGION | NEITHER else "{region}"
    account = "" if service in NO_ACCOUNT | NEITHER else "{account}"
    return f"arn:{{partition}}:{service}:{region}:{account}:"


def _usual_arn(type_: str, *, named: bool) -> str:
    """`job-queue/NAME` for batch/jobQueue: most services do it like this."""
    word = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", type_.rpartition("/")[2]).lower()
    return f"{word}/{{name}}" if named else f"{word}/{{ID}}"


# What templates alone cannot say.


def _bus(facts: Facts) -> str:
    """Rules of other buses than the default one have the bus in their id and ARN."""
    bus = facts.given("eventBusName", "default")
    return "" if bus == "default" else f"{bus}/"


def _after(key: str, mark: str) -> Template:
    """What follows the last mark: `_after("primaryKeyArn", "/")` is a key id."""
    return lambda facts: str(facts[key]).rpartition(mark)[2]


def _whole(template: Template) -> Template:
    """A template that is an ARN as it stands."""
    return lambda facts: render(template, facts)


def _instead(key: str, old: str, new: str, more: str = "") -> Template:
    """The ARN of something within what another ARN names."""
    return lambda facts: str(facts[key]).replace(old, new, 1) + render(more, facts)


def _target_key_arn(facts: Facts) -> str:
    target = facts["targetKeyId"]
    is_arn = str(target).startswith("arn:")
    return target if is_arn else render(_head("kms") + "key/{targetKeyId}", facts)


def _alias_name(facts: Facts) -> str:
    name = render(auto_name("name", 238), facts)
    return name if name.startswith("alias/") else f"alias/{name}"


def _standards_subscription(facts: Facts) -> str:
    """Named like the standard: `…:standards/NAME`, or `…:ruleset/NAME` of the oldest one."""
    _, _, name = str(facts["standardsArn"]).rpartition(":")[2].partition("/")
    return render(_head("securityhub"), facts) + f"subscription/{name}"


def _scope_identifiers(facts: Facts) -> Value:
    scopes = facts.inputs.get("scopes") or []
    names = [scope.get("scopeName") for scope in scopes] if _is_list_of(dict, scopes) else [None]
    if not _is_list_of(str, names):
        raise NotKnown("scopes")
    return [f"{facts['identifier']}/{name}" for name in names]


def _is_list_of(kind_: type, value: Value) -> bool:
    return isinstance(value, list) and all(isinstance(item, kind_) for item in value)


def _validation_options(facts: Facts) -> Value:
    """One DNS record for each name of the certificate, in the order given."""
    others = facts.inputs.get("subjectAlternativeNames") or []
    if facts.given("validationMethod", "") != "DNS" or not _is_list_of(str, others):
        raise NotKnown("domainValidationOptions")
    names = dict.fromkeys([str(facts["domainName"]), *others])
    return [_validation_option(name, facts) for name in names]


def _validation_option(name: str, facts: Facts) -> dict[str, str]:
    return {
        "domainName": name,
        "resourceRecordName": f"_{facts['HEX']:{f'32.{name}'}}.{name.removeprefix('*.')}.",
        "resourceRecordType": "CNAME",
        "resourceRecordValue": f"_{facts['HEX']:{f'32.={name}'}}.acm-validations.aws.",
    }


_PORTS: Final[Mapping[Value, Template]] = {
    "aurora-mysql": "3306",
    "aurora-postgresql": "5432",
    "mariadb": "3306",
    "mysql": "3306",
    "postgres": "5432",
}
"""https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html"""


def _port(facts: Facts) -> int:
    return int(render(choose("engine", _PORTS), facts))


# Kinds.

_EXECUTE: Final = "arn:{partition}:execute-api:{region}:{account}:"
_INVOKE: Final = "arn:{partition}:apigateway:{region}:lambda:path/"
_CALL: Final = "/functions/{arn}/invocations"
_ZONE: Final = "Z2FDTNDATAQYW2"
"""The hosted zone of every CloudFront distribution."""
_FIFO: Final[Mapping[Value, Template]] = {True: ".fifo"}
_REACH: Final = choose("scope", {"CLOUDFRONT": "global", "REGIONAL": "regional"})
_PATH: Final = default("path", "/")
_BUCKET: Final[Mapping[str, Template]] = {
    "bucket": lower(auto_name("bucket", 63)),
    "ID": "{bucket}",
    "arn": "{bucket}",
    "bucketDomainName": "{bucket}.s3.{SUFFIX}",
    "bucketRegion": "{region}",
    "bucketRegionalDomainName": "{bucket}.s3.{region}.{SUFFIX}",
}
_OBJECT: Final[Mapping[str, Template]] = {
    "key": "{LOGICAL}",
    "ID": "{bucket}/{key}",
    "arn": "{bucket}/{key}",
}


def _wafv2(resource: str) -> Mapping[str, Template]:
    return {"ID": "{UUID}", "REACH": _REACH, "arn": f"{{REACH}}/{resource}/{{name}}/{{ID}}"}


def _ec2(prefix: str, resource: str, **more: Template) -> Mapping[str, Template]:
    return {"ID": f"{prefix}-{{HEX:17}}", "arn": f"{resource}/{{ID}}", **more}


_IMAGE: Final[Mapping[str, Template]] = {
    "ID": "ami-{HEX:17}",
    "arn": "arn:{partition}:ec2:{region}::image/{ID}",
}
_VPC: Final = _ec2(
    "vpc",
    "vpc",
    defaultNetworkAclId="acl-{HEX:17}",
    defaultRouteTableId="rtb-{HEX:17}",
    defaultSecurityGroupId="sg-{HEX:17}",
    dhcpOptionsId="dopt-{HEX:17}",
    mainRouteTableId="rtb-{HEX:17}",
)


def _rds(prefix: str) -> Mapping[str, Template]:
    return {"name": lower(auto_name("name")), "ID": "{name}", "arn": f"{prefix}:{{name}}"}


def _cluster(service: str) -> Mapping[str, Template]:
    return {
        "clusterIdentifier": "tf-{DIGITS:26}",
        "ID": "{clusterIdentifier}",
        "arn": "cluster:{clusterIdentifier}",
        "clusterResourceId": "cluster-{UPPER:26}",
        "SITE": f"{{LOWER:12}}.{{region}}.{service}.{{SUFFIX}}",
        "endpoint": "{clusterIdentifier}.cluster-{SITE}",
        "readerEndpoint": "{clusterIdentifier}.cluster-ro-{SITE}",
    }


_LOAD_BALANCING: Final[Mapping[str, Mapping[str, Template]]] = {
    "loadBalancer": {
        "name": auto_name("name", 32),
        "SORT": choose("loadBalancerType", {"network": "net", "gateway": "gwy"}, "app"),
        "arnSuffix": "{SORT}/{name}/{HEX:16}",
        "arn": "loadbalancer/{arnSuffix}",
        "ID": "{arn}",
        "dnsName": "{name}-{DIGITS:10}.{region}.elb.{SUFFIX}",
    },
    "targetGroup": {
        "name": auto_name("name", 32),
        "arnSuffix": "targetgroup/{name}/{HEX:16}",
        "arn": "{arnSuffix}",
        "ID": "{arn}",
    },
    "listener": {
        "arn": _instead("loadBalancerArn", ":loadbalancer/", ":listener/", "/{HEX:16}"),
        "ID": "{arn}",
    },
    "listenerRule": {
        "arn": _instead("listenerArn", ":listener/", ":listener-rule/", "/{HEX:16}"),
        "ID": "{arn}",
    },
}

KINDS: Final[Mapping[str, Mapping[str, Template]]] = {
    "accessanalyzer/analyzer": {"ID": "{analyzerName}", "arn": "analyzer/{analyzerName}"},
    "acm/certificate": {
        "ID": "{arn}",
        "arn": "certificate/{UUID}",
        "domainValidationOptions": _validation_options,
    },
    "acmpca/certificateAuthority": {"ID": "{arn}", "arn": "certificate-authority/{UUID}"},
    # API Gateway
    "apigateway/account": {"ID": "{account}"},
    "apigateway/apiKey": {"ID": "{LOWER:10}", "arn": "/apikeys/{ID}"},
    "apigateway/authorizer": {
        "ID": "{LOWER:6}",
        "arn": "/restapis/{restApi}/authorizers/{ID}",
    },
    "apigateway/basePathMapping": {
        "PATH": default("basePath", ""),
        "ID": "{domainName}/{PATH}",
    },
    "apigateway/deployment": {"ID": "{LOWER:6}"},
    "apigateway/domainName": {
        "ID": "{domainName}",
        "arn": "/domainnames/{domainName}",
        "cloudfrontDomainName": if_given("certificateArn", "d{HEX:13}.cloudfront.net"),
        "cloudfrontZoneId": if_given("certificateArn", _ZONE),
        "regionalDomainName": if_given(
            "regionalCertificateArn", "d-{LOWER:10}.execute-api.{region}.{SUFFIX}"
        ),
    },
    "apigateway/integration": {"ID": "agi-{restApi}-{resourceId}-{httpMethod}"},
    "apigateway/integrationResponse": {
        "ID": "agir-{restApi}-{resourceId}-{httpMethod}-{statusCode}"
    },
    "apigateway/method": {"ID": "agm-{restApi}-{resourceId}-{httpMethod}"},
    "apigateway/methodResponse": {"ID": "agmr-{restApi}-{resourceId}-{httpMethod}-{statusCode}"},
    "apigateway/methodSettings": {"ID": "{restApi}-{stageName}-{methodPath}"},
    "apigateway/model": {"ID": "{LOWER:6}"},
    "apigateway/requestValidator": {"ID": "{LOWER:6}"},
    "apigateway/resource": {"ID": "{LOWER:6}"},
    "apigateway/response": {"ID": "aggr-{restApiId}-{responseType}"},
    "apigateway/restApi": {
        "ID": "{LOWER:10}",
        "arn": "/restapis/{ID}",
        "executionArn": _EXECUTE + "{ID}",
        "rootResourceId": "{LOWER:10.root}",
    },
    "apigateway/restApiPolicy": {"ID": "{restApiId}"},
    "apigateway/stage": {
        "ID": "ags-{restApi}-{stageName}",
        "arn": "/restapis/{restApi}/stages/{stageName}",
        "executionArn": _EXECUTE + "{restApi}/{stageName}",
        "invokeUrl": "https://{restApi}.execute-api.{region}.{SUFFIX}/{stageName}",
    },
    "apigateway/usagePlan": {"ID": "{LOWER:6}", "arn": "/usageplans/{ID}"},
    "apigateway/usagePlanKey": {"ID": "{keyId}"},
    "apigateway/vpcLink": {"ID": "{LOWER:6}", "arn": "/vpclinks/{ID}"},
    "apigatewayv2/api": {
        "ID": "{LOWER:10}",
        "arn": "/apis/{ID}",
        "SCHEME": choose("protocolType", {"HTTP": "https", "WEBSOCKET": "wss"}),
        "apiEndpoint": "{SCHEME}://{ID}.execute-api.{region}.{SUFFIX}",
        "executionArn": _EXECUTE + "{ID}",
    },
    "apigatewayv2/apiMapping": {"ID": "{LOWER:6}"},
    "apigatewayv2/authorizer": {"ID": "{LOWER:6}"},
    "apigatewayv2/deployment": {"ID": "{LOWER:6}"},
    "apigatewayv2/domainName": {"ID": "{domainName}", "arn": "/domainnames/{domainName}"},
    "apigatewayv2/integration": {"ID": "{LOWER:7}"},
    "apigatewayv2/route": {"ID": "{LOWER:7}"},
    "apigatewayv2/stage": {
        "ID": "{name}",
        "arn": "/apis/{apiId}/stages/{name}",
        "executionArn": _EXECUTE + "{apiId}/{name}",
        "STEP": choose("name", {"$default": ""}, "{name}"),
        "invokeUrl": "https://{apiId}.execute-api.{region}.{SUFFIX}/{STEP}",
    },
    "apigatewayv2/vpcLink": {"ID": "{LOWER:6}", "arn": "/vpclinks/{ID}"},
    "appsync/graphQLApi": {"ID": "{LOWER:26}", "arn": "apis/{ID}"},
    "athena/database": {"name": lower(auto_name("name", separator="_")), "ID": "{name}"},
    "athena/workgroup": {"ID": "{name}", "arn": "workgroup/{name}"},
    "autoscaling/group": {
        "ID": "{name}",
        "arn": "autoScalingGroup:{UUID}:autoScalingGroupName/{name}",
    },
    "autoscaling/policy": {
        "ID": "{name}",
        "arn": "scalingPolicy:{UUID}:autoScalingGroupName/{autoscalingGroupName}:policyName/{name}",
    },
    "backup/plan": {"ID": "{UUID}", "arn": "backup-plan:{ID}"},
    "backup/selection": {"ID": "{UUID}"},
    "backup/vault": {"ID": "{name}", "arn": "backup-vault:{name}"},
    "backup/vaultLockConfiguration": {"ID": "{backupVaultName}"},
    "backup/vaultPolicy": {"ID": "{backupVaultName}"},
    "budgets/budget": {"ID": "{account}:{name}", "arn": "budget/{name}"},
    # Config
    "cfg/configurationAggregator": {
        "ID": "{name}",
        "arn": "config-aggregator/config-aggregator-{LOWER:8}",
    },
    "cfg/conformancePack": {"ID": "{name}", "arn": "conformance-pack/{name}/{LOWER:11}"},
    "cfg/deliveryChannel": {"ID": "{name}"},
    "cfg/recorder": {"ID": "{name}"},
    "cfg/recorderStatus": {"ID": "{name}"},
    "cfg/remediationConfiguration": {
        "ID": "{configRuleName}",
        "arn": "remediation-configuration/{UUID}",
    },
    "cfg/rule": {
        "ID": "{name}",
        "ruleId": "config-rule-{LOWER:6}",
        "arn": "config-rule/{ruleId}",
    },
    "cloudformation/stack": {"ID": _head("cloudformation") + "stack/{name}/{UUID}"},
    # CloudFront
    "cloudfront/cachePolicy": {"ID": "{UUID}", "arn": "cache-policy/{ID}"},
    "cloudfront/distribution": {
        "ID": "E{UPPER:13}",
        "arn": "distribution/{ID}",
        "domainName": "d{HEX:13}.cloudfront.net",
        "hostedZoneId": _ZONE,
    },
    "cloudfront/function": {
        "name": auto_name("name", 64),
        "ID": "{name}",
        "arn": "function/{name}",
    },
    "cloudfront/keyGroup": {"ID": "{UUID}"},
    "cloudfront/keyValueStore": {"ID": "{name}", "arn": "key-value-store/{UUID}"},
    "cloudfront/originAccessControl": {
        "name": auto_name("name", 64),
        "ID": "E{UPPER:13}",
        "arn": "origin-access-control/{ID}",
    },
    "cloudfront/originAccessIdentity": {
        "ID": "E{UPPER:13}",
        "arn": "origin-access-identity/{ID}",
        "iamArn": "arn:{partition}:iam::cloudfront:user/CloudFront Origin Access Identity {ID}",
        "cloudfrontAccessIdentityPath": "origin-access-identity/cloudfront/{ID}",
    },
    "cloudfront/originRequestPolicy": {"ID": "{UUID}", "arn": "origin-request-policy/{ID}"},
    "cloudfront/publicKey": {"ID": "K{UPPER:13}"},
    "cloudfront/realtimeLogConfig": {"ID": "{arn}", "arn": "realtime-log-config/{name}"},
    "cloudfront/responseHeadersPolicy": {"ID": "{UUID}", "arn": "response-headers-policy/{ID}"},
    "cloudfront/vpcOrigin": {"ID": "vo_{ALNUM:22}", "arn": "vpcorigin/{ID}"},
    "cloudhsmv2/cluster": {"ID": "{clusterId}", "clusterId": "cluster-{LOWER:11}"},
    "cloudtrail/eventDataStore": {"ID": "{arn}", "arn": "eventdatastore/{UUID}"},
    "cloudtrail/trail": {
        "ID": "{arn}",
        "name": auto_name("name", 128),
        "arn": "trail/{name}",
        "homeRegion": "{region}",
    },
    # CloudWatch, Logs and EventBridge
    "cloudwatch/compositeAlarm": {"ID": "{alarmName}", "arn": "alarm:{alarmName}"},
    "cloudwatch/dashboard": {
        "ID": "{dashboardName}",
        "dashboardArn": "arn:{partition}:cloudwatch::{account}:dashboard/{dashboardName}",
    },
    "cloudwatch/eventApiDestination": {"ID": "{name}", "arn": "api-destination/{name}/{UUID}"},
    "cloudwatch/eventArchive": {"ID": "{name}", "arn": "archive/{name}"},
    "cloudwatch/eventBus": {"ID": "{name}", "arn": "event-bus/{name}"},
    "cloudwatch/eventConnection": {
        "ID": "{name}",
        "arn": "connection/{name}/{UUID}",
        "secretArn": _head("secretsmanager")
        + "secret:events!connection/{name}/{UUID:secret}-{ALNUM:6}",
    },
    "cloudwatch/eventRule": {
        "name": auto_name("name", 64),
        "BUS": _bus,
        "ID": "{BUS}{name}",
        "arn": "rule/{BUS}{name}",
    },
    "cloudwatch/eventTarget": {
        "targetId": auto_name("targetId", 64),
        "BUS": _bus,
        "ID": "{BUS}{rule}-{targetId}",
    },
    "cloudwatch/logAnomalyDetector": {"ID": "{arn}", "arn": "anomaly-detector:{UUID}"},
    "cloudwatch/logDataProtectionPolicy": {"ID": "{logGroupName}"},
    "cloudwatch/logDelivery": {"ID": "{ALNUM:16}", "arn": "delivery:{ID}"},
    "cloudwatch/logDeliveryDestination": {"ID": "{name}", "arn": "delivery-destination:{name}"},
    "cloudwatch/logDeliverySource": {"ID": "{name}", "arn": "delivery-source:{name}"},
    "cloudwatch/logDestination": {"ID": "{name}", "arn": "destination:{name}"},
    "cloudwatch/logGroup": {"ID": "{name}", "arn": "log-group:{name}"},
    "cloudwatch/logMetricFilter": {"ID": "{name}"},
    "cloudwatch/logResourcePolicy": {"ID": "{policyName}"},
    "cloudwatch/logStream": {"ID": "{name}", "arn": "log-group:{logGroupName}:log-stream:{name}"},
    "cloudwatch/logSubscriptionFilter": {"ID": "cwlsf-{DIGITS:10}"},
    "cloudwatch/metricAlarm": {"ID": "{name}", "arn": "alarm:{name}"},
    "cloudwatch/metricStream": {"ID": "{name}", "arn": "metric-stream/{name}"},
    "cloudwatch/queryDefinition": {
        "ID": "{queryDefinitionId}",
        "queryDefinitionId": "{UUID}",
        "arn": "query-definition:{queryDefinitionId}",
    },
    "codebuild/project": {"ID": "{arn}", "arn": "project/{name}"},
    "codecommit/repository": {"ID": "{repositoryName}", "arn": "{repositoryName}"},
    "codeconnections/connection": {"ID": "{arn}", "arn": "connection/{UUID}"},
    "codepipeline/pipeline": {"ID": "{name}", "arn": "{name}"},
    "codestarconnections/connection": {"ID": "{arn}", "arn": "connection/{UUID}"},
    # Cognito
    "cognito/identityPool": {"ID": "{region}:{UUID}", "arn": "identitypool/{ID}"},
    "cognito/identityProvider": {"ID": "{userPoolId}:{providerName}"},
    "cognito/logDeliveryConfiguration": {"ID": "{userPoolId}"},
    "cognito/managedLoginBranding": {
        "ID": "{userPoolId},{managedLoginBrandingId}",
        "managedLoginBrandingId": "{UUID}",
    },
    "cognito/resourceServer": {
        "ID": "{userPoolId}|{identifier}",
        "scopeIdentifiers": _scope_identifiers,
    },
    "cognito/riskConfiguration": {
        "ID": if_given("clientId", "{userPoolId}:{clientId}", otherwise="{userPoolId}"),
    },
    "cognito/userGroup": {"ID": "{userPoolId}/{name}"},
    "cognito/userPool": {
        "name": auto_name("name", 128),
        "ID": "{region}_{ALNUM:9}",
        "arn": "userpool/{ID}",
        "endpoint": "cognito-idp.{region}.{SUFFIX}/{ID}",
    },
    "cognito/userPoolClient": {"name": auto_name("name", 128), "ID": "{LOWER:26}"},
    "cognito/userPoolDomain": {
        "ID": "{domain}",
        "cloudfrontDistribution": "d{HEX:13}.cloudfront.net",
        "cloudfrontDistributionZoneId": _ZONE,
    },
    "detective/graph": {"ID": "{graphArn}", "graphArn": _head("detective") + "graph:{HEX:32}"},
    "docdb/cluster": _cluster("docdb"),
    "dynamodb/table": {
        "ID": "{name}",
        "arn": "table/{name}",
        "streamLabel": choose("streamEnabled", {True: "2000-01-01T00:00:00.000"}),
        "streamArn": "{arn}/stream/{streamLabel}",
    },
    # EC2
    "ebs/snapshot": {
        "ID": "snap-{HEX:17}",
        "arn": "arn:{partition}:ec2:{region}::snapshot/{ID}",
    },
    "ebs/volume": _ec2("vol", "volume"),
    "ec2/ami": _IMAGE,
    "ec2/amiCopy": _IMAGE,
    "ec2/customerGateway": _ec2("cgw", "customer-gateway"),
    "ec2/defaultNetworkAcl": _ec2("acl", "network-acl"),
    "ec2/defaultRouteTable": _ec2("rtb", "route-table"),
    "ec2/defaultSecurityGroup": _ec2("sg", "security-group"),
    "ec2/defaultSubnet": _ec2("subnet", "subnet"),
    "ec2/defaultVpc": _VPC,
    "ec2/egressOnlyInternetGateway": {"ID": "eigw-{HEX:17}"},
    "ec2/eip": _ec2("eipalloc", "elastic-ip", allocationId="{ID}"),
    "ec2/flowLog": _ec2("fl", "vpc-flow-log"),
    "ec2/instance": _ec2("i", "instance"),
    "ec2/internetGateway": _ec2("igw", "internet-gateway"),
    "ec2/keyPair": {
        "keyName": auto_name("keyName"),
        "ID": "{keyName}",
        "arn": "key-pair/{keyName}",
        "keyPairId": "key-{HEX:17}",
    },
    "ec2/launchTemplate": _ec2("lt", "launch-template"),
    "ec2/managedPrefixList": _ec2("pl", "prefix-list"),
    "ec2/natGateway": {"ID": "nat-{HEX:17}"},
    "ec2/networkAcl": _ec2("acl", "network-acl"),
    "ec2/networkInterface": _ec2("eni", "network-interface"),
    "ec2/routeTable": _ec2("rtb", "route-table"),
    "ec2/routeTableAssociation": {"ID": "rtbassoc-{HEX:17}"},
    "ec2/securityGroup": _ec2("sg", "security-group"),
    "ec2/securityGroupRule": {"ID": "sgrule-{DIGITS:10}", "securityGroupRuleId": "sgr-{HEX:17}"},
    "ec2/subnet": _ec2("subnet", "subnet"),
    "ec2/vpc": _VPC,
    "ec2/vpcDhcpOptions": _ec2("dopt", "dhcp-options"),
    "ec2/vpcEndpoint": _ec2("vpce", "vpc-endpoint"),
    "ec2/vpcEndpointService": _ec2(
        "vpce-svc",
        "vpc-endpoint-service",
        serviceName="com.amazonaws.vpce.{region}.{ID}",
    ),
    "ec2/vpcPeeringConnection": {"ID": "pcx-{HEX:17}"},
    "ec2/vpnConnection": _ec2("vpn", "vpn-connection"),
    "ec2/vpnGateway": _ec2("vgw", "vpn-gateway"),
    "ec2transitgateway/routeTable": _ec2("tgw-rtb", "transit-gateway-route-table"),
    "ec2transitgateway/transitGateway": _ec2("tgw", "transit-gateway"),
    "ec2transitgateway/vpcAttachment": _ec2("tgw-attach", "transit-gateway-attachment"),
    "vpc/securityGroupEgressRule": _ec2("sgr", "security-group-rule", securityGroupRuleId="{ID}"),
    "vpc/securityGroupIngressRule": _ec2("sgr", "security-group-rule", securityGroupRuleId="{ID}"),
    # Containers
    "ecr/lifecyclePolicy": {"ID": "{repository}", "registryId": "{account}"},
    "ecr/repository": {
        "ID": "{name}",
        "arn": "repository/{name}",
        "registryId": "{account}",
        "repositoryUrl": "{account}.dkr.ecr.{region}.{SUFFIX}/{name}",
    },
    "ecr/repositoryPolicy": {"ID": "{repository}", "registryId": "{account}"},
    "ecs/cluster": {"ID": "{arn}", "arn": "cluster/{name}"},
    "ecs/service": {
        "CLUSTER": lambda facts: str(facts.given("cluster", "default")).rpartition("/")[2],
        "ID": "{arn}",
        "arn": "service/{CLUSTER}/{name}",
    },
    "ecs/taskDefinition": {
        "ID": "{family}",
        "arn": "task-definition/{family}:1",
        "arnWithoutRevision": _head("ecs") + "task-definition/{family}",
        "revision": lambda _: 1,
    },
    "efs/accessPoint": {"ID": "fsap-{HEX:17}", "arn": "access-point/{ID}"},
    "efs/fileSystem": {
        "creationToken": auto_name("creationToken"),
        "ID": "fs-{HEX:17}",
        "arn": "file-system/{ID}",
        "dnsName": "{ID}.efs.{region}.{SUFFIX}",
    },
    "efs/mountTarget": {"ID": "fsmt-{HEX:17}"},
    "eks/cluster": {
        "ID": "{name}",
        "arn": "cluster/{name}",
        "endpoint": "https://{UPPER:32}.gr7.{region}.eks.{SUFFIX}",
    },
    "eks/nodeGroup": {
        "nodeGroupName": auto_name("nodeGroupName"),
        "ID": "{clusterName}:{nodeGroupName}",
        "arn": "nodegroup/{clusterName}/{nodeGroupName}/{UUID}",
    },
    "elasticache/cluster": {
        "clusterId": lower(auto_name("clusterId", 50)),
        "ID": "{clusterId}",
        "arn": "cluster:{clusterId}",
    },
    "elasticache/parameterGroup": {"ID": "{name}", "arn": "parametergroup:{name}"},
    "elasticache/replicationGroup": {
        "replicationGroupId": lower(auto_name("replicationGroupId", 40)),
        "ID": "{replicationGroupId}",
        "arn": "replicationgroup:{replicationGroupId}",
    },
    "elasticache/subnetGroup": {
        "name": lower(auto_name("name")),
        "ID": "{name}",
        "arn": "subnetgroup:{name}",
    },
    "elasticache/user": {"ID": "{userId}", "arn": "user:{userId}"},
    "glue/catalogDatabase": {
        "name": lower("{LOGICAL}_{LETTERS:8}"),
        "CATALOG": default("catalogId", "{account}"),
        "ID": "{CATALOG}:{name}",
        "arn": "database/{name}",
    },
    "glue/crawler": {"ID": "{name}", "arn": "crawler/{name}"},
    "glue/job": {"ID": "{name}", "arn": "job/{name}"},
    # Threat detection
    "guardduty/detector": {"ID": "{HEX:32}", "arn": "detector/{ID}"},
    "guardduty/detectorFeature": {"ID": "{detectorId}/{name}"},
    "guardduty/filter": {"ID": "{detectorId}:{name}", "arn": "detector/{detectorId}/filter/{name}"},
    "guardduty/iPSet": {
        "ID": "{detectorId}:{HEX:32}",
        "arn": "detector/{detectorId}/ipset/{HEX:32}",
    },
    "guardduty/malwareProtectionPlan": {"ID": "{LOWER:20}", "arn": "malware-protection-plan/{ID}"},
    "guardduty/publishingDestination": {
        "destinationId": "{HEX:32}",
        "ID": "{detectorId}:{destinationId}",
        "arn": "detector/{detectorId}/publishingdestination/{destinationId}",
    },
    "guardduty/threatIntelSet": {
        "ID": "{detectorId}:{HEX:32}",
        "arn": "detector/{detectorId}/threatintelset/{HEX:32}",
    },
    # IAM
    "iam/accessKey": {"ID": "AKIA{UPPER:16}"},
    "iam/accountPasswordPolicy": {"ID": "iam-account-password-policy"},
    "iam/group": {
        "PATH": _PATH,
        "ID": "{name}",
        "arn": "group{PATH}{name}",
        "uniqueId": "AGPA{UPPER:17}",
    },
    "iam/groupPolicy": {"ID": "{group}:{name}"},
    "iam/instanceProfile": {
        "PATH": _PATH,
        "ID": "{name}",
        "arn": "instance-profile{PATH}{name}",
        "uniqueId": "AIPA{UPPER:17}",
    },
    "iam/openIdConnectProvider": {
        "ISSUER": _after("url", "://"),
        "ID": "{arn}",
        "arn": "oidc-provider/{ISSUER}",
    },
    "iam/policy": {
        "name": auto_name("name", 128),
        "PATH": _PATH,
        "ID": "{arn}",
        "arn": "policy{PATH}{name}",
        "policyId": "ANPA{UPPER:17}",
    },
    "iam/role": {
        "name": auto_name("name", 64),
        "PATH": _PATH,
        "ID": "{name}",
        "arn": "role{PATH}{name}",
        "uniqueId": "AROA{UPPER:17}",
    },
    "iam/rolePolicy": {"name": auto_name("name", 128), "ID": "{role}:{name}"},
    "iam/rolePolicyAttachment": {"ID": "{role}/{policyArn}"},
    "iam/samlProvider": {"ID": "{arn}", "arn": "saml-provider/{name}"},
    "iam/serverCertificate": {
        "PATH": _PATH,
        "ID": "ASCA{UPPER:17}",
        "arn": "server-certificate{PATH}{name}",
    },
    "iam/serviceLinkedRole": {"ID": "{arn}", "arn": unknowable},  # the service names its role
    "iam/user": {
        "name": auto_name("name", 64),
        "PATH": _PATH,
        "ID": "{name}",
        "arn": "user{PATH}{name}",
        "uniqueId": "AIDA{UPPER:17}",
    },
    "iam/virtualMfaDevice": {
        "PATH": _PATH,
        "ID": "{arn}",
        "arn": "mfa{PATH}{virtualMfaDeviceName}",
    },
    "inspector2/delegatedAdminAccount": {"ID": "{accountId}"},
    "inspector2/enabler": {"ID": "{account}-{HEX:8}"},
    "inspector2/filter": {"ID": "{arn}", "arn": "owner/{account}/filter/{HEX:16}"},
    "inspector2/organizationConfiguration": {"ID": "{account}"},
    "kinesis/firehoseDeliveryStream": {
        "name": auto_name("name", 64),
        "ID": "{arn}",
        "arn": "deliverystream/{name}",
    },
    "kinesis/stream": {"ID": "{arn}", "arn": "stream/{name}"},
    # KMS
    "kms/alias": {
        "name": _alias_name,
        "ID": "{name}",
        "arn": "{name}",
        "targetKeyArn": _target_key_arn,
    },
    "kms/grant": {"grantId": "{HEX:64}", "ID": "{keyId}:{grantId}"},
    "kms/key": {
        "ID": choose("multiRegion", {True: "mrk-{HEX:32}"}, "{UUID}"),
        "arn": "key/{ID}",
        "keyId": "{ID}",
    },
    "kms/keyPolicy": {"ID": "{keyId}"},
    "kms/replicaKey": {"ID": _after("primaryKeyArn", ":key/"), "arn": "key/{ID}", "keyId": "{ID}"},
    # Lambda
    "lambda/alias": {
        "FUNCTION": _after("functionName", ":"),
        "arn": "function:{FUNCTION}:{name}",
        "ID": "{arn}",
        "invokeArn": _INVOKE + "2015-03-31" + _CALL,
    },
    "lambda/codeSigningConfig": {
        "ID": "{arn}",
        "configId": "csc-{HEX:17}",
        "arn": "code-signing-config:{configId}",
    },
    "lambda/eventSourceMapping": {
        "ID": "{UUID}",
        "uuid": "{UUID}",
        "arn": "event-source-mapping:{UUID}",
    },
    "lambda/function": {
        "name": auto_name("name", 64),
        "ID": "{name}",
        "arn": "function:{name}",
        "version": choose("publish", {True: "1"}, "$LATEST"),
        "qualifiedArn": "{arn}:{version}",
        "invokeArn": _INVOKE + "2015-03-31" + _CALL,
        "qualifiedInvokeArn": _INVOKE + "2015-03-31/functions/{qualifiedArn}/invocations",
        "responseStreamingInvokeArn": _INVOKE
        + "2021-11-15/functions/{arn}/response-streaming-invocations",
    },
    "lambda/functionUrl": {
        "FUNCTION": _after("functionName", ":"),
        "ID": "{FUNCTION}",
        "functionArn": _head("lambda") + "function:{FUNCTION}",
        "urlId": "{LOWER:32}",
        "functionUrl": "https://{urlId}.lambda-url.{region}.on.aws/",
    },
    "lambda/layerVersion": {
        "ID": "{arn}",
        "layerArn": _head("lambda") + "layer:{layerName}",
        "version": "1",
        "arn": "layer:{layerName}:1",
    },
    "lambda/permission": {"statementId": auto_name("statementId", 100), "ID": "{statementId}"},
    **{f"lb/{type_}": templates for type_, templates in _LOAD_BALANCING.items()},
    **{f"alb/{type_}": templates for type_, templates in _LOAD_BALANCING.items()},
    "lb/trustStore": {
        "name": auto_name("name", 32),
        "arnSuffix": "truststore/{name}/{HEX:16}",
        "arn": "{arnSuffix}",
        "ID": "{arn}",
    },
    "macie2/account": {"ID": "{account}"},
    "memorydb/cluster": {"ID": "{name}", "arn": "cluster/{name}"},
    "mq/broker": {
        "brokerName": auto_name("brokerName", 50),
        "ID": "b-{UUID}",
        "arn": "broker:{brokerName}:{ID}",
    },
    "msk/cluster": {
        "clusterName": auto_name("clusterName"),
        "ID": "{arn}",
        "arn": "cluster/{clusterName}/{UUID}-1",
    },
    "neptune/cluster": _cluster("neptune"),
    "networkfirewall/firewall": {"ID": "{arn}", "arn": "firewall/{name}"},
    "networkfirewall/firewallPolicy": {"ID": "{arn}", "arn": "firewall-policy/{name}"},
    "networkfirewall/ruleGroup": {
        "SORT": choose("type", {"STATELESS": "stateless", "STATEFUL": "stateful"}),
        "ID": "{arn}",
        "arn": "{SORT}-rulegroup/{name}",
    },
    "opensearch/domain": {
        "domainName": lower(auto_name("domainName", 28)),
        "ID": "{arn}",
        "arn": "domain/{domainName}",
        "domainId": "{account}/{domainName}",
        "endpoint": "search-{domainName}-{LOWER:26}.{region}.es.{SUFFIX}",
    },
    # The ARNs of what is in an organisation have its id in them.
    "organizations/account": {"ID": "{DIGITS:12}", "arn": unknowable},
    "organizations/organization": {"ID": "o-{LOWER:10}", "arn": "organization/{ID}"},
    "organizations/organizationalUnit": {"ID": "ou-{LOWER:4}-{LOWER:8}", "arn": unknowable},
    "organizations/policy": {"ID": "p-{LOWER:8}", "arn": unknowable},
    "paymentcryptography/key": {"ID": "{arn}", "arn": "key/{LOWER:16}"},
    "ram/resourceShare": {"ID": "{arn}", "arn": "resource-share/{UUID}"},
    # RDS
    "rds/cluster": {**_cluster("rds"), "port": _port},
    "rds/clusterInstance": {
        "identifier": "tf-{DIGITS:26}",
        "ID": "{identifier}",
        "arn": "db:{identifier}",
        "dbiResourceId": "db-{UPPER:26}",
        "port": _port,
        "endpoint": "{identifier}.{LOWER:12}.{region}.rds.{SUFFIX}",
    },
    "rds/clusterParameterGroup": _rds("cluster-pg"),
    "rds/eventSubscription": _rds("es"),
    "rds/instance": {
        "identifier": lower(auto_name("identifier", 63, separator="")),
        "resourceId": "db-{UPPER:26}",
        "ID": "{resourceId}",
        "arn": "db:{identifier}",
        "port": _port,
        "address": "{identifier}.{LOWER:12}.{region}.rds.{SUFFIX}",
        "endpoint": "{address}:{port}",
    },
    "rds/optionGroup": _rds("og"),
    "rds/parameterGroup": _rds("pg"),
    "rds/proxy": {"ID": "{name}", "arn": "db-proxy:prx-{HEX:17}"},
    "rds/subnetGroup": _rds("subgrp"),
    "redshift/cluster": {"ID": "{clusterIdentifier}", "arn": "cluster:{clusterIdentifier}"},
    "route53/healthCheck": {"ID": "{UUID}", "arn": "healthcheck/{ID}"},
    "route53/record": {"ID": "{zoneId}_{name}_{type}"},
    "route53/zone": {"ID": "{zoneId}", "zoneId": "Z{UPPER:20}", "arn": "hostedzone/{zoneId}"},
    # S3
    "s3/accessPoint": {
        "ID": "{account}:{name}",
        "arn": "arn:{partition}:s3:{region}:{account}:accesspoint/{name}",
    },
    "s3/bucket": _BUCKET,
    "s3/bucketV2": _BUCKET,
    "s3/bucketObject": _OBJECT,
    "s3/bucketObjectv2": _OBJECT,
    **{
        f"s3/bucket{part}": {"ID": "{bucket}"}
        for part in (
            "AccelerateConfiguration",
            "Acl",
            "CorsConfiguration",
            "LifecycleConfiguration",
            "Logging",
            "Notification",
            "ObjectLockConfiguration",
            "OwnershipControls",
            "Policy",
            "PublicAccessBlock",
            "ReplicationConfig",
            "RequestPaymentConfiguration",
            "ServerSideEncryptionConfiguration",
            "Versioning",
            "WebsiteConfiguration",
        )
    },
    "s3/accountPublicAccessBlock": {"ID": "{account}"},
    "scheduler/schedule": {
        "name": auto_name("name", 64),
        "groupName": "default",
        "ID": "{groupName}/{name}",
        "arn": "schedule/{groupName}/{name}",
    },
    "scheduler/scheduleGroup": {
        "name": auto_name("name", 64),
        "ID": "{name}",
        "arn": "schedule-group/{name}",
    },
    "secretsmanager/secret": {"ID": "{arn}", "arn": "secret:{name}-{ALNUM:6}"},
    "secretsmanager/secretPolicy": {"ID": "{secretArn}"},
    "secretsmanager/secretRotation": {"ID": "{secretId}"},
    "secretsmanager/secretVersion": {
        "versionId": "{UUID}",
        "ID": "{secretId}|{versionId}",
        "arn": _whole("{secretId}"),
        "secretArn": "{secretId}",
    },
    "securityhub/account": {"ID": "{account}", "arn": "hub/default"},
    "securityhub/findingAggregator": {"ID": "{arn}", "arn": "finding-aggregator/{UUID}"},
    "securityhub/standardsSubscription": {"ID": "{arn}", "arn": _standards_subscription},
    "sfn/activity": {"ID": "{arn}", "arn": "activity:{name}"},
    "sfn/stateMachine": {
        "name": auto_name("name", 80),
        "ID": "{arn}",
        "arn": "stateMachine:{name}",
    },
    "shield/protection": {"ID": "{UUID}", "arn": "protection/{ID}"},
    "signer/signingProfile": {
        "name": auto_name("name", 64, separator="_"),
        "ID": "{name}",
        "arn": "/signing-profiles/{name}",
        "version": "{ALNUM:10}",
        "versionArn": "{arn}/{version}",
    },
    # SNS and SQS
    "sns/topic": {
        "name": auto_name("name", 80, end=choose("fifoTopic", _FIFO, "")),
        "ID": "{arn}",
        "arn": "{name}",
        "owner": "{account}",
    },
    "sns/topicPolicy": {"ID": same("arn"), "owner": "{account}"},
    "sns/topicSubscription": {"ID": "{arn}", "arn": _whole("{topic}:{UUID}")},
    "sqs/queue": {
        "name": auto_name("name", 80, end=choose("fifoQueue", _FIFO, "")),
        "ID": "{url}",
        "arn": "{name}",
        "url": "https://sqs.{region}.{SUFFIX}/{account}/{name}",
    },
    "sqs/queuePolicy": {"ID": "{queueUrl}"},
    # SSM
    "ssoadmin/permissionSet": {
        "INSTANCE": _after("instanceArn", "/"),
        "ID": "{arn},{instanceArn}",
        "arn": "arn:{partition}:sso:::permissionSet/{INSTANCE}/ps-{HEX:16}",
    },
    "ssm/association": {
        "ID": "{associationId}",
        "associationId": "{UUID}",
        "arn": "association/{associationId}",
    },
    "ssm/defaultPatchBaseline": {"ID": "{operatingSystem}"},
    "ssm/document": {"ID": "{name}", "arn": "document/{name}"},
    "ssm/maintenanceWindow": {"ID": "mw-{HEX:17}"},
    "ssm/maintenanceWindowTarget": {"ID": "{UUID}"},
    "ssm/maintenanceWindowTask": {
        "ID": "{windowTaskId}",
        "windowTaskId": "{UUID}",
        "arn": "windowtask/{windowTaskId}",
    },
    "ssm/parameter": {
        "ID": "{name}",
        "PLAIN": lambda facts: str(facts["name"]).removeprefix("/"),
        "arn": "parameter/{PLAIN}",
    },
    "ssm/patchBaseline": {"ID": "pb-{HEX:17}", "arn": "patchbaseline/{ID}"},
    "ssm/patchGroup": {"ID": "{patchGroup},{baselineId}"},
    "ssm/resourceDataSync": {"ID": "{name}"},
    "ssmcontacts/contact": {"ID": "{arn}", "arn": "contact/{alias}"},
    "ssmcontacts/contactChannel": {
        "arn": _instead("contactId", ":contact/", ":contact-channel/", "/{UUID}"),
        "ID": "{arn}",
    },
    "ssmcontacts/plan": {"ID": "{contactId}"},
    "ssmincidents/replicationSet": {"ID": "{arn}", "arn": "replication-set/{UUID}"},
    "ssmincidents/responsePlan": {"ID": "{arn}", "arn": "response-plan/{name}"},
    "synthetics/canary": {"ID": "{name}", "arn": "canary:{name}"},
    "transfer/server": {
        "ID": "s-{HEX:17}",
        "arn": "server/{ID}",
        "endpoint": "{ID}.server.transfer.{region}.{SUFFIX}",
    },
    # WAF
    "wafv2/ipSet": _wafv2("ipset"),
    "wafv2/regexPatternSet": _wafv2("regexpatternset"),
    "wafv2/ruleGroup": _wafv2("rulegroup"),
    "wafv2/webAcl": _wafv2("webacl"),
    "wafv2/webAclAssociation": {"ID": "{webAclArn},{resourceArn}"},
    "wafv2/webAclLoggingConfiguration": {"ID": "{resourceArn}"},
}
"""Outputs by type. An `arn` here is what follows the account."""
