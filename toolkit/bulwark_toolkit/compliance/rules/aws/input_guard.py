"""What checks requests before a backend sees them: whether anything gets past it."""

from collections.abc import Iterator
from typing import Final

from bulwark_toolkit.compliance.operations import Operation, operations
from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import Subject

REST: Final = "aws:apigateway/restApi:RestApi"
FUNCTION: Final = "aws:lambda/function:Function"

_HANDLER: Final = "bulwark_runtime.input_guard.aws_proxy.handler"

_READING: Final = {"GET", "HEAD", "OPTIONS"}

_API_WAITS_MS: Final = 29_000
"""Where an integration does not say how long."""


@rule(
    "aws.input_guard.whatever-changes-something-passes-the-guard",
    REST,
    severity="medium",
    requires="Where an API has an input guard, whatever changes something goes through it",
    remediation="Write x-bulwark-guard: block into the operation, or into the document for all.",
    reference="PCI 6.2.4",
    alone=False,
)
def whatever_changes_something_passes_the_guard(api: Subject) -> Iterator[Verdict]:
    guards = _guards(api)
    found = list(operations(api)) if guards else []
    if any(_guard_of(operation, guards) for operation in found):
        for operation in found:
            if operation.method not in _READING:
                guard = _guard_of(operation, guards)
                name = guard.resource.name if guard else operation.integration.get("type")
                yield Verdict(guard is not None, operation.place, name)


@rule(
    "aws.input_guard.guard-gives-up-before-the-api-does",
    REST,
    severity="low",
    requires="An input guard gives up before the API that waits for it, and so answers itself",
    remediation="Give the function a timeout below that of the integration, by a second or two.",
    reference="PCI 6.2.4",
    alone=False,
)
def guard_gives_up_before_the_api_does(api: Subject) -> Iterator[Verdict]:
    guards = _guards(api)
    for operation in operations(api) if guards else ():
        if guard := _guard_of(operation, guards):
            waits = operation.integration.get("timeoutInMillis", _API_WAITS_MS)
            seconds = guard.get("timeout", 3)
            yield Verdict(seconds * 1_000 < waits, operation.place, f"{seconds} s of {waits} ms")


def _guards(api: Subject) -> list[Subject]:
    """The input guards of the program."""
    functions = (Subject(one, api.graph) for one in api.graph.of_type(FUNCTION))
    return [function for function in functions if function.get("handler") == _HANDLER]


def _guard_of(operation: Operation, guards: list[Subject]) -> Subject | None:
    """The guard that an operation's requests go to."""
    called = str(operation.integration.get("uri", ""))
    return next(
        (one for one in guards if f":function:{one.output('name')}/invocations" in called), None
    )
