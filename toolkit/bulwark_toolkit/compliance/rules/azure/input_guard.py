"""What API Management asks about a request: whether anything gets past it, also when it is down."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from xml.etree.ElementTree import Element

from bulwark_toolkit.compliance.apim_policies import inbound, policy
from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import NotReadableError, Subject

API: Final = "azure-native:apimanagement:Api"
POLICY: Final = "azure-native:apimanagement:ApiPolicy"
APP: Final = "azure-native:web:WebApp"

_GUARD: Final = "bulwark_runtime.input_guard.azure_app:app"

_READING: Final = {"get", "head", "options"}
_METHODS: Final = {*_READING, "put", "post", "delete", "patch", "trace"}

_ONE: Final = re.compile(r'@\(context\.Operation\.Id == "([^"]+)"\)')
_SEVERAL: Final = re.compile(r"@\(new ?\[\] ?\{(.+)\}\.Contains\(context\.Operation\.Id\)\)")


@dataclass(frozen=True, slots=True)
class _Question:
    """One place in a policy where the guard is asked."""

    asks: Element
    after: list[Element]
    """What is done then."""
    operations: frozenset[str] | None
    """For which operations; None: for all."""

    def covers(self, operation: str) -> bool:
        return self.operations is None or operation in self.operations


@rule(
    "azure.input_guard.whatever-changes-something-passes-the-guard",
    API,
    severity="medium",
    requires="Where an API has an input guard, whatever changes something goes through it",
    remediation="Write x-bulwark-guard: block into the operation, or into the document for all.",
    reference="PCI 6.2.4",
    alone=False,
)
def whatever_changes_something_passes_the_guard(api: Subject) -> Iterator[Verdict]:
    if asked := list(_questions_of(api)):
        for path, method, name in _operations(api):
            if method not in _READING:
                guarded = any(question.covers(name) for question in asked)
                yield Verdict(guarded, f"value.paths.{path}.{method}", name)


@rule(
    "azure.input_guard.without-a-verdict-nothing-passes",
    API,
    severity="high",
    requires="A request is refused where the input guard does not answer, unless its operation is "
    "named as one that passes",
    remediation="After send-request, name the verdicts with which a request passes in a choose, "
    "and refuse in its otherwise: a guard that is down would open the API.",
    reference="PCI 6.2.4",
    alone=False,
)
def without_a_verdict_nothing_passes(api: Subject) -> Iterator[Verdict]:
    for number, question in enumerate(_questions_of(api)):
        refuses = any(
            list(otherwise.iter("return-response"))
            for node in question.after
            for otherwise in node.findall("otherwise")
        )
        yield Verdict(refuses, f"policy.send-request[{number}]", refuses)


def _questions_of(api: Subject) -> Iterator[_Question]:
    hosts = [host for app in _guards(api) if (host := app.output("defaultHostName"))]
    for other in api.graph.of_type(POLICY) if hosts else ():
        found = Subject(other, api.graph)
        if all(found.get(at) == api.get(at) for at in ("serviceName", "apiId")):
            section = inbound(policy(found))
            if section is not None:
                yield from _questions(section, hosts, None)


def _guards(api: Subject) -> Iterator[Subject]:
    """The input guards of the program."""
    for one in api.graph.of_type(APP):
        app = Subject(one, api.graph)
        for setting in app.each("siteConfig.appSettings"):
            # The other settings may hold what is not known yet.
            is_app = app.get(f"{setting}.name") == "BULWARK_APP"
            if is_app and app.get(f"{setting}.value") == _GUARD:
                yield app


def _questions(
    node: Element, hosts: list[str], operations: frozenset[str] | None
) -> Iterator[_Question]:
    for number, child in enumerate(node):
        if child.tag == "send-request":
            url = (child.findtext("set-url") or "").strip()
            if any(url.startswith(f"https://{host}/") for host in hosts):
                yield _Question(child, list(node)[number + 1 :], operations)
        elif child.tag == "choose":
            for branch in child:
                named = _named(branch)
                within = named if operations is None else operations & named
                yield from _questions(branch, hosts, within)


def _named(branch: Element) -> frozenset[str]:
    """The operations that a branch is for: none where it says something that is not read here."""
    condition = branch.get("condition", "")
    if one := _ONE.fullmatch(condition):
        return frozenset({one[1]})
    if several := _SEVERAL.fullmatch(condition):
        return frozenset(re.findall('"([^"]+)"', several[1]))
    return frozenset()


def _operations(api: Subject) -> Iterator[tuple[str, str, str]]:
    """Path, method and id of each operation that the API is made of."""
    try:
        document: dict[str, Any] = json.loads(api.get("value", "{}"))
        for path, item in document.get("paths", {}).items():
            for method in _METHODS & item.keys():
                name = str(item[method].get("operationId", ""))
                yield path, method, re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")
    except (AttributeError, ValueError):
        raise NotReadableError(api.urn, "value", "OpenAPI document") from None
