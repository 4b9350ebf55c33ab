"""IAM: who may do what, and who may become whom."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from bulwark_toolkit.compliance.policies import Statement, admitted, statements
from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import Subject

ROLE: Final = "aws:iam/role:Role"
USER: Final = "aws:iam/user:User"
POLICY: Final = "aws:iam/policy:Policy"
ROLE_POLICY: Final = "aws:iam/rolePolicy:RolePolicy"
USER_POLICY: Final = "aws:iam/userPolicy:UserPolicy"
GROUP_POLICY: Final = "aws:iam/groupPolicy:GroupPolicy"
ROLE_ATTACHMENT: Final = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
USER_ATTACHMENT: Final = "aws:iam/userPolicyAttachment:UserPolicyAttachment"
GROUP_ATTACHMENT: Final = "aws:iam/groupPolicyAttachment:GroupPolicyAttachment"
SHARED_ATTACHMENT: Final = "aws:iam/policyAttachment:PolicyAttachment"
ACCESS_KEY: Final = "aws:iam/accessKey:AccessKey"
LOGIN: Final = "aws:iam/userLoginProfile:UserLoginProfile"

_GRANTS: Final = (POLICY, ROLE_POLICY, USER_POLICY, GROUP_POLICY, ROLE)
_DECRYPTS: Final = {"kms:*", "kms:decrypt", "kms:reencryptfrom", "kms:reencrypt*"}
_EVERY_KEY: Final = re.compile(r":key/\*$")
_ATTACHMENTS: Final = (ROLE_ATTACHMENT, USER_ATTACHMENT, GROUP_ATTACHMENT, SHARED_ATTACHMENT)


@rule(
    "aws.access.policy-does-not-allow-everything",
    *_GRANTS,
    severity="critical",
    requires="No policy that grants allows every action on every resource",
    remediation="Name the actions and the resources.",
    reference="IAM.1",
    alone=False,
)
def policy_does_not_allow_everything(holder: Subject) -> Iterator[Verdict]:
    for statement in _granted(holder):
        whole = bool(statement.not_actions) or not {"*", "*:*"}.isdisjoint(statement.actions)
        what = ", ".join(statement.actions or ("all but", *statement.not_actions))
        yield Verdict(not (whole and _everywhere(statement)), statement.place, what)


@rule(
    "aws.access.wildcard-action-names-its-resources",
    *_GRANTS,
    severity="medium",
    requires="No policy allows a wildcard of a service's actions on every resource",
    remediation="Name the actions, or the resources that they are for.",
    reference="IAM.21",
    alone=False,
)
def wildcard_action_names_its_resources(holder: Subject) -> Iterator[Verdict]:
    for statement in _granted(holder):
        wild = [action for action in statement.actions if _is_wild(action)]
        yield Verdict(
            not (wild and _everywhere(statement)),
            statement.place,
            ", ".join(wild or statement.actions),
        )


@rule(
    "aws.access.role-is-passed-by-name",
    *_GRANTS,
    severity="high",
    requires="No policy lets its holder pass every role to a service, and so become any of them",
    remediation="Name the roles in the statement that allows iam:PassRole.",
    reference="PCI 7.2.2",
    alone=False,
)
def role_is_passed_by_name(holder: Subject) -> Iterator[Verdict]:
    for statement in _granted(holder):
        if {"iam:passrole", "iam:*"} & {action.lower() for action in statement.actions}:
            passes = not _everywhere(statement)
            yield Verdict(passes, statement.place, ", ".join(statement.resources))


@rule(
    "aws.access.policy-names-the-keys-it-decrypts-with",
    *_GRANTS,
    severity="medium",
    requires="No policy allows its holder to decrypt with every key of the account",
    remediation="Name the keys in the statement that allows kms:Decrypt.",
    reference="KMS.1",
    alone=False,
)
def policy_names_the_keys_it_decrypts_with(holder: Subject) -> Iterator[Verdict]:
    for statement in _granted(holder):
        # Of all actions there is a rule of its own.
        if any(action.lower() in _DECRYPTS for action in statement.actions):
            every = _everywhere(statement) or any(_EVERY_KEY.search(r) for r in statement.resources)
            yield Verdict(not every, statement.place, ", ".join(statement.resources))


@rule(
    "aws.access.boundary-cannot-be-left",
    POLICY,
    severity="high",
    requires="No permissions boundary lets its roles take it off, change it, or act by somebody "
    "who has none",
    remediation="Deny these actions in the boundary.",
    reference="PCI 7.2.5",
    alone=False,
)
def boundary_cannot_be_left(policy: Subject) -> Iterator[Verdict]:
    yield from _kept_by(policy, *_WAYS_OUT)


@rule(
    "aws.access.boundary-keeps-keys-and-secrets-closed",
    POLICY,
    severity="medium",
    requires="No permissions boundary lets its roles decide who uses a key or reads a secret",
    remediation="Deny these actions in the boundary.",
    reference="PCI 3.6.1",
    alone=False,
)
def boundary_keeps_keys_and_secrets_closed(policy: Subject) -> Iterator[Verdict]:
    yield from _kept_by(policy, "kms:PutKeyPolicy", "secretsmanager:PutResourcePolicy")


@rule(
    "aws.access.boundary-keeps-the-trail-on",
    POLICY,
    severity="high",
    requires="No permissions boundary lets its roles turn off the account's trail",
    remediation="Deny these actions in the boundary.",
    reference="PCI 10.3.2",
    alone=False,
)
def boundary_keeps_the_trail_on(policy: Subject) -> Iterator[Verdict]:
    actions = ("DeleteTrail", "PutEventSelectors", "StopLogging", "UpdateTrail")
    yield from _kept_by(policy, *(f"cloudtrail:{action}" for action in actions))


@rule(
    "aws.access.managed-policy-is-not-full-access",
    *_ATTACHMENTS,
    ROLE,
    severity="high",
    requires="Nobody is given one of AWS's policies for full access",
    remediation="Write a policy of the actions that are needed.",
    reference="CIS AWS 1.15",
)
def managed_policy_is_not_full_access(holder: Subject) -> Iterator[Verdict]:
    path = "managedPolicyArns" if holder.resource.type == ROLE else "policyArn"
    found = holder.get(path, [])
    for arn in holder.items(path) if isinstance(found, list) else [found]:
        full = re.search(
            r":aws:policy/(.*/)?(\w*FullAccess|\w*Administrator\w*|PowerUser\w*)$", arn
        )
        yield Verdict(not full, path, arn)


@rule(
    "aws.access.people-have-no-policy-of-their-own",
    USER,
    USER_POLICY,
    USER_ATTACHMENT,
    severity="medium",
    requires="IAM users get their permissions by group or role, none by a policy of their own",
    remediation="Attach the policy to a group, or better to a role that the user assumes.",
    reference="IAM.2",
    alone=False,
)
def people_have_no_policy_of_their_own(subject: Subject) -> Iterator[Verdict]:
    if subject.resource.type != USER:
        yield Verdict(False, "user", subject.get("user"))
    elif not any(subject.attached(token, "user") for token in (USER_POLICY, USER_ATTACHMENT)):
        yield Verdict(True, "name", subject.output("name"))


@rule(
    "aws.access.no-key-outlives-its-use",
    USER,
    ACCESS_KEY,
    severity="high",
    requires="The program makes no access key: it never expires, and its secret is in the state",
    remediation="Use a role: of the machine, of the function, or by OIDC in a pipeline.",
    reference="PCI 8.6.2",
    alone=False,
)
def no_key_outlives_its_use(subject: Subject) -> Iterator[Verdict]:
    if subject.resource.type == ACCESS_KEY:
        status = subject.get("status", "Active")
        yield Verdict(status == "Inactive", "status", status)
    elif not subject.attached(ACCESS_KEY, "user"):
        yield Verdict(True, "name", subject.output("name"))


@rule(
    "aws.access.people-sign-in-elsewhere",
    USER,
    LOGIN,
    severity="medium",
    requires="No IAM user signs in to the console: people come from one identity provider",
    remediation="Use IAM Identity Center or federation, where MFA and leavers are managed once.",
    reference="CIS AWS 1.20",
    alone=False,
)
def people_sign_in_elsewhere(subject: Subject) -> Iterator[Verdict]:
    if subject.resource.type == LOGIN:
        yield Verdict(False, "user", subject.get("user"))
    elif not subject.attached(LOGIN, "user"):
        yield Verdict(True, "name", subject.output("name"))


@rule(
    "aws.access.role-has-a-boundary",
    ROLE,
    severity="low",
    requires="Every role has a permissions boundary, past which no policy reaches",
    remediation="Set permissionsBoundary.",
    reference="PCI 7.2.5",
)
def role_has_a_boundary(role: Subject) -> Iterator[Verdict]:
    boundary = role.get("permissionsBoundary")
    yield Verdict(bool(boundary), "permissionsBoundary", boundary)


@rule(
    "aws.access.role-trusts-nobody-outside",
    ROLE,
    severity="critical",
    requires="No role can be assumed by everybody",
    remediation="Name the principals that the role trusts.",
    reference="PCI 7.3.3",
)
def role_trusts_nobody_outside(role: Subject) -> Iterator[Verdict]:
    return admitted(statements(role, _TRUST))


@rule(
    "aws.access.people-assume-roles-with-mfa",
    ROLE,
    severity="high",
    requires="Every role that people of an account assume asks them for a second factor",
    remediation="Add Bool aws:MultiFactorAuthPresent true; of another company's account ask "
    "for its sts:ExternalId.",
    reference="PCI 8.4.2",
)
def people_assume_roles_with_mfa(role: Subject) -> Iterator[Verdict]:
    for statement in statements(role, _TRUST):
        people = [arn for arn in statement.principals if _PEOPLE.search(arn)]
        if statement.effect == "Allow" and people:
            held = any(_holds_people(condition) for condition in statement.conditions())
            yield Verdict(held, statement.place, ", ".join(people))


@rule(
    "aws.access.federation-names-audience-and-subject",
    ROLE,
    severity="critical",
    requires="Every role that an OIDC provider opens is held to its audience and exact subjects",
    remediation="Add StringEquals on the provider's :aud and :sub; a wildcard there lets other "
    "repositories in.",
    reference="PCI 7.2.5",
)
def federation_names_audience_and_subject(role: Subject) -> Iterator[Verdict]:
    for statement in statements(role, _TRUST):
        if statement.effect != "Allow" or "sts:AssumeRoleWithWebIdentity" not in statement.actions:
            continue
        exact = {
            key.rpartition(":")[2]
            for operator, key, values in statement.conditions()
            if operator in ("StringEquals", "StringLike") and not any("*" in v for v in values)
        }
        # Amazon Cognito's pools of identities say by `amr` whether someone has signed in.
        cognito = "cognito-identity.amazonaws.com" in statement.federated
        missing = {"aud", "amr" if cognito else "sub"} - exact
        if cognito and any(key.endswith(":amr") for _, key, _ in statement.conditions()):
            missing.discard("amr")
        text = f"is not held to an exact {' and '.join(sorted(missing))}"
        yield Verdict(not missing, statement.place, ", ".join(statement.federated), text)


_SENDING: Final[Mapping[str, frozenset[str]]] = {
    ROLE: frozenset(
        {
            "bedrock",
            "codebuild",
            "config",
            "ecs-tasks",
            "events",
            "monitoring.rds",
            "pipes",
            "scheduler",
            "ssm",
            "states",
            "vpc-flow-logs",
        }
    ),
    "aws:kms/key:Key": frozenset(
        {
            "budgets",
            "cloudfront",
            "cloudtrail",
            "cloudwatch",
            "config",
            "delivery.logs",
            "guardduty",
            "logs",
            "sns",
        }
    ),
    "aws:s3/bucketPolicy:BucketPolicy": frozenset(
        {"cloudfront", "cloudtrail", "config", "delivery.logs", "guardduty", "logging.s3"}
    ),
    "aws:sns/topicPolicy:TopicPolicy": frozenset({"budgets", "cloudwatch", "s3"}),
    "aws:sqs/queuePolicy:QueuePolicy": frozenset({"events", "s3", "sns"}),
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": frozenset({"delivery.logs"}),
}
"""Services, by the kind of policy, that send a source with their requests; other services send
none there or nobody has said so, and a condition would refuse them."""

_SILENT: Final[Mapping[str, frozenset[str]]] = {
    "aws:sns/topicPolicy:TopicPolicy": frozenset({"events"}),
}
"""Services that send none, so that with a condition what they send is lost without a word."""

_TRUST: Final = "assumeRolePolicy"
_DOCUMENT: Final[Mapping[str, str]] = {
    ROLE: _TRUST,
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": "policyDocument",
}
_SAME_AS: Final[Mapping[str, str]] = {
    "aws:kms/keyPolicy:KeyPolicy": "aws:kms/key:Key",
    "aws:kms/replicaKey:ReplicaKey": "aws:kms/key:Key",
    "aws:s3/bucket:Bucket": "aws:s3/bucketPolicy:BucketPolicy",
    "aws:sns/topic:Topic": "aws:sns/topicPolicy:TopicPolicy",
    "aws:sqs/queue:Queue": "aws:sqs/queuePolicy:QueuePolicy",
}


@rule(
    "aws.access.service-is-held-to-its-source",
    *_SENDING,
    *_SAME_AS,
    severity="high",
    requires="Each service principal in a policy carries the source condition that its service "
    "sends, and none where it sends none",
    remediation="Add aws:SourceArn or aws:SourceAccount: without it the service does for anybody "
    "what it may do for you.",
    reference="PCI 7.2.5",
)
def service_is_held_to_its_source(holder: Subject) -> Iterator[Verdict]:
    token = holder.resource.type
    kind = _SAME_AS.get(token, token)
    for statement in statements(holder, _DOCUMENT.get(token, "policy")):
        if statement.effect != "Allow":
            continue
        held = sorted(
            key
            for operator, key, values in statement.conditions()
            if _holds_to_source(operator, key, values)
        )
        for service in map(_short, statement.services):
            if service in _SENDING[kind]:
                value = f"{service}: {', '.join(held) or 'no source'}"
                yield Verdict(bool(held), statement.place, value, f"{service} is held to no source")
            elif service in _SILENT.get(kind, ()):
                text = f"{service} sends no source here: what it sends would be lost"
                yield Verdict(not statement.condition, statement.place, service, text)


_SOURCES: Final = re.compile(
    r"aws:source(arn|account|orgid|orgpaths|owner)$|kms:encryptioncontext:|sts:externalid$"
)
_PEOPLE: Final = re.compile(r"^\d{12}$|:root$|:user/|:group/")


def _holds_to_source(operator: str, key: str, values: tuple[str, ...]) -> bool:
    positive = operator.startswith(("StringEquals", "StringLike", "ArnEquals", "ArnLike"))
    return positive and bool(_SOURCES.match(key)) and "*" not in values


def _holds_people(condition: tuple[str, str, tuple[str, ...]]) -> bool:
    operator, key, values = condition
    if key == "aws:multifactorauthpresent":
        # With IfExists, who signs in by an access key alone would pass.
        return operator == "Bool" and values in (("true",), ("True",))
    if key == "aws:principalarn":  # no people, but the roles that are named
        return operator.startswith(("StringEquals", "StringLike", "ArnEquals", "ArnLike")) and all(
            ":role/" in value for value in values
        )
    return operator == "StringEquals" and key == "sts:externalid"


def _short(service: str) -> str:
    """A service's name, without the partition's domain and, for logs, the region."""
    name = service.partition(".amazonaws")[0]
    return "logs" if re.match(r"logs\.[a-z]+-", name) else name


def _granted(holder: Subject) -> Iterator[Statement]:
    """The Allow statements of permissions: of no boundary, for that grants nothing."""
    if holder.resource.type == ROLE:
        paths = [f"{item}.policy" for item in holder.each("inlinePolicies")]
    else:
        paths = [] if _is_boundary_only(holder) else ["policy"]
    for path in paths:
        yield from (s for s in statements(holder, path) if s.effect == "Allow")


_WAYS_OUT: Final = (
    "iam:CreateAccessKey",
    "iam:CreatePolicyVersion",
    "iam:CreateRole",
    "iam:CreateUser",
    "iam:DeleteRolePermissionsBoundary",
    "iam:PutRolePermissionsBoundary",
    "iam:UpdateAssumeRolePolicy",
)


def _kept_by(boundary: Subject, *actions: str) -> Iterator[Verdict]:
    """Whether a boundary keeps its roles from each action, as far as its conditions let it."""
    if not _bounds(boundary):
        return
    found = statements(boundary, "policy")
    for action in actions:
        denies = [s for s in found if s.effect == "Deny" and s.covers(action)]
        allows = [s for s in found if s.effect == "Allow" and s.covers(action)]
        place = (denies or allows or found)[0].place
        yield Verdict(bool(denies) or not allows, place, action, f"its roles may {action}")


def _bounds(policy: Subject) -> bool:
    return any(policy.attached(token, "permissionsBoundary") for token in (ROLE, USER))


def _is_boundary_only(policy: Subject) -> bool:
    if policy.resource.type != POLICY:
        return False
    return _bounds(policy) and not any(
        policy.attached(token, "policyArn") for token in _ATTACHMENTS
    )


def _everywhere(statement: Statement) -> bool:
    return "*" in statement.resources


def _is_wild(action: str) -> bool:
    """A wildcard of one service's actions; but what only lists has no resource to name."""
    _, _, name = action.partition(":")
    return "*" in name and action != "*:*" and not name.startswith(("Describe", "List"))
