"""The locks of our own jobs, which come with bulwark-runtime."""

import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bulwark_toolkit.packaging import Target
from bulwark_toolkit.packaging.lock import read
from pulumi_bulwark.function import Package
from pulumi_bulwark.function.code import jobs

ROOT = Path(__file__).parents[2]
EXTRAS = tomllib.loads((ROOT / "runtime" / "pyproject.toml").read_text())["project"][
    "optional-dependencies"
]
TARGETS = [
    Target((minor[0], minor[1]), architecture, cloud)
    for minor in [(3, 11), (3, 12), (3, 13), (3, 14)]
    for cloud, architecture in (("aws", "arm64"), ("aws", "x86_64"), ("azure", "x86_64"))
]
BUILDS = [(job, target) for target in TARGETS for job in jobs(target.cloud)]


def extra_of(job, cloud):
    return job if cloud == "aws" else f"{job}-{cloud}"


def test_every_job_has_a_lock_and_every_lock_a_job():
    of_clouds = [extra_of(job, cloud) for cloud in ("aws", "azure") for job in jobs(cloud)]
    assert sorted(of_clouds) == sorted(EXTRAS)
    assert [job for job, _ in BUILDS if not Package(job).exists(ROOT)] == []


@pytest.mark.parametrize(
    ("job", "target"),
    BUILDS,
    ids=[f"{job}-{t.cloud}-{t.runtime}-{t.architecture}" for job, t in BUILDS],
)
def test_the_lock_has_what_the_job_asks_for_on_every_machine(job, target):
    """`make lock` renews it."""
    lock = Package(job).requirements(ROOT, target.cloud)
    pins = {pin.name: pin.version for pin in read(lock, job, target)}
    extra = EXTRAS[extra_of(job, target.cloud)]
    asked = [r for r in map(Requirement, extra) if _applies(r, target)]

    assert {canonicalize_name(r.name) for r in asked} - pins.keys() == set()
    assert [str(r) for r in asked if pins[canonicalize_name(r.name)] not in r.specifier] == []


def _applies(requirement, target):
    return requirement.marker is None or requirement.marker.evaluate(target.markers)


def test_the_locks_are_in_what_a_wheel_of_the_runtime_installs():
    built = tomllib.loads((ROOT / "runtime" / "pyproject.toml").read_text())

    assert built["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == ["bulwark_runtime"]
    assert (ROOT / "runtime" / "bulwark_runtime" / "requirements").is_dir()


@pytest.mark.parametrize(
    ("job", "cloud"), [(job, cloud) for cloud in ("aws", "azure") for job in jobs(cloud)]
)
def test_a_package_has_the_code_of_its_job_and_of_no_other_and_of_its_cloud(job, cloud):
    own, other = f"bulwark_runtime/{job.replace('-', '_')}/", {"aws": "azure", "azure": "aws"}
    paths = [path for path, _ in Package(job).files(ROOT, cloud)]
    beside = ["bulwark_runtime/__init__.py"]
    if cloud == "azure":
        beside = ["function_app.py", "host.json", *beside]

    assert any(path.startswith(own) for path in paths)
    assert [p for p in paths if not p.startswith(own)] == beside
    assert not any(p.rpartition("/")[2].startswith(other[cloud]) for p in paths)
