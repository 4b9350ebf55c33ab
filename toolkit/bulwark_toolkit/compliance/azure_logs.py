"""What resources of Azure log, and where to."""

from collections.abc import Collection, Iterator
from typing import Final

from .rule import Verdict
from .subject import Subject

SETTING: Final = "azure-native:monitor:DiagnosticSetting"


def categories(setting: Subject) -> set[str]:
    """The categories, and groups of them, that are on in a diagnostic setting."""
    return {
        name
        for line in setting.each("logs")
        if setting.get(f"{line}.enabled", False) is True
        for key in ("category", "categoryGroup")
        if (name := setting.get(f"{line}.{key}"))
    }


def is_logged(resource: Subject, one_of: Collection[str]) -> Iterator[Verdict]:
    """Whether a setting of the resource, or of a service of it, logs one of these."""
    for setting in resource.attached(SETTING, "resourceUri"):
        if found := sorted(categories(setting) & set(one_of)):
            yield Verdict(True, "logs", ", ".join(found), urn=setting.urn)
            return
    yield Verdict(False, "logs", text=f"no diagnostic setting logs {' or '.join(sorted(one_of))}")
