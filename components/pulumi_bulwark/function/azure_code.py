"""How code gets into a function app, and why it cannot."""

import hashlib
import json
import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Final

import pulumi
import pulumi_command as command

from . import packaged
from .code import Package
from .spec import END_OF_SUPPORT_ON_AZURE, FunctionSpec

_APP: Final = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")

_LARGEST_FILES: Final = 4 * 1024 * 1024
"""Bytes of the files beside the code: they go through the engine, and stay in its state."""

_OURS: Final = ("host.json", "function_app.py", ".python_packages/")
"""What `bulwark package` puts there."""

_TOOL: Final = 'PATH="$PWD/.venv/bin:$PATH" bulwark publish'
"""The tool, from the project's own environment if it has one there: the text is part of the state,
so no path of this machine may be in it."""


def arrives(
    name: str,
    package: Package,
    files: Mapping[str, str],
    spec: FunctionSpec,
    *,
    app_id: pulumi.Output[str],
    kept_in: pulumi.Output[str],
    opts: pulumi.ResourceOptions,
) -> pulumi.Output[str]:
    """Bring the code into the app; known once it runs there.

    It comes again whenever it is another, or the account in which Azure keeps it.
    No class of the SDK does it: a blob would need the account's key. See docs/adr/0026.
    """
    path = packaged.zip_of(package, spec, "azure").as_posix()
    beside = json.dumps(dict(sorted(files.items())), ensure_ascii=False)

    def command_for(id_: str) -> str:
        return f"{_TOOL} {shlex.join([path, '--app', id_, '--files', '-'])}"

    brought = command.local.Command(
        f"{name}-code",
        create=app_id.apply(command_for),
        stdin=beside,
        triggers=[
            packaged.digest_of(package, spec, "azure"),
            hashlib.sha256(beside.encode()).hexdigest(),
            kept_in,
        ],
        opts=opts,
    )
    return brought.id


def problems(
    at: str, package: Package, app: str, files: Mapping[str, str], spec: FunctionSpec
) -> Iterator[str]:
    """Why this code cannot be deployed, a line each."""
    if not _APP.fullmatch(app):
        yield (
            f"{at}: says where its app is by a module and a name, such as main:app; got other text."
        )
    yield from not_packaged(at, package, spec)
    for path in files:
        if path.startswith(("/", *_OURS)) or ".." in path.split("/"):
            yield f"{at}: the file {path} must lie beside the code, and be none of {_words()}."
    size = sum(len(text.encode()) for text in files.values())
    if size > _LARGEST_FILES:
        yield (
            f"{at}: the files beside the code have {size:,} bytes, and the engine should carry no "
            f"more than {_LARGEST_FILES:,}. Split the document, or put them into the package."
        )


def not_packaged(at: str, package: Package, spec: FunctionSpec) -> Iterator[str]:
    """Whether the package is there, a line if it is not."""
    if spec.runtime in END_OF_SUPPORT_ON_AZURE:  # of others the spec itself has told
        yield from packaged.problems(at, package, spec, "azure")


def _words() -> str:
    return ", ".join(_OURS)
