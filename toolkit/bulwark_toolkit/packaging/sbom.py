"""The bill of materials of a package, as CycloneDX."""
# The classes of cyclonedx are made by a decorator that type checkers cannot see through.
# pyright: reportCallIssue=false, reportAttributeAccessIssue=false

import os
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.message import Message
from email.parser import Parser
from pathlib import Path
from typing import Any

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from . import wheels as wheels_
from .contents import metadata
from .lock import Pin
from .target import Target

_OURS = uuid.UUID("5f0d6a0e-7d0c-5c3f-9a55-0b1f4b8d7c11")
"""The namespace of the serial numbers: the same package has the same number everywhere."""


def sbom(name: str, digest: str, wheels: Mapping[Pin, Path], target: Target) -> str:
    """The bill of the zip with this SHA-256; two runs give the same text.

    The time in it is that of SOURCE_DATE_EPOCH, and without that there is none.
    """
    root: Any = Component(
        name=name,
        type=ComponentType.APPLICATION,
        bom_ref=name,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)],
    )
    about = {
        pin: Parser().parsestr(metadata(wheel), headersonly=True) for pin, wheel in wheels.items()
    }
    parts: dict[str, Any] = {pin.name: _component(pin, wheels[pin], about[pin]) for pin in wheels}

    bom = Bom(
        serial_number=uuid.uuid5(_OURS, digest),
        metadata=BomMetaData(component=root),
        components=parts.values(),
    )
    needed = {pin.name: set(_needs(about[pin], target)) & set(parts) for pin in wheels}
    for pin in wheels:
        bom.register_dependency(parts[pin.name], [parts[n] for n in sorted(needed[pin.name])])
    top = set(parts) - set().union(*needed.values())
    bom.register_dependency(root, [parts[part] for part in sorted(top)])
    bom.metadata.timestamp = _time()
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


def _component(pin: Pin, wheel: Path, about: Message) -> Component:
    purl = PackageURL("pypi", None, pin.name, pin.version)
    return Component(
        name=pin.name,
        version=pin.version,
        type=ComponentType.LIBRARY,
        bom_ref=purl.to_string(),
        purl=purl,
        description=about["Summary"],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=wheels_.sha256(wheel))],
        licenses=[LicenseFactory().make_from_string(name) for name in _licenses(about)],
    )


def _licenses(about: Message) -> Iterator[str]:
    """What the author calls it; old packages put the whole text there, which names nothing."""
    words = about["License-Expression"] or about["License"] or ""
    if words and "\n" not in words:
        yield words


def _needs(about: Message, target: Target) -> Iterator[str]:
    for text in about.get_all("Requires-Dist", []):
        requirement = Requirement(text)
        environment = target.markers | {"extra": ""}
        if requirement.marker is None or requirement.marker.evaluate(environment):
            yield canonicalize_name(requirement.name)


def _time() -> datetime | None:
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    return datetime.fromtimestamp(int(epoch), UTC) if epoch else None
