"""What alarms look for in the log is what the functions say there."""

import logging

import pytest

from bulwark_runtime.block_list import azure as block_list
from bulwark_runtime.playbooks import azure as playbooks
from bulwark_runtime.playbooks.messages import Message
from pulumi_bulwark.stacks.azure_watched import _of_block_list, _of_playbooks


def said(caplog):
    (record,) = caplog.records
    return record.message


@pytest.mark.parametrize("how", ["page", "ticket"])
def test_what_a_playbook_tells_is_heard_as_loudly_as_it_says(how, caplog):
    caplog.set_level(logging.INFO)
    playbooks._tell(how, Message("subject", "text"))
    heard = {
        name: line for name, line in _of_playbooks("app").items() if line.words in said(caplog)
    }

    assert list(heard) == [f"playbooks-{how}"]
    assert heard[f"playbooks-{how}"].severity == how


@pytest.mark.parametrize(
    ("event", "names"),
    [
        ("converged", ["blocked", "looked-over"]),
        ("repaired", ["repaired"]),
        ("applied", []),
    ],
)
def test_what_the_writer_says_is_heard(event, names, caplog):
    caplog.set_level(logging.INFO)
    block_list.tell(event, {"list": "blocked", "fill_percent": 95.0})

    lines = _of_block_list("app")
    assert [name for name, line in lines.items() if line.words in said(caplog)] == names
    assert lines["blocked"].number in said(caplog)
