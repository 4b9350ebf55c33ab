import pulumi_aws as aws
import pytest
from rule_cases import test_a_rule_passes_fails_and_does_not_apply  # noqa: F401 asked of this file too

from bulwark_toolkit.compliance.rules import RULES
from bulwark_toolkit.compliance.rules.aws import network

A = "aws.network."
ADMIN = A + "admin-ports-are-closed-to-everybody"
EVERYWHERE = "0.0.0.0/0"


def nothing():
    """A program without a network."""
    aws.sqs.Queue("it")


def entry(first, last=None, source=EVERYWHERE, protocol="tcp"):
    ranges = {"ipv6_cidr_blocks" if ":" in source else "cidr_blocks": [source]}
    return {"protocol": protocol, "from_port": first, "to_port": last or first, **ranges}


def group(*ingress):
    return lambda: aws.ec2.SecurityGroup("it", ingress=list(ingress))


def ingress_rule(**inputs):
    return lambda: aws.vpc.SecurityGroupIngressRule("it", security_group_id="sg-1", **inputs)


def group_rule(**inputs):
    given = {"type": "ingress", "protocol": "tcp", "from_port": 22, "to_port": 22}
    return lambda: aws.ec2.SecurityGroupRule("it", security_group_id="sg-1", **(given | inputs))


def vpc_with(make):
    def program():
        make(aws.ec2.Vpc("it", cidr_block="10.0.0.0/16"))

    return program


def closed(vpc, **inputs):
    return aws.ec2.DefaultSecurityGroup("closed", vpc_id=vpc.id, **inputs)


def logged(kind):
    return vpc_with(
        lambda vpc: aws.ec2.FlowLog(
            "log", vpc_id=vpc.id, traffic_type=kind, log_destination="arn:aws:s3:::logs"
        )
    )


def acl(*ingress):
    return lambda: aws.ec2.NetworkAcl("it", vpc_id="vpc-1", ingress=list(ingress))


def numbered(number, first, last=None, action="allow", **more):
    given = {"rule_no": number, "action": action, "protocol": "tcp", "cidr_block": EVERYWHERE}
    return given | {"from_port": first, "to_port": last or first} | more


def separate(*rules):
    """An ACL with its rules as resources: number, port, action."""

    def program():
        it = aws.ec2.NetworkAcl("it", vpc_id="vpc-1")
        for number, port, action in rules:
            aws.ec2.NetworkAclRule(
                f"rule-{number}",
                network_acl_id=it.id,
                rule_number=number,
                rule_action=action,
                protocol="tcp",
                from_port=port,
                to_port=port,
                cidr_block=EVERYWHERE,
            )

    return program


def subnet(**inputs):
    return lambda: aws.ec2.Subnet("it", vpc_id="vpc-1", cidr_block="10.0.1.0/24", **inputs)


CASES = {
    ADMIN: (group(entry(443), entry(22, source="10.0.0.0/8")), group(entry(22)), group()),
    A + "data-ports-are-closed-to-everybody": (
        group(entry(443)),
        group(entry(5000, 6000)),
        group(),
    ),
    A + "default-group-lets-nothing-through": (
        vpc_with(closed),
        vpc_with(lambda vpc: closed(vpc, ingress=[entry(443)])),
        nothing,
    ),
    A + "vpc-logs-its-flows": (logged("ALL"), logged("ACCEPT"), nothing),
    A + "subnet-gives-no-public-address": (
        subnet(),
        subnet(map_public_ip_on_launch=True),
        nothing,
    ),
    A + "acl-closes-admin-ports": (acl(numbered(1, 443)), acl(numbered(1, 22)), acl()),
}
"""For each rule: a program that passes, one that fails, and one that it does not apply to."""


def test_each_rule_of_the_file_has_its_cases():
    assert {r.id for r in vars(network).values() if r in RULES} == CASES.keys()


