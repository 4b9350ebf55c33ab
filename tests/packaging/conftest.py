"""Wheels of our own, so that nothing is downloaded."""

import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from bulwark_toolkit.packaging import Target

ARM = Target((3, 13), "arm64")
INTEL = Target((3, 11), "x86_64")


@dataclass
class Index:
    """A folder in which pip finds wheels, and how a lock names them."""

    folder: Path

    def add(self, name, version="1.0", *, tags="py3-none-any", files=None, needs=(), marker=""):
        """Make a wheel, and return its line in a lock."""
        stem = f"{name.replace('-', '_')}-{version}"
        about = [f"Name: {name}", f"Version: {version}", "Metadata-Version: 2.4"]
        about += ["License-Expression: MIT", *(f"Requires-Dist: {need}" for need in needs)]
        wheel = self.folder / f"{stem}-{tags}.whl"
        every = {
            **(files or {f"{name.replace('-', '_')}.py": "x = 1\n"}),
            f"{stem}.dist-info/METADATA": "\n".join(about) + "\n",
            f"{stem}.dist-info/WHEEL": f"Wheel-Version: 1.0\nTag: {tags}\n",
            f"{stem}.dist-info/RECORD": "",
        }
        with zipfile.ZipFile(wheel, "w") as file:
            for path, content in every.items():
                file.writestr(zipfile.ZipInfo(path), content)  # dated 1980, so that it is the same
        which = f"{name}=={version}" + (f" ; {marker}" if marker else "")
        return f"{which} --hash=sha256:{sha256(wheel)}"


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def index(tmp_path, monkeypatch):
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return Index(folder)


@pytest.fixture
def project(tmp_path):
    """A project with a function of its own, payouts."""
    root = tmp_path / "project"
    code = root / "payouts"
    code.mkdir(parents=True)
    (root / "Pulumi.yaml").write_text("name: it\nruntime: python\n")
    (code / "main.py").write_text("def handler(event, context):\n    return event\n")
    return root
