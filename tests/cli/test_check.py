import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Sarif

from bulwark_toolkit.cli import judging
from bulwark_toolkit.compliance.rules import RULES

ROOT = Path(__file__).parents[2]
WEAK = """
import json, pulumi_aws as aws
aws.kms.Key("good", enable_key_rotation=True)
aws.kms.Key("bad")
anybody = {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}
aws.kms.Key("open", enable_key_rotation=True, policy=json.dumps({"Statement": [anybody]}))
"""
ROTATES, ADMITS = "aws.keys.key-rotates", "aws.keys.key-policy-admits-nobody-outside"
(RULE,) = (rule for rule in RULES if rule.id == ROTATES)
WAIVER = """
waivers:
  - rule: {rule}
    resource: "*::bad"
    owner: ana
    reason: The partner pins it.
    compensatingControl: By hand.
    ticket: SEC-7
    expires: {expires}
"""
OWN = """
from bulwark_toolkit.compliance import Verdict, rule

@rule("acme.keys.key-is-described", "aws:kms/key:Key", severity="low",
      requires="Every key is described", remediation="Write what it is for.", reference="ACME 1")
def key_is_described(key):
    yield Verdict(key.has("description"), "description")
"""


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795600000")  # 2026-11-25


@pytest.fixture(autouse=True)
def of_keys(monkeypatch):
    """Two rules are enough here, and what others say of the programs is their own matter."""
    few = tuple(rule for rule in RULES if rule.id in (ROTATES, ADMITS))
    monkeypatch.setattr(judging, "RULES", few)


