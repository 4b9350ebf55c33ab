"""Where a finding is to be mended: the user's own line, never one inside our package."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from ..compliance import Finding
from ..preview import Graph, Project, Resource, yaml_file

_NAMESPACE: Final = "bulwark"
_COMPONENT: Final = re.compile(rf"{_NAMESPACE}:index:(?:Aws|Azure)(\w+)")
_PACKAGES: Final = ("pulumi_bulwark", "site-packages", ".venv")
"""Folders whose lines are nobody's to mend."""

_STACK_WIDE: Final = ("protection", "account")
_SAYS_NOTHING: Final = {"aws", "must", "days", "enable", "enabled", "every", "mode", "name", "with"}
_STEM: Final = 5
"""Letters in which `rotates` and `rotation` are alike."""


class Places:
    """File and line for each finding of a graph, as seen from the current folder."""

    def __init__(self, graph: Graph, project: Project | None = None) -> None:
        self._resources = {resource.urn: resource for resource in graph.resources}
        self._project = project
        self._file = project.stack_file(graph.stack) if project else None
        self._lines = _settings(self._file) if self._file else {}
        self._loosened = dict(_loosened(graph))

    def of(self, finding: Finding) -> str:
        """The line of the setting that it comes from if that can be told, else the program's."""
        chain = list(self._chain(finding.urn))
        return self._setting(finding, chain) or self._program(chain)

    def of_line(self, file: Path, line: int) -> str:
        return f"{_from_here(file)}:{line}"

    def _chain(self, urn: str) -> Iterator[Resource]:
        while resource := self._resources.get(urn):
            yield resource
            urn = resource.parent

    def _program(self, chain: list[Resource]) -> str:
        sources = (resource.source for resource in chain)
        own = next((s for s in sources if s and not set(Path(s).parts) & {*_PACKAGES}), "")
        if not own or self._project is None:
            return own
        path, _, line = own.rpartition(":")
        return self.of_line(self._project.root / path, int(line))

    def _setting(self, finding: Finding, chain: list[Resource]) -> str:
        """The one setting in the stack file that speaks most of what the finding speaks of.

        What a profile has loosened is set by the line that names the profile.
        """
        profile = self._lines.get(("profile",), 0)
        above = {resource.urn for resource in chain}
        loose = {way: profile for way, urn in self._loosened.items() if profile and urn in above}
        lines, blocks = {**loose, **self._lines}, {*_blocks(chain)}
        wanted = _words(f"{finding.property} {finding.rule.id.rpartition('.')[2]}")
        shared = {
            way: len(wanted & _words(".".join(way[1:])))
            for way in lines
            if way[0] in blocks and len(way) > 1
        }
        most = max(shared.values(), default=0)
        best = [way for way, words in shared.items() if words == most]
        if not most or len(best) > 1 or self._file is None:
            return ""
        return self.of_line(self._file, lines[best[0]])


def _settings(file: Path) -> Mapping[tuple[str, ...], int]:
    """Our settings in a stack file, by block and what is below it, with their lines."""
    prefix = f"{_NAMESPACE}:"
    return {
        (way[1].removeprefix(prefix), *way[2:]): line
        for way, line in yaml_file.lines(file).items()
        if len(way) > 1 and way[0] == "config" and way[1].startswith(prefix)
    }


def _loosened(graph: Graph) -> Iterator[tuple[tuple[str, ...], str]]:
    """The settings that a component tells are weaker than their default, with its URN."""
    for note in graph.notes:
        if note.kind == "loosened":
            path = note.text.partition(" ")[0].removeprefix(f"{_NAMESPACE}:")
            yield tuple(path.split(".")), note.urn


def _blocks(chain: list[Resource]) -> Iterator[str]:
    """The blocks of the config that the components above a resource are made of."""
    for resource in chain:
        if found := _COMPONENT.fullmatch(resource.type):
            name = found[1]
            yield from _STACK_WIDE if name == "Stack" else (name[:1].lower() + name[1:],)


def _words(text: str) -> set[str]:
    words = (word.lower() for word in re.findall("[A-Z]?[a-z]{3,}", text))
    return {word[:_STEM] for word in words if word not in _SAYS_NOTHING}


def _from_here(file: Path) -> str:
    """As a code host wants it: below the folder in which the command was started."""
    here = Path.cwd()
    return (file.relative_to(here) if file.is_relative_to(here) else file).as_posix()
