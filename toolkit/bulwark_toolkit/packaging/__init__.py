"""From code and a lock to the zip that Lambda runs: the same bytes on every machine."""

from .build import Built, build
from .errors import PackagingError
from .target import Target

__all__ = ["Built", "PackagingError", "Target", "build"]
