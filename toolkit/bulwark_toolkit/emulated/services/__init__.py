"""What each type becomes, service by service."""

from collections.abc import Mapping
from typing import Final

from bulwark_toolkit.emulated.language import Row

from . import (
    accessanalyzer,
    acm,
    apigateway,
    cloudfront,
    cloudtrail,
    cognito,
    config,
    ec2,
    events,
    guardduty,
    iam,
    inspector2,
    kms,
    logs,
    macie2,
    route53,
    s3,
    secretsmanager,
    securityhub,
    ssm,
    wafv2,
)

ROWS: Final[Mapping[str, Row]] = {
    **accessanalyzer.ROWS,
    **acm.ROWS,
    **apigateway.ROWS,
    **cloudfront.ROWS,
    **cloudtrail.ROWS,
    **cognito.ROWS,
    **config.ROWS,
    **ec2.ROWS,
    **events.ROWS,
    **guardduty.ROWS,
    **iam.ROWS,
    **inspector2.ROWS,
    **kms.ROWS,
    **logs.ROWS,
    **macie2.ROWS,
    **route53.ROWS,
    **s3.ROWS,
    **secretsmanager.ROWS,
    **securityhub.ROWS,
    **ssm.ROWS,
    **wafv2.ROWS,
}
"""By Pulumi type token."""
