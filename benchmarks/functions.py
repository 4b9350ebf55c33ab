"""`make bench`: how large our functions are, and how soon they answer in Lambda's own runtime.

Cold is from the start of the runtime to the first answer, warm a call after that, both on this
machine's processor, which is neither Lambda's nor held to a share of one. `nothing` is a function
that does nothing: what the runtime itself takes. Best of a few starts, since noise only adds.
Exits with 1 when a limit is passed, and with 2 where neither Go nor the emulator is.
"""

import importlib
import json
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bulwark_toolkit.lambda_runtime import FunctionError, Invoke, Parts, running
from bulwark_toolkit.packaging import Target, build
from pulumi_bulwark.function import Package
from pulumi_bulwark.function.code import jobs
from pulumi_bulwark.function.spec import Architecture
from pulumi_bulwark.openapi.load import load

ROOT = Path(__file__).parents[1]
PARTS = Parts(
    emulator=ROOT / "build" / "engine" / "aws-lambda-rie",
    python=ROOT / ".venvs" / "lambda" / "bin" / "python",
)
MACHINES: Mapping[str, Architecture] = {"x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
HERE = Target((sys.version_info[0], sys.version_info[1]), MACHINES[platform.machine()])

STARTS = 5
CALLS = 300
MOST_COLD_MS = 3_000
MOST_MEGABYTES = 50
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A call that a job answers without a cloud."""

    handler: str
    event: Any
    environment: Callable[[Path], dict[str, str]] = lambda _: {}
    """From a folder for its files to its variables."""
    note: str = ""


def guards_document(folder: Path) -> dict[str, str]:
    # Where there is a guard, there is this.
    bundle = importlib.import_module("pulumi_bulwark.input_guard.bundle")
    document = load(ROOT / "openapi" / "payments.yaml", shown="openapi/payments.yaml")
    for path, text in bundle.files(document, bundle.AnswersOfOurOwn(headers={}), {}).items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return {"BULWARK_GUARD_FOLDER": str(folder / "bulwark")}


_PAYMENT = {
    "accountId": "0b0f6f0e-4a5c-4d53-9a0a-6f5ad7a0c1f1",
    "beneficiaryId": "2f6a1f0a-8f3d-4c0f-9e6b-1f4a0b7c3d33",
    "money": {"amount": 12500, "currency": "EUR"},
    "reference": "Invoice 2026-0042",
    "note": "O'Brien's rent",
}

SAMPLES: Mapping[str, Sample] = {
    "input-guard": Sample(
        handler="bulwark_runtime.input_guard.aws_service.handler",
        event={
            "operationId": "createPayment",
            "request": {
                "method": "POST",
                "path": "/payments",
                "headers": {
                    "Content-Type": "application/json",
                    "Idempotency-Key": "1f0b8a52-5f4b-4a0e-9d0c-6c1f2b3a4d66",
                },
                "body": json.dumps(_PAYMENT),
            },
        },
        environment=guards_document,
        note="a payment, checked",
    ),
    "credentials": Sample(
        handler="bulwark_runtime.credentials.aws.verify",
        event={},
        note="a call without a name, refused; a password takes what bcrypt takes",
    ),
    "rotation": Sample(
        handler="bulwark_runtime.rotation.aws.generated",
        event={},
        note="a call without a secret, refused",
    ),
}


def main() -> int:
    built = subprocess.run(
        [sys.executable, ROOT / "engine" / "build.py", "lambda"], check=False, stdout=sys.stderr
    )
    if built.returncode:
        return 2
    rows, passed = [], True
    for name, package, sample in functions():
        made = build(package, HERE, ROOT)
        row = {"zip": f"{made.zip_bytes / _MEGABYTE:.2f} MB"}
        row["unpacked"] = f"{made.unpacked_bytes / _MEGABYTE:.2f} MB"
        passed &= made.zip_bytes <= MOST_MEGABYTES * _MEGABYTE
        if sample and has(made.path, sample.handler):
            cold, warm = measured(made.path, sample)
            row |= {"cold": f"{cold:.0f} ms", "warm p50": f"{statistics.median(warm):.2f} ms"}
            row |= {"p99": f"{statistics.quantiles(warm, n=100)[98]:.2f} ms", "call": sample.note}
            passed &= cold <= MOST_COLD_MS
        rows.append((name, row))
    for name, row in rows:
        print(f"{name:12}", "  ".join(f"{key} {value}" for key, value in row.items()))
    print(
        f"limits: cold {MOST_COLD_MS} ms, zip {MOST_MEGABYTES} MB;", "kept" if passed else "PASSED"
    )
    return 0 if passed else 1


def functions() -> Iterator[tuple[str, Package, Sample | None]]:
    nothing = Package("nothing", folder="benchmarks/nothing")
    yield "nothing", nothing, Sample(handler="main.handler", event={}, note="nothing")
    for job in jobs():
        yield job, Package(job), SAMPLES.get(job)


def has(package: Path, handler: str) -> bool:
    """Whether the handler is there: a job may have a lock before it has a function."""
    module = handler.rpartition(".")[0].replace(".", "/")
    with zipfile.ZipFile(package) as file:
        return f"{module}.py" in file.namelist()


def measured(package: Path, sample: Sample) -> tuple[float, list[float]]:
    """The best cold start, and the calls after it, in milliseconds."""
    colds, warm = [], []
    with tempfile.TemporaryDirectory() as folder:
        environment = sample.environment(Path(folder))
        for start in range(STARTS):
            began = time.perf_counter()
            with running(package, sample.handler, PARTS, environment=environment) as invoke:
                answer(invoke, sample.event)
                colds.append((time.perf_counter() - began) * 1000)
                if start == 0:
                    warm = [timed(invoke, sample.event) for _ in range(CALLS)]
    return min(colds), warm


def timed(invoke: Invoke, event: Any) -> float:
    began = time.perf_counter()
    answer(invoke, event)
    return (time.perf_counter() - began) * 1000


def answer(invoke: Invoke, event: Any) -> None:
    try:
        invoke(event)
    except FunctionError as refused:
        if refused.kind.startswith("Runtime."):  # it never came to the handler
            raise


if __name__ == "__main__":
    sys.exit(main())
