# ruff: noqa: E501 - in the tables, a row is a line

import importlib
import json
import os
import re
import subprocess
import sys
from string import Formatter

import pulumi_aws
import pulumi_azure_native
import pytest
from pulumi._types import resource_pulumi_to_py_names

from bulwark_toolkit.preview.placeholders import Place, aws, azure, outputs
from bulwark_toolkit.preview.placeholders.facts import input_names
from bulwark_toolkit.preview.values import Secret, Unknown

PLACE = Place(
    account="111122223333",
    region="eu-west-1",
    subscription="11111111-2222-3333-4444-555555555555",
    tenant="66666666-7777-8888-9999-000000000000",
    location="northeurope",
)

FORMS = {
    "hex": "[0-9a-f]",
    "digits": "[0-9]",
    "lower": "[a-z0-9]",
    "upper": "[A-Z0-9]",
    "alnum": "[A-Za-z0-9]",
}


def like(form):
    """The pattern of `{uuid}` and `{hex:17}`; `{auto}` is an auto-name, other words the place's."""
    pattern = ""
    for text, word, length, _ in Formatter().parse(form):
        pattern += re.escape(text)
        if word == "uuid":
            pattern += "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
        elif word == "auto":
            pattern += "thing-[0-9a-f]{7}"
        elif word in FORMS:
            pattern += f"{FORMS[word]}{{{length}}}"
        elif word:
            pattern += re.escape(getattr(PLACE, word))
    return re.compile(pattern)


def class_of(token):
    package, module, name = token.split(":")
    root = {"aws": pulumi_aws, "azure-native": pulumi_azure_native}[package]
    module = module.partition("/")[0]
    module = {"lambda": "lambda_"}.get(module, module)
    return getattr(importlib.import_module(f"{root.__name__}.{module}"), name)


def made(token, inputs=None, *, name="thing", place=PLACE):
    urn = f"urn:pulumi:dev::payments::{token}::{name}"
    return outputs(class_of(token), token, name, inputs or {}, urn, place)


def aws_class(type_):
    name = type_.partition("/")[2]
    return f"aws:{type_}:{name[0].upper()}{name[1:]}"


# AWS: type, what the id and the ARN look like, and the inputs that they are made of.

SECRET_ARN = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:key-AbCdEf"
STANDARD = "arn:aws:securityhub:eu-west-1::standards/pci-dss/v/4.0.1"
SAME = "the ARN"

