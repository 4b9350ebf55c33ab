from typing import Final

from bulwark_toolkit.emulated.language import Call, If, Read, Row, pascal

_POOL: Final = {"UserPoolId": "id"}
_OF_POOL: Final = {"UserPoolId": "userPoolId"}

_SAME_POOL: Final = (
    *("accountRecoverySetting", "adminCreateUserConfig", "aliasAttributes"),
    *("autoVerifiedAttributes", "deletionProtection", "deviceConfiguration"),
    *("emailConfiguration", "userAttributeUpdateSettings", "userPoolAddOns", "userPoolTier"),
    *("usernameAttributes", "usernameConfiguration", "verificationMessageTemplate"),
)
_SAME_CLIENT: Final = (
    *("accessTokenValidity", "idTokenValidity", "refreshTokenValidity", "tokenValidityUnits"),
    *("allowedOauthFlowsUserPoolClient", "allowedOauthFlows", "allowedOauthScopes"),
    *("authSessionValidity", "callbackUrls", "logoutUrls", "defaultRedirectUri"),
    *("enablePropagateAdditionalUserContextData", "enableTokenRevocation", "explicitAuthFlows"),
    *("preventUserExistenceErrors", "readAttributes", "writeAttributes"),
    *("refreshTokenRotation", "supportedIdentityProviders"),
)
_SPELT: Final = {
    "AllowedOauthFlowsUserPoolClient": "AllowedOAuthFlowsUserPoolClient",
    "AllowedOauthFlows": "AllowedOAuthFlows",
    "AllowedOauthScopes": "AllowedOAuthScopes",
    "CallbackUrls": "CallbackURLs",
    "LogoutUrls": "LogoutURLs",
    "DefaultRedirectUri": "DefaultRedirectURI",
}


def _client() -> dict[str, str]:
    """The service's name of each input of a client that it names in the same way."""
    return {_SPELT.get(name, name): str(input_) for name, input_ in pascal(*_SAME_CLIENT).items()}


