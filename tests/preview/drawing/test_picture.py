"""The picture: groups, the way of the requests, and geometry."""

import itertools
import json

import pulumi
import pulumi_aws as aws
import pytest

from bulwark_toolkit.preview.drawing.cards import INSET, LINE, SMALL, TAG, TITLE
from bulwark_toolkit.preview.drawing.failures import Failure
from bulwark_toolkit.preview.drawing.groups import MOST
from bulwark_toolkit.preview.drawing.layers import LAYERS, kind
from bulwark_toolkit.preview.drawing.relations import CLIENTS
from bulwark_toolkit.preview.drawing.scene import Scene
from bulwark_toolkit.preview.drawing.text import width, words


def layers(scene):
    return {group.title: group.layer.key for group in scene.groups}


def arrows(scene):
    return {(scene.name(a.source), scene.name(a.target)): a.label for a in scene.flow.arrows}


def chips(scene, title):
    number = [group.title for group in scene.groups].index(title)
    return [chip.text for row in scene.cards[number].chips for chip in row]


def lines(scene, title):
    number = [group.title for group in scene.groups].index(title)
    return [line.text for line in scene.cards[number].lines]


@pytest.fixture
def shop(preview, front_door):
    return Scene.of(preview(front_door))


def test_each_component_below_the_stack_is_a_part_with_its_layer(shop):
    assert layers(shop) == {
        "Edge": "edge",
        "WAF": "firewall",
        "API": "api",
        "Payments": "compute",
        "Customer identity": "identity",
        "Keys": "keys",
        "Secrets": "secrets",
        "Audit log": "logs",
        "Account": "account",
    }
    assert [r.name for r in shop.frame] == ["project-stack", "shop"]


def test_a_part_that_makes_nothing_is_of_the_layer_that_it_says_itself(preview):
    def program():
        stack = pulumi.ComponentResource("bulwark:index:AzureStack", "dev", None, None)
        for token in ("bulwark:index:AzureCustomerIdentity", "acme:index:Nothing"):
            child = pulumi.ResourceOptions(parent=stack)
            pulumi.ComponentResource(token, token.rpartition(":")[2], None, child)
        aws.s3.Bucket("b")

    found = layers(Scene.of(preview(program)))

    assert found["Customer identity"] == "identity"
    assert found["Nothing"] == "other"


def test_requests_go_from_the_clients_by_edge_and_firewall_to_api_and_backend(shop):
    assert arrows(shop) == {
        ("Clients", "Edge"): "",
        ("Edge", "WAF"): "",
        ("WAF", "API"): "",
        ("API", "Payments"): "",
        ("Clients", "Customer identity"): "sign in",
        ("API", "Customer identity"): "asks who calls",
    }
    order = ["Edge", "WAF", "API", "Payments"]
    titles = [group.title for group in shop.groups]
    boxes = [shop.picture.boxes[n] for n in (CLIENTS, *map(titles.index, order))]
    assert all(a.right < b.x for a, b in itertools.pairwise(boxes))


def test_keys_logs_secrets_and_web_acls_are_told_on_the_cards(shop):
    assert chips(shop, "Edge") == ["Logs to audit log", "Web ACL: edge", "1 note"]
    assert chips(shop, "API") == ["Key: logs", "Logs to audit log", "Web ACL: WAF"]
    assert chips(shop, "Payments") == ["Key: data", "Secret: payment-provider", "1 protected"]
    assert chips(shop, "Customer identity") == ["Web ACL: WAF", "1 protected"]
    assert chips(shop, "Secrets") == ["Key: secrets", "2 protected", "1 loosened"]


def test_a_card_names_first_what_its_group_is_about(shop):
    assert lines(shop, "Edge")[0] == "Distribution"
    assert lines(shop, "WAF")[:3] == ["Web ACL · edge", "Web ACL · api", "Web ACL · pool"]
    assert lines(shop, "Keys") == ["Key · logs", "Key · data", "Key · secrets", "Alias × 3"]


def overlap(a, b):
    return a.x < b.right and b.x < a.right and a.y < b.bottom and b.y < a.bottom


