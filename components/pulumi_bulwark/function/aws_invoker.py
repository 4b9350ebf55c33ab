"""Who may call a function, and on whose behalf: one permission each."""

from collections.abc import Iterator
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from ..naming import logical

WITHOUT_WAITING = frozenset(
    {
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
)
"""Services that call a function and do not wait for its answer."""

_ARN_NAMES_NO_ACCOUNT = frozenset({"s3.amazonaws.com"})
"""Services whose source ARN anybody could own after us, so that it takes the account too."""

_ONLY_AN_ACCOUNT = frozenset({"secretsmanager.amazonaws.com"})
"""Services that are held to an account, since what they call for is made after the permission."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Invoker:
    """A service, an account or a role that may call the function."""

    name: str
    """What the permission is called below the function, such as api or nightly."""
    principal: str
    """A service such as events.amazonaws.com, an account's id, or a role's ARN."""
    source_arn: pulumi.Input[str] | None = None
    """What the service calls for: the rule, the topic, the API's method. Only for services."""
    source_account: str | None = None
    """The 12-digit AWS account that the service calls for. Only for services."""

    @property
    def is_service(self) -> bool:
        return self.principal.endswith((".amazonaws.com", ".amazonaws.com.cn"))


def problems(at: str, invoker: Invoker) -> Iterator[str]:
    """What would let a stranger call, a line each."""
    where = f"{at}: the invoker {invoker.name}"
    if invoker.principal == "*":
        yield f"{where} is everybody. Name a service, an account or a role."
    if not invoker.is_service:
        return
    if invoker.source_arn is None and invoker.source_account is None:
        yield (
            f"{where} is a service that would call for whoever asks it. Give the ARN of what it "
            "calls for in source_arn, or the account in source_account."
        )
    elif invoker.source_account is None and invoker.principal in _ARN_NAMES_NO_ACCOUNT:
        yield (
            f"{where} calls for a bucket, whose ARN says not whose it is. Give source_account too."
        )
    elif invoker.source_account is None and invoker.principal in _ONLY_AN_ACCOUNT:
        yield f"{where} sends the account it calls for. Give source_account."


def permit(
    name: str,
    function: pulumi.Input[str],
    invoker: Invoker,
    opts: pulumi.ResourceOptions | None = None,
    *,
    region: str | None = None,
) -> aws.lambda_.Permission:
    """Lets `invoker` call the function of that name or ARN.

    For what is made after the function and needs it, such as an API whose body names it; take the
    function's name through what comes back, so that nobody calls before it is there.
    """
    return aws.lambda_.Permission(
        logical("lambda-permission", f"{name}-from-{invoker.name}"),
        action="lambda:InvokeFunction",
        function=function,
        principal=invoker.principal,
        source_arn=invoker.source_arn,
        source_account=invoker.source_account,
        region=region,
        opts=opts,
    )
