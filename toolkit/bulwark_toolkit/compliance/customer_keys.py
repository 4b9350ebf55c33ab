"""Whose a KMS key is, by what a resource says of it."""

from typing import Any


def is_customer_key(key: Any) -> bool:
    """Whether this is a key of the customer's: not none, and not the one AWS has for a service."""
    return isinstance(key, str) and bool(key) and "alias/aws/" not in key
