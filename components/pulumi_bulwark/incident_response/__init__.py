"""What is done when something happens: addresses that are blocked for a time, on AWS."""

from .spec_block_list import BlockListSpec

__all__ = ["BlockListSpec"]
