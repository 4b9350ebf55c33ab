"""The input guard on AWS: a function between the API and its backends, and one as a service."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

import pulumi
import pulumi_aws as aws

from .. import notes
from ..errors import ConfigError
from ..function import FunctionSpec, Package
from ..function.aws import AwsFunction, AwsFunctionArgs, AwsNetwork
from ..log_group.aws import AwsLogStore
from ..naming import physical
from ..openapi import Document, Operation
from ..openapi.nodes import node_of, resolved
from ..openapi.report import written
from ..role.aws import Statement
from .bundle import FOLDER, AnswersOfOurOwn, files, not_compiled
from .limits import guarded_of, named, of_document
from .spec import InputGuardSpec

_AT = "bulwark:inputGuard"

_JOB = Package("input-guard")
_PROXY = "bulwark_runtime.input_guard.aws_proxy.handler"
_SERVICE = "bulwark_runtime.input_guard.aws_service.handler"

_SECONDS_OF_A_CHECK = 5
"""A check takes a millisecond; the rest is for a cold start."""

_AHEAD_SECONDS = 2
"""By how much each waits less than who waits for it: the API, the guard, a function behind it. So
whoever gives up first can still say so."""

SHORTEST_TIMEOUT_MS = (2 * _AHEAD_SECONDS + 1) * 1_000
"""Milliseconds that the API must wait, so that a backend has a second."""

_LARGEST_BUNDLE = 16_000_000
"""Bytes of the document and the routes. Lambda would take 250 MB with the code, and each cold
start reads them."""

_LARGEST_POLICY = 9_000
"""Characters of a statement: a role's own policies have 10,240 in all, and the function's other
statements take some."""

_LARGEST_ANSWER = 4_500_000
"""Bytes of an answer: a function's own has 6 MB, with its quotation marks escaped."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsInputGuardArgs:
    spec: InputGuardSpec
    document: Document
    """The OpenAPI document, checked."""
    store: AwsLogStore
    """How the environment keeps its logs; the guard is in its account and region."""
    key_arn: pulumi.Input[str]
    """KMS key of the functions' settings."""
    boundary_arn: pulumi.Input[str]
    """The permissions boundary of the functions' roles."""
    api_timeout_ms: int = 29_000
    """Milliseconds for which the API waits for an answer."""
    api_binary_types: Sequence[str] = ()
    """Media types that the API passes on as bytes. Of other bodies it makes text."""
    own: AnswersOfOurOwn = field(default_factory=lambda: AnswersOfOurOwn(headers={}))
    """What the guard's own answers carry, as those of the API do."""
    alarm_topic_arns: Sequence[pulumi.Input[str]] = ()
    """SNS topics that are told of errors and throttles."""


