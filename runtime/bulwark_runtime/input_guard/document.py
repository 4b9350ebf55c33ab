"""An OpenAPI 3.0 or 3.1 document, made ready: its operations with all that a request is held to."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from .errors import DocumentError, pointer
from .fields import Field
from .looks import bounded
from .parameters import Parameter, style
from .routes import Routes
from .schemas import Schemas, Validator
from .settings import EXTENSION, Settings, inherit

PLACES = ("path", "query", "header", "cookie")
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

_PARAMETER = re.compile(r"\{[^{}]+\}")
_PARAMETERS = re.compile(r"\{[^{}]*\}")

_MOST_REFERENCES = 32
"""References that lead to references; a longer chain goes in a circle."""

Place = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Body:
    field: Field
    validator: Validator | None
    encodings: "Mapping[str, Encoding]"
    """How the parts of a form are sent, by their names."""


@dataclass(frozen=True, slots=True)
class Encoding:
    media: Sequence[str] = ()
    """Media types that a part may be of, some with a star."""

    headers: frozenset[str] = frozenset()
    """Headers that it may have, in small letters, beside those that each has."""


@dataclass(frozen=True, slots=True)
class Operation:
    name: str
    """`operationId`, or method and path template."""

    template: tuple[str, ...]
    """Segments of the path template."""

    settings: Settings
    parameters: Mapping[str, Mapping[str, Parameter]]
    """By place and name; headers by their names in small letters."""

    bodies: Mapping[str, Body]
    """By media type, in small letters and without parameters."""

    body_required: bool
    other: Field
    """What is not declared: text like any other."""


class Document:
    def __init__(self, content: Mapping[str, Any]) -> None:
        self.problems: list[str] = []
        content = _as_json(content)
        version = str(content.get("openapi", ""))
        if not version.startswith(("3.0", "3.1")) or not isinstance(content.get("paths"), Mapping):
            raise DocumentError(["/openapi: must be an OpenAPI document of version 3.0 or 3.1"])
        self._content = content
        self._schemas = Schemas(content, self.problems)
        self._check_settings(content, ())
        self.settings = inherit(Settings(), content.get(EXTENSION), (), [])
        self._paths: dict[str, str] = {}
        self.routes: Routes[Operation] = Routes(_prefixes(content))
        self.operations: dict[str, Operation] = {}
        for path, item in content["paths"].items():
            if path.startswith("/"):
                self._check_path(path)
                self._read_path(path, *self._resolved(item, ("paths", path)))
        if self.problems:
            raise DocumentError(self.problems)

    def _check_path(self, path: str) -> None:
        """Which operation a request is for must not be a matter of opinion."""
        at = pointer(("paths", path))
        if any("{" in part and not _PARAMETER.fullmatch(part) for part in path.split("/")):
            self.problems.append(f"{at}: a parameter must be the whole of a path's segment")
        alike = _PARAMETERS.sub("{}", path)
        if (other := self._paths.setdefault(alike, path)) != path:
            self.problems.append(f"{at}: matches what {other} matches")

    def _check_settings(self, value: Any, at: Place) -> None:
        if isinstance(value, Mapping):
            inherit(Settings(), value.get(EXTENSION), (*at, EXTENSION), self.problems)
            for name, content in value.items():
                if name not in ("example", "examples", "default", EXTENSION):
                    self._check_settings(content, (*at, str(name)))
        elif isinstance(value, list):
            for index, content in enumerate(value):
                self._check_settings(content, (*at, str(index)))

    def _read_path(self, path: str, item: Any, at: Place) -> None:
        if not isinstance(item, Mapping):
            return
        settings = inherit(self.settings, item.get(EXTENSION), (), [])
        for method in METHODS:
            if isinstance(item.get(method), Mapping):
                try:
                    operation = self._operation(path, method, (item, at), settings)
                except (AttributeError, KeyError, TypeError):
                    # Its validator is the toolkit's; here it is enough to say where to look.
                    self.problems.append(f"{pointer((*at, method))}: is not valid OpenAPI")
                    continue
                self.routes.add(method.upper(), path, operation)
                if operation.name in self.operations:
                    self.problems.append(f"{pointer(at)}/{method}: its operationId is there twice")
                self.operations[operation.name] = operation

    def _operation(
        self, path: str, method: str, holder: tuple[Mapping[str, Any], Place], outer: Settings
    ) -> Operation:
        item, item_at = holder
        content, at = item[method], (*item_at, method)
        name = content.get("operationId") or f"{method.upper()} {path}"
        if not isinstance(name, str):
            raise TypeError(type(name))
        settings = inherit(outer, content.get(EXTENSION), (), [])
        body, body_at = self._resolved(content.get("requestBody", {}), (*at, "requestBody"))
        parameters: dict[str, dict[str, Parameter]] = {place: {} for place in PLACES}
        self._add_parameters(parameters, item, item_at, settings)
        self._add_parameters(parameters, content, at, settings)
        return Operation(
            name=name,
            template=tuple(path.split("/")[1:]),
            settings=settings,
            parameters=parameters,
            bodies={
                media.partition(";")[0].strip().lower(): self._body(
                    declared, (*body_at, "content", media), settings
                )
                for media, declared in body.get("content", {}).items()
            },
            body_required=body.get("required", False),
            other=Field((), self.resolve, settings, declared=False),
        )

    def _add_parameters(
        self,
        found: dict[str, dict[str, Parameter]],
        holder: Mapping[str, Any],
        at: Place,
        settings: Settings,
    ) -> None:
        for index, given in enumerate(holder.get("parameters", ())):
            declared, place_at = self._resolved(given, (*at, "parameters", str(index)))
            if not isinstance(declared, Mapping) or declared.get("in") not in found:
                self.problems.append(f"{pointer(place_at)}: is not a parameter")
                continue
            parameter = self._parameter(declared, place_at, settings)
            name = parameter.name.lower() if parameter.place == "header" else parameter.name
            found[parameter.place][name] = parameter

    def _parameter(self, declared: Mapping[str, Any], at: Place, settings: Settings) -> Parameter:
        media = next(iter(declared.get("content", ())), None)
        holder_at = at if media is None else (*at, "content", media)
        holder = declared if media is None else declared["content"][media]
        kind, explode = style(declared)
        return Parameter(
            name=declared["name"],
            place=declared["in"],
            required=declared.get("required", False) or declared["in"] == "path",
            style=kind,
            explode=explode,
            is_json=media is not None,
            field=self._field(holder, settings, declared.get(EXTENSION)),
            validator=self._validator(holder, holder_at),
        )

    def _body(self, declared: Mapping[str, Any], at: Place, settings: Settings) -> Body:
        return Body(
            self._field(declared, settings),
            self._validator(declared, at),
            {
                name: _encoding(self.resolve(encoding))
                for name, encoding in declared.get("encoding", {}).items()
            },
        )

    def _validator(self, holder: Mapping[str, Any], at: Place) -> Validator | None:
        if "schema" not in holder:
            return None
        validator = self._schemas.compile((*at, "schema"))
        return validator and bounded(validator, holder["schema"], self.resolve)

    def _field(
        self, holder: Mapping[str, Any], settings: Settings, extension: object = None
    ) -> Field:
        schemas = [holder["schema"]] if "schema" in holder else []
        return Field(schemas, self.resolve, inherit(settings, extension, (), []), declared=True)

    def resolve(self, value: object) -> object:
        return self._resolved(value, ())[0]

    def _resolved(self, value: Any, at: Place) -> tuple[Any, Place]:
        """What a reference leads to, and where that is."""
        for _ in range(_MOST_REFERENCES):
            if not isinstance(value, Mapping) or not isinstance(value.get("$ref"), str):
                return value, at
            reference = value["$ref"]
            found = self._look_up(reference)
            if found is None:
                break
            # In 3.1, and for our extension, what stands beside the reference counts as well.
            beside = {name: content for name, content in value.items() if name != "$ref"}
            value, at = found
            if beside and isinstance(value, Mapping):
                value = {**value, **beside}
        problem = f"{pointer(at)}/$ref: leads nowhere in this document"
        if problem not in self.problems:
            self.problems.append(problem)
        return {}, at

    def _look_up(self, reference: str) -> tuple[Any, Place] | None:
        if not reference.startswith("#/"):
            return None
        value: Any = self._content
        at = tuple(step.replace("~1", "/").replace("~0", "~") for step in reference[2:].split("/"))
        for step in at:
            if isinstance(value, list):
                value = value[int(step)] if step.isdigit() and int(step) < len(value) else None
            else:
                value = value.get(step) if isinstance(value, Mapping) else None
            if value is None:
                return None
        return value, at


def _as_json(content: Any) -> Mapping[str, Any]:
    """The document as JSON has it: a reader of YAML makes numbers of status codes, and dates."""
    try:
        found = json.loads(json.dumps(content, default=_plain))
    except (TypeError, ValueError, RecursionError):
        found = None
    if isinstance(found, dict):
        return found
    raise DocumentError(["/: must be an object, with nothing in it that JSON has no word for"])


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value))


def _encoding(declared: Any) -> Encoding:
    media = str(declared.get("contentType", "")).lower().split(",")
    return Encoding(
        [one.strip() for one in media if one.strip()],
        frozenset(name.lower() for name in declared.get("headers", {})),
    )


def _prefixes(content: Mapping[str, Any]) -> Iterator[str]:
    """Paths of the servers: a request may come with one or, behind a proxy, without."""
    for server in content.get("servers", ()):
        path = urlsplit(str(server.get("url", ""))).path
        if "{" not in path:
            yield path.rstrip("/")
