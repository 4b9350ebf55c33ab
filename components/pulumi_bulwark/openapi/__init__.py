"""An API as its OpenAPI document describes it. A building block: no cloud's words are in it."""

from .document import Backend, Document, Operation, RateLimit, Scope
from .extensions import stripped
from .load import load

__all__ = ["Backend", "Document", "Operation", "RateLimit", "Scope", "load", "stripped"]
