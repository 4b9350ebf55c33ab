"""Document databases: operators where a value belongs, in names and in text that is JSON."""

import re

_OPERATORS = (
    "abs|accumulator|add|addFields|addToSet|all|and|arrayElemAt|avg|bit|bitsAllClear|bitsAllSet"
    "|bitsAnyClear|bitsAnySet|box|bucket|center|centerSphere|collStats|comment|concat|cond|count"
    "|currentDate|currentOp|each|elemMatch|eq|exists|expr|facet|function|geoIntersects|geoNear"
    "|geoWithin|geometry|graphLookup|group|gte?|in|inc|indexStats|jsonSchema|limit|lookup|lte?|match"
    "|max|maxDistance|merge|min|minDistance|mod|mul|ne|near|nearSphere|nin|nor|not|options|or|out"
    "|planCacheStats|polygon|pop|position|project|pull|pullAll|push|regex|regexMatch|rename|replaceRoot"
    "|replaceWith|sample|search|set|setOnInsert|setWindowFields|size|skip|slice|sort|sortByCount"
    "|sum|text|toString|type|unionWith|unset|unwind|where"
)
"""The words of MongoDB's queries, updates and pipelines. Not those of its extended JSON, nor JSON
Schema's `$ref`: they are data."""

_NAME = re.compile(rf"(?:^|[.\[])\$(?:{_OPERATORS})(?:$|[.\[\]])|^\$[a-z][A-Za-z]+$")

_QUERY = (
    "and|elemMatch|eq|exists|expr|function|gte?|in|jsonSchema|lte?|ne|nin|nor|not|or|regex|where"
)
"""Those that a form's or a script's text has without quotes; `$set=` is a shell's variable."""

_IN_TEXT = re.compile(
    rf"""(?:^|[{{\[,(?&])\s*+(?:["']\$(?:{_OPERATORS})["']\s*+:|\$(?:{_QUERY})\s*+[:=])"""
    rf"""|["']\s*+,?\s*+\$(?:{_OPERATORS})["']?\s*+:|\[\$(?:{_OPERATORS})\]"""
)
"""A dollar that is part of an object's text or of a form's."""

_SHELL = re.compile(
    r"\bdb\.[\w.]{1,64}\.(?:find|insert|update|remove|drop|aggregate|count|deleteMany|deleteOne"
    r"|insertOne|insertMany|mapReduce|createCollection|getCollection)\w{0,16}\(|\bdb\.(?:getName|version"
    r"|dropDatabase|getCollectionNames|listCollections|adminCommand|runCommand|injection)\w{0,16}\("
)
"""A call in the database's shell, which `$where` runs too."""

_CONDITION = re.compile(
    r"\bthis\.\w{1,64}+(?:\.\w{1,64}+){0,3}+\s*+(?:===?|!==?|<=?|>=?|\()|^\s*+\{?\s*+(?:function\s*+\([\w,\s]*+\)\s*+\{|\(\)\s*+=>)"
    r"""|["'](?:map|reduce|finalize|body|\$where)["']\s*+:\s*+["']\s*+(?:async\s++)?function\b"""
)
"""What `$where` and mapReduce take: a script over the document."""


def is_operator_name(name: str) -> bool:
    return "$" in name and _NAME.search(name) is not None


def has_operator(text: str) -> bool:
    if "$" in text and _IN_TEXT.search(text):
        return True
    if ("this." in text or "function" in text or "=>" in text) and _CONDITION.search(text):
        return True
    return "db." in text and _SHELL.search(text) is not None
