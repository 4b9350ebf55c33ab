"""The edge on the real engine: the secret that the origin knows it by, and a second `up`."""

import pytest

pytestmark = pytest.mark.e2e

PROGRAM = """
from pathlib import Path

import pulumi

from pulumi_bulwark.domain import DomainSpec
from pulumi_bulwark.edge import EdgeSpec, SiteSpec
from pulumi_bulwark.edge.aws import AwsEdge, AwsEdgeArgs
from pulumi_bulwark.log_group.aws import AwsLogStore
from pulumi_bulwark.openapi import Document


def store(region):
    return AwsLogStore(
        account_id="123456789012",
        region=region,
        partition="aws",
        key_arn=f"arn:aws:kms:{region}:123456789012:key/logs",
        retention_days=400,
        access_logs_id="access-logs",
        deletion_protection=False,
    )


config = pulumi.Config()
AwsEdge(
    "edge",
    AwsEdgeArgs(
        spec=EdgeSpec(
            read_timeout_seconds=config.require_int("timeout"),
            domain=DomainSpec(
                name="api.example.com",
                certificate_arn="arn:aws:acm:us-east-1:123456789012:certificate/0b0e1f7c",
            ),
            site=SiteSpec(),
        ),
        store=store("eu-central-1"),
        edge_store=store("us-east-1"),
        document=Document(
            source=Path("payments.yaml"),
            title="Payments",
            version="1",
            body={},
            scheme=None,
            api_key_scheme=None,
            operations=(),
            scopes=(),
            findings=(),
            request_headers=(),
            methods=("GET", "POST"),
        ),
        api_host="origin.example.com",
        origin_header=("x-bulwark-edge", config.require_secret("secret")),
    ),
)
"""


@pytest.fixture
def edge(program, planted):
    project = program(PROGRAM)
    project.set("own:timeout", 30)
    project.set("own:secret", planted, "--secret")
    project.up()
    return project


def test_a_second_up_changes_nothing_and_all_of_it_can_be_taken_away(edge):
    assert edge.up().changes == {}

    edge.destroy()
    assert edge.resources() == {}


def test_the_secret_is_nowhere_in_the_clear(edge, planted):
    assert [p for p, content in edge.written() if planted.encode() in content] == []
    assert planted not in edge.pulumi("stack", "export").text

    edge.set("own:timeout", 31)
    assert planted not in edge.pulumi("preview", "--diff").text


def test_the_rest_of_the_origin_can_be_read(edge):
    (origin,) = edge.resources()["edge-api-distribution"]["inputs"]["origins"]

    assert origin["domainName"] == "origin.example.com"
    assert "ciphertext" in origin["customHeaders"][0]["value"]


def test_logs_are_taken_away_before_the_distribution(edge):
    edge.destroy()

    gone = [entry["name"] for entry in edge.cloud("delete")]
    order = ["edge-api-access-delivery", "edge-api-access", "edge-api-distribution"]
    assert sorted(order, key=gone.index) == order