ROWS: Final = {
    "aws:cognito/userPool:UserPool": Row(
        calls=(
            Call(
                "cognito-idp.CreateUserPool",
                {
                    "PoolName": "name",
                    "Policies": {
                        "PasswordPolicy": "passwordPolicy",
                        "SignInPolicy": "signInPolicy",
                    },
                    "Schema": "schemas",
                    "SmsConfiguration": "smsConfiguration",
                    "UserPoolTags": "tags",
                    **pascal(*_SAME_POOL),
                },
                gives={"id": "UserPool.Id", "arn": "UserPool.Arn"},
            ),
            Call(
                "cognito-idp.SetUserPoolMfaConfig",
                {
                    **_POOL,
                    "MfaConfiguration": "mfaConfiguration",
                    "SoftwareTokenMfaConfiguration": "softwareTokenMfaConfiguration",
                    "SmsMfaConfiguration": {"SmsConfiguration": "smsConfiguration"},
                    "WebAuthnConfiguration": "webAuthnConfiguration",
                },
                when=If("mfaConfiguration"),
            ),
        ),
        reads=(
            Read(
                "cognito-idp.DescribeUserPool",
                _POOL,
                {
                    "UserPool.Name": "name",
                    "UserPool.Policies.PasswordPolicy": "passwordPolicy",
                    "UserPool.Policies.SignInPolicy": "signInPolicy",
                    "UserPool.SchemaAttributes": "schemas",
                    "UserPool.SmsConfiguration": "smsConfiguration",
                    "UserPool.UserPoolTags": "tags",
                    **{f"UserPool.{k}": v for k, v in pascal(*_SAME_POOL).items()},
                },
            ),
            Read(
                "cognito-idp.GetUserPoolMfaConfig",
                _POOL,
                {
                    "MfaConfiguration": "mfaConfiguration",
                    "SoftwareTokenMfaConfiguration": "softwareTokenMfaConfiguration",
                    "WebAuthnConfiguration": "webAuthnConfiguration",
                },
                when=If("mfaConfiguration"),
            ),
        ),
        names={
            "attributesRequireVerificationBeforeUpdates": (
                "AttributesRequireVerificationBeforeUpdate"
            ),
            "fromEmailAddress": "From",
        },
        unread={"webAuthnConfiguration": "moto drops it"},
    ),
    "aws:cognito/userPoolClient:UserPoolClient": Row(
        calls=(
            Call(
                "cognito-idp.CreateUserPoolClient",
                {
                    **_OF_POOL,
                    "ClientName": "name",
                    "GenerateSecret": "generateSecret",
                    **_client(),
                },
                gives={"id": "UserPoolClient.ClientId"},
            ),
        ),
        reads=(
            Read(
                "cognito-idp.DescribeUserPoolClient",
                {**_OF_POOL, "ClientId": "id"},
                {
                    "UserPoolClient.ClientName": "name",
                    **{f"UserPoolClient.{k}": v for k, v in _client().items()},
                },
            ),
        ),
        unread={"generateSecret": "an order, not a property"},
    ),
    "aws:cognito/resourceServer:ResourceServer": Row(
        calls=(
            Call(
                "cognito-idp.CreateResourceServer",
                {**_OF_POOL, **pascal("identifier", "name", "scopes")},
            ),
        ),
        reads=(
            Read(
                "cognito-idp.DescribeResourceServer",
                {**_OF_POOL, "Identifier": "identifier"},
                {"ResourceServer.Name": "name", "ResourceServer.Scopes": "scopes"},
            ),
        ),
    ),
    "aws:cognito/userPoolDomain:UserPoolDomain": Row(
        calls=(
            Call(
                "cognito-idp.CreateUserPoolDomain",
                {
                    **_OF_POOL,
                    "Domain": "domain",
                    "ManagedLoginVersion": "managedLoginVersion",
                    "CustomDomainConfig": {"CertificateArn": "certificateArn"},
                },
            ),
        ),
        reads=(
            Read(
                "cognito-idp.DescribeUserPoolDomain",
                {"Domain": "domain"},
                {
                    "DomainDescription.UserPoolId": "userPoolId",
                    "DomainDescription.ManagedLoginVersion": "managedLoginVersion",
                    "DomainDescription.CustomDomainConfig.CertificateArn": "certificateArn",
                },
            ),
        ),
        unread={"managedLoginVersion": "moto drops it", "certificateArn": "moto drops it"},
    ),
    "aws:cognito/managedLoginBranding:ManagedLoginBranding": Row(
        calls=(
            Call(
                "cognito-idp.CreateManagedLoginBranding",
                {
                    **_OF_POOL,
                    "ClientId": "clientId",
                    "UseCognitoProvidedValues": "useCognitoProvidedValues",
                },
                lacking="raises NotImplementedError",
            ),
        ),
        reads=(
            Read(
                "cognito-idp.DescribeManagedLoginBrandingByClient",
                {**_OF_POOL, "ClientId": "clientId"},
                {"ManagedLoginBranding.UseCognitoProvidedValues": "useCognitoProvidedValues"},
                lacking="raises NotImplementedError",
            ),
        ),
    ),
    "aws:cognito/riskConfiguration:RiskConfiguration": Row(
        calls=(
            Call(
                "cognito-idp.SetRiskConfiguration",
                {
                    **_OF_POOL,
                    "ClientId": "clientId",
                    "CompromisedCredentialsRiskConfiguration": (
                        "compromisedCredentialsRiskConfiguration"
                    ),
                    "AccountTakeoverRiskConfiguration": "accountTakeoverRiskConfiguration",
                },
                lacking="raises NotImplementedError",
            ),
        ),
        reads=(
            Read(
                "cognito-idp.DescribeRiskConfiguration",
                {**_OF_POOL, "ClientId": "clientId"},
                {
                    "RiskConfiguration.CompromisedCredentialsRiskConfiguration": (
                        "compromisedCredentialsRiskConfiguration"
                    ),
                    "RiskConfiguration.AccountTakeoverRiskConfiguration": (
                        "accountTakeoverRiskConfiguration"
                    ),
                },
                lacking="raises NotImplementedError",
            ),
        ),
        names={"eventFilters": "EventFilter"},
    ),
    "aws:cognito/logDeliveryConfiguration:LogDeliveryConfiguration": Row(
        calls=(
            Call(
                "cognito-idp.SetLogDeliveryConfiguration",
                {**_OF_POOL, "LogConfigurations": "logConfigurations"},
                lacking="raises NotImplementedError",
            ),
        ),
        reads=(
            Read(
                "cognito-idp.GetLogDeliveryConfiguration",
                _OF_POOL,
                {"LogDeliveryConfiguration.LogConfigurations": "logConfigurations"},
                lacking="raises NotImplementedError",
            ),
        ),
    ),
}
