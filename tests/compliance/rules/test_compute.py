import pulumi_aws as aws
import pytest
from rule_cases import test_a_rule_passes_fails_and_does_not_apply  # noqa: F401 asked of this file too

from bulwark_toolkit.compliance.rules import RULES
from bulwark_toolkit.compliance.rules.aws import compute

A = "aws.compute."
PUBLIC = A + "machine-has-no-public-address"
TOKENS = {"http_tokens": "required"}


def nothing():
    """A program without a machine."""
    aws.sqs.Queue("it")


def machine(**inputs):
    given = {"ami": "ami-1", "instance_type": "t4g.small"} | inputs
    return lambda: aws.ec2.Instance("it", **given)


def template(**inputs):
    return lambda: aws.ec2.LaunchTemplate("it", **inputs)


def from_template(**inputs):
    def program():
        made = aws.ec2.LaunchTemplate("template", **inputs)
        aws.ec2.Instance("it", launch_template={"id": made.id, "version": "$Latest"})

    return program


def in_subnet(**inputs):
    def program():
        subnet = aws.ec2.Subnet("subnet", vpc_id="vpc-1", cidr_block="10.0.1.0/24", **inputs)
        machine(subnet_id=subnet.id)()

    return program


def beside(make, program):
    """What is made in the same region."""

    def both():
        make()
        program()

    return both


def volume(**inputs):
    return lambda: aws.ebs.Volume("it", availability_zone="eu-central-1a", **inputs)


CASES = {
    A + "metadata-needs-a-token": (machine(metadata_options=TOKENS), machine(), nothing),
    A + "volumes-are-encrypted": (
        machine(root_block_device={"encrypted": True}),
        machine(),
        template(),
    ),
    PUBLIC: (
        machine(associate_public_ip_address=False),
        machine(associate_public_ip_address=True),
        nothing,
    ),
    A + "template-gives-no-public-address": (
        template(network_interfaces=[{"associate_public_ip_address": "false"}]),
        template(network_interfaces=[{"associate_public_ip_address": "true"}]),
        template(),
    ),
    A + "nobody-shares-a-key-pair": (machine(), template(key_name="team"), nothing),
    A + "machine-has-a-role": (machine(iam_instance_profile="payments"), machine(), nothing),
}
"""For each rule: a program that passes, one that fails, and one that it does not apply to."""


def test_each_rule_of_the_file_has_its_cases():
    assert {r.id for r in vars(compute).values() if r in RULES} == CASES.keys()


@pytest.mark.parametrize(
    ("program", "outcome"),
    [
        (machine(metadata_options={"http_endpoint": "disabled"}), "pass"),
        (from_template(metadata_options=TOKENS), "pass"),
        (from_template(), "fail"),
        (machine(launch_template={"id": "lt-1"}), "unknown"),
        (machine(launch_template={"id": "lt-1"}, metadata_options=TOKENS), "pass"),
        (
            beside(lambda: aws.ec2.InstanceMetadataDefaults("all", **TOKENS), machine()),
            "pass",
        ),
        (
            beside(
                lambda: aws.ec2.InstanceMetadataDefaults("all", http_tokens="no-preference"),
                machine(),
            ),
            "fail",
        ),
    ],
)
def test_tokens_are_asked_for_by_machine_template_or_region(outcomes, program, outcome):
    assert outcomes(A + "metadata-needs-a-token", program) == {outcome}


def mapping(**ebs):
    return template(block_device_mappings=[{"device_name": "/dev/sdb", "ebs": ebs}])


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        (volume(encrypted=True), {"pass"}),
        (volume(), {"fail"}),
        (volume(snapshot_id="snap-1"), {"unknown"}),
        (mapping(encrypted="true"), {"pass"}),
        (mapping(volume_size=8), {"fail"}),
        (
            machine(
                root_block_device={"encrypted": True},
                ebs_block_devices=[{"device_name": "/dev/sdb"}],
            ),
            {"pass", "fail"},
        ),
        (beside(lambda: aws.ebs.EncryptionByDefault("all"), machine()), {"pass"}),
        (beside(lambda: aws.ebs.EncryptionByDefault("all", enabled=False), machine()), {"fail"}),
    ],
)
def test_every_volume_is_judged_wherever_it_is_made(outcomes, program, expected):
    assert outcomes(A + "volumes-are-encrypted", program) == expected


@pytest.mark.parametrize(
    ("program", "outcome"),
    [
        (in_subnet(), "pass"),
        (in_subnet(map_public_ip_on_launch=True), "fail"),
        (machine(subnet_id="subnet-1"), "unknown"),
        (machine(), "fail"),
    ],
)
def test_a_machine_that_does_not_say_takes_what_its_subnet_gives(outcomes, program, outcome):
    assert outcomes(PUBLIC, program) == {outcome}


def test_an_elastic_address_is_public_too(found):
    def program():
        it = aws.ec2.Instance("it", associate_public_ip_address=False)
        aws.ec2.Eip("address", instance=it.id)

    assert found(PUBLIC, program)[1:] == [("fail", "address", "instance")]


def test_a_template_gives_the_role_in_the_machine_s_place(outcomes):
    program = from_template(iam_instance_profile={"name": "payments"})

    assert outcomes(A + "machine-has-a-role", program) == {"pass"}
