"""Answers to what a program looks up: in its cloud, or in another stack.

Nothing is looked up here. The project's own answers file comes first; a few look-ups have an answer
that does not depend on the account, or a well-formed placeholder; any other stops the preview and
says what to write into the file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from bulwark_toolkit.preview.errors import UsageError
from bulwark_toolkit.preview.placeholders import Place
from bulwark_toolkit.preview.values import Secret, Value

from .built_in import built_in
from .file import FILE, Answer, read

__all__ = ["FILE", "Lookups", "UnansweredLookupError"]


class UnansweredLookupError(UsageError):
    """A look-up to which there is no answer offline."""


@dataclass(frozen=True, kw_only=True)
class Lookups:
    place: Place
    file: str = FILE
    """Where the person who reads an error can add an answer."""
    answers: Mapping[str, tuple[Answer, ...]] = field(default_factory=dict)
    stacks: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)

    @classmethod
    def load(cls, place: Place, file: Path | None = None) -> "Lookups":
        """With the answers of `file`; a UsageError says all that is wrong in it."""
        if file is None:
            return cls(place=place)
        answers, stacks = read(file)
        return cls(place=place, file=file.name, answers=answers, stacks=stacks)

    def answer(self, token: str, args: Mapping[str, Value]) -> dict[str, Value]:
        """What the function `token` returns, by wire name."""
        plain = _plain(args)
        for answer in self.answers.get(token, ()):
            if answer.fits(plain):
                return dict(answer.returns)
        found = built_in(token, plain, self.place)
        if found is None:
            raise UnansweredLookupError(self._unanswered(token, plain))
        return found

    def stack_outputs(self, name: str) -> dict[str, Value]:
        """The outputs of another stack, by the name that the program gives to StackReference."""
        if name not in self.stacks:
            example = {"stacks": {name: {"output": "value"}}}
            raise UnansweredLookupError(
                f"the outputs of the stack {name} are not known offline.\n"
                f"{self._add(example)}"
                "with the outputs that the program reads; {secret: value} for a secret one."
            )
        return dict(self.stacks[name])

    def _unanswered(self, token: str, args: Mapping[str, Value]) -> str:
        # Names only: a value may be a secret in the wrong place.
        given = f"with {', '.join(sorted(args))}" if args else "without arguments"
        tried = f", and none of its answers in {self.file} fits" if token in self.answers else ""
        example = {"lookups": {token: {"returns": {"property": "value"}}}}
        return (
            f"{token}, called {given}, cannot be looked up offline{tried}.\n"
            f"{self._add(example)}"
            "with the properties of the result that the program reads, in camelCase.\n"
            "Several answers are a list of {when: {argument: value}, returns: …}: the first that "
            "fits is taken."
        )

    def _add(self, example: object) -> str:
        text = yaml.safe_dump(example, sort_keys=False)
        indented = "".join(f"  {line}\n" for line in text.splitlines())
        return f"Add to {self.file}:\n\n{indented}\n"


def _plain(value: Value) -> Value:
    """The same with its secrets open: the SDK makes secret what was made of a secret."""
    match value:
        case Secret():
            return _plain(value.value)
        case Mapping():
            return {key: _plain(item) for key, item in value.items()}
        case list():
            return [_plain(item) for item in value]
    return value
