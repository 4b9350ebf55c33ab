"""Folders of Go modules, which the machine's own Go has fetched by `make` or fetches now."""

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path

_TOOL = Path(__file__).parents[2] / "tools" / "guard-corpora"


@cache
def module(path: str) -> Path | None:
    """Where a module pinned in tools/guard-corpora/go.mod is; None without Go or a network."""
    go = shutil.which("go")
    if go is None:
        return None
    run = subprocess.run(
        [go, "mod", "download", "-json", path],
        cwd=_TOOL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return Path(json.loads(run.stdout)["Dir"]) if run.returncode == 0 else None
