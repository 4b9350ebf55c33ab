"""How the engine gets a function's code, and why it cannot."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pulumi

from . import packaged
from .code import LARGEST_UPLOAD, Code, Package, SignedObject, code_in
from .spec import FunctionSpec


def inputs(code: Code, spec: FunctionSpec) -> dict[str, Any]:
    """The inputs of a Lambda function that say where its code is."""
    root = packaged.project_folder()
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
    elif not isinstance(code, SignedObject) and packaged.an_engine_listens():
        path = packaged.project_folder() / code
        if not path.exists():
            yield f"{at}: there is no {code} in the project's folder. Build it, or name another."
        elif path.is_file() and path.stat().st_size > LARGEST_UPLOAD:
            yield _too_large(at, path)


def _package(package: Package, spec: FunctionSpec, root: Path) -> pulumi.Archive:
    if packaged.an_engine_listens():
        return pulumi.FileArchive(str(root / packaged.zip_of(package, spec, "aws")))
    # Without an engine nobody reads the code. What the package will be made of tells one from
    # another, built or not: the preview of a pull request shows that code has changed.
    digest = packaged.digest_of(package, spec, "aws")
    return pulumi.AssetArchive({package.name: pulumi.StringAsset(digest)})


def _package_problems(at: str, package: Package, spec: FunctionSpec) -> Iterator[str]:
    found = list(packaged.problems(at, package, spec, "aws"))
    yield from found
    path = packaged.project_folder() / packaged.zip_of(package, spec, "aws")
    if not found and packaged.an_engine_listens() and path.stat().st_size > LARGEST_UPLOAD:
        yield _too_large(at, path)


def _too_large(at: str, path: Path) -> str:
    return (
        f"{at}: {path.name} has {path.stat().st_size:,} bytes, and Lambda takes "
        f"{LARGEST_UPLOAD:,} without a bucket. Leave out what does not run."
    )


def _folder(path: Path) -> pulumi.Archive:
    # File by file, not whole: the caches in a folder differ from machine to machine.
    files = (file for file, _ in code_in(path))
    return pulumi.AssetArchive({file: pulumi.FileAsset(str(path / file)) for file in files})
