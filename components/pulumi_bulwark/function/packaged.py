"""Whether a package is there as a run needs it, and what to type if it is not."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pulumi
from pulumi.runtime.proto.resource_pb2_grpc import ResourceMonitorStub
from pulumi.runtime.settings import get_monitor

from ..clouds import Cloud
from .code import FOLDER, Package
from .spec import FunctionSpec


def an_engine_listens() -> bool:
    """Whether this is a run of Pulumi's engine: its monitor is at the end of a gRPC channel.

    The offline preview, and mocks in somebody's tests, are objects in this process. They read no
    code, so they need none to be built. See docs/adr/0018.
    """
    return isinstance(get_monitor(), ResourceMonitorStub)


def project_folder() -> Path:
    """The program's folder; where nothing runs a program, the folder that one is in."""
    return Path(pulumi.get_root_directory() or ".")


def zip_of(package: Package, spec: FunctionSpec, cloud: Cloud) -> Path:
    """Where the package is, below the project's folder."""
    return FOLDER / package.zip_name(spec.runtime, spec.architecture, cloud)


def digest_of(package: Package, spec: FunctionSpec, cloud: Cloud) -> str:
    """What the package is made of: tells one from another, built or not."""
    root = project_folder()
    return package.digest(root, spec.runtime, spec.architecture, cloud)


def problems(at: str, package: Package, spec: FunctionSpec, cloud: Cloud) -> Iterator[str]:
    """Why the package cannot be deployed, a line each."""
    root = project_folder()
    if not package.exists(root):
        yield f"{at}: {_nothing(package)}"
        return
    if not spec.runtime.startswith("python"):
        yield (
            f"{at}: runs on {spec.runtime}, and packages are of Python. Build a zip yourself and "
            "name its path."
        )
        return
    if not an_engine_listens():
        return
    path, command = root / zip_of(package, spec, cloud), f"`{command_for(package, spec, cloud)}`"
    if not path.is_file():
        yield f"{at}: {package.name} is not packaged yet; run {command}."
    elif made_of(path) != digest_of(package, spec, cloud):
        yield f"{at}: {package.name} has changed since it was packaged; run {command} again."


def _nothing(package: Package) -> str:
    if package.folder is None:
        return (
            f"the installed bulwark-runtime has no job {package.name}. Name one that it has, or "
            "the folder of your own code."
        )
    return f"there is no folder {package.folder} in the project. Name another."


def command_for(package: Package, spec: FunctionSpec, cloud: Cloud) -> str:
    """What to type for the zip that a function with these settings wants."""
    usual = FunctionSpec()
    words = ["bulwark package", package.folder or package.name]
    if cloud != "aws":
        words += ["--cloud", cloud]
    elif spec.architecture != usual.architecture:
        words += ["--architecture", spec.architecture]
    if spec.runtime != usual.runtime:
        words += ["--python", spec.runtime.removeprefix("python")]
    return " ".join(words)


def made_of(path: Path) -> str:
    """The digest of what a zip of `bulwark package` was made of."""
    try:
        with zipfile.ZipFile(path) as file:
            return file.comment.decode(errors="replace")
    except (OSError, zipfile.BadZipFile):
        return ""
