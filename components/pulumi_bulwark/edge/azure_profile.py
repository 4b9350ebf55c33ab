"""The profile of Azure Front Door, by whose id the API knows what came through it."""

from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_azure_native import cdn

from .. import notes
from ..log_group.azure import AzureLogStore, diagnostics
from ..naming import logical
from ..role.azure import AzureIdentity, AzureIdentityArgs
from .spec import EdgeSpec

SKU: Final = "Premium_AzureFrontDoor"
"""Managed rules are for Premium alone: Standard would drop them without a word."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AzureEdgeProfileArgs:
    spec: EdgeSpec
    store: AzureLogStore
    """How the environment keeps its logs."""


class AzureEdgeProfile(pulumi.ComponentResource):
    """A profile, and where its logs go. It is there before the API, which has to know its id."""

    profile_id: pulumi.Output[str]
    """Resource id of the profile."""

    profile_name: pulumi.Output[str]
    """Name of the profile in its resource group."""

    site_reader_id: pulumi.Output[str] | None
    """Full id of the identity by which it reads a site's files; None without a site."""

    site_reader_principal_id: pulumi.Output[str] | None
    """By which that identity is given its role, where the files are; None without a site."""

    front_door_id: pulumi.Output[str]
    """What Front Door writes into X-Azure-FDID. It is no secret; another profile has another."""

    def __init__(
        self, name: str, args: AzureEdgeProfileArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AzureEdgeProfile", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        reader = _reader(name, args, child) if args.spec.site else None
        profile = cdn.Profile(
            logical("front-door-profile", f"{name}-profile"),
            identity={"type": "UserAssigned", "user_assigned_identities": [reader.id]}
            if reader
            else None,
            resource_group_name=args.store.place.resource_group_name,
            location="Global",
            sku={"name": SKU},
            origin_response_timeout_seconds=args.spec.read_timeout_seconds,
            # A query may hold anything, and its values are in the logged address.
            log_scrubbing={
                "state": "Enabled",
                "scrubbing_rules": [
                    {
                        "match_variable": "QueryStringArgNames",
                        "selector_match_operator": "EqualsAny",
                        "state": "Enabled",
                    }
                ],
            },
            opts=child,
        )
        diagnostics(f"{name}-profile", "Microsoft.Cdn/profiles", profile.id, args.store, child)
        notes.cost(
            self,
            "Front Door Premium: about 330 USD a month, the firewall included; and about 0.02 USD "
            "for 10,000 requests, 0.09 USD for a GB to clients",
        )
        self.profile_id, self.profile_name = profile.id, profile.name
        self.front_door_id = profile.front_door_id
        self.site_reader_id = reader.id if reader else None
        self.site_reader_principal_id = reader.principal_id if reader else None
        self.register_outputs(
            {
                "profileId": self.profile_id,
                "profileName": self.profile_name,
                "frontDoorId": self.front_door_id,
                "siteReaderId": self.site_reader_id,
                "siteReaderPrincipalId": self.site_reader_principal_id,
            }
        )


def _reader(name: str, args: AzureEdgeProfileArgs, opts: pulumi.ResourceOptions) -> AzureIdentity:
    place = args.store.place
    return AzureIdentity(f"{name}-site-reader", AzureIdentityArgs(place=place), opts)
