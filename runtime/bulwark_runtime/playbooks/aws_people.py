"""Who has sent a message: by the unique id that SQS puts on it, which nobody can choose."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from .responder import Person


class People:
    """Looks up what the approvers' unique ids are: a role that is made anew has another."""

    def __init__(self, iam: Any, sts: Any, approvers: Sequence[str]) -> None:
        self._iam, self._sts, self._approvers = iam, sts, approvers
        self._own = cache(self._own_id)

    def of(self, sender: str) -> Person:
        unique = sender.partition(":")[0]
        allowed = unique != self._own() and unique in self._ids()
        return Person(allowed=allowed, unique_id=unique)

    def _own_id(self) -> str:
        """The function's: it never approves what it asks for."""
        return self._sts.get_caller_identity()["UserId"].partition(":")[0]

    def _ids(self) -> set[str]:
        return {found for arn in self._approvers if (found := self._id(arn))}

    def _id(self, arn: str) -> str | None:
        name = arn.rpartition("/")[2]
        try:
            if ":user/" in arn:
                found = self._iam.get_user(UserName=name)["User"]
                unique = found["UserId"]
            else:
                found = self._iam.get_role(RoleName=name)["Role"]
                unique = found["RoleId"]
        except self._iam.exceptions.NoSuchEntityException:
            return None
        # A name says nothing of the path.
        return unique if found["Arn"] == arn else None
