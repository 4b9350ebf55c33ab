"""Lets a program's transforms change a request, over the SDK's own callback server."""

from typing import Any

import grpc
from pulumi.runtime.proto import callback_pb2, callback_pb2_grpc
from pulumi.runtime.proto import resource_pb2 as protocol

_OPTIONS = {
    "additional_secret_outputs": "additionalSecretOutputs",
    "aliases": "aliases",
    "custom_timeouts": "customTimeouts",
    "delete_before_replace": "deleteBeforeReplace",
    "deleted_with": "deletedWith",
    "depends_on": "dependencies",
    "ignore_changes": "ignoreChanges",
    "import": "importId",
    "plugin_download_url": "pluginDownloadURL",
    "protect": "protect",
    "provider": "provider",
    "providers": "providers",
    "replace_on_changes": "replaceOnChanges",
    "retain_on_delete": "retainOnDelete",
    "version": "version",
}
"""An option's name in a transform's message, and in the request."""


def transform(callback: callback_pb2.Callback, request: Any) -> None:
    """Change the inputs and options of a resource."""
    options = protocol.TransformResourceOptions()
    for name, in_request in _OPTIONS.items():
        _copy(request, in_request, options, name)
    message = protocol.TransformRequest(
        type=request.type,
        name=request.name,
        custom=request.custom,
        parent=request.parent,
        properties=request.object,
        options=options,
    )
    answer = protocol.TransformResponse.FromString(_call(callback, message))
    # What a transform leaves alone it need not send back.
    if answer.HasField("properties"):
        request.object.CopyFrom(answer.properties)
    if answer.HasField("options"):
        for name, in_request in _OPTIONS.items():
            _copy(answer.options, name, request, in_request)


def transform_look_up(callback: callback_pb2.Callback, request: Any) -> None:
    message = protocol.TransformInvokeRequest(token=request.tok, args=request.args)
    answer = protocol.TransformInvokeResponse.FromString(_call(callback, message))
    if answer.HasField("args"):
        request.args.CopyFrom(answer.args)


def _copy(source: Any, source_name: str, target: Any, target_name: str) -> None:
    """Let `target` have what `source` has, and nothing where it has nothing."""
    target.ClearField(target_name)
    if source_name not in {descriptor.name for descriptor, _ in source.ListFields()}:
        return
    value = getattr(source, source_name)
    if isinstance(value, str | bool):
        setattr(target, target_name, value)
    else:
        getattr(target, target_name).MergeFrom(value)


def _call(callback: callback_pb2.Callback, request: Any) -> bytes:
    with grpc.insecure_channel(callback.target) as channel:
        answer = callback_pb2_grpc.CallbacksStub(channel).Invoke(
            callback_pb2.CallbackInvokeRequest(
                token=callback.token, request=request.SerializeToString()
            )
        )
    return answer.response
