"""A public name of an endpoint."""

from typing import Annotated, Self

from pydantic import model_validator

from ..forms import CERTIFICATE, Form, HostName
from ..spec import Spec

_LONGEST_COMMON_NAME = 64
"""Characters of a certificate's common name: RFC 5280, which ACM holds on to."""


class DomainSpec(Spec):
    name: HostName
    """The host name, in small letters, such as api.example.com."""

    zone_id: Annotated[str, Form("Z[A-Z0-9]{1,31}", "a hosted zone's id")] | None = None
    """Id of the public Route 53 zone that the name is in. With it the certificate is issued and
    renewed, and the name leads to the endpoint, without a person. A CAA record of a parent name,
    if there is one, must let amazon.com issue."""

    zone_role_arn: (
        Annotated[
            str, Form(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[\w+=,.@/-]+", "a role's full ARN")
        ]
        | None
    ) = None
    """ARN of a role of another account to assume, where the zone is there."""

    certificate_arn: Annotated[str, CERTIFICATE] | None = None
    """ARN of a certificate that is issued, where there is no zone to prove the name in. It must be
    in the endpoint's region, which for the edge and the sign-in is us-east-1."""

    caa: bool = False
    """Has the zone say that only Amazon may issue certificates for the name and those below it (a
    CAA record). The zone must have none for the name yet."""

    @model_validator(mode="after")
    def _has_a_certificate(self) -> Self:
        if (self.zone_id is None) == (self.certificate_arn is None):
            raise ValueError(
                "needs either zoneId, to have a certificate made, or certificateArn of one that "
                "is issued"
            )
        if self.zone_id is None:
            if self.zone_role_arn:
                raise ValueError("zoneRoleArn is for a zone in another account; name its zoneId")
            if self.caa:
                raise ValueError("caa is a record of the zone; name its zoneId, or turn caa off")
        elif len(self.name) > _LONGEST_COMMON_NAME:
            raise ValueError(
                f"name is {len(self.name)} characters long, and AWS makes certificates for at "
                f"most {_LONGEST_COMMON_NAME}. Take a shorter one, or a certificateArn"
            )
        return self
