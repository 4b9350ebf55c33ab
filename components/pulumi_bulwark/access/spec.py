"""The `access` block of the stack config."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ..clouds import Differs, Limited
from ..forms import GUID, KEY_ARN, NAME, Form, FormByCloud, HostName, PrincipalArn
from ..spec import Guards, Spec

Host = Literal["github", "gitlab"]
May = Literal["preview", "deploy"]

PipelineName = Annotated[str, Field(max_length=20), NAME]
"""What a pipeline is called in the stack file and in the name of its role."""

Repository = Annotated[
    str,
    Field(max_length=200),
    Form(
        r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9_.][\w.-]*)+",
        "the path of one repository without wildcards, such as acme/payments",
    ),
]
RefName = Annotated[
    str,
    Field(max_length=200),
    Form(r"[A-Za-z0-9][\w./@+-]*", "one name without wildcards, such as main"),
]
HostId = Annotated[int, Field(ge=1, le=10**12)]

UserArn = Annotated[
    str,
    FormByCloud(
        Form(
            "arn:aws[a-z-]*:iam::[0-9]{12}:user/[A-Za-z0-9_+=,.@/-]+",
            "one IAM user by its full ARN, since only a user's own session says how long ago the "
            "second factor was shown",
        ),
        Form(
            f"(group|user):{GUID}",
            "a group or a user of Entra ID by its object id, such as "
            "group:00000000-0000-0000-0000-000000000001, since only people activate a role",
        ),
    ),
]

_IN_GROUP = f"/subscriptions/{GUID}/resourceGroups/[A-Za-z0-9_.()-]{{1,90}}/providers/"

StateStore = Annotated[
    str,
    FormByCloud(
        Form("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "the name of a bucket, without s3://"),
        Form(
            _IN_GROUP + "Microsoft.Storage/storageAccounts/[a-z0-9]{3,24}/blobServices/default/"
            "containers/[a-z0-9-]{3,63}",
            "the full id of a blob container, /subscriptions/…/blobServices/default/containers/…",
        ),
    ),
]
StateKey = Annotated[
    str,
    FormByCloud(
        KEY_ARN,
        Form(
            _IN_GROUP + "Microsoft.KeyVault/vaults/[A-Za-z0-9-]{3,24}/keys/[A-Za-z0-9-]{1,127}",
            "the full id of a key in a vault, /subscriptions/…/vaults/…/keys/…, without a version",
        ),
    ),
]

_NO_WILDCARD = Limited(
    "azure",
    because="A federated credential is for one subject exactly and takes no wildcard. Make a "
    "pipeline of each branch, environment, or pullRequests.",
)


class PipelineSpec(Spec):
    host: Host = "github"
    """Where the pipeline runs: github (Actions) or gitlab (CI/CD)."""

    server: HostName = "gitlab.com"
    """Of gitlab: the host name of the instance. The cloud must reach it to fetch its keys."""

    repository: Repository
    """The repository, and no other: owner/name at GitHub, the project's whole path at GitLab."""

    owner_id: HostId | None = None
    """Of github: the number of the owner. A repository that was made or renamed after 2026-07-15
    is known by its numbers, and is refused without them; `gh api repos/OWNER/NAME` tells."""

    repository_id: HostId | None = None
    """Of github: the number of the repository, beside `ownerId`."""

    environment: RefName | None = None
    """Of github: the environment whose jobs may take the role. Its protection rules (reviewers,
    branches) then hold for the role as well, so a deploy role is best held to one."""

    branch: RefName | None = None
    """The branch whose runs may take the role."""

    pull_requests: bool = False
    """Of github: whether the runs of pull requests may take the role. They run the code that is
    proposed, so never a role that deploys."""

    any_ref: Annotated[bool, Guards("access", weaker="higher"), _NO_WILDCARD] = False
    """Whether every branch, tag, environment and pull request of the repository may take the
    role: whoever can push anything then has it. For previews only."""

    may: May = "preview"
    """What the role is for: preview (reads, and neither secret values nor customers' data) or
    deploy (creates what the stack contains, and cannot weaken what it stands on)."""

    @model_validator(mode="after")
    def _is_held_to_one_thing(self) -> Self:
        held = {
            "environment": self.environment is not None,
            "branch": self.branch is not None,
            "pullRequests": self.pull_requests,
            "anyRef": self.any_ref,
        }
        if list(held.values()).count(True) != 1:
            raise ValueError(f"needs exactly one of {', '.join(held)}")
        if self.may == "deploy" and (self.pull_requests or self.any_ref):
            raise ValueError("a deploy role is held to an environment or a branch")
        if (self.owner_id is None) != (self.repository_id is None):
            raise ValueError("ownerId and repositoryId come together")
        return self

    @model_validator(mode="after")
    def _suits_its_host(self) -> Self:
        if self.host == "github" and self.repository.count("/") != 1:
            raise ValueError("a repository at GitHub is owner/name")
        if self.host == "github" and self.server != "gitlab.com":
            raise ValueError("server is for gitlab; GitHub's tokens come from one place")
        if self.host == "gitlab":
            for name in ("owner_id", "repository_id", "environment", "pull_requests"):
                if getattr(self, name):
                    alias = type(self).model_fields[name].alias
                    raise ValueError(f"{alias} is for github; a token of GitLab does not say it")
        return self


