"""How the engine gets a function's code, and why it cannot."""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime.proto.resource_pb2_grpc import ResourceMonitorStub
from pulumi.runtime.settings import get_monitor

from .code import FOLDER, LARGEST_UPLOAD, Code, Package, SignedObject, code_in
from .spec import FunctionSpec


def inputs(code: Code, spec: FunctionSpec) -> dict[str, Any]:
    """The inputs of a Lambda function that say where its code is."""
    root = Path(pulumi.get_root_directory())
    match code:
        case SignedObject():
            return {
                "s3_bucket": code.bucket,
                "s3_key": code.key,
                "s3_object_version": code.version,
            }
        case Package():
            return {"code": _package(code, spec, root)}
    path = root / code
    return {"code": _folder(path) if path.is_dir() else pulumi.FileArchive(str(path))}


def problems(at: str, code: Code, spec: FunctionSpec, *, signed: bool) -> Iterator[str]:
    """Why this code cannot be deployed, a line each."""
    if signed and not isinstance(code, SignedObject):
        yield (
            f"{at}: must be a SignedObject beside a code signing configuration: Lambda refuses "
            "code that AWS Signer has not signed, and signs none that is uploaded."
        )
    elif isinstance(code, Package):
        yield from _package_problems(at, code, spec)
    elif not isinstance(code, SignedObject) and an_engine_listens():
        path = Path(pulumi.get_root_directory()) / code
        if not path.exists():
            yield f"{at}: there is no {code} in the project's folder. Build it, or name another."
        elif path.is_file() and path.stat().st_size > LARGEST_UPLOAD:
            yield _too_large(at, path)


def an_engine_listens() -> bool:
    """Whether this is a run of Pulumi's engine: its monitor is at the end of a gRPC channel.

    The offline preview, and mocks in somebody's tests, are objects in this process. They read no
    code, so they need none to be built. See docs/adr/0018.
    """
    return isinstance(get_monitor(), ResourceMonitorStub)


def _package(package: Package, spec: FunctionSpec, root: Path) -> pulumi.Archive:
    if an_engine_listens():
        return pulumi.FileArchive(str(root / _zip(package, spec)))
    # Without an engine nobody reads the code. What the package will be made of tells one from
    # another, built or not: the preview of a pull request shows that code has changed.
    digest = package.digest(root, spec.runtime, spec.architecture)
    return pulumi.AssetArchive({package.name: pulumi.StringAsset(digest)})


def _zip(package: Package, spec: FunctionSpec) -> Path:
    return FOLDER / package.zip_name(spec.runtime, spec.architecture)


def _package_problems(at: str, package: Package, spec: FunctionSpec) -> Iterator[str]:
    root = Path(pulumi.get_root_directory())
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
    path, command = root / _zip(package, spec), f"`{package_command(package, spec)}`"
    if not path.is_file():
        yield f"{at}: {package.name} is not packaged yet; run {command}."
    elif made_of(path) != package.digest(root, spec.runtime, spec.architecture):
        yield f"{at}: {package.name} has changed since it was packaged; run {command} again."
    elif path.stat().st_size > LARGEST_UPLOAD:
        yield _too_large(at, path)


def _nothing(package: Package) -> str:
    if package.folder is None:
        return (
            f"the installed bulwark-runtime has no job {package.name}. Name one that it has, or "
            "the folder of your own code."
        )
    return f"there is no folder {package.folder} in the project. Name another."


def package_command(package: Package, spec: FunctionSpec) -> str:
    """What to type for the zip that a function with these settings wants."""
    usual = FunctionSpec()
    words = ["bulwark package", package.folder or package.name]
    if spec.architecture != usual.architecture:
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


def _too_large(at: str, path: Path) -> str:
    return (
        f"{at}: {path.name} has {path.stat().st_size:,} bytes, and Lambda takes "
        f"{LARGEST_UPLOAD:,} without a bucket. Leave out what does not run."
    )


def _folder(path: Path) -> pulumi.Archive:
    # File by file, not whole: the caches in a folder differ from machine to machine.
    files = (file for file, _ in code_in(path))
    return pulumi.AssetArchive({file: pulumi.FileAsset(str(path / file)) for file in files})
