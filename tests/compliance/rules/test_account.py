import pulumi_aws as aws
from rule_cases import test_a_rule_passes_fails_and_does_not_apply  # noqa: F401 asked of this file too

from bulwark_toolkit.compliance.rules import RULES
from bulwark_toolkit.compliance.rules.aws import account

A = "aws.account."
ALL = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
CHARACTERS = ("lowercase_characters", "uppercase_characters", "numbers", "symbols")


def nothing():
    """A program that leaves the account alone."""
    aws.s3.Bucket("it")


def passwords(**inputs):
    return lambda: aws.iam.AccountPasswordPolicy("it", **inputs)


def public_access(**inputs):
    return lambda: aws.s3.AccountPublicAccessBlock("it", **inputs)


def disks(**inputs):
    return lambda: aws.ebs.EncryptionByDefault("it", **inputs)


def snapshots(state):
    return lambda: aws.ebs.SnapshotBlockPublicAccess("it", state=state)


def images(state):
    return lambda: aws.ec2.ImageBlockPublicAccess("it", state=state)


def metadata(**inputs):
    return lambda: aws.ec2.InstanceMetadataDefaults("it", **inputs)


def console(**inputs):
    return lambda: aws.ec2.SerialConsoleAccess("it", **inputs)


def unused(days):
    return lambda: aws.accessanalyzer.Analyzer(
        "it",
        analyzer_name="it",
        type="ACCOUNT_UNUSED_ACCESS",
        configuration={"unused_access": {"unused_access_age": days}},
    )


def with_analyzer(kind):
    def program():
        aws.ebs.EncryptionByDefault("it")
        aws.accessanalyzer.Analyzer("analyzer", analyzer_name="it", type=kind)

    return program


def with_contact(kind):
    def program():
        aws.iam.AccountPasswordPolicy("it")
        aws.account.AlternativeContact(
            "contact",
            alternate_contact_type=kind,
            name="Security desk",
            title="Duty officer",
            email_address="security@example.com",
            phone_number="+49 30 0100",
        )

    return program


CASES = {
    A + "passwords-are-long": (passwords(minimum_password_length=14), passwords(), nothing),
    A + "passwords-mix-characters": (
        passwords(**{f"require_{kind}": True for kind in CHARACTERS}),
        passwords(**{f"require_{kind}": True for kind in CHARACTERS[1:]}),
        nothing,
    ),
    A + "passwords-are-not-used-again": (
        passwords(password_reuse_prevention=24),
        passwords(),
        nothing,
    ),
    A + "passwords-expire": (passwords(max_password_age=90), passwords(), nothing),
    A + "people-change-their-own-passwords": (passwords(), passwords(hard_expiry=True), nothing),
    A + "no-bucket-becomes-public": (
        public_access(**dict.fromkeys(ALL, True)),
        public_access(**dict.fromkeys(ALL[1:], True)),
        nothing,
    ),
    A + "new-disks-are-encrypted": (disks(), disks(enabled=False), nothing),
    A + "no-snapshot-is-public": (
        snapshots("block-all-sharing"),
        snapshots("block-new-sharing"),
        nothing,
    ),
    A + "no-image-becomes-public": (images("block-new-sharing"), images("unblocked"), nothing),
    A + "new-machines-need-a-token-for-metadata": (
        metadata(http_tokens="required", http_put_response_hop_limit=2),
        metadata(http_tokens="required", http_put_response_hop_limit=5),
        nothing,
    ),
    A + "serial-console-is-off": (console(enabled=False), console(), nothing),
    A + "what-nobody-uses-is-found": (unused(90), unused(180), with_analyzer("ACCOUNT")),
    A + "aws-knows-whom-to-warn": (with_contact("SECURITY"), with_contact("BILLING"), nothing),
    A + "what-is-shared-is-found": (with_analyzer("ACCOUNT"), disks(), nothing),
}
"""For each rule: a program that passes, one that fails, and one that it does not apply to."""


def test_each_rule_of_the_file_has_its_cases():
    assert {r.id for r in vars(account).values() if r in RULES} == CASES.keys()


def test_a_password_of_age_nought_never_expires(outcomes):
    assert outcomes(A + "passwords-expire", passwords(max_password_age=0)) == {"fail"}


def test_no_preference_is_not_to_require_a_token(outcomes):
    assert "fail" in outcomes(A + "new-machines-need-a-token-for-metadata", metadata())


def test_an_analyzer_of_unused_access_finds_nothing_that_is_shared(outcomes):
    program = with_analyzer("ACCOUNT_UNUSED_ACCESS")

    assert outcomes(A + "what-is-shared-is-found", program) == {"fail"}
