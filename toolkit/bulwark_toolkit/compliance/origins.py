"""CloudFront distributions and the APIs behind them, as rules read them."""

from collections.abc import Iterator
from typing import Final

from .subject import Subject

DISTRIBUTION: Final = "aws:cloudfront/distribution:Distribution"
REST_API: Final = "aws:apigateway/restApi:RestApi"
_NAME: Final = "aws:apigateway/domainName:DomainName"
_MAPPING: Final = "aws:apigateway/basePathMapping:BasePathMapping"


def distributions_before(api: Subject) -> list[Subject]:
    """The distributions that have a REST API as an origin."""
    return [
        distribution
        for other in api.graph.of_type(DISTRIBUTION)
        for distribution in [Subject(other, api.graph)]
        if any(found.urn == api.urn for _, found in apis_behind(distribution))
    ]


def apis_behind(distribution: Subject) -> Iterator[tuple[str, Subject]]:
    """The path of each origin that is a REST API of the same program, and the API."""
    for origin in distribution.each("origins"):
        if api := _api(distribution, distribution.get(f"{origin}.domainName", "")):
            yield origin, api


def _api(distribution: Subject, host: str) -> Subject | None:
    """The REST API that answers to a host name, its own or a custom one."""
    graph = distribution.graph
    by_id = graph.once("APIs by id", lambda: {r.id: r for r in graph.of_type(REST_API) if r.id})
    first, _, rest = host.partition(".")
    if rest.startswith("execute-api.") and first in by_id:
        return Subject(by_id[first], graph)
    for other in distribution.graph.of_type(_NAME):
        name = Subject(other, distribution.graph)
        hosts = {name.get("domainName"), other.outputs.get("regionalDomainName")}
        if host in hosts:
            for mapping in distribution.graph.of_type(_MAPPING):
                of = Subject(mapping, distribution.graph)
                if of.get("domainName") == name.get("domainName"):
                    return of.named(REST_API, at="restApi")
    return None
