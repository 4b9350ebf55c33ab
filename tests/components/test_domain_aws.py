import pulumi
import pytest

from bulwark_toolkit.preview import Unknown
from pulumi_bulwark.domain import DomainSpec
from pulumi_bulwark.domain.aws import AwsDomain, AwsDomainArgs
from pulumi_bulwark.errors import ConfigError

NAME = "api.example.com"
ZONE = {"name": NAME, "zone_id": "Z0123456789"}
ISSUED = "arn:aws:acm:us-east-1:123456789012:certificate/0b0e1f7c-0000"


@pytest.fixture
def domain(preview):
    def build(*, region="us-east-1", target=None, rendered=True, **spec):
        def program():
            made = AwsDomain("pay", AwsDomainArgs(spec=DomainSpec(**spec), region=region))
            if target:
                made.lead_to(*target)
            pulumi.export("certificate", made.certificate_arn)

        graph = preview(program, rendered=rendered)
        assert not graph.problems
        return graph

    return build


def test_a_certificate_is_proven_in_the_zone_where_its_endpoint_needs_it(domain):
    graph = domain(region="us-east-1", **ZONE)

    certificate, proof = graph["pay-certificate"], graph["pay-proof"]
    assert certificate.inputs["domainName"] == NAME
    assert certificate.inputs["validationMethod"] == "DNS"
    assert certificate.inputs["region"] == graph["pay-issued"].inputs["region"] == "us-east-1"
    assert proof.inputs["zoneId"] == "Z0123456789"
    assert proof.inputs["allowOverwrite"] is True
    assert proof.dependencies == (certificate.urn,)


def test_the_arn_waits_until_the_certificate_is_issued(domain):
    graph = domain(rendered=False, **ZONE)

    assert graph["pay-proof"].urn in graph["pay-issued"].dependencies
    assert graph["pay"].outputs["certificateArn"] == Unknown((graph["pay-issued"].urn,))


def test_a_certificate_that_is_issued_makes_nothing(domain):
    graph = domain(name=NAME, certificate_arn=ISSUED, target=("d1.cloudfront.net", "Z2"))

    assert graph["pay"].outputs["certificateArn"] == ISSUED
    assert [r.name for r in graph.resources if r.type.startswith("aws:")] == []


def test_the_name_leads_to_the_endpoint_over_both_protocols(domain):
    graph = domain(target=("d1.cloudfront.net", "Z2"), **ZONE)

    records = [graph[f"pay-{kind}"].inputs for kind in ("a", "aaaa")]
    assert [r["type"] for r in records] == ["A", "AAAA"]
    assert {r["name"] for r in records} == {NAME}
    assert [r["aliases"] for r in records] == [
        [{"name": "d1.cloudfront.net", "zoneId": "Z2", "evaluateTargetHealth": False}]
    ] * 2


def test_a_zone_of_another_account_is_reached_with_its_role(domain):
    role = "arn:aws:iam::210987654321:role/dns"
    graph = domain(zone_role_arn=role, target=("d1.cloudfront.net", "Z2"), **ZONE)

    provider = graph["pay-zone"]
    assert "roleArn" in str(provider.inputs["assumeRoles"])
    for record in ("pay-proof", "pay-a", "pay-aaaa"):
        assert graph[record].provider == provider.urn
    assert graph["pay-certificate"].provider != provider.urn


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({}, "needs either zoneId"),
        ({"zone_id": "Z1", "certificate_arn": ISSUED}, "needs either zoneId"),
        (
            {"certificate_arn": ISSUED, "zone_role_arn": "arn:aws:iam::210987654321:role/dns"},
            "zoneRoleArn is for a zone in another account",
        ),
    ],
)
def test_a_name_needs_one_way_to_a_certificate(spec, said):
    with pytest.raises(ConfigError, match=said):
        DomainSpec(name=NAME, **spec)


@pytest.mark.parametrize(
    "name", ["", "api", "API.example.com", "-a.example.com", "a b.example.com"]
)
def test_a_name_that_is_none_is_refused(name):
    with pytest.raises(ConfigError, match="name"):
        DomainSpec(name=name, zone_id="Z1")
