"""What docs/block-list.md says is so, and what it has people type works."""

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from block_list_world import START

from bulwark_runtime.block_list import DETAIL_TYPE, FORMAT, Rules, aws, read, requests
from pulumi_bulwark.incident_response import BlockListSpec

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
PAGE = (ROOT / "docs" / "block-list.md").read_text()
(SCRIPT,) = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_the_readme_has_the_same_commands():
    assert f"```sh\n{SCRIPT}```" in README


@pytest.mark.e2e  # it takes the half minute that the page says
def test_the_commands_block_an_address_and_let_it_in_again(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    script = SCRIPT.replace("block emulate", f"block emulate --port {port}")
    with (tmp_path / "messages").open("w") as messages:
        done = subprocess.run(
            ["bash", "-eu", "-c", script],
            cwd=tmp_path,
            env={"PATH": f"{Path(sys.executable).parent}:{os.defpath}", "HOME": str(tmp_path)},
            stdout=subprocess.PIPE,
            stderr=messages,
            text=True,
            check=False,
            timeout=120,
        )

    assert done.returncode == 0, (tmp_path / "messages").read_text()
    *said, last = done.stdout.splitlines()
    listed = [line for line in said if line.endswith("Guesses passwords")]
    assert sorted(line.split()[0] for line in listed) == ["2001:db8::/48", "203.0.113.7/32"]
    assert {line.split()[3] for line in listed} == {"yes"}
    assert last == "nothing is blocked"


def test_the_event_is_read():
    (text,) = re.findall(r"^```json\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    event = json.loads(text) | {"id": "00000000-0000-0000-0000-000000000001"}

    assert event["detail-type"] == DETAIL_TYPE
    asked = read(json.dumps(event), lists=["blocked"], rules=Rules(), now=START)
    assert asked.reason == "Card testing"


def test_every_field_of_a_request_is_described():
    rows = re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)
    sent = requests.messages(
        requests.Request(id="request-1", action="add", list="blocked", networks=())
    )

    assert set(json.loads(next(sent))) <= set(rows)
    assert FORMAT in PAGE


@pytest.mark.parametrize(
    "metric",
    [*aws.COUNTED.values(), *(m for of in aws.MEASURED.values() for m, _ in of.values())],
)
def test_every_metric_is_described(metric):
    assert f"`{metric}`" in PAGE


def test_every_setting_is_described_with_its_default():
    for name, field in BlockListSpec.model_fields.items():
        assert f"`{field.alias or name}`" in PAGE
    assert f"| {BlockListSpec().widest_v4}, {BlockListSpec().widest_v6} |" in PAGE
    assert f"| {BlockListSpec().history_days} |" in PAGE
