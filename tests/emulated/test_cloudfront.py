"""CloudFront, its certificates, names and logs: what is sent arrives, and comes back."""

import dataclasses
from pathlib import Path

import pulumi
import pulumi_aws as aws
import pytest
from botocore.session import get_session

from bulwark_toolkit.emulated.build import fit
from pulumi_bulwark.edge import EdgeSpec, GeoSpec, SiteSpec
from pulumi_bulwark.edge.aws import AwsEdge, AwsEdgeArgs
from pulumi_bulwark.log_group.aws import AwsLogStore
from pulumi_bulwark.object_store import ObjectStoreSpec
from pulumi_bulwark.object_store.aws import AwsObjectStore, AwsObjectStoreArgs
from pulumi_bulwark.object_store.aws_policy import Delivery
from pulumi_bulwark.openapi import Document

TAGS = {"owner": "platform@example.com", "cost-center": "4711"}
REGION = {"aws:region": "eu-central-1"}
EDGE = "us-east-1"
CONFIG = get_session().get_service_model("cloudfront").shape_for("DistributionConfig")


def behaviour(origin, **more):
    return {
        "target_origin_id": origin,
        "viewer_protocol_policy": "https-only",
        "allowed_methods": ["GET", "HEAD", "OPTIONS"],
        "cached_methods": ["GET", "HEAD"],
        "cache_policy_id": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
        "compress": True,
    } | more


def distributions():
    control = aws.cloudfront.OriginAccessControl(
        "control",
        description="files",
        origin_access_control_origin_type="s3",
        signing_behavior="always",
        signing_protocol="sigv4",
    )
    files = aws.s3.Bucket("files")
    headers = aws.cloudfront.ResponseHeadersPolicy(
        "headers",
        comment="headers",
        security_headers_config={
            "content_type_options": {"override": True},
            "strict_transport_security": {
                "access_control_max_age_sec": 31_536_000,
                "override": True,
            },
        },
        custom_headers_config={"items": [{"header": "X-A", "value": "1", "override": True}]},
        remove_headers_config={"items": [{"header": "Server"}]},
    )
    kept = aws.cloudfront.CachePolicy(
        "kept",
        min_ttl=0,
        default_ttl=60,
        max_ttl=60,
        parameters_in_cache_key_and_forwarded_to_origin={
            "cookies_config": {"cookie_behavior": "none"},
            "headers_config": {"header_behavior": "whitelist", "headers": {"items": ["Origin"]}},
            "query_strings_config": {"query_string_behavior": "all"},
            "enable_accept_encoding_gzip": True,
        },
    )
    api = {
        "origin_id": "api",
        "domain_name": "api.example.com",
        "origin_path": "/live",
        "custom_headers": [{"name": "x-bulwark-edge", "value": pulumi.Output.secret("s3cr3t")}],
        "custom_origin_config": {
            "http_port": 80,
            "https_port": 443,
            "origin_protocol_policy": "https-only",
            "origin_ssl_protocols": ["TLSv1.2"],
            "origin_read_timeout": 30,
        },
    }
    made = aws.cloudfront.Distribution(
        "distribution",
        comment="everything",
        enabled=True,
        is_ipv6_enabled=True,
        http_version="http2and3",
        price_class="PriceClass_100",
        default_root_object="index.html",
        aliases=["api.example.com"],
        origins=[
            api,
            {
                "origin_id": "files",
                "domain_name": files.bucket_regional_domain_name,
                "origin_access_control_id": control.id,
            },
        ],
        default_cache_behavior=behaviour("api", response_headers_policy_id=headers.id),
        ordered_cache_behaviors=[
            behaviour("files", path_pattern="/files/*", cache_policy_id=kept.id)
        ],
        custom_error_responses=[
            {"error_code": 500, "error_caching_min_ttl": 0},
            {"error_code": 404, "response_code": 200, "response_page_path": "/index.html"},
        ],
        restrictions={"geo_restriction": {"restriction_type": "whitelist", "locations": ["DE"]}},
        viewer_certificate={
            "acm_certificate_arn": f"arn:aws:acm:{EDGE}:123456789012:certificate/a",
            "minimum_protocol_version": "TLSv1.2_2021",
            "ssl_support_method": "sni-only",
        },
        web_acl_id=f"arn:aws:wafv2:{EDGE}:123456789012:global/webacl/a/b",
        wait_for_deployment=True,
        tags=TAGS,
    )
    aws.cloudfront.Distribution(
        "plain",
        enabled=False,
        origins=[api],
        default_cache_behavior=behaviour("api"),
        restrictions={"geo_restriction": {"restriction_type": "none"}},
        viewer_certificate={"cloudfront_default_certificate": True},
    )
    status = {"realtime_metrics_subscription_status": "Enabled"}
    aws.cloudfront.MonitoringSubscription(
        "metrics",
        distribution_id=made.id,
        monitoring_subscription={"realtime_metrics_subscription_config": status},
    )


def names():
    zone = aws.route53.Zone("zone", name="example.com", comment="ours", force_destroy=True)
    certificate = aws.acm.Certificate(
        "certificate",
        domain_name="api.example.com",
        validation_method="DNS",
        key_algorithm="RSA_2048",
        region=EDGE,
        tags=TAGS,
    )
    proof = certificate.domain_validation_options[0]
    record = aws.route53.Record(
        "proof",
        zone_id=zone.zone_id,
        name=proof.resource_record_name,
        type=proof.resource_record_type,
        records=[proof.resource_record_value],
        ttl=300,
        allow_overwrite=True,
    )
    aws.acm.CertificateValidation(
        "issued",
        certificate_arn=certificate.arn,
        validation_record_fqdns=[record.fqdn],
        region=EDGE,
    )
    target = {
        "name": "d1.cloudfront.net",
        "zone_id": "Z2FDTNDATAQYW2",
        "evaluate_target_health": False,
    }
    aws.route53.Record(
        "alias", zone_id=zone.zone_id, name="api.example.com", type="A", aliases=[target]
    )


