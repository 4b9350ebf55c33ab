"""Chat channels that are told, by Amazon Q Developer in chat applications (AWS Chatbot)."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from ..naming import physical
from ..place import AwsPlace
from ..role.aws import AwsRole, AwsRoleArgs, service_trust
from .kinds import Severity
from .spec import RecipientSpec


def channel(
    label: str,
    spec: RecipientSpec,
    topics: Mapping[Severity, Sequence[pulumi.Input[str]]],
    *,
    place: AwsPlace,
    boundary_arn: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> None:
    """Have a channel listen to the topics of what it is told. It can do nothing but listen."""
    role = AwsRole(
        label,
        AwsRoleArgs(
            description="Posts alarms in a chat channel, and may do nothing",
            trust=[
                service_trust(
                    "chatbot.amazonaws.com",
                    {
                        "StringEquals": {"aws:SourceAccount": place.account_id},
                        "ArnLike": {
                            "aws:SourceArn": place.global_arn("chatbot", "chat-configuration/*")
                        },
                    },
                )
            ],
            boundary_arn=boundary_arn,
        ),
        opts,
    )
    common: dict[str, Any] = {
        # Two stacks may have a channel of one name.
        "configuration_name": physical(
            "chat-configuration", pulumi.get_project(), pulumi.get_stack(), label
        ),
        "iam_role_arn": role.arn,
        "sns_topic_arns": [arn for severity in spec.told for arn in topics[severity]],
        # Without one it is AdministratorAccess.
        "guardrail_policy_arns": [place.managed_policy("AWSDenyAll")],
        "logging_level": "ERROR",
        "opts": opts,
    }
    if spec.slack:
        aws.chatbot.SlackChannelConfiguration(
            f"{label}-slack",
            slack_team_id=spec.slack.workspace_id,
            slack_channel_id=spec.slack.channel_id,
            **common,
        )
    if spec.teams:
        aws.chatbot.TeamsChannelConfiguration(
            f"{label}-teams",
            tenant_id=spec.teams.tenant_id,
            team_id=spec.teams.team_id,
            channel_id=spec.teams.channel_id,
            **common,
        )
