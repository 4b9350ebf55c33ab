"""One question to the emulator, and the ways in which it does not answer."""

from collections.abc import Mapping
from typing import Any, Final

from botocore import xform_name
from botocore.exceptions import ClientError, ParamValidationError

_NOT_THERE: Final = ("Not yet implemented", "404: Not Found")
"""What moto says; the latter where an operation is a path. What the account does not have, has a
code with a name."""


class RefusedError(Exception):
    """The service, or its client, says no."""


def ask(client: Any, operation: str, params: Mapping[str, Any]) -> dict[str, Any] | None:
    """The answer; None where moto has no such operation."""
    try:
        return getattr(client, xform_name(operation))(**params)
    except NotImplementedError:
        return None
    except ClientError as error:
        said = error.response.get("Error", {})
        text = f"{said.get('Code')}: {said.get('Message')}"
        if text.endswith(_NOT_THERE):
            return None
        raise RefusedError(text) from error
    except ParamValidationError as error:
        raise RefusedError(str(error)) from error
    except Exception as error:
        error.add_note(f"moto broke in {operation}")
        raise
