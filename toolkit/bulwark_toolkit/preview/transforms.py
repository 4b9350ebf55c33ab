"""Lets a program's transforms change a request, over the SDK's own callback server."""

from typing import Any

import grpc
from pulumi.runtime.proto import callback_pb2, callback_pb2_grpc
from pulumi.runtime.proto import resource_pb2 as protocol


def transform(callback: callback_pb2.Callback, request: Any) -> None:
    """Change the inputs and options of a resource."""
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


def transform_look_up(callback: callback_pb2.Callback, request: Any) -> None:
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
