"""AWS Certificate Manager certificates, proven and pointed to in Route 53."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from .spec import DomainSpec


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsDomainArgs:
    spec: DomainSpec
    region: str
    """AWS region of the certificate: us-east-1 for CloudFront and Cognito, else the endpoint's."""


class AwsDomain(pulumi.ComponentResource):
    """A host name with a certificate that is issued, and renewed as long as its zone is there."""

    certificate_arn: pulumi.Output[str]
    """ARN of the certificate, known once it is issued."""

    def __init__(
        self, name: str, args: AwsDomainArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AwsDomain", name, None, opts)
        self._spec, self._name = args.spec, name
        self._zone_opts = pulumi.ResourceOptions(parent=self)
        if args.spec.zone_role_arn:
            # The region does not matter to Route 53, but a provider wants one.
            other = aws.Provider(
                f"{name}-zone",
                region=args.region,
                assume_roles=[aws.ProviderAssumeRoleArgs(role_arn=args.spec.zone_role_arn)],
                opts=pulumi.ResourceOptions(parent=self),
            )
            self._zone_opts = pulumi.ResourceOptions(parent=self, provider=other)

        if args.spec.certificate_arn:
            self.certificate_arn = pulumi.Output.from_input(args.spec.certificate_arn)
        else:
            self.certificate_arn = self._certificate(name, args)
        self.register_outputs({"certificateArn": self.certificate_arn})

    def _certificate(self, name: str, args: AwsDomainArgs) -> pulumi.Output[str]:
        certificate = aws.acm.Certificate(
            f"{name}-certificate",
            domain_name=args.spec.name,
            validation_method="DNS",
            region=args.region,
            opts=pulumi.ResourceOptions(parent=self),
        )
        # One name, so one option; a loop inside of `apply` would hide the record from a preview.
        proof = certificate.domain_validation_options[0]
        record = aws.route53.Record(
            f"{name}-proof",
            zone_id=args.spec.zone_id or "",
            name=proof.resource_record_name,
            type=proof.resource_record_type,
            records=[proof.resource_record_value],
            ttl=300,
            # Certificates of one name in two regions have the same proof.
            allow_overwrite=True,
            opts=self._zone_opts,
        )
        issued = aws.acm.CertificateValidation(
            f"{name}-issued",
            certificate_arn=certificate.arn,
            validation_record_fqdns=[record.fqdn],
            region=args.region,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return issued.certificate_arn

    def lead_to(self, target: pulumi.Input[str], target_zone_id: pulumi.Input[str]) -> None:
        """Have the name lead to an AWS endpoint, over IPv4 and IPv6; without a zone, do nothing."""
        if self._spec.zone_id is None:
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
