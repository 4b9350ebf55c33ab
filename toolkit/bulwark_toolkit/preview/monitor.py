"""Stands in for Pulumi's engine: answers a program's calls and remembers what it was asked."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import grpc
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime import rpc
from pulumi.runtime.proto import (
    alias_pb2,
    callback_pb2,
    callback_pb2_grpc,
    engine_pb2,
    provider_pb2,
)
from pulumi.runtime.proto import resource_pb2 as protocol

from . import wire
from .errors import PreviewError
from .graph import Note, Options, Resource
from .urns import urn as make_urn
from .values import Secret, Unknown, Value

FEATURES = [
    protocol.ResourceMonitorFeature.Value(f"RESOURCE_MONITOR_FEATURE_{name}")
    for name in (
        # Unless this one is announced, the SDK sends secrets in the clear.
        "SECRETS",
        "RESOURCE_REFERENCES",
        "ALIAS_SPECS",
        "DELETED_WITH",
        "REPLACE_WITH",
        "REPLACEMENT_TRIGGER",
        "TRANSFORMS",
        "INVOKE_TRANSFORMS",
        "PARAMETERIZATION",
        "RESOURCE_HOOKS",
        "ERROR_HOOKS",
    )
]

_NOTES = ("cost", "limit", "loosened")
_LEVELS = {engine_pb2.WARNING: "warning", engine_pb2.ERROR: "error"}


class Answers(Protocol):
    """Where look-ups and other stacks' outputs come from."""

    def answer(self, token: str, args: dict[str, Value]) -> dict[str, Value]: ...
    def stack_outputs(self, name: str) -> dict[str, Value]: ...


Render = Callable[[str, str, str, dict[str, Value]], tuple[str, dict[str, Value]]]
"""Type, name, URN and inputs of a custom resource, to its id and outputs; no id is unknown."""


