"""How much of a request is read at all."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    path_bytes: int = 4_096
    """What API Gateway and most proxies pass on is not longer."""

    query_bytes: int = 8_192

    query_parameters: int = 100

    header_bytes: int = 16_384
    """Of all headers, names and values: API Gateway stops at 10240."""

    headers: int = 100

    body_bytes: int = 1_048_576
    """API Gateway passes 10 MB and Lambda 6 MB, but no JSON of a payment is near them."""

    parts: int = 100
    """Of a multipart form. A part's headers are a kilobyte each at most."""

    depth: int = 32
    """Levels of objects and arrays. Python's own reader stops at about a thousand."""

    effort: int = 500_000
    """Characters that are read of one request as SQL, markup or a script, and 64 for each reading;
    most text is in none of them, and some is read several times. A megabyte of honest payments
    takes 275,000. Past it the request is denied in every mode, since the rest was not read."""

    values: int = 20_000
    """Objects, arrays and values in a body, so that its time has a bound."""

    text: int = 131_072
    """Characters of one text that is looked into for injections. What a schema types (base64 of
    format byte, for one) may be longer."""

    reasons: int = 20
    """Reasons in a verdict: a log line has a size too."""
