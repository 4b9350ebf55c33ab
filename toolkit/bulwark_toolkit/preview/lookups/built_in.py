"""Look-ups whose answer does not depend on the account, or of which only the form matters.

Templates as for the placeholders of resources; what a program passed is taken over as it is. A
result has only the properties that can be known; the SDK gives None for the others.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from bulwark_toolkit.preview.placeholders.facts import (
    Facts,
    Kind,
    NotKnown,
    Place,
    Template,
    choose,
    fill,
    unknowable,
)
from bulwark_toolkit.preview.values import Secret, Value

from . import arns
from .policy_document import policy_document


def built_in(token: str, args: Mapping[str, Value], place: Place) -> dict[str, Value] | None:
    """The answer, or None if there is none: the token is not known, or not with these arguments."""
    if function := FUNCTIONS.get(token):
        return function(args)
    templates = TEMPLATES.get(token)
    if templates is None:
        return None
    # What makes two answers differ is what was asked for.
    asked = f"{token}({sorted(args.items())})"
    kind = Kind(templates={"ID": "", **templates}, gives=tuple(templates))
    _, answer = fill(kind, place, "", args, asked)
    complete = all(key in answer or args.get(key) is not None for key in templates)
    return {**args, **answer} if complete else None


_Function: TypeAlias = Callable[[Mapping[str, Value]], dict[str, Value] | None]

FUNCTIONS: Final[Mapping[str, _Function]] = {
    "aws:iam/getPolicyDocument:getPolicyDocument": policy_document,
    "aws:index/arnBuild:arnBuild": arns.arn_build,
    "aws:index/arnParse:arnParse": arns.arn_parse,
    "aws:index/getArn:getArn": arns.get_arn,
    "aws:index/trimIamRolePath:trimIamRolePath": arns.trim_iam_role_path,
}
"""Not look-ups at all: the answer is computed from the arguments."""


def _region(facts: Facts) -> str:
    if facts.inputs.keys() & {"name", "endpoint"}:
        raise NotKnown("region")  # asked for in another way than by `region`, as before version 7
    return facts["region"]


def _zones(facts: Facts) -> list[str]:
    """Three, however many the region has."""
    if facts.inputs.keys() & {"excludeNames", "excludeZoneIds"}:
        raise NotKnown("names")
    return [f"{facts['region']}{letter}" for letter in "abc"]


def _zone_ids(facts: Facts) -> list[str]:
    """`euc1-az1`: https://docs.aws.amazon.com/global-infrastructure/latest/regions/az-ids.html."""
    words = r"north|south|east|west|central|gov"
    short = re.sub(words, lambda found: found[0][0], str(facts["region"])).replace("-", "")
    return [f"{short}-az{number}" for number in (1, 2, 3)]


def _managed(policies: Mapping[str, str]) -> Mapping[str, Template]:
    """A CloudFront policy of AWS by its well-known id, or one of the account's own by name."""
    ids: dict[Value, Template] = {f"Managed-{name}": id_ for name, id_ in policies.items()}
    return {"id": choose("name", ids, _own_policy)}


def _own_policy(facts: Facts) -> str:
    if str(facts["name"]).startswith("Managed-"):
        raise NotKnown("name")  # its id would be the same in every account, and we do not know it
    return f"{facts['UUID']}"


def _aws_alias(facts: Facts) -> str:
    """AWS's own keys are in every account; whether one of its own is, only the account knows."""
    if not str(facts["name"]).startswith("alias/aws/"):
        raise NotKnown("name")
    return f"{facts['UUID']}"


def _public_image(facts: Facts) -> str:
    """Parameters that AWS publishes: the image ids among them are all of one form."""
    if not re.match(r"/aws/service/(ami-|ecs/.*/image_id$|eks/.*/image_id$)", str(facts["name"])):
        raise NotKnown("name")
    return f"ami-{facts['HEX']:17}"


_KEY: Final = Secret("cGxhY2Vob2xkZXI=")
"""Base64, as Azure's keys are, of the word placeholder."""

# A property that must be among the arguments is `unknowable`.
_SERVICE: Final[Mapping[str, Template]] = {
    "dnsName": "{serviceId}.{region}.{SUFFIX}",
    "reverseDnsPrefix": "com.amazonaws",
    "reverseDnsName": "com.amazonaws.{region}.{serviceId}",
    "serviceId": unknowable,
    "partition": "{partition}",
    "region": "{region}",
    "id": "{reverseDnsName}",
    "supported": lambda _: True,
}

