"""Passwords of an application's users, and who gets at what is kept of them.

What the vault of bulwark-runtime holds passwords to is in its functions' environment, whoever
deploys it: `BULWARK_POLICY`.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from bulwark_toolkit.compliance import vault_policy
from bulwark_toolkit.compliance.policies import Statement, matches, statements
from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import Subject

FUNCTION: Final = "aws:lambda/function:Function"
PERMISSION: Final = "aws:lambda/permission:Permission"
ROTATION: Final = "aws:secretsmanager/secretRotation:SecretRotation"
ROLE_POLICY: Final = "aws:iam/rolePolicy:RolePolicy"
USER_POLICY: Final = "aws:iam/userPolicy:UserPolicy"
GROUP_POLICY: Final = "aws:iam/groupPolicy:GroupPolicy"

_POLICY: Final = "environment.variables.BULWARK_POLICY"
_HANDLERS: Final = "bulwark_runtime.credentials.aws."

_ITEMS: Final = (
    "dynamodb:DeleteItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:UpdateItem",
)
_VALUES: Final = ("secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue")


@rule(
    "aws.credentials.hashes-are-slow-to-guess",
    FUNCTION,
    severity="high",
    requires="The vault hashes passwords at a cost of 12 or more",
    remediation="Set cost in BULWARK_POLICY to 12 or more (bulwark:credentials.bcryptCost).",
    reference="PCI 8.3.2",
)
def hashes_are_slow_to_guess(function: Subject) -> Iterator[Verdict]:
    for policy in _held_to(function, vault_policy.HASHING):
        yield from vault_policy.slow_to_guess(policy, _POLICY)


@rule(
    "aws.credentials.guessing-has-to-wait",
    FUNCTION,
    severity="high",
    requires="The vault looks at no more than ten wrong passwords, and then waits half an hour",
    remediation="Name the preset pci (bulwark:credentials.presets), or set its numbers.",
    reference="PCI 8.3.4",
)
def guessing_has_to_wait(function: Subject) -> Iterator[Verdict]:
    for policy in _held_to(function, vault_policy.ASKING):
        yield from vault_policy.guessing_waits(policy, _POLICY)


@rule(
    "aws.credentials.passwords-are-long",
    FUNCTION,
    severity="medium",
    requires="The vault takes passwords of 12 characters with letters and digits, or of 15",
    remediation="Name the preset pci or nist (bulwark:credentials.presets).",
    reference="PCI 8.3.6",
)
def passwords_are_long(function: Subject) -> Iterator[Verdict]:
    for policy in _held_to(function, vault_policy.TAKING):
        yield from vault_policy.long(policy, _POLICY)


@rule(
    "aws.credentials.passwords-do-not-come-again",
    FUNCTION,
    severity="low",
    requires="The vault takes none of the last four passwords again",
    remediation="Set history in BULWARK_POLICY to 4 or more (bulwark:credentials.history).",
    reference="PCI 8.3.7",
)
def passwords_do_not_come_again(function: Subject) -> Iterator[Verdict]:
    for policy in _held_to(function, vault_policy.TAKING):
        yield from vault_policy.not_again(policy, _POLICY)


@rule(
    "aws.credentials.leaked-passwords-are-refused",
    FUNCTION,
    severity="medium",
    requires="The vault takes no password that it could not look up among the leaked ones",
    remediation="Set breached_on_failure to closed (bulwark:credentials.breachedOnFailure).",
    reference="PCI 8.3.6",
)
def leaked_passwords_are_refused(function: Subject) -> Iterator[Verdict]:
    for policy in _held_to(function, vault_policy.TAKING):
        yield from vault_policy.not_leaked(policy, _POLICY)


@rule(
    "aws.credentials.reset-ends-soon",
    FUNCTION,
    severity="medium",
    requires="What the vault gives to reset a password is good for half an hour at most",
    remediation="Set reset_seconds to 1800 or less (bulwark:credentials.resetMinutes).",
    reference="PCI 8.3.3",
)
def reset_ends_soon(function: Subject) -> Iterator[Verdict]:
    for policy in _held_to(function, vault_policy.RESETTING):
        yield from vault_policy.reset_ends_soon(policy, _POLICY)


@rule(
    "aws.credentials.rotation-may-call-its-function",
    ROTATION,
    severity="high",
    requires="Secrets Manager may call the function that rotates a secret, for this account only",
    remediation="Add a Permission for secretsmanager.amazonaws.com with sourceAccount.",
    reference="PCI 8.6.3",
    alone=False,
)
def rotation_may_call_its_function(rotation: Subject) -> Iterator[Verdict]:
    at = "rotationLambdaArn"
    if not rotation.has(at):
        return  # a service rotates it by itself
    function = rotation.named(FUNCTION, at)
    if function is None:
        raise rotation.elsewhere(at, "its function")
    permissions = [
        permission
        for permission in function.attached(PERMISSION, by="function")
        if permission.get("principal") == "secretsmanager.amazonaws.com"
    ]
    if not permissions:
        yield Verdict(False, at, text="the function has no permission for Secrets Manager")
    for permission in permissions:
        account = permission.get("sourceAccount")
        yield Verdict(bool(account), "sourceAccount", account, urn=permission.urn)


@rule(
    "aws.credentials.tables-are-used-by-name",
    ROLE_POLICY,
    USER_POLICY,
    GROUP_POLICY,
    severity="high",
    requires="No policy lets its holder read or write what is in every table",
    remediation="Name the tables in the statement.",
    reference="PCI 7.2.1",
)
def tables_are_used_by_name(holder: Subject) -> Iterator[Verdict]:
    yield from _named(holder, _ITEMS, ("*", "arn:*:dynamodb:*:table/*"))


@rule(
    "aws.credentials.secrets-are-used-by-name",
    ROLE_POLICY,
    USER_POLICY,
    GROUP_POLICY,
    severity="high",
    requires="No policy lets its holder read or set the value of every secret",
    remediation="Name the secrets in the statement.",
    reference="PCI 8.6.2",
)
def secrets_are_used_by_name(holder: Subject) -> Iterator[Verdict]:
    yield from _named(holder, _VALUES, ("*", "arn:*:secretsmanager:*:secret:*"))


def _held_to(function: Subject, operations: frozenset[str]) -> Iterator[Mapping[str, Any]]:
    """What the vault is held to, if this function is one of these operations."""
    handler = function.get("handler", "")
    operation = handler.removeprefix(_HANDLERS).replace("_", "-")
    ours = handler.startswith(_HANDLERS) and operation in operations
    # Without the variable, it is held to the defaults of the runtime, which pass.
    if ours and function.has(_POLICY):
        yield json.loads(function.get(_POLICY))


def _named(
    holder: Subject, actions: tuple[str, ...], everything: tuple[str, ...]
) -> Iterator[Verdict]:
    for statement in statements(holder, "policy"):
        if statement.effect == "Allow" and (used := _used(statement, actions)):
            wide = [each for each in statement.resources if _is_all(each, everything)]
            text = f"{used} on {', '.join(wide)}" if wide else ""
            yield Verdict(not wide, statement.place, ", ".join(statement.resources), text)


def _used(statement: Statement, actions: tuple[str, ...]) -> str:
    return ", ".join(action for action in actions if statement.covers(action))


def _is_all(resource: str, everything: tuple[str, ...]) -> bool:
    """Whether it is one of the patterns, with a region and an account or without."""
    return resource == everything[0] or (
        resource.endswith(("/*", ":*"))
        and matches(resource, everything[1])
        # A name before the last star is a name: `table/users-*`, `secret:app/*`.
        and resource.rstrip("*").endswith(("table/", "secret:"))
    )
