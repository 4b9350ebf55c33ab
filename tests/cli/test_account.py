"""The commands that talk to AWS, asked about a stack that is elsewhere."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

COMMANDS = {
    "block": ("list",),
    "respond": ("list",),
    "findings": (),
}


@pytest.mark.parametrize("verb", COMMANDS)
def test_a_stack_on_azure_is_asked_for_its_subscription_before_credentials_are(bulwark, verb):
    result = bulwark(verb, *COMMANDS[verb], "-C", ROOT, "-s", "azure-dev")

    assert result.status == 2
    assert result.err.startswith("error: which subscription? set bulwark:account.id, or ")
