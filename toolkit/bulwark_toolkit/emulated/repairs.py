"""Where moto breaks on what AWS takes. Tests see that each repair is still needed."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, Final
from unittest.mock import patch

from moto.s3.models import FakeBucket

ADMITS_LOGS: Final = FakeBucket._log_permissions_enabled_policy  # noqa: SLF001
"""Whether a bucket's policy admits access logs.

Breaks on `"Principal": "*"`, and does not see a resource in a list.
"""


@contextmanager
def repaired() -> Iterator[None]:
    with patch.object(FakeBucket, ADMITS_LOGS.__name__, staticmethod(_admits_logs)):
        yield


def _admits_logs(target_bucket: Any, target_prefix: str | None) -> bool:
    policy = json.loads(target_bucket.policy or "{}")
    simple = [one for statement in policy.get("Statement", ()) for one in _simple(statement)]
    bucket: Any = SimpleNamespace(
        name=target_bucket.name,
        partition=target_bucket.partition,
        policy=json.dumps({"Statement": simple}).encode(),
    )
    return ADMITS_LOGS(bucket, target_prefix)


def _simple(statement: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The statement in as many that name one resource each, and whom in full."""
    principal, resource = statement.get("Principal"), statement.get("Resource")
    whom = {"AWS": principal} if isinstance(principal, str) else principal or {}
    for one in resource if isinstance(resource, list) else [resource]:
        yield {**statement, "Principal": whom, "Resource": one}
