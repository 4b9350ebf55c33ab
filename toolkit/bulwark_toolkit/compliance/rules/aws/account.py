"""What exists once in an AWS account, or once in each of its regions."""

from collections.abc import Iterator
from typing import Final

from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import Subject

PASSWORDS: Final = "aws:iam/accountPasswordPolicy:AccountPasswordPolicy"
PUBLIC_ACCESS: Final = "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock"
DISKS: Final = "aws:ebs/encryptionByDefault:EncryptionByDefault"
SNAPSHOTS: Final = "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess"
IMAGES: Final = "aws:ec2/imageBlockPublicAccess:ImageBlockPublicAccess"
METADATA: Final = "aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults"
CONSOLE: Final = "aws:ec2/serialConsoleAccess:SerialConsoleAccess"
CONTACT: Final = "aws:account/alternativeContact:AlternativeContact"
ANALYZER: Final = "aws:accessanalyzer/analyzer:Analyzer"

_SHORTEST_PASSWORD: Final = 14
_REMEMBERED: Final = 24
_OLDEST_DAYS: Final = 90
_HOPS: Final = 2


_UNUSED_DAYS: Final = 90
"""PCI DSS 8.2.6; AWS's own value as well."""


@rule(
    "aws.account.passwords-are-long",
    PASSWORDS,
    severity="medium",
    requires="Passwords of IAM users have 14 characters or more",
    remediation="Set minimumPasswordLength to 14 or more.",
    reference="IAM.15",
)
def passwords_are_long(policy: Subject) -> Iterator[Verdict]:
    length = policy.get("minimumPasswordLength", 6)
    yield Verdict(length >= _SHORTEST_PASSWORD, "minimumPasswordLength", length)


@rule(
    "aws.account.passwords-mix-characters",
    PASSWORDS,
    severity="medium",
    requires="Passwords of IAM users have small and capital letters, digits and symbols",
    remediation="Set all four require… to true: what is left out is off.",
    reference="IAM.7",
)
def passwords_mix_characters(policy: Subject) -> Iterator[Verdict]:
    for kind in ("LowercaseCharacters", "UppercaseCharacters", "Numbers", "Symbols"):
        value = policy.get(f"require{kind}", False)
        yield Verdict(value is True, f"require{kind}", value)


@rule(
    "aws.account.passwords-are-not-used-again",
    PASSWORDS,
    severity="low",
    requires="No IAM user takes one of the last 24 passwords again",
    remediation="Set passwordReusePrevention to 24.",
    reference="IAM.16",
)
def passwords_are_not_used_again(policy: Subject) -> Iterator[Verdict]:
    count = policy.get("passwordReusePrevention", 0)
    yield Verdict(count >= _REMEMBERED, "passwordReusePrevention", count)


@rule(
    "aws.account.passwords-expire",
    PASSWORDS,
    severity="low",
    requires="Passwords of IAM users expire after 90 days or sooner",
    remediation="Set maxPasswordAge to 90 or less.",
    reference="PCI 8.3.9",
)
def passwords_expire(policy: Subject) -> Iterator[Verdict]:
    days = policy.get("maxPasswordAge", 0)  # 0: never
    yield Verdict(0 < days <= _OLDEST_DAYS, "maxPasswordAge", days)


@rule(
    "aws.account.people-change-their-own-passwords",
    PASSWORDS,
    severity="low",
    requires="Every IAM user can change a password that others may know, or that has expired",
    remediation="Leave allowUsersToChangePassword true and hardExpiry false.",
    reference="PCI 8.3.6",
)
def people_change_their_own_passwords(policy: Subject) -> Iterator[Verdict]:
    may = policy.get("allowUsersToChangePassword", True)
    yield Verdict(may is True, "allowUsersToChangePassword", may)
    hard = policy.get("hardExpiry", False)
    yield Verdict(hard is not True, "hardExpiry", hard)


@rule(
    "aws.account.no-bucket-becomes-public",
    PUBLIC_ACCESS,
    severity="high",
    requires="The account blocks public access to all of its buckets, in all four ways",
    remediation="Set all four to true.",
    reference="S3.1",
)
def no_bucket_becomes_public(block: Subject) -> Iterator[Verdict]:
    blocks = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    for name in blocks:
        value = block.get(name, False)
        yield Verdict(value is True, name, value)


