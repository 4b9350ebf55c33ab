"""What is said of functions on Azure alone."""

from typing import Annotated

from pydantic import Field

from ..forms import Form, Guid
from ..spec import Spec


class FunctionApplication(Spec):
    client_id: Guid
    """Client id of the application in Entra ID, of the subscription's own tenant."""

    audience: Annotated[
        str,
        Field(max_length=200),
        Form(
            r"api://[A-Za-z0-9./_-]+", "an application's id URI, such as api:// with its client id"
        ),
    ]
    """The application's id URI, which callers ask tokens for. It needs no secret, no permission and
    no redirect address."""
