"""Document databases: operators where a value belongs, in names and in text that is JSON."""

import re

_OPERATORS = (
    "accumulator|all|and|bitsAllSet|elemMatch|eq|exists|expr|function|geoWithin|gte?|in|jsonSchema"
    "|lookup|lte?|match|mod|ne|near|nin|nor|not|or|project|regex|size|text|type|unionWith|where"
)

_NAME = re.compile(rf"(?:^|[.\[])\$(?:{_OPERATORS})(?:$|[.\]])|^\$[a-z][A-Za-z]+$")

_IN_TEXT = re.compile(
    rf"""(?:^|[{{\[,(]|["'&?])\s*["']?\$(?:{_OPERATORS})["']?\s*(?::|\]|=)"""
    rf"""|\[\$(?:{_OPERATORS})\]"""
)
"""A dollar that is part of an object's text or of a form's."""

_SHELL = re.compile(
    r"\bdb\.[\w.]{1,64}\.(?:find|insert|update|remove|drop|aggregate|count|deleteMany|deleteOne"
    r"|insertOne|insertMany|mapReduce|createCollection|getCollection)\w{0,16}\(|\bdb\.(?:getName|version"
    r"|dropDatabase|getCollectionNames|listCollections|adminCommand|runCommand|injection)\w{0,16}\("
)
"""A call in the database's shell, which `$where` runs too."""


def is_operator_name(name: str) -> bool:
    return "$" in name and _NAME.search(name) is not None


def has_operator(text: str) -> bool:
    if "$" in text and _IN_TEXT.search(text):
        return True
    return "db." in text and _SHELL.search(text) is not None
