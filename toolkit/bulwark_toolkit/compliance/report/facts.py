"""What a report is about, and what it was made with."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_SEEN: Final = {
    "rendered": "the program, previewed without a cloud; ids and endpoints are placeholders",
    "engine": "the program, previewed without a cloud; what only the cloud gives is not known",
    "state": "what was deployed last, as Pulumi's state has it",
}

NOT_ASSESSED: Final = (
    "What exists in the account beside this stack, and what was changed there by hand.",
    "What runs inside machines, containers and functions: the applications themselves.",
    "People, procedures and contracts: those controls say what a person must do.",
    "Whether the provider accepts each value, and whether it keeps what it promises.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    project: str
    stack: str
    mode: str
    """How the graph was made: rendered, engine or state."""
    digest: str
    """Of the graph that was judged, as JSON."""
    commit: str
    """Of the program, and whether there was more; empty where there is no repository."""
    time: str
    """When the report was made, in UTC."""
    tools: tuple[tuple[str, str], ...]
    """Names and versions."""
    resources: int
    services: tuple[tuple[str, int], ...]
    """What the resources are of, and how many of each."""
    rules: int
    notes: tuple[str, ...] = ()
    """What was not assessed in this run, beside what never is."""

    @property
    def title(self) -> str:
        return f"Evidence for {self.project}, stack {self.stack}"

    @property
    def not_assessed(self) -> tuple[str, ...]:
        return (*self.notes, *NOT_ASSESSED)

    def rows(self) -> Iterator[tuple[str, str]]:
        yield "Stack", f"{self.stack} of project {self.project}"
        yield "Judged", f"{_SEEN.get(self.mode, self.mode)}"
        yield "How much", f"{self.resources:,} resources, by {self.rules:,} rules"
        yield "Services", ", ".join(f"{name} {number:,}" for name, number in self.services)
        yield "Graph", self.digest
        yield "Commit", self.commit or "not known: no git repository"
        yield "Made at", self.time
        yield "Made with", ", ".join(f"{name} {version}" for name, version in self.tools)
