"""What exists once in an AWS account, or once in each of its regions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from .. import notes
from ..naming import physical
from ..role.aws import AwsRole, AwsRoleArgs, service_trust
from .spec import AccountSpec, Manage


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsAccountArgs:
    spec: AccountSpec
    boundary_arn: pulumi.Input[str]
    """Permissions boundary of the role with which API Gateway writes its logs."""
    partition: str = "aws"
    """AWS partition, the second part of every ARN."""


class AwsAccount(pulumi.ComponentResource):
    """The account's own settings, as far as this stack owns them (`account.manage`).

    They are retained when the stack is destroyed: other environments of the account rely on them,
    and deleting one would reset it to AWS's default, for all. API Gateway's log role and the
    analyzers are deleted with the stack.
    """

    owned: tuple[str, ...]
    """What this stack owns, in words."""

    api_log_role: pulumi.Output[str] | None
    """Known once API Gateway has its log role in this region; None where another stack owns it."""

    def __init__(
        self, name: str, args: AwsAccountArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AwsAccount", name, None, opts)

        parts = {
            "account": (
                *_ACCOUNT,
                *((_CONTACT,) if args.spec.security_contact else ()),
                *((_UNUSED_ACCESS,) if args.spec.unused_access_days else ()),
            ),
            "region": _REGION,
        }
        owned: list[str] = []
        self.api_log_role = None
        for scope in _OWNED[args.spec.manage]:
            for words, make in parts[scope]:
                make(self, name, args)
                owned.append(words)
        self.owned = tuple(owned)

        others = [words for part in parts.values() for words, _ in part if words not in owned]
        if others:
            notes.limit(self, f"owned by {args.spec.baseline}: {', '.join(others)}")
        if _UNUSED_ACCESS[0] in owned:
            notes.cost(self, "unused access is analysed for about 0.20 USD a month for each role")
        notes.loosened(self, "bulwark:account.passwordPolicy", args.spec.password_policy)
        self.register_outputs({"owned": list(self.owned), "apiLogRole": self.api_log_role})


def _child(component: AwsAccount) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions(parent=component)


def _kept(component: AwsAccount) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions(parent=component, retain_on_delete=True)


def _password_policy(component: AwsAccount, name: str, args: AwsAccountArgs) -> None:
    policy = args.spec.password_policy
    # What is left out is set to AWS's default: there is no partial update.
    aws.iam.AccountPasswordPolicy(
        f"{name}-password-policy",
        minimum_password_length=policy.minimum_length,
        password_reuse_prevention=policy.remembered,
        max_password_age=policy.maximum_age_days,
        require_lowercase_characters=True,
        require_uppercase_characters=True,
        require_numbers=True,
        require_symbols=True,
        allow_users_to_change_password=True,
        # Someone whose password has expired must still be able to set a new one.
        hard_expiry=False,
        opts=_kept(component),
    )


def _public_buckets(component: AwsAccount, name: str, _: AwsAccountArgs) -> None:
    aws.s3.AccountPublicAccessBlock(
        f"{name}-public-buckets",
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=_kept(component),
    )


def _security_contact(component: AwsAccount, name: str, args: AwsAccountArgs) -> None:
    contact = args.spec.security_contact
    assert contact
    aws.account.AlternativeContact(
        f"{name}-security-contact",
        alternate_contact_type="SECURITY",
        name=contact.name,
        title=contact.title,
        email_address=contact.mail,
        phone_number=contact.phone,
        opts=_kept(component),
    )


def _unused_access(component: AwsAccount, name: str, args: AwsAccountArgs) -> None:
    aws.accessanalyzer.Analyzer(
        f"{name}-unused-access",
        analyzer_name=physical("access-analyzer", name, "unused"),
        type="ACCOUNT_UNUSED_ACCESS",
        configuration={"unused_access": {"unused_access_age": args.spec.unused_access_days}},
        opts=_child(component),
    )


def _disks(component: AwsAccount, name: str, _: AwsAccountArgs) -> None:
    aws.ebs.EncryptionByDefault(f"{name}-disks", enabled=True, opts=_kept(component))


def _snapshots(component: AwsAccount, name: str, _: AwsAccountArgs) -> None:
    aws.ebs.SnapshotBlockPublicAccess(
        f"{name}-snapshots", state="block-all-sharing", opts=_kept(component)
    )


def _images(component: AwsAccount, name: str, _: AwsAccountArgs) -> None:
    aws.ec2.ImageBlockPublicAccess(
        f"{name}-images", state="block-new-sharing", opts=_kept(component)
    )


def _instance_metadata(component: AwsAccount, name: str, _: AwsAccountArgs) -> None:
    aws.ec2.InstanceMetadataDefaults(
        f"{name}-instance-metadata",
        http_tokens="required",  # IMDSv2: a forged request cannot read a role's credentials
        http_put_response_hop_limit=2,  # a container is one hop further away
        opts=_kept(component),
    )


def _serial_console(component: AwsAccount, name: str, _: AwsAccountArgs) -> None:
    aws.ec2.SerialConsoleAccess(f"{name}-serial-console", enabled=False, opts=_kept(component))


def _external_access(component: AwsAccount, name: str, _: AwsAccountArgs) -> None:
    aws.accessanalyzer.Analyzer(
        f"{name}-external-access",
        analyzer_name=physical("access-analyzer", name, "external"),
        type="ACCOUNT",
        opts=_child(component),
    )


def _api_logs(component: AwsAccount, name: str, args: AwsAccountArgs) -> None:
    service_role = f"arn:{args.partition}:iam::aws:policy/service-role"
    role = AwsRole(
        f"{name}-api-logs",
        AwsRoleArgs(
            description="Lets API Gateway write its logs",
            # API Gateway sends no source with this role: a condition would refuse it.
            trust=[service_trust("apigateway.amazonaws.com")],
            boundary_arn=args.boundary_arn,
            # It looks for the permissions of this policy before it takes the role.
            managed_policy_arns=[f"{service_role}/AmazonAPIGatewayPushToCloudWatchLogs"],
        ),
        _child(component),
    )
    account = aws.apigateway.Account(
        f"{name}-api", cloudwatch_role_arn=role.arn, opts=_child(component)
    )
    component.api_log_role = account.id


_Part = tuple[str, Callable[[AwsAccount, str, AwsAccountArgs], None]]

_OWNED: Mapping[Manage, tuple[str, ...]] = {
    "all": ("account", "region"),
    "region": ("region",),
    "none": (),
}
_ACCOUNT: tuple[_Part, ...] = (
    ("password policy", _password_policy),
    ("block of public buckets", _public_buckets),
)
_CONTACT: _Part = ("security contact", _security_contact)
_UNUSED_ACCESS: _Part = ("analyzer of unused access", _unused_access)
_REGION: tuple[_Part, ...] = (
    ("encryption of new disks", _disks),
    ("block of public snapshots", _snapshots),
    ("block of public images", _images),
    ("IMDSv2 for new instances", _instance_metadata),
    ("serial console turned off", _serial_console),
    ("analyzer of external access", _external_access),
    ("log role of API Gateway", _api_logs),
)