TEMPLATES: Final[Mapping[str, Mapping[str, Template]]] = {
    "aws:cloudfront/getCachePolicy:getCachePolicy": _managed(
        {
            "Amplify": "2e54312d-136d-493c-8eb9-b001f22f67d2",
            "CachingDisabled": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
            "CachingOptimized": "658327ea-f89d-4fab-a63d-7e88639e58f6",
            "CachingOptimizedForUncompressedObjects": "b2884449-e4de-46a7-ac36-70bc7f1ddd6d",
            "Elemental-MediaPackage": "08627262-05a9-4f76-9ded-b50ca2e3a84f",
            "UseOriginCacheControlHeaders": "83da9c7e-98b4-4e11-a168-04f0df8e2c65",
            "UseOriginCacheControlHeaders-QueryStrings": "4cc15a8a-d715-48a4-82b8-cc0b614638fe",
        }
    ),
    "aws:cloudfront/getLogDeliveryCanonicalUserId:getLogDeliveryCanonicalUserId": {
        "id": "c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0",
        "region": "{region}",
    },
    "aws:cloudfront/getOriginRequestPolicy:getOriginRequestPolicy": _managed(
        {
            "AllViewer": "216adef6-5c7f-47e4-b989-5492eafa07d3",
            "AllViewerAndCloudFrontHeaders-2022-06": "33f36d7e-f396-46d9-90e0-52428a34d9dc",
            "AllViewerExceptHostHeader": "b689b0a8-53d0-40ab-baf2-68738e2966ac",
            "CORS-CustomOrigin": "59781a5b-3903-41f3-afcb-af62929ccde1",
            "CORS-S3Origin": "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf",
            "UserAgentRefererHeaders": "acba4595-bd28-49b8-b9fe-13317c0390fa",
        }
    ),
    "aws:cloudfront/getResponseHeadersPolicy:getResponseHeadersPolicy": _managed(
        {
            "CORS-With-Preflight": "5cc3b908-e619-4b99-88e5-2cf7f45965bd",
            "CORS-with-preflight-and-SecurityHeadersPolicy": "eaab4381-ed33-4a86-88ca-d9558dc6cd63",
            "CORS-and-SecurityHeadersPolicy": "e61eb60c-9c35-4d20-a928-2b84e02af89c",
            "SecurityHeadersPolicy": "67f7725c-6f97-4210-82d7-5512b31e9d03",
            "SimpleCORS": "60669652-455b-4ae9-85a4-c4c02393f86c",
        }
    ),
    "aws:ec2/getAmi:getAmi": {
        "id": "ami-{HEX:17}",
        "imageId": "{id}",
        "arn": "arn:{partition}:ec2:{region}::image/{id}",
    },
    "aws:ec2/getManagedPrefixList:getManagedPrefixList": {
        "id": "pl-{HEX:17}",
        "arn": "arn:{partition}:ec2:{region}:aws:prefix-list/{id}",
    },
    "aws:index/getAvailabilityZones:getAvailabilityZones": {
        "groupNames": lambda facts: [facts["region"]],
        "id": "{region}",
        "names": _zones,
        "zoneIds": _zone_ids,
    },
    "aws:index/getBillingServiceAccount:getBillingServiceAccount": {
        "id": "386209384616",
        "arn": "arn:{partition}:iam::{id}:root",
    },
    "aws:index/getCallerIdentity:getCallerIdentity": {
        "accountId": "{account}",
        "arn": "arn:{partition}:iam::{account}:user/placeholder",
        "id": "{account}",
        "userId": "AIDA{UPPER:17}",
    },
    "aws:index/getDefaultTags:getDefaultTags": {"id": "{partition}", "tags": {}},
    "aws:index/getPartition:getPartition": {
        "dnsSuffix": "{SUFFIX}",
        "id": "{partition}",
        "partition": "{partition}",
        "reverseDnsPrefix": lambda facts: ".".join(reversed(facts["SUFFIX"].split("."))),
    },
    "aws:index/getRegion:getRegion": {
        "description": "{region}",
        "endpoint": "ec2.{region}.{SUFFIX}",
        "id": _region,
        "name": "{region}",
        "region": "{region}",
    },
    "aws:index/getService:getService": _SERVICE,
    "aws:index/getServicePrincipal:getServicePrincipal": {
        "id": "{serviceName}.{region}.amazonaws.com",
        "name": "{serviceName}.amazonaws.com",
        "region": "{region}",
        "suffix": "amazonaws.com",
    },
    "aws:kms/getAlias:getAlias": {
        "targetKeyId": _aws_alias,
        "targetKeyArn": "arn:{partition}:kms:{region}:{account}:key/{targetKeyId}",
        "arn": "arn:{partition}:kms:{region}:{account}:{name}",
        "id": "{arn}",
    },
    "aws:route53/getZone:getZone": {
        "zoneId": "Z{UPPER:20}",
        "id": "{zoneId}",
        "arn": "arn:{partition}:route53:::hostedzone/{zoneId}",
        "name": unknowable,
    },
    "aws:s3/getCanonicalUserId:getCanonicalUserId": {"id": "{HEX:64}"},
    "aws:ssm/getParameter:getParameter": {
        "value": _public_image,
        "insecureValue": "{value}",
        "type": "String",
        "arn": "arn:{partition}:ssm:{region}::parameter{name}",
        "id": "{name}",
    },
    "azure-native:authorization:getClientConfig": {
        "clientId": "{UUID:client}",
        "objectId": "{UUID:object}",
        "subscriptionId": "{subscription}",
        "tenantId": "{tenant}",
    },
    "azure-native:logic:listWorkflowTriggerCallbackUrl": {
        "method": "POST",
        "value": "https://logic.example.com/workflows/{workflowName}/triggers/{triggerName}",
    },
    "azure-native:operationalinsights:getSharedKeys": {
        "primarySharedKey": lambda _: _KEY,
        "secondarySharedKey": lambda _: _KEY,
    },
    "azuread:index/getServicePrincipal:getServicePrincipal": {
        "id": "{UUID:principal}",
        "objectId": "{UUID:principal}",
        "appRoleIds": lambda facts: {
            name: f"{facts['UUID']:{name}}"
            for name in (
                "User.EnableDisableAccount.All",
                "User.Read.All",
                "User.RevokeSessions.All",
            )
        },
    },
    "azure-native:storage:listStorageAccountKeys": {
        "keys": lambda _: [
            {"keyName": name, "permissions": "FULL", "value": _KEY} for name in ("key1", "key2")
        ],
    },
}
"""By token; `region` is the argument, if there is one."""
