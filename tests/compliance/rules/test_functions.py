import pulumi
import pulumi_aws as aws
from rule_cases import (
    test_a_rule_fails_for,  # noqa: F401 asked of this file too
    test_a_rule_passes_fails_and_does_not_apply,  # noqa: F401 asked of this file too
    test_a_rule_passes_for,  # noqa: F401 asked of this file too
)

from bulwark_toolkit.compliance import judge
from bulwark_toolkit.compliance.rules import RULES
from bulwark_toolkit.compliance.rules.aws import functions as rules

F = "aws.functions."
ROLE = "arn:aws:iam::123456789012:role/it"
KEY = "arn:aws:kms:eu-central-1:123456789012:key/1"
QUEUE = "arn:aws:sqs:eu-central-1:123456789012:it"
BUCKET = "arn:aws:s3:::it"
TOPIC = "arn:aws:sns:eu-central-1:123456789012:it"
SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:it"


def nothing():
    """A program without a function."""
    aws.sqs.Queue("it")


def function(**inputs):
    return lambda: aws.lambda_.Function("it", role=ROLE, **inputs)


def knowing(**variables):
    return function(environment={"variables": variables})


def knowing_a_secret():
    """A function with what Pulumi knows as a secret."""
    knowing(apiKey=pulumi.Output.secret("hunter2"))()


def called_by(principal, *, kept=False, **inputs):
    """A function that a service calls; it may have a place for what fails."""

    def program():
        it = aws.lambda_.Function("it", role=ROLE, **inputs)
        aws.lambda_.Permission(
            "permission", action="lambda:InvokeFunction", function=it.name, principal=principal
        )
        if kept:
            aws.lambda_.FunctionEventInvokeConfig(
                "config",
                function_name=it.name,
                destination_config={"on_failure": {"destination": QUEUE}},
            )

    return program


def permission(principal, **inputs):
    return lambda: aws.lambda_.Permission(
        "it", action="lambda:InvokeFunction", function="it", principal=principal, **inputs
    )


def url(kind):
    return lambda: aws.lambda_.FunctionUrl("it", function_name="it", authorization_type=kind)


def within(*subnets):
    return function(vpc_config={"subnet_ids": list(subnets), "security_group_ids": ["sg-1"]})


def alarmed(metric="Errors", actions=(TOPIC,)):
    """A function whose errors, or something else of it, raise an alarm."""

    def program():
        it = aws.lambda_.Function("it", role=ROLE)
        aws.cloudwatch.MetricAlarm(
            "alarm",
            comparison_operator="GreaterThanThreshold",
            evaluation_periods=1,
            namespace="AWS/Lambda",
            metric_name=metric,
            dimensions={"FunctionName": it.name},
            alarm_actions=list(actions),
        )

    return program


def with_roles(*roles):
    """A function for each role."""

    def program():
        for number, role in enumerate(roles):
            aws.lambda_.Function(f"it{number}", role=role)

    return program


def usual_log_group():
    """A log group that is called as Lambda would call the function's."""
    aws.cloudwatch.LogGroup("group", name="/aws/lambda/it")
    aws.lambda_.Function("it", name="it", role=ROLE)


CASES = {
    F + "no-secret-is-in-the-environment": (
        knowing(DB_SECRET_ARN=SECRET, LOG_LEVEL="INFO"),
        knowing(DB_PASSWORD="hunter2"),
        function(),
    ),
    F + "environment-has-a-key": (
        function(environment={"variables": {"A": "b"}}, kms_key_arn=KEY),
        knowing(A="b"),
        function(),
    ),
    F + "runtime-is-maintained": (
        function(runtime="python3.13", handler="it.handle"),
        function(runtime="python3.8", handler="it.handle"),
        function(package_type="Image", image_uri="it"),
    ),
    F + "requests-are-traced": (
        function(tracing_config={"mode": "Active"}),
        function(),
        nothing,
    ),
    F + "failed-events-are-kept": (
        called_by("s3.amazonaws.com", kept=True),
        called_by("s3.amazonaws.com"),
        called_by("apigateway.amazonaws.com"),
    ),
    F + "subnets-are-in-two-zones": (
        within("subnet-1", "subnet-2"),
        within("subnet-1"),
        function(),
    ),
    F + "nobody-may-call-who-is-not-named": (permission("123456789012"), permission("*"), nothing),
    F + "services-call-for-us-only": (
        permission("events.amazonaws.com", source_arn=QUEUE),
        permission("events.amazonaws.com"),
        permission("123456789012"),
    ),
    F + "log-group-is-made-for-it": (
        function(logging_config={"log_format": "JSON", "log_group": "it"}),
        function(logging_config={"log_format": "JSON"}),
        nothing,
    ),
    F + "role-is-its-own": (with_roles(ROLE, f"{ROLE}-2"), with_roles(ROLE, ROLE), nothing),
    F + "errors-raise-an-alarm": (alarmed(), function(), nothing),
    F + "url-asks-who-calls": (url("AWS_IAM"), url("NONE"), nothing),
}
"""For each rule: a program that passes, one that fails, and one that it does not apply to."""

ALSO = {
    "a secret that Pulumi knows as one": (
        F + "no-secret-is-in-the-environment",
        knowing_a_secret,
    ),
    "a key of AWS under another name": (
        F + "no-secret-is-in-the-environment",
        knowing(ACCESS="AKIAIOSFODNN7EXAMPLE"),
    ),
    "a token under another name": (
        F + "no-secret-is-in-the-environment",
        knowing(HEADER="eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.x"),
    ),
    "an alarm on something else": (F + "errors-raise-an-alarm", alarmed("Duration")),
    "an alarm that tells nobody": (F + "errors-raise-an-alarm", alarmed(actions=())),
    "no log group at all": (F + "log-group-is-made-for-it", function()),
    "an address with a password in it": (
        F + "no-secret-is-in-the-environment",
        knowing(CONNECTION_STRING="https://user:hunter2@db.example.com"),
    ),
    "a bucket that anybody could make again": (
        F + "services-call-for-us-only",
        permission("s3.amazonaws.com", source_arn=BUCKET),
    ),
}
"""More that fails."""

FINE = {
    "the address of a secret": (F + "no-secret-is-in-the-environment", knowing(DB_SECRET=SECRET)),
    "a word that only begins like one": (
        F + "no-secret-is-in-the-environment",
        knowing(TOKEN_URL="https://example.com/token", PASSWORD_LENGTH="12", TABLE_KEY="id"),
    ),
    "a log group that is called as Lambda's would be": (
        F + "log-group-is-made-for-it",
        usual_log_group,
    ),
    "a queue for what fails": (
        F + "failed-events-are-kept",
        called_by("sns.amazonaws.com", dead_letter_config={"target_arn": QUEUE}),
    ),
    "an organisation": (
        F + "nobody-may-call-who-is-not-named",
        permission("*", principal_org_id="o-1234567890"),
    ),
    "a bucket of an account": (
        F + "services-call-for-us-only",
        permission("s3.amazonaws.com", source_arn=BUCKET, source_account="123456789012"),
    ),
}
"""More that passes."""


def test_each_rule_of_the_file_has_its_cases():
    assert {r.id for r in vars(rules).values() if r in RULES} == CASES.keys()


def test_a_secret_in_the_environment_is_named_and_not_shown(preview):
    graph = preview(knowing(DB_PASSWORD="hunter2"), rendered=True)
    found = judge(graph, [rules.no_secret_is_in_the_environment])

    assert [f.property for f in found] == ["environment.variables.DB_PASSWORD"]
    assert "hunter2" not in repr(found)
