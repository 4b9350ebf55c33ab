"""A provider for end-to-end tests: it behaves like AWS's or Azure's and touches no cloud.

It proves what the engine does with a program: order, protection, secrets, state, recovery. What a
real provider would refuse it does not know. Ids, ARNs and look-ups are those of the offline
preview, so that a program sees the same world in both.
"""
# ruff: noqa: ARG002, N802 gRPC names the methods and their parameters

import argparse
import dataclasses
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.struct_pb2 import Struct, Value
from pulumi.runtime.proto import plugin_pb2, provider_pb2_grpc
from pulumi.runtime.proto import provider_pb2 as messages

from bulwark_toolkit.preview import Lookups, Place, PreviewError, placeholders
from bulwark_toolkit.preview.wire import decode_struct, encode_struct
from cloud import Cloud
from plugin_process import serve
from sdk_class import distribution, resource_class

JOURNAL = "BULWARK_STAND_IN_JOURNAL"
"""Variable with the path of the cloud's journal, see cloud.py. Only tests set it."""

HANGS_AT = "BULWARK_STAND_IN_HANGS_AT"
"""Variable with the logical name of a resource whose creation never ends."""

RUNS_COMMANDS = "BULWARK_STAND_IN_RUNS_COMMANDS"
"""Variable that is set where commands of a program are to be run, as the real provider does. Only
tests set it, which see to it that the command touches no cloud."""

_COMMAND = "command:local:Command"

# Where either cloud makes a new resource rather than change one.
_IMMUTABLE = frozenset({"bucket", "keyName", "location", "name", "primaryKeyArn", "region"})


_LOCKED = frozenset({"aws:wafv2/ipSet:IpSet"})
"""Types of which the provider keeps the service's lock token in the state. Any change but of tags
sends it back with all that the state has, and so does a deletion; the service refuses it when
somebody else has changed the resource since. (pulumi-aws 7.51, from the provider's source.)"""

_TAGS = frozenset({"tags", "tagsAll"})


class StandIn(provider_pb2_grpc.ResourceProviderServicer):
    def __init__(self, version: str, cloud: Cloud, hangs_at: str) -> None:
        self._version = version
        self._cloud = cloud
        self._hangs_at = hangs_at
        self._place = Place()
        self._cancelled = threading.Event()

    def GetPluginInfo(self, request: Empty, context: Any) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=self._version)

    def CheckConfig(self, request: Any, context: Any) -> messages.CheckResponse:
        return messages.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> messages.DiffResponse:
        return _diff(request.old_inputs, request.news, replacing=frozenset())

    def Configure(self, request: Any, context: Any) -> messages.ConfigureResponse:
        self._place = _place(decode_struct(request.args))
        return messages.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Invoke(self, request: Any, context: grpc.ServicerContext) -> messages.InvokeResponse:
        try:
            found = Lookups.load(self._place).answer(request.tok, decode_struct(request.args))
        except PreviewError as error:
            context.abort(grpc.StatusCode.NOT_FOUND, str(error))
        self._cloud.record("invoke", token=request.tok)
        # `return` is a word of Python's own, so it cannot be a keyword argument as it stands.
        response: dict[str, Any] = {"return": encode_struct(found)}
        return messages.InvokeResponse(**response)

    def Check(self, request: Any, context: Any) -> messages.CheckResponse:
        return messages.CheckResponse(inputs=request.news)

    def Diff(self, request: Any, context: Any) -> messages.DiffResponse:
        return _diff(request.old_inputs, request.news, replacing=_IMMUTABLE)

    def Create(self, request: Any, context: grpc.ServicerContext) -> messages.CreateResponse:
        if request.preview:
            # The engine takes what is not there to be unknown.
            given = decode_struct(request.properties)
            other = encode_struct(placeholders.before_creation(request.type, given))
            return messages.CreateResponse(properties=_merged(request.properties, other))
        inputs = decode_struct(request.properties)
        # A replacement exists beside what it replaces: the two must not have the same id.
        generation = self._cloud.times_created(request.urn)
        identifier, outputs = placeholders.outputs(
            resource_class(request.type),
            request.type,
            request.name,
            inputs,
            f"{request.urn} {generation}",
            self._place,
        )
        identifier = identifier or f"{request.name}-{generation}"
        self._cloud.record(
            "create", **_what(request), id=identifier, inputs=inputs, outputs=outputs
        )
        self._run(request.type, inputs, context)
        if request.name == self._hangs_at:
            self._cancelled.wait()
            context.abort(grpc.StatusCode.CANCELLED, "cancelled")
        # An output is what the program gave, or that with what the cloud adds to it.
        properties = _merged(request.properties, encode_struct(outputs))
        properties = _merged(properties, self._lock(request.type, identifier))
        return messages.CreateResponse(id=identifier, properties=properties)

    def Read(self, request: Any, context: Any) -> messages.ReadResponse:
        self._cloud.record("read", **_what(request), id=request.id)
        if not self._cloud.has(request.type, request.id):
            return messages.ReadResponse()
        inputs, outputs = map(encode_struct, self._cloud.found(request.type, request.id))
        if request.inputs.fields:
            # What Pulumi knows has the secrets, which the journal does not.
            inputs, outputs = request.inputs, request.properties
        drift = encode_struct(self._cloud.drift(request.type, request.id))
        inputs = _merged(inputs, drift)
        properties = _merged(_merged(outputs, inputs), _completed(outputs, inputs))
        return messages.ReadResponse(
            id=request.id,
            inputs=inputs,
            properties=_merged(properties, self._lock(request.type, request.id)),
        )

    def Update(self, request: Any, context: Any) -> messages.UpdateResponse:
        computed = {k: v for k, v in request.olds.fields.items() if k not in request.old_inputs}
        properties = _merged(Struct(fields=computed), request.news)
        properties = _merged(properties, _completed(request.olds, request.news))
        if request.preview:
            return messages.UpdateResponse(properties=properties)
        changed = set(_diff(request.old_inputs, request.news, replacing=frozenset()).diffs)
        call = "tag" if request.type in _LOCKED and changed <= _TAGS else "update"
        if call == "update":
            self._show_token(request, request.olds, context)
        inputs = decode_struct(request.news)
        self._cloud.record(call, **_what(request), id=request.id, inputs=inputs)
        self._run(request.type, inputs, context)
        lock = self._lock(request.type, request.id)
        return messages.UpdateResponse(properties=_merged(properties, lock))

    def Delete(self, request: Any, context: Any) -> Empty:
        self._show_token(request, request.properties, context)
        self._cloud.record("delete", **_what(request), id=request.id)
        return Empty()

    def _run(self, type_: str, inputs: Mapping[str, Any], context: grpc.ServicerContext) -> None:
        """As the provider for commands: in the project's folder, by the shell."""
        if type_ != _COMMAND or RUNS_COMMANDS not in os.environ:
            return
        answer = subprocess.run(  # noqa: S603 a program's own command, under test
            ["/bin/sh", "-c", inputs["create"]],
            input=inputs.get("stdin", ""),
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.returncode:
            context.abort(grpc.StatusCode.UNKNOWN, answer.stderr)

    def _lock(self, type_: str, identifier: str) -> Struct:
        if type_ not in _LOCKED:
            return Struct()
        return encode_struct({"lockToken": self._cloud.lock_token(type_, identifier)})

    def _show_token(self, request: Any, state: Struct, context: Any) -> None:
        """Ends the call if somebody has changed the resource since the state was written."""
        present = self._lock(request.type, request.id)
        if present and present["lockToken"] != state["lockToken"]:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, "WAFOptimisticLockException")

    def Cancel(self, request: Empty, context: Any) -> Empty:
        self._cancelled.set()
        return Empty()