class StateSpec(Spec):
    bucket: StateStore
    """The bucket that holds Pulumi's state; on Azure the blob container by its full id. Previews
    read it, deployments write it."""

    key: StateKey | None = None
    """The key that encrypts the state, or the secrets in it (`awskms://`, `azurekeyvault://`)."""


class BreakGlassSpec(Spec):
    users: tuple[UserArn, ...] = Field(min_length=1, max_length=10)
    """ARNs of the IAM users who may take the role: 1 to 10, best two, each with a hardware key in
    a safe. On Azure, groups or users of Entra ID, who activate it in Privileged Identity
    Management."""

    mfa_minutes: Annotated[
        int,
        Guards("mfa", weaker="higher"),
        Limited(
            "azure",
            because="A second factor is asked for as the role is activated, and how fresh it must "
            "be says the tenant's conditional access. Remove it.",
        ),
    ] = Field(default=15, ge=5, le=60)
    """Minutes since the second factor was shown, at most: 5 to 60."""

    eligible_days: Annotated[
        int,
        Guards("access", weaker="higher"),
        Limited("aws", because="Who is named in a role's trust is so for good. Remove it."),
    ] = Field(default=180, ge=1, le=365)
    """Of Azure: days for which they may activate the role before somebody renews it: 1 to 365, the
    most that Azure's own rule of the role allows."""

    activation_rules: Annotated[
        Annotated[str, Form(GUID, "the GUID of the role's management policy")] | None,
        Limited("aws", because="What is asked of whoever takes a role is in its trust. Remove it."),
    ] = None
    """Of Azure: the GUID of the rules that the scope already has for the role, so that this stack
    sets them: an hour at most, a second factor, a reason and a ticket. Azure makes them, with a
    GUID of chance; docs/access-on-azure.md has the command that tells it."""


class AccessSpec(Spec):
    pipelines: dict[PipelineName, PipelineSpec] = Field(default={}, max_length=20)
    """The pipelines by name, at most 20, each with a role of its own and no stored key. A name is
    up to 20 small letters, digits and hyphens, and begins with a letter."""

    state: StateSpec | None = None
    """Where Pulumi keeps its state, if that is in a bucket; Pulumi Cloud needs nothing."""

    auditors: tuple[PrincipalArn, ...] = Field(default=(), max_length=20)
    """ARNs of the roles or users who may take the auditor's role, with a second factor: at most
    20. It reads settings, the trail and its logs, and no secret value and no customer's data. On
    Azure, groups, identities or users of Entra ID, best a group."""

    break_glass: BreakGlassSpec | None = None
    """Who may do everything when nothing else helps, for an hour, with a reason that is logged."""

    regions: Annotated[
        tuple[str, ...],
        Differs(
            "azure",
            how="A role there is held to no region: with a pipeline that deploys, Azure Policy "
            "refuses all other regions in the environment's resource group, whoever asks.",
        ),
    ] = Field(default=(), max_length=20)
    """Regions beside the stack's own, and us-east-1 on AWS, in which deployments may act: at most
    20."""