AWS = [
    ("accessanalyzer/analyzer", "a", "accessanalyzer:{region}:{account}:analyzer/a", {"analyzerName": "a"}),
    ("acm/certificate", SAME, "acm:{region}:{account}:certificate/{uuid}", {}),
    ("apigateway/account", "{account}", None, {}),
    ("apigateway/apiKey", "{lower:10}", "apigateway:{region}::/apikeys/{lower:10}", {}),
    ("apigateway/authorizer", "{lower:6}", "apigateway:{region}::/restapis/api/authorizers/{lower:6}", {"restApi": "api"}),
    ("apigateway/basePathMapping", "example.com/v1", None, {"domainName": "example.com", "basePath": "v1"}),
    ("apigateway/deployment", "{lower:6}", None, {}),
    ("apigateway/domainName", "example.com", "apigateway:{region}::/domainnames/example.com", {"domainName": "example.com"}),
    ("apigateway/integration", "agi-api-res-GET", None, {"restApi": "api", "resourceId": "res", "httpMethod": "GET"}),
    ("apigateway/method", "agm-api-res-GET", None, {"restApi": "api", "resourceId": "res", "httpMethod": "GET"}),
    ("apigateway/methodSettings", "api-live-*/*", None, {"restApi": "api", "stageName": "live", "methodPath": "*/*"}),
    ("apigateway/requestValidator", "{lower:6}", None, {}),
    ("apigateway/resource", "{lower:6}", None, {}),
    ("apigateway/restApi", "{lower:10}", "apigateway:{region}::/restapis/{lower:10}", {}),
    ("apigateway/restApiPolicy", "api", None, {"restApiId": "api"}),
    ("apigateway/stage", "ags-api-live", "apigateway:{region}::/restapis/api/stages/live", {"restApi": "api", "stageName": "live"}),
    ("apigateway/usagePlan", "{lower:6}", "apigateway:{region}::/usageplans/{lower:6}", {}),
    ("apigateway/usagePlanKey", "key", None, {"keyId": "key"}),
    ("apigatewayv2/api", "{lower:10}", "apigateway:{region}::/apis/{lower:10}", {"protocolType": "HTTP"}),
    ("apigatewayv2/apiMapping", "{lower:6}", None, {}),
    ("apigatewayv2/authorizer", "{lower:6}", None, {}),
    ("apigatewayv2/domainName", "example.com", "apigateway:{region}::/domainnames/example.com", {"domainName": "example.com"}),
    ("apigatewayv2/integration", "{lower:7}", None, {}),
    ("apigatewayv2/route", "{lower:7}", None, {}),
    ("apigatewayv2/stage", "{auto}", "apigateway:{region}::/apis/api/stages/{auto}", {"apiId": "api"}),
    ("apigatewayv2/vpcLink", "{lower:6}", "apigateway:{region}::/vpclinks/{lower:6}", {}),
    ("cfg/conformancePack", "{auto}", "config:{region}:{account}:conformance-pack/{auto}/{lower:11}", {}),
    ("cfg/deliveryChannel", "{auto}", None, {}),
    ("cfg/recorder", "default", None, {"name": "default"}),
    ("cfg/recorderStatus", "default", None, {"name": "default"}),
    ("cfg/rule", "{auto}", "config:{region}:{account}:config-rule/config-rule-{lower:6}", {}),
    ("cloudfront/cachePolicy", "{uuid}", "cloudfront::{account}:cache-policy/{uuid}", {}),
    ("cloudfront/distribution", "E{upper:13}", "cloudfront::{account}:distribution/E{upper:13}", {}),
    ("cloudfront/function", "{auto}", "cloudfront::{account}:function/{auto}", {}),
    ("cloudfront/originAccessControl", "E{upper:13}", "cloudfront::{account}:origin-access-control/E{upper:13}", {}),
    ("cloudfront/originRequestPolicy", "{uuid}", "cloudfront::{account}:origin-request-policy/{uuid}", {}),
    ("cloudfront/responseHeadersPolicy", "{uuid}", "cloudfront::{account}:response-headers-policy/{uuid}", {}),
    ("cloudfront/vpcOrigin", "vo_{alnum:22}", "cloudfront::{account}:vpcorigin/vo_{alnum:22}", {}),
    ("cloudtrail/eventDataStore", SAME, "cloudtrail:{region}:{account}:eventdatastore/{uuid}", {}),
    ("cloudtrail/trail", SAME, "cloudtrail:{region}:{account}:trail/{auto}", {}),
    ("cloudwatch/eventRule", "{auto}", "events:{region}:{account}:rule/{auto}", {}),
    ("cloudwatch/eventTarget", "rule-{auto}", None, {"rule": "rule"}),
    ("cloudwatch/logGroup", "{auto}", "logs:{region}:{account}:log-group:{auto}", {}),
    ("cloudwatch/logMetricFilter", "{auto}", None, {}),
    ("cloudwatch/metricAlarm", "{auto}", "cloudwatch:{region}:{account}:alarm:{auto}", {}),
    ("cognito/identityProvider", "pool:Okta", None, {"userPoolId": "pool", "providerName": "Okta"}),
    ("cognito/logDeliveryConfiguration", "pool", None, {"userPoolId": "pool"}),
    ("cognito/managedLoginBranding", "pool,{uuid}", None, {"userPoolId": "pool"}),
    ("cognito/resourceServer", "pool|payments", None, {"userPoolId": "pool", "identifier": "payments"}),
    ("cognito/riskConfiguration", "pool:client", None, {"userPoolId": "pool", "clientId": "client"}),
    ("cognito/userPool", "{region}_{alnum:9}", "cognito-idp:{region}:{account}:userpool/{region}_{alnum:9}", {}),
    ("cognito/userPoolClient", "{lower:26}", None, {}),
    ("cognito/userPoolDomain", "login", None, {"domain": "login"}),
    ("guardduty/detector", "{hex:32}", "guardduty:{region}:{account}:detector/{hex:32}", {}),
    ("guardduty/detectorFeature", "detector/S3_DATA_EVENTS", None, {"detectorId": "detector", "name": "S3_DATA_EVENTS"}),
    ("guardduty/publishingDestination", "d:{hex:32}", "guardduty:{region}:{account}:detector/d/publishingdestination/{hex:32}", {"detectorId": "d"}),
    ("iam/role", "{auto}", "iam::{account}:role/{auto}", {}),
    ("iam/rolePolicy", "role:{auto}", None, {"role": "role"}),
    ("inspector2/delegatedAdminAccount", "444455556666", None, {"accountId": "444455556666"}),
    ("inspector2/enabler", "{account}-{hex:8}", None, {}),
    ("inspector2/filter", SAME, "inspector2:{region}:{account}:owner/{account}/filter/{hex:16}", {}),
    ("inspector2/organizationConfiguration", "{account}", None, {}),
    ("kms/alias", "alias/{auto}", "kms:{region}:{account}:alias/{auto}", {}),
    ("kms/grant", "key:{hex:64}", None, {"keyId": "key"}),
    ("kms/key", "{uuid}", "kms:{region}:{account}:key/{uuid}", {}),
    ("kms/keyPolicy", "key", None, {"keyId": "key"}),
    ("kms/replicaKey", "mrk-1", "kms:{region}:{account}:key/mrk-1", {"primaryKeyArn": "arn:aws:kms:us-east-1:111122223333:key/mrk-1"}),
    ("lambda/function", "{auto}", "lambda:{region}:{account}:function:{auto}", {}),
    ("lambda/permission", "{auto}", None, {}),
    ("rds/instance", "db-{upper:26}", "rds:{region}:{account}:db:thing{hex:7}", {}),
    ("s3/bucket", "{auto}", "s3:::{auto}", {}),
    ("s3/bucketLifecycleConfiguration", "logs", None, {"bucket": "logs"}),
    ("s3/bucketLogging", "logs", None, {"bucket": "logs"}),
    ("s3/bucketObjectLockConfiguration", "logs", None, {"bucket": "logs"}),
    ("s3/bucketOwnershipControls", "logs", None, {"bucket": "logs"}),
    ("s3/bucketPolicy", "logs", None, {"bucket": "logs"}),
    ("s3/bucketPublicAccessBlock", "logs", None, {"bucket": "logs"}),
    ("s3/bucketServerSideEncryptionConfiguration", "logs", None, {"bucket": "logs"}),
    ("s3/bucketVersioning", "logs", None, {"bucket": "logs"}),
    ("secretsmanager/secret", SAME, "secretsmanager:{region}:{account}:secret:{auto}-{alnum:6}", {}),
    ("secretsmanager/secretPolicy", SECRET_ARN, None, {"secretArn": SECRET_ARN}),
    ("secretsmanager/secretRotation", SECRET_ARN, None, {"secretId": SECRET_ARN}),
    ("secretsmanager/secretVersion", SECRET_ARN + "|{uuid}", SECRET_ARN.removeprefix("arn:aws:"), {"secretId": SECRET_ARN}),
    ("securityhub/account", "{account}", "securityhub:{region}:{account}:hub/default", {}),
    ("securityhub/findingAggregator", SAME, "securityhub:{region}:{account}:finding-aggregator/{uuid}", {}),
    ("securityhub/standardsSubscription", SAME, "securityhub:{region}:{account}:subscription/pci-dss/v/4.0.1", {"standardsArn": STANDARD}),
    ("sfn/stateMachine", SAME, "states:{region}:{account}:stateMachine:{auto}", {}),
    ("shield/protection", "{uuid}", "shield::{account}:protection/{uuid}", {}),
    ("sns/topic", SAME, "sns:{region}:{account}:{auto}", {}),
    ("sns/topicPolicy", "arn:aws:sns:x", None, {"arn": "arn:aws:sns:x"}),
    ("sns/topicSubscription", SAME, "sns:{region}:{account}:alarms:{uuid}", {"topic": "arn:aws:sns:eu-west-1:111122223333:alarms"}),
    ("sqs/queue", "https://sqs.{region}.amazonaws.com/{account}/{auto}", "sqs:{region}:{account}:{auto}", {}),
    ("ssm/association", "{uuid}", "ssm:{region}:{account}:association/{uuid}", {}),
    ("ssm/defaultPatchBaseline", "UBUNTU", None, {"operatingSystem": "UBUNTU"}),
    ("ssm/document", "{auto}", "ssm:{region}:{account}:document/{auto}", {}),
    ("ssm/maintenanceWindow", "mw-{hex:17}", None, {}),
    ("ssm/maintenanceWindowTarget", "{uuid}", None, {}),
    ("ssm/maintenanceWindowTask", "{uuid}", "ssm:{region}:{account}:windowtask/{uuid}", {}),
    ("ssm/parameter", "/a/b", "ssm:{region}:{account}:parameter/a/b", {"name": "/a/b"}),
    ("ssm/patchBaseline", "pb-{hex:17}", "ssm:{region}:{account}:patchbaseline/pb-{hex:17}", {}),
    ("ssm/patchGroup", "prod,pb-1", None, {"patchGroup": "prod", "baselineId": "pb-1"}),
    ("ssm/resourceDataSync", "{auto}", None, {}),
    ("ssmcontacts/contact", SAME, "ssm-contacts:{region}:{account}:contact/oncall", {"alias": "oncall"}),
    ("ssmcontacts/contactChannel", SAME, "ssm-contacts:{region}:{account}:contact-channel/oncall/{uuid}", {"contactId": "arn:aws:ssm-contacts:eu-west-1:111122223333:contact/oncall"}),
    ("ssmcontacts/plan", "contact", None, {"contactId": "contact"}),
    ("ssmincidents/replicationSet", SAME, "ssm-incidents::{account}:replication-set/{uuid}", {}),
    ("ssmincidents/responsePlan", SAME, "ssm-incidents::{account}:response-plan/{auto}", {}),
    ("wafv2/ipSet", "{uuid}", "wafv2:{region}:{account}:regional/ipset/{auto}/{uuid}", {"scope": "REGIONAL"}),
    ("wafv2/regexPatternSet", "{uuid}", "wafv2:{region}:{account}:regional/regexpatternset/{auto}/{uuid}", {"scope": "REGIONAL"}),
    ("wafv2/ruleGroup", "{uuid}", "wafv2:{region}:{account}:regional/rulegroup/{auto}/{uuid}", {"scope": "REGIONAL"}),
    ("wafv2/webAcl", "{uuid}", "wafv2:{region}:{account}:regional/webacl/{auto}/{uuid}", {"scope": "REGIONAL"}),
    ("wafv2/webAclAssociation", "acl,api", None, {"webAclArn": "acl", "resourceArn": "api"}),
    ("wafv2/webAclLoggingConfiguration", "acl", None, {"resourceArn": "acl"}),
]  # fmt: skip


