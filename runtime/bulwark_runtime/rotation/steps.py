"""The four steps in which Secrets Manager replaces a value, each fit to be repeated.

createSecret makes the value, setSecret would tell it to who checks it, testSecret looks at it, and
finishSecret makes it the current one. The service repeats steps, and whole rotations, after
failures: a step that finds its work done leaves it so.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

CURRENT, PENDING = "AWSCURRENT", "AWSPENDING"


class RotationError(Exception):
    """A rotation that must not go on. Says why, and never a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What is known of a secret without its values."""

    rotator: str | None
    """ARN of the function that rotates it, or None where rotation is off."""
    stages: Mapping[str, tuple[str, ...]]
    """The stages of each version."""
    tags: Mapping[str, str]

    def version_in(self, stage: str) -> str | None:
        return next((v for v, stages in self.stages.items() if stage in stages), None)


class Secret(Protocol):
    """A secret in its store."""

    def about(self) -> About: ...

    def value(self, version: str, stage: str) -> str | None:
        """None where this version has no value (yet) or is not in this stage."""
        ...

    def put(self, version: str, value: str) -> None:
        """Give a pending version its value; where it has one already, that one stays."""
        ...

    def move(self, stage: str, *, to: str | None, away_from: str | None) -> None: ...


class Kind(Protocol):
    """What a value is like and how a new one comes to be."""

    name: str
    """Of the kind, in the secret's tag `bulwark:rotation`."""

    def make(self, current: str | None, tags: Mapping[str, str]) -> str: ...

    def check(self, pending: str, current: str | None, tags: Mapping[str, str]) -> None:
        """Raises RotationError for a value that must not replace the current one."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """One version's way to be the current one."""

    secret: Secret
    kind: Kind
    version: str
    """Secrets Manager's ClientRequestToken."""
    function: str
    """ARN of the function that runs this."""

    def run(self, step: str) -> None:
        if step not in STEPS:
            raise RotationError(f"a step is one of {', '.join(STEPS)}")
        about = self.secret.about()
        self._refuse_others(about)
        stages = set(about.stages[self.version])
        # A secret without a value gets its first as the current one: at once, or at the last step.
        if CURRENT in stages and self.secret.value(self.version, CURRENT) is not None:
            return  # the rotation is over, and a step is repeated
        if stages.isdisjoint((PENDING, CURRENT)):
            raise RotationError("this version is not pending")
        STEPS[step](self, about)

    def _refuse_others(self, about: About) -> None:
        if about.rotator is None:
            raise RotationError("rotation is not enabled for this secret")
        if _unqualified(about.rotator) != _unqualified(self.function):
            raise RotationError("another function rotates this secret")
        if about.tags.get("bulwark:rotation") != self.kind.name:
            raise RotationError(f"the secret's tag bulwark:rotation is not {self.kind.name}")
        if self.version not in about.stages:
            raise RotationError("the secret has no such version")

    def current(self, about: About) -> str | None:
        version = about.version_in(CURRENT)
        return None if version is None else self.secret.value(version, CURRENT)

    def pending(self, about: About) -> str | None:
        stage = PENDING if PENDING in about.stages[self.version] else CURRENT
        return self.secret.value(self.version, stage)


def _create(rotation: Rotation, about: About) -> None:
    current, pending = rotation.current(about), rotation.pending(about)
    if pending is None:
        rotation.secret.put(rotation.version, rotation.kind.make(current, about.tags))
        return
    try:
        rotation.kind.check(pending, current, about.tags)
    except RotationError:
        # A version keeps its value, and the service would try this one for ever.
        rotation.secret.move(PENDING, to=None, away_from=rotation.version)
        raise


def _set(rotation: Rotation, about: About) -> None:
    """Nobody but the readers has these values, and they ask for the current one."""


def _test(rotation: Rotation, about: About) -> None:
    # When rotation is set up the service runs this step alone, with the current value or none.
    pending, current = rotation.pending(about), rotation.current(about)
    if pending not in (None, current):
        rotation.kind.check(pending, current, about.tags)


def _finish(rotation: Rotation, about: About) -> None:
    pending = rotation.pending(about)
    if pending is None:
        raise RotationError("the pending version has no value")
    rotation.kind.check(pending, rotation.current(about), about.tags)
    rotation.secret.move(CURRENT, to=rotation.version, away_from=about.version_in(CURRENT))


STEPS: Mapping[str, Callable[[Rotation, About], None]] = {
    "createSecret": _create,
    "setSecret": _set,
    "testSecret": _test,
    "finishSecret": _finish,
}


def _unqualified(arn: str) -> str:
    """A function's ARN without version or alias."""
    return ":".join(arn.split(":")[:7])
