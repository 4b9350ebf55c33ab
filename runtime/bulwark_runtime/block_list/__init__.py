"""The block list: addresses that are kept out for a time, by a single writer.

A table is the truth: who asked, why, until when. What is in the firewall's sets follows from it,
whatever was done to them. What is in `aws*.py` needs AWS; the rest needs nothing but Python.
"""

from .entries import Entry, Gone, State
from .networks import Network, Rules, merged
from .requests import DETAIL_TYPE, FORMAT, Request, RequestError, messages, read
from .sets import MOST, Choice, choose

__all__ = [
    "DETAIL_TYPE",
    "FORMAT",
    "MOST",
    "Choice",
    "Entry",
    "Gone",
    "Network",
    "Request",
    "RequestError",
    "Rules",
    "State",
    "choose",
    "merged",
    "messages",
    "read",
]