@pytest.mark.parametrize(("type_", "id_", "arn", "inputs"), AWS, ids=[row[0] for row in AWS])
def test_an_aws_resource_has_the_id_and_arn_of_its_kind(type_, id_, arn, inputs):
    identifier, given = made(aws_class(type_), inputs)
    if arn is None:
        assert "arn" not in given
    else:
        assert like(f"arn:aws:{arn}").fullmatch(given["arn"])
        assert len(given["arn"].split(":", 5)) == 6
    if id_ == SAME:
        assert identifier == given["arn"]
    else:
        assert like(id_).fullmatch(identifier)


def test_the_id_in_an_arn_is_the_resource_s_own():
    key, given = made("aws:kms/key:Key")
    assert given["arn"].endswith(f":key/{key}")
    assert given["keyId"] == key


def test_the_tables_name_only_what_there_is():
    wrong = []
    for type_, templates in aws.KINDS.items():
        names = resource_pulumi_to_py_names(class_of(aws_class(type_)))
        wrong += [(type_, key) for key in templates if not key.isupper() and key not in names]
    for type_, path in azure.PATHS.items():
        takes = input_names(class_of(f"azure-native:{type_}"))
        words = {word for _, word, _, _ in Formatter().parse(path) if word}
        words -= {"subscription", "UUID"}
        snake = {word: re.sub(r"(?=[A-Z])", "_", word).lower() for word in words}
        # Pulumi's own name of a resource takes the keyword.
        wrong += [(type_, word) for word in words if not {snake[word], f"{snake[word]}_"} & takes]
    for type_, templates in azure.MORE.items():
        names = resource_pulumi_to_py_names(class_of(f"azure-native:{type_}"))
        wrong += [(type_, key) for key in templates if key not in {*names, "resourceGroupName"}]
    assert not wrong


@pytest.mark.parametrize(
    ("token", "arn"),
    [
        ("aws:batch/jobQueue:JobQueue", "arn:aws:batch:{region}:{account}:job-queue/{auto}"),
        ("aws:amp/workspace:Workspace", "arn:aws:aps:{region}:{account}:workspace/thing-{hex:8}"),
        ("aws:route53/resolverRule:ResolverRule", "arn:aws:route53resolver:{region}:{account}:resolver-rule/{auto}"),
        ("aws:networkmanager/globalNetwork:GlobalNetwork", "arn:aws:networkmanager::{account}:global-network/thing-{hex:8}"),
    ],
)  # fmt: skip
def test_an_aws_type_that_is_not_listed_has_the_usual_arn(token, arn):
    assert like(arn).fullmatch(made(token)[1]["arn"])


