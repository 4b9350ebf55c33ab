"""Which Python runs a program, and with which environment."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf.json_format import MessageToDict


class UnusableError(Exception):
    """What Pulumi.yaml asks for is not there; the text tells the user what to do."""


@dataclass(frozen=True)
class PythonEnvironment:
    python: str
    variables: Mapping[str, str]

    @classmethod
    def of(cls, info: Any) -> "PythonEnvironment":
        """The one that `runtime.options.virtualenv` of a Pulumi.yaml or PulumiPlugin.yaml names.

        Without that option it is our own, which has the Pulumi SDK.
        """
        options = MessageToDict(info.options)
        toolchain = options.get("toolchain", "pip")
        if toolchain != "pip":
            raise UnusableError(
                f"Pulumi.yaml: runtime.options.toolchain is {toolchain}: the language host that "
                "stands in here knows only pip; install the Pulumi CLI to use others."
            )
        folder = options.get("virtualenv")
        if not folder:
            return cls(sys.executable, os.environ)
        return cls._in(Path(info.root_directory, folder), folder)

    @classmethod
    def _in(cls, venv: Path, named: str) -> "PythonEnvironment":
        python = venv / "bin" / "python"
        if not python.is_file():
            raise UnusableError(
                f"Pulumi.yaml: runtime.options.virtualenv is {named}: {python} is not there; "
                f"create it: python3 -m venv {venv} && "
                f"{python} -m pip install -r requirements.txt"
            )
        return cls(str(python), _activated(venv))


def _activated(venv: Path) -> Mapping[str, str]:
    """What `activate` does to the environment, for what the program itself starts."""
    inherited = {key: value for key, value in os.environ.items() if key != "PYTHONHOME"}
    path = os.pathsep.join([str(venv / "bin"), inherited.get("PATH", os.defpath)])
    return {**inherited, "PATH": path, "VIRTUAL_ENV": str(venv)}