class AwsInputGuard(pulumi.ComponentResource):
    """The guard of one API, in front of the backends of the operations that ask for it.

    Raises a ConfigError with all of the document that it could not hold to.
    """

    function_name: str | None
    """Name of the function for the API to call, known before it is there; None if no operation of
    the document is guarded."""

    proxy_arn: pulumi.Output[str] | None
    """ARN of that function, known once it can answer."""

    service_arn: pulumi.Output[str] | None
    """ARN of the function for applications to invoke; None if there is none."""

    def __init__(
        self, name: str, args: AwsInputGuardArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AwsInputGuard", name, None, opts)
        if found := list(problems(args)):
            raise ConfigError(found)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        self.function_name = self.proxy_arn = self.service_arn = None

        guarded = guarded_of(args.document)
        layer = self._layer()
        if guarded:
            self.function_name = physical(
                "lambda-function", pulumi.get_project(), pulumi.get_stack(), name
            )
            self.proxy_arn = self._proxy(layer, guarded).arn
        if args.spec.service:
            self.service_arn = self._service(layer).arn
        self._say(guarded)
        self.register_outputs(
            {
                "functionName": self.function_name,
                "proxyArn": self.proxy_arn,
                "serviceArn": self.service_arn,
            }
        )

    def _layer(self) -> aws.lambda_.LayerVersion:
        """The document beside the code: no permission, no network and no wait to read it."""
        found = _files(self._args)
        return aws.lambda_.LayerVersion(
            f"{self._name}-document",
            layer_name=physical(
                "lambda-layer", pulumi.get_project(), pulumi.get_stack(), self._name, "document"
            ),
            description=f"The OpenAPI document that {self._name} holds requests to",
            region=self._args.store.region,
            code=pulumi.AssetArchive(
                {path: pulumi.StringAsset(text) for path, text in found.items()}
            ),
            opts=self._child,
        )

    def _proxy(self, layer: aws.lambda_.LayerVersion, guarded: Sequence[Operation]) -> AwsFunction:
        args = self._args
        timeout = args.api_timeout_ms // 1_000 - _AHEAD_SECONDS
        return AwsFunction(
            f"{self._name}-proxy",
            AwsFunctionArgs(
                spec=self._function(
                    timeout_seconds=timeout, reserved_concurrency=args.spec.reserved_concurrency
                ),
                description="Checks requests, and hands those that pass to their backends",
                handler=_PROXY,
                function_name=self.function_name,
                statements=list(_statements(guarded, args.store)),
                environment={
                    "BULWARK_GUARD_FOLDER": f"/opt/{FOLDER}",
                    "BULWARK_BACKEND_SECONDS": str(timeout - _AHEAD_SECONDS),
                },
                layer_arns=[layer.arn],
                network=_network(args.spec),
                **self._common(),
            ),
            self._child,
        )

    def _service(self, layer: aws.lambda_.LayerVersion) -> AwsFunction:
        return AwsFunction(
            f"{self._name}-service",
            AwsFunctionArgs(
                spec=self._function(timeout_seconds=_SECONDS_OF_A_CHECK),
                description="Checks requests for applications that ask, and calls nothing itself",
                handler=_SERVICE,
                environment={"BULWARK_GUARD_FOLDER": f"/opt/{FOLDER}"},
                layer_arns=[layer.arn],
                **self._common(),
            ),
            self._child,
        )

    def _function(
        self, *, timeout_seconds: int, reserved_concurrency: int | None = None
    ) -> FunctionSpec:
        spec = self._args.spec
        return FunctionSpec(
            memory_mb=spec.memory_mb,
            timeout_seconds=timeout_seconds,
            architecture=spec.architecture,
            reserved_concurrency=reserved_concurrency,
            tracing=spec.tracing,
        )

    def _common(self) -> dict[str, Any]:
        args = self._args
        return {
            "code": _JOB,
            "store": args.store,
            "key_arn": args.key_arn,
            "boundary_arn": args.boundary_arn,
            "alarm_topic_arns": args.alarm_topic_arns,
            "at": _AT,
        }

    def _say(self, guarded: Sequence[Operation]) -> None:
        args = self._args
        notes.cost(
            self,
            "the guard: nothing by itself; about 0.20 USD a million requests, and "
            f"{_usd_a_second(args.spec):.2f} USD a million seconds that they and their backends "
            "take",
        )
        for text in _limits(args, guarded):
            notes.limit(self, text)


def problems(args: AwsInputGuardArgs) -> Iterator[str]:
    """What AWS would refuse, and what the guard could not hold to, a line each."""
    document = args.document
    guarded = guarded_of(document)
    for operation in guarded:
        if operation.backend.vpc_link and not args.spec.vpc:
            yield (
                f"{document.source.name}#{operation.pointer}: is guarded, and its backend is "
                f"behind a VPC link, which leads from the API alone. Set {_AT}.vpc, so that the "
                "guard is in that VPC, or write x-bulwark-guard: off."
            )
    if guarded and args.api_timeout_ms < SHORTEST_TIMEOUT_MS:
        yield (
            f"bulwark:api.backendTimeoutMs: must be at least {SHORTEST_TIMEOUT_MS} where the input "
            f"guard stands before a backend, which waits less than the API; got "
            f"{args.api_timeout_ms}."
        )
    yield from _broken_forms(args, guarded)
    yield from not_compiled(document)
    yield from _sizes(args, guarded)


_FORM = "multipart/form-data"


def _broken_forms(args: AwsInputGuardArgs, guarded: Sequence[Operation]) -> Iterator[str]:
    """API Gateway makes text of a form with a file in it, and question marks of the file."""
    if any(fnmatchcase(_FORM, kind) for kind in args.api_binary_types):
        return
    document = args.document
    for operation in guarded:
        body = resolved(document.body, node_of(document, operation).get("requestBody", {}))
        for media in body.get("content", {}):
            if media.partition(";")[0].strip().lower() == _FORM:
                at = operation.pointer + written(("requestBody", "content", media))
                yield (
                    f"{document.source.name}#{at}: is guarded, and API Gateway would break the "
                    f"bytes of a file on its way there. Add {_FORM} to bulwark:api.binaryTypes."
                )


def _network(spec: InputGuardSpec) -> AwsNetwork | None:
    if spec.vpc is None:
        return None
    return AwsNetwork(
        subnet_ids=spec.vpc.subnet_ids, security_group_ids=spec.vpc.security_group_ids
    )


def _sizes(args: AwsInputGuardArgs, guarded: Sequence[Operation]) -> Iterator[str]:
    source = args.document.source.name
    size = sum(len(text.encode()) for text in _files(args).values())
    if size > _LARGEST_BUNDLE:
        yield (
            f"{source}: is {size:,} bytes long as the input guard gets it, and each start of it "
            f"reads {_LARGEST_BUNDLE:,} at most; shorten the examples, or split the document."
        )
    allowed = sum(len(arn) + 3 for arn in _invoked(guarded, args.store))
    if allowed > _LARGEST_POLICY:
        yield (
            f"{source}: names so many functions as backends of guarded operations that the guard's "
            f"role has no room for them: {allowed:,} characters, and it has {_LARGEST_POLICY:,}. "
            "Guard fewer, or put some behind one function."
        )


def _files(args: AwsInputGuardArgs) -> dict[str, str]:
    arns = {
        operation.backend.function: args.store.function_arn(operation.backend.function)
        for operation in guarded_of(args.document)
        if operation.backend.function
    }
    return files(args.document, args.own, arns)


def _invoked(guarded: Sequence[Operation], store: AwsLogStore) -> list[str]:
    functions = {o.backend.function for o in guarded if o.backend.function}
    return sorted(store.function_arn(function) for function in functions)


def _statements(guarded: Sequence[Operation], store: AwsLogStore) -> Iterator[Statement]:
    """The backends of guarded operations, and no other function."""
    if arns := _invoked(guarded, store):
        yield {
            "Sid": "CallBackends",
            "Effect": "Allow",
            "Action": "lambda:InvokeFunction",
            "Resource": arns,
        }


# What the people who run it are told.

_PRICES = {"arm64": 0.0000133334, "x86_64": 0.0000166667}
"""USD for a second of 1 GB, in most regions [m]."""


def _usd_a_second(spec: InputGuardSpec) -> float:
    return _PRICES[spec.architecture] * spec.memory_mb / 1_024 * 1_000_000


def _limits(args: AwsInputGuardArgs, guarded: Sequence[Operation]) -> Iterator[str]:
    document = args.document
    yield from of_document(document)
    others = [
        arn for arn in _invoked(guarded, args.store) if _account(arn) != args.store.account_id
    ]
    for arn in others:
        yield f"{arn} is another account's, which must let the guard's role invoke it"
    far = [arn for arn in _invoked(guarded, args.store) if arn.split(":")[3] != args.store.region]
    for arn in far:
        yield f"{arn} is in another region: requests and their data go there, and take longer"
    if args.spec.vpc and (public := [o.operation_id for o in guarded if _is_public(o)]):
        yield f"{named(public)}: reached from the guard's VPC by a NAT gateway or an endpoint only"
    if guarded:
        yield (
            "through the guard a request has 6 MB at most, as every function's has, and an answer "
            f"{_LARGEST_ANSWER / 1_000_000:g} MB; without it 10 MB"
        )


def _is_public(operation: Operation) -> bool:
    return operation.backend.kind != "mock" and not operation.backend.vpc_link


def _account(arn: str) -> str:
    return arn.split(":")[4]
