from typing import Final

from bulwark_toolkit.emulated.language import Among, Call, Fixed, If, Read, Row, pascal

_PASSWORDS: Final = pascal(
    "allowUsersToChangePassword",
    "hardExpiry",
    "maxPasswordAge",
    "minimumPasswordLength",
    "passwordReusePrevention",
    "requireLowercaseCharacters",
    "requireNumbers",
    "requireSymbols",
    "requireUppercaseCharacters",
)
_ROLE_POLICY: Final = {"RoleName": "role", "PolicyName": "name"}

ROWS: Final = {
    "aws:iam/role:Role": Row(
        calls=(
            Call(
                "iam.CreateRole",
                {
                    "RoleName": "name",
                    "AssumeRolePolicyDocument": "assumeRolePolicy",
                    **pascal("description", "maxSessionDuration", "path", "permissionsBoundary"),
                    **pascal("tags"),
                },
                gives={"arn": "Role.Arn", "uniqueId": "Role.RoleId"},
            ),
        ),
        reads=(
            Read(
                "iam.GetRole",
                {"RoleName": "name"},
                {
                    "Role.AssumeRolePolicyDocument": "assumeRolePolicy",
                    "Role.Description": "description",
                    "Role.MaxSessionDuration": "maxSessionDuration",
                    "Role.Path": "path",
                    "Role.PermissionsBoundary.PermissionsBoundaryArn": "permissionsBoundary",
                    "Role.Tags": "tags",
                },
            ),
        ),
        provider_only=("forceDetachPolicies", "namePrefix"),
    ),
    "aws:iam/serviceLinkedRole:ServiceLinkedRole": Row(
        calls=(
            Call(
                "iam.CreateServiceLinkedRole",
                {"AWSServiceName": "awsServiceName", **pascal("customSuffix", "description")},
                gives={"arn": "Role.Arn", "name": "Role.RoleName"},
            ),
            Call("iam.TagRole", {"RoleName": "name", "Tags": "tags"}, when=If("tags")),
        ),
        reads=(
            Read(
                "iam.GetRole",
                {"RoleName": "name"},
                {"Role.Description": "description", "Role.Tags": "tags"},
            ),
        ),
        unread=dict.fromkeys(("awsServiceName", "customSuffix"), "told as parts of the name"),
        auto_name="",
    ),
    "aws:iam/rolePolicy:RolePolicy": Row(
        calls=(Call("iam.PutRolePolicy", {**_ROLE_POLICY, "PolicyDocument": "policy"}),),
        reads=(Read("iam.GetRolePolicy", _ROLE_POLICY, {"PolicyDocument": "policy"}),),
        provider_only=("namePrefix",),
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": Row(
        calls=(Call("iam.AttachRolePolicy", {"RoleName": "role", "PolicyArn": "policyArn"}),),
        reads=(
            Read(
                "iam.ListAttachedRolePolicies",
                {"RoleName": "role"},
                {"AttachedPolicies[].PolicyArn": Among("policyArn")},
            ),
        ),
    ),
    "aws:iam/policy:Policy": Row(
        calls=(
            Call(
                "iam.CreatePolicy",
                {
                    "PolicyName": "name",
                    "PolicyDocument": "policy",
                    **pascal("description", "path", "tags"),
                },
                gives={"arn": "Policy.Arn", "policyId": "Policy.PolicyId"},
            ),
        ),
        reads=(
            Read(
                "iam.GetPolicy",
                {"PolicyArn": "arn"},
                {
                    "Policy.PolicyName": "name",
                    "Policy.Description": "description",
                    "Policy.Path": "path",
                    "Policy.Tags": "tags",
                },
            ),
            Read(
                "iam.GetPolicyVersion",
                {"PolicyArn": "arn", "VersionId": Fixed("v1")},
                {"PolicyVersion.Document": "policy"},
            ),
        ),
        provider_only=("delayAfterPolicyCreationInMs", "namePrefix"),
    ),
    "aws:iam/accountPasswordPolicy:AccountPasswordPolicy": Row(
        calls=(Call("iam.UpdateAccountPasswordPolicy", _PASSWORDS),),
        reads=(
            Read(
                "iam.GetAccountPasswordPolicy",
                same={f"PasswordPolicy.{name}": given for name, given in _PASSWORDS.items()},
            ),
        ),
    ),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": Row(
        calls=(
            Call(
                "iam.CreateOpenIDConnectProvider",
                {"Url": "url", "ClientIDList": "clientIdLists", **pascal("tags")},
                gives={"arn": "OpenIDConnectProviderArn"},
            ),
        ),
        reads=(
            Read(
                "iam.GetOpenIDConnectProvider",
                {"OpenIDConnectProviderArn": "arn"},
                {"ClientIDList": "clientIdLists", "Tags": "tags"},
            ),
        ),
        unread={"url": "IAM answers without https://"},
    ),
}
