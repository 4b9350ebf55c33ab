"""Answers from the document's own examples, given by API Gateway itself."""

from base64 import b64encode
from collections.abc import Sequence

from ..openapi.examples import Answer, is_json

NEVER = "never"
"""A content type that the operation does not name is refused with 415. Otherwise its body would be
taken for the template, and end as an error of the server."""


def request_template(found: Sequence[Answer]) -> str:
    """The template that chooses the status: compared with what is known, never copied."""
    first, *others = found
    if not others:
        return f'{{"statusCode": {first.status}}}'
    chosen = "#set($prefer = \"$!input.params('Prefer')$!input.params('prefer')\")"
    for number, one in enumerate(others):
        word = "elseif" if number else "if"
        chosen += f'#{word}($prefer == "code={one.status}"){{"statusCode": {one.status}}}'
    return f'{chosen}#else{{"statusCode": {first.status}}}#end'


def literal(media_type: str, text: str) -> str:
    """A template that gives back the text, whatever is in it: `$` and `#` would be VTL."""
    if is_json(media_type):
        # They are in strings only, and there JSON has another way to write them.
        return text.replace("$", "\\u0024").replace("#", "\\u0023")
    if "$" in text or "#" in text:
        return f"$util.base64Decode('{b64encode(text.encode()).decode()}')"
    return text
