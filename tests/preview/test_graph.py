import pulumi
import pulumi_aws as aws
import pytest


@pytest.fixture
def graph(preview):
    """A chain: the alias is of the key, the bucket waits for the alias."""

    def program():
        key = aws.kms.Key("key")
        alias = aws.kms.Alias("alias", target_key_id=key.key_id)
        aws.s3.Bucket("bucket", opts=pulumi.ResourceOptions(depends_on=[alias]))

    return preview(program)


def test_dependents_are_what_is_made_of_a_resource_or_waits_for_it(graph):
    assert graph.dependents(graph["key"].urn) == [graph["alias"]]
    assert graph.dependents(graph["alias"].urn) == [graph["bucket"]]
    assert graph.dependents(graph["bucket"].urn) == []


def test_a_resource_waits_for_what_is_far_too(graph):
    assert graph.waits_for(graph["bucket"].urn) == {graph["alias"].urn, graph["key"].urn}
    assert graph.waits_for(graph["key"].urn) == set()


def test_resources_of_a_type_come_in_the_programs_order(graph):
    assert graph.of_type("aws:kms/key:Key") == [graph["key"]]
    assert graph.of_type("aws:kms/replicaKey:ReplicaKey") == []
