"""What incident response makes, and what it says of what it does not."""

import dataclasses
import json

import pytest

from bulwark_runtime.playbooks import aws as runtime
from bulwark_runtime.playbooks import samples
from bulwark_runtime.playbooks.events import inspector
from bulwark_toolkit.testing import Preview
from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.function import environment
from pulumi_bulwark.incident_response import IncidentResponseSpec, PlaybookSpec, aws_triggers
from pulumi_bulwark.incident_response.aws import (
    _METRICS,
    AwsIncidentResponse,
    AwsIncidentResponseArgs,
    problems,
)
from pulumi_bulwark.incident_response.builtin import ACTING, TELLING
from pulumi_bulwark.log_group.aws import AwsLogStore

ACCOUNT, REGION = "123456789012", "eu-central-1"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/00000000-0000-0000-0000-000000000000"
STORE = AwsLogStore(
    account_id=ACCOUNT,
    region=REGION,
    partition="aws",
    key_arn=KEY,
    retention_days=400,
    access_logs_id="access-logs",
    deletion_protection=True,
)
ALARM = {"trigger": {"alarms": ("waf-blocks",)}}
SETS = {
    "blocked": [{"id": "1", "name": "b", "scope": "REGIONAL", "region": REGION, "version": "IPV4"}]
}


def build(playbooks=ACTING, spec=None, store=STORE, **args):
    def program():
        AwsIncidentResponse(
            "it",
            AwsIncidentResponseArgs(
                spec=IncidentResponseSpec(playbooks=dict(playbooks), **(spec or {})),
                store=store,
                stack="prod",
                key_arn=KEY,
                boundary_arn=f"arn:aws:iam::{ACCOUNT}:policy/boundary",
                topic_arns={how: f"arn:aws:sns:{REGION}:{ACCOUNT}:{how}" for how in TOLD},
                topic_key_arn=KEY,
                **args,
            ),
        )

    return Preview()(program, rendered=True, project="pay", stack="prod")


TOLD = ("page", "ticket")


@pytest.fixture(scope="module")
def graph():
    return build(ip_sets=SETS)


def names(graph, kind):
    return sorted(r.name for r in graph.resources if r.type == kind)


def notes(graph):
    return "\n".join(note.text for note in graph.notes)


def settings(graph):
    function = graph["it-responder-function"].inputs
    return function["environment"]["variables"]


RULE, ROLE = "aws:cloudwatch/eventRule:EventRule", "aws:iam/role:Role"


def test_there_is_one_rule_for_each_source_of_events(graph):
    assert [name for name in names(graph, RULE) if "inbox" in name] == [
        "it-inbox-calls",
        "it-inbox-guardduty",
        "it-inbox-security-hub",
    ]


def test_an_action_has_a_role_only_where_a_playbook_comes_to_it():
    graph = build({"it": ACTING["trail-stopped"], "tells": TELLING["bucket-opened"]})

    assert [name for name in names(graph, ROLE) if "responder" not in name] == [
        "it-start-trail-role"
    ]


def test_without_playbooks_and_firewall_there_is_nothing():
    graph = build({})

    assert list(graph.below(graph["it"].urn)) == []


def test_turned_off_there_is_nothing():
    graph = build(spec={"enabled": False}, ip_sets=SETS)

    assert list(graph.below(graph["it"].urn)) == []


def test_without_a_firewall_blocking_only_tells(graph):
    without = build()

    assert "attacked-from-outside only tells: there is no firewall" in notes(without)
    assert "it-block-source-role" not in names(without, ROLE)
    playbooks = json.loads(settings(without)["BULWARK_PLAYBOOKS"])
    assert "mode" not in playbooks["attacked-from-outside"]  # to tell is what is usual
    assert "it-block-source-role" in names(graph, ROLE)


def test_where_another_stack_owns_the_region_only_alarms_are_answered():
    graph = build({**ACTING, "alarm": ALARM}, baseline="other")

    assert names(graph, RULE) == ["it-inbox-alarms"]
    assert list(json.loads(settings(graph)["BULWARK_PLAYBOOKS"])) == ["alarm"]
    assert "findings and calls are answered by other" in notes(graph)


def test_where_another_stack_owns_the_region_nothing_is_made_for_its_events():
    graph = build(baseline="other")

    assert list(graph.below(graph["it"].urn)) == []


def test_it_says_what_acts_by_itself_and_that_nobody_may_approve(graph):
    assert "act by themselves: trail-stopped, attacked-from-outside" in notes(graph)
    assert "nobody may approve: name roles in bulwark:incidentResponse.approvers" in notes(graph)


