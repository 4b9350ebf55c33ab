"""The input guard on Azure: one function app, which API Management asks, and applications may."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi

from .. import notes
from ..errors import ConfigError
from ..function import FunctionApplication, FunctionSpec, Package
from ..function.azure import AzureFunction, AzureFunctionArgs
from ..function.azure import problems as problems_of_function
from ..log_group.azure import AzureLogStore
from ..openapi import Document
from ..role.azure import AzureIdentity, AzureIdentityArgs, principal_of
from ..vault.azure import AzureKey
from .bundle import document_file, not_compiled
from .limits import guarded_of, of_document
from .spec import InputGuardSpec

_AT: Final = "bulwark:inputGuard"

_JOB: Final = Package("input-guard")
_APP: Final = "bulwark_runtime.input_guard.azure_app:app"

_ROUTE: Final = "check"
"""Where questions go."""

_SECONDS_OF_A_CHECK: Final = 10
"""A check takes a millisecond; the rest is for a start. API Management waits no longer."""


_AT_ONCE: Final = 16
"""Questions that an instance takes at once: each needs a processor for a millisecond."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AzureInputGuardArgs:
    spec: InputGuardSpec
    document: Document
    """The OpenAPI document, checked."""
    store: AzureLogStore
    """How the environment keeps its logs; the guard is at its place."""
    key: AzureKey
    """The key of the app's own storage, in which there is nothing but its code."""
    application: FunctionApplication | None = None
    """The application in Entra ID whose tokens the guard asks for."""
    deletion_protection: bool = False
    """Whether Pulumi refuses to delete the app's storage."""


class AzureInputGuard(pulumi.ComponentResource):
    """The guard of one API: asked about a request, it says whether it may go on, and as what.

    It calls nothing and may do nothing, but write its log. Raises a ConfigError with all of the
    document that it could not hold to.
    """

    function_name: pulumi.Output[str]
    """Name of the app, known once it knows the document."""

    url: pulumi.Output[str]
    """Where questions go, https; known once it knows the document."""

    audience: str | None
    """Whom the tokens of those who ask are for; None if nobody may."""

    identity_id: pulumi.Output[str] | None
    """Full id of the identity by which it knows API Management; None if no operation of the
    document is guarded."""

    client_id: pulumi.Output[str] | None
    """Client id of that identity."""

    def __init__(
        self, name: str, args: AzureInputGuardArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AzureInputGuard", name, None, opts)
        if found := list(problems(args)):
            raise ConfigError(found)
        child = pulumi.ResourceOptions(parent=self)
        gateway = self._gateway(name, args, child)
        app = AzureFunction(f"{name}-app", _function(args, _callers(args, gateway)), child)
        self.function_name, self.audience = app.name, app.audience
        self.url = pulumi.Output.concat(app.url, f"/{_ROUTE}")
        self.identity_id = gateway.id if gateway else None
        self.client_id = gateway.client_id if gateway else None
        for text in of_document(args.document):
            notes.limit(self, text)
        if gateway:
            notes.limit(
                self,
                f"a request waits up to {_SECONDS_OF_A_CHECK} seconds where an instance of the "
                "guard has to start",
            )
        notes.cost(
            self,
            "the guard: nothing by itself; about 0.40 USD a million requests, and 52 USD a million "
            "seconds that an instance of 2 GB computes",
        )
        self.register_outputs(
            {
                "functionName": self.function_name,
                "url": self.url,
                "audience": self.audience,
                "identityId": self.identity_id,
                "clientId": self.client_id,
            }
        )

    def _gateway(
        self, name: str, args: AzureInputGuardArgs, child: pulumi.ResourceOptions
    ) -> AzureIdentity | None:
        """Whom API Management asks as: an identity for this and nothing else."""
        if not guarded_of(args.document):
            return None
        return AzureIdentity(f"{name}-asks", AzureIdentityArgs(place=args.store.place), child)


def problems(args: AzureInputGuardArgs) -> Iterator[str]:
    """What Azure would refuse, and what the guard could not hold to, a line each."""
    spec = args.spec
    yield from spec.unsupported("azure", f"{_AT}.")
    if spec.service and not spec.callers:
        yield f"{_AT}.callers: missing. Nobody could ask the service; name an identity."
    if spec.callers and not spec.service:
        yield f"{_AT}.service: is off, and callers are named who could ask it. Turn it on."
    yield from not_compiled(args.document)
    if not list(spec.unsupported("azure")):
        yield from problems_of_function(_function(args, ["somebody"]))


def _function(args: AzureInputGuardArgs, callers: Sequence[pulumi.Input[str]]) -> AzureFunctionArgs:
    spec = args.spec
    return AzureFunctionArgs(
        spec=FunctionSpec(
            memory_mb=spec.memory_mb,
            timeout_seconds=_SECONDS_OF_A_CHECK,
            architecture=spec.architecture,
            reserved_concurrency=spec.reserved_concurrency,
            tracing=spec.tracing,
        ),
        description="Checks requests for those who ask, and calls nothing itself",
        code=_JOB,
        app=_APP,
        store=args.store,
        key=args.key,
        files=document_file(args.document),
        callers=callers,
        application=args.application,
        at_once=_AT_ONCE,
        deletion_protection=args.deletion_protection,
        at=_AT,
    )


def _callers(args: AzureInputGuardArgs, gateway: AzureIdentity | None) -> list[pulumi.Input[str]]:
    others = [principal_of(caller)[1] for caller in args.spec.callers]
    return [*([gateway.principal_id] if gateway else []), *others]
