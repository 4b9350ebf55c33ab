"""Runs the real Pulumi CLI over stand-in providers, each project in a folder of its own."""

import fcntl
import functools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bulwark_toolkit.packaging import Target, build
from pulumi_bulwark.function import FunctionSpec, Package
from pulumi_bulwark.function.code import FOLDER, jobs

REPOSITORY = Path(__file__).resolve().parents[2]
ENGINE = REPOSITORY / "build" / "engine"
NOTHING_TO_BUILD_WITH = 2

# It only says when to stop waiting for what never comes.
PATIENCE_SECONDS = 300


@dataclass(frozen=True)
class Sample:
    """A program to try the engine on."""

    name: str
    files: tuple[str, ...]
    """Its files and folders, as patterns below the repository."""
    protected: str
    """The resource that `protection` protects."""
    protection: str
    """The config path of a boolean."""
    edited: str
    """A resource that `edit` changes."""
    edit: tuple[str, object]
    """A config path and another value than it has."""
    interrupted: str
    """A resource with others before it and others after it."""
    lost: str
    """A resource that no other needs."""
    secrets: tuple[str, ...] = ()
    """Config keys that need a secret value."""

    def __str__(self) -> str:
        return self.name


SAMPLES = [
    Sample(
        name="ledger",
        files=("tests/e2e/programs/ledger/*",),
        protected="ledger-key",
        protection="ledger:protect",
        edited="ledger-key",
        edit=("ledger:description", "another"),
        interrupted="ledger-password",
        lost="ledger-alias",
        secrets=("ledger:password",),
    ),
    Sample(
        name="bulwark",
        files=("__main__.py", "Pulumi.yaml", "Pulumi.*.yaml", "openapi"),
        protected="dev-keys-data",
        protection="bulwark:protection.deletion",
        edited="dev-keys-data",
        edit=("bulwark:keys.rotationDays", 180),
        interrupted="dev-keys-logs",
        lost="dev-keys-data-alias",
    ),
]


PLANTED = "pLaNtEd-sEcReT-5d41"


@dataclass(frozen=True)
class Outcome:
    """What a run of the CLI came to."""

    status: int
    text: str = field(repr=False)
    """Standard output and standard error, as a user sees them."""

    @property
    def events(self) -> list[dict]:
        """What the engine reported, of a run with --json."""
        return [json.loads(line) for line in self.text.splitlines() if line.startswith("{")]

    @property
    def changes(self) -> dict[str, int]:
        """How many resources there are of each kind of change, without those left as they are."""
        *_, summary = [e["summaryEvent"] for e in self.events if "summaryEvent" in e]
        return {kind: n for kind, n in summary["resourceChanges"].items() if kind != "same"}

    @property
    def errors(self) -> str:
        said = [e["diagnosticEvent"] for e in self.events if "diagnosticEvent" in e]
        return "".join(d["message"] for d in said if d["severity"] == "error")