def test_an_arn_with_parts_that_only_the_cloud_knows_is_unknown():
    assert "arn" not in made("aws:organizations/policy:Policy")[1]
    assert "arn" not in made("aws:iam/serviceLinkedRole:ServiceLinkedRole")[1]


@pytest.mark.parametrize(
    ("region", "arn", "url"),
    [
        ("cn-north-1", "arn:aws-cn:sqs:cn-north-1:", "https://sqs.cn-north-1.amazonaws.com.cn/"),
        ("us-gov-west-1", "arn:aws-us-gov:sqs:us-gov-west-1:", "https://sqs.us-gov-west-1.amazonaws.com/"),
    ],
)  # fmt: skip
def test_the_partition_is_that_of_the_region(region, arn, url):
    _, given = made("aws:sqs/queue:Queue", place=Place(region=region))
    assert given["arn"].startswith(arn)
    assert given["url"].startswith(url)


def test_a_resource_is_in_the_region_it_names():
    _, given = made("aws:wafv2/webAcl:WebAcl", {"scope": "CLOUDFRONT", "region": "us-east-1"})
    assert given["arn"].startswith("arn:aws:wafv2:us-east-1:111122223333:global/webacl/thing-")
    assert "region" not in given
    assert made("aws:wafv2/webAcl:WebAcl", {"scope": "REGIONAL"})[1]["region"] == "eu-west-1"


# What is given, and what is not known.


def test_what_the_program_gives_is_not_replaced():
    identifier, given = made("aws:s3/bucket:Bucket", {"bucket": "Payments", "tags": {"a": "b"}})
    assert identifier == "Payments"
    assert "bucket" not in given
    assert given["arn"] == "arn:aws:s3:::Payments"
    assert given["tagsAll"] == {"a": "b"}


@pytest.mark.parametrize("marker", [Unknown(("urn:x",)), Secret("hunter2")])
def test_what_is_made_of_an_unknown_or_a_secret_is_unknown(marker):
    identifier, given = made("aws:iam/role:Role", {"name": marker, "tags": marker})
    assert identifier == ""
    assert given.keys() == {"uniqueId"}


def test_an_unknown_region_is_not_the_place_s():
    _, given = made("aws:kms/key:Key", {"region": Unknown()})
    assert "arn" not in given
    assert given["keyId"]


def test_a_resource_of_an_unknown_group_has_no_id():
    identifier, given = made("azure-native:keyvault:Vault", {"resourceGroupName": Unknown()})
    assert identifier == ""
    assert given["name"].startswith("thing")


def test_outputs_that_the_class_does_not_have_are_not_made_up():
    assert made("aws:ec2/natGateway:NatGateway")[1].keys() <= {
        *resource_pulumi_to_py_names(class_of("aws:ec2/natGateway:NatGateway"))
    }


JUNK = [5, 1.5, True, "", "{x}", [], [Unknown()], [{"scopeName": Secret("x")}], {"type": Unknown()}]


@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_an_input_of_the_wrong_type_stops_nothing_and_shows_nothing(junk):
    tokens = [aws_class(row[0]) for row in AWS] + [f"azure-native:{row[0]}" for row in AZURE]
    for token in tokens:
        # Every input, and in every one the same; those of Pulumi's own do no harm.
        names = [camel(name) for name in input_names(class_of(token))]
        identifier, given = made(token, dict.fromkeys(names, junk))
        texts = [identifier, *(value for value in given.values() if isinstance(value, str))]
        assert not any("Unknown(" in text or "Secret(" in text for text in texts)


def camel(name):
    return re.sub(r"_(.)", lambda found: found[1].upper(), name)


@pytest.mark.parametrize("scopes", [Unknown(), [Unknown()], [{"scopeName": Secret("x")}], [5]])
def test_scopes_that_are_not_all_known_are_unknown(scopes):
    inputs = {"userPoolId": "p", "identifier": "payments", "scopes": scopes}
    assert "scopeIdentifiers" not in made("aws:cognito/resourceServer:ResourceServer", inputs)[1]


# Names.


@pytest.mark.parametrize(
    ("token", "inputs", "name", "auto"),
    [
        ("aws:s3/bucket:Bucket", {}, "bucket", "some-thing-{hex:7}"),
        ("aws:s3/bucket:Bucket", {"bucketPrefix": "logs-"}, "bucket", "logs-{hex:26}"),
        ("aws:kms/alias:Alias", {}, "name", "alias/Some-Thing-{hex:7}"),
        ("aws:sqs/queue:Queue", {"fifoQueue": True}, "name", "Some-Thing-{hex:7}.fifo"),
        ("aws:sns/topic:Topic", {"fifoTopic": True}, "name", "Some-Thing-{hex:7}.fifo"),
        ("aws:rds/instance:Instance", {}, "identifier", "something{hex:7}"),
        ("aws:glue/catalogDatabase:CatalogDatabase", {}, "name", "some-thing_{lower:8}"),
        ("azure-native:keyvault:Vault", {}, "name", "Some-Thing{hex:8}"),
        ("azure-native:keyvault:Key", {"vaultName": "v"}, "name", "Some-Thing"),
        ("azure-native:authorization:RoleAssignment", {"scope": "s"}, "name", "{uuid}"),
    ],
)  # fmt: skip
def test_a_resource_without_a_name_gets_the_one_its_provider_would_make(token, inputs, name, auto):
    logical = "SomeThing" if name == "identifier" else "Some-Thing"
    _, given = made(token, inputs, name=logical)
    assert like(auto).fullmatch(given[name])


