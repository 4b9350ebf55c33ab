import pulumi_aws as aws
from rule_cases import test_a_rule_passes_fails_and_does_not_apply  # noqa: F401 asked of this file too

from bulwark_toolkit.compliance.rules import RULES
from bulwark_toolkit.compliance.rules.aws import domains as rules

D = "aws.domains."


def nothing():
    """A program without names."""
    aws.sqs.Queue("it")


def certificate(**inputs):
    return lambda: aws.acm.Certificate("it", **inputs)


IMPORTED = certificate(certificate_body="-----BEGIN CERTIFICATE-----", private_key="key")
PROVEN = {"domain_name": "example.com", "validation_method": "DNS"}


def zone(**inputs):
    return lambda: aws.route53.Zone("it", name="example.com", **inputs)


PRIVATE = zone(vpcs=[{"vpc_id": "vpc-1"}])


def logged():
    it = aws.route53.Zone("it", name="example.com")
    aws.route53.QueryLog(
        "log",
        zone_id=it.zone_id,
        cloudwatch_log_group_arn="arn:aws:logs:us-east-1:123456789012:log-group:it",
    )


def signed(**inputs):
    def program():
        it = aws.route53.Zone("it", name="example.com")
        aws.route53.HostedZoneDnsSec("dnssec", hosted_zone_id=it.id, **inputs)

    return program


CASES = {
    D + "certificate-renews-itself": (certificate(**PROVEN), IMPORTED, nothing),
    D + "certificate-has-a-strong-key": (
        certificate(**PROVEN),
        certificate(**PROVEN, key_algorithm="RSA_1024"),
        IMPORTED,
    ),
    D + "certificate-is-in-the-public-logs": (
        certificate(**PROVEN),
        certificate(**PROVEN, options={"certificate_transparency_logging_preference": "DISABLED"}),
        IMPORTED,
    ),
    D + "zone-logs-queries": (logged, zone(), PRIVATE),
    D + "zone-is-signed": (signed(), signed(signing_status="NOT_SIGNING"), PRIVATE),
}
"""For each rule: a program that passes, one that fails, and one that it does not apply to."""


def test_each_rule_of_the_file_has_its_cases():
    assert {r.id for r in vars(rules).values() if r in RULES} == CASES.keys()


def test_a_certificate_of_a_private_authority_renews_itself(outcomes):
    authority = "arn:aws:acm-pca:eu-central-1:123456789012:certificate-authority/1"
    program = certificate(domain_name="example.com", certificate_authority_arn=authority)

    assert outcomes(D + "certificate-renews-itself", program) == {"pass"}
