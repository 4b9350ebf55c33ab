"""A sample of each event that playbooks know, in the shape that AWS documents: what `fire` uses.

A file's name is the source of the event and what it is about. The values are made up.
"""

import json
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import Any

from .. import events
from ..incident import Incident, Kind
from ..playbook import Playbook


@cache
def all_() -> dict[str, dict[str, Any]]:
    """The events, by name."""
    files = (each for each in resources.files(__name__).iterdir() if each.name.endswith(".json"))
    found = {each.name.removesuffix(".json"): json.loads(each.read_text()) for each in files}
    return dict(sorted(found.items()))


def incident(playbook: Playbook, takes: Kind | None) -> Incident:
    """One that the playbook is for: of its source, and with what its action is done to."""
    known = [each for event in all_().values() for each in events.read(event)]
    of_source = [each for each in known if each.source == playbook.source]
    fitting = [each for each in of_source if takes is None or each.of_kind(takes)]
    return replace((fitting or of_source)[0], types=playbook.types[:1], severity="critical")
