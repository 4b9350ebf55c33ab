"""A public name of an endpoint."""

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import model_validator

from ..clouds import Cloud, Limited
from ..forms import CERTIFICATE, Form, FormByCloud, HostName
from ..spec import Spec

_LONGEST_COMMON_NAME = 64
"""Characters of a certificate's common name: RFC 5280, which ACM and Front Door hold on to."""

_ZONE = FormByCloud(
    Form("Z[A-Z0-9]{1,31}", "a hosted zone's id"),
    Form(
        "/subscriptions/[0-9a-f-]{36}/resourceGroups/[^/]{1,90}/providers"
        "/Microsoft.Network/dnsZones/[a-z0-9.-]+",
        "the full id of a public DNS zone, which begins with /subscriptions/",
    ),
)

_BY_AZURE = "Front Door has its certificates made and renewed itself. Remove it."


class DomainSpec(Spec):
    name: HostName
    """The host name, in small letters, such as api.example.com."""

    zone_id: Annotated[str, _ZONE] | None = None
    """Id of the public zone that the name is in: of Route 53, or the full id of an Azure DNS zone.
    With it the certificate is issued and renewed, and the name leads to the endpoint, without a
    person. A CAA record of a parent name, if there is one, must let the cloud issue: amazon.com, or
    digicert.com."""

    zone_role_arn: Annotated[
        Annotated[
            str, Form(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[\w+=,.@/-]+", "a role's full ARN")
        ]
        | None,
        Limited(
            "azure", because="A zone of another subscription is reached by its full id. Remove it."
        ),
    ] = None
    """ARN of a role of another account to assume, where the zone is there."""

    certificate_arn: Annotated[
        Annotated[str, CERTIFICATE] | None, Limited("azure", because=_BY_AZURE)
    ] = None
    """ARN of a certificate that is issued, where there is no zone to prove the name in. It must be
    in the endpoint's region, which for the edge and the sign-in is us-east-1."""

    caa: Annotated[
        bool,
        Limited(
            "azure",
            because="The name is a CNAME there, beside which a zone takes no other record. Let the "
            "zone's own name say it, with digicert.com.",
        ),
    ] = False
    """Has the zone say that only Amazon may issue certificates for the name and those below it (a
    CAA record). The zone must have none for the name yet."""

    @model_validator(mode="after")
    def _has_one_certificate(self) -> Self:
        if self.zone_id is not None and self.certificate_arn is not None:
            raise ValueError(
                "needs either zoneId, to have a certificate made, or certificateArn of one that "
                "is issued"
            )
        if self.zone_id is None:
            if self.zone_role_arn:
                raise ValueError("zoneRoleArn is for a zone in another account; name its zoneId")
            if self.caa:
                raise ValueError("caa is a record of the zone; name its zoneId, or turn caa off")
        if self.certificate_arn is None and len(self.name) > _LONGEST_COMMON_NAME:
            raise ValueError(
                f"name is {len(self.name)} characters long, and AWS and Azure make certificates "
                f"for at most {_LONGEST_COMMON_NAME}. Take a shorter one, or a certificateArn"
            )
        return self

    def unsupported(self, cloud: Cloud, at: str = "") -> Iterator[str]:
        yield from super().unsupported(cloud, at)
        if cloud == "aws" and self.zone_id is None and self.certificate_arn is None:
            yield (
                f"{at}zoneId: missing. AWS needs either zoneId, to have a certificate made, or "
                "certificateArn of one that is issued."
            )
        if cloud == "azure" and self.zone_id and "/" in self.zone_id:
            zone = self.zone_id.rpartition("/")[2]
            if self.name != zone and not self.name.endswith(f".{zone}"):
                yield f"{at}zoneId: is of a zone that the name is not in. Take the zone it is in."
