"""The `auditLog` block of the stack config."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ..clouds import Limited
from ..forms import Form, KeyArn
from ..object_store import LockSpec
from ..spec import Guards, Spec

RetentionDays = Literal[
    90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]
"""What CloudWatch Logs takes, from the three months on that PCI DSS 10.5.1 wants at hand."""


class LogArchiveSpec(Spec):
    bucket: Annotated[str, Form("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "the name of an S3 bucket")]
    """Name of the bucket, whose policy must admit this trail."""

    key_arn: KeyArn
    """ARN of the KMS key of that bucket, whose policy must admit this trail."""


class AuditLogSpec(Spec):
    retention_days: Annotated[
        RetentionDays,
        Guards("logging", weaker="lower"),
        Limited(
            "azure",
            to=range(731),
            because="Log Analytics searches 730 days at most: name up to 545, and keep the files "
            "longer with archiveDays.",
        ),
    ] = 400
    """Days that logs can be searched, here and in every log group of the environment: one of the
    numbers that CloudWatch takes. PCI DSS 10.5.1 wants twelve months; 400 days are thirteen, so
    that twelve are complete on any day. At least 365 in prod, and 90 elsewhere."""

    lock: LockSpec = LockSpec()
    """How firmly the trail's files are kept from being changed or deleted."""

    archive_days: Annotated[int, Guards("logging", weaker="lower")] = Field(
        default=400, ge=90, le=36_500
    )
    """Days until the trail's files are deleted: 90 to 36500, and not before `lock.days` are over.
    PCI DSS 10.5.1 wants twelve months; set what your supervisor asks for."""

    data_events: Annotated[
        bool,
        Limited(
            "azure",
            because="Each vault and storage account of the stack logs who reads what always; the "
            "subscription has no switch for all. Remove it.",
        ),
    ] = False
    """Logs each access to an object in a bucket, an item in a table, and each call of a function,
    beside what is done to the account. Billed by event."""

    insights: Annotated[
        bool,
        Limited("azure", because="Azure Monitor has no such analysis. Remove it."),
    ] = False
    """Reports unusual rates of calls and of errors. Billed by event that is analysed."""

    organization_id: Annotated[
        Annotated[str, Form("o-[a-z0-9]{10,32}", "an organisation's id, such as o-a1b2c3d4e5")]
        | None,
        Limited(
            "azure",
            because="Each subscription exports its own Activity Log, and the tenant's policy "
            "spreads that. Remove it.",
        ),
    ] = None
    """The AWS organisation, such as o-a1b2c3d4e5, to log all of its accounts with this one trail.
    Only from its management account, which owns such a trail whoever makes it."""

    log_archive: Annotated[
        LogArchiveSpec | None,
        Limited("azure", because="The archive is the stack's own storage account. Remove it."),
    ] = None
    """A bucket that exists, in most cases of a log-archive account, to deliver the trail's files
    to, instead of one of this stack's own. Its owner decides on lock and retention."""

    daily_gigabytes: Annotated[
        int,
        Guards("logging", weaker="higher"),
        Limited("aws", "CloudWatch Logs has no cap by the day; a budget tells. Remove it."),
    ] = Field(default=0, ge=0, le=10_000)
    """Gigabytes a day after which the workspace takes no more logs until the next: up to 10000; 0
    is no cap, and hardened. With one, the logs of an attack are what is dropped, those of Defender
    and of who signs in included: only for environments where that does no harm."""

    @model_validator(mode="after")
    def _kept_while_locked(self) -> Self:
        if self.archive_days < self.lock.days:
            raise ValueError(
                f"archiveDays is {self.archive_days}, but lock.days keeps each file for "
                f"{self.lock.days}; keep the files longer, or lock them for less"
            )
        return self
