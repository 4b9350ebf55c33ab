from typing import Final

from bulwark_toolkit.emulated.language import Call, Read, Row, pascal

_SET: Final = {"Name": "name", "Scope": "scope", "Id": "id"}
_TAGS: Final = Read(
    "wafv2.ListTagsForResource", {"ResourceARN": "arn"}, {"TagInfoForResource.TagList": "tags"}
)

ROWS: Final = {
    "aws:wafv2/ipSet:IpSet": Row(
        calls=(
            Call(
                "wafv2.CreateIPSet",
                {
                    **pascal("name", "scope", "description", "addresses", "tags"),
                    "IPAddressVersion": "ipAddressVersion",
                },
                gives={"id": "Summary.Id", "arn": "Summary.ARN"},
            ),
        ),
        reads=(
            Read(
                "wafv2.GetIPSet",
                _SET,
                {
                    "IPSet.Name": "name",
                    "IPSet.Description": "description",
                    "IPSet.IPAddressVersion": "ipAddressVersion",
                    "IPSet.Addresses": "addresses",
                },
            ),
            _TAGS,
        ),
        provider_only=("namePrefix",),
    ),
    "aws:wafv2/webAcl:WebAcl": Row(
        calls=(
            Call(
                "wafv2.CreateWebACL",
                {
                    **pascal("name", "scope", "description", "tags", "rules"),
                    **pascal("defaultAction", "visibilityConfig", "associationConfig"),
                    **pascal("dataProtectionConfig", "captchaConfig", "challengeConfig"),
                    **pascal("tokenDomains"),
                },
                gives={"id": "Summary.Id", "arn": "Summary.ARN"},
            ),
        ),
        reads=(
            Read(
                "wafv2.GetWebACL",
                _SET,
                {
                    "WebACL.Name": "name",
                    "WebACL.Description": "description",
                    "WebACL.DefaultAction": "defaultAction",
                    "WebACL.VisibilityConfig": "visibilityConfig",
                    "WebACL.AssociationConfig": "associationConfig",
                    "WebACL.CaptchaConfig": "captchaConfig",
                    "WebACL.ChallengeConfig": "challengeConfig",
                    "WebACL.TokenDomains": "tokenDomains",
                    "WebACL.Rules": "rules",
                },
            ),
            _TAGS,
        ),
        names={
            "apiGateway": "API_GATEWAY",
            "cloudfront": "CLOUDFRONT",
            "cognitoUserPool": "COGNITO_USER_POOL",
            "matchPatterns": "MatchPattern",
            "requestBodies": "RequestBody",
        },
        provider_only=("namePrefix",),
        secrets=("rules",),  # the header that the edge adds
        unread={"dataProtectionConfig": "moto drops it"},
    ),
    "aws:wafv2/webAclAssociation:WebAclAssociation": Row(
        calls=(
            Call("wafv2.AssociateWebACL", {"WebACLArn": "webAclArn", "ResourceArn": "resourceArn"}),
        ),
        reads=(
            Read(
                "wafv2.GetWebACLForResource",
                {"ResourceArn": "resourceArn"},
                {"WebACL.ARN": "webAclArn"},
            ),
        ),
    ),
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": Row(
        calls=(
            Call(
                "wafv2.PutLoggingConfiguration",
                {
                    "LoggingConfiguration": pascal(
                        "resourceArn", "logDestinationConfigs", "redactedFields", "loggingFilter"
                    )
                },
            ),
        ),
        reads=(
            Read(
                "wafv2.GetLoggingConfiguration",
                {"ResourceArn": "resourceArn"},
                {
                    "LoggingConfiguration.LogDestinationConfigs": "logDestinationConfigs",
                    "LoggingConfiguration.RedactedFields": "redactedFields",
                    "LoggingConfiguration.LoggingFilter": "loggingFilter",
                },
            ),
        ),
    ),
}
