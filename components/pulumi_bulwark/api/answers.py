"""What an API answers by itself, whatever cloud it is on."""

from collections.abc import Mapping

PROBLEM = "application/problem+json"
"""RFC 9457."""

SAFE_HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
}
"""What every answer of the gateway's own carries, also where it does not come through the edge."""
