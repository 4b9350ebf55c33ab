"""What the vault on Azure says of its work: a line of JSON each, which alarms look for words in."""

import json
import logging
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from typing import Any

from .answers import INVALID, METRICS
from .results import Event

SERVICE = "credentials"

logger = logging.getLogger("bulwark.credentials")

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Of the call that is being answered."""


@dataclass(frozen=True, slots=True)
class Log:
    vault: str
    """Its name, which tells vaults of one workspace apart."""

    def say(self, message: str, *, level: int = logging.INFO, **more: Any) -> None:
        line = {
            "level": logging.getLevelName(level),
            "message": message,
            "service": SERVICE,
            "vault": self.vault,
            "request_id": request_id.get(),
            **more,
        }
        told = {name: value for name, value in line.items() if value not in ("", None)}
        # Without blanks, so that what is looked for is there letter by letter.
        logger.log(level, json.dumps(told, separators=(",", ":")))

    def audited(self, event: Event) -> None:
        self.say("audit", **asdict(event), metric=METRICS[event.outcome])

    def invalid(self, operation: str, problem: str) -> None:
        self.say(
            "invalid event",
            level=logging.WARNING,
            operation=operation,
            problem=problem,
            metric=INVALID,
        )
