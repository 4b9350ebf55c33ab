"""The tags that everything of ours carries, put on in one place: the stack component."""

from collections.abc import Mapping
from functools import cache
from inspect import get_annotations
from typing import Annotated, Any, Literal

import pulumi
from pydantic import AfterValidator, Field

from .forms import Form
from .spec import Spec


def _not_reserved(key: str) -> str:
    if key.lower().startswith(("aws:", "azure", "microsoft", "windows")):
        raise ValueError("the clouds keep keys that begin with aws:, azure, microsoft or windows")
    return key


# The alphabet that AWS and Azure both take, and the shorter of their limits.
TagKey = Annotated[
    str,
    Field(max_length=128),
    Form(r"[\w.:=+@ -]+", "letters, digits, spaces or _.:=+@-"),
    AfterValidator(_not_reserved),
]
TagValue = Annotated[
    str, Field(max_length=256), Form(r"[\w.:/=+@ -]+", "letters, digits, spaces or _.:/=+@-")
]


class TagsSpec(Spec):
    owner: TagValue
    """Who answers for the environment: a team or an address, 1 to 256 letters, digits, spaces
    or _.:/=+@-, as the cloud allows in a tag."""

    environment: TagValue
    """Which environment this is, such as dev or prod, in words the cost report can group by."""

    cost_center: TagValue
    """Who pays, as the bookkeeping writes it."""

    data_classification: Literal["public", "internal", "confidential", "restricted"]
    """The most sensitive data that may be stored: public, internal, confidential or restricted
    (cardholder data and credentials)."""

    additional: dict[TagKey, TagValue] = Field(default={}, max_length=40)
    """More tags by name, at most 40: the cloud takes 50, and some are ours. A key is up to 128
    letters, digits, spaces or _.:=+@-."""

    def as_tags(self) -> dict[str, str]:
        return {
            **self.additional,
            "owner": self.owner,
            "environment": self.environment,
            "cost-center": self.cost_center,
            "data-classification": self.data_classification,
        }


def tagging(tags: Mapping[str, str]) -> pulumi.ResourceTransformation:
    """Puts `tags` on a component's taggable descendants; a tag of their own wins.

    A client-side transformation costs no call to the engine, unlike a transform.
    """

    def add(
        args: pulumi.ResourceTransformationArgs,
    ) -> pulumi.ResourceTransformationResult | None:
        if not _is_taggable(type(args.resource)):
            return None
        own: pulumi.Input[Mapping[str, Any]] = args.props.get("tags") or {}
        merged = (
            {**tags, **own}
            if isinstance(own, Mapping)
            else pulumi.Output.from_input(own).apply(lambda own: {**tags, **(own or {})})
        )
        return pulumi.ResourceTransformationResult({**args.props, "tags": merged}, args.opts)

    return add


@cache
def _is_taggable(resource: type[pulumi.Resource]) -> bool:
    # Only a mapping is a set of tags: an autoscaling group lists objects, an API Management
    # named value lists words. Most classes without `tags` refuse them at the service.
    arguments = getattr(resource, "_internal_init", resource.__init__)
    return "Mapping[str" in str(get_annotations(arguments).get("tags"))