@dataclass
class Monitor:
    """The resource monitor and the engine of one run, as the SDK calls them.

    The method names are those of the protocol. The SDK calls them from threads once transforms
    are in use, but never two at a time: every call waits for the event loop in between.
    """

    project: str
    stack: str
    answers: Answers
    render: Render
    resources: dict[str, Resource] = field(default_factory=dict)
    raw_inputs: dict[str, dict[str, Value]] = field(default_factory=dict)
    """Inputs by URN with what is inside secrets, for checks of shape; dropped after the run."""
    outputs: dict[str, dict[str, Value]] = field(default_factory=dict)
    """What components registered, by URN."""
    notes: list[Note] = field(default_factory=list)
    _transforms: dict[str, list[callback_pb2.Callback]] = field(default_factory=dict)
    """By the URN of the resource they were given to; the stack's own under ""."""
    _invoke_transforms: list[callback_pb2.Callback] = field(default_factory=list)

    # --- the monitor ---

    def GetDeploymentInfo(self, _: Any) -> protocol.DeploymentInfo:
        return protocol.DeploymentInfo(supportedFeatures=FEATURES)

    def RegisterStackTransform(self, callback: callback_pb2.Callback) -> empty_pb2.Empty:
        self._transforms.setdefault("", []).append(callback)
        return empty_pb2.Empty()

    def RegisterStackInvokeTransform(self, callback: callback_pb2.Callback) -> empty_pb2.Empty:
        self._invoke_transforms.append(callback)
        return empty_pb2.Empty()

    def RegisterPackage(self, request: Any) -> protocol.RegisterPackageResponse:
        return protocol.RegisterPackageResponse(ref=f"{request.name}@{request.version}")

    def RegisterResourceHook(self, _: Any) -> empty_pb2.Empty:
        return empty_pb2.Empty()

    RegisterErrorHook = RegisterResourceHook
    SignalAndWaitForShutdown = RegisterResourceHook

    def RegisterResource(self, request: Any) -> protocol.RegisterResourceResponse:
        urn = make_urn(self.stack, self.project, request.parent, request.type, request.name)
        if request.parent in self.resources:
            _inherit(request, self.resources[request.parent].options)
        if request.transforms:
            self._transforms[urn] = list(request.transforms)
        for callback in self._transforms_of(urn, request.parent):
            _transform(callback, request)
        inputs = wire.decode_struct(request.object, _waits_for(request))
        self._add(_resource(request, urn, inputs), inputs)

        identifier, outputs = "", {}
        if request.type.startswith("pulumi:providers:"):
            # A provider is known to the engine alone, so it has an id in a preview too.
            identifier = "offline"
        elif request.custom:
            identifier, outputs = self.render(request.type, request.name, urn, inputs)
        response = protocol.RegisterResourceResponse(urn=urn, id=identifier, object=request.object)
        self._give(urn, response.object, outputs, request.additionalSecretOutputs)
        return response

    def ReadResource(self, request: Any) -> protocol.ReadResourceResponse:
        urn = make_urn(self.stack, self.project, request.parent, request.type, request.name)
        inputs = wire.decode_struct(request.properties)
        known = "" if request.id == rpc.UNKNOWN else request.id
        self._add(_read(request, urn, known, inputs), inputs)
        response = protocol.ReadResourceResponse(urn=urn, id=known, properties=request.properties)
        if request.type == "pulumi:pulumi:StackReference":
            outputs = self.answers.stack_outputs(request.id)
            secret = [k for k, v in outputs.items() if isinstance(v, Secret)]
            found = {"name": request.id, "outputs": outputs, "secretOutputNames": secret}
            response.properties.CopyFrom(wire.encode_struct(found))
        return response

    def RegisterResourceOutputs(self, request: Any) -> empty_pb2.Empty:
        self.outputs[request.urn] = wire.masked(wire.decode_struct(request.outputs))
        return empty_pb2.Empty()

    def Invoke(self, request: Any) -> protocol.ResourceInvokeResponse:
        for callback in self._invoke_transforms:
            _transform_invoke(callback, request)
        if request.tok == "pulumi:pulumi:getResource":
            found = self._get_resource(request.args.fields["urn"].string_value)
        else:
            found = self.answers.answer(request.tok, wire.decode_struct(request.args))
        response = protocol.ResourceInvokeResponse()
        getattr(response, "return").CopyFrom(wire.encode_struct(found))
        return response

    def Call(self, request: Any) -> provider_pb2.CallResponse:
        found = self.answers.answer(request.tok, wire.decode_struct(request.args))
        response = provider_pb2.CallResponse()
        getattr(response, "return").CopyFrom(wire.encode_struct(found))
        return response

    # --- the engine ---

    def Log(self, request: Any) -> empty_pb2.Empty:
        kind, _, text = request.message.partition(": ")
        if kind in _NOTES:
            self.notes.append(Note(kind, request.urn, text))
        elif request.severity in _LEVELS:
            self.notes.append(Note(_LEVELS[request.severity], request.urn, request.message))
        return empty_pb2.Empty()

    # --- what is remembered ---

    def _transforms_of(self, urn: str, parent: str) -> Iterator[callback_pb2.Callback]:
        """As in the engine: the resource's own, its ancestors', then the stack's."""
        while urn:
            yield from self._transforms.get(urn, ())
            urn, parent = parent, self.resources[parent].parent if parent in self.resources else ""
        yield from self._transforms.get("", ())

    def _add(self, resource: Resource, inputs: dict[str, Value]) -> None:
        if resource.urn in self.resources:
            first = self.resources[resource.urn].source
            places = " and ".join(filter(None, (first, resource.source)))
            raise PreviewError(
                f"two resources of type {resource.type} are named {resource.name}"
                f"{f' (at {places})' if places else ''}; give one of them another name, since "
                "type, name and parents are what Pulumi knows a resource by"
            )
        self.resources[resource.urn] = resource
        self.raw_inputs[resource.urn] = inputs

    def _give(
        self, urn: str, answer: struct_pb2.Struct, outputs: Mapping[str, Value], secret: list[str]
    ) -> None:
        if not outputs:
            return
        hidden = {k: Secret(v) if k in secret else v for k, v in outputs.items()}
        answer.MergeFrom(wire.encode_struct(hidden))
        self.outputs[urn] = wire.masked(hidden)

    def _get_resource(self, urn: str) -> dict[str, Value]:
        if urn not in self.resources:
            raise PreviewError(f"there is no resource {urn} to get")
        return {"urn": urn, "id": Unknown(), "state": self.raw_inputs[urn]}


def _inherit(request: Any, parent: Options) -> None:
    if not request.HasField("protect"):
        request.protect = parent.protect
    if not request.HasField("retainOnDelete"):
        request.retainOnDelete = parent.retain_on_delete
    request.deletedWith = request.deletedWith or parent.deleted_with


def _waits_for(request: Any) -> dict[str, tuple[str, ...]]:
    # The SDK makes these lists from sets.
    return {k: tuple(sorted(v.urns)) for k, v in request.propertyDependencies.items()}


