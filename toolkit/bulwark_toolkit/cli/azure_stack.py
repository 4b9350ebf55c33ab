"""A stack on Azure, for the commands that look at what is deployed."""

from dataclasses import dataclass
from pathlib import Path

from pulumi_bulwark.config import NAMESPACE

from ..preview import Graph, Project
from . import azure_sdk, common


@dataclass(frozen=True, kw_only=True, slots=True)
class AzureStackOf:
    """What a stack would deploy, and the subscription that it is deployed to."""

    name: str
    graph: Graph
    subscription: azure_sdk.Subscription

    @classmethod
    def read(cls, directory: Path, stack: str | None) -> "AzureStackOf | None":
        """The stack; None where it is on another cloud."""
        project = Project.find(directory)
        program = project.program(common.chosen(project, stack), leave=NAMESPACE)
        settings = common.settings(program.config, program.secrets)
        if settings is None or settings.cloud != "azure":
            return None
        return cls(
            name=program.stack,
            graph=common.Recording.of(program, project.lookups())(rendered=False),
            subscription=azure_sdk.Subscription(
                azure_sdk.subscription(settings.account.id, program.config)
            ),
        )
