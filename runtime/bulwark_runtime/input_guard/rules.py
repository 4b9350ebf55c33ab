"""Everything that a request can be denied for. The names are what `exclude` lists and logs say."""

from collections.abc import Mapping

RULES: Mapping[str, str] = {
    "route.unknown": "no operation of the document has this method and path",
    "limit.path": "the path is too long",
    "limit.query": "the query is too long, or has too many parameters",
    "limit.headers": "the headers are too many or too long",
    "limit.body": "the body is too large",
    "limit.depth": "the body is nested too deeply",
    "limit.values": "the body has too many values",
    "limit.parts": "a form has too many parts, or a part's header is too long",
    "limit.effort": "what the request holds takes too long to read",
    "limit.text": "text is longer than the guard reads",
    "decode.percent": "a percent sign without two hexadecimal digits",
    "decode.double-encoding": "a path that is percent-encoded twice",
    "decode.utf8": "bytes that are not UTF-8, or an overlong form of it",
    "decode.charset": "text in a character set other than UTF-8, or compressed",
    "decode.json": "a body that is not JSON",
    "decode.duplicate": "a name that is there twice, of which readers choose different ones",
    "decode.number": "a number that JSON does not have, or no reader can hold",
    "decode.control": "a control character, a lone surrogate or a non-character",
    "decode.bidi": "a character that makes text read in another order than it is stored",
    "decode.traversal": "a path that leads out of itself",
    "decode.doctype": "XML that declares a document type, and with it entities",
    "decode.form": "a form that cannot be read in one way only",
    "schema.media-type": "a body of a media type that the operation does not take",
    "schema.body": "a body where there is none, or none where there must be one",
    "schema.required": "something required is missing",
    "schema.type": "a value of another type",
    "schema.value": "a value out of its bounds, set, pattern or format",
    "schema.undeclared": "a property that the schema does not allow",
    "injection.sql": "text that becomes syntax in a SQL statement",
    "injection.html": "text that a browser runs when it is echoed into a page",
    "injection.script": "text that becomes code inside a script",
    "injection.nosql": "an operator of a document database",
}
"""What each rule says of a request, in words that follow "denied:"."""
