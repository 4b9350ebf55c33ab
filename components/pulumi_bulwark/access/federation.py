"""What the token of a pipeline's run says of it, whatever cloud reads the token."""

from collections.abc import Iterator

from .spec import PipelineSpec

_GITHUB = "token.actions.githubusercontent.com"


def issuer_host(pipeline: PipelineSpec) -> str:
    """Who signs the token: its URL without https://."""
    return pipeline.server if pipeline.host == "gitlab" else _GITHUB


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
