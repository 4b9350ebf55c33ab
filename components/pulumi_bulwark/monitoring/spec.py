"""The `monitoring` block of the stack config."""

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from ..clouds import NAMES, Cloud, Differs, Limited
from ..forms import NAME, Form, MailAddress
from ..spec import Spec
from .kinds import AlarmKind, Severity, not_raised_on

RecipientName = Annotated[str, Field(max_length=32), NAME]

_KEY_LIKE = re.compile(r"(?=[^/]*\d)[\w-]{20,}")


def _without_a_key(url: str) -> str:
    if _KEY_LIKE.search(url.partition("://")[2].partition("/")[2]):
        raise ValueError(
            "has what looks like a key in it, and an address with a key is a secret: it would "
            "stand in the clear in the stack file and in the state. Leave it out here and "
            "subscribe it by hand; docs/monitoring.md has the command"
        )
    return url


HttpsAddress = Annotated[
    str,
    Field(max_length=512),
    Form(
        r"https://[a-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?",
        "an https address without user, query or fragment, such as https://pager.example.com/sns",
    ),
    AfterValidator(_without_a_key),
]

Runbook = Annotated[
    str,
    Field(max_length=200),
    Form(
        r"(https://)?[A-Za-z0-9._~/:@%+-]+",
        "an address or a path without query or fragment, such as https://wiki.example.com/runbook",
    ),
]


_NO_CHAT = Limited(
    "azure",
    "An action group cannot post in a chat without a key, which would stand in the stack file. "
    "Channels of Slack and Teams have a mail address: name that as `mail`.",
)

_ONCE_EXPORTED = Differs(
    "azure", "Counted once the tenant's sign-ins come to the workspace: `signInLogs` says whose."
)


class SlackSpec(Spec):
    workspace_id: Annotated[
        str, Form("T[0-9A-Z]{6,20}", "the id of a Slack workspace, such as T0123ABCD")
    ]
    """Id of the workspace, which somebody must first have let in, in the console of Amazon Q
    Developer in chat applications (AWS Chatbot): AWS has no call for that."""

    channel_id: Annotated[
        str, Form("[CG][0-9A-Z]{6,20}", "the id of a Slack channel, such as C0123ABCD")
    ]
    """Id of the channel."""


