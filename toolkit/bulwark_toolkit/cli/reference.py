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
    settings = schema["$defs"][block["$ref"].rpartition("/")[2]]
    rows = _rows(key, settings)
    return title + "\n".join(["| setting | type | default | meaning |", "|---|---|---|---|", *rows])


def _rows(key: str, settings: Schema) -> Iterator[str]:
    for name, setting in settings["properties"].items():
        default = (
            "must be set" if name in settings.get("required", ()) else _defaults(key, name, setting)
        )
        yield f"| `{name}` | {_type(setting)} | {default} | {_words(setting)} |"


def _defaults(key: str, name: str, setting: Schema) -> str:
    usual = setting.get("default")
    shown = [_value(usual)]
    for profile, defaults in PROFILES.items():
        spec = getattr(defaults, key, None)
        values = spec.model_dump(mode="json", by_alias=True) if spec else {}
        if values.get(name, usual) != usual:
            shown.append(f"{profile}: {_value(values[name])}")
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