def check_geometry(scene):
    picture = scene.picture
    for a, b in itertools.combinations(picture.boxes.values(), 2):
        assert not overlap(a, b)
    for box in picture.boxes.values():
        assert 0 <= box.x < box.right <= picture.width
        assert 0 <= box.y < box.bottom <= picture.height
    for route in (*picture.arrows, *picture.others):
        ends = (picture.boxes[route.source], picture.boxes[route.target])
        for end, (x, y) in zip(ends, (route.points[0], route.points[-1]), strict=True):
            assert end.x - 2 <= x <= end.right + 2
            assert end.y - 2 <= y <= end.bottom + 2
        for (x, y), (to_x, to_y) in itertools.pairwise(route.points):
            assert abs(x - to_x) <= 1 or abs(y - to_y) <= 1, "a line is straight up or across"
            assert 0 <= min(x, to_x) <= max(x, to_x) <= picture.width
            assert 0 <= min(y, to_y) <= max(y, to_y) <= picture.height


def crossed(scene, routes):
    """Cards that a line runs through."""
    for route in routes:
        for (x, y), (to_x, to_y) in itertools.pairwise(route.points):
            for number, box in scene.picture.boxes.items():
                across = min(x, to_x) < box.right - 2 and max(x, to_x) > box.x + 2
                along = min(y, to_y) < box.bottom - 2 and max(y, to_y) > box.y + 2
                if across and along:
                    yield scene.name(route.source), scene.name(route.target), number


def test_no_card_overlaps_another_and_lines_are_square(shop):
    check_geometry(shop)
    assert list(crossed(shop, shop.picture.arrows)) == []
    assert list(crossed(shop, shop.picture.others)) == []


def test_it_fits_on_a_usual_screen(shop):
    assert shop.picture.width <= 1376
    assert shop.picture.height <= 760


def test_no_text_is_wider_than_its_card(shop):
    for card in shop.cards.values():
        room = card.width - INSET * 2 + 1
        assert width(card.title, TITLE, bold=True) <= room
        assert width(card.about, SMALL) <= room
        assert width(card.tag, TAG, bold=True) <= room
        assert all(width(line.text, LINE) <= room for line in card.lines)


def test_a_backend_that_is_not_in_the_program_is_told_from_the_apis_document(preview):
    answers = [
        {"type": "mock"},
        {"type": "http_proxy", "uri": "https://user:pw@pay.example.com/v1?token=abc"},
    ]
    paths = {
        f"/{n}": {"get": {"x-amazon-apigateway-integration": a}} for n, a in enumerate(answers)
    }

    def build():
        aws.apigateway.RestApi("rest", body=json.dumps({"openapi": "3.0.1", "paths": paths}))

    scene = Scene.of(preview(build))

    assert arrows(scene) == {
        ("Clients", "aws.apigateway"): "",
        ("aws.apigateway", "the backend"): "",
    }
    [place] = scene.flow.outside
    assert place.lines == ("Examples of the document", "pay.example.com")


def test_without_components_resources_are_grouped_by_module(preview):
    def build():
        key = aws.kms.Key("key")
        for n in range(3):
            bucket = aws.s3.Bucket(f"b{n}")
            aws.s3.BucketVersioning(
                f"v{n}", bucket=bucket.id, versioning_configuration={"status": "Enabled"}
            )
            code = {"variables": {"B": bucket.id}}
            aws.lambda_.Function(f"f{n}", role="r", kms_key_arn=key.arn, environment=code)

    scene = Scene.of(preview(build))

    assert layers(scene) == {"aws.lambda": "compute", "aws.s3": "data", "aws.kms": "keys"}
    assert arrows(scene) == {("aws.lambda", "aws.s3"): ""}
    assert chips(scene, "aws.lambda") == ["Key: key"]
    check_geometry(scene)


class Service(pulumi.ComponentResource):
    def __init__(self, name, *needs):
        super().__init__("acme:index:Service", name)
        child = pulumi.ResourceOptions(parent=self)
        needed = {f"N{n}": service.function.arn for n, service in enumerate(needs)}
        self.function = aws.lambda_.Function(
            f"{name}-function", role="r", environment={"variables": needed}, opts=child
        )
        aws.cloudwatch.LogGroup(f"{name}-logs", opts=child)


