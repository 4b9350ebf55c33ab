"""Inspector: what is scanned for weaknesses, and which are left out."""

from collections.abc import Iterator
from typing import Final

from bulwark_toolkit.compliance.policies import statements
from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import Subject

from .account import DISKS, PUBLIC_ACCESS

INSPECTOR: Final = "aws:inspector2/enabler:Enabler"
BUCKET_POLICY: Final = "aws:s3/bucketPolicy:BucketPolicy"
FILTER: Final = "aws:inspector2/filter:Filter"

_SCANNED: Final = ("EC2", "ECR", "LAMBDA", "LAMBDA_CODE")
_SERVICE: Final = "inspector2.amazonaws.com"

_ONE: Final = ("vulnerabilityIds", "findingArns", "titles")
"""Criteria that name single weaknesses. All others, such as a severity, match those to come."""


@rule(
    "aws.security_testing.account-is-scanned",
    DISKS,
    PUBLIC_ACCESS,
    severity="medium",
    requires="Who owns an account's settings has Inspector scan it",
    remediation="Add an inspector2.Enabler, or waive this where an organisation's administrator "
    "has it.",
    reference="Inspector.1",
    alone=False,
)
def account_is_scanned(setting: Subject) -> Iterator[Verdict]:
    for enabler in setting.graph.of_type(INSPECTOR):
        yield Verdict(True, "", enabler.name, urn=enabler.urn)
        return
    yield Verdict(False, "", text="the program does not enable Inspector")


@rule(
    "aws.security_testing.inspector-scans-all-it-can",
    INSPECTOR,
    severity="high",
    requires="Inspector scans machines, images, functions and their code",
    remediation="Name EC2, ECR, LAMBDA and LAMBDA_CODE in resourceTypes.",
    reference="Inspector.1",
)
def inspector_scans_all_it_can(enabler: Subject) -> Iterator[Verdict]:
    scanned = enabler.items("resourceTypes")
    for kind in _SCANNED:
        yield Verdict(kind in scanned, "resourceTypes", kind, f"{kind} is not scanned")


@rule(
    "aws.security_testing.accepted-weakness-has-a-reason",
    FILTER,
    severity="medium",
    requires="Every weakness that is left out of the findings has a reason",
    remediation="Set reason to why it does no harm, and what makes up for it.",
    reference="PCI 11.3.1.1",
)
def accepted_weakness_has_a_reason(accepted: Subject) -> Iterator[Verdict]:
    if _suppresses(accepted):
        reason = accepted.get("reason", "")
        yield Verdict(bool(reason.strip()), "reason", reason)


@rule(
    "aws.security_testing.accepted-weakness-comes-back",
    FILTER,
    severity="medium",
    requires="No weakness is left out of the findings for ever",
    remediation="Give the criteria a lastObservedAts with an endInclusive: what is seen later is "
    "a finding again.",
    reference="PCI 6.3.3",
)
def accepted_weakness_comes_back(accepted: Subject) -> Iterator[Verdict]:
    if not _suppresses(accepted):
        return
    for criteria in accepted.each("filterCriterias"):
        at = f"{criteria}.lastObservedAts"
        ends = [accepted.get(f"{one}.endInclusive") for one in accepted.each(at)]
        yield Verdict(bool(ends) and all(ends), at, ", ".join(filter(None, ends)))


@rule(
    "aws.security_testing.accepted-weakness-is-named",
    FILTER,
    severity="high",
    requires="No weakness is left out of the findings before anybody knows it",
    remediation="Name the weaknesses in vulnerabilityIds: a severity or a resource alone leaves "
    "out what is found tomorrow as well.",
    reference="PCI 6.3.1",
)
def accepted_weakness_is_named(accepted: Subject) -> Iterator[Verdict]:
    if not _suppresses(accepted):
        return
    for criteria in accepted.each("filterCriterias"):
        named = [name for name in _ONE if accepted.has(f"{criteria}.{name}")]
        yield Verdict(bool(named), criteria, ", ".join(named), "names no weakness")


@rule(
    "aws.security_testing.what-is-installed-is-listed",
    INSPECTOR,
    severity="low",
    requires="There is a bucket for Inspector's lists of what is installed",
    remediation="Let inspector2.amazonaws.com put objects into a bucket, for this account's "
    "reports only, and ask for a list with CreateSbomExport now and then.",
    reference="PCI 6.3.2",
    alone=False,
)
def what_is_installed_is_listed(enabler: Subject) -> Iterator[Verdict]:
    for resource in enabler.graph.of_type(BUCKET_POLICY):
        policy = Subject(resource, enabler.graph)
        for one in statements(policy, "policy"):
            if _SERVICE in one.services and one.effect == "Allow" and one.covers("s3:PutObject"):
                yield Verdict(True, one.place, ", ".join(one.resources), urn=policy.urn)
                return
    yield Verdict(False, "", text="no bucket takes them")


def _suppresses(accepted: Subject) -> bool:
    return accepted.get("action") == "SUPPRESS"
