"""The cloud behind the provider stand-ins: a journal of what was asked of it, one JSON line a call.

A test reads it to see which calls came, in which order and with which inputs (secrets are masked),
and writes to it what happens in a cloud behind Pulumi's back:

  {"call": "vanish", "type": TYPE, "id": ID}          somebody has deleted the resource
  {"call": "drift", …, "properties": {NAME: VALUE}}   somebody has changed it

`tag` is an update of tags alone, where the provider has a call for them
"""

import json
import os
from pathlib import Path
from typing import Any

from bulwark_toolkit.preview.wire import masked, to_json

# The calls after which a resource is not there.
_GONE = ("delete", "vanish")

# The calls that leave a resource as it is, but for its tags.
_ASIDE = ("read", "tag")


class Cloud:
    def __init__(self, journal: Path) -> None:
        self._journal = journal

    def record(self, call: str, **details: Any) -> None:
        line = json.dumps({"call": call, **to_json(masked(details))}) + "\n"
        # Providers are processes that run side by side: one write keeps the lines whole.
        journal = os.open(self._journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(journal, line.encode())
        finally:
            os.close(journal)

    def times_created(self, urn: str) -> int:
        return sum(e["call"] == "create" and e["urn"] == urn for e in self._entries())

    def has(self, type_: str, identifier: str) -> bool:
        """Whether it is there. What the journal does not know is older, as look-ups expect."""
        happened = [e["call"] for e in self._history(type_, identifier)]
        return not happened or happened[-1] not in _GONE

    def lock_token(self, type_: str, identifier: str) -> str:
        """What the last change of a resource gave to whoever wants to change it next."""
        return f"token-{len(self._history(type_, identifier))}"

    def drift(self, type_: str, identifier: str) -> dict[str, Any]:
        """The properties that somebody has changed since Pulumi last did."""
        changed: dict[str, Any] = {}
        for entry in self._history(type_, identifier):
            changed = changed | entry["properties"] if entry["call"] == "drift" else {}
        return changed

    def found(self, type_: str, identifier: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Inputs and outputs of a resource that Pulumi meets for the first time."""
        for entry in reversed(self._history(type_, identifier)):
            if entry["call"] == "create":
                return entry["inputs"], entry["outputs"]
        return {}, {}

    def _history(self, type_: str, identifier: str) -> list[dict[str, Any]]:
        """An id alone is not enough: the replica of a KMS key has the id of the key."""
        resource = {"type": type_, "id": identifier}
        found = [e for e in self._entries() if resource.items() <= e.items()]
        return [e for e in found if e["call"] not in _ASIDE]

    def _entries(self) -> list[dict[str, Any]]:
        text = self._journal.read_text() if self._journal.exists() else ""
        # The last line may be one that another provider is writing.
        *lines, _ = text.split("\n")
        return [json.loads(line) for line in lines]
