"""From a request of the Pulumi protocol to a resource of the graph."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from pulumi.runtime.proto import alias_pb2

from . import wire
from .graph import Options, Resource
from .urns import urn as make_urn
from .values import Value


def inherit(request: Any, parent: Options) -> None:
    """Fill in what a child has from its parent, as the engine does."""
    if not request.HasField("protect"):
        request.protect = parent.protect
    if not request.HasField("retainOnDelete"):
        request.retainOnDelete = parent.retain_on_delete
    request.deletedWith = request.deletedWith or parent.deleted_with


def waits_for(request: Any) -> dict[str, tuple[str, ...]]:
    # The SDK makes these lists from sets.
    return {k: tuple(sorted(v.urns)) for k, v in request.propertyDependencies.items()}


def registered(request: Any, urn: str, inputs: dict[str, Value]) -> Resource:
    """A resource or component that the program makes."""
    return replace(
        _resource(request, urn, inputs),
        kind="custom" if request.custom else "component",
        property_dependencies={k: v for k, v in sorted(waits_for(request).items()) if v},
        options=_options(request, urn),
    )


def read(request: Any, urn: str, known: str, inputs: dict[str, Value]) -> Resource:
    """A resource that exists already; `known` is its id, or empty."""
    return replace(_resource(request, urn, inputs), kind="read", id=known)


def _resource(request: Any, urn: str, inputs: dict[str, Value]) -> Resource:
    return Resource(
        urn=urn,
        type=request.type,
        name=request.name,
        parent=request.parent,
        kind="custom",
        inputs=wire.masked(inputs),
        outputs={},
        provider=request.provider.rpartition("::")[0],
        dependencies=tuple(sorted(request.dependencies)),
        source=_source(request),
    )


def _options(request: Any, urn: str) -> Options:
    timeouts = request.customTimeouts
    return Options(
        protect=request.protect,
        retain_on_delete=request.retainOnDelete,
        delete_before_replace=request.deleteBeforeReplace,
        ignore_changes=tuple(request.ignoreChanges),
        replace_on_changes=tuple(request.replaceOnChanges),
        additional_secret_outputs=tuple(sorted(request.additionalSecretOutputs)),
        aliases=tuple(_aliases(request, urn)),
        deleted_with=request.deletedWith,
        import_id=request.importId,
        timeouts={
            name: getattr(timeouts, name)
            for name in ("create", "update", "delete")
            if getattr(timeouts, name)
        },
        version=request.version,
    )


def _aliases(request: Any, urn: str) -> Iterator[str]:
    """The old URNs of a resource. Generated SDKs name dozens of types that it had, and no more."""
    place, name = urn.removesuffix(f"{request.type}::{request.name}"), request.name
    for alias in request.aliases:
        old = alias.spec
        if old.type and not (old.name or old.stack or old.project or old.parentUrn or old.noParent):
            yield f"{place}{old.type}::{name}"
        else:
            yield alias.urn or _urn(old, request, urn)


def _urn(old: alias_pb2.Alias.Spec, request: Any, urn: str) -> str:
    """What an alias leaves out is as it is now."""
    parts = urn.split("::")
    parent = "" if old.noParent else old.parentUrn or request.parent
    stack = old.stack or parts[0].removeprefix("urn:pulumi:")
    return make_urn(
        stack, old.project or parts[1], parent, old.type or request.type, old.name or request.name
    )


def _source(request: Any) -> str:
    position = request.sourcePosition
    path = position.uri.removeprefix("project:///")
    return f"{path}:{position.line}" if path else ""
