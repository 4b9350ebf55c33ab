"""What docs/functions.md tells people to write is right."""

import re
import shutil
from pathlib import Path

import pytest

from pulumi_bulwark.function import END_OF_SUPPORT, FunctionSpec

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "functions.md").read_text()
OWN, INVOKER = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
CONFIG = {
    "bulwark:cloud": "aws",
    "bulwark:profile": "prod",
    "bulwark:tags": '{"owner": "me", "environment": "prod", "costCenter": "1", '
    '"dataClassification": "public"}',
}


@pytest.fixture
def project(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "tests" / "packaging" / "pays", tmp_path / "functions" / "payouts")
    monkeypatch.chdir(tmp_path)


def test_a_function_of_ones_own_previews_without_a_problem(preview, project):
    graph = preview(lambda: exec(OWN, {}), config=CONFIG)  # noqa: S102 our own page

    (function,) = [f for f in graph.of_type("aws:lambda/function:Function") if "payouts" in f.name]
    assert graph.problems == ()
    assert function.inputs["tags"]["owner"] == "me"


def test_an_invoker_is_as_the_page_writes_it():
    found = {}
    exec(INVOKER, found)  # noqa: S102 our own page

    assert found["nightly"].is_service


def test_the_page_has_every_setting_and_every_runtime_with_its_last_day():
    assert [name for name in FunctionSpec.model_fields if f"| `{name}` |" not in PAGE] == []
    for runtime, day in END_OF_SUPPORT.items():
        assert runtime in PAGE
        assert day.isoformat() in PAGE


def test_the_setting_says_the_last_day_of_each_runtime_too():
    words = FunctionSpec.about("runtime")

    assert [d for d in END_OF_SUPPORT.values() if d.isoformat() not in words] == []
