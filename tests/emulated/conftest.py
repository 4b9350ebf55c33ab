from contextlib import ExitStack
from pathlib import Path

import pytest

from bulwark_toolkit import emulated
from bulwark_toolkit.preview import Lookups, Project, place_of, record

ROOT = Path(__file__).parents[2]


@pytest.fixture
def deploy():
    """Deploy a rendered graph; the account stays until the test ends."""
    with ExitStack() as stack:
        yield lambda graph, **more: stack.enter_context(emulated.deploy(graph, **more))


@pytest.fixture
def deployed(preview, deploy):
    """The account that a program makes."""
    return lambda program, **more: deploy(preview(program, rendered=True, **more))


@pytest.fixture
def problems(deployed):
    """What keeps a program from being deployed."""

    def refuse(program, **more):
        with pytest.raises(emulated.DeployError) as error:
            deployed(program, **more)
        return list(error.value.problems)

    return refuse


@pytest.fixture(scope="session")
def stack_graph():
    """The rendered graph of one of our own stacks, from its own config."""
    project = Project.find(ROOT)

    def render(stack):
        program = project.program(stack)
        place = place_of(program.config)
        lookups = Lookups.load(place, project.lookups())
        return record(program, lookups=lookups, place=place, rendered=True)

    return render
