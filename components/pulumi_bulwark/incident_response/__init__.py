"""What is done when something happens: playbooks, and addresses that are blocked for a time."""

from .spec import IncidentResponseSpec
from .spec_block_list import BlockListSpec
from .spec_playbooks import PlaybookSpec, TriggerSpec

__all__ = ["BlockListSpec", "IncidentResponseSpec", "PlaybookSpec", "TriggerSpec"]
