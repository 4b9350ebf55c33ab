"""The function in Lambda's own runtime, from the zip that is deployed."""

import json
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from aws_answers import finding

pytestmark = pytest.mark.e2e

ANSWERS = {
    "/findings/list": {"findings": [finding(since=datetime(2026, 10, 1, tzinfo=UTC))]},
    "/": {"ResourceComplianceSummaryItems": [{"ResourceId": "i-1"}]},
}


class _Services(BaseHTTPRequestHandler):
    """Inspector and Systems Manager, of whom emulators have too little."""

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = json.dumps(ANSWERS[self.path], default=datetime.timestamp).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def services():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Services)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_it_counts_what_is_open_for_too_long(lambda_runtime, services):
    count = lambda_runtime(
        "weaknesses",
        "bulwark_runtime.weaknesses.aws.handler",
        {
            "AWS_ENDPOINT_URL": services,
            "BULWARK_METRICS_NAMESPACE": "Bulwark/it",
            "BULWARK_DEADLINES": json.dumps({"critical": 30}),
        },
    )
    count({"time": "2026-11-24T05:00:00Z"})

    (metrics,) = [
        json.loads(line) for line in count.logged().splitlines() if '"CloudWatchMetrics"' in line
    ]
    assert (metrics["Overdue"], metrics["UnpatchedMachines"]) == ([1.0], [1.0])
