"""Playbooks: what is done about an event, by whom it is allowed, and what was there before."""

from .cases import Case, Decision
from .incident import Incident, Subject
from .playbook import Playbook
from .responder import Responder

__all__ = ["Case", "Decision", "Incident", "Playbook", "Responder", "Subject"]
