from typing import Final

from bulwark_toolkit.emulated.language import Among, Call, Fixed, If, Read, Row, Template, Text

_OF_API: Final = {"restApiId": "restApi"}
_OF_STAGE: Final = {**_OF_API, "stageName": "stageName"}
_API: Final = {"restApiId": "id"}
_PLAN: Final = {"usagePlanId": "usagePlanId"}
_DOMAIN: Final = {"domainName": "domainName"}

_DROPS: Final = "moto drops it"


def _replace(path: Template, value: Template) -> dict[str, Template]:
    return {"op": Fixed("replace"), "path": path, "value": value}


def _setting(path: str, name: str) -> dict[str, Template]:
    return _replace(Text(f"/{{methodPath}}/{path}"), Text(f"{{settings[{name}]}}"))


ROWS: Final = {
    "aws:apigateway/account:Account": Row(
        calls=(
            Call(
                "apigateway.UpdateAccount",
                {"patchOperations": [_replace(Fixed("/cloudwatchRoleArn"), "cloudwatchRoleArn")]},
            ),
        ),
        reads=(Read("apigateway.GetAccount", same={"cloudwatchRoleArn": "cloudwatchRoleArn"}),),
    ),
    # As the provider does it: an empty API, the import, and again what the import may have reset.
    "aws:apigateway/restApi:RestApi": Row(
        calls=(
            Call(
                "apigateway.CreateRestApi",
                {
                    "name": "name",
                    "description": "description",
                    "endpointConfiguration": {"types": [Text("{endpointConfiguration[types]}")]},
                    "disableExecuteApiEndpoint": "disableExecuteApiEndpoint",
                    "securityPolicy": "securityPolicy",
                    "endpointAccessMode": "endpointAccessMode",
                    "tags": "tags",
                },
                gives={"id": "id", "rootResourceId": "rootResourceId"},
            ),
            Call(
                "apigateway.PutRestApi",
                {
                    **_API,
                    "mode": "putRestApiMode",
                    "failOnWarnings": "failOnWarnings",
                    "parameters": "parameters",
                    "body": "body",
                },
                when=If("body"),
            ),
            Call(
                "apigateway.UpdateRestApi",
                {
                    **_API,
                    "patchOperations": [
                        _replace(Fixed("/minimumCompressionSize"), "minimumCompressionSize")
                    ],
                },
                when=If("minimumCompressionSize"),
            ),
        ),
        reads=(
            Read(
                "apigateway.GetRestApi",
                _API,
                {
                    "name": "name",
                    "description": "description",
                    "endpointConfiguration": "endpointConfiguration",
                    "disableExecuteApiEndpoint": "disableExecuteApiEndpoint",
                    "securityPolicy": "securityPolicy",
                    "endpointAccessMode": "endpointAccessMode",
                    "minimumCompressionSize": "minimumCompressionSize",
                    "tags": "tags",
                },
            ),
        ),
        unread={
            "body": "it is imported: see its resources",
            "endpointAccessMode": _DROPS,
            "endpointConfiguration.types": "a list, and a single type in Pulumi",
            "failOnWarnings": "an order, not a property",
            "minimumCompressionSize": "moto takes it at the creation only",
            "parameters": "an order, not a property",
            "putRestApiMode": "an order, not a property",
            "securityPolicy": _DROPS,
        },
    ),
    "aws:apigateway/deployment:Deployment": Row(
        calls=(
            Call(
                "apigateway.CreateDeployment",
                {**_OF_API, "description": "description", "variables": "variables"},
                gives={"id": "id"},
            ),
        ),
        reads=(
            Read(
                "apigateway.GetDeployment",
                {**_OF_API, "deploymentId": "id"},
                {"id": "id", "description": "description"},
            ),
        ),
        provider_only=("triggers",),
        unread={"variables": "they are the stage's"},
    ),
    "aws:apigateway/stage:Stage": Row(
        calls=(
            Call(
                "apigateway.CreateStage",
                {
                    **_OF_STAGE,
                    "deploymentId": "deployment",
                    "description": "description",
                    "tracingEnabled": "xrayTracingEnabled",
                    "variables": "variables",
                    "tags": "tags",
                },
            ),
            Call(
                "apigateway.UpdateStage",
                {
                    **_OF_STAGE,
                    "patchOperations": [
                        _replace(
                            Fixed(f"/accessLogSettings/{name}"),
                            Text(f"{{accessLogSettings[{name}]}}"),
                        )
                        for name in ("destinationArn", "format")
                    ],
                },
                when=If("accessLogSettings"),
            ),
        ),
        reads=(
            Read(
                "apigateway.GetStage",
                _OF_STAGE,
                {
                    "stageName": "stageName",
                    "deploymentId": "deployment",
                    "description": "description",
                    "tracingEnabled": "xrayTracingEnabled",
                    "variables": "variables",
                    "accessLogSettings": "accessLogSettings",
                    "tags": "tags",
                },
            ),
        ),
    ),
    "aws:apigateway/methodSettings:MethodSettings": Row(
        calls=(
            Call(
                "apigateway.UpdateStage",
                {
                    **_OF_STAGE,
                    "patchOperations": [
                        _setting("metrics/enabled", "metricsEnabled"),
                        _setting("logging/loglevel", "loggingLevel"),
                        _setting("logging/dataTrace", "dataTraceEnabled"),
                        _setting("throttling/burstLimit", "throttlingBurstLimit"),
                        _setting("throttling/rateLimit", "throttlingRateLimit"),
                        _setting("caching/enabled", "cachingEnabled"),
                    ],
                },
            ),
        ),
        reads=(Read("apigateway.GetStage", _OF_STAGE, {"methodSettings.*": Among("settings")}),),
        unread={"methodPath": "it is a key of the settings"},
    ),
    "aws:apigateway/apiKey:ApiKey": Row(
        calls=(
            Call(
                "apigateway.CreateApiKey",
                {
                    "name": "name",
                    "description": "description",
                    "enabled": "enabled",
                    "customerId": "customerId",
                    "tags": "tags",
                },
                gives={"id": "id"},
            ),
        ),
        reads=(
            Read(
                "apigateway.GetApiKey",
                {"apiKey": "id"},
                {
                    "name": "name",
                    "description": "description",
                    "enabled": "enabled",
                    "customerId": "customerId",
                    "tags": "tags",
                },
            ),
        ),
    ),
    "aws:apigateway/usagePlan:UsagePlan": Row(
        calls=(
            Call(
                "apigateway.CreateUsagePlan",
                {
                    "name": "name",
                    "description": "description",
                    "apiStages": "apiStages",
                    "throttle": "throttleSettings",
                    "quota": "quotaSettings",
                    "tags": "tags",
                },
                gives={"id": "id"},
            ),
        ),
        reads=(
            Read(
                "apigateway.GetUsagePlan",
                {"usagePlanId": "id"},
                {
                    "name": "name",
                    "description": "description",
                    "apiStages": "apiStages",
                    "throttle": "throttleSettings",
                    "quota": "quotaSettings",
                    "tags": "tags",
                },
            ),
        ),
    ),
    "aws:apigateway/usagePlanKey:UsagePlanKey": Row(
        calls=(
            Call(
                "apigateway.CreateUsagePlanKey",
                {**_PLAN, "keyId": "keyId", "keyType": "keyType"},
            ),
        ),
        reads=(
            Read(
                "apigateway.GetUsagePlanKey",
                {**_PLAN, "keyId": "keyId"},
                {"id": "keyId", "type": "keyType"},
            ),
        ),
    ),
    "aws:apigateway/domainName:DomainName": Row(
        calls=(
            Call(
                "apigateway.CreateDomainName",
                {
                    **_DOMAIN,
                    "regionalCertificateArn": "regionalCertificateArn",
                    "endpointConfiguration": {"types": [Text("{endpointConfiguration[types]}")]},
                    "securityPolicy": "securityPolicy",
                    "endpointAccessMode": "endpointAccessMode",
                    "mutualTlsAuthentication": "mutualTlsAuthentication",
                    "ownershipVerificationCertificateArn": "ownershipVerificationCertificateArn",
                    "tags": "tags",
                },
            ),
        ),
        reads=(
            Read(
                "apigateway.GetDomainName",
                _DOMAIN,
                {
                    "domainName": "domainName",
                    "regionalCertificateArn": "regionalCertificateArn",
                    "endpointConfiguration": "endpointConfiguration",
                    "securityPolicy": "securityPolicy",
                    "endpointAccessMode": "endpointAccessMode",
                    "mutualTlsAuthentication": "mutualTlsAuthentication",
                    "ownershipVerificationCertificateArn": "ownershipVerificationCertificateArn",
                    "tags": "tags",
                },
            ),
        ),
        unread={
            "endpointAccessMode": _DROPS,
            "endpointConfiguration.types": "a list, and a single type in Pulumi",
            "mutualTlsAuthentication": _DROPS,
            "ownershipVerificationCertificateArn": _DROPS,
        },
    ),
    "aws:apigateway/basePathMapping:BasePathMapping": Row(
        calls=(
            Call(
                "apigateway.CreateBasePathMapping",
                {**_DOMAIN, **_OF_API, "stage": "stageName", "basePath": "basePath"},
            ),
        ),
        reads=(
            Read(
                "apigateway.GetBasePathMappings",
                _DOMAIN,
                {
                    "items[].restApiId": Among("restApi"),
                    "items[].stage": Among("stageName"),
                    "items[].basePath": Among("basePath"),
                },
            ),
        ),
    ),
}
