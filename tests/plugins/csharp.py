"""C# of API Management's policies, run in Python: what our own expressions are made of.

It is parsed by a grammar of C# that others keep, so that what is none is an error. What is run is
the part of the language and of .NET that our policies use, by the reference of policy expressions;
anything else is an error too, and never guessed at.
"""

import base64
import json
from urllib.parse import unquote, urlsplit

import tree_sitter_c_sharp
from tree_sitter import Language, Parser

_PARSER = Parser(Language(tree_sitter_c_sharp.language()))


class CSharpError(Exception):
    """What is no C#, or what .NET would throw."""


def parsed(code):
    """The expression in a piece of C#."""
    tree = _PARSER.parse(f"var it = {code};".encode())
    if tree.root_node.has_error:
        raise CSharpError(f"is no C#: {code}")
    (statement,) = tree.root_node.named_children
    (declared,) = statement.named_children[0].named_children
    return declared.named_children[1].named_children[-1]


def run(code, **names):
    """The value of an expression, with what it may speak of by name."""
    return _value(parsed(code), names)


# What is written.


def _value(node, names):
    reader = _READERS.get(node.type)
    if reader is None:
        raise CSharpError(f"{node.type} is not among what our policies use")
    return reader(node, names)


def _field(node, name):
    return node.child_by_field_name(name)


def _text(node):
    return node.text.decode()


def _string(node, _):
    if any(part.type != "string_literal_content" for part in node.named_children):
        raise CSharpError(f"an escape: {_text(node)}")
    return "".join(_text(part) for part in node.named_children)


def _identifier(node, names):
    name = _text(node)
    found = names.get(name, _STATICS.get(name))
    if found is None:
        raise CSharpError(f"{name} is not known")
    return found


def _inside(node, names):
    return _value(node.named_children[0], names)


def _cast(node, names):
    kind, value = _text(_field(node, "type")), _value(_field(node, "value"), names)
    if kind == "string":
        return value.text() if isinstance(value, Json) else _typed(value, str | None, kind)
    if kind == "int":
        return _typed(value, int, kind)
    return value


def _typed(value, wanted, kind):
    if not isinstance(value, wanted):
        raise CSharpError(f"InvalidCastException: to {kind}")
    return value


def _conditional(node, names):
    chosen = "consequence" if _value(_field(node, "condition"), names) else "alternative"
    return _value(_field(node, chosen), names)


def _binary(node, names):
    left, sign = _field(node, "left"), _text(_field(node, "operator"))
    right = _field(node, "right")
    if sign in ("||", "&&", "??"):
        first = _value(left, names)
        stops = {"||": first is True, "&&": first is False, "??": first is not None}[sign]
        return first if stops else _value(right, names)
    first, second = _value(left, names), _value(right, names)
    match sign:
        case "==":
            return _same(first, second)
        case "!=":
            return not _same(first, second)
        case "+":
            return first + second
    raise CSharpError(f"{sign} is not among what our policies use")


def _same(first, second):
    if isinstance(first, Json) and second is None:
        return False
    return first == second


def _not(node, names):
    if _text(node)[0] != "!":
        raise CSharpError(f"{_text(node)[0]} is not among what our policies use")
    return not _inside(node, names)


def _member(node, names):
    return _get(_value(_field(node, "expression"), names), _text(_field(node, "name")))


def _get(of, name):
    if of is None:
        raise CSharpError(f"NullReferenceException: {name}")
    if name.startswith("_") or not hasattr(of, name):
        raise CSharpError(f"{type(of).__name__} has no {name}")
    return getattr(of, name)


def _element(node, names):
    of = _value(_field(node, "expression"), names)
    (key,) = _arguments(_field(node, "subscript"), names)
    if of is None:
        raise CSharpError(f"NullReferenceException: [{key}]")
    return of.at(key)


def _arguments(node, names):
    return [_value(argument.named_children[-1], names) for argument in node.named_children]


