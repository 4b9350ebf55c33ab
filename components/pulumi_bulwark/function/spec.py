"""How a function runs: what holds on every function, whatever it does."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from ..spec import Guards, Spec

Runtime = Literal["python3.12", "python3.13", "python3.14", "nodejs22.x", "nodejs24.x"]

Architecture = Literal["arm64", "x86_64"]

END_OF_SUPPORT: Mapping[Runtime, date] = {
    "python3.12": date(2028, 10, 31),
    "python3.13": date(2029, 6, 30),
    "python3.14": date(2029, 6, 30),
    "nodejs22.x": date(2027, 4, 30),
    "nodejs24.x": date(2028, 4, 30),
}
"""The last day on which AWS mends a runtime (Lambda Developer Guide, "Lambda runtimes", read on
2026-11-25; AWS moves such a day back now and then, never forward)."""


class FunctionSpec(Spec):
    memory_mb: int = Field(default=512, ge=128, le=10_240)
    """Memory in MB: 128 to 10240, Lambda's range. The share of a processor grows with it: a whole
    one at 1769."""

    timeout_seconds: int = Field(default=10, ge=1, le=900)
    """Seconds after which Lambda ends a call: 1 to 900, its range. API Gateway waits for 29."""

    ephemeral_storage_mb: int = Field(default=512, ge=512, le=10_240)
    """Size of /tmp in MB: 512 to 10240, Lambda's range; more than 512 is billed by the second."""

    runtime: Runtime = "python3.13"
    """What runs the code, one pinned version of a language: python3.12 (mended by AWS until
    2028-10-31), python3.13 and python3.14 (2029-06-30), nodejs22.x (2027-04-30) or nodejs24.x
    (2028-04-30)."""

    architecture: Architecture = "arm64"
    """The processor: arm64 (a fifth cheaper), or x86_64. Packages with machine code must be built
    for it."""

    reserved_concurrency: Annotated[int, Field(ge=0, le=10_000)] | None = None
    """Calls at once that are kept for this function, and the most it may have: 0 to 10000; 0 stops
    it. A new account has ten in all and none to reserve: Lambda refuses any number until the quota
    is raised."""

    tracing: Annotated[bool, Guards("logging", weaker="lower")] = True
    """Whether X-Ray follows what calls the function and what it calls."""

    log_level: Literal["DEBUG", "INFO", "WARN", "ERROR"] = "INFO"
    """The least that the code logs: DEBUG, INFO, WARN or ERROR. Lambda drops the rest before it
    is billed."""

    retries: int = Field(default=2, ge=0, le=2)
    """How often Lambda calls again when an asynchronous call fails: 0 to 2, its range. After that
    the event goes to the failure queue."""

    event_age_seconds: int = Field(default=3600, ge=60, le=21_600)
    """Seconds for which an asynchronous event is worth handling: 60 to 21600, Lambda's range."""

    failures_days: int = Field(default=14, ge=1, le=14)
    """Days for which the failure queue keeps what could not be handled: 1 to 14, the longest that
    SQS keeps a message."""
