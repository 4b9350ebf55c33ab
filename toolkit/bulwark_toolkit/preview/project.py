"""Reads a Pulumi project and its stack files as Pulumi does."""

import contextlib
import json
import os
import re
import runpy
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from . import yaml_file
from .errors import UsageError
from .program import Program

_SUFFIXES = ("yaml", "yml", "json")


@dataclass(frozen=True, slots=True)
class Project:
    name: str
    root: Path
    """The folder of Pulumi.yaml."""
    main: str
    """Where the program is, below `root`: a folder or a file."""
    declared: Mapping[str, Mapping[str, Any]]
    """The project's own config keys, in full, with `type`, `default`, `value`, `description`."""
    stack_folder: Path

    @classmethod
    def find(cls, start: Path) -> "Project":
        """The project that `start` is in, or a folder above it."""
        for folder in (start.resolve(), *start.resolve().parents):
            if file := _first(folder, "Pulumi"):
                return cls._read(file)
        raise UsageError(f"{start}: no Pulumi.yaml here or in a folder above; use -C DIR")

    @classmethod
    def _read(cls, file: Path) -> "Project":
        content = _mapping(file)
        runtime = content.get("runtime")
        language = runtime.get("name") if isinstance(runtime, Mapping) else runtime
        if language != "python":
            raise UsageError(f"{file.name}: runtime: only python programs can be previewed")
        name = content.get("name")
        if not isinstance(name, str):
            raise UsageError(f"{file.name}: name: missing; every Pulumi project has one")
        declared = content.get("config") or {}
        if not isinstance(declared, Mapping):
            # Pulumi before 3.44 kept the folder of the stack files here.
            declared, content = {}, {**content, "stackConfigDir": declared}
        return cls(
            name=name,
            root=file.parent,
            main=str(content.get("main") or "."),
            declared={_full(name, key): _declaration(value) for key, value in declared.items()},
            stack_folder=file.parent / str(content.get("stackConfigDir") or "."),
        )

    def stacks(self) -> list[str]:
        """Names of the stacks that have a file."""
        files = [f for s in _SUFFIXES for f in self.stack_folder.glob(f"Pulumi.*.{s}")]
        return sorted({f.name.removeprefix("Pulumi.").rpartition(".")[0] for f in files})

    def program(self, stack: str, *, leave: str = "") -> Program:
        """The program as it would run for `stack`: `name`, or `organization/project/name`.

        `leave` is a namespace of the config whose values somebody else checks.
        """
        *owner, name = stack.split("/")
        config, secrets = self.config(name, leave=leave)
        return Program(
            run=self.run,
            project=self.name,
            stack=name,
            organization=owner[0] if owner else "organization",
            config=config,
            secrets=frozenset(secrets),
            root=self.root,
        )

    def config(self, stack: str, *, leave: str = "") -> tuple[dict[str, str], set[str]]:
        """The values of a stack by full key, as the program sees them, and which are secret."""
        file = _first(self.stack_folder, f"Pulumi.{stack}")
        if file is None:
            raise UsageError(_no_such_stack(stack, self.stacks()))
        content = _mapping(file)
        written = content.get("config") or {}
        if not isinstance(written, Mapping):
            raise UsageError(f"{file.name}: config: must be a mapping of keys to values")
        values = {_full(self.name, key): value for key, value in written.items()}
        # What a Pulumi ESC environment adds is not to be had offline.
        complete = "environment" not in content
        problems = [
            f"{file.name}: {key}: {problem}"
            for key, problem in self._problems(values, complete=complete)
            if key.partition(":")[0] != leave
        ]
        if problems:
            raise UsageError("\n".join(problems))
        preset = {
            key: found["value"] if "value" in found else found["default"]
            for key, found in self.declared.items()
            if "value" in found or "default" in found
        }
        merged = preset | values
        secrets = {k for k, v in merged.items() if _is_secret(v) or self._declares_secret(k)}
        return {key: _text(value) for key, value in merged.items()}, secrets

    def _declares_secret(self, key: str) -> bool:
        return bool(self.declared.get(key, {}).get("secret"))

    def _problems(self, values: Mapping[str, Any], *, complete: bool) -> Iterator[tuple[str, str]]:
        for key, declared in sorted(self.declared.items()):
            wanted = declared.get("type")
            about = f" {declared['description']}" if declared.get("description") else ""
            if key not in values:
                preset = "default" in declared or "value" in declared
                if wanted and complete and not preset:
                    yield key, f"missing.{about}"
            elif not _fits(values[key], wanted):
                yield key, f"must be of type {wanted}.{about}"

    def stack_file(self, stack: str) -> Path | None:
        """The file of a stack's config."""
        return _first(self.stack_folder, f"Pulumi.{stack}")

    def lookups(self) -> Path | None:
        """The project's own answers to look-ups, if it has any."""
        file = self.root / "bulwark.lookups.yaml"
        return file if file.is_file() else None

    def run(self) -> None:
        """Run the program's main file where Pulumi would: in the folder it is in."""
        path = self.root / self.main
        folder = path if path.is_dir() else path.parent
        entry = folder / "__main__.py" if path.is_dir() else path
        if not entry.is_file():
            raise UsageError(
                f"{self.main}: there is no {entry.name} to run; see main in Pulumi.yaml"
            )
        with _inside(folder):
            runpy.run_path(str(entry), run_name="__main__")


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[None]:
    before, path, modules = Path.cwd(), sys.path[:], set(sys.modules)
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        os.chdir(before)
        sys.path[:] = path
        # Another project may have a module of the same name.
        for name in set(sys.modules) - modules:
            file = getattr(sys.modules[name], "__file__", None)
            top = name.partition(".")[0]
            if file and str(file).startswith((f"{folder}/{top}.", f"{folder}/{top}/")):
                del sys.modules[name]


