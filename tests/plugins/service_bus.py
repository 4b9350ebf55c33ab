"""A small fake of a queue of Service Bus: sent to over its REST API, and handed out in order.

It leaves out what has a known id, keeps a session's order, gives back a batch that failed, and
gives up after ten tries; it forgets nothing in time. Nobody here reaches Service Bus itself.
"""

import datetime as dt
import json
import threading

import pytest

MOST_TRIES = 10


class ServiceBus:
    def __init__(self, server):
        self.server = server
        self.waiting, self.dead, self.sent = [], [], []
        self._ids, self._lock = set(), threading.Lock()

    @property
    def host(self):
        return f"https://127.0.0.1:{self.server.server_address[1]}"

    def take(self, headers, body):
        with self._lock:
            broker = json.loads(headers["BrokerProperties"])
            self.sent.append((broker, body.decode()))
            if broker["MessageId"] in self._ids:
                return
            self._ids.add(broker["MessageId"])
            message = {
                "body": body,
                "message_id": broker["MessageId"],
                "session_id": broker["SessionId"],
                "sequence_number": len(self._ids),
                "enqueued_time_utc": dt.datetime.now(dt.UTC),
                "delivery_count": 0,
                "application_properties": {"sender": json.loads(headers.get("sender", '""'))},
            }
            self.waiting.append(message)

    def hand_over(self, work, most=100):
        """As the host does: a batch of one session, which comes again if the function raises."""
        from azure.functions.servicebus import ServiceBusMessage

        with self._lock:
            batch, self.waiting = self.waiting[:most], self.waiting[most:]
        for message in batch:
            message["delivery_count"] += 1
        try:
            work([ServiceBusMessage(**message, user_properties={}) for message in batch])
        except Exception:
            with self._lock:
                again = [m for m in batch if m["delivery_count"] < MOST_TRIES]
                self.dead += [m for m in batch if m["delivery_count"] >= MOST_TRIES]
                self.waiting = again + self.waiting
            raise


@pytest.fixture
def service_bus(serve):
    server = serve("bus.servicebus.windows.net")
    fake = ServiceBus(server)

    class Handler(server.RequestHandlerClass):
        def respond(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            allowed = "Authorization" in self.headers
            if allowed:
                fake.take(self.headers, body)
            self.send_response(201 if allowed else 401)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = respond  # noqa: N815 http.server's name

    server.RequestHandlerClass = Handler
    return fake
