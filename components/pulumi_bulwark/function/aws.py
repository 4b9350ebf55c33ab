"""Lambda functions: each with a role, a log group and alarms of its own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from .. import notes
from ..days import today
from ..errors import ConfigError
from ..log_group.aws import AwsLogGroup, AwsLogGroupArgs, AwsLogStore
from ..naming import logical
from ..role.aws import AwsRole, AwsRoleArgs, Statement, service_trust
from . import aws_code, aws_invoker, environment
from .aws_alarms import alarms
from .aws_failures import AwsFailures, AwsFailuresArgs
from .aws_invoker import WITHOUT_WAITING, Invoker, permit
from .aws_role import statements
from .code import Code
from .spec import END_OF_SUPPORT, FunctionSpec

_MOST_LAYERS = 5
_LONGEST_NAME = 64
_LONGEST_DESCRIPTION = 256
_ZONES = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsNetwork:
    """Where in a VPC a function's network interfaces are."""

    subnet_ids: Sequence[pulumi.Input[str]]
    """Private subnets, of two availability zones at least."""
    security_group_ids: Sequence[pulumi.Input[str]]
    """What the function may reach, one group at least."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsFunctionArgs:
    spec: FunctionSpec
    description: str
    """What the function does, in a sentence of up to 256 characters: Lambda's limit."""
    code: Code
    """What it runs: a package, a zip or folder of the project, or a signed object."""
    handler: str
    """Where the code begins, such as bulwark_runtime.input_guard.aws.handler."""
    store: AwsLogStore
    """How the environment keeps its logs; its region is the function's."""
    key_arn: pulumi.Input[str]
    """KMS key of the environment variables and of the events that could not be handled."""
    boundary_arn: pulumi.Input[str]
    """The permissions boundary: the function can do nothing that it does not allow."""
    statements: Sequence[Statement] = ()
    """What the function may do, beside writing its log and its traces."""
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Settings that the code reads. No secret: name where it is."""
    layer_arns: Sequence[pulumi.Input[str]] = ()
    """Versions of layers, five at most."""
    function_name: str | None = None
    """The whole name, where others must know it before the function is there. Changing it, or
    what replaces the function, deletes the old one first."""
    invokers: Sequence[Invoker] = ()
    """Who may call it; nobody else but what IAM in the account allows."""
    asynchronous: bool = False
    """Whether it is called by something that does not wait for the answer."""
    alarm_topic_arns: Sequence[pulumi.Input[str]] = ()
    """SNS topics that are told of errors and throttles; without any there are no alarms."""
    network: AwsNetwork | None = None
    """Where in a VPC it runs; outside of any if left out."""
    code_signing_config_arn: pulumi.Input[str] | None = None
    """Lambda's code signing configuration, which refuses what AWS Signer has not signed."""
    at: str = "function"
    """Where the spec stands in the config, for messages, such as bulwark:inputGuard.function."""


