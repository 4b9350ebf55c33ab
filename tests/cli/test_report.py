import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from trestle.oscal.assessment_results import AssessmentResults

ROOT = Path(__file__).parents[2]
KEYS = """
import pulumi, pulumi_aws as aws
aws.kms.Key('good', enable_key_rotation=True, description=pulumi.Output.secret('hunter2'))
aws.kms.Key('bad')
"""
FORMATS = ["md", "csv", "json", "oscal", "html"]


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767323045")


def control(document, framework, identifier):
    (found,) = [f for f in document["frameworks"] if f["id"] == framework]
    return next(c for c in found["controls"] if c["id"] == identifier)


def test_a_report_shows_what_fails_and_is_no_gate(bulwark, project):
    result = bulwark("report", "-C", project(KEYS), "--format", "json")

    assert result.status == 0
    document = json.loads(result.out)
    rotates = control(document, "aws-fsbp", "KMS.4")
    assert rotates["outcome"] == "fail"
    found = [e for e in rotates["evidence"] if e["property"] == "enableKeyRotation"]
    assert [(e["urn"].rpartition("::")[2], e["outcome"]) for e in found] == [
        ("bad", "fail"),
        ("good", "pass"),
    ]
    assert control(document, "pci-dss", "12.1.1")["outcome"] == "manual"
    assert document["time"] == "2026-01-02T03:04:05Z"
    assert document["tools"]["pulumi-aws"]


@pytest.mark.parametrize("format_", FORMATS)
def test_a_framework_can_be_asked_for_and_the_rest_is_said_to_be_left_out(
    bulwark, project, format_
):
    out = bulwark("report", "-C", project(KEYS), "--framework", "soc2", "--format", format_).out

    assert "SOC 2" in out
    assert "hunter2" not in out
    if format_ != "csv":
        assert "not asked for: PCI DSS" in out
    assert "12.10.7" not in out


def test_a_graph_gives_the_same_report_as_its_program(bulwark, project, tmp_path):
    folder = project(KEYS)
    bulwark("preview", "-C", folder, "--rendered", "--format", "json", "-o", tmp_path / "g.json")
    one = bulwark("report", "-C", folder, "--format", "csv").out
    other = bulwark("report", "-C", folder, "--graph", tmp_path / "g.json", "--format", "csv").out

    assert one == other


def test_a_state_gives_a_report_of_what_is_deployed(bulwark, tmp_path):
    urn = "urn:pulumi:prod::app::aws:kms/key:Key::deployed"
    stack = "urn:pulumi:prod::app::pulumi:pulumi:Stack::app-prod"
    state = {
        "version": 3,
        "deployment": {
            "resources": [
                {"urn": stack, "type": "pulumi:pulumi:Stack"},
                {
                    "urn": urn,
                    "type": "aws:kms/key:Key",
                    "custom": True,
                    "inputs": {"enableKeyRotation": True},
                },
            ]
        },
    }
    (tmp_path / "state.json").write_text(json.dumps(state))
    result = bulwark("report", "-C", tmp_path, "--state", tmp_path / "state.json")

    assert "what was deployed last" in result.out
    assert "| `deployed` | `enableKeyRotation` | `true` | pass |" in result.out


def test_one_source_is_reported_on(bulwark, project, tmp_path):
    file = tmp_path / "file.json"
    file.write_text("{}")
    result = bulwark("report", "-C", project(KEYS), "--graph", file, "--state", file)

    assert result.status == 2
    assert "judge one of the two" in result.err


def test_the_commit_is_told_and_whether_there_was_more(bulwark, project):
    folder = project(KEYS)
    git = ["git", "-C", folder, "-c", "user.name=x", "-c", "user.email=x@example.com"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "x"]):
        subprocess.run([*git, *words], check=True)

    def commit():
        return json.loads(bulwark("report", "-C", folder, "--format", "json").out)["commit"]

    assert len(commit()) == 40
    (folder / "__main__.py").write_text(KEYS + "\n")
    assert commit().endswith(" with changes that are not committed")


def test_a_waiver_is_shown_and_a_late_one_is_told(bulwark, project):
    folder = project(KEYS)
    waiver = (
        "- {rule: aws.keys.key-rotates, resource: '*::bad', owner: ann, reason: Old.,"
        " compensatingControl: A guard., ticket: T-1, expires: 2026-02-01}\n"
    )
    (folder / "waivers.yaml").write_text(f"waivers:\n{waiver}")
    assert "waived until 2026-02-01 by ann" in bulwark("report", "-C", folder).out

    (folder / "waivers.yaml").write_text(f"waivers:\n{waiver.replace('2026', '2025')}")
    assert "A waiver does not hold" in bulwark("report", "-C", folder).out


def test_two_runs_print_the_same_bytes_whatever_the_hash_seed():
    def run(seed, format_):
        command = [Path(sys.executable).parent / "bulwark", "report", "-s", "prod"]
        return subprocess.run(
            [*command, "--format", format_],
            check=True,
            capture_output=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout

    assert run("1", "oscal") == run("2", "oscal")
    assert run("1", "html") == run("2", "html")


def test_our_own_evidence_is_valid_oscal_and_every_capability_has_some(bulwark):
    out = bulwark("report", "-C", ROOT, "-s", "prod", "--format", "oscal").out
    results = AssessmentResults.model_validate(json.loads(out)["assessment-results"])

    assert len(results.results[0].findings) > 20


def test_the_help_shows_an_example(bulwark):
    assert "Example: bulwark report" in bulwark("report", "--help").out
