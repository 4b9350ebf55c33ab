"""Between the protobuf values of the Pulumi protocol and the values of the graph."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from google.protobuf import struct_pb2
from pulumi.runtime import rpc

from .values import Archive, Asset, Reference, Secret, Unknown, Value

# The protocol marks what is not plain by a field with this name, and these texts in it.
_SIGNATURE = rpc._special_sig_key  # noqa: SLF001 the SDK names the protocol's constants privately
_ASSET = rpc._special_asset_sig  # noqa: SLF001
_ARCHIVE = rpc._special_archive_sig  # noqa: SLF001
_SECRET = rpc._special_secret_sig  # noqa: SLF001
_RESOURCE = rpc._special_resource_sig  # noqa: SLF001

# Ours alone: an unknown that names the resources it waits for.
_WAITING = "bulwark.unknown"


def waiting(urns: Sequence[str]) -> dict[str, Any]:
    """An unknown that waits for `urns`, in a form that passes through the SDK."""
    return {_SIGNATURE: _WAITING, "urns": list(urns)}


def decode_struct(
    struct: struct_pb2.Struct, waits_for: Mapping[str, tuple[str, ...]] | None = None
) -> dict[str, Value]:
    """The properties of a resource; `waits_for` has the URNs behind each property."""
    waits_for = waits_for or {}
    return {
        key: decode(value, waits_for.get(key, ())) for key, value in sorted(struct.fields.items())
    }


def decode(value: struct_pb2.Value, waits_for: tuple[str, ...] = ()) -> Value:
    match value.WhichOneof("kind"):
        case "string_value":
            text = value.string_value
            return Unknown(waits_for) if text == rpc.UNKNOWN else text
        case "bool_value":
            return value.bool_value
        case "number_value":
            number = value.number_value
            return int(number) if number.is_integer() else number
        case "list_value":
            return [decode(item, waits_for) for item in value.list_value.values]
        case "struct_value":
            fields = value.struct_value.fields
            if _SIGNATURE in fields:
                return _decode_marked(fields, waits_for)
            return {key: decode(item, waits_for) for key, item in sorted(fields.items())}
    return None


def _decode_marked(fields: Mapping[str, struct_pb2.Value], waits_for: tuple[str, ...]) -> Value:
    match fields[_SIGNATURE].string_value:
        case signature if signature == _SECRET:
            return Secret(decode(fields["value"], waits_for))
        case signature if signature == _RESOURCE:
            return _reference(fields)
        case signature if signature == _WAITING:
            return Unknown(tuple(urn.string_value for urn in fields["urns"].list_value.values))
        case signature if signature == _ASSET:
            return Asset(_digest(_contents(fields)))
        case signature if signature == _ARCHIVE:
            return Archive(_digest(_contents(fields)))
    return {key: decode(item, waits_for) for key, item in sorted(fields.items())}


def _reference(fields: Mapping[str, struct_pb2.Value]) -> Reference:
    known = fields["id"].string_value if "id" in fields else ""
    return Reference(fields["urn"].string_value, "" if known == rpc.UNKNOWN else known)


def by_id(value: Value) -> Value:
    """The same value as a provider gets it, with ids in place of resources."""
    match value:
        case Reference(_, identifier):
            return identifier or Unknown()
        case dict():
            return {key: by_id(item) for key, item in value.items()}
        case list():
            return [by_id(item) for item in value]
        case Secret():
            return Secret(by_id(value.value))
    return value


def _digest(contents: Iterator[tuple[str, bytes]]) -> str:
    digest = hashlib.sha256()
    try:
        for name, content in contents:
            # Lengths keep two neighbours from being told apart only by where one ends.
            for part in (name.encode(), content):
                digest.update(len(part).to_bytes(8, "big"))
                digest.update(part)
    except OSError:
        return "missing"
    return f"sha256:{digest.hexdigest()}"


def _contents(fields: Mapping[str, struct_pb2.Value]) -> Iterator[tuple[str, bytes]]:
    if "text" in fields:
        yield "", fields["text"].string_value.encode()
    elif "uri" in fields:
        # Nothing is fetched: what a remote asset is known by is its address.
        yield "", fields["uri"].string_value.encode()
    elif "path" in fields:
        yield from _files(Path(fields["path"].string_value))
    else:
        for name, member in sorted(fields["assets"].struct_value.fields.items()):
            for below, content in _contents(member.struct_value.fields):
                yield f"{name}/{below}", content


def _files(path: Path) -> Iterator[tuple[str, bytes]]:
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            if file.is_file():
                yield file.relative_to(path).as_posix(), file.read_bytes()
    else:
        yield "", path.read_bytes()


def encode_struct(properties: Mapping[str, Value]) -> struct_pb2.Struct:
    return struct_pb2.Struct(fields={key: encode(value) for key, value in properties.items()})


def encode(value: Value) -> struct_pb2.Value:
    match value:
        case None:
            return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
        case bool():
            return struct_pb2.Value(bool_value=value)
        case int() | float():
            return struct_pb2.Value(number_value=value)
        case str():
            return struct_pb2.Value(string_value=value)
        case Unknown() | Asset() | Archive():
            # Of files only the digest was kept; nothing offline needs them back.
            return struct_pb2.Value(string_value=rpc.UNKNOWN)
        case Reference():
            return encode({_SIGNATURE: _RESOURCE, "urn": value.urn, "id": value.id})
        case Secret():
            return encode({_SIGNATURE: _SECRET, "value": value.value})
        case Mapping():
            return struct_pb2.Value(struct_value=encode_struct(value))
        case Sequence():
            items = [encode(item) for item in value]
            return struct_pb2.Value(list_value=struct_pb2.ListValue(values=items))
    raise TypeError(f"a {type(value).__name__} has no place in a Pulumi property")


def masked(value: Value) -> Value:
    """The same value with nothing left inside its secrets."""
    match value:
        case Secret():
            return Secret()
        case dict():
            return {key: masked(item) for key, item in value.items()}
        case list():
            return [masked(item) for item in value]
    return value


def to_json(value: Value) -> Any:
    """The value as the graph's JSON writes it."""
    match value:
        case Secret():
            return {"$secret": True}
        case Unknown(waits_for):
            return {"$unknown": list(waits_for)}
        case Asset(digest):
            return {"$asset": digest}
        case Archive(digest):
            return {"$archive": digest}
        case Reference(urn):
            return {"$resource": urn}
        case dict():
            # A property of the program's own that looks like a marker is not one.
            return {
                f"${key}" if _looks_marked(key) else key: to_json(item)
                for key, item in value.items()
            }
        case list():
            return [to_json(item) for item in value]
    return value


