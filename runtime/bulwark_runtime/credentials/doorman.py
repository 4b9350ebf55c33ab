"""Counts attempts before anything is looked at, however many come at once."""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .lockout import STRANGERS, Attempts, Limit, source_key
from .policy import Policy
from .stores import AttemptStore

_ROUNDS = 40
"""A round is lost only to another attempt that was counted, and those end soon in a delay."""
_SHORT_WAIT_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an attempt comes from, as the caller says and we could check."""

    source: str | None = None
    device: str | None = None
    """Id of a device that has shown that it signed in as this user before."""

    def limits(self, attempts: Attempts, policy: Policy) -> Mapping[str, Limit]:
        if self.device:
            return {f"device:{self.device}": policy.of_a_place}
        if self.source is None:
            return {STRANGERS: policy.of_strangers}
        place = source_key(self.source)
        if place in attempts.known:
            return {place: policy.of_a_place}
        return {place: policy.of_a_place, STRANGERS: policy.of_strangers}


@dataclass(frozen=True, slots=True)
class Admission:
    limits: Mapping[str, Limit]
    wait_seconds: int = 0
    """None: the attempt is counted, and may go on."""


class Doorman:
    def __init__(
        self,
        attempts: AttemptStore,
        policy: Policy,
        clock: Callable[[], float],
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._attempts, self._policy, self._clock, self._pause = attempts, policy, clock, pause

    def admit(self, user: str, origin: Origin) -> Admission:
        return self._admit(user, lambda attempts: origin.limits(attempts, self._policy))

    def admit_reset(self, user: str) -> Admission:
        return self._admit(user, lambda _: {"resets": self._policy.of_resets})

    def succeeded(self, user: str, origin: Origin, admission: Admission) -> None:
        """Forget the failures that the attempt was counted with, and remember its source."""
        place = None if origin.source is None else source_key(origin.source)
        for _ in range(_ROUNDS):
            now = int(self._clock())
            attempts, version = self._load(user, now)
            if self._save(user, attempts.succeeded(admission.limits, place, now), version):
                return
            self._breathe()

    def forget(self, user: str) -> None:
        self._attempts.remove(user)

    def _admit(self, user: str, limits_of: Callable[[Attempts], Mapping[str, Limit]]) -> Admission:
        limits: Mapping[str, Limit] = {}
        for _ in range(_ROUNDS):
            now = int(self._clock())
            attempts, version = self._load(user, now)
            limits = limits_of(attempts)
            if wait := attempts.wait(limits, now):
                return Admission(limits, wait)
            if self._save(user, attempts.counted(limits, now), version):
                return Admission(limits)
            self._breathe()
        return Admission(limits, 1)  # nothing is looked at that is not counted

    def _load(self, user: str, now: int) -> tuple[Attempts, str | None]:
        attempts, version = self._attempts.load(user)
        policy = self._policy
        alive = attempts.remembered(
            now, failures_seconds=policy.failures_seconds, known_seconds=policy.known_seconds
        )
        return alive, version

    def _save(self, user: str, attempts: Attempts, version: str | None) -> bool:
        ends = attempts.over_at(
            failures_seconds=self._policy.failures_seconds,
            known_seconds=self._policy.known_seconds,
        )
        return self._attempts.save(user, attempts, expected=version, expires_at=ends)

    def _breathe(self) -> None:
        self._pause(_SHORT_WAIT_SECONDS * secrets.randbelow(1000) / 1000)
