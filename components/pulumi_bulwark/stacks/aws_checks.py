"""What is checked before the first resource: the account, the document, what AWS would refuse."""

from collections.abc import Iterator

import pulumi

from .. import openapi
from ..access import aws as access
from ..access.aws import AwsAccessArgs
from ..api import aws_quotas
from ..api.answers import SAFE_HEADERS
from ..api.aws_answers import cors_headers
from ..credentials import aws as credentials
from ..customer_identity import aws as customer_identity
from ..edge import aws as edge
from ..errors import ConfigError
from ..incident_response import aws as incident_response
from ..incident_response.aws import AwsIncidentResponseArgs
from ..input_guard import aws as input_guard
from ..input_guard.aws import AwsInputGuardArgs
from ..input_guard.bundle import AnswersOfOurOwn
from ..log_group.aws import AwsLogStore
from ..patching import aws as patching
from ..place import AwsPlace
from ..secrets import aws as secrets
from ..security_testing import aws as security_testing
from ..waf import aws as waf
from ..waf.aws import AwsWafArgs
from ..waf.spec import BUILT_IN_LISTS
from .spec import StackConfig


def problems(
    spec: StackConfig, document: openapi.Document | None, place: AwsPlace
) -> Iterator[str]:
    """What AWS would refuse of the settings and the document, a line each."""
    yield from secrets.problems(
        spec.secrets,
        place,
        deletion_protection=spec.protection.deletion,
    )
    yield from patching.problems(spec.patching, pulumi.get_stack())
    yield from access.problems(access_to_be(spec, pulumi.get_stack(), place))
    if owner_of_region(spec) is None:
        yield from security_testing.problems(spec.security_testing, place.region)
    yield from _own_administrator(spec, place)
    yield from credentials.problems(spec.credentials, place.account_id)
    lists = (*BUILT_IN_LISTS, *spec.waf.lists) if document else ()
    yield from incident_response.problems(spec.incident_response, place.account_id, lists)
    if document is None:
        return
    yield from customer_identity.problems(spec.customer_identity, document.scopes)
    yield from aws_quotas.problems(spec.api, document, place)
    if guard := guard_to_be(spec, document, _no_store(spec, place)):
        yield from input_guard.problems(guard)
    yield from waf.problems(_waf_to_be(spec, place))
    if spec.edge.enabled:
        yield from edge.problems(spec.edge, document, place.partition, waf.ORIGIN_HEADER)
        yield from _names_in_each_others_way(spec)


def access_to_be(spec: StackConfig, name: str, place: AwsPlace) -> AwsAccessArgs:
    """The roles of these settings, before there is anything for them to reach."""
    return AwsAccessArgs(
        spec=spec.access,
        **place.as_place(),
        boundary_arn="",
        stack=name,
        kept=[f"{name}-{part}" for part in _KEPT],
        baseline=None if spec.account.manage == "all" else spec.account.baseline,
    )


_KEPT = ("account", "audit-log", "incident-response", "threat-detection")
"""Parts whose roles and rules only an administrator changes."""


def response_to_be(spec: StackConfig, name: str, place: AwsPlace) -> AwsIncidentResponseArgs:
    """Incident response of these settings, before there is anything for it to act on."""
    glass = spec.access.break_glass
    return AwsIncidentResponseArgs(
        spec=spec.incident_response,
        store=_no_store(spec, place),
        stack=name,
        key_arn="",
        boundary_arn="",
        topic_arns={},
        topic_key_arn="",
        runbook=spec.monitoring.runbook,
        never_arns=[
            *(glass.users if glass else ()),
            place.global_arn("iam", f"role{access.PATH}*"),
        ],
        baseline=owner_of_region(spec),
        deletion_protection=spec.protection.deletion,
    )


def owner_of_region(spec: StackConfig) -> str | None:
    """Who owns what exists once in the region; None if it is this stack."""
    return spec.account.baseline if spec.account.manage == "none" else None


def _own_administrator(spec: StackConfig, place: AwsPlace) -> Iterator[str]:
    blocks = {"threatDetection": spec.threat_detection, "securityTesting": spec.security_testing}
    for name, block in blocks.items():
        if block.administrator == place.account_id:
            yield (
                f"bulwark:{name}.administrator: is this account itself. Leave it out here, and set "
                "it in the stacks of the organisation's other accounts."
            )


def _waf_to_be(spec: StackConfig, place: AwsPlace) -> AwsWafArgs:
    """The firewall of these settings, before there is anything for it to stand at."""
    nothing = _no_store(spec, place)
    return AwsWafArgs(
        spec=spec.waf,
        store=nothing,
        edge_store=nothing,
        api_stage_arn="",
        edge=spec.edge.enabled,
        user_pool_arn="",
        direct_hosts=direct_hosts(spec),
    )


def _no_store(spec: StackConfig, place: AwsPlace) -> AwsLogStore:
    """Where logs will be kept, before there is anything to keep them in."""
    return AwsLogStore(
        **place.as_place(),
        key_arn="",
        retention_days=spec.audit_log.retention_days,
        access_logs_id="",
        deletion_protection=spec.protection.deletion,
    )


def direct_hosts(spec: StackConfig) -> list[str]:
    """The host names that lead past the edge, to clients with a certificate."""
    return [spec.api.mutual_tls.domain.name] if spec.api.mutual_tls else []


def _names_in_each_others_way(spec: StackConfig) -> Iterator[str]:
    api = spec.api
    if api.domain and spec.edge.domain and api.domain.name == spec.edge.domain.name:
        yield (
            "bulwark:api.domain.name: is the edge's name, and the edge must find the API behind "
            "another, such as origin.example.com."
        )
    if api.mutual_tls and api.access_mode != "strict":
        yield (
            f"bulwark:api.accessMode: must be strict beside mutualTls and an edge; got "
            f"{api.access_mode}. Else whoever sends the partners' host name gets past the edge."
        )


def check_account(spec: StackConfig, current: str) -> None:
    if spec.account.id not in (None, current):
        raise ConfigError(
            [
                (
                    f"bulwark:account.id: this stack belongs to account {spec.account.id}, but the "
                    f"credentials are those of {current}. Sign in to the stack's own account."
                )
            ]
        )


def guard_to_be(
    spec: StackConfig,
    document: openapi.Document,
    store: AwsLogStore,
    *,
    key_arn: pulumi.Input[str] = "",
    boundary_arn: pulumi.Input[str] = "",
) -> AwsInputGuardArgs | None:
    if not (spec.input_guard.service or any(o.guarded for o in document.operations)):
        return None
    return AwsInputGuardArgs(
        spec=spec.input_guard,
        document=document,
        store=store,
        key_arn=key_arn,
        boundary_arn=boundary_arn,
        api_timeout_ms=spec.api.backend_timeout_ms,
        api_binary_types=spec.api.binary_types,
        own=AnswersOfOurOwn(
            headers={**SAFE_HEADERS, **cors_headers(spec.api.cors)},
            origins=spec.api.cors.origins,
        ),
    )
