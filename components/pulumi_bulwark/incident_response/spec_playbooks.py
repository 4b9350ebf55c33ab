"""The `incidentResponse.playbooks` block of the stack config."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ..forms import NAME, Form
from ..spec import Spec
from . import actions
from .actions import ActionName

Severity = Literal["low", "medium", "high", "critical"]
Told = Literal["page", "ticket"]
Mode = Literal["notify", "approve", "auto"]

FindingType = Annotated[
    str,
    Form(
        r"[A-Za-z][A-Za-z0-9 :/.!_-]{2,119}",
        "what a finding's type begins with, such as UnauthorizedAccess:EC2/SSHBruteForce, in 3 to "
        "120 characters",
    ),
]
Call = Annotated[
    str,
    Form(
        r"[a-z][a-z0-9-]{0,39}:[A-Z][A-Za-z0-9]{1,79}",
        "a service and a call of its API, such as cloudtrail:StopLogging",
    ),
]
AlarmName = Annotated[
    str, Form(r"[A-Za-z0-9_.-]{3,100}", "what an alarm's name begins with, in 3 to 100 characters")
]
PlaybookName = Annotated[str, Field(max_length=30), NAME]
Port = Annotated[int, Field(ge=0, le=65_535)]
SubjectArn = Annotated[
    str,
    Form(
        "arn:aws[a-z-]*:(secretsmanager|cloudtrail):[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9/_+=.@:-]+",
        "the ARN of a secret or of a trail",
    ),
]


class TriggerSpec(Spec):
    guardduty: tuple[FindingType, ...] = Field(default=(), max_length=20)
    """What the types of GuardDuty's findings begin with, up to 20, such as
    UnauthorizedAccess:EC2/SSHBruteForce. The word before the slash says what the findings know."""

    security_hub: tuple[FindingType, ...] = Field(default=(), max_length=20)
    """What the generator or the types of Security Hub's findings begin with, up to 20, such as
    security-control/EC2.19 or Effects/Data Exposure."""

    calls: tuple[Call, ...] = Field(default=(), max_length=20)
    """Calls of an API that have changed something, up to 20, such as cloudtrail:StopLogging. The
    trail tells of those of its region; IAM's are told of in us-east-1."""

    alarms: tuple[AlarmName, ...] = Field(default=(), max_length=20)
    """What the names of alarms begin with, up to 20."""

    least_severity: Severity = "low"
    """The least severity of a finding: low, medium, high or critical. Calls and alarms have none
    of their own."""

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        given = [name for name in _SOURCES if getattr(self, name)]
        if len(given) != 1:
            raise ValueError(
                "takes one of guardduty, securityHub, calls and alarms: each event comes from one "
                "of them; write a playbook for each"
            )
        return self

    @property
    def source(self) -> Literal["guardduty", "security_hub", "calls", "alarms"]:
        return next(name for name in _SOURCES if getattr(self, name))

    @property
    def types(self) -> tuple[str, ...]:
        return getattr(self, self.source)

    def tells(self) -> list[frozenset[str]]:
        """What each of them is about."""
        match self.source:
            case "guardduty":
                return [actions.told_by_guardduty(each) for each in self.guardduty]
            case "security_hub":
                return [actions.told_by_hub()]
            case "calls":
                return [actions.told_by_call(each) for each in self.calls]
        return [actions.told_by_alarm()]


_SOURCES: tuple[Literal["guardduty", "security_hub", "calls", "alarms"], ...] = (
    "guardduty",
    "security_hub",
    "calls",
    "alarms",
)


class PlaybookSpec(Spec):
    trigger: TriggerSpec
    """What it is for."""

    severity: Told = "page"
    """How loudly people are told: page or ticket."""

    mode: Mode = "notify"
    """What happens: notify (people are told), approve (they are asked first), or auto (it is done,
    and they are told)."""

    action: ActionName | None = None
    """What is done: block-source, close-bucket, close-group, disable-key, disable-user,
    isolate-instance, revoke-sessions, rotate-secret or start-trail."""

    subject: SubjectArn | None = None
    """The ARN of the secret or the trail to act on, where the event names none."""

    block_hours: int = Field(default=24, ge=1, le=2160)
    """Hours for which block-source asks for a block: 1 to 2160, ninety days."""

    public_ports: tuple[Port, ...] = Field(default=(80, 443), max_length=10)
    """TCP ports, up to 10, that a security group may open to everybody: close-group leaves them."""

    limit_per_hour: int = Field(default=10, ge=1, le=200)
    """How often it acts by itself in an hour: 1 to 200. What is beyond that waits for approval,
    since a flood of events is an attack of its own."""

    dry_run: bool = False
    """Whether it says what it would do, and does nothing."""

    approval_minutes: int = Field(default=60, ge=5, le=1440)
    """Minutes after which an approval is no longer taken: 5 to 1440."""

    enabled: bool = True
    """Whether it runs: false takes out one that the profile has."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if problems := list(self._misfits()):
            raise ValueError("; ".join(problems))
        return self

    def _misfits(self) -> Iterator[str]:
        if self.action is None:
            if self.mode != "notify":
                yield f"mode {self.mode} needs an action"
            return
        takes = actions.TAKES[self.action]
        if self.subject is None and not all(takes in told for told in self.trigger.tells()):
            yield (
                f"{self.action} is done to {_A.get(takes, 'a')} {takes.replace('-', ' ')}, which "
                "not every event of the trigger names"
            )
        if self.subject is not None and self.action not in actions.WITH_SUBJECT:
            yield f"subject is for {' and '.join(sorted(actions.WITH_SUBJECT))}"

    @property
    def acts(self) -> bool:
        """Whether it can come to its action: its role is made for that."""
        return self.enabled and self.action is not None and self.mode != "notify"


_A = {"access-key": "an", "address": "an", "instance": "an"}