@pytest.fixture
def weak(project, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    return project(WEAK)


@pytest.fixture
def failing(bulwark, weak):
    """Rule and resource of what fails in the weak program."""

    def of(*arguments):
        result = bulwark("check", *arguments, "--format", "json")
        document = json.loads(result.out)
        return {
            (f["rule"], f["urn"].rpartition("::")[2])
            for f in document["findings"]
            if f["outcome"] == "fail" and not f["inBaseline"] and "waiver" not in f
        }

    return of


def test_the_table_has_the_most_severe_first_with_line_value_and_fix(bulwark, weak):
    out = bulwark("check").out

    assert out.index(ADMITS) < out.index(ROTATES)
    assert f"{RULE.requires}\n" in out
    assert "bad: enableKeyRotation is false" in out
    assert "__main__.py:4" in out
    assert f"fix: {RULE.remediation}" in out
    assert "2 fail (1 critical, 1 medium), 0 unknown." in out


@pytest.mark.parametrize(
    ("threshold", "status"), [("critical", 1), ("high", 1), ("low", 1), ("never", 0)]
)
def test_the_status_says_whether_anything_is_as_severe(bulwark, weak, threshold, status):
    assert bulwark("check", "--fail-on", threshold).status == status


def test_what_is_less_severe_than_asked_for_is_shown_only(bulwark, project):
    folder = project("import pulumi_aws as aws\naws.kms.Key('bad')\n")

    assert bulwark("check", "-C", folder).status == 0
    assert bulwark("check", "-C", folder, "--fail-on", "medium").status == 1


def test_what_is_unknown_is_counted_and_says_what_it_waits_for(bulwark, project):
    main = (
        "import pulumi, pulumi_aws as aws\n"
        "aws.kms.Key('it', enable_key_rotation=True, policy=pulumi.Output.secret('hunter2'))\n"
    )

    result = bulwark("check", "-C", project(main))

    assert "1 unknown" in result.out
    assert "it: policy is not known, or secret" in result.out
    assert "hunter2" not in result.out + result.err


def sarif(result):
    Sarif.model_validate_json(result.out)
    (run,) = json.loads(result.out)["runs"]
    return {r["ruleId"]: r for r in run["results"]}, run


def test_sarif_is_valid_and_points_at_the_users_line(bulwark, weak):
    results, run = sarif(bulwark("check", "--format", "sarif"))

    found = results[ROTATES]
    place = found["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "__main__.py"
    assert place["region"]["startLine"] == 4
    assert found["level"] == "warning"
    assert found["message"]["text"] == (
        f"bad: {RULE.requires}: enableKeyRotation is false. {RULE.remediation}"
    )
    assert run["tool"]["driver"]["rules"][found["ruleIndex"]]["id"] == ROTATES


def test_a_fingerprint_stays_where_the_line_has_moved(bulwark, weak):
    before, _ = sarif(bulwark("check", "--format", "sarif"))
    (weak / "__main__.py").write_text("# a line more\n" + WEAK)
    after, _ = sarif(bulwark("check", "--format", "sarif"))

    assert before[ROTATES]["partialFingerprints"] == after[ROTATES]["partialFingerprints"]
    assert before[ROTATES]["locations"] != after[ROTATES]["locations"]


def test_junit_has_a_failure_for_what_fails(bulwark, weak):
    root = ET.fromstring(bulwark("check", "--format", "junit").out)  # noqa: S314 our own

    suite = root.find(f"testsuite[@name='{ROTATES}']")
    assert suite.get("failures") == "1"
    assert int(suite.get("tests")) == len(suite) > 1
    assert "enableKeyRotation is false" in suite.find("testcase/failure").get("message")


@pytest.mark.parametrize("format_", ["table", "sarif", "junit", "json"])
def test_a_waiver_is_shown_wherever_the_finding_is(bulwark, weak, format_):
    (weak / "waivers.yaml").write_text(WAIVER.format(rule=ROTATES, expires="2027-03-01"))

    result = bulwark("check", "--format", format_)

    assert "The partner pins it." in result.out
    assert "SEC-7" in result.out
    if format_ == "sarif":
        (suppression,) = sarif(result)[0][ROTATES]["suppressions"]
        assert suppression["kind"] == "external"


def test_the_table_tells_a_waiver_once_with_all_that_it_covers(bulwark, weak):
    (weak / "__main__.py").write_text(f"{WEAK}\naws.kms.Key('also-bad')\n")
    waiver = WAIVER.format(rule=ROTATES, expires="2027-03-01").replace("*::bad", "*bad")
    (weak / "waivers.yaml").write_text(waiver)

    out = bulwark("check").out

    assert out.count("The partner pins it.") == 1
    assert "  bad: enableKeyRotation is false" in out
    assert "  also-bad: enableKeyRotation is false" in out


@pytest.mark.parametrize(
    ("rule", "expires", "kind"),
    [
        (ROTATES, "2026-01-01", "expired"),
        (ROTATES, "2029-01-01", "expired"),
        ("aws.keys.misspelt", "2027-03-01", "unmatched"),
        (ADMITS, "2027-03-01", "unused"),
    ],
)
def test_a_waiver_that_does_not_hold_fails_and_sarif_names_its_line(
    bulwark, weak, rule, expires, kind
):
    (weak / "__main__.py").write_text("import pulumi_aws as aws\naws.kms.Key('bad')\n")
    (weak / "waivers.yaml").write_text(WAIVER.format(rule=rule, expires=expires))

    assert bulwark("check").status == 1
    assert kind in bulwark("check").out
    results, _ = sarif(bulwark("check", "--format", "sarif"))
    place = results["bulwark.waivers.in-order"]["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("waivers.yaml", 3)


def test_a_waiver_that_has_expired_stops_no_preview(bulwark, weak):
    (weak / "waivers.yaml").write_text(WAIVER.format(rule=ROTATES, expires="2026-01-01"))

    assert bulwark("preview").status == 0


def test_with_a_baseline_only_what_is_new_fails(bulwark, weak, failing):
    bulwark("check", "--baseline", "base.json", "--write-baseline")
    assert failing("--baseline", "base.json") == set()
    assert bulwark("check", "--baseline", "base.json", "--fail-on", "low").status == 0

    with (weak / "__main__.py").open("a") as program:
        program.write("aws.kms.Key('worse')\n")
    assert failing("--baseline", "base.json") == {(ROTATES, "worse")}


def test_a_baseline_says_when_something_of_it_is_mended(bulwark, weak):
    bulwark("check", "--baseline", "base.json", "--write-baseline")
    (weak / "__main__.py").write_text("import pulumi_aws as aws\naws.kms.Key('bad')\n")

    assert "1 of the baseline fail no more" in bulwark("check", "--baseline", "base.json").out


def test_a_baseline_keeps_what_it_says_of_other_stacks(bulwark, weak):
    (weak / "Pulumi.prod.yaml").write_text("config: {}\n")
    for stack in ("dev", "prod"):
        bulwark("check", "-s", stack, "--baseline", "base.json", "--write-baseline")

    for stack in ("dev", "prod"):
        assert bulwark("check", "-s", stack, "--baseline", "base.json").status == 0


def test_teams_add_rules_of_their_own(bulwark, weak, failing):
    folder = weak / "rules"
    folder.mkdir()
    (folder / "keys.py").write_text(OWN)
    (folder / "_shared.py").write_text("")

    assert ("acme.keys.key-is-described", "bad") in failing("--rules", "rules")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("import no_such_module\n", "raised ModuleNotFoundError"),
        ("def broken(:\n", "raised SyntaxError"),
        ("raise SystemExit(0)\n", "raised SystemExit"),
        ("x = 1\n", "holds no rule"),
        (OWN.replace('"low"', '"urgent"'), "severity: must be one of critical, high"),
        (OWN.replace("acme.keys.key-is-described", ROTATES), "Bulwark has a rule with this id"),
        (OWN + OWN.replace("def key_is", "def is_key"), "keys.py has a rule with this id"),
    ],
)
def test_a_file_of_rules_that_is_wrong_is_named(bulwark, weak, text, says):
    folder = weak / "rules"
    folder.mkdir()
    (folder / "keys.py").write_text(text)

    result = bulwark("check", "--rules", "rules")

    assert result.status == 2
    assert "rules/keys.py: " in result.err
    assert says in result.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--write-baseline"], "--write-baseline: name the file"),
        (["--baseline", "no.json"], "no.json: cannot be read"),
        (["--baseline", "Pulumi.yaml"], "Pulumi.yaml: is no baseline"),
        (["--state", "Pulumi.yaml", "--graph", "Pulumi.yaml"], "judge one of the two"),
        (["--rules", "."], "Pulumi.yaml"),
    ],
)
def test_what_is_asked_for_wrongly_is_said(bulwark, weak, arguments, says):
    if arguments[0] == "--rules":
        (weak / "empty").mkdir()
        arguments, says = ["--rules", "empty"], "there is no rule in this folder"

    result = bulwark("check", *arguments)

    assert result.status == 2
    assert says in result.err


