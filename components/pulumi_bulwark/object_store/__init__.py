"""Buckets: Amazon S3 and Azure Blob Storage. A building block that the capabilities share."""

from .spec import LifecycleRuleSpec, LockSpec, ObjectStoreSpec

__all__ = ["LifecycleRuleSpec", "LockSpec", "ObjectStoreSpec"]
