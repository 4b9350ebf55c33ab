"""Lambda functions: who may call them, what they run on, and what they know."""

from collections.abc import Iterator
from typing import Final

from bulwark_toolkit.compliance.end_of_support import last_day
from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.secret_names import holds_a_secret
from bulwark_toolkit.compliance.subject import Subject

FUNCTION: Final = "aws:lambda/function:Function"
PERMISSION: Final = "aws:lambda/permission:Permission"
URL: Final = "aws:lambda/functionUrl:FunctionUrl"
INVOKES: Final = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig"
LOG_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
ALARM: Final = "aws:cloudwatch/metricAlarm:MetricAlarm"

_WITHOUT_WAITING: Final = {
    "cloudformation.amazonaws.com",
    "codecommit.amazonaws.com",
    "config.amazonaws.com",
    "events.amazonaws.com",
    "iot.amazonaws.com",
    "lambda.alarms.cloudwatch.amazonaws.com",
    "logs.amazonaws.com",
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
    found = [name for name, value in variables.items() if holds_a_secret(name, value)]
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


@rule(
    "aws.functions.log-group-is-made-for-it",
    FUNCTION,
    severity="medium",
    requires="Every function writes to a log group that was made before it, with what that has",
    remediation="Name a log group in loggingConfig.logGroup: the one that Lambda makes has no key "
    "of yours and keeps its logs for ever.",
    reference="PCI 10.5.1",
    alone=False,
)
def log_group_is_made_for_it(function: Subject) -> Iterator[Verdict]:
    if function.has("loggingConfig.logGroup"):
        yield Verdict(True, "loggingConfig.logGroup", function.get("loggingConfig.logGroup"))
        return
    # Or the one that has the name which Lambda would choose.
    name = function.output("name")
    groups = {
        Subject(group, function.graph).output("name") for group in function.graph.of_type(LOG_GROUP)
    }
    usual = f"/aws/lambda/{name}"
    yield Verdict(name is not None and usual in groups, "loggingConfig.logGroup", None)


@rule(
    "aws.functions.role-is-its-own",
    FUNCTION,
    severity="medium",
    requires="No two functions share a role, so that each can do what it needs and no more",
    remediation="Give each function a role of its own.",
    reference="PCI 7.2.5",
    alone=False,
)
def role_is_its_own(function: Subject) -> Iterator[Verdict]:
    role = function.get("role")
    same = [
        other.name
        for other in function.graph.of_type(FUNCTION)
        if other.urn != function.urn and other.inputs.get("role") == role
    ]
    yield Verdict(not same, "role", role, f"so has {', '.join(sorted(same))}")


@rule(
    "aws.functions.errors-raise-an-alarm",
    FUNCTION,
    severity="low",
    requires="Somebody is told when a function fails",
    remediation="Make a CloudWatch alarm on AWS/Lambda Errors of the function, with an action.",
    reference="PCI 10.7.2",
    alone=False,
)
def errors_raise_an_alarm(function: Subject) -> Iterator[Verdict]:
    alarms = function.attached(ALARM, by="dimensions.FunctionName")
    found = [
        alarm.resource.name
        for alarm in alarms
        if alarm.get("metricName") == "Errors" and alarm.has("alarmActions[0]")
    ]
    yield Verdict(bool(found), "dimensions.FunctionName", found)
