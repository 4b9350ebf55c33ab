"""A backend that is called by https: at the address that was judged, and nowhere else."""

import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Final
from urllib.parse import SplitResult, quote, unquote, urlsplit

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
)
from urllib3.exceptions import (
    TimeoutError as SlowError,
)
from urllib3.util import SKIP_HEADER

from . import addresses
from .answer import Answer
from .passing import BackendError, BackendTimeoutError, Passed, parameters
from .routes import Route

MOST_BYTES: Final = 4_500_000
"""Of an answer. A function's own answer has 6 MB at most, and base64 makes four bytes of three."""

_MOST_TRIES: Final = 3
"""Addresses of one host. Nothing was sent to one that could not be reached."""

_CONNECT_SECONDS: Final = 3.0
_CHUNK: Final = 65_536

_BETWEEN_TWO: Final = frozenset(
    (
        "connection",
        "content-length",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    )
)
"""Headers that speak of one connection (RFC 9110, 7.6.1), or of what we write anew."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Https:
    """Sends requests to the addresses that the document names, and follows nothing."""

    resolve: addresses.Resolve = addresses.resolve
    may: addresses.Judge = addresses.is_public
    """Which addresses may be called. No setting and no variable changes it: a test that wants its
    own machine has to build this object itself."""
    may_inside: addresses.Judge = addresses.is_private
    """Likewise for a backend of which the document says that it is in a private network."""
    trust: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    _pools: dict[tuple[str, str, int], urllib3.HTTPSConnectionPool] = field(default_factory=dict)

    def send(self, route: Route, passed: Passed, seconds: float) -> Answer:
        """The backend's answer. Raises a BackendError; within `seconds`, or soon after."""
        until = monotonic() + seconds
        url = urlsplit(address_of(route, passed))
        host, port = url.hostname or "", url.port or 443
        try:
            may = self.may_inside if route.backend.private else self.may
            found = addresses.allowed(host, port, self.resolve, may)
        except addresses.ForbiddenAddressError:
            wanted = "private" if route.backend.private else "public"
            raise BackendError(f"address is not {wanted}") from None
        except OSError:
            raise BackendError("name is not known") from None
        return self._first(found[:_MOST_TRIES], url, passed, until)

    def _first(
        self, found: Sequence[str], url: SplitResult, passed: Passed, until: float
    ) -> Answer:
        *others, last = found
        for address in others:
            try:
                return self._ask(address, url, passed, until)
            except (NewConnectionError, ConnectTimeoutError):
                continue
        try:
            return self._ask(last, url, passed, until)
        except (NewConnectionError, ConnectTimeoutError):
            raise BackendError("cannot be reached") from None

    def _ask(self, address: str, url: SplitResult, passed: Passed, until: float) -> Answer:
        left = until - monotonic()
        if left <= 0:
            raise BackendTimeoutError
        timeout = urllib3.Timeout(connect=min(left, _CONNECT_SECONDS), read=left)
        try:
            response = self._pool(address, url).urlopen(
                passed.request.method,
                f"{url.path or '/'}{'?' + url.query if url.query else ''}",
                body=passed.request.body or None,
                headers=_headers(url, passed.request.headers),
                retries=False,
                redirect=False,
                timeout=timeout,
                preload_content=False,
                decode_content=False,
            )
            body = _read(response, until)
        except (NewConnectionError, ConnectTimeoutError):
            raise
        except SlowError:
            raise BackendTimeoutError from None
        except HTTPError as error:
            # Its class says what happened; its text may hold the address with its parameters.
            raise BackendError(type(error).__name__) from None
        headers = [
            (name, value)
            for name, value in response.headers.iteritems()
            if name.lower() not in _BETWEEN_TWO
        ]
        return Answer(status=response.status, headers=headers, body=body)

    def _pool(self, address: str, url: SplitResult) -> urllib3.HTTPSConnectionPool:
        host, port = url.hostname or "", url.port or 443
        key = (address, host, port)
        if key not in self._pools:
            self._pools[key] = urllib3.HTTPSConnectionPool(
                f"[{address}]" if ":" in address else address,
                port,
                ssl_context=self.trust,
                ssl_minimum_version=ssl.TLSVersion.TLSv1_2,
                # The name is what the certificate must prove; the address is only where it is.
                server_hostname=host,
                assert_hostname=host,
                maxsize=2,
            )
        return self._pools[key]


def address_of(route: Route, passed: Passed) -> str:
    """The backend's address for a request: the document's, with the path's own parameters in it.

    A parameter fills one segment, or for {name+} several, and never leads up or out.
    """
    url = route.backend.url
    for name, value in parameters(route.path, passed.request.path).items():
        for placeholder, is_greedy in ((f"{{{name}}}", False), (f"{{{name}+}}", True)):
            if placeholder in url:
                url = url.replace(placeholder, _filled(value, is_greedy=is_greedy))
    return f"{url}?{passed.request.query}" if passed.request.query else url


def _filled(value: str, *, is_greedy: bool) -> str:
    segments = [unquote(part) for part in value.split("/")] if is_greedy else [unquote(value)]
    if any(segment in ("", ".", "..") for segment in segments):
        raise BackendError("path leads elsewhere")
    return "/".join(quote(segment, safe="") for segment in segments)


def _headers(url: SplitResult, headers: Sequence[tuple[str, str]]) -> Mapping[str, str]:
    sent = urllib3.HTTPHeaderDict()
    for name, value in headers:
        sent.add(name, value)
    # Compressed, an answer could be larger than it looks.
    sent |= {"Host": url.netloc, "Accept-Encoding": "identity"}
    # Without a client's own word, the library would name itself.
    return sent if "user-agent" in sent else sent | {"User-Agent": SKIP_HEADER}


def _read(response: urllib3.BaseHTTPResponse, until: float) -> bytes:
    body = bytearray()
    while chunk := response.read1(_CHUNK):
        body += chunk
        if len(body) > MOST_BYTES:
            response.close()
            raise BackendError("answer is too large")
        if monotonic() > until:
            response.close()
            raise BackendTimeoutError
    response.release_conn()
    return bytes(body)
