"""Names in Azure DNS that lead to Azure Front Door."""

from dataclasses import dataclass
from typing import Any, Final

import pulumi
from pulumi_azure_native import Provider, dns

from .. import notes
from .spec import DomainSpec

_TTL_SECONDS: Final = 300

_PROOF = "_dnsauth"
"""Where Front Door looks for its proof, below the name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AzureDomainArgs:
    spec: DomainSpec
    subscription_id: str
    """The subscription of the environment; the zone may be in another."""
    proof: pulumi.Input[str]
    """The text by which Front Door knows that the name is ours."""
    endpoint_host: pulumi.Input[str]
    """Name that Azure gave the endpoint."""
    endpoint_id: pulumi.Input[str]
    """Full id of the endpoint."""
    at: str = "domain"
    """Where in the config the spec is, for messages."""


class AzureDomain(pulumi.ComponentResource):
    """The records of a host name: its proof, and the one that leads to the endpoint.

    Without a zone it has none, and says what a person must write into it.
    """

    name: pulumi.Output[str]
    """The host name, known once its zone has both records."""

    def __init__(
        self, name: str, args: AzureDomainArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AzureDomain", name, None, opts)
        args.spec.must_suit("azure", args.at)
        self._name, self._args = name, args
        records: list[dns.RecordSet] = []
        if args.spec.zone_id:
            records = self._records(args.spec.zone_id)
        else:
            notes.limit(
                self,
                f"{args.spec.name} leads nowhere before its zone has two records that a person "
                f"makes: TXT {_PROOF}.{args.spec.name} with the proof that the stack exports, then "
                "a CNAME to the endpoint's host",
            )
        self.name = pulumi.Output.all(args.spec.name, *(r.id for r in records)).apply(
            lambda all_: all_[0]
        )
        self.register_outputs({"name": self.name})

    def _records(self, zone_id: str) -> list[dns.RecordSet]:
        args = self._args
        _, _, subscription, _, group, *_, zone = zone_id.split("/")
        opts = pulumi.ResourceOptions(
            parent=self,
            provider=self._other_subscription(subscription)
            if subscription != args.subscription_id
            else None,
        )
        relative = args.spec.name.removesuffix(zone).rstrip(".")

        def record(called: str, kind: str, at: str, **content: Any) -> dns.RecordSet:
            return dns.RecordSet(
                f"{self._name}-{called}",
                resource_group_name=group,
                zone_name=zone,
                record_type=kind,
                relative_record_set_name=at,
                ttl=_TTL_SECONDS,
                opts=opts,
                **content,
            )

        proof = f"{_PROOF}.{relative}" if relative else _PROOF
        made = [record("proof", "TXT", proof, txt_records=[{"value": [args.proof]}])]
        if relative:
            leads = {"cname_record": {"cname": args.endpoint_host}}
            return [*made, record("cname", "CNAME", relative, **leads)]
        # A zone's own name cannot be a CNAME: these follow the endpoint, and go with it.
        alias = {"target_resource": {"id": args.endpoint_id}}
        notes.limit(
            self,
            f"{zone} is the zone's own name, for which Front Door wants a new proof each time it "
            "renews the certificate: run `pulumi up --refresh` when it asks, every half year",
        )
        return [*made, *(record(kind.lower(), kind, "@", **alias) for kind in ("A", "AAAA"))]

    def _other_subscription(self, subscription_id: str) -> Provider:
        return Provider(
            f"{self._name}-zone",
            subscription_id=subscription_id,
            opts=pulumi.ResourceOptions(parent=self),
        )
