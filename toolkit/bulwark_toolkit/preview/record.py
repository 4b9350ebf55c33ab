"""From a program to its graph."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from . import inputs, placeholders
from .graph import STACK_TYPE, Graph, Note, Problem, Resource
from .lookups import Lookups
from .monitor import Monitor, Render
from .placeholders import Place
from .program import Made, Program, run
from .values import Value
from .wire import by_id


def record(
    program: Program,
    *,
    lookups: Lookups | None = None,
    place: Place | None = None,
    rendered: bool = False,
) -> Graph:
    """Run `program` and return what it would deploy.

    `rendered` fills what only the cloud knows with well-formed placeholders of `place`, by
    default the account and region that the program's config names.
    Raises a RunError for what the program's author can mend, each with one message.
    """
    place = place or place_of(program.config)
    made: dict[str, Made] = {}
    monitor = Monitor(
        project=program.project,
        stack=program.stack,
        answers=lookups or Lookups.load(place),
        render=_render(made, place) if rendered else _unknown,
    )
    run(program, monitor, made)

    resources = tuple(_ordered(monitor, made))
    return Graph(
        project=program.project,
        stack=program.stack,
        mode="rendered" if rendered else "engine",
        resources=resources,
        outputs=next((r.outputs for r in resources if r.type == STACK_TYPE), {}),
        notes=tuple(_sorted(monitor.notes, resources)),
        problems=tuple(_problems(resources, monitor, made)),
    )


def place_of(config: Mapping[str, str]) -> Place:
    """Where the providers' own config says we are, or else well-known placeholders."""
    accounts = re.findall(r"[0-9]{12}", config.get("aws:allowedAccountIds", ""))
    named = {
        "account": accounts[0] if accounts else None,
        "region": config.get("aws:region"),
        "location": config.get("azure-native:location"),
        "subscription": config.get("azure-native:subscriptionId"),
        "tenant": config.get("azure-native:tenantId"),
    }
    return replace(Place(), **{key: value for key, value in named.items() if value})


def _unknown(
    token: str, _name: str, _urn: str, given: dict[str, Value]
) -> tuple[str, dict[str, Value]]:
    return "", placeholders.before_creation(token, given)


def _render(made: Mapping[str, Made], place: Place) -> Render:
    def render(
        token: str, name: str, urn: str, given: dict[str, Value]
    ) -> tuple[str, dict[str, Value]]:
        resource = made[urn].resource if urn in made else None
        return placeholders.outputs(resource, token, name, by_id(given), urn, place)

    return render


def _ordered(monitor: Monitor, made: Mapping[str, Made]) -> Iterator[Resource]:
    """In the order of the program; what it did not make itself comes last, by URN."""

    def place(urn: str) -> tuple[int, str]:
        if monitor.resources[urn].type == STACK_TYPE:
            return -1, urn
        return (made[urn].order if urn in made else len(made)), urn

    for urn in sorted(monitor.resources, key=place):
        yield replace(monitor.resources[urn], outputs=monitor.outputs.get(urn, {}))


def _sorted(notes: list[Note], resources: tuple[Resource, ...]) -> list[Note]:
    place = {resource.urn: number for number, resource in enumerate(resources)}
    return sorted(notes, key=lambda note: (place.get(note.urn, -1), note.kind, note.text))


def _problems(
    resources: tuple[Resource, ...], monitor: Monitor, made: Mapping[str, Made]
) -> Iterator[Problem]:
    for resource in resources:
        if resource.urn in made and resource.kind != "read":
            given = monitor.raw_inputs[resource.urn]
            for line in inputs.check(made[resource.urn].resource, given):
                yield Problem(resource.urn, line, resource.source)
