"""Gets the wheels of a lock: from the cache, or from the package index by pip."""

import hashlib
import importlib.util
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from .errors import PackagingError
from .lock import Pin
from .target import Target


def get(
    pins: Sequence[Pin], target: Target, cache: Path, say: Callable[[str], None]
) -> dict[Pin, Path]:
    """The wheel of each pin; downloads what `cache` does not have, with its hash checked.

    No index is asked while the cache has them all, so a second build needs no network.
    """
    cache.mkdir(parents=True, exist_ok=True)
    missing = [pin for pin in pins if _cached(pin, target, cache) is None]
    if missing:
        say(f"downloading {len(missing)} of {len(pins)} wheels for {_name(target)}")
        _download(missing, target, cache)
    return {pin: _found(pin, target, cache) for pin in pins}


def _found(pin: Pin, target: Target, cache: Path) -> Path:
    wheel = _cached(pin, target, cache)
    if wheel is None:
        raise PackagingError(f"pip brought no wheel of {pin} for {_name(target)} that the lock has")
    return wheel


def _cached(pin: Pin, target: Target, cache: Path) -> Path | None:
    fitting = sorted(_fitting(pin, target, cache))
    return fitting[0][1] if fitting else None


def _fitting(pin: Pin, target: Target, cache: Path) -> Iterator[tuple[int, Path]]:
    for wheel in cache.glob("*.whl"):
        try:
            name, version, _, tags = parse_wheel_filename(wheel.name)
        except InvalidWheelFilename:
            continue
        ranks = [target.ranks[tag] for tag in tags if tag in target.ranks]
        same = canonicalize_name(name) == pin.name and str(version) == pin.version
        if same and ranks and sha256(wheel) in pin.sha256:
            yield min(ranks), wheel


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _download(pins: Sequence[Pin], target: Target, cache: Path) -> None:
    if importlib.util.find_spec("pip") is None:
        raise PackagingError(
            f"{sys.executable} has no pip to download wheels with; install pip there."
        )
    with tempfile.TemporaryDirectory() as folder:
        lock = Path(folder, "requirements.txt")
        lock.write_text("\n".join(pin.line() for pin in pins), encoding="utf-8")
        # What pip is told by its own config, such as the address of an index, holds here too.
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input"]
        command += ["--disable-pip-version-check", "--no-deps", "--only-binary=:all:"]
        command += ["--require-hashes", *target.pip_options()]
        command += ["--dest", str(cache), "--requirement", str(lock)]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 our own arguments
    if answer.returncode:
        errors = [line for line in answer.stderr.splitlines() if line.startswith("ERROR")]
        said = "\n".join(errors or answer.stderr.splitlines()[-3:])
        raise PackagingError(
            f"pip could not get the wheels for {_name(target)}:\n{said}\n"
            "Wheels only: what has none for that machine cannot be packaged. Without a network, "
            f"put the wheels into {cache}."
        )


def _name(target: Target) -> str:
    return f"Python {target.version} on {target.architecture}"