_UUID = Form("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "an id such as Microsoft Entra writes it")


class TeamsSpec(Spec):
    tenant_id: Annotated[str, _UUID]
    """Id of the tenant of Microsoft 365, which somebody must first have let in, in the console."""

    team_id: Annotated[str, _UUID]
    """Id of the team."""

    channel_id: Annotated[
        str,
        Form(
            r"19[:%A-Za-z0-9_-]+(@|%40)thread\.tacv2",
            "the id of a Teams channel, such as 19%3aab%40thread.tacv2",
        ),
    ]
    """Id of the channel, as a link to it has it."""


class RecipientSpec(Spec):
    told: tuple[Severity, ...] = Field(default=("page", "ticket"), min_length=1, max_length=2)
    """What they are told: page (wakes somebody), ticket (waits for the morning), or both."""

    mail: Annotated[
        MailAddress | None,
        Differs("azure", "Azure tells it at once, and nobody has to say yes first."),
    ] = None
    """Mail address. SNS sends it a question first, and nothing else before somebody there has
    said yes."""

    https: Annotated[
        HttpsAddress | None,
        Differs(
            "azure",
            "It gets Azure Monitor's common alert schema, with no signature and no question first.",
        ),
    ] = None
    """Address that takes messages of SNS, verifies their signature, and answers SNS's question
    at the first one. It must not have a key in it."""

    slack: Annotated[SlackSpec | None, _NO_CHAT] = None
    """A channel of Slack."""

    teams: Annotated[TeamsSpec | None, _NO_CHAT] = None
    """A channel of Microsoft Teams."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = [w for w in ("mail", "https", "slack", "teams") if getattr(self, w) is not None]
        if len(ways) != 1:
            raise ValueError(
                "a recipient has one of mail, https, slack and teams; this one has "
                f"{' and '.join(ways) or 'none'}. Make another recipient for another way"
            )
        if len(set(self.told)) != len(self.told):
            raise ValueError("told names the same thing twice")
        return self


class BudgetSpec(Spec):
    monthly_usd: Annotated[
        Annotated[int, Field(ge=1, le=10_000_000)] | None,
        Differs(
            "azure",
            "In the currency that the subscription is billed in, whatever that is. A stack that "
            "does not own the subscription has a budget of its resource group.",
        ),
    ] = 1000
    """What the account may cost in a month, in whole USD: 1 to 10,000,000; null for no budget. At
    80 % and when the forecast passes it there is a ticket, at 120 % a page: then it may be
    somebody else's mining. Owned with the account (`account.manage` is all)."""


class ThresholdsSpec(Spec):
    """Numbers are of five minutes, unless the field says otherwise."""

    refused_calls: int = Field(default=5, ge=1, le=25)
    """Refused calls in the account: 1 to 25. CIS AWS 4.1 wants them watched and names no number;
    above 25 a search for ways in would go unseen."""

    failed_console_sign_ins: Annotated[int, Field(ge=1, le=10), _ONCE_EXPORTED] = 3
    """Failed sign-ins to the console: 1 to 10. PCI DSS 8.3.4 locks out after ten."""

    silence_hours: Annotated[
        int,
        Field(ge=1, le=24),
        Limited(
            "azure",
            "The Activity Log of a quiet subscription says nothing for hours, so there it is "
            "silence after a day. Remove it.",
        ),
    ] = 2
    """Hours without one event in the trail: 1 to 24. A trail delivers within minutes, and an
    account has some call of AWS's own services each hour."""

    minimum_requests: int = Field(default=20, ge=1, le=1_000_000)
    """Requests from which on a share of them counts: 1 to 1,000,000. Of two requests one is
    half."""

    api_errors_percent: float = Field(default=1.0, gt=0, le=50)
    """Share of requests that the API, or the edge before it, answers with an error of its own
    (5xx): up to 50 %."""

    api_latency_ms: int = Field(default=3000, ge=50, le=29_000)
    """Time of the slowest hundredth of requests (p99): 50 to 29,000 ms. API Gateway ends a
    request after 29 seconds."""

    api_client_errors_percent: float = Field(default=50.0, gt=0, le=100)
    """Share of requests that the API answers with an error of the client's (4xx): up to 100 %."""

    api_throttles: int = Field(default=50, ge=1, le=1_000_000)
    """Requests that are turned away by a limit (429): 1 to 1,000,000."""

    api_refusals: int = Field(default=50, ge=1, le=1_000_000)
    """Requests that are refused as not allowed (401 and 403, without what the firewall
    blocks): 1 to 1,000,000."""

    firewall_blocks: int = Field(default=500, ge=1, le=10_000_000)
    """Requests that one web ACL blocks: 1 to 10,000,000."""

    sign_in_failures: Annotated[int, Field(ge=1, le=1_000_000), _ONCE_EXPORTED] = 50
    """Failed sign-ins at one client of the user pool: 1 to 1,000,000."""

    compromised_credentials: Annotated[int, Field(ge=1, le=1_000_000), _ONCE_EXPORTED] = 5
    """Sign-ins, sign-ups and changes with a password that is known from a breach: 1 to
    1,000,000. Each one is stopped by threat protection; many at once are somebody's list."""

    account_takeovers: Annotated[int, Field(ge=1, le=1_000_000), _ONCE_EXPORTED] = 5
    """Sign-ins of a high risk to be a takeover: 1 to 1,000,000."""

    certificate_days: Annotated[
        int,
        Field(ge=7, le=44),
        Limited(
            "azure", "Key Vault tells 30 days before the end, and nothing else does. Remove it."
        ),
    ] = 30
    """Days before a certificate expires: 7 to 44. AWS renews 60 days before, and tells somebody
    by mail 45 days before if it could not."""


@dataclass(frozen=True, slots=True)
class _RaisedOn(Container[Mapping[AlarmKind, Severity]]):
    """The severities of kinds that a cloud raises."""

    cloud: Cloud

    def __contains__(self, severities: object) -> bool:
        return isinstance(severities, Mapping) and not set(severities) & set(
            not_raised_on(self.cloud)
        )


def _only_what_is_raised(cloud: Cloud) -> Limited:
    kinds = ", ".join(not_raised_on(cloud))
    return Limited(
        cloud,
        f"{NAMES[cloud]} has no alarm of these kinds: {kinds}. Remove them.",
        _RaisedOn(cloud),
    )


class MonitoringSpec(Spec):
    recipients: dict[RecipientName, RecipientSpec] = Field(default={}, max_length=20)
    """Who is told, by a name of up to 32 small letters, digits and hyphens: at most 20. Without
    any it is `tags.owner`, if that is a mail address."""

    severities: Annotated[
        dict[AlarmKind, Severity], _only_what_is_raised("aws"), _only_what_is_raised("azure")
    ] = Field(default={})
    """How loudly a kind of alarm tells, where it is not as docs/runbook.md says: page or ticket."""

    thresholds: ThresholdsSpec = ThresholdsSpec()
    """From which numbers on alarms are raised."""

    budget: BudgetSpec = BudgetSpec()
    """What the account may cost."""

    runbook: Runbook = "docs/runbook.md"
    """Where the runbook is for those who are told: each alarm links to its section there. Put a
    copy of docs/runbook.md where they can read it at night, and name its address."""

    dashboard: Annotated[bool, Differs("azure", "It is a workbook, which costs nothing.")] = True
    """Whether there is a dashboard: about 3 USD a month, after the account's first three."""

    sign_in_logs: Annotated[
        tuple[Literal["staff", "customers"], ...],
        Limited("aws", "AWS counts sign-ins itself. Remove it."),
    ] = Field(default=(), max_length=2)
    """Whose sign-ins an administrator of Entra ID exports to the stack's workspace (the category
    SignInLogs of a diagnostic setting): those of staff, of the tenant of customers, or both. Only
    then is there something to alarm on; a tenant's sign-ins cannot be exported from a
    subscription."""
