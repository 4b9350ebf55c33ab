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
    Target((minor[0], minor[1]), architecture)
    for minor in [(3, 11), (3, 12), (3, 13), (3, 14)]
    for architecture in ("arm64", "x86_64")
]


def test_every_job_has_a_lock_and_every_lock_a_job():
    of_azure = [f"{job}-azure" for job in jobs("azure")]
    assert sorted([*jobs(), *of_azure]) == sorted(EXTRAS)
    assert [job for job in [*jobs(), *jobs("azure")] if not Package(job).exists(ROOT)] == []


@pytest.mark.parametrize("target", TARGETS, ids=lambda t: f"{t.runtime}-{t.architecture}")
@pytest.mark.parametrize("job", jobs())
def test_the_lock_has_what_the_job_asks_for_on_every_machine(job, target):
    """`make lock` renews it."""
    assert lacking(Package(job).requirements(ROOT), job, target) == []


@pytest.mark.parametrize("python", [(3, 12), (3, 13)])
def test_the_lock_has_what_the_job_asks_for_on_azure(python):
    target = Target(python, "x86_64", "azure")
    locks = {job: Package(job).requirements(ROOT, "azure") for job in jobs("azure")}

    assert {job: found for job in locks if (found := lacking(locks[job], job, target))} == {}


def lacking(lock, job, target):
    """What an extra asks for and its lock does not have."""
    pins = {pin.name: pin.version for pin in read(lock, job, target)}
    extra = job if target.cloud == "aws" else f"{job}-{target.cloud}"
    asked = [r for r in map(Requirement, EXTRAS[extra]) if _applies(r, target)]
    return [
        str(r)
        for r in asked
        if (name := canonicalize_name(r.name)) not in pins or pins[name] not in r.specifier
    ]


def _applies(requirement, target):
    return requirement.marker is None or requirement.marker.evaluate(target.markers)


def test_the_locks_are_in_what_a_wheel_of_the_runtime_installs():
    built = tomllib.loads((ROOT / "runtime" / "pyproject.toml").read_text())

    assert built["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == ["bulwark_runtime"]
    assert (ROOT / "runtime" / "bulwark_runtime" / "requirements").is_dir()


@pytest.mark.parametrize("cloud", ["aws", "azure"])
@pytest.mark.parametrize("job", jobs())
def test_a_package_has_the_code_of_its_job_and_of_no_other(job, cloud):
    own = f"bulwark_runtime/{job.replace('-', '_')}/"
    of_cloud = ["function_app.py", "host.json"] if cloud == "azure" else []
    paths = [path for path, _ in Package(job).files(ROOT, cloud)]

    assert any(path.startswith(own) for path in paths)
    beside = [path for path in paths if not path.startswith(own)]
    assert sorted(beside) == sorted(["bulwark_runtime/__init__.py", *of_cloud])


@pytest.mark.parametrize(("cloud", "other"), [("aws", "azure"), ("azure", "aws")])
def test_a_package_has_nothing_that_speaks_to_another_cloud(cloud, other):
    paths = [path for job in jobs() for path, _ in Package(job).files(ROOT, cloud)]

    assert [p for p in paths if p.rpartition("/")[2].startswith((f"{other}.", f"{other}_"))] == []