@dataclass(frozen=True)
class Project:
    """A Pulumi project with one stack, `dev`, whose state and cloud are files in its folder."""

    folder: Path
    home: Path
    sample: Sample | None = None

    @classmethod
    def create(cls, folder: Path, files: list[Path], sample: Sample | None = None) -> "Project":
        project = cls(folder / "project", folder / "home", sample)
        for made in (project.folder, project.home, project.state_folder):
            made.mkdir(parents=True)
        for file in files:
            if file.is_dir():
                shutil.copytree(file, project.folder / file.name, symlinks=True)
            else:
                shutil.copy(file, project.folder)
        if REPOSITORY / "__main__.py" in files:
            # As `bulwark package` leaves it: the engine deploys no function without its code.
            shutil.copytree(_packages(), project.folder / FOLDER)
        (project.folder / ".venv").symlink_to(REPOSITORY / ".venv")
        project.pulumi("stack", "init", "dev")
        return project

    def copy(self, folder: Path) -> "Project":
        """The same project, with its state and its cloud, to do something else with."""
        shutil.copytree(self.folder.parent, folder, symlinks=True, dirs_exist_ok=True)
        return Project(folder / "project", folder / "home", self.sample)

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["pulumi", *arguments, "--non-interactive"],
            cwd=self.folder,
            env={**self.environment, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def pulumi(self, *arguments: str, fails: bool = False, **variables: str) -> Outcome:
        with self.start(*arguments, **variables) as process:
            text, _ = process.communicate(timeout=PATIENCE_SECONDS)
        outcome = Outcome(process.returncode, text)
        assert (outcome.status != 0) == fails, outcome.errors or text
        return outcome

    def up(self, *, fails: bool = False, **variables: str) -> Outcome:
        return self.pulumi("up", *_AT_ONCE, fails=fails, **variables)

    def refresh(self, *flags: str) -> Outcome:
        return self.pulumi("refresh", *_AT_ONCE, *flags)

    def destroy(self, *, fails: bool = False) -> Outcome:
        return self.pulumi("destroy", *_AT_ONCE, fails=fails)

    def set(self, path: str, value: object, *flags: str) -> None:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        self.pulumi("config", "set", "--path", path, text, *flags)

    def protect(self, on: bool) -> None:  # noqa: FBT001 reads as a sentence
        assert self.sample
        self.set(self.sample.protection, on)

    def preview(self, *flags: str) -> dict[str, dict]:
        """The resources that the engine would create, by URN, as it would store them."""
        plan = json.loads(self.pulumi("preview", "--json", *flags).text)
        return {step["urn"]: step["newState"] for step in plan["steps"]}

    def preview_text(self, *, fails: bool = False) -> Outcome:
        """A preview as a user sees it."""
        return self.pulumi("preview", fails=fails)

    def state(self) -> dict:
        return json.loads(self.pulumi("stack", "export").text)["deployment"]

    def resources(self) -> dict[str, dict]:
        """What the state has, by logical name, without the stack and the providers."""
        return {
            _name(resource["urn"]): resource
            for resource in self.state().get("resources", [])
            if not resource["type"].startswith("pulumi:")
        }

    def outputs(self) -> dict:
        return json.loads(self.pulumi("stack", "output", "--json").text)

    def cloud(self, *calls: str) -> list[dict]:
        """What was asked of the providers, in order; see engine/cloud.py."""
        text = self.journal.read_text() if self.journal.exists() else ""
        # The last line may be one that is being written.
        *lines, _ = text.split("\n")
        return [entry for entry in map(json.loads, lines) if entry["call"] in calls]

    def meddle(self, call: str, name: str, **details: object) -> None:
        """Something happens to a resource behind Pulumi's back."""
        resource = self.resources()[name]
        entry = {"call": call, "type": resource["type"], "id": resource["id"], **details}
        with self.journal.open("a") as journal:
            journal.write(json.dumps(entry) + "\n")

    def written(self) -> Iterator[tuple[Path, bytes]]:
        """Everything that Pulumi and the providers have written."""
        for folder in (self.folder, self.home):
            for path in sorted(folder.rglob("*")):
                if path.is_file() and ".venv" not in path.parts:
                    yield path, path.read_bytes()

    @property
    def state_folder(self) -> Path:
        return self.folder / "state"

    @property
    def journal(self) -> Path:
        return self.folder / "journal.jsonl"

    @property
    def environment(self) -> dict[str, str]:
        kept = {
            k: v for k, v in os.environ.items() if not k.startswith(("PULUMI_", "AWS_", "ARM_"))
        }
        folders = [str(ENGINE / "stand-ins"), str(ENGINE), os.environ["PATH"]]
        return {
            **kept,
            "PATH": os.pathsep.join(folders),
            "PULUMI_HOME": str(self.home),
            # Of the two files that Pulumi writes for a state, one is not replaced at one stroke: a
            # kill at that moment leaves a state that cannot be read. It is not needed.
            "PULUMI_BACKEND_URL": f"file://{self.state_folder}?metadata=skip",
            "PULUMI_STACK": "dev",
            "PULUMI_CONFIG_PASSPHRASE": "for tests only",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "BULWARK_STAND_IN_JOURNAL": str(self.journal),
        }


@functools.cache
def _packages() -> Path:
    """The packages of our own jobs, for the machines that our stacks deploy them to."""
    usual = FunctionSpec()
    python = (3, int(usual.runtime.removeprefix("python3.")))
    (REPOSITORY / "build").mkdir(exist_ok=True)
    # Tests that run side by side share the cache of wheels.
    with (REPOSITORY / "build" / ".packaging.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for job in jobs():
            build(Package(job), Target(python, usual.architecture), REPOSITORY)
        for job in jobs("azure"):
            build(Package(job), Target(python, "x86_64", "azure"), REPOSITORY)
    return REPOSITORY / FOLDER


_AT_ONCE = ("--yes", "--skip-preview", "--json")


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]


@pytest.fixture(scope="session")
def engine() -> None:
    """A Pulumi CLI: the installed one, or the one in build/engine, which is built if need be."""
    build = [sys.executable, REPOSITORY / "engine" / "build.py"]
    answer = subprocess.run(build, capture_output=True, text=True, check=False)
    if answer.returncode == NOTHING_TO_BUILD_WITH:
        pytest.skip(answer.stdout)
    assert answer.returncode == 0, answer.stdout


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(scope="session")
def programs() -> Path:
    return Path(__file__).parent / "programs"


@pytest.fixture(scope="session")
def planted() -> str:
    """The secret in the config of the samples that have one."""
    return PLANTED


@pytest.fixture(scope="session")
def engine_folder(engine: None) -> Path:
    return ENGINE


@pytest.fixture(scope="session")
def samples() -> dict[str, Sample]:
    return {sample.name: sample for sample in SAMPLES}


@pytest.fixture(scope="session", params=SAMPLES, ids=str)
def sample(request: pytest.FixtureRequest) -> Sample:
    return request.param


@pytest.fixture
def project(engine: None, sample: Sample, tmp_path: Path) -> Project:
    """Each sample, protected and not deployed yet."""
    return _prepared(sample, tmp_path)


@pytest.fixture(scope="session")
def deployments(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Sample], Project]:
    """Deploys each sample once, however many tests go on from there."""

    @functools.cache
    def deploy(sample: Sample) -> Project:
        project = _prepared(sample, tmp_path_factory.mktemp(sample.name))
        project.up()
        return project

    return deploy


