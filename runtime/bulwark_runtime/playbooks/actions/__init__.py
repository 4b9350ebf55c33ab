"""What playbooks can do: one file each."""

from .action import TAG, Action, Before, Clients, Order, RefusedError
from .block_source import BlockSource
from .close_bucket import CloseBucket
from .close_group import CloseGroup
from .disable_key import DisableKey
from .disable_user import DisableUser
from .isolate_instance import IsolateInstance
from .revoke_sessions import RevokeSessions
from .rotate_secret import RotateSecret
from .start_trail import StartTrail

__all__ = [
    "TAG",
    "Action",
    "Before",
    "BlockSource",
    "Clients",
    "CloseBucket",
    "CloseGroup",
    "DisableKey",
    "DisableUser",
    "IsolateInstance",
    "Order",
    "RefusedError",
    "RevokeSessions",
    "RotateSecret",
    "StartTrail",
]
