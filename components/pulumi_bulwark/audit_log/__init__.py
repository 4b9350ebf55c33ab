"""Logs that cannot be forged: AWS CloudTrail, and the Azure Activity Log."""

from .spec import AuditLogSpec, LogArchiveSpec

__all__ = ["AuditLogSpec", "LogArchiveSpec"]
