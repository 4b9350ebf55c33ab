"""The function app of the guard on Azure: `app` is its entry point."""

import os
from functools import cache
from pathlib import Path
from typing import Final

import azure.functions as func

from .azure_journal import Log
from .azure_service import Service
from .doors.judge import Judge

FILES: Final = "BULWARK_FILES"
"""The variable that says where the package is unpacked."""

FOLDER: Final = "bulwark"
"""Where the document is in it."""

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
"""No key of the app's own: who may ask has signed in before a request comes here."""


@app.route(route="check", methods=[func.HttpMethod.POST])
def check(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    """A question in, a verdict out."""
    answer = _service().answer(req.get_body(), context.invocation_id)
    return func.HttpResponse(answer.body, status_code=answer.status, headers=dict(answer.headers))


@cache
def _service() -> Service:
    """Made once in the life of an instance."""
    return Service(Judge(Path(os.environ[FILES]) / FOLDER), Log())


if FILES in os.environ:
    _service()  # while the instance starts
