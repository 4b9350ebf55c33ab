"""What the firewall of Azure Front Door alone is told."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ..forms import Form
from ..spec import Guards, Spec

Reason = Annotated[str, Field(min_length=10, max_length=256)]
RuleId = Annotated[str, Form("[0-9]{6,8}", "the number of a managed rule, such as 942100")]
GroupName = Annotated[
    str, Form("[A-Za-z-]{2,40}", "the name of a group of managed rules, such as SQLI or RCE")
]

RuleAction = Literal["count", "off"]


class ManagedRuleSpec(Spec):
    group: GroupName
    """The group that the rule is in, such as SQLI: Azure wants to know both."""

    action: Annotated[RuleAction, Guards("waf", weaker="higher")] = "count"
    """What the rule does instead of adding to a request's score: count (it is only logged), or
    off."""

    reason: Reason
    """Why, in 10 to 256 characters."""


class ExclusionSpec(Spec):
    part: Literal["header", "cookie", "query", "form", "json"]
    """What of a request the managed rules leave out: a header, a cookie, a query argument, a field
    of a form or a field of JSON, by its name."""

    name: Annotated[
        str, Form(r"[\w.:\[\]-]{1,256}", "the name of a header, cookie, argument or field")
    ]
    """Its name, or a part of it as `where` says: up to 256 letters, digits and marks. Everything
    cannot be left out."""

    where: Literal["equals", "startsWith", "endsWith", "contains"] = "equals"
    """How a name must be like `name`."""

    reason: Reason
    """Why the rules are wrong about it, in 10 to 256 characters."""


class FrontDoorWafSpec(Spec):
    exclusions: tuple[ExclusionSpec, ...] = Field(default=(), max_length=100)
    """What the managed rules do not look at, at most 100, Azure's limit for a policy [m]."""

    overrides: dict[RuleId, ManagedRuleSpec] = Field(default={}, max_length=100)
    """Single managed rules that are not to stop requests, by their numbers: at most 100."""

    @model_validator(mode="after")
    def _excludes_each_once(self) -> Self:
        seen = [(one.part, one.name.lower(), one.where) for one in self.exclusions]
        if len(set(seen)) < len(seen):
            raise ValueError("two exclusions are the same")
        return self
