"""Stands in for Pulumi's engine: answers a program's calls and remembers what it was asked."""

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime import rpc
from pulumi.runtime.proto import callback_pb2, engine_pb2, provider_pb2
from pulumi.runtime.proto import resource_pb2 as protocol

from . import requests, transforms, wire
from .errors import PreviewError
from .graph import Note, Resource
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
_REMOTE = "its children are made by a plugin, which does not run here: they are not seen"
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

    The method names are those of the protocol. The SDK calls them from several threads at once as
    soon as transforms are in use.
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
    _adding: threading.Lock = field(default_factory=threading.Lock)

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
            requests.inherit(request, self.resources[request.parent].options)
        if request.transforms:
            self._transforms[urn] = list(request.transforms)
        for callback in self._transforms_of(urn, request.parent):
            transforms.transform(callback, request)
        inputs = wire.decode_struct(request.object, requests.waits_for(request))
        self._add(requests.registered(request, urn, inputs), inputs)

        if request.remote:
            self.notes.append(Note("limit", urn, _REMOTE))

        identifier, outputs = "", {}
        if request.type.startswith("pulumi:providers:"):
            # A provider is known to the engine alone, so it has an id in a preview too.
            identifier = "offline"
        elif request.custom:
            identifier, outputs = self.render(request.type, request.name, urn, inputs)
            self.resources[urn] = replace(self.resources[urn], id=identifier)
        response = protocol.RegisterResourceResponse(urn=urn, id=identifier, object=request.object)
        self._give(urn, response.object, outputs, request.additionalSecretOutputs)
        return response

    def ReadResource(self, request: Any) -> protocol.ReadResourceResponse:
        urn = make_urn(self.stack, self.project, request.parent, request.type, request.name)
        inputs = wire.decode_struct(request.properties)
        known = "" if request.id == rpc.UNKNOWN else request.id
        self._add(requests.read(request, urn, known, inputs), inputs)
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
            transforms.transform_look_up(callback, request)
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
        with self._adding:
            first = self.resources.setdefault(resource.urn, resource)
        if first is not resource:
            places = " and ".join(filter(None, (first.source, resource.source)))
            raise PreviewError(
                f"two resources of type {resource.type} are named {resource.name}"
                f"{f' (at {places})' if places else ''}; give one of them another name, since "
                "type, name and parents are what Pulumi knows a resource by"
            )
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
