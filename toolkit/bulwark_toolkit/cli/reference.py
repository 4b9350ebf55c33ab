"""The settings as a page of documentation, from the JSON schema of the specs."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pulumi_bulwark.config import NAMESPACE
from pulumi_bulwark.profiles import PROFILES
from pulumi_bulwark.stacks import StackConfig

Schema = Mapping[str, Any]

_HEAD = f"""# Settings

Made by `make docs` from the specs in the code. A setting goes into the stack
file, `Pulumi.<stack>.yaml`, below `config`, as `{NAMESPACE}:<block>`. Where a profile is named, it
sets another default."""


def markdown() -> str:
    """Every setting with its type, its default, what the profiles make of it, and its meaning."""
    schema = StackConfig.model_json_schema(by_alias=True)
    blocks = [_block(key, block, schema) for key, block in schema["properties"].items()]
    return "\n\n".join([_HEAD, *blocks]) + "\n"


def _block(key: str, block: Schema, schema: Schema) -> str:
    title = f"## {NAMESPACE}:{key}\n\n{_words(block)}\n\n"
    if "$ref" not in block:
        return f"{title}{_type(block)}; must be set."
    rows = _rows(block, schema, [key])
    return title + "\n".join(["| setting | type | default | meaning |", "|---|---|---|---|", *rows])


def _rows(
    block: Schema, schema: Schema, path: list[str], around: tuple[str, ...] = ()
) -> Iterator[str]:
    name_of_block = block["$ref"].rpartition("/")[2]
    if name_of_block in around:  # a condition holds conditions
        return
    around = (*around, name_of_block)
    settings = schema["$defs"][name_of_block]
    for name, setting in settings["properties"].items():
        below = [*path, name]
        if "$ref" in setting:
            yield from _rows(setting, schema, below, around)
            continue
        required = name in settings.get("required", ())
        default = "must be set" if required else _defaults(below, setting)
        shown = ".".join(below[1:])
        yield f"| `{shown}` | {_type(setting)} | {default} | {_words(setting)} |"
        for inner, at in _inner(setting, below):
            yield from _rows(inner, schema, at, around)


def _inner(setting: Schema, path: list[str]) -> Iterator[tuple[Schema, list[str]]]:
    """The blocks that a setting may hold: one or none, some, or one for each name."""
    for block in setting.get("anyOf", (setting,)):
        if "$ref" in block:
            yield block, path
        if "$ref" in block.get("items", ()):
            yield block["items"], [*path[:-1], f"{path[-1]}[]"]
    for block in setting.get("patternProperties", {}).values():
        if "$ref" in block:
            yield block, [*path, "NAME"]


def _defaults(path: list[str], setting: Schema) -> str:
    usual = setting.get("default")
    shown = [_value(usual)]
    block, *below = path
    for profile, defaults in PROFILES.items():
        spec = getattr(defaults, block, None)
        value = spec.model_dump(mode="json", by_alias=True) if spec else {}
        for name in below:
            value = value.get(name, usual) if isinstance(value, dict) else usual
        if value != usual:
            shown.append(f"{profile}: {_value(value)}")
    return "<br>".join(shown)


def _value(value: Any) -> str:
    return "not set" if value is None else f"`{json.dumps(value)}`"


def _type(schema: Schema) -> str:
    if "anyOf" in schema:
        return " or ".join(_type(s) for s in schema["anyOf"] if s.get("type") != "null")
    if "enum" in schema:
        return ", ".join(f"`{word}`" for word in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    if "$ref" in schema:
        return "mapping"
    match schema.get("type"):
        case "integer":
            return f"integer, {schema['minimum']} to {schema['maximum']}"
        case "array":
            return f"list of {_type(schema['items'])}s"
        case "object":
            return "mapping"
    return str(schema["type"])


def _words(schema: Schema) -> str:
    return " ".join(schema.get("description", "").split()).replace("|", "\\|")
