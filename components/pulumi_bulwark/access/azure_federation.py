"""Pipelines at GitHub and GitLab become a managed identity by what their token says: no key."""

import pulumi
import pulumi_azure_native as azure_native

from ..naming import physical
from ..place import AzurePlace
from .federation import issuer_host, subjects
from .spec import PipelineSpec

AUDIENCE = "api://AzureADTokenExchange"
"""Whom the token is for: the only audience that Entra ID takes of a workload."""


def federate(
    name: str,
    place: AzurePlace,
    identity_name: pulumi.Input[str],
    pipeline: PipelineSpec,
    opts: pulumi.ResourceOptions,
) -> None:
    """Trust the runs of this pipeline, and nobody else's, in each form that its host issues.

    One after the other: an identity refuses two that are written at once.
    """
    before: list[pulumi.Resource] = []
    for number, subject in enumerate(subjects(pipeline)):
        credential = azure_native.managedidentity.FederatedIdentityCredential(
            f"{name}-trusts-{number}",
            federated_identity_credential_resource_name=physical(
                "federated-credential", pipeline.host, str(number)
            ),
            resource_name_=identity_name,
            resource_group_name=place.resource_group_name,
            issuer=f"https://{issuer_host(pipeline)}",
            subject=subject,
            audiences=[AUDIENCE],
            opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=before)),
        )
        before = [credential]