def _what(request: Any) -> dict[str, str]:
    return {"type": request.type, "name": request.name, "urn": request.urn}


def _place(config: Mapping[str, Any]) -> Place:
    """Where the resources are to be, as far as the provider's config says."""
    known = {field.name for field in dataclasses.fields(Place)}
    named = {
        **config,
        "subscription": config.get("subscriptionId"),
        "tenant": config.get("tenantId"),
    }
    return Place(**{key: text for key, text in named.items() if key in known and text})


def _diff(old: Struct, new: Struct, *, replacing: frozenset[str]) -> messages.DiffResponse:
    """What differs in the inputs: what the cloud computes does not count."""
    before, after = dict(old.fields), dict(new.fields)
    names = before.keys() | after.keys()
    changed = sorted(name for name in names if before.get(name) != after.get(name))
    return messages.DiffResponse(
        changes=messages.DiffResponse.DIFF_SOME if changed else messages.DiffResponse.DIFF_NONE,
        diffs=changed,
        replaces=sorted(replacing.intersection(changed)),
    )


def _completed(olds: Struct, news: Struct) -> Struct:
    """The objects to which the cloud adds members of its own, with those that it added before."""
    found: dict[str, Any] = {}
    for key in {"identity", "properties"} & set(olds.fields) & set(news.fields):
        old, new = (dict(of.fields[key].struct_value.fields) for of in (olds, news))
        # A list of identities came back as a mapping of them.
        kept = {k: old.get(k, v) if v.HasField("list_value") else v for k, v in new.items()}
        if old and new:
            found[key] = Value(struct_value=Struct(fields={**old, **kept}))
    return Struct(fields=found)


def _merged(below: Struct, above: Struct) -> Struct:
    return Struct(fields={**dict(below.fields), **dict(above.fields)})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package", help="the provider to stand in for: aws, azure-native")
    arguments, _ = parser.parse_known_args()
    journal = os.environ.get(JOURNAL)
    if not journal:
        sys.exit(
            f"This stand-in for the {arguments.package} provider deploys nothing. It is on PATH "
            f"outside the end-to-end tests, which set {JOURNAL}: take its folder off PATH."
        )
    provider = StandIn(
        version=metadata.version(distribution(arguments.package)),
        cloud=Cloud(Path(journal)),
        hangs_at=os.environ.get(HANGS_AT, ""),
    )
    serve(lambda server: provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server))


if __name__ == "__main__":
    main()