def test_a_part_that_calls_another_of_its_layer_stands_before_it(preview):
    def build():
        ledger = Service("ledger")
        Service("payments", ledger, Service("fraud", ledger))

    scene = Scene.of(preview(build))

    check_geometry(scene)
    place = {group.name: scene.picture.boxes[n].x for n, group in enumerate(scene.groups)}
    assert place["payments"] < place["fraud"] < place["ledger"]


def test_a_part_with_log_groups_of_its_own_is_logged(preview):
    scene = Scene.of(preview(lambda: Service("ledger")))

    assert chips(scene, "Service") == ["Logged"]


def test_a_thousand_resources_are_a_few_cards(preview):
    def build():
        last = ()
        for n in range(334):
            last = (Service(f"service{n}", *last),)

    graph = preview(build)
    scene = Scene.of(graph)

    assert len(graph.resources) > 1000
    assert [group.title for group in scene.groups] == ["334 × Service"]
    assert lines(scene, "334 × Service") == ["Function × 334", "Log group × 334"]


def test_many_kinds_in_one_layer_end_in_one_card_for_the_rest(preview):
    def build():
        for n in range(40):
            part = pulumi.ComponentResource(f"acme:index:Part{n}", f"part{n}")
            aws.lambda_.Function(f"f{n}", role="r", opts=pulumi.ResourceOptions(parent=part))

    scene = Scene.of(preview(build))

    assert len(scene.groups) == MOST[True]
    assert scene.groups[-1].title == "Other: Backend"
    assert sum(len(group.made) for group in scene.groups) == 40
    check_geometry(scene)


@pytest.mark.parametrize(
    ("token", "layer", "minor"),
    [
        ("aws:cloudfront/distribution:Distribution", "edge", False),
        ("aws:wafv2/webAcl:WebAcl", "firewall", False),
        ("aws:apigateway/restApi:RestApi", "api", False),
        ("aws:apigateway/account:Account", "account", False),
        ("aws:ec2/instance:Instance", "compute", False),
        ("aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults", "account", False),
        ("aws:ec2/vpc:Vpc", "network", False),
        ("aws:s3/bucketVersioning:BucketVersioning", "data", True),
        ("aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock", "account", False),
        ("aws:cloudwatch/logGroup:LogGroup", "logs", True),
        ("aws:cloudwatch/metricAlarm:MetricAlarm", "monitoring", True),
        ("azure-native:cdn:Profile", "edge", False),
        ("azure-native:network/v20240501:WebApplicationFirewallPolicy", "firewall", False),
        ("azure-native:network:VirtualNetwork", "network", False),
        ("azure-native:keyvault:Secret", "secrets", False),
        ("azure-native:app/v20240301:ContainerApp", "compute", False),
        ("azure-native:appconfiguration:ConfigurationStore", "other", False),
        ("azure-native:apimanagement:Api", "api", False),
        ("random:index/randomPassword:RandomPassword", "other", True),
        ("acme:index:Thing", "other", False),
    ],
)
def test_a_type_says_which_layer_it_is_of(token, layer, minor):
    assert (kind(token).layer, kind(token).minor) == (layer, minor)
    assert layer in LAYERS


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("WebAcl", "Web ACL"),
        ("AwsCustomerIdentity", "Customer identity"),
        ("RestApi", "REST API"),
        ("AwsWaf", "WAF"),
        ("IpSet", "IP set"),
        ("AwsomeThing", "Awsome thing"),
        ("", ""),
    ],
)
def test_a_class_is_said_as_a_person_would(name, said):
    assert words(name) == said


def test_what_fails_gravely_colours_its_card_and_is_counted_on_it(preview, front_door):
    graph = preview(front_door)
    (key,) = graph.of_type("aws:kms/key:Key")[:1]
    (bucket, *_) = graph.of_type("aws:s3/bucket:Bucket")

    scene = Scene.of(
        graph,
        {
            key.urn: [Failure("It is so", "Do it.", grave=True)],
            bucket.urn: [Failure("It is so", "Do it.", grave=False)],
        },
    )

    failing = {scene.name(n) for n, card in scene.cards.items() if card.fails}
    assert len(failing) == 1
    tones = {chip.tone for card in scene.cards.values() for row in card.chips for chip in row}
    assert "bad" in tones
    assert scene.about.endswith("2 rules not kept")
