"""A stack on Azure, for the commands that look at what is deployed."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pulumi_bulwark.config import NAMESPACE
from pulumi_bulwark.stacks import StackConfig

from ..preview import Graph, Project, Resource, UsageError
from . import azure_sdk, common


@dataclass(frozen=True, kw_only=True)
class AzureStackOf:
    """What a stack would deploy, and the subscription that it is deployed to."""

    name: str
    graph: Graph
    owner: str | None
    """The subscription that the stack belongs to, where its settings say so."""
    config: Mapping[str, str]

    @classmethod
    def read(cls, directory: Path, stack: str | None) -> "AzureStackOf | None":
        """The stack; None where it is on another cloud."""
        project = Project.find(directory)
        program = project.program(common.chosen(project, stack), leave=NAMESPACE)
        settings = common.settings(program.config, program.secrets)
        if not _is_on_azure(settings, program.config):
            return None
        return cls(
            name=program.stack,
            graph=common.Recording.of(program, project.lookups())(rendered=False),
            owner=settings.account.id if settings else None,
            config=program.config,
        )

    @property
    def subscription_id(self) -> str:
        return azure_sdk.subscription(self.owner, self.config)

    @cached_property
    def subscription(self) -> azure_sdk.Subscription:
        """As it is shown to who is signed in."""
        return azure_sdk.Subscription(self.subscription_id)

    def claimed(self, what: str, component: Resource, tag: str, *kinds: str) -> list[str]:
        """Names of what belongs to a component, one of each kind: Azure adds chance to names.

        Raises a UsageError where none says so by its tag, or more than one.
        """
        claim = f"{self.graph.project}/{self.graph.stack}/{component.name}"
        there = self.subscription.tagged(tag, claim)
        names = []
        for kind in kinds:
            found = sorted(r["name"] for r in there if r["type"].lower() == kind.lower())
            if not found:
                raise UsageError(f"{what} {claim} is not in the subscription; deploy it first")
            if len(found) > 1:
                # Somebody may have made one to be told of what is sent there.
                raise UsageError(
                    f"several resources say that they are {claim}: {', '.join(found)}. Find out "
                    f"who made the others, and take their tag {tag} off"
                )
            names += found
        return names


def _is_on_azure(settings: StackConfig | None, config: Mapping[str, str]) -> bool:
    """Whether a stack is: a program of somebody's own says so by its provider's settings."""
    if settings:
        return settings.cloud == "azure"
    return any(key.startswith("azure-native:") for key in config)
