"""A user pool's settings, in the words of Cognito."""

from collections.abc import Mapping
from typing import Any, Final

import pulumi

from .spec import CustomerIdentitySpec, EmailSpec

MFA: Final = {"off": "OFF", "optional": "OPTIONAL", "required": "ON"}
MODES: Final = {"off": "OFF", "audit": "AUDIT", "enforced": "ENFORCED"}

LONGEST_EMAIL: Final = "2048"
"""Characters of Cognito's own e-mail attribute: said as it is there, or the provider proposes to
replace the pool."""


def tier(spec: CustomerIdentitySpec) -> str:
    """Threat protection exists in one tier only, and that tier alone protects nothing."""
    return "ESSENTIALS" if spec.threat_protection == "off" else "PLUS"


def pool_settings(
    spec: CustomerIdentitySpec, *, relying_party: str, sms: Mapping[str, Any] | None
) -> dict[str, Any]:
    """The arguments of a pool. `sms` is what sends its text messages, if it has any."""
    return {
        "user_pool_tier": tier(spec),
        "user_pool_add_ons": {"advanced_security_mode": MODES[spec.threat_protection]},
        "password_policy": _passwords(spec),
        "mfa_configuration": MFA[spec.mfa],
        # Cognito refuses a factor, even one that is off, in a pool without MFA.
        "software_token_mfa_configuration": {"enabled": True} if spec.mfa != "off" else None,
        "sms_configuration": sms,
        **_passkeys(spec, relying_party),
        **_IDENTITY,
        "account_recovery_setting": {
            # A text message would be one more factor that can be intercepted.
            "recovery_mechanisms": [{"name": "verified_email", "priority": 1}]
        },
        "admin_create_user_config": {"allow_admin_create_user_only": not spec.self_sign_up},
        "email_configuration": _mail(spec.email) if spec.email else None,
    }


_IDENTITY: Final = {
    # All of it is for ever: a pool that should be otherwise is another pool.
    "username_attributes": ["email"],
    "username_configuration": {"case_sensitive": False},
    "schemas": [
        {
            "name": "email",
            "attribute_data_type": "String",
            "required": True,
            "mutable": True,
            "developer_only_attribute": False,
            "string_attribute_constraints": {"min_length": "0", "max_length": LONGEST_EMAIL},
        }
    ],
    "auto_verified_attributes": ["email"],
    # The old address stays until the new one is proven: a stolen session does not take the account.
    "user_attribute_update_settings": {"attributes_require_verification_before_updates": ["email"]},
    "verification_message_template": {"default_email_option": "CONFIRM_WITH_CODE"},
}


def _passwords(spec: CustomerIdentitySpec) -> dict[str, Any]:
    sign_in = spec.sign_in
    return {
        "minimum_length": sign_in.password_minimum_length,
        "password_history_size": sign_in.passwords_remembered,
        "temporary_password_validity_days": spec.temporary_password_days,
        **{
            f"require_{kind}": kind in sign_in.password_characters
            for kind in ("lowercase", "uppercase", "numbers", "symbols")
        },
    }


def _passkeys(spec: CustomerIdentitySpec, relying_party: str) -> dict[str, Any]:
    factors = ["PASSWORD", "WEB_AUTHN"] if spec.passkeys == "on" else ["PASSWORD"]
    settings: dict[str, Any] = {"sign_in_policy": {"allowed_first_auth_factors": factors}}
    if spec.passkeys != "off":
        # Without a PIN or a finger, a passkey is something one has and nothing else.
        settings["web_authn_configuration"] = {
            "relying_party_id": relying_party,
            "user_verification": "required",
        }
    return settings


def _mail(spec: EmailSpec) -> dict[str, Any]:
    optional = {
        "reply_to_email_address": spec.reply_to,
        "configuration_set": spec.configuration_set,
    }
    return {
        "email_sending_account": "DEVELOPER",
        "source_arn": spec.identity_arn,
        "from_email_address": spec.from_address,
        **{name: value for name, value in optional.items() if value},
    }


def risk_settings(spec: CustomerIdentitySpec) -> dict[str, Any]:
    """The arguments of a pool's risk configuration."""
    actions: dict[str, Any] = {
        f"{level}_action": {"event_action": action, "notify": spec.risk_mails}
        for level, action in (_BLOCKS if spec.mfa == "off" else _ASKS).items()
    }
    takeover: dict[str, Any] = {"actions": actions}
    if spec.risk_mails and spec.email:
        takeover["notify_configuration"] = {
            "source_arn": spec.email.identity_arn,
            "from_": spec.email.from_address,
            **({"reply_to": spec.email.reply_to} if spec.email.reply_to else {}),
        }
    return {
        "compromised_credentials_risk_configuration": {
            "actions": {"event_action": "BLOCK"},
            "event_filters": ["SIGN_IN", "PASSWORD_CHANGE", "SIGN_UP"],
        },
        "account_takeover_risk_configuration": takeover,
    }


_ASKS: Final = {"low": "MFA_REQUIRED", "medium": "MFA_REQUIRED", "high": "BLOCK"}
_BLOCKS: Final = {"low": "NO_ACTION", "medium": "BLOCK", "high": "BLOCK"}
"""What happens at a risk, with MFA to ask for and without."""


def log_settings(spec: CustomerIdentitySpec, group_arn: pulumi.Input[str]) -> dict[str, Any]:
    """What a pool logs: mails that failed, and with threat protection what everybody did."""
    levels = {"userNotification": "ERROR"}
    if spec.threat_protection != "off":
        levels["userAuthEvents"] = "INFO"
    return {
        "log_configurations": [
            {
                "event_source": source,
                "log_level": level,
                "cloud_watch_logs_configuration": {"log_group_arn": group_arn},
            }
            for source, level in levels.items()
        ]
    }