@pytest.fixture
def deployed(
    engine: None, sample: Sample, deployments: Callable[[Sample], Project], tmp_path: Path
) -> Project:
    """Each sample, protected and deployed."""
    return deployments(sample).copy(tmp_path)


def _prepared(sample: Sample, folder: Path) -> Project:
    files = [found for pattern in sample.files for found in REPOSITORY.glob(pattern)]
    project = Project.create(folder, files, sample)
    for key in sample.secrets:
        project.set(key, PLANTED, "--secret")
    project.protect(on=True)
    return project


@pytest.fixture
def create(engine: None, tmp_path: Path) -> Callable[..., Project]:
    """Makes a project of the given files and folders."""
    return lambda *files: Project.create(tmp_path, list(files))


@pytest.fixture
def program(create: Callable[..., Project], tmp_path: Path) -> Callable[..., Project]:
    """Makes a project from the text of its program, and more lines for its Pulumi.yaml."""

    def make(text: str, settings: str = "") -> Project:
        (tmp_path / "__main__.py").write_text(text)
        (tmp_path / "Pulumi.yaml").write_text(_SETTINGS + settings)
        return create(tmp_path / "__main__.py", tmp_path / "Pulumi.yaml")

    return make


_SETTINGS = """\
name: own
runtime: {name: python, options: {virtualenv: .venv}}
"""
