"""What docs/functions-on-azure.md tells people to write is right."""

import re
import shutil
from pathlib import Path

import pytest

from pulumi_bulwark.function.spec import END_OF_SUPPORT_ON_AZURE

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "functions-on-azure.md").read_text()
(OWN,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
CONFIG = {
    "azure-native:location": "westeurope",
    "bulwark:cloud": "azure",
    "bulwark:profile": "dev",
    "bulwark:tags": '{"owner": "me", "environment": "dev", "costCenter": "1", '
    '"dataClassification": "public"}',
}


@pytest.fixture
def project(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "tests/runtime/functions/letters", tmp_path / "functions" / "payouts")
    monkeypatch.chdir(tmp_path)


def test_a_function_of_ones_own_previews_without_a_problem(preview, project):
    graph = preview(lambda: exec(OWN, {}), config=CONFIG, rendered=True)  # noqa: S102 our own page

    (app,) = [a for a in graph.of_type("azure-native:web:WebApp") if "payouts" in a.name]
    (network,) = graph.of_type("azure-native:network:VirtualNetwork")
    assert graph.problems == ()
    assert app.inputs["tags"]["owner"] == "me"
    assert app.inputs["virtualNetworkSubnetId"] == f"{network.id}/subnets/functions"


def test_the_page_has_every_runtime_with_its_last_day():
    for runtime, day in END_OF_SUPPORT_ON_AZURE.items():
        assert runtime in PAGE
        assert day.isoformat() in PAGE