@pytest.mark.parametrize(
    ("token", "name", "limit"),
    [
        ("aws:iam/role:Role", "name", 64),
        ("aws:lambda/function:Function", "name", 64),
        ("aws:s3/bucket:Bucket", "bucket", 63),
        ("aws:lb/loadBalancer:LoadBalancer", "name", 32),
    ],
)
def test_a_made_up_name_is_no_longer_than_the_service_takes(token, name, limit):
    assert len(made(token, name="long" * 30)[1][name]) == limit


# The same in every run, and different for each resource.


def test_placeholders_differ_between_resources_and_stacks():
    key = class_of("aws:kms/key:Key")
    urns = [f"urn:pulumi:{stack}::p::aws:kms/key:Key::{n}" for stack in "ab" for n in (1, 2)]
    made_of = {outputs(key, "aws:kms/key:Key", "k", {}, urn, PLACE)[0] for urn in urns}
    assert len(made_of) == len(urns)


PROGRAM = """
import json, sys
import pulumi_aws as aws, pulumi_azure_native as azure
from bulwark_toolkit.preview.placeholders import Place, outputs
classes = {
    "aws:kms/key:Key": aws.kms.Key,
    "aws:cloudfront/distribution:Distribution": aws.cloudfront.Distribution,
    "aws:cognito/userPool:UserPool": aws.cognito.UserPool,
    "azure-native:keyvault:Vault": azure.keyvault.Vault,
}
given = {"resourceGroupName": "rg"}
json.dump([outputs(c, t, "x", given, f"urn::{t}", Place()) for t, c in classes.items()], sys.stdout)
"""


