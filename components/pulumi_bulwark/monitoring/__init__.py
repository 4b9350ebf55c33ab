"""Alarms for what matters, who is told, and a dashboard: Amazon CloudWatch and Azure Monitor."""

from .kinds import KINDS, Incident, Kind, Severity
from .spec import BudgetSpec, MonitoringSpec, RecipientSpec, ThresholdsSpec

__all__ = [
    "KINDS",
    "BudgetSpec",
    "Incident",
    "Kind",
    "MonitoringSpec",
    "RecipientSpec",
    "Severity",
    "ThresholdsSpec",
]
