"""The `inputGuard` block of the stack config. What is guarded, and how, is in the document."""

from typing import Annotated, Literal

from pydantic import Field

from ..spec import Guards, Spec


class InputGuardSpec(Spec):
    service: bool = False
    """Whether there is a second function, which checks requests for any application that may invoke
    it. It may itself call nothing."""

    memory_mb: int = Field(default=1_024, ge=256, le=10_240)
    """Memory of each function in MB: 256 to 10240, Lambda's most. The share of a processor grows
    with it, and the guard computes: below 1024 a cold start takes seconds."""

    architecture: Literal["arm64", "x86_64"] = "arm64"
    """The processor: arm64 (a fifth cheaper), or x86_64."""

    reserved_concurrency: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """Requests at once that are kept for the guard in front of backends, and the most it takes: 1
    to 10000. It waits as long as a backend does. A new account has none to reserve."""

    tracing: Annotated[bool, Guards("logging", weaker="lower")] = True
    """Whether X-Ray traces what goes through the guard."""
