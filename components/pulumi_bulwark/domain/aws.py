"""AWS Certificate Manager certificates, proven and pointed to in Route 53."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from .. import notes
from ..errors import ConfigError
from .spec import DomainSpec

_TTL_SECONDS = 300

_PATIENCE = "30m"
"""A proof is found within minutes, or never: where a CAA record forbids it or nobody leads to the
zone. The provider would wait for 75 minutes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsDomainArgs:
    spec: DomainSpec
    region: str
    """AWS region of the certificate: us-east-1 for CloudFront and Cognito, else the endpoint's."""
    at: str = "domain"
    """Where in the config the spec is, for messages."""


class AwsDomain(pulumi.ComponentResource):
    """A host name with a certificate that is issued, and renewed as long as its zone is there.

    Raises a ConfigError for a certificate of another region than the endpoint's.
    """

    certificate_arn: pulumi.Output[str]
    """ARN of the certificate, known once it is issued."""

    def __init__(
        self, name: str, args: AwsDomainArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AwsDomain", name, None, opts)
        args.spec.must_suit("aws", args.at)
        self._spec, self._name = args.spec, name
        self._zone_opts = pulumi.ResourceOptions(parent=self)
        if args.spec.zone_role_arn:
            self._zone_opts = pulumi.ResourceOptions(
                parent=self, provider=self._other_account(args.spec.zone_role_arn, args.region)
            )

        if args.spec.certificate_arn:
            _check_region(args, args.spec.certificate_arn)
            self.certificate_arn = pulumi.Output.from_input(args.spec.certificate_arn)
        else:
            self.certificate_arn = self._certificate(name, args)
        self.register_outputs({"certificateArn": self.certificate_arn})

    def lead_to(self, target: pulumi.Input[str], target_zone_id: pulumi.Input[str]) -> None:
        """Have the name lead to an AWS endpoint, over IPv4 and IPv6; without a zone, say so."""
        if self._spec.zone_id is None:
            notes.limit(
                self,
                f"{self._spec.name} leads nowhere before its zone has a CNAME or alias record for "
                "the endpoint: without a zoneId that is a person's work",
            )
            return
        for kind in ("A", "AAAA"):
            aws.route53.Record(
                f"{self._name}-{kind.lower()}",
                zone_id=self._spec.zone_id,
                name=self._spec.name,
                type=kind,
                aliases=[
                    {"name": target, "zone_id": target_zone_id, "evaluate_target_health": False}
                ],
                opts=self._zone_opts,
            )

    def _other_account(self, role_arn: str, region: str) -> aws.Provider:
        role = aws.ProviderAssumeRoleArgs(role_arn=role_arn, session_name="bulwark-dns")
        return aws.Provider(
            f"{self._name}-zone",
            region=region,  # does not matter to Route 53, but a provider wants one
            assume_roles=[role],
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _certificate(self, name: str, args: AwsDomainArgs) -> pulumi.Output[str]:
        after_caa = [self._caa(name)] if args.spec.caa else []
        certificate = aws.acm.Certificate(
            f"{name}-certificate",
            domain_name=args.spec.name,
            validation_method="DNS",
            region=args.region,
            opts=pulumi.ResourceOptions(parent=self, depends_on=after_caa),
        )
        # One name, so one option; a loop inside of `apply` would hide the record from a preview.
        proof = certificate.domain_validation_options[0]
        record = aws.route53.Record(
            f"{name}-proof",
            zone_id=args.spec.zone_id or "",
            name=proof.resource_record_name,
            type=proof.resource_record_type,
            records=[proof.resource_record_value],
            ttl=_TTL_SECONDS,
            # Certificates of one name in two regions have the same proof.
            allow_overwrite=True,
            opts=self._zone_opts,
        )
        issued = aws.acm.CertificateValidation(
            f"{name}-issued",
            certificate_arn=certificate.arn,
            validation_record_fqdns=[record.fqdn],
            region=args.region,
            opts=pulumi.ResourceOptions(
                parent=self, custom_timeouts=pulumi.CustomTimeouts(create=_PATIENCE)
            ),
        )
        return issued.certificate_arn

    def _caa(self, name: str) -> aws.route53.Record:
        return aws.route53.Record(
            f"{name}-caa",
            zone_id=self._spec.zone_id or "",
            name=self._spec.name,
            type="CAA",
            # No certificate for `*.` either, which would be good for every name below.
            records=['0 issue "amazon.com"', '0 issuewild ";"'],
            ttl=_TTL_SECONDS,
            opts=self._zone_opts,
        )


def _check_region(args: AwsDomainArgs, certificate_arn: str) -> None:
    region = certificate_arn.split(":")[3]
    if region != args.region:
        raise ConfigError(
            [
                (
                    f"{args.at}.certificateArn: is in {region}, and its endpoint takes a "
                    f"certificate of {args.region} only. Have one issued there, or name a zoneId."
                )
            ]
        )
