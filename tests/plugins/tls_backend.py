"""A backend on loopback that speaks TLS, with certificates of an authority of the tests' own."""

import datetime as dt
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "ledger.example.com"


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    """Certificates of an authority of our own, for any name."""
    folder = tmp_path_factory.mktemp("authority")
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tests")])
    day = dt.timedelta(days=1)
    now = dt.datetime.now(dt.UTC)

    def signed(name, public, *alternatives, is_authority=False):
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(issuer)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - day)
            .not_valid_after(now + day)
            .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False
            )
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        )
        if alternatives:
            builder = builder.add_extension(
                x509.SubjectAlternativeName(list(alternatives)), critical=False
            )
        return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    root = folder / "root.pem"
    root.write_bytes(signed(issuer, key.public_key(), is_authority=True))

    def certify(host):
        own = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        file = folder / f"{host}.pem"
        file.write_bytes(
            own.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + signed(
                name,
                own.public_key(),
                x509.DNSName(host),
                x509.IPAddress(ip_address("127.0.0.1")),
            )
        )
        return file

    return root, certify


class Server(ThreadingHTTPServer):
    daemon_threads = True
    answer = (200, {"Content-Type": "application/json"}, b'{"status":"ok"}')

    def __init__(self):
        self.requests = []
        self.stay = threading.Event()
        super().__init__(("127.0.0.1", 0), Answering)


class Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body are two writes: otherwise the second waits 40 ms for an acknowledgement.
    disable_nagle_algorithm = True

    def respond(self):
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        self.server.requests.append((self.command, self.path, list(self.headers.items()), body))
        status, headers, body = self.server.answer
        if status is None:
            self.server.stay.wait(30)
            return
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = respond  # noqa: N815 http.server's names

    def log_message(self, *_):
        pass


@pytest.fixture
def serve(authority):
    """A backend on loopback, with a certificate for a name."""
    started = []

    def start(host=HOST):
        _, certify = authority
        server = Server()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certify(host))
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        started.append((server, thread))
        return server

    yield start
    for server, thread in started:
        server.stay.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


@pytest.fixture
def trust(authority):
    root, _ = authority
    return ssl.create_default_context(cafile=root)
