import pytest

from bulwark_toolkit.preview import Unknown
from pulumi_bulwark.domain import DomainSpec
from pulumi_bulwark.domain.azure import AzureDomain, AzureDomainArgs
from pulumi_bulwark.errors import ConfigError

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
OTHER = "00000000-0000-0000-0000-000000000002"
NAME, HOST, ENDPOINT = "api.example.com", "pay.z01.azurefd.net", "/endpoints/pay"


def zone(name="example.com", subscription=SUBSCRIPTION):
    return (
        f"/subscriptions/{subscription}/resourceGroups/dns/providers/Microsoft.Network/"
        f"dnsZones/{name}"
    )


@pytest.fixture
def domain(preview):
    def build(*, name=NAME, rendered=True, **spec):
        args = AzureDomainArgs(
            spec=DomainSpec(name=name, **spec),
            subscription_id=SUBSCRIPTION,
            proof="a-proof",
            endpoint_host=HOST,
            endpoint_id=ENDPOINT,
        )
        graph = preview(lambda: AzureDomain("pay", args), rendered=rendered)
        assert not graph.problems
        return graph

    return build


def test_the_zone_proves_the_name_to_front_door(domain):
    proof = domain(zone_id=zone())["pay-proof"].inputs

    assert (proof["recordType"], proof["relativeRecordSetName"]) == ("TXT", "_dnsauth.api")
    assert proof["txtRecords"] == [{"value": ["a-proof"]}]
    assert (proof["zoneName"], proof["resourceGroupName"]) == ("example.com", "dns")


def test_the_name_leads_to_the_endpoint(domain):
    record = domain(zone_id=zone())["pay-cname"].inputs

    assert (record["recordType"], record["relativeRecordSetName"]) == ("CNAME", "api")
    assert record["cnameRecord"] == {"cname": HOST}


def test_the_name_is_known_once_both_records_are_there(domain):
    graph = domain(zone_id=zone(), rendered=False)

    assert graph["pay"].outputs["name"] == Unknown(
        tuple(graph[record].urn for record in ("pay-cname", "pay-proof"))
    )


def test_a_zone_of_its_own_is_not_taken_for_one_above(domain):
    graph = domain(zone_id=zone("api.example.com"))

    assert graph["pay-proof"].inputs["relativeRecordSetName"] == "_dnsauth"


def test_a_zones_own_name_follows_the_endpoint_since_it_cannot_be_a_cname(domain):
    graph = domain(name="example.com", zone_id=zone())

    for kind in ("a", "aaaa"):
        record = graph[f"pay-{kind}"].inputs
        assert (record["recordType"], record["relativeRecordSetName"]) == (kind.upper(), "@")
        assert record["targetResource"] == {"id": ENDPOINT}
    assert any("wants a new proof" in note.text for note in graph.notes)


def test_a_zone_of_another_subscription_is_reached_there(domain):
    graph = domain(zone_id=zone(subscription=OTHER))

    provider = graph["pay-zone"]
    assert provider.inputs["subscriptionId"] == OTHER
    assert {graph[record].provider for record in ("pay-proof", "pay-cname")} == {provider.urn}
    assert "pay-zone" not in {r.name for r in domain(zone_id=zone()).resources}


def test_without_a_zone_a_person_is_told_what_to_write(domain):
    graph = domain()

    assert [r.name for r in graph.resources if r.type.startswith("azure-native:")] == []
    (note,) = graph.notes
    assert note.text.startswith("api.example.com leads nowhere before its zone has two records")


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"zone_id": "Z1"}, "edge.zoneId: must be the full id of a public DNS zone"),
        ({"zone_id": zone("ample.com")}, "edge.zoneId: is of a zone that the name is not in"),
        ({"zone_id": zone(), "caa": True}, "edge.caa: not on Azure"),
        (
            {"certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/0b0e1f7c-0000"},
            "edge.certificateArn: not on Azure",
        ),
    ],
)
def test_what_azure_does_not_take_is_refused_with_its_path(spec, said):
    (problem,) = DomainSpec(name=NAME, **spec).unsupported("azure", "edge.")

    assert problem.startswith(said)


def test_an_azure_zone_is_none_of_route_53(preview):
    (problem,) = DomainSpec(name=NAME, zone_id=zone()).unsupported("aws", "edge.")

    assert problem.startswith("edge.zoneId: must be a hosted zone's id")


def test_the_component_refuses_it_too(preview):
    args = AzureDomainArgs(
        spec=DomainSpec(name=NAME, zone_id="Z1"),
        subscription_id=SUBSCRIPTION,
        proof="",
        endpoint_host=HOST,
        endpoint_id=ENDPOINT,
    )
    with pytest.raises(ConfigError, match=r"domain\.zoneId"):
        preview(lambda: AzureDomain("pay", args))
