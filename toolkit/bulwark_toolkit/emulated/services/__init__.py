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
    ec2,
    iam,
    kms,
    lambda_events,
    lambda_functions,
    logs,
    route53,
    s3,
    secretsmanager,
    sqs,
    wafv2,
)

ROWS: Final[Mapping[str, Row]] = {
    **accessanalyzer.ROWS,
    **acm.ROWS,
    **apigateway.ROWS,
    **cloudfront.ROWS,
    **cloudtrail.ROWS,
    **cognito.ROWS,
    **ec2.ROWS,
    **iam.ROWS,
    **kms.ROWS,
    **lambda_events.ROWS,
    **lambda_functions.ROWS,
    **logs.ROWS,
    **route53.ROWS,
    **s3.ROWS,
    **secretsmanager.ROWS,
    **sqs.ROWS,
    **wafv2.ROWS,
}
"""By Pulumi type token."""
