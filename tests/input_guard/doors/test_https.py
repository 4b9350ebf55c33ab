"""The client of https backends, against a real one on loopback."""

import pytest

from bulwark_runtime.input_guard.doors.https import MOST_BYTES, Https
from bulwark_runtime.input_guard.doors.passing import BackendError, BackendTimeoutError
from bulwark_runtime.input_guard.doors.routes import Backend

HOST = "ledger.example.com"


@pytest.fixture
def ask(trust, route, passed):
    """A request to a server, as if the name of the document led to loopback."""

    def send(server, *, path="/payments", url="/v1/payments", host=HOST, seconds=10, **more):
        client = Https(
            resolve=more.pop("resolve", lambda *_: ["127.0.0.1"]),
            may=lambda address: True,
            trust=trust,
        )
        backend = Backend(kind="http", url=f"https://{host}:{server.server_port}{url}")
        template = more.pop("template", path)
        return client.send(route(backend, path=template), passed(path=path, **more), seconds)

    return send


def test_a_backend_gets_the_request_and_its_answer_comes_back(serve, ask):
    server = serve()

    answer = ask(server, query="a=1&b=%26", body=b'{"x":1}', headers=[("Content-Type", "a/b")])

    assert (answer.status, answer.body) == (200, b'{"status":"ok"}')
    assert ("Content-Type", "application/json") in answer.headers
    ((method, path, headers, body),) = server.requests
    assert (method, path, body) == ("POST", "/v1/payments?a=1&b=%26", b'{"x":1}')
    assert dict(headers) == {
        "Host": f"{HOST}:{server.server_port}",
        "Content-Type": "a/b",
        "Accept-Encoding": "identity",
        "Content-Length": "7",
    }


def test_headers_of_the_connection_stay_on_it(serve, ask):
    server = serve()
    server.answer = (200, {"Keep-Alive": "timeout=5", "Trailer": "X", "X-Own": "a"}, b"")

    names = {name.lower() for name, _ in ask(server).headers}

    assert "x-own" in names
    assert not names & {"keep-alive", "trailer", "content-length", "connection"}


def test_a_redirect_is_handed_on_and_not_followed(serve, ask):
    server, other = serve(), serve()
    server.answer = (307, {"Location": f"https://{HOST}:{other.server_port}/"}, b"")

    assert ask(server).status == 307
    assert other.requests == []


def test_a_certificate_of_another_name_is_refused_before_anything_is_sent(serve, ask):
    server = serve("other.example.com")

    with pytest.raises(BackendError, match=r"^SSLError$"):
        ask(server)
    assert server.requests == []


def test_a_certificate_of_an_unknown_authority_is_refused(serve, route, passed):
    server = serve()
    client = Https(resolve=lambda *_: ["127.0.0.1"], may=lambda address: True)
    backend = Backend(kind="http", url=f"https://{HOST}:{server.server_port}/")

    with pytest.raises(BackendError, match=r"^SSLError$"):
        client.send(route(backend), passed(), 10)
    assert server.requests == []


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "10.1.2.3", "::1"])
def test_a_name_that_leads_to_a_private_address_is_not_called(serve, route, passed, trust, address):
    server = serve()
    client = Https(resolve=lambda *_: [address], trust=trust)
    backend = Backend(kind="http", url=f"https://{HOST}:{server.server_port}/")

    with pytest.raises(BackendError, match=r"^address is not public$"):
        client.send(route(backend), passed(), 10)
    assert server.requests == []


@pytest.fixture
def inside(trust, route, passed):
    """A request to a backend of which the document says that it is in a private network."""

    def send(server, address, **more):
        client = Https(resolve=lambda *_: [address], trust=trust, **more)
        url = f"https://{HOST}:{server.server_port}/"
        return client.send(route(Backend(kind="http", url=url, private=True)), passed(), 10)

    return send


def test_a_private_backend_is_called_where_it_is(serve, inside):
    assert inside(serve(), "127.0.0.1", may_inside=lambda address: True).status == 200


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "169.254.169.254", "fd00:ec2::254", "::1", "8.8.8.8", "fe80::1"]
)
def test_a_private_backend_leads_nowhere_but_into_a_private_network(serve, inside, address):
    server = serve()

    with pytest.raises(BackendError, match=r"^address is not private$"):
        inside(server, address)
    assert server.requests == []


def test_the_address_that_was_judged_is_the_one_that_is_called(serve, ask):
    """A name may lead elsewhere the second time it is asked: nobody asks a second time."""
    server, asked = serve(), []

    def resolve(host, port):
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

    assert ask(server, resolve=resolve).status == 200
    assert asked == [HOST]


def test_where_one_address_cannot_be_reached_the_next_is_tried(serve, ask):
    server = serve()

    # Nothing listens there, so that nothing was sent.
    assert ask(server, resolve=lambda *_: ["127.0.0.2", "127.0.0.1"]).status == 200
    assert len(server.requests) == 1


def test_a_name_without_an_address_is_an_error_without_the_name(serve, ask):
    def resolve(host, port):
        raise OSError(f"{host} not found")

    with pytest.raises(BackendError, match=r"^name is not known$"):
        ask(serve(), resolve=resolve)


def test_an_answer_that_is_too_large_is_cut_off(serve, ask):
    server = serve()
    server.answer = (200, {}, b"x" * (MOST_BYTES + 1))

    with pytest.raises(BackendError, match=r"^answer is too large$"):
        ask(server)


def test_a_backend_that_does_not_answer_in_time_is_given_up(serve, ask):
    server = serve()
    server.answer = (None, {}, b"")

    with pytest.raises(BackendTimeoutError):
        ask(server, seconds=0.3)


def test_a_request_whose_time_is_up_is_not_sent(serve, ask):
    server = serve()

    with pytest.raises(BackendTimeoutError):
        ask(server, seconds=0)
    assert server.requests == []


# Where to.


def test_parameters_of_the_path_fill_the_backends_address(serve, ask):
    server = serve()

    ask(
        server,
        template="/payments/{id}/items/{item}",
        path="/payments/a%20b/items/c%2Fd",
        url="/v1/{item}/of/{id}",
    )

    assert server.requests[0][1] == "/v1/c%2Fd/of/a%20b"


def test_a_greedy_parameter_keeps_its_segments(serve, ask):
    server = serve()

    ask(server, template="/files/{name+}", path="/files/a/b%3Fc", url="/v1/{name+}")

    assert server.requests[0][1] == "/v1/a/b%3Fc"


@pytest.mark.parametrize("value", ["..", ".", "", "%2e%2e", "%2E."])
def test_no_parameter_leads_up_or_out(serve, ask, value):
    server = serve()

    with pytest.raises(BackendError, match=r"^path leads elsewhere$"):
        ask(server, template="/payments/{id}", path=f"/payments/{value}", url="/v1/{id}/secret")
    assert server.requests == []


@pytest.mark.parametrize(
    "value", ["a%40169.254.169.254", "%0d%0aHost:%20evil", "a%3Fb%23c", "a;b@c"]
)
def test_no_parameter_changes_the_host_or_adds_a_line(serve, ask, value):
    server = serve()

    ask(server, template="/payments/{id}", path=f"/payments/{value}", url="/v1/{id}")

    ((_, path, headers, _),) = server.requests
    assert path.startswith("/v1/")
    assert not set("@?#\r\n ") & set(path)
    assert dict(headers)["Host"] == f"{HOST}:{server.server_port}"
