"""The range protocol, against a service on loopback."""

import hashlib
import http.server
import threading
import urllib.request

import pytest

from bulwark_runtime.credentials import BreachUnknownError, RangeService
from bulwark_runtime.credentials.breached import over_https

PASSWORD = "blue lamp 47 under rain"
DIGEST = hashlib.sha1(PASSWORD.encode(), usedforsecurity=False).hexdigest().upper()


def answering(text):
    asked = []

    def fetch(prefix):
        asked.append(prefix)
        return text

    return RangeService(fetch), asked


def test_a_password_whose_rest_is_in_the_answer_is_leaked():
    service, asked = answering(f"{'0' * 35}:3\r\n{DIGEST[5:]}:17\r\n")

    assert service.has(PASSWORD)
    assert asked == [DIGEST[:5]]


def test_another_password_is_not():
    service, _ = answering(f"{'0' * 35}:3\r\n{'F' * 35}:9")

    assert not service.has(PASSWORD)


def test_padding_is_no_hit():
    service, _ = answering(f"{DIGEST[5:]}:0")

    assert not service.has(PASSWORD)


def test_five_characters_of_the_digest_are_all_that_leaves():
    service, asked = answering("")
    service.has(PASSWORD)

    assert [len(prefix) for prefix in asked] == [5]


@pytest.mark.parametrize("text", ["<html>busy</html>", f"{DIGEST[5:]}", f"{DIGEST[5:]}:many"])
def test_an_answer_that_cannot_be_read_is_no_answer(text):
    service, _ = answering(text)

    with pytest.raises(BreachUnknownError):
        service.has(PASSWORD)


@pytest.mark.parametrize("error", [TimeoutError, ConnectionRefusedError, ValueError])
def test_a_service_that_fails_gives_no_answer(error):
    def fetch(prefix):
        raise error(PASSWORD)

    with pytest.raises(BreachUnknownError) as raised:
        RangeService(fetch).has(PASSWORD)
    assert PASSWORD not in repr(raised.value)


def test_only_https_is_asked():
    with pytest.raises(ValueError, match="https"):
        over_https("http://127.0.0.1/range/")


class Service(http.server.BaseHTTPRequestHandler):
    asked: list

    def do_GET(self):
        self.asked.append((self.path, self.headers.get("Add-Padding")))
        body = f"{DIGEST[5:]}:4\r\n".encode()
        self.send_response(200 if DIGEST[:5] in self.path else 500)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def plain_http(monkeypatch):
    """Our own server without TLS, asked where the client says https."""
    Service.asked = []
    with http.server.HTTPServer(("127.0.0.1", 0), Service) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        opened = urllib.request.urlopen

        def without_tls(request, timeout):
            request.full_url = request.full_url.replace("https://", "http://")
            return opened(request, timeout=timeout)

        monkeypatch.setattr(urllib.request, "urlopen", without_tls)
        yield f"https://127.0.0.1:{server.server_port}/range/"
        server.shutdown()
        thread.join()


def test_the_client_asks_for_a_range_with_padding(plain_http):
    assert RangeService(over_https(plain_http)).has(PASSWORD)
    assert Service.asked == [(f"/range/{DIGEST[:5]}", "true")]


def test_a_server_error_is_no_answer(plain_http):
    with pytest.raises(BreachUnknownError):
        RangeService(over_https(plain_http)).has("another one")
