"""The preview engine as a pytest fixture: build with it, then assert on the graph.

In a conftest.py: `pytest_plugins = ["bulwark_toolkit.testing"]`. Then:

    def test_the_key_rotates(preview):
        graph = preview(lambda: aws.kms.Key("key", enable_key_rotation=True))
        assert graph["key"].inputs["enableKeyRotation"] is True
        assert not graph.problems
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from .preview import Graph, Lookups, Place, Program, place_of, record


class Preview:
    """What the `preview` fixture is: call it with a program."""

    def __call__(
        self,
        build: Callable[[], Any],
        *,
        config: Mapping[str, str] | None = None,
        secrets: Iterable[str] = (),
        lookups: Path | None = None,
        place: Place | None = None,
        rendered: bool = False,
        project: str = "project",
        stack: str = "stack",
    ) -> Graph:
        """Run `build` as a Pulumi program and return its graph.

        `config` is by full key, such as `aws:region`; `secrets` names the keys that are
        encrypted; `lookups` is a file of answers; `place` is where look-ups and placeholders say
        we are, by default where `config` says; `rendered` fills what only the cloud knows.
        Raises what the program raises, as `bulwark preview` would show it.
        """
        program = Program(
            run=lambda: _awaited(build()),
            project=project,
            stack=stack,
            config=config or {},
            secrets=frozenset(secrets),
        )
        place = place or place_of(program.config)
        answers = Lookups.load(place, lookups)
        return record(program, lookups=answers, place=place, rendered=rendered)


@pytest.fixture
def preview() -> Preview:
    return Preview()


def _awaited(result: Any) -> Awaitable[None] | None:
    # What a builder returns is a component as often as nothing.
    return result if isinstance(result, Awaitable) else None
