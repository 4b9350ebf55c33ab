import pulumi_aws as aws
import pytest

from bulwark_toolkit.compliance import NotKnownError, Subject


def group(cidr):
    entry = {"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_blocks": ["10.0.0.0/8"]}
    entry["cidr_blocks"] += [cidr]
    aws.ec2.SecurityGroup("it", ingress=[entry])


def test_the_items_of_a_list_are_read_one_by_one(preview):
    graph = preview(lambda: group("10.0.0.0/9"))
    subject = Subject(graph["it"], graph)

    assert subject.each("ingress") == ["ingress[0]"]
    assert subject.items("ingress[0].cidrBlocks") == ["10.0.0.0/8", "10.0.0.0/9"]
    assert subject.items("egress") == []


def test_an_item_that_is_not_known_is_said_to_be_so(preview):
    graph = preview(lambda: group(aws.ec2.Vpc("vpc").cidr_block))

    with pytest.raises(NotKnownError) as error:
        Subject(graph["it"], graph).items("ingress[0].cidrBlocks")
    assert error.value.path == "ingress[0].cidrBlocks[1]"
    assert error.value.waits_for == (graph["vpc"].urn,)


@pytest.mark.parametrize("rendered", [False, True])
def test_a_resource_is_named_within_an_input_too(preview, rendered):
    def program():
        template = aws.ec2.LaunchTemplate("template")
        aws.ec2.Instance("it", launch_template={"id": template.id})

    graph = preview(program, rendered=rendered)
    found = Subject(graph["it"], graph).named(
        "aws:ec2/launchTemplate:LaunchTemplate", "launchTemplate.id"
    )

    assert found is not None
    assert found.resource.name == "template"
