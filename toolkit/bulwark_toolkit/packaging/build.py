"""Makes one package."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pulumi_bulwark.clouds import Cloud
from pulumi_bulwark.function.code import FOLDER, LARGEST, SITE_PACKAGES, Package

from . import lock, wheels
from .contents import contents
from .errors import PackagingError
from .sbom import sbom
from .target import Target
from .zip_file import write

WHEELS = Path("build", "wheels")
"""Where downloads are kept, below the project's folder."""

_CACHES: Mapping[Cloud, str] = {"aws": "", "azure": "-azure"}
"""What tells apart wheels for machines that are otherwise alike."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Built:
    """A package that was made, and how it stands against the limits of who runs it."""

    name: str
    cloud: Cloud
    path: Path
    sbom: Path
    sha256: str
    zip_bytes: int
    unpacked_bytes: int
    packages: tuple[str, ...]
    """What is in it beside its own code, such as bcrypt==5.0.0."""

    @property
    def fits(self) -> bool:
        zip_bytes, unpacked_bytes = LARGEST[self.cloud]
        return self.zip_bytes <= zip_bytes and self.unpacked_bytes <= unpacked_bytes


def build(
    package: Package,
    target: Target,
    root: Path,
    say: Callable[[str], None] = lambda _: None,
) -> Built:
    """Put a package's code and its wheels into a zip below `root`, with its bill of materials.

    Raises a PackagingError if the code is not there, the lock is none, or a wheel is not to be had.
    """
    if not package.exists(root):
        raise PackagingError(f"there is no {package.folder or package.name} to package")
    cloud = target.cloud
    pins = lock.read(package.requirements(root, cloud), package.name, target)
    cache = root / WHEELS / f"{target.runtime}-{target.architecture}{_CACHES[cloud]}"
    found = wheels.get(pins, target, cache, say)

    say(f"packing {package.name}")
    files: dict[str, bytes] = {}
    _add(files, package.files(root, cloud), package.name)
    for pin, wheel in found.items():
        beside = ((SITE_PACKAGES[cloud] + path, content) for path, content in contents(wheel))
        _add(files, beside, str(pin))
    path = root / FOLDER / package.zip_name(target.runtime, target.architecture, cloud)
    write(path, files, package.digest(root, target.runtime, target.architecture, cloud))

    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    bill = path.with_suffix(".cdx.json")
    bill.write_text(sbom(package.name, digest, found, target), encoding="utf-8")
    return Built(
        name=package.name,
        cloud=cloud,
        path=path,
        sbom=bill,
        sha256=digest,
        zip_bytes=path.stat().st_size,
        unpacked_bytes=sum(map(len, files.values())),
        packages=tuple(map(str, pins)),
    )


def _add(files: dict[str, bytes], more: Iterable[tuple[str, bytes]], whose: str) -> None:
    for path, content in more:
        if files.setdefault(path, content) != content:
            raise PackagingError(f"{whose} has another {path} than the package already has")
