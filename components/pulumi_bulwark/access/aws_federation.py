"""Pipelines at GitHub and GitLab take a role by what their token says: OpenID Connect, no key."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .federation import issuer_host, subjects
from .spec import PipelineSpec


@dataclass(frozen=True, order=True, slots=True)
class Issuer:
    """Who signs the tokens of pipelines."""

    host: str
    """Its URL without https://, which is also how IAM's condition keys begin."""
    audience: str
    """Whom the token is for."""


def issuer(pipeline: PipelineSpec) -> Issuer:
    host = issuer_host(pipeline)
    return Issuer(host, f"https://{host}" if pipeline.host == "gitlab" else "sts.amazonaws.com")


def trust(pipeline: PipelineSpec, provider_arn: Any) -> Mapping[str, Any]:
    """Who may take the role: the runs of this pipeline, and nobody else's."""
    signed = issuer(pipeline)
    audience = {f"{signed.host}:aud": signed.audience}
    subject = {f"{signed.host}:sub": list(subjects(pipeline))}
    held: dict[str, Any] = {"StringEquals": audience | subject}
    if pipeline.any_ref:
        held = {"StringEquals": audience, "StringLike": subject}
    return {
        "Effect": "Allow",
        "Principal": {"Federated": provider_arn},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": held,
    }
