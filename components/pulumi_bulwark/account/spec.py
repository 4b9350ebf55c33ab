"""The `account` block of the stack config."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ..clouds import Limited
from ..forms import AccountId, Form, MailAddress
from ..spec import Guards, Spec

Manage = Literal["all", "region", "none"]
"""`all`: this stack owns what exists once in the account and in its region; `region`: only what
exists once in a region; `none`: neither."""

OnBreach = Literal["deny", "audit"]

_PHONE = Form(r"[ 0-9()+-]+", 'a phone number, such as "+49 30 1234567"')


class PasswordPolicySpec(Spec):
    minimum_length: Annotated[int, Guards("access", weaker="lower")] = Field(
        default=14, ge=8, le=128
    )
    """Characters an IAM user's password has at least: 8 to 128. CIS AWS 1.7 wants 14, PCI DSS
    8.3.6 wants 12, IAM takes no more than 128."""

    remembered: Annotated[int, Guards("access", weaker="lower")] = Field(default=24, ge=4, le=24)
    """Former passwords that cannot be used again: 4 to 24. CIS AWS 1.8 wants 24, the most that
    IAM keeps; PCI DSS 8.3.7 wants 4."""

    maximum_age_days: Annotated[int, Guards("access", weaker="higher")] = Field(
        default=90, ge=1, le=365
    )
    """Days until a password must be changed: 1 to 365. PCI DSS 8.3.9 wants 90 wherever a
    password is the only factor."""


class SecurityContactSpec(Spec):
    name: str = Field(min_length=1, max_length=64)
    """Who it is, a desk rather than a person: 1 to 64 characters, as AWS takes them."""

    title: str = Field(min_length=1, max_length=50)
    """What they are, such as "Security desk": 1 to 50 characters."""

    mail: MailAddress
    """Where AWS writes to: an address that several people read."""

    phone: Annotated[str, Field(max_length=25), _PHONE]
    """Where AWS calls: up to 25 digits, spaces and the characters + ( ) -."""


class AccountSpec(Spec):
    id: AccountId | None = None
    """The AWS account this stack belongs to: 12 digits, in quotes; or the Azure subscription. A
    run in another account stops before it makes anything."""

    manage: Annotated[
        Manage,
        Limited(
            "azure",
            to=("none",),
            because="Nothing exists once per region of a subscription: all, or none.",
        ),
    ] = "all"
    """Which of the things that exist once per account or region (password policy, public access
    blocks, default encryption, analyzers; the export of the Activity Log) this stack owns: all,
    region or none. Two owners would fight over them."""

    baseline: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    """The stack, or landing zone, that owns what this one does not: needed unless `manage` is
    all."""

    password_policy: Annotated[
        PasswordPolicySpec,
        Limited(
            "azure",
            because="People sign in with Entra ID, whose tenant decides on passwords. Remove it.",
        ),
    ] = PasswordPolicySpec()
    """What IAM asks of the passwords of people. Owned with the account."""

    security_contact: Annotated[
        SecurityContactSpec | None,
        Limited("azure", because="Defender for Cloud has contacts of its own. Remove it."),
    ] = None
    """Whom AWS tells when it sees abuse of the account, or that a key of it was published: without
    one, the owner of the root user's mailbox alone (CIS AWS 1.2). Owned with the account."""

    unused_access_days: Annotated[
        Annotated[int, Field(ge=1, le=365)] | None,
        Limited(
            "azure",
            because="Reviews of access are the tenant's, in Entra ID Governance. Remove it.",
        ),
    ] = None
    """Days after which IAM Access Analyzer reports a role, user or permission as unused: 1 to
    365; not set turns it off. Billed by role and user."""

    on_breach: Annotated[
        OnBreach,
        Guards("access", weaker="lower"),  # as letters, too: audit comes before deny
        Limited(
            "aws",
            because="An account of AWS is refused something by its organization's own policies, "
            "and AWS Config tells of it: see bulwark:threatDetection. Remove it.",
        ),
    ] = "deny"
    """Of Azure: what Microsoft's policies do about what breaks our rules anywhere in the
    subscription: deny, or audit, to see first what is there already. Some can only look. Owned
    with the account."""

    @model_validator(mode="after")
    def _somebody_owns_it(self) -> Self:
        if self.manage != "all" and self.baseline is None:
            raise ValueError(
                f"manage is {self.manage}, so baseline must name the stack that owns the rest"
            )
        if self.manage == "all" and self.baseline is not None:
            raise ValueError(
                "manage is all, so nothing is left for a baseline to own; remove baseline, or "
                "set manage to region or none"
            )
        return self