def test_an_approver_of_another_account_is_refused():
    spec = IncidentResponseSpec(approvers=("arn:aws:iam::999999999999:role/them",))

    (said,) = problems(spec, ACCOUNT, REGION, {})
    assert said.startswith("bulwark:incidentResponse.approvers[0]: is not in account 123456789012")


@pytest.mark.parametrize("place", [f"us-east-2:{ACCOUNT}", f"{REGION}:999999999999"])
def test_a_subject_that_playbooks_cannot_reach_is_refused(place):
    playbook = ALARM | {
        "mode": "auto",
        "action": "rotate-secret",
        "subject": f"arn:aws:secretsmanager:{place}:secret:webhook-a1B2c3",
    }
    (said,) = problems(IncidentResponseSpec(playbooks={"it": playbook}), ACCOUNT, REGION, {})

    assert said.startswith("bulwark:incidentResponse.playbooks.it.subject: is in ")
    assert f"playbooks act in {REGION} of account {ACCOUNT} only" in said


def test_more_playbooks_than_fit_are_refused():
    many = {
        f"playbook-{n}": {"trigger": {"guardduty": (f"Recon:EC2/{'x' * 90}",)}} for n in range(30)
    }
    spec = IncidentResponseSpec(playbooks=many)

    assert any(
        "as the responder reads them" in said for said in problems(spec, ACCOUNT, REGION, {})
    )
    with pytest.raises(ConfigError):
        build(many)


def test_its_settings_fit_into_a_function(graph):
    size = sum(len(name) + len(value) for name, value in settings(graph).items())

    assert size < environment.LAMBDA.largest - 500


def test_the_responder_reads_its_settings(graph):
    found = runtime.Settings.read({**settings(graph), "AWS_REGION": REGION})

    assert found.playbooks.keys() == ACTING.keys()
    for name, playbook in found.playbooks.items():
        assert playbook.mode == ACTING[name].mode
        assert playbook.action == ACTING[name].action
        assert playbook.limit_per_hour == ACTING[name].limit_per_hour
        assert playbook.approval_minutes == ACTING[name].approval_minutes
        assert playbook.least == ACTING[name].trigger.least_severity
    assert found.roles.format("start-trail") == graph["it-start-trail-role"].outputs["arn"]


def test_it_is_told_of_metrics_as_they_are_published():
    assert _METRICS == {"namespace": runtime.NAMESPACE, "service": runtime.SERVICE}


def test_a_message_is_hidden_for_six_times_what_the_responder_may_take(graph):
    timeout = graph["it-responder-function"].inputs["timeout"]

    for queue in ("events", "decisions"):
        assert graph[f"it-inbox-{queue}"].inputs["visibilityTimeoutSeconds"] == 6 * timeout


# --- what the rules let through; ministack asks the same patterns in test_playbooks_live


def test_a_rule_lets_nothing_through_that_no_playbook_wants():
    patterns = aws_triggers.patterns([ACTING["trail-stopped"]])

    assert json.loads(patterns["calls"])["detail"] == {
        "eventSource": ["cloudtrail.amazonaws.com"],
        "eventName": ["StopLogging"],
    }


def test_a_rule_has_the_least_severity_of_its_playbooks():
    patterns = aws_triggers.patterns([ACTING["machine-taken-over"], ACTING["key-leaked"]])

    assert json.loads(patterns["guardduty"])["detail"]["severity"] == [{"numeric": [">=", 4]}]


def test_a_rule_for_weaknesses_asks_for_the_exploit_only_where_a_playbook_does():
    def pattern(*types):
        playbook = PlaybookSpec(trigger={"inspector": types, "least_severity": "high"})
        return json.loads(aws_triggers.patterns([playbook])["inspector"])["detail"]

    exploit = {"exploitAvailable": ["YES"]}
    assert exploit in pattern(inspector.EXPLOIT)["$or"]
    assert exploit not in pattern("CVE-2026-12345")["$or"]
    assert pattern("CVE-2026-12345")["severity"] == ["HIGH", "CRITICAL"]


@pytest.mark.parametrize(("region", "said"), [(REGION, True), ("us-east-1", False)])
def test_it_is_said_of_what_a_region_never_hears(region, said):
    playbook = {"trigger": {"calls": ("iam:CreateAccessKey", "cloudtrail:StopLogging")}}
    graph = build({"keys-made": playbook}, store=dataclasses.replace(STORE, region=region))

    assert ("keys-made never hears of iam:CreateAccessKey:" in notes(graph)) is said


def test_there_is_a_sample_of_every_source():
    assert {name.split("-")[0] for name in samples.all_()} == {
        "guardduty",
        "security",
        "inspector",
        "trail",
        "alarm",
    }
