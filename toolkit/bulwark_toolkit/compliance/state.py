"""What is deployed, from `pulumi stack export`: secrets come out as secrets, whatever is there."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pulumi.runtime import rpc

from bulwark_toolkit.preview.errors import UsageError
from bulwark_toolkit.preview.graph import STACK_TYPE, Graph, Options, Resource
from bulwark_toolkit.preview.values import Archive, Asset, Reference, Secret, Unknown, Value

_SIGNATURE: Final = rpc._special_sig_key  # noqa: SLF001 the SDK names the protocol's constants privately
_OF_THE_ENGINE: Final = ("__defaults", "__internal", "__meta", "version")
"""What the engine and the bridges write between the properties."""

_READABLE: Final = (3, 4)
"""Versions of the export's format."""


def read_state(file: Path) -> Graph:
    """The graph of a state file. Raises a UsageError if it is none."""
    try:
        document = json.loads(file.read_text("utf-8"))
        version, deployment = document["version"], document["deployment"]
        states = [s for s in deployment.get("resources") or () if not s.get("delete")]
        if version not in _READABLE:
            raise UsageError(f"{file}: is in version {version!r} of Pulumi's format, not in 3 or 4")
        return _graph([_resource(state) for state in states], file)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: cannot be read: {error}") from None
    except RecursionError:
        raise UsageError(f"{file}: is nested too deeply to be a state") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UsageError(f"{file}: is not what `pulumi stack export` writes") from None


def _graph(resources: list[Resource], file: Path) -> Graph:
    if not resources:
        raise UsageError(f"{file}: there is no resource in this state")
    stack, project, *_ = resources[0].urn.removeprefix("urn:pulumi:").split("::")
    return Graph(
        project=project,
        stack=stack,
        mode="state",
        resources=tuple(resources),
        outputs=next((r.outputs for r in resources if r.type == STACK_TYPE), {}),
        notes=(),
        problems=(),
    )


def _resource(state: Mapping[str, Any]) -> Resource:
    kind = "custom" if state.get("custom") else "component"
    return Resource(
        urn=state["urn"],
        type=state["type"],
        name=state["urn"].rpartition("::")[2],
        parent=state.get("parent", ""),
        kind="read" if state.get("external") else kind,
        inputs=_properties(state.get("inputs")),
        outputs=_properties(state.get("outputs")),
        id=state.get("id", ""),
        provider=_provider(state.get("provider", "")),
        dependencies=tuple(sorted(state.get("dependencies") or ())),
        property_dependencies={
            key: tuple(sorted(urns))
            for key, urns in sorted((state.get("propertyDependencies") or {}).items())
            if urns
        },
        options=_options(state),
        source=_source(state.get("sourcePosition", "")),
    )


def _provider(reference: str) -> str:
    """The URN of a provider, unless it is one that the engine makes by default."""
    urn = reference.rpartition("::")[0]
    return "" if "::default_" in urn else urn


def _options(state: Mapping[str, Any]) -> Options:
    return Options(
        protect=bool(state.get("protect")),
        retain_on_delete=bool(state.get("retainOnDelete")),
        ignore_changes=tuple(state.get("ignoreChanges") or ()),
        replace_on_changes=tuple(state.get("replaceOnChanges") or ()),
        additional_secret_outputs=tuple(sorted(state.get("additionalSecretOutputs") or ())),
        aliases=tuple(state.get("aliases") or ()),
        deleted_with=state.get("deletedWith", ""),
        import_id=state.get("importID", ""),
    )


def _source(position: str) -> str:
    """From `project:///__main__.py#12,3` to file and line."""
    path, _, place = position.removeprefix("project:///").partition("#")
    line = place.partition(",")[0]
    return f"{path}:{line}" if path and line.isdigit() else ""


def _properties(values: Mapping[str, Any] | None) -> dict[str, Value]:
    top = {key: value for key, value in (values or {}).items() if key not in _OF_THE_ENGINE}
    return {key: decode(value) for key, value in sorted(top.items())}


def decode(value: Any) -> Value:
    """A value of a state: what is marked is its marker, with nothing left inside a secret."""
    match value:
        case {**fields} if _SIGNATURE in fields:
            return _marked(fields)
        case dict():
            return {key: decode(v) for key, v in sorted(value.items()) if key != "__defaults"}
        case list():
            return [decode(item) for item in value]
        case rpc.UNKNOWN:
            return Unknown()
        case float() if value.is_integer():
            return int(value)
    return value


def _marked(fields: Mapping[str, Any]) -> Value:
    match fields[_SIGNATURE]:
        case rpc._special_asset_sig:  # noqa: SLF001
            return Asset(_digest(fields))
        case rpc._special_archive_sig:  # noqa: SLF001
            return Archive(_digest(fields))
        case rpc._special_resource_sig:  # noqa: SLF001
            identifier = fields.get("id")
            return Reference(fields["urn"], identifier if isinstance(identifier, str) else "")
    # A secret, and what is not known here: it may hold one.
    return Secret()


def _digest(fields: Mapping[str, Any]) -> str:
    return f"sha256:{fields['hash']}" if fields.get("hash") else "missing"
