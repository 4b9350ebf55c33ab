"""What each operation of the vault may do with the users, the attempts and the secrets."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi

from .spec import Operation

Statement = dict[str, Any]

_READ: Final = ("dynamodb:GetItem",)
_WRITE: Final = (*_READ, "dynamodb:PutItem")
_CLEAR: Final = (*_READ, "dynamodb:DeleteItem")
_LIST: Final = (*_READ, "dynamodb:Scan")
_ALL: Final = (*_WRITE, "dynamodb:DeleteItem")

_FETCH: Final = ("secretsmanager:GetSecretValue",)
_MAKE: Final = (
    *_FETCH,
    "secretsmanager:CreateSecret",
    "secretsmanager:PutSecretValue",
    "secretsmanager:DescribeSecret",
)
# Turns a secret to another of its versions: a new one is there at once with its first.
_RENEW: Final = (*_MAKE, "secretsmanager:UpdateSecretVersionStage")
_DISCARD: Final = ("secretsmanager:DeleteSecret",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What one operation does.

    Users and attempts have a table each, since the keys in both are the users' own ids: no
    condition on keys could tell one kind of record from the other.
    """

    users: Sequence[str]
    attempts: Sequence[str] = ()
    pepper: bool = False
    hashes: Sequence[str] = ()
    """With users' secrets, where the hashes are in some."""
    by_name: bool = True
    """Whether it is asked for one user. For one who does not exist, it reads the pepper in place of
    a user's secret, where the hashes are in some: the time must not tell."""

    def reads_pepper(self, *, in_secrets: bool) -> bool:
        return self.pepper or (in_secrets and self.by_name)


RIGHTS: Final[Mapping[Operation, Rights]] = {
    # Whoever takes the name of a user whose deletion was interrupted first ends the deletion.
    "register": Rights(users=_ALL, pepper=True, hashes=(*_MAKE, *_DISCARD)),
    "import-hash": Rights(users=_ALL, hashes=(*_MAKE, *_DISCARD)),
    # A sign-in renews a hash whose cost or pepper is an old one.
    "verify": Rights(users=_WRITE, attempts=_WRITE, pepper=True, hashes=_RENEW),
    "change": Rights(users=_WRITE, attempts=_WRITE, pepper=True, hashes=_RENEW),
    # Whoever writes a user whose hashes are to move moves them.
    "begin-reset": Rights(users=_WRITE, attempts=_WRITE, pepper=True, hashes=_RENEW),
    # Whoever has the token has proved who they are: what was counted is forgotten.
    "finish-reset": Rights(users=_WRITE, attempts=_CLEAR, pepper=True, hashes=_RENEW),
    "disable": Rights(users=_WRITE, hashes=_RENEW),
    "enable": Rights(users=_WRITE, hashes=_RENEW),
    "delete": Rights(users=_ALL, attempts=_CLEAR, hashes=(*_FETCH, *_DISCARD)),
    "count-peppers": Rights(users=_LIST, hashes=_FETCH, by_name=False),
    "move-hashes": Rights(
        users=(*_LIST, "dynamodb:PutItem"), hashes=(*_RENEW, *_DISCARD), by_name=False
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What the statements are about."""

    region: str
    users_arn: pulumi.Input[str]
    attempts_arn: pulumi.Input[str]
    tables_key_arn: pulumi.Input[str]
    pepper_arn: pulumi.Input[str]
    hashes_arn: str | None
    """The pattern of users' secrets, where the hashes are in some."""
    secrets_key_arn: pulumi.Input[str]


def statements(rights: Rights, place: Place) -> Iterator[Statement]:
    yield _allow("Users", rights.users, place.users_arn)
    if rights.attempts:
        yield _allow("Attempts", rights.attempts, place.attempts_arn)
    # To write takes it as well: DynamoDB opens the table's own key in the caller's name.
    yield _key("TablesKey", ["kms:Decrypt"], place.tables_key_arn, "dynamodb", place.region)

    in_secrets = place.hashes_arn is not None
    if in_secrets:
        yield _allow("Hashes", rights.hashes, place.hashes_arn)
    if rights.reads_pepper(in_secrets=in_secrets):
        yield _allow("Pepper", _FETCH, place.pepper_arn)
    if rights.pepper or in_secrets:
        actions = ["kms:Decrypt", *(["kms:GenerateDataKey"] if _keeps(rights, place) else [])]
        yield _key("SecretsKey", actions, place.secrets_key_arn, "secretsmanager", place.region)


def _keeps(rights: Rights, place: Place) -> bool:
    return place.hashes_arn is not None and set(_MAKE) <= set(rights.hashes)


def _key(
    sid: str, actions: Sequence[str], key_arn: pulumi.Input[str], service: str, region: str
) -> Statement:
    through = {"StringLike": {"kms:ViaService": f"{service}.{region}.*"}}
    return _allow(sid, actions, key_arn) | {"Condition": through}


def _allow(sid: str, actions: Sequence[str], resource: Any) -> Statement:
    return {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": resource}