class AwsFunction(pulumi.ComponentResource):
    """A Lambda function that can do what it names and nothing else, and is watched.

    Raises a ConfigError with all that Lambda would refuse, or if the engine runs and the code is
    not packaged.
    """

    arn: pulumi.Output[str]
    """ARN of the function, known once it can be called by whom it names."""

    name: pulumi.Output[str]
    """Name of the function, known once it can be called by whom it names."""

    invoke_arn: pulumi.Output[str]
    """What API Gateway calls the function by, known when the ARN is."""

    role_arn: pulumi.Output[str]
    """ARN of its role, known once its permissions are attached."""

    log_group_id: pulumi.Output[str]
    """Name of its log group."""

    failures_queue_arn: pulumi.Output[str] | None
    """ARN of the queue with the events it could not handle; None unless it is asynchronous."""

    def __init__(
        self, name: str, args: AwsFunctionArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AwsFunction", name, None, opts)
        if found := list(problems(args)):
            raise ConfigError(found)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)

        # Before the function: Lambda would make one of its own, without a key or a retention.
        log_group = AwsLogGroup(f"{name}-log", AwsLogGroupArgs(store=args.store), self._child)
        failures = self._failures() if args.asynchronous else None
        role = self._role(log_group, failures)
        function = self._function(role, log_group)

        ready = [self._permission(function, invoker).urn for invoker in args.invokers]
        if failures:
            ready.append(self._asynchronous_calls(function, failures).urn)
        self.arn, self.name, self.invoke_arn = (
            pulumi.Output.all(value, *ready).apply(lambda all_: all_[0])
            for value in (function.arn, function.name, function.invoke_arn)
        )
        self.role_arn, self.log_group_id = role.arn, log_group.id
        self.failures_queue_arn = failures.arn if failures else None

        alarms(
            name,
            function.name,
            failures.name if failures else None,
            topic_arns=args.alarm_topic_arns,
            region=args.store.region,
            opts=self._child,
        )
        self._tell()
        self.register_outputs(
            {
                "arn": self.arn,
                "name": self.name,
                "invokeArn": self.invoke_arn,
                "roleArn": self.role_arn,
                "logGroupId": self.log_group_id,
                "failuresQueueArn": self.failures_queue_arn,
            }
        )

    def _failures(self) -> AwsFailures:
        args = self._args
        return AwsFailures(
            f"{self._name}-failures",
            AwsFailuresArgs(
                region=args.store.region, key_arn=args.key_arn, days=args.spec.failures_days
            ),
            self._child,
        )

    def _role(self, log_group: AwsLogGroup, failures: AwsFailures | None) -> AwsRole:
        args, store = self._args, self._args.store
        own = statements(
            store,
            log_group_arn=log_group.arn,
            traced=args.spec.tracing,
            failures_arn=failures.arn if failures else None,
            failures_key_arn=args.key_arn,
            functions=args.function_name or f"{_logical(self._name)}-*",
            in_a_network=args.network is not None,
        )
        return AwsRole(
            f"{self._name}-execution",
            AwsRoleArgs(
                description=args.description,
                trust=[
                    service_trust(
                        "lambda.amazonaws.com",
                        {"StringEquals": {"aws:SourceAccount": store.account_id}},
                    )
                ],
                boundary_arn=args.boundary_arn,
                statements=[*own, *args.statements],
            ),
            self._child,
        )

    def _function(self, role: AwsRole, log_group: AwsLogGroup) -> aws.lambda_.Function:
        args, spec = self._args, self._args.spec
        return aws.lambda_.Function(
            _logical(self._name),
            name=args.function_name,
            description=args.description,
            region=args.store.region,
            role=role.arn,
            **aws_code.inputs(args.code, spec),
            handler=args.handler,
            runtime=spec.runtime,
            architectures=[spec.architecture],
            memory_size=spec.memory_mb,
            timeout=spec.timeout_seconds,
            ephemeral_storage={"size": spec.ephemeral_storage_mb},
            # Not asked for is -1, "none of its own"; left out, Lambda would keep what it had.
            reserved_concurrent_executions=(
                -1 if spec.reserved_concurrency is None else spec.reserved_concurrency
            ),
            layers=list(args.layer_arns) or None,
            logging_config={
                "log_format": "JSON",
                "log_group": log_group.id,
                "application_log_level": spec.log_level,
                "system_log_level": "INFO",
            },
            tracing_config={"mode": "Active" if spec.tracing else "PassThrough"},
            code_signing_config_arn=args.code_signing_config_arn,
            **_environment(args),
            **_network(args.network),
            opts=self._child,
        )

    def _permission(
        self, function: aws.lambda_.Function, invoker: Invoker
    ) -> aws.lambda_.Permission:
        region = self._args.store.region
        return permit(self._name, function.name, invoker, self._child, region=region)

    def _asynchronous_calls(
        self, function: aws.lambda_.Function, failures: AwsFailures
    ) -> aws.lambda_.FunctionEventInvokeConfig:
        spec = self._args.spec
        return aws.lambda_.FunctionEventInvokeConfig(
            f"{self._name}-calls",
            function_name=function.name,
            region=self._args.store.region,
            maximum_retry_attempts=spec.retries,
            maximum_event_age_in_seconds=spec.event_age_seconds,
            destination_config={"on_failure": {"destination": failures.arn}},
            opts=self._child,
        )

    def _tell(self) -> None:
        args = self._args
        if (last_day := END_OF_SUPPORT[args.spec.runtime]) < today():
            notes.overdue(
                self,
                f"{args.at}.runtime is {args.spec.runtime}, which AWS mends no longer since "
                f"{last_day}. Set a newer one",
            )
        if args.network:
            notes.limit(
                self,
                "in its VPC it reaches AWS only through endpoints or a NAT gateway, and its "
                "network interfaces can hold up a teardown for 45 minutes",
            )
        notes.loosened(self, args.at, args.spec)


def problems(args: AwsFunctionArgs) -> Iterator[str]:
    """What Lambda would refuse, and what would let a stranger in, a line each."""
    at = args.at
    yield from aws_code.problems(
        at, args.code, args.spec, signed=bool(args.code_signing_config_arn)
    )
    yield from environment.problems(at, args.environment, environment.LAMBDA)
    for invoker in args.invokers:
        yield from aws_invoker.problems(at, invoker)
        if invoker.principal in WITHOUT_WAITING and not args.asynchronous:
            yield (
                f"{at}: the invoker {invoker.name} does not wait for the answer, so an event that "
                "fails is lost. Set asynchronous, which keeps it in a queue."
            )
    yield from _sizes(args)


def _sizes(args: AwsFunctionArgs) -> Iterator[str]:
    at = args.at
    if not 1 <= len(args.description) <= _LONGEST_DESCRIPTION:
        yield (
            f"{at}: its description has {len(args.description)} characters, and Lambda takes 1 to "
            f"{_LONGEST_DESCRIPTION}."
        )
    if len(args.layer_arns) > _MOST_LAYERS:
        yield f"{at}: has {len(args.layer_arns)} layers, and Lambda takes {_MOST_LAYERS}."
    if args.function_name and len(args.function_name) > _LONGEST_NAME:
        yield (
            f"{at}: its name has {len(args.function_name)} characters, and Lambda takes "
            f"{_LONGEST_NAME}. `naming.physical` makes one that fits."
        )
    if args.network and len(args.network.subnet_ids) < _ZONES:
        yield f"{at}: its network needs subnets of {_ZONES} zones at least, or it falls with one."
    if args.network and not args.network.security_group_ids:
        yield f"{at}: its network has no security group, so it could reach everything. Name one."


def _logical(name: str) -> str:
    return logical("lambda-function", f"{name}-function")


def _environment(args: AwsFunctionArgs) -> dict[str, Any]:
    # Lambda does not keep a key without variables: it would be a change on each run.
    if not args.environment:
        return {}
    variables = {
        name: environment.in_the_open(args.at, name, value, environment.LAMBDA)
        for name, value in args.environment.items()
    }
    return {"environment": {"variables": variables}, "kms_key_arn": args.key_arn}


def _network(network: AwsNetwork | None) -> dict[str, Any]:
    if network is None:
        return {}
    return {
        "vpc_config": {
            "subnet_ids": list(network.subnet_ids),
            "security_group_ids": list(network.security_group_ids),
        }
    }
