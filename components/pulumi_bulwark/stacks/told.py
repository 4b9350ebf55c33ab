"""Who is told of a stack's alarms, on either cloud."""

from ..forms import is_mail
from ..monitoring import RecipientSpec
from .spec import StackConfig


def recipients(spec: StackConfig) -> dict[str, RecipientSpec]:
    """Whom the settings name, else who answers for the stack."""
    if spec.monitoring.recipients or not is_mail(spec.tags.owner):
        return spec.monitoring.recipients
    return {"owner": RecipientSpec(mail=spec.tags.owner)}
