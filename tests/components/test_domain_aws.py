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


def test_on_aws_a_name_without_one_is_refused_with_its_path(preview):
    spec = DomainSpec(name=NAME)

    with pytest.raises(ConfigError) as error:
        preview(lambda: AwsDomain("pay", AwsDomainArgs(spec=spec, region="us-east-1", at="api")))
    (problem,) = error.value.problems
    assert problem.startswith("api.zoneId: missing. AWS needs either zoneId")


@pytest.mark.parametrize(
    "name", ["", "api", "API.example.com", "-a.example.com", "a b.example.com"]
)
def test_a_name_that_is_none_is_refused(name):
    with pytest.raises(ConfigError, match="name"):
        DomainSpec(name=name, zone_id="Z1")


def test_a_name_that_no_certificate_can_carry_is_refused():
    longest = f"{'a' * 52}.example.com"

    assert DomainSpec(name=longest, zone_id="Z1").name == longest
    with pytest.raises(ConfigError, match="name is 65 characters long"):
        DomainSpec(name=f"a{longest}", zone_id="Z1")
    assert DomainSpec(name=f"a{longest}", certificate_arn=ISSUED)


def test_a_certificate_of_another_region_than_the_endpoints_is_refused_with_its_path(preview):
    args = AwsDomainArgs(
        spec=DomainSpec(name=NAME, certificate_arn=ISSUED),
        region="eu-central-1",
        at="bulwark:api.domain",
    )
    with pytest.raises(ConfigError) as error:
        preview(lambda: AwsDomain("pay", args))

    (problem,) = error.value.problems
    assert problem.startswith("bulwark:api.domain.certificateArn: is in us-east-1")


def test_without_a_zone_a_person_has_to_point_to_the_endpoint_and_that_is_said(domain):
    target = ("d1.cloudfront.net", "Z2")
    without = domain(name=NAME, certificate_arn=ISSUED, target=target)

    assert [n.text for n in without.notes if "leads nowhere" in n.text]
    assert [n.text for n in domain(target=target, **ZONE).notes] == []


def test_only_amazon_issues_certificates_for_the_name_if_asked_for(domain):
    graph = domain(caa=True, **ZONE)

    record = graph["pay-caa"].inputs
    assert (record["type"], record["name"]) == ("CAA", NAME)
    assert record["records"] == ['0 issue "amazon.com"', '0 issuewild ";"']
    # First: a parent's record could forbid it otherwise.
    assert graph["pay-caa"].urn in graph["pay-certificate"].dependencies
    assert "allowOverwrite" not in record
    assert "pay-caa" not in {r.name for r in domain(**ZONE).resources}


def test_a_caa_record_needs_the_zone():
    with pytest.raises(ConfigError, match="caa is a record of the zone"):
        DomainSpec(name=NAME, certificate_arn=ISSUED, caa=True)


def test_it_does_not_wait_for_an_hour_for_a_proof_that_nobody_finds(domain):
    assert domain(**ZONE)["pay-issued"].options.timeouts == {"create": "30m"}


def test_what_is_done_in_the_other_account_has_a_name_in_its_trail(domain):
    graph = domain(zone_role_arn="arn:aws:iam::210987654321:role/dns", **ZONE)

    assert "bulwark-dns" in str(graph["pay-zone"].inputs["assumeRoles"])


def test_a_changed_name_has_its_certificate_before_the_old_one_goes(domain):
    # What uses the old one would keep it from being deleted.
    assert not domain(**ZONE)["pay-certificate"].options.delete_before_replace
