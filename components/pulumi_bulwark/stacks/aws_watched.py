"""What the alarms of a stack watch, gathered as its parts are made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import pulumi

from ..api.aws import AwsApi
from ..credentials.aws import AwsCredentials
from ..customer_identity import CustomerIdentitySpec
from ..customer_identity.aws import AwsCustomerIdentity
from ..edge.aws import AwsEdge
from ..incident_response.aws import AwsIncidentResponse
from ..keys.aws import EDGE_REGION
from ..monitoring.aws_watched import (
    WatchedApi,
    WatchedBlockList,
    WatchedCertificate,
    WatchedFirewall,
    WatchedMetric,
    WatchedSignIn,
)
from ..patching.aws import AwsPatching
from ..security_testing.aws import AwsSecurityTesting
from ..waf.aws import AwsWaf

_LOCKOUTS = 20
"""Attempts in five minutes that the vault held back: more than one person who forgot a password."""


@dataclass(slots=True, kw_only=True)
class Watched:
    """But for the region, the fields are those of AwsMonitoringArgs."""

    region: str
    """AWS region of the stack."""
    functions: dict[str, pulumi.Output[str]] = field(default_factory=dict)
    metrics: dict[str, WatchedMetric] = field(default_factory=dict)
    distributions: dict[str, pulumi.Output[str]] = field(default_factory=dict)
    firewalls: dict[str, WatchedFirewall] = field(default_factory=dict)
    certificates: dict[str, WatchedCertificate] = field(default_factory=dict)
    dead_letters: dict[str, pulumi.Output[str]] = field(default_factory=dict)
    api: WatchedApi | None = None
    sign_in: WatchedSignIn | None = None
    block_list: WatchedBlockList | None = None

    def as_args(self) -> dict[str, Any]:
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "region"}

    def add_functions(self, arns: Mapping[str, pulumi.Output[str] | None]) -> None:
        self.functions |= {
            label: arn.apply(_last_part) for label, arn in arns.items() if arn is not None
        }

    def add_security_testing(self, testing: AwsSecurityTesting) -> None:
        self.add_functions({"weaknesses": testing.counter_arn})
        if testing.overdue_metric:
            self.metrics["overdue-weaknesses"] = WatchedMetric(
                **testing.overdue_metric,
                threshold=1,
                gauge=True,
                says="weaknesses are open for longer than they may be",
            )

    def add_patching(self, patches: AwsPatching) -> None:
        if failed := patches.failed_metric:
            self.metrics["failed-patch-windows"] = WatchedMetric(
                namespace=failed["namespace"],
                name=failed["name"],
                threshold=1,
                says="patches were not installed in a window",
            )

    def add_vault(self, vault: AwsCredentials) -> None:
        self.add_functions(
            {f"vault-{operation}": arn for operation, arn in vault.function_arns.items()}
            | {"vault-rotation": vault.rotator_arn}
        )
        self.metrics["vault-lockouts"] = WatchedMetric(
            namespace=vault.metrics["namespace"],
            name=vault.metrics["lockouts"],
            dimensions={name: vault.metrics[name] for name in ("service", "vault")},
            threshold=_LOCKOUTS,
            says="sign-ins were held back by the vault",
        )

    def add_edge(self, edge: AwsEdge) -> None:
        self.distributions["api"] = edge.distribution_id
        if edge.site_distribution_id:
            self.distributions["site"] = edge.site_distribution_id
        for of, arn in edge.certificate_arns.items():
            self.certificates[f"edge-{of}"] = WatchedCertificate(arn=arn, region=EDGE_REGION)

    def add_api(self, api: AwsApi) -> None:
        self.api = WatchedApi(
            name=api.api_name, stage=api.stage_name, access_log_id=api.access_log_id
        )
        for of, arn in api.certificate_arns.items():
            self.certificates[f"api-{of}"] = WatchedCertificate(arn=arn, region=self.region)

    def add_sign_in(self, identity: AwsCustomerIdentity, spec: CustomerIdentitySpec) -> None:
        self.sign_in = WatchedSignIn(
            user_pool_id=identity.user_pool_id,
            clients={
                client: identity.audience[client]
                for client, settings in spec.clients.items()
                if settings.flow == "authorizationCode"
            },
            threat_protection=spec.threat_protection != "off",
        )
        if identity.certificate_arn:
            self.certificates["sign-in"] = WatchedCertificate(
                arn=identity.certificate_arn, region=EDGE_REGION
            )

    def add_firewalls(self, waf: AwsWaf) -> None:
        self.firewalls |= {
            stands: WatchedFirewall(
                metric_name=metric,
                log_group_id=waf.log_group_ids[stands],
                at_edge=stands == "edge",
            )
            for stands, metric in waf.metric_names.items()
        }

    def add_response(self, response: AwsIncidentResponse, lists: Sequence[str]) -> None:
        blocks = response.block_list
        self.add_functions(
            {"responder": response.responder_arn, "block-list": blocks.get("writerArn")}
        )
        self.dead_letters |= response.dead_letters
        if blocks:
            self.block_list = WatchedBlockList(**blocks["metrics"], lists=lists)


def _last_part(arn: str) -> str:
    """A function's name, which its ARN ends with."""
    return arn.rpartition(":")[2]
