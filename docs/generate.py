"""Renews what the documentation repeats from the code: `make docs`. A test compares.

The settings and the schema come from the specs, `Pulumi.yaml`'s declarations too; a block that
begins with `$ make preview` or `$ bulwark …` is followed by what the command prints.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml

from bulwark_toolkit.cli import reference
from pulumi_bulwark import config
from pulumi_bulwark.stacks import StackConfig

ROOT = Path(__file__).parents[1]
TRANSCRIPT = re.compile(
    r"^```console\n\$ (make preview|bulwark [^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL
)


def generated() -> Iterator[tuple[Path, str]]:
    """Each generated file with the text it should have."""
    yield ROOT / "docs" / "settings.md", reference.markdown()
    yield ROOT / "docs" / "stack.schema.json", json.dumps(config.schema(), indent=2) + "\n"
    yield ROOT / "Pulumi.yaml", _pulumi_yaml()
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        text = page.read_text()
        if TRANSCRIPT.search(text):
            yield page, TRANSCRIPT.sub(_transcript, text)


def _pulumi_yaml() -> str:
    kept, _, _ = (ROOT / "Pulumi.yaml").read_text().partition("config:\n")
    required = {field.alias for field in StackConfig.model_fields.values() if field.is_required()}
    declared = {
        f"bulwark:{key}": {"type": kind, "description": about}
        | ({} if key in required else {"default": {}})
        for key, (kind, about) in config.keys().items()
    }
    return kept + yaml.safe_dump({"config": declared}, sort_keys=False, width=96)


def _transcript(block: re.Match[str]) -> str:
    command = block[1]
    words = command.replace("make preview", "bulwark preview -s dev").split()
    program = Path(sys.executable).parent / words[0]
    done = subprocess.run(  # noqa: S603 our own command, from our own pages
        [program, *words[1:]], capture_output=True, text=True, cwd=ROOT, check=False
    )
    return f"```console\n$ {command}\n{done.stdout}{done.stderr}```"


if __name__ == "__main__":
    for path, text in generated():
        if path.read_text() != text:
            path.write_text(text)
            print(f"renewed {path.relative_to(ROOT)}")  # noqa: T201 a script
