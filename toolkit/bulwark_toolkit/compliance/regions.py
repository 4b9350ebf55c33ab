"""The region of a resource."""

from .subject import NotKnownError, Subject


def region_of(subject: Subject) -> str:
    """Its own region, else its provider's; of the default provider as far as outputs tell.

    Raises a NotKnownError if nothing tells.
    """
    if own := subject.get("region"):
        return own
    if subject.resource.provider:
        provider = Subject(subject.graph[subject.resource.provider], subject.graph)
        if own := provider.get("region"):
            return own
    found = subject.resource.outputs.get("region")
    if not isinstance(found, str):
        arn = subject.resource.outputs.get("arn")
        found = arn.split(":")[3] if isinstance(arn, str) else ""
    if not found:
        raise NotKnownError(subject.urn, "region")
    return found
