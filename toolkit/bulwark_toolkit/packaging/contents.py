"""What of a wheel a function needs to run."""

import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from .errors import PackagingError

_IMPORTED = ("purelib", "platlib")
"""Of a wheel's .data folder, what ends up beside its packages."""


def contents(wheel: Path) -> Iterator[tuple[str, bytes]]:
    """The files of a wheel, as they lie in site-packages once it is installed.

    Without scripts and headers, which nothing imports, and without RECORD, which would speak of
    them. What installers add (INSTALLER, REQUESTED, direct_url.json, caches) was never there.
    """
    with zipfile.ZipFile(wheel) as file:
        for entry in file.infolist():
            path = _place(PurePosixPath(entry.filename))
            if path and not entry.is_dir():
                yield _inside(path, wheel), file.read(entry)


def metadata(wheel: Path) -> str:
    """The wheel's METADATA."""
    with zipfile.ZipFile(wheel) as file:
        names = (entry for entry in file.namelist() if entry.endswith(".dist-info/METADATA"))
        name = next((entry for entry in names if entry.count("/") == 1), None)
        return file.read(name).decode("utf-8", "replace") if name else ""


def _place(path: PurePosixPath) -> PurePosixPath | None:
    top = path.parts[0]
    if top.endswith(".data"):
        kept = len(path.parts) > 2 and path.parts[1] in _IMPORTED  # noqa: PLR2004 NAME.data/KIND/…
        return PurePosixPath(*path.parts[2:]) if kept else None
    if top.endswith(".dist-info") and path.name.startswith("RECORD"):
        return None
    return None if path.suffix == ".pyc" else path


def _inside(path: PurePosixPath, wheel: Path) -> str:
    if path.is_absolute() or ".." in path.parts:
        raise PackagingError(f"{wheel.name} has a file outside of its folder; do not use it")
    return path.as_posix()
