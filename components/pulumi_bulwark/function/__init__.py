"""Functions that run on demand. A building block: every capability that runs code has its own."""

from .code import Code, Package, SignedObject
from .spec import END_OF_SUPPORT, FunctionSpec
from .spec_azure import FunctionApplication

__all__ = [
    "END_OF_SUPPORT",
    "Code",
    "FunctionApplication",
    "FunctionSpec",
    "Package",
    "SignedObject",
]
