"""What is checked before the first resource: the subscription, and what Azure would refuse."""

from collections.abc import Iterator

from .spec import StackConfig

PENDING = ("alarms", "threat detection", "security testing")
"""What an environment on AWS has without being asked, and one on Azure has not yet."""


def problems(spec: StackConfig, subscription_id: str, location: str) -> Iterator[str]:
    """What Azure would refuse of the settings, a line each."""
    if not location:
        yield (
            "azure-native:location: missing. The Azure region of the environment, such as "
            "germanywestcentral."
        )
    if spec.account.id not in (None, subscription_id):
        yield (
            f"bulwark:account.id: this stack belongs to subscription {spec.account.id}, but the "
            f"credentials are those of {subscription_id}. Sign in to the stack's own subscription."
        )
