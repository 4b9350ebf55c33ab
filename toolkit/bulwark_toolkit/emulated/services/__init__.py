"""What each type becomes, service by service."""

from collections.abc import Mapping
from typing import Final

from bulwark_toolkit.emulated.language import Row

from . import (
    accessanalyzer,
    apigateway,
    cloudtrail,
    cognito,
    ec2,
    iam,
    kms,
    logs,
    s3,
    secretsmanager,
)

ROWS: Final[Mapping[str, Row]] = {
    **accessanalyzer.ROWS,
    **apigateway.ROWS,
    **cloudtrail.ROWS,
    **cognito.ROWS,
    **ec2.ROWS,
    **iam.ROWS,
    **kms.ROWS,
    **logs.ROWS,
    **s3.ROWS,
    **secretsmanager.ROWS,
}
"""By Pulumi type token."""
