"""Certificates and zones: ACM and Route 53."""

from collections.abc import Iterator
from typing import Final

from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import Subject

CERTIFICATE: Final = "aws:acm/certificate:Certificate"
ZONE: Final = "aws:route53/zone:Zone"
QUERY_LOG: Final = "aws:route53/queryLog:QueryLog"
DNSSEC: Final = "aws:route53/hostedZoneDnsSec:HostedZoneDnsSec"


@rule(
    "aws.domains.certificate-renews-itself",
    CERTIFICATE,
    severity="medium",
    requires="Every certificate is proven by DNS or of a private authority, and so renews itself",
    remediation="Set validationMethod to DNS instead of importing a certificate or mailing.",
    reference="ACM.1",
)
def certificate_renews_itself(certificate: Subject) -> Iterator[Verdict]:
    method = certificate.get("validationMethod")
    private = certificate.has("certificateAuthorityArn")
    yield Verdict(private or method == "DNS", "validationMethod", method)


@rule(
    "aws.domains.certificate-has-a-strong-key",
    CERTIFICATE,
    severity="high",
    requires="Every certificate has a key of 2,048 bits of RSA, or of an elliptic curve",
    remediation="Leave keyAlgorithm out, or set it to RSA_2048 or EC_prime256v1 or more.",
    reference="ACM.2",
)
def certificate_has_a_strong_key(certificate: Subject) -> Iterator[Verdict]:
    # What is imported has its key in text, which is none of ours.
    if not certificate.has("certificateBody"):
        algorithm = certificate.get("keyAlgorithm", "RSA_2048")
        yield Verdict(algorithm != "RSA_1024", "keyAlgorithm", algorithm)


@rule(
    "aws.domains.certificate-is-in-the-public-logs",
    CERTIFICATE,
    severity="medium",
    requires="Every public certificate is in the transparency logs",
    remediation="Leave options.certificateTransparencyLoggingPreference out; browsers refuse a "
    "certificate that is not there.",
    reference="PCI 4.2.1.1",
)
def certificate_is_in_the_public_logs(certificate: Subject) -> Iterator[Verdict]:
    if certificate.has("validationMethod"):
        at = "options.certificateTransparencyLoggingPreference"
        logged = certificate.get(at, "ENABLED")
        yield Verdict(logged == "ENABLED", at, logged)


@rule(
    "aws.domains.zone-logs-queries",
    ZONE,
    severity="low",
    requires="Every public zone logs what is asked of it",
    remediation="Add a QueryLog with the zone's id and a log group in us-east-1.",
    reference="Route53.2",
    alone=False,
)
def zone_logs_queries(zone: Subject) -> Iterator[Verdict]:
    if not zone.has("vpcs"):
        found = zone.attached(QUERY_LOG, by="zoneId")
        yield Verdict(bool(found), "queryLog", [each.resource.name for each in found])


@rule(
    "aws.domains.zone-is-signed",
    ZONE,
    severity="low",
    requires="Every public zone signs its answers",
    remediation="Add a KeySigningKey and a HostedZoneDnsSec with the status SIGNING.",
    reference="RFC 4033",
    alone=False,
)
def zone_is_signed(zone: Subject) -> Iterator[Verdict]:
    if not zone.has("vpcs"):
        found = [
            each.get("signingStatus", "SIGNING") for each in zone.attached(DNSSEC, "hostedZoneId")
        ]
        yield Verdict(found == ["SIGNING"], "signingStatus", found)