def _resource(request: Any, urn: str, inputs: dict[str, Value]) -> Resource:
    return Resource(
        urn=urn,
        type=request.type,
        name=request.name,
        parent=request.parent,
        kind="custom" if request.custom else "component",
        inputs=wire.masked(inputs),
        outputs={},
        provider=request.provider.rpartition("::")[0],
        dependencies=tuple(sorted(request.dependencies)),
        property_dependencies={k: v for k, v in sorted(_waits_for(request).items()) if v},
        options=_options(request, urn),
        source=_source(request),
    )


def _read(request: Any, urn: str, known: str, inputs: dict[str, Value]) -> Resource:
    return Resource(
        urn=urn,
        type=request.type,
        name=request.name,
        parent=request.parent,
        kind="read",
        id=known,
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
        aliases=tuple(_alias(alias, request, urn) for alias in request.aliases),
        deleted_with=request.deletedWith,
        import_id=request.importId,
        timeouts={
            name: getattr(timeouts, name)
            for name in ("create", "update", "delete")
            if getattr(timeouts, name)
        },
        version=request.version,
    )


def _alias(alias: alias_pb2.Alias, request: Any, urn: str) -> str:
    """The old URN that an alias stands for: what it leaves out is as it is now."""
    if alias.urn:
        return alias.urn
    old, parts = alias.spec, urn.split("::")
    parent = "" if old.noParent else old.parentUrn or request.parent
    stack = old.stack or parts[0].removeprefix("urn:pulumi:")
    return make_urn(
        stack, old.project or parts[1], parent, old.type or request.type, old.name or request.name
    )


def _source(request: Any) -> str:
    position = request.sourcePosition
    path = position.uri.removeprefix("project:///")
    return f"{path}:{position.line}" if path else ""


def _transform(callback: callback_pb2.Callback, request: Any) -> None:
    """Let a transform of the program change a resource, over the SDK's own callback server."""
    options = protocol.TransformResourceOptions(
        depends_on=request.dependencies,
        protect=request.protect,
        ignore_changes=request.ignoreChanges,
        replace_on_changes=request.replaceOnChanges,
        version=request.version,
        aliases=request.aliases,
        provider=request.provider,
        custom_timeouts=request.customTimeouts,
        plugin_download_url=request.pluginDownloadURL,
        retain_on_delete=request.retainOnDelete,
        deleted_with=request.deletedWith,
        additional_secret_outputs=request.additionalSecretOutputs,
        providers=request.providers,
    )
    answer = protocol.TransformResponse.FromString(
        _call(
            callback,
            protocol.TransformRequest(
                type=request.type,
                name=request.name,
                custom=request.custom,
                parent=request.parent,
                properties=request.object,
                options=options,
            ),
        )
    )
    request.object.CopyFrom(answer.properties)
    if answer.HasField("options"):
        _adopt(answer.options, request)


_ADOPTED = {
    "depends_on": "dependencies",
    "ignore_changes": "ignoreChanges",
    "replace_on_changes": "replaceOnChanges",
    "version": "version",
    "aliases": "aliases",
    "provider": "provider",
    "custom_timeouts": "customTimeouts",
    "retain_on_delete": "retainOnDelete",
    "protect": "protect",
    "deleted_with": "deletedWith",
    "additional_secret_outputs": "additionalSecretOutputs",
}
"""Names in the transform's options, and in the request."""


def _adopt(options: protocol.TransformResourceOptions, request: Any) -> None:
    given = {descriptor.name for descriptor, _ in options.ListFields()}
    for name, field_name in _ADOPTED.items():
        request.ClearField(field_name)
        if name not in given:
            continue
        value = getattr(options, name)
        if isinstance(value, str | bool):
            setattr(request, field_name, value)
        else:
            getattr(request, field_name).MergeFrom(value)


def _transform_invoke(callback: callback_pb2.Callback, request: Any) -> None:
    answer = protocol.TransformInvokeResponse.FromString(
        _call(callback, protocol.TransformInvokeRequest(token=request.tok, args=request.args))
    )
    request.args.CopyFrom(answer.args)


def _call(callback: callback_pb2.Callback, request: Any) -> bytes:
    with grpc.insecure_channel(callback.target) as channel:
        answer = callback_pb2_grpc.CallbacksStub(channel).Invoke(
            callback_pb2.CallbackInvokeRequest(
                token=callback.token, request=request.SerializeToString()
            )
        )
    return answer.response
