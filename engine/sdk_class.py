"""What the provider's own SDK says about a resource type."""

import functools
import importlib
import keyword
import threading
from types import ModuleType

import pulumi

_ONE_AT_A_TIME = threading.Lock()
"""Of two threads that import parts of one SDK, one could see a module that is half there."""


def resource_class(token: str) -> type[pulumi.Resource] | None:
    """`pulumi_aws.kms.Key` for `aws:kms/key:Key`; None for a type that the SDK does not have."""
    with _ONE_AT_A_TIME:
        return _found(token)


@functools.cache
def _found(token: str) -> type[pulumi.Resource] | None:
    package, module, name = token.split(":")
    below = module.split("/")[0]
    path = [distribution(package).replace("-", "_")]
    if below != "index":
        path.append(below + "_" * keyword.iskeyword(below))
    return getattr(_imported(".".join(path)), name, None)


def distribution(package: str) -> str:
    """The wheel with a provider's SDK: most are Pulumi's own."""
    return f"pulumiverse-{package}" if package in _PULUMIVERSE else f"pulumi-{package}"


_PULUMIVERSE = frozenset({"time"})


def _imported(path: str) -> ModuleType | None:
    try:
        return importlib.import_module(path)
    except ModuleNotFoundError:
        return None
