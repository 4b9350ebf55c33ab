"""What each type becomes, service by service."""

from collections.abc import Mapping
from typing import Final

from bulwark_toolkit.emulated.language import Row

from . import (
    accessanalyzer,
    acm,
    apigateway,
    budgets,
    cloudfront,
    cloudtrail,
    cloudwatch,
    cognito,
    config,
    dynamodb,
    ec2,
    events,
    guardduty,
    iam,
    inspector2,
    kms,
    lambda_,
    lambda_events,
    logs,
    macie2,
    route53,
    s3,
    secretsmanager,
    securityhub,
    ssm,
    sns,
    sqs,
    wafv2,
)

ROWS: Final[Mapping[str, Row]] = {
    **accessanalyzer.ROWS,
    **acm.ROWS,
    **apigateway.ROWS,
    **budgets.ROWS,
    **cloudfront.ROWS,
    **cloudtrail.ROWS,
    **cloudwatch.ROWS,
    **cognito.ROWS,
    **config.ROWS,
    **dynamodb.ROWS,
    **ec2.ROWS,
    **events.ROWS,
    **guardduty.ROWS,
    **iam.ROWS,
    **inspector2.ROWS,
    **kms.ROWS,
    **lambda_.ROWS,
    **lambda_events.ROWS,
    **logs.ROWS,
    **macie2.ROWS,
    **route53.ROWS,
    **s3.ROWS,
    **secretsmanager.ROWS,
    **securityhub.ROWS,
    **ssm.ROWS,
    **sns.ROWS,
    **sqs.ROWS,
    **wafv2.ROWS,
}
"""By Pulumi type token."""
