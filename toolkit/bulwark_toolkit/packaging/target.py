"""The machine a package is for. It need not be like the one that packs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from packaging.tags import Tag, compatible_tags, cpython_tags

from pulumi_bulwark.clouds import Cloud
from pulumi_bulwark.function.spec import Architecture

_GLIBC: Mapping[Cloud, int] = {"aws": 34, "azure": 31}
"""Lambda's Python runtimes from 3.12 on are Amazon Linux 2023, which has glibc 2.34; the oldest
image of Azure Functions is Debian 11, with 2.31."""

_OLDEST_GLIBC = 17
"""The oldest that wheels of supported Pythons are built for."""

_MACHINES: Mapping[Architecture, str] = {"arm64": "aarch64", "x86_64": "x86_64"}


@dataclass(frozen=True)
class Target:
    python: tuple[int, int]
    """Minor version, such as (3, 13)."""
    architecture: Architecture
    cloud: Cloud = "aws"

    @property
    def runtime(self) -> str:
        return f"python{self.version}"

    @property
    def version(self) -> str:
        return ".".join(map(str, self.python))

    @cached_property
    def platforms(self) -> tuple[str, ...]:
        """What a wheel may be built for, the newest first, as pip and wheel names spell it."""
        machine = _MACHINES[self.architecture]
        newest_first = range(_GLIBC[self.cloud], _OLDEST_GLIBC - 1, -1)
        named = (f"manylinux_2_{minor}_{machine}" for minor in newest_first)
        return *named, f"manylinux2014_{machine}"

    @cached_property
    def ranks(self) -> Mapping[Tag, int]:
        """How well a wheel with a tag fits: the lower, the better."""
        platforms = self.platforms
        interpreter = f"cp{self.python[0]}{self.python[1]}"
        tags = chain(
            cpython_tags(self.python, platforms=platforms),
            compatible_tags(self.python, interpreter, platforms),
        )
        return {tag: rank for rank, tag in reversed(list(enumerate(tags)))}

    @property
    def markers(self) -> dict[str, str]:
        """What a requirement's markers are asked about."""
        return {
            "implementation_name": "cpython",
            "implementation_version": f"{self.version}.0",
            "os_name": "posix",
            "platform_machine": _MACHINES[self.architecture],
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": "Linux",
            "platform_version": "",
            "python_full_version": f"{self.version}.0",
            "python_version": self.version,
            "sys_platform": "linux",
        }

    def pip_options(self) -> Iterator[str]:
        """What tells pip to look for this machine's wheels and not its own."""
        yield from ("--implementation", "cp", "--python-version", self.version)
        for abi in (f"cp{self.python[0]}{self.python[1]}", "abi3", "none"):
            yield from ("--abi", abi)
        for platform in self.platforms:
            yield from ("--platform", platform)
