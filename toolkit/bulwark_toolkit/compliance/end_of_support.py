"""Until when a cloud mends what: data, as it comes with a day and not with a release of ours."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib import resources
from typing import Final, Literal

import yaml

Of = Literal["lambda", "kubernetes", "azure-functions"]

_FILE: Final = "end_of_support.yaml"
_LOADER: Final = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


def last_day(of: Of, version: str) -> date | None:
    """The last day of support; None where it is not known to end."""
    return days()[of].get(version)


@cache
def days() -> Mapping[str, Mapping[str, date]]:
    """Every day of the file, by what it is of and by version."""
    text = (resources.files("bulwark_toolkit.compliance") / _FILE).read_text(encoding="utf-8")
    return yaml.load(text, Loader=_LOADER)  # noqa: S506 a safe one
