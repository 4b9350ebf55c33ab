"""One wave after the other, each only if the one before ended well.

Systems Manager keeps what was asked of it for a month: a rollout that was interrupted goes on
where it stands there, so nothing is kept here.
"""

import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from . import baselines
from .plan import Plan, WavePlan

_Wave = TypeVar("_Wave")

State = Literal["done", "skipped", "failed", "running"]

_UNFINISHED = frozenset({"Pending", "InProgress", "Cancelling"})
_ANSWER_SECONDS = 600
"""Until a machine answers at all."""

_POLL_SECONDS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How a wave ended."""

    wave: str
    state: State
    says: str
    command: str | None = None
    machines: int = 0
    failed: tuple[tuple[str, str], ...] = ()
    """Machines that failed, and how."""

    @property
    def well(self) -> bool:
        return self.state in ("done", "skipped")


def in_order(
    waves: Iterable[_Wave], patch: Callable[[_Wave], Step], tell: Callable[[str], None]
) -> Iterator[Step]:
    """How each wave ended, up to the first that did not end well."""
    for wave in waves:
        step = patch(wave)
        tell(f"{step.wave}: {step.state}, {step.says}")
        yield step
        if not step.well:
            return


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """`ssm` is a client of boto3; `sleep` waits for so many seconds."""

    plan: Plan
    ssm: Any
    sleep: Callable[[float], None]
    tell: Callable[[str], None]
    wait_minutes: int
    everywhere: bool = False
    """Whether also the waves are patched in which nobody is known to lack the patch."""
    again: bool = False
    """Whether also those are that were patched already."""

    def run(self) -> Iterator[Step]:
        return in_order(self.plan.waves, self._step, self.tell)

    def _step(self, plan: WavePlan) -> Step:
        name = plan.wave.name
        if not plan.machines:
            return Step(wave=name, state="skipped", says="no machine is in it")
        earlier = None if self.again else self._latest(plan)
        if earlier is None or self._failed(plan, earlier):
            if not (plan.lacking or self.everywhere):
                return Step(wave=name, state="skipped", says="nobody in it lacks the patch")
            command = self._send(plan)
        else:
            command = earlier["CommandId"]
            self.tell(f"{name}: goes on with {command}")
        return self._wait(plan, command)

    def _latest(self, plan: WavePlan) -> dict[str, Any] | None:
        """What was asked of the wave before, about this weakness."""
        pages = self.ssm.get_paginator("list_commands").paginate(
            Filters=[{"key": "DocumentName", "value": plan.wave.document}],
            PaginationConfig={"PageSize": 50},
        )
        ours = [
            command
            for page in pages
            for command in page.get("Commands", [])
            if command.get("Comment") == self._comment and command.get("Targets") == _targets(plan)
        ]
        return max(ours, key=lambda command: command["RequestedDateTime"], default=None)

    @property
    def _comment(self) -> str:
        return f"bulwark patch now {self.plan.weakness}"

    def _send(self, plan: WavePlan) -> str:
        for baseline in plan.baselines:
            patches = plan.patches(baseline.system)
            if baseline.waits_for(patches):
                baselines.approve(self.ssm, baseline, patches)
        # One set of patches for all of the wave's machines.
        asked = {**plan.wave.parameters, "SnapshotId": str(uuid.uuid4())}
        sent = self.ssm.send_command(
            DocumentName=plan.wave.document,
            Targets=_targets(plan),
            Parameters={name: [value] for name, value in asked.items()},
            MaxConcurrency=plan.wave.at_once,
            MaxErrors=plan.wave.errors,
            TimeoutSeconds=_ANSWER_SECONDS,
            Comment=self._comment,
        )["Command"]["CommandId"]
        self.tell(f"{plan.wave.name}: sent as {sent}")
        return sent

    def _wait(self, plan: WavePlan, command: str) -> Step:
        state = self._state(command)
        for _ in range(self.wait_minutes * 60 // _POLL_SECONDS):
            if state["Status"] not in _UNFINISHED:
                break
            done, of = state.get("CompletedCount", 0), state.get("TargetCount", 0)
            self.tell(f"{plan.wave.name}: {done} of {of} machines")
            self.sleep(_POLL_SECONDS)
            state = self._state(command)
        if state["Status"] not in _UNFINISHED:
            return self._ended(plan, state)
        return Step(
            wave=plan.wave.name,
            state="running",
            says=f"is not through after {self.wait_minutes} minutes. Run it again to go on",
            command=command,
            machines=state.get("TargetCount", 0),
        )

    def _state(self, command: str) -> dict[str, Any]:
        found = self.ssm.list_commands(CommandId=command).get("Commands")
        # What was asked for a moment ago may not be listed yet.
        return found[0] if found else {"CommandId": command, "Status": "Pending"}

    def _ended(self, plan: WavePlan, state: dict[str, Any]) -> Step:
        for baseline in plan.baselines:
            baselines.withdraw(self.ssm, baseline, plan.patches(baseline.system))
        failed = tuple(self._failures(state["CommandId"])) if _errors(state) else ()
        reached = state.get("TargetCount", 0)
        bad = self._failed(plan, state)
        return Step(
            wave=plan.wave.name,
            state="failed" if bad else "done",
            says=_why(plan, state) if bad else _how_many(plan, state),
            command=state["CommandId"],
            machines=reached,
            failed=failed,
        )

    @staticmethod
    def _failed(plan: WavePlan, state: dict[str, Any]) -> bool:
        if state["Status"] in _UNFINISHED:
            return False
        reached = state.get("TargetCount", 0)
        stopped = state["Status"] in ("Cancelled", "TimedOut")
        return not reached or stopped or _errors(state) > plan.wave.may_fail(reached)

    def _failures(self, command: str) -> Iterator[tuple[str, str]]:
        pages = self.ssm.get_paginator("list_command_invocations").paginate(
            CommandId=command, PaginationConfig={"PageSize": 50}
        )
        for page in pages:
            for one in page.get("CommandInvocations", []):
                if one["Status"] != "Success":
                    yield one["InstanceId"], one.get("StatusDetails", one["Status"])


def _why(plan: WavePlan, state: dict[str, Any]) -> str:
    if not state.get("TargetCount"):
        return f"no machine was reached ({state.get('StatusDetails', state['Status'])})"
    failed = f"{_errors(state)} of {state['TargetCount']} machines failed"
    if state["Status"] in ("Cancelled", "TimedOut"):
        return f"{state['Status'].lower()}; {failed}"
    return f"{failed}, and {plan.wave.errors} may"


def _how_many(plan: WavePlan, state: dict[str, Any]) -> str:
    says = f"{state['TargetCount'] - _errors(state)} of {state['TargetCount']} machines"
    if plan.wave.restarts:
        return says
    return f"{says}; they are not restarted, and until then it does not protect"


def _errors(state: dict[str, Any]) -> int:
    return state.get("ErrorCount", 0) + state.get("DeliveryTimedOutCount", 0)


def _targets(plan: WavePlan) -> list[dict[str, Any]]:
    return [{"Key": "tag:PatchGroup", "Values": [plan.wave.group]}]
