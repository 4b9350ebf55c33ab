"""Requests and verdicts for the tests of the doors."""

import pytest

from bulwark_runtime.input_guard import Mode, Reason, Request, Verdict
from bulwark_runtime.input_guard.doors.answer import Answer, Trimmings
from bulwark_runtime.input_guard.doors.passing import Arrival, BackendError, Passed
from bulwark_runtime.input_guard.doors.routes import Backend, Route, Routes

HOST = "ledger.example.com"
REFERENCE = "JKJaXmPLvHcESHA="


@pytest.fixture
def route():
    def make(backend=None, **more):
        return Route(
            **{
                "operation": "createPayment",
                "method": "POST",
                "path": "/payments",
                "backend": backend or Backend(kind="http", url=f"https://{HOST}/v1/payments"),
                **more,
            }
        )

    return make


@pytest.fixture
def request_():
    def make(**more):
        return Request(**{"method": "POST", "path": "/payments", "body": b"{}", **more})

    return make


@pytest.fixture
def arrival(request_):
    def make(request=None, **more):
        return Arrival(
            **{
                "method": "POST",
                "path": "/payments",
                "request": request or request_(),
                "reference": REFERENCE,
                "caller": {"subject": "ada", "source-ip": "198.51.100.7"},
                "received_ms": 1_700_000_000_000,
                "native": {},
                **more,
            }
        )

    return make


@pytest.fixture
def passed(arrival, request_):
    def make(native=None, **request):
        sent = request_(**request)
        return Passed(request=sent, arrival=arrival(sent, native=native or {}))

    return make


@pytest.fixture
def routes():
    def make(*routes, trimmings=None):
        return Routes(
            by_place={(route.method, route.path): route for route in routes},
            trimmings=trimmings or Trimmings(),
        )

    return make


def reason(rule="injection.sql", mode=Mode.BLOCK, pointer="/body/note"):
    return Reason(operation="createPayment", pointer=pointer, rule=rule, mode=mode)


@pytest.fixture
def verdicts():
    """Checks that always end the same."""

    class Verdicts:
        def passes(self, *reasons, sanitised=None):
            return lambda request: Verdict(True, reasons, sanitised or request, "createPayment")

        def denies(self, *reasons):
            return lambda request: Verdict(False, reasons, request, "createPayment")

        def fails(self, error):
            def check(request):
                raise error

            return check

        reason = staticmethod(reason)

    return Verdicts()


class Backends:
    """A backend that keeps what it was sent."""

    def __init__(self, answer):
        self.answer, self.sent = answer, []

    def send(self, route, passed, seconds):
        self.sent.append((route, passed, seconds))
        if isinstance(self.answer, BackendError):
            raise self.answer
        return self.answer


@pytest.fixture
def backend():
    return lambda answer=None: Backends(answer or Answer(status=201, body=b"made"))


class Diary:
    def __init__(self):
        self.lines = []

    def judged(self, route, reference, verdict):
        self.lines.append(("judged", route.operation, reference, verdict.reasons))

    def failed(self, route, reference, error):
        self.lines.append(("failed", route.operation, reference, type(error)))

    def unanswered(self, route, reference, error):
        self.lines.append(("unanswered", route.operation, reference, str(error)))

    def unknown(self, method, path, reference):
        self.lines.append(("unknown", method, path, reference))


@pytest.fixture
def diary():
    return Diary()
