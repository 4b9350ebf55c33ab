"""Brings a package into a function app of Azure: `pulumi up` runs it, and a person may."""

import io
import json
import re
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, Final

import click

from ..preview import UsageError
from . import azure_sdk

_APP: Final = re.compile(
    r"/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft[.]Web/sites/[^/]+",
    re.IGNORECASE,
)

_OF_AZURE: Final = ("function_app.py", "host.json")
"""What every package for Azure has."""

PAUSE_SECONDS: float = 5
"""Between two questions."""

_MOST_QUESTIONS: Final = 120
"""Ten minutes, for a deployment and for the door of a new app alike."""

_LONGEST_ANSWER_SECONDS: Final = 300
"""For a package that is large, over a line that is slow."""

_NOT_YET: Final = (404, 409, 502, 503)
"""What a door answers that is not there yet, or behind which another deployment goes on."""

_PENDING: Final = (0, 1, 2)
_SUCCESS: Final = 4
_OUTCOMES: Final[Mapping[int, str]] = {
    -1: "was cancelled",
    3: "failed",
    5: "was refused beside another",
    6: "brought the code, and the app's triggers could not be read from it",
}
"""What Azure's deployment service calls its ends by number."""


@click.command(
    epilog="Example: bulwark publish build/functions/payouts-python3.13-azure.zip --app "
    "/subscriptions/…/sites/payouts"
)
@click.argument("package", type=click.Path(path_type=Path))
@click.option("--app", required=True, help="Full id of the function app.")
@click.option(
    "--files",
    type=click.File("r", encoding="utf-8"),
    help="Text files beside the code: a JSON object of paths and texts; - is standard input.",
)
def publish(*, package: Path, app: str, files: IO[str] | None) -> None:
    """Bring a package of `bulwark package --cloud azure` into a function app.

    `pulumi up` runs it whenever the code of an app has changed. It comes with your own credentials
    through the app's deployment door, which knows no passwords: Website Contributor is enough.
    """
    if not _APP.fullmatch(app):
        raise UsageError(
            "--app must be the full id of a function app, which begins with /subscriptions/"
        )
    content = _with(package, _texts(files))
    door = _Door(app)
    click.echo(f"bringing {package.name} into {app.rpartition('/')[2]} …", err=True)
    door.wait_for(door.bring(content))
    click.echo(f"{package.name} runs in {app.rpartition('/')[2]}")


def _texts(files: IO[str] | None) -> Mapping[str, str]:
    if files is None:
        return {}
    try:
        found = json.load(files)
    except ValueError:
        raise UsageError("--files must be a JSON object of paths and texts") from None
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise UsageError("--files must be a JSON object of paths and texts")
    return found


def _with(package: Path, files: Mapping[str, str]) -> bytes:
    """The package with files beside the code."""
    try:
        whole = io.BytesIO(package.read_bytes())
        with zipfile.ZipFile(whole, "a") as file:
            there = set(file.namelist())
            if not there.issuperset(_OF_AZURE):
                raise UsageError(
                    f"{package} is not for Azure; make it by bulwark package --cloud azure"
                )
            if taken := sorted(there & set(files)):
                raise UsageError(f"{package} has a {taken[0]} already; call the file otherwise")
            for path, text in sorted(files.items()):
                entry = zipfile.ZipInfo(path)  # of 1980: the same bytes each time
                entry.external_attr = 0o100644 << 16
                file.writestr(entry, text.encode())
    except FileNotFoundError:
        raise UsageError(
            f"there is no {package}; make it by bulwark package --cloud azure"
        ) from None
    except zipfile.BadZipFile:
        raise UsageError(f"{package} is no zip that can be read; make it again") from None
    return whole.getvalue()


class _Door:
    """The deployment door of an app: its own host, beside the one for callers."""

    def __init__(self, app: str) -> None:
        self._name = app.rpartition("/")[2]
        site = self._site(app)
        self._private = site["properties"].get("publicNetworkAccess") == "Disabled"
        self._client = azure_sdk.client(f"https://{_host(site, self._name)}")

    def bring(self, content: bytes) -> str:
        """The id of the deployment that has begun."""
        from azure.core.rest import HttpRequest

        headers = {"Content-Type": "application/zip", "Cache-Control": "no-cache"}
        path = "/api/publish?RemoteBuild=false&Deployer=bulwark"
        for _ in range(_MOST_QUESTIONS):
            answer = self._asked(HttpRequest("POST", path, headers=headers, content=content))
            if answer.status_code in _NOT_YET:
                time.sleep(PAUSE_SECONDS)
                continue
            if answer.status_code in (200, 202):
                return str(answer.json())
            raise UsageError(self._refusal(answer.status_code))
        raise UsageError(
            f"{self._name} does not take code: its deployment door is not there, or another "
            "deployment goes on. Run it again later"
        )

    def wait_for(self, deployment: str) -> None:
        """Come back once the deployment has ended well. Raises a UsageError if it does not."""
        from azure.core.rest import HttpRequest

        for _ in range(_MOST_QUESTIONS):
            answer = self._asked(HttpRequest("GET", f"/api/deployments/{deployment}"))
            # It is not in the list at once, and the door may be a new one by then.
            status = answer.json().get("status") if answer.status_code == 200 else 0  # noqa: PLR2004
            if status == _SUCCESS:
                return
            if status not in _PENDING:
                outcome = _OUTCOMES.get(status, f"ended as {status}")
                raise UsageError(
                    f"the deployment of {self._name} {outcome}: see Deployment Center of the app. "
                    "The next `pulumi up` tries again"
                )
            time.sleep(PAUSE_SECONDS)
        raise UsageError(
            f"the deployment of {self._name} has not ended in time; the next `pulumi up` tries "
            "again"
        )

    def _site(self, app: str) -> Mapping[str, Any]:
        """The app, as Azure Resource Manager describes it."""
        from azure.core.rest import HttpRequest

        manager = azure_sdk.client(azure_sdk.MANAGEMENT)
        with azure_sdk.refusals(f"looking at {self._name}"):
            url = manager.format_url(f"{app}?api-version=2024-04-01")
            answer = manager.send_request(HttpRequest("GET", url))
            answer.raise_for_status()
            return answer.json()

    def _asked(self, request: Any) -> Any:
        request.url = self._client.format_url(request.url)
        with azure_sdk.refusals(f"bringing code into {self._name}"):
            return self._client.send_request(request, read_timeout=_LONGEST_ANSWER_SECONDS)

    def _refusal(self, status: int) -> str:
        match status:
            case 403 if self._private:
                return (
                    f"{self._name} has no public address: run this in the environment's network, "
                    "with privatelink.azurewebsites.net among its names"
                )
            case 401 | 403:
                return (
                    f"{self._name} takes no code from who is signed in; ask for the role Website "
                    "Contributor at the app"
                )
        return f"{self._name} does not take the package ({status})"


def _host(site: Mapping[str, Any], name: str) -> str:
    """What Azure calls the door: not to be told from the app's name."""
    for state in site["properties"].get("hostNameSslStates", ()):
        if state.get("hostType") == "Repository":
            return state["name"]
    raise UsageError(f"{name} has no deployment door: is it a function app?")
