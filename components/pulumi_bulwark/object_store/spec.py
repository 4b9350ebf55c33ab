"""What a bucket keeps, for how long, and how firmly."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ..clouds import Limited
from ..spec import Guards, Spec


class LockSpec(Spec):
    mode: Annotated[Literal["compliance", "governance"], Guards("recovery", weaker="higher")] = (
        "compliance"
    )
    """Who can delete a locked object: compliance (nobody before its days are over, not even the
    account's root user), or governance (who has s3:BypassGovernanceRetention, which a
    teardown needs)."""

    days: Annotated[int, Guards("recovery", weaker="lower")] = Field(default=365, ge=1, le=36_500)
    """Days in which an object can be neither changed nor deleted: 1 to 36500, the range of S3
    Object Lock. PCI DSS 10.5.1 wants twelve months of logs."""

    sealed: Annotated[
        bool,
        Limited(
            "aws",
            because="A lock in compliance mode is final from the first object on. Remove it.",
        ),
    ] = False
    """Whether the lock of Azure Storage is final. Azure makes it open, so this is a later step of
    its own: deploy, see that the logs arrive, then set it to true and deploy again. From then on
    the days can only grow, and neither Microsoft nor anybody else deletes the account before they
    are over for its last object. Azure only, and in compliance mode only."""

    @model_validator(mode="after")
    def _seals_what_is_to_be_final(self) -> Self:
        if self.sealed and self.mode != "compliance":
            raise ValueError(
                "sealed is final for everybody, which mode: compliance asks for; got governance"
            )
        return self


class LifecycleRuleSpec(Spec):
    prefix: Annotated[str, Field(max_length=1024)] = ""
    """The objects that the rule is for, by the beginning of their key: up to 1024 characters, S3's
    limit for a key. Empty means all."""

    archive_after_days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    """Days until an object moves to the archive tier that still answers at once (S3 Glacier
    Instant Retrieval, which bills at least 90 days). S3 leaves objects under 128 KB where they
    are."""

    expire_after_days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    """Days until an object expires."""

    expire_noncurrent_after_days: Annotated[int, Field(ge=1, le=36_500)] = 30
    """Days until a version is deleted, once it is not the current one: the time in which an
    overwritten or expired object can still be fetched back."""


class ObjectStoreSpec(Spec):
    versioning: Annotated[bool, Guards("recovery", weaker="lower")] = True
    """Whether an overwritten or deleted object can be fetched back."""

    lock: LockSpec | None = None
    """Keeps every new object from being changed or deleted for a time. It cannot be taken off a
    bucket again. Config and S3 cannot deliver logs to a locked bucket."""

    lifecycle: tuple[LifecycleRuleSpec, ...] = Field(default=(), max_length=999)
    """What happens to objects as they age: at most 999 rules, since S3 takes 1000 and one is
    ours, which clears away unfinished uploads."""

    @model_validator(mode="after")
    def _lock_has_what_it_needs(self) -> Self:
        if not self.lock:
            return self
        if not self.versioning:
            raise ValueError(
                "lock needs versioning, since S3 locks versions; leave versioning on, or remove "
                "lock"
            )
        for rule in self.lifecycle:
            if rule.expire_after_days is not None and rule.expire_after_days < self.lock.days:
                raise ValueError(
                    f"lifecycle expires objects after {rule.expire_after_days} days, but lock "
                    f"keeps them for {self.lock.days}; expire them later, or lock them for less"
                )
        return self