def test_placeholders_are_the_same_in_every_process():
    runs = [
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", PROGRAM],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]
    assert len(json.loads(runs[0])) == 4


def test_long_ids_show_that_they_are_not_real():
    assert made("aws:ec2/vpc:Vpc")[0].startswith("vpc-00000")
    assert made("aws:kms/key:Key")[0].startswith("00000000-0000-4000-8000-")


# More of AWS: what other resources and documents are made of.


def test_a_function_can_be_invoked_through_api_gateway():
    _, given = made("aws:lambda/function:Function", {"name": "guard", "publish": True})
    arn = "arn:aws:lambda:eu-west-1:111122223333:function:guard"
    assert given["version"] == "1"
    assert given["qualifiedArn"] == f"{arn}:1"
    assert given["invokeArn"] == (
        f"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{arn}/invocations"
    )


def test_a_stage_says_where_it_is_called():
    inputs = {"restApi": "abc", "stageName": "live"}
    _, given = made("aws:apigateway/stage:Stage", inputs)
    assert given["invokeUrl"] == "https://abc.execute-api.eu-west-1.amazonaws.com/live"
    assert given["executionArn"] == "arn:aws:execute-api:eu-west-1:111122223333:abc/live"


def test_a_user_pool_has_an_issuer():
    pool, given = made("aws:cognito/userPool:UserPool")
    assert given["endpoint"] == f"cognito-idp.eu-west-1.amazonaws.com/{pool}"


def test_a_multi_region_key_has_an_id_of_its_own_form():
    assert made("aws:kms/key:Key", {"multiRegion": True})[0].startswith("mrk-")


def test_a_rule_of_another_bus_has_the_bus_in_its_arn():
    rule, given = made("aws:cloudwatch/eventRule:EventRule", {"name": "r", "eventBusName": "own"})
    assert rule == "own/r"
    assert given["arn"].endswith(":rule/own/r")


def test_a_role_has_its_path_in_its_arn():
    _, given = made("aws:iam/role:Role", {"name": "r", "path": "/ci/"})
    assert given["arn"] == "arn:aws:iam::111122223333:role/ci/r"


def test_a_load_balancer_s_listener_belongs_to_it():
    _, balancer = made("aws:lb/loadBalancer:LoadBalancer", {"loadBalancerType": "network"})
    _, listener = made("aws:lb/listener:Listener", {"loadBalancerArn": balancer["arn"]})
    assert ":loadbalancer/net/thing-" in balancer["arn"]
    assert listener["arn"].startswith(balancer["arn"].replace(":loadbalancer/", ":listener/"))


def test_a_certificate_says_which_dns_records_prove_each_name():
    inputs = {
        "domainName": "example.com",
        "subjectAlternativeNames": ["*.example.com"],
        "validationMethod": "DNS",
    }
    options = made("aws:acm/certificate:Certificate", inputs)[1]["domainValidationOptions"]
    assert [option["domainName"] for option in options] == ["example.com", "*.example.com"]
    assert all(o["resourceRecordName"].endswith(".example.com.") for o in options)
    assert len({o["resourceRecordValue"] for o in options}) == 2
    by_mail = {**inputs, "validationMethod": "EMAIL"}
    assert "domainValidationOptions" not in made("aws:acm/certificate:Certificate", by_mail)[1]


def test_a_resource_server_has_its_scopes():
    scopes = [{"scopeName": "read"}, {"scopeName": "write"}]
    inputs = {"userPoolId": "p", "identifier": "payments", "scopes": scopes}
    _, given = made("aws:cognito/resourceServer:ResourceServer", inputs)
    assert given["scopeIdentifiers"] == ["payments/read", "payments/write"]


def test_a_table_has_a_stream_only_if_asked_for():
    table = "aws:dynamodb/table:Table"
    assert "streamArn" not in made(table)[1]
    arn = made(table, {"streamEnabled": True})[1]["streamArn"]
    assert re.search(r":table/thing-\w+/stream/\d{4}-", arn)


def test_a_database_has_the_port_of_its_engine():
    _, given = made("aws:rds/instance:Instance", {"engine": "postgres", "identifier": "db"})
    assert given["port"] == 5432
    assert given["endpoint"] == f"{given['address']}:5432"


# Azure: type, what follows the resource group's providers, and the inputs that it is made of.

GROUP = "/subscriptions/{subscription}/resourceGroups/rg"
HERE = "/subscriptions/11111111-2222-3333-4444-555555555555"
TOP = "thing{hex:8}"
APIM = "Microsoft.ApiManagement/service/apim"
CDN = "Microsoft.Cdn/profiles/fd"
SENTINEL = "Microsoft.OperationalInsights/workspaces/logs/providers/Microsoft.SecurityInsights"
IN_APIM = {"serviceName": "apim"}
IN_API = {"serviceName": "apim", "apiId": "pay"}
IN_PRODUCT = {"serviceName": "apim", "productId": "gold"}
IN_CDN = {"profileName": "fd"}
IN_WORKSPACE = {"workspaceName": "logs"}

AZURE = [
    ("apimanagement:Api", f"{APIM}/apis/thing", IN_APIM),
    ("apimanagement:ApiDiagnostic", f"{APIM}/apis/pay/diagnostics/thing", IN_API),
    ("apimanagement:ApiManagementService", f"Microsoft.ApiManagement/service/{TOP}", {}),
    ("apimanagement:ApiOperation", f"{APIM}/apis/pay/operations/thing", IN_API),
    ("apimanagement:ApiOperationPolicy", f"{APIM}/apis/pay/operations/get/policies/policy", {**IN_API, "operationId": "get"}),
    ("apimanagement:ApiPolicy", f"{APIM}/apis/pay/policies/policy", IN_API),
    ("apimanagement:AuthorizationServer", f"{APIM}/authorizationServers/thing", IN_APIM),
    ("apimanagement:Backend", f"{APIM}/backends/thing", IN_APIM),
    ("apimanagement:Logger", f"{APIM}/loggers/thing", IN_APIM),
    ("apimanagement:NamedValue", f"{APIM}/namedValues/thing", IN_APIM),
    ("apimanagement:OpenIdConnectProvider", f"{APIM}/openidConnectProviders/thing", IN_APIM),
    ("apimanagement:Policy", f"{APIM}/policies/policy", IN_APIM),
    ("apimanagement:PolicyFragment", f"{APIM}/policyFragments/thing", IN_APIM),
    ("apimanagement:Product", f"{APIM}/products/thing", IN_APIM),
    ("apimanagement:ProductApi", f"{APIM}/products/gold/apis/thing", IN_PRODUCT),
    ("apimanagement:ProductPolicy", f"{APIM}/products/gold/policies/policy", IN_PRODUCT),
    ("apimanagement:Subscription", f"{APIM}/subscriptions/thing", {**IN_APIM, "scope": "/apis"}),
    ("applicationinsights:Component", f"Microsoft.Insights/components/{TOP}", {}),
    ("automation:AutomationAccount", f"Microsoft.Automation/automationAccounts/{TOP}", {}),
    ("automation:Runbook", "Microsoft.Automation/automationAccounts/ops/runbooks/thing", {"automationAccountName": "ops"}),
    ("azureactivedirectory:B2CTenant", f"Microsoft.AzureActiveDirectory/b2cDirectories/{TOP}", {}),
    ("azureactivedirectory:CIAMTenant", f"Microsoft.AzureActiveDirectory/ciamDirectories/{TOP}", {}),
    ("cdn:AFDCustomDomain", f"{CDN}/customDomains/thing", IN_CDN),
    ("cdn:AFDEndpoint", f"{CDN}/afdEndpoints/thing", IN_CDN),
    ("cdn:AFDOrigin", f"{CDN}/originGroups/api/origins/thing", {**IN_CDN, "originGroupName": "api"}),
    ("cdn:AFDOriginGroup", f"{CDN}/originGroups/thing", IN_CDN),
    ("cdn:Profile", f"Microsoft.Cdn/profiles/{TOP}", {}),
    ("cdn:Route", f"{CDN}/afdEndpoints/edge/routes/thing", {**IN_CDN, "endpointName": "edge"}),
    ("cdn:Rule", f"{CDN}/ruleSets/headers/rules/thing", {**IN_CDN, "ruleSetName": "headers"}),
    ("cdn:RuleSet", f"{CDN}/ruleSets/thing", IN_CDN),
    ("cdn:Secret", f"{CDN}/secrets/thing", IN_CDN),
    ("cdn:SecurityPolicy", f"{CDN}/securityPolicies/thing", IN_CDN),
    ("frontdoor:Policy", f"Microsoft.Network/frontDoorWebApplicationFirewallPolicies/{TOP}", {}),
    ("keyvault:Key", "Microsoft.KeyVault/vaults/kv/keys/thing", {"vaultName": "kv"}),
    ("keyvault:Secret", "Microsoft.KeyVault/vaults/kv/secrets/thing", {"vaultName": "kv"}),
    ("keyvault:Vault", f"Microsoft.KeyVault/vaults/{TOP}", {}),
    ("logic:Workflow", f"Microsoft.Logic/workflows/{TOP}", {}),
    ("maintenance:ConfigurationAssignmentsForResourceGroup", f"Microsoft.Maintenance/configurationAssignments/{TOP}", {}),
    ("maintenance:MaintenanceConfiguration", f"Microsoft.Maintenance/maintenanceConfigurations/{TOP}", {}),
    ("managedidentity:FederatedIdentityCredential", "Microsoft.ManagedIdentity/userAssignedIdentities/ci/federatedIdentityCredentials/thing", {"resourceName": "ci"}),
    ("managedidentity:UserAssignedIdentity", f"Microsoft.ManagedIdentity/userAssignedIdentities/{TOP}", {}),
    ("monitor:ActionGroup", f"Microsoft.Insights/actionGroups/{TOP}", {}),
    ("monitor:ActivityLogAlert", f"Microsoft.Insights/activityLogAlerts/{TOP}", {}),
    ("monitor:DataCollectionRule", f"Microsoft.Insights/dataCollectionRules/{TOP}", {}),
    ("monitor:MetricAlert", f"Microsoft.Insights/metricAlerts/{TOP}", {}),
    ("monitor:ScheduledQueryRule", f"Microsoft.Insights/scheduledQueryRules/{TOP}", {}),
    ("network:NetworkSecurityGroup", f"Microsoft.Network/networkSecurityGroups/{TOP}", {}),
    ("network:PrivateEndpoint", f"Microsoft.Network/privateEndpoints/{TOP}", {}),
    ("network:VirtualNetwork", f"Microsoft.Network/virtualNetworks/{TOP}", {}),
    ("network:WebApplicationFirewallPolicy", f"Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies/{TOP}", {}),
    ("operationalinsights:Workspace", f"Microsoft.OperationalInsights/workspaces/{TOP}", {}),
    ("privatedns:PrivateZone", "Microsoft.Network/privateDnsZones/x.internal", {"privateZoneName": "x.internal"}),
    ("security:Automation", f"Microsoft.Security/automations/{TOP}", {}),
    ("securityinsights:AutomationRule", f"{SENTINEL}/automationRules/{TOP}", IN_WORKSPACE),
    ("securityinsights:ScheduledAlertRule", f"{SENTINEL}/alertRules/{{uuid}}", IN_WORKSPACE),
    ("securityinsights:SentinelOnboardingState", f"{SENTINEL}/onboardingStates/default", {**IN_WORKSPACE, "sentinelOnboardingStateName": "default"}),
    ("storage:BlobContainer", "Microsoft.Storage/storageAccounts/logs/blobServices/default/containers/thing", {"accountName": "logs"}),
    ("storage:StorageAccount", f"Microsoft.Storage/storageAccounts/{TOP}", {}),
]  # fmt: skip


@pytest.mark.parametrize(("type_", "path", "inputs"), AZURE, ids=[row[0] for row in AZURE])
def test_an_azure_resource_is_in_its_group(type_, path, inputs):
    inputs = {"resourceGroupName": "rg", **inputs}
    identifier, given = made(f"azure-native:{type_}", inputs)
    assert like(f"{GROUP}/providers/{path}").fullmatch(identifier)
    assert_is_resource_id(identifier, given)


SCOPE = f"{HERE}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv"

MACHINE = f"{HERE}/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm"
ON_MACHINE = {
    "resourceGroupName": "rg",
    "providerName": "Microsoft.Compute",
    "resourceType": "virtualMachines",
    "resourceName": "vm",
}

AZURE_ELSEWHERE = [
    ("authorization:ManagementLockByScope", f"{SCOPE}/providers/Microsoft.Authorization/locks/{TOP}", {"scope": SCOPE}),
    ("authorization:PolicyAssignment", f"{SCOPE}/providers/Microsoft.Authorization/policyAssignments/{TOP}", {"scope": SCOPE}),
    ("authorization:PolicyDefinition", f"{HERE}/providers/Microsoft.Authorization/policyDefinitions/{TOP}", {}),
    ("authorization:RoleAssignment", f"{SCOPE}/providers/Microsoft.Authorization/roleAssignments/{{uuid}}", {"scope": SCOPE.lstrip("/")}),
    ("authorization:RoleDefinition", f"{SCOPE}/providers/Microsoft.Authorization/roleDefinitions/{{uuid}}", {"scope": SCOPE}),
    ("maintenance:ConfigurationAssignment", f"{MACHINE}/providers/Microsoft.Maintenance/configurationAssignments/{TOP}", ON_MACHINE),
    ("maintenance:ConfigurationAssignmentsForSubscription", f"{HERE}/providers/Microsoft.Maintenance/configurationAssignments/{TOP}", {}),
    ("monitor:DiagnosticSetting", f"{SCOPE}/providers/Microsoft.Insights/diagnosticSettings/audit", {"resourceUri": SCOPE, "name": "audit"}),
    ("monitor:SubscriptionDiagnosticSetting", f"{HERE}/providers/Microsoft.Insights/diagnosticSettings/{TOP}", {}),
    ("resources:ResourceGroup", f"{HERE}/resourceGroups/{TOP}", {}),
    ("security:AdvancedThreatProtection", f"{SCOPE}/providers/Microsoft.Security/advancedThreatProtectionSettings/current", {"resourceId": SCOPE}),
    ("security:DefenderForStorage", f"{SCOPE}/providers/Microsoft.Security/defenderForStorageSettings/current", {"resourceId": SCOPE}),
    ("security:GovernanceRule", f"{HERE}/providers/Microsoft.Security/governanceRules/{{uuid}}", {"scope": HERE}),
    ("security:Pricing", f"{HERE}/providers/Microsoft.Security/pricings/KeyVaults", {"scopeId": HERE, "pricingName": "KeyVaults"}),
    ("security:SecurityContact", f"{HERE}/providers/Microsoft.Security/securityContacts/default", {"securityContactName": "default"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("type_", "path", "inputs"), AZURE_ELSEWHERE, ids=[row[0] for row in AZURE_ELSEWHERE]
)
def test_an_azure_resource_outside_a_group_is_where_it_says(type_, path, inputs):
    identifier, given = made(f"azure-native:{type_}", inputs)
    assert like(path).fullmatch(identifier)
    assert_is_resource_id(identifier, given)


def assert_is_resource_id(identifier, given):
    assert identifier.startswith("/")
    assert len(identifier[1:].split("/")) % 2 == 0
    assert given.get("name", identifier.rpartition("/")[2]) == identifier.rpartition("/")[2]
    namespace, *types = given["type"].split("/")
    if namespace != "Microsoft.Resources":
        own = identifier.rpartition("/providers/")[2].split("/")
        assert [namespace, *types] == [own[0], *own[1::2]]


def test_a_policy_of_a_vault_is_the_vault_s_own():
    inputs = {"resourceGroupName": "rg", "vaultName": "kv"}
    identifier, _ = made("azure-native:keyvault:AccessPolicy", inputs)
    assert "/Microsoft.KeyVault/vaults/kv/accessPolicies/" in identifier


def test_a_resource_group_says_its_type():
    _, given = made("azure-native:resources:ResourceGroup")
    assert given["type"] == "Microsoft.Resources/resourceGroups"


def test_an_azure_type_that_is_not_listed_has_a_guess_with_the_right_group_and_name():
    inputs = {"resourceGroupName": "rg", "workspaceName": "spark"}
    identifier, given = made("azure-native:databricks:Workspace", inputs)
    assert identifier == f"{HERE}/resourceGroups/rg/providers/Microsoft.Databricks/workspaces/spark"
    assert given["name"] == "spark"
    assert "type" not in given


def test_a_system_assigned_identity_gets_a_principal():
    site = "azure-native:web:WebApp"
    inputs = {"resourceGroupName": "rg", "name": "guard"}
    _, given = made(site, {**inputs, "identity": {"type": "SystemAssigned"}})
    assert given["identity"]["type"] == "SystemAssigned"
    assert given["identity"]["tenantId"] == PLACE.tenant
    assert like("{uuid}").fullmatch(given["identity"]["principalId"])
    assert given["defaultHostName"] == "guard.azurewebsites.net"
    assert "identity" not in made(site, {**inputs, "identity": {"type": "UserAssigned"}})[1]


def test_a_vault_s_uri_joins_the_properties_that_the_program_gave():
    properties = {"tenantId": Unknown(), "enablePurgeProtection": True}
    inputs = {"resourceGroupName": "rg", "vaultName": "kv", "properties": properties}
    _, given = made("azure-native:keyvault:Vault", inputs)
    assert given["properties"] == {"vaultUri": "https://kv.vault.azure.net/", **properties}
    inputs["properties"] = Unknown()
    assert "properties" not in made("azure-native:keyvault:Vault", inputs)[1]


@pytest.mark.parametrize(
    ("type_", "inputs", "output", "form"),
    [
        ("apimanagement:ApiManagementService", {"serviceName": "pay"}, "gatewayUrl", "https://pay.azure-api.net"),
        ("azureactivedirectory:CIAMTenant", {}, "tenantId", "{uuid}"),
        ("cdn:AFDEndpoint", {"profileName": "fd", "endpointName": "edge"}, "hostName", "edge-{lower:16}.z01.azurefd.net"),
        ("cdn:Profile", {}, "frontDoorId", "{uuid}"),
        ("keyvault:Key", {"vaultName": "kv", "keyName": "logs"}, "keyUriWithVersion", "https://kv.vault.azure.net/keys/logs/{hex:32}"),
        ("managedidentity:UserAssignedIdentity", {}, "clientId", "{uuid}"),
        ("managedidentity:UserAssignedIdentity", {}, "principalId", "{uuid}"),
        ("managedidentity:UserAssignedIdentity", {}, "tenantId", "{tenant}"),
        ("operationalinsights:Workspace", {}, "customerId", "{uuid}"),
        ("operationalinsights:Workspace", {}, "location", "{location}"),
    ],
)  # fmt: skip
def test_an_azure_resource_has_the_outputs_of_its_kind(type_, inputs, output, form):
    _, given = made(f"azure-native:{type_}", {"resourceGroupName": "rg", **inputs})
    assert like(form).fullmatch(given[output])


def test_an_identity_s_ids_differ():
    _, given = made("azure-native:managedidentity:UserAssignedIdentity")
    assert given["clientId"] != given["principalId"]


def test_a_storage_account_has_its_endpoints():
    _, given = made("azure-native:storage:StorageAccount", {"accountName": "logs"})
    assert given["primaryEndpoints"]["blob"] == "https://logs.blob.core.windows.net/"


# Other providers.


def random(type_, **inputs):
    token = f"random:index/{type_[0].lower()}{type_[1:]}:{type_}"
    return outputs(None, token, "thing", inputs, f"urn::{token}", PLACE)


def test_a_random_password_is_a_secret_text_of_the_right_length():
    _, given = random("RandomPassword", length=24)
    assert isinstance(given["result"], Secret)
    assert len(given["result"].value) == 24


def test_other_random_values_have_the_right_form():
    assert len(random("RandomString", length=8)[1]["result"]) == 8
    assert len(random("RandomId", byteLength=4)[1]["hex"]) == 8
    assert 5 <= random("RandomInteger", min=5, max=7)[1]["result"] <= 7
    assert like("{uuid}").fullmatch(random("RandomUuid")[1]["result"])


def test_a_random_value_of_unknown_length_is_unknown():
    assert random("RandomString", length=Unknown()) == ("", {})


def test_a_resource_of_another_provider_has_an_id_only():
    identifier, given = outputs(None, "acme:index:Thing", "thing", {}, "urn::x", PLACE)
    assert like("thing-{hex:8}").fullmatch(identifier)
    assert given == {}


def test_a_type_whose_class_is_not_to_be_had_still_has_its_id_and_arn():
    identifier, given = outputs(None, "aws:kms/key:Key", "thing", {}, "urn::x", PLACE)
    assert given["arn"] == f"arn:aws:kms:eu-west-1:111122223333:key/{identifier}"


def test_identities_come_back_by_their_ids_though_they_were_listed():
    site = "azure-native:web:WebApp"
    inputs = {"resourceGroupName": "g", "name": "n"}
    listed = {"type": "UserAssigned", "userAssignedIdentities": ["/one", "/two"]}

    _, given = made(site, {**inputs, "identity": listed})

    assert given["identity"]["userAssignedIdentities"] == {"/one": {}, "/two": {}}