def logs():
    distribution = aws.cloudfront.Distribution(
        "distribution",
        enabled=True,
        origins=[{"origin_id": "api", "domain_name": "api.example.com"}],
        default_cache_behavior=behaviour("api"),
        restrictions={"geo_restriction": {"restriction_type": "none"}},
        viewer_certificate={"cloudfront_default_certificate": True},
    )
    group = aws.cloudwatch.LogGroup("group", region=EDGE)
    source = aws.cloudwatch.LogDeliverySource(
        "source",
        log_type="ACCESS_LOGS",
        resource_arn=distribution.arn,
        region=EDGE,
        tags=TAGS,
    )
    destination = aws.cloudwatch.LogDeliveryDestination(
        "destination",
        output_format="plain",
        delivery_destination_configuration={"destination_resource_arn": group.arn},
        region=EDGE,
        tags=TAGS,
    )
    aws.cloudwatch.LogDelivery(
        "delivery",
        delivery_source_name=source.name,
        delivery_destination_arn=destination.arn,
        record_fields=["date", "time", "sc-status"],
        field_delimiter=",",
        region=EDGE,
        tags=TAGS,
    )


PROGRAMS = [distributions, names, logs]


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_correct_program_is_deployed_and_read_back(deployed, program):
    deployed(program, config=REGION)


@pytest.mark.parametrize("program", PROGRAMS)
def test_what_the_tables_say_about_moto_is_still_true(deployed, program):
    assert deployed(program, config=REGION).stale == []


def test_a_list_says_how_long_it_is():
    assert fit({"aliases": ["a", "b"]}, CONFIG, {}) == {
        "Aliases": {"Quantity": 2, "Items": ["a", "b"]}
    }


def test_a_list_beside_other_settings_says_so_there():
    none = {"restrictions": {"geoRestriction": {"restrictionType": "none"}}}
    some = {"restrictions": {"geoRestriction": {"restrictionType": "none", "locations": ["DE"]}}}
    names = {"locations": "Items"}

    for given, expected in ((none, {"Quantity": 0}), (some, {"Quantity": 1, "Items": ["DE"]})):
        made = fit(given, CONFIG, names)["Restrictions"]["GeoRestriction"]
        assert made == {"RestrictionType": "none"} | expected


def test_two_inputs_can_be_one_structure_in_either_order():
    both = {"allowedMethods": ["GET", "HEAD"], "cachedMethods": ["GET"]}
    names = {"cachedMethods": "AllowedMethods.CachedMethods"}

    for given in (both, dict(reversed(both.items()))):
        made = fit({"defaultCacheBehavior": given}, CONFIG, names)["DefaultCacheBehavior"]
        assert made["AllowedMethods"] == {
            "Quantity": 2,
            "Items": ["GET", "HEAD"],
            "CachedMethods": {"Quantity": 1, "Items": ["GET"]},
        }


def test_what_cloudfront_does_not_know_is_refused(problems):
    def program():
        aws.cloudfront.Distribution(
            "it",
            enabled=True,
            http_version="http4",
            origins=[{"origin_id": "api", "domain_name": "api.example.com"}],
            default_cache_behavior=behaviour("api"),
            restrictions={"geo_restriction": {"restriction_type": "none"}},
            viewer_certificate={"cloudfront_default_certificate": True},
        )

    (found,) = problems(program)
    assert "DistributionConfig.HttpVersion: must be one of" in found


# Our own

DOCUMENT = Document(
    source=Path("payments.yaml"),
    title="Payments",
    version="1",
    body={},
    scheme=None,
    api_key_scheme=None,
    operations=(),
    scopes=(),
    findings=(),
    request_headers=("Idempotency-Key",),
    methods=("GET", "POST"),
)


def store(region):
    return AwsLogStore(
        account_id="123456789012",
        region=region,
        partition="aws",
        key_arn=f"arn:aws:kms:{region}:123456789012:key/00000000-0000-0000-0000-000000000000",
        retention_days=400,
        access_logs_id="access-logs",
        deletion_protection=True,
    )


def access_logs():
    takes = Delivery(
        sid="AccessLogs",
        service="logging.s3.amazonaws.com",
        prefixes=["s3"],
        condition={"StringEquals": {"aws:SourceAccount": "123456789012"}},
        checks=(),
        gives_ownership=False,
    )
    return AwsObjectStore(
        "logs",
        AwsObjectStoreArgs(spec=ObjectStoreSpec(), region="eu-central-1", deliveries=[takes]),
    )


@pytest.mark.parametrize(
    "spec",
    [
        EdgeSpec(),
        EdgeSpec(
            site=SiteSpec(error_page="/error.html"),
            geo=GeoSpec(deny=("KP",)),
            extra_metrics=True,
        ),
        EdgeSpec(site=SiteSpec(single_page=True), cached_paths=()),
    ],
)
def test_the_edge_is_deployed_and_read_back(deployed, spec):
    def program():
        logs = access_logs()
        AwsEdge(
            "it",
            AwsEdgeArgs(
                spec=spec,
                store=dataclasses.replace(store("eu-central-1"), access_logs_id=logs.id),
                edge_store=store(EDGE),
                document=DOCUMENT,
                api_host="origin.example.com",
                api_path="/live",
                origin_header=("x-bulwark-edge", pulumi.Output.secret("s3cr3t")),
                web_acl_arn=f"arn:aws:wafv2:{EDGE}:123456789012:global/webacl/a/b",
            ),
        )

    deployed(program, config=REGION)
