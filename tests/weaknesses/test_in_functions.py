"""The function app that counts, in Microsoft's worker library, from the zip that is deployed."""

import json

import pytest
from functions_host import FunctionError

pytestmark = pytest.mark.e2e

SETTINGS = {
    "BULWARK_SUBSCRIPTION": "00000000-0000-0000-0000-000000000001",
    "BULWARK_DEADLINES": json.dumps({"high": 30}),
    "BULWARK_EXCEPTIONS": "[]",
}


def test_a_count_that_azure_does_not_answer_is_a_failure_and_no_nought(
    functions_host, managed_identity
):
    # Nobody is at the address: tests reach nothing but this machine.
    nowhere = {"HTTPS_PROXY": "http://127.0.0.1:9"}
    app = functions_host(
        "weaknesses",
        "bulwark_runtime.weaknesses.azure_app:app",
        {**SETTINGS, **managed_identity.environment, **nowhere},
    )

    with pytest.raises(FunctionError, match=r"ServiceRequestError|ProxyError|proxy"):
        app.timer("count")

    assert managed_identity.asked == ["https://management.azure.com"]
    assert '"message": "counted"' not in app.logged()
