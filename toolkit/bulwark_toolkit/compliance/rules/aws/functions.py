"""Lambda functions: who may call them, what they run on, and what they know."""

import re
from collections.abc import Iterator
from typing import Any, Final

from bulwark_toolkit.compliance.end_of_support import last_day
from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import Subject

FUNCTION: Final = "aws:lambda/function:Function"
PERMISSION: Final = "aws:lambda/permission:Permission"
URL: Final = "aws:lambda/functionUrl:FunctionUrl"
INVOKES: Final = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig"

_SECRET_NAME: Final = re.compile(
    r"(?:^|_)(?:PASSWORD|PASSWD|PWD|PASSPHRASE|SECRET|TOKEN|CREDENTIALS?|PEPPER"
    r"|(?:API|PRIVATE|ACCESS|SIGNING|ENCRYPTION)_?KEY|CONNECTION_?STRING)S?$",
    re.IGNORECASE,
)
"""A name that ends with what it holds; one such as DB_SECRET_ARN says only where it is."""

_WORD: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|-")
"""Where a new word begins in dbPassword or db-password."""

_ADDRESS: Final = re.compile(r"arn:|https?://[^@]*$")
"""What says where a secret is."""

_WITHOUT_WAITING: Final = {
    "cloudformation.amazonaws.com",
    "codecommit.amazonaws.com",
    "config.amazonaws.com",
    "events.amazonaws.com",
    "iot.amazonaws.com",
    "lambda.alarms.cloudwatch.amazonaws.com",
    "s3.amazonaws.com",
    "scheduler.amazonaws.com",
    "ses.amazonaws.com",
    "sns.amazonaws.com",
}
"""Services that call a function and do not wait for its answer."""

_ZONES: Final = 2


@rule(
    "aws.functions.no-secret-is-in-the-environment",
    FUNCTION,
    severity="high",
    requires="No function has a secret in its environment variables",
    remediation="Keep it in Secrets Manager, and give the function its ARN.",
    reference="PCI 8.6.2",
)
def no_secret_is_in_the_environment(function: Subject) -> Iterator[Verdict]:
    at = "environment.variables"
    variables = function.get(at, {})
    # Never its value: that is what it may be.
    found = [name for name, value in variables.items() if _holds_a_secret(name, value)]
    for name in found:
        yield Verdict(False, f"{at}.{name}", name)
    if variables and not found:
        yield Verdict(True, at, sorted(variables))


@rule(
    "aws.functions.environment-has-a-key",
    FUNCTION,
    severity="medium",
    requires="Environment variables are encrypted with a key of ours",
    remediation="Set kmsKeyArn.",
    reference="PCI 3.5.1",
)
def environment_has_a_key(function: Subject) -> Iterator[Verdict]:
    if function.has("environment.variables"):
        yield Verdict(function.has("kmsKeyArn"), "kmsKeyArn", function.get("kmsKeyArn"))


@rule(
    "aws.functions.runtime-is-maintained",
    FUNCTION,
    severity="high",
    requires="Every function runs on what AWS still mends",
    remediation="Move to a newer version of the language.",
    reference="Lambda.2",
)
def runtime_is_maintained(function: Subject) -> Iterator[Verdict]:
    # An image brings its own.
    if runtime := function.get("runtime"):
        last = last_day("lambda", runtime)
        yield Verdict(True, "runtime", runtime, f"mended until {last} only", until=last)


@rule(
    "aws.functions.requests-are-traced",
    FUNCTION,
    severity="low",
    requires="Every function traces what calls it",
    remediation="Set tracingConfig.mode to Active.",
    reference="Lambda.7",
)
def requests_are_traced(function: Subject) -> Iterator[Verdict]:
    mode = function.get("tracingConfig.mode", "PassThrough")
    yield Verdict(mode == "Active", "tracingConfig.mode", mode)


@rule(
    "aws.functions.failed-events-are-kept",
    FUNCTION,
    severity="medium",
    requires="A function that nobody waits for keeps the events that it could not handle",
    remediation="Set deadLetterConfig, or a FunctionEventInvokeConfig with onFailure.",
    reference="PCI 10.7.2",
    alone=False,
)
def failed_events_are_kept(function: Subject) -> Iterator[Verdict]:
    callers = {each.get("principal") for each in function.attached(PERMISSION, by="function")}
    if callers & _WITHOUT_WAITING:
        kept = [
            function.get("deadLetterConfig.targetArn"),
            *(
                config.get("destinationConfig.onFailure.destination")
                for config in function.attached(INVOKES, by="functionName")
            ),
        ]
        found = [place for place in kept if place]
        yield Verdict(bool(found), "deadLetterConfig", found)


@rule(
    "aws.functions.subnets-are-in-two-zones",
    FUNCTION,
    severity="low",
    requires="A function in a network has two subnets at least",
    remediation="Name subnets of two availability zones in vpcConfig.",
    reference="Lambda.5",
)
def subnets_are_in_two_zones(function: Subject) -> Iterator[Verdict]:
    at = "vpcConfig.subnetIds"
    # The ids need not be known to be counted.
    if subnets := function.each(at):
        yield Verdict(len(subnets) >= _ZONES, at, len(subnets))


@rule(
    "aws.functions.nobody-may-call-who-is-not-named",
    PERMISSION,
    severity="critical",
    requires="No permission lets everybody call a function",
    remediation="Name the account or the service as principal, or hold it to principalOrgId.",
    reference="Lambda.1",
)
def nobody_may_call_who_is_not_named(permission: Subject) -> Iterator[Verdict]:
    principal = permission.get("principal")
    held = permission.has("principalOrgId") or (permission.get("functionUrlAuthType") == "AWS_IAM")
    yield Verdict(principal != "*" or held, "principal", principal)


@rule(
    "aws.functions.services-call-for-us-only",
    PERMISSION,
    severity="high",
    requires="A service may call a function only for a resource, or an account, that is named",
    remediation="Set sourceArn; for a bucket, whose ARN names no account, sourceAccount too.",
    reference="PCI 7.2.1",
)
def services_call_for_us_only(permission: Subject) -> Iterator[Verdict]:
    principal = permission.get("principal")
    if principal.endswith(".amazonaws.com"):
        needed = "sourceAccount" if principal.startswith("s3.") else "sourceArn"
        held = permission.has(needed) or permission.has("sourceAccount")
        yield Verdict(held, needed, permission.get(needed))


@rule(
    "aws.functions.url-asks-who-calls",
    URL,
    severity="critical",
    requires="No function's URL is open to everybody",
    remediation="Set authorizationType to AWS_IAM, or put an API in front of the function.",
    reference="Lambda.1",
)
def url_asks_who_calls(url: Subject) -> Iterator[Verdict]:
    kind = url.get("authorizationType")
    yield Verdict(kind == "AWS_IAM", "authorizationType", kind)


def _holds_a_secret(name: str, value: Any) -> bool:
    """By its name, unless what is there is plainly the secret's address."""
    if not _SECRET_NAME.search(_WORD.sub("_", name)):
        return False
    return not (isinstance(value, str) and (not value or _ADDRESS.match(value)))
