"""Whatever is hardened in our own stacks, a rule notices when it is not."""

import copy
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from bulwark_toolkit.compliance import judge
from bulwark_toolkit.preview import Lookups, Project, place_of, record
from pulumi_bulwark.config import resolve
from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.spec import Guards, Spec

PROJECT = Project.find(Path(__file__).parents[2])
PROGRAM = PROJECT.program("prod")
PLACE = place_of(PROGRAM.config)

GOOD_ENOUGH = {
    "edge.hsts.maxAgeDays": "a year is what browsers' list asks for; the default is two",
    "edge.headers.frames": "sameorigin keeps strangers from framing as well",
    "incidentResponse.enabled": "people are told of findings all the same",
    "credentials.recoveryDays": "a week is what the rule asks for; the default is a month",
}
"""Settings whose weakest value is still what the rule asks for."""


def rendered(config=PROGRAM.config):
    answers = Lookups.load(PLACE, PROJECT.lookups())
    return record(replace(PROGRAM, config=config), lookups=answers, place=PLACE, rendered=True)


GRAPH = rendered()


def failures(graph):
    return {(f.rule.id, f.urn, f.property) for f in judge(graph) if f.outcome == "fail"}


AS_IT_IS = failures(GRAPH)


# --- settings


def guarded(spec, path=()):
    """Every setting whose default is the hardened value, with its mark."""
    for name, field in type(spec).model_fields.items():
        below, value = (*path, field.alias), getattr(spec, name)
        yield from ((below, field, mark) for mark in field.metadata if isinstance(mark, Guards))
        if isinstance(value, Spec):
            yield from guarded(value, below)


def weakest(field, mark):
    if isinstance(field.default, bool):
        return not field.default
    if words := sorted(get_args(field.annotation)):
        return words[-1] if mark.weaker == "higher" else words[0]
    end = "le" if mark.weaker == "higher" else "ge"
    return next(getattr(bound, end) for bound in field.metadata if hasattr(bound, end))


SETTINGS = {
    ".".join(path): weakest(field, mark)
    for path, field, mark in guarded(resolve(PROGRAM.config).config)
}


def loosened(path, value):
    first, *rest = path.split(".")
    block = json.loads(PROGRAM.config.get(f"bulwark:{first}", "{}"))
    inner = block
    for name in rest[:-1]:
        inner = inner.setdefault(name, {})
    inner[rest[-1]] = value
    if path.startswith("waf.body."):
        inner["reason"] = "Someone sends large bodies"  # asked for with any of these
    return PROGRAM.config | {f"bulwark:{first}": json.dumps(block)}


def test_there_are_settings_to_loosen():
    assert len(SETTINGS) > 30
    assert GOOD_ENOUGH.keys() <= SETTINGS.keys()


@pytest.mark.parametrize("path", SETTINGS)
def test_a_setting_at_its_weakest_is_refused_or_fails_a_rule(path):
    config = loosened(path, SETTINGS[path])
    try:
        resolve(config)
    except ConfigError as error:
        (problem,) = error.problems
        assert problem.startswith(f"bulwark:{path.partition('.')[0]}")
        return

    fails = failures(rendered(config)) - AS_IT_IS

    assert bool(fails) is (path not in GOOD_ENOUGH)


# --- switches

NOT_JUDGED: Mapping[str, str] = {
    "kms/key multiRegion": "not a defence",
    "s3/bucketServerSideEncryptionConfiguration rules[].bucketKeyEnabled": "a price",
    "s3/bucketLifecycleConfiguration rules[].expiration.expiredObjectDeleteMarker": "tidiness",
    "cloudtrail/trail isOrganizationTrail": "on, it would log more",
    "cognito/userPool passwordPolicy.requireSymbols": "SP 800-63B-4 advises against it",
    "cognito/userPool passwordPolicy.requireUppercase": "small letters and digits are asked for",
    "cognito/userPool schemas[].developerOnlyAttribute": "not a defence",
    "cognito/userPool schemas[].mutable": "people change their address",
    "cognito/userPool schemas[].required": "names are addresses already",
    **{
        f"cognito/riskConfiguration accountTakeoverRiskConfiguration.actions.{risk}Action.notify": (
            "mail"
        )
        for risk in ("high", "medium", "low")
    },
    "cognito/userPoolClient allowedOauthFlowsUserPoolClient": "off, nothing works",
    "cognito/userPoolClient generateSecret": "on, it would be safer; a browser keeps no secret",
    "cognito/managedLoginBranding useCognitoProvidedValues": "looks",
    "apigateway/restApi disableExecuteApiEndpoint": "on, it would be safer; the sample has no name",
    "apigateway/methodSettings settings.metricsEnabled": "a price",
    "cloudwatch/metricAlarm metricQueries[].returnData": "off, CloudWatch refuses the alarm",
    "dynamodb/table ttl.enabled": "tidiness: what is over is not counted, there or not",
    "ssm/maintenanceWindow allowUnassociatedTargets": "its tasks name their targets",
    "ssm/patchBaseline approvalRules[].enableNonSecurity": "what is beyond security",
    "random/randomPassword special": "a header takes letters and digits",
    "wafv2/webAcl rules[].visibilityConfig.sampledRequestsEnabled": "the log has every request",
    "wafv2/webAcl visibilityConfig.sampledRequestsEnabled": "the log has every request",
    "cloudfront/responseHeadersPolicy customHeadersConfig.items[].override": "headers of no rule",
    "cloudfront/responseHeadersPolicy securityHeadersConfig.strictTransportSecurity.preload": (
        "binds the hosts of other teams"
    ),
    "cloudfront/distribution defaultCacheBehavior.compress": "a price",
    "cloudfront/distribution enabled": "off, nothing answers",
    "cloudfront/distribution isIpv6Enabled": "not a defence",
    "cloudfront/distribution viewerCertificate.cloudfrontDefaultCertificate": (
        "the rule on TLS fails already, and is waived"
    ),
    "cloudfront/distribution waitForDeployment": "the order of a rotation",
}
"""Switches that no rule looks at, and why. What a rule comes to look at must leave this list."""


def switches(value, path=()):
    match value:
        case bool():
            yield path, value
        case dict():
            for name, inner in value.items():
                yield from switches(inner, (*path, name))
        case list():
            for number, inner in enumerate(value):
                yield from switches(inner, (*path, number))


def flipped(number, path):
    """The graph with one switch the other way."""
    resource = GRAPH.resources[number]
    inputs = copy.deepcopy(resource.inputs)
    inner = inputs
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = not inner[path[-1]]
    others = list(GRAPH.resources)
    others[number] = replace(resource, inputs=inputs)
    return replace(GRAPH, resources=tuple(others))


def kind(resource, path):
    package, module, _ = resource.type.split(":")
    service = f"random/{module.partition('/')[2]}" if package == "random" else module
    steps = "".join("[]" if isinstance(step, int) else f".{step}" for step in path)
    return f"{service} {steps.removeprefix('.')}"


KINDS: dict[str, list[tuple[int, tuple]]] = {}
for number, made in enumerate(GRAPH.resources):
    if made.kind == "custom":
        for at, _ in switches(made.inputs):
            KINDS.setdefault(kind(made, at), []).append((number, at))


def test_every_exception_is_of_a_switch_that_there_is():
    assert len(KINDS) > 60
    assert NOT_JUDGED.keys() - KINDS.keys() == set()


@pytest.mark.parametrize("which", KINDS)
def test_a_switch_the_other_way_fails_a_rule(which):
    noticed = any(failures(flipped(*place)) - AS_IT_IS for place in KINDS[which])

    assert noticed is (which not in NOT_JUDGED)
