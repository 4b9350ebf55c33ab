"""The core: an incident becomes cases, and a case goes as far as it may go by itself."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from .actions import Action, Order, RefusedError
from .cases import Case, CaseBook, Decision, State, Step, case_id
from .incident import Incident, Kind, Subject
from .messages import Message, message
from .playbook import Playbook

WITHOUT_UNDO = frozenset({"remove-assignment", "rotate-secret", "start-trail"})

_MOVES: Mapping[str, tuple[State, State, str]] = {
    "approve": ("waiting", "acting", "approved"),
    "reject": ("waiting", "rejected", "rejected"),
    "undo": ("done", "undoing", "asked to undo"),
}
"""By decision: the state that it needs, the one that it leads to, and what it is called."""


class Tell(Protocol):
    def __call__(self, how: str, message: Message) -> None:
        """Tell people by the topic for pages, or for tickets."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who has sent a decision."""

    allowed: bool
    unique_id: str
    """Such as AROA…: it stays the same, and no later role of the same name has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Responder:
    stack: str
    runbook: str
    """Where the runbook is for those who are told."""
    account: str
    region: str
    playbooks: Mapping[str, Playbook]
    book: CaseBook
    action: Callable[[str, str], Action]
    """The action of a name, with the rights of its own role, for a case."""
    tell: Tell
    person: Callable[[str], Person]
    """Who a SenderId is."""
    sample: Callable[[Playbook, Kind | None], Incident]
    """What to fire a playbook with."""
    log: Callable[[Case, Step], None]
    now: Callable[[], datetime]

    # --- what happens

    def meet(self, incident: Incident, *, last: bool = False) -> list[Case]:
        """What is done about an incident; the same again if it is told again.

        Raises what one of its cases raised, once all have had their turn. `last`: no attempt
        comes after this one, so people are told of a failure.
        """
        cases, errors = [], []
        for case in self._wanted(incident):
            try:
                cases.append(self._tried(self._open(case), self._go_on, last=last))
            except Exception as error:  # noqa: BLE001 it is raised below
                errors.append(error)
        if errors:
            raise errors[0]
        return cases

    def _wanted(self, incident: Incident) -> list[Case]:
        """The cases of all playbooks that it is for; two that want the same get it once."""
        wanted: dict[str, Case] = {}
        idle: list[Case] = []
        for playbook in self.playbooks.values():
            for case in self._cases(playbook, incident) if playbook.matches(incident) else ():
                if playbook.action and not case.subject:
                    idle.append(case)
                else:
                    wanted.setdefault(case.id, case)
        # Who finds nothing to act on could only tell, and need not where others do, as loudly.
        for case in sorted(idle, key=self._pages, reverse=True):
            if not any(self._pages(other) >= self._pages(case) for other in wanted.values()):
                wanted[case.id] = case
        return list(wanted.values())

    def _pages(self, case: Case) -> bool:
        return self._playbook(case).severity == "page"

    def _tried(self, case: Case, go_on: Callable[[Case], Case], *, last: bool) -> Case:
        try:
            return go_on(case)
        except Exception as error:
            # Not its message: it may repeat what the action was given.
            step = self._step(f"an attempt failed: {type(error).__name__}")
            self.book.note(case, step)
            self.log(case, step)
            if last:
                found = self.book.find(case.id) or case
                self._tell(replace(found, said=f"{step.what}; the event is a dead letter now"))
            raise

    def _cases(self, playbook: Playbook, incident: Incident) -> Iterator[Case]:
        subjects: list[Subject] = []
        takes = self._takes(playbook)
        if takes and self._is_here(incident):
            wanted = playbook.parameters.get("subject")
            subjects = [Subject(takes, wanted)] if wanted else incident.of_kind(takes)
        for subject in subjects or [None]:
            # Without a subject there is nothing to act on, and yet somebody must know.
            action = playbook.action if subject else None
            yield Case(
                id=case_id(incident, action or f"tell {playbook.name}", subject),
                playbook=playbook.name,
                incident=incident,
                action=action,
                subject=subject,
                dry_run=playbook.dry_run,
                opened=self.now(),
            )

    def _takes(self, playbook: Playbook) -> Kind | None:
        return self.action(playbook.action, "").takes if playbook.action else None

    def _is_here(self, incident: Incident) -> bool:
        """An administrator's account hears of others', and a hub of other regions."""
        return (incident.account, incident.region) == (self.account, self.region)

    def _open(self, case: Case) -> Case:
        step = self._step(f"opened: {case.incident.title}")
        kept = self.book.open(replace(case, history=(step,)))
        if kept.opened == case.opened:
            self.log(kept, step)
        return kept

    def _go_on(self, case: Case) -> Case:
        if case.state == "open":
            case = self._begin(case)
        if case.state == "acting":
            case = self._act(case)
        return self._told(case)

    def _begin(self, case: Case) -> Case:
        playbook = self._playbook(case)
        if case.action is None or playbook.mode == "notify":
            return self._moved(case, "told", "told people")
        if case.dry_run:
            return self._look(case, lambda c, said: self._moved(c, "planned", said, said=said))
        if playbook.mode == "approve":
            return self._wait(case, "")
        if self._take(case, playbook):
            return replace(case, state="acting")
        return self._wait(case, f"it has acted {playbook.limit_per_hour} times this hour; ")

    def _take(self, case: Case, playbook: Playbook) -> bool:
        step = self._step("acts by itself")
        hour = f"{playbook.name}#{self.now():%Y-%m-%dT%H}"
        taken = self.book.take(case, step, hour=hour, limit=playbook.limit_per_hour)
        if taken:
            self.log(case, step)
        return taken

    def _wait(self, case: Case, because: str) -> Case:
        until = self.now() + timedelta(minutes=self._playbook(case).approval_minutes)
        return self._look(
            case,
            lambda c, said: self._moved(
                c, "waiting", f"{because}waits: {said}", said=f"{because}{said}", until=until
            ),
        )

    def _look(self, case: Case, then: Callable[[Case, str], Case]) -> Case:
        """What the action would do; it may be that it must not."""
        try:
            action, order = self._action(case), self._order(case)
            return then(case, action.plan(order, action.look(order)))
        except RefusedError as refused:
            return self._moved(case, "refused", str(refused), said=str(refused))

    def _act(self, case: Case) -> Case:
        action, order = self._action(case), self._order(case)
        try:
            if case.before is None:
                # Before anything is changed: `undo` needs it even if this function dies now.
                case = self.book.remember(case, action.look(order))
            assert case.before is not None
            said = action.act(order, case.before)
        except RefusedError as refused:
            return self._moved(case, "refused", str(refused), said=str(refused))
        return self._moved(case, "done", said, said=said)

    # --- what people decide

    def decide(self, decision: Decision, *, last: bool = False) -> Case | None:
        """What a person asks for. What they may not have is noted, and changes nothing."""
        person = self.person(decision.by)
        if decision.what == "fire":
            return self._fire(decision) if person.allowed else None
        case = self.book.find(decision.of)
        if case is None:
            return None
        if case.decision == decision.id:  # delivered again
            return self._tried(case, self._finish, last=last)
        if why := self._objection(case, decision, person):
            return self._declined(case, decision, why)
        of, to, what = _MOVES[decision.what]
        step = self._step(what, decision)
        moved = self.book.move(case, to, step, of=(of,), decision=decision.id)
        if moved is None:
            return self._declined(case, decision, "somebody else has decided in the meantime")
        self.log(moved, step)
        return self._tried(moved, self._finish, last=last)

    def _objection(self, case: Case, decision: Decision, person: Person) -> str:
        """Why a decision does not count; nothing if it does."""
        if not person.allowed:
            return "whoever asked is no approver"
        if person.unique_id == case.incident.actor:
            return "whoever asked is the one that the incident is about"
        needed, _, _ = _MOVES[decision.what]
        if case.state != needed:
            return f"it is {case.state}, not {needed}"
        if decision.what == "approve" and case.until and case.until <= self.now():
            self._expire(case)
            return f"the approval ended at {case.until:%Y-%m-%d %H:%M} UTC"
        return ""

    def _expire(self, case: Case) -> None:
        step = self._step("nobody approved in time")
        if moved := self.book.move(case, "expired", step, of=("waiting",)):
            self.log(moved, step)

    def _declined(self, case: Case, decision: Decision, why: str) -> Case:
        step = self._step(f"{decision.what} declined: {why}", decision)
        self.book.note(case, step)
        self.log(case, step)
        return self.book.find(case.id) or case

    def _finish(self, case: Case) -> Case:
        if case.state == "acting":
            case = self._act(case)
        elif case.state == "undoing":
            case = self._undo(case)
        return self._told(case)

    def _undo(self, case: Case) -> Case:
        assert case.before is not None
        try:
            said = self._action(case).undo(self._order(case), case.before)
        except RefusedError as refused:
            return self._moved(
                case, "done", f"not undone: {refused}", said=f"not undone: {refused}"
            )
        return self._moved(case, "undone", said, said=said)

    def _fire(self, decision: Decision) -> Case | None:
        """A test in dry run, from the documented sample of what the playbook is for."""
        playbook = self.playbooks.get(decision.of)
        if playbook is None:
            return None
        sample = replace(
            self.sample(playbook, self._takes(playbook)),
            id=f"test {decision.id}",
            account=self.account,
            region=self.region,
            at=self.now(),
        )
        cases = list(self._cases(replace(playbook, dry_run=True), sample))
        return [self._go_on(self._open(replace(case, dry_run=True))) for case in cases][-1]

    # --- in every state

    def _told(self, case: Case) -> Case:
        """Tell people of a state once it is reached, and again only if nothing says they know."""
        if case.told == case.state:
            return case
        self._tell(case)
        self.book.tell(case, case.state)
        return replace(case, told=case.state)

    def _tell(self, case: Case) -> None:
        said = message(
            case,
            stack=self.stack,
            runbook=self.runbook,
            can_undo=case.action not in WITHOUT_UNDO,
        )
        self.tell(self._playbook(case).severity, said)

    def _moved(self, case: Case, to: State, what: str, **kept: Any) -> Case:
        step = self._step(what)
        moved = self.book.move(case, to, step, of=(case.state,), **kept)
        if moved is None:  # a message that came twice was faster
            return self.book.find(case.id) or case
        self.log(moved, step)
        return moved

    def _step(self, what: str, decision: Decision | None = None) -> Step:
        if decision:
            return Step(at=self.now(), what=what, by=decision.by, decision=decision.id)
        return Step(at=self.now(), what=what)

    def _action(self, case: Case) -> Action:
        assert case.action is not None
        return self.action(case.action, case.id)

    def _order(self, case: Case) -> Order:
        assert case.subject is not None
        return Order(
            case=case.id,
            subject=case.subject,
            now=self.now(),
            playbook=case.playbook,
            reason=case.incident.types[0],
            parameters=self._playbook(case).parameters,
        )

    def _playbook(self, case: Case) -> Playbook:
        """Its own, or none to speak of where that has been taken out since: it can be decided."""
        found = self.playbooks.get(case.playbook)
        return found or Playbook(name=case.playbook, source=case.incident.source, types=())
