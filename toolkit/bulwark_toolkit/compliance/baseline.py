"""What failed when a stack was first looked at: it fails only on what is new."""

import json
from pathlib import Path

from bulwark_toolkit.preview.errors import UsageError

from .verdicts import Key, Verdicts, key

FORMAT = "bulwark.baseline/1"


def read(file: Path) -> frozenset[Key]:
    """The findings that are accepted. Raises a UsageError if the file is none of ours."""
    try:
        document = json.loads(file.read_text("utf-8"))
        if document["format"] != FORMAT:
            raise UsageError(f"{file}: its format is not {FORMAT}")
        return frozenset((f["rule"], f["urn"], f["property"]) for f in document["findings"])
    except OSError as error:
        raise UsageError(
            f"{file}: cannot be read: {error.strerror}; --write-baseline makes it"
        ) from None
    except (ValueError, KeyError, TypeError):
        raise UsageError(f"{file}: is no baseline; --write-baseline makes one") from None


def written(verdicts: Verdicts) -> str:
    """The text of a baseline with all that fails now, and what it says of other stacks."""
    ours = f"urn:pulumi:{verdicts.graph.stack}::"
    others = {k for k in verdicts.accepted if not k[1].startswith(ours)}
    failing = {key(finding) for finding in (*verdicts.failed, *verdicts.old)}
    names = ("rule", "urn", "property")
    findings = [dict(zip(names, k, strict=True)) for k in sorted(others | failing)]
    return json.dumps({"format": FORMAT, "findings": findings}, indent=1) + "\n"
