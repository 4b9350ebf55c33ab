"""The OpenAPI document of a stack, whatever its cloud."""

from pathlib import Path

import pulumi

from .. import openapi
from ..errors import ConfigError
from ..openapi.load import load
from .spec import StackConfig


def read(spec: StackConfig) -> openapi.Document | None:
    if spec.api.openapi is None:
        return None
    path = Path(pulumi.get_root_directory(), spec.api.openapi)
    if not path.is_file():
        raise ConfigError(
            [
                (
                    f"bulwark:api.openapi: there is no {spec.api.openapi} in the project's folder. "
                    "Put the OpenAPI document there, or name another."
                )
            ]
        )
    return load(path, shown=spec.api.openapi)
