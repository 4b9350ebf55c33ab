"""Playbooks as settings: what fits together, and what the messages say of what does not."""

import json
import re
from pathlib import Path

import pytest
import yaml

from bulwark_runtime.playbooks import events, samples
from pulumi_bulwark.config import resolve
from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.incident_response import IncidentResponseSpec, PlaybookSpec, actions
from pulumi_bulwark.incident_response.builtin import ACTING, ASKING, TELLING

ON = {"guardduty": ("UnauthorizedAccess:EC2/SSHBruteForce",)}
TAGS = '{"owner": "me", "environment": "dev", "costCenter": "1", "dataClassification": "public"}'


def problems(**playbook):
    with pytest.raises(ConfigError) as error:
        IncidentResponseSpec.load(
            "bulwark:incidentResponse",
            {"playbooks": {"it": {"trigger": {"calls": ["s3:PutBucketAcl"]}, **playbook}}},
        )
    return "\n".join(error.value.problems)


def stack(profile, response="{}"):
    given = {"cloud": "aws", "profile": profile, "tags": TAGS, "incidentResponse": response}
    found = resolve({f"bulwark:{name}": value for name, value in given.items()})
    return found.config.incident_response


@pytest.mark.parametrize(
    ("on", "action"),
    [
        ({"guardduty": ["UnauthorizedAccess:EC2/SSHBruteForce"]}, "disable-key"),
        ({"guardduty": ["UnauthorizedAccess:IAMUser/X"]}, "isolate-instance"),
        ({"guardduty": ["Recon:EC2/X", "Recon:IAMUser/X"]}, "isolate-instance"),
        ({"calls": ["cloudtrail:StopLogging"]}, "close-bucket"),
        ({"calls": ["cloudtrail:StopLogging", "s3:PutBucketAcl"]}, "start-trail"),
        ({"alarms": ["waf-blocks"]}, "block-source"),
        ({"securityHub": ["security-control/EC2.19"]}, "disable-user"),
        ({"inspector": ["CVE-2026-12345"]}, "block-source"),
    ],
)
def test_an_action_needs_a_trigger_that_names_its_subject(on, action):
    said = problems(trigger=on, action=action, mode="auto")

    assert f"{action} is done to a" in said
    assert "which not every event of the trigger names" in said


def test_the_settings_may_name_the_subject_where_the_event_does_not():
    secret = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:webhook-a1B2c3"

    made = PlaybookSpec(
        trigger={"alarms": ("leak",)}, mode="approve", action="rotate-secret", subject=secret
    )
    assert made.subject == secret


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"mode": "auto"}, "mode auto needs an action"),
        (
            {"trigger": {}},
            "takes one of guardduty, securityHub, inspector, calls, alarms, defender and activity",
        ),
        ({"trigger": {"calls": ["s3:PutObject"], "alarms": ["abc"]}}, "takes one of"),
        ({"trigger": {"calls": ["StopLogging"]}}, "a service and a call of its API"),
        ({"limitPerHour": 0}, "playbooks.it.limitPerHour"),
        ({"approvalMinutes": 1}, "playbooks.it.approvalMinutes"),
        ({"action": "explode"}, "playbooks.it.action"),
        (
            {
                "action": "close-bucket",
                "subject": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:x",
            },
            "subject is for rotate-secret and start-trail",
        ),
        (
            {
                "action": "start-trail",
                "subject": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:x",
            },
            "subject must be an ARN of cloudtrail",
        ),
    ],
)
def test_what_does_not_fit_is_explained(wrong, said):
    assert said in problems(**wrong)


def test_a_stack_file_changes_a_playbook_of_the_profile_by_its_name():
    found = stack("prod", '{"playbooks": {"ports-opened": {"mode": "notify"}}}')

    assert found.playbooks["ports-opened"].mode == "notify"
    assert found.playbooks["ports-opened"].trigger == ACTING["ports-opened"].trigger
    assert found.playbooks.keys() == ACTING.keys()


def test_a_playbook_of_the_profile_can_be_taken_out():
    found = stack("prod", '{"playbooks": {"ports-opened": {"enabled": false}}}')

    assert found.running().keys() == ACTING.keys() - {"ports-opened"}


def test_everything_can_be_turned_off():
    assert stack("prod", '{"enabled": false}').running() == {}


def test_in_dev_playbooks_only_tell():
    assert {playbook.mode for playbook in stack("dev").running().values()} == {"notify"}


def test_in_staging_everything_is_asked_first():
    assert {playbook.mode for playbook in stack("staging").running().values()} == {"approve"}


def test_in_prod_what_stops_somebodys_work_is_asked_first():
    modes = {playbook.action: playbook.mode for playbook in stack("prod").running().values()}

    assert modes == {
        "start-trail": "auto",
        "block-source": "auto",
        "close-bucket": "auto",
        "close-group": "auto",
        "disable-key": "approve",
        "revoke-sessions": "approve",
        "isolate-instance": "approve",
        "rotate-secret": "approve",
    }


@pytest.mark.parametrize("profile", [ACTING, ASKING, TELLING])
def test_the_profiles_have_the_same_playbooks(profile):
    assert profile.keys() == ACTING.keys()


# --- what the spec knows of the runtime


def test_the_spec_knows_what_each_action_takes():
    from bulwark_runtime.playbooks import aws

    class Settings:
        block_queue = never = boundary = None

    found = {name: make(None, Settings).takes for name, make in aws._ACTIONS.items()}
    assert found == dict(actions.ON_AWS)


@pytest.mark.parametrize("name", samples.all_())
def test_the_spec_knows_what_each_sample_is_about(name):
    for incident in events.read(samples.all_()[name]):
        told = {
            "guardduty": actions.told_by_guardduty,
            "securityHub": lambda _: actions.told_by_hub(),
            "inspector": lambda _: actions.told_by_inspector(),
            "trail": actions.told_by_call,
            "alarm": lambda _: actions.told_by_alarm(),
        }[incident.source](incident.types[0])

        assert {subject.kind for subject in incident.subjects} <= told
        assert incident.subjects


@pytest.mark.parametrize("name", ACTING)
def test_every_playbook_that_comes_with_bulwark_can_be_fired(name):
    """Its sample has what its action is done to."""
    from bulwark_runtime.playbooks import Playbook
    from pulumi_bulwark.incident_response.aws import _settings

    playbook = Playbook.load(name, _settings(ACTING[name]))
    incident = samples.incident(playbook, actions.TAKES[ACTING[name].action])

    assert playbook.matches(incident)
    assert incident.of_kind(actions.TAKES[ACTING[name].action])


# --- what the guide says

GUIDE = (Path(__file__).parents[2] / "docs" / "incident-response.md").read_text()


def test_the_guides_example_is_a_config():
    (example,) = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
    written = yaml.safe_load(example)["bulwark:incidentResponse"]
    found = stack("prod", json.dumps(written))

    assert found.playbooks["ports-opened"].mode == "notify"
    assert found.playbooks["bucket-made-public"].action == "close-bucket"


def test_the_guide_has_the_playbooks_that_come_with_bulwark():
    rows = dict(re.findall(r"^\| `([a-z-]+)` \|.*\| (\w+): `[a-z-]+`.*\|$", GUIDE, re.MULTILINE))

    assert rows == {name: playbook.mode for name, playbook in ACTING.items()}


@pytest.mark.parametrize("action", actions.ON_AWS)
def test_the_guide_has_a_section_for_each_action(action):
    assert f"\n### {action}\n" in GUIDE
