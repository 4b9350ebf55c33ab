"""What is kept out of every log of requests, on every cloud."""

HEADERS = (
    "authorization",
    "cookie",
    "idempotency-key",
    "proxy-authorization",
    "x-api-key",
    "x-csrf-token",
)
"""Headers of credentials and sessions, and the key by which a payment could be sent again."""

ARGUMENTS = (
    "access_token",
    "api_key",
    "apikey",
    "client_secret",
    "code",
    "id_token",
    "password",
    "refresh_token",
    "secret",
    "token",
)
"""Query arguments that carry a token, a code or a password."""


def each_once(*names: tuple[str, ...]) -> list[str]:
    return sorted({name for some in names for name in some})
