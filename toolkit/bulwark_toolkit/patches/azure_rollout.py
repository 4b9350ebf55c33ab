"""One wave after the other, each only if the one before ended well, by Update Manager at once.

A window of Update Manager does not stop, and this does: it patches so many machines at a time as
the wave says, and begins no further ones once more have failed than may.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Protocol

from .azure_fleet import Machine
from .azure_plan import Plan, WavePlan
from .rollout import Step, in_order

_API = {
    "microsoft.compute": "2024-07-01",
    "microsoft.hybridcompute": "2024-07-10",
}
"""Versions of installPatches, by the namespace of the machine."""

_POLL_SECONDS = 15
_WELL = frozenset({"succeeded", "completedwithwarnings"})
_GOES_ON = frozenset({"", "inprogress", "running", "accepted", "unknown"})


class Azure(Protocol):
    def send(self, method: str, path: str, doing: str, body: Any = None) -> Any:
        """Azure's answer."""
        ...


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """`sleep` waits for so many seconds."""

    plan: Plan
    azure: Azure
    sleep: Callable[[float], None]
    tell: Callable[[str], None]
    wait_minutes: int
    everywhere: bool = False
    """Whether also the waves are patched in which nobody is known to lack the patch."""

    def run(self) -> Iterator[Step]:
        return in_order(self.plan.waves, self._step, self.tell)

    def _step(self, plan: WavePlan) -> Step:
        name = plan.wave.name
        to_patch = [m for m in (plan.machines if self.everywhere else plan.lacking) if m.running]
        if not to_patch:
            says = "no machine in it that runs lacks the patch" if plan.machines else _EMPTY
            return Step(wave=name, state="skipped", says=says)
        failed: list[tuple[str, str]] = []
        size, allowed = plan.wave.batch(len(to_patch)), plan.wave.may_fail(len(to_patch))
        for begin in range(0, len(to_patch), size):
            batch = to_patch[begin : begin + size]
            self.tell(f"{name}: {begin + len(batch)} of {len(to_patch)} machines")
            ended = self._batch(plan, batch)
            if "" in ended.values():
                return Step(
                    wave=name,
                    state="running",
                    says=f"is not through after {self.wait_minutes} minutes. Look at Update "
                    "Manager's history, and run it again",
                    machines=begin + len(batch),
                )
            failed += [(m, how) for m, how in ended.items() if how.lower() not in _WELL]
            if len(failed) > allowed:
                break
        return self._ended(plan, len(to_patch), tuple(failed), allowed)

    def _batch(self, plan: WavePlan, batch: list[Machine]) -> dict[str, str]:
        """How each machine's installation ended; nothing is said of one that goes on."""
        under_way = {machine.name: self._begin(plan, machine) for machine in batch}
        ended: dict[str, str] = {}
        for _ in range(max(1, self.wait_minutes * 60 // _POLL_SECONDS)):
            for name, operation in under_way.items():
                if name not in ended and (status := self._status(operation)):
                    ended[name] = status
            if len(ended) == len(batch):
                break
            self.sleep(_POLL_SECONDS)
        return {name: ended.get(name, "") for name in under_way}

    def _begin(self, plan: WavePlan, machine: Machine) -> str:
        """Where Azure tells how it goes."""
        namespace = machine.id.rpartition("/providers/")[2].partition("/")[0]
        path = f"{machine.id}/installPatches?api-version={_API[namespace]}"
        answer = self.azure.send("POST", path, f"patching {machine.name}", plan.request(machine))
        return answer.headers.get("Azure-AsyncOperation") or answer.headers["Location"]

    def _status(self, operation: str) -> str:
        """How it ended; empty while it goes on."""
        answer = self.azure.send("GET", operation, "asking how a patch goes")
        if answer.status_code == HTTPStatus.ACCEPTED:
            return ""
        found = answer.json()
        if str(found.get("status", "")).lower() in _GOES_ON:
            return ""
        # The operation succeeds as soon as it is over; what became of the patches is in its output.
        outcome = found.get("properties", {}).get("output", {}).get("status")
        return str(outcome or found.get("status"))

    @staticmethod
    def _ended(
        plan: WavePlan, reached: int, failed: tuple[tuple[str, str], ...], allowed: int
    ) -> Step:
        bad = len(failed) > allowed
        says = f"{len(failed)} of {reached} machines failed, and {plan.wave.errors}% may"
        return Step(
            wave=plan.wave.name,
            state="failed" if bad else "done",
            says=says if bad else f"{reached - len(failed)} of {reached} machines",
            machines=reached,
            failed=failed,
        )


_EMPTY = "no machine is in it"
