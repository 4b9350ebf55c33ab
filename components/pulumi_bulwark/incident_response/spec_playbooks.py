"""The `incidentResponse.playbooks` block of the stack config."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, model_validator

from ..clouds import Limited
from ..forms import NAME, Form, FormByCloud
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
PlaybookSubject = Annotated[
    str,
    FormByCloud(
        Form(
            "arn:aws[a-z-]*:(secretsmanager|cloudtrail):[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9/_+=.@:-]+",
            "the ARN of a secret or of a trail",
        ),
        Form("[a-z][a-z0-9-]{0,63}", "the name of a secret in bulwark:secrets.named that rotates"),
    ),
]


Operation = Annotated[
    str,
    Form(
        r"Microsoft\.[A-Za-z]{2,40}(/[A-Za-z]{2,60}){1,4}/(write|delete|action)",
        "an operation of the Activity Log, such as Microsoft.Authorization/roleAssignments/write",
    ),
]

_OF_AWS = Limited(
    "azure", because="It is a service of AWS. Take defender, activity or alarms instead."
)
_OF_AZURE = Limited(
    "aws", because="It is a service of Azure. Take guardduty, securityHub or calls instead."
)


SourceName = Literal[
    "guardduty", "security_hub", "inspector", "calls", "alarms", "defender", "activity"
]
_SOURCES: tuple[SourceName, ...] = get_args(SourceName)


class TriggerSpec(Spec):
    guardduty: Annotated[tuple[FindingType, ...], _OF_AWS] = Field(default=(), max_length=20)
    """What the types of GuardDuty's findings begin with, up to 20, such as
    UnauthorizedAccess:EC2/SSHBruteForce. The word before the slash says what the findings know."""

    security_hub: Annotated[tuple[FindingType, ...], _OF_AWS] = Field(default=(), max_length=20)
    """What the generator or the types of Security Hub's findings begin with, up to 20, such as
    security-control/EC2.19 or Effects/Data Exposure."""

    inspector: Annotated[tuple[FindingType, ...], _OF_AWS] = Field(default=(), max_length=20)
    """What the type or the weakness of Inspector's findings begins with, up to 20, such as
    NETWORK_REACHABILITY or CVE-2026-12345; EXPLOIT_AVAILABLE is for all that have an exploit."""

    calls: Annotated[tuple[Call, ...], _OF_AWS] = Field(default=(), max_length=20)
    """Calls of an API that have changed something, up to 20, such as cloudtrail:StopLogging. The
    trail tells of those of its region; IAM's are told of in us-east-1."""

    alarms: tuple[AlarmName, ...] = Field(default=(), max_length=20)
    """What the names of alarms begin with, up to 20."""

    defender: Annotated[tuple[FindingType, ...], _OF_AZURE] = Field(default=(), max_length=20)
    """What the types of Defender for Cloud's alerts begin with, up to 20, such as Storage.Blob or
    VM_SshBruteForceSuccess."""

    activity: Annotated[tuple[Operation, ...], _OF_AZURE] = Field(default=(), max_length=20)
    """Operations of the subscription's Activity Log that have succeeded, up to 20, such as
    Microsoft.Authorization/roleAssignments/write. It tells of them some minutes later."""

    least_severity: Severity = "low"
    """The least severity of a finding: low, medium, high or critical. Calls and alarms have none
    of their own."""

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        given = [name for name in _SOURCES if getattr(self, name)]
        if len(given) != 1:
            raise ValueError(
                "takes one of guardduty, securityHub, inspector, calls, alarms, defender and "
                "activity: each event comes from one of them; write a playbook for each"
            )
        return self

    @property
    def source(self) -> SourceName:
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
            case "inspector":
                return [actions.told_by_inspector()]
            case "calls":
                return [actions.told_by_call(each) for each in self.calls]
            case "defender":
                return [actions.told_by_defender(each) for each in self.defender]
            case "activity":
                return [actions.told_by_operation(each) for each in self.activity]
        return [actions.told_by_alarm()]


class PlaybookSpec(Spec):
    trigger: TriggerSpec
    """What it is for."""

    severity: Told = "page"
    """How loudly people are told: page or ticket."""

    mode: Mode = "notify"
    """What happens: notify (people are told), approve (they are asked first), or auto (it is done,
    and they are told)."""

    action: Annotated[
        ActionName | None,
        Limited(
            "aws",
            because=f"On AWS there are {', '.join(actions.ON_AWS)}.",
            to=tuple(actions.ON_AWS),
        ),
        Limited(
            "azure",
            because=f"On Azure there are {', '.join(actions.ON_AZURE)}.",
            to=tuple(actions.ON_AZURE),
        ),
    ] = None
    """What is done. On AWS: block-source, close-bucket, close-group, disable-key, disable-user,
    isolate-instance, revoke-sessions, rotate-secret or start-trail. On Azure: block-source,
    close-storage, disable-entra-user (which revokes their sessions too), isolate-machine,
    remove-assignment or rotate-secret."""

    subject: PlaybookSubject | None = None
    """The ARN of the secret or the trail to act on, where the event names none. On Azure the name
    of a secret of `secrets.named`, which no event names."""

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
        elif self.subject is not None and self.subject.startswith("arn:"):
            service = actions.WITH_SUBJECT[self.action]
            if self.subject.split(":")[2] != service:
                yield f"subject must be an ARN of {service}, since {self.action} is done to it"

    @property
    def acts(self) -> bool:
        """Whether it can come to its action: its role is made for that."""
        return self.enabled and self.action is not None and self.mode != "notify"


_A = {"access-key": "an", "address": "an", "entra-user": "an", "instance": "an"}
