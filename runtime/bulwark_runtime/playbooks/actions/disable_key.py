"""Disable an access key of a user."""

from dataclasses import dataclass
from typing import Any, Final

from .action import Before, Clients, Order, RefusedError, is_one_of, leave_alone, tags_of


@dataclass(frozen=True, slots=True)
class DisableKey:
    clients: Clients
    never: frozenset[str] = frozenset()
    """ARNs of users that are left alone; a star stands for any name."""
    takes: Final = "access-key"

    def look(self, order: Order) -> Before:
        iam, key = self.clients("iam"), order.subject.name
        user = order.subject.more.get("user") or _owner(iam, key)
        try:
            about = iam.get_user(UserName=user)["User"]
        except iam.exceptions.NoSuchEntityException:
            raise RefusedError(f"there is no user {user}") from None
        if is_one_of(about["Arn"], self.never):
            raise RefusedError(f"user {user} is for emergencies")
        leave_alone(f"user {user}", tags_of(about.get("Tags")))
        status = _status(iam, user, key)
        if status is None:
            raise RefusedError(f"user {user} has no {order.subject}")
        return {"user": user, "status": status}

    def plan(self, order: Order, before: Before) -> str:
        if before["status"] == "Inactive":
            return f"would leave {order.subject} as it is: it is disabled"
        return f"would disable {order.subject} of user {before['user']}"

    def act(self, order: Order, before: Before) -> str:
        self._set(order, before, "Inactive")
        return f"{order.subject} of user {before['user']} is disabled"

    def undo(self, order: Order, before: Before) -> str:
        if before["status"] == "Inactive":
            raise RefusedError(f"{order.subject} was disabled before")
        self._set(order, before, "Active")
        return f"{order.subject} of user {before['user']} works again"

    def _set(self, order: Order, before: Before, status: str) -> None:
        self.clients("iam").update_access_key(
            UserName=before["user"], AccessKeyId=order.subject.name, Status=status
        )


def _owner(iam: Any, key: str) -> str:
    user = iam.get_access_key_last_used(AccessKeyId=key).get("UserName")
    if not user:
        raise RefusedError(f"access key {key} is nobody's in this account")
    return user


def _status(iam: Any, user: str, key: str) -> str | None:
    found = iam.list_access_keys(UserName=user)["AccessKeyMetadata"]
    return next((each["Status"] for each in found if each["AccessKeyId"] == key), None)
