"""Pipelines at GitHub and GitLab take a role by what their token says: OpenID Connect, no key."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .spec import PipelineSpec

_GITHUB = "token.actions.githubusercontent.com"


@dataclass(frozen=True, order=True, slots=True)
class Issuer:
    """Who signs the tokens of pipelines."""

    host: str
    """Its URL without https://, which is also how IAM's condition keys begin."""
    audience: str
    """Whom the token is for."""


def issuer(pipeline: PipelineSpec) -> Issuer:
    if pipeline.host == "gitlab":
        return Issuer(pipeline.server, f"https://{pipeline.server}")
    return Issuer(_GITHUB, "sts.amazonaws.com")


def subjects(pipeline: PipelineSpec) -> Iterator[str]:
    """What the token of such a run has as its subject, in each form that the host issues."""
    if pipeline.host == "gitlab":
        ref = "*" if pipeline.any_ref else f"ref_type:branch:ref:{pipeline.branch}"
        yield f"project_path:{pipeline.repository}:{ref}"
        return
    yield f"repo:{pipeline.repository}:{_context(pipeline)}"
    if pipeline.owner_id is not None:
        owner, _, name = pipeline.repository.partition("/")
        known = f"{owner}@{pipeline.owner_id}/{name}@{pipeline.repository_id}"
        yield f"repo:{known}:{_context(pipeline)}"


def _context(pipeline: PipelineSpec) -> str:
    if pipeline.environment is not None:
        return f"environment:{pipeline.environment}"
    if pipeline.branch is not None:
        return f"ref:refs/heads/{pipeline.branch}"
    return "pull_request" if pipeline.pull_requests else "*"


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
