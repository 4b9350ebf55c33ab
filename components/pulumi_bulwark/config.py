"""The stack file, read and checked: the only place that reads Pulumi's config."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_origin

from pulumi.runtime import config as pulumi_config

from .errors import ConfigError
from .profiles import ON_AWS, ON_AZURE, PROFILES, Profile
from .spec import Spec, nearest, nested
from .stacks.spec import StackConfig

NAMESPACE = "bulwark"

_KEYS = {field.alias or name: name for name, field in StackConfig.model_fields.items()}


@dataclass(frozen=True, slots=True)
class Resolved:
    config: StackConfig
    origins: Mapping[str, str]
    """Where each setting comes from, by path: `stack file`, `profile dev` or `default`."""


def load() -> StackConfig:
    """The config of the stack that is running. Raises a ConfigError that lists all problems."""
    # Pulumi's own Config answers for one key at a time, so it cannot tell of an unknown one.
    values = {**pulumi_config.get_config_env(), **pulumi_config.CONFIG.get()}
    secrets = {
        *pulumi_config.get_config_secret_keys_env(),
        *(key for key in values if pulumi_config.is_config_secret(key)),
    }
    return resolve(values, secrets).config


def resolve(values: Mapping[str, str], secrets: Collection[str] = ()) -> Resolved:
    """Check the `bulwark:` keys of `values`, as Pulumi hands them over: text, or JSON text.

    `secrets` names the keys that are encrypted in the stack file.
    """
    prefix = f"{NAMESPACE}:"
    ours = {k.removeprefix(prefix): v for k, v in values.items() if k.startswith(prefix)}
    problems = dict(_misplaced(ours, {k.removeprefix(prefix) for k in secrets}))
    stack_file: dict[str, Any] = {}
    for key in ours.keys() - problems.keys():
        try:
            stack_file[key] = ours[key] if _is_text(key) else json.loads(ours[key])
        except ValueError:
            problems[key] = (
                f"{prefix}{key}: cannot be read; write it as YAML below the key, not as text. "
                f"{_about(key)}"
            )

    defaults = _defaults(stack_file)
    try:
        config = StackConfig.load(prefix, _merge(defaults, stack_file))
    except ConfigError as error:
        # A setting that could not be read is not missing as well.
        told = tuple(f"{prefix}{key}:" for key in problems)
        found = [line for line in error.problems if not line.startswith(told)]
        raise ConfigError(sorted([*problems.values(), *found])) from None
    if problems:
        raise ConfigError(sorted(problems.values()))
    return Resolved(config, dict(_origins(config, stack_file, defaults)))


def _defaults(stack_file: Mapping[str, Any]) -> dict[str, Any]:
    """What the profile sets, on this cloud, as a stack file would write it."""
    # An unknown profile, or cloud, is found when the whole config is checked.
    of_all: Mapping[str, Profile] = {**PROFILES}
    of_cloud: Mapping[str, Profile] = {
        **(ON_AZURE if stack_file.get("cloud") == "azure" else ON_AWS)
    }
    name, nothing = stack_file.get("profile", ""), Profile()
    usual = _as_written(of_all.get(name, nothing))
    return _merge(usual, _as_written(of_cloud.get(name, nothing)))


def _misplaced(ours: Mapping[str, str], secrets: Collection[str]) -> Iterator[tuple[str, str]]:
    for key in ours:
        if key not in _KEYS:
            yield key, f"{NAMESPACE}:{key}: no such setting. {nearest(key, _KEYS)}"
        elif key in secrets:
            yield (
                key,
                (
                    f"{NAMESPACE}:{key}: is encrypted, and no setting of Bulwark is a secret. Set "
                    "it again in the clear; but the value of a secret is no setting: take that "
                    f"out, and give it to `bulwark secrets set`. {_about(key)}"
                ),
            )


def _is_text(key: str) -> bool:
    return get_origin(StackConfig.model_fields[_KEYS[key]].annotation) is Literal


def _about(key: str) -> str:
    return StackConfig.about(_KEYS[key])


def _as_written(profile: Profile) -> dict[str, Any]:
    return {
        StackConfig.model_fields[name].alias or name: getattr(profile, name).model_dump(
            mode="json", by_alias=True, exclude_unset=True
        )
        for name in profile.__dataclass_fields__
    }


def _merge(base: Any, over: Any) -> Any:
    if not (isinstance(base, Mapping) and isinstance(over, Mapping)):
        return over
    return {
        key: _merge(base.get(key), over[key]) if key in over else base[key]
        for key in [*base, *(key for key in over if key not in base)]
    }


def _origins(
    config: StackConfig, stack_file: Mapping[str, Any], profile: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    for path, _ in settings(config):
        keys = path.removeprefix(f"{NAMESPACE}:").split(".")
        if _holds(stack_file, keys):
            yield path, "stack file"
        elif _holds(profile, keys):
            yield path, f"profile {config.profile}"
        else:
            yield path, "default"


def settings(spec: Spec, at: str = f"{NAMESPACE}:") -> Iterator[tuple[str, Any]]:
    """Every setting with its path, such as `bulwark:keys.rotationDays`."""
    for name, field in type(spec).model_fields.items():
        value, path = getattr(spec, name), f"{at}{field.alias}"
        if inner := nested(value, path):
            for below, inner_spec in inner.items():
                yield from settings(inner_spec, f"{below}.")
        else:
            yield path, value


def _holds(values: Any, keys: list[str]) -> bool:
    for key in keys:
        if not isinstance(values, Mapping) or key not in values:
            return False
        values = values[key]
    return True


def schema() -> dict[str, Any]:
    """The JSON schema of a stack file, `Pulumi.<stack>.yaml`, for editors."""
    model = StackConfig.model_json_schema(by_alias=True)
    keys = {f"{NAMESPACE}:{key}": value for key, value in model["properties"].items()}
    required = [f"{NAMESPACE}:{key}" for key in model["required"]]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A Pulumi stack file with Bulwark's settings",
        "type": "object",
        "properties": {
            "config": {
                "type": "object",
                "properties": keys,
                "required": required,
                # Other namespaces, such as aws:region, are Pulumi's own.
                "propertyNames": {
                    "anyOf": [{"enum": list(keys)}, {"not": {"pattern": f"^{NAMESPACE}:"}}]
                },
            }
        },
        "$defs": model["$defs"],
    }


def keys() -> dict[str, tuple[str, str]]:
    """Pulumi's type and the description of each top-level key, as Pulumi.yaml declares them."""
    return {key: ("string" if _is_text(key) else "object", _about(key)) for key in _KEYS}
