"""A finding points at what its reader can change: a key of the stack file, or a line of theirs."""

import json
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

WEAK = {
    "keys": {"deletionWindowDays": 8},
    "waf": {"managed": {"sqlInjection": {"mode": "off"}}},
    "api": {"openapi": "openapi/payments.yaml", "tracing": False},
    "edge": {"hsts": {"subdomains": False}},
    "secrets": {"recoveryDays": 0},
}
"""Weak settings of several blocks, which fail the rules below."""

EXPECTED = {
    "aws.keys.key-waits-before-it-is-gone": "deletionWindowDays: 8",
    "aws.waf.sql-injection-blocks": "mode: 'off'",
    "aws.api.requests-are-traced": "tracing: false",
    "aws.edge.hosts-below-are-held-to-https": "subdomains: false",
    "aws.secrets.deleted-secret-can-be-restored": "recoveryDays: 0",
}


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795600000")  # 2026-11-25


@pytest.fixture(scope="module")
def seen():
    """What was found before: a search runs the program up to forty times."""
    return {}


@pytest.fixture
def findings(bulwark, tmp_path, monkeypatch, seen):
    """What fails in our own project with a changed stack file: rule, resource, and the line."""

    def of(stack, edit=None, program=None):
        asked = (stack, edit, program)
        if asked not in seen:
            seen[asked] = search(*asked)
        return seen[asked]

    def search(stack, edit, program):
        for name in ("Pulumi.yaml", "__main__.py"):
            shutil.copy(ROOT / name, tmp_path)
        shutil.copytree(ROOT / "openapi", tmp_path / "openapi", dirs_exist_ok=True)
        text = (ROOT / f"Pulumi.{stack}.yaml").read_text()
        text = edit(text) if edit else text
        (tmp_path / f"Pulumi.{stack}.yaml").write_text(text)
        if program:
            (tmp_path / "__main__.py").write_text(program)
        monkeypatch.chdir(tmp_path)
        result = bulwark("check", "-s", stack, "--format", "json")
        found = json.loads(result.out)["findings"]
        return [
            (f["rule"], f["urn"].rpartition("::")[2], _line(tmp_path, f["source"]))
            for f in found
            if f["outcome"] == "fail" and "waiver" not in f
        ]

    return of


def _line(folder, source):
    path, _, number = source.rpartition(":")
    return path, (folder / path).read_text().splitlines()[int(number) - 1].strip()


def added(block):
    return lambda text: f"{text}{block}"


@pytest.mark.parametrize("stack", ["staging"])
def test_a_weakness_of_the_stack_file_is_at_its_own_key(findings, stack):
    def weaken(text):
        kept = text.replace("  bulwark:api: {openapi: openapi/payments.yaml}\n", "").replace(
            "  bulwark:secrets:\n", "  bulwark:secrets:\n    recoveryDays: 0\n"
        )
        blocks = {name: block for name, block in WEAK.items() if name != "secrets"}
        return kept + "".join(
            f"  bulwark:{name}:\n{_yaml(block)}" for name, block in blocks.items()
        )

    found = {rule: place for rule, _, place in findings(stack, weaken) if rule in EXPECTED}

    assert found == {rule: (f"Pulumi.{stack}.yaml", line) for rule, line in EXPECTED.items()}


_SHOWN = {False: "false", "off": "'off'"}


def _yaml(block, depth=2):
    lines = []
    for name, value in block.items():
        inner = isinstance(value, dict)
        shown = "" if inner else f" {_SHOWN.get(value, value)}"
        lines.append(f"{'  ' * depth}{name}:{shown}\n")
        lines += [_yaml(value, depth + 1)] if inner else []
    return "".join(lines)


def test_what_a_profile_has_loosened_is_at_the_line_that_names_the_profile(findings):
    found = findings("dev")

    places = {place for rule, _, place in found if rule == "aws.keys.key-waits-before-it-is-gone"}
    assert places == {("Pulumi.dev.yaml", "bulwark:profile: dev")}


def test_a_key_goes_before_the_profile_that_is_as_weak(findings):
    found = findings("dev", added("  bulwark:keys:\n    deletionWindowDays: 8\n"))

    places = {place for rule, _, place in found if rule == "aws.keys.key-waits-before-it-is-gone"}
    assert places == {("Pulumi.dev.yaml", "deletionWindowDays: 8")}


def test_what_no_setting_mends_is_at_what_makes_the_resource(findings):
    found = {rule: place for rule, name, place in findings("prod") if "payment" in name}

    assert found["aws.secrets.secret-rotates"] == ("Pulumi.prod.yaml", "payment-provider:")


def test_of_a_program_that_uses_our_components_it_is_the_programs_line(findings):
    program = (
        "import pulumi_aws as aws\n"
        "from pulumi_bulwark.stacks.aws import AwsStack, AwsStackArgs\n"
        "from pulumi_bulwark import config\n"
        "AwsStack('it', AwsStackArgs(spec=config.load()))\n"
        "def by_hand(name):\n"
        "    return aws.kms.Key(name)\n"
        "by_hand('mine')\n"
    )

    found = {
        (rule, place) for rule, name, place in findings("prod", program=program) if name == "mine"
    }

    assert found
    assert {place for _, place in found} == {("__main__.py", "return aws.kms.Key(name)")}


def test_no_line_is_inside_our_package(findings):
    files = {path for _, _, (path, _) in findings("prod")}

    assert files
    assert files <= {"__main__.py", "Pulumi.prod.yaml"}
