"""What Microsoft Graph lets the responder do with users: only if asked for."""

from typing import Final

import pulumi

GRAPH: Final = "00000003-0000-0000-c000-000000000000"
"""Client id of Microsoft Graph, in every tenant."""

RIGHTS: Final = ("User.EnableDisableAccount.All", "User.Read.All", "User.RevokeSessions.All")
"""The least with which a user can be disabled (Graph reference, "Update user") and signed out."""


def let_disable_users(
    name: str, tenant_id: str, principal_id: pulumi.Input[str], parent: pulumi.Resource
) -> None:
    """Give an identity those rights, over all users of the tenant but administrators."""
    # Most stacks have none of it: its import takes as long as hundreds of resources.
    import pulumi_azuread as azuread

    # A provider of its own: the usual one may sign in to the customers' tenant.
    provider = azuread.Provider(
        f"{name}-tenant", tenant_id=tenant_id, opts=pulumi.ResourceOptions(parent=parent)
    )
    graph = azuread.get_service_principal_output(
        client_id=GRAPH, opts=pulumi.InvokeOutputOptions(parent=parent, provider=provider)
    )
    for right in RIGHTS:
        azuread.AppRoleAssignment(
            f"{name}-{right}",
            app_role_id=graph.app_role_ids[right],
            principal_object_id=principal_id,
            resource_object_id=graph.object_id,
            opts=pulumi.ResourceOptions(parent=parent, provider=provider),
        )
