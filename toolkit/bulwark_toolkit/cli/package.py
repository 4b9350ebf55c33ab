import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from pulumi_bulwark.clouds import Cloud
from pulumi_bulwark.function import FunctionSpec, Package
from pulumi_bulwark.function.code import LARGEST, jobs
from pulumi_bulwark.function.spec import END_OF_SUPPORT_ON_AZURE, Architecture, Runtime

from ..preview import UsageError
from . import common

if TYPE_CHECKING:
    from ..packaging import Built

_USUAL = FunctionSpec()
_PYTHONS = [
    runtime.removeprefix("python") for runtime in get_args(Runtime) if runtime.startswith("python")
]
_RUNS: Mapping[Cloud, str] = {"aws": "Lambda", "azure": "Azure Functions"}
_MEGABYTE = 1024 * 1024
_EXIT_TOO_LARGE = 1


@click.command(
    epilog="Example: bulwark package input-guard functions/payouts --architecture x86_64"
)
@click.argument("what", nargs=-1, metavar="[JOB|FOLDER]...")
@common.directory
@common.format_("table", "json")
@common.output
@click.option(
    "--cloud",
    type=click.Choice(get_args(Cloud)),
    default="aws",
    show_default=True,
    help="Who runs the functions.",
)
@click.option(
    "--architecture",
    type=click.Choice(get_args(Architecture)),
    help=f"The processor of the functions: {_USUAL.architecture}, and on Azure x86_64 alone.",
)
@click.option(
    "--python",
    "version",
    type=click.Choice(_PYTHONS),
    default=_USUAL.runtime.removeprefix("python"),
    show_default=True,
    help="The Python of the functions.",
)
def package(
    *,
    what: tuple[str, ...],
    directory: Path,
    format_: str,
    output: Path | None,
    cloud: Cloud,
    architecture: Architecture | None,
    version: str,
) -> None:
    """Make the zips that functions run, the same bytes on every machine.

    A JOB is one of bulwark-runtime's; without any, all of them are packaged. A FOLDER is one of
    yours, with the code and a requirements.txt with hashes. The zips, and what is in them as
    CycloneDX, go to build/functions; wheels are kept in build/wheels.
    """
    try:
        from ..packaging import Target, build
    except ModuleNotFoundError as error:
        raise UsageError(
            f"packaging needs {error.name}: pip install 'pulumi-bulwark[package]'"
        ) from error
    root = _root(directory)
    target = Target(_python(version, cloud), _architecture(architecture, cloud), cloud)
    built = [
        build(_package(name, root, cloud), target, root, _progress) for name in what or jobs(cloud)
    ]
    common.write(_as_json(built, root) if format_ == "json" else _as_table(built, root), output)
    if not all(made.fits for made in built):
        sys.exit(_EXIT_TOO_LARGE)


def _root(directory: Path) -> Path:
    """The folder of the project that `directory` is in, where the engine will look for the zips."""
    here = directory.resolve()
    return next((f for f in (here, *here.parents) if (f / "Pulumi.yaml").is_file()), here)


def _architecture(asked: Architecture | None, cloud: Cloud) -> Architecture:
    if cloud == "azure" and asked == "arm64":
        raise UsageError("functions of Azure run on x86_64 alone: leave --architecture out")
    return asked or ("x86_64" if cloud == "azure" else _USUAL.architecture)


def _python(version: str, cloud: Cloud) -> tuple[int, int]:
    if cloud == "azure" and f"python{version}" not in END_OF_SUPPORT_ON_AZURE:
        known = ", ".join(name.removeprefix("python") for name in END_OF_SUPPORT_ON_AZURE)
        raise UsageError(f"Azure Functions does not have Python {version}: take one of {known}")
    major, _, minor = version.partition(".")
    return int(major), int(minor)


def _package(name: str, root: Path, cloud: Cloud) -> Package:
    if name in jobs(cloud):
        return Package(name)
    folder = Path(os.path.normpath(name))
    if (root / folder).is_dir() and not folder.is_absolute() and ".." not in folder.parts:
        return Package(folder.name, folder=folder.as_posix())
    raise UsageError(
        f"there is neither a job nor a folder {name}. Jobs: {', '.join(jobs(cloud))}. A folder is "
        "named as seen from the project's."
    )


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        click.echo(f"{text} …", err=True)


def _as_table(built: "list[Built]", root: Path) -> str:
    return "".join(
        f"{made.path.relative_to(root)}\n"
        f"  zip       {_of(made.zip_bytes, LARGEST[made.cloud][0], made.cloud)}\n"
        f"  unpacked  {_of(made.unpacked_bytes, LARGEST[made.cloud][1], made.cloud)}\n"
        f"  sha256    {made.sha256}\n"
        f"  contains  {', '.join(made.packages) or 'its own code only'}\n"
        for made in built
    )


def _of(size: int, limit: int, cloud: Cloud) -> str:
    text = f"{size / _MEGABYTE:.2f} of {limit // _MEGABYTE} MB"
    return text if size <= limit else f"{text}: too large for {_RUNS[cloud]}"


def _as_json(built: "list[Built]", root: Path) -> str:
    found = [
        asdict(made)
        | {"path": made.path.relative_to(root).as_posix()}
        | {"sbom": made.sbom.relative_to(root).as_posix(), "fits": made.fits}
        for made in built
    ]
    return json.dumps(found, indent=2) + "\n"