def _call(node, names):
    function, given = _field(node, "function"), _arguments(_field(node, "arguments"), names)
    of, name = _value(_field(function, "expression"), names), _field(function, "name")
    if name.type == "generic_name":
        kind = _text(name.named_children[1])[1:-1]
        return _get(of, _text(name.named_children[0]))(kind, *given)
    method = _METHODS.get((type(of), _text(name)))
    return method(of, *given) if method else _get(of, _text(name))(*given)


def _new(node, names):
    kind = _text(_field(node, "type"))
    if kind not in _CLASSES:
        raise CSharpError(f"{kind} is not among what our policies use")
    return _CLASSES[kind](*_arguments(_field(node, "arguments"), names))


def _array(node, names):
    return [_value(child, names) for child in node.named_children[-1].named_children]


def _function(node, names):
    name, body = _text(_field(node, "parameters")), _field(node, "body")
    return lambda value: _value(body, {**names, name: value})


_READERS = {
    "binary_expression": _binary,
    "boolean_literal": lambda node, _: _text(node) == "true",
    "cast_expression": _cast,
    "conditional_expression": _conditional,
    "element_access_expression": _element,
    "identifier": _identifier,
    "implicit_array_creation_expression": _array,
    "integer_literal": lambda node, _: int(_text(node)),
    "invocation_expression": _call,
    "lambda_expression": _function,
    "member_access_expression": _member,
    "null_literal": lambda node, _: None,
    "object_creation_expression": _new,
    "parenthesized_expression": _inside,
    "prefix_unary_expression": _not,
    "string_literal": _string,
}


# What .NET and Newtonsoft have.


class Json:
    """A JToken."""

    def __init__(self, value):
        self.value = value

    def at(self, key):
        found = self.value.get(key)
        return None if found is None else Json(found)

    def text(self):
        if self.value is not None and not isinstance(self.value, str):
            raise CSharpError("InvalidCastException: to string")
        return self.value

    def ToString(self):  # noqa: N802 .NET's name
        return json.dumps(self.value)


class Property:
    def __init__(self, name, value):
        self.name = name
        self.value = value.value if isinstance(value, Json) else value


def _object(*members):
    if len(members) == 1 and isinstance(members[0], list):
        members = members[0]
    return Json({member.name: member.value for member in members})


class Uri:
    def __init__(self, text):
        parts = urlsplit(text)
        self.AbsolutePath = parts.path
        self.Query = f"?{parts.query}" if parts.query else ""
        self.Fragment = f"#{parts.fragment}" if parts.fragment else ""

    UnescapeDataString = staticmethod(unquote)


class _Convert:
    @staticmethod
    def ToBase64String(content):  # noqa: N802
        return base64.b64encode(_typed(content, bytes, "byte[]")).decode()

    @staticmethod
    def FromBase64String(text):  # noqa: N802
        return base64.b64decode(_typed(text, str, "string"), validate=True)


class _Utf8:
    @staticmethod
    def GetBytes(text):  # noqa: N802
        return _typed(text, str, "string").encode()

    @staticmethod
    def GetString(content):  # noqa: N802
        return content.decode()


class _Encoding:
    UTF8 = _Utf8


class _Comparison:
    OrdinalIgnoreCase = object()


_STATICS = {
    "Convert": _Convert,
    "Encoding": _Encoding,
    "StringComparison": _Comparison,
    "Uri": Uri,
}

_CLASSES = {
    "JArray": lambda *members: Json(
        list(members[0]) if len(members) == 1 and isinstance(members[0], list) else list(members)
    ),
    "JObject": _object,
    "JProperty": Property,
    "Uri": Uri,
}

_METHODS = {
    (list, "Contains"): lambda of, one: one in of,
    (list, "Select"): lambda of, function: [function(one) for one in of],
    (str, "Contains"): lambda of, part: part in of,
    (str, "Equals"): lambda of, other, _: of.lower() == other.lower(),
    (str, "ToCharArray"): list,
    (str, "ToString"): str,
    (str, "TrimStart"): lambda of, marks: of.lstrip("".join(marks)),
}