def test_a_graph_is_judged_as_the_program_that_it_is_of(bulwark, weak, failing):
    bulwark("preview", "--rendered", "--format", "json", "-o", "graph.json")

    assert failing("--graph", "graph.json") == failing()


def test_the_stack_that_is_asked_for_must_be_the_one_of_the_file(bulwark, weak):
    bulwark("preview", "--rendered", "--format", "json", "-o", "graph.json")

    result = bulwark("check", "--graph", "graph.json", "-s", "prod")

    assert result.status == 2
    assert "the file is of stack dev" in result.err


def test_a_graph_or_a_state_is_read_without_the_sdk_of_any_provider(bulwark, weak):
    bulwark("preview", "--rendered", "--format", "json", "-o", "graph.json")
    urn = "urn:pulumi:dev::app::aws:kms/key:Key::bad"
    key = {"urn": urn, "type": "aws:kms/key:Key", "custom": True, "inputs": {}}
    state = {"version": 3, "deployment": {"resources": [key]}}
    (weak / "state.json").write_text(json.dumps(state))
    script = (
        "import sys\nfrom bulwark_toolkit import cli\n"
        "try:\n cli.main()\nexcept SystemExit:\n pass\n"
        "print([m for m in sys.modules if m.startswith(('pulumi_aws', 'pulumi_azure', 'boto'))])"
    )

    for option, file in (("--graph", "graph.json"), ("--state", "state.json")):
        command = [sys.executable, "-c", script, "check", option, file]
        out = subprocess.run(command, capture_output=True, text=True, check=True, cwd=weak).stdout
        assert ROTATES in out
        assert out.splitlines()[-1] == "[]"


NOTHING = '{"version": 3, "deployment": {"resources": [{"urn": "%s", "type": "%s"}]}}'


@pytest.fixture
def empty(project, monkeypatch, tmp_path):
    """A project that makes nothing."""
    monkeypatch.chdir(tmp_path)
    return project("")


@pytest.mark.parametrize("verb", ["check", "report"])
@pytest.mark.parametrize("source", ["program", "state", "graph"])
def test_nothing_is_no_pass(bulwark, empty, verb, source):
    bulwark("preview", "--rendered", "--format", "json", "-o", "graph.json")
    stack = "pulumi:pulumi:Stack"
    (empty / "state.json").write_text(NOTHING % (f"urn:pulumi:dev::app::{stack}::it", stack))
    arguments = [] if source == "program" else [f"--{source}", f"{source}.json"]

    result = bulwark(verb, *arguments)

    assert result.status == 2
    assert "there is nothing to judge" in result.err


def test_what_no_rule_is_for_is_no_pass_either(bulwark, project):
    folder = project("import pulumi_aws as aws\naws.s3.Bucket('it')\n")

    result = bulwark("check", "-C", folder)

    assert result.status == 2
    assert "no rule is for any resource that is here" in result.err


def test_a_name_stays_on_its_line_and_steers_no_terminal(bulwark, project):
    folder = project("import pulumi_aws as aws\naws.kms.Key('b\\na\\x1b[31md')\n")

    assert "b a\ufffd[31md: enableKeyRotation is false" in bulwark("check", "-C", folder).out


@pytest.mark.parametrize("stack", ["dev", "staging", "prod"])
def test_our_own_stacks_pass(bulwark, stack, monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    monkeypatch.setattr(judging, "RULES", RULES)
    result = bulwark("check", "-C", ROOT, "-s", stack, "--fail-on", "low")

    assert result.status == 0, result.out
    assert " 0 fail, " in result.out
    assert " 0 unknown." in result.out