def from_json(value: Any) -> Value:
    """The value that the graph's JSON has; a ValueError for a marker that is none of ours."""
    match value:
        case dict():
            if marks := _MARKERS.intersection(value):
                return _from_mark(marks, value)
            return {
                key[1:] if _looks_marked(key) else key: from_json(item)
                for key, item in value.items()
            }
        case list():
            return [from_json(item) for item in value]
    return value


_MARKERS = frozenset(("$secret", "$unknown", "$asset", "$archive", "$resource"))


def _looks_marked(key: str) -> bool:
    """Whether it is a marker, or one that has been escaped with a `$` or more."""
    return key.startswith("$") and f"${key.lstrip('$')}" in _MARKERS


def _from_mark(marks: frozenset[str], value: dict[str, Any]) -> Value:
    match value:
        case {"$secret": True} if len(value) == 1:
            return Secret()
        case {"$unknown": [*urns]} if len(value) == 1 and all(isinstance(u, str) for u in urns):
            return Unknown(tuple(urns))
        case {"$asset": str(digest)} if len(value) == 1:
            return Asset(digest)
        case {"$archive": str(digest)} if len(value) == 1:
            return Archive(digest)
        case {"$resource": str(urn)} if len(value) == 1:
            return Reference(urn)
    raise ValueError(f"is no {' or '.join(sorted(marks))} as the format has it")
