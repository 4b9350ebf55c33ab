"""Text of a certain form, and the forms that several specs share.

An error says the form in words: people do not read patterns.
"""

import re
from dataclasses import dataclass
from typing import Annotated, Any

from iso3166 import countries_by_alpha2
from pydantic import AfterValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from .clouds import Cloud


@dataclass(frozen=True, slots=True)
class Form:
    """Marks text that must match a pattern as a whole."""

    pattern: str
    words: str
    """What the text must be, with an example: completes the sentence "must be …"."""

    def _check(self, text: str) -> str:
        if not re.fullmatch(self.pattern, text):
            raise PydanticCustomError("form", "must be {words}", {"words": self.words})
        return text

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return handler(schema) | {"pattern": f"^(?:{self.pattern})$"}


@dataclass(frozen=True, slots=True)
class FormByCloud:
    """Marks text that is spelled differently on each cloud."""

    aws: Form
    azure: Form

    def refusal(self, cloud: Cloud, value: Any) -> str | None:
        form: Form = getattr(self, cloud)
        return None if re.fullmatch(form.pattern, value) else f"must be {form.words}"

    @property
    def _either(self) -> Form:
        return Form(
            f"{self.aws.pattern}|{self.azure.pattern}",
            f"{self.aws.words}; on Azure, {self.azure.words}",
        )

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return self._either.__get_pydantic_core_schema__(source, handler)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return self._either.__get_pydantic_json_schema__(schema, handler)


COUNTRIES = frozenset(countries_by_alpha2)
"""ISO 3166-1, and XK for Kosovo, which has no code of its own yet: what both clouds know."""


def _country(code: str) -> str:
    if code not in COUNTRIES:
        raise ValueError("is no country code of ISO 3166-1, two capitals such as DE")
    return code


Country = Annotated[str, AfterValidator(_country)]

_MAIL = r"[A-Za-z0-9._%+-]{1,64}@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}"

MailAddress = Annotated[str, Field(max_length=254), Form(_MAIL, "a mail address")]


def is_mail(text: str) -> bool:
    """Whether a text is a mail address."""
    return re.fullmatch(_MAIL, text) is not None


NAME = Form(
    "[a-z][a-z0-9]*(-[a-z0-9]+)*",
    "a name of small letters, digits and hyphens that begins with a letter",
)

CERTIFICATE = Form(
    "arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[a-z0-9-]+",
    "the full ARN of a certificate of AWS Certificate Manager",
)

GUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"

Guid = Annotated[
    str, Form(GUID, "an id as Entra ID has it, such as 00000000-0000-0000-0000-000000000001")
]

AccountId = Annotated[
    str,
    FormByCloud(
        Form("[0-9]{12}", "an AWS account's id of 12 digits, in quotes"),
        Form(GUID, "a subscription's id, such as 00000000-0000-0000-0000-000000000001"),
    ),
]

Region = Annotated[
    str, Form("[a-z]{2}(-[a-z]+)+-[0-9]", "the id of an AWS region, such as eu-central-1")
]

PRINCIPAL = Form(
    "(group|identity|user):" + GUID,
    "a group, an identity (managed, or an application's) or a user of Entra ID by its object id, "
    "such as group:00000000-0000-0000-0000-000000000001",
)

PrincipalArn = Annotated[
    str,
    FormByCloud(
        Form(
            "arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/[A-Za-z0-9_+=,.@/-]+",
            "one role or user by its full ARN, such as arn:aws:iam::123456789012:role/payments, "
            "since a wildcard would let in whoever makes a role that matches",
        ),
        PRINCIPAL,
    ),
]

KEY_ARN = Form(
    "arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[a-z0-9-]+",
    "the full ARN of a KMS key, such as arn:aws:kms:eu-central-1:123456789012:key/…, and not "
    "of an alias",
)

KeyArn = Annotated[str, KEY_ARN]

HostName = Annotated[
    str,
    Form(
        r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]",
        "a host name in small letters, such as api.example.com",
    ),
]
