"""Reads a lock: a requirements file in which every line has one version and hashes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import NormalizedName, canonicalize_name

from .errors import PackagingError
from .target import Target

_HASH = re.compile(r"\s--hash[= ](\S+)")
_SHA256 = re.compile(r"sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Pin:
    name: NormalizedName
    version: str
    sha256: frozenset[str]
    """The files that are this version: of each machine that there is one for."""

    def __str__(self) -> str:
        return f"{self.name}=={self.version}"

    def line(self) -> str:
        """As pip reads it."""
        return " ".join([str(self), *(f"--hash=sha256:{h}" for h in sorted(self.sha256))])


def read(text: str, of: str, target: Target) -> list[Pin]:
    """The pins that hold for `target`, by name; `text` has one a line. `of` is what the lock is of.

    pip would ask the markers about the machine it runs on, also when it downloads for another.
    """
    found = {pin.name: pin for pin in _pins(text, of, target)}
    return [found[name] for name in sorted(found)]


def _pins(text: str, of: str, target: Target) -> Iterator[Pin]:
    for line in text.splitlines():
        try:
            requirement = Requirement(_HASH.split(line)[0])
        except InvalidRequirement:
            # Not shown: the address of an index may have a password in it.
            raise PackagingError(
                f"the requirements of {of} have a line that is not a package with a version and "
                f"its hashes. {_HOW}"
            ) from None
        versions = [s.version for s in requirement.specifier if s.operator == "=="]
        hashes = frozenset(_SHA256.findall(line))
        if requirement.url or len(versions) != 1 or not hashes:
            raise PackagingError(
                f"the requirements of {of} do not say which {requirement.name} to take: it needs "
                f"one version and its hashes. {_HOW}"
            )
        if requirement.marker is None or requirement.marker.evaluate(target.markers):
            yield Pin(canonicalize_name(requirement.name), versions[0], hashes)


_HOW = (
    "Make them with `uv pip compile --universal --generate-hashes requirements.in`, or "
    "`pip-compile --generate-hashes`."
)
