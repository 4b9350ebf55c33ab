import json

import pulumi
import pulumi_aws as aws
import pytest
from rule_cases import test_a_rule_passes_fails_and_does_not_apply  # noqa: F401 asked of this file too

from bulwark_toolkit.compliance.rules import RULES
from bulwark_toolkit.compliance.rules.aws import containers

A = "aws.containers."
KEY = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
ROLE = "arn:aws:iam::123456789012:role/it"
SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:it"
WINDOWS = {"operating_system_family": "WINDOWS_SERVER_2022_CORE"}


def nothing():
    """A program without a container."""
    aws.sqs.Queue("it")


def task(container=None, **inputs):
    definitions = [{"name": "it", "image": "it:1", **(container or {})}]
    return lambda: aws.ecs.TaskDefinition(
        "it", family="it", container_definitions=json.dumps(definitions), **inputs
    )


def environment(name, value):
    return task({"environment": [{"name": name, "value": value}]})


def with_a_secret_in_it():
    password = pulumi.Output.secret("hunter2")
    variables = [{"name": "ADDRESS", "value": password}]
    definitions = [{"name": "it", "image": "it:1", "environment": variables}]
    text = pulumi.Output.json_dumps(definitions)
    aws.ecs.TaskDefinition("it", family="it", container_definitions=text)


def service(**network):
    network = {"subnets": ["subnet-1"], **network}
    return lambda: aws.ecs.Service("it", network_configuration=network)


def cluster(*settings):
    return lambda: aws.ecs.Cluster("it", settings=list(settings))


def images_policy(principal):
    allow = {"Effect": "Allow", "Principal": principal, "Action": "ecr:BatchGetImage"}
    return lambda: aws.ecr.RepositoryPolicy(
        "it", repository="r", policy=json.dumps({"Statement": [allow]})
    )


def images(**inputs):
    return lambda: aws.ecr.Repository("it", **inputs)


def scanned_by_the_registry(pattern, frequency="SCAN_ON_PUSH"):
    def program():
        images()()
        filters = [{"filter": pattern, "filter_type": "WILDCARD"}]
        aws.ecr.RegistryScanningConfiguration(
            "registry",
            scan_type="ENHANCED",
            rules=[{"scan_frequency": frequency, "repository_filters": filters}],
        )

    return program


def kubernetes(network=None, **inputs):
    network = {"subnet_ids": ["subnet-1", "subnet-2"], **(network or {})}
    return lambda: aws.eks.Cluster("it", role_arn=ROLE, vpc_config=network, **inputs)


CASES = {
    A + "container-is-not-privileged": (task(), task({"privileged": True}), nothing),
    A + "container-cannot-change-itself": (
        task({"readonlyRootFilesystem": True}),
        task(),
        task(runtime_platform=WINDOWS),
    ),
    A + "container-is-not-root": (
        task({"user": "1000:1000"}),
        task({"user": "0:0"}),
        task(runtime_platform=WINDOWS),
    ),
    A + "environment-holds-no-secret": (
        environment("LOG_LEVEL", "info"),
        environment("DB_PASSWORD", "hunter2"),
        nothing,
    ),
    A + "container-logs-somewhere": (
        task({"logConfiguration": {"logDriver": "awslogs"}}),
        task(),
        nothing,
    ),
    A + "task-has-its-own-network": (task(network_mode="awsvpc"), task(), nothing),
    A + "task-does-not-see-the-host": (task(), task(pid_mode="host"), nothing),
    A + "service-has-no-public-address": (
        service(),
        service(assign_public_ip=True),
        lambda: aws.ecs.Service("it"),
    ),
    A + "cluster-has-container-insights": (
        cluster({"name": "containerInsights", "value": "enhanced"}),
        cluster(),
        nothing,
    ),
    A + "images-are-not-everybodys": (
        images_policy({"AWS": "arn:aws:iam::123456789012:root"}),
        images_policy("*"),
        images(),
    ),
    A + "images-are-scanned": (
        images(image_scanning_configuration={"scan_on_push": True}),
        images(),
        nothing,
    ),
    A + "image-tags-stay": (
        images(image_tag_mutability="IMMUTABLE"),
        images(image_tag_mutability="IMMUTABLE_WITH_EXCLUSION"),
        nothing,
    ),
    A + "images-have-a-customer-key": (
        images(encryption_configurations=[{"encryption_type": "KMS", "kms_key": KEY}]),
        images(encryption_configurations=[{"encryption_type": "KMS"}]),
        nothing,
    ),
    A + "kubernetes-is-not-open-to-everybody": (
        kubernetes({"endpoint_public_access": False, "endpoint_private_access": True}),
        kubernetes(),
        nothing,
    ),
    A + "kubernetes-secrets-have-a-customer-key": (
        kubernetes(encryption_config={"provider": {"key_arn": KEY}, "resources": ["secrets"]}),
        kubernetes(),
        nothing,
    ),
    A + "kubernetes-logs-who-does-what": (
        kubernetes(enabled_cluster_log_types=["audit", "api", "authenticator", "scheduler"]),
        kubernetes(enabled_cluster_log_types=["api"]),
        nothing,
    ),
    A + "kubernetes-version-is-supported": (
        kubernetes(version="1.35"),
        kubernetes(version="1.30"),
        kubernetes(),
    ),
}
"""For each rule: a program that passes, one that fails, and one that it does not apply to."""


