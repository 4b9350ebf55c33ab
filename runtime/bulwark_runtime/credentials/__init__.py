"""The credential vault: passwords of an application's own users, hashed, peppered and guarded.

    vault = Vault(users, attempts, peppers, Policy.of("pci"))
    vault.register("42", password)
    vault.verify("42", password, source="203.0.113.7").outcome  # "done", "refused", "delayed"

Needs no cloud: `local.py` keeps things in a file or in memory, `aws_table.py` and
`aws_secrets.py` in AWS, `azure_table.py` and `azure_secrets.py` in Azure.
"""

from .breached import Breaches, BreachUnknownError, RangeService
from .peppers import LoadedPeppers, PepperError, Peppers, PepperSource
from .policy import PRESETS, Policy
from .records import Hash, User
from .results import Event, RequestError, Result
from .stores import AttemptCounters, AttemptStore, HashPlace, StoreError, Users, UserStore
from .vault import Vault

__all__ = [
    "PRESETS",
    "AttemptCounters",
    "AttemptStore",
    "BreachUnknownError",
    "Breaches",
    "Event",
    "Hash",
    "HashPlace",
    "LoadedPeppers",
    "PepperError",
    "PepperSource",
    "Peppers",
    "Policy",
    "RangeService",
    "RequestError",
    "Result",
    "StoreError",
    "User",
    "UserStore",
    "Users",
    "Vault",
]
