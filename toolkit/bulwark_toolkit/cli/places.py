"""Where a finding is to be mended: the user's own line, never one inside our package."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from pulumi_bulwark.config import NAMESPACE

from ..compliance import Finding
from ..preview import Graph, Project, Resource, yaml_file
from .causes import Way

_COMPONENT: Final = re.compile(rf"{NAMESPACE}:index:(?:Aws|Azure)(\w+)")
_PACKAGES: Final = ("pulumi_bulwark", "site-packages", ".venv")
"""Folders whose lines are nobody's to mend."""


class Places:
    """File and line for each finding of a graph, as seen from the current folder."""

    def __init__(self, graph: Graph, project: Project | None = None) -> None:
        self._resources = {resource.urn: resource for resource in graph.resources}
        self._project = project
        self._file = project.stack_file(graph.stack) if project else None
        self._lines = _settings(self._file) if self._file else {}

    def of(self, finding: Finding) -> str:
        """The block of the stack file that its component is made of, else the program's line."""
        chain = list(self._chain(finding.urn))
        return self._block(chain) or self._program(chain)

    def of_setting(self, way: Way) -> str:
        """The line of a setting; the way to it is one of the stack file."""
        assert self._file
        return line_of(self._file, self._lines[way])

    def blocks(self, finding: Finding) -> set[str]:
        """The blocks of the config that its component and those above are made of.

        None if the resource is not one that a component of ours has made.
        """
        return set(_blocks(list(self._chain(finding.urn))))

    def _chain(self, urn: str) -> Iterator[Resource]:
        while resource := self._resources.get(urn):
            yield resource
            urn = resource.parent

    def _block(self, chain: list[Resource]) -> str:
        return next((self.of_setting((b,)) for b in _blocks(chain) if (b,) in self._lines), "")

    def _program(self, chain: list[Resource]) -> str:
        sources = (resource.source for resource in chain)
        own = next((s for s in sources if s and not set(Path(s).parts) & {*_PACKAGES}), "")
        if not own or self._project is None:
            return own
        path, _, line = own.rpartition(":")
        return line_of(self._project.root / path, int(line))


def line_of(file: Path, line: int) -> str:
    """As a code host wants it: below the folder in which the command was started."""
    here = Path.cwd()
    shown = file.relative_to(here) if file.is_relative_to(here) else file
    return f"{shown.as_posix()}:{line}"


def _settings(file: Path) -> Mapping[Way, int]:
    """Our settings in a stack file, by block and what is below it, with their lines."""
    prefix = f"{NAMESPACE}:"
    return {
        (way[1].removeprefix(prefix), *way[2:]): line
        for way, line in yaml_file.lines(file).items()
        if len(way) > 1 and way[0] == "config" and way[1].startswith(prefix)
    }


def _blocks(chain: list[Resource]) -> Iterator[str]:
    """The blocks of the config that the components above a resource are made of."""
    for resource in chain:
        if found := _COMPONENT.fullmatch(resource.type):
            name = found[1]
            yield name[:1].lower() + name[1:]