def test_each_rule_of_the_file_has_its_cases():
    assert {r.id for r in vars(containers).values() if r in RULES} == CASES.keys()


@pytest.mark.parametrize(
    ("name", "value", "outcome"),
    [
        ("STRIPE_SECRET_KEY", "sk_live_1", "fail"),
        ("AWS_ACCESS_KEY_ID", "AKIA1", "fail"),
        ("apiKey", "1", "fail"),
        ("DATABASE_URL", "postgres://app:hunter2@db/payments", "fail"),
        ("DATABASE_URL", "postgres://db/payments", "pass"),
        ("DB_SECRET", SECRET, "pass"),
        ("SECRET_NAME", "payments", "pass"),
        ("TOKEN", "", "pass"),
    ],
)
def test_a_variable_holds_a_secret_by_its_name_or_its_value(outcomes, name, value, outcome):
    assert outcomes(A + "environment-holds-no-secret", environment(name, value)) == {outcome}


def test_a_secret_of_the_program_in_a_definition_is_one_whatever_its_name(outcomes):
    assert outcomes(A + "environment-holds-no-secret", with_a_secret_in_it) == {"fail"}
    assert outcomes(A + "container-is-not-root", with_a_secret_in_it) == {"unknown"}


def test_a_container_that_names_no_user_may_be_root(found):
    place = "containerDefinitions[0].user"

    assert found(A + "container-is-not-root", task()) == [("fail", "it", place)]


@pytest.mark.parametrize(
    ("program", "outcome"),
    [
        (scanned_by_the_registry("*"), "pass"),
        (scanned_by_the_registry("other-*"), "fail"),
        (scanned_by_the_registry("*", "MANUAL"), "fail"),
    ],
)
def test_the_registry_can_scan_for_all_repositories(outcomes, program, outcome):
    assert outcomes(A + "images-are-scanned", program) == {outcome}


@pytest.mark.parametrize(
    ("ranges", "outcome"),
    [(["203.0.113.0/24"], "pass"), (["203.0.113.0/24", "0.0.0.0/1"], "fail"), ([], "fail")],
)
def test_a_public_api_of_kubernetes_names_who_may_reach_it(outcomes, ranges, outcome):
    program = kubernetes({"public_access_cidrs": ranges})

    assert outcomes(A + "kubernetes-is-not-open-to-everybody", program) == {outcome}


def test_a_range_that_is_not_known_is_no_pass(outcomes):
    def program():
        address = aws.ec2.Eip("address").public_ip
        kubernetes({"public_access_cidrs": [pulumi.Output.concat(address, "/32")]})()

    outcome = outcomes(A + "kubernetes-is-not-open-to-everybody", program, rendered=False)
    assert outcome == {"unknown"}
