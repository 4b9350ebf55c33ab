"""The answers file: what a project's look-ups return in a preview.

lookups:
  aws:ec2/getVpc:getVpc:                # one answer, whatever the arguments
    returns: {id: vpc-1, cidrBlock: 10.0.0.0/16}
  aws:ssm/getParameter:getParameter:    # the first whose `when` is among the arguments
    - when: {name: /payments/limit}
      returns: {value: "100"}
    - returns: {value: {secret: x}}     # a secret property
stacks:
  org/network/prod: {vpcId: vpc-123, token: {secret: x}}
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

from bulwark_toolkit.preview import yaml_file
from bulwark_toolkit.preview.errors import UsageError
from bulwark_toolkit.preview.values import Secret, Value

FILE: Final = "bulwark.lookups.yaml"
"""The file's usual name, in the project's folder."""

_COLONS: Final = 2
"""In a token: package, module, function."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    returns: Mapping[str, Value]
    when: Mapping[str, Value] = field(default_factory=dict)

    def fits(self, args: Mapping[str, Value]) -> bool:
        return all(key in args and args[key] == value for key, value in self.when.items())


Answers: TypeAlias = dict[str, tuple[Answer, ...]]
Stacks: TypeAlias = dict[str, Mapping[str, Value]]


def read(path: Path) -> tuple[Answers, Stacks]:
    """The answers by token, and the outputs by stack."""
    content = yaml_file.read(path)
    content = {} if content is None else content
    problems = list(_problems(content))
    if problems:
        lines = "\n".join(f"  {problem}" for problem in problems)
        raise UsageError(f"{path.name}:\n{lines}")
    answers = {
        token: tuple(_answer(each) for each in _listed(given))
        for token, given in (content.get("lookups") or {}).items()
    }
    stacks = content.get("stacks") or {}
    return answers, {name: _opened(outputs) for name, outputs in stacks.items()}


def _listed(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [given]


def _answer(given: Mapping[str, Any]) -> Answer:
    return Answer(returns=_opened(given["returns"]), when=given.get("when") or {})


def _opened(properties: Mapping[str, Any]) -> dict[str, Value]:
    return {
        key: Secret(value["secret"]) if _is_secret(value) else value
        for key, value in properties.items()
    }


def _is_secret(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {"secret"}


# What can be wrong with it.


def _problems(content: Any) -> Iterator[str]:
    if not isinstance(content, dict):
        yield f"must be a mapping with lookups and stacks; is {_kind(content)}"
        return
    sections = {"lookups": _lookup_problems, "stacks": _object_problems}
    yield from _unknown_keys("", content, sections)
    for section, problems in sections.items():
        members = {} if content.get(section) is None else content[section]
        if not isinstance(members, dict):
            yield f"{section}: must be a mapping; is {_kind(members)}"
            continue
        for key, given in members.items():
            if isinstance(key, str):
                yield from problems(f"{section}.{key}", given)
            else:
                yield f"{section}.{key}: the name is {_kind(key)}; put it in quotes"


def _lookup_problems(path: str, given: Any) -> Iterator[str]:
    if path.count(":") != _COLONS:
        yield f"{path}: must be named by a token such as aws:ec2/getVpc:getVpc"
    for number, answer in enumerate(_listed(given)):
        yield from _answer_problems(
            f"{path}[{number}]" if isinstance(given, list) else path, answer
        )


def _answer_problems(path: str, answer: Any) -> Iterator[str]:
    if not isinstance(answer, dict):
        yield f"{path}: must be a mapping with returns; is {_kind(answer)}"
        return
    yield from _unknown_keys(f"{path}.", answer, ("returns", "when"))
    if "returns" not in answer:
        yield f"{path}.returns: missing"
    else:
        yield from _object_problems(f"{path}.returns", answer["returns"])
    if answer.get("when") is not None:
        yield from _object_problems(f"{path}.when", answer["when"])


def _unknown_keys(path: str, given: Mapping[Any, Any], known: Iterable[str]) -> Iterator[str]:
    for key in given:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, n=1)
            yield f"{path}{key}: unknown{f'; did you mean {near[0]}?' if near else ''}"


def _object_problems(path: str, value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from _value_problems(path, value)
    else:
        yield f"{path}: must be a mapping of properties; is {_kind(value)}"


def _value_problems(path: str, value: Any) -> Iterator[str]:
    """What Pulumi's properties cannot hold."""
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                yield f"{path}.{key}: the name is {_kind(key)}; put it in quotes"
            yield from _value_problems(f"{path}.{key}", item)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _value_problems(f"{path}[{number}]", item)
    elif not isinstance(value, (str, int, float, bool, type(None))):
        yield f"{path}: is {_kind(value)}; put it in quotes"


_KINDS: Final = {
    bool: "a truth value",
    dict: "a mapping",
    float: "a number",
    int: "a number",
    list: "a list",
    str: "text",
    type(None): "nothing",
}


def _kind(value: Any) -> str:
    return _KINDS.get(type(value), f"a {type(value).__name__}")
