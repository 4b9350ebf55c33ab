"""One question to the emulator, and the ways in which it does not answer."""

from collections.abc import Mapping
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError, ParamValidationError


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
        if said.get("Message") == "Not yet implemented":
            return None
        raise RefusedError(f"{said.get('Code')}: {said.get('Message')}") from error
    except ParamValidationError as error:
        raise RefusedError(str(error)) from error
    except Exception as error:
        error.add_note(f"moto broke in {operation}")
        raise