def _first(folder: Path, stem: str) -> Path | None:
    return next((f for s in _SUFFIXES if (f := folder / f"{stem}.{s}").is_file()), None)


def _full(project: str, key: Any) -> str:
    return str(key) if ":" in str(key) else f"{project}:{key}"


def _declaration(value: Any) -> Mapping[str, Any]:
    """A declared key in full: a plain value is shorthand for `value`."""
    known = {"type", "default", "value", "description", "secret", "items"}
    return value if isinstance(value, Mapping) and known & value.keys() else {"value": value}


def _is_secret(value: Any) -> bool:
    """Whether a value, or anything in it, is `{secure: …}`: Pulumi then hides the whole key."""
    if isinstance(value, Mapping):
        return list(value) == ["secure"] or any(map(_is_secret, value.values()))
    return isinstance(value, list) and any(map(_is_secret, value))


def _fits(value: Any, wanted: str | None) -> bool:
    """Whether a value is of a declared type. A scalar is text to Pulumi, however it is written."""
    match wanted:
        case "object":
            return isinstance(value, Mapping)
        case "array":
            return isinstance(value, list) or _is_secret(value)
        case "string" | "integer" | "boolean" if isinstance(value, list | Mapping):
            return _is_secret(value)
        case "integer":
            return re.fullmatch("[+-]?[0-9]+", _text(value)) is not None
        case "boolean":
            return _text(value) in ("true", "false")
    return True


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value) if not isinstance(value, bool) else str(value).lower()


def _no_such_stack(stack: str, known: list[str]) -> str:
    near = get_close_matches(stack, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(known) or 'none'}"
    return f"no such stack: there is no Pulumi.{stack}.yaml; {hint}"


def _mapping(file: Path) -> dict[str, Any]:
    content = yaml_file.read(file)
    if not isinstance(content or {}, dict):
        raise UsageError(f"{file.name}: must be a mapping")
    return content or {}
