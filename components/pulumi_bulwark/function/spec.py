"""How a function runs: what holds on every function, whatever it does."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from ..clouds import Differs, Limited
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

END_OF_SUPPORT_ON_AZURE: Mapping[Runtime, date] = {
    "python3.12": date(2028, 10, 31),
    "python3.13": date(2029, 10, 31),
}
"""The last day on which Azure mends a runtime that it has (Azure Functions, "Supported languages":
that of the language itself; read on 2026-11-25)."""

INSTANCE_MEMORY_MB: tuple[int, ...] = (512, 2_048, 4_096)
"""The sizes that an instance of Flex Consumption has."""

MOST_INSTANCES: range = range(40, 1_001)
"""What Flex Consumption takes as the most instances of an app."""

_IN_A_QUEUE_OF_AZURE: Limited = Limited(
    "azure",
    because="Azure keeps the events for a function in a queue, which says itself how long. "
    "Remove it.",
)


class FunctionSpec(Spec):
    memory_mb: Annotated[
        int,
        Limited(
            "azure",
            because="Azure's instances have up to 4096 MB. Take less, or cut the work into parts.",
            to=range(128, INSTANCE_MEMORY_MB[-1] + 1),
        ),
        Differs(
            "azure",
            how="An instance has 512, 2048 or 4096 MB: the smallest that is enough. It takes "
            "several calls at once.",
        ),
    ] = Field(default=512, ge=128, le=10_240)
    """Memory in MB: 128 to 10240, Lambda's range. The share of a processor grows with it: a whole
    one at 1769."""

    timeout_seconds: Annotated[
        int,
        Differs("azure", how="Azure's balancer waits 230 seconds for an answer over HTTP."),
    ] = Field(default=10, ge=1, le=900)
    """Seconds after which Lambda ends a call: 1 to 900, its range. API Gateway waits for 29."""

    ephemeral_storage_mb: Annotated[
        int,
        Limited("azure", because="The size of Azure's temporary files is its own. Remove it."),
    ] = Field(default=512, ge=512, le=10_240)
    """Size of /tmp in MB: 512 to 10240, Lambda's range; more than 512 is billed by the second."""

    runtime: Annotated[
        Runtime,
        Limited(
            "azure",
            because="Packages are of Python, and Azure has python3.12 and python3.13. Take one "
            "of them.",
            to=tuple(END_OF_SUPPORT_ON_AZURE),
        ),
    ] = "python3.13"
    """What runs the code, one pinned version of a language: python3.12 (mended by AWS until
    2028-10-31), python3.13 and python3.14 (2029-06-30), nodejs22.x (2027-04-30) or nodejs24.x
    (2028-04-30)."""

    architecture: Annotated[
        Architecture,
        Differs("azure", how="Always x86_64: Azure has no other processor for functions."),
    ] = "arm64"
    """The processor: arm64 (a fifth cheaper), or x86_64. Packages with machine code must be built
    for it."""

    reserved_concurrency: Annotated[
        Annotated[int, Field(ge=0, le=10_000)] | None,
        Limited(
            "azure",
            because="Azure keeps no calls for a function; it takes the most instances of one, 40 "
            "to 1000. Take a number of those, or remove it.",
            to=MOST_INSTANCES,
        ),
        Differs(
            "azure",
            how="The most instances of the app, 100 if it is not set; each takes several calls at "
            "once, and none is kept.",
        ),
    ] = None
    """Calls at once that are kept for this function, and the most it may have: 0 to 10000; 0 stops
    it. A new account has ten in all and none to reserve: Lambda refuses any number until the quota
    is raised."""

    tracing: Annotated[
        bool,
        Guards("logging", weaker="lower"),
        Differs("azure", how="Each call has a line with its id in the log; there is no X-Ray."),
    ] = True
    """Whether X-Ray follows what calls the function and what it calls."""

    log_level: Literal["DEBUG", "INFO", "WARN", "ERROR"] = "INFO"
    """The least that the code logs: DEBUG, INFO, WARN or ERROR. Lambda drops the rest before it
    is billed."""

    retries: Annotated[
        int,
        Differs(
            "azure",
            how="Of a message in a storage queue. A queue of Service Bus says so itself, and "
            "timers are not called again.",
        ),
    ] = Field(default=2, ge=0, le=2)
    """How often Lambda calls again when an asynchronous call fails: 0 to 2, its range. After that
    the event goes to the failure queue."""

    event_age_seconds: Annotated[int, _IN_A_QUEUE_OF_AZURE] = Field(default=3600, ge=60, le=21_600)
    """Seconds for which an asynchronous event is worth handling: 60 to 21600, Lambda's range."""

    failures_days: Annotated[int, _IN_A_QUEUE_OF_AZURE] = Field(default=14, ge=1, le=14)
    """Days for which the failure queue keeps what could not be handled: 1 to 14, the longest that
    SQS keeps a message."""
