"""What Azure Front Door alone is told."""

from ..forms import HostName
from ..spec import Spec


class FrontDoorSpec(Spec):
    domain: HostName | None = None
    """The API's host name, such as api.example.com. Azure makes and renews its certificate once a
    TXT record, which the stack exports, proves the name. Without one it has Azure's."""