@rule(
    "aws.account.new-disks-are-encrypted",
    DISKS,
    severity="medium",
    requires="Every new disk of the region is encrypted, whoever makes it",
    remediation="Leave enabled true.",
    reference="EC2.7",
)
def new_disks_are_encrypted(disks: Subject) -> Iterator[Verdict]:
    value = disks.get("enabled", True)
    yield Verdict(value is True, "enabled", value)


@rule(
    "aws.account.no-snapshot-is-public",
    SNAPSHOTS,
    severity="high",
    requires="No snapshot of a disk is public, neither a new one nor one that was shared before",
    remediation="Set state to block-all-sharing.",
    reference="EC2.182",
)
def no_snapshot_is_public(snapshots: Subject) -> Iterator[Verdict]:
    state = snapshots.get("state")
    yield Verdict(state == "block-all-sharing", "state", state)


@rule(
    "aws.account.no-image-becomes-public",
    IMAGES,
    severity="medium",
    requires="No machine image can be made public",
    remediation="Set state to block-new-sharing.",
    reference="PCI 7.3.3",
)
def no_image_becomes_public(images: Subject) -> Iterator[Verdict]:
    state = images.get("state")
    yield Verdict(state == "block-new-sharing", "state", state)


@rule(
    "aws.account.new-machines-need-a-token-for-metadata",
    METADATA,
    severity="high",
    requires="New machines give their credentials only to who has a token (IMDSv2), two hops away "
    "at most",
    remediation="Set httpTokens to required, and httpPutResponseHopLimit to 1, or to 2 for "
    "containers.",
    reference="EC2.8",
)
def new_machines_need_a_token_for_metadata(defaults: Subject) -> Iterator[Verdict]:
    tokens = defaults.get("httpTokens", "no-preference")
    yield Verdict(tokens == "required", "httpTokens", tokens)
    hops = defaults.get("httpPutResponseHopLimit", -1)  # no preference: EC2's own is 1, or 2
    yield Verdict(hops <= _HOPS, "httpPutResponseHopLimit", hops)


@rule(
    "aws.account.serial-console-is-off",
    CONSOLE,
    severity="medium",
    requires="Nobody reaches a machine by its serial console, past the network's rules",
    remediation="Set enabled to false.",
    reference="PCI 2.2.4",
)
def serial_console_is_off(console: Subject) -> Iterator[Verdict]:
    value = console.get("enabled", True)
    yield Verdict(value is False, "enabled", value)


@rule(
    "aws.account.what-nobody-uses-is-found",
    ANALYZER,
    severity="low",
    requires="An analyzer of unused access tells what was not used for ninety days",
    remediation="Set configuration.unusedAccess.unusedAccessAge to 90 or less.",
    reference="PCI 8.2.6",
)
def what_nobody_uses_is_found(analyzer: Subject) -> Iterator[Verdict]:
    if analyzer.get("type", "ACCOUNT").endswith("UNUSED_ACCESS"):
        at = "configuration.unusedAccess.unusedAccessAge"
        days = analyzer.get(at, _UNUSED_DAYS)
        yield Verdict(days <= _UNUSED_DAYS, at, days)


@rule(
    "aws.account.what-is-shared-is-found",
    DISKS,
    PUBLIC_ACCESS,
    severity="medium",
    requires="Who owns an account's settings has an analyzer of what is shared with others",
    remediation="Add an Access Analyzer of the type ACCOUNT or ORGANIZATION.",
    reference="CIS AWS 1.19",
    alone=False,
)
def what_is_shared_is_found(setting: Subject) -> Iterator[Verdict]:
    analyzers = [Subject(one, setting.graph) for one in setting.graph.of_type(ANALYZER)]
    for analyzer in analyzers:
        kind = analyzer.get("type", "ACCOUNT")
        if kind in ("ACCOUNT", "ORGANIZATION"):
            yield Verdict(True, "type", kind, urn=analyzer.urn)
            return
    yield Verdict(False, "", text="the program has no analyzer of external access")


@rule(
    "aws.account.aws-knows-whom-to-warn",
    PASSWORDS,
    severity="medium",
    requires="Who owns an account's settings has registered a security contact",
    remediation="Add an account.AlternativeContact of type SECURITY, or waive this where the "
    "organisation keeps contacts.",
    reference="CIS AWS 1.2",
    alone=False,
)
def aws_knows_whom_to_warn(setting: Subject) -> Iterator[Verdict]:
    for contact in setting.graph.of_type(CONTACT):
        if contact.inputs.get("alternateContactType") == "SECURITY":
            yield Verdict(True, "", contact.name, urn=contact.urn)
            return
    yield Verdict(False, "", text="the program has no security contact")