@pytest.mark.parametrize(
    ("program", "outcome"),
    [
        (ingress_rule(ip_protocol="tcp", from_port=22, to_port=22, cidr_ipv4=EVERYWHERE), "fail"),
        (ingress_rule(ip_protocol="tcp", from_port=3389, to_port=3389, cidr_ipv6="::/0"), "fail"),
        (ingress_rule(ip_protocol="-1", cidr_ipv4=EVERYWHERE), "fail"),
        (ingress_rule(ip_protocol="-1", referenced_security_group_id="sg-2"), "pass"),
        (group_rule(cidr_blocks=[EVERYWHERE]), "fail"),
        (group_rule(cidr_blocks=["10.0.0.0/8"]), "pass"),
        (group_rule(cidr_blocks=[EVERYWHERE], type="egress"), "not applicable"),
        (group(entry(0, 65535)), "fail"),
        (group(entry(22, source="::/0")), "fail"),
        (group(entry(0, 0, protocol="-1")), "fail"),
        (group(entry(8, -1, protocol="icmp")), "pass"),
    ],
)
def test_an_opening_is_found_however_it_is_written(outcomes, program, outcome):
    assert outcomes(ADMIN, program) == {outcome}


@pytest.mark.parametrize("half", ["0.0.0.0/1", "128.0.0.0/1", "2000::/3"])
def test_half_the_internet_is_as_good_as_all_of_it(outcomes, half):
    assert outcomes(ADMIN, group(entry(22, source=half))) == {"fail"}


def test_a_range_that_is_not_known_is_no_pass(outcomes):
    def program():
        group(entry(22) | {"cidr_blocks": [aws.ec2.Vpc("vpc").cidr_block]})()

    assert outcomes(ADMIN, program, rendered=False) == {"unknown"}


def test_a_default_group_that_nobody_adopts_has_the_rules_of_aws(found):
    program = vpc_with(lambda vpc: None)

    assert found(A + "default-group-lets-nothing-through", program) == [
        ("fail", "it", "defaultSecurityGroupId")
    ]


@pytest.mark.parametrize("of", ["adopted", "vpc"])
def test_a_rule_added_to_the_default_group_from_outside_opens_it(outcomes, of):
    def make(vpc):
        it = closed(vpc)
        given = it.id if of == "adopted" else vpc.default_security_group_id
        aws.vpc.SecurityGroupIngressRule(
            "rule", security_group_id=given, ip_protocol="-1", cidr_ipv4="10.0.0.0/8"
        )

    found = outcomes(A + "default-group-lets-nothing-through", vpc_with(make))
    assert found == {"pass", "fail"}


def test_the_group_of_the_region_s_default_vpc_names_no_vpc(outcomes):
    def program():
        aws.ec2.DefaultVpc("it")
        aws.ec2.DefaultSecurityGroup("group")

    assert outcomes(A + "default-group-lets-nothing-through", program) == {"pass"}


def test_subnets_of_the_default_vpc_give_public_addresses_unless_told_not_to(outcomes):
    def program():
        aws.ec2.DefaultSubnet("it", availability_zone="eu-central-1a")

    assert outcomes(A + "subnet-gives-no-public-address", program) == {"fail"}


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        (acl(numbered(1, 22, action="deny"), numbered(2, 22)), {"pass"}),
        (acl(numbered(2, 22, action="deny"), numbered(1, 22)), {"pass", "fail"}),
        (acl(numbered(1, 22, cidr_block="10.0.0.0/8")), {"pass"}),
        (acl(numbered(1, 0, 0, protocol="-1")), {"fail"}),
        (
            acl(
                numbered(1, 22, action="deny"),
                numbered(2, 22, cidr_block=None, ipv6_cidr_block="::/0"),
            ),
            {"pass", "fail"},
        ),
        (separate((1, 443, "allow")), {"pass"}),
        (separate((1, 22, "deny"), (2, 22, "allow")), {"pass"}),
        (separate((1, 22, "allow")), {"pass", "fail"}),
    ],
)
def test_in_an_acl_the_first_rule_that_matches_decides(outcomes, program, expected):
    assert outcomes(A + "acl-closes-admin-ports", program) == expected


def test_a_rule_of_an_acl_that_is_not_here_is_judged_by_itself(outcomes):
    def program():
        aws.ec2.NetworkAclRule(
            "it",
            network_acl_id="acl-1",
            rule_number=1,
            rule_action="allow",
            protocol="-1",
            cidr_block=EVERYWHERE,
        )

    assert outcomes(A + "acl-closes-admin-ports", program) == {"fail"}
