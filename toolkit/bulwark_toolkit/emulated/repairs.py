"""Where moto breaks on what AWS takes. Tests see that each repair is still needed."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, Final
from unittest.mock import patch

from moto.apigateway.models import APIGatewayBackend, Stage
from moto.logs.models import LogResourcePolicy
from moto.logs.responses import LogsResponse
from moto.s3.models import FakeBucket
from moto.secretsmanager.models import SecretsManagerBackend

ADMITS_LOGS: Final = FakeBucket._log_permissions_enabled_policy  # noqa: SLF001
"""Whether a bucket's policy admits access logs.

Breaks on `"Principal": "*"`, and does not see a resource in a list.
"""

PATCH_STAGE: Final = Stage.apply_operations
"""Changes a stage. Looks for a method's settings behind the first two parts of their path."""

INTEGRATION: Final = APIGatewayBackend._build_integration_args  # noqa: SLF001
"""What an import makes of an integration. Breaks on a mock, which calls nobody."""

PUT_LOG_POLICY: Final = LogsResponse.put_resource_policy
"""Keeps the policy of a log group.

Takes all that have no name, since they are a group's own, for one and the same.
"""

ROTATE_SECRET: Final = SecretsManagerBackend.rotate_secret
"""Turns rotation on.

Breaks on a secret that has no value yet, and calls functions in containers.
"""


@contextmanager
def repaired() -> Iterator[None]:
    with (
        patch.object(FakeBucket, ADMITS_LOGS.__name__, staticmethod(_admits_logs)),
        patch.object(Stage, PATCH_STAGE.__name__, _patch_stage),
        patch.object(APIGatewayBackend, INTEGRATION.__name__, _integration),
        patch.object(LogsResponse, PUT_LOG_POLICY.__name__, _put_log_policy),
        patch.object(SecretsManagerBackend, ROTATE_SECRET.__name__, _rotate_secret),
    ):
        yield


def _integration(self: APIGatewayBackend, integration: dict[str, Any]) -> dict[str, Any]:
    return INTEGRATION(self, {"uri": "", "httpMethod": "", **integration})


def _patch_stage(self: Stage, patch_operations: list[dict[str, Any]]) -> Stage:
    for operation in patch_operations:
        # The path of the method, its name, and two parts that say which setting.
        path, *rest = operation["path"].removeprefix("/").rsplit("/", 3)
        if len(rest) == 3:  # noqa: PLR2004
            operation["path"] = "/".join(["", path.replace("/", "~1"), *rest])
    return PATCH_STAGE(self, patch_operations)


def _put_log_policy(self: Any) -> str:
    group = self._get_param("resourceArn")
    if not group:
        return PUT_LOG_POLICY(self)
    # Not by the backend, which would count it among the account's ten.
    policy: Any = LogResourcePolicy(group, self._get_param("policyDocument"))
    self.logs_backend.resource_policies[group] = policy
    return json.dumps({"resourcePolicy": policy.describe()})


def _rotate_secret(
    self: SecretsManagerBackend,
    secret_id: str,
    *,
    rotation_lambda_arn: str | None = None,
    **settings: Any,
) -> str:
    # Without a function, so that none is called: here nobody's code runs.
    answer = ROTATE_SECRET(self, secret_id, **settings)
    secret: Any = self.secrets[secret_id]
    secret.rotation_lambda_arn = rotation_lambda_arn or ""
    return answer


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
