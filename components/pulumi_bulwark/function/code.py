"""What a function runs: a package of ours or of yours, a zip, a folder, or a signed object."""

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from ..clouds import Cloud
from .spec import Architecture, Runtime

FOLDER = Path("build", "functions")
"""Where `bulwark package` puts what it makes, below the project's folder."""

_LOCK_OF: Mapping[Cloud, str] = {"aws": ".txt", "azure": "-azure.txt"}
"""What a job's lock is called after its name."""

RUNTIME = "bulwark_runtime"
"""The distribution whose packages are our own jobs."""

LARGEST_UPLOAD = 50 * 1024 * 1024
"""Bytes of a zip that Lambda takes without a bucket."""

LARGEST_UNPACKED = 250 * 1024 * 1024
"""Bytes of a function and its layers once unpacked: a quota of Lambda."""

LARGEST: Mapping[Cloud, tuple[int, int]] = {
    "aws": (LARGEST_UPLOAD, LARGEST_UNPACKED),
    # "Flex Consumption plan": what a deployment may have [m]; unpacked, it is the instance's disk.
    "azure": (1024 * 1024 * 1024, 1024 * 1024 * 1024),
}
"""Bytes of a package, and of what is in it, that a cloud takes."""

_FORMAT = "1"
"""Changes when `bulwark package` makes another zip of the same files."""

_LOCKS = frozenset({"requirements.in", "requirements.txt"})
"""What says which wheels go beside the code: they are in the zip in its place."""

_START = """\
import importlib
import os

_module, _, _name = os.environ["BULWARK_APP"].partition(":")
app = getattr(importlib.import_module(_module), _name)
"""
"""What Azure's worker looks for. Which app it is stands in the settings: a package has several."""

_HOST = {
    "version": "2.0",
    "extensionBundle": {
        "id": "Microsoft.Azure.Functions.ExtensionBundle",
        "version": "[4.*, 5.0.0)",
    },
    # A route is what the code says it is.
    "extensions": {"http": {"routePrefix": "", "hsts": {"isEnabled": True, "maxAge": "365"}}},
}
"""What the host is told; the rest is in the app's settings."""

_AZURE_FILES = {
    "function_app.py": _START.encode(),
    "host.json": (json.dumps(_HOST, indent=2) + "\n").encode(),
}

SITE_PACKAGES: Mapping[Cloud, str] = {"aws": "", "azure": ".python_packages/lib/site-packages/"}
"""Where in a package its wheels lie."""

_NOT_CODE = frozenset({"__pycache__", ".git", ".venv", ".DS_Store", "node_modules"})
"""What lies about in a folder and differs from machine to machine."""


@dataclass(frozen=True, slots=True)
class SignedObject:
    """A zip that AWS Signer has signed: it is in a bucket, since Lambda takes no signed upload."""

    bucket: str
    key: str
    version: str
    """The object's version: Lambda does not notice another content under the same key."""


@dataclass(frozen=True, slots=True)
class Package:
    """What `bulwark package` makes: a job of bulwark-runtime, or a folder of your own.

    Your folder has the code and, if it needs more than Python, a requirements.txt with hashes.
    """

    name: str
    """What messages and the bill of materials call it; of a job of ours, which."""
    folder: str | None = None
    """Where your code is, below the project's folder; None is the job of ours with this name."""

    def zip_name(
        self, runtime: Runtime | str, architecture: Architecture, cloud: Cloud = "aws"
    ) -> str:
        # By the folder, which is all that `bulwark package` is told, and which no two share.
        of = self.name if self.folder is None else "-".join(Path(self.folder).parts)
        machine = architecture if cloud == "aws" else cloud
        return f"{of}-{runtime}-{machine}.zip"

    def files(self, root: Path, cloud: Cloud = "aws") -> Iterator[tuple[str, bytes]]:
        """Its own code: the path in the zip and the content of each file, in order."""
        if cloud == "azure":
            yield from _AZURE_FILES.items()
        if self.folder is not None:
            files = code_in(root / self.folder)
            yield from ((path, content) for path, content in files if path not in _LOCKS)
            return
        package = self.name.replace("-", "_")
        yield f"{RUNTIME}/__init__.py", _runtime().joinpath("__init__.py").read_bytes()
        for path, content in _walk(_runtime() / package):
            if not _is_of_other(path, cloud):
                yield f"{RUNTIME}/{package}/{path}", content

    def requirements(self, root: Path, cloud: Cloud = "aws") -> str:
        """The lock of what it needs beside its own code: a version and hashes a line, sorted."""
        if self.folder is None:
            lock = _runtime().joinpath("requirements", f"{self.name}{_LOCK_OF[cloud]}")
        else:
            lock = root / self.folder / "requirements.txt"
        text = lock.read_text(encoding="utf-8") if lock.is_file() else ""
        one_line_each = re.sub(r"(?m)(^|\s)#.*$", "", re.sub(r"\\\r?\n", " ", text)).splitlines()
        lines = (" ".join(line.split()) for line in one_line_each)
        return "\n".join(sorted(filter(None, lines)))

    def exists(self, root: Path) -> bool:
        if self.folder is not None:
            return (root / self.folder).is_dir()
        return (_runtime() / self.name.replace("-", "_")).is_dir()

    def digest(
        self,
        root: Path,
        runtime: Runtime | str,
        architecture: Architecture,
        cloud: Cloud = "aws",
    ) -> str:
        """What the package is made of, in one number: known before, and without, the build."""
        digest = hashlib.sha256()
        parts = [("", _FORMAT.encode()), ("runtime", runtime.encode())]
        parts += [
            ("architecture", (architecture if cloud == "aws" else cloud).encode()),
            ("lock", self.requirements(root, cloud).encode()),
        ]
        for path, content in [*parts, *self.files(root, cloud)]:
            for part in (path.encode(), content):
                digest.update(len(part).to_bytes(8, "big"))
                digest.update(part)
        return digest.hexdigest()


Code = Package | SignedObject | str | os.PathLike[str]
"""A package, a signed object, or a path below the project's folder: a zip, or a folder as it is."""


def jobs(cloud: Cloud = "aws") -> list[str]:
    """The jobs that the installed bulwark-runtime has for a cloud."""
    locks = [lock.name for lock in _runtime().joinpath("requirements").iterdir()]
    of_azure = [lock for lock in locks if lock.endswith(_LOCK_OF["azure"])]
    found = of_azure if cloud == "azure" else [lock for lock in locks if lock not in of_azure]
    return sorted(lock.removesuffix(_LOCK_OF[cloud]) for lock in found if lock.endswith(".txt"))


def _is_of_other(path: str, cloud: Cloud) -> bool:
    """Whether a file of a job speaks to another cloud than this."""
    name = path.rpartition("/")[2]
    others = [f"{other}{end}" for other in _LOCK_OF if other != cloud for end in ("_", ".")]
    return name.startswith(tuple(others))


def code_in(folder: Path) -> Iterator[tuple[str, bytes]]:
    """The files of a folder that are code, in order."""
    yield from _walk(folder)


def _runtime() -> Traversable:
    return resources.files(RUNTIME)


def _walk(folder: Traversable, above: str = "") -> Iterator[tuple[str, bytes]]:
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.name in _NOT_CODE or entry.name.endswith((".pyc", ".pyo")):
            continue
        if entry.is_dir():
            yield from _walk(entry, f"{above}{entry.name}/")
        else:
            yield f"{above}{entry.name}", entry.read_bytes()
