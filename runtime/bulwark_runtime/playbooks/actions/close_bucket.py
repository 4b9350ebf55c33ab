"""Close a bucket to the public, whatever its policy and its lists say."""

from dataclasses import dataclass
from typing import Any, Final

from .action import Before, Clients, Order, RefusedError, code_of, leave_alone, tags_of

_CLOSED: Final = {
    "BlockPublicAcls": True,
    "BlockPublicPolicy": True,
    "IgnorePublicAcls": True,
    "RestrictPublicBuckets": True,
}


@dataclass(frozen=True, slots=True)
class CloseBucket:
    clients: Clients
    takes: Final = "bucket"

    def look(self, order: Order) -> Before:
        s3, name = self.clients("s3"), order.subject.name
        leave_alone(f"bucket {name}", tags_of(_asked(s3.get_bucket_tagging, name, "TagSet")))
        return {"access": _access(s3, name)}

    def plan(self, order: Order, before: Before) -> str:
        if before["access"] == _CLOSED:
            return f"would leave {order.subject} as it is: it is closed to the public"
        return f"would close {order.subject} to the public"

    def act(self, order: Order, before: Before) -> str:
        del before
        self.clients("s3").put_public_access_block(
            Bucket=order.subject.name, PublicAccessBlockConfiguration=_CLOSED
        )
        return f"{order.subject} is closed to the public"

    def undo(self, order: Order, before: Before) -> str:
        s3, name = self.clients("s3"), order.subject.name
        if before["access"] == _CLOSED:
            raise RefusedError(f"{order.subject} was closed before")
        if _access(s3, name) not in (_CLOSED, before["access"]):
            raise RefusedError(f"somebody has changed {order.subject} since")
        if before["access"]:
            s3.put_public_access_block(
                Bucket=name, PublicAccessBlockConfiguration=dict(before["access"])
            )
        else:
            s3.delete_public_access_block(Bucket=name)
        return f"{order.subject} is as open as it was"


def _access(s3: Any, name: str) -> dict[str, bool] | None:
    return _asked(s3.get_public_access_block, name, "PublicAccessBlockConfiguration")


def _asked(call: Any, bucket: str, what: str) -> Any:
    """A setting of a bucket; None where it has none, which S3 says with an error."""
    try:
        return call(Bucket=bucket)[what]
    except Exception as error:
        match code_of(error):
            case "NoSuchTagSet" | "NoSuchPublicAccessBlockConfiguration":
                return None
            case "NoSuchBucket":
                raise RefusedError(f"there is no bucket {bucket}") from None
        raise
