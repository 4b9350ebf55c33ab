"""The vault on one machine, to see what it does: `python -m bulwark_runtime.credentials --help`.

The users are in a SQLite file, the pepper in another beside it. For trying, not for customers.
"""

import argparse
import base64
import getpass
import json
import secrets
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from .local import LocalDocuments
from .peppers import LoadedPeppers, Peppers
from .policy import PRESETS, Policy
from .results import RequestError, Result
from .stores import AttemptCounters, Users
from .vault import Vault

Verb = Callable[[Vault, argparse.Namespace], Result]

VERBS: dict[str, tuple[str, Verb]] = {
    "register": (
        "take in a user, with a password that is asked for",
        lambda vault, args: vault.register(args.user, _secret("Password: ")),
    ),
    "verify": (
        "sign in",
        lambda vault, args: vault.verify(args.user, _secret("Password: "), source=args.source),
    ),
    "change": (
        "set another password, knowing the one that is",
        lambda vault, args: vault.change(
            args.user, _secret("Password: "), _secret("New password: "), source=args.source
        ),
    ),
    "begin-reset": (
        "get a token, as a mail would bring it",
        lambda vault, args: vault.begin_reset(args.user),
    ),
    "finish-reset": (
        "set a password with a token",
        lambda vault, args: vault.finish_reset(
            args.user, _secret("Token: "), _secret("New password: ")
        ),
    ),
    "disable": ("let a user in no more", lambda vault, args: vault.disable(args.user)),
    "enable": ("let a user in again", lambda vault, args: vault.enable(args.user)),
    "delete": ("forget a user", lambda vault, args: vault.delete(args.user)),
    "import-hash": (
        "take in a user with a bcrypt hash",
        lambda vault, args: vault.import_hash(args.user, _secret("Hash: ")),
    ),
}


def main(arguments: list[str] | None = None) -> int:
    args = _parser().parse_args(arguments)
    _, verb = VERBS[args.verb]
    vault = Vault(
        Users(LocalDocuments(args.file)),
        AttemptCounters(LocalDocuments(args.file, "attempts")),
        LoadedPeppers(lambda: _pepper(args.file.with_name(f"{args.file.name}.pepper")), time.time),
        Policy.from_settings({"presets": args.presets.split(",")}),
    )
    try:
        result = verb(vault, args)
    except RequestError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    answer = {name: value for name, value in asdict(result).items() if value}
    sys.stdout.write(json.dumps(answer) + "\n")
    return 0 if result.outcome == "done" else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bulwark_runtime.credentials",
        description="The credential vault on one machine, to try it.",
        epilog="Example: python -m bulwark_runtime.credentials register ada. Exit status: 0 done, "
        "1 another outcome, 2 a wrong command.",
    )
    parser.add_argument(
        "--file",
        type=Path,
        default=Path("vault.sqlite"),
        help="where the users are (default: %(default)s)",
    )
    parser.add_argument(
        "--presets",
        default="pci,psd2",
        help=f"what the policy follows, of {', '.join(PRESETS)} (default: %(default)s)",
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, (about, _) in VERBS.items():
        verb = verbs.add_parser(name, help=about, description=about)
        verb.add_argument("user")
        verb.add_argument("--source", help="the address that the attempt comes from")
    return parser


def _secret(prompt: str) -> str:
    """A line that nobody sees: arguments would be in every list of processes."""
    if sys.stdin.isatty():
        return getpass.getpass(prompt)
    return sys.stdin.readline().rstrip("\n")


def _pepper(file: Path) -> Peppers:
    if not file.exists():
        value = base64.b64encode(secrets.token_bytes(32)).decode()
        file.touch(mode=0o600)
        file.write_text(json.dumps({"current": "v1", "peppers": {"v1": value}}))
    return Peppers.from_json(file.read_text())


if __name__ == "__main__":
    sys.exit(main())
