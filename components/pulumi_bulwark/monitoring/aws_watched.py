"""What is watched, as a stack hands it over: names and ids of what other capabilities make."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from .kinds import Severity


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchedApi:
    name: pulumi.Input[str]
    """Name of the REST API."""
    stage: pulumi.Input[str]
    """Name of its stage."""
    access_log_id: pulumi.Input[str]
    """Log group with a line of JSON for each request: `status`, `error`, `route`, …, all text."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchedFirewall:
    metric_name: pulumi.Input[str]
    """What the web ACL is called in its metrics."""
    log_group_id: pulumi.Input[str]
    """Log group of the web ACL."""
    at_edge: bool = False
    """Whether it is CloudFront's, whose metrics and logs are in us-east-1."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchedSignIn:
    user_pool_id: pulumi.Input[str]
    """Id of the user pool."""
    clients: Mapping[str, pulumi.Input[str]]
    """Id of each client that people sign in by, by its name."""
    threat_protection: bool
    """Whether Cognito tells of risks: without its threat protection it does not."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchedCertificate:
    arn: pulumi.Input[str]
    """ARN of the certificate."""
    region: str
    """Region of the certificate: us-east-1 for CloudFront and Cognito."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchedQueue:
    name: pulumi.Input[str]
    """Name of the queue."""
    oldest_seconds: int = 900
    """Age of the oldest message that is too old: from 60 seconds up."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchedMetric:
    namespace: str
    """Namespace of the metric, such as Bulwark/Credentials."""
    name: str
    """Name of the metric, such as Lockouts."""
    threshold: float
    """The sum of five minutes that is too high."""
    dimensions: Mapping[str, pulumi.Input[str]] | None = None
    """Dimensions, all that the metric is published with: CloudWatch adds up none of them."""
    severity: Severity | None = None
    """How loudly it tells, where it is not with a ticket."""
    says: str = ""
    """What it counts, in a few words for the alarm."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchedBlockList:
    namespace: str
    """Namespace of the writer's metrics."""
    service: str
    """What the writer calls itself in them."""
    lists: Sequence[str]
    """The lists that it keeps."""
