"""The documentation speaks of things that exist."""

import re
import shlex
from pathlib import Path

import click
import pytest

from bulwark_toolkit.cli import VERBS, cli

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    page
    for page in ROOT.rglob("*.md")
    if not {".venv", ".venvs", "build", "node_modules"} & set(page.relative_to(ROOT).parts)
)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
TARGETS = set(re.findall(r"^([a-z0-9]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def prose(page):
    return BLOCK.sub("", page.read_text())


def links():
    for page in PAGES:
        for target in LINK.findall(prose(page)):
            if not re.match(r"[a-z]+:", target):
                yield pytest.param(page, target, id=f"{page.relative_to(ROOT)} {target}")


def commands():
    for page in PAGES:
        blocks = BLOCK.findall(page.read_text())
        lines = [
            line.strip()
            for language, text in blocks
            for line in text.splitlines()
            if language == "sh" or line.startswith("$ ")
        ]
        for command in [*(line.removeprefix("$ ") for line in lines), *CODE.findall(prose(page))]:
            if re.match(r"(make|bulwark) [a-z-]", command):
                yield pytest.param(command, id=f"{page.relative_to(ROOT)}: {command}")


def anchors(page):
    headings = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


def test_there_is_documentation():
    assert ROOT / "README.md" in PAGES
    assert len(list(links())) > 10
    assert len(list(commands())) > 10


@pytest.mark.parametrize(("page", "target"), list(links()))
def test_a_relative_link_leads_somewhere(page, target):
    path, _, anchor = target.partition("#")
    file = page.parent / path if path else page

    assert file.exists()
    if anchor:
        assert anchor in anchors(file)


@pytest.mark.parametrize("command", list(commands()))
def test_a_quoted_command_exists(command):
    words = shlex.split(command.partition(" #")[0].partition(" | ")[0])
    if words[0] == "make":
        targets = [word for word in words[1:] if "=" not in word]
        assert set(targets) <= TARGETS
        return
    verb, arguments = cli.get_command(click.Context(cli), words[1]), words[2:]
    assert verb
    if isinstance(verb, click.Group):
        verb, arguments = verb.commands[arguments[0]], arguments[1:]
    # Parses, without running it: an unknown option or choice raises.
    with click.Context(verb, info_name=words[1], resilient_parsing=False) as context:
        verb.parser = verb.make_parser(context)
        known = {o for p in verb.params for o in p.opts}
        given = {a.partition("=")[0] for a in arguments if a.startswith("-")}
        assert given <= known


def test_every_verb_and_every_target_is_documented():
    text = "\n".join(page.read_text() for page in PAGES)

    assert [verb for verb in VERBS if f"bulwark {verb}" not in text] == []
    assert [t for t in TARGETS - {"help"} if f"make {t}" not in text] == []
